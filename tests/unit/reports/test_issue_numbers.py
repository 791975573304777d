"""The document numbers of a year's reports run in the order in which they are issued, and what has left keeps its own."""

from collections.abc import Mapping

import pytest

from etl.core.period import Period
from etl.core.programmes.documents import for_tier
from etl.core.reports.issue_numbers import issued_in_one_year, number_in_year
from etl.edges.programmes import load_bundle, programme_folders

PROGRAMME = load_bundle("yunnan-model-branch").programme  # in force from 2017 to 2019


def issued(period: Period) -> int:
    return period.year + (period.number == 2)


def numbers(written: str, left: Mapping[str, int] | None = None) -> dict[str, int]:
    """Period → its number, of all that are issued in the year of one."""
    in_year = issued_in_one_year(PROGRAMME, Period.parse(written), issued)
    known = {Period.parse(period): number for period, number in (left or {}).items()}
    return {str(period): number_in_year(period, in_year, known) for period in in_year}


@pytest.mark.parametrize("written", ["2017H2", "2018H1"])
def test_the_report_of_january_is_numbered_before_that_of_july(written: str) -> None:
    assert numbers(written) == {"2017H2": 1, "2018H1": 2}


def test_a_programmes_first_report_is_the_first_of_its_year_and_nothing_follows_its_last() -> None:
    assert numbers("2017H1") == {"2017H1": 1}
    assert numbers("2019H2") == {"2019H2": 1}


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        ({"2017H2": 1}, (1, 2)), ({"2018H1": 2}, (1, 2)),
        ({"2017H2": 2}, (2, 1)), ({"2018H1": 1}, (2, 1)), ({"2017H2": 2, "2018H1": 1}, (2, 1)),
    ],
)
def test_what_has_left_keeps_its_number_and_no_other_has_it(left: dict[str, int], expected: tuple[int, int]) -> None:
    assert tuple(numbers("2018H1", left).values()) == expected


def test_where_both_come_out_in_one_calendar_year_the_first_half_comes_first() -> None:
    in_year = issued_in_one_year(PROGRAMME, Period.parse("2018H2"), lambda period: period.year)
    assert [str(period) for period in in_year] == ["2018H1", "2018H2"]
    assert number_in_year(in_year[1], in_year, {}) == 2


@pytest.mark.parametrize("key", sorted(programme_folders()))
def test_no_two_papers_that_an_office_issues_about_a_year_bear_one_number(key: str) -> None:
    programme = load_bundle(key).programme
    assert programme.documents is not None
    batches = (1, 2, 3) if programme.periods.naming == "batch" else (1,)
    papers = ("naming_decision", "commendation_summary", "recommendation", "inspection_report")
    given = [(name, getattr(programme.documents, name)) for name in papers if getattr(programme.documents, name)]
    for tier in programme.tier_keys():
        told = [
            for_tier(settings.number, tier).format(year=2025, number=number, initial="甲", name="甲市")
            for name, settings in given if tier in programme.report(name).tiers
            for number in batches
        ]  # fmt: skip
        assert len(set(told)) == len(told), told
