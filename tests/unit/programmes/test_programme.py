"""A programme's configuration: dated values, and the cross references that must hold before anything runs."""

import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError

from etl.core.period import Period
from etl.core.programmes.programme import Programme, Span
from etl.core.programmes.sourced import Dated

ASSUMED = {"origin": "assumed"}
FILED = {"kind": "filed", **ASSUMED}


def _programme(**changes: Any) -> dict[str, Any]:
    return {
        "programme": "invented",
        "title": {"zh": "某方案", "en": "Invented", **ASSUMED},
        "sources": {"seed": "无"},
        "basis": [],
        "valid": {"since": dt.date(2017, 1, 1), "until": dt.date(2019, 12, 31), **ASSUMED},
        "top": {"code": "530000", "tier": "province", **ASSUMED},
        "tiers": [{"tier": tier, "zh": "级", **ASSUMED} for tier in ("branch", "county", "province")],
        "periods": {"cadence": "half_year", **ASSUMED},
        "due": {"day": 10, **ASSUMED},
        "indicators": [{"key": "members", "required": True, **ASSUMED}],
        "reports": [],
        **changes,
    }


def _tier(tier: str) -> dict[str, Any]:
    return {"tier": tier, "zh": "级", **ASSUMED}


def _level(**changes: Any) -> dict[str, Any]:
    return {"key": "county", "zh": "县级", "tier": "county", **ASSUMED, **changes}


def _gate(*outcomes: tuple[str, str]) -> dict[str, Any]:
    """A gate with these outcomes of a sweep: key and name."""
    named = [{"key": key, "zh": zh} for key, zh in outcomes]
    return {
        "rectify_first": {"value": False, **ASSUMED}, "sweeps": {"count": 0, **ASSUMED},
        "sweep_outcomes": {"value": named, **ASSUMED},
    }


def _report(tier: str) -> dict[str, Any]:
    return {"key": "dispatch", "zh": "通报", "cadence": "half_year", "tiers": [tier], "to": [], **ASSUMED}


def test_the_smallest_programme_loads() -> None:
    programme = Programme.model_validate(_programme())
    assert (programme.leaf, programme.submitting_tier) == ("branch", None)
    assert programme.tier_keys() == ("branch", "county", "province")


COMPARED = [
    ("2018H2", ("2017H2", "2018H1", "2018H2")),
    ("2017H2", ("2017H1", "2017H2")),  # 2016 is before the programme began
    ("2017H1", ("2017H1",)),
    ("2018", ("2017", "2018")),
    ("2018B2", ("2018B2",)),
]


@pytest.mark.parametrize(("period", "periods"), COMPARED)
def test_a_report_is_compared_with_periods_in_which_the_programme_was_in_force(period: str, periods: tuple[str, ...]) -> None:
    compared = Programme.model_validate(_programme()).compared(Period.parse(period))
    assert tuple(str(each) for each in compared) == periods


_DIMENSION: dict[str, Any] = {
    "key": "a", "zh": "甲", "on": "branch", "weight": {"value": 100, **ASSUMED}, **ASSUMED,
    "items": [{"key": "x", "zh": "项", "points": 100, "measure": "members", "how": FILED, **ASSUMED}],
}
RUBRIC: dict[str, Any] = {
    "mode": "score", "total": {"value": 100, **ASSUMED}, "pass_mark": {"value": 90, **ASSUMED}, "bonus": {"max": 0, **ASSUMED},
    "dimensions": [_DIMENSION],
}

_THRESHOLD: dict[str, Any] = {"zh": "比", "severity": "warn", **ASSUMED}
_EACH: dict[str, Any] = {"zh": "每季", "severity": "warn", **ASSUMED}

REFUSED = {
    "public without a ref": _programme(due={"day": 10, "origin": "public"}),
    "no origin": _programme(due={"day": 10}),
    "an unknown origin": _programme(due={"day": 10, "origin": "guessed"}),
    "an unknown key": _programme(colour="red"),
    "an unknown key below": _programme(due={"day": 10, "hour": 3, **ASSUMED}),
    "the last tier is not the top": _programme(tiers=[_tier("branch"), _tier("county")]),
    "a tier twice": _programme(tiers=[_tier("province"), _tier("province")]),
    "a level of an unknown tier": _programme(levels=[_level(tier="town")]),
    "a level that needs an unknown one": _programme(levels=[_level(needs=["town"])]),
    "a report of an unknown tier": _programme(reports=[_report("town")]),
    "a side unit under an unknown tier": _programme(
        side_units=[{"kind": "unit", "zh": "单位", "reports_to": "town", **ASSUMED}]
    ),
    "an indicator twice": _programme(indicators=_programme()["indicators"] * 2),
    "a threshold without bounds": _programme(thresholds={"x": {"zh": "比", "ratio": "members", "severity": "warn", **ASSUMED}}),
    "a threshold that is no formula": _programme(
        thresholds={"x": {"zh": "比", "ratio": "a over b", "min": 1, "severity": "warn", **ASSUMED}}
    ),
    "a quarter's bound without a least": _programme(
        thresholds={"x": {**_THRESHOLD, "ratio": "members / quarters", "max": 1, "each_quarter": _EACH}}
    ),
    "a quarter's bound on what is not by the quarter": _programme(
        thresholds={"x": {**_THRESHOLD, "ratio": "members / months", "min": 1, "each_quarter": _EACH}}
    ),
    "a quarter's bound on more than one figure": _programme(
        thresholds={"x": {**_THRESHOLD, "ratio": "(members + members) / quarters", "min": 1, "each_quarter": _EACH}}
    ),
    "weights that do not add up": _programme(rubric=RUBRIC | {"total": {"value": 90, **ASSUMED}}),
    "points that do not add up": _programme(
        rubric=RUBRIC | {"dimensions": [_DIMENSION | {"weight": {"value": 99, **ASSUMED}}]}
    ),
    "two outcomes of a sweep with one name": _programme(gate=_gate(("merge", "撤并"), ("close", "撤并"))),
    "an outcome of a sweep without a name": _programme(gate=_gate(("merge", ""))),
    "a due day that not every month has": _programme(due={"day": 31, **ASSUMED}),
}


