"""English editions read back: as they are made they pass, and a number, name, rank or verb that is not so is found."""

from dataclasses import replace
from typing import Any

import pytest

from etl.core.lint.claims import Fault
from etl.core.lint.edition import Checks, lint
from etl.core.lint.facts import NodeFacts
from etl.core.programmes.documents import DispatchSettings, IssueRule
from etl.core.reports.dispatch import ReportFrames, build_dispatch
from etl.edges.lint_files import grammar, private
from etl.edges.templates import narrate, wording
from tests.support.linting import BUSY, SUMMED, Linted, busy
from tests.unit.lint.test_edition import SHAPES
from tests.unit.reports.invented_report import MEASURES, SETTINGS, TOP, edition_of, invented

WORDS = wording("en")
ENGLISH = {
    key: replace(
        each, zh=key.replace("_", " ").capitalize(), definition="",
        unit_zh="%" if each.percent else WORDS.units.get(each.unit, WORDS.units["default"]),
    )
    for key, each in MEASURES.items()
}
CHECKS = Checks(grammar("dispatch", ENGLISH, "en"), private(), SUMMED)
TITLES = {
    "low": ("Attendance too low", "find out why members stay away"),
    "fell": ("Fewer theme days", "hold those that are missing"),
    "high": ("Many branches being put right", "finish within the time set"),
}
ISSUES = tuple(
    IssueRule.model_validate(
        each.model_dump()
        | {"title": {**each.title, "en": TITLES[each.key][0]}, "remedy": {**each.remedy, "en": TITLES[each.key][1]}}
    )
    for each in BUSY.issues
)
WITH_ISSUES = BUSY.model_copy(update={"issues": ISSUES})


class English(Linted):
    """An invented report in English."""

    def faults(self, _: tuple[str, ...] = ()) -> list[Fault]:
        return lint(self.model, self.facts, CHECKS)


def english(frames: ReportFrames, node: str = TOP, settings: DispatchSettings = SETTINGS, **edition: Any) -> English:
    about = edition_of(node, **edition)
    model = narrate(build_dispatch(frames, about, settings, ENGLISH, WORDS), "en")
    return English(model, NodeFacts(frames, about, settings, ENGLISH, WORDS))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_report_as_it_is_made_passes(shape: str) -> None:
    size, how, node, edition = SHAPES[shape]
    assert english(invented(*size, **how), node, **edition).told() == []


def test_nothing_to_compare_with_is_said() -> None:
    report = english(invented(3, missing=0, first_time=True))
    assert report.told() == []
    assert any("There is nothing of last period to compare with." in block["text"] for block in report.model["blocks"])


@pytest.mark.parametrize("size", [(16, 3), (4,), (1,), (0,)])
def test_a_report_of_busy_units_passes(size: tuple[int, ...]) -> None:
    assert english(busy(invented(*size, missing=0, seed=1)), settings=WITH_ISSUES).told() == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("48 of 48 units", "47 of 48 units"),
        ("44 of them on time", "45 of them on time"),
        ("2018-07-31", "2018-07-30"),
        ("first half of 2018", "first half of 2017"),
        ("figures rose, 1", "figures rose, 2"),
        ("2,472, down 4", "2,472, up 4"),
        ("2,472, down 4", "2,471, down 4"),
        ("(0.2%)", "(0.3%)"),
        ("up 0.5 percentage points", "up 0.6 percentage points"),
        ("first are 楚雄彝族自治州 (94.9%), 丽江市", "first are 丽江市 (94.9%), 楚雄彝族自治州"),
        ("last are 昆明市 (82.9%)", "last are 昆明市 (83.9%)"),
        ("The prefectures differ", "The prefectures are level"),
        ("The ledgers hold 3,813", "The ledgers hold 3,814"),
        ("in 239 branches", "in 238 branches"),
        ("8 units are below 90%", "7 units are below 90%"),
        ("8 units are below 90%", "8 units are below 91%"),
        ("8 units are below 90%", "8 units are above 90%"),
        ("(down 3.6%)", "(down 3.7%)"),
        ("by 2018-09-03, find", "by 2018-09-04, find"),
        ("hold those that are missing", "find out why members stay away"),
        ("late: 4 units", "late: 3 units"),
        ("2,496 were accepted", "2,495 were accepted"),
        ("found 263 faults", "found 262 faults"),
        ("annex 5", "annex 4"),
        ("sent again by 2018-08-31", "sent again by 2018-08-30"),
        ("This is what they show.", "This is what they show. All is 3 times as much."),
    ],
)
def test_what_is_not_so_is_found(old: str, new: str) -> None:
    report = english(busy(invented(16, 3, missing=0)), settings=WITH_ISSUES)
    block = next(block for block in report.model["blocks"] if old in block["text"])
    block["text"] = block["text"].replace(old, new, 1)
    assert {fault.rule for fault in report.faults()} & {"figure", "underived"}


@pytest.mark.parametrize(
    ("label", "old", "new"),
    [("dumbbell_title", "+", "−"), ("trend_title", "up 0.5", "up 0.4"), ("subject", "2018", "2017")],
)
def test_titles_are_read_back_too(label: str, old: str, new: str) -> None:
    report = english(busy(invented(16, 3, missing=0)), settings=WITH_ISSUES)
    assert old in report.model["labels"][label]
    report.model["labels"][label] = report.model["labels"][label].replace(old, new, 1)
    assert report.faults()
