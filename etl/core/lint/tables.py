"""Every figure of the report model's tables and charts held against the facts of its node; and whether sums add up."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from typing import Any

from etl.core.lint.claims import Fault
from etl.core.lint.doings import Activity
from etl.core.lint.facts import COUNTED, Filed, NodeFacts, Ranked, exact, paper_step, shown_change
from etl.core.lint.numbers import Said, agrees, read_number
from etl.core.lint.places import ReportFacts
from etl.core.reports.charts import short_sentence
from etl.core.reports.figure_rows import (
    Bars,
    Change,
    Figure,
    OwnRank,
    PeerGroup,
    PlainRow,
    RankedGroup,
    Trend,
)
from etl.core.reports.figure_text import told_unit
from etl.core.reports.list_rows import Activity as ActivityRow
from etl.core.reports.list_rows import Issue, OnRecord, Outstanding, Problem, Standing
from etl.core.reports.model import Quality, ReportModel
from etl.core.reports.records import recorded
from etl.core.wording import one_line

_LAST_PLACE = Decimal("0.0001")
"""Sums are exact to the four decimals in which figures are kept."""


def lint_tables(model: ReportModel, told: ReportFacts) -> list[Fault]:
    """What the model's figures, tables and charts say otherwise than the store."""
    facts = told.node
    checks = (
        _headline(model["headline"], facts),
        _own_rank(model["ranking"]["figure"], told),
        *(_group(i, group, facts) for i, group in enumerate(model["ranking"]["groups"])),
        _groups_there(model["ranking"]["groups"], facts),
        _problems(model["problems"], facts),
        _outstanding(model["outstanding"], facts),
        _quality(model["quality"], told),
        _peers(model["peers"], told),
        _activities(model["practice"]["activities"], told),
        _records(recorded(model), told),
        _issues(model["issues"], told),
        _standing(model["standing"], facts),
        _differs("sum", "divisions", "", Decimal(len(model["divisions"])), told.scalars.numbers["divisions"]),
        _trend(model["trend"], facts),
        _bars(model["bars"], facts),
    )
    return [fault for check in checks for fault in check]


def lint_sums(facts: NodeFacts, summed: Collection[str]) -> list[Fault]:
    """Figures that add up (`summed`) of the node that are not the sum of the nodes below it.

    A node that files of itself holds figures that none below it has, so that only others are looked at.
    """
    node_id = facts.edition.node_id
    below = [row["node_id"] for row in facts.frames.nodes.values() if row["parent_id"] == node_id]
    if not below or any(unit["unit_id"] == node_id for unit in facts.units):
        return []
    faults = []
    for key in dict.fromkeys((*facts.settings.headline, facts.settings.ranking, *facts.settings.table)):
        own = exact(facts.frames.figures.get((node_id, key), {}).get("value"))
        parts = [exact(facts.frames.figures.get((child, key), {}).get("value")) for child in below]
        total = sum((part for part in parts if part is not None), Decimal(0))
        if key in summed and own is not None and abs(own - total) > _LAST_PLACE:
            faults.append(Fault("sum", f"totals/{key}", facts.measures[key].zh, f"{own:f}", f"{total:f}"))
    return faults


def _differs(rule: str, place: str, sentence: str, found: Any, expected: Any) -> Iterator[Fault]:
    if found != expected:
        yield Fault(rule, place, sentence, _text(found), _text(expected))


