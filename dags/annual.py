"""### 年度评审、命名和表扬

一个方案全年两个半年的通报都已发出时自动运行一次，分区键如 `2018|yunnan-model-branch`；
按批命名的（如 `2024B2|zunyi-six-good`）手工触发，在表单“分区键”中填写。

等两个半年结账（通报已签发，或截止日已过且全部汇总）→ 计分 → 清点已评支部 → 确认评审 **人工：评审完成 / 退回补评** →
整份名单签批（仍整份待评的名单，由最低一级起逐级提请）**人工：签发 / 退回（写明理由）/ 逐个评审** →
命名建议（按名额和规则）→ 签发公示 **人工** → 公示 → 等公示期满 →
签发命名决定 **人工（填文号）** → 命名 → 排版（命名决定、年度表扬情况汇总）→ 寄发。

逐个评审的意见在“年度评审”页面或用评审表录入，不在本流程内逐条填写；没有整份待评的名单时，“整份名单签批”显示为跳过。
提请签批的名单带支部数和校验码；名单在答复前有变化（又有评审、重新计分）的，答复不予采用，再次提请，须按“年度评审”页面上的现名单改填校验码。
人工步骤有时限（30 天），逾期按退回（名单按逐个评审）处理，不会自行推荐、自行发出任何文件；可签发的人由 `SANJI_SIGNERS` 指定。

**失败说明什么**：机器故障（自动重试）或程序、配置、模板错误。人工“退回”不是失败：其后各步显示为跳过。

**怎么办**：看日志，排除原因后从失败的一步起“清除任务”（含下游）。退回后改好评审意见，从“清点已评支部”起清除；
重复运行不会重复命名、重复寄信。日志和任务间只传编号和数目，不传姓名。
"""

# The stages bring DuckDB, pandas and Great Expectations along: import them inside tasks only.

from __future__ import annotations

from typing import Any

from airflow.sdk import Param, TaskGroup, dag, get_current_context, task

from etl.airflow_plugin import BothHalves, YearOfHalf
from etl.airflow_support.dropped import refuse_dropped
from etl.airflow_support.keys import NodeKey, run_as_of, run_key
from etl.airflow_support.sign_off import AwardSignOff, ListSignOff, ReviewsDone, signers
from etl.airflow_support.wiring import (
    DEFAULT_ARGS,
    OWNER,
    annual_commendation,
    half_year_dispatch,
    key_param,
    once_all_are_announced,
)
from etl.airflow_support.words import catalogue, words_of
from etl.settings import settings

words = words_of("annual")

Lists = list[dict[str, Any]]

HOUR, YEAR = 3600, 366 * 24 * 3600
SIGNERS = signers(settings().signers)
ROUNDS = 4
"""As many as the longest way of reviewing tiers: township, county, prefecture, province."""
PAPERS = catalogue()["papers"]
"""The papers of a year, and what the grid calls them."""


def year_of(dag_run: Any, params: Any) -> tuple[str, str]:
    """Return the programme and the year or batch that this run is about."""
    key = NodeKey.of(dag_run, params)
    return key.programme, key.period


def today(dag_run: Any, params: Any) -> str:
    """Return the day given as `as_of`, else the day on which this step runs: a sign-off may wait for weeks."""
    if params.get("as_of"):
        return run_as_of(dag_run, params)
    from etl.edges.clock import now

    return now().date().isoformat()


def counted(result: dict[str, Any]) -> dict[str, Any]:
    """Return a stage's ids and counts; sentences may name branches, so of these only how many there are."""
    return {key: len(value) if isinstance(value, list) else value for key, value in result.items()}


def refuse_unasked(number: int, listed: Lists | None) -> None:
    """Dropped if Airflow dropped the sign-offs of a round's lists: nobody was asked, which must not pass for an answer."""
    refuse_dropped(get_current_context(), {f"sign_lists_{number}": len(listed or [])})


@task.sensor(**words("wait_until_closed"), poke_interval=6 * HOUR, timeout=YEAR, mode="reschedule")
def wait_until_closed(dag_run: Any = None, params: Any = None) -> bool:
    """Wait for both half-years; a batch is named when its bureau says so."""
    from etl.tasks.annual import year_status

    key = NodeKey.of(dag_run, params)
    if not key.period.isdigit():
        return True
    return bool(year_status(key.programme, key.period, today(dag_run, params))["closed"])


@task(**words("score"), multiple_outputs=False)
def score(dag_run: Any = None, params: Any = None) -> dict[str, Any]:
    from etl.tasks.awards import score as stage

    return counted(stage(*year_of(dag_run, params)))


@task(**words("reviewed"), multiple_outputs=False)
def reviewed(dag_run: Any = None, params: Any = None) -> dict[str, Any]:
    from etl.tasks.annual import reviewed as stage

    return stage(*year_of(dag_run, params))


@task(trigger_rule="none_failed", multiple_outputs=False)
def lists(number: int, before: Lists, dag_run: Any = None, params: Any = None) -> Lists:
    from etl.tasks.annual import review_round

    refuse_unasked(number - 1, before)
    return review_round(*year_of(dag_run, params), number)


