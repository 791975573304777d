"""What numbers give away that were not counted: the views `peer_figures`, `unit_patterns` and `evidence`.

Branches are compared within their unit, so that its warnings do not depend on which units are judged together. Built over the
view `figures` (relations.py); limits are the programme's, null where it names none. What is copied: `copy_views.py`.
"""

from typing import Any

import sqlalchemy as sa

from etl.core import casts
from etl.core.judging.views import ROW_KEY, Statement, same, table
from etl.core.programmes.indicators import IndicatorCatalogue
from etl.core.programmes.programme import Programme
from etl.core.programmes.suspicion_limits import Ceilings, Evidence, Heaps, Peers, Suspicions

Expression = sa.ColumnElement[Any]
_NUMBERS = ("whole", "number", "money", "share")
_BY_FIGURE = ("unit_id", "column_key")
_CONSISTENT = 0.6745
"""Makes the median absolute deviation comparable with a standard deviation (Iglewicz and Hoaglin 1993)."""


def peer_figures(limits: Suspicions, programme: Programme, catalogue: IndicatorCatalogue) -> Statement:
    """One row a number of a branch: how it stands to its own of the period before and to the other branches of its unit."""
    figure = _branch_numbers(programme, catalogue)
    before = table("previous_figures", ["subject_id", "indicator", "part", "value"]).alias("before")
    peers = _peers(figure).subquery("peers")
    stocks = [key for key, each in catalogue.indicators.items() if each.kind == "stock"]
    least = limits.leap.min_base if limits.leap else 1.0
    then = sa.cast(before.c.value, sa.Double)
    based = sa.and_(figure.c.indicator.in_(stocks), then >= casts.literal(least))
    value = sa.cast(figure.c.value, sa.Double)
    key = ("subject_id", "indicator", "part")
    return sa.select(
        *(figure.c[name] for name in _FIGURE), then.label("previous_value"),
        sa.case((based, sa.func.abs(value - then) / then)).label("leap_size"),
        _limit(limits.leap.pct / 100 if limits.leap else None).label("leap_limit"),
        *_distances(value, peers.c, limits.peers),
    ).select_from(
        figure.outerjoin(before, same(figure, before, key))
        .outerjoin(peers, same(figure, peers, _BY_FIGURE))
    )


_FIGURE = (*ROW_KEY, "subject_id", "column_key", "indicator", "part", "value")


def _branch_numbers(programme: Programme, catalogue: IndicatorCatalogue) -> sa.Subquery:
    """The branches' filed numbers, of totals and not of their parts; none where only 0 may stand, which says nothing.

    Nor does nobody say anything at a branch whose members are counted elsewhere: they are swept there, too.
    """
    uncounted = [kind.kind for kind in programme.branch_kinds if not kind.counts_members]
    people = [key for key, each in catalogue.indicators.items() if each.unit == "person"]
    figure = table("figures", [*_FIGURE, "value_type", "maximum"]).alias("filed")
    row = table("rows", [*ROW_KEY, "branch_kind"]).alias("row_of")
    free = sa.func.coalesce(figure.c.maximum != 0, sa.true())
    elsewhere = sa.and_(
        sa.func.coalesce(row.c.branch_kind, "").in_(uncounted), figure.c.indicator.in_(people), figure.c.value == 0
    )
    mine = (figure.c.table_name == "branches", figure.c.part == "", figure.c.value.isnot(None), free, ~elsewhere)
    source = figure.join(row, same(figure, row, ROW_KEY))
    return sa.select(figure).select_from(source).where(*mine, figure.c.value_type.in_(_NUMBERS)).subquery("figure")


def _peers(figure: sa.Subquery) -> sa.Select[Any]:
    """Of each unit and figure: how many file it, mean, deviation, median, median deviation, the two outermost at each end."""
    value = sa.cast(figure.c.value, sa.Double)
    return sa.select(
        *(figure.c[name] for name in _BY_FIGURE), sa.func.count().label("branches"),
        sa.func.avg(value).label("mean"), sa.func.stddev_pop(value).label("deviation"),
        sa.func.median(value).label("median"), sa.func.mad(value).label("median_deviation"),
        sa.func.min(value, 2, type_=sa.ARRAY(sa.Double)).label("lowest"),
        sa.func.max(value, 2, type_=sa.ARRAY(sa.Double)).label("highest"),
    ).group_by(*(figure.c[name] for name in _BY_FIGURE))


