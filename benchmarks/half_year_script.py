"""The script a good data clerk would write: openpyxl and pandas read, pandera checks, pandas adds up, SQLite keeps.

    python -m benchmarks.half_year_script FEEDS HEADINGS.json OUT.sqlite

Runs in the peers' environment. HEADINGS says {table: {heading: column}} and {table: {column: type}}. It is
straightforward on purpose: one heading row or two, thousands of words of tolerance less than ours, checks on single
columns and pairs, no comparison with the period before.
"""

import io
import json
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pandera.errors
import pandera.pandas as pa
import sqlalchemy as sa

from benchmarks.measure import answer

TABLES = ("branches", "unit_figures", "activities", "honours")
NUMBERS = ("whole", "number", "money", "share")


def sheets_of(path):
    """The tables of one file as frames of cells without headings."""
    if path.suffix == ".json":
        return [(name, pd.DataFrame(rows)) for name, rows in json.loads(path.read_text("utf-8-sig")).items()]
    if path.suffix == ".csv":
        content = path.read_bytes()
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("gb18030", errors="replace")
        return [
            (
                None,
                pd.read_csv(io.StringIO(text), header=None, dtype=str, names=range(64)).dropna(
                    axis=1, how="all"
                ),
            )
        ]
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    return [(None, pd.DataFrame(sheet.values)) for sheet in book if sheet.sheet_state == "visible"]


def clean(cell):
    """A heading without white space."""
    return "" if cell is None or cell != cell else "".join(str(cell).split())


def headed(cells, headings):
    """(table, frame with our column names) of a sheet, by the row whose cells are known best; None if none is."""
    best = (0, None, None, None)
    above = []
    for number, row in enumerate(cells.head(8).itertuples(index=False)):
        words = [clean(cell) for cell in row]
        filled, last = [], ""
        for word in above:
            last = word or last
            filled.append(last)
        both = (
            [
                f"{top}/{word}" if word and top else word or top
                for top, word in zip(filled, words, strict=False)
            ]
            if above
            else words
        )
        for joined in (words, both):
            for table, known in headings.items():
                names = [known.get(word) for word in joined]
                score = len({name for name in names if name})
                if score > best[0]:
                    best = (score, table, names, number)
        above = words
    score, table, names, number = best
    if score < 2:
        return upright(cells, headings)
    frame = cells.iloc[number + 1 :].set_axis([name or f"_{i}" for i, name in enumerate(names)], axis=1)
    return table, frame.loc[:, ~frame.columns.str.startswith("_")].loc[:, lambda f: ~f.columns.duplicated()]


def upright(cells, headings):
    """A sheet that is written downwards: headings in the first column, values in the last."""
    known = headings["unit_figures"]
    last, values = "", {}
    for row in cells.itertuples(index=False):
        word = clean(row[0])
        key = known.get(word) or known.get(f"{last}/{word}")
        last = word if word in known else last
        if key and len(row) > 1:
            values[key] = row[-1]
    return ("unit_figures", pd.DataFrame([values])) if len(values) > 3 else None


def typed(frame, types):
    """Text to numbers and dates; what cannot be read becomes missing."""
    for name in frame.columns:
        kind = types.get(name, "text")
        if kind in NUMBERS:
            text = (
                frame[name].astype("string").str.normalize("NFKC").str.replace("[,，人次个%]", "", regex=True)
            )
            frame[name] = pd.to_numeric(text, errors="coerce")
        elif kind == "date":
            text = frame[name].astype("string").str.replace("[年月]", "-", regex=True).str.replace("日", "")
            frame[name] = pd.to_datetime(text, errors="coerce", format="mixed")
        else:
            frame[name] = frame[name].astype("string").str.strip()
    return frame


def schemas(tables, types):
    """Not missing, not negative, unique, part of a whole: what pandera says of columns and pairs."""
    found = {}
    for name, frame in tables.items():
        columns = {}
        for column in frame.columns:
            kind = types[name].get(column)
            if kind in NUMBERS:
                columns[column] = pa.Column(float, pa.Check.ge(0), nullable=True, coerce=True)
            elif column in ("branch_id", "branch_name", "activity_kind"):
                columns[column] = pa.Column(
                    None, nullable=False, unique=name == "branches" and column == "branch_id"
                )
        pairs = [
            ("members_taking_part", "members"),
            ("members_away_managed", "members_away"),
            ("attendance_present", "attendance_due"),
        ]
        checks = [
            pa.Check(lambda f, a=a, b=b: ~(f[a] > f[b]), name=f"{a} within {b}", ignore_na=True)
            for a, b in pairs
            if a in frame and b in frame
        ]
        found[name] = pa.DataFrameSchema(columns, checks=checks)
    return found


def main():
    """Read, check, add up, keep; says what came of it."""
    feeds, headings_path, out = map(Path, sys.argv[1:])
    spoken = json.loads(headings_path.read_text("utf-8"))
    headings, types = spoken["headings"], spoken["types"]
    parts = {name: [] for name in TABLES}
    for folder in sorted(path for path in feeds.iterdir() if path.is_dir() and path.name != "_truth"):
        for path in sorted(folder.iterdir()):
            for name, cells in sheets_of(path):
                found = (name, cells) if name in TABLES else headed(cells, headings)
                if found:
                    parts[found[0]].append(found[1].assign(unit=folder.name))
    tables = {
        name: typed(pd.concat(frames, ignore_index=True), types[name]) for name, frames in parts.items()
    }
    key = {"branches": "branch_id", "activities": "branch_id", "unit_figures": "unit", "honours": "recipient"}
    tables = {name: frame[frame[key[name]].notna()] for name, frame in tables.items()}
    rows_in = {name: len(frame) for name, frame in tables.items()}
    failing = 0
    for name, schema in schemas(tables, types).items():
        try:
            schema.validate(tables[name], lazy=True)
        except pandera.errors.SchemaErrors as errors:
            bad = errors.failure_cases["index"].dropna().unique()
            failing += len(bad)
            tables[name] = tables[name].drop(index=bad)
    ledger = (
        tables["activities"]
        .groupby(["unit", "activity_kind"])
        .agg(entries=("branch_id", "size"), people=("attendance_present", "sum"))
    )
    numbers = [
        name for name, kind in types["branches"].items() if kind in NUMBERS and name in tables["branches"]
    ]
    levels = {
        "county": tables["branches"]["unit"],
        "prefecture": tables["branches"]["unit"].str[:4],
        "province": tables["branches"]["unit"].str[:2],
    }
    sums = pd.concat(
        {tier: tables["branches"].groupby(by)[numbers].sum(min_count=1) for tier, by in levels.items()},
        names=["tier", "code"],
    )
    medians = pd.concat(
        {tier: tables["branches"].groupby(by)[numbers].median() for tier, by in levels.items()},
        names=["tier", "code"],
    )
    ranks = sums.groupby("tier").rank(ascending=False, method="first")
    out.unlink(missing_ok=True)
    with sa.create_engine(f"sqlite:///{out}").begin() as store:
        for name, frame in (
            *tables.items(),
            ("ledger", ledger.reset_index()),
            ("sums", sums.reset_index()),
            ("medians", medians.reset_index()),
            ("ranks", ranks.reset_index()),
        ):
            frame.to_sql(name, store, index=False, if_exists="replace")
    total = sums.loc[("province", "53"), "members"]
    answer({"rows_in": rows_in, "failing": int(failing), "members": float(total)})


if __name__ == "__main__":
    main()
