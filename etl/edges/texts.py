"""Text tables at rest: what is read together lies in one Parquet file a record type, each row with its receipt."""

import io
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.edges.landing import Landing

RECEIPT = "receipt_id"
_GROUP_ROWS = 5_000
"""So many rows, at least, are packed together: the few of a hundred units in one group, a county's ledger in one of its own.
In a group of a whole province a text comes back too seldom for DuckDB to cast each different one once."""


@dataclass
class _OpenFile:
    """One record type's file while it grows: what is packed, and what waits to be."""

    content: io.BytesIO
    writer: pq.ParquetWriter
    waiting: list[pa.Table] = field(default_factory=list)

    def add(self, cells: pa.Table) -> None:
        self.waiting.append(cells)
        if sum(table.num_rows for table in self.waiting) >= _GROUP_ROWS:
            self.pack()

    def pack(self) -> None:
        if self.waiting:
            self.writer.write_table(pa.concat_tables(self.waiting))
            self.waiting.clear()


class TextFiles:
    """The text tables of many receipts while they are read. The order in which they come is that of the rows."""

    def __init__(self) -> None:
        self._open: dict[str, _OpenFile] = {}

    def add(self, table: str, receipt_id: str, cells: pa.Table) -> None:
        """Put a receipt's cells of a record type behind those that are there."""
        rows = cells.add_column(0, RECEIPT, pa.array([receipt_id] * cells.num_rows, pa.string()))
        if table not in self._open:
            self._open[table] = _new_file(rows.schema)
        self._open[table].add(rows)

    def keep(self, landing: Landing) -> dict[str, str]:
        """Record type → path in the landing of its file, which nothing is added to any more."""
        paths = {}
        for table, file in self._open.items():
            file.pack()
            file.writer.close()
            paths[table] = landing.keep_text(file.content.getvalue())
        self._open.clear()
        return paths


def text_cells(landing: Landing, path: str, receipt_id: str) -> pa.Table:
    """What was read of one table of a receipt, out of its file: `row_number` and the layout's columns.

    A file of an earlier reader holds the rows of one receipt and does not name it.
    """
    columns = pq.read_schema(landing.found(path)).names
    mine = pc.field(RECEIPT) == receipt_id if RECEIPT in columns else None
    return pq.read_table(landing.at(path), columns=[name for name in columns if name != RECEIPT], filters=mine)


def _new_file(schema: pa.Schema) -> _OpenFile:
    """Statistics only of the receipts: whoever looks for one skips the groups of others.

    Snappy, because zstd sets itself up anew for each column, which does not pay for a few rows.
    """
    content = io.BytesIO()
    return _OpenFile(content, pq.ParquetWriter(content, schema, compression="snappy", write_statistics=[RECEIPT]))
