"""What if: the totals of a node as they would be if every held row counted, worked out like the totals themselves."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.core.judging.repeats import repeated_entries, repeated_rows
from etl.core.programmes.layout import FIGURE_TABLES
from etl.core.rows import SliceFile
from etl.edges.accepted import keep_accepted
from etl.edges.engine import fetch, tables_of
from etl.edges.landing import ScratchLanding
from etl.edges.workbench import Workbench
from etl.stages.context import Context
from etl.stages.read import texts_in_force
from etl.stages.rollup import rolled_up, slices_under
from etl.stages.validate import held_against

KEY = ["indicator", "part"]


def totals_if_held_return(context: Context, node_id: str) -> pd.DataFrame:
    """The totals of a node with and without the rows that are held under it, in the programme's order of indicators.

    Columns: indicator, part, indicator_zh, value (as it stands), value_with_held, change (None where either is missing).
    All held rows count in `value_with_held`; of rows that are held because they are filed twice, the first. Nothing is kept.
    """
    rows = slices_under(context, node_id)
    held = sorted({row["unit_id"] for row in rows if row["rows_held"]})
    without = _totals(context, node_id, rows)
    with_held = without
    if held:
        with scratch(context) as trial:
            others = [row for row in rows if row["unit_id"] not in set(held)]
            with_held = _totals(trial, node_id, [*others, *_all_accepted(trial, held)])
    both = without.merge(with_held, how="outer", on=KEY, suffixes=("", "_with_held"))
    return _in_order(context, both.assign(change=both["value_with_held"] - both["value"]))


@contextmanager
def scratch(context: Context) -> Iterator[Context]:
    """The context with a landing whose new slices are thrown away at the end."""
    with tempfile.TemporaryDirectory(prefix="sanji-trial-") as folder:
        yield replace(context, landing=ScratchLanding(context.landing.folder, Path(folder)))


def _all_accepted(context: Context, unit_ids: list[str]) -> list[SliceFile]:
    """Slices of some units with every row of their newest files that says something of its own."""
    bench = Workbench(context.bundle, context.period, context.landing)
    texts = texts_in_force(context)
    bench.load(texts, unit_ids, held_against(context))
    bench.build_views()
    paths = keep_accepted(bench, _repeats(bench, unit_ids), set())
    return [
        {
            "unit_id": text.unit_id,
            "table_name": text.table_name,
            "path": paths["figures" if text.table_name in FIGURE_TABLES else text.table_name],
        }
        for text in texts
        if text.unit_id in set(unit_ids)
    ]


def _repeats(bench: Workbench, unit_ids: list[str]) -> pa.Table:
    statements = [repeated_rows(unit_ids)]
    if "activities" in tables_of(bench.engine):
        statements.append(repeated_entries(unit_ids))
    found = pa.concat_tables([fetch(bench.engine, statement) for statement in statements], promote_options="permissive")
    return found.append_column("level", pa.array(["row"] * found.num_rows, pa.string()))


def _totals(context: Context, node_id: str, rows: Sequence[SliceFile]) -> pd.DataFrame:
    totals: pa.Table = rolled_up(context, node_id, rows).totals
    mine = totals.filter(pc.equal(totals["node_id"], node_id)).select([*KEY, "value"]).to_pandas()
    return mine.astype({"value": "float64"})


def _in_order(context: Context, both: pd.DataFrame) -> pd.DataFrame:
    order = {use.key: place for place, use in enumerate(context.bundle.programme.indicators)}
    names = {key: each.zh for key, each in context.bundle.catalogue.indicators.items()}
    both = both.assign(indicator_zh=both["indicator"].map(names), place=both["indicator"].map(order))
    columns = [*KEY, "indicator_zh", "value", "value_with_held", "change"]
    return both.sort_values(["place", "part"])[columns].reset_index(drop=True)
