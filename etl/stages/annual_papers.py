"""The year's papers: titles, commendations and reviews → models → editions, by report key."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from etl.core.annual_papers import PaperOf, YearFrames, build_naming, build_recommendation
from etl.core.annual_summary import build_summary
from etl.core.award_inputs import in_force
from etl.core.documents import DocumentSettings, PaperSettings
from etl.core.editions import Document, Model, file_name
from etl.core.inspection_paper import build_inspection
from etl.core.period import Period
from etl.core.register import Node, cutoff_day
from etl.core.working_days import add_working_days
from etl.edges.fonts import FontChain, resolve_fonts
from etl.edges.store.awards import reviews_of, scores_of
from etl.edges.store.conferred import notice_days
from etl.edges.store.results import frame
from etl.edges.templates import narrate, wording
from etl.edges.typesetting import typeset
from etl.edges.word import year_copy
from etl.errors import ConfigError, Misuse
from etl.stages.branch_facts import facts_at
from etl.stages.commend import commended, year_titles
from etl.stages.context import Context, half_contexts
from etl.stages.duties import duties_at
from etl.stages.editions import Paper, drawing_digest, make_editions
from etl.stages.year_checks import year_check_sums

Builder = Callable[[PaperOf, YearFrames], Model]
BUILDERS: Mapping[str, Builder] = {
    "naming_decision": lambda paper, frames: build_naming(paper, frames, wording()),
    "commendation_summary": lambda paper, frames: build_summary(paper, frames, wording()),
    "recommendation": lambda paper, frames: build_recommendation(paper, frames, wording()),
    "inspection_report": lambda paper, frames: build_inspection(paper, frames, wording()),
}
"""Report key → how its model is built; a model raises LookupError where a place has nothing to say."""


def render_annual(
    context: Context, report: str, node_id: str | None, progress: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Make an edition of a year's paper for every node that the programme says (or for one) and that has something to say.

    Gives back the ids of the editions in force and how many are new. Misuse for a report or a node the programme has not.
    """
    paper_settings(context, report)
    nodes = [node for node in paper_nodes(context, report) if node_id in (None, node.node_id)]
    if not nodes:
        raise Misuse(f"{context.key[0]} has no {report} for {node_id or 'any node'}")
    frames, fonts = frames_of(report, year_frames(context), context.period), resolve_fonts(context.settings.fonts_dir)
    papers = _papers(context, report, nodes, frames)
    folder = _FOLDERS[report]
    drawn_with = drawing_digest(fonts, "common", folder)
    return make_editions(context, report, papers, partial(_documents, fonts, folder), drawn_with, progress)


_FOLDERS = {
    "naming_decision": "naming",
    "commendation_summary": "commendation",
    "recommendation": "recommendation",
    "inspection_report": "inspection",
}


def paper_settings(context: Context, report: str) -> PaperSettings:
    """How a report is addressed. Misuse for a report that is none of the year's, ConfigError if the programme does not say."""
    if report not in BUILDERS:
        raise Misuse(f"no paper {report}; there are: {', '.join(BUILDERS)}")
    documents: DocumentSettings | None = context.bundle.programme.documents
    found: PaperSettings | None = getattr(documents, report, None)
    if found is None:
        raise ConfigError(f"{context.key[0]} does not say under documents how its {report} is addressed")
    return found


def paper_nodes(context: Context, report: str) -> list[Node]:
    """The nodes that a report is made for, in code order; Misuse if the programme does not have it."""
    try:
        tiers = set(context.bundle.programme.report(report).tiers)
    except LookupError as error:
        raise Misuse(str(error)) from error
    return [node for node in context.register.nodes if node.tier in tiers]


def year_frames(context: Context) -> YearFrames:
    """Everything the papers of a year are made from."""
    found, (key, period) = commended(context), context.key
    return YearFrames(
        titles=year_titles(context), counts=found.counts, subjects=found.subjects, reconciliation=found.reconciliation,
        notice_days=notice_days(context.store, key, period), recommended=_recommended(context), checks=year_check_sums(context),
        halves=[row for half in half_contexts(context) for row in _half(half)], duties=duties_at(context),
        facts=facts_at(context, context.period.last_day), visits=_visits(context),
    )  # fmt: skip


def frames_of(report: str, frames: YearFrames, period: Period) -> YearFrames:
    """What a report draws on: a decision on its own period's titles, any other on those of the year with all its batches."""
    return frames.decided(period) if report == "naming_decision" else frames


