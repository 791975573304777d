"""What waits for a person: buttons in Chinese, a time limit, and the people who may press them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Literal

from airflow.providers.standard.operators.hitl import ApprovalOperator, HITLOperator
from airflow.sdk import Param

from etl.airflow_support.keys import NodeKey
from etl.airflow_support.release import person_of
from etl.settings import settings

RESPONSE_TIMEOUT = timedelta(days=30)
"""How long a sign-off waits; then it counts as sent back, so that nothing ever leaves by itself."""


class SignOff(ApprovalOperator):  # type: ignore[misc]  # Airflow is not followed by mypy, so its bases are Any
    """Waits for 签发 or 退回; sent back, or without an answer in time, everything after it is skipped."""

    APPROVE = "签发"
    REJECT = "退回"
    ui_color: ClassVar[str] = "#fbe3d0"

    def __init__(self, **given: Any) -> None:
        given.setdefault("response_timeout", RESPONSE_TIMEOUT)
        given.setdefault("defaults", self.REJECT)
        super().__init__(subject="", **given)

    def words(self, context: Any) -> dict[str, str]:
        """The `subject` and `body` (Markdown) of the question, worked out when it is asked."""
        raise NotImplementedError

    def execute(self, context: Any) -> Any:
        words = self.words(context)
        self.subject, self.body = words["subject"], words["body"]
        return super().execute(context)


class ReviewsDone(SignOff):
    """Waits until somebody says that what is reviewed branch by branch is entered; sent back, nothing at all goes on."""

    APPROVE = "评审完成"
    REJECT = "退回补评"

    def __init__(self, **given: Any) -> None:
        # What follows runs even where a round of lists was skipped, so that only this can stop it.
        super().__init__(ignore_downstream_trigger_rules=True, **given)

    def words(self, context: Any) -> dict[str, str]:
        from etl.tasks.annual import reviews_request

        key = NodeKey.of(context["dag_run"], context["params"])
        words: dict[str, str] = reviews_request(key.programme, key.period, context["ti"].xcom_pull(task_ids="reviewed"))
        return words


class AwardSignOff(SignOff):
    """Waits for 签发 or 退回 of what the task `award` proposes; `asked`: its `notice`, or the `naming` after it."""

    def __init__(self, *, asked: Literal["notice", "naming"], **given: Any) -> None:
        super().__init__(**given)
        self.asked = asked

    def words(self, context: Any) -> dict[str, str]:
        from etl.tasks.annual import sign_request

        key, run = NodeKey.of(context["dag_run"], context["params"]), context["ti"].xcom_pull(task_ids="award")["run"]
        words: dict[str, str] = sign_request(key.programme, key.period, run, self.asked)
        return words


class ListSignOff(HITLOperator):  # type: ignore[misc]  # Airflow is not followed by mypy, so its bases are Any
    """Waits for one verdict over a place's whole review list.

    签发 agrees with the tier below, 退回 wants a reason, 逐个评审 leaves the list to the page. Without an answer in time it
    is left, so that nothing is ever recommended by waiting.

    `listed`: a row of `etl.tasks.annual.review_round`. Put before the person is that place's list as it is when the task asks:
    count and digest, which the answer carries back. Gives back the list's tier and place and how many reviews were made; asks
    again when the answer cannot be taken, or when the list is another by then; why stands in the task's log.
    """

    APPROVE, REJECT, LEAVE = "签发", "退回", "逐个评审"
    VERDICTS: ClassVar[dict[str, str]] = {APPROVE: "recommend", REJECT: "return"}
    ui_color: ClassVar[str] = "#fbe3d0"

    def __init__(self, *, listed: dict[str, Any], **given: Any) -> None:
        given.setdefault("response_timeout", RESPONSE_TIMEOUT)
        # A mapped task hands the DAG's own parameters over too; this form has only its own.
        given["params"] = {
            "level": Param("", type="string", title="推荐级别", description="留空为照下级推荐的级别"),
            "reason": Param("", type="string", title="理由", description="退回时必填，对名单上每个支部均适用"),
            "shown": Param("", type="string", title="名单校验码"),
        }
        options = [self.APPROVE, self.REJECT, self.LEAVE]
        super().__init__(subject=listed["title"], body="", options=options, defaults=self.LEAVE, **given)
        self.listed = listed

    def execute(self, context: Any) -> Any:
        from etl.tasks.annual import waiting_list

        key = NodeKey.of(context["dag_run"], context["params"])
        now = waiting_list(key.programme, key.period, self.listed["tier"], self.listed["node_id"])
        if now is None:
            self.log.info("Nothing on the list waits any more")
            return {**self._where, "taken": 0}
        self._ask(now)
        return super().execute(context)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        from etl.tasks.annual import decide_review_list

        answer = super().execute_complete(context, event)
        verdict = self.VERDICTS.get(answer["chosen_options"][0])
        if verdict is None:
            return {**self._where, "taken": 0}
        given, as_of = answer["params_input"], context["params"].get("as_of")
        # A run that looks at the year as of a day counts only what is entered by then, this answer too.
        hour = f"{as_of[:10]}T09:00:00+08:00" if as_of else event["responded_at"].isoformat()
        key = NodeKey.of(context["dag_run"], context["params"])
        taken = decide_review_list(
            key.programme, key.period, self.listed["tier"], self.listed["node_id"], given.get("shown", ""), verdict,
            given.get("level", ""), given.get("reason", ""), person_of(answer["responded_by_user"]), hour,
        )
        if not taken["refused"]:
            return {**self._where, "taken": taken["taken"]}
        self.log.warning("不能保存，再次提请：%s", "；".join(taken["refused"]))
        return self.execute(context)

    @property
    def _where(self) -> dict[str, str]:
        return {"tier": self.listed["tier"], "node_id": self.listed["node_id"]}

    def _ask(self, listed: dict[str, Any]) -> None:
        """Set what stands before whoever signs: count and digest of the list, levels, who may answer, what each button does.

        Airflow 3.3.2 keeps the first wording of a question through every new asking, new try and clearing. So the wording says
        when it held, where the list of the hour and its digest are, and what it means to be asked again.
        """
        digest, titles = listed["digest"], {"": "照下级推荐", **listed["levels"]}
        self.subject = f"{listed['title']}：提请时{listed['branches']}个支部待评"
        self.params["level"] = Param("", type="string", title="推荐级别", enum=list(titles), values_display=titles)
        self.params["shown"] = Param(
            digest, type="string", title="名单校验码", description="应与“年度评审”页面上的一致；名单有变化的，按页面改填"
        )
        self.assigned_users = signers(settings().signers, listed["code"])
        self.body = (
            f"提请时名单上有{listed['branches']}个支部待评，校验码{digest}。名单、各支部得分和现时的校验码见“年度评审”页面；"
            "已在页面上评过的不在此列。\n\n"
            f"“{self.REJECT}”须写明理由；“{self.LEAVE}”则留在页面上逐个评审。\n\n"
            "**答复后又提请的，答复未采用**：名单在答复前有了变化（请到页面上看过现名单，改填其校验码），"
            "或答复不能保存（如缺理由、须先有现场检查记录）；原因见本任务日志。"
        )


def signers(told: str, code: str = "") -> list[dict[str, str]] | None:
    """The people of a setting such as `chief:王局,deputy`, as Airflow wants them; None lets everybody who may.

    `7:昆明@530100` signs only the lists of the place with that code, beside those who sign everything.

    >>> signers("chief:王局, deputy, 7:昆明@530100")
    [{'id': 'chief', 'name': '王局'}, {'id': 'deputy', 'name': 'deputy'}]
    >>> signers("chief:王局, 7:昆明@530100", "530100")
    [{'id': 'chief', 'name': '王局'}, {'id': '7', 'name': '昆明'}]
    """
    people = [each.strip().partition("@") for each in told.split(",") if each.strip()]
    mine = [person.partition(":") for person, _, place in people if place in ("", code)]
    return [{"id": user, "name": name or user} for user, _, name in mine] or None
