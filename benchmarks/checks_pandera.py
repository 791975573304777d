"""The forty rules of `checks.py` in pandera; that script runs this one with the peers' interpreter.

    python benchmarks/checks_pandera.py PARQUET REPEAT frame|closure

Prints a JSON list: the median of seconds, and how many failure cases there are. Of rows that are not unique
together pandera gives one case a column, so it counts a few more than rows.
"""

import json
import operator
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.errors
import pandera.pandas as pa

UNITS = ["户", "人", "件", "次"]


def _columns() -> dict[str, Any]:
    columns = {f"amount_{n}": pa.Column(float, pa.Check.in_range(0, 999), nullable=True) for n in range(12)}
    columns |= {f"required_{n}": pa.Column(float, nullable=False) for n in range(6)}
    columns |= {f"unit_{n}": pa.Column(None, pa.Check.isin(UNITS), nullable=True) for n in range(6)}
    columns |= {
        f"code_{n}": pa.Column(None, pa.Check.str_matches("^[0-9]{6}$"), nullable=True) for n in range(4)
    }
    columns["key"] = pa.Column(int, unique=True)
    return columns


def _over_the_frame(n: int) -> Any:
    judge = operator.eq if n < 8 else operator.ge
    return pa.Check(
        lambda data: judge(data[f"left_{n}"], data[f"right_{n}"]) | data[f"right_{n}"].isna(),
        name=f"pair_{n}",
    )


def _over_the_columns(data: pd.DataFrame, n: int) -> Any:
    judge = operator.eq if n < 8 else operator.ge
    other = data[f"right_{n}"]
    return pa.Column(float, pa.Check(lambda left: judge(left, other) | other.isna()), nullable=True)


def schema_for(data: pd.DataFrame, pairs: str) -> Any:
    """The forty rules; `pairs` says how the ten over two columns are written.

    As checks over the "frame", pandera's own way, a failing row gives a case for every column. A "closure"
    over the other column gives one, is faster, and fits this one frame only.
    """
    if pairs == "frame":
        return pa.DataFrameSchema(
            _columns(), checks=[_over_the_frame(n) for n in range(10)], unique=["half", "line"]
        )
    closures = {f"left_{n}": _over_the_columns(data, n) for n in range(10)}
    return pa.DataFrameSchema(_columns() | closures, unique=["half", "line"])


def seconds_and_cases(path: Path, repeat: int, pairs: str) -> tuple[float, int]:
    """Seconds of a lazy validation with its failure cases, and how many there are."""
    data = pd.read_parquet(path)
    schema = schema_for(data, pairs)

    def failures() -> int:
        try:
            schema.validate(data, lazy=True)
        except pandera.errors.SchemaErrors as found:
            return len(found.failure_cases)
        return 0

    listed = failures()
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        failures()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), listed


if __name__ == "__main__":
    print(json.dumps(seconds_and_cases(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])))
