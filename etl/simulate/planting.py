"""What all planters share: rows to spoil, columns that stand alone, the spoiling of a cell."""

from collections.abc import Callable, Sequence

import numpy as np

from etl.core.programmes.layout import Column
from etl.simulate.draft import Draft, Planted

Planter = Callable[[Draft, np.random.Generator], Planted | None]
"""Breaks one rule in a draft; None where the unit's return offers no place for it."""

COUNT_TYPES = ("whole", "money", "number")


def free_row(
    draft: Draft, table: str, rng: np.random.Generator, mask: np.ndarray | None = None
) -> int | None:
    """A drawn row that carries no fault yet, of those in the mask; None if there is none."""
    free = [row for row in draft.tables[table].free_rows() if mask is None or mask[row]]
    return int(free[rng.integers(len(free))]) if free else None


def figure_columns(draft: Draft, table: str, types: Sequence[str] = COUNT_TYPES) -> list[Column]:
    """Figures that stand alone: no parts, and no control totals, which a fault would carry into the unit's own row."""
    split = {column.indicator for column in draft.context.layout.table(table).columns if column.part}
    split |= {use.key for use in draft.context.bundle.programme.indicators if use.control_total}
    return [
        column
        for column in draft.context.layout.table(table).columns
        if column.indicator and column.type in types and column.indicator not in split
    ]


def listing_figures(draft: Draft) -> list[list[str]]:
    """The unit's own figures that count who is on its list of honours, each followed by its parts; keys of columns."""
    indicators, columns = draft.context.bundle.catalogue.indicators, draft.context.layout.table("unit_figures").columns
    wholes = [column.key for column in columns if column.indicator and not column.part and indicators[column.indicator].lists]
    return [[key, *(column.key for column in columns if column.indicator == key and column.part)] for key in wholes]


def ordinary(draft: Draft) -> np.ndarray:
    """Which branches count their members."""
    return np.array([kind not in draft.context.uncounted for kind in draft.branches["kind"]], dtype=bool)


def spoil(
    draft: Draft, rule: str, table: str, row: int, column: str, text: str | None, value: float | None
) -> Planted:
    """Put a text (and what it reads as) into a cell, hold its row, and say so."""
    draft.tables[table].put(row, column, text, value)
    draft.tables[table].hold(row)
    return Planted(rule, "row", table, row, column, text or "")
