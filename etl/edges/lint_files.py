"""The files that the report lint reads: claims of each kind of paper, what is private, what is said of a fault."""

import functools
from collections.abc import Mapping

from pydantic import TypeAdapter

from etl.core.lint.claims import Claims, Grammar, compile_claims
from etl.core.lint.privacy import Private
from etl.core.lint.reading import place_patterns
from etl.core.lint.told import plain_places
from etl.core.programmes.indicators import Model
from etl.core.reports.errata_shown import CountName
from etl.core.reports.figure_text import Measure
from etl.core.reports.model import Language
from etl.edges.templates import CHINESE, TEMPLATES, wording
from etl.edges.yaml_files import read_model


class FaultText(Model):
    """What is said of a fault and what to do about it."""

    sentence: str
    remedy: str


def grammar(kind: str, measures: Mapping[str, Measure], language: Language = CHINESE) -> Grammar:
    """The compiled claims of a kind of paper in a language. ConfigError, or ValueError for a claim that does not compile."""
    return compile_claims(_claims(kind, ".en" if language == "en" else ""), place_patterns(wording(language), measures))


@functools.cache
def plain_grammar(kind: str) -> Grammar:
    """The compiled claims of a paper that is no dispatch. ConfigError, or ValueError for a claim that does not compile."""
    return compile_claims(_claims(kind), plain_places())


def _claims(kind: str, suffix: str = "") -> Claims:
    path = TEMPLATES / kind / f"claims{suffix}.yaml"
    return read_model(path, Claims.model_validate)


@functools.cache
def letter_grammar() -> Grammar:
    """The compiled claims of letters about one unit's return. ConfigError, or ValueError for a claim that does not compile."""
    return compile_claims(_claims("mail"), plain_places())


@functools.cache
def count_names() -> dict[str, CountName]:
    """How an erratum calls what is no indicator; what has no name is not compared."""
    return read_model(TEMPLATES / "erratum" / "counts.yaml", TypeAdapter(dict[str, CountName]).validate_python)


@functools.cache
def private() -> Private:
    """What may stand in no report."""
    return read_model(TEMPLATES / "common" / "private.yaml", Private.model_validate)


@functools.cache
def fault_texts() -> dict[str, FaultText]:
    """Rule of the lint → its sentence and remedy."""
    return read_model(TEMPLATES / "common" / "lint.yaml", TypeAdapter(dict[str, FaultText]).validate_python)
