"""Award: scores, reviews, titles and records as of a day → who is named and who waits, with all inputs sealed in the landing."""

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from etl.core.award import Review
from etl.core.award_inputs import (
    TITLES,
    AwardInputs,
    digest,
    in_force,
    review_frame,
    seal,
    tier_paths,
    unseal,
)
from etl.core.award_table import Result, award
from etl.core.measures import POINT_SCALE
from etl.core.period import Period
from etl.core.quota import Move
from etl.core.scoring import POINTS
from etl.core.titles import gone, titles_on
from etl.core.what_if import supposing
from etl.edges.award_words import say
from etl.edges.code_version import code_version
from etl.edges.store.awards import keep_run, reviews_of, run_of, runs_of, score_frame, score_run
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
from etl.errors import Bug, Misuse
from etl.stages.context import Context, half_contexts
from etl.stages.explanations import open_findings

Row = dict[str, Any]


def award_year(context: Context, as_of: dt.date) -> dict[str, Any]:
    """Work out the awards as of a day and keep the run; the same inputs are the same run.

    Gives back the run's id and number, and how many branches count at each level.
    """
    inputs = award_inputs(context, as_of)
    result = award(inputs)
    sealed, table = seal(inputs), result_bytes(result)
    inputs_sha256, inputs_path = context.landing.keep_document(sealed, ".json")
    result_sha256, result_path = context.landing.keep_document(table, ".csv")
    run_id = digest(f"{inputs_sha256}|{result_sha256}|{code_version()}".encode())[:24]
    run = {
        "run_id": run_id, "programme": context.key[0], "period": context.key[1], "as_of": as_of.isoformat(),
        "inputs_path": inputs_path, "inputs_sha256": inputs_sha256, "result_path": result_path,
        "result_sha256": result_sha256, "code_version": code_version(), "named": result.named(),
        "answers": answers_in_words(context, result),
    }  # fmt: skip
    number = keep_run(context.store, run, _store_rows(run_id, result))
    return {"run": run_id, "number": number, **result.named(), "answers": run["answers"]}


def award_inputs(context: Context, as_of: dt.date) -> AwardInputs:
    """All that the awards of a naming period rest on, as known at the end of a day."""
    scores = _scores(context)
    reviews = reviews_of(context.store, *context.key, as_of.isoformat())
    moves = _entered(records_of(context.store, quota_moves, context.key[0]), as_of)
    return AwardInputs(
        programme=context.bundle.programme,
        period=context.period,
        as_of=as_of,
        scores=scores,
        paths=tier_paths(context.register, scores["node_id"].unique()),
        reviews=review_frame(reviews, _points_by_item(context, reviews)),
        titles=_titles(context, as_of),
        moves=tuple(
            Move(
                row["level"],
                Period.parse(row["period"]).year,
                row["from_node"],
                row["to_node"],
                row["places"],
            )
            for row in moves
        ),
        blocked=_blocked(context, as_of),
        swept=_swept(context, as_of),
    )


def _scores(context: Context) -> pd.DataFrame:
    run = score_run(context.store, *context.key)
    if run is None:
        raise Misuse(f"{context.key[0]} {context.key[1]} is not scored yet: run `sanji score`")
    frame = score_frame(context.store, *context.key)
    rubric = context.bundle.programme.rubric
    items = [tie.key for tie in rubric.tie_breaks if tie.by == "item"] if rubric else []
    if items:
        columns = ["branch_id", *(POINTS + key for key in items)]
        each = pq.read_table(context.landing.at(run["items_path"]), columns=columns).to_pandas()
        frame = frame.merge(
            each.rename(columns={POINTS + key: f"item__{key}" for key in items}), on="branch_id"
        )
    return frame


def _points_by_item(context: Context, reviews: list[Review]) -> dict[str, Decimal]:
    """Review → its total where points were entered item by item: the measured points with those items' replaced."""
    mine = [each for each in in_force(reviews).values() if each.item_points and each.points is None]
    run = score_run(context.store, *context.key)
    if not mine or run is None:
        return {}
    items = pq.read_table(context.landing.at(run["items_path"])).to_pandas().set_index("branch_id")
    points = score_frame(context.store, *context.key).set_index("branch_id")["points"]
    totals = {}
    for each in mine:
        if each.branch_id in items.index:
            row = items.loc[each.branch_id]
            known = sum(int(row.get(POINTS + item, 0)) for item in each.item_points)
            measured = Decimal(int(points[each.branch_id]) - known) / POINT_SCALE
            totals[each.review_id] = measured + sum(each.item_points.values(), Decimal(0))
    return totals


def _titles(context: Context, as_of: dt.date) -> pd.DataFrame:
    store, programme = context.store, context.key[0]
    held = titles_on(
        records_of(store, titles, programme), records_of(store, withdrawals, programme),
        records_of(store, successions, programme), as_of,
    )  # fmt: skip
    rows = [
        (each.branch_id, each.row["level"], each.row["node_id"], each.row["period"], each.state == "in_force",
         each.state == "withdrawn")
        for each in held
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(TITLES))


def _blocked(context: Context, as_of: dt.date) -> dict[str, tuple[str, ...]]:
    """Gate → branches that something on record holds back as of the day."""
    day, programme = as_of.isoformat(), context.key[0]
    records = _entered(records_of(context.store, branch_records, programme), as_of)
    rectifying = {
        row["branch_id"]
        for row in records
        if row["kind"] == "rectification" and row["since"] <= day and (row["until"] or "9999") > day
    }
    blocked = {
        "dissolved": set(gone(records_of(context.store, successions, programme), as_of)),
        "rectifying": rectifying,
        "findings_open": _open_branches(context),
    }
    for row in _upheld(context, as_of):
        blocked.setdefault(f"objection_upheld:{row['level']}", set()).add(row["branch_id"])
    return {gate: tuple(sorted(branches)) for gate, branches in blocked.items()}


