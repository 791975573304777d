"""What a paper of a year may say, derived from the year's tables: titles, commendations one a subject, checks, returns.

Nothing here calls what makes the papers: who lies where, what is counted at which tier and who stands in which list are
worked out a second time.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from etl.core.annual.papers import PaperOf, YearFrames
from etl.core.annual.rows import DutyAt, FactAt, HalfRow, VisitRow
from etl.core.awards.commendation import COMMENDED, FILED, SUBJECTS, counts_highest_only, tier_heights
from etl.core.judging.year_checks import CheckSum
from etl.core.register import Node
from etl.core.wording import Wording, of_own_kind, one_line

Row = Mapping[str, Any]
Groups = list[tuple[str, Counter[str]]]
"""A list of names: the place just below ('' straight under), and who stands there, spaces taken out of people's names."""


@dataclass(frozen=True)
class Listed:
    """One list as it should stand in a paper: its title, whether of people, its names by place, who stands first."""

    title: str
    people: bool
    groups: Groups
    first: str

    @property
    def count(self) -> int:
        """How many names stand in it."""
        return sum(sum(names.values()) for _, names in self.groups)


@dataclass(frozen=True)
class YearFacts:
    """The facts of one place and year."""

    paper: PaperOf
    frames: YearFrames
    words: Wording

    @property
    def node_id(self) -> str:
        """The place that the paper is of."""
        return self.paper.node.node_id

    @cached_property
    def _nodes(self) -> dict[str, Node]:
        return {node.node_id: node for node in self.paper.register.nodes}

    @cached_property
    def _homes(self) -> dict[str, str]:
        """Unit → the node that it stands at."""
        units = self.paper.register.units
        return {unit.unit_id: unit.node_id if unit.node_id in self._nodes else str(unit.parent_id) for unit in units}

    def _upward(self, unit_id: str) -> Iterator[str]:
        at: str | None = self._homes.get(unit_id)
        while at in self._nodes:
            yield at
            at = self._nodes[at].parent_id

    def inside(self, unit_id: str) -> bool:
        """Whether a unit lies at the place or below it."""
        return self.node_id in self._upward(unit_id)

    def below(self, unit_id: str) -> str:
        """The place just below that a unit lies in; '' for one straight under the paper's place."""
        for node_id in self._upward(unit_id):
            node = self._nodes[node_id]
            if node.parent_id == self.node_id:
                return node_id if node_id.startswith("P") and node.tier != "own" else ""
        return ""

    @cached_property
    def subjects(self) -> list[Row]:
        """Who was named or commended at the place and below it, one row a kind and subject."""
        rows = self.frames.subjects.to_dict("records")
        return [row for row in rows if self.inside(row["unit_id"])]

    def commended(self, recipient: str, kind: str = COMMENDED) -> list[Row]:
        """The organisations or members commended, or those with one kind of praise."""
        return [row for row in self.subjects if (row["kind"], row["recipient_kind"]) == (kind, recipient)]

    @cached_property
    def named(self) -> list[tuple[str, int]]:
        """Level and how many count at it, highest first."""
        levels = Counter(row["level"] for row in self.subjects if row["kind"] == "naming" and _known(row["level"]))
        return [(level.key, levels[level.key]) for level in self.paper.programme.levels[::-1] if levels[level.key]]

    def title_of(self, key: str) -> str:
        """What a level's title is called by whoever confers it on what lies at the paper's place."""
        level = next(each for each in self.paper.programme.levels if each.key == key)
        at: str | None = self.node_id
        while at in self._nodes and self._nodes[at].tier != level.tier:
            at = self._nodes[at].parent_id
        title = level.title_at(self._nodes[at].code) if at in self._nodes else level.title
        return self._own(title) if at == self.node_id else title

    def _own(self, title: str) -> str:
        """A title as the paper's place confers it."""
        return of_own_kind(title, self.paper.node.name, self.words)

    def tiers(self, recipient: str) -> list[tuple[str, int]]:
        """Tier and how many were commended by it, highest first; who may count at several is counted at each."""
        if counts_highest_only(self.paper.programme):
            found = Counter(str(row["tier"]) for row in self.commended(recipient))
        else:
            rows = self.frames.counts.to_dict("records")
            found = Counter({
                row["tier"]: int(row["distinct_count"])
                for row in rows
                if (row["node_id"], row["kind"], row["recipient_kind"]) == (self.node_id, COMMENDED, recipient) and row["tier"]
            })
        order = [str(each["tier"]) for each in tier_heights(self.paper.programme)][::-1]
        return [(tier, found[tier]) for tier in order if found[tier]]

    def kinds(self, recipient: str) -> list[tuple[str, int]]:
        """Kind of praise and how many have it, in the programme's order."""
        settings = self.paper.programme.commendation
        wanted = [kind for kind in (settings.kinds if settings else ()) if kind != "naming"]
        counts = [(kind, len(self.commended(recipient, kind))) for kind in wanted]
        return [(kind, count) for kind, count in counts if count]

    @cached_property
    def table(self) -> list[tuple[str, Counter[str]]]:
        """A row a place just below, those straight under the place last: its name, and counts by level and recipient."""
        cells: dict[str, Counter[str]] = {}
        for row in self.subjects:
            if row["kind"] in ("naming", COMMENDED):
                column = row["level"] if row["kind"] == "naming" else row["recipient_kind"]
                cells.setdefault(self.below(row["unit_id"]), Counter())[column if _known(column) else ""] += 1
        places = {self.below(unit_id) for unit_id in self._homes if self.inside(unit_id)} - {""}
        ordered = [node for node in self.paper.register.nodes if node.node_id in places]
        rows = [(one_line(node.name), cells.get(node.node_id, Counter())) for node in ordered]
        return [*rows, *([("", cells[""])] if "" in cells else [])]

    @property
    def level_keys(self) -> list[str]:
        """The levels of the programme."""
        return [level.key for level in self.paper.programme.levels]

    def named_in(self, cell: Counter[str]) -> int:
        """How many of a row of the table were named."""
        return sum(cell[key] for key in self.level_keys)

    @cached_property
    def reconciliation(self) -> dict[str, tuple[int | None, int | None, int | None]]:
        """Indicator → filed, mentions in the lists, how many they are of; None where one is missing."""
        rows = self.frames.reconciliation
        filed = {row["indicator"]: row["value"] for row in rows[rows["unit_id"] == self.node_id].to_dict("records")}
        found = {}
        for indicator, value in filed.items():
            listed = self.commended(FILED[indicator])
            number = int(value) if _known(value) else None
            nobody = not listed and number != 0
            mentions = None if nobody else sum(int(row["mentions"]) for row in listed)
            found[indicator] = (number, mentions, None if nobody else len(listed))
        return found

    @cached_property
    def checks(self) -> list[CheckSum]:
        """What was checked over the year at the place."""
        return [row for row in self.frames.checks if row["node_id"] == self.node_id]

    @property
    def halves(self) -> list[HalfRow]:
        """The half-years of the year, with the place's units that were to report and did."""
        return [row for row in self.frames.halves if row["node_id"] == self.node_id]

    @property
    def duties(self) -> list[DutyAt]:
        """What is owed at the place and below it, of which anything is on record."""
        return [row for row in self.frames.duties if row["node_id"] == self.node_id]

    @property
    def facts(self) -> list[FactAt]:
        """What is on record of branches at the place and below it."""
        return [row for row in self.frames.facts if row["node_id"] == self.node_id]

    @property
    def visits(self) -> list[VisitRow]:
        """The visits that the place made."""
        return [row for row in self.frames.visits if row["node_id"] == self.node_id]

    @cached_property
    def visits_by_place(self) -> list[tuple[str, list[VisitRow]]]:
        """Each place just below with the visits there, the earliest first; those straight under the place ('') last."""
        by_place: dict[str, list[VisitRow]] = {}
        for row in sorted(self.visits, key=lambda row: (row["visited_on"], row["branch_id"])):
            by_place.setdefault(self.below(row["unit_id"]), []).append(row)
        ordered = [node for node in self.paper.register.nodes if node.node_id in by_place]
        found = [(one_line(node.name), by_place[node.node_id]) for node in ordered]
        return [*found, *([("", by_place[""])] if "" in by_place else [])]

    @property
    def visited(self) -> list[tuple[str, int]]:
        """Each place just below and how many visits were made there."""
        return [(name, len(rows)) for name, rows in self.visits_by_place]

    @cached_property
    def titles(self) -> list[Row]:
        """The titles that the place conferred."""
        rows = self.frames.titles
        return [dict(row) for row in rows[rows["node_id"] == self.node_id].to_dict("records")]

    def namings(self) -> list[tuple[str, Listed]]:
        """Level and list of those whose highest title the place conferred."""
        return list(self._named_at(self.level_keys, {}))

    def all_namings(self) -> list[tuple[str, Listed]]:
        """The same, highest first, with those without a title whom a unit filed as named by the place's tier on a known day."""
        titled = {(row["branch_id"], row["level"]) for row in self.frames.titles.to_dict("records")}
        filed: dict[str, list[tuple[str, str]]] = {}
        for row in self.subjects:
            if row["kind"] == "naming" and _known(row["decided_on"]) and (row["branch_id"], row["level"]) not in titled:
                filed.setdefault(row["level"], []).append((row["unit_id"], row["recipient"]))
        own = {level.key for level in self.paper.programme.levels if level.tier == self.paper.node.tier}
        return list(self._named_at(self.level_keys[::-1], {key: rows for key, rows in filed.items() if key in own}))

    def _named_at(
        self, keys: Sequence[str], more: Mapping[str, Sequence[tuple[str, str]]]
    ) -> Iterator[tuple[str, Listed]]:
        for key in keys:
            rows = [row for row in self.titles if row["level"] == key and row["highest"]]
            entries = [*((row["unit_id"], row["branch_name"]) for row in rows), *more.get(key, ())]
            if entries:
                yield key, self._listed(self._own(rows[0]["title"]) if rows else self.title_of(key), False, entries)

    def praised(self) -> list[Listed]:
        """The lists of those whom the place's own tier commended on a known day, by title: organisations, then members."""
        found = []
        for recipient in SUBJECTS:
            mine = [
                row for row in self.commended(recipient)
                if row["tier"] == self.paper.node.tier and _known(row["decided_on"])
            ]
            found += self._by_title(mine, recipient == "member")
        return found

    def put_forward(self) -> list[Listed]:
        """The lists of those whom the place recommends: branches by level, then members by honour."""
        found = []
        for key in self.level_keys:
            rows = [row for row in self.frames.recommended if (row["node_id"], row["level"]) == (self.node_id, key)]
            if rows:
                found.append(self._listed(self.title_of(key), False, [(row["unit_id"], row["name"]) for row in rows]))
        honoured = [row for row in self.commended("member", "honour") if _known(row["decided_on"])]
        return [*found, *self._by_title(honoured, people=True)]

    def _by_title(self, rows: Sequence[Row], people: bool) -> list[Listed]:
        titles = sorted({row["title"] if _known(row["title"]) else "" for row in rows})
        return [
            self._listed(one_line(title), people, [
                (row["unit_id"], row["recipient"]) for row in rows if (row["title"] if _known(row["title"]) else "") == title
            ])
            for title in titles
        ]

    def _listed(self, title: str, people: bool, entries: Sequence[tuple[str, str]]) -> Listed:
        if people and not any(self.below(unit_id) for unit_id in self._homes if self.inside(unit_id)):
            return self._listed_by_unit(title, entries)
        groups: dict[str, Counter[str]] = {}
        for unit_id, name in entries:
            groups.setdefault(self.below(unit_id), Counter())[bare(name) if people else one_line(name)] += 1
        places = sorted(groups, key=lambda place: (place == "", self._nodes[place].code if place else ""))
        order = [unit.unit_id for unit in self.paper.register.units]
        leading = [(order.index(unit_id), one_line(name)) for unit_id, name in entries if self.below(unit_id) == places[0]]
        shown = [(one_line(self._nodes[place].name) if place else "", groups[place]) for place in places]
        return Listed(title, people, shown, min(leading)[1])

    def _listed_by_unit(self, title: str, entries: Sequence[tuple[str, str]]) -> Listed:
        """People of a place with nothing below it, under the names of their units; under none where all are of one."""
        units = [unit for unit in self.paper.register.units if unit.unit_id in {unit_id for unit_id, _ in entries}]
        shown = [
            (one_line(unit.name) if len(units) > 1 else "", Counter(bare(name) for home, name in entries if home == unit.unit_id))
            for unit in units
        ]
        return Listed(title, True, shown, min(one_line(name) for home, name in entries if home == units[0].unit_id))


def bare(name: str) -> str:
    """A personal name without the spaces that set it wide."""
    return "".join(name.split())


def _known(value: Any) -> bool:
    return value is not None and not pd.isna(value)
