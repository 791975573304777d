"""Outbox: editions in force → one composed message per recipient, kept as .eml and queued in the ledger. Nothing leaves.

The file is written before the row: killed in between and run again, the same bytes go under the same name.
"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

from etl.core.mailing import message_id, message_key
from etl.core.offices import Recipient, recipients
from etl.core.register import Node
from etl.edges.feeds import CHINA
from etl.edges.fonts import FontChain, resolve_fonts
from etl.edges.mail import Attachment, Mailbox, build_message
from etl.edges.programmes import load_offices
from etl.edges.store.editions import documents_of, latest_editions
from etl.edges.store.messages import known_subjects, messages_of, queue, settle
from etl.edges.typesetting import pictures
from etl.stages.context import Context
from etl.stages.editions import kept_model
from etl.stages.render import REPORT, report_nodes

SENT_AT = dt.time(9, 0)
CHART = "mail/chart.typ"
KIND = "edition"
Row = dict[str, Any]


def compose_editions(
    context: Context, at: dt.datetime, progress: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Queue every edition in force for every office on its list; what is queued of older editions is withdrawn.

    Gives back how many messages of editions the ledger holds (`deliveries`), how many are new, how many withdrawn.
    """
    editions = latest_editions(context.store, *context.key, REPORT)
    withdrawn = _withdraw_overtaken(context, editions, at)
    known = known_subjects(context.store, *context.key)
    fonts = resolve_fonts(context.settings.fonts_dir)
    new = 0
    for node in report_nodes(context):
        if node.node_id not in editions:
            continue
        edition = editions[node.node_id]
        owed = [
            each
            for each in _recipients(context, node)
            if (KIND, edition["edition_id"], each.address) not in known
        ]
        if owed:
            progress(node.name)
            rows = _compose(context, node, edition, owed, fonts)
            new += queue(context.store, rows, "outbox", at.isoformat())
    held = messages_of(context.store, *context.key, kinds=[KIND])
    return {
        "deliveries": sum(row["state"] != "withdrawn" for row in held),
        "new": new,
        "withdrawn": withdrawn,
    }


def _recipients(context: Context, node: Node) -> list[Recipient]:
    return recipients(context.bundle.programme.report(REPORT), node, context.register, load_offices())


def _withdraw_overtaken(context: Context, editions: dict[str, Row], at: dt.datetime) -> int:
    """A newer edition makes the older one's messages pointless, if they have not left yet."""
    in_force = {row["edition_id"] for row in editions.values()}
    waiting = messages_of(context.store, *context.key, states=["queued", "released"], kinds=[KIND])
    overtaken = [row["message_key"] for row in waiting if row["subject_id"] not in in_force]
    return sum(settle(context.store, key, "withdrawn", "outbox", at.isoformat()) for key in overtaken)


def _compose(
    context: Context, node: Node, edition: Row, owed: list[Recipient], fonts: FontChain
) -> list[Row]:
    model = kept_model(context.landing, edition)
    issued = dt.date.fromisoformat(edition["issued_on"])
    charted = any(group["chart"] for group in model["ranking"]["groups"])
    chart = pictures(model, CHART, issued, fonts)[0] if charted else None
    documents = documents_of(context.store, [edition["edition_id"]]).get(edition["edition_id"], [])
    attachments = [
        Attachment(each["name"], each["media_type"], context.landing.at(each["path"]).read_bytes())
        for each in documents
    ]
    sender = Mailbox(model["head"]["organ"], context.settings.mail_from)
    sent_at = dt.datetime.combine(issued, SENT_AT, CHINA)
    rows = []
    for each in owed:
        key = message_key(KIND, edition["edition_id"], each.address)
        recipient = Mailbox(each.office, each.address)
        content = build_message(model, sender, recipient, attachments, sent_at, chart, key=key)
        name = f"{node.code}-r{edition['number']}-{each.address}.eml"
        path = Path(*context.key, name)
        _replace(context.settings.outbox_dir / path, content)
        rows.append(
            {
                "message_key": key,
                "kind": KIND,
                "subject_id": edition["edition_id"],
                "recipient": each.address,
                "part": 1,
                "parts": 1,
                "programme": context.key[0],
                "period": context.key[1],
                "node_id": node.node_id,
                "office": each.office,
                "reason": each.kind,
                "message_id": message_id(key, sender.domain),
                "subject": model["labels"]["subject"],
                "attachments": [each.name for each in attachments],
                "size": len(content),
                "path": path.as_posix(),
            }
        )
    return rows


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_bytes(content)
    draft.replace(path)
