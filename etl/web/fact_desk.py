"""A branch's case as the page shows it: its reviews, its titles, and what is on record of it, with what the viewer may enter."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import HTTPException

from etl.core.access import Viewer, stands_at
from etl.core.awards.branch_records import FROM_ABOVE, kinds_of, same_fact
from etl.core.register import OWN
from etl.edges.award_words import award_words
from etl.edges.store.records import record_id
from etl.stages.branch_facts import facts_of_branch, facts_of_branches, sweep_outcomes
from etl.stages.branch_homes import Branch, known_branches
from etl.web.award_desk import branch_titles
from etl.web.desk import filed_years, years_seen
from etl.web.review_desk import ReviewDesk, as_choices, branch_model

Row = dict[str, Any]


def branch_page(desk: ReviewDesk, branch_id: str) -> tuple[str, Row]:
    """The template and the model of a branch's page: its whole case where it is scored, else what is on record of it alone.

    404 for a branch that is not there or not the viewer's to see.
    """
    if desk.scored and any(each.score.branch_id == branch_id for listed in desk.all_lists.values() for each in listed):
        return "review_branch", case_model(desk, branch_id)
    branch = known_branches(desk.context, desk.units, [branch_id]).get(branch_id)
    if branch is None:
        raise HTTPException(404)
    unit = desk.context.register.unit(branch.unit_id)
    facts = facts_model(desk, branch_id, branch.unit_id)
    return "fact_branch", {"branch": branch, "unit": unit, "place_name": desk.name, **facts}


def case_model(desk: ReviewDesk, branch_id: str) -> Row:
    """Everything that a branch's page shows; 404 for a branch that is not there or not the viewer's to see."""
    model = branch_model(desk, branch_id)
    return model | branch_titles(desk, branch_id) | facts_model(desk, branch_id, model["score"].unit_id)


def facts_model(desk: ReviewDesk, branch_id: str, unit_id: str) -> Row:
    """What is on record of a branch: `facts`, each `mine` if the viewer may change it, with an id that outlives corrections.

    `fact_seen`: what forms are filled in over. `enters`: the kinds that the viewer may put on record, at `fact_place`; none for
    one who only sees.
    """
    facts = [
        {**each, "fact_id": record_id(*same_fact(each)), "mine": stands_at(desk.viewer, desk.context.register, each["node_id"])}
        for each in facts_of_branch(desk.context, branch_id)
    ]
    place, enters = entering(desk, unit_id)
    return {
        "facts": facts, "fact_seen": seen_of(facts), "fact_place": place, "enters": enters, "kinds_zh": award_words()["records"],
        "fact_kinds": kinds_of(desk.context.bundle.programme),
        "fact_outcomes": {key: each.zh for key, each in sweep_outcomes(desk.context).items()},
        "sides": [node for node in desk.context.register.nodes if node.tier != OWN and node.node_id != place] if enters else [],
        "today": desk.today,
    }


def facts_overview(desk: ReviewDesk, kind: str, past: bool, sought: str) -> Row:
    """What is on record of the branches that the viewer sees: how many facts hold of each kind, and those of one kind (or all).

    With `past` also those that have ended; what was taken back is left out. `found`: the branches whose name, id or unit holds
    what is `sought`.
    """
    branches, names = known_branches(desk.context, desk.units), desk.context.register.names
    today = desk.today.isoformat()
    known = [row for row in facts_of_branches(desk.context, branches) if not row["taken_back"]]
    rows = known if past else [row for row in known if (row["until"] or "9999") > today]
    return {
        "kind": kind, "past": past, "counts": Counter(row["kind"] for row in rows), "kinds_zh": award_words()["records"],
        "fact_kinds": kinds_of(desk.context.bundle.programme), "branches": branches, "total": len(rows),
        "units": names, "periods": years_on_record(desk.viewer, desk.context.key[0]), "sought": sought,
        "found": [each for each in branches.values() if sought and _is_sought(each, sought, names)],
        "facts": [row for row in rows if kind in ("", row["kind"])],
    }


def _is_sought(branch: Branch, sought: str, names: Mapping[str, str]) -> bool:
    texts = (branch.branch_id, branch.branch_name, names.get(branch.unit_id, ""))
    return any(sought.casefold() in text.casefold() for text in texts)


def years_on_record(viewer: Viewer, programme: str) -> list[Row]:
    """The years of a programme of which anything was filed and in which the viewer has a unit, newest first."""
    years = map(str, sorted(filed_years(programme), reverse=True))
    return as_choices(years_seen(viewer, programme, years))


def entering(desk: ReviewDesk, unit_id: str) -> tuple[str, tuple[str, ...]]:
    """The lowest place at or above a branch's at which the viewer stands, and the kinds of facts that it may put on record."""
    programme, register = desk.context.bundle.programme, desk.context.register
    unit = register.unit(unit_id)
    own = unit.parent_id if unit.kind == OWN and unit.parent_id else unit.node_id
    for above in register.above[own]:
        if stands_at(desk.viewer, register, above):
            kinds = kinds_of(programme)
            return above, kinds if above == own else tuple(kind for kind in kinds if kind in FROM_ABOVE)
    return "", ()


def seen_of(facts: Sequence[Row]) -> str:
    """What a form is filled in over: a word that changes with every record of the branch."""
    return record_id(*sorted(each["record_id"] for each in facts)) if facts else ""
