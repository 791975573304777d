"""Suites as data: what loads, what is refused, which rule is in force on a day."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from etl.core.judging.rules import RuleError, Suite, distinct
from etl.core.strict_yaml import load

SUITE = """
suite: figures
table: figures
expectations:
  - type: expect_column_pair_values_to_be_equal
    kwargs: {column_A: value, column_B: must_equal, ignore_row_if: either_value_is_missing}
    severity: critical
    description: 期末数须等于期初数加新建减撤并
    meta:
      rule: F05
      level: row
      expected: must_equal
      remedy: 请核对后重报
      example: 期初6066、新建200、撤并10，期末写6255；应为6256
      covers: [E1]
      since: 2017-01-01
  - type: expect_column_values_to_be_between
    kwargs: {column: value, min_value: 0}
    severity: warning
    description: 数值不应为负
    meta:
      rule: F06
      level: warning
      expected_text: 不小于0
      remedy: 请核对
      example: 写-2
      since: 2018-01-01
      until: 2018-06-30
"""


@pytest.fixture
def document() -> dict[str, Any]:
    content: dict[str, Any] = load(SUITE)
    return content


def test_a_suite_loads_with_its_rules_in_order(document: dict[str, Any]) -> None:
    suite = Suite.model_validate(document)
    assert (suite.suite, suite.table) == ("figures", "figures")
    assert [rule.id for rule in suite.expectations] == ["F05", "F06"]
    assert suite.expectations[0].meta.covers == ("E1",)


@pytest.mark.parametrize(
    ("day", "in_force"),
    [
        ("2016-12-31", []),
        ("2017-01-01", ["F05"]),
        ("2017-12-31", ["F05"]),
        ("2018-01-01", ["F05", "F06"]),
        ("2018-06-30", ["F05", "F06"]),
        ("2018-07-01", ["F05"]),
    ],
)
def test_a_rule_holds_from_its_first_to_its_last_day(
    document: dict[str, Any], day: str, in_force: list[str]
) -> None:
    suite = Suite.model_validate(document)
    assert [rule.id for rule in suite.rules_on(date.fromisoformat(day))] == in_force


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("severity",), "warning", "severity critical"),
        (("meta", "level"), "warning", "severity warning"),
        (("meta", "level"), "fatal", "level"),
        (("description",), "  ", "description"),
        (("meta", "remedy"), "", "remedy"),
        (("meta", "since"), "2017", "since"),
        (("meta", "until"), date(2016, 12, 31), "before since"),
        (("meta", "expected_text"), "不小于0", "exclude each other"),
        (("meta", "expected_as"), "不小于", "holds {} once"),
        (("meta", "shown_as"), "与{}相同", "shown_as tells of shown"),
        (("meta", "rule"), "first", "rule"),
        (("meta", "note"), "x", "note"),
        (("columns",), "x", "columns"),
        (("type",), "ExpectColumnToExist", "type"),
        (("kwargs",), None, "kwargs"),
    ],
)
def test_a_rule_that_is_not_whole_is_refused(
    document: dict[str, Any], place: tuple[str, ...], value: object, message: str
) -> None:
    target = document["expectations"][0]
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = value
    with pytest.raises(ValidationError, match=message):
        Suite.model_validate(document)


@pytest.mark.parametrize(
    "place", [("severity",), ("meta",), ("meta", "remedy"), ("meta", "example"), ("meta", "since"), ("kwargs",)]
)
def test_a_part_may_not_be_left_out(document: dict[str, Any], place: tuple[str, ...]) -> None:
    target = document["expectations"][0]
    for key in place[:-1]:
        target = target[key]
    del target[place[-1]]
    with pytest.raises(ValidationError, match="Field required"):
        Suite.model_validate(document)


def test_a_rule_name_is_used_once_over_all_suites(document: dict[str, Any]) -> None:
    other = deepcopy(document) | {"suite": "rows"}
    with pytest.raises(RuleError, match="rule F05 is written twice"):
        distinct(Suite.model_validate(each) for each in (document, other))


def test_a_suite_name_is_used_once(document: dict[str, Any]) -> None:
    other = {"suite": "figures", "table": "rows", "expectations": []}
    with pytest.raises(RuleError, match="suite figures is written twice"):
        distinct(Suite.model_validate(each) for each in (document, other))


@pytest.mark.parametrize("kwargs", [{"regex": "^53"}, {"regex": "53$"}, {"regex_list": ["^53$", "54"]}])
def test_a_pattern_says_where_it_begins_and_ends(document: dict[str, Any], kwargs: dict[str, Any]) -> None:
    rule = document["expectations"][0]
    rule["type"], rule["kwargs"] = "expect_column_values_to_match_regex", {"column": "code", **kwargs}
    with pytest.raises(ValidationError, match="must begin with"):
        Suite.model_validate(document)
