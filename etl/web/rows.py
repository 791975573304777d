"""One row of a return put right in place: every open cell with what stands there now, so that a cell can be emptied, too."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from etl.core.fixes import LONGEST_VALUE
from etl.core.row_form import RowForm, row_form
from etl.stages.feedback import feedback_model
from etl.stages.resubmit import fix_cells
from etl.web.actions import UNIT, answered
from etl.web.desk import Desk, heading, unit_desk
from etl.web.guard import require_token
from etl.web.rendering import page
from etl.web.views import column_names, unit_row

ROW = UNIT + "/rows/{table}/{row}"

router = APIRouter()
form_router = APIRouter(dependencies=[Depends(require_token)])
Many = Annotated[list[str], Form(default_factory=list)]


@router.get(ROW, response_class=HTMLResponse)
def show_row(request: Request, programme: str, period: str, unit_id: str, table: str, row: int) -> HTMLResponse:
    """The row's open cells as a form; 404 for a row of which nothing is open."""
    desk = unit_desk(request, programme, period, unit_id)
    return _shown(request, desk, unit_id, _form(desk, unit_id, table, row))


@form_router.post(ROW)
def fix_row(
    request: Request, programme: str, period: str, unit_id: str, table: str, row: int, receipt: Annotated[str, Form()],
    column: Many, value: Many, reason: Annotated[str, Form(max_length=500)] = "",
    remove: Annotated[str, Form(max_length=3)] = "",
) -> Response:  # fmt: skip
    """Put right what was changed in the row; what stands in `value` beside its `column` is what the cell shall hold.

    `remove`: take the row away instead, which empties all its cells; only where all of them are open.

    The form again (409) if another version counts by now: its row of this number may be another one.
    """
    desk = unit_desk(request, programme, period, unit_id)
    form = _form(desk, unit_id, table, row)
    if form.receipt_id != receipt:
        return _shown(request, desk, unit_id, form, 409)
    open_columns = {field.column for field in form.fields}
    if len(column) != len(value) or not set(column) <= open_columns or any(len(each) > LONGEST_VALUE for each in value):
        raise HTTPException(400)
    if remove and not form.whole:
        raise HTTPException(400)
    typed = dict.fromkeys(open_columns, "") if remove else dict(zip(column, value, strict=True))
    changes = form.fixes(typed)
    return answered(request, desk, unit_id, fix_cells(desk.context, unit_id, changes, reason, desk.viewer.account, desk.at))


def _form(desk: Desk, unit_id: str, table: str, row: int) -> RowForm:
    sheets = {sheet.table: sheet for sheet in feedback_model(desk.context, unit_id).sheets}
    layout = desk.context.bundle.layout(desk.context.period)
    form = row_form(sheets[table], row, layout.table(table)) if table in sheets else None
    if form is None:
        raise HTTPException(404)
    return form


def _shown(request: Request, desk: Desk, unit_id: str, form: RowForm, status: int = 200) -> HTMLResponse:
    """The form; with 409, that what it showed before was out of date."""
    unit = unit_row(desk.board(), unit_id)
    if unit is None:
        raise HTTPException(404)
    tables, stale = column_names(desk.context), status == 409
    return page(request, "row", status, **heading(desk), unit=unit, form=form, tables=tables, stale=stale)