@task(**words("award"), trigger_rule="none_failed", multiple_outputs=False)
def award(last: Lists, dag_run: Any = None, params: Any = None) -> dict[str, Any]:
    from etl.tasks.awards import award as stage

    refuse_unasked(ROUNDS, last)
    return counted(stage(*year_of(dag_run, params), today(dag_run, params)))


@task(**words("notice"), multiple_outputs=False)
def notice(awarded: dict[str, Any], dag_run: Any = None, params: Any = None) -> dict[str, Any]:
    from etl.tasks.awards import notice as stage

    day = today(dag_run, params)
    return counted(stage(*year_of(dag_run, params), awarded["run"], day, OWNER, f"{day[:10]}T09:00:00+08:00"))


@task.sensor(**words("wait_for_notices"), poke_interval=6 * HOUR, timeout=YEAR, mode="reschedule")
def wait_for_notices(awarded: dict[str, Any], dag_run: Any = None, params: Any = None) -> bool:
    from etl.tasks.annual import notices_over

    return notices_over(*year_of(dag_run, params), awarded["run"], today(dag_run, params))


@task(**words("name"), multiple_outputs=False)
def name(awarded: dict[str, Any], signed: Any, dag_run: Any = None, params: Any = None) -> dict[str, Any]:
    from etl.tasks.awards import name as stage

    day = today(dag_run, params)
    number = str(((signed or {}).get("params_input") or {}).get("document_number") or "")
    hour = f"{day[:10]}T09:00:00+08:00"
    return counted(stage(*year_of(dag_run, params), awarded["run"], day, number, OWNER, hour))


@task(**words("render"), map_index_template="{{ papers[task.op_kwargs['report']] }}", multiple_outputs=False)
def render(report: str, dag_run: Any = None, params: Any = None) -> dict[str, Any]:
    from etl.tasks.annual import render_paper

    programme, period = year_of(dag_run, params)
    return {"report": report, **counted(render_paper(programme, period, report))}


@task(**words("dispatch"), outlets=[annual_commendation], multiple_outputs=False)
def dispatch(dag_run: Any = None, params: Any = None, outlet_events: Any = None) -> dict[str, Any]:
    from etl.tasks import dispatch as stage

    queued = stage(*year_of(dag_run, params))
    outlet_events[annual_commendation].add_partitions(run_key(dag_run, params, "partition_key"))
    return queued


@dag(
    dag_display_name="年度评审、命名和表扬",
    schedule=once_all_are_announced(half_year_dispatch, YearOfHalf(), BothHalves()),
    catchup=False,
    # Only data starts it, so there is nothing to switch on.
    is_paused_upon_creation=False,
    max_active_runs=8,
    default_args=DEFAULT_ARGS,
    params={
        **key_param(
            "年度如 2018|yunnan-model-branch，批次如 2024B2|zunyi-six-good", pattern=r"^\d{4}(B[1-9]\d?)?\|[^|]+$"
        ),
        "as_of": Param(
            None,
            type=["null", "string"],
            title="截至日",
            description="按此日判断结账、公示和命名，如 2018-03-12；留空为各步实际运行之日",
        ),
    },
    tags=["sanji", "年度"],
    user_defined_macros={"papers": PAPERS},
    doc_md=__doc__,
)
def annual() -> None:
    """Wire the way from two closed half-years to namings, papers and letters for one programme."""

    reviews_done = ReviewsDone(task_id="reviews_done", **words("reviews_done"), assigned_users=SIGNERS)
    last: Any = reviews_done
    waiting_lists: Any = []
    with TaskGroup("whole_lists", group_display_name="整份名单签批", prefix_group_id=False):
        for number in range(1, ROUNDS + 1):
            waiting_lists = lists.override(task_id=f"lists_{number}", **words(f"lists_{number}"))(number, waiting_lists)
            signed = ListSignOff.partial(
                task_id=f"sign_lists_{number}",
                **words(f"sign_lists_{number}"),
                map_index_template="{{ task.listed['name'] }}",
            ).expand(listed=waiting_lists)
            last >> waiting_lists
            last = signed
    awarded = award(waiting_lists)
    sign_notice = AwardSignOff(task_id="sign_notice", **words("sign_notice"), asked="notice", assigned_users=SIGNERS)
    sign_naming = AwardSignOff(
        task_id="sign_naming",
        **words("sign_naming"),
        asked="naming",
        params={"document_number": Param("", type="string", title="文号", description="如 云组通〔2018〕9号，可留空")},
        assigned_users=SIGNERS,
    )
    waited = wait_for_notices(awarded)
    named = name(awarded, sign_naming.output)
    wait_until_closed() >> score() >> reviewed() >> reviews_done
    last >> awarded >> sign_notice
    sign_notice >> notice(awarded) >> waited >> sign_naming >> named
    named >> render.expand(report=list(PAPERS)) >> dispatch()


annual()
