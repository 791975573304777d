"""What the pages show: frames of the store as plain lists and mappings for the templates."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pandas as pd

from etl.core.programmes.forms import parts_of
from etl.core.returns.status import STATUSES
from etl.edges.store.history import history_of
from etl.edges.store.receipts import receipts_of
from etl.edges.store.results import slices_of
from etl.edges.store.returned_files import fixes_of
from etl.stages.context import Context
from etl.stages.what_if import totals_if_held_return

Row = dict[str, Any]
FILED = ("branches", "unit_figures")
"""The tables that hold figures; all others are records."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the board is asked for."""

    status: str = ""
    parent: str = ""
    text: str = ""
    order: str = "urgency"
    unfold: bool = False

    @property
    def whole(self) -> bool:
        """Whether all units are asked for, and not some that are then to be seen at once."""
        return not (self.status or self.parent or self.text.strip())


URGENT = ("missing", "late", "returned")
OPEN_ROWS = 12
"""So many rows of places with something urgent stand unfolded on the board at most."""


def board_view(board: pd.DataFrame, wanted: Filter) -> Row:
    """The rows that are wanted, and how many units stand on each rung among those of the wanted place."""
    rows = [plain(row) for row in board.to_dict("records")]
    parents = {row["parent_id"]: row["parent_name"] for row in rows if row["parent_id"]}
    of_place = [row for row in rows if not wanted.parent or row["parent_id"] == wanted.parent]
    counts = Counter(row["status"] for row in of_place)
    kept = [row for row in of_place if _wanted(row, wanted)]
    kept = sorted(kept, key=_urgency) if wanted.order == "urgency" else kept
    return {
        "places": _folded(kept, wanted),
        "urgent": _urgent(kept),
        "counts": [(status, counts[status]) for status in STATUSES if counts[status]],
        "total": len(of_place),
        "parents": sorted(parents.items(), key=lambda item: item[0]),
        "sums": {name: sum(row[name] for row in of_place) for name in ("rows_accepted", "rows_held")},
    }


def _urgent(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """The units that are missing, late or returned, by status, while they are few enough to be named above the folds."""
    named = [row for row in rows if row["status"] in URGENT]
    by_status = [(status, [row for row in named if row["status"] == status]) for status in URGENT]
    return [(status, mine) for status, mine in by_status if mine] if len(named) <= OPEN_ROWS else []


def _folded(rows: Sequence[Row], wanted: Filter) -> list[Row]:
    """The rows by the place above them, in the order of each place's first: name, rows, counts by status, whether unfolded."""
    by_place: dict[str, list[Row]] = {}
    for row in rows:
        by_place.setdefault(row["parent_id"] or "", []).append(row)
    all_open = wanted.unfold or not wanted.whole or len(by_place) == 1
    places, unfolded = [], 0
    for mine in by_place.values():
        counts = Counter(row["status"] for row in mine)
        urgent = any(counts[status] for status in URGENT)
        fits = urgent and unfolded + len(mine) <= OPEN_ROWS
        unfolded += len(mine) if fits else 0
        told = [(status, counts[status]) for status in STATUSES if counts[status]]
        places.append({"name": mine[0]["parent_name"], "rows": mine, "counts": told, "open": all_open or fits})
    return places


def _wanted(row: Row, wanted: Filter) -> bool:
    text = wanted.text.strip()
    return (not wanted.status or row["status"] == wanted.status) and (
        not text or text in row["name"] or row["code"].startswith(text)
    )


def _urgency(row: Row) -> tuple[int, int, str]:
    return STATUSES.index(row["status"]), -row["faults"], row["code"]


def what_if_view(context: Context, node_id: str) -> Row:
    """Totals of a node with and without what is held under it; `rows` are those that would change in what is shown."""
    totals = [plain(row) for row in totals_if_held_return(context, node_id).to_dict("records")]
    programme, catalogue = context.bundle.programme, context.bundle.catalogue
    parts = {use.key: parts_of(use, programme, catalogue) for use in programme.indicators}
    rows = []
    for row in totals:
        unit = catalogue.units[catalogue.indicators[row["indicator"]].unit]
        share = unit.value_type == "share"
        told = as_shown(row, SHARE_DECIMALS if share else 2 if unit.decimals else 0)
        if told["value"] != told["value_with_held"]:
            part_zh = parts[row["indicator"]].get(row["part"], "")
            rows.append({**told, "part_zh": part_zh, "unit_zh": unit.zh, "decimals": unit.decimals, "share": share})
    return {"rows": rows, "same": len(totals) - len(rows)}


SHARE_DECIMALS = 3
"""Of a share, which the page shows in percent with one decimal."""


def as_shown(row: Row, decimals: int) -> Row:
    """A row of what if as it is shown: both values rounded, the change between them as they stand there."""
    value, with_held = (None if row[name] is None else round(row[name], decimals) for name in ("value", "value_with_held"))
    change = None if value is None or with_held is None else round(with_held - value, decimals)
    return {**row, "value": value, "value_with_held": with_held, "change": change}


def files_of(context: Context, unit_id: str) -> list[Row]:
    """A unit's deliveries, newest first; `by_hand`: values put right on the page, whose file has no name that says anything."""
    fixes = fixes_of(context.store, *context.key, unit_id)
    received = receipts_of(context.store, *context.key, [unit_id])
    return [{**row, "by_hand": row["receipt_id"] in fixes} for row in reversed(received)]


def keeps_ledger(context: Context, unit_id: str) -> bool:
    """Whether a unit has filed a table of records, which its workbook leaves out while nothing is wrong with it."""
    return any(row["table_name"] not in FILED for row in slices_of(context.store, *context.key, [unit_id]))


def history_view(context: Context, unit_id: str, most: int | None = None) -> list[Row]:
    """A unit's history, newest first, with the `file` it speaks of (a row of `files_of`); at most `most` entries.

    What a person said of many rows at once is one entry, with their number as `times`. Of values put right, `places` are the
    tables and rows.
    """
    files = {row["receipt_id"]: row for row in files_of(context, unit_id)}
    acts = [list(same) for _, same in groupby(reversed(history_of(context.store, *context.key, [unit_id])), _act)]
    return [{**act[0], "times": len(act), **_about(act[0]["detail"], files)} for act in acts[:most]]


def _about(detail: Row, files: Mapping[str, Row]) -> Row:
    places = dict.fromkeys((cell["table"], cell["row"]) for cell in detail.get("cells", ()))
    return {"file": files.get(detail.get("receipt_id", "")), "places": list(places)}


def _act(event: Row) -> tuple[Any, ...]:
    """What events of one act have in common; every other event is an act of its own."""
    if event["event"] not in ("explained", "waived", "withdrawn"):
        return (event["event_id"],)
    said = (event["detail"].get(name) for name in ("text", "reason", "withdrawn_reason"))
    return event["at"], event["actor"], event["event"], *said


def column_names(context: Context) -> dict[str, str]:
    """Table key → its Chinese name, as in the forms."""
    return {key: table.zh for key, table in context.bundle.forms.tables.items()}


def plain(row: Mapping[Any, Any]) -> Row:
    """A row of a frame with None where pandas says NaN."""
    return {str(name): None if value is None or value != value else value for name, value in row.items()}  # noqa: PLR0124 - NaN
