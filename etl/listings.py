"""Listings for people and for other programs: frames of what the store holds, shown as a table, CSV or JSON."""

import datetime as dt
import sys
from collections.abc import Container, Hashable, Mapping

import pandas as pd
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

from etl.core.period import Period
from etl.core.register import OWN
from etl.edges.programmes import load_bundle, load_rules, programme_folders
from etl.edges.reading_rules import document_rules, reading_rules
from etl.edges.store.database import open_store
from etl.edges.store.results import frame
from etl.edges.store.returns import filed_periods
from etl.errors import Misuse
from etl.settings import settings
from etl.stages.context import Context, open_context
from etl.stages.explanations import faults_that_stand, findings_with_answers
from etl.stages.feedback import file_names
from etl.stages.frames import rule_texts, unit_states
from etl.stages.what_if import totals_if_held_return

_MOST_FOLDED = 1.5  # times the terminal's width: beyond it a table's cells are too narrow to read
_NEVER_FOLDED, _LEAST_FOLDED = 12, 10  # columns: so short a cell stays whole, a longer one is folded no narrower
_UNBOUND = 10_000
_BETWEEN = "   "  # two fields of a record
_TO_ACT = ("missing", "late", "returned", "held", "partly_accepted")
_NO_NEED = ("due", "received", "checking", "accepted")
_MOST_NAMED = 5


def totals_listing(programme: str, period: str, place: str | None) -> pd.DataFrame:
    """Totals with their Chinese names, of one place (by code) or of all. Misuse if the code is not in the programme."""
    context = open_context(programme, period)
    totals = frame(context.store, "totals", *context.key)
    if place is not None:
        totals = totals[(totals["code"] == place) & (totals["tier"] != OWN)]
        if totals.empty:
            raise Misuse(
                f"no totals for {place} in {programme} {period}: run `sanji rollup`, or check the code"
            )
    totals.insert(5, "indicator_zh", totals["indicator"].map(_indicator_names(context)))
    return totals.drop(columns=["programme", "period", "parent_id"])


def totals_on_listing(programme: str, period: str, place: str | None, day: str) -> pd.DataFrame:
    """Totals drawn on the divisions of a day, beside those as filed; of one place, by its code of that day, or of all."""
    from etl.stages.two_maps import totals_on

    context = open_context(programme, period)
    totals = totals_on(context, _day(day))
    if place is not None:
        totals = totals[totals["code"] == place]
        if totals.empty:
            raise Misuse(
                f"no totals for {place} on the divisions of {day}: run `sanji rollup`, or check the code"
            )
    totals.insert(4, "indicator_zh", totals["indicator"].map(_indicator_names(context)))
    return totals


def _indicator_names(context: Context) -> dict[str, str]:
    return {key: each.zh for key, each in context.bundle.catalogue.indicators.items()}


def divisions_listing(programme: str, period: str, day: str) -> pd.DataFrame:
    """What changed in the programme's divisions from the period's last day to a day."""
    from etl.stages.two_maps import differences_frame

    return differences_frame(open_context(programme, period), _day(day))


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise Misuse(f"{text} is not a day: write 2026-06-30") from error


def what_if_listing(programme: str, period: str, place: str | None) -> pd.DataFrame:
    """A place's totals (the top's without a code) as they stand, and if all held rows counted. Misuse if it is unknown."""
    context = open_context(programme, period)
    nodes = {node.code: node.node_id for node in context.register.nodes if node.tier != OWN}
    if place is not None and place not in nodes:
        raise Misuse(f"no place or unit {place} in {programme} {period}")
    return totals_if_held_return(context, nodes[place] if place else context.register.top.node_id)


