"""The Jinja templates with words in them: narratives and labels of documents, mail bodies."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from etl.core import strict_yaml
from etl.core.feedback_words import FeedbackWords
from etl.core.report import COUNT_UNIT
from etl.core.wording import Wording, count_text, joined, numbered_blocks, rounded, tagged_lines

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


@functools.cache
def wording() -> Wording:
    """The catalogue of words shared by every report."""
    path = TEMPLATES / "common" / "wording.zh-CN.yaml"
    return Wording.model_validate(strict_yaml.load(path.read_text(encoding="utf-8")))


@functools.cache
def feedback_words() -> FeedbackWords:
    """The words of fix-me workbooks and of answers to a return."""
    path = TEMPLATES / "feedback" / "wording.zh-CN.yaml"
    return FeedbackWords.model_validate(strict_yaml.load(path.read_text(encoding="utf-8")))


@functools.cache
def environment() -> jinja2.Environment:
    """Jinja over the templates folder: an unknown name is an error, HTML is escaped, prose is not."""
    jinja = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=lambda name: name is not None and ".html" in name,  # noqa: S701 - prose goes to Typst as data
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters.update(
        counted=lambda value, large=True: count_text(value, wording(), large),
        percent=lambda share, decimals=1: f"{rounded(share * 100, decimals):f}%",
        joined=lambda names, most: joined(names, wording(), COUNT_UNIT, most),
    )
    return jinja


def narrate(model: Mapping[str, Any]) -> dict[str, Any]:
    """The model with its words: `blocks` (numbered prose), `labels` (titles, notes, the subject).

    The templates are those in the folder named like the model's `kind`. Raises jinja2.UndefinedError when a
    template names what the model has not, ValueError when a line has no tag.
    """
    lines = _rendered(f"{model['kind']}/narrative.j2", model)
    labels = _rendered(f"{model['kind']}/labels.j2", model)
    return {
        **model,
        "blocks": numbered_blocks(tagged_lines(lines), wording()),
        "labels": _labels(tagged_lines(labels)),
    }


def _rendered(template: str, model: Mapping[str, Any]) -> str:
    return environment().get_template(template).render(model)


def _labels(lines: list[tuple[str, str]]) -> dict[str, Any]:
    """Labels by tag; the lines tagged `note_item` come as the list `notes`."""
    labels: dict[str, Any] = {}
    for tag, text in lines:
        if tag.endswith("_item"):
            labels.setdefault(f"{tag[:-5]}s", []).append(text)
        else:
            labels[tag] = text
    return labels
