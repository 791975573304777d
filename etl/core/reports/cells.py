"""The cells and columns of an annex's table.

Every number stands in its cell as number and as text; a cell held back or never filed has only its text.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from etl.core.reports.figure_rows import Change, Measured
from etl.core.reports.model import Labels
from etl.core.text_width import digits_wide

Align = Literal["left", "right"]
_AROUND = 2
"""Digits of a column's width that lie left and right of what is shown."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `number` is what `text` shows; a share is a number between 0 and 1. `after`: the unit that ends the text."""

    text: str
    number: float | None = None
    percent: bool = False
    decimals: int = 0
    good: bool | None = None
    after: str = ""


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column: its head, its share of the width, how it is aligned."""

    head: str
    width: float
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One annex table. `own` is the row of the reported node; `charted` the column that a chart shows by the first names."""

    key: str
    name: str
    title: str
    note: str
    columns: tuple[SheetColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    own: int | None = None
    charted: int | None = None


NOTHING = Cell("—")
"""What was never filed, or cannot be compared."""


def text_cell(value: object) -> Cell:
    """A cell of text."""
    return Cell(str(value))


def count_cell(value: int | None, text: str | None = None) -> Cell:
    """A count, shown as `text` or with thousands separated; empty for None."""
    shown = text if text is not None else "" if value is None else f"{value:,}"
    return Cell(shown, None if value is None else float(value))


def change_cell(
    labels: Labels, figure: Measured, change: Change | None, headed: bool = False
) -> Cell:
    """The change of a figure with its sign, of a share in percentage points; a dash where there is nothing to compare.

    `headed`: the column's head says points already, as of `change_head`.
    """
    if change is None:
        return NOTHING
    if not _in_points(labels, figure):
        return Cell(change["signed_text"], change["by"], figure["percent"], figure["decimals"], change["good"])
    after = "" if headed else str(labels["points_after"])
    points = float(Decimal(str(change["by"])) * 100)
    return Cell(change["signed_text"] + after, points, False, figure["decimals"], change["good"], after)


def change_head(labels: Labels, figure: Measured) -> str:
    """The head of a column of changes of one figure: of a share with their unit on a line below."""
    return with_unit(labels, str(labels["col_change"]), labels["points"] if _in_points(labels, figure) else "")


def _in_points(labels: Labels, figure: Measured) -> bool:
    """Whether changes of a figure are told in points; an edition kept from before they were has no word for them."""
    return bool(figure["percent"]) and "points" in labels


def with_unit(labels: Labels, head: str, unit: str) -> str:
    """A head, its unit on a line below: no bracket stands alone on one."""
    return "\n".join(filter(None, (head, bracketed(labels, unit).strip() if unit else "")))


def wide_enough(least: float, cells: Iterable[Cell]) -> float:
    """The width of a column whose numbers are all shown: a spreadsheet draws ### in place of one too wide."""
    return max([least, *(digits_wide(cell.text) + _AROUND for cell in cells if cell.number is not None)])


def columns_of(
    labels: Labels, widths: Mapping[str, float], numbers: Collection[str] = ()
) -> tuple[SheetColumn, ...]:
    """The columns in the order of `widths`, each headed by its label; those in `numbers` are aligned to the right."""
    return tuple(
        SheetColumn(labels[head], width, "right" if head in numbers else "left") for head, width in widths.items()
    )


def bracketed(labels: Labels, text: str) -> str:
    """The text in the language's brackets."""
    return str(labels["in_brackets"].replace("{text}", text))
