"""Report lint: before an edition may leave, all that it says is worked out again from the store and held against it.

The prose is read, not rewritten: see `claims`. Tables and charts of the model are compared figure by figure
(`tables`, `year`, `errata`); what is no matter of figures is in `text` and `privacy`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from etl.core.annual.model import YearPaper
from etl.core.lint.claims import Fault, Grammar, check_text
from etl.core.lint.errata import ErratumFacts, erratum_told, lint_erratum_rows
from etl.core.lint.facts import NodeFacts
from etl.core.lint.paper import Paper
from etl.core.lint.places import ReportFacts
from etl.core.lint.privacy import Private, lint_private
from etl.core.lint.reading import report_facts
from etl.core.lint.tables import lint_sums, lint_tables
from etl.core.lint.text import lint_headings, lint_placeholders, lint_sections, lint_signature
from etl.core.lint.told import Told
from etl.core.lint.year import year_told
from etl.core.lint.year_facts import YearFacts
from etl.core.lint.year_tables import lint_year_tables
from etl.core.reports.errata import ErratumPaper
from etl.core.reports.model import DISPATCH, Report


@dataclass(frozen=True)
class Checks:
    """What editions of one programme and period are checked with.

    `summed`: indicators whose totals add up. `people`: names that may not stand in this kind of paper.
    """

    grammar: Grammar
    private: Private
    summed: Collection[str]
    people: Sequence[str] = ()


def lint(
    model: Report, facts: NodeFacts, checks: Checks, pages: Iterable[str] | None = None
) -> list[Fault]:
    """All that keeps an edition from leaving, in the order of the document; empty if it may leave.

    `pages`: the texts of the printed pages, where there is a printed form.
    """
    told = report_facts(facts, model["annexes"])
    known = [*told.scalars.names["units"], *(str(row["name"]) for row in facts.frames.nodes.values())]
    return [
        *_read_back(model, told, checks.grammar),
        *lint_tables(model, told),
        *lint_sums(facts, checks.summed),
        *lint_sections(model),
        *lint_placeholders(model, known),
        *lint_private(model, checks.private, known, checks.people),
        *([] if pages is None else lint_signature(model, pages)),
    ]


def lint_year_paper(
    model: YearPaper, facts: YearFacts, checks: Checks, pages: Iterable[str] | None = None
) -> list[Fault]:
    """All that keeps a naming decision, a recommendation or a commendation summary from leaving.

    Its names stand there on purpose, so that `checks.people` is not asked.
    """
    told = year_told(facts, checks.grammar, model["kind"])
    return [
        *_read_back(model, told, checks.grammar),
        *lint_year_tables(model, facts),
        *lint_headings(model),
        *lint_anything(model, checks),
        *([] if pages is None else lint_signature(model, pages)),
    ]


def lint_erratum(
    model: ErratumPaper, facts: ErratumFacts, checks: Checks, pages: Iterable[str] | None = None
) -> list[Fault]:
    """All that keeps a correction from leaving."""
    return [
        *_read_back(model, erratum_told(model, facts, checks.grammar), checks.grammar),
        *lint_erratum_rows(model, facts),
        *lint_headings(model),
        *lint_anything(_without_keys(model), checks),
        *([] if pages is None else lint_signature(model, pages)),
    ]


def _without_keys(model: ErratumPaper) -> Mapping[str, object]:
    """An erratum without what its rows are about by key: `attendance_rate@county.ranks` is printed nowhere and no mailbox."""
    return {**model, "rows": [{name: each for name, each in row.items() if name != "key"} for row in model["rows"]]}


def lint_anything(model: Mapping[str, object], checks: Checks) -> list[Fault]:
    """What no paper may hold, whatever it is about: placeholders, phones, identity numbers, health."""
    known: list[str] = []
    return [*lint_placeholders(model, known), *lint_private(model, checks.private, known)]


def texts_of(model: Paper) -> Iterator[tuple[str, str, int]]:
    """Every text of a paper that the templates wrote: its place, the text, the ranked group or row of a list it is about."""
    groups = model["ranking"]["groups"] if model["kind"] == DISPATCH else []
    charted = next((i for i, group in enumerate(groups) if group["chart"]), 0)  # labels of no list speak of it
    for number, block in enumerate(model["blocks"]):
        yield f"blocks/{number}", block["text"], 0
    for key, label in model["labels"].items():
        if isinstance(label, str):
            yield f"labels/{key}", label, charted
        else:
            for number, text in enumerate(label):
                yield f"labels/{key}/{number}", text, number if key in _LISTED or key.startswith("group_") else charted


_LISTED = ("check_rules",)
"""Labels that come one a row of a table."""


def _read_back(model: Paper, told: ReportFacts | Told, grammar: Grammar) -> list[Fault]:
    """Numbers, ranks, comparisons, names and lists in the texts that the facts do not bear out."""
    return [
        fault
        for place, text, scope in texts_of(model)
        for fault in check_text(place, text, grammar, told.lexicon, told, scope)
    ]
