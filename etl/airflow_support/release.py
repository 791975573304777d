"""签发: an Airflow task that waits until a person lets the outbox go, with the preview in front of him. No stage is loaded here.

Airflow keeps who pressed which button; the ledger keeps it too, because it outlives Airflow's history and is what
`sanji release` writes.
"""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Param

from etl.airflow_support.keys import NodeKey
from etl.errors import Misuse


class ReleaseOperator(ApprovalOperator):  # type: ignore[misc]  # Airflow's classes carry no types here
    """Waits for 签发 or 退回 by a person who has not released yet; one task a person that a programme may ask for.

    Gives back what `etl.tasks.mail.release` says. Nobody is asked when nothing waits: enough persons have released, or
    the settings let all go by itself, which the ledger tells as automatic.

    Airflow 3.3.2 keeps the first wording of a question when its step is done again, so the digest of the list that stands there
    comes back with the answer: Misuse if by now another list waits, and nothing is released that nobody has seen.
    """

    APPROVE = "签发"
    REJECT = "退回"

    def __init__(self, **kwargs: Any) -> None:
        kwargs["params"] = {"shown": Param("", type="string", title="名单校验码", description="照原样，不要改")}
        super().__init__(subject="", **kwargs)

    def execute(self, context: Any) -> Any:
        from etl.tasks import mail

        key = NodeKey.of(context["dag_run"], context["params"])
        asked = mail.release_request(key.programme, key.period)
        if not asked["waiting"]:
            self.log.info("Nothing waits for a person")
            return {"released": 0, "waiting": 0}
        self.subject, self.body = asked["subject"], asked["body"]
        self.params["shown"] = Param(self._preview(context), type="string", title="名单校验码", description="照原样，不要改")
        return super().execute(context)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        from etl.tasks import mail

        answered = super().execute_complete(context, event)
        if answered["chosen_options"] != [self.APPROVE]:
            return answered
        key, preview = NodeKey.of(context["dag_run"], context["params"]), self._preview(context)
        person = person_of(answered["responded_by_user"])
        if person in mail.released_by(key.programme, key.period):
            self.log.warning("Whoever has released already cannot be the other person: asking again")
            return self.execute(context)
        if not mail.release_request(key.programme, key.period)["waiting"]:
            self.log.info("All of it has been released by a later run")
            return {"released": 0, "waiting": 0}
        if answered["params_input"].get("shown") != preview:
            raise Misuse("other messages wait now than those that were shown: trigger the DAG once more and sign there")
        return mail.release(key.programme, key.period, person, preview)

    def _preview(self, context: Any) -> str:
        return str(context["ti"].xcom_pull(task_ids="outbox")["preview"])



def person_of(user: Any) -> str:
    """The login of who answered; Airflow hands it over as a mapping or as an object."""
    name = user.get("name") or user.get("id") if isinstance(user, dict) else getattr(user, "name", None)
    if not name:
        raise ValueError("Airflow does not say who released")
    return str(name)


def smtp_server() -> Any:
    """The mail server of the Airflow connection `smtp_default`; None if there is no such connection (the settings count)."""
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    from etl.edges.smtp import Security, SmtpServer
    from etl.settings import settings

    try:
        found = Connection.get("smtp_default")
    except AirflowNotFoundException:
        return None
    extra = found.extra_dejson
    security: Security = "tls" if not extra.get("disable_ssl") else "none" if extra.get("disable_tls") else "starttls"
    port = found.port or {"tls": 465, "starttls": 587, "none": 25}[security]
    authority = str(extra.get("ca_file", "")) or settings().smtp_ca_file
    return SmtpServer(found.host, port, security, found.login or "", found.password or "", ca_file=authority)
