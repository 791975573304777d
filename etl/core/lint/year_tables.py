"""Tables, lists, counts and sums of a year's paper read back, figure by figure."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence

from etl.core.annual.model import (
    InspectionPaper,
    NamingPaper,
    PaperList,
    PlaceTable,
    RecommendationPaper,
    SummaryPaper,
    YearPaper,
)
from etl.core.awards.commendation import SUBJECTS
from etl.core.lint.claims import Fault
from etl.core.lint.year_facts import Listed, YearFacts, bare
from etl.core.wording import day_text, one_line, short_day_text


def lint_year_tables(model: YearPaper, facts: YearFacts) -> Iterator[Fault]:
    """Lists, tables, counts and sums of a paper's model that are not what the year's tables come to."""
    if model["kind"] == "naming":
        yield from _naming(model, facts)
    elif model["kind"] == "recommendation":
        yield from _recommendation(model, facts)
    elif model["kind"] == "inspection":
        yield from _inspection(model, facts)
    else:
        yield from _summary(model, facts)
    yield from _differs("figure", "edition/year", "", model["edition"]["year"], facts.paper.period.year)


def _naming(model: NamingPaper, facts: YearFacts) -> Iterator[Fault]:
    yield from _lists_differ(model["lists"], [listed for _, listed in facts.namings()])
    numbers = {row["document_number"] for row in facts.titles if row["document_number"]}
    if len(numbers) == 1:
        yield from _differs("figure", "head/number", "", model["head"]["number"], *numbers)


def _recommendation(model: RecommendationPaper, facts: YearFacts) -> Iterator[Fault]:
    yield from _lists_differ(model["lists"], facts.put_forward())


def _inspection(model: InspectionPaper, facts: YearFacts) -> Iterator[Fault]:
    """Every visit, in its place's order; and no other."""
    wanted = [
        (name, one_line(row["branch_name"]), _table_day(row["visited_on"], facts), row["verdict"], row["points"],
         one_line(row["findings"]))
        for name, rows in facts.visits_by_place
        for row in rows
    ]
    shown = [
        (row["place"], row["branch"], row["day_zh"], row["verdict"], row["points"], row["findings"]) for row in model["visits"]
    ]
    yield from _differs("list", "visits", "", shown, wanted)


def _summary(model: SummaryPaper, facts: YearFacts) -> Iterator[Fault]:
    yield from _lists_differ(model["lists"], [*(each for _, each in facts.all_namings()), *facts.praised()])
    yield from _differs("list", "named", "", [(row["level"], row["count"]) for row in model["named"]], facts.named)
    yield from _differs("sum", "named_total", "", model["named_total"], sum(row["count"] for row in model["named"]))
    commended = model["commended"]
    for recipient, told in (("organisation", commended["organisation"]), ("member", commended["member"])):
        place = f"commended/{recipient}"
        yield from _differs("figure", f"{place}/total", "", told["total"], len(facts.commended(recipient)))
        tiers = [(row["tier"], row["count"]) for row in told["tiers"]]
        yield from _differs("list", f"{place}/tiers", "", tiers, facts.tiers(recipient))
        kinds = [(row["kind"], row["count"]) for row in told["kinds"]]
        yield from _differs("list", f"{place}/kinds", "", kinds, facts.kinds(recipient))
    yield from _places(model["table"], facts)
    filed = {row["indicator"]: (row["filed"], row["listed"], row["distinct"]) for row in model["reconciliation"]}
    yield from _differs("figure", "reconciliation", "", filed, facts.reconciliation)
    checks = [dict(row) for row in facts.checks]
    yield from _differs("figure", "checks", "", [dict(row) for row in model["checks"]], checks)
    yield from _differs("figure", "halves", "", list(model["halves"]), [dict(half) for half in facts.halves])


def _places(table: PlaceTable, facts: YearFacts) -> Iterator[Fault]:
    """Every row by place, and the last one, which is the sum of those above it."""
    levels = [key for key in facts.level_keys[::-1] if any(cell[key] for _, cell in facts.table)]
    names = [name for name, _ in facts.table]
    yield from _differs("list", "table/rows", "", [row["name"] for row in table["rows"]], names)
    for row, (name, cell) in zip(table["rows"], facts.table, strict=False):
        expected = [facts.named_in(cell), [cell[key] for key in levels], *(cell[each] for each in SUBJECTS)]
        found = [row["named"], list(row["levels"]), row["organisations"], row["members"]]
        yield from _differs("figure", f"table/{name}", name, found, expected)
    whole, rows = table["total"], table["rows"]
    sums = (
        ("named", whole["named"], sum(row["named"] for row in rows)),
        ("organisations", whole["organisations"], sum(row["organisations"] for row in rows)),
        ("members", whole["members"], sum(row["members"] for row in rows)),
    )
    for column, told, summed in sums:
        yield from _differs("sum", f"table/total/{column}", "", told, summed)
    by_level = [sum(column) for column in zip(*(row["levels"] for row in table["rows"]), strict=True)]
    yield from _differs("sum", "table/total/levels", "", list(table["total"]["levels"]), by_level or [0] * len(levels))


def _lists_differ(lists: Sequence[PaperList], expected: Sequence[Listed]) -> Iterator[Fault]:
    yield from _differs("list", "lists", "", [each["zh"] for each in lists], [each.title for each in expected])
    for at, (found, wanted) in enumerate(zip(lists, expected, strict=False)):
        place = f"lists/{at}"
        shown = [group["place"] for group in found["groups"]]
        yield from _differs("list", f"{place}/places", found["zh"], shown, [name for name, _ in wanted.groups])
        for number, (group, (_, names)) in enumerate(zip(found["groups"], wanted.groups, strict=False)):
            listed = Counter(bare(name) if wanted.people else name for name in group["names"])
            for name in sorted((listed - names).keys() | (names - listed).keys()):
                yield Fault("list", f"{place}/{number}", name, str(listed[name]), str(names[name]))
            yield from _differs("sum", f"{place}/{number}/count", found["zh"], group["count"], len(group["names"]))
        yield from _differs("sum", f"{place}/count", found["zh"], found["count"], wanted.count)


def _table_day(iso: str, facts: YearFacts) -> str:
    """A day as the table of visits shows it: without its year, where that is the paper's."""
    own = iso.startswith(f"{facts.paper.period.year}-")
    day = dt.date.fromisoformat(iso)
    return short_day_text(day, facts.words) if own else day_text(day, facts.words)


def _differs(rule: str, place: str, what: str, found: object, expected: object) -> Iterator[Fault]:
    if found != expected:
        yield Fault(rule, place, what, str(found), str(expected))
