"""Messages: stable bytes, Chinese names that mail programs can read, one set of words with the paper."""

import datetime as dt
import email
import email.policy
import re
from email.message import EmailMessage
from typing import Any

import pytest

from etl.core.mailing import message_key
from etl.core.report import build_dispatch
from etl.edges.mail import Attachment, Envelope, Mailbox, build_message
from etl.edges.templates import narrate, wording
from tests.unit.invented_report import MEASURES, SETTINGS, edition_of, invented

SENDER = Mailbox("省委老干部局", "report@data.example")
OFFICE = Mailbox("昆明市委老干部局", "office@kunming.example")
SENT_AT = dt.datetime(2018, 8, 6, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
LONG_NAME = "2018年上半年云南省离退休干部党组织建设数据报送情况通报（含各州市排名）.pdf"
FILES = (
    Attachment(LONG_NAME, "application/pdf", bytes(range(256)) * 40),
    Attachment("核改表.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
)


def model_of(**shape: Any) -> dict[str, Any]:
    return narrate(
        build_dispatch(invented(16, **shape), edition_of("P530000"), SETTINGS, MEASURES, wording())
    )


def message(model: dict[str, Any] | None = None, to: Mailbox = OFFICE, **options: Any) -> bytes:
    key = message_key("edition", "e", to.address)
    return build_message(model or model_of(), SENDER, to, options.pop("files", FILES), SENT_AT, envelope=Envelope(key), **options)


def parsed(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def body(raw: bytes, kind: str) -> str:
    part = parsed(raw).get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_the_same_message_twice():
    assert message(chart=b"\x89PNG") == message(chart=b"\x89PNG")


def test_the_message_id_is_the_ledgers_key_at_the_senders_domain():
    key = message_key("edition", "e", OFFICE.address)
    assert parsed(message())["Message-ID"] == f"<{key}@data.example>"


def test_headers():
    found = parsed(message())
    assert found["Subject"] == "2018年上半年云南省数据报送情况通报"
    assert found["To"].addresses[0].display_name == "昆明市委老干部局"
    assert found["Date"].datetime == SENT_AT
    assert found["Auto-Submitted"] == "auto-generated"


def test_lines_are_short_enough_and_plain_ascii():
    raw = message(chart=b"\x89PNG")
    raw.decode("ascii")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_attachments_come_back_whole_under_their_names():
    found = list(parsed(message()).iter_attachments())
    assert [part.get_filename() for part in found] == [LONG_NAME, "核改表.xlsx"]
    assert [part.get_content_type() for part in found] == [file.media_type for file in FILES]
    assert [part.get_payload(decode=True) for part in found] == [file.content for file in FILES]


def test_chinese_names_are_not_cut():
    raw = message().decode("ascii")
    assert "filename*0" not in raw
    assert raw.count("filename*=utf-8''") == len(FILES)
    names = re.findall(r'name="((?:=\?utf-8\?b\?[^"]*)+)"', raw)
    assert len(names) == len(FILES)
    assert (
        str(email.header.make_header(email.header.decode_header(names[0].replace("\r\n", "")))) == LONG_NAME
    )


def test_paper_and_mail_share_their_words():
    model = model_of()
    text = body(message(model), "plain")
    assert all(block["text"] in text for block in model["blocks"])
    assert model["blocks"][0]["text"] in body(message(model), "html")


def test_the_html_has_inline_styles_and_the_chart():
    raw = message(chart=b"\x89PNG chart")
    html = body(raw, "html")
    (image,) = (part for part in parsed(raw).walk() if part.get_content_type() == "image/png")
    assert f"cid:{image['Content-ID'][1:-1]}" in html
    assert re.search(r'<td class="tile"[^>]*style="[^"]*border-top', html)
    assert "cid:" not in body(message(), "html")


def test_names_are_escaped_in_html_only():
    model = model_of(names=tuple(f"<script>{i}县" for i in range(16)), missing=0)
    assert "&lt;script&gt;1" in body(message(model), "html")
    assert "<script>" not in body(message(model), "html")


@pytest.mark.parametrize("shape", [{"missing": 1.1}, {"findings": 0, "missing": 0, "late": 0}])
def test_awkward_half_years(shape):
    html = body(message(model_of(**shape), files=()), "html")
    assert ("请您办理" in html) == (shape["missing"] > 1)
    assert "附件：" not in html


def test_a_date_without_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        build_message(model_of(), SENDER, OFFICE, (), dt.datetime(2018, 8, 6), envelope=Envelope("k"))  # noqa: DTZ001


def test_a_header_cannot_be_injected():
    with pytest.raises(ValueError, match=r"CR or LF|linefeed|newline"):
        message(to=Mailbox("局\nBcc: x@y.example", "office@kunming.example"))
