"""The files that the report lint reads: claims of each kind of paper, what is private, what is said of a fault."""

import functools
from collections.abc import Mapping

from etl.core import strict_yaml
from etl.core.errata_shown import CountName
from etl.core.figure_text import Measure
from etl.core.indicators import Model
from etl.core.lint_claims import Claims, Grammar, compile_claims
from etl.core.lint_privacy import Private
from etl.core.lint_reading import place_patterns
from etl.core.lint_told import plain_places
from etl.edges.templates import CHINESE, TEMPLATES, Language, wording


class FaultText(Model):
    """What is said of a fault and what to do about it."""

    sentence: str
    remedy: str


def grammar(kind: str, measures: Mapping[str, Measure], language: Language = CHINESE) -> Grammar:
    """The compiled claims of a kind of paper in a language. ValueError (pydantic's too) for what does not load."""
    return compile_claims(_claims(kind, ".en" if language == "en" else ""), place_patterns(wording(language), measures))


@functools.cache
def plain_grammar(kind: str) -> Grammar:
    """The compiled claims of a kind of paper that is no dispatch. ValueError (pydantic's too) for what does not load."""
    return compile_claims(_claims(kind), plain_places())


def _claims(kind: str, suffix: str = "") -> Claims:
    path = TEMPLATES / kind / f"claims{suffix}.yaml"
    return Claims.model_validate(strict_yaml.load(path.read_text(encoding="utf-8")))


@functools.cache
def letter_grammar() -> Grammar:
    """The compiled claims of letters about one unit's return. ValueError (pydantic's too) for what does not load."""
    return compile_claims(_claims("mail"), plain_places())


@functools.cache
def count_names() -> dict[str, CountName]:
    """How an erratum calls what is no indicator; what has no name is not compared."""
    raw = strict_yaml.load((TEMPLATES / "erratum" / "counts.yaml").read_text(encoding="utf-8"))
    if not isinstance(raw, Mapping):
        raise ValueError("erratum/counts.yaml: must be a mapping of count to its name")
    return {key: CountName.model_validate(name) for key, name in raw.items()}


@functools.cache
def private() -> Private:
    """What may stand in no report."""
    path = TEMPLATES / "common" / "private.yaml"
    return Private.model_validate(strict_yaml.load(path.read_text(encoding="utf-8")))


@functools.cache
def fault_texts() -> dict[str, FaultText]:
    """Rule of the lint → its sentence and remedy."""
    raw = strict_yaml.load((TEMPLATES / "common" / "lint.yaml").read_text(encoding="utf-8"))
    if not isinstance(raw, Mapping):
        raise ValueError("lint.yaml: must be a mapping of rule to sentence and remedy")
    return {rule: FaultText.model_validate(text) for rule, text in raw.items()}
