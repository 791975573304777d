"""Mail through real Postfix and Dovecot on loopback: sent once whatever is killed, whole on arrival, and back again."""

import email
import email.policy
import imaplib
import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from etl import tasks as half_year
from etl.core.mail.mailing import message_id, message_key, reply_token, with_token
from etl.core.mail.offices import Offices
from etl.edges.clock import now
from etl.edges.mail import Attachment, Mailbox
from etl.edges.mailbox import ImapServer
from etl.edges.programmes import load_offices
from etl.edges.seal import seal_secret
from etl.edges.store import messages as ledger
from etl.errors import ConfigError
from etl.settings import settings
from etl.stages import compose as composing
from etl.stages.context import Context, open_context
from etl.stages.dispatch import size_limit
from etl.stages.mail_in import Desk, mail_in
from etl.tasks import mail as tasks
from etl.tasks.mail_in import mail_in as take_up_mail
from tests.support.filing import run, stored, total, unit, write
from tests.support.mail_servers import DOMAIN, PASSWORD, MailServers, mail_servers, missing_programs
from tests.support.returning import edited, setting
from tests.unit.edges.test_mail import model_of
from tests.unit.stages.test_mail_in import Answer

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(bool(missing_programs()), reason="Postfix and Dovecot are not installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="Postfix runs as root only"),
]

PROGRAMME, PERIOD = "yunnan-model-branch", "2018H1"
OFFICES = ("office", "second", "dw-530102")
SIZE_LIMIT = 3_000_000


@pytest.fixture(scope="module")
def servers() -> Iterator[MailServers]:
    with mail_servers(["tongbao", *OFFICES], SIZE_LIMIT) as running:
        yield running


@pytest.fixture
def context(servers: MailServers, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    """An empty ledger, the mail servers configured, all mailboxes empty; editions have their own tests."""
    for name, value in servers.settings("tongbao").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SANJI_SMTP_CLAIM_MINUTES", "0")
    monkeypatch.setattr(
        "etl.stages.dispatch.compose_editions", lambda *_: {"deliveries": 0, "new": 0, "withdrawn": 0}
    )
    settings.cache_clear()
    for user in ("tongbao", *OFFICES):
        _empty(servers, user)
    yield open_context(PROGRAMME, PERIOD)
    settings.cache_clear()


def _imap(servers: MailServers, user: str) -> imaplib.IMAP4:
    box = imaplib.IMAP4("127.0.0.1", servers.imap_port)
    box.login(f"{user}@{DOMAIN}", PASSWORD)
    box.select()
    return box


def _empty(servers: MailServers, user: str) -> None:
    with _imap(servers, user) as box:
        if uids := box.uid("SEARCH", "ALL")[1][0].split():
            box.uid("STORE", b",".join(uids).decode(), "+FLAGS", r"(\Deleted)")
            box.expunge()


def inbox(servers: MailServers, user: str) -> list[bytes]:
    """The raw messages in a mailbox, after everything has been delivered."""
    servers.settle()
    with _imap(servers, user) as box:
        uids = box.uid("SEARCH", "ALL")[1][0].split()
        return [bytes(box.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1][0][1]) for uid in uids]


