"""The ledger: each message once, two persons are two persons, a claim is taken by one, nothing moves where it may not."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from etl.core.mail.mailing import message_id, message_key
from etl.edges.store import messages as ledger
from etl.edges.store.database import open_store

AT, LATER = "2018-08-06T09:00:00+08:00", "2018-08-06T09:30:00+08:00"


@pytest.fixture
def store(tmp_path: Path) -> sa.Engine:
    return open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")


def row(recipient: str = "office@kunming.example", subject: str = "e1", part: int = 1) -> ledger.Row:
    key = message_key("edition", subject, recipient, part)
    return {
        "message_key": key, "kind": "edition", "subject_id": subject, "recipient": recipient, "part": part, "parts": 1,
        "programme": "demo", "period": "2018H1", "node_id": "P530000", "office": "某局", "reason": "own",
        "message_id": message_id(key, "data.example"), "subject": "通报", "attachments": ["通报.pdf"], "size": 1000,
        "path": f"{key}.eml",
    }


def queued(store: sa.Engine) -> str:
    ledger.queue(store, [row()], "test", AT)
    return str(row()["message_key"])


def sent(store: sa.Engine) -> str:
    key = queued(store)
    ledger.release(store, [key], "甲", 1, AT)
    ledger.claim(store, key, "test", AT)
    ledger.settle(store, key, "sent", "test", AT)
    return key


def state(store: sa.Engine, key: str) -> str:
    found = ledger.message(store, key)
    assert found is not None
    return str(found["state"])


def test_a_message_is_queued_once(store: sa.Engine) -> None:
    assert ledger.queue(store, [row(), row("other@yuxi.example")], "test", AT) == 2
    assert ledger.queue(store, [row(), row(subject="e2")], "test", LATER) == 1
    assert [each["queued_at"] for each in ledger.messages_of(store, "demo", "2018H1")] == [AT, LATER, AT]
    assert ("edition", "e2", "office@kunming.example") in ledger.known_subjects(store, "demo", "2018H1")


def test_nothing_is_claimed_before_a_person_releases_it(store: sa.Engine) -> None:
    key = queued(store)
    assert not ledger.claim(store, key, "test", AT)
    assert ledger.release(store, [key], "甲", 1, AT) == 1
    assert ledger.claim(store, key, "test", AT)


def test_one_person_twice_is_not_two(store: sa.Engine) -> None:
    key = queued(store)
    assert ledger.release(store, [key], "甲", 2, AT) == 0
    assert ledger.release(store, [key], "甲", 2, LATER) == 0
    assert state(store, key) == "queued"
    assert ledger.release(store, [key], "乙", 2, LATER) == 1
    assert ledger.releases_of(store, [key]) == {key: ["甲", "乙"]}


def test_one_sender_gets_the_claim(store: sa.Engine) -> None:
    key = queued(store)
    ledger.release(store, [key], "甲", 1, AT)
    assert [ledger.claim(store, key, name, AT) for name in ("first", "second")] == [True, False]


def test_a_claim_without_a_record_becomes_a_doubt_and_only_when_it_is_old(store: sa.Engine) -> None:
    key = queued(store)
    ledger.release(store, [key], "甲", 1, AT)
    ledger.claim(store, key, "test", AT)
    assert ledger.doubt_stale_claims(store, AT, "test", LATER) == 0
    assert ledger.doubt_stale_claims(store, LATER, "test", LATER) == 1
    assert state(store, key) == "uncertain"
    assert not ledger.claim(store, key, "test", LATER)


@pytest.mark.parametrize("came_to", ["claimed", "uncertain"])
def test_a_person_who_comes_late_releases_nothing_that_is_on_its_way(store: sa.Engine, came_to: str) -> None:
    """Whoever listed what waits while another released it, and a sender took it."""
    key = queued(store)
    ledger.release(store, [key], "甲", 1, AT)
    ledger.claim(store, key, "test", AT)
    if came_to == "uncertain":
        ledger.settle(store, key, "uncertain", "test", AT)
    assert ledger.release(store, [key], "乙", 1, LATER) == 0
    assert (state(store, key), ledger.releases_of(store, [key])) == (came_to, {key: ["甲"]})


@pytest.mark.parametrize("to", ["released", "claimed", "refused", "withdrawn", "uncertain"])
def test_what_has_left_is_not_sent_again(store: sa.Engine, to: str) -> None:
    key = sent(store)
    assert not ledger.settle(store, key, to, "test", LATER)
    assert state(store, key) == "sent"


def test_a_bounce_comes_after_a_delivery_report_and_a_receipt_is_the_last_word(store: sa.Engine) -> None:
    key = sent(store)
    for to in ("accepted", "bounced", "receipt"):
        assert ledger.settle(store, key, to, "mail-in", LATER)
    assert not ledger.settle(store, key, "accepted", "mail-in", LATER)
    assert [each["state"] for each in ledger.events_of(store, key)] == [
        "queued", "released", "claimed", "sent", "accepted", "bounced", "receipt",
    ]


def test_a_temporary_refusal_keeps_what_the_server_said(store: sa.Engine) -> None:
    key = queued(store)
    ledger.release(store, [key], "甲", 1, AT)
    ledger.claim(store, key, "test", AT)
    ledger.settle(store, key, "released", "test", LATER, "451 try later")
    found = ledger.message(store, key)
    assert found is not None
    assert (found["state"], found["tries"], found["last_error"]) == ("released", 1, "451 try later")
    assert ledger.claim(store, key, "test", LATER)
