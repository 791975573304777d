"""Rows that say once more what another row of the same units says: put right, only one of them will count."""

from collections.abc import Sequence

import sqlalchemy as sa

from etl.core.judging.views import ROW_KEY, Statement, table


def repeated_rows(unit_ids: Sequence[str]) -> Statement:
    """Of a branch or unit with several rows in a table, over some units, all rows but the first: ROW_KEY."""
    rows = table("rows", [*ROW_KEY, "subject_id"])
    place = sa.func.row_number().over(
        partition_by=(rows.c.table_name, rows.c.subject_id), order_by=(rows.c.unit_id, rows.c.receipt_id, rows.c.row_number)
    )
    mine = sa.and_(rows.c.unit_id.in_(unit_ids), rows.c.subject_id.isnot(None))
    found = sa.select(rows, place.label("place")).where(mine).subquery("found")
    return sa.select(*(found.c[name] for name in ROW_KEY)).where(found.c.place > 1)


def repeated_entries(unit_ids: Sequence[str]) -> Statement:
    """Of equal entries of the ledgers of some units, all but the first: ROW_KEY."""
    ledger = table("activities", [*ROW_KEY, "repeated_entry"])
    mine = (ledger.c.unit_id.in_(unit_ids), ledger.c.repeated_entry.isnot(None))
    return sa.select(*(ledger.c[name] for name in ROW_KEY)).where(*mine)
