"""The catalogue of what reviews, awards, notices and titles say to people."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from etl.core import strict_yaml
from etl.edges.templates import TEMPLATES

CATALOGUE: Path = TEMPLATES / "common" / "awards.yaml"


@functools.cache
def award_words() -> Mapping[str, Any]:
    """The parsed awards.yaml: sections of sentences with {names} to fill in."""
    words: Mapping[str, Any] = strict_yaml.load(CATALOGUE.read_text(encoding="utf-8"))
    return words


def say(section: str, key: str, **values: object) -> str:
    """One sentence of the catalogue, filled in. KeyError for a sentence or a name that is not there."""
    sentence: str = award_words()[section][key]
    return sentence.format(**values)
