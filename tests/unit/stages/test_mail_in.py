"""What comes back by mail counts only from where it was sent to, once; and every refusal is told there, once."""

import datetime as dt
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from etl.core.mail.mailing import message_id, message_key, reply_token, with_token
from etl.edges.mailbox import RawMail
from etl.edges.seal import seal_secret
from etl.edges.store import messages as ledger
from etl.edges.store.schema import inbound_mails
from etl.stages.context import Context, open_context
from etl.stages.mail_in import Desk, take_up
from tests.unit.edges.test_messages import row

AT = dt.datetime(2018, 8, 6, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
OFFICE, US = "dw-530102@example.test", "sanji@example.test"
MULTIPART = "Content-Type: multipart/mixed; boundary=b"


@dataclass
class Answer:
    accepted: bool = True
    refusal: str = ""
    fixed: tuple[str, ...] = ("F01", "F02", "F02")
    still_open: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    taken: bool = True
    standing: str = "新报表已采用。"


class Post:
    """An office that answers a message of ours, and the desk that takes its mail up."""

    def __init__(self, context: Context, kind: str) -> None:
        self.context, self.answer, self.taken = context, Answer(), []
        key = message_key(kind, "s1", OFFICE)
        self.key = key
        sent = row(OFFICE) | {"message_key": key, "kind": kind, "subject_id": "s1", "node_id": "P530102",
                              "programme": context.key[0], "period": context.key[1]}
        ledger.queue(context.store, [sent], "test", AT.isoformat())
        ledger.release(context.store, [key], "甲", 1, AT.isoformat())
        ledger.claim(context.store, key, "test", AT.isoformat())
        ledger.settle(context.store, key, "sent", "test", AT.isoformat())
        self.reply_to = with_token(US, reply_token(key, seal_secret(context.settings)))

    def take_back(self, context: Context, content: bytes, file_name: str, **more: Any) -> Answer:
        self.taken.append((content, file_name, more["unit_id"], more["channel"]))
        return self.answer

    def comes(self, *, sender: str = OFFICE, to: str | None = None, files: int = 1, mail: str = "m1", content: str = "UEsDBA==",
              refers: bool = True, cut: bool = False) -> str:
        head = "Content-Disposition: attachment; filename=a.xlsx\r\nContent-Transfer-Encoding: base64"
        part = f"--b\r\n{head}\r\n\r\n{content}\r\n"
        lines = [f"From: {sender}", f"To: {to or self.reply_to}", f"Message-ID: <{mail}@office.example>", MULTIPART,
                 *([f"In-Reply-To: {message_id(self.key, 'example.test')}"] if refers else []),
                 "", *([part] * files), "--b--"]
        desk = Desk(self.context.store, self.context.settings, open_context, self.take_back, lambda: AT)
        return take_up(RawMail("1", "\r\n".join(lines).encode(), cut), desk, set())

    @property
    def state(self) -> str:
        found = ledger.message(self.context.store, self.key)
        assert found is not None
        return str(found["state"])

    def answers(self) -> list[ledger.Row]:
        return [
            each
            for each in ledger.messages_of(self.context.store, *self.context.key, kinds=["answer"])
            if each["message_key"] != self.key
        ]


@pytest.fixture
def context(home: Path) -> Context:
    return open_context("yunnan-model-branch", "2018H1")


@pytest.fixture
def post(context: Context) -> Post:
    return Post(context, "feedback")


def test_a_workbook_from_the_office_is_taken_and_answered_there(post: Post) -> None:
    assert post.comes() == "taken"
    assert post.taken == [(b"PK\x03\x04", "a.xlsx", "P530102", "mail")]
    [answer] = post.answers()
    assert (answer["recipient"], answer["attachments"]) == (OFFICE, [])
    assert "全部改好" in answer["subject"]
    assert post.state == "receipt"


def test_while_something_is_open_the_answer_carries_a_fresh_workbook(post: Post) -> None:
    post.answer = Answer(still_open=("F01", "F02"))
    post.comes()
    [answer] = post.answers()
    assert "还需核改" in answer["subject"]
    assert len(answer["attachments"]) == 1


def test_a_workbook_that_does_not_count_is_answered_with_the_reason(post: Post) -> None:
    why = "现行报表暂不替换：新报表未计入的有6行，比现行的4行多。"
    post.answer = Answer(still_open=("F01",), taken=False, standing=why)
    post.comes()
    [answer] = post.answers()
    content = (post.context.settings.outbox_dir / answer["path"]).read_bytes()
    mail = BytesParser(EmailMessage, policy=policy.default).parsebytes(content)
    bodies = [mail.get_body((kind,)) for kind in ("plain", "html")]
    assert [why in body.get_content() for body in bodies if body] == [True, True]


def test_the_unit_is_known_by_what_it_answers_even_without_a_token(post: Post) -> None:
    assert post.comes(to=US) == "taken"
    assert post.comes(to=US, refers=False, mail="m2", content="UEsDBQ==") == "ignored"
    assert len(post.taken) == 1


def forged_token(post: Post) -> dict[str, Any]:
    return {"to": with_token(US, reply_token(post.key, b"another secret"))}


REFUSED = {
    "wrong_token": forged_token,
    "wrong_sender": lambda _: {"sender": "dw-530103@example.test"},
    "several_workbooks": lambda _: {"files": 2},
    "too_large": lambda _: {"cut": True},
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_does_not_count_is_refused_and_told_once_to_the_office(post: Post, reason: str) -> None:
    trick = REFUSED[reason](post)
    assert [post.comes(**trick, mail=name) for name in ("m1", "m2")] == ["refused", "refused"]
    assert post.taken == []
    [answer] = post.answers()
    assert answer["recipient"] == OFFICE
    assert "未采用" in answer["subject"]
    assert set(_details(post)) == {reason}
    assert post.state == "sent"


@pytest.mark.parametrize("again", [{"content": "UEsDBQ=="}, {"mail": "m2"}], ids=["same mail", "same workbook"])
def test_a_mail_or_workbook_that_was_taken_is_not_taken_again(post: Post, again: dict[str, str]) -> None:
    assert post.comes() == "taken"
    assert post.comes(**again) == "refused"
    assert len(post.taken) == 1
    assert {"replayed", "workbook taken up"} & set(_details(post))
    assert len(post.answers()) == 2


def test_the_very_same_bytes_are_known(post: Post) -> None:
    assert [post.comes(), post.comes()] == ["taken", "known"]
    assert len(post.answers()) == 1


def test_the_workbooks_own_refusal_is_passed_on_and_it_may_come_again(post: Post) -> None:
    post.answer = Answer(accepted=False, refusal="修改单是别的单位的。")
    assert post.comes() == "refused"
    [answer] = post.answers()
    raw = (post.context.settings.outbox_dir / answer["path"]).read_bytes()
    assert b"auto-replied" in raw
    post.answer = Answer()
    assert post.comes(mail="m2") == "taken"


def test_an_answer_without_a_workbook_is_a_receipt(post: Post) -> None:
    assert post.comes(files=0) == "noted"
    assert (post.state, post.answers()) == ("receipt", [])


def test_a_workbook_in_answer_to_a_report_is_not_taken(context: Context) -> None:
    post = Post(context, "edition")
    assert post.comes() == "refused"
    assert post.taken == []


def test_killed_before_it_was_recorded_it_is_taken_up_again_and_answered_once(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("etl.stages.mail_in.record_inbound", die)
        with pytest.raises(KeyboardInterrupt):
            post.comes()
    assert post.comes() == "taken"
    assert len(post.answers()) == 1


@pytest.mark.parametrize("mail", ["x" * 5000, "信 件", "[[[", "a\0b"])
def test_an_answer_goes_out_whatever_the_mail_calls_itself(post: Post, mail: str) -> None:
    assert post.comes(mail=mail) == "taken"
    assert len(post.answers()) == 1


def _details(post: Post) -> list[str]:
    """What was noted of the mails that came in."""
    with post.context.store.connect() as connection:
        return list(connection.scalars(sa.select(inbound_mails.c.detail)))
