"""A period's totals as filed and on the divisions of a later day, and what differs between the two maps."""

import datetime as dt
from dataclasses import asdict
from decimal import Decimal

import pandas as pd

from etl.core.register import cutoff_day
from etl.core.totals.two_maps import Amount, Difference, FigureKey, differences, homes, redrawn, register_on
from etl.edges.reference import load_places
from etl.edges.store.results import frame
from etl.errors import Misuse
from etl.stages.context import Context


def map_differences(context: Context, day: dt.date) -> list[Difference]:
    """What changed in the programme's area from the period's last day to `day`. Misuse for an earlier day."""
    _refuse_earlier(context, day)
    return differences(load_places(), context.period.last_day, day, context.register.top.node_id)


def _refuse_earlier(context: Context, day: dt.date) -> None:
    if day < context.period.last_day:
        raise Misuse(f"{day} lies before {context.period.last_day}: figures can be drawn on later maps only")


def division_changes(context: Context) -> pd.DataFrame:
    """What changed from the earliest period that a report compares with to its cut-off day; columns of `Difference`."""
    programme, period = context.bundle.programme, context.period
    since = programme.compared(period)[0].last_day
    top = context.register.top.node_id
    found = differences(load_places(), since, cutoff_day(programme, period), top)
    return pd.DataFrame([asdict(each) for each in found], columns=list(Difference.__dataclass_fields__))


def differences_frame(context: Context, day: dt.date) -> pd.DataFrame:
    """`map_differences` as rows."""
    columns = list(Difference.__dataclass_fields__)
    return pd.DataFrame([asdict(each) for each in map_differences(context, day)], columns=columns)


def totals_on(context: Context, day: dt.date) -> pd.DataFrame:
    """One row a node of the map of `day` and figure: `value` drawn anew, and `as_filed` of the same place.

    A place that is no more has its `as_filed` and no `value`. Misuse for a day before the period's last.
    """
    bundle, places, period = context.bundle, load_places(), context.period
    _refuse_earlier(context, day)
    now = register_on(bundle.programme, places, bundle.side_units, period, day)
    where = homes(context.register, now, places, period.last_day, day)
    totals = frame(context.store, "totals", *context.key)
    drawn = redrawn(_filed(totals, set(where)), where, now, bundle.catalogue)
    values = pd.DataFrame(
        [
            (node_id, indicator, part, float(amount.value), amount.at_least)
            for node_id, figures in drawn.items()
            for (indicator, part), amount in figures.items()
        ],
        columns=["node_id", "indicator", "part", "value", "at_least"],
    )
    nodes = {node.node_id: node for node in (*context.register.nodes, *now.nodes)}  # as they stand on the later day, if they do
    old = totals.loc[
        totals["value"].notna() & totals["node_id"].isin(nodes), ["node_id", "indicator", "part", "value"]
    ]
    both = values.merge(
        old.rename(columns={"value": "as_filed"}), how="outer", on=["node_id", "indicator", "part"]
    )
    for place, name in enumerate(("tier", "code", "name"), start=1):
        both.insert(place, name, [getattr(nodes[node_id], name) for node_id in both["node_id"]])
    return both.sort_values(["code", "node_id", "indicator", "part"], ignore_index=True)


def _filed(totals: pd.DataFrame, nodes: set[str]) -> dict[str, dict[FigureKey, Amount]]:
    """What the filing nodes have: the leaves that every sum is made of."""
    filed: dict[str, dict[FigureKey, Amount]] = {}
    kept = totals[totals["node_id"].isin(nodes) & totals["value"].notna()]
    for row in kept.itertuples(index=False):
        amount = Amount(Decimal(str(row.value)), bool(row.at_least))
        filed.setdefault(row.node_id, {})[row.indicator, row.part] = amount
    return filed