def test_a_gate_whose_outcomes_are_named_loads() -> None:
    gate = Programme.model_validate(_programme(gate=_gate(("merge", "撤并"), ("attach", "挂靠")))).gate
    assert gate is not None
    assert list(gate.sweep_outcomes.by_key) == ["merge", "attach"]


def test_a_rubric_that_adds_up_loads() -> None:
    assert Programme.model_validate(_programme(rubric=RUBRIC)).rubric is not None


_BOUND: dict[str, Any] = {"zh": "比", "min": 1, **ASSUMED}
_ITEM: dict[str, Any] = {"key": "y", "zh": "项", "points": 5, "measure": "member", "how": FILED, **ASSUMED}
JUDGED: list[tuple[str, dict[str, Any]]] = [
    ("threshold x", {"thresholds": {"x": {**_BOUND, "ratio": "member / months / quarters", "severity": "warn"}}}),
    ("year check x", {"year_checks": [{**_BOUND, "key": "x", "ratio": "member / visits", "on": "unit"}]}),
    ("rubric item y", {"rubric": RUBRIC | {"mode": "points", "bonus": {"max": 5, "items": [_ITEM], **ASSUMED}}}),
    ("rubric: self_score", {"rubric": RUBRIC | {"self_score": {"measure": "member", **ASSUMED}}}),
]


@pytest.mark.parametrize(("where", "block"), JUDGED)
def test_what_is_judged_is_asked_for(where: str, block: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=f"{where}: not among the indicators: member "):
        Programme.model_validate(_programme(**block))
    asked = [{"key": key, "required": True, **ASSUMED} for key in ("members", "member")]
    assert Programme.model_validate(_programme(**block, indicators=asked))


@pytest.mark.parametrize("case", REFUSED)
def test_nothing_doubtful_loads(case: str) -> None:
    with pytest.raises(ValidationError):
        Programme.model_validate(REFUSED[case])


@pytest.mark.parametrize(
    ("period", "covered"), [("2016H2", False), ("2017H1", True), ("2019H2", True), ("2020H1", False), ("2017", True)]
)
def test_a_programme_is_in_force_on_the_last_day_of_a_period(period: str, covered: bool) -> None:
    assert Programme.model_validate(_programme()).covers(Period.parse(period)) is covered


def test_an_open_end_never_ends() -> None:
    assert Span(since=dt.date(2022, 1, 1), origin="assumed").covers(dt.date(2099, 1, 1))


def _dated(*versions: tuple[int, dt.date | None]) -> Dated[int]:
    return Dated[int].model_validate([{"value": value, "since": since, **ASSUMED} for value, since in versions])


def test_a_dated_value_changes_on_its_day() -> None:
    mark = _dated((80, None), (90, dt.date(2019, 1, 1)))
    assert [mark.on(day) for day in (dt.date(2018, 12, 31), dt.date(2019, 1, 1))] == [80, 90]
    assert Dated[int].model_validate({"value": 7, **ASSUMED}).on(dt.date(1990, 1, 1)) == 7


def test_before_the_first_day_no_value_is_in_force() -> None:
    with pytest.raises(LookupError, match="2018-12-31"):
        _dated((90, dt.date(2019, 1, 1))).on(dt.date(2018, 12, 31))


@pytest.mark.parametrize("days", [(), (dt.date(2019, 1, 1), None), (None, None)])
def test_dated_values_stand_in_order_and_no_day_twice(days: tuple[dt.date | None, ...]) -> None:
    with pytest.raises(ValidationError):
        _dated(*((number, day) for number, day in enumerate(days)))


def test_a_report_is_found_by_key() -> None:
    programme = Programme.model_validate(_programme(reports=[_report("county")]))
    assert programme.report("dispatch").tiers == ("county",)
    with pytest.raises(LookupError, match="no report naming"):
        programme.report("naming")
