"""The reviews of a year, those that were entered item by item with what their items come to."""

import datetime as dt
from dataclasses import replace

import pyarrow.parquet as pq

from etl.core.awards.award import Review
from etl.core.awards.scoring import judged_items, totals_given
from etl.edges.store.awards import reviews_of
from etl.stages.context import Context
from etl.stages.score import the_score_run


def reviews_on(context: Context, as_of: dt.date | None = None) -> list[Review]:
    """The reviews entered up to the end of a day (all without one), oldest first, each with its points in all if it gave any."""
    listed = reviews_of(context.store, *context.key, as_of)
    by_item = [each for each in listed if each.item_points and each.points is None]
    if not by_item:
        return listed
    branches = sorted({each.branch_id for each in by_item})
    path = context.landing.found(the_score_run(context)["items_path"])
    items = pq.read_table(path, filters=[("branch_id", "in", branches)]).to_pandas().set_index("branch_id")
    known = [each for each in by_item if each.branch_id in items.index]
    programme = context.bundle.programme
    judged = judged_items(programme, context.bundle.catalogue, context.period.last_day)
    given = [each.item_points for each in known]
    found = totals_given(items.loc[[each.branch_id for each in known]], given, programme, judged)
    totals = {each.review_id: total for each, total in zip(known, found, strict=True)}
    return [replace(each, points=totals[each.review_id]) if each.review_id in totals else each for each in listed]
