"""A unit's return while it is being made: what is true, what is filed, what of it the system must hold."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from etl.core.layout import Column
from etl.simulate.branches import branches_ever, standing
from etl.simulate.figures import BranchFigures, Context, own_table, unit_table
from etl.simulate.honours import honours_table, named_branches
from etl.simulate.ledger import entry_counts, ledger_table
from etl.simulate.profile import ordinal


@dataclass
class Planted:
    """A fault that was planted. `row` is a place in the table (None: the table or file as a whole)."""

    rule: str
    level: str
    table: str
    row: int | None
    column: str
    text: str


@dataclass
class TableDraft:
    """One table: `true` figures, `filed` figures as they can be read, `texts` that stand in cells instead."""

    key: str
    cells: pd.DataFrame
    true: pd.DataFrame
    filed: pd.DataFrame
    held: np.ndarray
    texts: dict[tuple[int, str], str | None] = field(default_factory=dict)
    at_least: set[tuple[int, str]] = field(default_factory=set)
    untouchable: set[int] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)

    def put(self, row: int, column: str, text: str | None, value: float | None) -> None:
        """File another text in a cell, and the value it can be read as."""
        self.texts[row, column] = text
        if column in self.filed:
            self.filed.loc[row, column] = np.nan if value is None else value

    def hold(self, row: int) -> None:
        """Say that a row must be held; no other fault goes there."""
        self.held[row] = True
        self.untouchable.add(row)

    def free_rows(self) -> list[int]:
        """Rows that carry no fault yet and may carry one."""
        return [row for row in range(len(self.cells)) if row not in self.untouchable]

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.cells)))


@dataclass
class Draft:
    """A unit's whole return."""

    context: Context
    branches: pd.DataFrame
    tables: dict[str, TableDraft]
    ledger_branch: np.ndarray
    planted: list[Planted] = field(default_factory=list)
    reading: str | None = None  # a fault of the files themselves

    def column(self, table: str, key: str) -> Column:
        """The layout's column; StopIteration if there is none."""
        return next(column for column in self.context.layout.table(table).columns if column.key == key)

    def drop_entries(self, keep: np.ndarray) -> None:
        """Leave ledger entries out, in truth as in what is filed."""
        ledger = self.tables["activities"]
        ledger.cells = ledger.cells[keep].reset_index(drop=True)
        ledger.held, self.ledger_branch = ledger.held[keep], self.ledger_branch[keep]

    def append(self, table: str, row: dict[str, object]) -> int:
        """Add a row that must be held; gives back its place."""
        draft = self.tables[table]
        place = len(draft.cells)
        draft.cells = pd.concat([draft.cells, pd.DataFrame([row], dtype=object)], ignore_index=True)
        draft.held = np.append(draft.held, True)
        draft.untouchable.add(place)
        if table == "activities":
            self.ledger_branch = np.append(self.ledger_branch, -1)
        return place


def make_draft(context: Context) -> Draft:
    """The unit's return as it should be."""
    if context.plan.is_own or context.bundle.programme.leaf != "branch":
        row = own_table(context) if context.plan.is_own else unit_table(context, _NO_BRANCHES, _NO_BRANCHES, {})
        return Draft(context, _NO_BRANCHES, {"unit_figures": _unit_draft(context, row)}, np.zeros(0, int))
    ever = branches_ever(context.bundle, context.plan, context.options)
    per_branch = context.options.activities_per_branch
    per_branch = context.profile["activities_per_branch"] if per_branch is None else per_branch
    counts = entry_counts(context.plan.unit.unit_id, len(ever), per_branch, context.period, context.options)
    figures = BranchFigures(context, ever, {kind: count.astype(float) for kind, count in counts.items()})
    there = standing(ever, ordinal(context.period)).to_numpy()
    now = ever[there].reset_index(drop=True)
    values, people = figures.table(), figures.people()[there]
    named = named_branches(context, now)
    own = unit_table(context, ever, values, {level: len(places) for level, places in named.items()})
    entries = ledger_table(
        context.layout.table("activities"), now["branch_id"].to_numpy(dtype=object), people,
        {kind: count[there] for kind, count in counts.items()}, context.period, context.rng("ledger"),
    )  # fmt: skip
    praised = honours_table(context, now, named, own)
    tables = {
        "branches": _branch_draft(context, now, values),
        "unit_figures": _unit_draft(context, own),
        "activities": _records("activities", entries.drop(columns="branch")),
        "honours": _records("honours", praised.drop(columns="branch")),
    }
    tables["branches"].untouchable |= {int(at) for at in praised["branch"] if at >= 0}
    return Draft(context, now, tables, entries["branch"].to_numpy())


_NO_BRANCHES = pd.DataFrame({"born": [], "died": []})


def _branch_draft(context: Context, now: pd.DataFrame, values: pd.DataFrame) -> TableDraft:
    kinds = {kind.kind: kind.zh for kind in context.bundle.programme.branch_kinds}
    known = {
        "branch_id": now["branch_id"],
        "branch_name": now["branch_name"],
        "branch_kind": now["kind"].map(kinds),
        "township": now["township"],
        "rectifying": now["rectifying"].map({True: "是", False: "否"}),
    }
    return _with_figures(context, "branches", known, values)


def _unit_draft(context: Context, row: dict[str, float]) -> TableDraft:
    return _with_figures(context, "unit_figures", {"unit_name": [context.plan.unit.name]}, pd.DataFrame([row]))


def _with_figures(context: Context, table: str, known: dict[str, object], values: pd.DataFrame) -> TableDraft:
    cells, numbers = {}, {}
    for column in context.layout.table(table).columns:
        if column.key in values:
            cells[column.key] = values[column.key].astype(object)
            if column.type not in ("date", "text"):
                numbers[column.key] = values[column.key].astype(float)
        else:
            cells[column.key] = pd.Series(known.get(column.key, [None] * len(values)), dtype=object)
    frame, true = pd.DataFrame(cells), pd.DataFrame(numbers)
    return TableDraft(table, frame, true, true.copy(), np.zeros(len(frame), dtype=bool))


def _records(key: str, frame: pd.DataFrame) -> TableDraft:
    nothing = pd.DataFrame(index=frame.index)
    return TableDraft(key, frame, nothing, nothing, np.zeros(len(frame), dtype=bool))
