"""Cuts a yearbook table by county into one workbook a county, as counties would send it."""

import datetime as dt
import os
from pathlib import Path

import pandas as pd
import xlsxwriter

CODE, IDENTITY = "区划代码", ("区划代码", "省", "市", "区县")


def split_by_county(table: Path, feeds: Path, programme: str, period: str) -> int:
    """Write <feeds>/<programme>/<period>/<code>/<code>.xlsx for each row; gives back how many there are."""
    counties = pd.read_excel(table, dtype={CODE: str})
    headings = ["区县", *(column for column in counties.columns if column not in IDENTITY)]
    arrived = dt.datetime(2021, 1, 5, tzinfo=dt.UTC).timestamp()
    for row in counties.to_dict("records"):
        folder = feeds / programme / period / row[CODE]
        folder.mkdir(parents=True)
        path = folder / f"{row[CODE]}.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("单位情况表")
            sheet.write_row(0, 0, headings)
            for column, heading in enumerate(headings):
                if not pd.isna(row[heading]):
                    sheet.write(1, column, row[heading])
        os.utime(path, (arrived, arrived))
    return len(counties)
