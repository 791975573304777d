"""What a node's report may say of its units' doings and shortfalls, derived from the store's frames alone."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from etl.core.lint.facts import Filed, NodeFacts, exact, paper_step
from etl.core.programmes.documents import IssueRule
from etl.core.reports.activity import whole_sentences
from etl.core.totals.suppression import hidden_in_line, is_small
from etl.core.wording import Wording, one_line
from etl.core.working_days import add_working_days

MOST_LEADING = 3
_RATE_STEP = Decimal("0.001")


@dataclass
class Activity:
    """One kind of activity over all units: entries, people present, branches with an entry, entries by unit."""

    entries: int = 0
    person_times: int = 0
    branches: int = 0
    by_unit: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def leading(self) -> list[tuple[str, int]]:
        """Names and entries of the units that held most."""
        ordered = sorted(self.by_unit, key=lambda each: (-each[2], each[0]))
        return [(name, entries) for _, name, entries in ordered[:MOST_LEADING]]


@dataclass(frozen=True)
class Shortfall:
    """A rule of 存在问题 and who falls short of it, furthest off first."""

    rule: IssueRule
    units: tuple[tuple[str, Filed], ...]
    due: dt.date
    apart: bool = False


@dataclass(frozen=True)
class Doings:
    """Activities by their Chinese name, themes most frequent first, the units' own words, shortfalls."""

    activities: dict[str, Activity]
    themes: list[tuple[str, int]]
    texts: dict[str, frozenset[str]]
    shortfalls: tuple[Shortfall, ...]


def worded(texts: Mapping[str, str], words: Wording) -> str:
    """A text of a rule in the report's language, or in Chinese where there is none."""
    return texts.get(words.language, texts["zh"])


def doings(facts: NodeFacts) -> Doings:
    """All that a node's units did, wrote and fell short of."""
    mine = {str(unit["unit_id"]): one_line(str(unit["name"])) for unit in facts.units}
    return Doings(
        _activities(facts, mine),
        _themes(facts, mine),
        _texts(facts, mine),
        tuple(each for rule in facts.settings.issues if (each := _shortfall(facts, rule)).units),
    )


def _activities(facts: NodeFacts, mine: dict[str, str]) -> dict[str, Activity]:
    words = facts.words.activities
    found: defaultdict[str, Activity] = defaultdict(Activity)
    for row in facts.frames.of_units("activities", facts.units):
        activity = found[words.get(row["kind"], words["other"])]
        activity.entries += int(row["entries"])
        activity.person_times += int(row["person_times"])
        activity.branches += int(row["branches"])
        activity.by_unit.append((row["unit_id"], mine[row["unit_id"]], int(row["entries"])))
    return dict(found)


def _themes(facts: NodeFacts, mine: dict[str, str]) -> list[tuple[str, int]]:
    entries: Counter[str] = Counter()
    takers: Counter[str] = Counter()
    for row in facts.frames.of_units("themes", facts.units):
        title = one_line(str(row["title"]))
        entries[title] += int(row["entries"])
        takers[title] += 1
    least = 2 if len(mine) > 1 else 1
    known = [(title, count) for title, count in entries.items() if title and takers[title] >= least]
    return sorted(known, key=lambda each: (-each[1], each[0]))[: facts.settings.practice.themes]


def _texts(facts: NodeFacts, mine: dict[str, str]) -> dict[str, frozenset[str]]:
    """Each text that a unit filed, cut and joined as a sentence may quote it → the names of those who filed it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    wanted = facts.settings.practice
    quoted_from = (wanted.practices, wanted.difficulties, wanted.plans)
    for row in facts.frames.of_units("texts", facts.units):
        if row["indicator"] not in quoted_from:
            continue
        text = whole_sentences(one_line(str(row["text"])), facts.settings.practice.longest)
        for quoted in {text, text.replace("；", "，")} - {""}:
            found[quoted].add(mine[row["unit_id"]])
    return {text: frozenset(names) for text, names in found.items()}


def _shortfall(facts: NodeFacts, rule: IssueRule) -> Shortfall:
    judged = facts.children or [facts.node]
    fewest = facts.fewest(rule.indicator)
    values = {row["node_id"]: facts.stored(row["node_id"], rule.indicator, "value") for row in judged}
    hidden = hidden_in_line(values, fewest)
    short, apart = [], False
    for row in judged:
        value = exact(values[row["node_id"]])
        base = exact(facts.stored(row["node_id"], rule.indicator, "previous_value"))
        few = row["node_id"] in hidden or (base is not None and is_small(float(base), fewest))
        if value is None or few or not _past(rule, value, base, paper_step(facts.measures[rule.indicator])):
            continue
        unlike = rule.compare == "fell_by" and _lacks_a_unit(facts, str(row["node_id"]), rule.indicator)
        gap = None if unlike else _gap(rule, value, base)
        apart |= gap is None
        if gap is not None:
            filed = facts.unmasked(str(row["node_id"]), rule.indicator)
            short.append((-gap, str(row["code"]), (one_line(str(row["name"])), filed)))
    units = tuple(each for _, _, each in sorted(short, key=lambda each: each[:2]))
    return Shortfall(rule, units, add_working_days(facts.edition.issued_on, rule.days), apart)


def _lacks_a_unit(facts: NodeFacts, node_id: str, key: str) -> bool:
    """Whether a unit of the node filed the figure in the period before and not in this one."""
    units = {str(unit["unit_id"]) for unit in facts.frames.units_under(node_id)}
    return any(
        facts.stored(unit, key, "value") is None and facts.stored(unit, key, "previous_value") is not None
        for unit in units
    )


def _gap(rule: IssueRule, value: Decimal, base: Decimal | None) -> Decimal | None:
    threshold = Decimal(str(rule.threshold))
    if rule.compare == "below":
        return threshold - value
    if rule.compare == "above":
        return value - threshold
    if base is None or base < max(Decimal(str(rule.min_base)), Decimal(1)):
        return None
    return (base - value) / base - threshold


def _past(rule: IssueRule, value: Decimal, base: Decimal | None, step: Decimal) -> bool:
    """Whether a reader who sees the figure to its last place, or the fall in tenths of a per cent, finds it past."""
    threshold = Decimal(str(rule.threshold))
    if rule.compare == "fell_by":
        return base is not None and base > 0 and ((base - value) / base).quantize(_RATE_STEP, ROUND_HALF_UP) >= threshold
    seen = value.quantize(step, ROUND_HALF_UP)
    return seen < threshold if rule.compare == "below" else seen > threshold
