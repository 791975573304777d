"""An invented report and what it is checked with, for the tests of the lint."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from etl.core.documents import DispatchSettings
from etl.core.lint import Checks, lint
from etl.core.lint_claims import Fault
from etl.core.lint_facts import NodeFacts
from etl.core.report import ReportFrames, build_dispatch
from etl.edges.lint_files import grammar, private
from etl.edges.templates import narrate, wording
from tests.unit.invented_report import MEASURES, SETTINGS, TOP, edition_of

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


def linted(
    frames: ReportFrames, node: str = TOP, settings: DispatchSettings = SETTINGS, **edition: Any
) -> Linted:
    """The report of a node, to be spoilt and checked."""
    about = edition_of(node, **edition)
    model = narrate(build_dispatch(frames, about, settings, MEASURES, wording()))
    return Linted(model, NodeFacts(frames, about, settings, MEASURES, wording()))
