"""The rules of the reading stage, as catalogued in expectations/reading.yaml."""

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
