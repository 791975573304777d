"""Reviews as the page shows them: whose lists a viewer sees, which of them are the viewer's to fill in, and a branch's case."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from typing import Any

from fastapi import HTTPException, Request

from etl.core.access import Viewer, stands_at
from etl.core.awards.award import Review
from etl.core.awards.award_inputs import in_force
from etl.core.awards.review import reaches_tier
from etl.core.awards.review_standing import Standing, list_digest, offered_level, place_name
from etl.edges.award_words import award_words, measured_words, place_words
from etl.edges.store.awards import reviews_of, score_run, scored_periods
from etl.edges.store.database import open_store
from etl.settings import settings
from etl.stages.context import Context, open_year
from etl.stages.review_lists import GIVEN, most_points, notes_in_words, standing_lists, visits_wanted
from etl.stages.score import explain_score
from etl.web.desk import Desk, years_seen

Row = dict[str, Any]
Key = tuple[str, str]


class ReviewDesk(Desk):
    """What a request about the reviews of a year is about."""

    @cached_property
    def scored(self) -> bool:
        """Whether the year is scored; without it there is nothing to review."""
        return score_run(self.context.store, *self.context.key) is not None

    @cached_property
    def all_lists(self) -> dict[Key, list[Standing]]:
        """The lists of all places; reading them reads the year's scores and reviews."""
        return standing_lists(self.context)

    @cached_property
    def lists(self) -> dict[Key, list[Standing]]:
        """The lists of the places that the viewer sees: at or under the viewer's own."""
        return {key: listed for key, listed in self.all_lists.items() if _stands_at(key[1]) in self.nodes}

    def listed(self, tier: str, place: str) -> list[Standing]:
        """One list; 404 for one that is not there or not the viewer's to see: both look the same."""
        if (tier, place) not in self.lists:
            raise HTTPException(404)
        return self.lists[tier, place]

    def may_judge(self, place: str) -> bool:
        """Whether the viewer stands at the place itself; a township's reviews come through the account of its county."""
        return stands_at(self.viewer, self.context.register, place)

    def name(self, place: str) -> str:
        """The name of a place that reviews."""
        return place_name(place, self.context.register)


def _stands_at(place: str) -> str:
    """The node of the register at which the accounts of a place stand."""
    return place.partition("/")[0]


def review_desk(request: Request, programme: str, period: str) -> ReviewDesk:
    """The desk of a request; 404 for what is not there or not scored, or where the viewer has no unit."""
    desk = year_desk(request, programme, period)
    if not desk.scored:
        raise HTTPException(404)
    return desk


def year_desk(request: Request, programme: str, period: str) -> ReviewDesk:
    """The desk of a request about a year, scored or not; 404 for one that is not there, or where the viewer has no unit."""
    return ReviewDesk.of(request, programme, period, open_year)


def reviewed_periods(viewer: Viewer, programme: str) -> list[Row]:
    """The scored years and batches of a programme in which the viewer has a unit, newest first."""
    return as_choices(years_seen(viewer, programme, scored_periods(open_store(settings().database_url), programme)))


def as_choices(years: Iterable[Context]) -> list[Row]:
    """Years to choose from: `period` and `zh` of each."""
    return [{"period": context.key[1], "zh": context.period.zh} for context in years]


def heading(desk: ReviewDesk) -> Row:
    """What every page of the reviews says on top, and the words that it chooses by a key."""
    programme = desk.context.bundle.programme
    return {
        "viewer": desk.viewer, "programme": programme, "period": desk.context.period, "now": desk.at,
        "tiers": programme.tier_names(), "verdicts": award_words()["verdicts"], "given": GIVEN,
        "origins": award_words()["origins"],
        "titles": {level.key: level.title for level in programme.levels},
    }


