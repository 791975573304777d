"""Compare: the scores of two years side by side, where their rubrics allow it."""

from dataclasses import dataclass

import pandas as pd

from etl.core.awards.comparison import comparison
from etl.edges.award_words import say
from etl.errors import Misuse
from etl.stages.context import Context
from etl.stages.score import known_scores

COLUMNS = ("branch_id", "branch", "before", "after", "change")


@dataclass(frozen=True)
class Compared:
    """The table (empty where the comparison is refused), and what must be said, in Chinese."""

    table: pd.DataFrame
    said: tuple[str, ...]


def compare(before: Context, after: Context) -> Compared:
    """One row a branch scored in both years, by its change; nothing but the reason where the years do not compare."""
    rubric = after.bundle.programme.rubric
    if rubric is None:
        raise Misuse(f"{after.key[0]} has no rubric")
    found = comparison(rubric, before.period.last_day, after.period.last_day)
    said = tuple(say("comparison", key, **values) for key, values in found.said)
    if not found.holds:
        years = {"before": before.period.year, "after": after.period.year}
        return Compared(
            pd.DataFrame(columns=list(COLUMNS)), (say("comparison", "refused", **years, why="；".join(said)),)
        )
    old = {score.branch_id: score.points for score in known_scores(before)}
    rows = [
        (
            score.branch_id,
            score.branch_name,
            old[score.branch_id],
            score.points,
            score.points - old[score.branch_id],
        )
        for score in known_scores(after)
        if score.branch_id in old
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).sort_values(
        ["change", "branch_id"], ascending=[False, True]
    )
    return Compared(table, said)
