"""What a request is about: who looks, when, at which programme and period; what every page says on top."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import pandas as pd
from fastapi import HTTPException, Request

from etl.core.access import Viewer, visible_nodes, visible_units
from etl.core.period import Period
from etl.core.register import cutoff_day
from etl.core.returns.events import By
from etl.edges.programmes import programme_folders
from etl.edges.store.database import open_store
from etl.edges.store.returns import filed_periods
from etl.errors import Misuse
from etl.settings import settings
from etl.stages.board import board
from etl.stages.context import Context, open_context, open_year
from etl.web import views

Clock = Callable[[], dt.datetime]
Opener = Callable[[str, str], Context]


@dataclass(frozen=True)
class Desk:
    """What a request is about: who looks, when, at which programme and period, and the units they may see."""

    viewer: Viewer
    at: dt.datetime
    context: Context
    units: frozenset[str]

    @classmethod
    def of(cls, request: Request, programme: str, period: str, opened: Opener = open_context) -> Self:
        """The desk of a request; 404 for a programme or period that is not, or in which the viewer has no unit.

        `opened` finds the context of the two: of a half-year, or of a year.
        """
        if programme not in programme_folders(settings().programmes_dir):
            raise HTTPException(404)
        try:
            context = opened(programme, period)
        except Misuse as error:
            raise HTTPException(404) from error
        viewer = viewer_of(request)
        units = visible_units(viewer, context.register)
        if not units:
            raise HTTPException(404)
        clock: Clock = request.app.state.clock
        return cls(viewer, clock(), context, units)

    @property
    def today(self) -> dt.date:
        """The day of the request, in China."""
        return self.at.date()

    @cached_property
    def nodes(self) -> frozenset[str]:
        """The nodes that the viewer sees: at or under the viewer's own."""
        return visible_nodes(self.viewer, self.context.register)

    @property
    def by(self) -> By:
        """The viewer, as the one who does something now."""
        return By(self.viewer.account, self.at)

    def board(self) -> pd.DataFrame:
        """The board of the units that the viewer may see."""
        whole = board(self.context, self.today)
        return whole[whole["unit_id"].isin(list(self.units))]

    def unit(self, unit_id: str) -> views.Row:
        """The board's row of a unit; 404 for one that neither must report nor has."""
        rows = self.board()
        mine = rows[rows["unit_id"] == unit_id].to_dict("records")
        if not mine:
            raise HTTPException(404)
        return views.plain(mine[0])


def viewer_of(request: Request) -> Viewer:
    """Who asks, as whoever serves the page has found out."""
    viewer: Viewer = request.state.viewer
    return viewer


def unit_desk(request: Request, programme: str, period: str, unit_id: str) -> Desk:
    """The desk of a request about one unit; 404 for a unit that is not there or not the viewer's: both look the same."""
    desk = Desk.of(request, programme, period)
    if unit_id not in desk.units:
        raise HTTPException(404)
    return desk


def heading(desk: Desk) -> dict[str, Any]:
    """What every page says on top."""
    programme = desk.context.bundle.programme
    return {
        "viewer": desk.viewer,
        "programme": programme,
        "period": desk.context.period,
        "now": desk.at,
        "cutoff": cutoff_day(programme, desk.context.period),
        "choices": choices_of(desk.viewer),
    }


def choices_of(viewer: Viewer) -> list[dict[str, Any]]:
    """The programmes and periods with deliveries in which the viewer has a unit, newest period first."""
    found = []
    for programme, period in filed_periods(open_store(settings().database_url)):
        if programme not in programme_folders(settings().programmes_dir):
            continue
        context = open_context(programme, period)
        if visible_units(viewer, context.register):
            found.append(
                {
                    "programme": programme,
                    "period": period,
                    "title": context.bundle.programme.title.zh,
                    "zh": context.period.zh,
                }
            )
    return found


def filed_years(programme: str) -> set[int]:
    """The years of a programme of which anything was filed."""
    filed = filed_periods(open_store(settings().database_url))
    return {Period.parse(period).year for key, period in filed if key == programme}


def years_seen(viewer: Viewer, programme: str, years: Iterable[str]) -> list[Context]:
    """Those of some years and batches in which the viewer has a unit, in their order.

    A year at whose end the programme is not in force, or that has no half-years to close, is left out. 404 for a programme
    that there is not.
    """
    if programme not in programme_folders(settings().programmes_dir):
        raise HTTPException(404)
    found = []
    for year in years:
        try:
            context = open_year(programme, year)
        except Misuse:
            continue
        if visible_units(viewer, context.register):
            found.append(context)
    return found
