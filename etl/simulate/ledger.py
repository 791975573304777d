"""A unit's activity ledger: every meeting, lesson and visit of its branches in one period."""

import datetime as dt

import numpy as np

from etl.core.period import Period
from etl.core.programmes.layout import TableLayout
from etl.simulate.plan import Options
from etl.simulate.profile import allot, names, profiles, rng_for


def entry_counts(
    unit_id: str, branches: int, per_branch: int, period: Period, options: Options
) -> dict[str, np.ndarray]:
    """Activity kind → entries of each branch, `per_branch` in the mean. Counted kinds are few, the rest fill up.

    No kind has more entries than the period has days, so that none falls on another's day.
    """
    rng = rng_for(options.seed, "entries", unit_id, period)
    ledger = profiles()["ledger"]
    halves = period.months // 6
    counts = {
        kind: rng.integers(low * halves, high * halves + 1, branches)
        for kind, (low, high) in ledger["counted"].items()
    }
    left = max(
        per_branch - round(float(sum(sum(pair) / 2 for pair in ledger["counted"].values())) * halves), 0
    )
    days = (period.last_day - period.first_day).days + 1
    for kind, mean in zip(ledger["shares"], allot(left, list(ledger["shares"].values())), strict=True):
        counts[kind] = np.minimum(rng.poisson(mean, branches), days)
    return counts


def ledger_table(
    layout: TableLayout, ids: np.ndarray, people: np.ndarray, counts: dict[str, np.ndarray], period: Period,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """The ledger as filed: the layout's columns, in order of days; and `branch`, the branch's place in `ids`.

    Numbers are whole numbers, days ISO text.
    """
    days = (period.last_day - period.first_day).days + 1
    pieces = [_entries(at, count, days, rng) for at, count in enumerate(counts.values())]
    branch, day, kind = (np.concatenate([piece[at] for piece in pieces]) for at in range(3))
    order = np.lexsort((branch, day))
    branch, day, kind = branch[order], day[order], kind[order]
    words = {key: word for word, key in reversed(list(_choices(layout).items()))}
    topics = np.asarray(names()["topics"], dtype=object)
    due = people[branch].astype(int)
    excused = rng.integers(0, 3, len(branch)).clip(max=due)
    absent = rng.integers(0, 3, len(branch))
    calendar = np.asarray(
        [(period.first_day + dt.timedelta(days=at)).isoformat() for at in range(days)], dtype=object
    )
    zh = np.asarray([words.get(each, each) for each in counts], dtype=object)
    return {
        "branch_id": ids[branch],
        "held_on": calendar[day],
        "activity_kind": zh[kind],
        "activity_title": topics[rng.integers(0, len(topics), len(branch))],
        "attendance_due": due.astype(object),
        "attendance_present": (due - excused - absent).clip(min=0).astype(object),
        "attendance_excused": excused.astype(object),
        "branch": branch,
    }


def _entries(kind: int, count: np.ndarray, days: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Branch, day and kind of the entries of one kind, each in a stretch of days of its own."""
    branch = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(branch)) - np.repeat(np.cumsum(count) - count, count)
    width = days / np.repeat(np.maximum(count, 1), count)
    day = np.floor(nth * width) + np.floor(rng.uniform(size=len(branch)) * np.floor(width))
    return branch, day.astype(int), np.full(len(branch), kind)


def _choices(layout: TableLayout) -> dict[str, str]:
    return dict(next(column.choices for column in layout.columns if column.key == "activity_kind"))
