"""The roll-up: the project's Core statement beside SQL written by hand and beside pandas, on equal tables.

    python -m benchmarks.rollup --peers-python PATH [--provinces 1] [--repeat 5] [--json FILE]

All three must come to the same totals and ranks, or the run stops.
"""

import argparse
import json
import math
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.measure import Comparison, median_seconds, report, run_measured
from benchmarks.rollup_tables import core_rows, derived_indicators, replicated, write_province
from etl.core.programmes.indicators import Indicator
from etl.core.totals import rollup as core
from etl.edges.engine import fetch

HERE = Path(__file__).parent


def raw_statement(indicators: list[Indicator]) -> str:
    """The hand-written SQL with the programme's ratios filled in."""
    parts = []
    for each in indicators:
        names = sorted(each.parsed_formula.names)
        columns = ", ".join(
            f"max(value) filter (indicator = '{name}' and part = '') as {name}" for name in names
        )
        listed = ", ".join(f"'{name}'" for name in names)
        formula = _with_null_division(each.formula or "")
        parts.append(
            f"select node_id, '{each.key}' as indicator, '' as part, ({formula}) * {each.scale} as value, false as at_least, "
            f"filed, 0 as missing, null as median from (select node_id, {columns}, max(filed) as filed from summed "
            f"where indicator in ({listed}) group by node_id)"
        )
    return (HERE / "rollup.sql").read_text("utf-8").replace("{derived}", " union all ".join(parts))


def _with_null_division(formula: str) -> str:
    """DuckDB divides by nought to infinity; a ratio over nothing is missing."""
    above, slash, below = formula.partition("/")
    return f"({above}) / nullif({below}, 0)" if slash else formula


def checked(totals: pa.Table) -> tuple[dict[str, float], int]:
    """Sums by indicator and the sum of ranks: what all three must agree on."""
    sums = totals.group_by("indicator").aggregate([("value", "sum")]).to_pydict()
    ranks = sum(rank or 0 for rank in totals["rank_in_tier"].to_pylist())
    return dict(zip(sums["indicator"], (value or 0.0 for value in sums["value_sum"]), strict=True)), ranks


def require_equal(name: str, one: tuple[dict[str, float], int], other: tuple[dict[str, float], int]) -> None:
    """RuntimeError if two ways of adding up differ."""
    different = [
        key for key in one[0] if not math.isclose(one[0][key], other[0][key], rel_tol=1e-9, abs_tol=1e-2)
    ]
    if different or one[1] != other[1]:
        raise RuntimeError(f"{name} comes to other totals in {different}, ranks {one[1]} and {other[1]}")


def compare(
    folder: Path, provinces: int, repeat: int, peers_python: Path
) -> tuple[list[Comparison], dict[str, Any]]:
    """The comparisons at one size, and the seconds behind them."""
    indicators = derived_indicators()
    engine = replicated(folder, provinces)
    own = checked(fetch(engine, core.totals_statement(indicators)))
    statement = raw_statement(indicators)
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        require_equal("raw SQL", own, checked(raw.execute(statement).to_arrow_table()))
        raw_seconds = median_seconds(lambda: raw.execute(statement).to_arrow_table(), repeat)
    own_seconds = median_seconds(lambda: core_rows(engine, indicators), repeat)
    engine.dispose()
    formulas = folder / "derived.json"
    formulas.write_text(json.dumps({each.key: each.formula for each in indicators}))
    command = [
        str(peers_python),
        "-m",
        "benchmarks.rollup_pandas",
        str(folder),
        str(provinces),
        str(min(repeat, 3)),
        str(formulas),
    ]
    other = run_measured(command)
    scaled = {each.key: each.scale for each in indicators}
    require_equal(
        "pandas",
        own,
        ({k: v * scaled.get(k, 1) for k, v in other.answer["checked"].items()}, other.answer["ranks"]),
    )
    seconds = {
        "core": own_seconds,
        "raw": raw_seconds,
        "pandas": other.answer["seconds"],
        "pandas_megabytes": other.peak_megabytes,
    }
    return [
        Comparison(f"Core statement to raw SQL, {provinces} province(s)", "s", own_seconds, raw_seconds, 1.2),
        Comparison(
            f"Core statement to pandas, {provinces} province(s)",
            "s",
            own_seconds,
            other.answer["seconds"],
            0.25,
        ),
    ], seconds


def main() -> None:
    """Simulate a province, compare."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--peers-python", type=Path, required=True)
    arguments.add_argument("--provinces", type=int, default=1)
    arguments.add_argument("--repeat", type=int, default=5)
    arguments.add_argument("--json", type=Path)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "tables"
        write_province(Path(work) / "home", folder)
        found, seconds = compare(folder, chosen.provinces, chosen.repeat, chosen.peers_python)
    report("Roll-up", found, chosen.json, seconds=seconds)


if __name__ == "__main__":
    main()
