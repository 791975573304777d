"""The board: one row a unit, where its return stands on a day."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from etl.core.register import Unit, cutoff_day, due_day
from etl.core.returns.status import Return, days_after_due, status
from etl.core.rows import EventRow
from etl.edges.store.history import last_events
from etl.stages.context import Context
from etl.stages.returns import returns

COLUMNS = (
    "unit_id code name kind parent_id parent_name batch_id status due_on arrived_on days_after_due faults warnings rows_in "
    "rows_accepted rows_held deliveries superseded last_event last_at last_actor"
).split()


def board(context: Context, as_of: dt.date) -> pd.DataFrame:
    """One row a unit that must report or has, in code order, with the columns `COLUMNS`.

    `days_after_due` counts working days, negative before the due day. `as_of` decides what is due, late or missing;
    files, rows and findings are those the store holds now. `last_at` is in China's time.
    """
    days = (as_of, due_day(context.bundle.programme, context.period), cutoff_day(context.bundle.programme, context.period))
    filed, events = returns(context), last_events(context.store, *context.key)
    rows = [
        _row(unit, context.register.names, filed.get(unit.unit_id, Return()), events.get(unit.unit_id), days)
        for unit in context.register.units
        if unit.must_report or unit.unit_id in filed
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(
    unit: Unit, names: Mapping[str, str], filed: Return, last: EventRow | None,
    days: tuple[dt.date, dt.date, dt.date],
) -> dict[str, Any]:
    counts = ("faults", "warnings", "rows_in", "rows_accepted", "rows_held", "deliveries", "superseded")
    return {
        **{name: getattr(unit, name) for name in ("unit_id", "code", "name", "kind", "parent_id", "batch_id")},
        "parent_name": names.get(unit.parent_id or "", ""),
        "status": status(filed, *days),
        "due_on": days[1],
        "arrived_on": filed.first_arrived_on,
        "days_after_due": days_after_due(filed, *days),
        **{name: getattr(filed, name) for name in counts},
        **{f"last_{name}": last[name] if last else None for name in ("event", "at", "actor")},
    }
