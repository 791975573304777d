"""An invented report and what it is checked with, for the tests of the lint."""

import random
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pandas as pd

from etl.core.lint.claims import Fault
from etl.core.lint.edition import Checks, lint
from etl.core.lint.facts import NodeFacts
from etl.core.programmes.documents import DispatchSettings, IssueRule
from etl.core.reports.dispatch import ReportFrames, build_dispatch
from etl.core.reports.index import ACTIVITY_COLUMNS, TEXT_COLUMNS, THEME_COLUMNS
from etl.edges.lint_files import grammar, private
from etl.edges.templates import narrate, wording
from tests.unit.reports.invented_report import MEASURES, SETTINGS, TOP, edition_of

SUMMED = frozenset(key for key, measure in MEASURES.items() if not measure.percent)


@cache
def checks(people: tuple[str, ...] = ()) -> Checks:
    """What invented reports are checked with."""
    return Checks(grammar("dispatch", MEASURES), private(), SUMMED, people)


@dataclass
class Linted:
    """One invented report: its model, and the frames it is checked against."""

    model: dict[str, Any]
    facts: NodeFacts

    def faults(self, people: tuple[str, ...] = ()) -> list[Fault]:
        """What the lint says of the model as it stands now."""
        return lint(self.model, self.facts, checks(people))

    def told(self) -> list[tuple[str, str, str, str]]:
        """Faults as (rule, place, found, expected)."""
        return [(each.rule, each.place, each.found, each.expected) for each in self.faults()]


ISSUES = tuple(
    IssueRule.model_validate(
        {"key": key, "indicator": indicator, "compare": compare, "threshold": threshold, "title": {"zh": title},
         "remedy": {"zh": remedy}, "days": days, "origin": "assumed"}
    )
    for key, indicator, compare, threshold, title, remedy, days in [
        ("low", "attendance_rate", "below", 0.9, "部分单位参会率偏低", "逐支部分析原因；落实请假制度", 20),
        ("fell", "theme_days", "fell_by", 0.02, "部分单位主题党日减少", "补上缺的次数", 15),
        ("high", "branches_rectifying", "above", 8, "部分单位整顿中党支部较多", "限期整顿到位", 30),
    ]
)
BUSY = SETTINGS.model_copy(update={"issues": ISSUES})


def busy(frames: ReportFrames, seed: int = 5) -> ReportFrames:
    """The frames with what units did and wrote, invented."""
    chance = random.Random(seed)
    filed = [unit for unit in frames.units.to_dict("records") if unit["status"] != "missing"]
    done = [
        (unit["unit_id"], kind, chance.randint(1, 40), chance.randint(50, 900), chance.randint(1, 9))
        for unit in filed
        for kind in ("theme_day", "volunteering", "party_lesson", "other")
    ]
    titles = [(unit["unit_id"], title, chance.randint(1, 9)) for unit in filed for title in ("重温誓词", "学党史1+1", "植树")]
    texts = [
        (unit["unit_id"], key, f"组建服务队{chance.randint(2, 30)}支；送学上门{n}次。结对帮扶{unit['name'][:2]}。")
        for n, unit in enumerate(filed)
        for key in ("main_practices", "difficulties")
    ]
    return replace(
        frames,
        activities=pd.DataFrame(done, columns=ACTIVITY_COLUMNS),
        themes=pd.DataFrame(titles, columns=THEME_COLUMNS),
        texts=pd.DataFrame(texts, columns=TEXT_COLUMNS),
    )


def linted(
    frames: ReportFrames, node: str = TOP, settings: DispatchSettings = SETTINGS, **edition: Any
) -> Linted:
    """The report of a node, to be spoilt and checked."""
    about = edition_of(node, **edition)
    model = narrate(build_dispatch(frames, about, settings, MEASURES, wording()))
    return Linted(model, NodeFacts(frames, about, settings, MEASURES, wording()))
