"""“Why not us”: what stands between one branch and each level, out of the sealed inputs of a run."""

from dataclasses import replace
from typing import Any

import pandas as pd

from etl.core.awards.award_inputs import AwardInputs, in_force
from etl.core.awards.award_table import Result, award, obstacles, pass_mark
from etl.core.awards.titles import title_for
from etl.core.programmes.measures import POINT_SCALE
from etl.core.programmes.naming import NamingLevel
from etl.core.wording import within_quotes
from etl.edges.award_words import measured_words, say
from etl.edges.store.awards import reviews_of
from etl.errors import Misuse
from etl.stages.award import sealed_inputs, the_run
from etl.stages.context import Context
from etl.stages.review_lists import notes_in_words
from etl.stages.score import explain_score, known_scores

LOST_MOST = 3  # how many items a slip names


def why_not(context: Context, branch_id: str, run_id: str | None = None) -> list[str]:
    """The slip of one branch, in Chinese: a heading, a line a level, and the items on which it lost most.

    Misuse if the branch was not among those scored.
    """
    inputs = sealed_inputs(context, the_run(context, run_id))
    result = award(inputs)
    mine = inputs.scores[inputs.scores["branch_id"] == branch_id]
    if mine.empty:
        raise Misuse(f"no branch {branch_id} among those scored for {context.key[1]}")
    name = mine["branch_name"].item()
    lines = [say("slip", "heading", branch=name, branch_id=branch_id, period=context.period.zh)]
    lines += [_line(context, inputs, result, level, branch_id) for level in inputs.programme.levels]
    members = None if pd.isna(mine["members"].item()) else int(mine["members"].item())
    noted = [say("slip", "note", said=said) for said in [notes_in_words(members, inputs.programme)] if said]
    return [*lines, *noted, *_lost(context, branch_id)]


def _line(context: Context, inputs: AwardInputs, result: Result, level: NamingLevel, branch_id: str) -> str:
    table = result.table[result.table["level"] == level.key]
    mine = table[table["branch_id"] == branch_id]
    if mine.empty:
        return say("slip", "not_open", title=_title(context, inputs, level.key, branch_id))
    row = mine.iloc[0]
    title = _title(context, inputs, level.key, branch_id)
    at_place = table[table["node_id"] == row["node_id"]]
    cut_off = at_place.loc[at_place["outcome"] == "named", "score"].min()
    if row["outcome"] == "waiting":
        return _waiting(inputs, result, level, title, row, cut_off)
    if row["outcome"] == "not_named":
        return _not_named(context, inputs, result, level, title, row, at_place, cut_off)
    return say("slip", row["outcome"], title=title, score=_points(row["score"]), rank=row["rank"])


def _waiting(
    inputs: AwardInputs, result: Result, level: NamingLevel, title: str, row: Any, cut_off: Any
) -> str:
    places = result.places[level.key, row["node_id"]].left
    shown = {"title": title, "score": _points(row["score"]), "rank": row["rank"], "places": places}
    if pd.isna(cut_off):
        return say("slip", "waiting", **shown, cut_off="—", gap="—")
    if cut_off > row["score"]:
        return say("slip", "waiting", **shown, cut_off=_points(cut_off), gap=_points(cut_off - row["score"]))
    return say("slip", "waiting_tie", **shown, cut_off=_points(cut_off), order=_order(inputs))


def _order(inputs: AwardInputs) -> str:
    rubric = inputs.programme.rubric
    names = {each.key: each.zh for each in rubric.dimensions} if rubric else {}
    names |= {item.key: item.zh for item in rubric.all_items()} if rubric else {}
    ties = rubric.tie_breaks if rubric else ()
    return (
        say("slip", "tie_breaks", keys="、".join(names[tie.key] for tie in ties))
        if ties
        else say("slip", "last_resort")
    )


