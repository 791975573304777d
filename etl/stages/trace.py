"""Where filed cells stand in the files that units sent, and what rules, offices and people have said about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from etl.edges.store.explanations import explanations_of, waivers_of
from etl.edges.store.receipts import TextFile, texts_of
from etl.edges.store.results import frame
from etl.edges.texts import text_cells
from etl.stages.context import Context
from etl.stages.frames import rule_texts

Row = dict[str, Any]
ROW_COLUMNS = [
    "unit_id", "unit", "subject_id", "indicator", "part", "value", "qualifier", "text_filed", "text_read", "receipt_id",
    "file_name", "file_sha256", "arrived_at", "table_name", "sheet", "row_number", "column_letter", "heading",
]
FINDING_COLUMNS = [
    "unit_id",
    "subject_id",
    "row_number",
    "column_letter",
    "rule",
    "level",
    "sentence",
    "observed",
    "expected",
]
SAID_COLUMNS = ["kind", "unit_id", "subject_id", "rule", "text", "actor", "at", "until_period"]


@dataclass(frozen=True)
class Said:
    """What rules found at some cells, and what was answered: explanations, waivers."""

    findings: pd.DataFrame
    said: pd.DataFrame


def cell_places(context: Context, rows: Sequence[Row]) -> list[Row]:
    """Each cell with its unit, file, sheet, row, column and the text as filed; columns as `ROW_COLUMNS`."""
    receipts = frame(context.store, "receipts", *context.key).set_index("receipt_id").to_dict("index")
    tables = {
        (text.receipt_id, text.table_name): text for text in texts_of(context.store, {row["receipt_id"] for row in rows})
    }
    keys = _column_keys(context)
    repaired = _repairs(context)
    texts = _Texts(context)
    found = []
    for row in rows:
        key = keys.get((row["table_name"], row["indicator"], row["part"]), "")
        receipt, table = receipts.get(row["receipt_id"], {}), tables.get((row["receipt_id"], row["table_name"]))
        heading, letter = table.columns.get(key, ("", "")) if table else ("", "")
        found.append(
            {
                **{
                    name: row[name]
                    for name in ("unit_id", "subject_id", "indicator", "part", "qualifier", "receipt_id")
                },
                "table_name": row["table_name"],
                "row_number": row["row_number"],
                "unit": context.register.names.get(row["unit_id"], row["unit_id"]),
                "value": None if row["value"] is None else float(row["value"]),
                "text_filed": texts.of(table, row["row_number"], key),
                "text_read": repaired.get((row["receipt_id"], row["table_name"], row["row_number"], key), ""),
                "file_name": receipt.get("file_name", ""),
                "file_sha256": receipt.get("sha256", ""),
                "arrived_at": receipt.get("arrived_at", ""),
                "sheet": table.sheet if table else "",
                "column_letter": letter,
                "heading": heading,
            }
        )
    return found


def _column_keys(context: Context) -> dict[tuple[str, str, str], str]:
    """(Table, indicator, part) → key of the column that holds it."""
    return {
        (table.key, column.indicator, column.part): column.key
        for table in context.bundle.layout(context.period).tables
        for column in table.columns
        if column.indicator
    }


def _repairs(context: Context) -> dict[tuple[str, str, int, str], str]:
    rows = frame(context.store, "repairs", *context.key).to_dict("records")
    return {
        (r["receipt_id"], r["table_name"], r["row_number"], r["column_key"]): r["text_after"] or ""
        for r in rows
    }


class _Texts:
    """Text tables of receipts, each read once."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.tables: dict[tuple[str, str], dict[int, Row]] = {}

    def of(self, table: TextFile | None, row_number: int, key: str) -> str:
        """The text of a cell as it was filed; empty where the file has no such table or column."""
        if table is None or not key:
            return ""
        place = table.text_path, table.receipt_id
        if place not in self.tables:
            rows = text_cells(self.context.landing, *place).to_pylist()
            self.tables[place] = {row["row_number"]: row for row in rows}
        return str(self.tables[place].get(row_number, {}).get(key) or "")


def said_about(context: Context, rows: Sequence[Row], keys: Sequence[str]) -> Said:
    """Findings at the rows' own receipts, on these indicators or on the whole row, and the answers given to them."""
    mine = {(row["receipt_id"], row["table_name"], row["row_number"]) for row in rows}
    columns = {name for (_, indicator, _), name in _column_keys(context).items() if indicator in keys}
    texts = rule_texts(context)
    findings = [
        {**found, "observed": found["shown"] or found["observed"], "sentence": texts[found["rule"]][0]}
        for found in _findings(context)
        if (found["receipt_id"], found["table_name"], found["row_number"]) in mine
        and (not found["column_key"] or found["column_key"] in columns)
    ]
    answers = [
        *(
            _answer("explanation", each, each["text"], "")
            for each in explanations_of(context.store, context.key[0]).values()
        ),
        *(
            _answer("waiver", each, each["reason"], each["until_period"])
            for each in waivers_of(context.store, context.key[0])
        ),
    ]
    asked = {(found["unit_id"], found["subject_id"], found["rule"]) for found in findings}
    said = [each for each in answers if (each["unit_id"], each["subject_id"], each["rule"]) in asked]
    return Said(pd.DataFrame(findings, columns=FINDING_COLUMNS), pd.DataFrame(said, columns=SAID_COLUMNS))


def _findings(context: Context) -> list[Row]:
    found = frame(context.store, "findings", *context.key)
    rows: list[Row] = found.astype(object).where(found.notna(), None).to_dict("records")
    return [row for row in rows if row["stage"] != "totals"]


def _answer(kind: str, row: Mapping[str, Any], text: str, until: str) -> Row:
    kept = {name: row.get(name) for name in ("unit_id", "subject_id", "rule", "actor", "at")}
    return {"kind": kind, **kept, "text": text, "until_period": until}
