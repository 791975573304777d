"""Writes the returns of a whole programme for one period, as its units would send them, and the truth about them."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from etl.core.period import Period
from etl.core.register import Register
from etl.edges.programmes import Bundle
from etl.edges.reference import load_places
from etl.progress import Progress, silent
from etl.simulate.assign import NEED_THE_PERIOD_BEFORE, Openings, assign, idle_rules
from etl.simulate.plan import Options, UnitPlan, plan_units
from etl.simulate.pool import make_units
from etl.simulate.suspicion_faults import branches_needed
from etl.simulate.truth import totals_table
from etl.simulate.unit import UnitResult
from etl.simulate.unit_faults import TITLED

__all__ = ["TRUTH", "Options", "SimulationSummary", "simulate"]
TRUTH = "_truth"
"""The folder beside those of the units that tells what was written, and that it was simulated."""


@dataclass(frozen=True)
class SimulationSummary:
    """What was written: units by status, rows by table, planted faults by rule, rules that found no place."""

    folder: Path
    units: Mapping[str, int]
    rows: Mapping[str, int]
    faults: Mapping[str, int]
    unplanted: tuple[str, ...]


def simulate(
    bundle: Bundle, period: Period, out_dir: Path, options: Options, *, processes: int = 1, progress: Progress = silent
) -> SimulationSummary:
    """Write `<out_dir>/<programme>/<period>/<unit code>/…` and `_truth/` beside the units' folders.

    The same options give the same bytes, with any number of processes. Files of a run before are replaced one by one,
    not cleared away. ValueError when the programme is not in force in the period.
    """
    if not bundle.programme.covers(period):
        raise ValueError(f"{bundle.programme.programme} is not in force in {period}")
    folder = out_dir / bundle.programme.programme / str(period)
    register = bundle.register(period)
    plans = _plans(bundle, register, period, options, out_dir)
    results = make_units(bundle, plans, period, options, folder, processes, progress)
    summary = _summary(folder, plans, results)
    _write_truth(bundle, register, period, options, results, summary)
    return summary


def _plans(
    bundle: Bundle, register: Register, period: Period, options: Options, out_dir: Path
) -> list[UnitPlan]:
    plans = _with_awards(plan_units(bundle, register, period, options), bundle, period, out_dir)
    places = load_places()
    other_codes = {
        plan.unit.unit_id: other[-1]
        for plan in plans
        if (
            other := [span.code for span in places.codes_of(plan.unit.unit_id) if span.code != plan.unit.code]
        )
    }
    plans = [replace(plan, folder=other_codes.get(plan.unit.unit_id, plan.folder)) for plan in plans]
    openings = Openings(
        based=_accepted_before(out_dir / bundle.programme.programme, period) | dict.fromkeys(TITLED, _titled(plans)),
        recoded=frozenset(other_codes),
        idle=idle_rules(bundle, bundle.layout(period), period),
        least=branches_needed(bundle, period),
    )
    return assign(plans, options, bundle.programme.programme, period, openings)


def _with_awards(plans: list[UnitPlan], bundle: Bundle, period: Period, out_dir: Path) -> list[UnitPlan]:
    """The plans with whom reviews simulated in the same folder have named: those of the year before and its batches, whose
    decisions fall into the first half of this one, and at which level branches stand after all years before."""
    folder, levels = out_dir / bundle.programme.programme, [level.key for level in bundle.programme.levels]
    known = _awards(folder, range(bundle.programme.valid.since.year, period.year), levels)
    if not known:
        return plans
    last = _awards(folder, range(period.year - 1, period.year), levels)
    awarded = None if last is None else _by_unit(plans, last if period.number == 1 else {})
    held = _by_unit(plans, known)
    return [
        replace(plan, awarded=None if awarded is None else awarded[plan.unit.unit_id], held=held[plan.unit.unit_id])
        for plan in plans
    ]


def _titled(plans: Iterable[UnitPlan]) -> frozenset[str]:
    """The units of which a branch was named."""
    return frozenset(plan.unit.unit_id for plan in plans if plan.awarded or plan.held)


def _awards(folder: Path, years: Iterable[int], levels: list[str]) -> dict[str, str] | None:
    """Branch → the highest level at which it was named in some years and their batches; None where no reviews were simulated."""
    truths = [path for year in years for path in sorted(folder.glob(f"{year}*/{TRUTH}/awards.csv"))]
    found: dict[str, str] = {}
    for row in (row for truth in truths for row in _rows(truth)):
        before = found.get(row["branch_id"], row["level"])
        found[row["branch_id"]] = max(before, row["level"], key=levels.index)
    return found if truths else None


def _by_unit(plans: list[UnitPlan], named: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Unit → branch → level, of the units planned; a branch's id begins with its unit's, but for the letter."""
    of_unit: dict[str, dict[str, str]] = {plan.unit.unit_id: {} for plan in plans}
    units = {unit_id[1:]: unit_id for unit_id in of_unit}
    for branch_id, level in named.items():
        of_unit.get(units.get(branch_id.rpartition("-")[0], ""), {})[branch_id] = level
    return of_unit


