"""The nouns that say how a programme's sheets look: columns, tables, the layout as a whole."""

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

FIGURE_TABLES = ("branches", "unit_figures")
"""The tables whose rows hold figures: those of a branch, and those of the unit itself. The other tables are lists of records."""

ColumnType = Literal["text", "name", "code", "choice", "date", "whole", "money", "number", "share", "yes_no"]


class Column(BaseModel):
    """One column of a table, with every heading under which units are allowed to send it.

    A heading over two lines is written ``命名党支部数/县级``. ``choices`` maps the Chinese word to its key.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    key: str
    headings: tuple[str, ...] = Field(min_length=1)
    type: ColumnType
    required: bool = False
    choices: Mapping[str, str] = {}
    unit_words: tuple[str, ...] = ()
    indicator: str | None = None
    part: str = ""


class TableLayout(BaseModel):
    """One record type a unit sends. ``sheet_names`` only break ties between sheets that fit equally well.

    ``one_row`` tables are also accepted written downwards: one line a figure, 指标 beside 数值.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    key: str
    columns: tuple[Column, ...] = Field(min_length=1)
    sheet_names: tuple[str, ...] = ()
    one_row: bool = False


class Layout(BaseModel):
    """All tables a programme asks for."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    programme: str
    tables: tuple[TableLayout, ...] = Field(min_length=1)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the layout's content: equal for equal layouts, on every machine."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()

    def __hash__(self) -> int:
        """By content, so that what is worked out of a layout can be cached."""
        return hash(self.digest)

    @property
    def figure_tables(self) -> list[TableLayout]:
        """Those of `FIGURE_TABLES` that the programme asks for."""
        return [table for table in self.tables if table.key in FIGURE_TABLES]

    def table(self, key: str) -> TableLayout:
        """The table of that key; ``KeyError`` when the programme has none."""
        for table in self.tables:
            if table.key == key:
                return table
        raise KeyError(key)
