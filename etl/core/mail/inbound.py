"""Mail that came in, as bytes → what it is: a delivery report, a read receipt, or an answer with or without files. No I/O.

Nothing in it is believed here: which message of ours it answers, and whether it may, is for the ledger and the stage.
"""

import email
import email.policy
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Literal

from etl.core.mail.mailing import key_of_message_id, token_of
from etl.core.wording import one_line

Kind = Literal["delivery_report", "read_receipt", "reply", "automatic"]
Fate = Literal["accepted", "bounced", "delayed", "receipt", "none"]

_FATES: dict[str, Fate] = {
    "delivered": "accepted", "relayed": "accepted", "expanded": "accepted", "failed": "bounced", "delayed": "delayed",
}
_SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".et")
# What the standard library's parser raises on headers and parts made to break it (nested too deep: RecursionError).
_HOSTILE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
_ADDRESSED = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")


@dataclass(frozen=True)
class File:
    """An attached file."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Inbound:
    """One mail. `keys`: what its references and reports name as ours; `addressees`: to whom it was sent, as headers say.

    `fate` and `words` are those of a delivery report or a read receipt; `sender` is the address of From, which anybody can
    write there.
    """

    kind: Kind
    message_id: str
    sender: str
    subject: str
    keys: tuple[str, ...] = ()
    addressees: tuple[str, ...] = ()
    fate: Fate = "none"
    words: str = ""
    workbooks: tuple[File, ...] = field(default=(), repr=False)


def parse_inbound(content: bytes) -> Inbound:
    """What a mail is. A broken one is a reply that refers to nothing: it must not keep those behind it from being read."""
    try:
        return _parsed(content)
    except _HOSTILE:
        return Inbound(kind="reply", message_id="", sender="", subject="")


def _parsed(content: bytes) -> Inbound:
    message = email.message_from_bytes(content, policy=email.policy.default)
    base = Inbound(
        kind="reply",
        message_id=_text(message, "Message-ID"),
        sender=_sender(message),
        subject=_text(message, "Subject"),
        addressees=_unique(_addressees(message)),
    )
    report = str(message.get_param("report-type") or "").lower()
    is_report = message.get_content_type() == "multipart/report"
    if is_report and report == "delivery-status":
        keys, fate, words = _delivery_report(message)
        return replace(base, kind="delivery_report", keys=keys, fate=fate, words=words)
    if is_report and report == "disposition-notification":
        keys, fate, words = _read_receipt(message)
        return replace(base, kind="read_receipt", keys=keys, fate=fate, words=words)
    keys = _unique([*_ids(_text(message, "In-Reply-To")), *_ids(_text(message, "References"))])
    if _text(message, "Auto-Submitted").lower() not in ("", "no") or _text(message, "List-Id"):
        return replace(base, kind="automatic", keys=keys)
    return replace(base, keys=keys, workbooks=tuple(_workbooks(message)))


def reply_tokens(inbound: Inbound, reply_address: str) -> tuple[str, ...]:
    """What stands behind the plus sign of our reply address, where the mail was sent there."""
    user, _, domain = reply_address.lower().rpartition("@")
    ours = [
        each.lower()
        for each in inbound.addressees
        if each.lower().startswith(f"{user}+") and each.lower().endswith(f"@{domain}")
    ]
    return _unique(map(token_of, ours))


def _delivery_report(message: EmailMessage) -> tuple[tuple[str, ...], Fate, str]:
    """Keys named by the report, the fate it tells, the server's words (RFC 3464). A report of several fates is the worst."""
    keys: list[str] = []
    told: list[tuple[str, str]] = []
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for block in _blocks(part):
                envelope = str(block.get("Original-Envelope-Id", ""))
                keys += [key] if (key := key_of_message_id(envelope)) else []
                if action := str(block.get("Action", "")).strip().lower():
                    words = f"{block.get('Status', '')} {block.get('Diagnostic-Code', '')}"
                    told.append((action, one_line(words)[:500]))
        elif part.get_content_type() in ("text/rfc822-headers", "message/rfc822"):
            keys += _ids(_original_id(part))
    order: tuple[Fate, ...] = ("bounced", "delayed", "accepted")
    fates = [(order.index(_FATES[action]), words) for action, words in told if action in _FATES]
    if not fates:
        return _unique(keys), "none", ""
    worst, words = min(fates)
    return _unique(keys), order[worst], words


def _read_receipt(message: EmailMessage) -> tuple[tuple[str, ...], Fate, str]:
    """The key named by the receipt, and whether it says that somebody has seen the message (RFC 8098)."""
    for part in message.walk():
        if part.get_content_type() == "message/disposition-notification":
            for block in _blocks(part):
                disposition = one_line(str(block.get("Disposition", "")).rpartition(";")[2]).lower()[:500]
                keys = _unique(_ids(str(block.get("Original-Message-ID", ""))))
                return keys, "receipt" if disposition.startswith("displayed") else "none", disposition
    return (), "none", ""


def _blocks(part: EmailMessage) -> Iterable[EmailMessage]:
    """The groups of fields of a report's machine-readable part, however the parser took them apart."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [each for each in payload if isinstance(each, EmailMessage)]
    parsed = email.message_from_string(str(payload), policy=email.policy.default)
    return [parsed] if isinstance(parsed, EmailMessage) else []


def _original_id(part: EmailMessage) -> str:
    if part.get_content_type() == "message/rfc822":
        return next((_text(each, "Message-ID") for each in _blocks(part)), "")
    raw = part.get_payload(decode=True)
    headers = email.message_from_bytes(raw if isinstance(raw, bytes) else b"", policy=email.policy.default)
    return _text(headers, "Message-ID")


def _workbooks(message: EmailMessage) -> Iterator[File]:
    for part in message.walk():
        name = one_line(part.get_filename() or "")
        if not part.is_multipart() and name.lower().endswith(_SPREADSHEETS):
            raw = part.get_payload(decode=True)
            if isinstance(raw, bytes):
                yield File(name, raw)


def _sender(message: EmailMessage) -> str:
    found = getaddresses([_text(message, "From")])
    return found[0][1].lower() if len(found) == 1 else ""


def _addressees(message: EmailMessage) -> list[str]:
    """Every address it was sent to, of the headers that can be read."""
    raw: list[str] = []
    for name in _ADDRESSED:
        with suppress(*_HOSTILE):
            raw += [str(value) for value in message.get_all(name, [])]
    return [address for _, address in getaddresses(raw)]


def _ids(text: str) -> list[str]:
    return [key for word in text.split() if (key := key_of_message_id(word))]


def _unique(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys))


def _text(message: EmailMessage, name: str) -> str:
    """A header on one line, without control characters; empty if it is missing, or so broken that it cannot be read."""
    try:
        value = message.get(name, "")
    except _HOSTILE:
        return ""
    return one_line(str(value))
