"""The Jinja templates with words in them: narratives and labels of documents, mail bodies; in every language there is.

A language is a catalogue (``templates/common/wording.<catalogue>.yaml``) and templates of that language beside the
Chinese ones (``narrative.en.j2`` beside ``narrative.j2``). Traditional Chinese is the simplified text converted.
"""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from etl.core.reports.dispatch import COUNT_UNIT
from etl.core.reports.figure_text import count_text, percent_digits
from etl.core.reports.model import Labels, Language, Words
from etl.core.reports.prose import leading, numbered_blocks, tagged_lines
from etl.core.reports.told import spans_of, told
from etl.core.returns.feedback_words import FeedbackWords
from etl.core.wording import Wording, joined
from etl.edges.traditional import in_traditional
from etl.edges.yaml_files import read_model

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"

CHINESE: Language = "zh-CN"
SPACE = "␣"
"""A space at either end of a label, where others are taken off."""
NEW_LINE = "␤"
"""Where a column's head is parted, so that no word in it is broken."""


@functools.cache
def wording(language: Language = CHINESE) -> Wording:
    """The catalogue of words shared by every report."""
    name = "wording.en.yaml" if language == "en" else "wording.zh-CN.yaml"
    return read_model(TEMPLATES / "common" / name, Wording.model_validate)


@functools.cache
def feedback_words() -> FeedbackWords:
    """The words of fix-me workbooks and of answers to a return."""
    return read_model(TEMPLATES / "feedback" / "wording.zh-CN.yaml", FeedbackWords.model_validate)


@functools.cache
def environment(language: Language = CHINESE) -> jinja2.Environment:
    """Jinja over the templates folder: an unknown name is an error, HTML is escaped, prose is not."""
    words = wording(language)
    jinja = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=lambda name: name is not None and (".html" in name or ".xml" in name),  # noqa: S701 - prose is data
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters.update(
        counted=lambda value, large=True: count_text(value, words, large),
        percent=lambda share, decimals=1: f"{percent_digits(share, decimals)}%",
        joined=lambda names, most: joined(names, words, COUNT_UNIT if words.numbers.units_told else "", most),
        leading=leading,
        told=told,
    )
    return jinja


def letter_subject(kind: str, facts: Mapping[str, Any]) -> str:
    """The subject line of a letter about one unit's return."""
    return " ".join(environment().get_template(f"mail/{kind}.subject.j2").render(facts).split())


def narrate(model: Mapping[str, Any], language: Language = CHINESE) -> dict[str, Any]:
    """The model with its words: `blocks` (numbered prose), `labels` (titles, notes, the subject) and `label_spans`.

    The templates are those in the folder named like the model's `kind`. Raises jinja2.UndefinedError when a
    template names what the model has not, jinja2.TemplateNotFound when a language has no such template, ValueError when
    a line has no tag.
    """
    labelled = tagged_lines(_rendered(f"{model['kind']}/labels", model, language))
    marked = _labels([(tag, text.replace(SPACE, " ").replace(NEW_LINE, "\n")) for tag, text in labelled])
    lines = tagged_lines(_rendered(f"{model['kind']}/narrative", model, language))
    words: Words = {
        "language": language,
        "blocks": numbered_blocks(lines, wording(language)),
        "labels": {tag: _each(text, lambda plain, _: plain) for tag, text in marked.items()},
        "label_spans": {tag: _each(text, lambda _, spans: spans) for tag, text in marked.items()},
    }
    narrated = {**model, **words}
    if language == "en":  # titles are configured in Chinese
        narrated["head"] = {**model["head"], "title_lines": [words["labels"]["subject"]]}
    return in_traditional(narrated) if language == "zh-Hant" else narrated


def _rendered(template: str, model: Mapping[str, object], language: Language) -> str:
    suffix = ".en.j2" if language == "en" else ".j2"
    return environment(language).get_template(template + suffix).render(model)


def _labels(lines: list[tuple[str, str]]) -> Labels:
    """Labels by tag; the lines tagged `note_item` come as the list `notes`."""
    labels: Labels = {}
    for tag, text in lines:
        if tag.endswith("_item"):
            labels.setdefault(f"{tag[:-5]}s", []).append(text)
        else:
            labels[tag] = text
    return labels


def _each(text: Any, take: Any) -> Any:
    return [take(*spans_of(each)) for each in text] if isinstance(text, list) else take(*spans_of(text))
