"""Revalidate: what would change if a period were judged again now, by the rules as they are or by others. Keeps nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from etl.core.rows import NewFinding, SliceRow
from etl.edges.programmes import load_rules
from etl.edges.store.explanations import findings_that_stand
from etl.edges.store.findings import finding_key
from etl.edges.store.results import frame
from etl.stages.context import Context
from etl.stages.read import texts_in_force
from etl.stages.rollup import rolled_up, slices_under
from etl.stages.validate import judge
from etl.stages.what_if import scratch

_TOTAL = ["node_id", "indicator", "part"]


@dataclass(frozen=True)
class Changes:
    """What judging again would change.

    `findings`: unit_id, unit, rule, level, gone, new. `rows`: unit_id, unit, table_name, rows_held and rows_accepted before and
    after, of the tables where they differ. `totals`: node_id, indicator, part, value, value_after, where they differ.
    """

    findings: pd.DataFrame
    rows: pd.DataFrame
    totals: pd.DataFrame


def revalidate(context: Context, unit_ids: Sequence[str], rules: Path | None = None) -> Changes:
    """Judge units again, by the suites of the folder `rules` if given, and say what would change. Nothing is kept.

    What a changed file or a waiver since the last validation would change is told too: it is what the next one would do.
    """
    suites = load_rules(rules) if rules else None
    with scratch(context) as trial:
        judged = judge(trial, texts_in_force(context), unit_ids, suites)
        top = context.register.top.node_id
        now = slices_under(context, top)
        others = [row for row in now if row["unit_id"] not in set(unit_ids)]
        after = rolled_up(trial, top, [*others, *judged.slices]).totals.to_pandas()
    names = context.register.names
    stood = [
        row for row in findings_that_stand(context.store, *context.key, unit_ids) if row["stage"] == "validate"
    ]
    return Changes(
        _findings(stood, judged.findings, names),
        _rows([row for row in now if row["unit_id"] in set(unit_ids)], judged.slices, names),
        _totals(frame(context.store, "totals", *context.key), after),
    )


def _findings(before: Sequence[NewFinding], after: Sequence[NewFinding], names: Mapping[str, str]) -> pd.DataFrame:
    """Counts by unit, rule and level of the findings that would go and come; one that stays is not among them."""
    counts = []
    for rows, others in ((before, after), (after, before)):
        stay = {_identity(row) for row in others}
        counts.append(
            Counter((row["unit_id"], row["rule"], row["level"]) for row in rows if _identity(row) not in stay)
        )
    gone, new = counts
    told = [
        (unit, names[unit], rule, level, gone[unit, rule, level], new[unit, rule, level])
        for unit, rule, level in sorted(gone | new)
    ]
    return pd.DataFrame(told, columns="unit_id unit rule level gone new".split())


def _identity(finding: NewFinding) -> tuple[str, str]:
    return finding_key(finding), finding["level"]


def _rows(before: Sequence[SliceRow], after: Sequence[SliceRow], names: Mapping[str, str]) -> pd.DataFrame:
    """Rows held and accepted of each unit's tables, where they would differ."""
    were, are = ({(row["unit_id"], row["table_name"]): row for row in rows} for rows in (before, after))
    nothing = {"rows_held": 0, "rows_accepted": 0}
    told = []
    for unit_id, table_name in sorted(were | are):
        was, will = were.get((unit_id, table_name), nothing), are.get((unit_id, table_name), nothing)
        if (was["rows_held"], was["rows_accepted"]) != (will["rows_held"], will["rows_accepted"]):
            told.append(
                (unit_id, names[unit_id], table_name, was["rows_held"], will["rows_held"], was["rows_accepted"],
                 will["rows_accepted"])
            )
    columns = "unit_id unit table_name rows_held rows_held_after rows_accepted rows_accepted_after".split()
    return pd.DataFrame(told, columns=columns)


def _totals(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The totals that would move, in the order of nodes."""
    both = before[[*_TOTAL, "value"]].merge(
        after[[*_TOTAL, "value"]].astype({"value": "float64"}), how="outer", on=_TOTAL, suffixes=("", "_after")
    )
    moved = both["value"].ne(both["value_after"]) & ~(both["value"].isna() & both["value_after"].isna())
    return both[moved].sort_values(_TOTAL).reset_index(drop=True)
