"""### 更正登记

每天 12:00、18:00 查一次：页面、邮件、命令行收到的更正已采用而尚未重新汇总的，按批登记，州市汇总和半年通报随之重做。
没有更正就什么也不做。急需时可手工触发，不必等到整点。已不再报送的单位跳过，在“找出更正”的日志中写明，不影响其他单位。

**步骤**：找出更正（有更正的批）→ 有无更正（没有则跳过以后各步）→ 登记更正（这些批已有结果的单位）→ 记入经过（“登记重新汇总”）。

**失败说明什么**：机器故障（自动重试），或程序、配置错误。

**怎么办**：看日志，排除原因后从失败的一步起“清除任务”（含下游）。重复登记只会重做一次同样的汇总；通报内容不变就没有新版次。
"""

# The stages bring DuckDB, pandas and Great Expectations along: import them inside tasks only.

from __future__ import annotations

from typing import Any

from airflow.sdk import CronTriggerTimetable, Param, dag, task

from etl.airflow_support.keys import SEPARATOR, TIMEZONE, run_as_of
from etl.airflow_support.waves import WAVE
from etl.airflow_support.wiring import DEFAULT_ARGS, county_return
from etl.airflow_support.words import words_of

words = words_of("announce_returns")

Changed = list[dict[str, Any]]


@dag(
    dag_display_name="更正登记",
    # Not at each correction: every announcement ends in a dispatch that waits for a signature.
    schedule=CronTriggerTimetable("0 12,18 * * *", timezone=TIMEZONE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params={"as_of": Param(None, type=["null", "string"], title="截至时刻", description="留空为本次运行的开始时刻")},
    tags=["sanji", "报送"],
    doc_md=__doc__,
)
def announce_returns() -> None:
    """Wire the way from returns that were put right to the roll-ups that have to be done again."""

    @task(**words("changed"))
    def changed(dag_run: Any = None, params: Any = None) -> Changed:
        from etl.tasks.returns import changed_returns

        return changed_returns(run_as_of(dag_run, params))

    @task.short_circuit(**words("anything"))
    def anything(found: Changed) -> bool:
        return bool(found)

    @task(**words("announce"), outlets=[county_return])
    def announce(found: Changed, outlet_events: Any = None) -> int:
        """Announce the settled units of each batch together: a roll-up waits for all of them."""
        keys = [key for each in found for key in each["keys"]]
        outlet_events[county_return].add_partitions(keys)
        outlet_events[county_return].extra = {WAVE: sorted({key.rpartition(SEPARATOR)[0] for key in keys})}
        return len(keys)

    @task(**words("told"))
    def told(found: Changed, dag_run: Any = None, params: Any = None) -> int:
        """Dated before the search began: what came in meanwhile waits for the next run."""
        import datetime as dt

        from etl.tasks.returns import record_announced

        return record_announced(found, dt.datetime.fromisoformat(run_as_of(dag_run, params)))

    found = changed()
    anything(found) >> announce(found) >> told(found)


announce_returns()
