"""What a year's awards rest on, gathered out of the store as known at the end of a day."""

import datetime as dt

import pandas as pd
import pyarrow.parquet as pq

from etl.core.awards.award_inputs import TITLES, AwardInputs, review_frame, tier_paths
from etl.core.awards.branch_records import in_force as facts_on
from etl.core.awards.branch_records import sweeps
from etl.core.awards.quota import move_of
from etl.core.awards.scoring import POINTS
from etl.core.awards.titles import HeldTitle, gone, titles_on
from etl.core.year_rows import (
    FactRow,
    NoticeRow,
    ObjectionRow,
    QuotaMoveRow,
    RulingRow,
    SuccessionRow,
    TitleRow,
    WithdrawalRow,
)
from etl.edges.store.awards import score_frame
from etl.edges.store.records import records_of
from etl.edges.store.schema import (
    branch_records,
    notices,
    objections,
    quota_moves,
    rulings,
    successions,
    titles,
    withdrawals,
)
from etl.stages.context import Context, half_contexts
from etl.stages.explanations import findings_with_answers
from etl.stages.review_totals import reviews_on
from etl.stages.score import score_run_by_rubric


def award_inputs(context: Context, as_of: dt.date) -> AwardInputs:
    """All that the awards of a naming period rest on, as known at the end of a day. Misuse before it is scored by the rubric."""
    scores = _scores(context)
    moves = records_of(context.store, quota_moves, QuotaMoveRow, context.key[0], as_of)
    return AwardInputs(
        programme=context.bundle.programme,
        period=context.period,
        as_of=as_of,
        scores=scores,
        paths=tier_paths(context.register, scores["node_id"].unique()),
        reviews=review_frame(reviews_on(context, as_of)),
        titles=_titles(context, as_of),
        moves=tuple(move_of(row) for row in moves),
        blocked=_blocked(context, as_of),
        swept=_swept(context, as_of),
    )


def _scores(context: Context) -> pd.DataFrame:
    run = score_run_by_rubric(context)
    frame = score_frame(context.store, *context.key)
    rubric = context.bundle.programme.rubric
    items = [tie.key for tie in rubric.tie_breaks if tie.by == "item"] if rubric else []
    if items:
        columns = ["branch_id", *(POINTS + key for key in items)]
        each = pq.read_table(context.landing.found(run["items_path"]), columns=columns).to_pandas()
        frame = frame.merge(
            each.rename(columns={POINTS + key: f"item__{key}" for key in items}), on="branch_id"
        )
    return frame


def titles_on_record(context: Context, day: dt.date) -> list[HeldTitle]:
    """All titles of the programme decided up to a day, as they stand on it, oldest first."""
    store, programme = context.store, context.key[0]
    return titles_on(
        records_of(store, titles, TitleRow, programme), records_of(store, withdrawals, WithdrawalRow, programme),
        records_of(store, successions, SuccessionRow, programme), day,
    )


def _titles(context: Context, as_of: dt.date) -> pd.DataFrame:
    rows = [
        (each.branch_id, each.row["level"], each.row["node_id"], each.row["period"], each.state == "in_force",
         each.state == "withdrawn")
        for each in titles_on_record(context, as_of)
    ]
    return pd.DataFrame(rows, columns=list(TITLES))


def _blocked(context: Context, as_of: dt.date) -> dict[str, tuple[str, ...]]:
    """Gate → branches that something on record holds back as of the day."""
    programme = context.key[0]
    records = records_of(context.store, branch_records, FactRow, programme, as_of)
    blocked = {
        "dissolved": set(gone(records_of(context.store, successions, SuccessionRow, programme), as_of)),
        "rectifying": {row["branch_id"] for row in facts_on(records, "rectification", as_of)},
        "findings_open": _open_branches(context),
    }
    for level, branch_id in _upheld(context, as_of):
        blocked.setdefault(f"objection_upheld:{level}", set()).add(branch_id)
    return {gate: tuple(sorted(branches)) for gate, branches in blocked.items()}


def _open_branches(context: Context) -> set[str]:
    """Branches of which a row is held in either half-year and nobody has waived it."""
    found: set[str] = set()
    for half in half_contexts(context):
        rows = findings_with_answers(half, None)
        mine = rows[
            (rows["level"] == "row") & (rows["state"] != "waived") & (rows["table_name"] == "branches")
        ]
        found |= set(mine["subject_id"].dropna())
    return found


def _upheld(context: Context, as_of: dt.date) -> list[tuple[str, str]]:
    """(Level, branch) of this naming period's notices where an objection was upheld."""
    store, programme = context.store, context.key[0]
    levels = {
        row["notice_id"]: row["level"] for row in records_of(store, notices, NoticeRow, programme, period=context.key[1])
    }
    said = {row["objection_id"]: row for row in records_of(store, objections, ObjectionRow, programme)}
    ruled = [row for row in records_of(store, rulings, RulingRow, programme, as_of) if row["upheld"]]
    against = [said[row["objection_id"]] for row in ruled]
    return [(levels[row["notice_id"]], row["branch_id"]) for row in against if row["notice_id"] in levels]


def _swept(context: Context, as_of: dt.date) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in sweeps(records_of(context.store, branch_records, FactRow, context.key[0], as_of, kind="sweep")):
        counts[row["branch_id"]] = counts.get(row["branch_id"], 0) + 1
    return counts
