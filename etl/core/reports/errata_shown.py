"""What a sent report shows that can move: figures and days with their addresses, units' own words, lists of who stands there."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from etl.core.programmes.indicators import Model as Named
from etl.core.reports.model import ReportModel
from etl.core.reports.practice import own_words
from etl.core.reports.records import recorded


class CountName(Named):
    """How a count is called, and its unit; `{name}` in it is what it counts."""

    zh: str
    unit_zh: str


Counts = Mapping[str, CountName]
"""What is shown that is no indicator → its name; what is not named is not compared."""

Place = tuple[str, str]
"""(Node, figure)."""


@dataclass(frozen=True)
class Shown:
    """One figure as a report shows it. `members`: who stands in the list that it counts, None where it is no list.

    `rank_of` holds the places of those who are ranked, by name. `counted`: where the figure is not shown, it is nought.
    `only_in_both`: shown only while its owner stands in a list, so that coming in or leaving is no change of it.
    `words`: a unit's own, not a figure. `due`: a day that follows from the day of the paper. `address`: where it is explained,
    where that is not its place.
    """

    name: str
    zh: str
    unit_zh: str
    cell: str
    number: float | None
    members: tuple[str, ...] | None = None
    rank_of: Mapping[str, int] | None = None
    counted: bool = False
    only_in_both: bool = False
    words: bool = False
    due: bool = False
    address: str = ""


Found = Iterator[tuple[Place, Shown]]


def shown_in(model: ReportModel, counts: Counts) -> dict[Place, Shown]:
    """Everything shown, by where it is explained; what stands twice is there once, its own figures first."""
    found: dict[Place, Shown] = {}
    parts = (
        _own, _returns, _days, _ranking, _activities, _themes, _told_units, _records, _issues, _findings, _standing, _divisions
    )
    for part in parts:
        for place, shown in part(model, counts):
            found.setdefault(place, shown)
    return found


def shown_in_both(old: ReportModel, new: ReportModel, counts: Counts) -> tuple[dict[Place, Shown], dict[Place, Shown]]:
    """What two editions show, to be compared. Of two that are issued on different days, what is asked is due on others."""
    before, after = shown_in(old, counts), shown_in(new, counts)
    if old["edition"]["issued_on"] == new["edition"]["issued_on"]:
        return before, after
    kept = ({place: each for place, each in shown.items() if not each.due} for shown in (before, after))
    return next(kept), next(kept)


def _owner(model: ReportModel) -> tuple[str, str]:
    return model["edition"]["node_id"], model["edition"]["name"]


def _count(
    counts: Counts, key: str, node: tuple[str, str], place: str, count: int, what: str = "", **more: Any
) -> Found:
    """One count under its name; nothing where it has none."""
    if key in counts:
        called = counts[key]
        zh = called.zh.format(name=what)
        yield (node[0], place), Shown(node[1], zh, called.unit_zh, f"{count:,}", count, **{"counted": True, **more})


def _own(model: ReportModel, counts: Counts) -> Found:
    node_id, name = _owner(model)
    for figure in (*model["headline"], model["ranking"]["figure"]):
        yield (node_id, figure["key"]), Shown(name, figure["zh"], figure["unit_zh"], figure["cell"], figure["number"])
        if figure["rank"] and "rank" in counts:
            called, rank = counts["rank"], figure["rank"]
            yield (
                (node_id, f"{figure['key']}@rank"),
                Shown(name, called.zh.format(name=figure["zh"]), called.unit_zh, f"{rank['rank']}/{rank['of']}", rank["rank"]),
            )
        for base, change in (("previous", figure["previous"]), ("last_year", figure["last_year"])):
            if change and base in counts:
                cell, zh = change["base_cell"], counts[base].zh.format(name=figure["zh"])
                yield (
                    (node_id, f"{figure['key']}@{base}"),
                    Shown(name, zh, figure["unit_zh"], cell, change["base"], only_in_both=True),
                )


def _returns(model: ReportModel, counts: Counts) -> Found:
    """Counts of returns; those of late, missing and held units with their names."""
    names = {
        f"units_{status}": tuple(row["name"] for row in model["outstanding"] if row["status"] == status)
        for status in ("missing", "late", "held")
    }
    for key, count in model["quality"].items():
        if isinstance(count, int):
            yield from _count(counts, key, _owner(model), f"completeness.{key}", count, members=names.get(key))


def _days(model: ReportModel, counts: Counts) -> Found:
    """Until when returns were counted, and when answers and remedies are due."""
    node_id, name = _owner(model)
    edition = model["edition"]
    days = [("data_as_of", edition["data_as_of_zh"], "", False), ("reply_by", edition["reply_by_zh"], "", True)]
    days += [("issue.due", issue["due_zh"], f"issue.{issue['key']}", True) for issue in model["issues"]]
    titles = {f"issue.{issue['key']}": issue["title"] for issue in model["issues"]}
    for key, day, issue, due in days:
        if key in counts:
            place = f"{issue}@due" if issue else f"edition.{key}"
            zh = counts[key].zh.format(name=titles.get(issue, ""))
            yield (node_id, place), Shown(name, zh, "", day, None, only_in_both=True, due=due)


def _ranking(model: ReportModel, counts: Counts) -> Found:
    """The rows below and, in a narrow table, the node's equals: figures of each, and who stands where."""
    ranking, node = model["ranking"], _owner(model)
    figure = ranking["figure"]
    groups = [*ranking["groups"], *([model["peers"]] if model["peers"] else [])]
    for n, group in enumerate(groups):
        columns = ranking["columns"] if n < len(ranking["groups"]) else []
        for row in group["rows"]:
            at, name = row["node_id"], row["name"]
            yield (at, figure["key"]), Shown(name, figure["zh"], figure["unit_zh"], row["cell"], row["number"])
            for column, cell, number in zip(columns, row["cells"], row["numbers"], strict=len(columns) > 0):
                yield (at, column["key"]), Shown(name, column["zh"], column["unit_zh"], cell, number)
        ranks = {row["name"]: row["rank"] for row in group["rows"] if row["rank"] is not None}
        place = f"{figure['key']}@{'peers' if group is model['peers'] else group['tier']}.ranks"
        what = f"{group['tier_zh']}{figure['zh']}"
        yield from _count(counts, "ranks", node, place, len(ranks), what, members=tuple(ranks), rank_of=ranks)


