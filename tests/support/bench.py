"""A workbench over rows written by hand: the validation views without files, store or Great Expectations."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from etl.core.period import Period
from etl.edges.engine import fetch
from etl.edges.landing import Landing
from etl.edges.programmes import load_bundle
from etl.edges.store.receipts import TextFile
from etl.edges.texts import TextFiles
from etl.edges.workbench import Workbench, no_figures, titles_table

Row = Mapping[str, str | None]
NO_LEVELS = pa.table({"branch_id": pa.array([], pa.string()), "level": pa.array([], pa.string())})


def counties(number: int, programme: str = "yunnan-model-branch", period: str = "2018H1") -> list[str]:
    """The ids of so many counties that must report: a unit for each case of a table, where cases must not touch one another."""
    units = load_bundle(programme).register(Period.parse(period)).units
    found = [unit.unit_id for unit in units if unit.kind == "county" and unit.must_report][:number]
    assert len(found) == number
    return found


def bench(
    folder: Path, filed: Mapping[tuple[str, str], Sequence[Row]], programme: str = "yunnan-model-branch",
    period: str = "2018H1", **before: pa.Table,
) -> Workbench:
    """All views over `filed`: (unit id, table) → rows. A column that a row does not name is blank."""
    landing, bundle, when = Landing(folder), load_bundle(programme), Period.parse(period)
    layout, texts, files = bundle.layout(when), [], TextFiles()
    for (unit_id, name), rows in filed.items():
        keys = [column.key for column in layout.table(name).columns]
        cells: dict[str, Any] = {"row_number": pa.array(range(2, len(rows) + 2), pa.int32())}
        cells |= {key: pa.array([row.get(key) for row in rows], pa.string()) for key in keys}
        files.add(name, f"{unit_id}-{name}", pa.table(cells))
        texts.append(TextFile(f"{unit_id}-{name}", unit_id, name, "表", len(rows), 0, {}, ""))
    paths = files.keep(landing)
    texts = [replace(text, text_path=paths[text.table_name]) for text in texts]
    made = Workbench(bundle, when, landing)
    references = {"previous_figures": no_figures(), "levels_held": NO_LEVELS, "titles_recorded": titles_table()} | before
    made.load(texts, sorted({unit_id for unit_id, _ in filed}), references)
    made.build_views()
    return made


def view(made: Workbench, name: str, *columns: str, **where: str) -> list[tuple[Any, ...]]:
    """Columns of one view, of the rows where other columns have these values, in row order."""
    source = sa.table(name, *(sa.column(each) for each in {*columns, *where, "unit_id", "row_number"}))
    statement = sa.select(*(source.c[each] for each in columns)).order_by(source.c.unit_id, source.c.row_number)
    for key, value in where.items():
        statement = statement.where(source.c[key] == value)
    return [tuple(row.values()) for row in fetch(made.engine, statement).to_pylist()]
