"""Explain: a figure of an edition → its formula, the values below it, every filed cell, and what was said about each.

All is read from the inputs that the edition was made from, so that an old edition is explained by what was known then.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from etl.core.period import Period
from etl.core.programmes.indicators import Indicator
from etl.core.register import OWN
from etl.core.reports.model import Report
from etl.core.rows import EditionRow
from etl.core.totals.figures import (
    ABOUT_THE_PAPER,
    ASPECTS,
    COUNTED,
    Base,
    FigureAddress,
    filed_parts,
    parse_address,
    value_of,
)
from etl.edges.store.editions import editions_of_report
from etl.edges.templates import wording
from etl.errors import Misuse
from etl.stages.context import Context, open_context
from etl.stages.editions import kept_report
from etl.stages.explain_counts import Counted, Question, explain_count
from etl.stages.filed_cells import filed_rows
from etl.stages.inputs import inputs_of
from etl.stages.render import REPORT
from etl.stages.trace import ROW_COLUMNS, cell_places, said_about

Row = dict[str, Any]


@dataclass(frozen=True)
class Explained:
    """One figure and all that it is made of. Frames are empty where there is nothing to show."""

    figure: Row
    parts: pd.DataFrame
    below: pd.DataFrame
    rows: pd.DataFrame
    findings: pd.DataFrame
    said: pd.DataFrame
    slices: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """What stands under the figure, by name."""
        return {name: getattr(self, name) for name in ("parts", "below", "rows", "findings", "said", "slices")}


def as_plain(found: Explained | Counted) -> dict[str, Any]:
    """A figure and what stands under it as plain values, None for what is not there."""
    plain = {
        name: each.astype(object).where(each.notna(), None).to_dict("records")
        for name, each in found.frames().items()
    }
    return {"figure": found.figure, **plain}


def find_edition(context: Context, name: str) -> EditionRow:
    """The edition of that id, or the newest of the node with that code or id; `530100-r1` for one number of it."""
    editions = editions_of_report(context.store, *context.key, REPORT)
    if name in editions:
        return editions[name]
    code, _, number = name.partition("-r")
    mine = [
        row
        for row in editions.values()
        if code in (row["node_id"], context.register.node(row["node_id"]).code) and number in ("", str(row["number"]))
    ]
    if not mine:
        told = "give its id, or the code of a place that has a report" if editions else "run `sanji render` first"
        raise Misuse(f"no edition {name} in {' '.join(context.key)}: {told}")
    return mine[-1]


def explain(context: Context, edition: EditionRow, address: str) -> Explained | Counted:
    """Whatever has an address in an edition, explained: an indicator's figure by its cells, a count by what it counts.

    `figure["told"]` is how the edition prints it, '' where it stands in no sentence. Misuse for an address that is none, or
    names what the edition does not have.
    """
    asked = _parsed(address)
    model = kept_report(context.landing, edition)
    if asked.key in COUNTED:
        return _count(context, edition, model, asked, address)
    found = explain_figure(context, edition, address)
    node_id = _node_id(context, asked.node or edition["node_id"])
    plain = "" if asked.base else found.figure["address"]
    found.figure["told"] = told_as(model, address, node_id, plain)
    return found


def _count(context: Context, edition: EditionRow, model: Report, asked: FigureAddress, address: str) -> Counted:
    node_id = _node_id(context, asked.node or edition["node_id"])
    value, rows = explain_count(Question(context, model, node_id, asked))
    plain = f"{node_id}#{asked.key}{'.' if asked.part else ''}{asked.part}"
    figure = {
        "edition_id": edition["edition_id"],
        "edition_number": edition["number"],
        "address": plain,
        "node_id": node_id,
        "name": _name(context, node_id),
        "period": str(context.period),
        "told": told_as(model, address, node_id, "" if asked.aspect else plain),  # else another count would stand for it
        "value": value,
    }
    return Counted(figure, rows)


def told_as(model: Report, address: str, node_id: str, plain: str) -> str:
    """The first text of an edition's prose that tells the figure at an address, as it is printed there."""
    full = address if "#" in address and not address.startswith("#") else f"{node_id}#{address.lstrip('#')}"
    for block in model["blocks"]:
        for span in block["spans"]:
            if span["address"] in (full, plain):
                return block["text"][span["start"] : span["end"]]
    return ""


def _parsed(address: str) -> FigureAddress:
    try:
        return parse_address(address)
    except ValueError as error:
        raise Misuse(str(error)) from error


