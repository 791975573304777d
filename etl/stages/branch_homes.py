"""The branches of a year as they were filed: unit, name and members of each in its last accepted return of the year."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from etl.edges.engine import fetch, memory_engine
from etl.edges.slices import load_figures
from etl.edges.store.awards import scores_of
from etl.edges.store.results import slices_of
from etl.stages.context import Context, half_contexts


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a year: its unit, its name (its id where it filed none), the members that it filed last, if any."""

    branch_id: str
    branch_name: str
    unit_id: str
    members: int | None


def branch_homes(context: Context) -> dict[str, str]:
    """Branch → unit; of a branch filed by one unit in the first half-year and by another in the second, the second."""
    return {branch_id: each.unit_id for branch_id, each in filed_branches(context).items()}


def known_branches(
    context: Context, unit_ids: Collection[str] | None = None, branch_ids: Collection[str] | None = None
) -> dict[str, Branch]:
    """The branches of a year (that are at some units, or have some ids), scored or only filed, by id; as scored where it is.

    A branch that one unit filed first and another last is at the second alone, whoever asks. Where all that are asked for are
    scored, no return is opened.
    """
    scored = {
        score.branch_id: Branch(score.branch_id, score.branch_name, score.unit_id, score.members)
        for score in scores_of(context.store, *context.key, branch_ids)
    }
    lacking = None if branch_ids is None else set(branch_ids) - scored.keys()
    known = sorted({**filed_branches(context, lacking), **scored}.items())
    return {key: each for key, each in known if unit_ids is None or each.unit_id in unit_ids}


def filed_branches(context: Context, branch_ids: Collection[str] | None = None) -> dict[str, Branch]:
    """The branches in the returns in force of a year, or some of them, as they were filed last."""
    branches: dict[str, Branch] = {}
    for half in half_contexts(context) if branch_ids is None or branch_ids else ():
        engine = memory_engine()
        load_figures(engine, "figures", context.landing, slices_of(half.store, *half.key), ["branches"])
        for row in fetch(engine, _branches(branch_ids)).to_pylist():
            branches[row["branch_id"]] = Branch(**row)
    return branches


def _branches(branch_ids: Collection[str] | None) -> sa.Select[tuple[str, str, str, int]]:
    names = ("subject_id", "unit_id", "indicator", "part", "value", "text")
    figure = sa.table("figures", *(sa.column(name) for name in names))
    name = sa.func.max(sa.case((figure.c.indicator == "branch_name", figure.c.text)))
    whole = sa.and_(figure.c.indicator == "members", figure.c.part == "")
    members = sa.cast(sa.func.max(sa.case((whole, figure.c.value))), sa.Integer)
    asked = sa.true() if branch_ids is None else figure.c.subject_id.in_(sorted(branch_ids))
    return sa.select(
        figure.c.subject_id.label("branch_id"), sa.func.coalesce(name, figure.c.subject_id).label("branch_name"),
        figure.c.unit_id, members.label("members"),
    ).where(asked).group_by(figure.c.subject_id, figure.c.unit_id)
