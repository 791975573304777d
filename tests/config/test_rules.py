"""The shipped rules: each has its sentence and remedy, and together they cover every expectation of the domain."""

import re

import pytest

from etl.core.judging.addresses import FORM_COLUMN, form_column
from etl.core.judging.rules import Rule, Suite
from etl.edges.programmes import load_bundle, load_rules
from etl.edges.reading_rules import document_rules, reading_rules
from etl.edges.validation import WITH_COLUMN

SUITES = load_rules()
RULES = [rule for suite in SUITES for rule in suite.expectations]
PLANNED = {f"E{number}" for number in range(1, 19)}
CHINESE = re.compile("[一-鿿]")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_tells_what_is_wrong_and_what_to_do(rule: Rule) -> None:
    assert CHINESE.search(rule.description)
    assert CHINESE.search(rule.meta.remedy)
    assert rule.meta.expected or rule.meta.expected_text
    assert not rule.description.endswith(("。", "."))


@pytest.mark.parametrize("rule", [*reading_rules(), *document_rules()])
def test_a_rule_of_reading_or_of_papers_does_so_too(rule: str) -> None:
    each = {**reading_rules(), **document_rules()}[rule]
    assert CHINESE.search(each.sentence)
    assert CHINESE.search(each.remedy)
    assert each.level in ("file", "row", "warning")


def test_no_id_is_both_a_reading_rule_and_another() -> None:
    others = [*reading_rules(), *document_rules(), *(rule.id for rule in RULES)]
    assert len(others) == len(set(others))


def test_together_they_cover_every_expectation() -> None:
    covered = {expectation for rule in RULES for expectation in rule.meta.covers}
    assert covered == PLANNED


@pytest.mark.parametrize("day", ["2017-06-30", "2026-06-30"])
def test_all_are_in_force_in_every_period_of_a_shipped_programme(day: str) -> None:
    since = min(load_bundle(key).programme.valid.since for key in ("yunnan-model-branch", "dongxihu-small-gear"))
    assert all(rule.meta.since <= since and rule.meta.until is None for rule in RULES)


@pytest.mark.parametrize("suite", [each for each in SUITES if each.suite in FORM_COLUMN], ids=lambda suite: suite.suite)
def test_a_finding_of_a_row_points_at_a_column(suite: Suite) -> None:
    for rule in suite.expectations:
        kwargs = rule.kwargs
        columns = kwargs.get("column_list") or [kwargs[name] for name in ("column", "column_A", "column_B") if name in kwargs]
        assert form_column(suite.suite, " | ".join(columns)), rule.id


def test_every_suite_is_addressed_one_way() -> None:
    assert {suite.suite for suite in SUITES} == {*FORM_COLUMN, *WITH_COLUMN, "totals", "year"}
