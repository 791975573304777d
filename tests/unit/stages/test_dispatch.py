"""From the outbox to the mail server: nothing without a person, everything once, doubts kept as doubts."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from etl.edges.smtp import SmtpServer
from etl.edges.store import messages as ledger
from etl.errors import Lost, Misuse, Retryable
from etl.settings import settings
from etl.stages import dispatch as stage
from etl.stages.context import Context, open_context
from etl.tasks.mail import demand_none_left_behind
from tests.support.scripted_smtp import HANG_UP, scripted_server
from tests.unit.edges.test_messages import row
from tests.unit.edges.test_signing import keys  # noqa: F401 - a fixture

AT = dt.datetime(2018, 8, 6, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
MESSAGE = b"From: a@x.example\r\nSubject: s\r\n\r\nhello\r\n"
NOTHING: dict[str, Any] = {"deliveries": 0, "new": 0, "withdrawn": 0}
Outbox = Callable[..., list[str]]


@pytest.fixture
def context(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    monkeypatch.setattr(stage, "compose_editions", lambda *_: NOTHING)  # editions have their own tests
    monkeypatch.setenv("SANJI_SMTP_MESSAGES_PER_MINUTE", "0")
    settings.cache_clear()
    return open_context("yunnan-model-branch", "2018H1")


@pytest.fixture
def outbox(context: Context) -> Outbox:
    """Puts so many messages into the outbox, and gives back their keys."""

    def put(count: int) -> list[str]:
        rows = [row(f"office{n}@kunming.example") | {"office": f"第{n}局"} for n in range(count)]
        for each in rows:
            each |= {"programme": context.key[0], "period": context.key[1]}
            path = context.settings.outbox_dir / each["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(MESSAGE)
        ledger.queue(context.store, rows, "test", AT.isoformat())
        return [each["message_key"] for each in rows]

    return put


def run(context: Context, port: int, at: dt.datetime = AT) -> dict[str, Any]:
    server = SmtpServer("127.0.0.1", port, security="none", timeout_seconds=5)
    return stage.dispatch(context, lambda: at, server)


def states(context: Context) -> list[str]:
    return [each["state"] for each in ledger.messages_of(context.store, *context.key)]


def release(context: Context, *persons: str) -> dict[str, int]:
    for person in persons or ("甲",):
        told = stage.release_outbox(context, person, None, AT)
    return told


def test_nothing_leaves_before_a_person_lets_it_go(context: Context, outbox: Outbox) -> None:
    outbox(2)
    with scripted_server({}) as server:
        assert run(context, server.port)["waiting"] == 2
        assert server.taken == []
        assert release(context) == {"released": 2, "waiting": 0}
        assert run(context, server.port)["sent"] == 2
        assert len(server.taken) == 2


def test_a_message_whose_file_is_gone_holds_up_no_other(context: Context, outbox: Outbox) -> None:
    [first, *_] = outbox(3)
    release(context)
    lost = context.settings.outbox_dir / str(ledger.message(context.store, first)["path"])  # type: ignore[index]  # it is there
    lost.unlink()
    with scripted_server({}) as server:
        for _ in range(2):
            with pytest.raises(Lost, match=r"^gone from the outbox: edition to 第0局$"):
                run(context, server.port)
            assert len(server.taken) == 2
        lost.write_bytes(MESSAGE)
        assert run(context, server.port)["sent"] == 1


def test_again_sends_nothing_more(context: Context, outbox: Outbox) -> None:
    outbox(2)
    release(context)
    with scripted_server({}) as server:
        assert [run(context, server.port)["sent"] for _ in range(3)] == [2, 0, 0]
        assert len(server.taken) == 2


def test_a_server_that_is_down_stops_sending_and_not_composing(context: Context, outbox: Outbox) -> None:
    outbox(1)
    with scripted_server({"EHLO": "250-scripted\r\n250 SIZE 20000000"}) as up:
        server = SmtpServer("127.0.0.1", up.port, security="none", timeout_seconds=5)
        assert stage.size_limit(context.settings, server) == stage.SizeLimit(20_000_000)
        assert "size_assumed" not in stage.fill_outbox(context, lambda: AT, server)
    assert stage.size_limit(context.settings, server) == stage.SizeLimit(stage.ASSUMED_BYTES, assumed=True)
    assert stage.fill_outbox(context, lambda: AT, server)["size_assumed"] == stage.ASSUMED_BYTES
    release(context)
    with pytest.raises(Retryable, match="not to be reached"):
        stage.dispatch(context, lambda: AT, server)
    assert states(context) == ["released"]


def test_a_person_releases_what_he_has_seen(context: Context, outbox: Outbox) -> None:
    outbox(1)
    seen = stage.preview_digest(context)
    outbox(2)
    with pytest.raises(Misuse, match="has changed"):
        stage.release_outbox(context, "甲", seen, AT)
    assert states(context) == ["queued", "queued"]
    assert stage.release_outbox(context, "甲", stage.preview_digest(context), AT)["released"] == 2


def test_where_the_programme_asks_for_two_persons_they_are_two(home: Path) -> None:
    context = open_context("zaozhuang-true-colour-home", "2021H1")
    each = row() | {"programme": context.key[0], "period": context.key[1]}
    ledger.queue(context.store, [each], "test", AT.isoformat())
    assert release(context, "甲", "甲") == {"released": 0, "waiting": 1}
    assert release(context, "乙") == {"released": 1, "waiting": 0}


def test_without_a_server_what_is_released_stays_in_the_outbox(context: Context, outbox: Outbox) -> None:
    outbox(1)
    release(context)
    assert stage.dispatch(context, lambda: AT)["sent"] == 0
    assert states(context) == ["released"]


def test_what_waits_is_told_of_what_waits_alone(context: Context, outbox: Outbox) -> None:
    nothing = stage.preview_digest(context)
    [key] = outbox(1)
    assert stage.preview_digest(context) != nothing
    release(context)
    assert (stage.preview_digest(context), stage.releasers(context)) == (nothing, {})
    with scripted_server({".": HANG_UP}) as server:
        run(context, server.port)
    assert release(context) == {"released": 0, "waiting": 0}
    assert ledger.releases_of(context.store, [key]) == {key: ["甲"]}


def test_a_kind_that_needs_no_person_leaves_by_itself_and_no_other(context: Context) -> None:
    key = {"programme": context.key[0], "period": context.key[1]}
    rows = [row(subject=kind) | key | {"kind": kind} for kind in ("edition", "feedback")]
    ledger.queue(context.store, rows, "test", AT.isoformat())
    stage.release_by_itself(context, AT)
    listed = ledger.messages_of(context.store, *context.key)
    assert {each["kind"]: each["state"] for each in listed} == {"edition": "queued", "feedback": "released"}


def test_the_size_that_is_set_stands_before_what_the_server_says(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANJI_MAIL_LARGEST_BYTES", "100000")
    settings.cache_clear()
    with scripted_server({"EHLO": "250-scripted\r\n250 SIZE 20000000"}) as up:
        server = SmtpServer("127.0.0.1", up.port, security="none", timeout_seconds=5)
        assert stage.size_limit(settings(), server) == stage.SizeLimit(100_000)
        assert up.said == []


SIGNED = {  # signatures, from the outside in
    "none": [],
    "dkim": [b"DKIM-Signature:"],
    "smime": [b"multipart/signed"],
    "dkim smime": [b"DKIM-Signature:", b"multipart/signed"],
}


@pytest.mark.parametrize("configured", SIGNED)
def test_what_leaves_bears_the_signatures_that_are_configured(
    context: Context, outbox: Outbox, keys: Path, configured: str, monkeypatch: pytest.MonkeyPatch  # noqa: F811 - the fixture
) -> None:
    if "dkim" in configured:
        monkeypatch.setenv("SANJI_DKIM_KEY", str(keys / "key.pem"))
    if "smime" in configured:
        monkeypatch.setenv("SANJI_SMIME_KEY", str(keys / "key.pem"))
        monkeypatch.setenv("SANJI_SMIME_CERTIFICATE", str(keys / "certificate.pem"))
    settings.cache_clear()
    outbox(1)
    release(context)
    with scripted_server({}) as server:
        run(open_context(*context.key), server.port)
        (content,) = server.taken
    found = [(content.find(mark), mark) for mark in (b"DKIM-Signature:", b"multipart/signed") if mark in content]
    assert [mark for _, mark in sorted(found)] == SIGNED[configured]


def test_an_automatic_release_is_told_as_such(
    context: Context, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    [key] = outbox(1)
    monkeypatch.setenv("SANJI_RELEASE_AUTOMATICALLY", "true")
    settings.cache_clear()
    stage.fill_outbox(open_context(*context.key), lambda: AT)
    released = ledger.events_of(context.store, key)[-1]
    assert (released["state"], released["actor"], released["detail"]) == ("released", "automatic", "automatic")


def test_what_is_refused_for_now_goes_later_and_for_good_never(context: Context, outbox: Outbox) -> None:
    outbox(2)
    release(context)
    with scripted_server({"RCPT": "450 later"}) as server, pytest.raises(Retryable, match="2 messages"):
        run(context, server.port)
    assert states(context) == ["released", "released"]
    with scripted_server({"RCPT": "550 unknown"}) as server:
        assert run(context, server.port)["refused"] == 2
    with scripted_server({}) as server:
        assert run(context, server.port)["sent"] == 0
    assert states(context) == ["refused", "refused"]


def test_whoever_has_not_got_the_newest_message_is_told_of_until_another_arrives(context: Context, outbox: Outbox) -> None:
    demand_none_left_behind(*context.key)
    refused, _ = outbox(2)
    release(context)
    with scripted_server({"RCPT": "550 unknown"}) as server:
        run(context, server.port)
    with pytest.raises(Misuse, match="not arrived: 2") as told:
        demand_none_left_behind(*context.key)
    assert refused in str(told.value)
    assert "@" not in str(told.value)
    key = {"programme": context.key[0], "period": context.key[1]}
    kept = [row(f"put-right{n}@kunming.example", subject="r2") | key | {"office": f"第{n}局"} for n in range(2)]
    ledger.queue(context.store, kept, "test", (AT + dt.timedelta(days=1)).isoformat())
    demand_none_left_behind(*context.key)  # the newer one waits


def test_a_line_that_breaks_after_the_last_dot_leaves_a_doubt_and_the_others_go_on(
    context: Context, outbox: Outbox
) -> None:
    outbox(2)
    release(context)
    with scripted_server({".": HANG_UP}) as server:
        assert run(context, server.port)["uncertain"] == 2
    with scripted_server({}) as server:
        assert run(context, server.port)["sent"] == 0


@pytest.mark.parametrize(("choice", "state", "sent"), [("sent", "sent", 0), ("again", "released", 1)])
def test_a_doubt_is_decided_by_a_person(
    context: Context, outbox: Outbox, choice: str, state: str, sent: int
) -> None:
    [key] = outbox(1)
    release(context)
    with scripted_server({".": HANG_UP}) as server:
        run(context, server.port)
    stage.decide(context, key, choice, "甲", AT)
    assert states(context) == [state]
    assert ledger.events_of(context.store, key)[-1]["actor"] == "甲"
    with scripted_server({}) as server:
        assert run(context, server.port)["sent"] == sent
    with pytest.raises(Misuse, match="not uncertain"):
        stage.decide(context, key, choice, "甲", AT)


@pytest.mark.parametrize("choice", ["sent", "again"])
@pytest.mark.parametrize("at", ["queued", "claimed"])
def test_what_is_in_no_doubt_is_not_decided(context: Context, outbox: Outbox, choice: str, at: str) -> None:
    """Else one person would let go what two must, or have a message sent again that a sender has just taken."""
    [key] = outbox(1)
    if at == "claimed":
        release(context)
        ledger.claim(context.store, key, "dispatch", AT.isoformat())
    with pytest.raises(Misuse, match="not uncertain"):
        stage.decide(context, key, choice, "甲", AT)
    assert states(context) == [at]


def test_a_doubt_is_decided_one_way_or_the_other(context: Context, outbox: Outbox) -> None:
    with pytest.raises(Misuse, match="write sent or again"):
        stage.decide(context, outbox(1)[0], "perhaps", "甲", AT)


def test_a_sender_that_died_leaves_a_doubt_after_its_time(context: Context, outbox: Outbox) -> None:
    [key] = outbox(1)
    release(context)
    ledger.claim(context.store, key, "dispatch", AT.isoformat())
    with scripted_server({}) as server:
        minutes = context.settings.smtp_claim_minutes
        assert run(context, server.port, AT + dt.timedelta(minutes=minutes))["uncertain"] == 0
        assert run(context, server.port, AT + dt.timedelta(minutes=minutes + 1))["uncertain"] == 1
        assert server.taken == []


@pytest.mark.parametrize("said", ["250 scripted", f"250-scripted\r\n250 SIZE {len(MESSAGE)}"])
def test_a_server_that_names_no_size_or_just_this_one_is_offered_the_message(context: Context, outbox: Outbox, said: str) -> None:
    outbox(1)
    release(context)
    with scripted_server({"EHLO": said}) as server:
        assert run(context, server.port)["sent"] == 1


def test_the_file_of_a_message_that_has_left_is_missed_by_nobody(context: Context, outbox: Outbox) -> None:
    [key] = outbox(1)
    release(context)
    with scripted_server({}) as server:
        assert run(context, server.port)["sent"] == 1
        (context.settings.outbox_dir / str(ledger.message(context.store, key)["path"])).unlink()  # type: ignore[index]  # it is there
        assert run(context, server.port)["sent"] == 0


def test_a_message_the_server_would_never_take_is_not_offered(context: Context, outbox: Outbox) -> None:
    outbox(1)
    release(context)
    with scripted_server({"EHLO": "250-scripted\r\n250 SIZE 20"}) as server:
        assert run(context, server.port)["refused"] == 1
        assert not any(said.lower().startswith("mail") for said in server.said)
