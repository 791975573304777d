"""A year's bad input at the keyboard: each is answered in a Chinese sentence, with exit code 2 where nothing was kept."""

import datetime as dt
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from etl.cli import app
from etl.core.awards.review import Entry
from etl.core.returns.events import By
from etl.core.year_rows import TitleRow
from etl.edges.store.awards import reviews_of
from etl.edges.store.records import add_records, records_of
from etl.edges.store.schema import titles
from etl.stages.award import award_year
from etl.stages.branch_facts import keep_succession
from etl.stages.context import Context, open_year
from etl.stages.notice import open_notices
from etl.stages.review import enter
from etl.year_listings import notices_listing
from tests.support.naming import YUNNAN, keep_scores, score_rows
from tests.unit.stages.test_naming import title_row

AT = dt.datetime(2018, 1, 15, 9, tzinfo=dt.UTC)
DAY, OPENED, CLOSED = dt.date(2018, 2, 1), dt.date(2018, 2, 5), dt.date(2018, 2, 12)
BEST = {f"b{n:02d}": 95.0 for n in range(39)}
"""One more than the places of the year, all equal."""


@pytest.fixture
def year(home: Path) -> Context:
    """Branches of one county that all tiers recommend to the province, and one that nobody has reviewed."""
    context = open_year(YUNNAN, "2017")
    keep_scores(context, score_rows(context.bundle.programme, {**BEST, "new": 94.0}))
    said = [Entry(b, tier, "recommend", "province") for b in BEST for tier in ("county", "prefecture", "province")]
    assert not enter(context, said, By("甲", AT)).refused
    return context


def sanji(*words: str) -> Result:
    """What a command says and how it ends."""
    return CliRunner().invoke(app, [*words, "--programme", YUNNAN, "--period", "2017"])


def noticed(context: Context) -> dict[str, str]:
    """Level → its public notice, opened on 5 February."""
    award_year(context, DAY)
    open_notices(context, None, OPENED, By("甲", AT))
    return {str(row.level): str(row.notice_id) for row in notices_listing(context).itertuples()}


def test_a_tie_at_the_cut_off_is_said(year: Context) -> None:
    done = sanji("award", "--as-of", "2018-02-01")
    assert done.exit_code == 0
    assert "云南省“省级示范党支部”名额线上b37与b38各项均同分，按支部编码排定，请人工复核" in done.stderr


def test_a_quota_below_what_is_named_already_is_said(year: Context) -> None:
    add_records(year.store, titles, [title_row(f"t{n}") for n in range(101)])
    done = sanji("award", "--as-of", "2018-02-11")
    assert done.exit_code == 0
    assert "名额100个，此前已命名101个，超出1个：本年不再命名" in done.stderr
    assert "province" not in done.stdout


REFUSED = {
    "a tier that may not": ("new", "township", "township不参加本方案的评审"),
    "a double review": ("b00", "county", "县（市、区）已于2018-01-15评审过该支部（推荐）"),
    "a tier above one that has not recommended": ("new", "prefecture", "县（市、区）尚未把该支部推荐到州（市）"),
    "an unknown branch": ("nobody", "county", "没有编码为nobody的支部"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_review_that_cannot_be_taken_is_answered_and_not_kept(year: Context, case: str) -> None:
    branch, tier, said = REFUSED[case]
    before = reviews_of(year.store, *year.key)
    done = sanji("review", "enter", branch, "--tier", tier, "--verdict", "recommend", "--level", "province")
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert reviews_of(year.store, *year.key) == before


def test_a_dissolved_branch_is_left_out_of_the_naming_and_told(year: Context) -> None:
    noticed(year)
    keep_succession(year, "b00", None, "dissolve", dt.date(2018, 2, 8), "撤销", By("甲", AT))
    done = sanji("name", "--on", CLOSED.isoformat())
    assert done.exit_code == 2  # the others are named all the same
    assert "b00党支部已于2018-02-08撤并，不能命名" in done.stderr
    named = {row["branch_id"] for row in records_of(year.store, titles, TitleRow, YUNNAN)}
    assert named == set(BEST) - {"b00"}


def test_an_objection_after_the_deadline_is_answered_kept_and_stops_nothing(year: Context) -> None:
    notice = noticed(year)["province"]
    late = sanji("notice", "--object", notice, "--branch", "b00", "--statement", "材料不实", "--on", CLOSED.isoformat())
    assert late.exit_code == 0
    assert "逾期不予受理；已记录备查" in late.stdout
    assert "False" in sanji("notice", "--list", "--format", "csv").stdout
    assert sanji("name", "--on", CLOSED.isoformat()).exit_code == 0
    assert ("b00", "province") in {(row["branch_id"], row["level"]) for row in records_of(year.store, titles, TitleRow, YUNNAN)}


def test_what_is_no_duty_of_the_programme_is_answered(year: Context) -> None:
    done = sanji("record", "duty", "mid_year", "--place", "P530100", "--on", "2017-06-30")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "本方案没有“mid_year”这项工作" in done.stderr
    assert sanji("record", "duty", "yearly_scheme", "--place", "P530100", "--on", "2017-03-01").exit_code == 0
    assert "yearly_scheme,年度创建方案,530100,昆明市,2017-03-01" in sanji("record", "list", "--duties", "--format", "csv").stdout
