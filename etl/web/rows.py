"""One row of a return put right in place: the cells that findings are about, or every open cell with what stands there now."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from etl.core.reading.fixes import LONGEST_VALUE, Fix
from etl.core.returns.resubmission import Answer
from etl.core.returns.row_form import RowForm, row_form
from etl.stages.explanations import findings_with_answers
from etl.stages.feedback import feedback_model
from etl.stages.resubmit import fix_cells
from etl.web.actions import UNIT, answered, no_longer
from etl.web.desk import Desk, heading, unit_desk
from etl.web.fields import Many, Tick
from etl.web.guard import require_token
from etl.web.rendering import page
from etl.web.views import column_names

ROW = UNIT + "/rows/{table}/{row}"

router = APIRouter()
form_router = APIRouter(dependencies=[Depends(require_token)])
Why = Annotated[str, Form(max_length=500)]
Typed = Mapping[str, str]  # column → what was typed into its field


@form_router.post(UNIT + "/fix")
def fix(
    request: Request, programme: str, period: str, unit_id: str, finding: Many, value: Many, reason: Why = ""
) -> Response:
    """Put the values of a row right that findings are about, with the reason; a new receipt that is judged at once.

    `value` stands beside `finding` in the same order; an empty one leaves its cell as it is. What is refused comes back as the
    form of the whole row, as it was filled in.
    """
    desk = unit_desk(request, programme, period, unit_id)
    if len(finding) != len(value) or any(len(each) > LONGEST_VALUE for each in value):
        raise HTTPException(400)
    cells = findings_with_answers(desk.context, unit_id).dropna(subset=["row_number", "column_key"]).set_index("finding_key")
    typed = {key: text for key, text in zip(finding, value, strict=True) if text.strip()}
    known = cells.loc[[key for key in finding if key in cells.index]]
    rows = {(table, int(row)) for table, row in zip(known["table_name"], known["row_number"], strict=True)}
    if not rows:
        return no_longer(request, desk, unit_id, values=[*typed.values(), *filter(None, [reason])])
    if len(rows) > 1:
        raise HTTPException(400)
    [(table, row)] = rows
    columns = {known.loc[key, "column_key"]: text for key, text in typed.items() if key in known.index}
    form = _form(desk, unit_id, table, row)
    if len(known) < len(finding):
        values = [*typed.values()]
        if form is None:
            return no_longer(request, desk, unit_id, values=[*values, *filter(None, [reason])])
        return _outdated(request, desk, unit_id, form, values, reason)
    changes = [Fix(table=table, row=row, column=column, value=text) for column, text in columns.items()]
    answer = fix_cells(desk.context, unit_id, changes, reason, desk.by)
    return _told(request, desk, unit_id, form, answer, columns, reason)


@router.get(ROW, response_class=HTMLResponse)
def show_row(request: Request, programme: str, period: str, unit_id: str, table: str, row: int) -> HTMLResponse:
    """The row's open cells as a form; 404 for a row of which nothing is open."""
    desk = unit_desk(request, programme, period, unit_id)
    return _shown(request, desk, unit_id, _found(desk, unit_id, table, row))


@form_router.post(ROW)
def fix_row(
    request: Request, programme: str, period: str, unit_id: str, table: str, row: int, receipt: Annotated[str, Form()],
    column: Many, value: Many, reason: Why = "", remove: Tick = "",
) -> Response:
    """Put right what was changed in the row; what stands in `value` beside its `column` is what the cell shall hold.

    `remove`: take the row away instead, which empties all its cells; only where all of them are open.

    The form again (409) if another version counts by now: its row of this number may be another one.
    """
    desk = unit_desk(request, programme, period, unit_id)
    form = _found(desk, unit_id, table, row)
    open_columns = {field.column for field in form.fields}
    if form.receipt_id != receipt:
        typed = {key: text for key, text in zip(column, value, strict=False) if key in open_columns}
        names = {field.column: field.heading for field in form.fields}
        values = [f"{names[fix.column]} {fix.value}" for fix in form.fixes(typed)]
        return _outdated(request, desk, unit_id, form, values, reason)
    if len(column) != len(value) or not set(column) <= open_columns or any(len(each) > LONGEST_VALUE for each in value):
        raise HTTPException(400)
    if remove and not form.whole:
        raise HTTPException(400)
    typed = dict(zip(column, value, strict=True))
    changes = form.fixes(dict.fromkeys(open_columns, "") if remove else typed)
    answer = fix_cells(desk.context, unit_id, changes, reason, desk.by)
    return _told(request, desk, unit_id, form, answer, typed, reason)


def _form(desk: Desk, unit_id: str, table: str, row: int) -> RowForm | None:
    sheets = {sheet.table: sheet for sheet in feedback_model(desk.context, unit_id).sheets}
    layout = desk.context.bundle.layout(desk.context.period)
    return row_form(sheets[table], row, layout.table(table)) if table in sheets else None


def _found(desk: Desk, unit_id: str, table: str, row: int) -> RowForm:
    form = _form(desk, unit_id, table, row)
    if form is None:
        raise HTTPException(404)
    return form


def _told(
    request: Request, desk: Desk, unit_id: str, form: RowForm | None, answer: Answer, typed: Typed, reason: str
) -> Response:
    """What became of a fix. What was typed stands in the row's form again if it was refused, or judged and does not count."""
    if form is None or answer.taken:
        return answered(request, desk, unit_id, answer)
    if not answer.accepted:
        return _shown(request, desk, unit_id, form, 422, kept=typed, reason=reason, refusal=answer.refusal)
    return answered(request, desk, unit_id, answer, form=form, kept=typed, reason=reason)


def _outdated(
    request: Request, desk: Desk, unit_id: str, form: RowForm, values: Sequence[str], reason: str
) -> HTMLResponse:
    """The form as it stands now. What was typed is told beside it and not filled in: this row may be another one."""
    return _shown(request, desk, unit_id, form, 409, stale=True, values=values, reason=reason)


def _shown(request: Request, desk: Desk, unit_id: str, form: RowForm, status: int = 200, **told: Any) -> HTMLResponse:
    """The form; `told`: what was typed before (`kept`, `reason`), and why it was not taken."""
    unit, tables = desk.unit(unit_id), column_names(desk.context)
    return page(request, "row", status, **heading(desk), unit=unit, form=form, tables=tables, **told)
