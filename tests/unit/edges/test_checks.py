"""Suites on DuckDB: Great Expectations' verdict, and the failing rows beside it."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from etl.core.judging.rules import Rule, Suite
from etl.edges.checks import CheckError, RuleVerdict, check, failing_rows, require_same_counts, verdicts
from etl.edges.engine import memory_engine, register
from etl.errors import Bug, ConfigError

DAY = date(2018, 6, 30)
NOT_COUNTY = {"type": "comparison", "column": {"name": "part"}, "operator": "!=", "parameter": "county"}
VALUE_GIVEN = {"type": "nullity", "column": {"name": "value"}, "is_null": False}

FIGURES = pa.table(
    {
        "row_number": pa.array([1, 2, 3, 4, 5, 6], pa.int32()),
        "value": pa.array([1, 2.5, None, 4, 5, None], pa.float64()),
        "other": pa.array([1, 3, 3, None, 5, None], pa.float64()),
        "third": pa.array([1, 3, None, 4, 6, None], pa.float64()),
        "code": ["010101", "010101", "530122", None, "x", "5301222"],
        "part": ["", "county", "county", "", None, "town"],
        "unit": pa.array([1, 1, 1, 2, 2, None], pa.int64()),
        "told": ["row", "warning", None, "file", "row", "row"],
        "day": pa.array([date(2018, 1, 1), None, DAY, DAY, DAY, DAY]),
    }
)


def _rule(
    type_: str, level: str = "row", name: str = "T01", meta: Any = None, **kwargs: Any
) -> dict[str, Any]:
    return {
        "type": type_,
        "kwargs": kwargs,
        "severity": "warning" if level == "warning" else "critical",
        "description": "说明",
        "meta": {"rule": name, "level": level, "remedy": "请改正", "example": "写-2", "since": date(2017, 1, 1), **(meta or {})},
    }


def _suite(*rules: dict[str, Any]) -> Suite:
    return Suite.model_validate({"suite": "test", "table": "figures", "expectations": list(rules)})


@pytest.fixture
def engine() -> Iterator[sa.Engine]:
    made = memory_engine()
    register(made, "figures", FIGURES)
    yield made
    made.dispose()


def _failing(engine: sa.Engine, rule: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = check(engine, _suite(rule), DAY, ["row_number"]).failing.to_pylist()
    return sorted(rows, key=lambda row: row["row_number"])


@pytest.mark.parametrize(
    ("column", "type_"),
    [("code", "VARCHAR"), ("row_number", "INTEGER"), ("unit", "BIGINT"), ("value", "DOUBLE_PRECISION"), ("day", "DATE")],
)
def test_a_rule_on_the_type_of_a_column_names_it_as_sql_does(engine: sa.Engine, column: str, type_: str) -> None:
    for wanted in (type_, "BOOLEAN"):
        rule = _rule("expect_column_values_to_be_of_type", level="file", column=column)
        rule["kwargs"]["type_"] = wanted
        suite = _suite(rule)
        (verdict,) = verdicts(engine, suite, suite.expectations)
        assert verdict.success == (wanted == type_)


PAIR = {"column_A": "value", "column_B": "other"}

# (rule, row numbers that fail); missing values and ties are in FIGURES.
EACH_KIND = [
    (_rule("expect_column_values_to_not_be_null", column="value"), [3, 6]),
    (_rule("expect_column_values_to_be_null", column="value"), [1, 2, 4, 5]),
    (_rule("expect_column_values_to_be_between", column="value", min_value=2.5, max_value=4), [1, 5]),
    (_rule("expect_column_values_to_be_between", column="value", min_value=2.5, strict_min=True), [1, 2]),
    (_rule("expect_column_values_to_be_between", column="day", min_value=DAY), [1]),
    (_rule("expect_column_values_to_be_in_set", column="part", value_set=["", "county"]), [6]),
    (_rule("expect_column_values_to_not_be_in_set", column="part", value_set=["county"]), [2, 3]),
    (_rule("expect_column_values_to_be_in_set", column="unit", value_set=[1]), [4, 5]),
    (_rule("expect_column_values_to_match_regex", column="code", regex="^[0-9]{6}$"), [5, 6]),
    (_rule("expect_column_values_to_not_match_regex", column="code", regex="^53.*$"), [3, 6]),
    (_rule("expect_column_value_lengths_to_equal", column="code", value=6), [5, 6]),
    (_rule("expect_column_value_lengths_to_be_between", column="code", min_value=2, max_value=6), [5, 6]),
    (_rule("expect_column_values_to_be_unique", column="code"), [1, 2]),
    (_rule("expect_column_values_to_be_unique", column="unit", row_condition=VALUE_GIVEN), [1, 2, 4, 5]),
    (_rule("expect_compound_columns_to_be_unique", column_list=["part", "unit"]), [2, 3]),
    (_rule("expect_compound_columns_to_be_unique", column_list=["code", "unit"]), [1, 2]),
    (
        _rule(
            "expect_compound_columns_to_be_unique",
            column_list=["part", "unit"],
            row_condition=VALUE_GIVEN,
            ignore_row_if="never",
        ),
        [],
    ),
    (_rule("expect_column_pair_values_to_be_equal", ignore_row_if="either_value_is_missing", **PAIR), [2]),
    (
        _rule("expect_column_pair_values_to_be_equal", ignore_row_if="both_values_are_missing", **PAIR),
        [2, 3, 4],
    ),
    (_rule("expect_column_pair_values_to_be_equal", ignore_row_if="neither", **PAIR), [2, 3, 4, 6]),
    (_rule("expect_column_pair_values_a_to_be_greater_than_b", or_equal=True, **PAIR), [2]),
    (_rule("expect_column_pair_values_a_to_be_greater_than_b", **PAIR), [1, 2, 5]),
    (
        _rule("expect_column_pair_values_to_be_in_set", value_pairs_set=[[1, 1], [5, 5]], **PAIR),
        [2, 3, 4],
    ),
    (
        _rule(
            "expect_multicolumn_values_to_be_equal",
            column_list=["value", "other", "third"],
            ignore_row_if="any_value_is_missing",
        ),
        [2, 5],
    ),
    (
        _rule(
            "expect_multicolumn_sum_to_equal",
            column_list=["value", "other"],
            sum_total=2,
            ignore_row_if="any_value_is_missing",
        ),
        [2, 5],
    ),
    (
        _rule(
            "expect_select_column_values_to_be_unique_within_record",
            column_list=["value", "other"],
            ignore_row_if="any_value_is_missing",
        ),
        [1, 5],
    ),
    (_rule("expect_column_values_to_not_be_null", column="value", row_condition=NOT_COUNTY), [6]),
    (
        _rule(
            "expect_column_values_to_be_between",
            column="value",
            max_value=0,
            row_condition={"type": "and", "conditions": [NOT_COUNTY, VALUE_GIVEN]},
        ),
        [1, 4],
    ),
    (
        _rule(
            "expect_column_pair_values_to_be_equal",
            row_condition={**NOT_COUNTY, "operator": "IN", "parameter": ["county", "town"]},
            ignore_row_if="neither",
            **PAIR,
        ),
        [2, 3, 6],
    ),
    (_rule("expect_column_values_to_be_between", column="value", min_value=2, mostly=0.5), []),
    (_rule("expect_column_values_to_be_between", column="value", min_value=2, mostly=0.9), [1]),
]


@pytest.mark.parametrize(("rule", "numbers"), EACH_KIND)
def test_the_rows_that_fail_are_listed(engine: sa.Engine, rule: dict[str, Any], numbers: list[int]) -> None:
    assert [row["row_number"] for row in _failing(engine, rule)] == numbers


def test_all_kinds_run_together_and_rows_agree_with_verdicts(engine: sa.Engine) -> None:
    rules = [dict(rule, meta={**rule["meta"], "rule": f"T{n}"}) for n, (rule, _) in enumerate(EACH_KIND)]
    suite = _suite(*rules)
    judged = verdicts(engine, suite, suite.expectations)
    assert [verdict.rule for verdict in judged] == [rule.id for rule in suite.expectations]
    assert [verdict.success for verdict in judged] == [not numbers for _, numbers in EACH_KIND]
    # Every rule, also those that pass thanks to `mostly`: both ways count the same rows.
    require_same_counts(judged, failing_rows(engine, suite, suite.expectations, ["row_number"]))


def test_differing_counts_are_a_fault() -> None:
    listed = pa.table({"rule": ["T01", "T01", "T02"]})
    agreeing = [
        RuleVerdict("T01", False, 2, 6),
        RuleVerdict("T02", False, 1, 6),
        RuleVerdict("T03", True, 0, 6),
    ]
    require_same_counts(agreeing, listed)
    with pytest.raises(Bug, match="T02: judged 3, listed 1"):
        require_same_counts([agreeing[0], replace(agreeing[1], unexpected_count=3)], listed)
    with pytest.raises(Bug, match="T03: judged 1, listed 0"):
        require_same_counts([replace(agreeing[2], unexpected_count=1)], listed)


def test_the_verdict_counts_rows(engine: sa.Engine) -> None:
    suite = _suite(
        _rule("expect_column_values_to_be_between", column="value", min_value=2, name="T01"),
        _rule("expect_column_values_to_not_be_null", column="row_number", name="T02"),
        _rule("expect_table_row_count_to_be_between", "file", max_value=5, name="T03"),
        _rule("expect_column_max_to_be_between", "warning", column="value", max_value=5, name="T04"),
    )
    assert verdicts(engine, suite, suite.expectations) == (
        RuleVerdict("T01", False, 1, 6),
        RuleVerdict("T02", True, 0, 6),
        RuleVerdict("T03", False, None, None),
        RuleVerdict("T04", True, None, None),
    )


def test_a_table_rule_has_a_verdict_and_no_rows(engine: sa.Engine) -> None:
    checked = check(
        engine, _suite(_rule("expect_table_row_count_to_equal", "file", value=5)), DAY, ["row_number"]
    )
    assert [verdict.success for verdict in checked.verdicts] == [False]
    assert checked.failing.num_rows == 0
    assert checked.failing.column_names == [
        "row_number",
        "rule",
        "column_name",
        "observed",
        "shown",
        "expected",
        "level",
    ]
    assert checked.failing.schema.field("row_number").type == pa.int32()


def test_a_table_rule_cannot_hold_rows(engine: sa.Engine) -> None:
    suite = _suite(_rule("expect_table_row_count_to_equal", "row", value=6))
    with pytest.raises(CheckError, match=r"T01.*level cannot be row"):
        verdicts(engine, suite, suite.expectations)


def test_a_row_tells_what_was_seen_and_what_was_expected(engine: sa.Engine) -> None:
    rule = _rule(
        "expect_column_pair_values_to_be_equal",
        meta={"expected": "third"},
        ignore_row_if="neither",
        **PAIR,
    )
    assert [(row["column_name"], row["observed"], row["expected"]) for row in _failing(engine, rule)] == [
        ("value | other", "2.5 | 3", "3"),
        ("value | other", " | 3", None),
        ("value | other", "4 | ", "4"),
        ("value | other", " | ", None),
    ]


def test_a_bound_is_told_as_one_and_nothing_stays_nothing(engine: sa.Engine) -> None:
    meta = {"expected": "third", "expected_as": "不大于{}人"}
    rule = _rule("expect_column_pair_values_to_be_equal", meta=meta, ignore_row_if="neither", **PAIR)
    assert [row["expected"] for row in _failing(engine, rule)] == ["不大于3人", None, "不大于4人", None]


def test_what_is_shown_is_told_in_its_words_and_nothing_stays_nothing(engine: sa.Engine) -> None:
    meta = {"shown": "part", "shown_as": "与{}相同"}
    rule = _rule("expect_column_values_to_be_null", column="value", meta=meta)
    assert [(row["observed"], row["shown"]) for row in _failing(engine, rule)] == [
        ("1", "与相同"), ("2.5", "与county相同"), ("4", "与相同"), ("5", None),
    ]


def test_a_fixed_text_may_be_expected(engine: sa.Engine) -> None:
    rule = _rule("expect_column_values_to_not_be_null", column="value", meta={"expected_text": "必填"})
    assert [(row["observed"], row["expected"]) for row in _failing(engine, rule)] == [(None, "必填")] * 2


def test_a_column_may_say_the_level(engine: sa.Engine) -> None:
    rule = _rule(
        "expect_column_values_to_be_between", column="row_number", max_value=0, meta={"level_column": "told"}
    )
    levels = [row["level"] for row in _failing(engine, rule)]
    assert levels == ["row", "warning", "row", "file", "row", "row"]


def test_a_level_unheard_of_is_a_fault(engine: sa.Engine) -> None:
    rule = _rule(
        "expect_column_values_to_be_between", column="row_number", max_value=0, meta={"level_column": "code"}
    )
    with pytest.raises(CheckError, match="530122"):
        _failing(engine, rule)


@pytest.mark.parametrize(
    ("type_", "stored", "shown"),
    [
        (pa.float64(), 6256.0, "6256"),
        (pa.float64(), 0.953, "0.953"),
        (pa.float64(), 29 / 30, "0.9667"),
        (pa.float64(), 100.0, "100"),
        (pa.float64(), -0.5, "-0.5"),
        (pa.float64(), 1e20, "1e+20"),
        (pa.decimal128(9, 3), 12, "12"),
        (pa.decimal128(9, 3), 120, "120"),
        (pa.int64(), 100, "100"),
        (pa.string(), "1.50", "1.50"),
    ],
)
def test_values_are_shown_as_written(type_: pa.DataType, stored: object, shown: str) -> None:
    made = memory_engine()
    register(made, "figures", pa.table({"row_number": [1], "value": pa.array([stored], type_)}))
    (row,) = _failing(made, _rule("expect_column_values_to_be_null", column="value"))
    assert row["observed"] == shown
    made.dispose()


def test_a_rule_failing_on_every_row_lists_every_row() -> None:
    made = memory_engine()
    register(made, "figures", pa.table({"row_number": range(30_000), "value": [-1.0] * 30_000}))
    checked = check(
        made,
        _suite(_rule("expect_column_values_to_be_between", column="value", min_value=0)),
        DAY,
        ["row_number"],
    )
    assert checked.failing["row_number"].to_pylist() == list(range(30_000))
    made.dispose()


def test_an_empty_table_passes() -> None:
    made = memory_engine()
    register(made, "figures", FIGURES.slice(0, 0))
    rules = [dict(rule, meta={**rule["meta"], "rule": f"T{n}"}) for n, (rule, _) in enumerate(EACH_KIND)]
    checked = check(made, _suite(*rules), DAY, ["row_number"])
    assert all(verdict.success for verdict in checked.verdicts)
    assert checked.failing.num_rows == 0
    made.dispose()


def test_rules_out_of_force_are_not_run(engine: sa.Engine) -> None:
    rule = _rule("expect_column_values_to_not_be_null", column="value", meta={"until": date(2018, 6, 29)})
    checked = check(engine, _suite(rule), DAY, ["row_number"])
    assert checked.verdicts == ()
    assert checked.failing.num_rows == 0


@pytest.mark.parametrize(
    "broken",
    [
        _rule("expect_column_values_to_not_be_null", column="valeu"),
        _rule("expect_column_values_to_match_regex", column="unit", regex="^[0-9]$"),
        _rule("expect_column_values_to_match_regex", column="code", regex="^[0-9$"),
        _rule("expect_column_values_to_be_between", column="code", min_value=0),
        _rule("expect_column_pair_values_to_be_equal", column_A="value", column_B="valeu"),
        _rule("expect_column_values_to_not_be_null", column="value", row_condition="part == 'county'"),
        _rule("expect_column_values_to_be_between", column="value", max_vlaue=3),
        _rule("expect_column_values_to_be_betwen", column="value", max_value=3),
    ],
)
def test_a_rule_that_cannot_be_judged_raises_beside_one_that_can(
    engine: sa.Engine, broken: dict[str, Any]
) -> None:
    sound = _rule("expect_column_values_to_not_be_null", column="value", name="T02")
    suite = _suite(sound, broken)
    with pytest.raises(CheckError, match="T01") as refused:
        verdicts(engine, suite, suite.expectations)
    assert refused.value.exit_code == ConfigError.exit_code  # whoever wrote the rule must act


def test_the_data_outlive_a_check(engine: sa.Engine) -> None:
    suite = _suite(_rule("expect_column_values_to_not_be_null", column="value"))
    first = check(engine, suite, DAY, ["row_number"])
    assert check(engine, suite, DAY, ["row_number"]).verdicts == first.verdicts


def test_no_rules_no_verdicts(engine: sa.Engine) -> None:
    nothing: list[Rule] = []
    assert verdicts(engine, _suite(), nothing) == ()


def test_great_expectations_is_imported_on_first_use_only() -> None:
    code = "import sys, etl.edges.checks; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_great_expectations_hardly_uses_is_imported_on_first_use() -> None:
    code = """
