"""Dispatch: what the outbox owes → messages that have left. Without a mail server they stay in the outbox as .eml files."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from etl.stages.context import Context
from etl.stages.outbox import compose_editions

Clock = Callable[[], dt.datetime]


def dispatch(
    context: Context, now: Clock, progress: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Queue what is owed. Gives back how many messages of editions there are and how many this call composed."""
    return compose_editions(context, now(), progress)
