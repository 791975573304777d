"""The forms a programme's units fill in: its layout, built out of its indicators and the shared identity columns."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field

from etl.core.period import Period
from etl.core.programmes.filing import IndicatorUse
from etl.core.programmes.indicators import Grain, Indicator, IndicatorCatalogue, Model
from etl.core.programmes.layout import Column, ColumnType, Layout, TableLayout
from etl.core.programmes.programme import Programme

PART = "__"  # joins an indicator and its part in a column key: branches_named__county


class DatedHeading(Model):
    """A heading that sheets carry from one day until another."""

    text: str
    since: dt.date = dt.date.min
    until: dt.date = dt.date.max


class IdentityColumn(Model):
    """A column that says whose row it is, not a figure."""

    key: str
    headings: tuple[str, ...]
    type: Literal["text", "name", "code", "choice", "date", "whole", "yes_no"]
    required: bool = False
    unit: str | None = None
    only_with: Literal["township", "rectify_first"] | None = None
    since: dt.date = dt.date.min  # the column stands in forms of periods that end on this day or later


class FormTable(Model):
    zh: str
    sheet_names: tuple[str, ...]
    columns: tuple[IdentityColumn, ...]


class Forms(Model):
    """The shared forms.yaml."""

    tables: Mapping[str, FormTable]
    choices: Mapping[str, Mapping[str, str]]
    yes_no: Mapping[str, bool]
    value_types: Mapping[ColumnType, str]


class OwnForms(Model):
    """A programme's own forms.yaml: more headings for its columns, more words for its choices, dated where they changed."""

    headings: Mapping[str, Mapping[str, tuple[DatedHeading | str, ...]]] = Field(default_factory=dict)
    choices: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)


def tables_of(programme: Programme) -> tuple[str, ...]:
    """The record types that the programme's units send: all four where the leaf is a branch, else the unit's own figures."""
    return (
        ("branches", "unit_figures", "activities", "honours")
        if programme.leaf == "branch"
        else ("unit_figures",)
    )


def parts_of(use: IndicatorUse, programme: Programme, catalogue: IndicatorCatalogue) -> dict[str, str]:
    """The parts that an indicator is broken down into, as part key → Chinese; empty without a breakdown.

    ValueError for a breakdown that nobody defines.
    """
    parts: dict[str, str] = {}
    for breakdown in use.by:
        own = _breakdown(breakdown, programme, catalogue)
        parts = (
            {f"{a}_{b}": f"{x}{y}" for a, x in parts.items() for b, y in own.items()} if parts else dict(own)
        )
    return parts


def _breakdown(key: str, programme: Programme, catalogue: IndicatorCatalogue) -> Mapping[str, str]:
    if key == "level":
        return {level.key: level.zh for level in programme.levels}
    if key == "tier":
        return {tier: zh for tier, zh in programme.tier_names().items() if tier != programme.leaf}
    if key == "title" and programme.commendation:
        return {f"title_{number}": title for number, title in enumerate(programme.commendation.titles, 1)}
    if key in catalogue.breakdowns:
        return catalogue.breakdowns[key]
    raise ValueError(f"{programme.programme}: unknown breakdown {key}")


def grain_of(use: IndicatorUse, catalogue: IndicatorCatalogue) -> Grain:
    """Who files the figure: a branch, a submitting unit, or the activity ledger."""
    return use.filed_by or catalogue.indicators[use.key].filed_by


def filed_uses(programme: Programme, catalogue: IndicatorCatalogue, table: str) -> Iterator[IndicatorUse]:
    """The indicators that have columns in a table; a control total stands in both."""
    for use in programme.indicators:
        derived = catalogue.indicators[use.key].kind == "derived"
        grain = grain_of(use, catalogue)
        if (table == "branches" and grain == "branch") or (
            table == "unit_figures"
            and grain != "ledger"
            and (grain == "unit" or (use.control_total and not derived))
        ):
            yield use


