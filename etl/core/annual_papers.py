"""The year's papers as models: the naming decision, the commendation summary, the recommendation.

A model is plain JSON without prose, as in `etl.core.report`; the templates of its `kind` give it words. Names stand in it
only where a decision stands behind them: a title (which nobody has before the public notice is over), or praise with the
day on which it was decided.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from etl.core.commendation import COMMENDED, SUBJECTS, tier_heights
from etl.core.documents import PaperSettings, for_tier
from etl.core.name_lists import name_list, places_below, units_under
from etl.core.period import Period
from etl.core.programme import Programme
from etl.core.prose import numeral
from etl.core.register import Node, Register
from etl.core.wording import Wording, day_text, one_line, whole_of

Model = dict[str, Any]


@dataclass(frozen=True)
class PaperOf:
    """What one paper is about: the programme, the year or batch, the place, its day and revision."""

    programme: Programme
    period: Period
    register: Register
    node: Node
    settings: PaperSettings
    report: str
    issued_on: dt.date
    revision: int = 1
    document_number: str = ""


@dataclass(frozen=True)
class YearFrames:
    """What a year came to. `titles`: branch_id, level, title, node_id, decided_on, branch_name, unit_id, highest,
    document_number. `counts`, `subjects`, `reconciliation`: as `etl.core.commendation` says. `notice_days`: working days of
    the public notice by (level, node). `recommended`: node_id, unit_id, name, level of each branch that a place put forward.
    `checks`: see `etl.core.year_checks`. `halves`: one mapping a half-year.
    """

    titles: pd.DataFrame
    counts: pd.DataFrame
    subjects: pd.DataFrame
    reconciliation: pd.DataFrame
    notice_days: Mapping[tuple[str, str], int]
    recommended: Sequence[Model] = ()
    checks: Sequence[Model] = ()
    halves: Sequence[Model] = ()


def build_naming(paper: PaperOf, frames: YearFrames, words: Wording) -> Model:
    """The decision by which one place names at its levels. LookupError if it names nobody."""
    levels = {level.key: level for level in paper.programme.levels}
    mine = frames.titles[(frames.titles["node_id"] == paper.node.node_id) & frames.titles["highest"]]
    if mine.empty:
        raise LookupError(f"{paper.node.node_id} names nobody in {paper.period}")
    of_node = frames.titles[frames.titles["node_id"] == paper.node.node_id]
    went_higher = bool((~of_node["highest"]).any())
    lists = []
    for key in [key for key in levels if key in set(mine["level"])]:
        rows = mine[mine["level"] == key]
        entries = list(zip(rows["unit_id"], rows["branch_name"], strict=True))
        made = name_list(rows["title"].iloc[0], entries, paper.register, paper.node.node_id, of_people=False)
        days = frames.notice_days.get((key, paper.node.node_id))
        lists.append({**made, "level": key, "first": made["groups"][0]["names"][0], "notice_days": days})
    return {
        "kind": "naming", **_frame(paper, words), "lists": _numbered(lists, words), "unranked": paper.settings.unranked,
        "texts": _texts(paper.settings), "counts_higher": went_higher,
    }  # fmt: skip


def build_summary(paper: PaperOf, frames: YearFrames, words: Wording) -> Model:
    """What a place, and all below it, was commended with in a year: figures, a table by place, lists, what does not agree."""
    node_id = paper.node.node_id
    named = _named_levels(paper, frames)
    table = place_table(paper, frames)
    lists = [*_named_lists(paper, frames), *_praised_lists(paper, frames)]
    checks = [check for check in frames.checks if check["node_id"] == node_id]
    shown = {"places": len(table["rows"]) > 1, "lists": bool(lists), "checks": bool(checks)}
    return {
        "kind": "commendation", **_frame(paper, words), "named": named, "named_total": sum(each["count"] for each in named),
        "commended": _commended(paper, frames.counts), "kinds": list(_kinds(paper.programme)), "table": table,
        "lists": _numbered(lists, words),
        "reconciliation": _reconciliation(frames.reconciliation, node_id), "checks": checks, "halves": list(frames.halves),
        "unranked": paper.settings.unranked, "highest_only": paper.programme.count_rule is not None,
        "texts": _texts(paper.settings), "annexes": [key for key, there in shown.items() if there],
    }  # fmt: skip


def build_recommendation(paper: PaperOf, frames: YearFrames, words: Wording) -> Model:
    """What a place recommends upward: the branches it put forward, by level, and its members who hold an honour.

    LookupError if it recommends nobody.
    """
    node_id, inside = paper.node.node_id, units_under(paper.register, paper.node.node_id)
    branches = [each for each in frames.recommended if each["node_id"] == node_id]
    rows = frames.subjects
    of_members = (
        (rows["kind"] == "honour") & (rows["recipient_kind"] == "member") & rows["decided_on"].notna()
    )
    people = rows[of_members & rows["unit_id"].isin(inside)]
    lists = []
    for level in paper.programme.levels:
        entries = [(each["unit_id"], each["name"]) for each in branches if each["level"] == level.key]
        if entries:
            lists.append(
                name_list(level.title_zh or level.zh, entries, paper.register, node_id, of_people=False)
            )
    for title in sorted(people["title"].fillna("").unique()):
        of_title = people[people["title"].fillna("") == title]
        entries = list(zip(of_title["unit_id"], of_title["recipient"], strict=True))
        lists.append(name_list(one_line(title), entries, paper.register, node_id, of_people=True))
    if not lists:
        raise LookupError(f"{node_id} recommends nobody in {paper.period}")
    return {
        "kind": "recommendation", **_frame(paper, words), "lists": _numbered(lists, words), "unranked": paper.settings.unranked,
        "texts": _texts(paper.settings),
    }  # fmt: skip


def _numbered(lists: Sequence[Model], words: Wording) -> list[Model]:
    return [{**listed, "ordinal": numeral(at, words)} for at, listed in enumerate(lists, 1)]


def _texts(settings: PaperSettings) -> dict[str, str]:
    return {"basis": settings.basis, "purpose": settings.purpose, "hope": settings.hope}


def _frame(paper: PaperOf, words: Wording) -> Model:
    """Edition and head of a paper: the parts that every paper's template reads."""
    node, settings, tier = paper.node, paper.settings, paper.node.tier
    name = one_line(node.name)
    values = {
        "name": name, "initial": name[:1], "whole": whole_of(name, words), "year": paper.issued_on.year,
        "number": paper.period.number, "period": paper.period.zh, "programme": paper.programme.title.zh,
    }  # fmt: skip
    values["organ"] = organ = for_tier(settings.issuer, tier).format(**values)
    return {
        "edition": {
            "key": f"{paper.period}/{paper.programme.programme}/{node.node_id}/{paper.report}/r{paper.revision}",
            "programme": paper.programme.programme, "programme_zh": paper.programme.title.zh, "period": str(paper.period),
            "period_zh": paper.period.zh, "year": paper.period.year, "node_id": node.node_id, "name": name, "tier": tier,
            "tier_zh": _tier_zh(paper.programme, tier), "whole": values["whole"], "revision": paper.revision,
            "issued_on": paper.issued_on.isoformat(), "issued_on_zh": day_text(paper.issued_on, words),
        },
        "head": {
            "organ": organ, "number": paper.document_number or for_tier(settings.number, tier).format(**values),
            "title_lines": [line.format(**values) for line in settings.title_lines],
            "to": for_tier(settings.to, tier).format(**values), "cc": for_tier(settings.cc, tier).format(**values),
            "printed_by": for_tier(settings.printed_by, tier).format(**values) or organ,
        },
    }  # fmt: skip


