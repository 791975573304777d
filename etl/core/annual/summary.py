"""The commendation summary as a model: its figures, its table by place, its lists, and what does not agree."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from etl.core.annual.model import (
    Commended,
    NamedLevel,
    PlaceRow,
    PlaceTable,
    Praised,
    Reconciled,
    Summary,
    SummaryList,
)
from etl.core.annual.papers import PaperOf, YearFrames, common_parts, ordinals, place_word, tier_in
from etl.core.awards.commendation import COMMENDED, SUBJECTS, counts_highest_only, tier_heights
from etl.core.awards.titles import title_for
from etl.core.programmes.naming import NamingLevel
from etl.core.programmes.programme import Programme
from etl.core.reports.name_lists import NameList, name_list, places_below, units_under
from etl.core.reports.records import fact_name
from etl.core.wording import Wording, of_own_kind, one_line


def build_summary(paper: PaperOf, frames: YearFrames, words: Wording) -> Summary:
    """What a place, and all below it, was commended with in a year: figures, a table by place, lists, what does not agree."""
    node_id = paper.node.node_id
    named = _named_levels(paper, frames, words)
    table = _place_table(paper, frames, words)
    made = [*_named_lists(paper, frames, words), *_praised_lists(paper, frames)]
    lists: list[SummaryList] = [
        {**listed, "of": of, "ordinal": ordinal}
        for (of, listed), ordinal in zip(made, ordinals(len(made), words), strict=True)
    ]
    checks = [check for check in frames.checks if check["node_id"] == node_id]
    shown = {"places": len(table["rows"]) > 1, "lists": bool(lists), "checks": bool(checks)}
    return {
        "kind": "commendation", **common_parts(paper, words), "lists": lists, "named": named,
        "named_total": sum(each["count"] for each in named), "commended": _commended(paper, frames.counts, words),
        "kinds": list(_kinds(paper.programme)), "table": table,
        "reconciliation": _reconciliation(frames.reconciliation, node_id), "checks": checks,
        "halves": [row for row in frames.halves if row["node_id"] == node_id],
        "duties": [row for row in frames.duties if row["node_id"] == node_id],
        "facts": [
            {
                "node_id": node_id, "kind": row["kind"], "outcome": row["outcome"], "branches": row["branches"],
                "members": row["members"], "zh": fact_name(row, words),
            }
            for row in frames.facts if row["node_id"] == node_id
        ],
        "highest_only": counts_highest_only(paper.programme), "annexes": [key for key, there in shown.items() if there],
    }


def _kinds(programme: Programme) -> tuple[str, ...]:
    return programme.commendation.kinds if programme.commendation else ()


def _named_levels(paper: PaperOf, frames: YearFrames, words: Wording) -> list[NamedLevel]:
    """How many branches count at each level, highest first; levels at which nobody was named are left out."""
    inside = units_under(paper.register, paper.node.node_id)
    rows = frames.subjects[(frames.subjects["kind"] == "naming") & frames.subjects["level"].notna()]
    count = Counter(rows.loc[rows["unit_id"].isin(inside), "level"])
    return [
        {
            "level": level.key, "zh": _title(level, paper, words), "tier_zh": tier_in(paper, level.tier, words),
            "count": count[level.key],
        }
        for level in reversed(paper.programme.levels)
        if count[level.key]
    ]


def _title(level: NamingLevel, paper: PaperOf, words: Wording) -> str:
    """What a level's title is called; of the paper's own tier for that very place (区级)."""
    title = title_for(level, paper.register, paper.node.node_id)
    return of_own_kind(title, paper.node.name, words) if level.tier == paper.node.tier else title


def _commended(paper: PaperOf, counts: pd.DataFrame, words: Wording) -> Commended:
    """Organisations and members: in all, by tier and by kind."""
    mine = counts[counts["node_id"] == paper.node.node_id]
    heights = {str(row["tier"]): int(row["height"]) for row in tier_heights(paper.programme)}

    def praised(subject: str) -> Praised:
        rows = mine[mine["recipient_kind"] == subject]
        by_tier = {row.tier: int(row.distinct_count) for row in rows[rows["kind"] == COMMENDED].itertuples()}
        order = sorted((tier for tier in by_tier if tier), key=lambda tier: -heights[tier])
        kinds = {row.kind: int(row.distinct_count) for row in rows[rows["tier"] == ""].itertuples()}
        return {
            "total": by_tier.get("", 0),
            "tiers": [
                {"tier": tier, "zh": tier_in(paper, tier, words), "count": by_tier[tier]}
                for tier in order
            ],
            "kinds": [
                {"kind": kind, "count": kinds[kind]}
                for kind in _kinds(paper.programme)
                if kind != "naming" and kind in kinds
            ],
        }

    return {"organisation": praised("organisation"), "member": praised("member")}


def _place_table(paper: PaperOf, frames: YearFrames, words: Wording) -> PlaceTable:
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
        "place_zh": place_word(paper.programme, places[0].tier if places else ""),
        "levels": [{"zh": tier_in(paper, level.tier, words)} for level in levels],
        "rows": [_table_row(name, cells.get(key, Counter()), columns, len(levels)) for key, name in listed],
        "total": _table_row("", sum(cells.values(), Counter()), columns, len(levels)),
    }


def _table_row(name: str, cell: Mapping[str, int], columns: Sequence[str], levels: int) -> PlaceRow:
    numbers = [cell[column] for column in columns]
    return {
        "name": name, "named": sum(numbers[:levels]), "levels": numbers[:levels], "organisations": numbers[-2],
        "members": numbers[-1],
    }


def _named_lists(paper: PaperOf, frames: YearFrames, words: Wording) -> list[tuple[str, NameList]]:
    """The branches that the place itself named in the year, by level: titles, and what units filed with a day of decision."""
    mine, filed = frames.named_by(paper.node.node_id), _filed_namings(paper, frames)
    lists: list[tuple[str, NameList]] = []
    for level in reversed(paper.programme.levels):
        rows, more = mine[mine["level"] == level.key], filed[filed["level"] == level.key]
        entries = [*zip(rows["unit_id"], rows["branch_name"], strict=True), *zip(more["unit_id"], more["recipient"], strict=True)]
        if entries:
            title = _title(level, paper, words) if rows.empty else of_own_kind(str(rows["title"].iloc[0]), paper.node.name, words)
            made = name_list(title, entries, paper.register, paper.node.node_id, of_people=False)
            lists.append(("naming", made))
    return lists


def _filed_namings(paper: PaperOf, frames: YearFrames) -> pd.DataFrame:
    """Who counts as named at the place's own tier, with a day of decision behind it, without a title on record."""
    own = [level.key for level in paper.programme.levels if level.tier == paper.node.tier]
    titled = set(zip(frames.titles["branch_id"], frames.titles["level"], strict=True))
    rows = frames.subjects[
        frames.subjects["unit_id"].isin(units_under(paper.register, paper.node.node_id))
        & (frames.subjects["kind"] == "naming")
        & frames.subjects["level"].isin(own)
        & frames.subjects["decided_on"].notna()
    ]
    new = [key not in titled for key in zip(rows["branch_id"], rows["level"], strict=True)]
    return rows[pd.Series(new, index=rows.index, dtype=bool)]