def _not_named(
    context: Context,
    inputs: AwardInputs,
    result: Result,
    level: NamingLevel,
    title: str,
    row: Any,
    at_place: pd.DataFrame,
    cut_off: Any,
) -> str:
    reasons = [
        _reason(context, inputs, level, key, row)
        for key in _all_against(inputs, result, level, row["branch_id"])
    ]
    ranked = at_place[at_place["outcome"].isin(["named", "waiting"])]
    standing = say(
        "slip", "standing", score=_points(row["score"]), rank=int((ranked["score"] >= row["score"]).sum()) + 1
    )
    if not pd.isna(cut_off):
        standing += say("slip", "standing_cut_off", cut_off=_points(cut_off))
    return say("slip", "not_named", title=title, reasons="；".join([*reasons, standing]))


def _all_against(inputs: AwardInputs, result: Result, level: NamingLevel, branch_id: str) -> list[str]:
    """Everything that stands against one branch, not only the first."""
    one = replace(
        inputs, scores=inputs.scores[inputs.scores["branch_id"] == branch_id].reset_index(drop=True)
    )
    named = result.table[(result.table["branch_id"] == branch_id) & (result.table["outcome"] == "named")]
    held = {
        each.key: (pd.Series([each.key]).isin(named["level"])).to_numpy() for each in inputs.programme.levels
    }
    return [key for key, mask in obstacles(one, level, held).items() if mask[0]]


def _reason(context: Context, inputs: AwardInputs, level: NamingLevel, key: str, row: Any) -> str:
    name, _, of = key.partition(":")
    programme, branch = inputs.programme, row["branch_id"]
    score = inputs.scores[inputs.scores["branch_id"] == branch].iloc[0]
    tiers = programme.tier_names()
    values: dict[str, Any] = {
        "tier": tiers.get(of, of),
        "members": 0 if pd.isna(score["members"]) else score["members"],
        "least": programme.eligibility.min_members if programme.eligibility else 0,
        "sweeps": int(score["sweeps"]) + inputs.swept.get(branch, 0),
        "wanted": programme.gate.sweeps.count if programme.gate else 0,
        "score": _points(row["score"]),
    }
    mark = pass_mark(inputs, level)
    if name == "below_mark" and mark is not None:
        values |= {"mark": _points(mark), "gap": _points(mark - row["score"])}
    if name == "level_below":
        values["level"] = _title(context, inputs, of, branch)
    if name in ("returned", "refused", "not_recommended"):
        values |= _said(context, inputs, branch, of)
    return say("reasons", name, **values)


def _said(context: Context, inputs: AwardInputs, branch_id: str, tier: str) -> dict[str, str]:
    """What the tier's review in force gave as reason, and up to which level it recommended."""
    last = in_force(reviews_of(context.store, *context.key, inputs.as_of))[branch_id, tier]
    return {
        "reason": last.reason,
        "recommended": _title(context, inputs, last.level, branch_id) if last.level else "",
    }


def _title(context: Context, inputs: AwardInputs, level: str, branch_id: str) -> str:
    """What a level's title is called where the branch stands, as it reads within quotation marks."""
    node_id = inputs.scores.loc[inputs.scores["branch_id"] == branch_id, "node_id"].item()
    return within_quotes(title_for(inputs.programme.level(level), context.register, node_id))


def _lost(context: Context, branch_id: str) -> list[str]:
    """The items as they are scored now, for a run seals points alone; none of a branch that is no longer scored."""
    if branch_id not in {each.branch_id for each in known_scores(context)}:
        return []
    items = [each for each in explain_score(context, branch_id) if each.points < each.most]
    worst = sorted(items, key=lambda each: (each.points - each.most, each.item))[:LOST_MOST]
    said = [
        say("slip", "lost_item", item=each.zh, points=each.points, most=each.most, measured=measured_words(each))
        for each in worst
    ]
    return [say("slip", "lost", items="、".join(said))] if said else []


def _points(hundredths: Any) -> str:
    return f"{int(hundredths) // POINT_SCALE}.{int(hundredths) % POINT_SCALE:02d}"
