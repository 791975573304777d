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

from etl.core.awards.award_inputs import AwardInputs, digest, seal, unseal
from etl.core.awards.award_table import Result, award
from etl.core.awards.what_if import supposing
from etl.core.year_rows import AwardRunRow, NewAwardRun
from etl.edges.award_words import say
from etl.edges.code_version import code_version
from etl.edges.store.awards import keep_run, run_of, runs_of
from etl.errors import Bug, Misuse
from etl.stages.award_records import award_inputs
from etl.stages.context import Context

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
    run: NewAwardRun = {
        "run_id": run_id, "programme": context.key[0], "period": context.key[1], "as_of": as_of.isoformat(),
        "inputs_path": inputs_path, "inputs_sha256": inputs_sha256, "result_path": result_path,
        "result_sha256": result_sha256, "code_version": code_version(), "named": result.named(),
        "answers": answers_in_words(context, result),
    }
    number = keep_run(context.store, run, _store_rows(run_id, result))
    return {"run": run_id, "number": number, **result.named(), "answers": run["answers"]}


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
    ]


def answers_in_words(context: Context, result: Result) -> list[str]:
    """What the run has to say, in Chinese."""
    said = []
    for each in result.answers:
        values = dict(each.values)
        if each.key == "quota_overdrawn":
            values["over"] = values["taken"] - values["quota"]
        node, level = context.register.node(each.node_id), context.bundle.programme.level(each.level)
        said.append(say("answers", each.key, node=node.name, title=level.title_at(node.code), **values))
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
    )


def _named(result: Result) -> dict[str, set[str]]:
    named = result.table[result.table["outcome"] == "named"]
    found: dict[str, set[str]] = {key: set(rows) for key, rows in named.groupby("level")["branch_id"]}
    return {level: found.get(level, set()) for level in {*found, *result.table["level"].unique()}}


def sealed_inputs(context: Context, run: AwardRunRow) -> AwardInputs:
    """The inputs of a run out of the landing. Bug if what lies there is not what was sealed.

    Misuse if a version sealed them whose programmes said what this one's cannot say.
    """
    content = context.landing.read(run["inputs_path"])
    if digest(content) != run["inputs_sha256"]:
        raise Bug(f"the sealed inputs of run {run['run_id']} have been changed")
    try:
        return unseal(content)
    except ValueError as error:
        raise Misuse(
            f"award run {run['run_id']} was sealed by {run['code_version']}, which this version cannot open: "
            "use that version, or `sanji award` for a new run"
        ) from error


def replay(context: Context, run_id: str) -> dict[str, Any]:
    """Work a run out again from its sealed inputs: whether the result is the same to the byte, and the code too."""
    run = the_run(context, run_id)
    again = digest(result_bytes(award(sealed_inputs(context, run))))
    return {
        "run": run_id, "same_result": again == run["result_sha256"], "same_code": code_version() == run["code_version"]
    }


def the_run(context: Context, run_id: str | None) -> AwardRunRow:
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