def overview(desk: ReviewDesk) -> Row:
    """The lists that the viewer sees, the viewer's own first, and how far each has come."""
    rows = [_summary(desk, key, listed) for key, listed in desk.lists.items()]
    return {
        "lists": sorted(rows, key=lambda row: not row["mine"]),
        "periods": reviewed_periods(desk.viewer, desk.context.key[0]),
        "branches": [] if rows else _own_branches(desk),
    }


def _summary(desk: ReviewDesk, key: Key, listed: Sequence[Standing]) -> Row:
    states = Counter(each.state for each in listed)
    verdicts = Counter(str(each.mine.verdict) for each in listed if each.mine)
    return {
        "tier": key[0], "place": key[1], "name": desk.name(key[1]), "mine": desk.may_judge(key[1]), "all": len(listed),
        "due": states["due"], "waiting": states["waiting"], "verdicts": {name: verdicts[name] for name in GIVEN},
    }


def _own_branches(desk: ReviewDesk) -> list[Row]:
    """The branches of a viewer who reviews nobody, with what each tier says of them."""
    rows: dict[str, Row] = {}
    for listed in desk.all_lists.values():
        for each in listed:
            if each.score.unit_id in desk.units:
                row = rows.setdefault(each.score.branch_id, {"score": each.score, "said": []})
                row["said"].append((each.tier, each.mine))
    return [rows[branch] for branch in sorted(rows)]


def list_model(desk: ReviewDesk, tier: str, place: str) -> Row:
    """One place's list: what is due, what waits for the tier below, what is reviewed, and whether the viewer may fill it in."""
    listed = desk.listed(tier, place)
    groups = {state: [each for each in listed if each.state == state] for state in ("due", "reviewed", "waiting")}
    return {
        "tier": tier, "place": place, "place_name": desk.name(place), "mine": desk.may_judge(place), "groups": groups,
        "digest": list_digest(groups["due"], desk.context.bundle.programme), "units": desk.context.register.names,
        "noted": partial(notes_in_words, programme=desk.context.bundle.programme), **choices(desk, tier),
    }


def choices(desk: ReviewDesk, tier: str) -> Row:
    """What may be chosen and filled in at a tier."""
    programme = desk.context.bundle.programme
    open_to = [level for level in programme.levels if reaches_tier(level.key, tier, programme)]
    return {"levels": open_to, "most": most_points(desk.context), "visits": visits_wanted(desk.context)}


def branch_model(desk: ReviewDesk, branch_id: str) -> Row:
    """A branch's case: its score item by item, what each tier says side by side, every record; and where the viewer may judge."""
    mine = [each for listed in desk.all_lists.values() for each in listed if each.score.branch_id == branch_id]
    if not mine or mine[0].score.unit_id not in desk.units:
        raise HTTPException(404)
    judged = next((each for each in mine if desk.may_judge(each.node_id) and each.state != "waiting"), None)
    listed_at = judged or next((each for each in mine if (each.tier, each.node_id) in desk.lists), None)
    listed = reviews_of(desk.context.store, *desk.context.key, branch_id=branch_id)
    held = {review.review_id for review in in_force(listed).values()}
    programme = desk.context.bundle.programme
    more = {**choices(desk, judged.tier), "offered": _first_level(judged, desk)} if judged else {}
    return {
        "score": mine[0].score, "unit": desk.context.register.unit(mine[0].score.unit_id), "standings": mine, "judged": judged,
        "listed_at": listed_at,
        "own": mine[0], "items": explain_score(desk.context, branch_id), "records": _records(listed, held),
        "place_name": desk.name, "noted": notes_in_words(mine[0].score.members, programme), "measured": measured_words,
        "belongs": place_words, **more,
    }


def _first_level(judged: Standing, desk: ReviewDesk) -> str:
    """The level that the form shows first: that of the review to be replaced, else what agreeing means."""
    return (judged.mine and judged.mine.level) or offered_level(judged, desk.context.bundle.programme)


def _records(listed: Sequence[Review], held: set[str]) -> list[Row]:
    return [{"review": each, "in_force": each.review_id in held} for each in reversed(listed)]
