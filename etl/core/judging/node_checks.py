"""Totals of a node held against what stands above the figures: the programme's quotas and the map of divisions.

Tables that `node_figures` reads: `totals` (node_id, indicator, part, value), `earlier_totals` (the same columns, over the
earlier periods of the plan), `quotas` (node_id, indicator, part, quota), `places_known` (node_id, indicator, part,
places_known). The suite `totals` runs over what comes out (E4, E7).
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from etl.core.judging.views import same, table
from etl.core.period import Period
from etl.core.places import PlacesOn, Tier
from etl.core.programmes.forms import parts_of
from etl.core.programmes.indicators import IndicatorCatalogue
from etl.core.programmes.naming import Quota
from etl.core.programmes.programme import Programme
from etl.core.register import Node

KEY = ("node_id", "indicator", "part")


def quotas(programme: Programme, catalogue: IndicatorCatalogue, nodes: Iterable[Node]) -> list[dict[str, Any]]:
    """The rows of the table `quotas`: how often each node may name at the level of its own tier within the plan."""
    limits = {(level.tier, level.key): level.quota.total for level in programme.levels if level.quota}
    keys = [
        use.key
        for use in programme.indicators
        if use.by == ("level",) and catalogue.indicators[use.key].kind == "flow"
    ]
    return [
        {"node_id": node.node_id, "indicator": key, "part": part, "quota": quota}
        for node in nodes
        for (tier, part), quota in limits.items()
        if tier == node.tier
        for key in keys
    ]


def plan_periods(programme: Programme, quota: Quota, period: Period) -> tuple[Period, ...]:
    """The earlier periods of the quota's plan that `period` lies in, newest first."""
    since = dt.date(programme.plan(period.year, quota.over_years).start, 1, 1)
    found: list[Period] = []
    while (before := (found[-1] if found else period).previous()).last_day >= since:
        found.append(before)
    return tuple(found)


def known_places(
    programme: Programme, catalogue: IndicatorCatalogue, nodes: Iterable[Node], places: PlacesOn
) -> list[dict[str, Any]]:
    """The rows of the table `places_known`: how many places of the tier a part names lie at or under each place."""
    parts = list(_counting_parts(programme, catalogue))
    if not parts:
        return []
    return [
        {"node_id": node.node_id, "indicator": indicator, "part": tier, "places_known": _count(places, node.node_id, tier)}
        for node in nodes
        if node.node_id in places
        for indicator, tier in parts
    ]


def _counting_parts(programme: Programme, catalogue: IndicatorCatalogue) -> Iterator[tuple[str, Tier]]:
    tiers: tuple[Tier, ...] = ("province", "prefecture", "county")  # the map knows no townships
    for use in programme.indicators:
        if catalogue.indicators[use.key].counts_places:
            named = parts_of(use, programme, catalogue)
            yield from ((use.key, tier) for tier in tiers if tier in named)


def _count(places: PlacesOn, place_id: str, tier: Tier) -> int:
    return len(places.descendants(place_id, tier)) + (places.by_id(place_id).tier == tier)


def node_figures() -> sa.Select[Any]:
    """One row per total with a quota or a known number of places; `unit_id` is the node, receipts and rows are null."""
    total = table("totals", [*KEY, "value"])
    quota, known = table("quotas", [*KEY, "quota"]), table("places_known", [*KEY, "places_known"])
    earlier = table("earlier_totals", [*KEY, "value"])
    before = (
        sa.select(*(earlier.c[name] for name in KEY), sa.func.sum(earlier.c.value).label("value"))
        .group_by(*(earlier.c[name] for name in KEY))
        .subquery("before")
    )
    source = total
    joined: sa.FromClause = source
    for other in (quota, known, before):
        joined = joined.outerjoin(other, same(source, other, KEY))
    so_far = sa.func.coalesce(source.c.value, 0) + sa.func.coalesce(before.c.value, 0)
    nothing = {"receipt_id": sa.String, "table_name": sa.String, "sheet": sa.String, "row_number": sa.Integer}
    return (
        sa.select(
            source.c.node_id.label("unit_id"), source.c.indicator, source.c.part, source.c.value, quota.c.quota,
            sa.case((quota.c.quota.isnot(None), so_far)).label("named_so_far"), known.c.places_known,
            *(sa.cast(sa.null(), kind).label(name) for name, kind in nothing.items()),
        )
        .select_from(joined)
        .where(sa.or_(quota.c.quota.isnot(None), known.c.places_known.isnot(None)))
    )
