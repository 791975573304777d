"""What a mail is: reports as real servers write them, receipts, answers; and nothing hostile breaks the reading."""

import pytest

from etl.core.mail.inbound import Inbound, parse_inbound, reply_tokens
from etl.core.mail.mailing import message_key, reply_token, with_token

KEY = message_key("feedback", "s", "office@kunming.example")

POSTFIX_REPORT = """From: Mail Delivery System <MAILER-DAEMON@server.example>
Subject: Undelivered Mail Returned to Sender
To: sanji@data.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
Message-Id: <1@server.example>

--b
Content-Type: text/plain; charset=utf-8

I'm sorry to have to inform you ...

--b
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; server.example
{envelope}
Final-Recipient: rfc822; office@kunming.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <office@kunming.example> User doesn't exist:
    office@kunming.example
{more}
--b
Content-Type: {third}

From: sanji@data.example
Message-ID: <{key}@data.example>

--b--
"""
SECOND = "\nFinal-Recipient: rfc822; other@kunming.example\nAction: failed\nStatus: 5.2.2\n"


def report(action: str = "failed", status: str = "5.1.1", envelope: str = "", third: str = "text/rfc822-headers", key: str = KEY,
           more: str = "") -> Inbound:
    filled = POSTFIX_REPORT.format(
        action=action, status=status, third=third, key=key, more=more,
        envelope=f"Original-Envelope-Id: {envelope}\n" if envelope else "",
    )
    return parse_inbound(filled.replace("\n", "\r\n").encode())


@pytest.mark.parametrize(
    ("action", "fate"),
    [("failed", "bounced"), ("delivered", "accepted"), ("relayed", "accepted"), ("delayed", "delayed"), ("odd", "none")],
)
def test_a_delivery_report_tells_the_fate(action: str, fate: str) -> None:
    found = report(action)
    assert (found.kind, found.fate, found.keys) == ("delivery_report", fate, (KEY,))


def test_the_servers_words_are_kept() -> None:
    assert report().words.startswith("5.1.1 smtp; 550 5.1.1 <office@kunming.example> User doesn't exist")


@pytest.mark.parametrize("third", ["message/rfc822", "text/rfc822-headers"])
def test_the_message_is_found_by_its_headers_or_its_envelope(third: str) -> None:
    assert report(third=third).keys == (KEY,)
    assert report(third=third, envelope=KEY, key="other").keys == (KEY,)


def test_of_several_recipients_the_worst_fate_counts() -> None:
    assert report("delivered", "2.0.0", more=SECOND).fate == "bounced"


RECEIPT = """From: Office <Office@Kunming.example>
To: sanji@data.example
Subject: Read
Content-Type: multipart/report; report-type=disposition-notification; boundary="b"

--b
Content-Type: text/plain

seen
--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822;office@kunming.example
Original-Message-ID: <{key}@data.example>
Disposition: manual-action/MDN-sent-manually; {what}

--b--
"""


@pytest.mark.parametrize(("what", "fate"), [("displayed", "receipt"), ("deleted", "none")])
def test_only_a_message_that_was_shown_counts_as_read(what: str, fate: str) -> None:
    found = parse_inbound(RECEIPT.format(key=KEY, what=what).encode())
    assert (found.kind, found.fate, found.keys, found.sender) == ("read_receipt", fate, (KEY,), "office@kunming.example")


def reply(*headers: str, body: str = "收到") -> Inbound:
    head = ("From: office@kunming.example", "Content-Type: text/plain; charset=utf-8", *headers)
    return parse_inbound("\r\n".join([*head, "", body]).encode())


def test_an_answer_names_what_it_answers() -> None:
    found = reply(f"In-Reply-To: <{KEY}@data.example>", f"References: <a@b> <{KEY}@data.example>")
    assert (found.kind, found.keys, found.workbooks) == ("reply", (KEY,), ())


def test_the_token_is_read_from_our_address_only() -> None:
    token = reply_token(KEY, b"secret")
    found = reply(f"To: 某局 <{with_token('sanji@data.example', token).upper()}>", "Cc: someone+else@kunming.example")
    assert reply_tokens(found, "sanji@data.example") == (token,)
    assert reply_tokens(found, "other@data.example") == ()


@pytest.mark.parametrize("header", ["Auto-Submitted: auto-replied", "List-Id: <l.example>"])
def test_machines_are_not_answered(header: str) -> None:
    assert reply(header).kind == "automatic"


WORKBOOK = """From: office@kunming.example
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain

x
--b
Content-Type: application/octet-stream
Content-Disposition: attachment; filename*=utf-8''%E4%BF%AE%E6%94%B9%E5%8D%95.XLSX
Content-Transfer-Encoding: base64

UEsDBA==
--b
Content-Type: image/png; name="logo.png"
Content-Transfer-Encoding: base64

UEsDBA==
--b--
"""


def test_a_workbook_comes_whole_and_pictures_are_none() -> None:
    (found,) = parse_inbound(WORKBOOK.encode()).workbooks
    assert (found.name, found.content) == ("修改单.XLSX", b"PK\x03\x04")


HOSTILE = {
    "nothing": b"",
    "no header": b"\r\n\r\nhello",
    "bytes": bytes(range(256)) * 10,
    "two senders": b"From: a@b.example, c@d.example\r\n\r\n",
    "broken words": b"From: =?utf-8?b?####?= <a@b.example>\r\nSubject: =?gb2312?q?=ff=ff?=\r\n\r\n",
    "broken type": b"From: a@b.example\r\nContent-Type: multipart/report; report-type*=x''%ZZ\r\n\r\n",
    "report without parts": b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\nnothing",
    "nested a hundred times": b"".join(b"Content-Type: message/rfc822\r\n\r\n" for _ in range(100)),
    "nested three thousand times": b"".join(b"Content-Type: message/rfc822\r\n\r\n" for _ in range(3000)),
    "addressee that is none": b"From: a@b.example\r\nTo: =?utf-8?q?=00?= <@>, \"\r\n\r\n",
    "file name that is none": b'Content-Disposition: attachment; filename="=?utf-8?q?=F0?=.xlsx"; filename*\r\n\r\n',
    "broken id": b"From: a@b.example\r\nMessage-ID: <[[[>\r\nIn-Reply-To: " + b"<" * 5000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_mail_is_read_without_harm(case: str) -> None:
    found = parse_inbound(HOSTILE[case])
    assert (found.keys, found.workbooks, found.fate) == ((), (), "none")


def test_nothing_of_a_mail_holds_what_a_store_cannot_hold() -> None:
    mail = WORKBOOK.replace("From: office", "From: off\0ice").replace("utf-8''%E4", "utf-8''%00%E4")
    found = parse_inbound(f"Message-ID: <a\0b@x.example>\nSubject: \0\n{mail}".encode())
    told = (found.message_id, found.sender, found.subject, found.workbooks[0].name)
    assert "\0" not in "".join(told)


def test_a_broken_header_does_not_hide_the_others() -> None:
    found = parse_inbound(b"From: a@b.example\r\nTo: <@>, \"\r\nDelivered-To: sanji+t@data.example\r\n\r\n")
    assert (found.sender, found.addressees) == ("a@b.example", ("sanji+t@data.example",))
