"""The awards of a year, worked out afresh from scores, reviews, titles and quotas: all branches, level by level.

At each level a branch holds it already, or something stands against it (the first in the order of `obstacles`), or it is ranked
among those of its naming place; as many as places are left are named, the others wait. The order is total: points, the rubric's
tie-breaks, at last the branch id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from etl.core.awards.award_inputs import AwardInputs
from etl.core.awards.quota import Places, places_left
from etl.core.programmes.measures import POINT_SCALE
from etl.core.programmes.naming import NamingLevel

Mask = np.ndarray
COLUMNS = (
    "level", "branch_id", "unit_id", "node_id", "branch_name", "outcome", "score", "rank", "highest", "reason"
)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something the run has to say to people: what (a key of the catalogue), where, and with which values."""

    key: str
    level: str
    node_id: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Result:
    """`table`: one row a level and branch to which it applies; `places` by (level, node); what must be said."""

    table: pd.DataFrame
    places: Mapping[tuple[str, str], Places]
    answers: tuple[Remark, ...]

    def named(self) -> dict[str, int]:
        """Level → branches whose highest naming it is: the counting rule."""
        counted = self.table[self.table["highest"]].groupby("level", observed=True).size()
        return {str(level): int(number) for level, number in counted.items()}


def award(inputs: AwardInputs) -> Result:
    """Who is named, who waits and who is not named, and why, at every level of the programme."""
    inputs = _in_order(inputs)
    named: dict[str, Mask] = {}
    tables, places, answers = [], dict[tuple[str, str], Places](), list[Remark]()
    for level in inputs.programme.levels:
        table, left, said = _at_level(inputs, level, named)
        tables.append(table)
        places |= left
        answers += said
        chosen = set(table.loc[table["outcome"] == "named", "branch_id"])
        named[level.key] = inputs.scores["branch_id"].isin(chosen).to_numpy()
    whole = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(COLUMNS))
    return Result(_with_highest(inputs, whole), places, tuple(answers))


def _in_order(inputs: AwardInputs) -> AwardInputs:
    """The inputs with their scores in the order of branch ids: how they came in must not matter."""
    return replace(inputs, scores=inputs.scores.sort_values("branch_id", ignore_index=True))


def _at_level(
    inputs: AwardInputs, level: NamingLevel, named: Mapping[str, Mask]
) -> tuple[pd.DataFrame, dict[tuple[str, str], Places], list[Remark]]:
    scores = inputs.scores
    node, score = naming_nodes(inputs, level), level_scores(inputs, level)
    against = obstacles(inputs, level, named)
    held = holds(inputs, level.key)
    reason = np.select(list(against.values()), list(range(1, len(against) + 1)), 0)
    able = (node != "") & ~held & (reason == 0)
    rank = _ranks(inputs, node, score, able)
    nodes = sorted(set(node[node != ""]))
    left = {
        (level.key, each): places_left(
            inputs.programme, level, each, inputs.period.year, inputs.taken(), inputs.moves
        )
        for each in nodes
    }
    unlimited = len(scores) + 1
    room = {
        each: unlimited if left[level.key, each].left is None else left[level.key, each].left
        for each in nodes
    }
    within = rank <= pd.Series(node).map(room).fillna(0).to_numpy()
    outcome = np.select([held, able & within, able], ["held", "named", "waiting"], "not_named")
    keys = np.array(["", *against], dtype=object)
    table = scores[["branch_id", "unit_id", "branch_name"]].assign(
        level=level.key, node_id=node, outcome=outcome, score=score, rank=pd.arrays.IntegerArray(rank, ~able),
        reason=np.where(outcome == "not_named", keys[reason], ""),
    )
    said = [*_overdrawn(left), *_ties(inputs, table, level, left), *_many_members(inputs, table, level)]
    return table[node != ""], left, said


def naming_nodes(inputs: AwardInputs, level: NamingLevel) -> Mask:
    """For each branch the place that names it at a level; empty where its tier is not on the branch's way."""
    at = {node: path.get(level.tier, "") for node, path in inputs.paths.items()}
    nodes: Mask = inputs.scores["node_id"].map(at).fillna("").to_numpy(dtype=object)
    return nodes


def level_scores(inputs: AwardInputs, level: NamingLevel) -> Mask:
    """Hundredths by which a branch is ranked: the points of the highest tier up to the level's that gave any, else measured."""
    found: Mask = inputs.scores["points"].to_numpy(dtype=np.int64)
    for tier in _tiers_up_to(inputs, level.tier):
        given = _review_column(inputs, tier, "points")
        there = given.notna().to_numpy()
        found = np.where(there, given.fillna(0).to_numpy(dtype=np.int64), found)
    return found


