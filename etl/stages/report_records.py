"""What half-yearly reports read out of the registers of duties and facts, cut off with everything else that they tell.

What counts came to be by the period's last day and was entered by its cut-off, the day as of which returns count too. So the
report of a half-year is the same however often it is made, and whatever is entered afterwards.
"""

from typing import Any

import pandas as pd

from etl.core.awards.branch_records import on_record, told_outcome
from etl.core.register import cutoff_day
from etl.core.reports.index import DUTY_COLUMNS, FACT_COLUMNS
from etl.core.year_rows import FactRow
from etl.edges.store.records import records_of
from etl.edges.store.schema import branch_records
from etl.stages.branch_facts import declared, outcome_names
from etl.stages.context import Context
from etl.stages.duties import duty_standings

Row = dict[str, Any]


def record_frames(context: Context) -> dict[str, pd.DataFrame]:
    """`duties` and `facts` of a programme and period; columns as `ReportFrames` says."""
    return {
        "duties": pd.DataFrame(_duties(context), columns=DUTY_COLUMNS),
        "facts": pd.DataFrame(_facts(context), columns=FACT_COLUMNS),
    }


def _duties(context: Context) -> list[Row]:
    """A duty of which nothing is on record is none that anybody keeps a register of: nothing is said of it."""
    cutoff = cutoff_day(context.bundle.programme, context.period)
    names = context.register.names
    found = []
    for each in duty_standings(context, context.period.last_day, cutoff):
        done = {row["node_id"]: row["done_on"] for row in each.records}
        said = {"duty": each.duty.key, "zh": each.duty.zh, "en": each.duty.en, "owing": each.duty.every != "whenever"}
        due_on = each.due_on.isoformat() if each.due_on else ""
        found += [
            {**said, "due_on": due_on, "node_id": node, "name": names[node], "done_on": done.get(node, "")}
            for node in (each.owed if each.times else ())
        ]
    return found


def _facts(context: Context) -> list[Row]:
    cutoff = cutoff_day(context.bundle.programme, context.period)
    rows = records_of(context.store, branch_records, FactRow, context.key[0], cutoff)
    names = context.register.names
    told = [
        {**row, "outcome": told_outcome(row), **outcome_names(context, told_outcome(row)), "name": names.get(row["node_id"], "")}
        for row in on_record(rows, context.period.last_day)
    ]
    return sorted(told, key=lambda row: (declared(context, row["kind"], row["outcome"]), row["node_id"], row["branch_id"]))
