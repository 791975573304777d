"""JSON bytes into grids: an object of record lists, a list of records, or one record."""

import json
from typing import Any

import pyarrow as pa

from etl.core.reading.delimited import utf8_of
from etl.core.reading.grids import FileFinding, Grid, Grids, Limits, Refusal, shortened, storable

_SHAPES = '{"branches": [{…}, …], …}'


class _Repeated(dict[str, Any]):
    """An object in which a key stood twice; which value was meant nobody can tell."""


def read_json(content: bytes, limits: Limits) -> Grids:
    """One grid a list of records; the keys are line 0, so a record's row number is its place from 1.

    Numbers keep the digits they were written with. Raises ``Refusal``: R02 size, R10 encoding, R26 shape.
    """
    if len(content) > limits.json_size:
        raise Refusal("R02", observed=f"{len(content):,}", expected=f"{limits.json_size:,}")
    document = _parsed(utf8_of(content).decode())
    tables = document if isinstance(document, dict) else {"": document}
    if tables and not any(isinstance(value, (dict, list)) for value in tables.values()):
        tables = {"": [document]}  # one record by itself
    if len(tables) > limits.sheets:
        raise Refusal("R09", observed=f"{len(tables)}", expected=f"{limits.sheets}")
    grids, findings = [], []
    for name, value in tables.items():
        records = [value] if isinstance(value, dict) else value
        if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
            raise Refusal("R26", observed=shortened(name), expected=_SHAPES)
        grid, found = _grid(name, records, limits)
        grids.append(grid)
        findings.extend(found)
    return tuple(grid for grid in grids if grid.columns), tuple(findings)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_object)
    except RecursionError as error:
        raise Refusal("R26", observed="RecursionError", expected=_SHAPES) from error
    except json.JSONDecodeError as error:
        raise Refusal("R26", row=error.lineno, observed=error.msg, expected=_SHAPES) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = {storable(key): value for key, value in pairs}
    return plain if len(plain) == len(pairs) else _Repeated(plain)


def _grid(name: str, records: list[dict[str, Any]], limits: Limits) -> tuple[Grid, list[FileFinding]]:
    keys = list(dict.fromkeys(key for record in records for key in record))
    if len(keys) > limits.columns or len(keys) * len(records) > limits.sheet_cells:
        raise Refusal("R09", observed=f"{len(keys):,}", expected=f"{limits.columns:,}")
    findings = []
    lines: list[list[str | None]] = [list(keys)]
    for number, record in enumerate(records, 1):
        if isinstance(record, _Repeated):
            findings.append(FileFinding("R17", sheet=name, row=number))
        nested = [key for key, value in record.items() if isinstance(value, (dict, list))]
        findings.extend(FileFinding("R27", sheet=name, row=number, observed=shortened(key)) for key in nested)
        lines.append([_text(record.get(key)) for key in keys])
    columns = tuple(pa.array(column, pa.string()) for column in zip(*lines, strict=True))
    if len(findings) > limits.findings_per_rule:
        raise Refusal("R26", observed=shortened(name), expected=_SHAPES)
    return Grid(name, columns, first_row=0), findings


def _text(value: Any) -> str | None:
    """A plain value as text, as Excel's cells come: ``true`` for True. Nested values are left out (R27)."""
    if value is None or isinstance(value, (dict, list)):
        return None
    text = str(value).lower() if isinstance(value, bool) else storable(str(value))
    return text if text.strip() else None