def rules_listing(day: dt.date | None) -> pd.DataFrame:
    """One row a rule, those in force on a day or all: id, suite, level, sentence, remedy, example, since, until, waivable_by."""
    rows = [
        {"rule": rule.id, "suite": suite.suite, "level": rule.meta.level, "sentence": rule.description,
         "remedy": rule.meta.remedy, "example": rule.meta.example, "since": rule.meta.since, "until": rule.meta.until,
         "waivable_by": rule.meta.waivable_by}
        for suite in load_rules()
        for rule in (suite.expectations if day is None else suite.rules_on(day))
    ]
    told = ("level", "sentence", "remedy", "example")
    rows += [
        {"rule": key, "suite": suite, **{name: getattr(each, name) for name in told}}
        for suite, catalogue in (("reading", reading_rules()), ("documents", document_rules()))
        for key, each in catalogue.items()
    ]
    columns = "rule suite level sentence remedy example since until waivable_by".split()
    return pd.DataFrame(rows, columns=columns).astype(object).where(lambda each: each.notna(), None)


def findings_listing(programme: str, period: str, unit: str | None) -> pd.DataFrame:
    """Findings as they stand, with the rule's sentence and remedy. Misuse if no unit has the code."""
    context = open_context(programme, period)
    found = findings_with_answers(context, None)
    if unit is not None:
        found = found[found["unit_id"].isin(context.unit_ids_of(unit))]
    texts = rule_texts(context)
    files = file_names(context)
    found = found.assign(
        unit=found["unit_id"].map(context.register.names),
        file=found["receipt_id"].map(files),
        observed=found["shown"].where(found["shown"].notna(), found["observed"]),
        sentence=found["rule"].map(lambda rule: texts[rule][0]),
        remedy=found["rule"].map(lambda rule: texts[rule][1]),
    )
    columns = [
        "finding_key",
        "unit",
        "subject_id",
        "file",
        "sheet",
        "row_number",
        "column_letter",
        "heading",
        "rule",
        "level",
        "sentence",
        "observed",
        "expected",
        "remedy",
        "state",
        "waivable_by",
        "answer",
        "until",
    ]
    return found[columns].sort_values(["unit", "file", "sheet", "row_number", "rule"], na_position="first")


def status_listing(programme: str, period: str) -> pd.DataFrame:
    """One row a unit: code, name, status, days late, rows held, findings."""
    context = open_context(programme, period)
    states = unit_states(context, faults_that_stand(context))
    return states.drop(columns=["unit_id", "node_id"])


def tally(states: pd.DataFrame) -> str:
    """How many units stand where, those with whom somebody must act first, and named where they are few.

    >>> tally(pd.DataFrame({"name": ["甲县", "乙县"], "status": ["accepted", "late"], "rows_held": [2, 0]}))
    '2 units: late 1 (乙县), accepted 1; rows held 2'
    """
    names = states.groupby("status")["name"].agg(list)
    told = []
    for status in (each for each in (*_TO_ACT, *_NO_NEED) if each in names.index):
        who = names[status]
        named = status in _TO_ACT and len(who) <= _MOST_NAMED
        told.append(f"{status} {len(who)}" + f" ({', '.join(who)})" * named)
    return f"{len(states)} units: {', '.join(told)}; rows held {states['rows_held'].sum()}"


def programmes_listing() -> pd.DataFrame:
    """One row a programme: key, title, top place, days in force, indicators."""
    rows = []
    for key in programme_folders(settings().programmes_dir):
        each = load_bundle(key, settings().programmes_dir).programme
        rows.append(
            (key, each.title.zh, each.top.code, each.valid.since, each.valid.until, len(each.indicators))
        )
    return pd.DataFrame(rows, columns=["programme", "title", "top", "since", "until", "indicators"])


def nothing_listed(programme: str, period: str) -> str:
    """What to say of an empty listing: that nothing has come in for the period, if so, and for which it has."""
    filed = [each for key, each in filed_periods(open_store(settings().database_url)) if key == programme]
    of_parts = filed and Period.parse(period).kind != Period.parse(filed[0]).kind  # a year is of two half-years
    return "nothing to list" if period in filed or of_parts else f"nothing to list: {nothing_came(programme, period)}"


