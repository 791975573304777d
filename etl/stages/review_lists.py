"""Whole lists of reviews: the workbook that a place fills in, and files that come back with entries."""

import csv
import io
from dataclasses import dataclass
from typing import Any

from etl.core.awards.award_inputs import in_force, tier_paths
from etl.core.awards.review import Entry
from etl.core.awards.review_standing import Standing, list_digest, notes, offered_level, place_name, standings
from etl.core.programmes.programme import Programme
from etl.core.returns.events import By
from etl.edges.award_words import award_words, say
from etl.edges.review_workbook import VISIT, ReadBack, ReviewList, read_back, workbook_bytes
from etl.edges.seal import seal_secret
from etl.errors import Misuse
from etl.stages.context import Context
from etl.stages.review import Taken, enter
from etl.stages.review_totals import reviews_on
from etl.stages.score import known_scores

Row = dict[str, Any]
GIVEN = ("recommend", "return", "refuse")
"""The verdicts that a tier may give."""
_FIELDS = ("branch_id", "tier", "verdict", "level", "points", "reason", "evidence", "supersedes")


@dataclass(frozen=True)
class ListAnswer:
    """What came of a whole list: why it was refused as a whole (Chinese, or empty), else what came of its entries."""

    refusal: str
    taken: Taken


NOTHING = Taken((), 0, ())


def review_workbook(context: Context, tier: str, place: str) -> bytes:
    """The workbook of a place at a tier: the branches whose turn it is. Misuse for an unknown place or tier."""
    return workbook_bytes(
        review_list(context, tier, place), award_words()["workbook"], seal_secret(context.settings)
    )


def standing_lists(context: Context) -> dict[tuple[str, str], list[Standing]]:
    """(tier, place) → where its branches stand before it, by branch id; the lists of the lowest tier first."""
    programme = context.bundle.programme
    scores, held = known_scores(context), in_force(reviews_on(context))
    paths = tier_paths(context.register, {score.node_id for score in scores})
    lists: dict[tuple[str, str], list[Standing]] = {}
    for each in standings(scores, held, programme, paths):
        lists.setdefault((each.tier, each.node_id), []).append(each)
    order = {node.node_id: at for at, node in enumerate(context.register.nodes)}
    tiers = programme.reviewing_tiers()

    def place_in_order(key: tuple[str, str]) -> tuple[int, int, str]:
        tier, node_id = key
        return tiers.index(tier), order[node_id.partition("/")[0]], node_id

    return {key: lists[key] for key in sorted(lists, key=place_in_order)}


def review_list(context: Context, tier: str, place: str) -> ReviewList:
    """The branches that a place (its code, or its node) has still to review: those the tier below has recommended."""
    programme = context.bundle.programme
    node_id, due = _due(context, tier, place)
    words, names = award_words(), programme.tier_names()
    title = f"{programme.title.zh}{context.period.zh}{place_name(node_id, context.register)}{words['workbook']['sheet']}"
    levels = {level.key: level.title for level in programme.levels}
    verdicts = {key: words["verdicts"][key] for key in GIVEN}
    return ReviewList(
        programme.programme, str(context.period), tier, node_id, f"{title}（{names[tier]}）",
        _rows(context, due), verdicts, levels, most_points(context), visits_wanted(context),
    )


def _due(context: Context, tier: str, place: str) -> tuple[str, list[Standing]]:
    """The node of a place (its code, or its node) and the branches that wait for it. Misuse for an unknown place or tier."""
    programme = context.bundle.programme
    if tier not in programme.reviewing_tiers():
        raise Misuse(
            f"{tier} does not review in {programme.programme}; there are: {', '.join(programme.reviewing_tiers())}"
        )
    lists = standing_lists(context)
    known = {node.code: node.node_id for node in context.register.nodes if node.tier == tier}
    node_id = known.get(place, place)
    if (tier, node_id) not in lists and node_id not in known.values():
        raise Misuse(f"no {tier} with the code {place} in {programme.programme} {context.period}")
    return node_id, [each for each in lists.get((tier, node_id), []) if each.state == "due"]


def most_points(context: Context) -> float:
    """The most points that a review can give in all."""
    rubric = context.bundle.programme.rubric
    return float(rubric.most(context.period.last_day)) if rubric else 0.0