def _distances(value: Expression, of: Any, limits: Peers | None) -> list[Expression]:
    """The three distances with their limits; null where too few file the figure or all file the same."""
    enough = of.branches >= casts.literal(limits.min_branches if limits else 3)
    low, high = (
        sa.case((value == _at(ends, 1), _at(ends, 2)), else_=_at(ends, 1)) for ends in (of.lowest, of.highest)
    )
    outside = sa.func.greatest(low - value, value - high, sa.literal_column("0.0"))
    z_score = sa.func.abs(value - of.mean) / sa.func.nullif(of.deviation, 0)
    modified = _CONSISTENT * sa.func.abs(value - of.median) / sa.func.nullif(of.median_deviation, 0)
    return [
        of.median.label("peer_median"),
        sa.case((enough, z_score)).label("z_score"),
        _limit(limits.z_score if limits else None).label("z_score_limit"),
        sa.case((enough, modified)).label("modified_z"),
        _limit(limits.modified_z if limits else None).label("modified_z_limit"),
        sa.case((enough, outside / sa.func.nullif(high - low, 0))).label("outside_range"),
        _limit(limits.min_max if limits else None).label("outside_range_limit"),
    ]


def _at(ends: Expression, place: int) -> Expression:
    return sa.func.list_extract(ends, casts.literal(place))


def _limit(value: float | None) -> Expression:
    return sa.cast(casts.literal(value), sa.Double)


def unit_patterns(limits: Suspicions, programme: Programme, catalogue: IndicatorCatalogue) -> Statement:
    """One row a unit and figure that enough branches file: the shares at the most there is, of round ones, of the commonest; each
    beside its limit; but for the commonest, of which the figure itself is told, both in percent as text, with how it comes."""
    figure = _branch_numbers(programme, catalogue)
    common = _commonest(figure).subquery("common")
    ceilings, heaps = limits.ceilings, limits.heaps
    value = sa.cast(figure.c.value, sa.Double)
    key = [*(figure.c[name] for name in (*_BY_FIGURE, "indicator")), common.c.median, common.c.commonest]
    counted = sa.cast(sa.func.count(), sa.Double)

    def many(which: Expression) -> Expression:
        return sa.func.count().filter(which)

    def share(which: Expression) -> Expression:
        return many(which) / counted

    spread = sa.and_(counted >= _least(heaps), common.c.median >= casts.literal(heaps.min_value if heaps else 0))
    alike = {"at_most": value == _most(figure, ceilings), "by_10": value % 10 == 0, "by_5": value % 5 == 0}
    by_10 = sa.case((spread, share(alike["by_10"])))
    ten = _limit(heaps.multiples_of_10 if heaps else None)
    by_5 = sa.case((sa.and_(spread, sa.func.coalesce(by_10 <= ten, sa.true())), share(alike["by_5"])))
    at_most = sa.case((counted >= _least(ceilings), share(alike["at_most"])))
    equal = sa.case((spread, share(value == common.c.commonest)))
    shares = {
        "at_most": (at_most, _limit(ceilings.share if ceilings else None)), "by_10": (by_10, ten),
        "by_5": (by_5, _limit(heaps.multiples_of_5 if heaps else None)), "equal": (equal, _limit(heaps.equal if heaps else None)),
    }
    return sa.select(
        *key, figure.c.unit_id.label("subject_id"), casts.literal("branches").label("table_name"),
        sa.func.max(figure.c.receipt_id).label("receipt_id"), sa.func.max(figure.c.sheet).label("sheet"),
        sa.cast(sa.null(), sa.Integer).label("row_number"), sa.func.count().label("branches"),
        *(each.label(name) for name, (each, _) in shares.items()),
        *(least.label(f"{name}_limit") for name, (_, least) in shares.items()),
        *(_percent(shares[name][0]).label(f"{name}_percent") for name in alike),
        *(_of_all(many(which), shares[name][0]).label(f"{name}_shown") for name, which in alike.items()),
        *(_percent(shares[name][1]).label(f"{name}_limit_percent") for name in alike),
    ).select_from(
        figure.join(common, same(figure, common, _BY_FIGURE))
    ).group_by(*key).having(sa.or_(counted >= _least(ceilings), counted >= _least(heaps)))


