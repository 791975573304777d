"""Composing: a letter with its words → one or several .eml files and their rows for the ledger.

The file is written before the row: killed in between and run again, the same bytes go under the same name. A file that is gone
while its message waits is composed again by whoever composed it; the row in the ledger stays.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.core.mail.mailing import message_id, message_key, reply_token, share_out, with_token
from etl.core.rows import NewMessage
from etl.edges.mail import Attachment, Envelope, Mailbox, build_message, subject_line
from etl.edges.seal import seal_secret
from etl.edges.store.messages import known_subjects, messages_of
from etl.edges.whole_files import write_whole
from etl.stages.context import Context

Row = dict[str, Any]
SIGNATURES = 24 * 1024
"""Bytes kept free for what is put on when a message leaves: DKIM, S/MIME, the server's own lines."""


@dataclass(frozen=True)
class Letter:
    """One letter to one office: what it is about, its words and its attachments.

    `subject_id` stands for its content, so that the same letter is never queued twice; `model` has its `kind` (the
    template), `labels.subject` and whatever the template names; `reason` is why this office gets it; `stem` names its file.
    """

    kind: str
    subject_id: str
    node_id: str
    recipient: Mailbox
    reason: str
    sender_name: str
    model: Mapping[str, Any]
    sent_at: dt.datetime
    stem: str
    attachments: Sequence[Attachment] = ()
    chart: bytes | None = None
    in_reply_to: str = ""


def known_letters(context: Context) -> set[tuple[str, str, str]]:
    """Kind, subject id and recipient of what need not be composed: all but what waits and lost its .eml."""
    return known_subjects(context.store, *context.key) - {
        (row["kind"], row["subject_id"], row["recipient"])
        for row in messages_of(context.store, *context.key, states=["queued", "released"])
        if not (context.settings.outbox_dir / row["path"]).exists()
    }


def compose(context: Context, letter: Letter, largest_bytes: int | None) -> list[NewMessage]:
    """The letter as messages of at most that size; gives back their rows for the ledger, files written.

    Attachments that do not fit together go into several numbered messages. One that fits in none is left out, and the
    first message says where it is to be had.
    """
    limit = None if largest_bytes is None else largest_bytes - SIGNATURES
    key = message_key(letter.kind, letter.subject_id, letter.recipient.address)
    bare = (
        0
        if limit is None
        else len(_build(context, letter, [], Envelope(key, reply_to=_reply_to(context, key))))
    )
    groups, left_out = share_out([len(each.content) for each in letter.attachments], bare, limit)
    linked = [_linked(context, letter.attachments[position]) for position in left_out]
    return [
        _compose_part(
            context, letter, [letter.attachments[at] for at in group], part, len(groups), linked if part == 1 else []
        )
        for part, group in enumerate(groups, start=1)
    ]


def _compose_part(
    context: Context, letter: Letter, attachments: list[Attachment], part: int, parts: int, linked: list[Row]
) -> NewMessage:
    address = letter.recipient.address
    key = message_key(letter.kind, letter.subject_id, address, part)
    envelope = Envelope(key, part, parts, _reply_to(context, key), letter.in_reply_to, linked)
    content = _build(context, letter, attachments, envelope)
    path = Path(*context.key, f"{letter.stem}-{address}{f'-{part}' if parts > 1 else ''}.eml")
    write_whole(context.settings.outbox_dir / path, content)
    return {
        "message_key": key,
        "kind": letter.kind,
        "subject_id": letter.subject_id,
        "recipient": address,
        "part": part,
        "parts": parts,
        "programme": context.key[0],
        "period": context.key[1],
        "node_id": letter.node_id,
        "office": letter.recipient.name,
        "reason": letter.reason,
        "message_id": message_id(key, _sender(context, letter).domain),
        "subject": subject_line(letter.model["labels"]["subject"], part, parts),
        "attachments": [each.name for each in attachments],
        "size": len(content),
        "path": path.as_posix(),
    }


def _build(context: Context, letter: Letter, attachments: Sequence[Attachment], envelope: Envelope) -> bytes:
    return build_message(
        letter.model,
        _sender(context, letter),
        letter.recipient,
        attachments,
        letter.sent_at,
        letter.chart,
        envelope=envelope,
    )


def _sender(context: Context, letter: Letter) -> Mailbox:
    return Mailbox(letter.sender_name, context.settings.mail_from)


def _reply_to(context: Context, key: str) -> str:
    """Where an answer to this very message goes: the token tells it from a forged one."""
    token = reply_token(key, seal_secret(context.settings))
    return with_token(context.settings.reply_address, token)


def _linked(context: Context, attachment: Attachment) -> Row:
    """An attachment too large for any message: its name, size, digest, and address if documents are served somewhere."""
    digest = hashlib.sha256(attachment.content).hexdigest()
    base = context.settings.mail_link_base.rstrip("/")
    return {
        "name": attachment.name,
        "megabytes": round(len(attachment.content) / 1_000_000, 1),
        "sha256": digest,
        "address": f"{base}/{digest}" if base else "",
    }
