"""A branch's case as the page shows it: its reviews, its titles, and what is on record of it, with what the viewer may enter."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from etl.core.access import stands_at
from etl.core.branch_records import FROM_ABOVE, kinds_of, same_fact
from etl.core.register import OWN
from etl.edges.award_words import award_words
from etl.edges.store.records import record_id
from etl.stages.branch_facts import facts_of_branch, facts_of_branches
from etl.stages.score import known_scores
from etl.web.award_desk import branch_titles
from etl.web.review_desk import ReviewDesk, branch_model

Row = dict[str, Any]


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
    gate, outcomes = desk.context.bundle.programme.gate, award_words()["sweep_outcomes"]
    return {
        "facts": facts, "fact_seen": seen_of(facts), "fact_place": place, "enters": enters, "kinds_zh": award_words()["records"],
        "fact_kinds": kinds_of(desk.context.bundle.programme),
        "fact_outcomes": {key: outcomes[key] for key in (gate.sweep_outcomes.value if gate else ())},
        "sides": [node for node in desk.context.register.nodes if node.tier != OWN and node.node_id != place] if enters else [],
        "today": desk.at.date(),
    }  # fmt: skip


def facts_overview(desk: ReviewDesk, kind: str, past: bool) -> Row:
    """What is on record of the branches that the viewer sees: how many facts hold of each kind, and those of one kind (or all).

    With `past` also those that have ended; what was taken back is left out.
    """
    scores = {score.branch_id: score for score in known_scores(desk.context) if score.unit_id in desk.units}
    today = desk.at.date().isoformat()
    known = [row for row in facts_of_branches(desk.context, scores) if not row["taken_back"]]
    rows = known if past else [row for row in known if (row["until"] or "9999") > today]
    return {
        "kind": kind, "past": past, "counts": Counter(row["kind"] for row in rows), "kinds_zh": award_words()["records"],
        "fact_kinds": kinds_of(desk.context.bundle.programme), "scores": scores, "total": len(rows),
        "units": desk.context.register.names,
        "facts": [row for row in rows if kind in ("", row["kind"])],
    }  # fmt: skip


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
