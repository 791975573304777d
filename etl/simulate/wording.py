"""What clerks write for a value: words for answers, dates in their own way, figures with 约, 余 or full-width digits."""

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from etl.core.programmes.layout import Column
from etl.simulate.draft import Draft, TableDraft
from etl.simulate.profile import rng_for

_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_ODD_SHARE = 0.01  # flow figures that are not written as a plain number


@dataclass(frozen=True)
class Style:
    """How one unit sends its returns. The same in every period."""

    form: str  # xlsx, csv_gb18030, csv_utf8
    synonyms: bool
    shuffled: bool
    two_lines: bool
    titled: bool
    footers: bool
    serial: bool
    hidden: bool
    blank_tail: bool
    numbers_as_text: bool
    downward: bool
    ledger_in_book: bool
    percent: bool
    dates: str  # iso, zh, slash, excel


_FLAGS: Mapping[str, float] = {
    "synonyms": 0.6, "shuffled": 0.3, "two_lines": 0.5, "titled": 0.7, "footers": 0.6, "serial": 0.3, "hidden": 0.3,
    "blank_tail": 0.4, "numbers_as_text": 0.2, "downward": 0.2, "ledger_in_book": 0.1, "percent": 0.3,
}


def style_of(unit_id: str, seed: int, form: str | None = None) -> Style:
    """A unit's style, drawn once."""
    rng = rng_for(seed, "style", unit_id)
    drawn = str(rng.choice(["xlsx", "csv_gb18030", "csv_utf8", "json"], p=[0.6, 0.18, 0.14, 0.08]))
    flags = [bool(rng.uniform() < chance) for chance in _FLAGS.values()]
    return Style(
        form or drawn,
        **dict(zip(_FLAGS, flags, strict=True)),
        dates=str(rng.choice(["iso", "zh", "slash", "excel"])),
    )


Cells = dict[str, list[object]]
"""Column key → what stands in its cells: text, numbers, dates or None."""


def written(draft: Draft, style: Style) -> dict[str, Cells]:
    """Table → cells as written. Notes in the draft's `at_least` which figures carry 余."""
    return {key: _written(draft, table, style) for key, table in draft.tables.items()}


def _written(draft: Draft, table: TableDraft, style: Style) -> Cells:
    columns = [
        column for column in draft.context.layout.table(table.key).columns if column.key not in table.dropped
    ]
    cells = {
        column.key: _WRITERS.get(column.type, _same)(table.cells[column.key].tolist(), style)
        for column in columns
        if column.key in table.cells
    }
    if table.key == "branches":
        _write_oddly(draft, table, cells, columns)
    for (row, key), text in table.texts.items():
        if key in cells:
            cells[key][row] = _shown(draft, table, key, text)
    return cells


def _shown(draft: Draft, table: TableDraft, key: str, text: object) -> object:
    """A text put in by a fault; a value copied from another row is written like any other."""
    kind = draft.column(table.key, key).type
    if isinstance(text, float):
        return _answer(text) if kind == "yes_no" else _plain(text)
    return text.isoformat() if isinstance(text, dt.date) else text


def _write_oddly(draft: Draft, table: TableDraft, cells: Cells, columns: list[Column]) -> None:
    """Now and then a flow that is a plain number with words; its value stays what it is."""
    rng = draft.context.rng("odd")
    catalogue = draft.context.bundle.catalogue
    for column in columns:
        if column.type != "whole" or catalogue.indicators[column.indicator or ""].kind != "flow":
            continue
        for row in np.flatnonzero(rng.uniform(size=len(table)) < _ODD_SHARE):
            way = int(rng.integers(len(_ODD)))
            value = table.filed[column.key][row]
            if not np.isnan(value):
                cells[column.key][row] = _ODD[way](int(value), column)
                if way == _AT_LEAST:
                    table.at_least.add((int(row), column.key))


def _unit(column: Column) -> str:
    return column.unit_words[0] if column.unit_words else ""


_ODD: tuple[Callable[[int, Column], str], ...] = (
    lambda value, column: f"{value}余{_unit(column)}",
    lambda value, column: f"约{value}{_unit(column)}",
    lambda value, _column: str(value).translate(_FULL_WIDTH),
    lambda value, column: f"{value}{_unit(column)}",
    lambda value, _column: f" {value:,} ",
)
_AT_LEAST = 0


def _plain(value: float | None) -> int | float | None:
    if value is None or math.isnan(value):
        return None
    return int(value) if float(value).is_integer() else round(float(value), 4)


def _answer(value: float | None) -> str | None:
    return None if value is None or math.isnan(value) else "是" if value else "否"


Values = list[Any]


def _same(values: Values, _: Style) -> list[object]:
    return values


def _numbers(values: Values, style: Style) -> list[object]:
    plain = [_plain(value) if isinstance(value, int | float) else value for value in values]
    return [None if v is None else str(v) for v in plain] if style.numbers_as_text else list(plain)


def _shares(values: Values, style: Style) -> list[object]:
    plain = [_plain(value) for value in values]
    return [f"{value * 100:.2f}%" if style.percent and value is not None else value for value in plain]


def _answers(values: Values, _: Style) -> list[object]:
    return [value if isinstance(value, str) else _answer(value) for value in values]


def written_day(day: dt.date, style: Style) -> object:
    """A day in the unit's way; a date itself where its sheets hold real dates."""
    ways: Mapping[str, str] = {
        "zh": f"{day.year}年{day.month}月{day.day}日",
        "slash": day.strftime("%Y/%m/%d"),
        "iso": day.isoformat(),
    }
    return ways.get(style.dates, day if style.form == "xlsx" else day.isoformat())


def _days(values: Values, style: Style) -> list[object]:
    """Days come as dates or as ISO text; anything else is a fault and stays as it is. Few days differ."""
    known: dict[object, object] = {}
    for value in set(values):
        known[value] = value
        if isinstance(value, dt.date):
            known[value] = written_day(value, style)
        elif isinstance(value, str) and len(value) == 10 and value[4] == "-":
            known[value] = written_day(dt.date.fromisoformat(value), style)
    return [known.get(value) for value in values]


_WRITERS: dict[str, Callable[[Values, Style], list[object]]] = {
    "whole": _numbers,
    "money": _numbers,
    "number": _numbers,
    "share": _shares,
    "yes_no": _answers,
    "date": _days,
}
