"""Dispatch: editions in force → deliveries in the ledger → messages in the outbox. Nothing is sent yet.

Claim first, then write, then record: killed anywhere and run again, every delivery ends with one message of the same
bytes under the same name.
"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

from etl.core.offices import Recipient, recipients
from etl.core.register import Node
from etl.edges.feeds import CHINA
from etl.edges.fonts import FontChain, resolve_fonts
from etl.edges.mail import Attachment, Mailbox, build_message, message_key
from etl.edges.programmes import load_offices
from etl.edges.store.editions import (
    deliveries_of,
    documents_of,
    latest_editions,
    mark_written,
    queue_deliveries,
)
from etl.edges.typesetting import pictures
from etl.stages.context import Context
from etl.stages.editions import kept_model
from etl.stages.render import REPORT, edition_of, report_nodes

SENT_AT = dt.time(9, 0)
CHART = "mail/chart.typ"
Row = dict[str, Any]


def dispatch(context: Context, progress: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Owe every office on the list the edition in force, and write the messages not yet written.

    Gives back how many deliveries there are in all and how many messages this call wrote.
    """
    editions = latest_editions(context.store, *context.key, REPORT)
    nodes = [node for node in report_nodes(context) if node.node_id in editions]
    owed = [row for node in nodes for row in _owed(context, node, editions[node.node_id])]
    by_edition: dict[str, list[Row]] = {}
    for row in queue_deliveries(context.store, owed) if owed else []:
        by_edition.setdefault(row["edition_id"], []).append(row)
    fonts = resolve_fonts(context.settings.fonts_dir)
    written = 0
    for node in nodes:
        edition = editions[node.node_id]
        queued = by_edition.get(edition["edition_id"], [])
        if queued:
            progress(node.name)
            written += _write(context, node, edition, queued, fonts)
    return {"deliveries": len(deliveries_of(context.store, *context.key)), "new": written}


def _owed(context: Context, node: Node, edition: Row) -> list[Row]:
    report = context.bundle.programme.report(REPORT)
    sender = Mailbox("", context.settings.mail_from)
    key = edition_of(context, node, edition["number"]).key
    return [
        {
            "edition_id": edition["edition_id"],
            "recipient": each.address,
            "office": each.office,
            "message_id": f"<{message_key(key, _mailbox(each))}@{sender.domain}>",
            "state": "queued",
        }
        for each in recipients(report, node, context.register, load_offices())
    ]


def _mailbox(recipient: Recipient) -> Mailbox:
    return Mailbox(recipient.office, recipient.address)


def _write(context: Context, node: Node, edition: Row, queued: list[Row], fonts: FontChain) -> int:
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
    folder = context.settings.outbox_dir / context.key[0] / context.key[1]
    for row in queued:
        recipient = Mailbox(row["office"], row["recipient"])
        sent_at = dt.datetime.combine(issued, SENT_AT, CHINA)
        message = build_message(model, sender, recipient, attachments, sent_at, chart)
        path = folder / f"{node.code}-r{edition['number']}-{row['recipient']}.eml"
        _replace(path, message)
        mark_written(context.store, row["edition_id"], row["recipient"], path.name)
    return len(queued)


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_bytes(content)
    draft.replace(path)
