"""Runs the suites: Great Expectations judges every rule, one SQL statement lists the rows that fail.

Great Expectations lists at most 20 or 200 failing rows on SQL and loops over every one of them elsewhere, so
rows come from a union of the very conditions it compiles. Its import takes seconds: it happens on first use.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from etl.core import casts
from etl.core.judging.rules import LEVELS, Rule, Suite
from etl.edges.engine import columns_of, fetch
from etl.errors import Bug, ConfigError

if TYPE_CHECKING:
    from etl.edges.gx_duckdb import Condition

_FAILING_COLUMNS = ("rule", "column_name", "observed", "shown", "expected", "level")


class CheckError(ConfigError):
    """A rule cannot be judged as it is written: a fault of whoever wrote it, not of the data."""


@dataclass(frozen=True)
class RuleVerdict:
    """What Great Expectations says of one rule over the whole table.

    The counts are rows; they are None where it judges the table or an aggregate.
    """

    rule: str
    success: bool
    unexpected_count: int | None
    element_count: int | None


@dataclass(frozen=True)
class Checked:
    """One suite's outcome: `verdicts` in the suite's order, `failing` as of `failing_rows`."""

    verdicts: tuple[RuleVerdict, ...]
    failing: pa.Table


def check(engine: sa.Engine, suite: Suite, day: date, id_columns: Sequence[str]) -> Checked:
    """All rules of `suite` in force on `day`, judged over its table, with the rows that fail.

    A rule that fails without rows (an aggregate, the table as a whole) has a verdict only.
    Raises CheckError if a rule cannot be judged, Bug if rows and verdict differ in number.
    """
    rules = suite.rules_on(day)
    with _batch(engine, suite, rules) as batch:
        judged = _verdicts(batch, suite, rules)
        failed = {verdict.rule for verdict in judged if not verdict.success}
        failing = _failing_rows(
            engine, batch, suite, [rule for rule in rules if rule.id in failed], id_columns
        )
    require_same_counts([verdict for verdict in judged if verdict.rule in failed], failing)
    return Checked(judged, failing)


def verdicts(engine: sa.Engine, suite: Suite, rules: Sequence[Rule]) -> tuple[RuleVerdict, ...]:
    """Great Expectations' verdict on each of `rules`, from one run over the suite's table.

    Raises CheckError if a rule could not be judged, for whatever reason, so that a failure is always a
    finding about data; and if a rule of level row judges something else than rows.
    """
    with _batch(engine, suite, rules) as batch:
        return _verdicts(batch, suite, rules)


@contextmanager
def _batch(engine: sa.Engine, suite: Suite, rules: Sequence[Rule]) -> Iterator[Any]:
    """The suite's table as one batch of Great Expectations; None where there is nothing to ask it."""
    if not rules:
        yield None
        return
    from etl.edges import gx_duckdb  # noqa: PLC0415 - takes seconds

    with gx_duckdb.open_batch(engine, suite.table) as batch:
        yield batch


def _verdicts(batch: Any, suite: Suite, rules: Sequence[Rule]) -> tuple[RuleVerdict, ...]:
    if not rules:
        return ()
    from etl.edges import gx_duckdb  # noqa: PLC0415 - takes seconds

    try:
        results = gx_duckdb.results(batch, suite.suite, rules)
    except gx_duckdb.UnknownRuleError as error:
        raise CheckError(f"{suite.suite}, rule {error}") from error
    unjudged = sorted({rule.id for rule in rules} - set(results))
    if unjudged:
        raise CheckError(f"{suite.suite}: no result for {', '.join(unjudged)}")
    return tuple(_verdict(suite, rule, results[rule.id]) for rule in rules)


def failing_rows(
    engine: sa.Engine, suite: Suite, rules: Sequence[Rule], id_columns: Sequence[str]
) -> pa.Table:
    """The rows that fail each of `rules`: `id_columns`, then rule, column_name, observed, shown, expected, level.

    Values are text, as a submitter would write them (12, not 12.0); a rule over several columns joins names
    and values with " | ". `observed` is null where a single value is missing, `expected` where the rule names
    none; `shown` where people are shown what was observed.
    Rules without rows give none. The order is not specified.
    Raises CheckError if a level column holds something else than a level.
    """
    with _batch(engine, suite, rules) as batch:
        return _failing_rows(engine, batch, suite, rules, id_columns)


