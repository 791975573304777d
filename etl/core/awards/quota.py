"""How many places are left to name at a level: quotas over years, their yearly shares, what was carried over or moved."""

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from etl.core.period import Period
from etl.core.programmes.naming import NamingLevel
from etl.core.programmes.programme import Programme
from etl.core.year_rows import QuotaMoveRow


@dataclass(frozen=True, slots=True)
class Taken:
    """A title that takes a place: conferred by a node for a year. `freed`: withdrawn since."""

    level: str
    node_id: str
    year: int
    freed: bool


@dataclass(frozen=True, slots=True)
class Move:
    """Places of a quota moved for a year; without `from_node` granted, without `to_node` withdrawn."""

    level: str
    year: int
    from_node: str | None
    to_node: str | None
    places: int


def move_of(row: QuotaMoveRow) -> Move:
    """A record of `quota_moves` as the move that it is."""
    return Move(row["level"], Period.parse(row["period"]).year, row["from_node"], row["to_node"], row["places"])


@dataclass(frozen=True, slots=True)
class Places:
    """What a node may still name at a level. `left` None: no quota; `overdrawn`: named beyond the quota already."""

    quota: int | None
    taken: int
    left: int | None
    overdrawn: int = 0


def places_left(
    programme: Programme,
    level: NamingLevel,
    node_id: str,
    year: int,
    taken: Iterable[Taken],
    moves: Iterable[Move],
) -> Places:
    """The places of one node at one level in one year: never more than the plan nor the year's share has left."""
    if level.quota is None:
        return Places(None, 0, None)
    quota, plan = level.quota, programme.plan(year, level.quota.over_years)
    mine = [
        each.year
        for each in taken
        if each.level == level.key and each.node_id == node_id and each.year in plan
        and not (each.freed and quota.refill)
    ]
    moved = _moved(level.key, node_id, [each for each in moves if each.year in plan and each.year <= year])
    total = quota.total + sum(moved.values())
    left = total - len(mine)
    shares = {each.year: each.value for each in quota.by_year}
    if year in shares and quota.carry_over:
        so_far = sum(share for y, share in shares.items() if y in plan and y <= year)
        left = min(left, so_far + sum(moved.values()) - sum(y <= year for y in mine))
    elif year in shares:
        left = min(left, shares[year] + moved.get(year, 0) - mine.count(year))
    return Places(total, len(mine), max(left, 0), max(len(mine) - total, 0))


def _moved(level: str, node_id: str, moves: Iterable[Move]) -> dict[int, int]:
    """Year → places that came to the node, less those that went."""
    found: dict[int, int] = {}
    for move in moves:
        if move.level == level:
            gain = (move.to_node == node_id) - (move.from_node == node_id)
            found[move.year] = found.get(move.year, 0) + gain * move.places
    return found


def title_ends(level: NamingLevel, decided_on: dt.date) -> dt.date | None:
    """The last day of a title conferred on a day, the same day so many years later, or the last of its month where that year has
    no such day (民法典 art. 202); None: it stands until withdrawn."""
    if level.valid_years is None:
        return None
    year = decided_on.year + level.valid_years
    last_of_month = calendar.monthrange(year, decided_on.month)[1]
    return decided_on.replace(year=year, day=min(decided_on.day, last_of_month))