def _text(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else "" if value is None else str(value)


def _figure(place: str, figure: Figure, filed: Filed, facts: NodeFacts) -> Iterator[Fault]:
    name = filed.measure.zh
    yield from _differs("figure", place, name, exact(figure["number"]), filed.value)
    yield from _cell(f"{place}/cell", name, figure["cell"], filed, facts)
    if filed.value is not None and not _written(figure["text"], filed, facts, prose=True):
        yield Fault("figure", f"{place}/text", name, figure["text"], _text(filed.value))
    for base, change in (("previous", figure["previous"]), ("last_year", figure["last_year"])):
        yield from _change(f"{place}/{base}", name, change, filed, base)


def _change(
    place: str, name: str, change: Change | None, filed: Filed, base: str
) -> Iterator[Fault]:
    before, moved = getattr(filed, base), shown_change(filed, base)
    yield from _differs(
        "figure",
        place,
        name,
        None if change is None else exact(change["base"]),
        before if moved is not None else None,
    )
    if change is not None and moved is not None:
        direction = "same" if moved == 0 else "up" if moved > 0 else "down"
        yield from _differs("direction", place, name, change["direction"], direction)
        raw = None if filed.value is None or before is None else filed.value - before
        yield from _differs("figure", f"{place}/by", name, exact(change["by"]), exact(raw))


def _cell(place: str, name: str, cell: str, filed: Filed, facts: NodeFacts) -> Iterator[Fault]:
    numbers = facts.words.numbers
    wanted = numbers.hidden if filed.hidden else numbers.none if filed.value is None else ""
    if wanted:
        yield from _differs("few_people" if filed.hidden else "figure", place, name, cell, wanted)
    elif not _written(cell, filed, facts, prose=False):
        yield Fault("figure", place, name, cell, _text(filed.value))


def _written(text: str, filed: Filed, facts: NodeFacts, *, prose: bool) -> bool:
    """Whether a text reads as the filed figure; in prose with its unit, in a cell without."""
    try:
        said = read_number(text, facts.words)
    except ValueError:
        return False
    if filed.value is None or said.floor != filed.at_least:
        return False
    if prose:
        return said.unit == told_unit(filed.measure, facts.words) and agrees(said, filed.value, paper_step(filed.measure))
    factor = Decimal("0.01") if filed.measure.percent else Decimal(1)
    step = paper_step(filed.measure)
    return said.step * factor == step and agrees(Said(said.value * factor, step, said.floor, ""), filed.value)


def _headline(figures: Sequence[Figure], facts: NodeFacts) -> Iterator[Fault]:
    yield from _differs("table", "headline", "", [f["key"] for f in figures], list(facts.settings.headline))
    for figure in figures:
        yield from _figure(f"headline/{figure['key']}", figure, facts.own(figure["key"]), facts)


def _own_rank(figure: Figure, told: ReportFacts) -> Iterator[Fault]:
    filed = told.node.own(figure["key"])
    yield from _figure("ranking/figure", figure, filed, told.node)
    numbers = told.scalars.numbers
    if figure["rank"] is not None and "standing" in numbers:
        expected: OwnRank = {"rank": int(numbers["standing"]), "of": int(numbers["equals"])}
        yield from _differs("rank", "ranking/figure/rank", filed.measure.zh, figure["rank"], expected)


def _groups_there(groups: Sequence[RankedGroup], facts: NodeFacts) -> Iterator[Fault]:
    tiers = [str(facts.frames.nodes[rows[0].node_id]["tier"]) for rows in facts.groups]
    yield from _differs("table", "ranking", "", [group["tier"] for group in groups], tiers)


def _group(number: int, group: RankedGroup, facts: NodeFacts) -> Iterator[Fault]:
    rows = facts.groups[number] if number < len(facts.groups) else []
    place = f"ranking/{number}"
    yield from _differs(
        "list", place, group["tier_zh"], [row["name"] for row in group["rows"]], [row.name for row in rows]
    )
    for row, ranked in zip(group["rows"], rows, strict=False):
        yield from _row(f"{place}/{row['name']}", row, ranked, facts)
    chart = group["chart"]
    for bar in chart["rows"] if chart else ():
        if not any(
            (bar["number"], bar["previous"], bar["cell"]) == (r["number"], r["previous"], r["cell"])
            for r in group["rows"]
        ):
            yield Fault("figure", f"{place}/chart", bar["name"], bar["cell"])


def _row(place: str, row: PlainRow, ranked: Ranked, facts: NodeFacts) -> Iterator[Fault]:
    moved = None if ranked.rank is None or ranked.before is None else ranked.before - ranked.rank
    yield from _differs("rank", f"{place}/rank", row["name"], row["rank"], ranked.rank)
    yield from _differs("rank", f"{place}/moved", row["name"], row["moved"], moved)
    yield from _differs("figure", f"{place}/number", row["name"], exact(row["number"]), ranked.filed.value)
    yield from _cell(f"{place}/cell", row["name"], row["cell"], ranked.filed, facts)
    yield from _change(f"{place}/change", row["name"], row["change"], ranked.filed, "previous")
    for key, cell in zip(facts.settings.table, row["cells"], strict=True):
        yield from _cell(f"{place}/{key}", row["name"], cell, facts.of_child(ranked.node_id, key), facts)


def _problems(problems: Sequence[Problem], facts: NodeFacts) -> Iterator[Fault]:
    counts = {problem["rule"]: problem["count"] for problem in problems}
    yield from _differs("sum", "problems", "", sum(counts.values()), sum(facts.by_rule.values()))
    for problem in problems:
        place = f"problems/{problem['rule']}"
        yield from _differs(
            "figure", place, problem["sentence"], problem["count"], facts.by_rule[problem["rule"]]
        )


def _outstanding(rows: Sequence[Outstanding], facts: NodeFacts) -> Iterator[Fault]:
    """Everybody who is late, missing or held, and nobody else."""
    found = {(row["name"], row["status"], int(row["days_late"])) for row in rows}
    expected = {
        (one_line(str(unit["name"])), unit["status"], int(unit["days_late"] or 0))
        for unit in facts.units
        if unit["status"] in ("missing", "held", "late")
    }
    for name, status, days in sorted(found ^ expected):
        yield Fault(
            "list", "outstanding", name, *((status, "") if (name, status, days) in found else ("", status))
        )


def _quality(quality: Quality, told: ReportFacts) -> Iterator[Fault]:
    for name in COUNTED:
        yield from _differs("figure", f"quality/{name}", name, Decimal(quality[name]), told.scalars.numbers[name])
    yield from _differs("sum", "quality/balanced", "", quality["balanced"], told.scalars.holds["balanced"])
    statuses = [unit["status"] for unit in told.node.units]
    yield from _differs(
        "figure", "quality/units_missing", "missing", quality["units_missing"], statuses.count("missing")
    )


def _peers(peers: PeerGroup | None, told: ReportFacts) -> Iterator[Fault]:
    """The node among its equals: its own row marked and as it is, the others in order of the figure."""
    facts, rows = told.node, [] if peers is None else peers["rows"]
    own = [row for row in rows if row["own"]]
    for row in own:
        yield from _cell(
            f"peers/{row['name']}", row["name"], row["cell"], facts.own(facts.settings.ranking), facts
        )
    if rows and len(own) != 1:
        yield Fault("list", "peers", str(facts.node["name"]), str(len(own)), "1")
    known = [row["number"] for row in rows if row["number"] is not None]
    if known != sorted(known, reverse=facts.measures[facts.settings.ranking].better != "down"):
        yield Fault("rank", "peers", facts.measures[facts.settings.ranking].zh)


def _activities(rows: Sequence[ActivityRow], told: ReportFacts) -> Iterator[Fault]:
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        found[row["zh"], "entries"] += row["entries"]
        found[row["zh"], "person_times"] += row["person_times"]
        found[row["zh"], "branches"] += row["branches"]
    for (zh, name), count in found.items():
        expected = getattr(told.doings.activities.get(zh, Activity()), name)
        yield from _differs("figure", f"practice/{name}", zh, count, expected)


def _records(found: OnRecord, told: ReportFacts) -> Iterator[Fault]:
    """Every duty and fact on record, in order, with its counts and the names of those who owe it still."""
    kept = told.records
    duties = [(row["zh"], row["owed"], row["done"], tuple(row["missing"]), row["own"]) for row in found["duties"]]
    owed = [(zh, each.owed, each.done, each.missing, each.own) for zh, each in kept.duties.items()]
    yield from _differs("list", "on_record/duties", "", duties, owed)
    facts = [(row["zh"], row["branches"], row["members"]) for row in found["facts"]]
    held = [(zh, each.branches, each.members) for zh, each in kept.facts.items()]
    yield from _differs("list", "on_record/facts", "", facts, held)


def _issues(issues: Sequence[Issue], told: ReportFacts) -> Iterator[Fault]:
    short = {each.rule.key: each for each in told.doings.shortfalls}
    yield from _differs("list", "issues", "", sorted(issue["key"] for issue in issues), sorted(short))
    for issue in issues:
        if issue["key"] in short:
            expected = [(name, filed.value) for name, filed in short[issue["key"]].units]
            found = [(unit["name"], exact(unit["number"])) for unit in issue["units"]]
            yield from _differs("list", f"issues/{issue['key']}", issue["title"], found, expected)
            yield from _differs(
                "figure", f"issues/{issue['key']}/count", issue["title"], issue["count"], len(expected)
            )


def _standing(rows: Sequence[Standing], facts: NodeFacts) -> Iterator[Fault]:
    stored = facts.frames.of_units("standing", facts.units)
    total = sum(int(row["count"]) for row in stored)
    yield from _differs("sum", "standing", "", sum(row["count"] for row in rows), total)


def _trend(trend: Trend | None, facts: NodeFacts) -> Iterator[Fault]:
    if trend is not None:
        own = facts.own(facts.settings.ranking)
        known = {own.value, own.previous, own.last_year}
        for point in trend["points"]:
            if exact(point["value"]) not in known:
                yield Fault("figure", "trend", own.measure.zh, str(point["value"]), _text(own.value))


def _bars(bars: Bars | None, facts: NodeFacts) -> Iterator[Fault]:
    for bar in bars["rows"] if bars else ():
        counts = [
            count
            for sentence, count in facts.problems.items()
            if bar["label"] in (sentence, short_sentence(sentence))
        ]
        if bar["count"] > sum(counts):
            yield Fault("figure", "bars", bar["label"], str(bar["count"]), str(sum(counts)))
