"""Which keys a task announces, so that every wave of work makes each roll-up run once.

Airflow's roll-up forgets a partition as soon as its run exists. A correction that announced only its own key
would leave a run pending at 1/16 for ever (apache/airflow#65923), so it announces its siblings again too. But
only those that are up to date: a sibling whose own roll-up is still on its way announces itself, and
whichever comes last completes the set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from etl.airflow_support.keys import SEPARATOR, NodeKey

WAVE = "wave"
"""Name of the extra in which an announcement of units lists every batch announced together with them."""

Batch = dict[str, Any]


class Event(Protocol):
    """The few fields of an Airflow asset event that matter here."""

    partition_key: str | None
    timestamp: datetime
    extra: Mapping[str, Any] | None


def finished_programmes(planned: Sequence[Batch], done: Iterable[Batch]) -> list[Batch]:
    """Return the done batches of those programmes of which every planned batch is done.

    A programme moves on as a whole, because its batches are compared with one another; one programme's broken
    batch does not hold up another programme.
    """
    done = list(done)
    reached = {(batch["programme"], batch["batch_id"]) for batch in done}
    held = {b["programme"] for b in planned if (b["programme"], b["batch_id"]) not in reached}
    return [batch for batch in done if batch["programme"] not in held]


def summaries_to_announce(own: str, triggers: Iterable[Event], summaries: Iterable[Event]) -> list[str]:
    """Return this batch's key and those of all siblings whose summary on file is up to date, sorted.

    `triggers` are the events that started this roll-up; the newest of them names its wave. A sibling of the
    same wave counts as up to date when its summary is newer than the wave, any other one when it has ever
    been summarised. Without triggers (a run started by hand) there is no wave.
    """
    newest = max(triggers, key=lambda event: event.timestamp, default=None)
    wave = frozenset((newest.extra or {}).get(WAVE, ())) if newest else frozenset()
    siblings = NodeKey.parse(own).parent.text + SEPARATOR
    current = {
        event.partition_key
        for event in summaries
        if event.partition_key is not None
        and event.partition_key.startswith(siblings)
        and (newest is None or event.partition_key not in wave or event.timestamp >= newest.timestamp)
    }
    return sorted(current | {own})
