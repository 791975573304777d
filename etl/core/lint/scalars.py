"""The single facts that a claim may name: numbers, lists of names, words, days and conditions of one node's report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from etl.core.lint.facts import COUNTED, NodeFacts, Ranked, exact, most, paper_step, shown_change
from etl.core.wording import period_text, whole_of

TABLE_RISE = Decimal(3)
"""Places gained from which a table's title counts a riser."""


@dataclass(frozen=True)
class Scalars:
    """Facts by the name that claims call them by. Those of a ranked group carry its number: `0.risen`."""

    numbers: Mapping[str, Decimal]
    names: Mapping[str, tuple[str, ...]]
    words: Mapping[str, str]
    days: Mapping[str, str]
    holds: Mapping[str, bool]


def scalars(facts: NodeFacts, annexes: Sequence[str]) -> Scalars:
    """All single facts of a node; `annexes` are the keys of the document's annexes in their order."""
    numbers, names, words = _counts(facts), _unit_names(facts), _words(facts)
    numbers |= {f"annex.{key}": Decimal(place) for place, key in enumerate(annexes, start=1)}
    smallest_first = facts.measures[facts.settings.ranking].better == "down"
    for scope, rows in enumerate(facts.groups):
        numbers |= {f"{scope}.{key}": Decimal(value) for key, value in _group_numbers(facts, rows).items()}
        names |= {
            f"{scope}.{key}": tuple(row.name for row in found) for key, found in _group_names(rows).items()
        }
        names[f"{scope}.falling"] = names[f"{scope}.{'backwards' if smallest_first else 'all'}"]
        words[f"{scope}.tier"] = _tier_word(facts, str(_child(facts, rows[0])["tier"]))
    edition = facts.edition
    days = {each: getattr(edition, each).isoformat() for each in ("issued_on", "data_as_of", "reply_by")}
    days["last_day"] = edition.period.last_day.isoformat()
    return Scalars(numbers, names, words, days, _conditions(facts, numbers))


def _counts(facts: NodeFacts) -> dict[str, Decimal]:
    node, counts = facts.node, facts.by_rule
    numbers: dict[str, Decimal] = {name: Decimal(int(node[name])) for name in COUNTED}
    if numbers["units_expected"]:
        numbers["on_time_share"] = numbers["units_on_time"] / numbers["units_expected"]
    late = [int(unit["days_late"]) for unit in facts.units if unit["status"] == "late"]
    ordered = sorted(counts.values(), reverse=True)
    total = sum(ordered)
    numbers |= {
        **_in_one_period(facts),
        "units_held": Decimal(len(facts.unit_names.get("held", ()))),
        "most_days_late": Decimal(max(late, default=0)),
        "findings": Decimal(total),
        "findings_rest": Decimal(sum(ordered[5:])),
        "year": Decimal(facts.edition.issued_on.year),
        "number": Decimal(facts.edition.number),
        "children": Decimal(len(facts.children)),
        "activity_entries": Decimal(_entries(facts)),
        "divisions": Decimal(_divisions(facts)),
    }
    if total:
        numbers["findings_first_two"] = Decimal(sum(ordered[:2])) / Decimal(total)
    moved = [shown_change(facts.own(key), "previous") for key in facts.settings.headline]
    numbers["headline_up"] = Decimal(sum(change is not None and change > 0 for change in moved))
    numbers["headline_down"] = Decimal(sum(change is not None and change < 0 for change in moved))
    return numbers | _standing(facts)


def _in_one_period(facts: NodeFacts) -> dict[str, Decimal]:
    """Units that have a figure of the headline in one of the two periods only."""
    units = {str(unit["unit_id"]) for unit in facts.units}
    lost, gained = set[str](), set[str]()
    for (node_id, key), row in facts.frames.figures.items():
        now, before = (exact(row.get(column)) is not None for column in ("value", "previous_value"))
        if key in facts.settings.headline and now != before:
            (gained if now else lost).add(node_id)
    return {"units_lost": Decimal(len(lost & units)), "units_gained": Decimal(len(gained & units))}


def _entries(facts: NodeFacts) -> int:
    return sum(int(row["entries"]) for row in facts.frames.of_units("activities", facts.units))


def _divisions(facts: NodeFacts) -> int:
    rows = facts.frames.divisions.to_dict("records")
    return sum(facts.is_inside(row["place_id"]) or facts.is_inside(row["new_place_id"]) for row in rows)


def _standing(facts: NodeFacts) -> dict[str, Decimal]:
    """Where the node itself stands among its equals, as the roll-up ranked it."""
    key, parent = facts.settings.ranking, facts.node["parent_id"]
    if facts.own(key).value is None or parent not in facts.frames.nodes:
        return {}
    equals = [
        row for row in facts.frames.nodes.values() if row["parent_id"] == parent and row["tier"] == facts.tier
    ]
    values = {
        row["node_id"]: facts.frames.figures.get((row["node_id"], key), {}).get("value") for row in equals
    }
    known = {node: number for node, value in values.items() if (number := exact(value)) is not None}
    mine = known[facts.edition.node_id]
    codes = {row["node_id"]: (str(row["code"]), row["node_id"]) for row in equals}
    ahead = [
        node
        for node, value in known.items()
        if value > mine or (value == mine and codes[node] < codes[facts.edition.node_id])
    ]
    return {
        "standing": Decimal(1 + len(ahead)), "equals": Decimal(len(known)), "equals_unfiled": Decimal(len(equals) - len(known)),
    }


def _unit_names(facts: NodeFacts) -> dict[str, tuple[str, ...]]:
    found = {status: tuple(facts.unit_names.get(status, ())) for status in ("missing", "late", "held")}
    own = str(facts.node["name"])
    return found | {
        "self": (" ".join(own.split()),),
        "units": tuple(n for all_ in facts.unit_names.values() for n in all_),
    }


