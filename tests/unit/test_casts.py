"""Text into values: what clerks write in a cell, and what must stay unreadable."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from etl.core import casts
from etl.core.judging import relations, views
from etl.core.period import Period
from etl.edges.engine import fetch, memory_engine, register
from etl.edges.programmes import load_bundle
from etl.edges.workbench import _COLUMN_REF

YES_NO = {"是": "1", "有": "1", "√": "1", "否": "0", "×": "0"}


def _typed(cells: list[tuple[str, str | None]]) -> list[dict[str, Any]]:
    """(column of the branch table, text) → the typed cells, in that order."""
    bundle = load_bundle("yunnan-model-branch")
    layouts = bundle.layout(Period.parse("2018H1")).tables
    ref = relations.column_ref(layouts, bundle.programme, bundle.catalogue, bundle.forms.value_types, dt.date(2018, 6, 30))
    rows = [
        {"receipt_id": "r", "unit_id": "u", "table_name": "branches", "sheet": "s", "row_number": number, "subject_id": "b",
         "column_key": column, "text": text}
        for number, (column, text) in enumerate(cells)
    ]
    schema = pa.schema([(name, pa.int32() if name == "row_number" else pa.string()) for name in rows[0]])
    engine = memory_engine()
    register(engine, "cells", pa.Table.from_pylist(rows, schema=schema))
    register(engine, "column_ref", pa.Table.from_pylist(ref, schema=_COLUMN_REF))
    typed = fetch(engine, views.typed_cells(YES_NO)).to_pylist()
    engine.dispose()
    return sorted(typed, key=lambda row: row["row_number"])


NUMBERS = {
    ("members", "12"): ("12", None),
    ("members", "１２"): ("12", None),
    ("members", "1,234"): ("1234", None),
    ("members", "１，２３４"): ("1234", None),
    ("members", "12 345"): ("12345", None),
    ("members", "　12　"): ("12", None),
    ("members", "\ufeff12\u200b"): ("12", None),
    ("members", "12人"): ("12", None),
    ("members", "12名"): ("12", None),
    ("members", "共12人"): ("12", None),
    ("theme_days", "约20次"): ("20", "about"),
    ("theme_days", "大约２０场"): ("20", "about"),
    ("theme_days", "20余"): ("20", "at_least"),
    ("theme_days", "20余次"): ("20", "at_least"),
    ("theme_days", "20多次"): ("20", "at_least"),
    ("theme_days", "20次以上"): ("20", "at_least"),
    ("theme_days", "20次左右"): ("20", "about"),
    ("theme_days", "近20次"): ("20", "under"),
    ("theme_days", "超过20次"): ("20", "at_least"),
    ("theme_days", "超20次"): ("20", "at_least"),
    ("theme_days", "逾20次"): ("20", "at_least"),
    ("theme_days", "不少于20次"): ("20", "at_least"),
    ("theme_days", "20来次"): ("20", "about"),
    ("theme_days", "约20多次"): ("20", "about"),  # the first word said counts
    ("theme_days", "20多次左右"): ("20", "about"),  # and the last before the one between
    ("dues_collected", "1.2万"): ("12000", None),
    ("dues_collected", "1.6万余元"): ("16000", "at_least"),
    ("dues_collected", "0.5亿"): ("50000000", None),
    ("dues_collected", "1200.50元"): ("1200.50", None),
    ("attendance_rate", "95.3%"): ("0.953", None),
    ("attendance_rate", "９５．３％"): ("0.953", None),
    ("attendance_rate", "0.953"): ("0.953", None),
    ("members", "-3"): ("-3", None),  # readable; that it is below the least is another rule's word
    ("members", "3.5"): ("3.5", None),  # the same: F05 says whole
}


@pytest.mark.parametrize("case", NUMBERS)
def test_numbers_are_read_as_clerks_write_them(case: tuple[str, str]) -> None:
    (row,) = _typed([case])
    value, qualifier = NUMBERS[case]
    assert (row["value"], row["qualifier"]) == (Decimal(value), qualifier)
    assert (row["unreadable_text"], row["wrong_unit"]) == (None, None)


UNREADABLE = [
    ("members", "twelve"), ("members", "二十"), ("members", "十余人"), ("members", "12-15"), ("members", "-"),
    ("members", "1.2.3"), ("members", "约"), ("members", "人"), ("members", "%"), ("members", "NaN人"),
    ("members", "#REF!"), ("last_election_on", "去年五月"), ("last_election_on", "2018-02-30"),
    ("last_election_on", "2018-13-01"), ("branches_taking_part", "大概"), ("branches_taking_part", "2"),
]


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_shown_and_has_no_value(case: tuple[str, str]) -> None:
    (row,) = _typed([case])
    assert (row["unreadable_text"], row["value"], row["day"]) == (case[1], None, None)


@pytest.mark.parametrize("text", ["nan", "inf", "Infinity", "0x1F"])
def test_no_figure_is_anything_but_a_finite_decimal(text: str) -> None:
    (row,) = _typed([("members", text)])
    assert (row["value"], row["unreadable_text"] or row["wrong_unit"]) == (None, text)


WRONG_UNITS = {
    ("attendance_due", "41户"): "户", ("attendance_due", "41人"): "人", ("members", "23人次"): "人次",
    ("dues_collected", "1.2万册"): "册", ("members", "12元"): "元",
}


@pytest.mark.parametrize("case", WRONG_UNITS)
def test_a_wrong_unit_is_told_as_such_and_gives_no_value(case: tuple[str, str]) -> None:
    (row,) = _typed([case])
    assert (row["wrong_unit"], row["value"], row["unreadable_text"]) == (WRONG_UNITS[case], None, None)


@pytest.mark.parametrize("text", [None, "", "　", " \t", "\u200b"])
def test_blank_is_missing_and_never_nought(text: str | None) -> None:
    (row,) = _typed([("members", text)])
    assert row["value"] is None


DAYS = [
    "2018-06-30", "2018/6/30", "2018.6.30", "2018年6月30日", "20180630", "2018-06-30 00:00:00", "2018-06-30T08:30:00",
    "２０１８年６月３０日", " 2018-06-30 ", "43281", "43281.0", "43281.75",
]


@pytest.mark.parametrize("text", DAYS)
def test_days_in_all_written_forms(text: str) -> None:
    (row,) = _typed([("last_election_on", text)])
    assert (row["day"], row["unreadable_text"]) == (dt.date(2018, 6, 30), None)


WORDS = [("是", 1), ("有", 1), ("√", 1), ("否", 0), ("×", 0), (" 是 ", 1), ("1", 1), ("0", 0)]


@pytest.mark.parametrize(("text", "value"), WORDS)
def test_words_and_ticks_for_yes_and_no_are_one_and_nothing(text: str, value: int) -> None:
    (row,) = _typed([("branches_taking_part", text)])
    assert (row["value"], row["unreadable_text"]) == (value, None)


def test_only_what_was_read_otherwise_is_a_repair() -> None:
    cells = [("members", "12"), ("members", "１２"), ("members", "12人"), ("members", "41户"), ("members", "x")]
    assert [row["read_otherwise"] for row in _typed([*cells])] == [False, True, True, False, False]


def test_sums_are_exact_to_four_decimals() -> None:
    assert (casts.VALUE.precision, casts.VALUE.scale) == (18, 4)
    rows = _typed([("dues_collected", "0.1")] * 10)
    assert sum(row["value"] for row in rows) == Decimal(1)
