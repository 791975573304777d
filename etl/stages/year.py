"""How far the two half-years of a year have come."""

import datetime as dt
from typing import Any

from etl.core.awards.year import HalfState, half_status, year_closed
from etl.core.mail.mailing import LEFT
from etl.core.register import cutoff_day
from etl.edges.store.editions import latest_editions
from etl.edges.store.messages import messages_of
from etl.edges.store.results import frame
from etl.stages.context import Context, half_contexts
from etl.stages.render import REPORT
from etl.stages.rollup import slices_under


def half_states(context: Context) -> list[HalfState]:
    """The state of both half-years of a year (or of the year of a batch)."""
    return [_state(half) for half in half_contexts(context)]


def year_status(context: Context, as_of: dt.date) -> dict[str, Any]:
    """Each half-year's status, and whether the year is closed."""
    states = half_states(context)
    found: dict[str, Any] = {str(state.period): half_status(state, as_of) for state in states}
    return found | {"closed": year_closed(states, as_of)}


def _state(half: Context) -> HalfState:
    complete = frame(half.store, "completeness", *half.key)
    everything = half.register.top.node_id
    top = complete[complete["node_id"] == everything]
    return HalfState(
        period=half.period,
        cutoff=cutoff_day(half.bundle.programme, half.period),
        rolled_up=not top.empty,
        rows_current=sum(row["rows_in"] for row in slices_under(half, everything)),
        rows_rolled_up=0 if top.empty else int(top["rows_in"].item()),
        dispatch_released=_released(half),
    )


def _released(half: Context) -> bool:
    """Whether a message with the dispatch of the whole has left the house."""
    edition = latest_editions(half.store, *half.key, REPORT).get(half.register.top.node_id)
    left = messages_of(half.store, *half.key, states=LEFT, kinds=["edition"])
    return edition is not None and any(row["subject_id"] == edition["edition_id"] for row in left)
