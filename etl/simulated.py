"""The simulator behind plain words: a programme's key, a period, a folder, a share of faults or "each"."""

import datetime as dt
import os
import shutil
from pathlib import Path
from typing import Any, Literal

from etl.core.period import Period
from etl.core.register import cutoff_day
from etl.core.returns.events import By
from etl.core.year_rows import FactRow
from etl.edges.feeds import CHINA
from etl.edges.programmes import load_bundle
from etl.edges.store.awards import score_frame
from etl.edges.store.records import records_of
from etl.edges.store.results import frame
from etl.edges.store.schema import branch_records
from etl.errors import Misuse
from etl.progress import Progress, silent
from etl.settings import settings
from etl.simulate import TRUTH, Options, simulate
from etl.simulate.plan import filing_units
from etl.simulate.records import YearKnown, duties_for, facts_for, truth_of_duties, truth_of_facts
from etl.simulate.reviews import reviews_for
from etl.stages.award_records import award_inputs
from etl.stages.branch_facts import keep_facts
from etl.stages.context import Context, half_contexts, open_context, open_year, period_of
from etl.stages.duties import keep_duty
from etl.stages.review import enter
from etl.stages.score import the_score_run

MANY_BRANCHES = 0.2  # from this scale on, starting more processes is worth it


def simulate_period(  # noqa: PLR0913 - the options of the simulation, by keyword
    programme: str,
    period: str,
    out: Path,
    *,
    scale: float,
    faults: str,
    seed: int,
    late: int = 0,
    missing: int = 0,
    activities_per_branch: int | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Write a period's feeds and truth afresh; counts of units, rows and faults.

    Misuse for a bad period or rate, for more late and missing units than there are, and for a folder with files that no
    simulation wrote.
    """
    when = period_of(period)
    rate = _rate(faults)
    bundle = load_bundle(programme, settings().programmes_dir)
    if not bundle.programme.covers(when):
        raise Misuse(f"{programme} is not in force in {period}")
    units = len(filing_units(bundle.register(when)))
    if late + missing > units:
        raise Misuse(f"--late {late} --missing {missing}: {programme} has {units} units in {period}")
    folder = out / programme / period
    _clear(folder)
    options = Options(
        scale=scale, fault_rate=rate, seed=seed, late=late, missing=missing, activities_per_branch=activities_per_branch
    )
    processes = (os.cpu_count() or 1) if scale >= MANY_BRANCHES else 1
    summary = simulate(bundle, when, out, options, processes=processes, progress=progress)
    return {
        "units": sum(summary.units.values()),
        "rows": sum(summary.rows.values()),
        "faults": sum(summary.faults.values()),
    }


def _rate(faults: str) -> float | Literal["each"]:
    if faults == "each":
        return "each"
    try:
        rate = float(faults)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 1:  # nan neither
        raise Misuse(f"--faults {faults}: write a share of the rows from 0 to 1, such as 0.01, or `each`")
    return rate


def _clear(folder: Path) -> None:
    """Remove what an earlier simulation wrote, and nothing that a unit has sent: the truth beside it tells them apart."""
    truth = folder / TRUTH
    if folder.exists() and any(folder.iterdir()) and not truth.is_dir():
        raise Misuse(f"{folder} holds files that no simulation wrote: name another drop folder with --out")
    truth.mkdir(parents=True, exist_ok=True)
    clear_all_but(folder, TRUTH)


def clear_all_but(folder: Path, mark: str) -> None:
    """Empty a folder of all but the mark that it may be emptied: killed meanwhile, it can be emptied again."""
    for path in (each for each in folder.iterdir() if each.name != mark):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def simulate_reviews(programme: str, period: str, *, scale: float, seed: int) -> dict[str, Any]:
    """Enter the reviews of a scored year, and write beside the feeds which branches they are to name; counts.

    Misuse before the year is scored.
    """
    context = open_year(programme, period)
    at = dt.datetime(context.period.year + 1, 1, 15, 9, tzinfo=CHINA)
    made = reviews_for(award_inputs(context, at.date()), scale, seed)
    taken = enter(context, made.entries, By("simulator", at))
    truth = settings().feeds_dir / programme / period / TRUTH
    truth.mkdir(parents=True, exist_ok=True)
    lines = [f"{branch_id},{level}" for branch_id, level in sorted(made.named.items())]
    (truth / "awards.csv").write_text("\n".join(["branch_id,level", *lines]) + "\n", "utf-8")
    return {"reviews": len(taken.review_ids), "refused": len(taken.refused), "to_name": len(made.named)}


def simulate_records(programme: str, period: str, *, seed: int) -> dict[str, Any]:
    """Put invented facts about branches and duties done on record for a scored year, the truth beside the feeds; counts.

    Misuse before the year is scored.
    """
    context = open_year(programme, period)
    known = _year_known(context)
    closed = cutoff_day(context.bundle.programme, half_contexts(context)[-1].period)  # its report has left by then
    at = dt.datetime.combine(closed + dt.timedelta(days=1), dt.time(9), CHINA)
    facts = facts_for(known, seed)
    duties = duties_for(known.programme, known.register, known.period, seed)
    kept = keep_facts(context, facts, By("simulator", at))
    done = [keep_duty(context, each.duty, each.node_id, each.done_on, "", By("simulator", at)) for each in duties]
    truth = settings().feeds_dir / programme / period / TRUTH
    truth.mkdir(parents=True, exist_ok=True)
    (truth / "records.csv").write_text(truth_of_facts(facts), "utf-8")
    (truth / "duties.csv").write_text(truth_of_duties(duties), "utf-8")
    refused = len(kept.said) + sum(len(answer.said) for answer in done)
    return {"facts": len(kept.ids), "duties": sum(len(answer.ids) for answer in done), "refused": refused}


def simulate_duties(programme: str, period: str, *, seed: int) -> dict[str, int]:
    """Put on record the duties of the year that are done in a half-year, each on the day on which it is done; counts."""
    half = open_context(programme, period)
    year = open_year(programme, str(half.period.year))
    duties = [
        each for each in duties_for(year.bundle.programme, year.register, year.period, seed) if half.period.contains(each.done_on)
    ]
    done = []
    for each in duties:
        at = dt.datetime.combine(each.done_on, dt.time(9), CHINA)
        done.append(keep_duty(year, each.duty, each.node_id, each.done_on, "", By("simulator", at)))
    return {"duties": sum(len(answer.ids) for answer in done), "refused": sum(len(answer.said) for answer in done)}


def _year_known(context: Context) -> YearKnown:
    """What a scored year's records are drawn from."""
    the_score_run(context)
    branches = score_frame(context.store, *context.key)
    last = half_contexts(context)[-1]
    totals = frame(last.store, "totals", *last.key)
    filed = totals[(totals["indicator"] == "contact_points") & (totals["part"] == "") & totals["value"].notna()]
    begun = f"{context.period.year}-01-01"
    rows = records_of(context.store, branch_records, FactRow, context.key[0])
    return YearKnown(
        context.bundle.programme, context.register, Period("year", context.period.year), branches,
        {str(row.node_id): int(row.value) for row in filed.itertuples()},
        {(row["kind"], row["branch_id"]) for row in rows if (row["until"] or "9999") > begun},
    )