def _words(facts: NodeFacts) -> dict[str, str]:
    node, edition = facts.node, facts.edition
    parent = facts.frames.nodes.get(node["parent_id"])
    words = {
        "whole": whole_of(" ".join(str(node["name"]).split()), facts.words),
        "tier": _tier_word(facts, facts.tier),
        "programme": edition.programme_zh,
        "period": period_text(edition.period, facts.words),
        "previous": period_text(edition.previous, facts.words) if edition.previous else "",
        "last_year": period_text(edition.last_year, facts.words) if edition.last_year else "",
    }
    return words | (
        {"parent_whole": whole_of(" ".join(str(parent["name"]).split()), facts.words)} if parent else {}
    )


def _tier_word(facts: NodeFacts, tier: str) -> str:
    own = facts.settings.tiers.get(tier) if facts.words.language == "zh" else None
    return own or facts.words.tiers.get(tier, facts.words.tiers["default"])


def _child(facts: NodeFacts, row: Ranked) -> Mapping[str, object]:
    return facts.frames.nodes[row.node_id]


def _group_numbers(facts: NodeFacts, rows: list[Ranked]) -> dict[str, Decimal | int]:
    """Counts of a ranked group, and `reference`: the whole's own share, or the median where figures add up."""
    values = sorted(row.filed.value for row in rows if row.filed.value is not None)
    found: dict[str, Decimal | int] = {
        "count": len(rows),
        "filed": len(values),
        "unfiled": len(rows) - len(values),
        "risen": sum((shown_change(row.filed, "previous") or 0) > 0 for row in rows),
        "fallen": sum((shown_change(row.filed, "previous") or 0) < 0 for row in rows),
        "climbed": sum(
            row.rank is not None and row.before is not None and row.before - row.rank >= TABLE_RISE
            for row in rows
        ),
        "first_place": sum(row.rank == 1 and row.filed.value is not None for row in rows),
    }
    own = facts.own(facts.settings.ranking)
    half = len(values) // 2
    middle = (values[half] + values[-half - 1]) / 2 if values else None
    reference = own.value if own.measure.percent else middle
    if reference is not None:
        step = paper_step(own.measure)
        seen, limit = ([each.quantize(step, ROUND_HALF_UP) for each in group] for group in (values, [reference]))
        found |= {"reference": reference, "below": sum(each < limit[0] for each in seen)}
    return found


def _group_names(rows: list[Ranked]) -> dict[str, list[Ranked]]:
    shown = [row for row in rows if row.filed.value is not None]
    return {
        "all": shown,
        "backwards": shown[::-1],
        "first_three": [row for row in shown if row.rank is not None and row.rank <= 3],
        "last_three": [row for row in shown[::-1] if _from_the_end(row, shown, 3)],
        "trailing": [row for row in shown if _from_the_end(row, shown, 1)],
        "leading": [row for row in shown if row.rank == 1],
        "rose_most": most(rows, 1),
        "fell_most": most(rows, -1),
        "first_row": shown[:1],
    }


def _from_the_end(row: Ranked, shown: list[Ranked], last: int) -> bool:
    """Whether a row ranks with the last so many or below: who ties with them is named too."""
    limit = shown[-last].rank if len(shown) >= last else 1
    return row.rank is not None and limit is not None and row.rank >= limit


def _conditions(facts: NodeFacts, numbers: Mapping[str, Decimal]) -> dict[str, bool]:
    up, down = numbers["headline_up"], numbers["headline_down"]
    known = [facts.own(key) for key in facts.settings.headline]
    compared = any(filed.previous is not None for filed in known)
    first = facts.groups[0] if facts.groups else []
    values = {row.filed.value for row in first if row.filed.value is not None}
    return {
        "no_units": numbers["units_expected"] == 0,
        "all_missing": 0 < numbers["units_expected"] == numbers["units_missing"],
        "nothing_filed": all(filed.value is None for filed in known),
        "some_received": numbers["units_received"] > 0,
        "nothing_compared": not compared,
        "some_missing": numbers["units_missing"] > 0,
        "some_late": numbers["units_late"] > 0,
        "all_late": numbers["units_late"] == numbers["units_expected"],
        "none_on_time": numbers["units_late"] + numbers["units_missing"] == numbers["units_expected"],
        "all_on_time": numbers["units_missing"] == numbers["units_late"] == 0,
        "no_findings": numbers["findings"] == 0,
        "balanced": numbers["rows_in"]
        == numbers["rows_accepted"] + numbers["rows_held"] + numbers["rows_blank"],
        "only_up": compared and up > 0 and down == 0,
        "only_down": compared and down > 0 and up == 0,
        "none_moved": compared and up == down == 0,
        "one_sided": numbers["units_lost"] + numbers["units_gained"] > 0,
        "no_previous": facts.edition.previous is None,
        "some_equal_unfiled": numbers.get("equals_unfiled", Decimal(0)) > 0,
        "all_equal_filed": numbers.get("equals_unfiled", Decimal(0)) == 0,
        "some_floor": any(filed.at_least for filed in known),
        "all_equal": len({round(value, 3) for value in values}) <= 1,
        "differing": len(values) > 1,
        "none_fell": numbers.get("0.fallen", Decimal(0)) == 0,
        "none_rose": numbers.get("0.risen", Decimal(0)) == 0,
        "one_problem": len(facts.by_rule) == 1,
        "two_problems": len(facts.by_rule) == 2,
        "percent": facts.measures[facts.settings.ranking].percent,
    }
