"""### 收信处理

每半小时读一次回复邮箱（`SANJI_IMAP_*`）：退信、送达回执、阅读回执、“收到”回复记入邮件台账；
随信发回的修改单核对后采用或退回，并自动答复哪些已改好、哪些还需改。

**失败说明什么**：邮箱或邮件服务器暂时连不上（自动重试），或用户名、密码、设置有误。

**怎么办**：看日志，改好设置后清除任务重跑。读过的邮件不会重复处理；同一修改单只采用一次。
没有采用的来信及原因，用 `sanji deliveries --message` 查看。
"""

# The stages bring DuckDB, pandas and Great Expectations along: import them inside tasks only.

from __future__ import annotations

from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task

from etl.airflow_support.keys import TIMEZONE
from etl.airflow_support.wiring import DEFAULT_ARGS
from etl.airflow_support.words import words_of

words = words_of("mail_in")


@dag(
    dag_display_name="收信处理",
    schedule=CronTriggerTimetable("*/30 * * * *", timezone=TIMEZONE),
    catchup=False,
    # Two readers of one mailbox would only wait for each other.
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["sanji", "邮件"],
    doc_md=__doc__,
)
def mail_in() -> None:
    """Wire the reading of the reply mailbox."""

    @task(**words("read_mailbox"), multiple_outputs=False)
    def read_mailbox() -> dict[str, Any]:
        from etl.airflow_support.release import smtp_server
        from etl.tasks.mail_in import mail_in as take_up

        return take_up(smtp_server())

    read_mailbox()


mail_in()
