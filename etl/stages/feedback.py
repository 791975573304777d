"""Feedback: a unit's current text tables and what is wrong with them → the workbook that it fixes and sends back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from etl.core.programmes.layout import Layout
from etl.core.returns.entries import Openings
from etl.core.returns.explanations import binding_id
from etl.core.returns.faults import Fault
from etl.core.returns.feedback import About, Feedback, build_feedback
from etl.core.returns.feedback_sheets import Source
from etl.core.rows import FindingRow, NewFinding
from etl.edges.feedback_workbook import feedback_bytes
from etl.edges.seal import seal_secret
from etl.edges.store.explanations import explanations_of
from etl.edges.store.findings import findings_of
from etl.edges.store.receipts import TextFile, receipts_in_turn, receipts_of
from etl.edges.store.results import slices_of
from etl.edges.templates import feedback_words
from etl.edges.texts import text_cells
from etl.errors import Misuse
from etl.stages.context import Context
from etl.stages.explanations import waivers_that_hold
from etl.stages.frames import is_worked_out, rule_texts, worked_out_rules
from etl.stages.read import texts_in_force
from etl.stages.returns import standing

F = TypeVar("F", bound=NewFinding)


def feedback_workbook(context: Context, unit_id: str, all_ledgers: bool = False) -> bytes:
    """The fix-me workbook of a unit as XLSX. Misuse if the unit does not report in the period."""
    model = feedback_model(context, unit_id, all_ledgers)
    return feedback_bytes(model, feedback_words(), seal_secret(context.settings))


def feedback_file_name(context: Context, unit_id: str) -> str:
    """What the workbook should be called."""
    unit = context.register.unit(unit_id)
    return feedback_words().file_name.format(unit=unit.name, period=context.period.zh)


def feedback_model(context: Context, unit_id: str, all_ledgers: bool = False) -> Feedback:
    """The workbook before it is written. Misuse if the unit does not report in the period.

    `all_ledgers`: with the ledgers in which nothing is wrong, too, open to be changed.
    """
    if unit_id not in context.register.units_by_id:
        raise Misuse(f"no unit {unit_id} in {' '.join(context.key)}")
    layout, bundle = context.bundle.layout(context.period), context.bundle
    texts = texts_in_force(context, [unit_id])
    return build_feedback(
        _about(context, unit_id),
        layout,
        [source_of(context, layout, text) for text in texts],
        faults_of(standing_rows(context, unit_id, texts), texts, file_names(context, unit_id)),
        rule_texts(context),
        Openings(layout, bundle.programme, bundle.catalogue),
        feedback_words(),
        all_ledgers,
    )


def source_of(context: Context, layout: Layout, text: TextFile) -> Source:
    """A text table with its cells."""
    cells = text_cells(context.landing, text.text_path, text.receipt_id)
    return Source(layout.table(text.table_name), text.receipt_id, text.sheet, text.columns, cells)


def standing_rows(context: Context, unit_id: str, texts: Sequence[TextFile]) -> list[FindingRow]:
    """What is wrong with a unit's current files, and with those that could not be read and came after them.

    As rows of `findings`, without what is explained or waived.
    """
    receipts = receipts_in_turn(context.store, *context.key, [unit_id])
    kept = standing(receipts, {text.receipt_id for text in texts})
    found = findings_of(context.store, *context.key, unit_id)
    return open_rows(
        context, [row for row in found if row["receipt_id"] is None or row["receipt_id"] in kept]
    )


def open_rows(context: Context, rows: Sequence[F]) -> list[F]:
    """Findings, kept or not, without those that are waived or explained."""
    settled = {*explanations_of(context.store, context.key[0]), *waivers_that_hold(context)}
    return [row for row in rows if binding_id(row) not in settled]


def file_names(context: Context, unit_id: str | None = None) -> dict[str, str]:
    """Receipt → what the file is called that a unit sent, or any unit."""
    unit_ids = None if unit_id is None else [unit_id]
    return {row["receipt_id"]: row["file_name"] for row in receipts_of(context.store, *context.key, unit_ids)}


def faults_of(
    rows: Sequence[NewFinding], texts: Sequence[TextFile], files: Mapping[str, str] | None = None
) -> list[Fault]:
    """Rows of findings as faults: those that reading made get the table and the column that their sheet and letter mean.

    `files`: receipt → the name of its file, for faults that are to tell it.
    """
    by_sheet, names = {(text.receipt_id, text.sheet): text for text in texts}, files or {}
    faults = (_fault(row, by_sheet.get((row["receipt_id"] or "", row["sheet"] or ""))) for row in rows)
    worked_out = worked_out_rules()
    return [
        replace(fault, file=names.get(row["receipt_id"] or "", ""), worked_out=is_worked_out(row, worked_out))
        for row, fault in zip(rows, faults, strict=True)
    ]


def _fault(row: NewFinding, text: TextFile | None) -> Fault:
    table, column, letter = row["table_name"], row["column_key"], row["column_letter"]
    if table is None and text is not None:
        table = text.table_name
    if column is None and text is not None and letter:
        column = next((key for key, (_, at) in text.columns.items() if at == letter), None)
    heading = row["heading"] or ""
    if not heading and text is not None and column in text.columns:
        heading = text.columns[column][0]
    return Fault(
        rule=row["rule"], level=row["level"], table=table, sheet=row["sheet"] or "", row=row["row_number"], column=column,
        letter=letter, heading=heading, observed=row["observed"] or "", shown=row["shown"] or "",
        expected=row["expected"] or "", subject=row["subject_id"],
    )


def _about(context: Context, unit_id: str) -> About:
    unit, programme = context.register.unit(unit_id), context.bundle.programme
    slices = slices_of(context.store, *context.key, [unit_id])
    return About(
        programme=programme.programme, programme_zh=programme.title.zh, period=str(context.period), period_zh=context.period.zh,
        unit_id=unit_id, unit_zh=unit.name, accepted=sum(row["rows_accepted"] for row in slices),
        held=sum(row["rows_held"] for row in slices), filed=bool(receipts_of(context.store, *context.key, [unit_id])),
    )
