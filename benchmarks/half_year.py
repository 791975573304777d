"""Read → totals of a whole province, beside the floor, a pandas script and dbt, all in one run on the same files.

    python -m benchmarks.half_year --peers-python PATH [--scale 1.0] [--repeat 3] [--json FILE]

Two floors: every delivered file read once by the bare library for its kind, and every column of what was read scanned once
by DuckDB; and, lower still, the bytes alone and one column of the accepted rows, with no cell looked at.

dbt reads no workbooks and is given our text tables as CSV; so it stands there twice, alone and with our reading before it.
"""

import argparse
import json
import os
import shutil
import sqlite3
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import fastexcel
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from benchmarks.measure import Comparison, Run, middle, report, run_measured, timed

PROGRAMME, PERIOD = "yunnan-model-branch", "2018H1"
STAGES = ("read", "validate", "publish", "rollup")
IMPORT_FIRST = "import-first"


def delivered(feeds: Path) -> list[Path]:
    """The files that units sent."""
    return sorted(path for path in feeds.rglob("*") if path.is_file() and "_truth" not in path.parts)


def bare_floor(feeds: Path, texts: Path) -> float:
    """Seconds of reading every file once by a bare library, in threads, and one scan a table over all columns of what came."""
    tables: dict[tuple[str, ...], list[str]] = {}
    for path in texts.rglob("*.parquet"):
        tables.setdefault(tuple(pq.read_schema(path).names), []).append(str(path))

    def once() -> None:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(_bare_cells, delivered(feeds)))
        for paths in tables.values():
            duckdb.sql(f"select sum(length(columns(*)::varchar)) from read_parquet({paths})").fetchall()

    return min(timed(once) for _ in range(3))


def _bare_cells(path: Path) -> object:
    """All cells of a file; of a damaged one nothing."""
    content = path.read_bytes()
    try:
        if path.suffix == ".json":
            return json.loads(content)
        if path.suffix == ".csv":
            return csv.read_csv(pa.BufferReader(content), csv.ReadOptions(encoding=_encoding(content)), _LENIENT)
        book = fastexcel.read_excel(content)
        return [book.load_sheet(name, header_row=None, dtypes="string").to_arrow() for name in book.sheet_names]
    except (fastexcel.FastExcelError, pa.ArrowInvalid, ValueError):
        return None


_LENIENT = csv.ParseOptions(invalid_row_handler=lambda _: "skip")


def _encoding(content: bytes) -> str:
    try:
        content.decode()
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def bytes_floor(feeds: Path, slices: Path) -> float:
    """Seconds of reading every delivered byte once, and one column of the accepted figures and ledger entries."""

    def once() -> None:
        for path in delivered(feeds):
            path.read_bytes()
        for path in slices.rglob("*.parquet"):
            duckdb.sql(f"select count(distinct unit_id) from read_parquet('{path}')").fetchall()

    return min(timed(once) for _ in range(3))


def prepare(home: Path, scale: float) -> dict[str, int]:
    """Simulate and gather a province into `home`; gives back what was written."""
    os.environ["SANJI_HOME"] = str(home)
    from etl import tasks
    from etl.settings import settings
    from etl.simulated import simulate_period

    settings.cache_clear()
    written = simulate_period(PROGRAMME, PERIOD, settings().feeds_dir, scale=scale, faults="0.01", seed=1)
    tasks.gather(PROGRAMME, PERIOD, None, "2030-01-01")
    return dict(written)


def write_headings(path: Path) -> None:
    """What the sheets may call each column, and its type, for those who do not know our layout."""
    from etl.core.period import Period
    from etl.edges.programmes import load_bundle

    tables = load_bundle(PROGRAMME, None).layout(Period.parse(PERIOD)).tables
    spoken = {
        "headings": {
            t.key: {"".join(h.split()): c.key for c in t.columns for h in c.headings} for t in tables
        },
        "types": {t.key: {c.key: c.type for c in t.columns} for t in tables},
        "choices": {t.key: {c.key: list(c.choices) for c in t.columns if c.choices} for t in tables},
        "required": {t.key: [c.key for c in t.columns if c.required] for t in tables},
    }
    path.write_text(json.dumps(spoken, ensure_ascii=False), encoding="utf-8")