def nothing_came(programme: str, period: str) -> str:
    """That nothing has come in for a period, and for which it has."""
    filed = [each for key, each in filed_periods(open_store(settings().database_url)) if key == programme]
    there = f"only for {', '.join(filed)}" if filed else "nor for any other period"
    return f"nothing has come in for {programme} {period}, {there}"


def show(rows: pd.DataFrame, how: str) -> None:
    """Print a frame as `table`, `csv` or `json`; Misuse for anything else."""
    rows = rows.convert_dtypes(convert_string=False, convert_boolean=False)  # a row number beside a missing one is 2, not 2.0
    if how == "csv":
        rows.to_csv(sys.stdout, index=False)
    elif how == "json":
        sys.stdout.write(
            rows.map(_day_alone).to_json(orient="records", force_ascii=False, date_format="iso", indent=1) + "\n"
        )
    elif how == "table":
        _print(rows.map(_told))
    else:
        raise Misuse(f"--format {how}: write table, csv or json")


def _day_alone(value: object) -> object:
    """A day as it is written; pandas would give it midnight."""
    return value.isoformat() if isinstance(value, dt.date) and not isinstance(value, dt.datetime) else value


def _told(value: object) -> str:
    return "" if pd.isna(value) else f"{value:.12g}" if isinstance(value, float) else str(value)


def _print(texts: pd.DataFrame) -> None:
    """As a table, folded where it is a little too wide for the terminal; as records where folding would tear it to shreds.

    What is the same in every row of a table too wide is said once above it.
    """
    console = Console()
    table = _table(texts)
    if not console.is_terminal:
        Console(width=max(_width(table), 1)).print(table)  # another program reads it, or a pager: a line a row
    elif _width(table) <= console.width:
        console.print(table)
    else:
        alike = [name for name in texts.columns if len(texts) > 1 and texts[name].nunique() == 1]
        _print_fields(console, {name: texts[name].iloc[0] for name in alike})
        _print_narrow(console, texts.drop(columns=alike))


def _print_narrow(console: Console, texts: pd.DataFrame) -> None:
    folded = {name for name in texts.columns if texts[name].map(_may_be_folded).any()}
    narrowest = _width(_table(texts.assign(**{str(name): "x" * _LEAST_FOLDED for name in folded}), narrow=True))
    table = _table(texts, folded, narrow=True)
    if narrowest <= console.width and _width(table) <= console.width * _MOST_FOLDED:
        console.print(table)
        return
    for number, row in enumerate(texts.to_dict("records"), 1):
        console.rule(f"{number}/{len(texts)}", align="left", style="dim")
        _print_fields(console, row)


def _may_be_folded(text: str) -> bool:
    is_key = text.isascii() and " " not in text  # to be copied whole
    return cell_len(text) > _NEVER_FOLDED and not is_key


def _table(texts: pd.DataFrame, folded: Container[object] = (), *, narrow: bool = False) -> Table:
    heads = {name: str(name).replace("_", "_\n") if narrow else str(name) for name in texts.columns}
    columns = (Column(head, overflow="fold", no_wrap=name not in folded) for name, head in heads.items())
    table = Table(*columns, box=None, header_style="bold", padding=(0, 1 if narrow else 2, 0, 0), pad_edge=False)
    for row in texts.itertuples(index=False):
        table.add_row(*map(Text, row))
    return table


def _width(table: Table) -> int:
    console = Console()
    return Measurement.get(console, console.options.update(max_width=_UNBOUND), table).maximum


def _print_fields(console: Console, fields: Mapping[Hashable, str]) -> None:
    """Name and text of each field that is not empty, as many on a line as fit."""
    line = Text()
    for name, text in fields.items():
        field = Text.assemble((str(name), "bold"), " ", text)
        if text and line and line.cell_len + len(_BETWEEN) + field.cell_len > console.width:
            console.print(line, overflow="fold")
            line = Text()
        if text:
            line.append_text(Text(_BETWEEN) + field if line else field)
    if line:
        console.print(line, overflow="fold")