def _tier_zh(programme: Programme, tier: str) -> str:
    return next((each.zh for each in programme.tiers if each.tier == tier), "")


def _kinds(programme: Programme) -> tuple[str, ...]:
    return programme.commendation.kinds if programme.commendation else ()


def _namings(frames: YearFrames) -> pd.DataFrame:
    return frames.subjects[(frames.subjects["kind"] == "naming") & frames.subjects["level"].notna()]


def _named_levels(paper: PaperOf, frames: YearFrames) -> list[Model]:
    """How many branches count at each level, highest first; levels at which nobody was named are left out."""
    inside = units_under(paper.register, paper.node.node_id)
    rows = _namings(frames)
    count = Counter(rows.loc[rows["unit_id"].isin(inside), "level"])
    return [
        {
            "level": level.key, "zh": level.title_zh or level.zh, "tier_zh": _tier_zh(paper.programme, level.tier),
            "count": count[level.key],
        }
        for level in reversed(paper.programme.levels)
        if count[level.key]
    ]  # fmt: skip


def _commended(paper: PaperOf, counts: pd.DataFrame) -> Model:
    """Organisations and members: `total`, `tiers` (highest first; `tier` may be unstated), `kinds`."""
    mine = counts[counts["node_id"] == paper.node.node_id]
    heights = {str(row["tier"]): int(row["height"]) for row in tier_heights(paper.programme)}
    found: Model = {}
    for subject in SUBJECTS:
        rows = mine[mine["recipient_kind"] == subject]
        by_tier = {row.tier: int(row.distinct_count) for row in rows[rows["kind"] == COMMENDED].itertuples()}
        order = sorted((tier for tier in by_tier if tier), key=lambda tier: -heights[tier])
        kinds = {row.kind: int(row.distinct_count) for row in rows[rows["tier"] == ""].itertuples()}
        found[subject] = {
            "total": by_tier.get("", 0),
            "tiers": [
                {"tier": tier, "zh": _tier_zh(paper.programme, tier), "count": by_tier[tier]}
                for tier in order
            ],
            "kinds": [
                {"kind": kind, "count": kinds[kind]}
                for kind in _kinds(paper.programme)
                if kind != "naming" and kind in kinds
            ],
        }
    return found


