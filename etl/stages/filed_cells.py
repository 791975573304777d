"""The filed cells that a figure is made of, out of the slices that an edition names."""

from typing import Any

import pyarrow.parquet as pq

from etl.core.programmes.indicators import Indicator
from etl.core.programmes.layout import FIGURE_TABLES
from etl.core.totals.figures import counts_at, filed_parts
from etl.stages.context import Context

Row = dict[str, Any]


def filed_rows(
    context: Context, slices: list[Row], indicator: Indicator, part: str, node_id: str
) -> list[Row]:
    """Every counted cell that is part of the node's figure, with its receipt: rows of the slices, in unit and row order.

    For a figure counted out of ledgers, one row a branch. `slices`: unit_id, table_name, receipt_id, path.
    """
    if indicator.ledger_measure:
        return _ledger_rows(context, slices, indicator, node_id)
    keys, found = filed_parts(indicator), []
    below = _nodes_inside(context, node_id)
    for (path, table), units in _by_file(slices, FIGURE_TABLES).items():
        rows = pq.read_table(
            context.landing.found(path),
            filters=[
                ("indicator", "in", list(keys)),
                ("part", "==", part),
                ("counted", "==", True),
                ("unit_id", "in", list(units)),
            ],
        ).to_pylist()
        mine = (
            row for row in rows if row["table_name"] == table and counts_at(indicator, row, node_id, below)
        )
        found += [{**row, "receipt_id": units[row["unit_id"]]} for row in mine]
    return sorted(
        found, key=lambda row: (row["unit_id"], row["table_name"], row["row_number"], row["indicator"])
    )


def _ledger_rows(context: Context, slices: list[Row], indicator: Indicator, node_id: str) -> list[Row]:
    """One row a branch with what its ledger counts: entries, people present, or that it has an entry at all."""
    below = _nodes_inside(context, node_id)
    counted: dict[tuple[str, str, str], Row] = {}
    for (path, _), units in _by_file(slices, ("activities",)).items():
        columns = ["unit_id", "node_id", "branch_id", "attendance_present"]
        table = pq.read_table(
            context.landing.found(path), columns=columns, filters=[("unit_id", "in", list(units))]
        )
        for entry in table.to_pylist():
            if counts_at(indicator, {**entry, "table_name": "activities"}, node_id, below):
                key = (entry["unit_id"], entry["node_id"], entry["branch_id"])
                row = counted.setdefault(key, _ledger_row(indicator, *key, units[entry["unit_id"]]))
                people = entry["attendance_present"] or 0
                row["value"] += {"records": 1, "person_times": people}.get(indicator.ledger_measure or "", 0)
    return [counted[key] for key in sorted(counted)]


def _ledger_row(indicator: Indicator, unit_id: str, node_id: str, branch_id: str, receipt_id: str) -> Row:
    return {
        "unit_id": unit_id,
        "node_id": node_id,
        "subject_id": branch_id,
        "indicator": indicator.key,
        "part": "",
        "qualifier": None,
        "table_name": "activities",
        "row_number": None,
        "receipt_id": receipt_id,
        "value": 1 if indicator.ledger_measure == "active_branches" else 0,
    }


def _nodes_inside(context: Context, node_id: str) -> frozenset[str]:
    """The node and all below it; a township, known by its figures only, is itself."""
    return context.register.subtree(node_id) if "/" not in node_id else frozenset({node_id})


def _by_file(slices: list[Row], tables: tuple[str, ...]) -> dict[tuple[str, str], dict[str, str]]:
    """(File, table) → its units with their receipts."""
    files: dict[tuple[str, str], dict[str, str]] = {}
    for row in slices:
        if row["table_name"] in tables:
            files.setdefault((row["path"], row["table_name"]), {})[row["unit_id"]] = row["receipt_id"]
    return files
