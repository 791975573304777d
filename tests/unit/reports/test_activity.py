"""What units did and wrote: kinds, themes, whole clauses, copied texts."""

import pyarrow as pa
import pytest

from etl.core.reports.activity import (
    activity_rows,
    kinds_statement,
    practice_rows,
    theme_rows,
    themes_statement,
    whole_sentences,
)
from etl.edges.engine import fetch, memory_engine, register
from etl.edges.templates import wording

NAMES = {"U1": "甲县", "U2": "乙县\n", "U3": "丙县"}


def entries(*rows):
    columns = ("unit_id", "branch_id", "activity_kind", "activity_title", "attendance_present")
    engine = memory_engine()
    register(engine, "activities", pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in rows]))
    return engine


def test_entries_people_and_branches_are_counted_by_unit_and_kind():
    engine = entries(
        ("U1", "B1", "theme_day", "甲", 10), ("U1", "B1", "theme_day", "甲", None), ("U1", "B2", "theme_day", "乙", 5),
        ("U1", "B2", None, "甲", 99),
    )
    assert fetch(engine, kinds_statement()).to_pylist() == [
        {"unit_id": "U1", "kind": "theme_day", "entries": 3, "person_times": 15, "branches": 2}
    ]


def test_themes_keep_each_units_own_and_count_them_everywhere():
    rows = [("U1", "B1", "study", f"题{n:02d}", 1) for n in range(60)] + [("U2", "B2", "study", "题59", 1)] * 4
    found = fetch(entries(*rows), themes_statement()).to_pylist()
    assert {row["title"]: row["entries"] for row in found if row["unit_id"] == "U2"} == {"题59": 4}
    assert {"unit_id": "U1", "title": "题59", "entries": 1} in found
    assert len(found) < 61  # the rare ones are left out


def test_a_kind_names_the_units_with_most():
    kinds = [
        {"unit_id": unit, "kind": "theme_day", "entries": n, "person_times": 2 * n, "branches": 1}
        for unit, n in (("U1", 3), ("U2", 9), ("U3", 9))
    ]
    (row,) = activity_rows("P", kinds, NAMES, wording())
    assert (row["zh"], row["entries"], row["person_times"], row["units"]) == ("主题党日", 21, 42, 3)
    assert [unit["name"] for unit in row["leading"]] == ["乙县", "丙县", "甲县"]
    assert row["address"] == "P#activity.theme_day"


def test_one_units_own_theme_is_not_named_among_many():
    themes = [{"unit_id": "U1", "title": "只此一家", "entries": 50}]
    themes += [{"unit_id": unit, "title": "植树", "entries": 2} for unit in ("U1", "U2")]
    assert [row["title"] for row in theme_rows("P", themes, 3, least_units=2)] == ["植树"]
    assert [row["title"] for row in theme_rows("P", themes, 3, least_units=1)] == ["只此一家", "植树"]


def test_the_best_speak_first_and_nobody_speaks_anothers_words():
    texts = [{"unit_id": unit, "indicator": "main_practices", "text": text}
             for unit, text in (("U1", "抓培训。"), ("U2", "抓培训。"), ("U3", "建阵地\n# 标题。"))]
    rows = practice_rows(texts, "main_practices", {"U3": 0, "U1": 1}, NAMES, {}, most=3, longest=50)
    assert [(row["name"], row["text"]) for row in rows] == [("丙县", "建阵地 # 标题"), ("甲县", "抓培训")]
    assert rows[0]["address"] == "U3#main_practices"


@pytest.mark.parametrize(
    ("text", "longest", "kept"),
    [
        ("一二三四五。", 10, "一二三四五"),
        ("一二三；四五六。", 4, "一二三"),
        ("一二三四五六七", 4, ""),  # no whole clause fits
        ("。。。", 4, ""),
    ],
)
def test_texts_end_with_a_whole_clause(text, longest, kept):
    assert whole_sentences(text, longest) == kept
