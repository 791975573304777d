"""The year's papers: titles, commendations and reviews → models → editions, by report key."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from etl.core.annual.inspection import build_inspection
from etl.core.annual.model import YearModel, YearPaper, as_year_paper
from etl.core.annual.papers import PaperOf, YearFrames, build_naming, build_recommendation
from etl.core.annual.rows import HalfRow, RecommendedRow, VisitRow
from etl.core.annual.summary import build_summary
from etl.core.awards.award_inputs import in_force
from etl.core.period import Period
from etl.core.programmes.documents import DocumentSettings, PaperSettings
from etl.core.register import Node
from etl.core.reports.editions import Document, Model, file_name
from etl.core.wording import Wording
from etl.edges.fonts import FontChain, resolve_fonts
from etl.edges.store.awards import reviews_of, scores_of
from etl.edges.store.conferred import notice_days
from etl.edges.store.results import frame
from etl.edges.templates import narrate, wording
from etl.edges.typesetting import typeset
from etl.edges.word import year_copy
from etl.errors import ConfigError, Misuse
from etl.progress import Progress, counted, silent
from etl.stages.branch_facts import facts_at
from etl.stages.commend import commended, year_titles
from etl.stages.context import Context, half_contexts
from etl.stages.duties import duties_at
from etl.stages.editions import Paper, drawing_digest, make_editions
from etl.stages.issue_numbers import issue_day, numbers_left
from etl.stages.review_totals import reviews_on
from etl.stages.year_checks import year_check_sums


@dataclass(frozen=True)
class PaperKind:
    """How one of the year's papers differs from the others.

    `folder` has its templates. `build` gives its model; a model raises LookupError where a place has nothing to say.
    `speakers` gives the nodes that have something to say (None: all have). `acts` are the days, in ISO, of what it tells of:
    it cannot be older. A `decision` bears the day and the number of its own titles, and draws on those of its own period alone.
    """

    folder: str
    build: Callable[[PaperOf, YearFrames, Wording], YearModel]
    speakers: Callable[[YearFrames], Iterable[str]] | None = None
    acts: Callable[[YearFrames], Iterable[str]] = lambda frames: frames.titles["decided_on"]
    decision: bool = False


KINDS: Mapping[str, PaperKind] = {
    "naming_decision": PaperKind(
        "naming", build_naming, lambda frames: frames.titles.loc[frames.titles["highest"], "node_id"], decision=True
    ),
    "commendation_summary": PaperKind("commendation", build_summary),
    "recommendation": PaperKind(
        "recommendation", build_recommendation, lambda frames: (each["node_id"] for each in frames.recommended)
    ),
    "inspection_report": PaperKind(  # which may come before any naming
        "inspection", build_inspection, lambda frames: (each["node_id"] for each in frames.visits),
        lambda frames: (each["visited_on"] for each in frames.visits),
    ),
}
"""The year's papers by report key."""


def render_annual(
    context: Context, report: str, node_id: str | None, progress: Progress = silent
) -> dict[str, Any]:
    """Make an edition of a year's paper for every node that the programme says (or for one) and that has something to say.

    Gives back the ids of the editions in force and how many are new. Misuse for a report or a node the programme has not.
    """
    paper_settings(context, report)
    nodes = [node for node in paper_nodes(context, report) if node_id in (None, node.node_id)]
    if not nodes:
        raise Misuse(f"{context.key[0]} has no {report} for {node_id or 'any node'}")
    frames, fonts = frames_of(report, year_frames(context), context.period), resolve_fonts(context.settings.fonts_dir)
    papers = _papers(context, report, counted(nodes, len(nodes), progress), frames)
    folder = KINDS[report].folder
    drawn_with = drawing_digest(fonts, "common", folder)
    return make_editions(context, report, papers, partial(_documents, fonts, folder), drawn_with)


def paper_settings(context: Context, report: str) -> PaperSettings:
    """How a report is addressed. Misuse for a report that is none of the year's, ConfigError if the programme does not say."""
    if report not in KINDS:
        raise Misuse(f"no paper {report}; there are: {', '.join(KINDS)}")
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
    )


