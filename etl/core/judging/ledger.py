"""The activity ledger, on which the suite `activities` runs: typed, looked up against the branches, repeats marked."""

from typing import Any

import sqlalchemy as sa

from etl.core import casts
from etl.core.judging.views import Statement, branch_key, same, table, text_table
from etl.core.period import Period
from etl.core.programmes.layout import TableLayout

QUARTER = "quarter_"
_COUNTS = ("attendance_due", "attendance_present", "attendance_excused")
_ENTRY = ("unit_id", "branch_id", "held_on", "activity_kind", "activity_title")
_ENTRY_ROW = ("unit_id", "file_number", "row_number", "branch_id", "held_on", "activity_kind", "activity_title")
_WRONG = ("unknown_branch", "unreadable_day", "day_outside_period", "unknown_kind", "unreadable_count", "repeated_entry")
ACTIVITY_SLICE = (
    "unit_id",
    "row_number",
    "branch_id",
    "held_on",
    "activity_kind",
    "activity_title",
    *_COUNTS,
)


def ledger_entries(layout: TableLayout, period: Period) -> Statement:
    """The ledger with its values, one row an entry, and what is wrong about it; `mark_repeats` says which entries are repeats.

    A ledger has a million entries but few different dates, kinds and numbers. Read straight from the text files
    (`activities_text` is a view of them), their columns arrive as dictionaries and each different text is cast once.
    What a file says for all of its entries is not kept with each of them: `activities` looks it up.
    """
    entry, known = _typed_entries(layout).subquery("entry"), table("filed_branches", ["unit_id", "branch_id"]).alias("known")
    blank = casts.literal(casts.NOT_FILLED)
    outside = sa.or_(entry.c.held_on < casts.fixed_day(period.first_day), entry.c.held_on > casts.fixed_day(period.last_day))
    written = sa.func.coalesce(entry.c.branch_id_text, entry.c.branch_id, blank)
    wrong = {
        "unknown_branch": sa.case((known.c.branch_id.is_(None), written)),
        "unreadable_day": sa.case((entry.c.held_on.is_(None), sa.func.coalesce(entry.c.held_on_text, blank))),
        "day_outside_period": sa.case((outside, entry.c.held_on_text)),
        "unknown_kind": sa.case((entry.c.activity_kind.is_(None), sa.func.coalesce(entry.c.activity_kind_text, blank))),
        "unreadable_count": sa.func.coalesce(
            *(sa.case((entry.c[name].is_(None), entry.c[f"{name}_text"])) for name in _COUNTS)
        ),
        "repeated_entry": sa.cast(sa.null(), sa.String),
    }
    return sa.select(
        *(entry.c[name] for name in (*_ENTRY_ROW, *_COUNTS)), *(wrong[name].label(name) for name in _WRONG)
    ).select_from(entry.outerjoin(known, same(entry, known, ("unit_id", "branch_id"))))


def activities(layout: TableLayout, period: Period) -> Statement:
    """`ledger_entries` with all that the suite asks for: whose file an entry stands in, its branch if that is known."""
    entry = table("ledger_entries", [*_ENTRY_ROW, *_COUNTS, *_WRONG])
    file = table(f"{layout.key}_files", ["file_number", "receipt_id", "sheet"])
    present, excused = entry.c.attendance_present, entry.c.attendance_excused
    attended = sa.func.coalesce(present, 0) + sa.func.coalesce(excused, 0)
    working = sa.cast(present, sa.String).concat(casts.literal("＋")).concat(sa.cast(excused, sa.String))
    return sa.select(
        entry, file.c.receipt_id, file.c.sheet,
        sa.case((entry.c.unknown_branch.is_(None), entry.c.branch_id)).label("subject_id"),
        casts.literal(layout.key).label("table_name"),
        casts.literal(f"{period.first_day}至{period.last_day}").label("period_days"),
        attended.label("attended_or_excused"),
        sa.case((attended > entry.c.attendance_due, casts.worked_out(working, attended))).label("attended_or_excused_shown"),
    ).select_from(entry.join(file, entry.c.file_number == file.c.file_number))


def _typed_entries(layout: TableLayout) -> sa.Select[Any]:
    """The ledger's texts (`<column>_text`) beside what they mean.

    Numbers are worked out a step at a time, each step a query over the one before: written as one expression they repeat
    one another so often that DuckDB plans longer than it counts.
    """
    source = text_table(layout)
    kinds = dict(next(column.choices for column in layout.columns if column.key == "activity_kind"))
    meanings = {
        "branch_id": branch_key(source),
        "held_on": casts.day(source.c.held_on),
        "activity_kind": casts.choice(source.c.activity_kind, kinds),
    }
    typed = sa.select(
        *(source.c[name] for name in _ENTRY_ROW if name not in meanings),
        *(value.label(name) for name, value in meanings.items()),
        *(source.c[name].label(f"{name}_text") for name in (*meanings, *_COUNTS)),
        *(casts.cleaned(source.c[name]).label(f"{name}_clean") for name in _COUNTS),
    ).subquery("cleaned")
    for step, expression in _COUNT_STEPS.items():
        typed = sa.select(typed, *(expression(typed, name).label(f"{name}{step}") for name in _COUNTS)).subquery(f"typed{step}")
    return sa.select(typed)


