"""### 催报

每天早上按各方案的催报阶梯（截止日前后若干个工作日）提醒尚未报送的单位；过期仍未报的，把单位名单告知上一级。
只提醒未报送，不涉及内容；报表一到即停止，同一级阶梯只提醒一次。

**失败说明什么**：邮件服务器暂时连不上（自动重试），或设置有误。

**怎么办**：看日志，改好后清除任务重跑，不会重复提醒。要看提醒了谁：`sanji deliveries`。
"""

# The stages bring DuckDB, pandas and Great Expectations along: import them inside tasks only.

from __future__ import annotations

from typing import Any

from airflow.sdk import CronTriggerTimetable, Param, dag, task

from etl.airflow_support.keys import TIMEZONE, run_as_of
from etl.airflow_support.wiring import DEFAULT_ARGS
from etl.airflow_support.words import words_of

words = words_of("remind_units")


@dag(
    dag_display_name="催报",
    schedule=CronTriggerTimetable("30 8 * * *", timezone=TIMEZONE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params={"as_of": Param(None, type=["null", "string"], title="日期", description="按这一天催报，如 2018-07-05；不填为当天")},
    tags=["sanji", "邮件"],
    doc_md=__doc__,
)
def remind_units() -> None:
    """Wire the daily reminders: one task for each programme and period for which any may be owed."""

    @task(**words("due"))
    def due(dag_run: Any = None, params: Any = None) -> list[dict[str, Any]]:
        from etl.tasks import mail

        day = run_as_of(dag_run, params)[:10]
        return [each | {"as_of": day} for each in mail.reminders_due(day)]

    @task(
        **words("remind"),
        multiple_outputs=False,
        map_index_template="{{ task.op_kwargs['owed']['name'] }}",
    )
    def remind(owed: dict[str, Any]) -> dict[str, Any]:
        from etl.airflow_support.release import smtp_server
        from etl.tasks import mail

        return mail.remind(owed["programme"], owed["period"], owed["as_of"], smtp_server())

    remind.expand(owed=due())


remind_units()
