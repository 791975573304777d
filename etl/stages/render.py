"""Render: totals → report models → editions in the landing, as PDF, Word and workbook."""

import datetime as dt
from functools import partial
from typing import Any

from etl.core.period import Period
from etl.core.register import Node, cutoff_day
from etl.core.reports.csv_annex import figures_csv
from etl.core.reports.dispatch import Edition, ReportFrames, build_dispatch
from etl.core.reports.editions import Document, Model, file_name
from etl.core.reports.figure_text import measures_of
from etl.core.reports.model import DISPATCH, Language, Report, as_report
from etl.core.working_days import add_working_days
from etl.edges.annex_workbook import annex_workbook
from etl.edges.fonts import FontChain, resolve_fonts
from etl.edges.pinyin import in_latin
from etl.edges.templates import CHINESE, narrate, wording
from etl.edges.typesetting import pictures, typeset
from etl.edges.word import word_copy
from etl.errors import ConfigError, Misuse
from etl.progress import Progress, counted, silent
from etl.stages.context import Context
from etl.stages.editions import Paper, drawing_digest, make_editions
from etl.stages.issue_numbers import IssueNumbers, issue_day
from etl.stages.report_frames import report_frames

REPORT = DISPATCH
TEMPLATE = "dispatch/dispatch.typ"
CHART = "mail/chart.typ"
CHART_DOTS_PER_INCH = 150
REPLY_WORKING_DAYS = 15


def render(context: Context, node_id: str | None, progress: Progress = silent) -> dict[str, Any]:
    """Make an edition for every node that the programme says (or for one) whose inputs have changed.

    Gives back the ids of the editions in force and how many are new. Misuse for a node without this report, and where nobody
    has filed: a report of blanks would tell bureaus that all is zero.
    """
    nodes = [node for node in report_nodes(context) if node_id in (None, node.node_id)]
    if not nodes:
        raise Misuse(f"{context.key[0]} has no {REPORT} report for {node_id or 'any node'}")
    frames, fonts = report_frames(context), resolve_fonts(context.settings.fonts_dir)
    if not frames.completeness["units_received"].any():
        raise Misuse(f"no return of {' '.join(context.key)} is rolled up: there is nothing to report")
    if context.settings.language == "en":
        frames = in_latin(frames, wording("en"))
    numbers = IssueNumbers(context, REPORT)
    papers = (_paper(context, node, numbers.of(node.node_id), frames) for node in counted(nodes, len(nodes), progress))
    drawn_with = drawing_digest(fonts, "common", "dispatch")
    draw = partial(draw_documents, fonts)
    return make_editions(context, report_in(context.settings.language), papers, draw, drawn_with)


def report_in(language: Language) -> str:
    """The report key of editions in a language: those in another than Chinese stand beside the official ones."""
    return REPORT if language == CHINESE else f"{REPORT}.{language}"


def _paper(context: Context, node: Node, number: int, frames: ReportFrames) -> Paper:
    issued_on = issue_day(context, context.period)
    return Paper(node.node_id, node.name, issued_on, partial(dispatch_model, context, node, number, frames))


def draw_documents(fonts: FontChain, model: Model, issued_on: dt.date) -> list[Document]:
    """The paper as PDF with its figures attached, as an editable Word copy, and its annexes as a workbook."""
    report = as_report(model)
    name = report["labels"]["subject"]
    pdf = typeset(report, TEMPLATE, issued_on, fonts, {"figures_csv": figures_csv(report)})
    charted = any(group["chart"] for group in report["ranking"]["groups"])
    chart = pictures(report, CHART, issued_on, fonts, CHART_DOTS_PER_INCH)[0] if charted else None
    return [
        Document("pdf", file_name(name, "pdf"), pdf),
        Document("docx", file_name(name, "docx"), word_copy(report, issued_on, chart)),
        Document("xlsx", file_name(name, "xlsx"), annex_workbook(report, issued_on)),
    ]


def report_nodes(context: Context) -> list[Node]:
    """The nodes that the dispatch report is made for, in code order."""
    tiers = set(context.bundle.programme.report(REPORT).tiers)
    return [node for node in context.register.nodes if node.tier in tiers]


def edition_of(context: Context, node: Node, number: int, revision: int) -> Edition:
    """What the edition is about, under its document number; its days follow from the cut-off, never from the clock."""
    programme, period = context.bundle.programme, context.period
    issued = issue_day(context, period)

    def covered(other: Period) -> Period | None:
        return other if programme.valid.covers(other.last_day) else None

    return Edition(
        programme=programme.programme,
        programme_zh=programme.title.zh,
        period=period,
        previous=covered(period.previous()),
        last_year=covered(period.same_last_year()),
        node_id=node.node_id,
        number=number,
        issued_on=issued,
        data_as_of=cutoff_day(programme, period),
        reply_by=add_working_days(issued, REPLY_WORKING_DAYS),
        revision=revision,
        theme=programme.theme(period.year),
    )


def dispatch_model(context: Context, node: Node, number: int, frames: ReportFrames, revision: int) -> Report:
    """The report model with its words. ConfigError if the programme does not say how its papers are addressed."""
    settings = context.bundle.programme.dispatch_settings()
    if settings is None:
        raise ConfigError(f"{context.key[0]} has no documents block")
    words = wording(context.settings.language)
    model = build_dispatch(
        frames,
        edition_of(context, node, number, revision),
        settings,
        measures_of(context.bundle.catalogue, words),
        words,
    )
    return as_report(narrate(model, context.settings.language))