def explain_figure(context: Context, edition: EditionRow, address: str) -> Explained:
    """A figure of an edition, explained. Misuse for an address that is none, or names what the edition does not have."""
    asked = _parsed(address)
    if asked.key in ABOUT_THE_PAPER:
        raise Misuse(f"{address} is what the paper says of itself, no figure")
    if asked.aspect not in (*ASPECTS, *wording().tiers):
        raise Misuse(f"{address}: of an indicator {', '.join(filter(None, ASPECTS))} are told, not {asked.aspect}")
    indicator = context.bundle.catalogue.indicators.get(asked.key)
    if indicator is None:
        raise Misuse(f"{asked.key} is no indicator of {context.key[0]}: see docs/indicators.md for the keys")
    period = str(_period_at(Period.parse(asked.period) if asked.period else context.period, asked.base))
    when = context if period == str(context.period) else open_context(context.key[0], period)
    slices = inputs_of(context, edition)["slices"].get(period)
    if slices is None:
        raise Misuse(f"edition {edition['edition_id']} was not made from figures of {period}")
    node_id = _node_id(when, asked.node or edition["node_id"])
    rows = filed_rows(when, slices, indicator, asked.part, node_id)
    return _explained(when, edition, asked, indicator, node_id, rows, slices)


def bases_of(context: Context, edition: EditionRow) -> list[Base]:
    """What an edition's figures can be held against: the periods beside its own from which anything had come."""
    slices = inputs_of(context, edition)["slices"]
    bases: tuple[Base, ...] = ("previous", "last_year") if context.period.kind != "batch" else ()
    return [base for base in bases if slices.get(str(_period_at(context.period, base)))]


def _period_at(named: Period, base: Base) -> Period:
    """The period that a figure of `named` is of, or is held against."""
    if base == "previous":
        return named.previous()
    return named.same_last_year() if base == "last_year" else named


def _node_id(context: Context, name: str) -> str:
    """A node's id out of its id or code; townships are known by their figures only, and taken as they are."""
    for node in context.register.nodes:
        if name == node.node_id or (name == node.code and node.tier != OWN):
            return node.node_id
    if "/" in name:
        return name
    raise Misuse(f"no node {name} in {' '.join(context.key)}")


def _explained(
    context: Context, edition: EditionRow, asked: FigureAddress, indicator: Indicator, node_id: str, rows: list[Row],
    slices: list[Row],
) -> Explained:
    value = value_of(indicator, rows)
    found = said_about(context, rows, filed_parts(indicator))
    used = {(row["unit_id"], row["table_name"]) for row in rows}
    made_of = [row for row in slices if (row["unit_id"], row["table_name"]) in used]
    figure = {
        "edition_id": edition["edition_id"],
        "edition_number": edition["number"],
        "address": f"{node_id}#{asked.key}{'.' if asked.part else ''}{asked.part}",
        "node_id": node_id,
        "name": _name(context, node_id),
        "indicator": asked.key,
        "indicator_zh": indicator.zh,
        "part": asked.part,
        "period": str(context.period),
        "value": None if value is None else float(value),
        "rollup": indicator.rollup,
        "formula": indicator.formula or "",
        "cells": len(rows),
        "units": len({row["unit_id"] for row in rows}),
    }
    return Explained(
        figure,
        _parts(context, indicator, rows),
        _below(context, indicator, node_id, rows),
        pd.DataFrame(cell_places(context, rows), columns=ROW_COLUMNS),
        found.findings,
        found.said,
        pd.DataFrame(made_of, columns=["unit_id", "table_name", "receipt_id", "path"]),
    )


def _name(context: Context, node_id: str) -> str:
    return context.register.names.get(node_id, node_id.rpartition("/")[2])


def _parts(context: Context, indicator: Indicator, rows: list[Row]) -> pd.DataFrame:
    """The sums that a derived figure is worked out of, in the formula's order; empty for one that is filed."""
    keys = filed_parts(indicator) if indicator.kind == "derived" else ()
    catalogue = context.bundle.catalogue.indicators
    sums = [(key, catalogue[key].zh, value_of(catalogue[key], rows)) for key in keys]
    plain = [(key, zh, None if value is None else float(value)) for key, zh, value in sums]
    return pd.DataFrame(plain, columns=["indicator", "indicator_zh", "value"])


def _below(context: Context, indicator: Indicator, node_id: str, rows: list[Row]) -> pd.DataFrame:
    """The figure of each node straight below, out of the same cells; what the node filed of itself stands as itself."""
    children = [node.node_id for node in context.register.children(node_id)] if "/" not in node_id else []
    inside = {child: context.register.subtree(child) for child in children}
    groups: dict[str, list[Row]] = {}
    for row in rows:
        unit = str(row["node_id"]).split("/", 1)[0]
        home = next((child for child, nodes in inside.items() if unit in nodes), str(row["node_id"]))
        groups.setdefault(home, []).append(row)
    values: list[tuple[str, str, Decimal | None, int]] = [
        (home, _name(context, home), value_of(indicator, mine), len(mine)) for home, mine in groups.items()
    ]
    plain = [
        (home, name, None if value is None else float(value), cells) for home, name, value, cells in values
    ]
    return pd.DataFrame(sorted(plain), columns=["node_id", "name", "value", "cells"])
