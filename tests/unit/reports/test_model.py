"""The typed model is the model that is built: the same keys, all the way down, at every tier and in awkward half-years."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from etl.core.programmes.programme import Theme
from etl.core.reports import errata, figure_rows, list_rows, model
from etl.core.reports.dispatch import ReportFrames
from etl.core.reports.errata import build_erratum, moved_figures
from etl.core.reports.index import DIVISION_COLUMNS, STANDING_COLUMNS
from etl.core.reports.model import Report, as_report
from etl.edges.lint_files import count_names
from etl.edges.templates import narrate, wording
from tests.support.linting import BUSY, busy, linted
from tests.support.shapes import misfits, shapes_in
from tests.unit.reports.invented_report import EDITION, TOP, invented
from tests.unit.reports.test_records import with_records

PREFECTURE, COUNTY = "P530010", "P5300101"
THEME = Theme(year=2018, zh="党支部规范化建设", actions=("查弱项", "补短板"), origin="seed")


def full(seed: int = 5) -> ReportFrames:
    """A province of which there is something to tell in every part of a report."""
    frames = with_records(busy(invented(16, 3), seed))
    units = frames.units.to_dict("records")
    standing = [(unit["unit_id"], unit["name"], "R1", "超过上限", state, "核对无误", 2) for unit in units
                for state in ("open", "explained", "waived")]
    divisions = [("recoded", "P5300101", "530321", "马龙县", "曲靖市", "P5300101", "530304", "马龙区", "曲靖市",
                  EDITION.issued_on, "国函〔2018〕24号", "kept")]
    return replace(
        frames, standing=pd.DataFrame(standing, columns=STANDING_COLUMNS),
        divisions=pd.DataFrame(divisions, columns=DIVISION_COLUMNS),
    )


def kept(frames: ReportFrames, node: str = TOP, **edition: Any) -> Report:
    """A narrated model as it comes back from where it is kept."""
    return as_report(json.loads(json.dumps(linted(frames, node, BUSY, **edition).model)))


MADE: dict[str, Callable[[], Report]] = {
    "province": lambda: kept(full(), theme=THEME),
    "prefecture": lambda: kept(full(), PREFECTURE),
    "county": lambda: kept(full(), COUNTY),
    "the first report": lambda: kept(invented(5, 2, first_time=True), previous=None, last_year=None),
    "everything missing": lambda: kept(invented(16, 2, missing=1.1)),
    "nothing below": lambda: kept(invented(0, missing=0)),
}


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_a_built_model_has_the_keys_of_its_type(make: Callable[[], Report]) -> None:
    made = make()
    assert misfits(made, Report) == []
    assert "on_record" in made


def test_no_part_of_the_type_goes_unseen() -> None:
    met: set[type] = set()
    for make in MADE.values():
        misfits(make(), Report, met=met)
    assert {*shapes_in(figure_rows), *shapes_in(list_rows), *shapes_in(model)} - met == {
        figure_rows.GroupHead, figure_rows.Measured, figure_rows.PlainGroup, figure_rows.Scaled, model.Counts,
        model.PaperEdition, model.PaperHead, model.ReportModel, model.Words,
    }  # what others extend, and what is there only while a model is built


def test_an_erratum_has_the_keys_of_its_type() -> None:
    old, new = kept(full()), kept(full(seed=6))
    moved = moved_figures(old, new, count_names(), wording())
    made = narrate(build_erratum(old, new, moved, "补报", EDITION.issued_on, 1, wording()))
    back = json.loads(json.dumps({**made, "replaces": "one", "brings": "other"}))
    assert back["rows"]
    assert misfits(back, errata.ErratumPaper) == []


def _misspell(report: dict[str, Any]) -> None:
    report["headline"][0]["previuos"] = report["headline"][0].pop("previous")


def _leave_out(report: dict[str, Any]) -> None:
    del report["ranking"]["groups"][0]["rows"][2]["change"]["by"]


def _write_out(report: dict[str, Any]) -> None:
    report["quality"]["units_late"] = "2"


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (_misspell, ["/headline/0/previous: missing", "/headline/0/previuos: unknown"]),
        (_leave_out, ["/ranking/groups/0/rows/2/change/by: missing"]),
        (_write_out, ["/quality/units_late: '2' is not <class 'int'>"]),
    ],
)
def test_what_is_spoilt_does_not_fit(spoil: Callable[[dict[str, Any]], None], found: list[str]) -> None:
    report: Any = copy.deepcopy(kept(full()))
    spoil(report)
    assert misfits(report, Report) == found


def test_another_paper_is_no_dispatch() -> None:
    with pytest.raises(ValueError, match="'erratum'"):
        as_report({"kind": "erratum"})
