"""Changes of divisions since the periods that a report compares with: why a name, a code or a sum is another than before."""

from collections.abc import Collection, Sequence

import pandas as pd

from etl.core.reports.index import Record
from etl.core.reports.list_rows import Division
from etl.core.wording import Wording, day_text, one_line


def division_rows(
    divisions: Sequence[Record], inside: Collection[str], words: Wording
) -> list[Division]:
    """The changes that touch these nodes, in code order: places as they were and are, day, decree, what became of figures."""
    return [
        _row(row, words) for row in divisions if row["place_id"] in inside or row["new_place_id"] in inside
    ]


def _row(row: Record, words: Wording) -> Division:
    day, nothing = row["effective_from"], words.numbers.none
    return {
        "kind": row["kind"],
        "was": _place(row["code"], row["name"], row["parent"]) or nothing,
        "now": _place(row["new_code"], row["new_name"], row["new_parent"]) or nothing,
        "day": nothing if day is None or pd.isna(day) else day_text(day, words),
        "document": row["document"] or nothing,
        "figures": row["figures"],
    }


def _place(code: str, name: str, parent: str) -> str:
    return one_line(f"{code} {parent}{name}") if name else ""