def build_layout(
    programme: Programme, catalogue: IndicatorCatalogue, forms: Forms, own: OwnForms, period: Period
) -> Layout:
    """The layout in force on the period's last day. ValueError for a heading given to a column that is not there."""
    tables = []
    for name in tables_of(programme):
        form = forms.tables[name]
        columns = [
            *_identity_columns(form, programme, forms, own, period.last_day),
            *_figure_columns(name, programme, catalogue, forms),
        ]
        extra = own.headings.get(name, {})
        unknown = set(extra) - {column.key for column in columns}
        if unknown:
            raise ValueError(
                f"{programme.programme}: forms.yaml names unknown columns {', '.join(sorted(unknown))}"
            )
        dated = [_with_headings(column, extra.get(column.key, ()), period.last_day) for column in columns]
        tables.append(
            TableLayout(
                key=name, columns=tuple(dated), sheet_names=form.sheet_names, one_row=name == "unit_figures"
            )
        )
    return Layout(programme=programme.programme, tables=tuple(tables))


def _identity_columns(
    form: FormTable, programme: Programme, forms: Forms, own: OwnForms, day: dt.date
) -> Iterator[Column]:
    for column in form.columns:
        if day < column.since:
            continue
        if column.only_with == "township" and "township" not in programme.tier_keys():
            continue
        if column.only_with == "rectify_first" and not (
            programme.gate and programme.gate.rectify_first.value
        ):
            continue
        yield Column(
            key=column.key,
            headings=column.headings,
            type=column.type,
            required=column.required,
            choices=_choices(column, programme, forms, own),
        )


def _choices(column: IdentityColumn, programme: Programme, forms: Forms, own: OwnForms) -> dict[str, str]:
    if column.type == "yes_no":
        return {word: "1" if yes else "0" for word, yes in forms.yes_no.items()}
    if column.key == "branch_kind":
        return {kind.zh: kind.kind for kind in programme.branch_kinds}
    if column.key == "level":
        named = {level.zh: level.key for level in programme.levels}
        return named | {
            alias: level.key for level in programme.levels for alias in (*level.aliases, *level.titles.values())
        }
    if column.key == "conferred_tier":
        own_words = tier_words(programme)  # 市级 is what this programme calls so
        return own_words | {
            word: tier for word, tier in forms.choices[column.key].items() if word not in own_words
        }
    return {**forms.choices.get(column.key, {}), **own.choices.get(column.key, {})}


def tier_words(programme: Programme) -> dict[str, str]:
    """The word that forms have for each of the programme's tiers above its leaf (州（市）级) → the tier."""
    return {f"{tier.zh}级": tier.tier for tier in programme.tiers[1:]}


def _figure_columns(
    table: str, programme: Programme, catalogue: IndicatorCatalogue, forms: Forms
) -> Iterator[Column]:
    yes_no = {word: "1" if yes else "0" for word, yes in forms.yes_no.items()}
    for use in filed_uses(programme, catalogue, table):
        indicator, unit = catalogue.indicators[use.key], catalogue.unit_of(use.key)
        answered = table == "branches" and indicator.yes_no_at_branch
        value_type = "yes_no" if answered else unit.value_type
        names = _headings(indicator, use, unit.zh if unit.words else None)
        words = () if answered else unit.words
        choices = yes_no if value_type == "yes_no" else {}
        controls = table == "unit_figures" and use.control_total  # the branches' own column stays required
        yield Column(
            key=use.key, headings=names, type=value_type, indicator=use.key, unit_words=words, choices=choices,
            required=use.required and indicator.kind != "derived" and use.tier is None and not controls,
        )
        for part, zh in parts_of(use, programme, catalogue).items():
            called = (zh, *_own_titles(use, part, programme))
            headings = tuple(f"{name}/{each}" for each in called for name in names)
            yield Column(
                key=f"{use.key}{PART}{part}", headings=headings, type=value_type,
                indicator=use.key, part=part, unit_words=words, choices=choices,
            )


def _own_titles(use: IndicatorUse, part: str, programme: Programme) -> list[str]:
    """What places call a level by a name of their own, where a part is a level."""
    if use.by != ("level",):
        return []
    return [title for level in programme.levels if level.key == part for title in level.titles.values()]


def _headings(indicator: Indicator, use: IndicatorUse, unit_zh: str | None) -> tuple[str, ...]:
    names = dict.fromkeys((indicator.zh, *indicator.synonyms, *use.headings))
    bare = [name for name in names if unit_zh and "（" not in name]
    return (*names, *(f"{name}（{unit_zh}）" for name in bare))


def _with_headings(column: Column, extra: tuple[DatedHeading | str, ...], day: dt.date) -> Column:
    more = [
        heading if isinstance(heading, str) else heading.text
        for heading in extra
        if isinstance(heading, str) or heading.since <= day <= heading.until
    ]
    return column.model_copy(update={"headings": (*column.headings, *more)}) if more else column
