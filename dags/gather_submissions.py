"""### 收集县区报送

每半年两次（1 月、7 月的 13 日和 31 日 06:00，北京时间）：报送日后先收一次，截止日后再收一次。
处理刚结束的半年，分区键如 `2018H1`；截止日前未报的单位等第二次，之后按未报处理。
各方案全部配置在同一流程内运行；环境变量 `SANJI_PROGRAMMES` 可限定方案。

**步骤**：列出批次（一个州市一批，直报单位一批）→ 收取文件 → 读取 → 等全部读完（同一方案跨州市查重需要）→ 校验 → 发布 →
登记已有结果的单位 → 寄修改通知（给有问题的单位各一封，附修改单）→ 本次数字（收到、迟报、未报、采用、退回各多少）。

**哪里迟报、未报、有问题**：点开“收取文件”“发布”，各批名称后写明收到几家、迟报几家、未报几家，采用、退回几行；具体是哪一家，看“报送进度”页面。

**修改通知**：同样的结果只寄一次，重跑不重复；只在报送期内寄，补做过去的半年不寄信。

**失败说明什么**：县区文件有错不会使任务失败，只会产生问题清单；任务变红只有两种原因——
机器故障（自动重试 3 次）、配置或程序错误（不重试）。某一方案有批次失败时，该方案停在原处，其他方案照常。

**怎么办**：看该任务日志，排除原因后点“清除任务”（含下游）。补报、更正到达后，清除“收取文件”及下游即可：
未变化的内容不会重复入库，汇总和通报会自动重做。补做过去的半年用“回填”，一次一个。
"""

# The stages bring DuckDB, pandas and Great Expectations along: import them inside tasks only.

from __future__ import annotations

import logging
from typing import Any

import pendulum
from airflow.sdk import Param, TriggerRule, dag, get_current_context, task

from etl.airflow_plugin import HalfYearTimetable
from etl.airflow_support.dropped import refuse_dropped, succeeded
from etl.airflow_support.keys import SEPARATOR, TIMEZONE, run_as_of, run_key
from etl.airflow_support.waves import WAVE, finished_programmes
from etl.airflow_support.wiring import (
    BATCH_GATHERED,
    BATCH_NAME,
    BATCH_PUBLISHED,
    DEFAULT_ARGS,
    county_return,
)
from etl.airflow_support.words import words_of

words = words_of("gather_submissions")

Batch = dict[str, Any]
IDS = ("programme", "period", "batch_id")

log = logging.getLogger(__name__)