def _plain(typed: sa.FromClause, name: str) -> sa.ColumnElement[Any]:
    return casts.plain_number(typed.c[f"{name}_clean"])


def _parts(typed: sa.FromClause, name: str) -> sa.ColumnElement[Any]:
    return casts.worded_number(typed.c[f"{name}_clean"], typed.c[f"{name}_plain"])


def _value(typed: sa.FromClause, name: str) -> sa.ColumnElement[Any]:
    parts = typed.c[f"{name}_parts"]
    people = sa.func.coalesce(casts.unit_word(parts), "人").in_(["人", "名", "人次"])
    return sa.func.coalesce(typed.c[f"{name}_plain"], sa.case((people, casts.worded_value(parts))))


def _count(typed: sa.FromClause, name: str) -> sa.ColumnElement[Any]:
    """A whole number that is not negative; "25人" reads as 25."""
    value = typed.c[f"{name}_value"]
    return sa.case((sa.and_(value >= 0, value == sa.func.floor(value)), sa.cast(value, sa.BigInteger)))


_COUNT_STEPS = {"_plain": _plain, "_parts": _parts, "_value": _value, "": _count}


def mark_repeats() -> sa.Update:
    """Says of each of several equal entries, but the first, that it is a repeat: few, and the ledger is not copied for them."""
    ledger = table("ledger_entries", [*_ENTRY, "file_number", "row_number", "repeated_entry"])
    first = _first_of_equals(ledger).subquery("first_of_equals")
    equal = (ledger.c[name].is_not_distinct_from(first.c[name]) for name in _ENTRY)
    return (
        sa.update(ledger)
        .values(repeated_entry=sa.func.coalesce(ledger.c.activity_title, casts.literal(casts.NOT_FILLED)))
        .where(*equal, _place(ledger) > first.c.first_place)
    )


def _place(typed: sa.FromClause) -> sa.ColumnElement[Any]:
    """Where an entry stands, comparable: its file, then its row."""
    return sa.cast(typed.c.file_number, sa.BigInteger) * 1_000_000_000 + typed.c.row_number


def _first_of_equals(typed: sa.FromClause) -> sa.Select[Any]:
    """The entries that stand more than once, with the place of the first.

    They are few: a million hashes are counted first, and only entries that share one are compared in full.
    """
    keys = [typed.c[name] for name in _ENTRY]
    entry_hash = sa.func.hash(*keys)
    shared = sa.select(entry_hash).group_by(entry_hash).having(sa.func.count() > 1)
    return (
        sa.select(*keys, sa.func.min(_place(typed)).label("first_place"))
        .where(typed.c.held_on.isnot(None), entry_hash.in_(shared))
        .group_by(*keys)
        .having(sa.func.count() > 1)
    )


def ledger_counts() -> Statement:
    """How many ledger entries of each kind a branch has, repeats left out."""
    ledger = table("ledger_entries", ["unit_id", "branch_id", "activity_kind", "repeated_entry"])
    key = (ledger.c.unit_id, ledger.c.branch_id, ledger.c.activity_kind)
    return (
        sa.select(*key, sa.func.count().label("entries"))
        .where(ledger.c.repeated_entry.is_(None))
        .group_by(*key)
    )


def entries_by_quarter(kind: str, period: Period) -> sa.Select[Any]:
    """How many ledger entries of a kind a branch has in each quarter of a period, repeats left out.

    Columns `unit_id, branch_id` and one a quarter, `quarter_3`; entries outside the period, or without a day, are in none.
    """
    ledger = table("ledger_entries", ["unit_id", "branch_id", "activity_kind", "held_on", "repeated_entry"])
    inside = sa.between(ledger.c.held_on, casts.fixed_day(period.first_day), casts.fixed_day(period.last_day))
    quarter, first = sa.extract("quarter", ledger.c.held_on), (period.first_day.month + 2) // 3
    counts = [
        sa.func.count().filter(sa.and_(inside, quarter == casts.literal(each))).label(f"{QUARTER}{each}")
        for each in range(first, first + period.quarters)
    ]
    key = (ledger.c.unit_id, ledger.c.branch_id)
    return (
        sa.select(*key, *counts)
        .where(ledger.c.activity_kind == casts.literal(kind), ledger.c.repeated_entry.is_(None))
        .group_by(*key)
    )


def ledger_units() -> Statement:
    """The units that sent a ledger at all: only theirs is compared with what their branches report."""
    return sa.select(table("ledger_entries", ["unit_id"]).c.unit_id).distinct()
