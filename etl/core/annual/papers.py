"""The year's papers as models: what every one has, the naming decision, the recommendation; the summary has its own module.

A model is plain JSON without prose, as in `etl.core.reports.dispatch`; the templates of its `kind` give it words. Names stand in
it only where a decision stands behind them: a title (which nobody has before the public notice is over), or praise with the day
on which it was decided.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from etl.core.annual.model import Naming, NamingList, PaperList, Recommendation, YearEdition, YearParts
from etl.core.annual.rows import DutyAt, FactAt, HalfRow, RecommendedRow, VisitRow
from etl.core.awards.titles import title_for
from etl.core.judging.year_checks import CheckSum
from etl.core.period import Period
from etl.core.programmes.documents import PaperSettings, for_tier
from etl.core.programmes.programme import Programme
from etl.core.register import Node, Register
from etl.core.reports.model import PaperHead
from etl.core.reports.name_lists import NameList, name_list, units_under
from etl.core.reports.prose import numeral
from etl.core.wording import Wording, day_text, initial_of, of_own_kind, one_line, whole_of


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
    document_number, period (the year or the batch of it). `counts`, `subjects`, `reconciliation`: as
    `etl.core.awards.commendation` says. `notice_days`: working days of the public notice by (level, node). `halves`: a row a
    half-year and node. `duties`, `facts`: what is on record of places and of branches. `visits`: those that reviews in force
    rest on.
    """

    titles: pd.DataFrame
    counts: pd.DataFrame
    subjects: pd.DataFrame
    reconciliation: pd.DataFrame
    notice_days: Mapping[tuple[str, str], int]
    recommended: Sequence[RecommendedRow] = ()
    checks: Sequence[CheckSum] = ()
    halves: Sequence[HalfRow] = ()
    duties: Sequence[DutyAt] = ()
    facts: Sequence[FactAt] = ()
    visits: Sequence[VisitRow] = ()

    def decided(self, period: Period) -> "YearFrames":
        """With the titles of one period alone: a decision names who was named in its own year or batch, and nobody else's."""
        return replace(self, titles=self.titles[self.titles["period"] == str(period)])

    def named_by(self, node_id: str) -> pd.DataFrame:
        """The titles that a place conferred and that are their branch's highest."""
        return self.titles[(self.titles["node_id"] == node_id) & self.titles["highest"]]


def build_naming(paper: PaperOf, frames: YearFrames, words: Wording) -> Naming:
    """The decision by which one place names at its levels. LookupError if it names nobody."""
    levels = {level.key: level for level in paper.programme.levels}
    mine = frames.named_by(paper.node.node_id)
    if mine.empty:
        raise LookupError(f"{paper.node.node_id} names nobody in {paper.period}")
    of_node = frames.titles[frames.titles["node_id"] == paper.node.node_id]
    went_higher = bool((~of_node["highest"]).any())
    made: list[tuple[str, NameList]] = []
    for key in [key for key in levels if key in set(mine["level"])]:
        rows = mine[mine["level"] == key]
        entries = list(zip(rows["unit_id"], rows["branch_name"], strict=True))
        title = of_own_kind(str(rows["title"].iloc[0]), paper.node.name, words)
        made.append((key, name_list(title, entries, paper.register, paper.node.node_id, of_people=False)))
    lists: list[NamingList] = [
        {
            **listed, "level": key, "first": listed["groups"][0]["names"][0],
            "notice_days": frames.notice_days.get((key, paper.node.node_id)), "ordinal": ordinal,
        }
        for (key, listed), ordinal in zip(made, ordinals(len(made), words), strict=True)
    ]
    return {"kind": "naming", **common_parts(paper, words), "lists": lists, "counts_higher": went_higher}


