"""Validate: a batch's text tables → findings, repairs, and slices ready to be published."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from etl.core.awards.titles import titles_recorded
from etl.core.judging.rules import Suite
from etl.core.judging.views import table
from etl.core.rows import NewFinding, SliceRow, WaiverRow
from etl.edges.accepted import keep_accepted, rows_seen, slice_rows
from etl.edges.early import load_early
from etl.edges.engine import fetch, memory_engine
from etl.edges.programmes import load_rules
from etl.edges.slices import load_figures, load_honours
from etl.edges.store.receipts import TextFile
from etl.edges.store.results import keep_validation, slices_of
from etl.edges.validation import (
    finding_rows,
    held_by_reading,
    of_units,
    repair_rows,
    run_suites,
    without_waived,
)
from etl.edges.workbench import Workbench, no_figures, titles_table
from etl.stages.award_records import titles_on_record
from etl.stages.context import Context
from etl.stages.explanations import waivers_that_hold
from etl.stages.read import texts_in_force

Row = dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """What validation says of some units: rows for the store, nothing kept yet; `waived`: the waivers that it went by."""

    findings: list[NewFinding]
    repairs: list[Row]
    slices: list[SliceRow]
    waived: frozenset[str]

    def counts(self) -> dict[str, Any]:
        """Findings by level, rows in, rows held."""
        levels = Counter(row["level"] for row in self.findings)
        return {
            "findings": {level: levels.get(level, 0) for level in ("file", "row", "warning")},
            "rows_in": sum(row["rows_in"] for row in self.slices),
            "rows_held": sum(row["rows_held"] for row in self.slices),
        }


def validate(context: Context, batch_id: str | None) -> dict[str, Any]:
    """Judge all rows of a batch at once, keep what is wrong with them, and make ready what is accepted.

    If a waiver or a file came in while it was judged, it is judged again: nobody's decision is lost to a slower one.
    """
    unit_ids = context.unit_ids(batch_id)
    judged = judge(context, texts_in_force(context), unit_ids)
    keep_validation(context.store, *context.key, unit_ids, judged.findings, judged.repairs, judged.slices)
    return judged.counts() if still_holds(context, unit_ids, judged) else validate(context, batch_id)


def still_holds(context: Context, unit_ids: Sequence[str], judged: Judged) -> bool:
    """Whether what was judged of some units went by the files and the waivers that count now. Asked after it is kept."""
    now = {(text.unit_id, text.table_name, text.receipt_id) for text in texts_in_force(context, unit_ids)}
    then = {(row["unit_id"], row["table_name"], row["receipt_id"]) for row in judged.slices}
    return now == then and given_to(waivers_that_hold(context), unit_ids) == judged.waived


def judge(
    context: Context, texts: Sequence[TextFile], unit_ids: Sequence[str], suites: Sequence[Suite] | None = None
) -> Judged:
    """Judge the rows of some units among `texts`, those of all units. Slices go to the landing, the store stays as it is.

    `suites`: other rules than the shipped ones.
    """
    bench = Workbench(context.bundle, context.period, context.landing)
    load_early()  # DuckDB works meanwhile, without Python's lock
    bench.load(texts, unit_ids, held_against(context))
    bench.build_views()
    failing = of_units(run_suites(bench, load_rules() if suites is None else suites), unit_ids)
    mine = [text for text in texts if text.unit_id in set(unit_ids)]
    waived = waivers_that_hold(context)
    return Judged(
        _findings(context, failing, mine),
        repair_rows(bench, *context.key, unit_ids),
        _slices(context, bench, failing, mine, waived),
        given_to(waived, unit_ids),
    )


def given_to(waived: Mapping[str, WaiverRow], unit_ids: Sequence[str]) -> frozenset[str]:
    """The bindings of the waivers that were given to some units."""
    return frozenset(binding for binding, row in waived.items() if row["unit_id"] in set(unit_ids))


def _findings(context: Context, failing: pa.Table, texts: list[TextFile]) -> list[NewFinding]:
    headings = {
        (table.key, column.key): column.headings[0]
        for table in context.bundle.layout(context.period).tables
        for column in table.columns
    }
    return _in_batches(context, finding_rows(failing, texts, *context.key, headings))


def _slices(
    context: Context, bench: Workbench, failing: pa.Table, texts: list[TextFile], waived: Mapping[str, WaiverRow]
) -> list[SliceRow]:
    held_rows, held_tables = held_by_reading(context.store, texts)
    held = without_waived(pa.concat_tables([failing, held_rows]), context.key[0], waived)
    paths = keep_accepted(bench, held, held_tables)
    return _in_batches(context, slice_rows(texts, paths, held, held_tables, rows_seen(bench), *context.key))


def _in_batches(context: Context, rows: Iterable[Row]) -> list[Any]:
    """The rows with their units' batches, as the store keeps them."""
    return [{**row, "batch_id": context.register.unit(row["unit_id"]).batch_id} for row in rows]


def held_against(context: Context) -> dict[str, pa.Table]:
    """What files are judged by beside themselves: figures and levels held of the period before, out of their current slices, and
    the titles on record."""
    rows, engine = slices_of(context.store, context.key[0], str(context.period.previous())), memory_engine()
    load_figures(engine, "figures", context.landing, rows)
    load_honours(engine, "honours", context.landing, rows)
    figure, honour = table("figures", no_figures().schema.names), table("honours", ["branch_id", "level", "honour_kind"])
    namings = sa.select(honour.c.branch_id, honour.c.level).where(honour.c.honour_kind == "naming")
    return {
        "previous_figures": fetch(engine, sa.select(figure)),
        "levels_held": fetch(engine, namings),
        "titles_recorded": titles_table(_titles(context)),
    }


def _titles(context: Context) -> list[dict[str, str]]:
    """The titles that the period's figures may count."""
    levels = [level.key for level in context.bundle.programme.levels]
    return titles_recorded(titles_on_record(context, context.period.last_day), levels, context.period.first_day)
