"""A 更正通报 read back: what it says moved is what the edition that left and the newer one show otherwise, all of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from etl.core.lint.claims import Fault, Grammar
from etl.core.lint.lexicon import Lexicon
from etl.core.lint.numbers import agrees, read_number
from etl.core.lint.told import Told
from etl.core.reports.errata import ErratumPaper, MovedRow
from etl.core.reports.errata_shown import Counts, Place, Shown, shown_in_both
from etl.core.reports.model import Report
from etl.core.wording import Wording, one_line

_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class ErratumFacts:
    """The two editions of a report that an erratum stands between, and how counts are called."""

    old: Report
    new: Report
    counts: Counts
    words: Wording

    @cached_property
    def _shown(self) -> tuple[dict[Place, Shown], dict[Place, Shown]]:
        return shown_in_both(self.old, self.new, self.counts)

    def cells(self, place: Place) -> tuple[str, str]:
        """How a figure was and is shown; of a count that is shown no more, and of any other."""
        was, now = (shown.get(place) for shown in self._shown)
        absent = "0" if (now or was or _NOBODY).counted else self.words.numbers.none
        return was.cell if was else absent, now.cell if now else absent

    def gap(self, place: Place) -> Decimal | None:
        """By how much a figure moved, a share in percentage points; None where one of the two is not known."""
        shown = self.shown(place)
        absent = Decimal(0) if shown.counted else None
        was, now = (_number(each[place]) if place in each else absent for each in self._shown)
        if was is None or now is None:
            return None
        return (now - was) * (_HUNDRED if shown.unit_zh == "%" else 1)

    def shown(self, place: Place) -> Shown:
        """A figure as the newer edition shows it, else as the older one does; KeyError where neither does."""
        was, now = self._shown
        return now.get(place) or was[place]

    def members(self, place: Place) -> tuple[set[str], set[str]]:
        """Who stood in a list, and who stands in it."""
        was, now = (set((shown[place].members if place in shown else None) or ()) for shown in self._shown)
        return was, now

    def ranks(self, place: Place) -> dict[str, tuple[int, int]]:
        """Of those who are ranked in both: their place then and now, where it is another."""
        was, now = (dict((shown[place].rank_of if place in shown else None) or {}) for shown in self._shown)
        return {name: (was[name], rank) for name, rank in now.items() if was.get(name, rank) != rank}

    @cached_property
    def moved(self) -> set[Place]:
        """Every place at which the two editions do not show the same."""
        was, now = self._shown
        both = was.keys() & now.keys()
        alone = {place for place in was.keys() ^ now.keys() if not self.shown(place).only_in_both}
        return {place for place in both | alone if self._differs(place)}

    def _differs(self, place: Place) -> bool:
        before, after = self.members(place)
        cells = self.cells(place)
        return cells[0] != cells[1] or before != after or bool(self.ranks(place))


_NOBODY = Shown("", "", "", "", None)


def _number(shown: Shown) -> Decimal | None:
    return None if shown.number is None else Decimal(str(shown.number))


def erratum_told(model: ErratumPaper, facts: ErratumFacts, grammar: Grammar) -> Told:
    """What the sentences of an erratum are held against; its reason is a person's and stands as it is."""
    edition, old = facts.new["edition"], facts.old
    own = sum(place[0] == edition["node_id"] for place in facts.moved)
    texts = {
        "period": edition["period_zh"], "self": edition["name"], "issued": old["edition"]["issued_on_zh"],
        "title": "".join(old["head"]["title_lines"]), "number": old["head"]["number"], "reason": one_line(model["reason"]),
        "organ": facts.new["head"]["organ"],
        "old_digest": old["edition"].get("digest", ""), "new_digest": edition.get("digest", ""),
    }
    if len(facts.moved) == 1:
        [place] = facts.moved
        shown, (was, now) = facts.shown(place), facts.cells(place)
        texts |= {"first.name": shown.name, "first.zh": shown.zh}
        texts |= {"first.old": was + shown.unit_zh, "first.new": now + shown.unit_zh}
    numbers = {
        "count": len(facts.moved), "own": own, "others": len(facts.moved) - own,
        "old_revision": old["edition"]["revision"], "new_revision": edition["revision"],
    }
    names = {edition["name"], texts.get("first.name", "")}
    told = {text for key, text in texts.items() if key not in ("period", "self", "first.name", "first.old", "first.new")}
    lexicon = Lexicon({"name": names, "word": told, "period": {edition["period_zh"]}})
    return Told(
        facts.words, lexicon, grammar.forms, {key: Decimal(number) for key, number in numbers.items()}, texts,
        holds={"words_alone": [facts.shown(place).words for place in facts.moved] == [True]},
    )


def lint_erratum_rows(model: ErratumPaper, facts: ErratumFacts) -> Iterator[Fault]:
    """Rows that tell of what has not moved, or otherwise than it has; what has moved and has no row."""
    rows = {(row["node_id"], row["key"]): row for row in model["rows"]}
    for place in sorted(facts.moved - rows.keys()):
        yield Fault("list", "rows", facts.shown(place).zh, "", "#".join(place))
    for at, row in enumerate(model["rows"]):
        place = (row["node_id"], row["key"])
        if place in facts.moved:
            yield from _row(f"rows/{at}", row, facts, place)
        else:
            yield Fault("list", f"rows/{at}", row["zh"], "#".join(place))


def _row(at: str, row: MovedRow, facts: ErratumFacts, place: Place) -> Iterator[Fault]:
    shown, (was, now) = facts.shown(place), facts.cells(place)
    before, after = facts.members(place)
    expected = {
        "name": shown.name, "zh": shown.zh, "unit_zh": shown.unit_zh, "old": was, "new": now, "came": after - before,
        "left": before - after, "ranks": {name: tuple(moved) for name, moved in facts.ranks(place).items()},
    }
    found = {
        **row, "came": set(row["came"]), "left": set(row["left"]),
        "ranks": {name: (then, today) for name, then, today in row["ranks"]},
    }
    for key, wanted in expected.items():
        if found[key] != wanted:
            rule = "list" if key in ("came", "left", "ranks") else "figure"
            yield Fault(rule, f"{at}/{key}", shown.zh, str(found[key]), str(wanted))
    gap = facts.gap(place) if was != now else None
    if bool(row["by"]) != (gap is not None) or (gap is not None and not _says(row["by"], gap, facts.words)):
        yield Fault("figure", f"{at}/by", shown.zh, row["by"], "" if gap is None else f"{gap:+f}")


def _says(by: str, gap: Decimal, words: Wording) -> bool:
    said = read_number(by, words)
    return agrees(said, gap) and (gap == 0 or by.startswith("+" if gap > 0 else words.numbers.minus))
