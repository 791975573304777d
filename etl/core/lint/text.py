"""What no report may hold whatever its figures: placeholders, empty sections, a signature alone on its page."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from etl.core.lint.claims import Fault
from etl.core.lint.paper import Paper
from etl.core.reports.model import Report

_PLACEHOLDER = re.compile(
    r"\{\{|\}\}|\{%|%\}|\bNone\b|\b[Nn]a[Nn]\b|\bNaT\b|\bundefined\b|\bTODO\b|\bTBD\b|X{2,}|�|＿{2,}|_{3,}"
)
_NOT_PRINTED = {"address", "addresses", "spans", "label_spans"}
"""What points to figures and is read by programs only."""
_LAST_WORDS = 12
"""How many characters of the body must stand on the page of the signature."""


def lint_placeholders(model: Mapping[str, object], known: Sequence[str]) -> list[Fault]:
    """Placeholders and values that print as `None` or `nan`, anywhere in the model; `known` names may hold such texts."""
    own = sorted({name for name in known if _PLACEHOLDER.search(name)}, key=len, reverse=True)
    faults = []
    for place, text in every_text(model, ""):
        left = text
        for name in own:
            left = left.replace(name, "")
        found = _PLACEHOLDER.search(left)
        if found:
            faults.append(Fault("placeholder", place, text, found[0]))
    return faults


def every_text(value: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a model with its place, such as `ranking/groups/0/rows/3/name`."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            if key in _NOT_PRINTED:
                continue
            yield from every_text(each, f"{place}/{key}".lstrip("/"))
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from every_text(each, f"{place}/{number}")


def lint_headings(model: Paper) -> list[Fault]:
    """Headings with nothing below them, blocks without text."""
    blocks = model["blocks"]
    faults = [
        Fault("empty", f"blocks/{i}", block["text"])
        for i, block in enumerate(blocks)
        if not block["text"].strip()
    ]
    for number, block in enumerate(blocks):
        following = blocks[number + 1]["kind"] if number + 1 < len(blocks) else "end"
        if (block["kind"] == "h1" and following in ("h1", "end")) or (
            block["kind"] == "h2" and following != "p"
        ):
            faults.append(Fault("empty", f"blocks/{number}", block["text"]))
    return faults


def lint_sections(model: Report) -> list[Fault]:
    """Headings with nothing below them, blocks without text, annexes of a dispatch with nothing to show."""
    shows = {
        "ranking": any(group["rows"] for group in model["ranking"]["groups"]),
        "problems": bool(model["problems"]),
        "outstanding": bool(model["outstanding"]),
    }
    annexes = [Fault("empty", f"annexes/{key}", key) for key in model["annexes"] if not shows.get(key, True)]
    return [*lint_headings(model), *annexes]


def lint_signature(model: Paper, pages: Iterable[str]) -> list[Fault]:
    """A signature on a page without body text, or a document in which no signature is found.

    `pages` are the texts of the document's pages. The date under the signature stands on the last page of the body, and
    the end of the last sentence must stand before it on the same page.
    """
    day = re.sub(r"\s+", "", model["edition"]["issued_on_zh"])
    organ = re.sub(r"\s+", "", model["head"]["organ"])
    last = re.sub(r"\s+", "", model["blocks"][-1]["text"])[-_LAST_WORDS:]
    signature = f"{organ}{day}"
    for number, printed in enumerate(pages):
        page = re.sub(r"\s+", "", printed)
        if signature in page:
            return (
                []
                if last in page.partition(signature)[0]
                else [Fault("stranded", f"page/{number + 1}", organ, day, last)]
            )
    return [Fault("unsigned", "pages", organ, "", day)]
