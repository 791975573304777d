"""The year of every shipped programme, from two simulated half-years to its papers: each renders what its configuration says."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from etl import tasks
from etl.core.annual.model import YearPaper
from etl.core.awards.commendation import COMMENDED
from etl.core.period import Period
from etl.core.reports.name_lists import units_under
from etl.edges.store.editions import documents_of, latest_editions
from etl.settings import settings
from etl.simulated import simulate_period, simulate_records, simulate_reviews
from etl.stages.annual_papers import KINDS
from etl.stages.commend import Commended, commended, year_titles
from etl.stages.context import Context, open_year
from etl.stages.editions import kept_model
from etl.stages.lint import Gate
from etl.stages.score import known_scores
from etl.tasks import annual, awards
from tests.support.shapes import misfits

YEARS = {
    "dongxihu-small-gear": ("2017",),
    "shiyan-six-good": ("2023",),
    "yunnan-model-branch": ("2017",),
    "zaozhuang-true-colour-home": ("2020", "2021"),  # advanced only after a year of being standardised
    "zunyi-six-good": ("2024B2",),
}
"""Programme → the years or batches in which it names; the last is looked at."""


@dataclass(frozen=True)
class Year:
    context: Context
    found: Commended
    rendered: dict[str, int]


@pytest.fixture(scope="module", params=sorted(YEARS))
def year(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    programme, namings = request.param, YEARS[request.param]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANJI_HOME", str(tmp_path_factory.mktemp(programme)))
        settings.cache_clear()
        for when in namings:
            for half in Period("year", Period.parse(when).year).halves():
                _half_year(programme, str(half))
            _name(programme, when)
        context = open_year(programme, when)
        addressed = context.bundle.programme.documents
        reports = [report.key for report in context.bundle.programme.reports if report.key in KINDS]
        reports = [report for report in reports if getattr(addressed, report)]  # others have no paper yet
        rendered = {report: len(annual.render_paper(programme, when, report)["editions"]) for report in reports}
        yield Year(context, commended(context), rendered)
    settings.cache_clear()


def _half_year(programme: str, period: str) -> None:
    folder = settings().feeds_dir
    simulate_period(programme, period, folder, scale=0.02, faults="0", seed=3, activities_per_branch=4)
    tasks.gather(programme, period, None, "2030-01-01")
    tasks.read(programme, period, None)
    tasks.validate(programme, period, None)
    tasks.publish(programme, period, None)
    tasks.roll_up(programme, period)


def _name(programme: str, when: str) -> None:
    year = Period.parse(when).year + 1
    early, open_, late = (f"{year}-{day}" for day in ("02-01", "02-05", "03-01"))
    awards.score(programme, when)
    assert simulate_records(programme, when, seed=3)["refused"] == 0
    simulate_reviews(programme, when, scale=0.1, seed=3)
    run = awards.award(programme, when, early)["run"]
    awards.notice(programme, when, run, early, "test", f"{early}T09:00:00+08:00")
    if awards.notice(programme, when, run, early, "test", f"{early}T09:00:00+08:00")["said"]:  # some is open
        assert not annual.notices_over(programme, when, run, open_)
    assert annual.notices_over(programme, when, run, late)
    awards.name(programme, when, run, late, "", "test", f"{late}T09:00:00+08:00")


def test_every_paper_that_the_programme_has_is_made(year: Year) -> None:
    programme = year.context.bundle.programme
    tiers = {report.key: set(report.tiers) for report in programme.reports}
    summaries = [node for node in year.context.register.nodes if node.tier in tiers["commendation_summary"]]
    assert year.rendered["commendation_summary"] == len(summaries)
    naming = year.context.bundle.programme.report("naming_decision")
    places = {node.node_id for node in year.context.register.nodes if node.tier in naming.tiers}
    named = year_titles(year.context)
    assert year.rendered["naming_decision"] == len(set(named.loc[named["highest"], "node_id"]) & places) > 0


def test_every_kept_paper_has_the_keys_of_its_type(year: Year) -> None:
    store, key = year.context.store, year.context.key
    kept = [
        kept_model(year.context.landing, edition)
        for report in year.rendered for edition in latest_editions(store, *key, report).values()
    ]
    assert kept
    assert [each for paper in kept for each in misfits(paper, YearPaper, paper["edition"]["key"])] == []


def test_the_namings_of_all_decisions_add_up_to_the_count(year: Year) -> None:
    """A branch that counts at a level is listed in the decision of its place, and nowhere else."""
    store, key = year.context.store, year.context.key
    listed = []
    for edition in latest_editions(store, *key, "naming_decision").values():
        model = kept_model(year.context.landing, edition)
        listed += [name for made in model["lists"] for group in made["groups"] for name in group["names"]]
        assert documents_of(store, [edition["edition_id"]])[edition["edition_id"]]
    naming = year.found.subjects[year.found.subjects["kind"] == "naming"]
    tiers = set(year.context.bundle.programme.report("naming_decision").tiers)
    levels = {level.key for level in year.context.bundle.programme.levels if level.tier in tiers}
    assert len(listed) == int(naming["level"].isin(levels).sum()) > 0


def test_distinct_is_never_more_than_mentioned_and_the_tiers_add_up(year: Year) -> None:
    counts = year.found.counts
    assert (counts["distinct_count"] <= counts["mentions"]).all()
    whole = counts[counts["tier"] == ""].set_index(["node_id", "kind", "recipient_kind"])["distinct_count"]
    parts = counts[counts["tier"] != ""].groupby(["node_id", "kind", "recipient_kind"])["distinct_count"].sum()
    assert whole.sort_index().equals(parts.sort_index())  # every shipped programme counts the highest tier only


def test_what_was_filed_agrees_with_the_lists(year: Year) -> None:
    """The simulator plants no fault here, so filed sums and lists are the same at every node."""
    told = year.found.reconciliation.dropna(subset=["listed"])
    assert (told["value"] == told["listed"]).all()


def test_the_scores_that_branches_filed_for_themselves_stand_beside_what_they_are_worth(year: Year) -> None:
    half = Period("year", year.context.period.year).halves()[-1]
    truth = pd.read_csv(Path(year.context.settings.feeds_dir) / year.context.key[0] / str(half) / "_truth" / "self_scores.csv")
    filed = truth[truth["accepted"]].set_index("branch_id")["self_score"].to_dict()
    kept = {score.branch_id: float(score.self_points or 0) for score in known_scores(year.context)}
    assert kept == filed
    assert len(kept) > 10


def test_a_summary_counts_what_lies_below_its_place(year: Year) -> None:
    top = year.context.register.top.node_id
    edition = latest_editions(year.context.store, *year.context.key, "commendation_summary")[top]
    model = kept_model(year.context.landing, edition)
    inside = units_under(year.context.register, top)
    mine = year.found.subjects[(year.found.subjects["kind"] == COMMENDED) & year.found.subjects["unit_id"].isin(inside)]
    told = model["commended"]
    assert told["organisation"]["total"] + told["member"]["total"] == len(mine)
    assert model["named_total"] == model["table"]["total"]["named"]


def test_a_summary_tells_what_is_on_record_as_it_was_planted(year: Year) -> None:
    """Facts and duties of the top, counted out of the simulator's truth; a programme that speaks of none has no such section."""
    programme, last = year.context.bundle.programme, year.context.period.last_day.isoformat()
    facts, duties = _truth(year, "records.csv"), _truth(year, "duties.csv")
    facts = facts[(facts["kind"] == "sweep") | facts["until"].isna() | (facts["until"] > last)]
    told = facts["outcome"].fillna("").where(facts["kind"] == "sweep", "")  # of a contact point it is the leader's post
    planted = facts.groupby([facts["kind"], told])["branch_id"].nunique().to_dict()
    top = year.context.register.top.node_id
    edition = latest_editions(year.context.store, *year.context.key, "commendation_summary")[top]
    model = kept_model(year.context.landing, edition)
    assert {(row["kind"], row["outcome"]): row["branches"] for row in model["facts"]} == planted
    plans = [duty.key for duty in programme.duties if duty.every == "plan"]
    mine = duties[duties["duty"].isin(plans) | (duties["year"] == str(year.context.period.year))]
    done = mine.groupby("duty")["node_id"].nunique().to_dict()
    zh = {duty.key: duty.zh for duty in programme.duties}
    assert {row["zh"]: row["done"] for row in model["duties"]} == {zh[key]: int(count) for key, count in done.items()}
    said = "".join(block["text"] for block in model["blocks"])
    assert ("组织管理情况" in said) == (programme.programme != "zunyi-six-good")


