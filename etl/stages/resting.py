"""Readings that rest on earlier ones: a fix-me workbook that came back, a value fixed by a person."""

from etl.core.reading.carried import Base, Corrected, carried_over, still_said
from etl.core.reading.fixes import FixRecord, applied, fix_record
from etl.core.reading.returned import RULES, Fault, Returned, wrong_with
from etl.core.reading.seal import Sealed, row_key
from etl.core.reading.tables import ColumnPlace, FileFinding, Reading, TextTable
from etl.core.rows import FindingRow
from etl.edges.reading_rules import reading_levels
from etl.edges.seal import seal_secret
from etl.edges.store.findings import reading_findings
from etl.edges.store.receipts import TextFile, texts_of
from etl.edges.texts import text_cells
from etl.stages.context import Context


def resting_reading(context: Context, unit_id: str, content: bytes, reading: Reading) -> Reading:
    """The reading of such a file: refused with a finding, or with what still holds of the receipts it rests on."""
    record = fix_record(content)
    if record is not None:
        return _fixed(context, unit_id, record)
    return _returned(context, unit_id, reading, reading.returned) if reading.returned else reading


def refused_because(context: Context, returned: Returned, unit_id: str | None) -> Fault | None:
    """Why a returned workbook is not taken: seal, programme, period, unit or row_keys; None if it is in order."""
    programme, period = context.key
    return wrong_with(
        returned, seal_secret(context.settings), programme, period, unit_id, _keys(context, returned)
    )


def _keys(context: Context, returned: Returned) -> dict[str, frozenset[str]]:
    """Receipt → the keys of its rows, of the receipts that a workbook names and the store knows."""
    if returned.claims is None:
        return {}
    keys: dict[str, frozenset[str]] = {}
    for text in _base_texts(context, returned.claims).values():
        mine = frozenset(row_key(text.receipt_id, row) for row in _rows(context, text))
        keys[text.receipt_id] = keys.get(text.receipt_id, frozenset()) | mine
    return keys


def _base_texts(context: Context, sealed: Sealed) -> dict[str, TextFile]:
    """Table → the text from which a workbook was made, as far as the store still knows it."""
    named = {(table, each.receipt_id) for table, each in sealed.tables.items()}
    texts = texts_of(context.store, {receipt_id for _, receipt_id in named})
    return {text.table_name: text for text in texts if (text.table_name, text.receipt_id) in named}


def _rows(context: Context, text: TextFile) -> list[int]:
    rows: list[int] = text_cells(context.landing, text.text_path, text.receipt_id)["row_number"].to_pylist()
    return rows


def _returned(context: Context, unit_id: str, reading: Reading, returned: Returned) -> Reading:
    wrong = refused_because(context, returned, unit_id)
    if wrong is not None or returned.claims is None:
        return Reading((), (FileFinding(RULES[wrong or "seal"]),), returned)
    bases = _base_texts(context, returned.claims)
    found = [
        finding
        for table in reading.tables
        if table.table in bases
        for finding in carried_over(
            _base(context, bases[table.table]),
            _corrected(table, returned),
            reading_levels(),
        )
    ]
    return Reading(reading.tables, (*reading.findings, *found), returned)


def _corrected(table: TextTable, returned: Returned) -> Corrected:
    rows = {int(key.rpartition("-")[2]): row for row, key in returned.keys_of(table.sheet).items()}
    read = set(table.cells.column("row_number").to_pylist())
    letters = {key: place.letter for key, place in table.columns.items()}
    return Corrected(
        table.sheet, letters, table.cells, {old: row for old, row in rows.items() if row in read}
    )


def _fixed(context: Context, unit_id: str, record: FixRecord) -> Reading:
    """The tables that a record changes, as they are after it. Nobody can have another unit's tables counted as their own."""
    if (record.programme, record.period, record.unit_id) != (*context.key, unit_id):
        return Reading((), (FileFinding("R32"),))
    tables, found = [], []
    texts = {
        (text.receipt_id, text.table_name): text
        for text in texts_of(context.store, set(record.base.values()))
        if text.unit_id == unit_id
    }
    for name, receipt_id in sorted(record.base.items()):
        text = texts.get((receipt_id, name))
        if text is None:
            return Reading((), (FileFinding("R31"),))
        base, cells = _base(context, text), [cell for cell in record.cells if cell.table == name]
        places = {key: ColumnPlace(heading, letter) for key, (heading, letter) in text.columns.items()}
        after = applied(base.cells, cells)
        blank = text.rows_blank + base.cells.num_rows - after.num_rows
        tables.append(TextTable(name, text.sheet, after, places, text.rows_in, blank))
        found += still_said(base, {(cell.row, cell.column) for cell in cells})
    return Reading(tuple(tables), tuple(found))


def _base(context: Context, text: TextFile) -> Base:
    cells = text_cells(context.landing, text.text_path, text.receipt_id)
    found = [_file_finding(row) for row in reading_findings(context.store, [text.receipt_id], text.sheet)]
    return Base(text.sheet, text.columns, cells, found)


def _file_finding(row: FindingRow) -> FileFinding:
    return FileFinding(
        row["rule"],
        row["sheet"],
        row["row_number"],
        row["column_letter"],
        row["observed"] or "",
        row["expected"] or "",
    )
