"""The half-year calendar and the reporting tree, told to Airflow's asset scheduler.

Keys: `2018H1|yunnan-model-branch|P530100|P530122` (unit) → `2018H1|yunnan-model-branch|P530100` (batch)
→ `2018H1|yunnan-model-branch` (programme) → `2018|yunnan-model-branch` (year). Registered through the entry point
`airflow.plugins`, so that
scheduler and API server load it wherever the package is installed. It runs in those processes: it imports
nothing heavy, and reads the register only when a key has to be expanded.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

import pendulum
from airflow.exceptions import InvalidPartitionKeyError
from airflow.partition_mappers.base import PartitionMapper
from airflow.partition_mappers.window import Window
from airflow.plugins_manager import AirflowPlugin
from airflow.timetables.base import DagRunInfo
from airflow.timetables.trigger import CronPartitionTimetable
from pendulum import DateTime

from etl.airflow_support.keys import SEPARATOR, NodeKey

_HALF_YEAR = re.compile(r"(?P<year>\d{4})H(?P<half>[12])")


class HalfYearTimetable(CronPartitionTimetable):  # type: ignore[misc]  # Airflow is not followed by mypy, so its bases are Any
    """Runs on the cron expression; the partition is the half-year that ended last: `2018H1` all July 2018.

    Several ticks may gather the same half-year, say after the due day and again after the cut-off. A backfill
    gets one run for every half-year whose first day lies in its range.
    """

    def _get_partition_date(self, *, run_date: DateTime) -> DateTime:
        return _half_year_start(run_date.in_timezone(self._timezone)).subtract(months=6)

    def _format_key(self, partition_date: DateTime) -> str:
        day = partition_date.in_timezone(self._timezone)
        return f"{day.year}H{1 if day.month <= 6 else 2}"

    def _decode_partition_date(self, partition_key: str) -> dt.datetime:
        """Return the first instant of the half-year; raise InvalidPartitionKeyError for any other text."""
        match = _HALF_YEAR.fullmatch(partition_key)
        if match is None:
            raise InvalidPartitionKeyError(f"{partition_key!r} is not a half-year such as 2018H1")
        first_month = 1 if match["half"] == "1" else 7
        return pendulum.datetime(int(match["year"]), first_month, 1, tz=self._timezone)

    def iter_partition_dagrun_infos(
        self, *, earliest: dt.datetime, latest: dt.datetime
    ) -> Iterable[DagRunInfo]:
        """Yield one run for every half-year that starts between the two instants, both included."""
        # Airflow localizes the bounds to instants in UTC; a half-year begins at midnight in our own zone.
        first, last = (
            self.localize_partition_datetime(bound).in_timezone(self._timezone)
            for bound in (earliest, latest)
        )
        start = _half_year_start(first)
        if start < first:
            start = start.add(months=6)
        while start <= last:
            yield DagRunInfo(
                run_after=start,
                data_interval=None,
                partition_date=start,
                partition_key=self._format_key(start),
            )
            start = start.add(months=6)


def _half_year_start(day: DateTime) -> DateTime:
    return day.start_of("month").set(month=1 if day.month <= 6 else 7)


class ParentNode(PartitionMapper):  # type: ignore[misc]  # Airflow is not followed by mypy, so its bases are Any
    """A key reports to the key without its last part."""

    def to_downstream(self, key: str) -> str:
        return NodeKey.parse(key).parent.text


class ChildNodes(Window):  # type: ignore[misc]  # Airflow is not followed by mypy, so its bases are Any
    """What has to be announced: a batch's units that must report, or the batches that have any."""

    def to_upstream(self, decoded_downstream: str) -> Iterable[str]:
        """Return the keys that have to arrive for this one.

        A node without children raises LookupError: an empty set would count as complete, and a summary of
        nothing would go out.
        """
        from etl import partitions  # noqa: PLC0415  the register is read only by those who need it

        key = NodeKey.parse(decoded_downstream)
        if key.batch_id is None:
            batches = partitions.batch_ids(key.programme, key.period)
            # A batch in which nobody must report (a province's own office, say) is never announced.
            children = [b for b in batches if partitions.unit_ids(key.programme, key.period, b)]
        else:
            children = list(partitions.unit_ids(key.programme, key.period, key.batch_id))
        if not children:
            raise LookupError(f"Nobody reports to {decoded_downstream}")
        return [f"{decoded_downstream}{SEPARATOR}{child}" for child in children]


class YearOfHalf(PartitionMapper):  # type: ignore[misc]  # Airflow is not followed by mypy, so its bases are Any
    """A half-year's key reports to its year's: `2018H1|programme` → `2018|programme`."""

    def to_downstream(self, key: str) -> str:
        """Return the year's key; raise ValueError unless the key is a programme's own of a half-year."""
        node = NodeKey.parse(key)
        half = _HALF_YEAR.fullmatch(node.period)
        if half is None or node.batch_id is not None:
            raise ValueError(f"Partition key {key!r} is not half-year|programme")
        return f"{half['year']}{SEPARATOR}{node.programme}"


class BothHalves(Window):  # type: ignore[misc]  # Airflow is not followed by mypy, so its bases are Any
    """What has to be announced before a year begins to be judged: the dispatches of both its half-years."""

    def to_upstream(self, decoded_downstream: str) -> Iterable[str]:
        """Return the keys of both half-years."""
        node = NodeKey.parse(decoded_downstream)
        return [f"{node.period}H{half}{SEPARATOR}{node.programme}" for half in (1, 2)]


class SanjiPartitionsPlugin(AirflowPlugin):  # type: ignore[misc]  # Airflow is not followed by mypy, so its bases are Any
    """Makes the classes above known to Airflow's serializer."""

    name = "sanji_partitions"
    timetables = [HalfYearTimetable]  # noqa: RUF012  Airflow reads plain lists
    partition_mappers = [ParentNode, YearOfHalf]  # noqa: RUF012  Airflow reads plain lists
    windows = [ChildNodes, BothHalves]  # noqa: RUF012  Airflow reads plain lists
