"""Messages: stable bytes, Chinese names that mail programs can read, one set of words with the paper."""

import datetime as dt
import email
import email.policy
import re
from email.message import EmailMessage
from typing import Any

import pytest

from etl.core.mail.mailing import message_key
from etl.core.reports.dispatch import build_dispatch
from etl.edges.mail import Attachment, Envelope, Mailbox, bodies, build_message
from etl.edges.templates import narrate, wording
from etl.errors import ConfigError
from tests.unit.reports.invented_report import MEASURES, SETTINGS, edition_of, invented

SENDER = Mailbox("省委老干部局", "report@data.example")
OFFICE = Mailbox("昆明市委老干部局", "office@kunming.example")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
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


def test_a_mail_says_in_its_headers_what_it_is_whose_and_of_when():
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


@pytest.mark.parametrize(("ranking", "head"), [("attendance_rate", "较上期（百分点）"), ("theme_days", "较上期")])
def test_changes_of_a_rate_are_headed_as_points(ranking: str, head: str):
    settings = SETTINGS.model_copy(update={"ranking": ranking, "table": ()})
    model = narrate(build_dispatch(invented(16), edition_of("P530000"), settings, MEASURES, wording()))
    assert f'<th class="right">{head}</th>' in bodies(model)[1]
    kept = {**model, "labels": {key: text for key, text in model["labels"].items() if key != "points"}}
    assert '<th class="right">较上期</th>' in bodies(kept)[1]  # an edition from before the word was there


def test_names_are_escaped_in_html_only():
    model = model_of(names=tuple(f"<script>{i}县" for i in range(16)), missing=0)
    assert "&lt;script&gt;1" in body(message(model), "html")
    assert "<script>" not in body(message(model), "html")


@pytest.mark.parametrize("shape", [{"missing": 1.1}, {"findings": 0, "missing": 0, "late": 0}])
def test_a_mail_asks_only_for_what_is_missing(shape):
    html = body(message(model_of(**shape), files=()), "html")
    assert ("请您办理" in html) == (shape["missing"] > 1)
    assert "附件：" not in html


@pytest.mark.parametrize("first_time", [False, True])
def test_a_first_report_has_no_column_of_changes(first_time):
    frames = invented(12, missing=0, first_time=first_time)
    html = bodies(narrate(build_dispatch(frames, edition_of("P530000"), SETTINGS, MEASURES, wording())))[1]
    assert (">较上期" in html) == (not first_time)
    assert ('colspan="4"' in html, 'colspan="3"' in html) == (not first_time, first_time)
    assert html.count("<td") > 30


def test_a_unit_asks_its_bureau_for_nothing_that_it_will_do_itself():
    letters = SETTINGS.model_copy(update={"form": {"default": "letter"}})
    for node, asked in (("P530000", True), ("P5300101", False)):
        model = build_dispatch(invented(3, 2, missing=1.1), edition_of(node), letters, MEASURES, wording())
        assert ("请您办理" in bodies(narrate(model))[1]) == asked


def test_a_date_without_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        build_message(model_of(), SENDER, OFFICE, (), dt.datetime(2018, 8, 6), envelope=Envelope("k"))  # noqa: DTZ001 - what is refused


INJECTED = "局\r\nBcc: x@y.example\r\n\r\n<b>body</b>"


def test_a_header_injected_by_a_name_or_a_subject_stays_text():
    model = model_of()
    model["labels"] = model["labels"] | {"subject": f"通报{INJECTED}"}
    files = (Attachment(f"a{INJECTED}.pdf", "application/pdf", b"x"),)
    raw = build_message(
        model, Mailbox(INJECTED, "report@data.example"), Mailbox(INJECTED, OFFICE.address), files, SENT_AT,
        envelope=Envelope("0" * 32, reply_to="report+t@data.example", in_reply_to="<a@b.example>"),
    )
    found = parsed(raw)
    assert found["Bcc"] is None
    assert b"\r\nBcc" not in raw
    assert found["Subject"] == "通报局 Bcc: x@y.example <b>body</b>"
    assert [part.get_content_type() for part in found.iter_attachments()] == ["application/pdf"]


@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: x@y.example", "a b@c.example", "a@b@c.example", "a>@b.example"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(ConfigError, match="is no mail address"):
        message(to=Mailbox("局", address))


def test_every_part_has_the_type_it_should_have():
    files = (*FILES, Attachment("通报.docx", DOCX, b"PK"))
    raw = message(chart=b"\x89PNG", files=files)
    assert [part.get_content_type() for part in parsed(raw).walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
        *(file.media_type for file in files),
    ]
    # As the bytes stand, not only as a lenient parser reads them: a fold inside a type breaks it in some programs.
    types = re.findall(rb"^Content-Type: ([^;\r\n]+)", raw, re.MULTILINE | re.IGNORECASE)
    assert {each.decode() for each in types} >= {file.media_type for file in files}


def test_an_answer_goes_to_the_reply_address_and_a_receipt_is_asked_for():
    found = parsed(
        build_message(model_of(), SENDER, OFFICE, (), SENT_AT, envelope=Envelope("0" * 32, reply_to="report+t@data.example"))
    )
    assert found["Reply-To"].addresses[0].addr_spec == "report+t@data.example"
    assert found["Disposition-Notification-To"] == "report+t@data.example"


def test_what_was_too_large_is_named_with_where_to_get_it():
    linked = [{"name": "附件<1>.pdf", "megabytes": 61.2, "sha256": "ab" * 32, "address": "https://files.example/ab"}]
    raw = build_message(model_of(), SENDER, OFFICE, (), SENT_AT, envelope=Envelope("0" * 32, 2, 3, linked=linked))
    assert parsed(raw)["Subject"].endswith("（2/3）")
    for kind, name in (("plain", "附件<1>.pdf"), ("html", "附件&lt;1&gt;.pdf")):
        assert all(text in body(raw, kind) for text in (name, "61.2 MB", "https://files.example/ab", "ab" * 32, "分3封"))