def holds(inputs: AwardInputs, level: str, *, before: bool = False) -> Mask:
    """Which branches hold a title of the level as of the day; `before`: conferred for an earlier period."""
    mine = inputs.titles[(inputs.titles["level"] == level) & inputs.titles["valid"].astype(bool)]
    if before:
        mine = mine[mine["period"] != str(inputs.period)]
    has: Mask = inputs.scores["branch_id"].isin(set(mine["branch_id"])).to_numpy()
    return has


def obstacles(inputs: AwardInputs, level: NamingLevel, named: Mapping[str, Mask]) -> dict[str, Mask]:
    """What stands against each branch at a level, in the order in which it is told: reason → mask.

    `named`: level → branches named in this round, which counts as holding it unless the level asks for `held_before`.
    """
    against = {**gates(inputs, level), **_below(inputs, level, named)}
    node_path = inputs.scores["node_id"]
    for tier in _tiers_up_to(inputs, level.tier):
        on_way = node_path.map({node: tier in path for node, path in inputs.paths.items()}).to_numpy(
            dtype=bool
        )
        against |= {key: mask & on_way for key, mask in _reviewed(inputs, level, tier).items()}
    mark = pass_mark(inputs, level)
    if mark is not None:
        against["below_mark"] = level_scores(inputs, level) < mark
    return against


def pass_mark(inputs: AwardInputs, level: NamingLevel) -> int | None:
    """The pass mark of a level in hundredths: its own, else the rubric's in force; None where there is none."""
    if level.pass_mark is not None:
        return level.pass_mark.value * POINT_SCALE
    rubric = inputs.programme.rubric
    mark = rubric.pass_mark.on(inputs.period.last_day) if rubric else None
    return None if mark is None else mark * POINT_SCALE


def gates(inputs: AwardInputs, level: NamingLevel) -> dict[str, Mask]:
    """What stands against a branch whatever anybody thinks of it: reason → mask."""
    scores, programme = inputs.scores, inputs.programme
    branch = scores["branch_id"]
    least = programme.eligibility.min_members if programme.eligibility else 0
    rectify = bool(programme.gate and programme.gate.rectify_first.value)
    sweeps = programme.gate.sweeps.count if programme.gate else 0
    swept = scores["sweeps"].to_numpy() + branch.map(inputs.swept).fillna(0).to_numpy(dtype=np.int64)
    blocked = {key: branch.isin(set(ids)).to_numpy() for key, ids in inputs.blocked.items()}
    nobody = np.zeros(len(scores), dtype=bool)
    return {
        "dissolved": blocked.get("dissolved", nobody),
        "members_few": (scores["members"].fillna(0) < least).to_numpy(dtype=bool),
        "rectifying": rectify
        & (scores["rectifying"].to_numpy(dtype=bool) | blocked.get("rectifying", nobody)),
        "sweeps_few": swept < sweeps,
        "findings_open": blocked.get("findings_open", nobody),
        "objection_upheld": blocked.get(f"objection_upheld:{level.key}", nobody),
    }


def _below(inputs: AwardInputs, level: NamingLevel, named: Mapping[str, Mask]) -> dict[str, Mask]:
    """Levels that must be held and are not; a level whose tier is not on the branch's way is not asked for."""
    against = {}
    for need in level.needs:
        below = inputs.programme.level(need)
        there = naming_nodes(inputs, below) != ""
        has = holds(inputs, need, before=level.held_before)
        if not level.held_before:
            has = has | named.get(need, np.zeros(len(has), dtype=bool))
        against[f"level_below:{need}"] = there & ~has
    return against


def _reviewed(inputs: AwardInputs, level: NamingLevel, tier: str) -> dict[str, Mask]:
    """What a tier's review says against the branch, or that there is none."""
    order = {each.key: at for at, each in enumerate(inputs.programme.levels)}
    verdict = _review_column(inputs, tier, "verdict")
    reached = _review_column(inputs, tier, "level").map(order).fillna(-1).to_numpy(dtype=np.int64)
    recommended = (verdict == "recommend").to_numpy(dtype=bool)
    on_site = inputs.programme.rubric is not None and inputs.programme.rubric.mode == "inspection"
    visited = _review_column(inputs, tier, "visited").fillna(False).to_numpy(dtype=bool)
    return {
        f"not_reviewed:{tier}": verdict.isna().to_numpy(),
        f"returned:{tier}": (verdict == "return").to_numpy(dtype=bool),
        f"refused:{tier}": (verdict == "refuse").to_numpy(dtype=bool),
        f"not_recommended:{tier}": recommended & (reached < order[level.key]),
        f"not_visited:{tier}": recommended & ~visited & on_site & (tier == level.tier),
    }


