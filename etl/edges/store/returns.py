"""What the store knows of the units' returns, counted in the database: no finding is loaded for it."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable

import sqlalchemy as sa

from etl.core.returns.status import Delivered
from etl.core.rows import SliceRow
from etl.edges.store.findings import ABOUT_RETURNS, overtaken, replaced
from etl.edges.store.queries import fetch_rows, of_period
from etl.edges.store.returned_files import counts_since, turn
from etl.edges.store.schema import current_slices, explanations, findings, receipt_tables, receipts, waivers


def finding_counts(
    store: sa.Engine, programme: str, period: str
) -> dict[str, Counter[tuple[str | None, str]]]:
    """Unit id → how many findings about its files wait for an answer, by (receipt id, level).

    Warnings that are explained and rows that are waived wait no longer.
    """
    counted = (
        sa.select(findings.c.unit_id, findings.c.receipt_id, findings.c.level, sa.func.count())
        .where(
            of_period(findings, programme, period),
            findings.c.stage.in_(ABOUT_RETURNS),
            sa.not_(overtaken()),
            sa.not_(_explained()),
            sa.not_(_waived(period)),
        )
        .group_by(findings.c.unit_id, findings.c.receipt_id, findings.c.level)
    )
    counts: dict[str, Counter[tuple[str | None, str]]] = defaultdict(Counter)
    with store.connect() as connection:
        for unit_id, receipt_id, level, count in connection.execute(counted):
            counts[unit_id][receipt_id, level] = count
    return counts


def standing_counts(store: sa.Engine, programme: str, period: str) -> dict[str, Counter[str]]:
    """Unit id → how many findings stand, by level: not those about files that were replaced, nor about rows that are waived.

    A warning stands whether it is explained or not: the figures rest on it.
    """
    counted = (
        sa.select(findings.c.unit_id, findings.c.level, sa.func.count())
        .where(
            of_period(findings, programme, period),
            findings.c.stage.in_(ABOUT_RETURNS),
            sa.or_(findings.c.receipt_id.is_(None), sa.not_(replaced(programme, period))),
            sa.not_(overtaken()),
            sa.not_(_waived(period)),
        )
        .group_by(findings.c.unit_id, findings.c.level)
    )
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    with store.connect() as connection:
        for unit_id, level, count in connection.execute(counted):
            counts[unit_id][level] = count
    return counts


def _explained() -> sa.ColumnElement[bool]:
    return sa.and_(findings.c.level == "warning", sa.exists().where(*_bound(explanations)))


def _waived(period: str) -> sa.ColumnElement[bool]:
    """Periods of one programme are of one kind, so that their texts sort as they follow one another."""
    holds = (
        waivers.c.since_period <= period,
        waivers.c.until_period >= period,
        waivers.c.withdrawn_at.is_(None),
    )
    return sa.and_(findings.c.level == "row", sa.exists().where(*_bound(waivers), *holds))


def _bound(answers: sa.Table) -> list[sa.ColumnElement[bool]]:
    """That an answer is about the finding: the parts of `etl.core.returns.explanations.binding_id`."""
    return [
        answers.c.programme == findings.c.programme,
        answers.c.subject_id
        == sa.func.coalesce(sa.func.nullif(findings.c.subject_id, ""), findings.c.unit_id),
        answers.c.rule == findings.c.rule,
        answers.c.column_key == sa.func.coalesce(findings.c.column_key, ""),
        answers.c.observed == sa.func.coalesce(findings.c.observed, ""),
    ]


def delivered_tables(
    store: sa.Engine, programme: str, period: str, unit_ids: Iterable[str] | None = None
) -> dict[str, list[Delivered]]:
    """Unit id → its readable deliveries with the tables they carry, in the order in which they count, the newest last."""
    since = counts_since(receipts).label("since")
    statement = (
        sa.select(receipts.c.unit_id, receipts.c.receipt_id, since, receipts.c.file_name, receipt_tables.c.table_name)
        .join(receipt_tables, receipts.c.receipt_id == receipt_tables.c.receipt_id)
        .where(of_period(receipts, programme, period), receipts.c.status != "offered")
        .order_by(*turn(receipts))
    )
    if unit_ids is not None:
        statement = statement.where(receipts.c.unit_id.in_(list(unit_ids)))
    tables: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    with store.connect() as connection:
        for *receipt, table in connection.execute(statement):
            unit_id, receipt_id, counts, file_name = receipt
            tables[unit_id, receipt_id, counts, file_name].add(table)
    found: dict[str, list[Delivered]] = defaultdict(list)
    for (unit_id, receipt_id, counts, file_name), names in tables.items():
        found[unit_id].append(Delivered(receipt_id, dt.datetime.fromisoformat(counts), frozenset(names), file_name))
    return found


def published(store: sa.Engine, programme: str, period: str) -> dict[str, list[SliceRow]]:
    """Unit id → its current slices, as rows of `current_slices`."""
    statement = sa.select(current_slices).where(of_period(current_slices, programme, period))
    found: dict[str, list[SliceRow]] = defaultdict(list)
    for row in fetch_rows(store, statement, SliceRow):
        found[row["unit_id"]].append(row)
    return found


def filed_periods(store: sa.Engine) -> list[tuple[str, str]]:
    """The programmes and periods for which anything was delivered, newest period first."""
    statement = (
        sa.select(receipts.c.programme, receipts.c.period)
        .distinct()
        .order_by(receipts.c.period.desc(), receipts.c.programme)
    )
    with store.connect() as connection:
        return [(programme, period) for programme, period in connection.execute(statement)]
