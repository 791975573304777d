"""Partition keys as a noun. No Airflow here: the plugin, the DAG files and the tests all read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

SEPARATOR = "|"
TIMEZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class NodeKey:
    """`period|programme`, `period|programme|batch` or `period|programme|batch|unit`.

    >>> NodeKey.parse("2018H1|demo|P530100|P530122").parent.text
    '2018H1|demo|P530100'
    """

    period: str
    programme: str
    batch_id: str | None = None
    unit_id: str | None = None

    @classmethod
    def parse(cls, text: str) -> NodeKey:
        """Return the key that the text names; raise ValueError unless it has two to four filled parts."""
        parts = text.split(SEPARATOR)
        if not 2 <= len(parts) <= 4 or not all(parts):
            raise ValueError(f"Partition key {text!r} is not period|programme[|batch[|unit]]")
        return cls(*parts)

    @classmethod
    def of(cls, run: Run, params: Mapping[str, Any]) -> NodeKey:
        """Return the key of a run, or of the parameter `partition_key` that stands in for it."""
        return cls.parse(run_key(run, params, "partition_key"))

    @property
    def text(self) -> str:
        """The key as Airflow stores it."""
        parts = (self.period, self.programme, self.batch_id, self.unit_id)
        return SEPARATOR.join(part for part in parts if part)

    @property
    def parent(self) -> NodeKey:
        """The key one tier up; raise ValueError for a programme's own key, which has none."""
        return NodeKey.parse(self.text.rpartition(SEPARATOR)[0])


class Run(Protocol):
    """The few fields of Airflow's `dag_run` that a stage is given."""

    partition_key: str | None
    start_date: datetime | None
    run_after: datetime


def run_key(run: Run, params: Mapping[str, Any], param: str) -> str:
    """Return the run's partition key, or the parameter that stands in for it.

    `airflow dags test` and the "trigger" form without a key leave the partition key empty. Raises ValueError
    when both are: a stage never guesses its period.
    """
    key = run.partition_key or params.get(param)
    if not key:
        raise ValueError(f"This run has neither a partition key nor a parameter {param!r}; give it one")
    return str(key)


def run_as_of(run: Run, params: Mapping[str, Any]) -> str:
    """Return the instant (ISO 8601, Asia/Shanghai) at which this run looks at the drop folder.

    It is the run's own start, which clearing a run renews, and not `run_after`: Airflow dates a backfilled
    run at its partition, half a year before anything was due.
    """
    given = params.get("as_of")
    if given:
        return str(given)
    return (run.start_date or run.run_after).astimezone(ZoneInfo(TIMEZONE)).isoformat(timespec="seconds")