def _activities(model: ReportModel, counts: Counts) -> Found:
    node = _owner(model)
    for row in model["practice"]["activities"]:
        kind = f"activity.{row['kind']}"
        for part, count in (
            ("entries", row["entries"]), ("person_times", row["person_times"]), ("branches", row["branches"])
        ):
            yield from _count(counts, f"activity.{part}", node, f"{kind}@{part}", count, row["zh"])
        leading = tuple(unit["name"] for unit in row["leading"])
        yield from _count(counts, "activity.leading", node, f"{kind}@leading", len(leading), row["zh"], members=leading)
        for unit in row["leading"]:
            owner = unit["address"].partition("#")[0], unit["name"]
            yield from _count(
                counts, "activity.entries", owner, f"{kind}@entries", unit["entries"], row["zh"], only_in_both=True
            )


def _themes(model: ReportModel, counts: Counts) -> Found:
    """Themes by title: their places in the row change with any of them."""
    themes, node = model["practice"]["themes"], _owner(model)
    titles = tuple(theme["title"] for theme in themes)
    yield from _count(counts, "themes", node, "theme", len(titles), members=titles)
    for theme in themes:
        yield from _count(
            counts, "theme", node, f"theme.{theme['title']}", theme["entries"], theme["title"], only_in_both=True,
            address=theme["address"],
        )


def _told_units(model: ReportModel, counts: Counts) -> Found:
    """Whose own words are told, by what they are about, and the words."""
    for key, rows in own_words(model["practice"]).items():
        names = tuple(row["name"] for row in rows)
        yield from _count(counts, key, _owner(model), key, len(names), members=names)
        for row in rows if f"{key}.words" in counts else ():
            node_id, _, indicator = row["address"].partition("#")
            zh = counts[f"{key}.words"].zh
            yield (node_id, indicator), Shown(row["name"], zh, "", row["text"], None, only_in_both=True, words=True)


