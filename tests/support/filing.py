"""Feeds of a few invented units as CSV files, without a fault until a test plants one."""

import csv
import datetime as dt
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from etl import tasks
from etl.core.period import Period
from etl.core.programmes.layout import Column, Layout
from etl.edges.programmes import load_bundle
from etl.edges.store.database import open_store
from etl.edges.store.results import frame
from etl.settings import settings

Row = dict[str, str]
Tables = dict[str, list[Row]]

# What a branch of 20 members files; anything not named is 1, 是, or blank by its column's type.
_BRANCH = {
    "members": "20", "members_taking_part": "12", "members_50_years": "5", "members_dual_managed": "2", "members_away": "2",
    "members_away_managed": "2", "attendance_due": "20", "attendance_present": "15", "attendance_excused": "2",
    "attendance_rate": "", "dues_collected": "1200", "party_meetings": "2", "members_swept": "20", "room_haves": "6",
    "needs_raised": "3", "needs_resolved": "2", "committee_seats": "3", "committee_seats_filled": "3", "dues_returned": "1200",
    "rectifying": "否", "last_election_on": "2017-05-01", "branch_kind": "", "figures_scope": "",
}
_LISTED = ("organisations_commended", "members_commended")  # no unit sends a list of honours unless a test says so
_UNIT = {"branches_established": "0", "branches_dissolved": "0", "unit_name": "", "figures_scope": "", "in_plan": "是"}


@dataclass
class Unit:
    """One unit's files: table → rows, each column key → text."""

    code: str
    tables: Tables
    arrived: dt.datetime = field(default=dt.datetime(2018, 7, 5, 9))  # noqa: DTZ001 - feeds know local time only

    def set(self, table: str, row: int, **values: str) -> "Unit":
        """Plant values into one row."""
        self.tables[table][row].update(values)
        return self


def unit(programme: str, period: str, code: str, branches: int = 3, own: bool = False) -> Unit:
    """A unit whose every figure is right; `own`: an office that files only its own row, and nothing in it."""
    layout = load_bundle(programme).layout(Period.parse(period))
    if own:
        return Unit(code, {"unit_figures": [dict.fromkeys((c.key for c in layout.table("unit_figures").columns), "")]})
    half_years = 2 * (int(period[:4]) - 2010) + int(period[-1])
    counts = {"branches": str(branches), "branches_opening": str(branches), "members": str(20 * branches),
              "forum_sessions": str(half_years)}
    paid = 1000 + 10 * int(code[-3:]) + half_years  # no two branches file the same row, nor one the same row twice
    filed = [
        _row(layout, "branches", _BRANCH | {
            "branch_id": f"{code}-B{n:03d}", "branch_name": f"测试第{n}党支部", "township": "甲乡",
            "funds_paid": str(paid + n), "leaflets": str(paid + n),
        })
        for n in range(1, branches + 1)
    ]
    return Unit(code, {"branches": filed, "unit_figures": [_row(layout, "unit_figures", _UNIT | counts)]})


def _row(layout: Layout, table: str, known: Mapping[str, str]) -> Row:
    columns = layout.table(table).columns
    first = {c.indicator: c.key for c in reversed(columns) if c.part}  # the first part carries the whole
    return {c.key: known.get(c.key, "0" if c.indicator in _LISTED else _usual(c, first)) for c in columns}


def _usual(column: Column, first: Mapping[str | None, str]) -> str:
    if column.part:
        return "1" if first[column.indicator] == column.key else "0"
    return {"yes_no": "是", "date": "2017-05-01", "text": "甲"}.get(column.type, "1")


def write(home: Path, programme: str, period: str, units: Iterable[Unit]) -> None:
    """Put the units' files into the drop folder, each with the hour at which it arrived."""
    layout = load_bundle(programme).layout(Period.parse(period))
    for each in units:
        folder = home / "feeds" / programme / period / each.code
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in each.tables.items():
            path = folder / f"{name}.csv"
            headings = {column.key: heading(column) for column in layout.table(name).columns}
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(headings.values())
                writer.writerows([row.get(key, "") for key in headings] for row in rows)
            os.utime(path, (each.arrived.timestamp(),) * 2)


def heading(column: Column) -> str:
    """The heading that `write` gives a column: its first."""
    return column.headings[0]


def letter(programme: str, period: str, table: str, key: str) -> str:
    """The letter of a column in what `write` wrote, counted A … Z, AA …"""
    keys = [column.key for column in load_bundle(programme).layout(Period.parse(period)).table(table).columns]
    number, text = keys.index(key) + 1, ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def run(programme: str, period: str, as_of: str, roll_up: bool = True) -> None:
    """Gather, read, validate, publish and roll up, in this process."""
    tasks.gather(programme, period, None, as_of)
    tasks.read(programme, period, None)
    tasks.validate(programme, period, None)
    tasks.publish(programme, period, None)
    if roll_up:
        tasks.roll_up(programme, period)


def stored(table: str, programme: str, period: str) -> pd.DataFrame:
    """A table of the store."""
    return frame(open_store(settings().database_url), table, programme, period)


def total(totals: pd.DataFrame, node_id: str, indicator: str, part: str = "", column: str = "value") -> Any:
    """One number of the totals; None where it is missing."""
    found = totals[(totals.node_id == node_id) & (totals.indicator == indicator) & (totals.part == part)]
    value = found[column].item()
    return None if pd.isna(value) else value


@contextmanager
def home_at(folder: Path) -> Iterator[Path]:
    """Like the fixture `home`, for fixtures that several tests share."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SANJI_")]:
            patch.delenv(name)
        patch.setenv("SANJI_HOME", str(folder))
        settings.cache_clear()
        yield folder
    settings.cache_clear()


@contextmanager
def copy_of(made: Path, folder: Path) -> Iterator[Path]:
    """A home of its own in `folder` that starts as the one that was made: filing it again would take seconds a test."""
    shutil.copytree(made, folder)
    with home_at(folder) as home:
        yield home
