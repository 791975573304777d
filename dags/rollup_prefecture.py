"""### 州市汇总

一个州市（一批）的应报单位全部有结果（已发布，或截止后仍未报）时自动运行一次，
分区键如 `2018H1|yunnan-model-branch|P530100`。未齐时，Dag 列表的“调度”栏显示 `county_return 7 / 8`，
点开可见缺哪一家。

**失败说明什么**：机器故障（自动重试）或程序、配置错误。县区数据有问题不会使汇总失败。

**怎么办**：看日志，排除原因后点“清除任务”。更正到达后不必在此操作：收集流程重做后，本流程会再运行，
并连同已完成的兄弟州市一起登记，使半年通报重做一次。
"""

# The stages bring DuckDB, pandas and Great Expectations along: import them inside tasks only.

from __future__ import annotations

from typing import Any

from airflow.sdk import dag, task

from etl.airflow_plugin import ChildNodes, ParentNode
from etl.airflow_support.keys import NodeKey
from etl.airflow_support.waves import summaries_to_announce
from etl.airflow_support.wiring import (
    DEFAULT_ARGS,
    county_return,
    key_param,
    once_all_are_announced,
    prefecture_summary,
    summary_on_file,
)
from etl.airflow_support.words import words_of

words = words_of("rollup_prefecture")

# Summaries looked back upon: some 20 batches a programme and half-year, so this is years of them.
EVENTS_ON_FILE = 2000


@dag(
    dag_display_name="州市汇总",
    schedule=once_all_are_announced(county_return, ParentNode(), ChildNodes()),
    catchup=False,
    # Only data starts it, so there is nothing to switch on.
    is_paused_upon_creation=False,
    max_active_runs=8,
    default_args=DEFAULT_ARGS,
    params=key_param("如 2018H1|yunnan-model-branch|P530100"),
    tags=["sanji", "汇总"],
    doc_md=__doc__,
)
def rollup_prefecture() -> None:
    """Wire the roll-up of one batch and its announcement."""

    @task(
        **words("roll_up"),
        inlets=[summary_on_file],
        outlets=[prefecture_summary, summary_on_file],
        multiple_outputs=False,
    )
    def roll_up(
        dag_run: Any = None,
        params: Any = None,
        inlet_events: Any = None,
        outlet_events: Any = None,
        triggering_asset_events: Any = None,
    ) -> dict[str, Any]:
        from etl import tasks

        key = NodeKey.of(dag_run, params)
        rolled = tasks.roll_up(key.programme, key.period, key.batch_id)
        triggers = [event for events in triggering_asset_events.values() for event in events]
        summaries = inlet_events[summary_on_file].ascending(False).limit(EVENTS_ON_FILE)
        outlet_events[prefecture_summary].add_partitions(summaries_to_announce(key.text, triggers, summaries))
        outlet_events[summary_on_file].add_partitions(key.text)
        return rolled

    roll_up()


rollup_prefecture()
