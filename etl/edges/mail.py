"""One report as one mail message: text, HTML with the key figures, a chart, attachments. Nothing is sent here.

The same model, recipient, day and attachments give the same bytes. The Message-ID comes from the ledger's key, so a
copy can be found again; whether it was sent already is for the ledger to know, since servers deliver an equal
Message-ID twice.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any

import css_inline

from etl.core.mail.mailing import message_id
from etl.core.wording import one_line
from etl.edges.templates import environment
from etl.errors import ConfigError

_LONGEST_LINE = 998
"""RFC 5322, 2.1.1."""

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
"""What RFC 5321 lets stand without quotes; offices have no stranger ones."""

_INLINER = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)


class ChineseNamesPolicy(EmailPolicy):
    """The SMTP policy, with Chinese attachment names in the two forms that mail programs of China read.

    Content-Disposition keeps one unsplit ``filename*=`` (RFC 2231): the standard policy cuts it after some seven
    characters into ``filename*0*=``, which QQ Mail and Outlook answer with a made-up name. Content-Type gets an RFC 2047
    ``name=`` for those that read no RFC 2231.
    """

    def fold(self, name: str, value: Any) -> str:
        if name.lower() == "content-type" and "name" in getattr(value, "params", {}):
            return _content_type_line(name, value)
        return str(EmailPolicy.fold(self._unsplit(name), name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() == "content-type" and "name" in getattr(value, "params", {}):
            return _content_type_line(name, value).encode("ascii")
        return EmailPolicy.fold_binary(self._unsplit(name), name, value)

    def _unsplit(self, name: str) -> "ChineseNamesPolicy":
        return self.clone(max_line_length=_LONGEST_LINE) if name.lower() == "content-disposition" else self


def _content_type_line(name: str, value: Any) -> str:
    words = Header(value.params["name"], "utf-8", maxlinelen=75).encode(linesep="\r\n")
    others = "".join(f'; {key}="{text}"' for key, text in value.params.items() if key != "name")
    return f'{name}: {value.content_type}{others};\r\n name="{words}"\r\n'


POLICY = ChineseNamesPolicy(linesep="\r\n", cte_type="7bit", max_line_length=78)


@dataclass(frozen=True)
class Mailbox:
    """An office and its address."""

    name: str
    address: str

    @property
    def header(self) -> Address:
        """The mailbox as headers write it, its name on one line. ConfigError if the address is none."""
        if not _ADDRESS.fullmatch(self.address):
            raise ConfigError(f"{one_line(self.name)}: {self.address!r} is no mail address")
        user, _, domain = self.address.rpartition("@")
        return Address(one_line(self.name), user, domain)

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True)
class Attachment:
    """One attached file; `media_type` such as application/pdf."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Envelope:
    """What tells a message from its like: its key in the ledger, its number among several, where an answer goes.

    `linked` are files that were too large for any message, each with name, megabytes, sha256 and address (or "").
    """

    key: str
    part: int = 1
    parts: int = 1
    reply_to: str = ""
    in_reply_to: str = ""
    linked: Sequence[Mapping[str, Any]] = ()


def subject_line(subject: str, part: int = 1, parts: int = 1) -> str:
    """The subject, with the message's number where there are several."""
    template = environment().get_template("mail/subject.txt.j2")
    return template.render(subject=one_line(subject), part=part, parts=parts)


def build_message(
    model: Mapping[str, Any],
    sender: Mailbox,
    recipient: Mailbox,
    attachments: Sequence[Attachment],
    sent_at: dt.datetime,
    chart: bytes | None = None,
    *,
    envelope: Envelope,
) -> bytes:
    """The message as RFC 5322 bytes, ready for an .eml file or an SMTP session.

    `model` is a narrated report or letter; `chart` a PNG shown in the HTML part; `sent_at` becomes Date and must have
    a time zone (ValueError).
    """
    if sent_at.tzinfo is None:
        raise ValueError("the Date of a message needs a time zone")
    key = envelope.key
    content_id = f"chart.{key}@{sender.domain}"
    facts = {
        **model,
        "reference": key[:8],
        "content_id": content_id if chart is not None else "",
        "attached": [attachment.name for attachment in attachments],
        "linked": envelope.linked,
        "part": envelope.part,
        "parts": envelope.parts,
    }
    message = EmailMessage(policy=POLICY)
    _write_headers(message, model, sender, recipient, sent_at, envelope)
    message.set_content(_body("txt", facts), cte="base64")
    message.add_alternative(_INLINER.inline(_body("html", facts)), subtype="html", cte="base64")
    if chart is not None:
        html = message.get_body(("html",))
        assert isinstance(html, EmailMessage)  # noqa: S101 - added two lines above
        html.add_related(chart, "image", "png", cid=f"<{content_id}>", disposition="inline")
    for attachment in attachments:
        _attach(message, attachment)
    multiparts = (part for part in message.walk() if part.is_multipart())
    for number, part in enumerate(multiparts):
        part.set_boundary(f"=_{key}_{number}")  # a random one otherwise
    return message.as_bytes()


def _write_headers(
    message: EmailMessage, model: Mapping[str, Any], sender: Mailbox, recipient: Mailbox, sent_at: dt.datetime,
    envelope: Envelope,
) -> None:
    """From whom to whom, about what, which message of ours it is, and where an answer goes."""
    message["From"] = sender.header
    message["To"] = recipient.header
    message["Subject"] = subject_line(model["labels"]["subject"], envelope.part, envelope.parts)
    message["Date"] = sent_at
    message["Message-ID"] = message_id(envelope.key, sender.domain)
    if envelope.reply_to:
        message["Reply-To"] = Mailbox(sender.name, envelope.reply_to).header
        message["Disposition-Notification-To"] = envelope.reply_to
    if envelope.in_reply_to:
        message["In-Reply-To"] = envelope.in_reply_to
        message["References"] = envelope.in_reply_to
    message["Auto-Submitted"] = "auto-replied" if envelope.in_reply_to else "auto-generated"
    message["X-Report-Key"] = model["edition"]["key"]


def bodies(model: Mapping[str, Any]) -> tuple[str, str]:
    """The text part and the HTML part that go with a paper, without what its envelope adds."""
    bare = {"reference": "", "content_id": "", "attached": [], "linked": [], "part": 1, "parts": 1}
    return _body("txt", {**model, **bare}), _body("html", {**model, **bare})


def _body(kind: str, facts: Mapping[str, Any]) -> str:
    """The template of this kind of paper or letter, or the one for papers that have none of their own."""
    names = [f"mail/{facts['kind']}.{kind}.j2", f"mail/paper.{kind}.j2"]
    return environment().select_template(names).render(facts)


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    main, _, sub = attachment.media_type.partition("/")
    message.add_attachment(attachment.content, main, sub, filename=attachment.name)
    list(message.iter_attachments())[-1].set_param("name", attachment.name)
