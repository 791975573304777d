"""A narrated model → PDF or page pictures, by Typst with one warm compiler a process.

PDFs claim PDF/A-3a (an archive that may carry files: the data annex) and PDF/UA-1, which Typst checks and refuses to
write otherwise. The same model, day and fonts give the same bytes. Data reaches the template as JSON text, never as
source, so no name can act as markup.
"""

import datetime as dt
import functools
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import typst

from etl.edges.fonts import FontChain, require_glyphs
from etl.edges.templates import TEMPLATES

CHINA = dt.timezone(dt.timedelta(hours=8))
PDF_STANDARDS = ["a-3a", "ua-1"]


@functools.lru_cache(maxsize=4)
def _compiler(template: str, folders: tuple[Path, ...]) -> Any:
    """A compiler that keeps fonts and layout of unchanged parts warm between documents."""
    return typst.Compiler(
        str(TEMPLATES / template), root=str(TEMPLATES), font_paths=[str(folder) for folder in folders]
    )


def _inputs(model: Mapping[str, object], issued_on: dt.date, fonts: FontChain) -> dict[str, str]:
    return {
        "model": json.dumps(model, ensure_ascii=False, sort_keys=True, allow_nan=False),
        "fonts": json.dumps(fonts.settings(), ensure_ascii=False, sort_keys=True),
        "issued_on": issued_on.isoformat(),
    }


def typeset(
    model: Mapping[str, object],
    template: str,
    issued_on: dt.date,
    fonts: FontChain,
    attached: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """The document as PDF; `template` is a path inside the templates folder.

    `attached` are texts that the template attaches, by the name it knows them by (`figures_csv`). Raises
    MissingGlyphError before setting a page, typst.TypstError if the template or a standard is violated.
    """
    require_glyphs(model, fonts)
    midnight = dt.datetime.combine(issued_on, dt.time(), CHINA)
    pdf: bytes = _compiler(template, fonts.folders).compile(
        format="pdf",
        sys_inputs={**_inputs(model, issued_on, fonts), **attached},
        pdf_standards=PDF_STANDARDS,
        timestamp=midnight,
    )
    return pdf


def pictures(
    model: Mapping[str, object], template: str, issued_on: dt.date, fonts: FontChain, dots_per_inch: float = 110
) -> list[bytes]:
    """The document's pages as PNG, for mail and for the eye. Raises as `typeset` does."""
    require_glyphs(model, fonts)
    pages = _compiler(template, fonts.folders).compile(
        format="png", ppi=dots_per_inch, sys_inputs=_inputs(model, issued_on, fonts)
    )
    return pages if isinstance(pages, list) else [pages]
