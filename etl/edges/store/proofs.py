"""What editions were made from, and what the lint said of them."""

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd
import sqlalchemy as sa

from etl.core.lint.claims import Fault
from etl.edges.store.queries import of_period
from etl.edges.store.schema import edition_checks, edition_faults, edition_inputs, editions
from etl.edges.store.writing import take_turn


def keep_check(store: sa.Engine, edition_id: str, faults: Sequence[Fault]) -> None:
    """Replace what was last said of an edition."""
    with store.begin() as connection:
        take_turn(connection, "lint", edition_id)
        for each in (edition_checks, edition_faults):
            connection.execute(sa.delete(each).where(each.c.edition_id == edition_id))
        connection.execute(sa.insert(edition_checks), {"edition_id": edition_id, "faults": len(faults)})
        rows = [
            {"edition_id": edition_id, "position": position, **asdict(fault)}
            for position, fault in enumerate(faults, start=1)
        ]
        if rows:
            connection.execute(sa.insert(edition_faults), rows)


def faults_frame(store: sa.Engine, programme: str, period: str) -> pd.DataFrame:
    """Every fault of a period's editions, in the order of the documents: report, node_id, number beside it."""
    statement = (
        sa.select(editions.c.report, editions.c.node_id, editions.c.number, edition_faults)
        .join(editions, editions.c.edition_id == edition_faults.c.edition_id)
        .where(of_period(editions, programme, period))
        .order_by(editions.c.report, editions.c.node_id, editions.c.number, edition_faults.c.position)
    )
    with store.connect() as connection:
        return pd.read_sql_query(statement, connection)


def inputs_path(store: sa.Engine, edition_id: str) -> str | None:
    """Where the list of an edition's inputs lies in the landing; None for one made before they were kept."""
    statement = sa.select(edition_inputs.c.path).where(edition_inputs.c.edition_id == edition_id)
    with store.connect() as connection:
        path: str | None = connection.scalar(statement)
    return path