def build_recommendation(paper: PaperOf, frames: YearFrames, words: Wording) -> Recommendation:
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
    lists: list[NameList] = []
    for level in paper.programme.levels:
        entries = [(each["unit_id"], each["name"]) for each in branches if each["level"] == level.key]
        if entries:
            title = title_for(level, paper.register, node_id)
            lists.append(name_list(title, entries, paper.register, node_id, of_people=False))
    for title in sorted(people["title"].fillna("").unique()):
        of_title = people[people["title"].fillna("") == title]
        entries = list(zip(of_title["unit_id"], of_title["recipient"], strict=True))
        lists.append(name_list(one_line(title), entries, paper.register, node_id, of_people=True))
    if not lists:
        raise LookupError(f"{node_id} recommends nobody in {paper.period}")
    numbered: list[PaperList] = [
        {**listed, "ordinal": ordinal} for listed, ordinal in zip(lists, ordinals(len(lists), words), strict=True)
    ]
    return {"kind": "recommendation", **common_parts(paper, words), "lists": numbered}


def ordinals(count: int, words: Wording) -> list[str]:
    """The Chinese numbers of so many lists; of one that stands alone it is empty."""
    return [numeral(at, words) if count > 1 else "" for at in range(1, count + 1)]


def common_parts(paper: PaperOf, words: Wording) -> YearParts:
    """The parts that every paper's template reads: edition, head, what it may say of order, its set texts."""
    settings = paper.settings
    edition, head = _frame(paper, words)
    return {
        "edition": edition,
        "head": head,
        "unranked": settings.unranked,
        "texts": {"basis": settings.basis, "purpose": settings.purpose, "hope": settings.hope},
    }


def _frame(paper: PaperOf, words: Wording) -> tuple[YearEdition, PaperHead]:
    """Edition and head of a paper."""
    node, settings, tier = paper.node, paper.settings, paper.node.tier
    name = one_line(node.name)
    above = "" if node.parent_id is None else one_line(paper.register.node(node.parent_id).name)
    values = {
        "name": name, "initial": initial_of(name, words), "kind": name[-1:], "parent": above, "whole": whole_of(name, words),
        "year": paper.issued_on.year,
        "number": paper.period.number, "period": paper.period.zh, "programme": paper.programme.title.zh,
    }
    values["organ"] = organ = for_tier(settings.issuer, tier).format(**values)
    edition: YearEdition = {
        "key": f"{paper.period}/{paper.programme.programme}/{node.node_id}/{paper.report}/r{paper.revision}",
        "programme": paper.programme.programme, "programme_zh": paper.programme.title.zh, "period": str(paper.period),
        "period_zh": paper.period.zh, "year": paper.period.year, "node_id": node.node_id, "name": name, "tier": tier,
        "tier_zh": tier_in(paper, tier, words), "whole": whole_of(name, words), "revision": paper.revision,
        "issued_on": paper.issued_on.isoformat(), "issued_on_zh": day_text(paper.issued_on, words),
    }
    head: PaperHead = {
        "organ": organ, "number": paper.document_number or for_tier(settings.number, tier).format(**values),
        "title_lines": [line.format(**values) for line in settings.title_lines],
        "to": for_tier(settings.to, tier).format(**values), "cc": for_tier(settings.cc, tier).format(**values),
        "printed_by": for_tier(settings.printed_by, tier).format(**values) or organ,
    }
    return edition, head


def place_word(programme: Programme, tier: str) -> str:
    """What a programme calls the places or units of a tier; '' for one that is not its own."""
    return tier_zh(programme, tier) or next((each.zh for each in programme.side_units if each.kind == tier), "")


def tier_in(paper: PaperOf, tier: str, words: Wording) -> str:
    """What a paper calls a tier: the programme's word; of the paper's own tier that of the very place, 市 for 州（市）."""
    zh = tier_zh(paper.programme, tier)
    return of_own_kind(zh, paper.node.name, words) if tier == paper.node.tier else zh


def tier_zh(programme: Programme, tier: str) -> str:
    """What a programme calls a tier; '' for one that is not its own."""
    return next((each.zh for each in programme.tiers if each.tier == tier), "")
