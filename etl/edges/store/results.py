"""Findings, slices, totals and completeness: each stage replaces its own slice in one transaction."""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from etl.core.rows import NewFinding, SliceRow
from etl.edges.store import schema
from etl.edges.store.findings import insert_findings
from etl.edges.store.queries import fetch_rows, of_period, rows_in
from etl.edges.store.schema import completeness, current_slices, findings, ready_slices, repairs, totals
from etl.edges.store.writing import take_turn

Row = dict[str, Any]


def keep_validation(
    store: sa.Engine, programme: str, period: str, unit_ids: Sequence[str],
    found: Sequence[NewFinding], repaired: Sequence[Row], slices: Sequence[SliceRow],
) -> None:
    """Replace what validation said of a batch: its findings, repairs and ready slices."""
    with store.begin() as connection:
        take_turn(connection, "validation", programme, period)  # a unit's file may be judged while its batch is
        for each, extra in (
            (findings, findings.c.stage == "validate"),
            (repairs, sa.true()),
            (ready_slices, sa.true()),
        ):
            mine = (of_period(each, programme, period), each.c.unit_id.in_(unit_ids), extra)
            connection.execute(sa.delete(each).where(*mine))
        insert_findings(connection, found)
        for each, rows in ((repairs, repaired), (ready_slices, slices)):
            if rows:
                connection.execute(sa.insert(each), list(rows))


def publish_ready(
    store: sa.Engine, programme: str, period: str, batch_id: str, unit_ids: Sequence[str] | None = None
) -> list[SliceRow]:
    """Make ready slices of a batch, or of some of its units, current in one transaction; gives back what is current now."""
    key = (
        of_period(ready_slices, programme, period),
        ready_slices.c.batch_id == batch_id,
        sa.true() if unit_ids is None else ready_slices.c.unit_id.in_(unit_ids),
    )
    with store.begin() as connection:
        take_turn(connection, "slices", programme, period)
        ready = rows_in(connection, sa.select(ready_slices).where(*key), SliceRow)
        if ready:
            replaced = sa.tuple_(current_slices.c.unit_id, current_slices.c.table_name).in_(
                [(row["unit_id"], row["table_name"]) for row in ready]
            )
            connection.execute(sa.delete(current_slices).where(of_period(current_slices, programme, period), replaced))
            connection.execute(sa.insert(current_slices), ready)
    return ready


def slices_of(
    store: sa.Engine, programme: str, period: str, unit_ids: Iterable[str] | None = None
) -> list[SliceRow]:
    """The current slices of a period, or of some of its units, in unit and table order."""
    statement = (
        sa.select(current_slices)
        .where(of_period(current_slices, programme, period))
        .order_by(current_slices.c.unit_id, current_slices.c.table_name)
    )
    if unit_ids is not None:
        statement = statement.where(current_slices.c.unit_id.in_(list(unit_ids)))
    return fetch_rows(store, statement, SliceRow)


def replace_totals(
    store: sa.Engine, programme: str, period: str, node_ids: Iterable[str], rows: Sequence[Row], complete: Sequence[Row],
    found: Sequence[NewFinding],
) -> None:
    """Replace the totals and completeness of some nodes, and the findings on totals.

    What stood straight under them goes too: a township that is not named any more has no totals.
    """
    nodes = list(node_ids)
    with store.begin() as connection:
        take_turn(connection, "totals", programme, period)  # two roll-ups may hold the same nodes: the top's batch holds all
        for each in (totals, completeness):
            at_or_below = sa.or_(each.c.node_id.in_(nodes), each.c.parent_id.in_(nodes))
            connection.execute(sa.delete(each).where(of_period(each, programme, period), at_or_below))
        mine = (of_period(findings, programme, period), findings.c.stage == "totals")
        connection.execute(sa.delete(findings).where(*mine, findings.c.unit_id.in_(nodes)))
        insert_findings(connection, found)
        for each, new in ((totals, rows), (completeness, complete)):
            if new:
                connection.execute(sa.insert(each), list(new))


def frame(store: sa.Engine, name: str, programme: str, period: str) -> pd.DataFrame:
    """One of the store's tables for a programme and period, in key order."""
    each = schema.metadata.tables[name]
    statement = sa.select(each).where(of_period(each, programme, period))
    order = [column for column in (each.c.get("code"), *each.primary_key.columns) if column is not None]
    with store.connect() as connection:
        return pd.read_sql_query(statement.order_by(*order), connection)


def replace_year_findings(
    store: sa.Engine, programme: str, period: str, stage: str, found: Sequence[NewFinding]
) -> None:
    """Replace what the checks of a year found, in one transaction."""
    mine = (of_period(findings, programme, period), findings.c.stage == stage)
    with store.begin() as connection:
        take_turn(connection, stage, programme, period)
        connection.execute(sa.delete(findings).where(*mine))
        insert_findings(connection, found)
