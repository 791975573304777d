"""Lint: editions in force → what is wrong with them, in the store. One with faults does not leave; the others go on."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Literal

import pandas as pd
import sqlalchemy as sa

from etl.core.annual.papers import YearFrames
from etl.core.judging.views import table
from etl.core.lint.claims import Fault
from etl.core.lint.copies import Copies, lint_copies
from etl.core.lint.edition import Checks, lint, lint_anything, lint_erratum, lint_year_paper
from etl.core.lint.errata import ErratumFacts
from etl.core.lint.facts import NodeFacts
from etl.core.lint.paper import Paper, as_paper
from etl.core.lint.year_facts import YearFacts
from etl.core.reports.dispatch import ReportFrames
from etl.core.reports.editions import Model
from etl.core.reports.errata import ErratumPaper
from etl.core.reports.figure_text import Measure, measures_of
from etl.core.reports.model import Language, as_report
from etl.core.rows import EditionRow
from etl.edges.copies import read_mail, read_word, read_workbook
from etl.edges.engine import fetch, memory_engine
from etl.edges.lint_files import count_names, fault_texts, grammar, plain_grammar, private
from etl.edges.mail import Attachment
from etl.edges.pdf_pages import page_texts
from etl.edges.pinyin import in_latin
from etl.edges.slices import load_honours
from etl.edges.store.editions import editions_of_report, latest_editions
from etl.edges.store.proofs import faults_frame, keep_check
from etl.edges.store.results import slices_of
from etl.edges.templates import CHINESE, wording
from etl.edges.traditional import folded, in_simplified
from etl.errors import Misuse
from etl.progress import Progress, counted, silent
from etl.stages.annual_papers import frames_of, paper_of, year_frames
from etl.stages.context import Context
from etl.stages.editions import kept_files, kept_model, kept_report
from etl.stages.issue_numbers import IssueNumbers
from etl.stages.render import REPORT, edition_of, report_in
from etl.stages.report_frames import report_frames

ERRATUM: Literal["erratum"] = "erratum"
"""The report that corrects one which has left."""


class Gate:
    """What editions of a programme and period are held against; the frames are read when the first is checked."""

    def __init__(self, context: Context) -> None:
        self.context = context

    @cached_property
    def frames(self) -> ReportFrames:
        """The store's tables as they are now."""
        return report_frames(self.context)

    @cached_property
    def year(self) -> YearFrames:
        """What the year came to, as the store has it now."""
        return year_frames(self.context)

    @cached_property
    def checks(self) -> Checks:
        """The claims of a dispatch, private things, what adds up, and whose names may not be told."""
        bundle = self.context.bundle
        summed = {key for key, each in bundle.catalogue.indicators.items() if each.rollup == "sum"}
        return Checks(grammar(REPORT, self._measures(CHINESE)), private(), summed, self._people())

    def _people(self) -> list[str]:
        """Members who were honoured: their names belong in papers of honour alone."""
        engine, honour = memory_engine(), table("honours", ["recipient", "recipient_kind"])
        load_honours(engine, "honours", self.context.landing, slices_of(self.context.store, *self.context.key))
        members = sa.select(honour.c.recipient).distinct().where(honour.c.recipient_kind == "member", honour.c.recipient != "")
        return sorted(fetch(engine, members)["recipient"].to_pylist())

    def faults(
        self, edition: EditionRow, model: Model | None = None, redrawn: Sequence[Attachment] = ()
    ) -> list[Fault]:
        """What keeps an edition from leaving, kept in the store; empty if it may leave.

        `model` and `redrawn`: of one drawn anew in the form that a recipient asks for.
        """
        read_back = redrawn or kept_files(self.context, edition["edition_id"])
        files = {each.name.rpartition(".")[2]: each.content for each in read_back}
        paper = as_paper(model or kept_model(self.context.landing, edition))
        pages = page_texts(files["pdf"]) if "pdf" in files else None
        found = [*self._said(edition, paper, pages), *lint_copies(paper, _copies(paper, files))]
        keep_check(self.context.store, edition["edition_id"], found)
        return found

    def _said(self, edition: EditionRow, paper: Paper, pages: Iterable[str] | None) -> list[Fault]:
        language = paper.get("language", CHINESE)
        if paper["kind"] == REPORT and language == "zh-Hant":  # folded to what the claims are written in
            facts = replace(self._facts(edition, CHINESE), frames=self._folded)
            simplified = as_report(in_simplified(paper))
            return lint(simplified, facts, self.checks, None if pages is None else map(in_simplified, pages))
        if paper["kind"] == REPORT:
            return lint(paper, self._facts(edition, language), self.checks_in(language), pages)
        if language != CHINESE:  # converted from the Chinese one, which has its own check
            return lint_anything(paper, self.checks)
        own = replace(self.checks, grammar=plain_grammar(paper["kind"]))
        if paper["kind"] == ERRATUM:
            return lint_erratum(paper, self._erratum_facts(paper), own, pages)
        return lint_year_paper(paper, self._year_facts(edition), own, pages)

    @cached_property
    def _numbers(self) -> IssueNumbers:
        return IssueNumbers(self.context, REPORT)

    @cached_property
    def _folded(self) -> ReportFrames:
        return folded(self.frames)

    def checks_in(self, language: Language) -> Checks:
        """The checks of a dispatch in a language that has claims of its own."""
        if language == CHINESE:
            return self.checks
        return replace(self.checks, grammar=grammar(REPORT, self._measures(language), language))

    def _measures(self, language: Language) -> dict[str, Measure]:
        return measures_of(self.context.bundle.catalogue, wording(language))

    def _facts(self, edition: EditionRow, language: Language) -> NodeFacts:
        settings = self.context.bundle.programme.dispatch_settings()
        if settings is None:
            raise Misuse(f"{self.context.key[0]} has no documents block")
        node = self.context.register.node(edition["node_id"])
        about = edition_of(self.context, node, self._numbers.of(node.node_id), edition["number"])
        frames = self.frames if language == CHINESE else in_latin(self.frames, wording(language))
        return NodeFacts(frames, about, settings, self._measures(language), wording(language))

    def _year_facts(self, edition: EditionRow) -> YearFacts:
        node, issued = self.context.register.node(edition["node_id"]), dt.date.fromisoformat(edition["issued_on"])
        paper = paper_of(self.context, edition["report"], node, issued, edition["number"])
        return YearFacts(paper, frames_of(edition["report"], self.year, self.context.period), wording())

    def _erratum_facts(self, model: ErratumPaper) -> ErratumFacts:
        sent = editions_of_report(self.context.store, *self.context.key, REPORT)
        old, new = (kept_report(self.context.landing, sent[each]) for each in (model["replaces"], model["brings"]))
        return ErratumFacts(old, new, count_names(), wording())