def _recommended(context: Context) -> list[Model]:
    """The branches that a place's last review recommends, by name; a review names its level, else the next one up is meant."""
    programme, (key, period) = context.bundle.programme, context.key
    known = {score.branch_id: score for score in scores_of(context.store, key, period)}
    last = {(review.branch_id, review.node_id): review for review in reviews_of(context.store, key, period)}
    found = []
    for review in last.values():
        above = (each.key for each in programme.levels if programme.height(each.tier) > programme.height(review.tier))
        level = review.level or next(above, None)
        if review.verdict == "recommend" and level and review.branch_id in known:
            score = known[review.branch_id]
            found.append(
                {
                    "node_id": review.node_id,
                    "unit_id": score.unit_id,
                    "name": score.branch_name,
                    "level": level,
                }
            )
    return found


def _visits(context: Context) -> list[Model]:
    """The visits that reviews in force rest on."""
    key, period = context.key
    known = {score.branch_id: score for score in scores_of(context.store, key, period)}
    return [
        {
            "node_id": review.node_id, "branch_id": review.branch_id, "branch_name": known[review.branch_id].branch_name,
            "unit_id": known[review.branch_id].unit_id, "visited_on": review.visit["visited_on"], "verdict": review.verdict,
            "points": "" if review.points is None else f"{review.points:.2f}", "findings": review.visit.get("findings", ""),
        }
        for review in in_force(reviews_of(context.store, key, period)).values()
        if review.visit and review.verdict != "apply" and review.branch_id in known
    ]  # fmt: skip


def _half(half: Context) -> list[Model]:
    """How many units were to report in a half-year and did, one row a node; 0 before the half-year was rolled up."""
    known = frame(half.store, "completeness", *half.key).set_index("node_id")[["units_expected", "units_received"]]
    counts = known.reindex([node.node_id for node in half.register.nodes], fill_value=0)
    return [
        {"node_id": node_id, "period": str(half.period), "period_zh": half.period.zh, "units_expected": int(expected),
         "units_received": int(received)}
        for node_id, expected, received in counts.itertuples()
    ]  # fmt: skip


def _papers(context: Context, report: str, nodes: list[Node], frames: YearFrames) -> Iterator[Paper]:
    """The papers of the nodes that have something to say: a place that names nobody has no decision."""
    for node in nodes:
        named = frames.named_by(node.node_id)
        if not _has_anything(report, node.node_id, frames):
            continue
        issued = _issued_on(context, report, node, frames)
        numbers = sorted({number for number in named["document_number"] if number})
        given = numbers[0] if report == "naming_decision" and len(numbers) == 1 else ""
        yield Paper(node.node_id, node.name, issued, partial(_model, context, report, node, frames, issued, given))


def _has_anything(report: str, node_id: str, frames: YearFrames) -> bool:
    """Whether a place has something to say in a report; a summary always has."""
    speaking = {
        "naming_decision": frames.titles.loc[frames.titles["highest"], "node_id"],
        "recommendation": [each["node_id"] for each in frames.recommended],
        "inspection_report": [each["node_id"] for each in frames.visits],
    }
    return report not in speaking or node_id in set(speaking[report])


def _model(
    context: Context, report: str, node: Node, frames: YearFrames, issued: dt.date, given: str, revision: int
) -> Model:
    return narrate(BUILDERS[report](paper_of(context, report, node, issued, revision, given), frames))


def paper_of(
    context: Context, report: str, node: Node, issued_on: dt.date, revision: int, given: str = ""
) -> PaperOf:
    """What a year's paper is about; `given`: its document number, if somebody has given it one. Raises as `paper_settings`."""
    settings, programme = paper_settings(context, report), context.bundle.programme
    return PaperOf(programme, context.period, context.register, node, settings, report, issued_on, revision, given)


def _issued_on(context: Context, report: str, node: Node, frames: YearFrames) -> dt.date:
    """A decision bears the day on which it was taken; other papers follow the year's last cut-off and all its decisions."""
    mine = (
        frames.titles
        if report != "naming_decision"
        else frames.titles[frames.titles["node_id"] == node.node_id]
    )
    decided = [dt.date.fromisoformat(day) for day in mine["decided_on"]]
    if report == "naming_decision":
        return max(decided)
    if report == "inspection_report":  # which may come before any naming
        decided = [dt.date.fromisoformat(each["visited_on"]) for each in frames.visits]
    closed = cutoff_day(context.bundle.programme, half_contexts(context)[1].period)
    after = add_working_days(closed, context.settings.issued_working_days_after_cutoff)
    return max([after, *decided])


def _documents(fonts: FontChain, folder: str, model: Model, issued_on: dt.date) -> list[Document]:
    name = model["labels"]["subject"]
    pdf = typeset(model, f"{folder}/{folder}.typ", issued_on, fonts)
    return [
        Document("pdf", file_name(name, "pdf"), pdf),
        Document("docx", file_name(name, "docx"), year_copy(model, issued_on)),
    ]