@dag(
    dag_display_name="收集县区报送",
    # The due day is the 10th, the 12th at the latest after a weekend; the cut-off, ten working days later, is
    # the 29th at the latest when the Spring Festival lies between.
    schedule=HalfYearTimetable("0 6 13,31 1,7 *", timezone=TIMEZONE),
    start_date=pendulum.datetime(2018, 1, 1, tz=TIMEZONE),
    catchup=False,
    # One half-year after the other: a figure is compared with the same branch's figure half a year before.
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params={
        "half_year": Param(
            None,
            type=["null", "string"],
            pattern=r"^\d{4}H[12]$",
            title="半年",
            description="没有分区键时使用，如 2018H1",
        ),
        "programmes": Param(
            None,
            type=["null", "array"],
            items={"type": "string"},
            title="方案",
            description="只处理这些方案；留空为全部在用方案",
        ),
        "as_of": Param(
            None,
            type=["null", "string"],
            title="截至时刻",
            description="按此刻判断迟报、未报，如 2018-07-21T06:00:00+08:00；留空为本次运行的开始时刻",
        ),
    },
    tags=["sanji", "报送"],
    doc_md=__doc__,
)
def gather_submissions() -> None:
    """Wire the way from drop folder to published slices for every batch of a half-year."""

    @task(**words("plan"))
    def plan(dag_run: Any = None, params: Any = None) -> list[Batch]:
        from etl import tasks

        return tasks.plan(run_key(dag_run, params, "half_year"), params["programmes"])

    @task(**words("gather"), map_index_template=BATCH_GATHERED, multiple_outputs=False)
    def gather(batch: Batch, dag_run: Any = None, params: Any = None) -> Batch:
        from etl import tasks

        return batch | {"gather": shown(tasks.gather(**ids(batch), as_of=run_as_of(dag_run, params)))}

    @task(
        **words("read"), map_index_template=BATCH_NAME, trigger_rule=TriggerRule.ALL_DONE, multiple_outputs=False
    )
    def read(batch: Batch) -> Batch:
        from etl import tasks

        return batch | {"read": tasks.read(**ids(batch))}

    @task(**words("all_read"), trigger_rule=TriggerRule.ALL_DONE)
    def all_read(planned: list[Batch], batches: list[Batch]) -> list[Batch]:
        refuse_dropped(get_current_context(), {"read": len(planned or [])})
        return finished(planned, batches)

    @task(**words("validate"), map_index_template=BATCH_NAME, multiple_outputs=False)
    def validate(batch: Batch) -> Batch:
        from etl import tasks

        return batch | {"validate": tasks.validate(**ids(batch))}

    @task(
        **words("publish"), map_index_template=BATCH_PUBLISHED, trigger_rule=TriggerRule.ALL_DONE, multiple_outputs=False
    )
    def publish(batch: Batch) -> Batch:
        from etl import tasks

        return batch | {"publish": shown(tasks.publish(**ids(batch)))}

    @task(**words("announce"), outlets=[county_return], trigger_rule=TriggerRule.ALL_DONE)
    def announce(
        planned: list[Batch],
        ready: list[Batch],
        batches: list[Batch],
        dag_run: Any = None,
        params: Any = None,
        outlet_events: Any = None,
    ) -> int:
        """Announce every settled unit in one go, so that the roll-ups know who belongs to the same wave."""
        from etl import tasks

        context = get_current_context()
        refuse_dropped(context, {"validate": len(ready or []), "publish": succeeded(context, "validate")})
        as_of = run_as_of(dag_run, params)
        going_on = finished(planned, of_this_round(ready, batches))
        keys = [key for batch in going_on for key in tasks.settled_keys(**ids(batch), as_of=as_of)]
        outlet_events[county_return].add_partitions(keys)
        outlet_events[county_return].extra = {WAVE: sorted({key.rpartition(SEPARATOR)[0] for key in keys})}
        return len(keys)

    @task(**words("letters"), multiple_outputs=False)
    def letters(batches: list[Batch], dag_run: Any = None, params: Any = None) -> dict[str, Any]:
        """Write to each unit that has something to put right, once an outcome; a half-year of the past is not written about."""
        from etl.airflow_support.release import smtp_server
        from etl.tasks import mail

        keys = sorted({(batch["programme"], batch["period"]) for batch in batches[:]})
        wanted = mail.letters_wanted(keys, run_as_of(dag_run, params))
        return {programme: mail.queue_feedback(programme, period, None, smtp_server()) for programme, period in wanted}

    @task(**words("report"), multiple_outputs=False)
    def report(batches: list[Batch], announced: int) -> dict[str, Any]:
        """Say in one place what came in. It needs everything before it, so a failed batch fails the run."""
        going_on = batches[:]
        totals = {
            name: sum(batch[stage][name] for batch in going_on)
            for stage, name in (
                ("gather", "received"),
                ("gather", "late"),
                ("gather", "missing"),
                ("publish", "rows_in"),
                ("publish", "rows_accepted"),
                ("publish", "rows_held"),
                ("publish", "rows_blank"),
            )
        }
        log.info("batches=%d announced=%d %s", len(going_on), announced, totals)
        return totals | {"batches": len(going_on), "units_announced": announced}

    planned = plan()
    gathered = gather.expand(batch=planned)
    readings = read.expand(batch=gathered)
    ready = all_read(planned, readings)
    validated = validate.expand(batch=ready)
    published = publish.expand(batch=validated)
    announced = announce(planned, ready, published)
    announced >> letters(published)
    [gathered, readings, validated] >> report(published, announced)


def ids(batch: Batch) -> dict[str, str]:
    """Return the three ids by which every stage knows its batch."""
    return {name: batch[name] for name in IDS}


def shown(counts: dict[str, Any]) -> dict[str, Any]:
    """Return the counts, after showing them beside the batch's name."""
    get_current_context()["counts"] = counts  # what map_index_template may name
    return counts


def of_this_round(ready: list[Batch] | None, batches: list[Batch]) -> list[Batch]:
    """Return the published batches that were to be validated this time.

    Where nothing is validated when a run is done again, Airflow 3.3.2 publishes what the time before has left behind.
    """
    known = [ids(batch) for batch in ready or []]
    return [batch for batch in batches[:] if ids(batch) in known] if known else []


def finished(planned: list[Batch] | None, batches: list[Batch]) -> list[Batch]:
    """Return the batches that may go on; say in the log how many are held back by a failed sibling."""
    # A slice asks Airflow for all results at once; iterating asks one by one until there is an error.
    # Nothing is planned if the planning itself failed: it alone is to be red.
    going_on = finished_programmes(planned or [], batches[:] if batches else [])
    log.info("%d of %d batches go on", len(going_on), len(planned or []))
    return going_on


gather_submissions()
