"""签发 as it is answered, on a real store: what becomes of an older question beside a later run's."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from etl.edges.smtp import SmtpServer
from etl.edges.store import messages as ledger
from etl.errors import Misuse
from etl.stages.context import Context, open_context
from etl.stages.dispatch import preview_digest
from tests.support.filing import home_at
from tests.unit.edges.test_messages import AT, row

YUNNAN, PERIOD = "yunnan-model-branch", "2018H1"
ANSWER = {
    "chosen_options": ["签发"], "params_input": {}, "responded_at": dt.datetime.fromisoformat(AT),
    "responded_by_user": {"id": "1", "name": "chief"},
}


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    with home_at(tmp_path):
        yield open_context(YUNNAN, PERIOD)


def answered(preview: str, shown: str | None = None) -> Any:
    """What `sign` gives back when it is answered with 签发, having asked about this preview, or shown another in its form."""
    from etl.airflow_support.release import ReleaseOperator  # noqa: PLC0415  after Airflow's settings are set

    ti = SimpleNamespace(xcom_pull=lambda task_ids: {"preview": preview})
    run = SimpleNamespace(partition_key=f"{PERIOD}|{YUNNAN}")
    answer = {**ANSWER, "params_input": {"shown": shown or preview}}
    return ReleaseOperator(task_id="sign").execute_complete({"ti": ti, "dag_run": run, "params": {}}, answer)


def test_an_older_question_is_done_once_a_later_run_was_signed(context: Context) -> None:
    assert answered("of the older run") == {"released": 0, "waiting": 0}


def test_an_older_question_lets_nothing_go_that_it_did_not_show(context: Context) -> None:
    ledger.queue(context.store, [{**row(), "programme": YUNNAN}], "test", AT)
    with pytest.raises(Misuse, match="has changed"):
        answered("of the older run")
    assert [each["state"] for each in ledger.messages_of(context.store, YUNNAN, PERIOD)] == ["queued"]


def test_nothing_goes_that_stood_not_in_the_question(context: Context) -> None:
    """As Airflow 3.3.2 asks after 拟好邮件 was done again: with the words and the form of the first time."""
    ledger.queue(context.store, [{**row(), "programme": YUNNAN}], "test", AT)
    now = preview_digest(context)
    with pytest.raises(Misuse, match="than those that were shown"):
        answered(now, shown="of the first time")
    assert [each["state"] for each in ledger.messages_of(context.store, YUNNAN, PERIOD)] == ["queued"]
    assert answered(now)["released"] == 1


CONNECTION = {"conn_type": "smtp", "host": "smtp.bureau.example", "login": "tongbao", "password": "a-password"}
THERE: Any = {"host": "smtp.bureau.example", "user": "tongbao", "password": "a-password"}
SERVERS: dict[str, tuple[dict[str, Any], SmtpServer]] = {
    "TLS": ({}, SmtpServer(port=465, security="tls", **THERE)),
    "STARTTLS": (
        {"port": 2587, "extra": {"disable_ssl": True}}, SmtpServer(port=2587, security="starttls", **THERE)
    ),
    "neither": (
        {"extra": {"disable_ssl": True, "disable_tls": True}}, SmtpServer(port=25, security="none", **THERE)
    ),
    "an authority of its own": (
        {"extra": {"ca_file": "/etc/bureau.pem"}}, SmtpServer(port=465, security="tls", ca_file="/etc/bureau.pem", **THERE)
    ),
}


@pytest.mark.parametrize("how", SERVERS)
def test_the_connection_says_where_mail_is_handed_over(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from etl.airflow_support.release import smtp_server  # noqa: PLC0415  after Airflow's settings are set

    more, expected = SERVERS[how]
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(CONNECTION | more))
    assert smtp_server() == expected


def test_without_the_connection_the_settings_count(monkeypatch: pytest.MonkeyPatch) -> None:
    from etl.airflow_support.release import smtp_server  # noqa: PLC0415  after Airflow's settings are set

    monkeypatch.delenv("AIRFLOW_CONN_SMTP_DEFAULT", raising=False)
    assert smtp_server() is None
