"""The rules that are no suite: of reading files (expectations/reading.yaml) and of making papers (documents.yaml)."""

from functools import cache
from typing import Any

from etl.core.strict_yaml import load
from etl.edges.programmes import EXPECTATIONS


@cache
def reading_rules() -> dict[str, dict[str, Any]]:
    """Rule id → its level, sentence and remedy."""
    rules: dict[str, dict[str, Any]] = load((EXPECTATIONS / "reading.yaml").read_text(encoding="utf-8"))[
        "rules"
    ]
    return rules


def reading_levels() -> dict[str, str]:
    """Rule id → level."""
    return {rule: each["level"] for rule, each in reading_rules().items()}


@cache
def document_rules() -> dict[str, dict[str, Any]]:
    """Rule id → its level, sentence and remedy, of what the making of papers finds."""
    path = EXPECTATIONS / "documents.yaml"
    rules: dict[str, dict[str, Any]] = load(path.read_text(encoding="utf-8"))["rules"]
    return rules
