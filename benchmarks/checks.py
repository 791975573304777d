"""Checks: forty rules with their failing rows, beside pandera on pandas and other uses of Great Expectations.

    python -m benchmarks.checks --peers-python PATH [--json PATH] [--rows N] [--repeat N]

`--peers-python` is the interpreter of the environment built from `benchmarks/peers.txt`. Every figure is a
median of seconds, data already in memory, Great Expectations already imported; all are taken in one run, one
after another. Goals are ratios, since seconds depend on the machine.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import great_expectations as gx
import numpy as np
import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from benchmarks.measure import Comparison, median_seconds, report
from etl.core.judging.rules import Suite
from etl.edges.checks import check
from etl.edges.engine import memory_engine, register

COUNTIES = 129
BRANCHES = 6_256
"""One half-year's rows of a province: what is cut into county batches."""
COUNTIES_TIMED = 6
EVERYWHERE = 126_000
ONE_IN = 1_000
CODES = ["530102", "530103", "530111", "530122"]
UNITS = ["户", "人", "件", "次"]


def frame(rows: int) -> pd.DataFrame:
    """`rows` rows by 65 columns; each rule of `specs` fails on about one row in a thousand."""
    generator = np.random.default_rng(20180630)

    def broken(column: np.ndarray, wrong: Any) -> np.ndarray:
        return np.where(generator.random(rows) < 1 / ONE_IN, wrong, column)

    data: dict[str, Any] = {"row_number": np.arange(rows)}
    for n in range(12):
        data[f"amount_{n}"] = broken(generator.integers(0, 1000, rows).astype("float64"), -1.0)
    for n in range(6):
        data[f"required_{n}"] = broken(generator.random(rows), np.nan)
        data[f"unit_{n}"] = broken(generator.choice(np.array(UNITS, dtype=object), rows), "个")
    for n in range(4):
        data[f"code_{n}"] = broken(generator.choice(np.array(CODES, dtype=object), rows), "5301")
    for n in range(10):
        left = generator.integers(0, 1000, rows).astype("float64")
        data[f"left_{n}"] = left
        data[f"right_{n}"] = broken(np.where(generator.random(rows) < 0.1, np.nan, left), 1001.0)
    data["key"] = broken(np.arange(rows), 0)
    data["half"], data["line"] = broken(np.arange(rows) % 2, 0), np.arange(rows) // 2
    data |= {f"filler_{n}": generator.random(rows) for n in range(65 - len(data))}
    return pd.DataFrame(data)


def specs() -> list[tuple[str, dict[str, Any]]]:
    """The forty rules, as expectation type and arguments."""
    pair = "expect_column_pair_values"
    return [
        *(
            (
                "expect_column_values_to_be_between",
                {"column": f"amount_{n}", "min_value": 0, "max_value": 999},
            )
            for n in range(12)
        ),
        *(("expect_column_values_to_not_be_null", {"column": f"required_{n}"}) for n in range(6)),
        *(
            ("expect_column_values_to_be_in_set", {"column": f"unit_{n}", "value_set": UNITS})
            for n in range(6)
        ),
        *(
            ("expect_column_values_to_match_regex", {"column": f"code_{n}", "regex": "^[0-9]{6}$"})
            for n in range(4)
        ),
        *((f"{pair}_to_be_equal", _pair(f"left_{n}", f"right_{n}")) for n in range(8)),
        *(
            (f"{pair}_a_to_be_greater_than_b", _pair(f"left_{n}", f"right_{n}") | {"or_equal": True})
            for n in (8, 9)
        ),
        ("expect_column_values_to_be_unique", {"column": "key"}),
        ("expect_compound_columns_to_be_unique", {"column_list": ["half", "line"]}),
    ]


def _pair(left: str, right: str) -> dict[str, Any]:
    return {"column_A": left, "column_B": right, "ignore_row_if": "either_value_is_missing"}


# --- ours ---------------------------------------------------------------------------------------------------


def _suite(chosen: list[tuple[str, dict[str, Any]]]) -> Any:
    rules = [
        {
            "type": type_,
            "kwargs": kwargs,
            "severity": "critical",
            "description": "must hold",
            "meta": {"rule": f"B{n}", "level": "row", "remedy": "correct it", "example": "broken", "since": date(2017, 1, 1)},
        }
        for n, (type_, kwargs) in enumerate(chosen)
    ]
    return Suite.model_validate({"suite": "bench", "table": "bench", "expectations": rules})


