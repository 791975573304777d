"""Commend: what units filed and what was named in a year → counts of organisations and members, and findings on them."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from etl.core.awards import commendation as core
from etl.edges.engine import fetch, memory_engine, register
from etl.edges.slices import load_honours
from etl.edges.store.conferred import conferred_before, conferred_titles, periods_conferred
from etl.edges.store.results import frame, slices_of
from etl.stages.branch_homes import branch_homes
from etl.stages.context import Context, half_contexts

_DECISIONS = pa.schema(
    [(name, pa.date32() if name == "decided_on" else pa.string()) for name in core.MENTION]
)
_LEVELS = pa.schema([("level", pa.string()), ("height", pa.int64())])
_NAMED = pa.schema([("branch_id", pa.string()), ("level", pa.string())])


@dataclass(frozen=True)
class Commended:
    """What a year's commendations come to: counts, each one counted, and the filed figures held against the list."""

    counts: pd.DataFrame
    subjects: pd.DataFrame
    reconciliation: pd.DataFrame


def commended(context: Context) -> Commended:
    """The commendations of a year at every node; columns as `etl.core.awards.commendation` says, the key's names beside."""
    engine = memory_engine()
    _load(context, engine)
    programme = context.bundle.programme
    for name, by_tier in (("subjects", False), ("subjects_by_tier", True)):
        with engine.connect() as connection:
            connection.execute(core.subjects(by_tier).into(name))
    counts = fetch(engine, core.counts(programme))
    register(engine, "counts", counts)
    filed = [use.key for use in programme.indicators if use.key in core.FILED]
    return Commended(
        counts=_with_nodes(context, counts.to_pandas(), "node_id"),
        subjects=fetch(engine, sa.select(sa.text("*")).select_from(sa.table("subjects"))).to_pandas(),
        reconciliation=_with_nodes(context, fetch(engine, core.reconciliation(filed)).to_pandas(), "unit_id"),
    )


def _load(context: Context, engine: sa.Engine) -> None:
    halves = half_contexts(context)
    slices = [row for half in halves for row in slices_of(half.store, *half.key)]
    load_honours(engine, "honours", context.landing, slices)
    register(engine, "decisions", pa.Table.from_pylist(_decisions(context), schema=_DECISIONS))
    before = conferred_before(context.store, context.key[0], context.period.year)
    register(engine, "named_before", pa.Table.from_pylist(before, schema=_NAMED))
    at_end = branch_homes(context)
    register(engine, "branch_units", pa.table({"branch_id": _texts(at_end), "unit_id": _texts(at_end.values())}))
    above = context.register.above
    closure = [
        {"unit_id": unit.unit_id, "above_id": each} for unit in context.register.units for each in above[unit.node_id]
    ]
    register(engine, "closure", pa.Table.from_pylist(closure))
    register(engine, "tiers", pa.Table.from_pylist(core.tier_heights(context.bundle.programme)))
    levels = core.level_heights(context.bundle.programme)
    register(engine, "levels", pa.Table.from_pylist(levels, schema=_LEVELS))
    register(
        engine, "filed_totals", pa.Table.from_pandas(_filed_totals(context, halves), preserve_index=False)
    )


def year_titles(context: Context) -> pd.DataFrame:
    """The titles of a batch, or of a year with all its batches."""
    store, (programme, period) = context.store, context.key
    batch = context.period.kind == "batch"
    periods = [period] if batch else periods_conferred(store, programme, context.period.year)
    found = [conferred_titles(store, programme, each) for each in periods or [period]]  # none conferred: the columns all the same
    return pd.concat(found, ignore_index=True)


def _decisions(context: Context) -> list[dict[str, Any]]:
    """The namings decided here, as mentions."""
    levels = {level.key: level.tier for level in context.bundle.programme.levels}
    return [
        {
            "unit_id": row.unit_id, "branch_id": row.branch_id, "honour_kind": "naming", "level": row.level,
            "recipient": row.branch_name, "recipient_kind": "organisation", "conferred_tier": levels[str(row.level)],
            "honour_title": row.title, "decided_on": dt.date.fromisoformat(str(row.decided_on)),
            "document_number": row.document_number,
        }
        for row in year_titles(context).itertuples()
    ]


def _texts(values: Iterable[str]) -> pa.Array:
    return pa.array(values, pa.string())


def _filed_totals(context: Context, halves: Sequence[Context]) -> pd.DataFrame:
    """Node, indicator and the sum of both half-years; a half-year that nobody filed in adds nothing."""
    parts = [frame(context.store, "totals", *half.key) for half in halves]
    both = pd.concat(parts, ignore_index=True)
    whole = both[(both["part"] == "") & both["indicator"].isin(list(core.FILED))]
    summed = whole.groupby(["node_id", "indicator"], as_index=False)["value"].sum(min_count=1)
    return summed.astype({"node_id": "string", "indicator": "string", "value": "float64"})


def _with_nodes(context: Context, rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows with each node's tier, code and name; townships and other nodes that the year's map has not are left out."""
    nodes = context.register.nodes_by_id
    known = rows[rows[column].isin(list(nodes))]
    told = [(nodes[each].tier, nodes[each].code, nodes[each].name) for each in known[column]]
    named = pd.DataFrame(told, columns=["node_tier", "code", "name"], index=known.index)
    return pd.concat([named, known], axis=1).sort_values(["code", column], kind="stable", ignore_index=True)