def _accepted_before(folder: Path, period: Period) -> dict[str, frozenset[str]]:
    """Rule → the units whose table it needs was simulated into the same folder for the period before, without a fault."""
    nowhere = dict.fromkeys(NEED_THE_PERIOD_BEFORE, frozenset[str]())
    if (period.kind, period.number) == ("batch", 1):
        return nowhere
    truth = folder / str(period.previous()) / TRUTH
    if not (truth / "units.csv").exists():
        return nowhere
    filed = {row["unit_id"] for row in _rows(truth / "units.csv") if row["status"] in ("on_time", "late")}
    spoilt = {(row["table"], row["unit_id"]) for row in _rows(truth / "faults.csv")}
    return {
        rule: frozenset(unit_id for unit_id in filed if (table, unit_id) not in spoilt)
        for rule, table in NEED_THE_PERIOD_BEFORE.items()
    }


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _summary(folder: Path, plans: list[UnitPlan], results: list[UnitResult]) -> SimulationSummary:
    planted = Counter(str(fault["rule"]) for result in results for fault in result.faults)
    wanted = {rule for plan in plans for rule in plan.faults}
    rows: Counter[str] = Counter()
    for result in results:
        rows.update(result.rows)
    return SimulationSummary(
        folder=folder,
        units=dict(sorted(Counter(str(result.unit["status"]) for result in results).items())),
        rows=dict(sorted(rows.items())),
        faults=dict(sorted(planted.items())),
        unplanted=tuple(sorted(wanted - set(planted))),
    )


def _write_truth(
    bundle: Bundle, register: Register, period: Period, options: Options, results: list[UnitResult],
    summary: SimulationSummary,
) -> None:
    truth = summary.folder / TRUTH
    truth.mkdir(parents=True, exist_ok=True)
    truths = [result.truth for result in results]
    for which, name in (("accepted", "totals.csv"), ("complete", "complete_totals.csv")):
        totals_table(bundle, register, truths, which).to_csv(truth / name, index=False)
    _csv(truth / "units.csv", (result.unit for result in results))
    _csv(truth / "faults.csv", (fault for result in results for fault in result.faults))
    _csv(truth / "honours.csv", (row for result in results for row in result.honours))
    _csv(truth / "self_scores.csv", (row for result in results for row in result.self_scores))
    manifest = {
        "programme": bundle.programme.programme, "period": str(period), "options": asdict(options), "units": summary.units,
        "rows": summary.rows, "faults": summary.faults, "unplanted": summary.unplanted,
    }
    (truth / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _csv(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    listed = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(listed[0]) if listed else [])
        writer.writeheader()
        writer.writerows(listed)
