"""Namings, praise, honours and medals, on which the suite `honours` runs: typed, and looked up against branches and titles."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from etl.core import casts
from etl.core.judging.views import Statement, branch_key, same, table, text_table
from etl.core.period import Period
from etl.core.programmes.layout import TableLayout
from etl.core.programmes.naming import NamingLevel

_TOLD = ("recipient_kind", "conferred_tier")
_HONOUR = (
    "receipt_id", "unit_id", "sheet", "row_number", "branch_id", "honour_kind", "level", "recipient", "honour_title",
    "decided_on", "document_number", *_TOLD,
)
HONOUR_SLICE = tuple(name for name in _HONOUR if name not in ("receipt_id", "sheet"))
COMMENDING = ("praise", "honour", "medal")
"""Kinds of honours that commend; a naming is another thing."""


def honours(layout: TableLayout, levels: Sequence[NamingLevel], period: Period) -> Statement:
    """One row a naming, praise, honour or medal, whose it is and by which tier, with what is wrong about it.

    The level below may be held from before (`levels_held`) or be named in the same period by any unit, no later than this one;
    a day that cannot be read is no fault of the ladder.
    """
    source = text_table(layout)
    by_key = {column.key: column for column in layout.columns}
    kind = casts.choice(source.c.honour_kind, dict(by_key["honour_kind"].choices))
    level = casts.choice(source.c.level, dict(by_key["level"].choices))
    told = {name: casts.choice(source.c[name], dict(by_key[name].choices)) for name in _TOLD if name in by_key}
    typed = sa.select(
        source.c.receipt_id, source.c.unit_id, source.c.sheet, source.c.row_number, branch_key(source).label("branch_id"),
        source.c.branch_id.label("branch_text"), source.c.honour_kind.label("kind_text"), kind.label("honour_kind"),
        source.c.level.label("level_text"), level.label("level"), source.c.recipient, source.c.honour_title,
        source.c.decided_on.label("day_text"), casts.day(source.c.decided_on).label("decided_on"), source.c.document_number,
        *(told.get(name, sa.cast(sa.null(), sa.String)).label(f"{name}_told") for name in _TOLD),
        *((source.c[name] if name in by_key else sa.cast(sa.null(), sa.String)).label(f"{name}_text") for name in _TOLD),
    ).cte("typed")
    known = table("all_branches", ["branch_id", "rectifying"]).alias("known")
    held = _held(typed).subquery("held")
    naming = typed.c.honour_kind == "naming"
    blank = casts.literal(casts.NOT_FILLED)
    below = sa.case(_needed(levels), value=typed.c.level, else_=sa.cast(sa.null(), sa.String))
    day_ok = sa.and_(
        typed.c.decided_on >= casts.fixed_day(period.first_day), typed.c.decided_on <= casts.fixed_day(period.last_day)
    )
    recipient_kind, conferred_tier = _recipient_kind(typed), _conferred_tier(typed, levels)
    # A medal is the state's, and a naming its level's own tier: only praise and honours must say whose they are.
    of_some_tier = typed.c.honour_kind.in_([casts.literal("praise"), casts.literal("honour")])
    return sa.select(
        *(typed.c[name] for name in _HONOUR if name not in _TOLD),
        known.c.branch_id.label("subject_id"),
        recipient_kind.label("recipient_kind"),
        conferred_tier.label("conferred_tier"),
        casts.literal(layout.key).label("table_name"),
        sa.case(_named(levels), value=below, else_=sa.cast(sa.null(), sa.String)).label("level_below"),
        sa.case((typed.c.honour_kind.is_(None), sa.func.coalesce(typed.c.kind_text, blank))).label("unknown_kind"),
        sa.case((sa.and_(naming, known.c.branch_id.is_(None)), sa.func.coalesce(typed.c.branch_text, blank)))
        .label("unknown_branch"),
        sa.case((sa.and_(naming, below.isnot(None), held.c.branch_id.is_(None)), typed.c.level_text))
        .label("level_below_missing"),
        sa.case((sa.and_(naming, known.c.rectifying == "1"), typed.c.branch_text)).label("still_rectifying"),
        sa.case((typed.c.recipient.is_(None), blank)).label("missing_recipient"),
        sa.case((sa.and_(naming, typed.c.level.is_(None)), sa.func.coalesce(typed.c.level_text, blank)))
        .label("unknown_level"),
        sa.case((sa.and_(typed.c.day_text.isnot(None), sa.not_(sa.func.coalesce(day_ok, sa.false()))), typed.c.day_text))
        .label("unreadable_day"),
        sa.case((sa.and_(of_some_tier, conferred_tier.is_(None)), sa.func.coalesce(typed.c.conferred_tier_text, blank)))
        .label("unknown_tier"),
        sa.case(
            (recipient_kind.is_(None), sa.func.coalesce(typed.c.recipient_kind_text, blank)),
            (typed.c.recipient_kind_told.is_(None), typed.c.recipient_kind_text),  # told, and not understood
        ).label("unknown_recipient_kind"),
    ).select_from(
        typed.outerjoin(known, typed.c.branch_id == known.c.branch_id).outerjoin(
            held,
            sa.and_(
                typed.c.branch_id == held.c.branch_id,
                below == held.c.level,
                held.c.held_from <= sa.func.coalesce(typed.c.decided_on, held.c.held_from),
            ),
        )
    )


def honours_listed() -> Statement:
    """Unit, recipient kind and how many the unit's list has of it: praise, honours and medals that say whom they are for."""
    honour = table("honours", ["unit_id", "honour_kind", "recipient_kind", "recipient"])
    return (
        sa.select(honour.c.unit_id, honour.c.recipient_kind, sa.func.count().label("listed"))
        .where(
            honour.c.honour_kind.in_([casts.literal(kind) for kind in COMMENDING]),
            honour.c.recipient_kind.isnot(None), honour.c.recipient.isnot(None),
        )
        .group_by(honour.c.unit_id, honour.c.recipient_kind)
    )