def _copies(paper: Paper, files: dict[str, bytes]) -> Copies:
    return Copies(
        word=read_word(files["docx"]) if "docx" in files else None,
        workbook=read_workbook(files["xlsx"]) if "xlsx" in files else None,
        mail=read_mail(paper),
    )


def lint_editions(
    context: Context, node_id: str | None = None, progress: Progress = silent
) -> dict[str, int]:
    """Check the editions in force of a half-year or a year, or one node's; how many were checked and how many may not leave.

    They are those in the language of the settings: others stand beside the official ones and may be older than these.
    Misuse for a node without an edition.
    """
    chosen = _in_force(context, node_id)
    if not chosen:
        raise Misuse(
            f"{context.key[0]} {context.key[1]} has no edition of {node_id or 'any node'}: run `sanji render`"
        )
    gate, blocked = Gate(context), 0
    for edition in counted(chosen, len(chosen), progress):
        blocked += bool(gate.faults(edition))
    return {"editions": len(chosen), "blocked": blocked}


def _in_force(context: Context, node_id: str | None) -> list[EditionRow]:
    language = context.settings.language
    official = [*(report.key for report in context.bundle.programme.reports), ERRATUM]
    return [
        edition
        for report in (official if language == CHINESE else [report_in(language)])
        for node, edition in latest_editions(context.store, *context.key, report).items()
        if node_id in (None, node)
    ]


def faults_listing(context: Context, node_id: str | None = None) -> pd.DataFrame:
    """The faults of the editions in force with their sentences and remedies, of one node or of all."""
    faults = faults_frame(context.store, *context.key)
    faults = faults[faults["edition_id"].isin([edition["edition_id"] for edition in _in_force(context, node_id)])]
    texts = fault_texts()
    return faults.assign(
        says=[texts[rule].sentence for rule in faults["rule"]],
        remedy=[texts[rule].remedy for rule in faults["rule"]],
    ).drop(columns=["edition_id", "position"])
