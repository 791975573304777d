"""What the sentences of a year's paper are held against, worked out from the year's tables a second time."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from etl.core.awards.commendation import SUBJECTS, UNSTATED, counts_highest_only
from etl.core.judging.year_checks import CheckSum
from etl.core.lint.claims import Grammar
from etl.core.lint.lexicon import Lexicon
from etl.core.lint.records import fact_name
from etl.core.lint.told import Items, Told
from etl.core.lint.year_facts import Listed, YearFacts
from etl.core.programmes.documents import for_tier, inspection_word
from etl.core.wording import day_text, of_own_kind, one_line, whole_of, within_quotes

_MOST_PLACES, _MOST_CHECKS, _NAMES_SHOWN = 3, 4, 5
"""Places and checks that the summary tells at most; names after which a row of names is cut."""

_BY_NAME = ("decided", "places.named", "places.praised", "visited")
"""Lists of which each entry begins with a name."""


def year_told(facts: YearFacts, grammar: Grammar, kind: str) -> Told:
    """What the sentences of a place's paper are held against."""
    said = grammar.words
    lists = _lists(facts, said, kind)
    texts = _texts(facts, said, kind)
    numbers = _numbers(facts, kind)
    holds = _holds(facts, lists)
    return Told(facts.words, _lexicon(facts, said, texts, lists), grammar.forms, numbers, texts, lists, holds)


def _lexicon(facts: YearFacts, said: Mapping[str, str], texts: Mapping[str, str], lists: Mapping[str, Items]) -> Lexicon:
    paper, settings = facts.paper, facts.paper.settings
    own = {one_line(node.name) for node in paper.register.nodes}
    firsts = {entry[0] for key in _BY_NAME for entry in lists.get(key, ())}
    listed = {part for entries in lists.values() for entry in entries for part in entry if not part[:1].isdigit()}
    listed -= {entry[1] for entry in lists.get("owing", ())}  # several names in a row are read as names
    set_texts = {settings.basis, settings.purpose, settings.hope}
    return Lexicon(
        {
            "name": own | firsts,
            "word": set(said.values()) | set(texts.values()) | (listed - own - firsts) | set_texts,
            "period": {paper.period.zh, *(half["period_zh"] for half in facts.halves)},
        }
    )


def _texts(facts: YearFacts, said: Mapping[str, str], kind: str) -> dict[str, str]:
    paper, name = facts.paper, one_line(facts.paper.node.name)
    found = {"period": paper.period.zh, "self": name, "whole": whole_of(name, facts.words)}
    parts = {"name": name, "initial": name[:1], "kind": name[-1:], "parent": _above(facts),
             "whole": found["whole"], "year": paper.issued_on.year,
             "number": paper.period.number, "period": paper.period.zh, "programme": paper.programme.title.zh}
    found["organ"] = parts["organ"] = for_tier(paper.settings.issuer, paper.node.tier).format(**parts)
    found["title"] = "".join(line.format(**parts) for line in paper.settings.title_lines)
    if kind == "inspection":
        days = sorted(row["visited_on"] for row in facts.visits)
        called = inspection_word(paper.settings)
        found |= {"first_day": _day(days[0], facts), "last_day": _day(days[-1], facts), "inspection": called}
    if kind == "commendation":
        found |= {"only_level": facts.title_of(facts.named[0][0])} if len(facts.named) == 1 else {}
        found |= {"organisations": said["organisations_commended"], "places": _place_word(facts)}
    return found


def _above(facts: YearFacts) -> str:
    above = facts.paper.node.parent_id
    return "" if above is None else one_line(facts.paper.register.node(above).name)


def _place_word(facts: YearFacts) -> str:
    """What the places just below are called; '' where there are none."""
    programme, inside = facts.paper.programme, {facts.below(unit.unit_id) for unit in facts.paper.register.units} - {""}
    called = {each.tier: each.zh for each in programme.tiers} | {each.kind: each.zh for each in programme.side_units}
    nodes = (node for node in facts.paper.register.nodes if node.node_id in inside and node.parent_id == facts.node_id)
    first = next(nodes, None)
    return called.get(first.tier, "") if first else ""


def _numbers(facts: YearFacts, kind: str) -> dict[str, Decimal]:
    found: dict[str, int | Decimal] = {"year": facts.paper.period.year}
    if kind == "naming":
        days = [facts.frames.notice_days.get((level, facts.node_id)) for level, _ in facts.namings()]
        told = [each for each in days if each is not None]
        found |= {"notice_days": max(told)} if told else {}
    elif kind == "commendation":
        found |= _summary_numbers(facts)
    elif kind == "inspection":
        found |= {"visits": len(facts.visits), "places": len([name for name, _ in facts.visited if name])}
    return {key: Decimal(value) for key, value in found.items()}