def titles_counted() -> Statement:
    """Basis, unit, level and how many titles on record a unit may file: 0 for a unit without one, no row at a level without any.

    A title decided in the period counts for the unit that it was conferred under; one that is in force, for the unit that files
    the branch now.
    """
    title = table("titles_recorded", ["basis", "branch_id", "unit_id", "level"])
    filed = table("filed_branches", ["unit_id", "branch_id"])
    unit = table("units_ref", ["unit_id"])
    now = filed.join(title, sa.and_(filed.c.branch_id == title.c.branch_id, title.c.basis == "in_force"))
    homes = sa.union_all(
        sa.select(title.c.basis, title.c.level, title.c.unit_id).where(title.c.basis == "decided"),
        sa.select(title.c.basis, title.c.level, filed.c.unit_id).select_from(now),
    ).subquery("homes")
    known = sa.select(title.c.basis, title.c.level).distinct().subquery("known")
    places = known.join(unit, sa.true())
    mine = same(known, homes, ("basis", "level")) & (homes.c.unit_id == unit.c.unit_id)
    return (
        sa.select(known.c.basis, unit.c.unit_id, known.c.level, sa.func.count(homes.c.unit_id).label("recorded"))
        .select_from(places.outerjoin(homes, mine))
        .group_by(known.c.basis, unit.c.unit_id, known.c.level)
    )


def _recipient_kind(typed: sa.CTE) -> sa.ColumnElement[Any]:
    """Organisation or member: as told; else a naming or a branch's code means an organisation, a medal a member."""
    organisation = sa.or_(typed.c.honour_kind == "naming", typed.c.branch_text.isnot(None))
    return sa.func.coalesce(
        typed.c.recipient_kind_told,
        sa.case(
            (typed.c.honour_kind == "medal", casts.literal("member")),
            (organisation, casts.literal("organisation")),
        ),
    )


def _conferred_tier(typed: sa.CTE, levels: Sequence[NamingLevel]) -> sa.ColumnElement[Any]:
    """Whose praise it is: a naming's level says its tier, whatever the row says; else as told."""
    tiers = {level.key: casts.literal(level.tier) for level in levels}
    named = sa.case(tiers or {"": casts.literal("")}, value=typed.c.level, else_=sa.cast(sa.null(), sa.String))
    return sa.case((typed.c.honour_kind == "naming", named), else_=typed.c.conferred_tier_told)


def _held(typed: sa.CTE) -> sa.Select[Any]:
    """Branch, level and the first day it is held: the first of all days where it is held from before or nobody knows."""
    always = casts.fixed_day(dt.date.min)
    before = table("levels_held", ["branch_id", "level"])
    now = sa.select(typed.c.branch_id, typed.c.level, sa.func.coalesce(typed.c.decided_on, always)).where(
        typed.c.honour_kind == "naming", typed.c.branch_id.isnot(None)
    )
    each = sa.union_all(sa.select(before.c.branch_id, before.c.level, always.label("held_from")), now).subquery("each_held")
    first = sa.func.min(each.c.held_from).label("held_from")
    return sa.select(each.c.branch_id, each.c.level, first).group_by(each.c.branch_id, each.c.level)


def _named(levels: Sequence[NamingLevel]) -> Mapping[str, sa.ColumnElement[Any]]:
    """Level → what the forms call it."""
    return {level.key: casts.literal(level.zh) for level in levels} or {"": casts.literal("")}


def _needed(levels: Sequence[NamingLevel]) -> Mapping[str, sa.ColumnElement[Any]]:
    """Level → the level just below it; a level without needs maps to itself-less NULL."""
    needed = {level.key: casts.literal(level.needs[-1]) for level in levels if level.needs}
    return needed or {"": casts.literal("")}
