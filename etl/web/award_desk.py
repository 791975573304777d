"""Namings as the page shows them: whose a viewer sees, which are the viewer's to act on, and a branch's titles."""

from collections import Counter
from functools import cached_property
from typing import Any

from fastapi import HTTPException, Request

from etl.core.awards.naming_round import Round
from etl.core.awards.titles import title_for
from etl.core.year_rows import AwardRunRow
from etl.edges.award_words import award_words
from etl.stages.context import open_year
from etl.stages.naming_rounds import naming_rounds, newest_run
from etl.web.review_desk import ReviewDesk, heading
from etl.year_listings import standing_level, titles_listing

Row = dict[str, Any]


class AwardDesk(ReviewDesk):
    """What a request about the namings of a year is about."""

    @cached_property
    def run(self) -> AwardRunRow | None:
        """The newest award run, if there is any."""
        return newest_run(self.context)

    @cached_property
    def rounds(self) -> dict[tuple[str, str], Round]:
        """What the viewer sees of each (level, naming place): all at or under the viewer's place, of others its own branches."""
        if self.run is None:
            return {}
        found = {}
        for each in naming_rounds(self.context, self.run["run_id"], self.today):
            seen = each if each.node_id in self.nodes else each.of_units(self.units)
            if seen.named or seen.waiting or seen.titles:
                found[each.level.key, each.node_id] = seen
        return found

    def round(self, level: str, place: str) -> Round:
        """One of them; 404 for one that is not there or not the viewer's to see: both look the same."""
        if (level, place) not in self.rounds:
            raise HTTPException(404)
        return self.rounds[level, place]

    def whole(self, place: str) -> bool:
        """Whether the viewer sees all of a place's namings."""
        return place in self.nodes


def award_desk(request: Request, programme: str, period: str) -> AwardDesk:
    """The desk of a request; 404 for what is not there or not scored, or where the viewer has no unit."""
    desk = AwardDesk.of(request, programme, period, open_year)
    if not desk.scored:
        raise HTTPException(404)
    return desk


def award_heading(awards: AwardDesk) -> Row:
    """What every page of the namings says on top."""
    return {**heading(awards), "run": awards.run, "outcomes": award_words()["outcomes"], "today": awards.today}


def naming_overview(awards: AwardDesk) -> Row:
    """One row a level and naming place that the viewer sees, the viewer's own first; how many stand at each step."""
    rows = [_summary(awards, each) for each in awards.rounds.values()]
    return {"rows": sorted(rows, key=lambda row: not row["mine"]), "steps": Counter(row["step_now"] for row in rows)}


def _summary(awards: AwardDesk, each: Round) -> Row:
    return {
        "round": each, "name": awards.name(each.node_id),
        "level_title": title_for(each.level, awards.context.register, each.node_id),
        "mine": awards.may_judge(each.node_id), "whole": awards.whole(each.node_id),
        "step_now": each.step(awards.today), "objections": len(each.questioned),
    }


def place_model(awards: AwardDesk, level: str, place: str) -> Row:
    """One place's naming at a level: its places, lists, notice, objections and titles, and whether the viewer may act."""
    each, context = awards.round(level, place), awards.context
    naming = context.bundle.programme.naming
    names = {one.branch_id: one.branch_name for one in each.named}
    upheld = {one.said["branch_id"] for one in each.objections if one.upheld}
    return {
        **_summary(awards, each), "place": place, "units": context.register.names,
        "branch_names": names, "upheld": upheld, "working_days": naming.public_notice.working_days if naming else 0,
    }


def branch_titles(desk: ReviewDesk, branch_id: str) -> Row:
    """A branch's titles as they stand on the day of the request, and the level that it is at."""
    held = titles_listing(desk.context, branch_id, desk.today)
    return {"held": held.to_dict("records"), "stands_at": standing_level(desk.context, branch_id, desk.today)}
