"""One unit from its plan to its files, its truth and its planted faults."""

import datetime as dt
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from etl.core.period import Period
from etl.core.programmes.layout import Layout
from etl.edges.programmes import Bundle
from etl.simulate.draft import Draft, make_draft
from etl.simulate.faults import plant
from etl.simulate.figures import Context
from etl.simulate.plan import Options, UnitPlan
from etl.simulate.truth import UnitTruth, unit_truth
from etl.simulate.unit_faults import UNREADABLE
from etl.simulate.wording import Style, style_of, written
from etl.simulate.writers import Files, write_files


@dataclass
class UnitResult:
    """What was made for one unit: rows for units.csv and faults.csv, its truth, sizes."""

    unit: dict[str, object]
    faults: list[dict[str, object]]
    truth: UnitTruth
    rows: dict[str, int]
    honours: list[dict[str, object]]
    self_scores: list[dict[str, object]]


def make_unit(
    bundle: Bundle, layout: Layout, plan: UnitPlan, period: Period, options: Options, folder: Path
) -> UnitResult:
    """Make one unit's return and write it under `folder`, unless the unit is missing."""
    context = Context(bundle, plan, period, options, layout)
    draft = make_draft(context)
    plant(draft, plan.faults)
    style = _style(draft)
    files = write_files(draft, written(draft, style), style)
    sent: list[str] = []
    if plan.status != "missing":
        sent = _send(draft, files, folder / _folder_name(draft))
    status = "unreadable" if draft.reading == UNREADABLE else plan.status
    return UnitResult(
        unit={
            "unit_id": plan.unit.unit_id, "unit_code": plan.unit.code, "name": plan.unit.name, "kind": plan.unit.kind,
            "folder": _folder_name(draft) if sent else "", "status": status, "form": style.form,
            "arrived_at": plan.arrived_at.isoformat() if sent else "", "files": "|".join(sent),
        },
        faults=[_fault_row(draft, at, files) for at in range(len(draft.planted))] if sent else [],
        truth=unit_truth(draft),
        rows={key: len(table) for key, table in draft.tables.items()} if sent else {},
        honours=_honours(draft) if sent else [],
        self_scores=_self_scores(draft) if sent else [],
    )


def _style(draft: Draft) -> Style:
    form = "xlsx" if draft.reading in (UNREADABLE, "superseded") else None
    style = style_of(draft.context.plan.unit.unit_id, draft.context.options.seed, form)
    return replace(style, ledger_in_book=True) if draft.reading == UNREADABLE else style


def _folder_name(draft: Draft) -> str:
    """The unit's code; a county that is ahead of its time sends under the code it will bear."""
    plan = draft.context.plan
    return plan.folder if draft.reading == "other_code" else plan.unit.code


def _send(draft: Draft, files: Files, folder: Path) -> list[str]:
    """Write the files with their arrival times; gives back their names. Does the damage of a fault of files."""
    folder.mkdir(parents=True, exist_ok=True)
    arrived = draft.context.plan.arrived_at
    first = next(iter(files.content))
    early = arrived - dt.timedelta(days=2)
    if draft.reading == UNREADABLE:
        files.content = {
            name: content[: len(content) // 2]
            for name, content in files.content.items()
            if name.endswith(".xlsx")
        }
    elif draft.reading == "duplicate":
        files.content[f"副本_{first}"] = files.content[first]
    elif draft.reading == "R06":
        content = files.content.pop(first)
        files.content[f"{first.rpartition('.')[0]}.{'csv' if first.endswith('xlsx') else 'xls'}"] = content
    names = list(files.content)
    for number, (name, content) in enumerate(files.content.items()):
        _write(folder / name, content, arrived + dt.timedelta(seconds=number))
    if draft.reading == "superseded":
        _write(folder / f"初稿_{first}", _first_try(draft), early)
        names.append(f"初稿_{first}")
    return names


def _first_try(draft: Draft) -> bytes:
    """The workbook as sent two days before, with a figure nobody can read in its first branch."""
    again = make_draft(draft.context)
    plant(again, ("F01", "superseded"))
    style = _style(again)
    files = write_files(again, written(again, style), style)
    return next(content for name, content in files.content.items() if name.endswith(".xlsx"))


def _write(path: Path, content: bytes, arrived: dt.datetime) -> None:
    path.write_bytes(content)
    os.utime(path, (arrived.timestamp(), arrived.timestamp()))


def _fault_row(draft: Draft, at: int, files: Files) -> dict[str, object]:
    planted = draft.planted[at]
    place = files.places.get(planted.table)
    return {
        "unit_id": draft.context.plan.unit.unit_id, "unit_code": draft.context.plan.unit.code,
        "file": place.file if place else "", "table": planted.table, "sheet": place.sheet if place else "",
        "row": "" if place is None or planted.row is None else place.row(planted.row),
        "column": planted.column, "rule": planted.rule, "level": planted.level, "planted": planted.text,
    }


def _self_scores(draft: Draft) -> list[dict[str, object]]:
    """What the unit's branches file as their own scores (empty: unreadable), and whether the row must be accepted."""
    rubric, table = draft.context.bundle.programme.rubric, draft.tables.get("branches")
    if table is None or rubric is None or rubric.self_score is None:
        return []
    filed = table.filed[rubric.self_score.measure]
    rows = zip(draft.branches["branch_id"], filed, (~table.held).tolist(), strict=True)
    return [
        {"unit_id": draft.context.plan.unit.unit_id, "branch_id": branch, "self_score": "" if np.isnan(value) else f"{value:.2f}",
         "accepted": accepted}
        for branch, value, accepted in rows
    ]


def _honours(draft: Draft) -> list[dict[str, object]]:
    """The unit's honours rows and whether each must be accepted."""
    table = draft.tables.get("honours")
    if table is None:
        return []
    columns = ("honour_kind", "level", "branch_id")
    rows = zip(*(table.cells[column] for column in columns), (~table.held).tolist(), strict=True)
    unit_id = draft.context.plan.unit.unit_id
    return [dict(zip(("unit_id", *columns, "accepted"), (unit_id, *row), strict=True)) for row in rows]
