"""An edition: one report of one node, made from one model; and the files it is given out as."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from etl.core.reports.model import Labels, PaperEdition

Model = Mapping[str, Any]
"""Any paper with its words, as it is kept: what all of them have is `kind`, `edition`, `head` and `core.reports.model.Words`."""
Format = Literal["pdf", "docx", "xlsx"]

MEDIA_TYPES: dict[Format, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_LONGEST_FILE_NAME = 80


@dataclass(frozen=True, slots=True)
class Document:
    """One file of an edition; `name` is what recipients see."""

    format: Format
    name: str
    content: bytes

    @property
    def media_type(self) -> str:
        """Its MIME type."""
        return MEDIA_TYPES[self.format]


def digest_note(edition: PaperEdition, labels: Labels) -> str:
    """The line with which a document says which edition it is; empty while the edition has no digest yet."""
    if "digest" not in edition or "digest_note" not in labels:
        return ""
    return str(labels["digest_note"].format(digest=edition["digest"], revision=edition["revision"]))


def says_the_same(one: Model, other: Model) -> bool:
    """Whether two editions of a report tell the same: all but their own number and digest, and the words of the labels."""
    return _told(one) == _told(other)


def _told(model: Model) -> Model:
    edition = {name: value for name, value in model["edition"].items() if name not in _OF_THE_EDITION_ALONE}
    return {**{key: value for key, value in model.items() if key not in _LABELS}, "edition": edition}


_OF_THE_EDITION_ALONE = frozenset(("key", "revision", "digest"))
_LABELS = frozenset(("labels", "label_spans"))


def file_name(title: str, kind: Format) -> str:
    """The title as a file name that Windows, mail programs and archives take.

    >>> file_name('甲/乙"县"通报', "pdf")
    '甲_乙_县_通报.pdf'
    """
    stem = _NOT_IN_FILE_NAMES.sub("_", title).strip("._ ")[:_LONGEST_FILE_NAME]
    return f"{stem or 'report'}.{kind}"