def parsed(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def put(context: Context, user: str, *, kind: str = "edition", files: tuple[Attachment, ...] = (), subject_id: str = "e1",
        node_id: str = "P530102") -> list[str]:
    """A released message in the outbox; gives back its keys."""
    letter = composing.Letter(
        kind=kind, subject_id=subject_id, node_id=node_id, recipient=Mailbox("某局", f"{user}@{DOMAIN}"), reason="own",
        sender_name="省委老干部局", model=model_of(), sent_at=now(), stem="530000-r1", attachments=files,
    )
    rows = composing.compose(context, letter, size_limit(context.settings, tasks.configured_server()).bytes)
    ledger.queue(context.store, rows, "test", now().isoformat())
    keys = [str(row["message_key"]) for row in rows]
    ledger.release(context.store, keys, "甲", 1, now().isoformat())
    return keys


def state(context: Context, key: str) -> str:
    found = ledger.message(context.store, key)
    assert found is not None
    return str(found["state"])


def read_back(context: Context, answer: Answer | None = None) -> dict[str, int]:
    """Take up what lies in the reply mailbox."""
    chosen = context.settings
    server = ImapServer(
        chosen.imap_host, chosen.imap_port, chosen.imap_security, chosen.imap_user, chosen.imap_password.get_secret_value()
    )
    desk = Desk(context.store, chosen, open_context, lambda *_, **__: answer or Answer(), now)
    return mail_in(server, desk).outcomes


LONG_NAME = "2018年上半年云南省离退休干部党组织建设数据报送情况通报（含各州市排名）.pdf"
PDF = Attachment(LONG_NAME, "application/pdf", os.urandom(700_001))
XLSX = Attachment(
    "附件1.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", bytes(range(256)) * 99
)


def test_attachments_arrive_byte_for_byte_under_their_names(context: Context, servers: MailServers) -> None:
    [key] = put(context, "office", files=(PDF, XLSX))
    assert tasks.dispatch(PROGRAMME, PERIOD)["sent"] == 1
    [raw] = inbox(servers, "office")
    found = parsed(raw)
    assert found["Message-ID"] == message_id(key, DOMAIN)
    assert [
        (part.get_filename(), part.get_content_type(), part.get_payload(decode=True))
        for part in found.iter_attachments()
    ] == [(each.name, each.media_type, each.content) for each in (PDF, XLSX)]


def test_a_delivery_report_comes_back_into_the_ledger(context: Context, servers: MailServers) -> None:
    [key] = put(context, "office")
    tasks.dispatch(PROGRAMME, PERIOD)
    servers.settle()
    assert state(context, key) == "sent"
    assert read_back(context) == {"noted": 1}
    assert state(context, key) == "accepted"
    assert read_back(context) == {}


@pytest.fixture
def encrypted(context: Context, servers: MailServers, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Context:
    """The same servers reached with a login and encryption: `starttls` or `tls`."""
    for name, value in servers.encrypted("tongbao", request.param).items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    return open_context(PROGRAMME, PERIOD)


@pytest.mark.parametrize("encrypted", ["starttls", "tls"], indirect=True)
def test_mail_goes_out_and_comes_back_encrypted_and_logged_in(encrypted: Context, servers: MailServers) -> None:
    [key] = put(encrypted, "office")
    assert tasks.dispatch(PROGRAMME, PERIOD)["sent"] == 1
    [raw] = inbox(servers, "office")
    received = " ".join(" ".join(parsed(raw).get_all("Received")).split())
    assert "with ESMTPSA" in received  # encrypted and authenticated, as Postfix saw it
    assert take_up_mail() == {"noted": 1}  # the delivery report, over IMAP with the same encryption
    assert state(encrypted, key) == "accepted"


@pytest.mark.parametrize("encrypted", ["starttls", "tls"], indirect=True)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SANJI_SMTP_PASSWORD", "wrong"),
        ("SANJI_SMTP_CA_FILE", ""),  # the machine's own authorities do not know this one
        ("SANJI_SMTP_HOST", "127.0.0.1"),  # the certificate is for another name
        ("SANJI_IMAP_PASSWORD", "wrong"),
        ("SANJI_IMAP_CA_FILE", ""),
    ],
)
def test_what_is_not_trusted_or_not_let_in_gets_nothing(
    encrypted: Context, servers: MailServers, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    [key] = put(encrypted, "office")
    monkeypatch.setenv(name, value)
    settings.cache_clear()
    act = take_up_mail if "IMAP" in name else partial(tasks.dispatch, PROGRAMME, PERIOD)
    with pytest.raises(ConfigError):
        act()
    assert state(encrypted, key) == "released"
    assert inbox(servers, "office") == []


def test_where_encryption_is_wanted_and_not_offered_nothing_is_sent(
    context: Context, servers: MailServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor a password: it would cross the line in the clear."""
    put(context, "office")
    monkeypatch.setenv("SANJI_SMTP_USER", f"tongbao@{DOMAIN}")
    monkeypatch.setenv("SANJI_SMTP_PASSWORD", PASSWORD)
    settings.cache_clear()
    with pytest.raises(ConfigError):  # Postfix offers no login on an open line
        tasks.dispatch(PROGRAMME, PERIOD)
    assert inbox(servers, "office") == []


def test_a_bounce_comes_back_and_is_recorded(context: Context, servers: MailServers) -> None:
    [key] = put(context, "nobody")
    tasks.dispatch(PROGRAMME, PERIOD)
    servers.settle()
    assert read_back(context) == {"noted": 1}
    found = ledger.message(context.store, key)
    assert found is not None
    assert found["state"] == "bounced"
    assert "User doesn't exist" in found["last_error"]


KILLED = """
import os, signal, sys
import etl.stages.dispatch as stage
from etl.edges.smtp import Session
stage.compose_editions = lambda *_: {"deliveries": 0, "new": 0, "withdrawn": 0}
hand_over = Session.hand_over
def die(self, *args):
    if sys.argv[1] == "after":
        hand_over(self, *args)
    os.kill(os.getpid(), signal.SIGKILL)
Session.hand_over = die
from etl.tasks import mail
mail.dispatch(sys.argv[2], sys.argv[3])
"""


@pytest.mark.parametrize(("when", "arrived"), [("before", 0), ("after", 1)])
def test_a_sender_killed_around_the_hand_over_leaves_one_doubt_and_a_rerun_sends_the_rest_once(
    context: Context, servers: MailServers, when: str, arrived: int
) -> None:
    keys = [*put(context, "office"), *put(context, "second")]
    died = subprocess.run(
        [sys.executable, "-c", KILLED, when, PROGRAMME, PERIOD], cwd=Path(__file__).parents[2], check=False
    )
    assert died.returncode == -9
    assert sorted(state(context, key) for key in keys) == ["claimed", "released"]
    time.sleep(1.1)  # claims are dated to the second
    told = [tasks.dispatch(PROGRAMME, PERIOD) for _ in range(3)]
    assert [each["sent"] for each in told] == [1, 0, 0]
    assert told[-1]["uncertain"] == 1
    [doubt] = [key for key in keys if state(context, key) == "uncertain"]
    assert len(inbox(servers, "office")) + len(inbox(servers, "second")) == 1 + arrived
    # Whether it arrived, a person finds out and says; the delivery report of one that did settles it as well.
    if arrived:
        read_back(context)
        assert state(context, doubt) == "accepted"
    else:
        tasks.decide(PROGRAMME, PERIOD, doubt, "again", "甲")
        assert tasks.dispatch(PROGRAMME, PERIOD)["sent"] == 1
    assert [len(inbox(servers, user)) for user in ("office", "second")] == [1, 1]


def test_what_is_too_large_together_goes_in_several_and_what_is_too_large_alone_is_named(
    context: Context, servers: MailServers
) -> None:
    sizes = (1_200_000, 1_200_000, 4_000_000)
    files = [Attachment(f"附件{n}.pdf", "application/pdf", os.urandom(size)) for n, size in enumerate(sizes, 1)]
    keys = put(context, "office", files=tuple(files))
    assert len(keys) == 2
    assert tasks.dispatch(PROGRAMME, PERIOD)["sent"] == 2
    first, second = sorted((parsed(raw) for raw in inbox(servers, "office")), key=lambda found: str(found["Subject"]))
    assert [found["Subject"][-5:] for found in (first, second)] == ["（1/2）", "（2/2）"]
    for found, file in ((first, files[0]), (second, files[1])):
        assert [part.get_payload(decode=True) for part in found.iter_attachments()] == [file.content]
    assert "附件3.pdf" in first.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # every message has a text


@pytest.fixture
def dkim_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A key in force; gives back the record that its domain would publish."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path = tmp_path / "dkim.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    monkeypatch.setenv("SANJI_DKIM_KEY", str(path))
    return "v=DKIM1; k=rsa; p=" + "".join(public.decode().splitlines()[1:-1])


def test_dkim_holds_after_the_way_and_breaks_when_a_byte_changes(
    context: Context, servers: MailServers, dkim_key: str
) -> None:
    settings.cache_clear()
    put(context, "office", files=(PDF,))
    tasks.dispatch(PROGRAMME, PERIOD)
    [raw] = inbox(servers, "office")
    asked: list[bytes] = []

    def publish(name: bytes, **_: Any) -> bytes:
        asked.append(name)
        return dkim_key.encode()

    assert dkim.verify(raw, dnsfunc=publish)
    assert asked == [f"sanji._domainkey.{DOMAIN}.".encode()]
    assert not dkim.verify(raw.replace(b"Subject:", b"Subject: x"), dnsfunc=publish)


def reply(servers: MailServers, user: str, raw: bytes, *, workbook: bytes | None = None, **headers: str) -> None:
    """What a mail program sends when somebody presses "reply"."""
    original, answer = parsed(raw), EmailMessage()
    answer["From"] = f"{user}@{DOMAIN}"
    answer["To"] = str(original["Reply-To"])
    answer["Subject"] = f"回复：{original['Subject']}"
    answer["In-Reply-To"] = answer["References"] = str(original["Message-ID"])
    answer["Message-ID"] = f"<{os.urandom(8).hex()}@{DOMAIN}>"
    for name, value in headers.items():
        del answer[name.replace("_", "-")]
        answer[name.replace("_", "-")] = value
    answer.set_content("收到")
    if workbook is not None:
        answer.add_attachment(workbook, "application", "vnd.ms-excel", filename="修改单.xlsx")
    with smtplib.SMTP("127.0.0.1", servers.smtp_port) as session:
        session.send_message(answer)
    servers.settle()


def ask_to_fix(context: Context, servers: MailServers) -> tuple[str, bytes]:
    """A letter with a workbook, at the unit's office; its delivery report is taken up already."""
    [key] = put(context, "dw-530102", kind="feedback", files=(XLSX,))
    tasks.dispatch(PROGRAMME, PERIOD)
    [raw] = inbox(servers, "dw-530102")
    read_back(context)
    return key, raw


def test_an_answer_is_a_receipt(context: Context, servers: MailServers) -> None:
    key, raw = ask_to_fix(context, servers)
    reply(servers, "dw-530102", raw)
    assert read_back(context) == {"noted": 1}
    assert state(context, key) == "receipt"


def test_a_workbook_comes_back_and_the_answer_goes_to_the_office(
    context: Context, servers: MailServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, raw = ask_to_fix(context, servers)
    monkeypatch.setattr(
        "etl.core.mail.offices.Offices.address", lambda *_: f"dw-530102@{DOMAIN}"
    )  # the office's real mailbox
    reply(servers, "dw-530102", raw, workbook=XLSX.content)
    assert read_back(context, Answer(fixed=("F01",) * 7, still_open=("F02",))) == {"taken": 1}
    tasks.let_go_and_send(context)
    answer = next(found for each in inbox(servers, "dw-530102") if "还需核改" in (found := parsed(each))["Subject"])
    assert "已改好7处" in answer.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # every message has a text
    assert answer["Auto-Submitted"] == "auto-replied"
    assert state(context, key) == "receipt"


GUESSED = reply_token(message_key("feedback", "x", "y"), b"guess")
FORGED = {
    "from another address": {"From": f"second@{DOMAIN}"},
    "with a token of somebody else": {"To": with_token(f"tongbao@{DOMAIN}", GUESSED)},
}


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_answer_is_refused(context: Context, servers: MailServers, case: str) -> None:
    key, raw = ask_to_fix(context, servers)
    reply(servers, "dw-530102", raw, workbook=XLSX.content, **FORGED[case])
    assert read_back(context) == {"refused": 1}
    assert state(context, key) == "accepted"


def test_a_workbook_sent_twice_is_taken_once(context: Context, servers: MailServers) -> None:
    _, raw = ask_to_fix(context, servers)
    for _ in range(2):
        reply(servers, "dw-530102", raw, workbook=XLSX.content)
    assert read_back(context) == {"taken": 1, "refused": 1}


def test_the_token_in_the_reply_address_is_ours(context: Context, servers: MailServers) -> None:
    key, raw = ask_to_fix(context, servers)
    token = reply_token(key, seal_secret(context.settings))
    assert parsed(raw)["Reply-To"].addresses[0].addr_spec == with_token(f"tongbao@{DOMAIN}", token)


def test_the_whole_correction_loop_goes_by_mail(
    context: Context, servers: MailServers, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A county's faults go out as a workbook, come back put right, and count: told by mail at each step."""
    mailbox = {"office": "units", "code": "530102", "address": f"dw-530102@{DOMAIN}", "origin": "assumed"}
    offices = Offices.model_validate(load_offices().model_dump(mode="json") | {"mailboxes": [mailbox]})
    monkeypatch.setattr("etl.stages.letters.load_offices", lambda *_: offices)
    county = unit(PROGRAMME, PERIOD, "530102").set("branches", 0, secretaries_trained="")
    write(home, PROGRAMME, PERIOD, [county])
    run(PROGRAMME, PERIOD, "2018-07-31")
    before = total(stored("totals", PROGRAMME, PERIOD), "P530102", "branches_established")
    members = total(stored("totals", PROGRAMME, PERIOD), "P530102", "members")

    assert tasks.queue_feedback(PROGRAMME, PERIOD)["sent"] == 1
    [asked] = inbox(servers, "dw-530102")
    [part] = parsed(asked).iter_attachments()
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    fixed = edited(content, setting(context, "branches", {("secretaries_trained", 2): 1}))
    reply(servers, "dw-530102", asked, workbook=fixed)

    assert take_up_mail() == {"noted": 1, "taken": 1}
    half_year.roll_up(PROGRAMME, PERIOD)
    totals = stored("totals", PROGRAMME, PERIOD)
    assert total(totals, "P530102", "members") - members == 20  # the held row's members count again, and no others
    assert total(totals, "P530102", "branches_established") == before
    answers = [parsed(raw) for raw in inbox(servers, "dw-530102") if raw != asked]
    assert [answer["Subject"] for answer in answers] == ["已收到，全部改好：五华区2018年上半年报表"]
    assert answers[0]["In-Reply-To"] is not None
    assert tasks.queue_feedback(PROGRAMME, PERIOD)["new"] == 0