def frames_of(report: str, frames: YearFrames, period: Period) -> YearFrames:
    """What a report draws on: a decision on its own period's titles, any other on those of the year with all its batches."""
    return frames.decided(period) if KINDS[report].decision else frames


def _recommended(context: Context) -> list[RecommendedRow]:
    """The branches that a place's last review recommends, by name; a review names its level, else the next one up is meant."""
    programme, (key, period) = context.bundle.programme, context.key
    known = {score.branch_id: score for score in scores_of(context.store, key, period)}
    last = {(review.branch_id, review.node_id): review for review in reviews_of(context.store, key, period)}
    found: list[RecommendedRow] = []
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


def _visits(context: Context) -> list[VisitRow]:
    """The visits that reviews in force rest on."""
    key, period = context.key
    known = {score.branch_id: score for score in scores_of(context.store, key, period)}
    return [
        {
            "node_id": review.node_id, "branch_id": review.branch_id, "branch_name": known[review.branch_id].branch_name,
            "unit_id": known[review.branch_id].unit_id, "visited_on": review.visit["visited_on"], "verdict": review.verdict,
            "points": "" if review.points is None else f"{review.points:.2f}", "findings": review.visit.get("findings", ""),
        }
        for review in in_force(reviews_on(context)).values()
        if review.visit and review.verdict != "apply" and review.branch_id in known
    ]


def _half(half: Context) -> list[HalfRow]:
    """How many units were to report in a half-year and did, one row a node; 0 before the half-year was rolled up."""
    known = frame(half.store, "completeness", *half.key).set_index("node_id")[["units_expected", "units_received"]]
    counts = known.reindex([node.node_id for node in half.register.nodes], fill_value=0)
    return [
        {"node_id": node_id, "period": str(half.period), "period_zh": half.period.zh, "units_expected": int(expected),
         "units_received": int(received)}
        for node_id, expected, received in counts.itertuples()
    ]


def _papers(context: Context, report: str, nodes: Iterable[Node], frames: YearFrames) -> Iterator[Paper]:
    """The papers of the nodes that have something to say: a place that names nobody has no decision."""
    speakers = KINDS[report].speakers
    speaking = None if speakers is None else set(speakers(frames))
    left = numbers_left(context, report)
    for node in nodes:
        if speaking is None or node.node_id in speaking:
            yield _paper(context, report, node, frames, left.get(node.node_id, ""))


def _paper(context: Context, report: str, node: Node, frames: YearFrames, number: str) -> Paper:
    """`number`: the document number under which it has left; one that titles bear goes before."""
    kind = KINDS[report]
    if kind.decision:
        mine = frames.titles[frames.titles["node_id"] == node.node_id]
        issued_on = max(map(dt.date.fromisoformat, mine["decided_on"]))
        numbers = {each for each in frames.named_by(node.node_id)["document_number"] if each}
        number = numbers.pop() if len(numbers) == 1 else number
    else:
        issued_on = max([_after_the_year(context), *map(dt.date.fromisoformat, kind.acts(frames))])

    def model(revision: int) -> YearPaper:
        built = kind.build(paper_of(context, report, node, issued_on, revision, number), frames, wording())
        return as_year_paper(narrate(built))

    return Paper(node.node_id, node.name, issued_on, model)


def _after_the_year(context: Context) -> dt.date:
    """The day on which papers about a year can come out: so many working days after its last cut-off."""
    return issue_day(context, half_contexts(context)[1].period)


def paper_of(
    context: Context, report: str, node: Node, issued_on: dt.date, revision: int, given: str = ""
) -> PaperOf:
    """What a year's paper is about; `given`: its document number, if somebody has given it one. Raises as `paper_settings`."""
    settings, programme = paper_settings(context, report), context.bundle.programme
    return PaperOf(programme, context.period, context.register, node, settings, report, issued_on, revision, given)


def _documents(fonts: FontChain, folder: str, model: Model, issued_on: dt.date) -> list[Document]:
    paper = as_year_paper(model)
    name = paper["labels"]["subject"]
    pdf = typeset(paper, f"{folder}/{folder}.typ", issued_on, fonts)
    return [
        Document("pdf", file_name(name, "pdf"), pdf),
        Document("docx", file_name(name, "docx"), year_copy(paper, issued_on)),
    ]
