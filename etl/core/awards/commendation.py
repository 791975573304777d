"""Who was commended in a year, counted: distinct organisations and members by kind and by the tier of the praiser.

Tables it reads: `honours` and `decisions` (columns `MENTION`: what units filed in the year's half-years, and what was
named here), `branch_units` (branch_id, unit_id: where a branch stands at the end of the year), `closure` (unit_id,
above_id), `tiers` (tier, height), `levels` (level, height), `named_before` (branch_id, level: titles of earlier years; a
unit that files such a naming later names nobody anew). Every row of `honours` and `decisions` is a mention; an
organisation or a member is counted once however often it is mentioned.

An organisation is known by its branch's id, one without an id (a committee) by its name within the unit that files it;
a member by the name within the unit: two of one name in one county count as one, the same name in two counties as two.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from etl.core import casts
from etl.core.judging.views import table
from etl.core.programmes.programme import Programme

MENTION = (
    "unit_id", "branch_id", "honour_kind", "level", "recipient", "recipient_kind", "conferred_tier", "honour_title",
    "decided_on", "document_number",
)
COMMENDED = "commended"
"""Kind that stands for praise, honours and medals together; a naming is another thing (Yunnan's 608 are not in its 2,590)."""
UNSTATED = "unstated"
"""Tier of what does not say which tier praised."""
SUBJECTS = ("organisation", "member")
COUNTS = ("node_id", "kind", "recipient_kind", "tier", "mentions", "distinct_count")


_LADDER = ("unit", "branch", "township", "county", "prefecture", "province", "nation")


def tier_heights(programme: Programme) -> list[dict[str, Any]]:
    """The rows of the table `tiers`: unstated lowest, then the programme's tiers from its leaf up, the nation highest.

    A tier that praises but has no part in the programme stands where it stands among tiers at large.

    >>> from types import SimpleNamespace
    >>> district = SimpleNamespace(tier_keys=lambda: ("branch", "county"))
    >>> [row["tier"] for row in tier_heights(district)]
    ['unstated', 'unit', 'branch', 'township', 'county', 'prefecture', 'province', 'nation']
    """
    order = list(programme.tier_keys())
    for at, tier in enumerate(_LADDER):
        if tier not in order:
            above = [order.index(each) for each in _LADDER[at + 1 :] if each in order]
            order.insert(min(above, default=len(order)), tier)
    return [{"tier": tier, "height": height} for height, tier in enumerate([UNSTATED, *order])]


def level_heights(programme: Programme) -> list[dict[str, Any]]:
    """The rows of the table `levels`: the programme's levels, lowest first."""
    return [{"level": level.key, "height": height} for height, level in enumerate(programme.levels, 1)]


def counts_highest_only(programme: Programme) -> bool:
    """Whether one who is commended at several tiers counts at the highest alone."""
    return programme.count_rule is not None and programme.count_rule.value == "highest_level_only"


def subjects(by_tier: bool) -> sa.Select[Any]:
    """One row an organisation or member and kind, where it stands, its highest tier, and how often it was mentioned.

    With `by_tier` one row for each tier that commended it instead.
    """
    mention, height = _mentions().cte("mentions"), table("tiers", ["tier", "height"])
    level = table("levels", ["level", "height"])
    kinds = sa.union_all(
        sa.select(mention, mention.c.honour_kind.label("kind")),
        sa.select(mention, casts.literal(COMMENDED).label("kind")).where(mention.c.honour_kind != "naming"),
    ).cte("kinds")
    key = [kinds.c.kind, kinds.c.recipient_kind, kinds.c.subject]
    # What is shown of several mentions: of the highest tier, there of the highest level, there of the last decision.
    order = sa.func.concat(
        *(
            sa.func.lpad(sa.cast(sa.func.coalesce(each.c.height, 0), sa.String), 4, "0")
            for each in (height, level)
        ),
        *(
            sa.func.coalesce(sa.cast(kinds.c[name], sa.String), "")
            for name in ("decided_on", "recipient", "honour_title")
        ),
    )

    def shown(name: str) -> sa.ColumnElement[Any]:
        return sa.func.arg_max(kinds.c[name], order)

    return (
        sa.select(
            *key, sa.func.min(kinds.c.home).label("unit_id"), sa.func.max(height.c.height).label("height"),
            sa.func.count().label("mentions"), sa.func.max(kinds.c.branch_id).label("branch_id"),
            shown("recipient").label("recipient"), shown("level").label("level"), shown("honour_title").label("title"),
            shown("decided_on").label("decided_on"), shown("tier").label("tier"),
        )
        .select_from(
            kinds.join(height, kinds.c.tier == height.c.tier).outerjoin(level, kinds.c.level == level.c.level)
        )
        .group_by(*key, *([kinds.c.tier] if by_tier else []))
    )


def counts(programme: Programme) -> sa.Select[Any]:
    """Columns `COUNTS`: how many at every node, by kind, recipient kind and tier; tier '' is all tiers together.

    Reads `subjects` and `subjects_by_tier`, made by the statement above. Where the programme counts the highest level
    only, the tiers add up to the whole; else one may stand at several.
    """
    columns = ["kind", "recipient_kind", "subject", "unit_id", "height", "mentions"]
    whole = table("subjects", columns)
    one = whole if counts_highest_only(programme) else table("subjects_by_tier", columns)
    height = table("tiers", ["tier", "height"])
    tiers = _at_nodes(one.join(height, one.c.height == height.c.height), one, height.c.tier)
    both = sa.union_all(tiers, _at_nodes(whole, whole, casts.literal(""))).subquery("counts")
    return sa.select(*(both.c[name] for name in COUNTS)).order_by(*(both.c[name] for name in COUNTS[:4]))


def _at_nodes(source: sa.FromClause, one: sa.FromClause, tier: sa.ColumnElement[Any]) -> sa.Select[Any]:
    climb = table("closure", ["unit_id", "above_id"])
    return (
        sa.select(
            climb.c.above_id.label("node_id"), one.c.kind, one.c.recipient_kind, tier.label("tier"),
            sa.cast(sa.func.sum(one.c.mentions), sa.Integer).label("mentions"),
            sa.cast(sa.func.count(one.c.subject.distinct()), sa.Integer).label("distinct_count"),
        )
        .select_from(source.join(climb, one.c.unit_id == climb.c.unit_id))
        .group_by(climb.c.above_id, one.c.kind, one.c.recipient_kind, tier)
    )


def _mentions() -> sa.Select[Any]:
    """Filed and decided alike, with who is meant (`subject`), where that stands (`home`), and a tier for all."""
    filed, before = table("honours", MENTION), table("named_before", ["branch_id", "level"])
    known = sa.exists().where(
        filed.c.honour_kind == "naming",
        before.c.branch_id == filed.c.branch_id,
        before.c.level == filed.c.level,
    )
    new = sa.select(*filed.c).where(sa.not_(known))
    union = sa.union_all(new, sa.select(*table("decisions", MENTION).c)).subquery("both")
    home = table("branch_units", ["branch_id", "unit_id"])
    named = sa.func.regexp_replace(
        union.c.recipient, casts.literal(r"[\s　]"), casts.literal(""), casts.literal("g")
    )
    of_branch = sa.and_(union.c.recipient_kind == "organisation", union.c.branch_id.isnot(None))
    return (
        sa.select(
            union, sa.func.coalesce(union.c.conferred_tier, casts.literal(UNSTATED)).label("tier"),
            sa.case((of_branch, union.c.branch_id), else_=union.c.unit_id + "|" + named).label("subject"),
            sa.func.coalesce(sa.case((of_branch, home.c.unit_id)), union.c.unit_id).label("home"),
        )
        .select_from(union.outerjoin(home, union.c.branch_id == home.c.branch_id))
        .where(union.c.honour_kind.isnot(None), union.c.recipient_kind.isnot(None), union.c.recipient.isnot(None))
    )


FILED: Mapping[str, str] = {"organisations_commended": "organisation", "members_commended": "member"}
"""Indicator that units file → whom it counts."""


def reconciliation(indicators: Sequence[str]) -> sa.Select[Any]:
    """Filed figures against the list of names, one row a node and indicator; `unit_id` is the node.

    Reads `counts` (columns `COUNTS`) and `filed_totals` (node_id, indicator, value: the sum of both half-years). `listed`
    are the mentions, `value` is what was filed, `repeated` how many mentions were of one counted already. Missing on one
    side is missing, not 0; a node with neither has no row.
    """
    count, filed = table("counts", COUNTS), table("filed_totals", ["node_id", "indicator", "value"])
    which = sa.case(
        {casts.literal(v): casts.literal(k) for k, v in FILED.items()}, value=count.c.recipient_kind
    )
    whole = sa.and_(count.c.kind == COMMENDED, count.c.tier == "")
    listed = (
        sa.select(count.c.node_id, which.label("indicator"), count.c.mentions, count.c.distinct_count)
        .where(whole)
        .cte("listed")
    )
    wanted = [casts.literal(key) for key in indicators]
    nothing = {"receipt_id": sa.String, "table_name": sa.String, "sheet": sa.String, "row_number": sa.Integer}
    joined = filed.outerjoin(
        listed,
        sa.and_(filed.c.node_id == listed.c.node_id, filed.c.indicator == listed.c.indicator),
        full=True,
    )
    # Nobody filed and nobody listed is agreement, not a list that is missing.
    none = sa.and_(listed.c.mentions.is_(None), filed.c.value == 0)
    mentions, distinct = (
        sa.case((none, sa.literal_column("0")), else_=listed.c[name]) for name in ("mentions", "distinct_count")
    )
    node, indicator = (
        sa.func.coalesce(filed.c[name], listed.c[name]).label(name) for name in ("node_id", "indicator")
    )
    return (
        sa.select(
            node.label("unit_id"), indicator, sa.cast(filed.c.value, sa.Double).label("value"),
            sa.cast(mentions, sa.Double).label("listed"), distinct.label("distinct_count"),
            (mentions - distinct).label("repeated"),
            *(sa.cast(sa.null(), kind).label(name) for name, kind in nothing.items()),
        )
        .select_from(joined)
        .where(indicator.in_(wanted) if wanted else sa.false(), sa.or_(filed.c.value.isnot(None), listed.c.mentions.isnot(None)))
        .order_by(node, indicator)
    )