def _summary_numbers(facts: YearFacts) -> dict[str, int | Decimal]:
    placed = [cell for name, cell in facts.table if name]
    checks: dict[str, int | Decimal] = {}
    for at, check in enumerate(facts.checks):
        bound = check["rate"] if check["rate"] is not None else check["min"] if check["min"] is not None else check["max"]
        checks[f"{at}.rule"] = Decimal(str(bound))
    annexes = summary_annexes(facts)
    return {
        "named": sum(count for _, count in facts.named),
        "without": sum(not any(cell.values()) for cell in placed),
        **{recipient: len(facts.commended(recipient)) for recipient in SUBJECTS},
        **_how_spread("naming", [facts.named_in(cell) for cell in placed]),
        **_how_spread("praised", [cell["organisation"] for cell in placed]),
        "checks": len(facts.checks),
        **{f"annex.{key}": at for at, key in enumerate(annexes, 1)},
        **checks,
    }


def _how_spread(what: str, counts: Sequence[int]) -> dict[str, int]:
    """How many places have any, and how many each has where all those have as many."""
    some = {count for count in counts if count}
    return {f"places_{what}": sum(count > 0 for count in counts)} | ({f"each_{what}": some.pop()} if len(some) == 1 else {})


def summary_annexes(facts: YearFacts) -> list[str]:
    """The annexes that a summary has something for, in their order."""
    lists = [*facts.all_namings(), *facts.praised()]
    shown = {"places": len(facts.table) > 1, "lists": bool(lists), "checks": bool(facts.checks)}
    return [key for key, there in shown.items() if there]


def _lists(facts: YearFacts, said: Mapping[str, str], kind: str) -> dict[str, Items]:
    if kind == "naming":
        return {"decided": [_decided(listed) for _, listed in facts.namings()]}
    if kind == "recommendation":
        made = facts.put_forward()
        return {
            "branches": [(each.title, str(each.count)) for each in made if not each.people],
            "people": [(each.title or said["no_title"], str(each.count)) for each in made if each.people],
        }
    if kind == "inspection":
        verdicts = Counter(row["verdict"] for row in facts.visits)
        return {
            "verdicts": _pairs((said[key], verdicts[key]) for key in said if verdicts[key]),
            "visited": _pairs(_most([each for each in facts.visited if each[0]])),
        }
    return _summary_lists(facts, said)


def _decided(listed: Listed) -> tuple[str, ...]:
    """Who stands first, how many in all (nothing for one alone), as what."""
    quoted = within_quotes(listed.title)
    return listed.first, str(listed.count) if listed.count > 1 else "", quoted


def _summary_lists(facts: YearFacts, said: Mapping[str, str]) -> dict[str, Items]:
    placed = [(name, cell) for name, cell in facts.table if name]
    named = [(name, facts.named_in(cell)) for name, cell in placed]
    praised = [(name, cell["organisation"]) for name, cell in placed]
    agreed = [(said[key], *numbers) for key, numbers in facts.reconciliation.items()]
    return {
        "levels": _pairs((facts.title_of(key), count) for key, count in facts.named),
        **{f"{who}.tiers": _pairs((_tier_name(facts, said, tier), n) for tier, n in facts.tiers(who)) for who in SUBJECTS},
        **{f"{who}.kinds": _pairs((said[kind], count) for kind, count in facts.kinds(who)) for who in SUBJECTS},
        "places.named": _pairs(_leading(named)),
        "places.praised": _pairs(_leading(praised)),
        "places.without": _without(placed),
        "differing": [
            (zh, str(filed), str(listed), str(abs(filed - listed)))
            for zh, filed, listed, _ in agreed if filed is not None and listed is not None and filed != listed
        ],
        "repeated": [
            (zh, str(listed - distinct), str(distinct))
            for zh, _, listed, distinct in agreed if listed is not None and distinct is not None and listed > distinct
        ],
        "unlisted": [(zh, str(filed)) for zh, filed, listed, _ in agreed if listed is None and filed],
        "short": [
            (str(each["zh"]).partition("（")[0], str(each["short"]), _share(each)) for each in facts.checks if each["short"]
        ][:_MOST_CHECKS],
        **_on_record(facts),
        "halves": [(half["period_zh"], str(half["units_expected"]), str(half["units_received"])) for half in facts.halves],
        "half_names": [(half["period_zh"],) for half in facts.halves],
    }


