"""What moved between two editions of a report: nothing where nothing did, and each kind of change by its name."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.core.programmes.documents import DispatchSettings, IssueRule
from etl.core.reports.dispatch import ReportFrames, build_dispatch
from etl.core.reports.errata import Moved, moved_figures
from etl.edges.lint_files import count_names
from etl.edges.templates import wording
from tests.unit.reports.invented_report import EDITION, MEASURES, SETTINGS, TOP, edition_of, invented

Model = dict[str, Any]
LOW = IssueRule(
    key="low", indicator="attendance_rate", compare="below", threshold=0.9, days=20, origin="assumed",
    title={"zh": "参会率偏低"}, remedy={"zh": "分析原因"},
)
ASKED: DispatchSettings = SETTINGS.model_copy(update={"issues": (LOW,)})


def model_of(frames: ReportFrames, node_id: str = TOP, **edition: Any) -> Model:
    return build_dispatch(frames, edition_of(node_id, **edition), ASKED, MEASURES, wording())


@pytest.fixture(scope="module")
def sent() -> Model:
    """A report with every kind of figure and list in it."""
    model = model_of(invented(8, 2))
    unit = {"name": "甲县", "entries": 9, "entries_text": "9", "address": "P530101#activity.theme_day"}
    model["practice"] |= {
        "activities": [{"kind": "theme_day", "zh": "主题党日", "entries": 20, "person_times": 300, "branches": 12, "units": 1,
                        "leading": [unit], "address": f"{TOP}#activity.theme_day"}],
        "themes": [{"title": "读书", "entries": 7, "units": 2, "address": f"{TOP}#theme.1"}],
        "practices": [{"name": "甲县", "text": "送学", "figure": None, "address": "P530101#main_practices"}],
    }
    model["standing"] = [
        {"name": "甲县", "rule": "F02", "sentence": "期初数不符", "state": "open", "reason": "", "count": 3,
         "address": f"{TOP}#standing.F02"}
    ]
    return model


def moved(old: Model, new: Model) -> list[Moved]:
    return moved_figures(old, new, count_names(), wording())


@settings(max_examples=20)
@given(st.integers(0, 12), st.integers(0, 3), st.integers(0, 99), st.floats(0, 1))
def test_where_nothing_moved_nothing_is_said(children: int, grandchildren: int, seed: int, missing: float) -> None:
    frames = invented(children, grandchildren, seed=seed, missing=missing)
    later = EDITION.issued_on.replace(month=9)
    for node_id in [row for row in frames.nodes if row in (TOP, "P530010")]:
        assert moved(model_of(frames, node_id), model_of(frames, node_id, issued_on=later, revision=2)) == []


CHANGES: dict[str, tuple[Callable[[Model], Any], tuple[str, str, str]]] = {
    "entries": (lambda m: m["practice"]["activities"][0].update(entries=21), ("activity.theme_day@entries", "20", "21")),
    "attendances": (
        lambda m: m["practice"]["activities"][0].update(person_times=1310), ("activity.theme_day@person_times", "300", "1,310"),
    ),
    "activity gone": (lambda m: m["practice"].update(activities=[]), ("activity.theme_day@branches", "12", "0")),
    "theme": (lambda m: m["practice"]["themes"][0].update(entries=8), ("theme.读书", "7", "8")),
    "finding": (lambda m: m["problems"][0].update(count=999), ("findings", "", "")),
    "finding's units": (lambda m: m["problems"][0].update(unit_count=99), ("@units", "", "99")),
    "open finding": (lambda m: m["standing"][0].update(count=4), ("standing.F02@open", "3", "4")),
    "waived": (lambda m: m["standing"][0].update(state="waived"), ("standing.F02@waived", "0", "3")),
    "rows": (lambda m: m["quality"].update(rows_accepted=7), ("completeness.rows_accepted", "", "7")),
    "own words": (
        lambda m: m["practice"]["practices"][0].update(text="送学上门"), ("main_practices", "送学", "送学上门"),
    ),
    "counted until": (lambda m: m["edition"].update(data_as_of_zh="2018年8月9日"), ("edition.data_as_of", "", "2018年8月9日")),
    "answers due": (lambda m: m["edition"].update(reply_by_zh="2018年9月9日"), ("edition.reply_by", "", "2018年9月9日")),
    "remedy due": (lambda m: m["issues"][0].update(due_zh="2018年9月9日"), ("issue.low@due", "", "2018年9月9日")),
    "judged": (lambda m: m["issues"][0].update({"of": 99}), ("issue.low@of", "", "99")),
    "base": (
        lambda m: m["headline"][0]["previous"].update(base_cell="77", base=77), ("branches@previous", "", "77"),
    ),
    "own rank": (lambda m: m["headline"][0].update(rank={"rank": 2, "of": 9}), ("branches@rank", "", "2/9")),
    "cell below": (lambda m: m["ranking"]["groups"][0]["rows"][0]["cells"].__setitem__(0, "88"), ("branches", "", "88")),
}


def test_what_is_due_later_because_the_paper_is_has_not_moved(sent: Model) -> None:
    new = copy.deepcopy(sent)
    new["edition"] |= {"issued_on": "2018-09-06", "reply_by_zh": "2018年9月29日"}
    new["issues"][0]["due_zh"] = "2018年10月9日"
    assert moved(sent, new) == []


@pytest.mark.parametrize(("change", "told"), CHANGES.values(), ids=CHANGES)
def test_each_kind_of_figure_that_moved_is_named(
    sent: Model, change: Callable[[Model], Any], told: tuple[str, str, str]
) -> None:
    new = copy.deepcopy(sent)
    change(new)
    place, old, now = told
    assert [
        each for each in moved(sent, new)
        if place in each.key and (not old or each.old == old) and (not now or each.new == now) and each.zh
    ]


def test_a_list_that_moved_says_who_came_in_and_who_left(sent: Model) -> None:
    new = copy.deepcopy(sent)
    first, *others = new["issues"][0]["units"]
    new["issues"][0]["units"] = [{**first, "name": "新来县", "node_id": "P539999"}, *others]
    (told,) = moved(sent, new)
    assert (told.key, told.zh, told.old == told.new, told.by) == ("issue.low", "“参会率偏低”的单位", True, "")
    assert (told.came, told.left) == (("新来县",), (first["name"],))
    assert moved(sent, {**new, "issues": []})[0].left == tuple(unit["name"] for unit in sent["issues"][0]["units"])


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda m: m["practice"]["activities"][0]["leading"][0].update(name="乙县"), "activity.theme_day@leading"),
        (lambda m: m["practice"]["themes"][0].update(title="植树"), "theme"),
        (lambda m: m["practice"]["practices"][0].update(name="乙县"), "practices"),
        (lambda m: m["outstanding"].append({**m["outstanding"][0], "name": "乙县"}), "completeness.units_"),
    ],
    ids=["leading", "themes", "practices", "outstanding"],
)
def test_every_list_is_compared_by_its_members(sent: Model, change: Callable[[Model], Any], key: str) -> None:
    new = copy.deepcopy(sent)
    change(new)
    (told,) = [each for each in moved(sent, new) if each.came]
    assert told.key.startswith(key)
    assert told.came[0] in ("乙县", "植树")


def test_places_that_moved_are_told_in_one_line(sent: Model) -> None:
    new = copy.deepcopy(sent)
    rows = new["ranking"]["groups"][0]["rows"]
    rows[0]["rank"], rows[1]["rank"] = rows[1]["rank"], rows[0]["rank"]
    (told,) = moved(sent, new)
    assert told.zh.endswith("参会率名次")
    assert told.ranks == ((rows[0]["name"], 1, 2), (rows[1]["name"], 2, 1))


def test_a_bureau_whose_equals_moved_is_told(sent: Model) -> None:
    old = model_of(invented(8, 2), "P530010")
    new = copy.deepcopy(old)
    peer = next(row for row in new["peers"]["rows"] if not row["own"])
    peer.update(cell="1.5", number=0.015)
    (told,) = moved(old, new)
    assert (told.node_id, told.new) == (peer["node_id"], "1.5")
