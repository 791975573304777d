"""A unit's return while it is being made: what is true, what is filed, what of it the system must hold."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from etl.core.programmes.layout import Column
from etl.simulate.branches import branches_ever, standing
from etl.simulate.figures import BranchFigures, Context
from etl.simulate.honours import honours_table, named_branches, named_counts
from etl.simulate.ledger import entry_counts, ledger_table
from etl.simulate.narrative import narrative_text
from etl.simulate.profile import ordinal
from etl.simulate.unit_figures import own_table, unit_table


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
    cells: dict[str, np.ndarray]
    true: dict[str, np.ndarray]
    filed: dict[str, np.ndarray]
    held: np.ndarray
    texts: dict[tuple[int, str], str | None] = field(default_factory=dict)
    at_least: set[tuple[int, str]] = field(default_factory=set)
    untouchable: set[int] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)

    def put(self, row: int, column: str, text: str | None, value: float | None) -> None:
        """File another text in a cell, and the value it can be read as."""
        self.texts[row, column] = text
        if column in self.filed:
            self.filed[column][row] = np.nan if value is None else value

    def hold(self, row: int) -> None:
        """Say that a row must be held; no other fault goes there."""
        self.held[row] = True
        self.untouchable.add(row)

    def free_rows(self) -> list[int]:
        """Rows that carry no fault yet and may carry one."""
        return [row for row in range(len(self)) if row not in self.untouchable]

    def __len__(self) -> int:
        return len(self.held)


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
        ledger.cells = {key: values[keep] for key, values in ledger.cells.items()}
        ledger.held, self.ledger_branch = ledger.held[keep], self.ledger_branch[keep]

    def append(self, table: str, row: dict[str, object]) -> int:
        """Add a row that must be held; gives back its place."""
        draft = self.tables[table]
        place = len(draft)
        draft.cells = {key: _longer(values, row[key]) for key, values in draft.cells.items()}
        draft.held = np.append(draft.held, True)
        draft.untouchable.add(place)
        if table == "activities":
            self.ledger_branch = np.append(self.ledger_branch, -1)
        return place


def make_draft(context: Context) -> Draft:
    """The unit's return as it should be."""
    if context.plan.is_own or context.bundle.programme.leaf != "branch":
        row = own_table(context) if context.plan.is_own else unit_table(context, _NO_BRANCHES, {}, {})
        return Draft(context, _NO_BRANCHES, {"unit_figures": _unit_draft(context, row)}, np.zeros(0, int))
    ever = branches_ever(context.bundle, context.plan, context.options)
    per_branch = context.options.activities_per_branch
    per_branch = context.profile["activities_per_branch"] if per_branch is None else per_branch
    counts = entry_counts(context.plan.unit.unit_id, len(ever), per_branch, context.period, context.options)
    figures = BranchFigures(context, ever, {kind: count.astype(float) for kind, count in counts.items()})
    there = standing(ever, ordinal(context.period))
    now = ever[there].reset_index(drop=True)
    values, people = figures.table(), figures.people()[there]
    named = named_branches(context, now)
    own = unit_table(context, ever, values, named_counts(context, named))
    entries = ledger_table(
        context.layout.table("activities"), now["branch_id"].to_numpy(dtype=object), people,
        {kind: count[there] for kind, count in counts.items()}, context.period, context.rng("ledger"),
    )
    praised = honours_table(context, now, named, own)
    tables = {
        "branches": _branch_draft(context, now, values),
        "unit_figures": _unit_draft(context, own),
        "activities": _records("activities", entries),
        "honours": _records("honours", praised),
    }
    tables["branches"].untouchable |= {int(at) for at in praised["branch"] if at >= 0}
    return Draft(context, now, tables, entries["branch"])


_NO_BRANCHES = pd.DataFrame({"born": [], "died": []})


def _longer(values: np.ndarray, value: object) -> np.ndarray:
    longer = np.empty(len(values) + 1, dtype=object)
    longer[:-1], longer[-1] = values, value
    return longer


def _branch_draft(context: Context, now: pd.DataFrame, values: dict[str, np.ndarray]) -> TableDraft:
    kinds = {kind.kind: kind.zh for kind in context.bundle.programme.branch_kinds}
    known = {
        "branch_id": now["branch_id"].tolist(),
        "branch_name": now["branch_name"].tolist(),
        "branch_kind": [kinds.get(kind) for kind in now["kind"]],
        "township": now["township"].tolist(),
        "rectifying": ["是" if rectifying else "否" for rectifying in now["rectifying"]],
    }
    return _with_figures(context, "branches", known, values, len(now))


def _unit_draft(context: Context, row: dict[str, float]) -> TableDraft:
    values = {key: np.array([value]) for key, value in row.items()}
    known: dict[str, list[str | None]] = {"unit_name": [context.plan.unit.name]}
    if not context.plan.is_own:
        known |= {key: [narrative_text(key, context.rng(key))] for key in _texts(context)}
    return _with_figures(context, "unit_figures", known, values, 1)


def _texts(context: Context) -> list[str]:
    """The unit's own figures that are text."""
    columns = context.layout.table("unit_figures").columns
    return [column.key for column in columns if column.indicator and column.type == "text"]


def _with_figures(
    context: Context, table: str, known: dict[str, list[str | None]], values: dict[str, np.ndarray], rows: int
) -> TableDraft:
    cells, numbers = {}, {}
    for column in context.layout.table(table).columns:
        if column.key in values:
            cells[column.key] = values[column.key].astype(object)
            if column.type not in ("date", "text"):
                numbers[column.key] = values[column.key].astype(float)
        else:
            cells[column.key] = np.array(known.get(column.key, [None] * rows), dtype=object)
    filed = {key: column.copy() for key, column in numbers.items()}
    return TableDraft(table, cells, numbers, filed, np.zeros(rows, dtype=bool))


def _records(key: str, columns: dict[str, np.ndarray]) -> TableDraft:
    cells = {name: values for name, values in columns.items() if name != "branch"}
    return TableDraft(key, cells, {}, {}, np.zeros(len(columns["branch"]), dtype=bool))