def _praised_lists(paper: PaperOf, frames: YearFrames) -> list[tuple[str, NameList]]:
    """Who was commended by the place's own tier, with a day of decision behind it, by title: organisations, then members."""
    inside = units_under(paper.register, paper.node.node_id)
    own = frames.subjects[
        frames.subjects["unit_id"].isin(inside)
        & (frames.subjects["kind"] == COMMENDED)
        & (frames.subjects["tier"] == paper.node.tier)
        & frames.subjects["decided_on"].notna()
    ]
    lists: list[tuple[str, NameList]] = []
    for subject in SUBJECTS:
        of_subject = own[own["recipient_kind"] == subject]
        for title in sorted(of_subject["title"].fillna("").unique()):
            rows = of_subject[of_subject["title"].fillna("") == title]
            entries = list(zip(rows["unit_id"], rows["recipient"], strict=True))
            made = name_list(
                one_line(title), entries, paper.register, paper.node.node_id, of_people=subject == "member"
            )
            lists.append((subject, made))
    return lists


def _reconciliation(rows: pd.DataFrame, node_id: str) -> list[Reconciled]:
    """Filed figures of the place beside the list."""
    return [
        {
            "indicator": row.indicator, "filed": _whole(row.value), "listed": _whole(row.listed),
            "distinct": _whole(row.distinct_count), "repeated": _whole(row.repeated),
        }
        for row in rows[rows["unit_id"] == node_id].itertuples()
    ]


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)