def _tiers_up_to(inputs: AwardInputs, tier: str) -> tuple[str, ...]:
    programme = inputs.programme
    return tuple(each for each in programme.reviewing_tiers() if programme.height(each) <= programme.height(tier))


def _review_column(inputs: AwardInputs, tier: str, name: str) -> pd.Series:
    return inputs.reviewed_by(tier)[name]


def _order_keys(inputs: AwardInputs, score: Mask) -> list[Mask]:
    """What decides the order, most important first; smaller comes first."""
    rubric = inputs.programme.rubric
    ties = rubric.tie_breaks if rubric else ()
    breaks = [-inputs.scores[f"{tie.by}__{tie.key}"].to_numpy(dtype=np.int64) for tie in ties]
    return [-score, *breaks]


def _ranks(inputs: AwardInputs, node: Mask, score: Mask, able: Mask) -> Mask:
    """The rank of each able branch among those of its naming place, from 1; 0 for the others.

    Scores are in the order of branch ids, and the sort is stable: the last resort is the branch id.
    """
    at = np.flatnonzero(able)
    codes = np.unique(node[at], return_inverse=True)[1] if len(at) else np.zeros(0, dtype=np.int64)
    keys = [key[at] for key in _order_keys(inputs, score)]
    order = np.lexsort([*reversed(keys), codes])
    ranks = np.zeros(len(node), dtype=np.int64)
    sorted_codes = codes[order]
    starts = np.r_[True, sorted_codes[1:] != sorted_codes[:-1]] if len(order) else np.zeros(0, dtype=bool)
    begins = np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0)) if len(order) else order
    ranks[at[order]] = np.arange(len(order)) - begins + 1
    return ranks


def _overdrawn(left: Mapping[tuple[str, str], Places]) -> list[Remark]:
    return [
        Remark("quota_overdrawn", level, node, {"quota": places.quota, "taken": places.taken})
        for (level, node), places in left.items()
        if places.overdrawn
    ]


def _many_members(inputs: AwardInputs, table: pd.DataFrame, level: NamingLevel) -> list[Remark]:
    """The branches to be named that have more members than is usual, by naming place: told, and not left out."""
    usual = inputs.programme.eligibility.max_members if inputs.programme.eligibility else None
    many = (table["outcome"] == "named") & (inputs.scores["members"].fillna(0) > (usual or 0)).to_numpy(dtype=bool)
    if usual is None or not many.any():
        return []
    found = table[many].groupby("node_id", observed=True)["branch_id"]
    return [Remark("members_many", level.key, str(node), {"branches": "、".join(ids), "usual": usual}) for node, ids in found]


def _ties(
    inputs: AwardInputs, table: pd.DataFrame, level: NamingLevel, left: Mapping[tuple[str, str], Places]
) -> list[Remark]:
    """The last one in and the first one out of a place, where only the last resort tells them apart."""
    limited = {node: places.left for (_, node), places in left.items() if places.left is not None}
    ranks = table["rank"].fillna(0).to_numpy(dtype=np.int64)
    cut = table["node_id"].map(limited).fillna(-1).to_numpy(dtype=np.int64)
    near = np.flatnonzero((ranks > 0) & ((ranks == cut) | (ranks == cut + 1)))
    at = {(table["node_id"].iloc[row], int(ranks[row])): row for row in near}
    keys = np.column_stack(_order_keys(inputs, table["score"].to_numpy(dtype=np.int64)))
    found = []
    for node, places in limited.items():
        last, first = at.get((node, places)), at.get((node, places + 1))
        if last is not None and first is not None and (keys[last] == keys[first]).all():
            branches = table["branch_id"].iloc[[last, first]].tolist()
            found.append(Remark("tie_at_cut_off", level.key, node, {"in": branches[0], "out": branches[1]}))
    return found


def _with_highest(inputs: AwardInputs, whole: pd.DataFrame) -> pd.DataFrame:
    """Marks the row at which each branch counts: its highest level named in this round."""
    order = {level.key: at for at, level in enumerate(inputs.programme.levels)}
    named = whole[whole["outcome"] == "named"]
    top = (
        named.assign(at=named["level"].map(order)).sort_values("at").drop_duplicates("branch_id", keep="last")
    )
    return whole.assign(highest=whole.index.isin(top.index))[list(COLUMNS)]