def _truth(year: Year, name: str) -> pd.DataFrame:
    """What was planted in all years of a programme, with the year it was planted for."""
    folder = Path(year.context.settings.feeds_dir) / year.context.key[0]
    parts = [pd.read_csv(path, dtype=str).assign(year=path.parts[-3][:4]) for path in sorted(folder.glob(f"*/_truth/{name}"))]
    return pd.concat(parts, ignore_index=True)


def test_every_paper_is_read_back_and_a_wrong_figure_keeps_it_back(year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    """Claims, tables, Word copies and pages of all of them agree with the store; one digit more does not."""
    monkeypatch.setenv("SANJI_HOME", str(year.context.settings.home))
    settings.cache_clear()
    assert tasks.lint(*year.context.key) == {"editions": sum(year.rendered.values()), "blocked": 0}
    kept_back = set()
    for report in year.rendered:
        for edition in latest_editions(year.context.store, *year.context.key, report).values():
            model = kept_model(year.context.landing, edition)
            told = next((block for block in model["blocks"] if re.search(r"\d[个名]", block["text"])), None)
            if told is None or report in kept_back:
                continue
            told["text"] = re.sub(r"(\d)([个名])", r"\g<1>7\2", told["text"], count=1)
            _, path = year.context.landing.keep_document(json.dumps(model, ensure_ascii=False).encode(), ".json")
            rules = {fault.rule for fault in Gate(year.context).faults({**edition, "model_path": path})}
            assert "copy" in rules
            assert rules & {"figure", "underived"}
            kept_back.add(report)
    assert "commendation_summary" in kept_back


def test_again_makes_nothing_new(year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANJI_HOME", str(year.context.settings.home))
    settings.cache_clear()
    for report in year.rendered:
        assert annual.render_paper(*year.context.key, report)["new"] == 0
