"""The review workbook: a tier's list of branches with columns to fill in, sealed; written fresh, and read back as entries.

One sheet to fill in (drop-downs for verdict and level, points bounded), one hidden sheet with what the workbook is and its seal.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from etl.core.awards.review import Entry
from etl.core.inert import inert
from etl.core.reading.grids import Grid, Refusal
from etl.core.reading.seal import SHEET as META
from etl.core.reading.seal import keys_digest, seal
from etl.core.reading.tables import NORMAL
from etl.core.reading.workbooks import read_xlsx

FILLED = ("verdict", "level", "points", "reason", "evidence", "supersedes")
VISIT = ("visited_on", "steps", "places", "findings")
KNOWN = ("branch_id", "branch_name", "unit_name", "measured", "self", "below", "note")
_WIDTHS = {"branch_id": 20, "branch_name": 36, "unit_name": 18, "note": 26, "reason": 36, "evidence": 24, "findings": 36}
_TOP = 4  # rows above the headings: title and guide


@dataclass(frozen=True)
class ReviewList:
    """What a review workbook is: whose, for which place and tier, its branches, and what their cells show."""

    programme: str
    period: str
    tier: str
    node_id: str
    title: str
    rows: Sequence[Mapping[str, Any]]
    verdicts: Mapping[str, str]  # key → Chinese
    levels: Mapping[str, str]
    most: float
    visits: bool


def workbook_bytes(listed: ReviewList, words: Mapping[str, Any], secret: bytes) -> bytes:
    """The workbook as bytes."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet(words["sheet"])
        columns = columns_of(listed.visits)
        _head(book, sheet, listed, words, columns)
        _body(book, sheet, listed, columns)
        meta = book.add_worksheet(META)
        text = _what(listed)
        meta.write_string(0, 0, text)
        meta.write_string(1, 0, seal(text, secret))
        meta.very_hidden()
    return buffer.getvalue()


def columns_of(visits: bool) -> tuple[str, ...]:
    """The columns in order; those of a visit only where the programme inspects on site."""
    return (*KNOWN, *FILLED, *(VISIT if visits else ()))


def _what(listed: ReviewList) -> str:
    branches = sorted(str(row["branch_id"]) for row in listed.rows)
    return json.dumps(
        {"programme": listed.programme, "period": listed.period, "tier": listed.tier, "node_id": listed.node_id,
         "branches": keys_digest(branches)},
        ensure_ascii=False, sort_keys=True,
    )


def _head(
    book: Any, sheet: Any, listed: ReviewList, words: Mapping[str, Any], columns: Sequence[str]
) -> None:
    bold = book.add_format({"bold": True, "font_size": 16})
    heading = book.add_format(
        {"bold": True, "text_wrap": True, "border": 1, "bg_color": "#D9D9D9", "valign": "vcenter"}
    )
    sheet.write_string(0, 0, inert(listed.title), bold)
    for row, line in enumerate(words["guide"], 1):
        sheet.write_string(row, 0, line)
    for at, column in enumerate(columns):
        sheet.write_string(_TOP, at, words["headings"][column], heading)
        sheet.set_column(at, at, _WIDTHS.get(column, 12))
    sheet.freeze_panes(_TOP + 1, 2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_TOP)


