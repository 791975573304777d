"""Airflow objects that several DAG files share: assets, owner, retries, how a roll-up waits. Read whenever a DAG is parsed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import (
    Asset,
    ExceptionRetryPolicy,
    Param,
    PartitionedAssetTimetable,
    RetryAction,
    RetryRule,
    RollupMapper,
    WaitForAll,
)

from etl.airflow_support.failures import keep_why
from etl.airflow_support.words import catalogue

OWNER = "sanji-operators"



def _asset(name: str, group: str, zh: str) -> Asset:
    return Asset(name=name, uri=f"sanji://{name}", group=group, extra={"zh": zh})


county_return = _asset("county_return", "县区报送", "县区（及直报单位）报送")
prefecture_summary = _asset("prefecture_summary", "州市汇总", "州市（批）汇总")
# The history of summaries, to be looked back upon. It schedules nothing: Airflow 3.3.2 answers a question
# for an asset's events with an internal error while a run that one of them started is still queued.
summary_on_file = _asset("summary_on_file", "州市汇总", "已有汇总的登记")
half_year_dispatch = _asset("half_year_dispatch", "通报", "半年通报")
annual_commendation = _asset("annual_commendation", "年度", "年度命名和表扬")

# A machine's fault may pass by itself; wrong configuration or a bug will not, and repeating it only delays
# the person who has to act. A worker that is killed raises nothing and falls under `retries` as usual.
MAY_PASS = (
    "etl.errors.Retryable",
    "builtins.ConnectionError",
    "builtins.TimeoutError",
    "sqlalchemy.exc.OperationalError",
    "airflow.sdk.exceptions.AirflowRuntimeError",  # Airflow's own server did not answer the step
)
RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=list(MAY_PASS),
            action=RetryAction.RETRY,
            reason=catalogue()["retried"]["asked"],
        )
    ],
    default=RetryAction.FAIL,
)

DEFAULT_ARGS = {
    "owner": OWNER,
    "retries": 3,
    "retry_delay": timedelta(seconds=20),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
    "retry_policy": RETRY_POLICY,
    "on_failure_callback": keep_why(MAY_PASS),
}

BATCH_NAME = "{{ task.op_kwargs['batch']['name'] }}"
"""What the UI shows beside a mapped task instance: the prefecture's name instead of its number."""

BATCH_GATHERED, BATCH_PUBLISHED = (
    BATCH_NAME + "{% if counts is defined %}：" + told + "{% endif %}"
    for told in (
        "收到{{ counts.received }}家，迟报{{ counts.late }}，未报{{ counts.missing }}",
        "采用{{ counts.rows_accepted }}行，退回{{ counts.rows_held }}行",
    )
)
"""The same with what came of it, once the task has put its `counts` into its context."""


def once_all_are_announced(parts: Asset, whole: Any, expected: Any) -> PartitionedAssetTimetable:
    """Return the schedule that runs a key once each part of it has been announced.

    `whole` names the key to which an announced part belongs, `expected` the parts of a key.
    """
    waiting = RollupMapper(upstream_mapper=whole, window=expected, wait_policy=WaitForAll())
    return PartitionedAssetTimetable(assets=parts, default_partition_mapper=waiting)


def key_param(example: str, **schema: str) -> dict[str, Param]:
    """Return the parameter that stands in for a run's partition key (`run_key`); `schema`: more of its JSON schema."""
    described = f"没有分区键时使用，{example}"
    return {"partition_key": Param(None, type=["null", "string"], title="分区键", description=described, **schema)}
