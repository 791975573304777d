"""Handing over: which answer of a server means what, and what a broken line leaves open."""

import pytest

from etl.edges.smtp import Pace, SmtpServer, open_session
from etl.errors import ConfigError, Retryable
from tests.support.scripted_smtp import HANG_UP, scripted_server

MESSAGE = b"From: a@x.example\r\nSubject: s\r\n\r\n.starts with a dot\r\n"

ANSWERS = {
    "taken over": ({}, "sent", "250 2.0.0 Ok: queued as 4ABC"),
    "try later (RCPT)": ({"RCPT": "450 4.2.0 greylisted"}, "deferred", "450 4.2.0 greylisted"),
    "try later (DATA)": ({".": "452 4.3.1 no room"}, "deferred", "452 4.3.1 no room"),
    "closing down": ({"MAIL": "421 4.3.2 closing"}, "deferred", "421 4.3.2 closing"),
    "no such mailbox": ({"RCPT": "550 5.1.1 unknown"}, "refused", "550 5.1.1 unknown"),
    "no such mailbox, and good-bye": ({"RCPT": "550 5.1.1 unknown", "RSET": HANG_UP}, "refused", "550 5.1.1 unknown"),
    "taken without looking": ({"RCPT": "252 2.1.5 will try"}, "sent", "250 2.0.0 Ok: queued as 4ABC"),
    "too large": ({"MAIL": "552 5.3.4 too large"}, "refused", "552 5.3.4 too large"),
    "no data wanted": ({"DATA": "554 5.7.1 no"}, "refused", "554 5.7.1 no"),
    "content refused": ({".": "550 5.7.1 spam"}, "refused", "550 5.7.1 spam"),
    "line lost before the message": ({"RCPT": HANG_UP}, "deferred", "SMTPServerDisconnected"),
    "line lost at the word DATA": ({"DATA": HANG_UP}, "uncertain", "SMTPServerDisconnected"),
    "line lost after the last dot": ({".": HANG_UP}, "uncertain", "SMTPServerDisconnected"),
}


def server_at(port: int, **more: str) -> SmtpServer:
    return SmtpServer("127.0.0.1", port, security="none", timeout_seconds=5, **more)  # type: ignore[arg-type]  # text fields only


@pytest.mark.parametrize("case", ANSWERS)
def test_an_answer_says_what_is_certain(case: str) -> None:
    answers, state, words = ANSWERS[case]
    with scripted_server(answers) as there, open_session(server_at(there.port)) as session:
        answer = session.hand_over("a@x.example", "b@y.example", MESSAGE, "0" * 32)
        assert (answer.state, answer.text.split(":")[0]) == (state, words.split(":")[0])
        assert session.open == (HANG_UP not in answers.values())
    assert len(there.taken) == (state == "sent")


def test_the_bytes_arrive_with_their_dots_and_reports_are_asked_for() -> None:
    with scripted_server({}) as there, open_session(server_at(there.port)) as session:
        assert session.largest_bytes == 10_240_000
        session.hand_over("a@x.example", "b@y.example", MESSAGE, "0" * 32)
    assert there.taken == [MESSAGE.replace(b"\r\n.", b"\r\n..")]
    said = [line.lower() for line in there.said]  # Python writes "FROM" before 3.13, "from" since
    assert f"mail from:<a@x.example> size={len(MESSAGE)} ret=hdrs envid={'0' * 32}" in said
    assert "rcpt to:<b@y.example> notify=success,failure,delay" in said


def test_after_a_refusal_the_next_message_goes_over_the_same_line() -> None:
    with scripted_server({"RCPT": "550 no"}) as there, open_session(server_at(there.port)) as session:
        states = [session.hand_over("a@x.example", "b@y.example", MESSAGE, "0").state for _ in range(2)]
    assert states == ["refused", "refused"]
    assert there.said.count("rset") == 2


def test_a_server_that_is_not_there_is_tried_again_later() -> None:
    with scripted_server({}) as there:
        port = there.port
    with pytest.raises(Retryable, match="not to be reached"), open_session(server_at(port)):
        pass


def test_a_server_without_encryption_is_for_the_administrator() -> None:
    with scripted_server({}) as there:
        wanted = SmtpServer("127.0.0.1", there.port, security="starttls", timeout_seconds=5)
        with pytest.raises(ConfigError, match="STARTTLS"), open_session(wanted):
            pass


@pytest.mark.parametrize(("answer", "error"), [("535 5.7.8 no", ConfigError), ("454 4.7.0 later", Retryable)])
def test_a_password_that_is_not_taken(answer: str, error: type[Exception]) -> None:
    greeting = {"EHLO": "250-scripted\r\n250 AUTH PLAIN", "AUTH": answer}
    with scripted_server(greeting) as there:
        locked = open_session(server_at(there.port, user="u", password="p"))
        with pytest.raises(error):
            locked.__enter__()


def test_the_pace_is_kept() -> None:
    clock, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 6))
        clock[0] += seconds

    pace = Pace(30, lambda: clock[0], sleep)
    for _ in range(3):
        pace.wait()
    clock[0] += 10
    pace.wait()
    assert slept == [2, 2]


def test_no_pace_never_sleeps() -> None:
    slept: list[float] = []
    pace = Pace(0, lambda: 0.0, slept.append)
    for _ in range(3):
        pace.wait()
    assert slept == []
