"""A clerk at work on a fix-me workbook: opens it, changes cells, saves it."""

import io
from collections.abc import Callable, Mapping
from typing import Any

import openpyxl

from etl.stages.context import Context
from etl.stages.feedback import feedback_workbook
from tests.support.filing import letter

Editor = Callable[[Any], None]


def edited(content: bytes, edit: Editor) -> bytes:
    """The workbook after `edit` has changed it."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    edit(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def returned(context: Context, unit_id: str, edit: Editor = lambda _: None) -> bytes:
    """A unit's workbook as it comes back."""
    return edited(feedback_workbook(context, unit_id), edit)


def setting(context: Context, table: str, values: Mapping[tuple[str, int], object]) -> Editor:
    """An editor that writes values: (column key, row) → value."""
    sheet = context.bundle.layout(context.period).table(table).sheet_names[0]

    def edit(book: Any) -> None:
        for (key, row), value in values.items():
            book[sheet][f"{letter(*context.key, table, key)}{row}"] = value

    return edit


def both(*editors: Editor) -> Editor:
    """One editor after the other."""

    def edit(book: Any) -> None:
        for each in editors:
            each(book)

    return edit