import sys, etl.edges.gx_duckdb
stand_ins = [type(sys.modules[name]).__name__ for name in ("altair", "scipy.stats")]
from scipy import stats
import altair, scipy.stats
assert stand_ins == ["OnFirstUse", "OnFirstUse"], stand_ins
assert stats.norm.cdf(0) == scipy.stats.norm.cdf(0) == 0.5 and altair.Chart
assert [type(sys.modules[name]).__name__ for name in ("altair", "scipy.stats")] == ["module", "module"]
"""
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_no_examples_are_fetched_where_none_are_wanted(engine: sa.Engine) -> None:
    asked: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *event: asked.append(event[2]))
    rules = [dict(rule, meta={**rule["meta"], "rule": f"T{n}"}) for n, (rule, _) in enumerate(EACH_KIND)]
    assert not all(verdict.success for verdict in check(engine, _suite(*rules), DAY, ["row_number"]).verdicts)
    assert [statement for statement in asked if "unexpected_count" in statement]
    assert not [statement for statement in asked if "unexpected_values" in statement]


def test_a_suite_makes_no_folder_for_documents(engine: sa.Engine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    suite = _suite(_rule("expect_column_values_to_be_between", column="value", min_value=0))
    verdicts(engine, suite, suite.expectations)
    assert "great_expectations" in caplog.text  # what it has to say comes here
    assert "temporary directory" not in caplog.text
