"""Explanations and waivers in the store; each act and its event in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from etl.core.rows import ExplanationRow, FindingRow, WaiverRow
from etl.edges.store.findings import overtaken, replaced
from etl.edges.store.history import UnitEvent, insert_events
from etl.edges.store.queries import fetch_rows, of_period
from etl.edges.store.schema import explanations, findings, waivers
from etl.edges.store.writing import take_turn


def findings_named(
    store: sa.Engine, programme: str, period: str, names: Iterable[str | int]
) -> dict[str | int, FindingRow]:
    """Name → finding of the period: by key, or by the id that it has until the next run. An unknown name is left out."""
    wanted = list(dict.fromkeys(names))
    keys = [name for name in wanted if isinstance(name, str)]
    ids = [name for name in wanted if isinstance(name, int)]
    statement = sa.select(findings).where(
        of_period(findings, programme, period),
        sa.or_(findings.c.finding_key.in_(keys), findings.c.finding_id.in_(ids)),
    )
    rows = fetch_rows(store, statement, FindingRow)
    named: dict[str | int, FindingRow] = {row["finding_key"]: row for row in rows}
    named |= {row["finding_id"]: row for row in rows}
    return {name: named[name] for name in wanted if name in named}


def findings_that_stand(
    store: sa.Engine, programme: str, period: str, unit_ids: Iterable[str] | None = None
) -> list[FindingRow]:
    """The findings of a period, or of some units, without those of files that newer ones have replaced, in sheet order."""
    statement = sa.select(findings).where(
        of_period(findings, programme, period),
        sa.or_(findings.c.receipt_id.is_(None), sa.not_(replaced(programme, period))), sa.not_(overtaken()),
    )
    if unit_ids is not None:
        statement = statement.where(findings.c.unit_id.in_(list(unit_ids)))
    order = (
        findings.c.unit_id, findings.c.table_name, findings.c.sheet, findings.c.row_number, findings.c.rule,
        findings.c.column_key, findings.c.finding_key,
    )
    return fetch_rows(store, statement.order_by(*order), FindingRow)


def keep_explanations(
    store: sa.Engine, rows: Sequence[ExplanationRow], period: str, happened: Sequence[UnitEvent]
) -> None:
    """Keep explanations, each in place of the one before it, and what happened."""
    _replace(store, explanations, rows, ("binding_id",), period, happened)


def keep_waivers(store: sa.Engine, rows: Sequence[WaiverRow], period: str, happened: Sequence[UnitEvent]) -> None:
    """Keep waivers (given or withdrawn), each in place of the same period's before it, and what happened."""
    _replace(store, waivers, rows, ("binding_id", "since_period"), period, happened)


def _replace(
    store: sa.Engine, each: sa.Table, rows: Sequence[Mapping[str, Any]], key: Sequence[str], period: str,
    happened: Sequence[UnitEvent],
) -> None:
    if not rows:
        return
    same = [each.c[name] == sa.bindparam(f"old_{name}") for name in key]
    with store.begin() as connection:
        take_turn(connection, each.name, rows[0]["programme"])
        connection.execute(
            sa.delete(each).where(*same), [{f"old_{name}": row[name] for name in key} for row in rows]
        )
        connection.execute(sa.insert(each), list(rows))
        insert_events(connection, rows[0]["programme"], period, happened)


def explanations_of(store: sa.Engine, programme: str) -> dict[str, ExplanationRow]:
    """Binding → its explanation, over all periods."""
    statement = sa.select(explanations).where(explanations.c.programme == programme)
    return {row["binding_id"]: row for row in fetch_rows(store, statement, ExplanationRow)}


def waivers_of(store: sa.Engine, programme: str) -> list[WaiverRow]:
    """All waivers of a programme, the newest period last, withdrawn ones too."""
    statement = sa.select(waivers).where(waivers.c.programme == programme).order_by(
        waivers.c.since_period, waivers.c.binding_id
    )
    return fetch_rows(store, statement, WaiverRow)
