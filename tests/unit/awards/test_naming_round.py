"""How far a place has come with its namings: who is still to be named, what holds whom up, what is next on a day."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from etl.core.awards.award import Award
from etl.core.awards.naming_round import Objection, Round
from etl.core.awards.quota import Places
from etl.core.awards.titles import HeldTitle
from etl.edges.programmes import load_bundle

LEVEL = load_bundle("yunnan-model-branch").programme.level("province")
STATE = LEVEL.model_copy(update={"state": True})
NOTICE = {"closes_on": "2018-02-09"}
OVER = dt.date(2018, 2, 10)


def _award(branch: str) -> Award:
    return Award(branch, f"U-{branch}", "P", f"{branch}支部", "province", "named", Decimal(95), 1, highest=True)


def _title(branch: str) -> HeldTitle:
    return HeldTitle({"branch_id": branch, "unit_id": f"U-{branch}"}, branch, "in_force", None, None)


def _objection(branch: str, in_time: bool = True, upheld: bool | None = None) -> Objection:
    """What was said of a branch; `upheld` None: nobody has ruled on it."""
    return Objection({"branch_id": branch, "in_time": in_time}, None if upheld is None else {"upheld": upheld})


def _round(named: str, *objections: Objection, titles: str = "", notice: dict[str, str] | None = NOTICE, **more: Any) -> Round:
    known = {
        "level": LEVEL, "node_id": "P", "named": tuple(map(_award, named)), "waiting": tuple(map(_award, "w")), "notice": notice,
        "objections": objections, "titles": tuple(map(_title, titles)), "places": Places(None, 0, None),
    }
    return Round(**{**known, **more})


OBJECTIONS = [
    (_objection("a"), True, False),
    (_objection("a", upheld=True), False, True),
    (_objection("a", upheld=False), False, False),
    (_objection("a", in_time=False), False, False),
    (_objection("a", in_time=False, upheld=True), False, False),  # too late: it counts for nothing
]


@pytest.mark.parametrize(("objection", "is_open", "upheld"), OBJECTIONS, ids=lambda value: None)
def test_an_objection_holds_up_until_it_is_ruled_on_and_only_if_it_came_in_time(
    objection: Objection, is_open: bool, upheld: bool
) -> None:
    assert (objection.open, objection.upheld) == (is_open, upheld)


def test_those_named_already_or_objected_to_rightly_are_no_longer_pending() -> None:
    current = _round("abcd", _objection("b", upheld=True), _objection("c"), _objection("d", upheld=False), titles="a")
    assert [each.branch_id for each in current.pending] == ["c", "d"]
    assert current.questioned == {"c"}


STEPS = [
    (_round(""), "nobody"),
    (_round("a", titles="a"), "named"),
    (_round("a", _objection("a", upheld=True)), "nobody"),
    (_round("ab", titles="a", notice=None), "to_announce"),
    (_round("a"), "due"),
    (_round("a", _objection("a")), "objection"),
    (_round("ab", _objection("a")), "due"),  # the other can be named
    (_round("a", level=STATE, notice=None), "due"),
    (_round("a", _objection("a"), level=STATE, notice=None), "objection"),
]


@pytest.mark.parametrize(("current", "step"), STEPS, ids=lambda value: None)
def test_what_is_next_once_the_notice_is_over(current: Round, step: str) -> None:
    assert current.step(OVER) == step


@pytest.mark.parametrize(("day", "step"), [("2018-02-08", "on_notice"), ("2018-02-09", "on_notice"), ("2018-02-10", "due")])
def test_a_notice_stands_to_the_end_of_its_last_day(day: str, step: str) -> None:
    assert _round("a").step(dt.date.fromisoformat(day)) == step


def test_an_office_sees_its_own_units_and_no_objections() -> None:
    seen = _round("ab", _objection("a"), titles="ab").of_units({"U-a", "U-w"})
    assert [each.branch_id for each in seen.named] == ["a"]
    assert [each.branch_id for each in seen.waiting] == ["w"]
    assert [each.branch_id for each in seen.titles] == ["a"]
    assert seen.objections == ()
    assert _round("ab").of_units({"U-b"}).waiting == ()
