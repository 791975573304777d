"""Declared corrections: a known error of a source, put right before typing, with a guard that tells when it is no longer needed.

For what a unit cannot file again (an office that is closed, a paper that stands). Configuration, so that it is reviewed like a
rule; never a silent edit: each stands among the repairs, and in rule C01 once the source says something else.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import model_validator

from etl.core import casts
from etl.core.judging.views import ROW_KEY, Statement, branch_key, table, text_table
from etl.core.period import Period
from etl.core.programmes.indicators import Model
from etl.core.programmes.layout import Layout, TableLayout
from etl.core.programmes.sourced import Sourced


class CorrectionFile(Model):
    """A programme's corrections.yaml."""

    corrections: tuple["Correction", ...] = ()


class Correction(Sourced):
    """One cell of one source: what stands there wrongly (the guard) and what it should say."""

    unit: str  # unit_id
    table: Literal["branches", "unit_figures"]
    branch: str | None = None  # None: the unit's own row
    column: str
    wrong: str
    fix: str
    reason: str
    told: str  # which office was told, and when
    since: str
    until: str  # the last period, included: no correction is for ever

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "Correction":
        if Period.parse(self.until) < Period.parse(self.since):
            raise ValueError(f"{self.unit} {self.column}: until {self.until} is before since {self.since}")
        if self.wrong == self.fix:
            raise ValueError(f"{self.unit} {self.column}: the fix is what stands there")
        if (self.table == "branches") != (self.branch is not None):  # else it would put right every branch of the unit
            raise ValueError(f"{self.unit} {self.column}: name the branch for branches, and none for unit_figures")
        return self

    def holds_in(self, period: Period) -> bool:
        """Whether it is for that period."""
        return Period.parse(self.since) <= period <= Period.parse(self.until)


DECLARED = (*ROW_KEY, "subject_id", "column_key", "text", "wrong", "fix", "changed_text")


def declared(layout: Layout, corrections: Sequence[Correction]) -> Statement:
    """The table `declared_corrections`: the cells that corrections are about, before they are put right; at least one.

    `changed_text` is what stands there instead of the wrong text, None while the guard holds.
    """
    selects = [_cell(layout.table(each.table), each) for each in corrections]
    return sa.union_all(*selects) if len(selects) > 1 else selects[0]


def repairs() -> sa.Select[Any]:
    """The cells that were put right, columns as in `views.repairs`."""
    source = table("declared_corrections", DECLARED)
    kept = [source.c[name] for name in (*ROW_KEY, "column_key")]
    told = (source.c.wrong.label("text_before"), source.c.fix.label("text_after"))
    return sa.select(*kept, *told).where(source.c.changed_text.is_(None))


def _cell(layout: TableLayout, correction: Correction) -> sa.Select[Any]:
    source = text_table(layout)
    text = source.c[correction.column]
    changed = sa.case((text.is_distinct_from(casts.literal(correction.wrong)), sa.func.coalesce(text, casts.NOT_FILLED)))
    keys = [source.c[name] for name in ROW_KEY if name != "table_name"]
    subject = branch_key(source) if correction.branch else source.c.unit_id
    return sa.select(
        *keys, casts.literal(layout.key).label("table_name"), subject.label("subject_id"),
        casts.literal(correction.column).label("column_key"), text.label("text"),
        casts.literal(correction.wrong).label("wrong"), casts.literal(correction.fix).label("fix"),
        changed.label("changed_text"),
    ).where(*_place(source, correction))


def fixes(layout: Layout, corrections: Iterable[Correction]) -> list[sa.Update]:
    """The updates of the text tables that put the wrong cells right, and those alone."""
    return [_fix(text_table(layout.table(each.table)), each) for each in corrections]


def _fix(source: sa.TableClause, correction: Correction) -> sa.Update:
    wrong = source.c[correction.column] == correction.wrong
    return sa.update(source).where(*_place(source, correction), wrong).values({correction.column: correction.fix})


def _place(source: sa.TableClause, correction: Correction) -> list[sa.ColumnElement[bool]]:
    mine: list[sa.ColumnElement[bool]] = [source.c.unit_id == casts.literal(correction.unit)]
    if correction.branch is not None:
        mine.append(branch_key(source) == casts.literal(correction.branch))
    return mine