def _percent(share: Expression) -> Expression:
    """A share as an office reads it: 97.4%."""
    return sa.func.concat(sa.cast(sa.cast(share * 100, sa.Numeric(5, 1)), sa.String), "%")


def _of_all(many: Expression, share: Expression) -> Expression:
    """How many of how many branches make a share: 38÷39＝97.4%."""
    written = sa.cast(many, sa.String).concat(casts.literal("÷")).concat(sa.cast(sa.func.count(), sa.String))
    return written.concat(casts.literal("＝")).concat(_percent(share))


def _least(limits: Ceilings | Heaps | None) -> Expression:
    return casts.literal(limits.min_branches if limits else 3)


def _commonest(figure: sa.Subquery) -> sa.Select[Any]:
    """Of each unit and figure: the median, and the value that most branches file (the smallest of several)."""
    value = sa.cast(figure.c.value, sa.Double)
    times = (
        sa.select(*(figure.c[name] for name in _BY_FIGURE), value.label("value"), sa.func.count().label("times"))
        .group_by(*(figure.c[name] for name in _BY_FIGURE), value)
        .subquery("times")
    )
    most = (
        sa.select(
            *(times.c[name] for name in _BY_FIGURE),
            sa.func.arg_max(times.c.value, times.c.times * 1e12 - times.c.value).label("commonest"),
        )
        .group_by(*(times.c[name] for name in _BY_FIGURE))
        .subquery("most")
    )
    middle = (
        sa.select(*(figure.c[name] for name in _BY_FIGURE), sa.func.median(value).label("median"))
        .group_by(*(figure.c[name] for name in _BY_FIGURE))
        .subquery("middle")
    )
    return sa.select(*(most.c[name] for name in _BY_FIGURE), most.c.commonest, middle.c.median).select_from(
        most.join(middle, same(most, middle, _BY_FIGURE))
    )


def _most(figure: sa.Subquery, limits: Ceilings | None) -> Expression:
    """The most there is of a figure; null where nothing says so."""
    told = limits.most if limits else ()
    named = [(figure.c.indicator == casts.literal(each.indicator), casts.literal(each.value)) for each in told]
    return sa.case((figure.c.value_type == "share", casts.literal(1.0)), *named)


def evidence(limits: Evidence, catalogue: IndicatorCatalogue) -> Statement:
    """One row a branch of a unit that keeps a ledger: the activities it reports, and those the ledger has of it."""
    figure = table("figures", [*ROW_KEY, "subject_id", "indicator", "part", "value", "column_key"])
    ledger = table("ledger_counts", ["unit_id", "branch_id", "entries"])
    counted = [key for key, each in catalogue.indicators.items() if each.ledger_kind]
    entries = (
        sa.select(ledger.c.unit_id, ledger.c.branch_id, sa.func.sum(ledger.c.entries).label("entries"))
        .group_by(ledger.c.unit_id, ledger.c.branch_id)
        .subquery("entries_of")
    )
    keys = [figure.c[name] for name in (*ROW_KEY, "subject_id")]
    reported = sa.func.sum(figure.c.value)
    found = sa.cast(sa.func.coalesce(sa.func.max(entries.c.entries), 0), casts.VALUE)
    some = figure.c.value > 0
    each = [sa.func.max(figure.c.value).filter(some, figure.c.indicator == casts.literal(key)) for key in counted]
    working = sa.func.concat_ws(casts.literal("＋"), *(casts.written(value) for value in each))
    return (
        sa.select(
            *keys, sa.func.min(figure.c.column_key).label("column_key"), reported.label("reported"), found.label("entries"),
            sa.case((sa.and_(found == 0, reported >= casts.literal(limits.min_activities)), reported)).label("unproved"),
            sa.case((sa.func.count().filter(some) > 1, casts.worked_out(working, reported))).label("reported_shown"),
        )
        .select_from(
            figure.outerjoin(
                entries, sa.and_(figure.c.unit_id == entries.c.unit_id, figure.c.subject_id == entries.c.branch_id)
            )
        )
        .where(
            figure.c.table_name == "branches", figure.c.part == "", figure.c.indicator.in_(counted),
            figure.c.unit_id.in_(sa.select(sa.column("unit_id")).select_from(sa.table("ledger_units"))),
        )
        .group_by(*keys)
    )
