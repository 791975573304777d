"""A unit's findings as the page shows them: by rule, each with its cells and what may be typed there."""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from etl.core.returns.entries import entry_of
from etl.stages.context import Context
from etl.stages.explanations import findings_with_answers
from etl.stages.frames import is_worked_out, rule_texts, worked_out_rules
from etl.web.views import plain

Row = dict[str, Any]
Choices = Mapping[tuple[str, str], tuple[str, ...]]  # table and column → the words that may stand there
FIRST_CELLS = 20
"""Cells of a rule that the unit's own page shows; all of them stand on the rule's page."""
PAGE_CELLS = 100
"""Cells on a page of the rule's own."""
LEVELS = ("file", "row", "warning")
"""The gravest first."""


def groups_of(context: Context, unit_id: str, cells: int = FIRST_CELLS) -> list[Row]:
    """A unit's findings by rule, gravest and most frequent first; of each the first cells and all counts."""
    found = findings_with_answers(context, unit_id)
    texts, choices = rule_texts(context), _choices(context)
    groups = [
        {
            **_group(str(rule), str(level), mine, texts),
            "cells": _cells(mine.head(cells), found, choices),
        }
        for (rule, level), mine in found.groupby(["rule", "level"], sort=False)
    ]
    return sorted(
        groups,
        key=lambda group: (LEVELS.index(group["level"]), -group["open"], -group["count"], group["rule"]),
    )


def cells_of(context: Context, unit_id: str, rule: str, number: int) -> Row | None:
    """One page of a rule's findings in a unit, `number` from 1; None if the unit has none of that rule."""
    found = findings_with_answers(context, unit_id)
    mine = found[found["rule"] == rule]
    if mine.empty:
        return None
    pages = math.ceil(len(mine) / PAGE_CELLS)
    number = min(max(number, 1), pages)
    part = mine.iloc[(number - 1) * PAGE_CELLS : number * PAGE_CELLS]
    group = _group(rule, str(mine["level"].iloc[0]), mine, rule_texts(context))
    return {
        **group,
        "cells": _cells(part, found, _choices(context)),
        "page": number,
        "pages": pages,
    }


def _choices(context: Context) -> Choices:
    """Table and column → the words that may stand there, for the columns that have a list of them."""
    entries = {
        (table.key, column.key): entry_of(column)
        for table in context.bundle.layout(context.period).tables
        for column in table.columns
    }
    return {place: entry.words for place, entry in entries.items() if entry and entry.words}


def _cells(part: pd.DataFrame, found: pd.DataFrame, choices: Choices) -> list[Row]:
    """The cells to show, each with `row_cells`: the open cells of its row, itself first, which are best put right together.

    Each of these has its `choices`, empty where a column has no list of words.
    """
    place = ["table_name", "row_number"]
    fixable = found[(found["state"] == "open") & found["column_key"].notna() & found["row_number"].notna()]
    near = fixable.merge(part[place].drop_duplicates(), on=place).drop_duplicates([*place, "column_key"])
    by_row: dict[tuple[str, float], list[Row]] = {}
    for row in near.to_dict("records"):
        words = choices.get((row["table_name"], row["column_key"]), ())
        by_row.setdefault((row["table_name"], row["row_number"]), []).append({**plain(row), "choices": words})
    cells = [plain(row) for row in part.to_dict("records")]
    worked_out = worked_out_rules()
    for cell in cells:
        cell["worked_out"] = is_worked_out(cell, worked_out)
        mine = by_row.get((cell["table_name"], cell["row_number"]), []) if cell["column_key"] else []
        others = [each for each in mine if each["column_key"] != cell["column_key"]]
        own = {**cell, "choices": choices.get((cell["table_name"], cell["column_key"]), ())}
        cell["row_cells"] = [own, *others] if mine else []
    return cells


def _group(rule: str, level: str, mine: pd.DataFrame, texts: Mapping[str, tuple[str, str]]) -> Row:
    sentence, remedy = texts[rule]
    states = Counter(mine["state"])
    waivable = mine["waivable_by"].dropna()
    waived_at = Counter(mine.loc[mine["state"] == "waived", "waived_at_tier"])
    return {
        "rule": rule, "level": level, "sentence": sentence, "remedy": remedy, "count": len(mine), "open": states["open"],
        "waived": states["waived"], "waived_at": waived_at, "waivable_by": None if waivable.empty else str(waivable.iloc[0]),
    }
