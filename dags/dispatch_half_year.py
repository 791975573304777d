"""### 半年通报

一个方案的全部州市（批）都已汇总时自动运行一次，分区键如 `2018H1|yunnan-model-branch`：
等州市汇总（进行中的先结束）→ 汇总全方案 → 有无报送（全部未报则跳过以后各步）→ 排版通报（各级）→ 核对（逐份回读）→ 拟好邮件 →
签发（方案要求两人的，另一人会签）→ 寄发。

**签发**：运行停在“签发”时，从“值班”里点开，列出每一封待发邮件：发给谁、为什么、多大。点“签发”即放行这一批，
点“退回”则不寄；查明后用同一分区键再触发一次本流程，签新的一次
（在原来的运行里清除重做，请示仍是第一次的名单，签了也不寄）。签发人记入邮件台账。邮件服务器用连接 `smtp_default`，
没有该连接时用 `SANJI_SMTP_*`；都没有则只写到发件箱，不寄出。等签发时有了更正的，后一次运行列出更正后的邮件再提请签发，
请签后一次；前一次已过时，签了也不寄，“签发”显示失败（后一次已签的，前一次再签即了结）。各方案的签发互不等待。

**核对**：每份通报的 PDF、Word、Excel 和邮件正文都逐句、逐格与汇总库核对。有一份不符，“被拦下的通报”就显示失败（红色），
日志逐条列出哪份、哪处、何种错误，原句和数字用 `sanji lint` 查看；不符的那份不进发件箱，其余照常待签。

**未寄出**：“未寄出的邮件”显示失败，是有邮件被对方服务器拒收、退回，或不知是否寄到，
日志列出单位和编号，原因用 `sanji deliveries` 查看。
拒收、退回的，改正 `offices.yaml` 里的地址，用同一分区键再触发一次本流程，签发后只寄到新地址；不知是否寄到的，问清后用
`sanji deliveries --message 编号 --decide sent`（或 `again`）了结。已处理的，把这一步标记为成功。

**失败说明什么**：“被拦下的通报”“未寄出的邮件”失败见上；其他是机器故障（自动重试）或程序、配置、模板错误。
全部单位均未报时，“有无报送”跳过以后各步，不寄空白通报。

邮件服务器连不上时“拟好邮件”照常进行，每封不超过 5 MB（返回值里有 `size_assumed`），可以先看、先签；“寄发”自动重试，
仍不通的，通了以后从这一步起清除任务。

**怎么办**：看日志，排除原因后从失败的一步起“清除任务”（含下游）。重复运行不会重复寄信：
同一版次对同一收件人只登记一次；内容有变化时另出更正版，不改旧版。
"""

# The stages bring DuckDB, pandas and Great Expectations along: import them inside tasks only.

from __future__ import annotations

from typing import Any

from airflow.sdk import dag, task

from etl.airflow_plugin import ChildNodes, ParentNode
from etl.airflow_support.keys import NodeKey
from etl.airflow_support.release import ReleaseOperator
from etl.airflow_support.wiring import (
    DEFAULT_ARGS,
    half_year_dispatch,
    key_param,
    once_all_are_announced,
    prefecture_summary,
)
from etl.airflow_support.words import words_of

words = words_of("dispatch_half_year")


@dag(
    dag_display_name="半年通报",
    schedule=once_all_are_announced(prefecture_summary, ParentNode(), ChildNodes()),
    catchup=False,
    # Only data starts it, so there is nothing to switch on.
    is_paused_upon_creation=False,
    # A run may wait for days for a signature; other programmes, and corrections of this one, do not wait with it.
    max_active_runs=32,
    default_args=DEFAULT_ARGS,
    params=key_param("如 2018H1|yunnan-model-branch"),
    tags=["sanji", "通报"],
    doc_md=__doc__,
)
def dispatch_half_year() -> None:
    """Wire the way from prefectures' totals to documents and letters for one programme and half-year."""

    @task.sensor(**words("wait_for_roll_ups"), poke_interval=5, timeout=3600, mode="reschedule")
    def wait_for_roll_ups(ti: Any = None) -> bool:
        """Let prefectures that are being rolled up again finish: their ranks are only among themselves."""
        return ti.get_dr_count(dag_id="rollup_prefecture", states=["queued", "running"]) == 0

    @task(**words("roll_up"), multiple_outputs=False)
    def roll_up(dag_run: Any = None, params: Any = None) -> dict[str, Any]:
        from etl import tasks

        key = NodeKey.of(dag_run, params)
        return tasks.roll_up(key.programme, key.period)

    @task.short_circuit(**words("check"))
    def check(rolled: dict[str, Any]) -> bool:
        """Go on only if somebody has filed: a dispatch of blanks would tell bureaus that all is zero."""
        return bool(rolled["units_received"])

    # Editions are numbered in the order in which they are made.
    @task(**words("render"), multiple_outputs=False, max_active_tis_per_dag=1)
    def render(dag_run: Any = None, params: Any = None) -> dict[str, Any]:
        from etl import tasks

        key = NodeKey.of(dag_run, params)
        return tasks.render(key.programme, key.period)

    @task(multiple_outputs=False, **words("lint"))
    def lint(dag_run: Any = None, params: Any = None) -> dict[str, Any]:
        from etl.tasks import proofs

        key = NodeKey.of(dag_run, params)
        return proofs.lint(key.programme, key.period)

    @task(**words("kept_back"))
    def kept_back(linted: dict[str, Any], dag_run: Any = None, params: Any = None) -> None:
        """Fail, so that it is seen, if a report is kept back; nothing waits for this task, the others go on."""
        from etl.tasks import proofs

        key = NodeKey.of(dag_run, params)
        proofs.demand_none_kept_back(key.programme, key.period, linted["blocked"])

    @task(**words("outbox"), multiple_outputs=False)
    def outbox(dag_run: Any = None, params: Any = None) -> dict[str, Any]:
        from etl.airflow_support.release import smtp_server
        from etl.tasks import mail

        key = NodeKey.of(dag_run, params)
        return mail.fill_outbox(key.programme, key.period, smtp_server())

    @task(**words("dispatch"), outlets=[half_year_dispatch], multiple_outputs=False)
    def dispatch(dag_run: Any = None, params: Any = None, outlet_events: Any = None) -> dict[str, Any]:
        from etl.airflow_support.release import smtp_server
        from etl.tasks import mail

        key = NodeKey.of(dag_run, params)
        dispatched = mail.dispatch(key.programme, key.period, smtp_server())
        outlet_events[half_year_dispatch].add_partitions(key.text)
        return dispatched

    @task(**words("left_behind"))
    def left_behind(dag_run: Any = None, params: Any = None) -> None:
        """Fail, so that it is seen, if a server refused a message, sent it back, or may have it or not."""
        from etl.tasks import mail

        key = NodeKey.of(dag_run, params)
        mail.demand_none_left_behind(key.programme, key.period)

    rolled = roll_up()
    wait_for_roll_ups() >> rolled
    sign = ReleaseOperator(task_id="sign", **words("sign"))
    countersign = ReleaseOperator(task_id="countersign", **words("countersign"))
    linted = lint()
    kept_back(linted)
    check(rolled) >> render() >> linted >> outbox() >> sign >> countersign >> dispatch() >> left_behind()


dispatch_half_year()
