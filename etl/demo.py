"""The demonstration: a year of two simulated half-years, from feeds to an outbox, its naming and its papers."""

import datetime as dt
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import typer

from etl.cli.options import followed, line_of
from etl.core.period import Period
from etl.core.register import cutoff_day
from etl.core.working_days import add_working_days
from etl.edges.feeds import CHINA
from etl.edges.programmes import Bundle, load_bundle
from etl.edges.store.editions import documents_of, latest_editions
from etl.errors import Misuse
from etl.progress import Progress
from etl.settings import PREFIX, settings
from etl.simulated import clear_all_but, simulate_duties, simulate_period, simulate_records, simulate_reviews
from etl.stages.context import Context, half_contexts, open_context, open_year, period_of

FAULTS, LATE, MISSING = "0.006", 4, 2
LEDGER_ENTRIES = 12
"""Ledger entries a branch: fewer than a real one has, so that many branches fit into two minutes."""
FULL_NAMING = 0.25
"""From this scale on there are branches enough for all the namings that a programme is known to have made."""
ACTOR = "demo"
PAPERS = ("naming_decision", "commendation_summary")
MARK = ".sanji-demo"
"""The file by which a demonstration knows the folder of an earlier one, which alone it may empty."""
ELSEWHERE = ("STORE_URL", "LANDING", "FEEDS", "OUTBOX")


def run_demo(programme: str, year: int | None, scale: float, run: Callable[[str, str], None]) -> None:
    """Simulate and run both half-years of a year, then judge and name; the folder of an earlier demonstration is begun afresh.

    Misuse before anything is removed: a bad programme or year, a folder that no demonstration made, a place outside it.
    """
    home = settings().home
    bundle = load_bundle(programme, settings().programmes_dir)
    chosen = period_of(str(demo_year(bundle) if year is None else year))
    if not all(bundle.programme.covers(when) for when in chosen.halves()):
        raise Misuse(f"{programme} is not in force in {chosen}")
    _begin(home)
    for when in chosen.halves():
        typer.echo(f"\n{bundle.programme.title.zh} · {when.zh}")
        summary = followed(programme, str(when), "simulate", partial(_feeds, programme, str(when), scale))
        _say("simulate", summary | simulate_duties(programme, str(when), seed=1))
        run(programme, str(when))
    typer.echo(f"\n{bundle.programme.title.zh} · {chosen.zh}")
    _judge(open_year(programme, str(chosen)), scale)
    _show_where(programme, chosen, home)


def _feeds(programme: str, period: str, scale: float, progress: Progress) -> dict[str, Any]:
    return simulate_period(
        programme, period, settings().feeds_dir, scale=scale, faults=FAULTS, seed=1, late=LATE, missing=MISSING,
        activities_per_branch=LEDGER_ENTRIES, progress=progress,
    )


def _begin(home: Path) -> None:
    set_apart = [PREFIX + name for name in ELSEWHERE if os.environ.get(PREFIX + name)]
    if set_apart:
        raise Misuse(f"a demonstration keeps all in its own folder: unset {', '.join(set_apart)}")
    if home.exists() and not home.is_dir():
        raise Misuse(f"{home} is no folder: name another with --home")
    if home.exists() and any(home.iterdir()) and not (home / MARK).is_file():
        raise Misuse(f"{home} holds files that no demonstration made: name a new folder with --home, or clear it yourself")
    home.mkdir(parents=True, exist_ok=True)
    (home / MARK).write_text("sanji demo empties this folder when it runs again.\n", "utf-8")
    clear_all_but(home, MARK)


def demo_year(bundle: Bundle) -> int:
    """The programme's first whole year."""
    since = bundle.programme.valid.since
    return since.year if (since.month, since.day) == (1, 1) else since.year + 1


def _judge(context: Context, scale: float) -> None:
    """Score, record, review, award, give notice, name, each on a day on which it could be; then the papers and their mail."""
    from etl.tasks import annual, awards, dispatch

    programme, year = context.key
    closed = cutoff_day(context.bundle.programme, half_contexts(context)[1].period)
    _say("score", awards.score(programme, year))
    _say("record", simulate_records(programme, year, seed=1))
    _say("review", simulate_reviews(programme, year, scale=min(1.0, scale / FULL_NAMING), seed=1))
    judged = add_working_days(max(closed, dt.date(context.period.year + 1, 1, 15)), 10)
    awarded = awards.award(programme, year, judged.isoformat())
    _say("award", awarded)
    _say("notice", awards.notice(programme, year, awarded["run"], judged.isoformat(), ACTOR, _hour(judged)))
    decided = add_working_days(judged, 10)
    _say("name", awards.name(programme, year, awarded["run"], decided.isoformat(), "", ACTOR, _hour(decided)))
    _say("commend", annual.commend(programme, year))
    for paper in PAPERS:
        _say("render", {"report": paper} | annual.render_paper(programme, year, paper))
    _say("dispatch", dispatch(programme, year))


def _hour(day: dt.date) -> str:
    return dt.datetime.combine(day, dt.time(9), CHINA).isoformat()


def _say(step: str, result: Mapping[str, object]) -> None:
    typer.echo(f"{step:<9} {line_of(result)}")


def _show_where(programme: str, year: Period, home: Path) -> None:
    reports = home / "reports"
    reports.mkdir(exist_ok=True)
    halves, whole = [open_context(programme, str(half)) for half in year.halves()], open_year(programme, str(year))
    made = sum(_copy(half, "dispatch", reports) for half in halves) + sum(_copy(whole, paper, reports) for paper in PAPERS)
    typer.echo(f"\n{made} reports in {reports}/, mail in {settings().outbox_dir}/")
    for what, words in (
        ("what is wrong", f"findings --programme {programme} --period {halves[-1].period}"),
        ("the year", f"commend --programme {programme} --period {year}"),
        ("the page", "serve"),
    ):
        typer.echo(f"{what + ':':<14} SANJI_HOME={home} {sys.argv[0]} {words}")


def _copy(context: Context, report: str, reports: Path) -> int:
    """Put the newest edition's files of every node into a folder, by the node's code and under the names that mail gives them."""
    editions = latest_editions(context.store, *context.key, report)
    documents = documents_of(context.store, [edition["edition_id"] for edition in editions.values()])
    for node_id, edition in editions.items():
        for document in documents[edition["edition_id"]]:
            target = reports / f"{context.register.node(node_id).code}-{document['name']}"
            shutil.copyfile(context.landing.at(document["path"]), target)
    return len(editions)