def write_csv(home: Path, folder: Path) -> None:
    """Our text tables as one CSV a table: what dbt is given."""
    folder.mkdir()
    paths: dict[str, list[tuple[str, str, str]]] = {}
    with sqlite3.connect(home / "store.sqlite") as store:
        rows = store.execute(
            "select table_name, unit_id, receipt_id, text_path from receipt_tables join receipts using (receipt_id) "
            "where status = 'current'"
        )
        for table, unit, receipt, path in rows:
            paths.setdefault(table, []).append((unit.lstrip("PU"), receipt, str(home / "landing" / path)))
    for table, files in paths.items():
        duckdb.sql("create or replace temp table units (unit varchar, receipt_id varchar, filename varchar)")
        duckdb.executemany("insert into units values (?, ?, ?)", files)
        names = sorted({name for _, _, name in files})
        duckdb.sql(
            f"copy (select u.unit, t.* exclude (filename, receipt_id) from read_parquet({names}, filename = true) as t "
            f"join units as u using (filename, receipt_id)) to '{folder / table}.csv' (header)"
        )


def ours(home: Path, *first: str) -> Run:
    """Our stages in a process of their own, from files that are gathered and not read.

    With `IMPORT_FIRST` Great Expectations is imported before them, else beside the first work of validation, as it always is.
    """
    with sqlite3.connect(home / "store.sqlite") as store:
        store.execute("update receipts set layout_digest = null")
    shutil.rmtree(home / "landing" / "text", ignore_errors=True)
    shutil.rmtree(home / "landing" / "slices", ignore_errors=True)
    return run_measured([sys.executable, "-m", "benchmarks.half_year_ours", str(home), PROGRAMME, PERIOD, *first])


def main() -> None:
    """Prepare, run everybody in turn, print ratios of medians."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--peers-python", type=Path, required=True)
    arguments.add_argument("--scale", type=float, default=1.0)
    arguments.add_argument("--repeat", type=int, default=3)
    arguments.add_argument("--json", type=Path)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, work = Path(folder) / "home", Path(folder)
        written = prepare(home, chosen.scale)
        write_headings(work / "headings.json")
        ours(home)  # the first run also warms the disk's cache for all
        write_csv(home, work / "dbt")
        script = [
            str(chosen.peers_python),
            "-m",
            "benchmarks.half_year_script",
            str(home / "feeds" / PROGRAMME / PERIOD),
        ]
        dbt = [str(chosen.peers_python), "-m", "benchmarks.half_year_dbt", str(work / "dbt")]
        runs: dict[str, list[Run]] = {"ours": [], "apart": [], "script": [], "dbt": []}
        for _ in range(chosen.repeat):
            runs["ours"].append(ours(home))
            runs["apart"].append(ours(home, IMPORT_FIRST))
            runs["script"].append(
                run_measured([*script, str(work / "headings.json"), str(work / "script.sqlite")])
            )
            runs["dbt"].append(run_measured([*dbt, str(work / "headings.json")]))
        landing = home / "landing"
        bare = bare_floor(home / "feeds", landing / "text")
        lowest = bytes_floor(home / "feeds", landing / "slices")
    own, apart, other, built = (middle(runs[name]) for name in ("ours", "apart", "script", "dbt"))
    without = sum(apart.answer[name] for name in STAGES)
    read_too = own.answer["read"] + built.seconds
    report(
        f"{written['rows']} rows of {written['units']} units, read to totals",
        [
            Comparison("Great Expectations' import apart, to bare libraries and one scan", "s", without, bare, 8),
            Comparison("the same, to the bytes and one column", "s", without, lowest, 8),
            Comparison("whole process, to our reading, then dbt run and test", "s", own.seconds, read_too, 0.7),
            Comparison("whole process, to dbt run and test from our text tables", "s", own.seconds, built.seconds, 0.7),
            Comparison("whole process, to the pandas script", "s", own.seconds, other.seconds, 0.4),
            Comparison("processor time, to dbt", "s", own.processor_seconds, built.processor_seconds, 0.7),
            Comparison(
                "processor time, to the pandas script",
                "s",
                own.processor_seconds,
                other.processor_seconds,
                0.4,
            ),
            Comparison("memory, to the pandas script", "MB", own.peak_megabytes, other.peak_megabytes, 0.4),
            Comparison("memory, to what one machine may give", "MB", own.peak_megabytes, 1500, 1),
        ],
        chosen.json,
        stages=own.answer,
        answers={"script": other.answer, "dbt": built.answer},
    )


if __name__ == "__main__":
    main()
