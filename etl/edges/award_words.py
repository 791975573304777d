"""The catalogue of what reviews, awards, notices and titles say to people."""

import functools
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from etl.core.awards.scoring import ItemScore, Measurement
from etl.core.reports.figure_text import trimmed
from etl.edges.templates import TEMPLATES
from etl.edges.yaml_files import read_yaml

CATALOGUE: Path = TEMPLATES / "common" / "awards.yaml"


@functools.cache
def award_words() -> Mapping[str, Any]:
    """The parsed awards.yaml: sections of sentences with {names} to fill in."""
    return read_yaml(CATALOGUE)


def place_words(item: ItemScore) -> str:
    """Where an item belongs: its dimension, else 加分 or 扣分."""
    return str(award_words()["extras"].get(item.dimension, item.dimension))


def measured_words(item: ItemScore) -> str:
    """What an item's points rest on: each figure by its name, with its unit; e.g. 最近一次换届日期：距年末41个月."""
    words = award_words()["measured"]
    if not item.measured:
        return str(words["by_reviewer"])
    return str(words["of"]).join(_figure(each, words) for each in item.measured)


def _figure(each: Measurement, words: Mapping[str, Any]) -> str:
    kind = each.unit.value_type
    if each.value is None:
        said = words["missing"]
    elif kind in words["kinds"]:
        said = words["kinds"][kind].format(value=trimmed(each.value))
    elif kind == "yes_no" and each.over == "branch":
        said = words["yes"] if each.value else words["no"]
    elif kind == "share":
        said = f"{trimmed(_hundredths(each.value * 100))}%"
    else:
        said = trimmed(_hundredths(each.value) if each.over == "mean" else each.value) + each.unit.zh
    return str(words["figure"].format(name=each.zh + words["over"].get(each.over, ""), said=said))


def _hundredths(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def say(section: str, key: str, **values: object) -> str:
    """One sentence of the catalogue, filled in. KeyError for a sentence or a name that is not there."""
    sentence: str = award_words()[section][key]
    return sentence.format(**values)
