"""Declared corrections: applied while the guard holds, told of when it does not."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from etl.core.judging.corrections import Correction
from etl.core.period import Period
from etl.edges import programmes
from etl.edges.programmes import load_bundle
from etl.edges.validation import repair_rows
from etl.errors import ConfigError
from tests.support import bench as bench_module
from tests.support.bench import bench, view

UNIT, B1 = "P530102", "530102-B001"
KNOWN: dict[str, Any] = {
    "unit": UNIT, "table": "branches", "branch": B1, "column": "members", "wrong": "380", "fix": "38", "reason": "多打了一个0",
    "told": "区委老干部局，2018-07-12", "since": "2018H1", "until": "2018H2", "origin": "assumed",
}


def _with(monkeypatch: pytest.MonkeyPatch, **change: Any) -> None:
    bundle = replace(load_bundle("yunnan-model-branch"), corrections=(Correction.model_validate(KNOWN | change),))
    monkeypatch.setattr(bench_module, "load_bundle", lambda _key: bundle)


def _filed(members: str | None) -> dict[tuple[str, str], list[dict[str, str | None]]]:
    other = {"branch_id": "530102-B002", "branch_name": "乙支部", "members": "380"}
    return {(UNIT, "branches"): [{"branch_id": " 530102-b001", "branch_name": "甲支部", "members": members}, other]}


def test_the_wrong_text_is_put_right_in_its_cell_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _with(monkeypatch)
    made = bench(tmp_path, _filed("380"))
    assert view(made, "figures", "value", column_key="members") == [(38,), (380,)]
    assert view(made, "declared_corrections", "subject_id", "changed_text") == [(B1, None)]
    told = [(row["column_key"], row["text_before"], row["text_after"]) for row in repair_rows(made, "p", "2018H1", [UNIT])]
    assert told == [("members", "380", "38")]


@pytest.mark.parametrize(("members", "changed"), [("38", "38"), ("39", "39"), (None, "未填")])
def test_once_the_source_says_something_else_nothing_is_touched_and_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, members: str | None, changed: str
) -> None:
    _with(monkeypatch)
    made = bench(tmp_path, _filed(members))
    assert view(made, "declared_corrections", "changed_text", "fix") == [(changed, "38")]
    assert view(made, "figures", "value", column_key="members")[0] == (None if members is None else int(members),)
    assert repair_rows(made, "p", "2018H1", [UNIT]) == []


def test_a_units_own_row_is_put_right_and_no_other_units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _with(monkeypatch, table="unit_figures", branch=None)
    row = {"members": "380"}
    made = bench(tmp_path, {(UNIT, "unit_figures"): [row], ("P530103", "unit_figures"): [row]})
    assert view(made, "figures", "value", column_key="members", table_name="unit_figures") == [(38,), (380,)]
    assert view(made, "declared_corrections", "subject_id", "column_key", "text") == [(UNIT, "members", "380")]


@pytest.mark.parametrize(
    ("since", "until", "holds"),
    [("2018H1", "2018H2", "2018H1 2018H2"), ("2018H1", "2018H1", "2018H1"), ("2017H1", "2018H1", "2017H2 2018H1")],
)
def test_it_holds_from_its_first_period_to_its_last(since: str, until: str, holds: str) -> None:
    mine = Correction.model_validate(KNOWN | {"since": since, "until": until})
    assert [each for each in ("2017H2", "2018H1", "2018H2") if mine.holds_in(Period.parse(each))] == holds.split()


def test_it_ends_with_its_last_period(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _with(monkeypatch, since="2017H1", until="2017H2")
    assert view(bench(tmp_path, _filed("380")), "figures", "value", column_key="members")[0] == (380,)


@pytest.mark.parametrize("change", [{"unit": "P999999"}, {"column": "no_such_figure"}])
def test_what_names_nothing_does_not_load(change: dict[str, str]) -> None:
    bundle = replace(
        load_bundle("yunnan-model-branch"), corrections=(Correction.model_validate(KNOWN | change),)
    )
    with pytest.raises(ConfigError, match=r"corrections\.yaml"):
        bundle.corrections_in(Period.parse("2018H1"))


@pytest.mark.parametrize(
    "change",
    [{"until": "2017H2"}, {"fix": "380"}, {"table": "activities"}, {"branch": None}, {"table": "unit_figures"}],
)
def test_what_contradicts_itself_does_not_load(change: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Correction.model_validate(KNOWN | change)


def test_a_folder_may_hold_corrections(tmp_path: Path) -> None:
    file = tmp_path / "corrections.yaml"
    lines = "\n".join(f"    {key}: '{value}'" for key, value in KNOWN.items() if key != "unit")
    file.write_text(f"corrections:\n  - unit: {UNIT}\n{lines}\n", encoding="utf-8")
    assert [each.fix for each in programmes._corrections(file)] == ["38"]
    assert programmes._corrections(tmp_path / "none.yaml") == ()