def visits_wanted(context: Context) -> bool:
    """Whether the programme inspects on site, so that a review may carry a visit."""
    rubric = context.bundle.programme.rubric
    return rubric is not None and rubric.mode == "inspection"


def _rows(context: Context, due: list[Standing]) -> list[Row]:
    names = context.register.names
    return [
        {"branch_id": each.score.branch_id, "branch_name": each.score.branch_name, "unit_name": names.get(each.score.unit_id, ""),
         "measured": each.score.points, "self": each.own_points,
         "below": each.below.points if each.below else None, "note": notes_in_words(each.score.members, context.bundle.programme)}
        for each in due
    ]


def notes_in_words(members: int | None, programme: Programme) -> str:
    """What whoever judges a branch of so many members should look at; '' for nothing."""
    return "；".join(say("notes", key, **values) for key, values in notes(members, programme))


def import_reviews(
    context: Context, content: bytes, file_name: str, by: By, only: tuple[str, str] | None = None
) -> ListAnswer:
    """Take in a filled review workbook, or a CSV with the columns of an entry; everything else is answered, nothing is lost.

    `only`: the tier and place whose workbook alone is taken, from whoever may speak for no other; a CSV is not taken then.
    """
    if only is None and file_name.lower().endswith(".csv"):
        return ListAnswer("", enter(context, csv_entries(content), by))
    words = award_words()
    levels = {level.key: level.title for level in context.bundle.programme.levels}
    back = read_back(content, words["workbook"], words["verdicts"], levels, seal_secret(context.settings))
    refusal = back.refusal and say("workbook", back.refusal)
    if not refusal and (back.programme, back.period) != context.key:
        refusal = _other(context, back)
    if not refusal and only not in (None, (back.tier, back.node_id)):
        refusal = say("workbook", "other_place", given=place_name(back.node_id, context.register))
    return ListAnswer(refusal, NOTHING) if refusal else ListAnswer("", enter(context, back.entries, by))


def _other(context: Context, back: ReadBack) -> str:
    wanted, given = " ".join(context.key), f"{back.programme} {back.period}"
    return say("workbook", "other", given=given, wanted=wanted)


def csv_entries(content: bytes) -> list[Entry]:
    """Entries out of a CSV (UTF-8): the columns of an entry, `item:<key>` for points of an item, and those of a visit."""
    entries = []
    for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"))):
        given = {key: (value or "").strip() for key, value in row.items() if key}
        items = {
            key.removeprefix("item:"): text for key, text in given.items() if key.startswith("item:") and text
        }
        visit = {key: given[key] for key in VISIT if given.get(key)}
        known = {key: given.get(key, "") for key in _FIELDS}
        entries.append(Entry(**known, item_points=items, visit=visit or None))
    return entries


def pending_lists(context: Context, tier: str | None = None) -> list[Row]:
    """The lists that wait for a decision, lowest tier first (or those of one tier): tier, node and name of the place, how many
    branches, the digest of the list. A place that the tier below has sent nobody has none."""
    programme, found = context.bundle.programme, []
    for key, listed in standing_lists(context).items():
        due = [each for each in listed if each.state == "due"]
        if due and tier in (None, key[0]):
            found.append(
                {"tier": key[0], "node_id": key[1], "name": place_name(key[1], context.register), "branches": len(due),
                 "digest": list_digest(due, programme)}
            )
    return found


def decide_list(
    context: Context, tier: str, place: str, shown: str, verdict: str, level: str, reason: str, by: By
) -> ListAnswer:
    """One verdict over a place's whole list, as a person signs it off or sends it back: a review of every branch on it.

    `shown`: the digest of the list that the person saw; where the list is another by now, nothing is taken and it is said.
    A recommendation without a level agrees with the tier below: each branch goes to the level up to which that recommended it.
    """
    programme = context.bundle.programme
    node_id, due = _due(context, tier, place)
    now = list_digest(due, programme)
    if shown != now:
        return ListAnswer(say("list_sign_off", "changed", branches=len(due), now=now), NOTHING)
    agreed = verdict == "recommend" and not level
    entries = [
        Entry(
            each.score.branch_id, tier, verdict, offered_level(each, programme) if agreed else level, reason=reason,
            node_id=node_id,
        )
        for each in due
    ]
    return ListAnswer("", enter(context, entries, by))
