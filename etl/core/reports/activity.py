"""What units did, out of their activity ledgers and their own words: the matter of 主要做法和成效.

The statements read the table `activities` (unit_id, branch_id, activity_kind, activity_title, attendance_present) and
`unit_texts` (unit_id, table_name, indicator, text); how they come there is the stage's business.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from etl.core.reports.figure_text import count_text
from etl.core.reports.index import Record
from etl.core.reports.list_rows import Activity, ActivityTheme, OwnWords, UnitFigure
from etl.core.reports.told import address
from etl.core.wording import Wording, is_private, one_line

MOST_THEMES_OF_ALL = 50
THEMES_OF_A_UNIT = 3
"""Titles are free text: those counted are the most frequent of all and of each unit, so that every count is exact."""

_ACTIVITIES = sa.table(
    "activities",
    *(
        sa.column(name)
        for name in ("unit_id", "branch_id", "activity_kind", "activity_title", "attendance_present")
    ),
)


def kinds_statement() -> sa.Select[Any]:
    """One row a unit and kind of activity: `unit_id, kind, entries, person_times, branches`."""
    a = _ACTIVITIES.c
    return (
        sa.select(
            a.unit_id,
            a.activity_kind.label("kind"),
            sa.func.count().label("entries"),
            sa.func.coalesce(sa.func.sum(a.attendance_present), 0).label("person_times"),
            sa.func.count(a.branch_id.distinct()).label("branches"),
        )
        .where(a.activity_kind.is_not(None))
        .group_by(a.unit_id, a.activity_kind)
        .order_by(a.unit_id, a.activity_kind)
    )


def themes_statement() -> sa.Select[Any]:
    """One row a unit and title, of the titles most frequent in all and in each unit: `unit_id, title, entries`."""
    a = _ACTIVITIES.c
    counted = (
        sa.select(a.unit_id, a.activity_title.label("title"), sa.func.count().label("entries"))
        .where(a.activity_title.is_not(None))
        .group_by(a.unit_id, a.activity_title)
        .cte("counted")
    )
    place = sa.func.row_number().over(
        partition_by=counted.c.unit_id, order_by=(counted.c.entries.desc(), counted.c.title)
    )
    in_units = sa.select(counted.c.title, place.label("place")).subquery()
    of_units = sa.select(in_units.c.title).where(in_units.c.place <= THEMES_OF_A_UNIT)
    of_all = (
        sa.select(counted.c.title)
        .group_by(counted.c.title)
        .order_by(sa.func.sum(counted.c.entries).desc(), counted.c.title)
        .limit(MOST_THEMES_OF_ALL)
    )
    chosen = sa.union(of_units, sa.select(of_all.subquery().c.title)).subquery()
    return (
        sa.select(counted)
        .where(counted.c.title.in_(sa.select(chosen.c.title)))
        .order_by(counted.c.unit_id, counted.c.title)
    )


def texts_statement() -> sa.Select[Any]:
    """One row a text that a unit filed about itself, not about a branch: `unit_id, indicator, text`."""
    filed = sa.table("unit_texts", *(sa.column(name) for name in ("unit_id", "table_name", "indicator", "text")))
    return (
        sa.select(filed.c.unit_id, filed.c.indicator, filed.c.text)
        .where(filed.c.table_name == "unit_figures", filed.c.text.is_not(None))
        .order_by(filed.c.unit_id, filed.c.indicator)
    )


def activity_rows(
    node_id: str, kinds: Sequence[Record], names: Mapping[str, str], words: Wording
) -> list[Activity]:
    """One line a kind of activity at the node's units, most entries first, with the units that held most.

    `kinds` are the rows of `kinds_statement` for these units; `names` their names by id.
    """
    by_kind: defaultdict[str, list[Record]] = defaultdict(list)
    for row in kinds:
        by_kind[row["kind"]].append(row)
    rows = [_activity(node_id, kind, found, names, words) for kind, found in by_kind.items()]
    return sorted(rows, key=lambda row: (-row["entries"], row["kind"]))


def _activity(
    node_id: str, kind: str, found: Sequence[Record], names: Mapping[str, str], words: Wording
) -> Activity:
    leading = sorted(found, key=lambda row: (-row["entries"], row["unit_id"]))[:3]
    entries, person_times, branches = (
        sum(int(row[name]) for row in found) for name in ("entries", "person_times", "branches")
    )
    return {
        "kind": kind,
        "zh": words.activities.get(kind, words.activities["other"]),
        "entries": entries,
        "person_times": person_times,
        "branches": branches,
        "entries_text": count_text(entries, words, large=False),
        "person_times_text": count_text(person_times, words, large=False),
        "branches_text": count_text(branches, words, large=False),
        "units": len(found),
        "leading": [
            {
                "name": one_line(names[row["unit_id"]]),
                "entries": int(row["entries"]),
                "entries_text": count_text(int(row["entries"]), words, large=False),
                "address": address(row["unit_id"], "activity", kind),
            }
            for row in leading
        ],
        "address": address(node_id, "activity", kind),
    }


def theme_rows(node_id: str, themes: Sequence[Record], most: int, least_units: int) -> list[ActivityTheme]:
    """The titles most frequent at the node's units, with their entries and how many units took them up.

    A title of fewer than `least_units` is one branch's own matter and not named.
    """
    entries: defaultdict[str, int] = defaultdict(int)
    units: defaultdict[str, int] = defaultdict(int)
    for row in themes:
        title = one_line(row["title"])
        entries[title] += int(row["entries"])
        units[title] += 1
    known = (title for title in entries if title and units[title] >= least_units)
    chosen = sorted(known, key=lambda title: (-entries[title], title))[:most]
    return [
        {
            "title": title,
            "entries": entries[title],
            "units": units[title],
            "address": address(node_id, "theme", str(n)),
        }
        for n, title in enumerate(chosen, start=1)
    ]


def practice_rows(
    texts: Sequence[Record],
    indicator: str,
    order: Mapping[str, int],
    names: Mapping[str, str],
    own: Mapping[str, UnitFigure],
    most: int,
    longest: int,
) -> list[OwnWords]:
    """What the first `most` units by `order` wrote under an indicator, whole clauses of at most `longest` characters.

    A text that came before is somebody else's and left out, as is one with characters that only its writer's machine
    knows. `own` holds a figure of each unit, told beside its words.
    """
    found = [row for row in texts if row["indicator"] == indicator]
    found.sort(key=lambda row: (order.get(row["unit_id"], len(order)), row["unit_id"]))
    rows: list[OwnWords] = []
    seen: set[str] = set()
    for row in found:
        text = whole_sentences(one_line(str(row["text"])), longest)
        if text and text not in seen and len(rows) < most and not any(map(is_private, text)):
            seen.add(text)
            name = one_line(names[row["unit_id"]])
            rows.append(
                {
                    "name": name,
                    "text": text,
                    "figure": own.get(row["unit_id"]),
                    "address": address(row["unit_id"], indicator),
                }
            )
    return rows


def whole_sentences(text: str, longest: int) -> str:
    """The text up to its last whole clause within `longest` characters, without its end mark.

    >>> whole_sentences("组建队伍；送学上门。改进作风。", 10)
    '组建队伍；送学上门'
    """
    kept = text
    if len(text) > longest:
        end = max((text.rfind(mark, 0, longest + 1) for mark in "。；;"), default=-1)
        kept = text[:end] if end > 0 else ""
    return kept.rstrip("。；;，, ")
