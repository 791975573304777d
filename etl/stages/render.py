"""Render: totals → report models → PDF editions in the landing."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from etl.core.period import Period
from etl.core.register import Node, cutoff_day
from etl.core.report import Edition, ReportFrames, build_dispatch
from etl.core.wording import measures_of
from etl.core.working_days import add_working_days
from etl.edges.fonts import FontChain, resolve_fonts
from etl.edges.store.editions import add_editions, latest_editions
from etl.edges.templates import TEMPLATES, narrate, wording
from etl.edges.typesetting import typeset
from etl.errors import ConfigError, Misuse
from etl.stages.context import Context
from etl.stages.frames import report_frames

REPORT = "dispatch"
TEMPLATE = "dispatch/dispatch.typ"
REPLY_WORKING_DAYS = 15


def render(
    context: Context, node_id: str | None, progress: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Make an edition for every node that the programme says (or for one) whose inputs have changed.

    Gives back the ids of the editions in force and how many are new. Misuse for a node without this report.
    """
    nodes = [node for node in report_nodes(context) if node_id in (None, node.node_id)]
    if not nodes:
        raise Misuse(f"{context.key[0]} has no {REPORT} report for {node_id or 'any node'}")
    frames, fonts = report_frames(context), resolve_fonts(context.settings.fonts_dir)
    known = latest_editions(context.store, *context.key, REPORT)
    rows, current = [], []
    for node in nodes:
        progress(node.name)
        row = _edition_row(context, node, frames, fonts, known.get(node.node_id))
        current.append(row["edition_id"])
        if row.get("new"):
            rows.append({key: value for key, value in row.items() if key != "new"})
    add_editions(context.store, rows)
    return {"editions": current, "new": len(rows)}


def report_nodes(context: Context) -> list[Node]:
    """The nodes that the dispatch report is made for, in code order."""
    tiers = set(context.bundle.programme.report(REPORT).tiers)
    return [node for node in context.register.nodes if node.tier in tiers]


def edition_of(context: Context, node: Node, revision: int) -> Edition:
    """What the edition is about; its days follow from the cut-off, never from the clock."""
    programme, period = context.bundle.programme, context.period
    closed = cutoff_day(programme, period)
    issued = add_working_days(closed, context.settings.issued_working_days_after_cutoff)

    def covered(other: Period) -> Period | None:
        return other if programme.valid.covers(other.last_day) else None

    return Edition(
        programme=programme.programme,
        programme_zh=programme.title.zh,
        period=period,
        previous=covered(period.previous()),
        last_year=covered(period.same_last_year()),
        node_id=node.node_id,
        number=period.number,
        issued_on=issued,
        data_as_of=closed,
        reply_by=add_working_days(issued, REPLY_WORKING_DAYS),
        revision=revision,
    )


def dispatch_model(context: Context, node: Node, frames: ReportFrames, revision: int) -> dict[str, Any]:
    """The report model with its words. ConfigError if the programme does not say how its papers are addressed."""
    documents = context.bundle.programme.documents
    if documents is None:
        raise ConfigError(f"{context.key[0]} has no documents block")
    model = build_dispatch(
        frames,
        edition_of(context, node, revision),
        documents.dispatch,
        measures_of(context.bundle.catalogue),
        wording(),
    )
    return narrate(model)


def _edition_row(
    context: Context, node: Node, frames: ReportFrames, fonts: FontChain, last: dict[str, Any] | None
) -> dict[str, Any]:
    revision = last["number"] if last else 1
    model = dispatch_model(context, node, frames, revision)
    digest = _digest(model, fonts)
    if last and last["inputs_digest"] == digest:
        return last
    if last:
        revision += 1
        model = dispatch_model(context, node, frames, revision)
        digest = _digest(model, fonts)
    issued = edition_of(context, node, revision).issued_on
    sha, path = context.landing.keep_document(typeset(model, TEMPLATE, issued, fonts), ".pdf")
    programme, period = context.key
    identity = "|".join((programme, period, REPORT, node.node_id, digest))
    return {
        "edition_id": hashlib.sha256(identity.encode()).hexdigest()[:24],
        "programme": programme,
        "period": period,
        "report": REPORT,
        "node_id": node.node_id,
        "number": revision,
        "issued_on": issued.isoformat(),
        "inputs_digest": digest,
        "document_sha256": sha,
        "path": path,
        "new": True,
    }


def _digest(model: dict[str, Any], fonts: FontChain) -> str:
    """What the document depends on: the model with its words, the templates, the fonts."""
    parts = [
        json.dumps(model, sort_keys=True, ensure_ascii=False, default=str),
        json.dumps(fonts.settings(), sort_keys=True),
    ]
    parts += [path.read_text(encoding="utf-8") for path in sorted(TEMPLATES.rglob("*.typ"))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