def ours(data: pd.DataFrame, chosen: list[tuple[str, dict[str, Any]]], repeat: int) -> tuple[float, int]:
    """Seconds of verdicts and failing rows, and how many rows were listed."""
    engine = memory_engine("8GB")  # pandas holds all in memory too
    register(engine, "arrow", pa.Table.from_pandas(data, preserve_index=False))
    with engine.begin() as connection:
        # The validation views are tables too; scanning Arrow once a rule would take twice as long.
        connection.execute(sa.text("CREATE TABLE bench AS SELECT * FROM arrow"))
    suite = _suite(chosen)
    listed = check(engine, suite, date(2018, 6, 30), ["row_number"]).failing.num_rows
    seconds = median_seconds(lambda: check(engine, suite, date(2018, 6, 30), ["row_number"]), repeat)
    engine.dispose()
    return seconds, listed


def batch_a_county(data: pd.DataFrame, repeat: int) -> float:
    """Seconds of one batch for each of 129 counties, from the median of the first few, times 129."""
    county = np.arange(len(data)) % COUNTIES
    return COUNTIES * statistics.median(
        ours(data[county == n], specs(), repeat)[0] for n in range(COUNTIES_TIMED)
    )


def complete_on_pandas(data: pd.DataFrame, chosen: list[tuple[str, dict[str, Any]]]) -> tuple[float, int]:
    """Seconds of Great Expectations' own listing (COMPLETE, with an index column), and the rows it lists."""
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("bench")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": data})
    suite = gx.ExpectationSuite("bench", expectations=[{"type": t, "kwargs": k} for t, k in chosen])
    result_format = {"result_format": "COMPLETE", "unexpected_index_column_names": ["row_number"]}
    start = time.perf_counter()
    report = batch.validate(suite, result_format=result_format)
    seconds = time.perf_counter() - start
    return seconds, sum(len(result.result["unexpected_index_list"]) for result in report.results)


def pandera_by(python: Path, pairs: str, data: pd.DataFrame, repeat: int) -> tuple[float, int]:
    """Seconds and failure cases of pandera, run in the peers' environment on the same rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.parquet"
        data.to_parquet(path)
        script = Path(__file__).with_name("checks_pandera.py")
        command = [str(python), str(script), str(path), str(repeat), pairs]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, listed = json.loads(answer.splitlines()[-1])
    return seconds, listed


# --- the run ------------------------------------------------------------------------------------------------


def compare(rows: int, repeat: int, peers_python: Path) -> list[Comparison]:
    """Our verdicts with failing rows beside others' on the same rows. RuntimeError if one lists other rows than we."""
    large, province = frame(rows), frame(BRANCHES)
    everywhere = [("expect_column_values_to_be_between", {"column": "amount_0", "min_value": 1_000_000})]
    worst = frame(EVERYWHERE)[["row_number", "amount_0"]]
    own, listed = ours(large, specs(), repeat)
    by_frame = pandera_by(peers_python, "frame", large, repeat)[0]
    by_column, cases = pandera_by(peers_python, "closure", large, repeat)
    if abs(listed - cases) > listed / 20:  # pandera gives a case a column where rows are unique together
        raise RuntimeError(f"we list {listed} failing rows, pandera {cases}")
    one_batch, a_county = ours(province, specs(), repeat)[0], batch_a_county(province, 1)
    everywhere_own, everywhere_listed = ours(worst, everywhere, repeat)
    complete, complete_listed = complete_on_pandas(worst, everywhere)
    if everywhere_listed != complete_listed:
        raise RuntimeError(f"we list {everywhere_listed} rows, COMPLETE {complete_listed}")
    size = f"{rows} rows, 40 rules"
    return [
        Comparison(
            f"{size}, to pandera on pandas, pairs as checks over the frame (its manual)",
            "s",
            own,
            by_frame,
            0.8,
        ),
        Comparison(
            f"{size}, to pandera on pandas, pairs as closures (its fastest)", "s", own, by_column, 0.8
        ),
        Comparison(
            f"{BRANCHES} rows, to one batch a county ({COUNTIES_TIMED} of {COUNTIES} timed)",
            "s",
            one_batch,
            a_county,
            1 / 50,
        ),
        Comparison(
            f"one rule failing on {EVERYWHERE} rows, to COMPLETE on pandas",
            "s",
            everywhere_own,
            complete,
            1 / 20,
        ),
    ]


def main() -> None:
    """Run all comparisons, print them, write them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers-python", type=Path, required=True)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    chosen = parser.parse_args()
    report("Checks", compare(chosen.rows, chosen.repeat, chosen.peers_python), chosen.json)


if __name__ == "__main__":
    main()