def place_table(paper: PaperOf, frames: YearFrames) -> Model:
    """One row a place just below (those straight under the node together last), and the whole: namings by level, commended."""
    below, inside = (
        places_below(paper.register, paper.node.node_id),
        units_under(paper.register, paper.node.node_id),
    )
    rows = frames.subjects[
        frames.subjects["unit_id"].isin(inside) & frames.subjects["kind"].isin(["naming", COMMENDED])
    ]
    cells: dict[str, Counter[str]] = {}
    for row in rows.itertuples():
        column = (row.level if row.kind == "naming" else row.recipient_kind) or ""
        cells.setdefault(below.get(row.unit_id, ""), Counter())[column] += 1
    levels = [
        level for level in reversed(paper.programme.levels) if any(cell[level.key] for cell in cells.values())
    ]
    columns = [*(level.key for level in levels), *SUBJECTS]
    places = [
        node for node in paper.register.children(paper.node.node_id) if node.node_id in set(below.values())
    ]
    listed = [(node.node_id, one_line(node.name)) for node in places]
    listed += [("", "")] if "" in cells else []
    return {
        "levels": [
            {"zh": _tier_zh(paper.programme, level.tier), "title": level.title_zh or level.zh}
            for level in levels
        ],
        "rows": [_table_row(name, cells.get(key, Counter()), columns, len(levels)) for key, name in listed],
        "total": _table_row("", sum(cells.values(), Counter()), columns, len(levels)),
    }


def _table_row(name: str, cell: Mapping[str, int], columns: Sequence[str], levels: int) -> Model:
    numbers = [cell[column] for column in columns]
    return {
        "name": name, "named": sum(numbers[:levels]), "levels": numbers[:levels], "organisations": numbers[-2],
        "members": numbers[-1],
    }  # fmt: skip


def _named_lists(paper: PaperOf, frames: YearFrames) -> list[Model]:
    """The branches that the place itself named in the year, by level."""
    if frames.titles.empty:
        return []
    mine = frames.titles[(frames.titles["node_id"] == paper.node.node_id) & frames.titles["highest"]]
    return [
        name_list(rows["title"].iloc[0], list(zip(rows["unit_id"], rows["branch_name"], strict=True)),
                  paper.register, paper.node.node_id, of_people=False) | {"of": "naming"}
        for level in reversed(paper.programme.levels)
        if not (rows := mine[mine["level"] == level.key]).empty
    ]  # fmt: skip


def _praised_lists(paper: PaperOf, frames: YearFrames) -> list[Model]:
    """Who was commended by the place's own tier, with a day of decision behind it, by title: organisations, then members."""
    inside = units_under(paper.register, paper.node.node_id)
    own = frames.subjects[
        frames.subjects["unit_id"].isin(inside)
        & (frames.subjects["kind"] == COMMENDED)
        & (frames.subjects["tier"] == paper.node.tier)
        & frames.subjects["decided_on"].notna()
    ]
    lists = []
    for subject in SUBJECTS:
        of_subject = own[own["recipient_kind"] == subject]
        for title in sorted(of_subject["title"].fillna("").unique()):
            rows = of_subject[of_subject["title"].fillna("") == title]
            entries = list(zip(rows["unit_id"], rows["recipient"], strict=True))
            made = name_list(
                one_line(title), entries, paper.register, paper.node.node_id, of_people=subject == "member"
            )
            lists.append(made | {"of": subject})
    return lists


def _reconciliation(rows: pd.DataFrame, node_id: str) -> list[Model]:
    """Filed figures of the place beside the list: `filed`, `listed`, `distinct`, `repeated`; None where one is missing."""
    return [
        {
            "indicator": row.indicator, "filed": _whole(row.value), "listed": _whole(row.listed),
            "distinct": _whole(row.distinct_count), "repeated": _whole(row.repeated),
        }
        for row in rows[rows["unit_id"] == node_id].itertuples()
    ]  # fmt: skip


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)
