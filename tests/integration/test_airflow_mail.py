"""Mail in a live Airflow: two persons sign, the connection `smtp_default` sends over TLS, answers are read, units reminded.

Airflow with its scheduler, Postfix and Dovecot on loopback. The half-year is filed and added up beforehand.
"""

import imaplib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from etl.edges.store.messages import messages_of, releases_of
from etl.stages.context import open_context
from tests.support.airflow_stack import Stack, running_stack, wait_for
from tests.support.filing import home_at, run, unit, write
from tests.support.mail_servers import DOMAIN, PASSWORD, MailServers, mail_servers, missing_programs

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(bool(missing_programs()), reason="Postfix and Dovecot are not installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="Postfix runs as root only"),
]

PROGRAMME, PERIOD = "zaozhuang-true-colour-home", "2021H1"
KEY = f"{PERIOD}|{PROGRAMME}"
OVERDUE = "2021-08-02"
FILED, UNITS = ("370402", "370403"), 6
DONE_WITHIN = 240
OFFICES = {
    "offices": {
        kind: {"zh": f"{{name}}{kind}", "address": f"office@{DOMAIN}", "origin": "assumed"}
        for kind in ("retired_cadre_bureau", "organisation_department", "retired_cadre_committee", "county_committee")
    },
    "units": {"zh": "{name}", "address": f"dw-{{code}}@{DOMAIN}", "origin": "assumed"},
}


@pytest.fixture(scope="module")
def servers() -> Iterator[MailServers]:
    with mail_servers(["tongbao", "office", "dw-370404"]) as running:
        yield running


@pytest.fixture(scope="module")
def stack(servers: MailServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    base = tmp_path_factory.mktemp("airflow")
    own = base / "programmes"
    own.mkdir()
    (own / "offices.yaml").write_text(json.dumps(OFFICES), encoding="utf-8")

    def prepare(home: Path) -> None:
        with home_at(home):
            write(home, PROGRAMME, PERIOD, [unit(PROGRAMME, PERIOD, code) for code in FILED])
            run(PROGRAMME, PERIOD, OVERDUE)

    connection = {
        "conn_type": "smtp", "host": "localhost", "port": servers.submission_port, "login": f"tongbao@{DOMAIN}",
        "password": PASSWORD, "extra": {"disable_ssl": True, "ca_file": str(servers.authority)},
    }
    reading = {name: value for name, value in servers.encrypted("tongbao", "tls").items() if "IMAP" in name}
    more = reading | {
        "AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(connection), "SANJI_MAIL_FROM": f"tongbao@{DOMAIN}",
        "SANJI_SMTP_MESSAGES_PER_MINUTE": "0", "SANJI_PROGRAMMES_DIR": str(own),
    }
    with running_stack("airflow.sh", base, PROGRAMME, prepare, more) as started:
        started.environment.update(more)
        yield started


def trigger(stack: Stack, dag_id: str, conf: dict[str, str], key: str | None = None) -> dict[str, Any]:
    stack.call(f"/api/v2/dags/{dag_id}", {"is_paused": False}, method="PATCH")
    body = {"logical_date": None, "conf": conf} | ({"partition_key": key} if key else {})
    started: dict[str, Any] = stack.call(f"/api/v2/dags/{dag_id}/dagRuns", body)
    return started


def state(stack: Stack, started: dict[str, Any]) -> str:
    found = stack.call(f"/api/v2/dags/{started['dag_id']}/dagRuns?limit=100")["dag_runs"]
    [now] = [each["state"] for each in found if each["dag_run_id"] == started["dag_run_id"]]
    assert now != "failed", stack.failures(started)
    return str(now)


def ended(stack: Stack, started: dict[str, Any]) -> None:
    wait_for(lambda: state(stack, started) == "success", DONE_WITHIN)


def asked(stack: Stack, task_id: str) -> dict[str, Any]:
    """The open question of a step, as soon as it is asked."""
    found: list[dict[str, Any]] = []

    def there() -> bool:
        found[:] = [each for each in stack.waiting() if each["task_instance"]["task_id"] == task_id]
        return bool(found)

    wait_for(there, DONE_WITHIN)
    return found[0]


def ledger(stack: Stack, kinds: list[str]) -> list[dict[str, Any]]:
    with home_at(stack.scratch / "sanji"):
        context = open_context(PROGRAMME, PERIOD)
        rows = messages_of(context.store, *context.key, kinds=kinds)
        signed = releases_of(context.store, [row["message_key"] for row in rows])
        return [{**row, "signed": signed.get(row["message_key"], [])} for row in rows]


def inbox(servers: MailServers, user: str) -> list[str]:
    servers.settle()
    with imaplib.IMAP4("127.0.0.1", servers.imap_port) as box:
        box.login(f"{user}@{DOMAIN}", PASSWORD)
        box.select()
        uids = box.uid("SEARCH", "ALL")[1][0].split()
        return [box.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1][0][1].decode("ascii", "replace") for uid in uids]


def test_two_persons_sign_and_the_connection_sends_over_tls(stack: Stack, servers: MailServers) -> None:
    started = trigger(stack, "dispatch_half_year", {"partition_key": KEY}, KEY)
    stack.answer(asked(stack, "sign"), "签发")
    first = asked(stack, "countersign")
    assert {row["state"] for row in ledger(stack, ["edition"])} == {"queued"}  # one of two has signed
    stack.answer(first, "签发")  # by the same person: asked again
    second = stack.as_user("ops")
    second.answer(asked(second, "countersign"), "签发")
    ended(stack, started)
    rows = ledger(stack, ["edition"])
    assert stack.result(started, "dispatch")["sent"] == len(rows) > 1
    assert {tuple(sorted(row["signed"])) for row in rows} == {("admin", "ops")}
    arrived = inbox(servers, "office")
    assert len(arrived) == len(rows)
    assert all("with ESMTPSA" in " ".join(mail.split()) for mail in arrived)  # encrypted and logged in, as Postfix saw it


def test_what_comes_back_is_read_by_the_scheduler(stack: Stack, servers: MailServers) -> None:
    sent = ledger(stack, ["edition"])
    assert {row["state"] for row in sent} == {"sent"}
    servers.settle()
    started = trigger(stack, "mail_in", {})
    ended(stack, started)
    assert [read for read in stack.results("mail_in", "read_mailbox") if read] == [{"noted": len(sent)}]
    assert {row["state"] for row in ledger(stack, ["edition"])} == {"accepted"}


def test_units_that_sent_nothing_are_reminded_once(stack: Stack, servers: MailServers) -> None:
    for reminded in (True, False):
        started = trigger(stack, "remind_units", {"as_of": OVERDUE})
        ended(stack, started)
        rows = ledger(stack, ["reminder", "escalation"])
        assert len([row for row in rows if row["kind"] == "reminder"]) >= UNITS - len(FILED)
        assert {row["node_id"] for row in rows}.isdisjoint(f"P{code}" for code in FILED)
        assert len(inbox(servers, "dw-370404")) == 1, reminded
