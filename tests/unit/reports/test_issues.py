"""Who falls short of a rule: both sides of each threshold, bases too small to judge, few people, nobody below."""

import datetime as dt

import pytest
from pydantic import ValidationError

from etl.core.programmes.documents import IssueRule
from etl.core.reports.issues import issue_rows
from etl.edges.templates import wording
from tests.unit.reports.invented_report import MEASURES

NODES = [{"node_id": f"P{n}", "code": str(n), "name": name} for n, name in enumerate(("甲县", "乙县", "丙县"))]


def rule(**changes):
    return IssueRule.model_validate(
        {
            "key": "low", "indicator": "attendance_rate", "compare": "below", "threshold": 0.9, "days": 10,
            "title": {"zh": "偏低", "en": "Too low"}, "remedy": {"zh": "整改"}, "origin": "assumed", **changes,
        }
    )


def found(a_rule, *values, fewest=0, units=()):
    """Issues where the nodes have these (value, previous value); `units` are those of the first."""
    figures = {
        (node["node_id"], a_rule.indicator): {"value": value, "previous_value": base}
        for node, (value, base) in zip(NODES, values, strict=False)
    }
    figures |= {
        (f"U{n}", a_rule.indicator): {"value": value, "previous_value": base} for n, (value, base) in enumerate(units)
    }
    below = [(node, [f"U{n}" for n in range(len(units))] if node is NODES[0] else []) for node in NODES]
    unit = MEASURES[a_rule.indicator].unit
    return issue_rows(
        figures, "P", below, [a_rule], dt.date(2018, 7, 27), MEASURES, wording(), {unit: fewest}
    )


def names(issues):
    return [unit["name"] for issue in issues for unit in issue["units"]]


def test_only_those_below_are_named_furthest_off_first():
    issues = found(rule(), (0.8994, None), (0.9, None), (0.7, None))
    assert names(issues) == ["丙县", "甲县"]
    assert (issues[0]["count"], issues[0]["of"], issues[0]["threshold_text"]) == (2, 3, "90%")
    assert issues[0]["units"][0]["address"] == "P2#attendance_rate"


@pytest.mark.parametrize(
    ("value", "text", "named"),
    [(0.8994, "89.9%", True), (0.8995, "90.0%", False), (0.8999, "90.0%", False), (0.9, "90.0%", False)],
)
def test_nobody_is_named_below_what_his_figure_reads_as(value, text, named):
    issues = found(rule(), (value, None), (0.1, None))
    assert [unit["text"] for unit in issues[0]["units"]] == (["10.0%", text] if named else ["10.0%"])


@pytest.mark.parametrize(("value", "named"), [(9_005, True), (9_006, False)], ids=["10.0%", "9.9%"])
def test_a_fall_counts_as_it_reads(value, named):
    fell = rule(indicator="theme_days", compare="fell_by", threshold=0.1)
    assert bool(found(fell, (value, 10_000))) == named


def test_a_threshold_is_written_as_it_was_set():
    (issue,) = found(rule(threshold=0.875), (0.1, None))
    assert issue["threshold_text"] == "87.5%"
    (issue,) = found(rule(indicator="theme_days", compare="fell_by", threshold=0.125), (1, 100))
    assert issue["threshold_text"] == "12.5%"


def test_nothing_is_said_where_nobody_falls_short_or_nobody_filed():
    assert found(rule(), (0.9, None), (1.0, None)) == []
    assert found(rule(), (None, None), (None, 0.5)) == []


def test_above_is_the_other_side():
    assert names(found(rule(compare="above"), (0.9, None), (0.91, None))) == ["乙县"]


@pytest.mark.parametrize(
    ("value", "base", "named"),
    [(90, 100, True), (91, 100, False), (15, 20, True), (1, 19, False), (0, 0, False), (5, None, False)],
    ids=["a tenth", "less", "base just large enough", "base too small", "base 0", "no base"],
)
def test_a_fall_is_held_against_its_base(value, base, named):
    fell = rule(indicator="theme_days", compare="fell_by", threshold=0.1)
    assert bool(found(fell, (value, base))) == named


@pytest.mark.parametrize(
    ("units", "named"),
    [([(519, 521), (None, 67)], False), ([(519, 521), (0, 67)], True), ([(510, 588), (9, None)], True)],
    ids=["a unit is missing", "it filed 0", "a unit is new"],
)
def test_a_place_has_not_fallen_because_a_unit_of_it_sent_nothing(units, named):
    fell = rule(indicator="theme_days", compare="fell_by", threshold=0.1)
    issues = found(fell, (519, 588), (60, 100), units=units)
    assert names(issues) == (["乙县", "甲县"] if named else ["乙县"])
    assert issues[0]["of"] == (2 if named else 1)


@pytest.mark.parametrize(
    ("other", "units", "apart"),
    [
        ((0, 15), (), True), ((14, 15), (), False), ((0, 0), (), False),
        ((60, 100), [(None, 20)], True), ((99, 100), [(None, 20)], False),
    ],
    ids=["fell from a small base", "hardly fell from it", "had nothing", "fell, lacks a unit", "hardly fell, lacks a unit"],
)
def test_it_is_known_whether_somebody_fell_as_far_who_is_not_compared(other, units, apart):
    (issue,) = found(rule(indicator="theme_days", compare="fell_by", threshold=0.1), other, (50, 100), units=units)
    assert (names([issue]), issue["of"], issue["apart"]) == (["乙县"], 1, apart)
    assert (issue["units"][0]["fall_text"], issue["least_base_text"]) == ("50.0%", "20次")


def test_a_level_is_held_against_a_place_whatever_its_units_sent():
    assert names(found(rule(), (0.5, 0.6), units=[(0.5, 0.6), (None, 0.6)])) == ["甲县"]


def test_few_people_are_not_named():
    fewer = rule(indicator="members", threshold=10)
    assert names(found(fewer, (4, None), (6, None), (40, None), fewest=5)) == []
    assert names(found(fewer, (4, None), (6, None), (40, None))) == ["甲县", "乙县"]


def test_the_due_day_is_a_working_day_and_words_follow_the_language():
    (issue,) = found(rule(days=1), (0.1, None))  # issued on a Friday
    assert issue["due"] == "2018-07-30"
    english = wording("en")
    (issue,) = issue_rows(
        {("P0", "attendance_rate"): {"value": 0.1}}, "P", [(NODES[0], ())], [rule()], dt.date(2018, 7, 27), MEASURES, english, {}
    )
    assert (issue["title"], issue["remedy"]) == ("Too low", "整改")


def test_a_rule_without_chinese_words_does_not_load():
    with pytest.raises(ValidationError, match="need zh"):
        rule(title={"en": "Too low"})
