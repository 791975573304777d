"""A unit's return as files: one workbook, one CSV a table, or one JSON document."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.csv as pa_csv

from etl.simulate.draft import Draft
from etl.simulate.headings import Heading, flat, sheet_headings
from etl.simulate.honours import person
from etl.simulate.profile import names
from etl.simulate.wording import Cells, Style
from etl.simulate.workbook import Place, write_book

_ENCODINGS = {"csv_gb18030": "gb18030", "csv_utf8": "utf-8-sig"}


@dataclass
class Files:
    """What a unit sends: name → bytes, and where each table's records stand."""

    content: dict[str, bytes] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)


def write_files(draft: Draft, tables: Mapping[str, Cells], style: Style) -> Files:
    """The unit's files. The ledger is a CSV of its own in most units, an export of another system."""
    layout, files = draft.context.layout, Files()
    rng = draft.context.rng("headings", stock=True)
    headings = {
        key: sheet_headings(layout.table(key), _filled(draft, key, cells), style, rng)
        for key, cells in tables.items()
    }
    sent = {key: cells for key, cells in tables.items() if _rows(cells) or key != "honours"}
    if style.form == "json":
        _json(sent, headings, files, style)
    elif style.form == "xlsx":
        _book(sent, headings, files, draft, style)
    else:
        for key, cells in sent.items():
            _csv(key, cells, headings[key], files, style)
    return files


def _rows(cells: Cells) -> int:
    return len(next(iter(cells.values()))) if cells else 0


def _filled(draft: Draft, key: str, cells: Cells) -> set[str]:
    """The columns that hold anything, and the required ones."""
    columns = draft.context.layout.table(key).columns
    return {
        c.key for c in columns if c.key in cells and (c.required or any(v is not None for v in cells[c.key]))
    }


def _title(draft: Draft) -> str:
    return f"{draft.context.plan.unit.name}{draft.context.period.zh}"


def _book(
    tables: Mapping[str, Cells],
    headings: Mapping[str, Sequence[Heading]],
    files: Files,
    draft: Draft,
    style: Style,
) -> None:
    inside = {
        key: c
        for key, c in tables.items()
        if key != "activities" or (style.ledger_in_book and _rows(c) < 3000)
    }
    file = f"{_title(draft)}{names()['file_all']}.xlsx"
    rng = draft.context.rng("people", stock=True)
    faulty = {planted.table for planted in draft.planted}
    content, places = write_book(
        inside, headings, draft.context.layout, style, _title(draft), (person(rng), person(rng)), file,
        downward=style.downward and "unit_figures" not in faulty,
        formulas=not faulty & {"branches", "unit_figures"} and not style.numbers_as_text,
    )
    files.content[file] = content
    files.places |= places
    if "activities" in tables and "activities" not in inside:
        _csv("activities", tables["activities"], headings["activities"], files, style)


def _csv(key: str, cells: Cells, headings: Sequence[Heading], files: Files, style: Style) -> None:
    file = f"{names()['file_words'][key]}.csv"
    head = io.StringIO()
    csv.writer(head, lineterminator="\r\n").writerow([flat(heading) for heading in headings])
    buffer = io.BytesIO()
    columns = pa.table(
        [_text(cells[heading.key]) for heading in headings], names=[each.key for each in headings]
    )
    pa_csv.write_csv(columns, buffer, pa_csv.WriteOptions(include_header=False, quoting_style="needed"))
    text = head.getvalue().encode() + buffer.getvalue()
    encoding = _ENCODINGS.get(style.form, "gb18030" if style.shuffled else "utf-8-sig")
    files.content[file] = text.decode().encode(encoding)
    files.places[key] = Place(file, "", 2)


def _text(values: Sequence[object]) -> pa.Array:
    """Cells as CSV text."""
    return pa.array([v if v is None or isinstance(v, str) else str(v) for v in values], pa.string())


def _json(
    tables: Mapping[str, Cells],
    headings: Mapping[str, Sequence[Heading]],
    files: Files,
    style: Style,
) -> None:
    document = {}
    for key, cells in tables.items():
        if key == "activities":
            _csv(key, cells, headings[key], files, style)
            continue
        kept = [heading.key for heading in headings[key]]
        rows = zip(*(cells[name] for name in kept), strict=True)
        document[key] = [dict(zip(kept, row, strict=True)) for row in rows]
        files.places[key] = Place("returns.json", key, 1)
    text = json.dumps(document, ensure_ascii=False, indent=1, default=str)
    files.content["returns.json"] = text.encode()