def _on_record(facts: YearFacts) -> dict[str, Items]:
    """Duties of the place alone, those owed below it, and those done whenever; kinds of facts, those that count members apart."""
    rows = [(fact_name(each, facts.words), each) for each in facts.facts]
    own, shared = ([each for each in facts.duties if each["own"] is alone] for alone in (True, False))
    return {
        "own_done": [(each["zh"],) for each in own if each["done"]],
        "own_owing": [(each["zh"],) for each in own if each["missing"]],
        "owed": [(each["zh"], str(each["owed"]), str(each["done"])) for each in shared if each["owed"] is not None],
        "owing": [
            (each["zh"], facts.words.lists.comma.join(map(one_line, each["missing"][:_NAMES_SHOWN])), _beyond(each["missing"]))
            for each in shared if each["owed"] is not None and each["missing"]
        ],
        "whenever": _pairs((each["zh"], each["done"]) for each in shared if each["owed"] is None),
        "alone": _pairs((name, each["branches"]) for name, each in rows if not each["members"] and not each["outcome"]),
        "swept": _pairs((name, each["branches"]) for name, each in rows if not each["members"] and each["outcome"]),
        "managed": [(name, str(each["branches"]), str(each["members"])) for name, each in rows if each["members"]],
    }


def _beyond(names: Sequence[str]) -> str:
    """How many there are in all, where not all are named."""
    return str(len(names)) if len(names) > _NAMES_SHOWN else ""


def _pairs(rows: Iterable[tuple[str, int]]) -> Items:
    return [(text, str(count)) for text, count in rows]


def _most(rows: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """The first of those with any, the most first; of equal ones the order of the table holds."""
    return sorted((row for row in rows if row[1]), key=lambda row: -row[1])[:_MOST_PLACES]


def _leading(rows: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Those with the most, no other with as many left out: more than three only if few are as high as the third."""
    some = sorted((row for row in rows if row[1]), key=lambda row: -row[1])
    if len(some) <= _MOST_PLACES:
        return some
    third = some[_MOST_PLACES - 1][1]
    level = [row for row in some if row[1] >= third]
    return level if len(level) <= _NAMES_SHOWN else [row for row in some if row[1] > third]


def _without(placed: Sequence[tuple[str, Counter[str]]]) -> Items:
    return [(name,) for name, cell in placed if not any(cell.values())][:_NAMES_SHOWN]


def _tier_name(facts: YearFacts, said: Mapping[str, str], tier: str) -> str:
    if tier in (UNSTATED, "nation"):
        return said[tier]
    zh = next((each.zh for each in facts.paper.programme.tiers if each.tier == tier), "")
    zh = of_own_kind(zh, facts.paper.node.name, facts.words) if tier == facts.paper.node.tier else zh
    return said["tier"].format(zh=zh) if zh else said["other_tier"]


def _share(check: CheckSum) -> str:
    share = Decimal(check["short"]) / Decimal(check["judged"]) * 100
    return f"{share.quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


def _in_one_place(rows: Iterable[tuple[str, int]]) -> bool:
    """Whether one place has all there are, nothing of them with the units that lie in none."""
    some = [name for name, count in rows if count]
    return len(some) == 1 and some[0] != ""


def _holds(facts: YearFacts, lists: Mapping[str, Items]) -> dict[str, bool]:
    compared = [each for each in facts.reconciliation.values() if each[0] is not None and each[1] is not None]
    without = sum(not any(cell.values()) for name, cell in facts.table if name)
    return {
        "none_named": not facts.named,
        "no_member": not facts.commended("member"),
        "no_organisation": not facts.commended("organisation"),
        "none_praised": not any(facts.commended(recipient) for recipient in SUBJECTS),
        "agreed": bool(compared) and not lists.get("differing"),
        "one_naming": _in_one_place([(name, facts.named_in(cell)) for name, cell in facts.table]),
        "one_praised": _in_one_place([(name, cell["organisation"]) for name, cell in facts.table]),
        "none_short": not lists.get("short"),
        "all_judged": all(each["judged"] and not each["missing"] for each in facts.checks),
        "some_unjudged": any(each["missing"] for each in facts.checks) and any(each["judged"] for each in facts.checks),
        "none_judged": not any(each["judged"] for each in facts.checks),
        "few_without": without <= _NAMES_SHOWN,
        "many_without": without > _NAMES_SHOWN,
        "none_own_done": not lists.get("own_done"),
        "none_own_owing": not lists.get("own_owing"),
        "highest_only": counts_highest_only(facts.paper.programme),
        "one_day": len({row["visited_on"] for row in facts.visits}) == 1,
        "several_days": len({row["visited_on"] for row in facts.visits}) > 1,
        "straight": any(not name for name, _ in facts.visited),
        "counts_higher": any(not row["highest"] for row in facts.titles),
    }


def _day(iso: str, facts: YearFacts) -> str:
    return day_text(dt.date.fromisoformat(iso), facts.words)