def _body(book: Any, sheet: Any, listed: ReviewList, columns: Sequence[str]) -> None:
    locked = book.add_format({"border": 1, "text_wrap": True, "valign": "vcenter"})
    points = book.add_format({"border": 1, "num_format": "0.00"})
    open_ = book.add_format(
        {"border": 1, "text_wrap": True, "locked": False, "bg_color": "#FFF2CC", "num_format": "@"}
    )
    given = book.add_format({"border": 1, "locked": False, "bg_color": "#FFF2CC", "num_format": "0.00"})
    looks = dict.fromkeys((*FILLED, *VISIT), open_) | {"points": given}
    for at, row in enumerate(listed.rows, _TOP + 1):
        sheet.set_row(at, 30)
        for place, column in enumerate(columns):
            value = row.get(column, "")
            if column in ("measured", "self", "below") and value not in ("", None):
                sheet.write_number(at, place, float(value), points)
            else:
                sheet.write_string(at, place, inert(str(value or "")), looks.get(column, locked))
    last = _TOP + len(listed.rows)
    if listed.rows:
        _choose(sheet, columns.index("verdict"), last, list(listed.verdicts.values()))
        _choose(sheet, columns.index("level"), last, list(listed.levels.values()))
        bounds = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": listed.most}
        at_points = columns.index("points")
        sheet.data_validation(_TOP + 1, at_points, last, at_points, bounds)
    sheet.autofilter(_TOP, 0, last, len(columns) - 1)
    sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True, "sort": True})


def _choose(sheet: Any, column: int, last: int, words: list[str]) -> None:
    sheet.data_validation(_TOP + 1, column, last, column, {"validate": "list", "source": words})


@dataclass(frozen=True)
class ReadBack:
    """What a returned workbook is and says. `refusal`: a key of the catalogue's section `workbook`, or empty."""

    refusal: str
    programme: str = ""
    period: str = ""
    tier: str = ""
    node_id: str = ""
    entries: tuple[Entry, ...] = ()


def read_back(
    content: bytes,
    words: Mapping[str, Any],
    verdicts: Mapping[str, str],
    levels: Mapping[str, str],
    secret: bytes,
) -> ReadBack:
    """The entries of a returned workbook: rows with a verdict, wherever they were moved to. Refused if the seal does not fit."""
    try:
        grids, _ = read_xlsx(content, NORMAL)
    except Refusal:
        return ReadBack("foreign")
    sheets = {grid.sheet: grid for grid in grids}
    if META not in sheets or words["sheet"] not in sheets:
        return ReadBack("foreign")
    meta = _cells(sheets[META])
    text, mark = (meta[0][0] or ""), (meta[1][0] or "") if len(meta) > 1 else ""
    if mark != seal(text, secret):
        return ReadBack("foreign")
    what = json.loads(text)
    rows = _rows(sheets[words["sheet"]], words["headings"])
    branches = sorted(row["branch_id"] for row in rows if row.get("branch_id"))
    if keys_digest(branches) != what.pop("branches"):
        return ReadBack("foreign")
    filled = [row for row in rows if row.get("verdict")]
    entries = tuple(_entry(row, what["tier"], verdicts, levels) for row in filled)
    return ReadBack("", **what, entries=entries)


def _cells(grid: Grid) -> list[list[str | None]]:
    return [list(row) for row in zip(*(column.to_pylist() for column in grid.columns), strict=True)]


def _rows(grid: Grid, headings: Mapping[str, str]) -> list[dict[str, str]]:
    keys = {zh: key for key, zh in headings.items()}
    found: list[dict[str, str]] = []
    order: list[str | None] = []
    for cells in _cells(grid):
        if headings["branch_id"] in cells:
            order = [keys.get(cell or "") for cell in cells]
        elif order:
            found.append({key: (cell or "").strip() for key, cell in zip(order, cells, strict=True) if key})
    return found


def _entry(
    row: Mapping[str, str], tier: str, verdicts: Mapping[str, str], levels: Mapping[str, str]
) -> Entry:
    visit = {name: row[name] for name in VISIT if row.get(name)}
    back, level = {zh: key for key, zh in verdicts.items()}, {zh: key for key, zh in levels.items()}
    return Entry(
        branch_id=row["branch_id"], tier=tier, verdict=back.get(row["verdict"], row["verdict"]),
        level=level.get(row.get("level", ""), row.get("level", "")), points=row.get("points", ""),
        reason=row.get("reason", ""), evidence=row.get("evidence", ""), supersedes=row.get("supersedes", ""),
        visit=visit or None,
    )
