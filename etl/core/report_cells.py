"""The cells and columns of an annex's table.

Every number stands in its cell as number and as text; a cell held back or never filed has only its text.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Align = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `number` is what `text` shows; a share is a number between 0 and 1."""

    text: str
    number: float | None = None
    percent: bool = False
    decimals: int = 0
    good: bool | None = None


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


def text_cell(value: object) -> Cell:
    """A cell of text."""
    return Cell(str(value))


def count_cell(value: int | None, text: str | None = None) -> Cell:
    """A count, shown as `text` or with thousands separated; empty for None."""
    shown = text if text is not None else "" if value is None else f"{value:,}"
    return Cell(shown, None if value is None else float(value))


def change_cell(figure: Mapping[str, Any], change: Mapping[str, Any] | None) -> Cell:
    """The change of a figure with its sign; a dash where there is nothing to compare."""
    if change is None:
        return Cell("—")
    return Cell(change["signed_text"], change["by"], figure["percent"], figure["decimals"], change["good"])


def columns_of(
    labels: Mapping[str, Any], widths: Mapping[str, float], numbers: Collection[str] = ()
) -> tuple[SheetColumn, ...]:
    """The columns in the order of `widths`, each headed by its label; those in `numbers` are aligned to the right."""
    return tuple(
        SheetColumn(labels[head], width, "right" if head in numbers else "left") for head, width in widths.items()
    )


def bracketed(labels: Mapping[str, Any], text: str) -> str:
    """The text in the language's brackets."""
    return str(labels["in_brackets"].replace("{text}", text))