def _open_branches(context: Context) -> set[str]:
    """Branches of which a row is held in either half-year and nobody has waived it."""
    found: set[str] = set()
    for half in half_contexts(context):
        rows = open_findings(half, None)
        mine = rows[
            (rows["level"] == "row") & (rows["state"] != "waived") & (rows["table_name"] == "branches")
        ]
        found |= set(mine["subject_id"].dropna())
    return found


def _upheld(context: Context, as_of: dt.date) -> list[Row]:
    """Objections of this naming period that were upheld, with the level of their notice."""
    store, programme = context.store, context.key[0]
    levels = {
        row["notice_id"]: row["level"] for row in records_of(store, notices, programme, period=context.key[1])
    }
    said = {row["objection_id"]: row for row in records_of(store, objections, programme)}
    ruled = [row for row in _entered(records_of(store, rulings, programme), as_of) if row["upheld"]]
    return [
        {**said[row["objection_id"]], "level": levels[said[row["objection_id"]]["notice_id"]]}
        for row in ruled
        if said[row["objection_id"]]["notice_id"] in levels
    ]


def _swept(context: Context, as_of: dt.date) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in _entered(records_of(context.store, branch_records, context.key[0], kind="sweep"), as_of):
        counts[row["branch_id"]] = counts.get(row["branch_id"], 0) + 1
    return counts


def _entered(rows: list[Row], as_of: dt.date) -> list[Row]:
    return [row for row in rows if row["entered_at"][:10] <= as_of.isoformat()]


def result_bytes(result: Result) -> bytes:
    """The whole result as CSV: the same result, the same bytes."""
    table = pa.Table.from_pandas(result.table, preserve_index=False)
    sink = io.BytesIO()
    pa_csv.write_csv(table, sink)
    return sink.getvalue()


def _store_rows(run_id: str, result: Result) -> list[Row]:
    """Who is named, waits or holds the level: what the store keeps of a run."""
    kept = result.table[result.table["outcome"] != "not_named"]
    return [
        {
            "run_id": run_id, "level": row.level, "branch_id": row.branch_id, "unit_id": row.unit_id, "node_id": row.node_id,
            "branch_name": row.branch_name, "outcome": row.outcome, "score": Decimal(int(row.score)).scaleb(-2),
            "rank": None if pd.isna(row.rank) else int(row.rank), "highest": bool(row.highest),
        }
        for row in kept.itertuples()
    ]  # fmt: skip


def answers_in_words(context: Context, result: Result) -> list[str]:
    """What the run has to say, in Chinese."""
    said = []
    for each in result.answers:
        values = dict(each.values)
        if each.key == "quota_overdrawn":
            values["over"] = values["taken"] - values["quota"]
        node, level = context.register.node(each.node_id), context.bundle.programme.level(each.level)
        said.append(say("answers", each.key, node=node.name, title=level.title, **values))
    return said


@dataclass(frozen=True)
class Difference:
    """What would change at one level: the branches that would enter and leave, of how many named now."""

    level: str
    named_now: int
    named_then: int
    enters: tuple[str, ...]
    leaves: tuple[str, ...]


def what_if(context: Context, as_of: dt.date, changes: Mapping[str, str]) -> tuple[Difference, ...]:
    """Who would enter and leave if settings were others; nothing is kept. Misuse for a setting that there is not."""
    inputs = award_inputs(context, as_of)
    try:
        supposed = replace(inputs, programme=supposing(inputs.programme, inputs.period.year, changes))
    except (LookupError, ValueError) as error:
        raise Misuse(str(error)) from error
    now, then = (_named(award(each)) for each in (inputs, supposed))
    return tuple(
        Difference(
            level.key, len(now[level.key]), len(then[level.key]),
            tuple(sorted(then[level.key] - now[level.key])), tuple(sorted(now[level.key] - then[level.key])),
        )
        for level in inputs.programme.levels
    )  # fmt: skip


def _named(result: Result) -> dict[str, set[str]]:
    named = result.table[result.table["outcome"] == "named"]
    found: dict[str, set[str]] = {key: set(rows) for key, rows in named.groupby("level")["branch_id"]}
    return {level: found.get(level, set()) for level in {*found, *result.table["level"].unique()}}


def sealed_inputs(context: Context, run: Row) -> AwardInputs:
    """The inputs of a run out of the landing. Bug if what lies there is not what was sealed."""
    content = context.landing.at(run["inputs_path"]).read_bytes()
    if digest(content) != run["inputs_sha256"]:
        raise Bug(f"the sealed inputs of run {run['run_id']} have been changed")
    return unseal(content)


def replay(context: Context, run_id: str) -> dict[str, Any]:
    """Work a run out again from its sealed inputs: whether the result is the same to the byte, and the code too."""
    run = the_run(context, run_id)
    again = digest(result_bytes(award(sealed_inputs(context, run))))
    return {
        "run": run_id, "same_result": again == run["result_sha256"], "same_code": code_version() == run["code_version"]
    }  # fmt: skip


def the_run(context: Context, run_id: str | None) -> Row:
    """A run by its id, or the newest of the naming period. Misuse if there is none."""
    if run_id is None:
        runs = runs_of(context.store, *context.key)
        if not runs:
            raise Misuse(f"no awards of {context.key[0]} {context.key[1]} yet: run `sanji award`")
        return runs[-1]
    run = run_of(context.store, run_id)
    if run is None or (run["programme"], run["period"]) != context.key:
        raise Misuse(f"no award run {run_id} of {context.key[0]} {context.key[1]}")
    return run