def _records(model: ReportModel, counts: Counts) -> Found:
    """Duties done and owed, those who owe them by name; branches and members of whom facts are on record."""
    node, told = _owner(model), recorded(model)
    for duty in told["duties"]:
        place, owing = duty["address"].partition("#")[2], tuple(duty["missing"])
        yield from _count(counts, "duty.done", node, place, duty["done"], duty["zh"])
        if duty["owed"] is not None:
            yield from _count(counts, "duty.owed", node, f"{place}@owed", duty["owed"], duty["zh"])
            yield from _count(counts, "duty.missing", node, f"{place}@missing", len(owing), duty["zh"], members=owing)
    for fact in told["facts"]:
        place = fact["address"].partition("#")[2]
        yield from _count(counts, "fact.branches", node, place, fact["branches"], fact["zh"])
        if fact["members"] is not None:
            yield from _count(counts, "fact.members", node, f"{place}@members", fact["members"], fact["zh"], only_in_both=True)


def _issues(model: ReportModel, counts: Counts) -> Found:
    """Who falls short of what, each with its figure."""
    for issue in model["issues"]:
        names = tuple(unit["name"] for unit in issue["units"])
        place, title = f"issue.{issue['key']}", issue["title"]
        yield from _count(counts, "issue", _owner(model), place, issue["count"], title, members=names)
        yield from _count(counts, "issue.of", _owner(model), f"{place}@of", issue["of"], title, only_in_both=True)
        unit_zh = "%" if issue["percent"] else ""
        for unit in issue["units"]:
            yield (
                (unit["node_id"], issue["indicator"]),
                Shown(unit["name"], issue["zh"], unit_zh, unit["cell"], unit["number"], only_in_both=True),
            )


def _findings(model: ReportModel, counts: Counts) -> Found:
    node = _owner(model)
    yield from _count(counts, "findings", node, "findings", sum(row["count"] for row in model["problems"]))
    for row in model["problems"]:
        place, sentence = f"findings.{row['rule']}", row["sentence"]
        yield from _count(counts, "findings.count", node, place, row["count"], sentence)
        yield from _count(counts, "findings.unit_count", node, f"{place}@units", row["unit_count"], sentence)


def _standing(model: ReportModel, counts: Counts) -> Found:
    """What the figures rest on: open findings of the node by rule, answered and waived ones of each unit."""
    sums: dict[tuple[str, str, str, str], int] = {}
    for row in model["standing"]:
        node_id, _, where = row["address"].partition("#")
        name = _owner(model)[1] if row["state"] == "open" else row["name"]
        at = node_id, name, f"{where}@{row['state']}", row["sentence"]
        sums[at] = sums.get(at, 0) + row["count"]
    for (node_id, name, where, sentence), count in sums.items():
        state = where.rpartition("@")[2]
        yield from _count(counts, f"standing.{state}", (node_id, name), where, count, sentence)


def _divisions(model: ReportModel, counts: Counts) -> Found:
    changed = tuple(dict.fromkeys(row["now"] or row["was"] for row in model["divisions"]))
    yield from _count(counts, "divisions", _owner(model), "divisions", len(model["divisions"]), members=changed)


def came_and_left(old: Shown | None, new: Shown | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who stands in a list now and did not, and who did and does not; in the order of the lists."""
    before, after = _members(old), _members(new)
    return _not_in(after, before), _not_in(before, after)


def _members(shown: Shown | None) -> tuple[str, ...]:
    return (shown.members or ()) if shown else ()


def _not_in(names: Iterable[str], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in others)


def ranks_moved(old: Shown | None, new: Shown | None) -> tuple[tuple[str, int, int], ...]:
    """(Name, place before, place now) of those whose place moved, in the order of the newer table."""
    before, after = (old.rank_of if old else None) or {}, (new.rank_of if new else None) or {}
    return tuple((name, before[name], rank) for name, rank in after.items() if before.get(name, rank) != rank)
