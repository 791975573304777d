"""The pages about reports: which there are, one in full with a way from each figure, and what a figure is made of.

An operator sees every edition. Everybody else sees editions of their own places once a person has let them out, and only
figures of places and units at or under their own: those of others stand there as text, as they do on paper.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from etl.core.mail.mailing import LEFT
from etl.core.period import Period
from etl.core.reports.model import Report
from etl.core.reports.prose import Block
from etl.core.rows import DocumentRow, EditionRow
from etl.core.totals.figures import ABOUT_THE_PAPER, parse_address
from etl.edges.store.editions import documents_of, latest_editions
from etl.edges.store.messages import messages_of
from etl.errors import Misuse
from etl.stages.editions import kept_report
from etl.stages.explain import as_plain, bases_of, explain, find_edition
from etl.stages.explain_counts import Counted
from etl.stages.render import REPORT
from etl.web.desk import Desk, heading
from etl.web.rendering import file_answer, page

REPORTS = "/{programme}/{period}/reports/"
LET_OUT = ("released", "claimed", "uncertain", *LEFT)
"""States of a message after a person has released it."""
PARTS = ("counted", "parts", "below", "rows", "findings", "said")
MOST_ROWS = 200
"""Rows of each part that the page shows; the command line gives all."""

router = APIRouter()
Row = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """One edition that the viewer may read; they may look into figures of the nodes that they see."""

    desk: Desk
    edition: EditionRow
    model: Report

    def link(self, address: str) -> str:
        """Where a figure is explained, relative to the report's own page; '' for one that is not the viewer's to look into."""
        word = address.partition("#")[2].partition(".")[0].partition("@")[0]
        node = address.partition("#")[0]
        mine = not node or owner(node) in self.desk.nodes
        return f"figure?at={quote(address, safe='')}" if mine and word not in ABOUT_THE_PAPER else ""


def owner(node_id: str) -> str:
    """The node that a figure belongs to for access: of a township the county that filed it."""
    return node_id.split("/", 1)[0]


@router.get(REPORTS, response_class=HTMLResponse)
def show_reports(request: Request, programme: str, period: str) -> HTMLResponse:
    """The reports in force that the viewer may read, in code order."""
    desk = Desk.of(request, programme, period)
    named = desk.context.register.nodes_by_id
    editions = latest_editions(desk.context.store, *desk.context.key, REPORT)
    let_out = _let_out(desk, [edition["edition_id"] for edition in editions.values()])
    rows = [
        {**edition, "name": named[node_id].name, "code": named[node_id].code, "out": edition["edition_id"] in let_out}
        for node_id, edition in editions.items()
        if node_id in desk.nodes and (desk.viewer.everything or edition["edition_id"] in let_out)
    ]
    return page(request, "reports", **heading(desk), rows=sorted(rows, key=lambda row: str(row["code"])))


@router.get(REPORTS + "{edition_id}/", response_class=HTMLResponse)
def show_report(request: Request, programme: str, period: str, edition_id: str) -> HTMLResponse:
    """A report's words and tables, each figure with the way to what it is made of."""
    reading = reading_of(request, programme, period, edition_id)
    formats = _documents(reading)
    return page(
        request, "report", **heading(reading.desk), edition=reading.edition, model=reading.model, link=reading.link,
        blocks=[{"kind": block["kind"], "pieces": list(pieces(block, reading))} for block in reading.model["blocks"]],
        documents=list(formats.values()),
    )


@router.get(REPORTS + "{edition_id}/figure", response_class=HTMLResponse)
def show_figure(request: Request, programme: str, period: str, edition_id: str, at: str) -> HTMLResponse:
    """One figure: how it is printed, what it comes to, the nodes below, the filed cells, what rules and people said."""
    reading = reading_of(request, programme, period, edition_id)
    try:
        asked = parse_address(at)
        found = explain(reading.desk.context, reading.edition, at)
    except (ValueError, Misuse) as error:
        raise HTTPException(404) from error
    if owner(found.figure["node_id"]) not in reading.desk.nodes:
        raise HTTPException(404)
    plain = dict.fromkeys(PARTS, ()) | as_plain(found)
    counts = {name: len(plain[name]) for name in PARTS}
    shown: Row = {name: plain[name][:MOST_ROWS] for name in PARTS}
    return page(
        request, "figure", **heading(reading.desk), edition=reading.edition, model=reading.model, asked=asked,
        figure=plain["figure"], counts=counts, is_count=isinstance(found, Counted), measure=_measure(reading, asked.key),
        bases=[] if isinstance(found, Counted) else bases_of(reading.desk.context, reading.edition), link=reading.link,
        units=reading.desk.units, when=Period.parse(found.figure["period"]).zh, **shown,
    )


@router.get(REPORTS + "{edition_id}/paper.{format_}")
def download(request: Request, programme: str, period: str, edition_id: str, format_: str) -> Response:
    """A file of the edition, as it was sent."""
    reading = reading_of(request, programme, period, edition_id)
    document = _documents(reading).get(format_)
    if document is None:
        raise HTTPException(404)
    content = reading.desk.context.landing.read(document["path"])
    return file_answer(content, document["name"], document["media_type"])


def reading_of(request: Request, programme: str, period: str, edition_id: str) -> Reading:
    """The edition asked for; 404 for one that is not there, not the viewer's or not let out yet: all look the same."""
    desk = Desk.of(request, programme, period)
    try:
        edition = find_edition(desk.context, edition_id)
    except Misuse as error:
        raise HTTPException(404) from error
    waiting = not desk.viewer.everything and edition["edition_id"] not in _let_out(desk, [edition["edition_id"]])
    if edition["node_id"] not in desk.nodes or waiting:
        raise HTTPException(404)
    return Reading(desk, edition, kept_report(desk.context.landing, edition))


def pieces(block: Block, reading: Reading) -> Iterator[tuple[str, str]]:
    """A block's text in pieces (text, link), the link '' for plain words."""
    text, at = str(block["text"]), 0
    for span in block["spans"]:
        if text[at : span["start"]]:
            yield text[at : span["start"]], ""
        yield text[span["start"] : span["end"]], reading.link(span["address"])
        at = span["end"]
    if text[at:]:
        yield text[at:], ""


def _let_out(desk: Desk, edition_ids: Sequence[str]) -> Collection[str]:
    """Those of some editions that a person has released to anybody."""
    out = messages_of(desk.context.store, *desk.context.key, states=LET_OUT, kinds=["edition"])
    return {row["subject_id"] for row in out} & set(edition_ids)


def _documents(reading: Reading) -> dict[str, DocumentRow]:
    edition_id = reading.edition["edition_id"]
    kept = documents_of(reading.desk.context.store, [edition_id]).get(edition_id, [])
    return {each["format"]: each for each in kept}


def _measure(reading: Reading, key: str) -> Row:
    """How an indicator's numbers are written: unit, decimals, whether it is a share; of a count nothing."""
    catalogue = reading.desk.context.bundle.catalogue
    indicator = catalogue.indicators.get(key)
    if indicator is None:
        return {"unit_zh": "", "decimals": 0, "share": False}
    unit = catalogue.units[indicator.unit]
    return {"unit_zh": unit.zh, "decimals": unit.decimals, "share": unit.value_type == "share"}
