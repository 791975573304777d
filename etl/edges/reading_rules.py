"""The rules that are no suite: of reading files (expectations/reading.yaml) and of making papers (documents.yaml)."""

from collections.abc import Mapping
from functools import cache
from typing import Literal

from etl.core.judging.rules import Level
from etl.core.programmes.indicators import Model
from etl.edges.programmes import EXPECTATIONS
from etl.edges.yaml_files import read_model


class PlainRule(Model):
    """A rule that code raises by its id; what it means is told as a suite's rule is."""

    level: Level
    origin: Literal["domain", "practice", "safety"]
    sentence: str
    remedy: str
    example: str
    covers: tuple[str, ...] = ()


class RuleFile(Model):
    """One of the two files."""

    rules: Mapping[str, PlainRule]


@cache
def reading_rules() -> Mapping[str, PlainRule]:
    """Rule id → its level, sentence and remedy."""
    return read_model(EXPECTATIONS / "reading.yaml", RuleFile.model_validate).rules


def reading_levels() -> dict[str, str]:
    """Rule id → level."""
    return {rule: each.level for rule, each in reading_rules().items()}


@cache
def document_rules() -> Mapping[str, PlainRule]:
    """Rule id → its level, sentence and remedy, of what the making of papers finds."""
    return read_model(EXPECTATIONS / "documents.yaml", RuleFile.model_validate).rules