def _failing_rows(
    engine: sa.Engine, batch: Any, suite: Suite, rules: Sequence[Rule], id_columns: Sequence[str]
) -> pa.Table:
    from etl.edges import gx_duckdb  # noqa: PLC0415 - takes seconds

    fractional = _fractional_columns(engine, suite.table)
    conditions: Mapping[str, Condition] = gx_duckdb.conditions(batch, suite.suite, rules) if rules else {}
    parts = [
        _select_failing(rule, conditions[rule.id], id_columns, fractional)
        for rule in rules
        if rule.id in conditions
    ]
    failing = fetch(engine, sa.union_all(*parts) if parts else _nothing(suite.table, id_columns))
    _require_levels(suite, failing)
    return failing


def require_same_counts(judged: Sequence[RuleVerdict], failing: pa.Table) -> None:
    """Raises Bug unless every rule with a count has just that many rows in `failing`."""
    counted = failing.group_by("rule").aggregate([([], "count_all")]).to_pylist()
    listed = {row["rule"]: row["count_all"] for row in counted}
    differing = [
        f"{verdict.rule}: judged {verdict.unexpected_count}, listed {listed.get(verdict.rule, 0)}"
        for verdict in judged
        if (verdict.unexpected_count or 0) != listed.get(verdict.rule, 0)
    ]
    if differing:
        raise Bug("; ".join(differing))


def _verdict(suite: Suite, rule: Rule, result: Any) -> RuleVerdict:
    message = _exception_message(result.exception_info)
    if message is not None:
        raise CheckError(f"{suite.suite}, rule {rule.id}: {message}")
    counts = result.result
    if rule.meta.level == "row" and "unexpected_count" not in counts:
        raise CheckError(
            f"{suite.suite}, rule {rule.id}: {rule.type} judges no rows, so its level cannot be row"
        )
    return RuleVerdict(
        rule.id, bool(result.success), counts.get("unexpected_count"), counts.get("element_count")
    )


def _exception_message(info: Mapping[str, Any]) -> str | None:
    """The first message in `info`, which holds one exception or, keyed by metric, one for each of several."""
    each = [info] if "raised_exception" in info else list(info.values())
    return next((str(one["exception_message"]) for one in each if one["raised_exception"]), None)


def _select_failing(
    rule: Rule, condition: "Condition", id_columns: Sequence[str], fractional: frozenset[str]
) -> sa.Select[Any]:
    meta = rule.meta
    shown = [meta.observed] if meta.observed else condition.columns
    observed = [_text(column, fractional) for column in shown]
    expected = _text(meta.expected, fractional) if meta.expected else sa.cast(meta.expected_text, sa.String)
    told = sa.column(meta.shown) if meta.shown else sa.cast(None, sa.String)
    level: list[sa.ColumnElement[Any]] = [sa.column(meta.level_column)] if meta.level_column else []
    columns: list[sa.ColumnElement[Any]] = [
        *(sa.column(name) for name in id_columns),
        sa.literal(rule.id).label("rule"),
        sa.literal(" | ".join(condition.columns)).label("column_name"),
        (observed[0] if len(observed) == 1 else _joined(observed)).label("observed"),
        _told_as(told, meta.shown_as).label("shown"),
        _told_as(expected, meta.expected_as).label("expected"),
        sa.func.coalesce(*level, sa.cast(meta.level, sa.String)).label("level"),
    ]
    return sa.select(*columns).select_from(condition.source).where(condition.failing)


def _told_as(value: sa.ColumnElement[Any], form: str | None) -> sa.ColumnElement[Any]:
    """A value in its place in a form of words, `不小于{}`; NULL stays NULL."""
    if form is None:
        return value
    before, after = form.split("{}")
    return sa.literal(before).concat(value).concat(after)


def _joined(values: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[Any]:
    # Unlike ||, concat_ws would leave a missing value out, and the rest could not be told apart.
    return sa.func.concat_ws(" | ", *(sa.func.coalesce(value, "") for value in values))


def _text(column: str, fractional: frozenset[str]) -> sa.ColumnElement[Any]:
    if column not in fractional:
        return sa.cast(sa.column(column), sa.String)
    return casts.written(sa.column(column))


def _fractional_columns(engine: sa.Engine, table: str) -> frozenset[str]:
    return frozenset(
        field.name
        for field in columns_of(engine, table)
        if pa.types.is_floating(field.type) or pa.types.is_decimal(field.type)
    )


def _nothing(table: str, id_columns: Sequence[str]) -> sa.Select[Any]:
    columns: list[sa.ColumnElement[Any]] = [sa.column(name) for name in id_columns]
    columns += [sa.cast(None, sa.String).label(name) for name in _FAILING_COLUMNS]
    return sa.select(*columns).select_from(sa.table(table)).where(sa.false())


def _require_levels(suite: Suite, failing: pa.Table) -> None:
    unknown = sorted(set(pc.unique(failing["level"]).to_pylist()) - set(LEVELS))
    if unknown:
        raise CheckError(f"{suite.suite}: {unknown} are not levels")
