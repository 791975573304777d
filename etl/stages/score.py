"""Score: a year's current slices → what each branch's figures are worth, with every item kept for whoever asks why."""

import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.schema import CreateView

from etl.core.awards import scoring
from etl.core.awards.score_values import FIGURES, values_statement
from etl.core.judging.views import table
from etl.core.period import Period
from etl.core.programmes.layout import FIGURE_TABLES
from etl.core.rows import SliceRow
from etl.core.year_rows import ScoreRunRow
from etl.edges.engine import fetch, memory_engine
from etl.edges.slices import load_figures
from etl.edges.store.awards import replace_scores, score_run, scores_of
from etl.errors import Misuse, Unscored
from etl.stages.context import Context, half_contexts
from etl.stages.rollup import left_out, slices_under, units_gone

Row = dict[str, Any]


def score(context: Context) -> dict[str, Any]:
    """Replace the scores of a naming period; counts of branches scored. Misuse where the programme has no rubric.

    A unit that the register of a half-year no longer has stands in no tier that could judge its branches: what it published for
    that half-year does not count, as no place adds it up, and `units_left_out` tells of it.
    """
    programme = context.bundle.programme
    if programme.rubric is None:
        raise Misuse(f"{programme.programme} has no rubric")
    slices = year_slices(context)
    items = scoring.judged_items(programme, context.bundle.catalogue, context.period.last_day)
    values = year_values(context, slices, items)
    table = scoring.score_table(values, programme, items)
    each = scoring.item_scores(values, items)
    path = context.landing.keep_slice(pa.Table.from_pandas(each, preserve_index=False))
    key = {"programme": context.key[0], "period": context.key[1]}
    inputs = [[row[name] for name in ("period", "unit_id", "table_name", "path")] for row in slices]
    run: ScoreRunRow = {
        "programme": context.key[0], "period": context.key[1], "inputs_digest": _digest(inputs), "items_path": path,
        "scored": len(table), "rubric_digest": rubric_digest(context),
    }
    replace_scores(context.store, run, [{**row, **key} for row in store_rows(table)])
    gone = {unit_id for half in half_contexts(context) for unit_id in units_gone(half)}
    return {"branches": len(table), "items": len(items), **left_out(gone)}


def halves(context: Context) -> tuple[Period, Period]:
    """The half-years that a year, or a batch of it, is judged by."""
    return Period("year", context.period.year).halves()


def year_slices(context: Context) -> list[SliceRow]:
    """The current slices of branch and unit figures of both half-years of a naming period, of units in the register of each."""
    return [
        row
        for half in half_contexts(context)
        for row in slices_under(half, half.register.top.node_id)
        if row["table_name"] in FIGURE_TABLES
    ]


def year_values(context: Context, slices: Sequence[SliceRow], items: Sequence[scoring.Judged]) -> pd.DataFrame:
    """What the items are measured by, one row a branch standing at the end of the year."""
    engine = memory_engine()
    _load_year_figures(engine, context, slices)
    wanted = [each for judged in items for each in judged.wanted]
    statement = values_statement(
        context.bundle.programme, context.bundle.catalogue, wanted, context.period.last_day
    )
    return fetch(engine, statement).to_pandas(types_mapper=_NULLABLE.get)


_NULLABLE = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype()}


def _load_year_figures(engine: sa.Engine, context: Context, slices: Sequence[SliceRow]) -> None:
    """The view `year_figures` over the slices that are current for their units; `last`: of the half-year at the end."""
    parts = []
    for number, period in enumerate(halves(context), 1):
        load_figures(engine, f"half_{number}", context.landing, [row for row in slices if row["period"] == str(period)])
        half = table(f"half_{number}", [name for name in FIGURES if name != "last"])
        parts.append(sa.select(*half.c, sa.literal(number == 2, literal_execute=True).label("last")))
    with engine.connect() as connection:
        connection.execute(CreateView(sa.union_all(*parts), "year_figures"))


def store_rows(table: pd.DataFrame) -> list[Row]:
    """The rows of a score table as the store keeps them."""
    dimensions = [name for name in table.columns if name.startswith("dimension__")]
    points = {
        name: [Decimal(value).scaleb(-2) for value in table[name].tolist()]
        for name in ("points", "bonus", "deduction")
    }
    by_dimension = [
        dict(zip((name.removeprefix("dimension__") for name in dimensions), values, strict=True))
        for values in zip(*(table[name].tolist() for name in dimensions), strict=True)
    ]
    known = ("branch_id", "unit_id", "node_id", "branch_name", "branch_kind", "rectifying", "sweeps")
    plain = {name: table[name].tolist() for name in known}
    members = [None if pd.isna(value) else int(value) for value in table["members"]]
    own = [None if pd.isna(value) else Decimal(int(value)).scaleb(-2) for value in table["self_points"]]
    return [
        {**{name: plain[name][at] for name in known}, **{name: points[name][at] for name in points},
         "members": members[at], "self_points": own[at], "dimensions": by_dimension[at]}
        for at in range(len(table))
    ]


def the_score_run(context: Context) -> ScoreRunRow:
    """What the scores of the year rest on; Unscored before the first scoring."""
    run = score_run(context.store, *context.key)
    if run is None:
        raise Unscored(f"{context.key[0]} {context.key[1]} is not scored yet: run `sanji score`")
    return run


def score_run_by_rubric(context: Context) -> ScoreRunRow:
    """`the_score_run`; Unscored also if the programme's rubric is another by now: its items are not those that were scored."""
    run = the_score_run(context)
    if run["rubric_digest"] not in (rubric_digest(context), _whole_rubric(context)):
        raise Unscored(
            f"the rubric of {context.key[0]} has changed since {context.key[1]} was scored: run `sanji score`, then this again"
        )
    return run


def explain_score(context: Context, branch_id: str) -> tuple[scoring.ItemScore, ...]:
    """Every item of one branch's score. Misuse if the year is not scored by the rubric in force or has no such branch."""
    run = score_run_by_rubric(context)
    found = pq.read_table(
        context.landing.found(run["items_path"]), filters=[("branch_id", "==", branch_id)]
    ).to_pylist()
    if not found:
        raise Misuse(f"no branch {branch_id} among the {run['scored']} scored of {context.key[1]}")
    items = scoring.judged_items(context.bundle.programme, context.bundle.catalogue, context.period.last_day)
    return scoring.explained(found[0], items, context.bundle.programme, context.bundle.catalogue)


def known_scores(context: Context) -> list[scoring.Score]:
    """The scores of the year; Misuse before the first scoring."""
    the_score_run(context)
    return scores_of(context.store, *context.key)


def rubric_digest(context: Context) -> str:
    """Stands for what the points of a year rest on: the items in force at its end, and how they add up. What is judged before or
    after does not matter, nor what the award alone asks for."""
    rubric = context.bundle.programme.rubric
    judged = scoring.judged_items(context.bundle.programme, context.bundle.catalogue, context.period.last_day)
    items = [
        [each.place, each.dimension and each.dimension.on, each.item.model_dump(mode="json", exclude={"since", "until"})]
        for each in judged
    ]
    extras = (rubric.bonus, rubric.deduction) if rubric else ()
    return _digest([items, [extra and extra.max for extra in extras]])


def _whole_rubric(context: Context) -> str:
    """What a run kept before it was of its year alone."""
    rubric = context.bundle.programme.rubric
    return _digest(rubric.model_dump(mode="json") if rubric else None)


def _digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
