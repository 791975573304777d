"""What places and units owe in a year, as the page shows it: by when, who is through, what is overdue, who puts it on record."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from fastapi import HTTPException, Request

from etl.core.access import Viewer, stands_at
from etl.core.programmes.duties import Standing
from etl.stages.context import Context, open_year
from etl.stages.duties import duty_standings
from etl.web.desk import Desk, filed_years, years_seen

Row = dict[str, Any]
STATES = ("overdue", "open", "late", "done", "whenever")
"""How a duty of one place stands; what is left to do comes first."""


class OwedDesk(Desk):
    """What a request about the duties of a year is about."""

    @cached_property
    def standings(self) -> dict[str, Standing]:
        """Duty → how it stands for those of who owe it whom the viewer sees."""
        return {each.duty.key: each.within(self.nodes) for each in duty_standings(self.context)}

    def standing(self, duty: str, node_id: str) -> Standing:
        """A duty that a node owes; 404 if there is no such thing or it is not the viewer's to see: both look the same."""
        if duty not in self.standings or node_id not in self.standings[duty].owed:
            raise HTTPException(404)
        return self.standings[duty]

    def may_enter(self, standing: Standing, node_id: str) -> bool:
        """Whether the viewer stands at the place that puts a node's duty on record."""
        place = node_id if standing.duty.by == "itself" else self.context.register.node(node_id).parent_id
        return place is not None and stands_at(self.viewer, self.context.register, place)

    def entered_by(self, standing: Standing, node_id: str) -> str:
        """The name of that place."""
        nodes = self.context.register.nodes_by_id
        place = node_id.partition("/")[0] if standing.duty.by == "itself" else nodes[node_id].parent_id
        return nodes[place].name if place and place in nodes else ""


def owed_desk(request: Request, programme: str, period: str) -> OwedDesk:
    """The desk of a request; 404 for a year that is not, a programme without duties, or where the viewer has no unit."""
    desk = OwedDesk.of(request, programme, period, open_year)
    if not desk.context.bundle.programme.duties:
        raise HTTPException(404)
    return desk


def owed_years(viewer: Viewer, programme: str, *years: int) -> list[Context]:
    """The years of a programme with duties in which the viewer has a unit, newest first: those in which anything was filed, and
    the years named."""
    wanted = sorted({*filed_years(programme), *years}, reverse=True)
    return [context for context in years_seen(viewer, programme, map(str, wanted)) if context.bundle.programme.duties]


def owed_heading(owed: OwedDesk) -> Row:
    """What every page of the duties says on top, with the years to choose from and how much is overdue in each."""
    years = []
    for context in owed_years(owed.viewer, owed.context.key[0], owed.today.year, owed.context.period.year):
        other = OwedDesk(owed.viewer, owed.at, context, owed.units)
        rows = [row for each in other.standings.values() for row in _rows(other, each)]
        late = sum(row["state"] == "overdue" for row in rows)
        years.append({"period": context.key[1], "zh": context.period.zh, "overdue": late})
    return {
        "viewer": owed.viewer, "programme": owed.context.bundle.programme, "period": owed.context.period, "now": owed.at,
        "today": owed.today, "years": years,
    }


def owed_model(owed: OwedDesk) -> Row:
    """The duties of which the viewer sees anybody, each with a row for everyone who owes it."""
    groups = [_group(owed, each) for each in owed.standings.values() if each.owed]
    mine = [row for group in groups for row in group["rows"] if row["mine"] and row["state"] in ("overdue", "open")]
    return {"groups": groups, "mine": len(mine)}


def _group(owed: OwedDesk, standing: Standing) -> Row:
    rows = sorted(_rows(owed, standing), key=lambda row: (not row["mine"], STATES.index(row["state"])))
    return {
        "duty": standing.duty, "due_on": standing.due_on, "rows": rows, "states": Counter(row["state"] for row in rows),
        "half": standing.duty.half, "first_day": _first_day(standing, owed),
    }


def _first_day(standing: Standing, owed: OwedDesk) -> dt.date | None:
    """The first day on which it counts, of what counts in one half of the year only."""
    half = standing.duty.half
    return owed.context.period.halves()[half - 1].first_day if half else None


def _rows(owed: OwedDesk, standing: Standing) -> list[Row]:
    by_node: dict[str, list[Row]] = {}
    for record in standing.records:
        by_node.setdefault(record["node_id"], []).append(dict(record))
    return [_row(owed, standing, node_id, by_node.get(node_id, [])) for node_id in standing.owed]


def _row(owed: OwedDesk, standing: Standing, node_id: str, records: Sequence[Row]) -> Row:
    return {
        "node": owed.context.register.node(node_id), "records": records, "seen": seen_of(records),
        "mine": owed.may_enter(standing, node_id), "entered_by": owed.entered_by(standing, node_id),
        "state": _state(standing, records, owed.today),
    }


def seen_of(records: Sequence[Row]) -> str:
    """What a form was filled in over: the records that were there."""
    return ",".join(sorted(record["record_id"] for record in records))


def _state(standing: Standing, records: Sequence[Row], today: dt.date) -> str:
    if standing.due_on is None:
        return "whenever"
    if not records:
        return "overdue" if today > standing.due_on else "open"
    first = min(record["done_on"] for record in records)
    return "late" if first > standing.due_on.isoformat() else "done"
