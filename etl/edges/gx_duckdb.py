"""Great Expectations on DuckDB: the few lines it lacks, and its own conditions as SQLAlchemy clauses.

Importing this module imports Great Expectations, which takes seconds: import it where it is used.
Written against great-expectations 1.24.1. `conditions` calls its inner parts; `tests/unit/edges/test_checks.py`
proves on every kind of rule that what they give counts as Great Expectations itself counts.
"""

import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import etl.edges.lean_great_expectations  # noqa: F401 - before all of Great Expectations  # isort: skip
import great_expectations as gx
import pyarrow as pa
import sqlalchemy as sa
from great_expectations.compatibility.pydantic import ValidationError
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.exceptions import ExpectationNotFoundError
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.registry import get_metric_kwargs
from great_expectations.validator.metrics_calculator import MetricsCalculator
from great_expectations.validator.validation_graph import MetricConfiguration
from sqlalchemy.dialects import postgresql

from etl.core.judging.rules import Rule
from etl.edges.engine import columns_of

# The counts without examples of values: SUMMARY would fetch them for every rule, one query each.
_COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}
_UNIQUE = ("column_values.unique.condition", "compound_columns.unique.condition")


class UnknownRuleError(ValueError):
    """Great Expectations does not know a rule as it is written; the message says which and why."""


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):  # type: ignore[misc]  # the library ships no types, so its bases are Any
    """Runs on an engine of ours, keeps one connection open, and leaves the engine open at the end."""

    _connection: sa.Connection | None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Great Expectations picks its regular-expression operator by dialect; DuckDB knows PostgreSQL's.
        self.dialect_module = postgresql

    @contextmanager
    def get_connection(self) -> Iterator[sa.Connection]:
        """The one connection; the base class closes it before it fetches, and DuckDB then has no rows."""
        if self._connection is None:
            self._connection = self.engine.connect()
        yield self._connection

    def get_inspector(self) -> "_Columns":
        """Who tells it the columns of a table: it asks nothing else, and reflection reads all that DuckDB knows of each."""
        return _Columns(self.engine)

    def get_domain_records(self, domain_kwargs: dict[str, Any]) -> sa.FromClause:
        """The rows a rule is about; the base class may give a bare SELECT, which not every rule can use."""
        records = super().get_domain_records(domain_kwargs)
        return records.subquery() if isinstance(records, sa.Select) else records

    def resolve_metrics(
        self,
        metrics_to_resolve: Iterable[MetricConfiguration],
        metrics: dict[Any, Any] | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> dict[Any, Any]:
        """The metrics asked for; examples of values are asked for even where none are wanted, one query a rule."""
        asked = list(metrics_to_resolve)
        unwanted = {metric.id: list[Any]() for metric in asked if _is_unwanted(metric)}
        rest = [metric for metric in asked if metric.id not in unwanted]
        resolved: dict[Any, Any] = super().resolve_metrics(rest, metrics, runtime_configuration)
        return unwanted | resolved

    def close(self) -> None:
        """Close the connection only; the base class disposes of the engine, and with it of all data."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class DuckDBDatasource(SQLDatasource):  # type: ignore[misc]  # as above
    """A datasource over an engine that is already open; `add_duckdb` of a context makes one."""

    type: Literal["duckdb"] = "duckdb"

    def bind(self, engine: sa.Engine) -> None:
        """Use `engine` from now on."""
        self._engine = engine
        self._execution_engine = DuckDBExecutionEngine(engine=engine, create_temp_table=False)

    @property
    def execution_engine_type(self) -> builtins.type[DuckDBExecutionEngine]:
        """The class above."""
        return DuckDBExecutionEngine

    def test_connection(self, test_assets: bool = True) -> None:
        """Nothing to test: Great Expectations asks when the datasource is made, before it is bound."""

    def get_engine(self) -> sa.Engine:
        """The engine given to `bind`."""
        return self._engine

    def get_execution_engine(self) -> DuckDBExecutionEngine:
        """The one execution engine over it."""
        return self._execution_engine


@dataclass(frozen=True)
class _Columns:
    """The part of SQLAlchemy's inspector that Great Expectations asks."""

    engine: sa.Engine

    @property
    def dialect(self) -> sa.Dialect:
        return self.engine.dialect

    def get_columns(self, table_name: str, **_: object) -> list[dict[str, Any]]:
        """Name and type of each column."""
        columns = columns_of(self.engine, str(table_name))
        return [{"name": column.name, "type": _column_type(column.type)} for column in columns]

    def get_pk_constraint(self, **_: object) -> dict[str, Any]:
        """Nothing: what is judged has no keys."""
        return {}


def _column_type(kind: pa.DataType) -> sa.types.TypeEngine[Any]:
    """The column type of an Arrow type, as rules on types name it; one that says nothing where no table judged has it."""
    fits = (found() for is_kind, found in _TYPES if is_kind(kind))
    return next(fits, sa.types.NullType())


_TYPES: Sequence[tuple[Callable[[pa.DataType], bool], builtins.type[sa.types.TypeEngine[Any]]]] = (
    (pa.types.is_string, sa.VARCHAR),
    (pa.types.is_int32, sa.INTEGER),
    (pa.types.is_int64, sa.BIGINT),
    (pa.types.is_floating, sa.DOUBLE_PRECISION),
    (pa.types.is_decimal, sa.NUMERIC),
    (pa.types.is_date, sa.DATE),
    (pa.types.is_boolean, sa.BOOLEAN),
)


def _is_unwanted(metric: MetricConfiguration) -> bool:
    wanted = metric.metric_value_kwargs.get("result_format") or {}
    return metric.metric_name.endswith(".unexpected_values") and wanted.get("partial_unexpected_count") == 0


@dataclass(frozen=True)
class Condition:
    """Where a rule's failing rows are: `source` filtered by `failing`; `columns` are those it judges."""

    source: sa.FromClause
    failing: sa.ColumnElement[bool]
    columns: tuple[str, ...]


@contextmanager
def open_batch(engine: sa.Engine, table: str) -> Iterator[Any]:
    """The whole of `table` as one batch of Great Expectations, in a context that leaves nothing behind."""
    context = gx.get_context(mode="ephemeral", project_config=_configuration())
    context.variables.save = _keep_nothing  # else each line below writes the whole configuration as YAML, to be forgotten
    datasource = context.data_sources.add_duckdb(name="memory", connection_string="duckdb:///:memory:")
    datasource.bind(engine)
    definition = datasource.add_table_asset(name=table, table_name=table).add_batch_definition_whole_table(
        "all"
    )
    try:
        yield definition.get_batch()
    finally:
        datasource.get_execution_engine().close()


def _configuration() -> DataContextConfig:
    """Everything in memory. A context without a configuration makes a folder for documents, and says so in the log, each time."""
    return DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(), analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )  # fmt: skip


def _keep_nothing() -> None:
    """Stands in for saving a configuration."""


def results(batch: Any, name: str, rules: Sequence[Rule]) -> Mapping[str, Any]:
    """Great Expectations' result by rule, from one validation of all `rules`."""
    report = batch.validate(_suite(name, rules), result_format=_COUNTS_ONLY)
    return {result.expectation_config.meta["rule"]: result for result in report.results}


def conditions(batch: Any, name: str, rules: Sequence[Rule]) -> Mapping[str, Condition]:
    """The condition Great Expectations itself compiles, for each of `rules` that judges row by row.

    Rules over aggregates or the table as a whole have no rows and are left out.
    Raises RuntimeError if Great Expectations cannot compile one.
    """
    execution_engine = batch.data.execution_engine
    execution_engine.batch_manager.load_batch_list([batch])
    metrics = {
        expectation.meta["rule"]: _condition_metric(expectation, batch.id)
        for expectation in _suite(name, rules).expectations
        if getattr(expectation, "map_metric", None)
    }
    calculator = MetricsCalculator(execution_engine, show_progress_bars=False)
    resolved, aborted = calculator.compute_metrics(list(metrics.values()))
    if aborted:
        failed = sorted(rule for rule, metric in metrics.items() if metric.id in aborted)
        raise RuntimeError(f"no condition for {', '.join(failed) or 'some rules'}: {aborted}")
    return {
        rule: _condition(execution_engine, metric, resolved[metric.id]) for rule, metric in metrics.items()
    }


def _suite(name: str, rules: Sequence[Rule]) -> Any:
    return gx.ExpectationSuite(name=name, expectations=[_expectation(rule) for rule in rules])


def _expectation(rule: Rule) -> Any:
    written = ExpectationConfiguration(
        type=rule.type, kwargs=dict(rule.kwargs), severity=rule.severity, description=rule.description, meta={"rule": rule.id}
    )
    try:
        return written.to_domain_obj()
    except ValidationError as error:
        each = ((".".join(map(str, one["loc"])).removeprefix("__root__"), one["msg"]) for one in error.errors())
        told = "; ".join(f"{where} {what}".strip() for where, what in each)
        raise UnknownRuleError(f"{rule.id}: {rule.type}: {told}") from error
    except ExpectationNotFoundError as error:
        raise UnknownRuleError(f"{rule.id}: {rule.type}: Great Expectations has none of that name") from error


def _condition_metric(expectation: Any, batch_id: str) -> MetricConfiguration:
    name = f"{expectation.map_metric}.condition"
    configuration = expectation.configuration
    configuration.kwargs["batch_id"] = batch_id
    kwargs = get_metric_kwargs(name, configuration, {})
    return MetricConfiguration(name, kwargs["metric_domain_kwargs"], kwargs["metric_value_kwargs"])


def _condition(
    execution_engine: DuckDBExecutionEngine, metric: MetricConfiguration, compiled: tuple[Any, Any, Any]
) -> Condition:
    failing, domain, accessor = compiled
    source = execution_engine.get_domain_records({**domain, **accessor})
    columns = _columns(accessor)
    if metric.metric_name in _UNIQUE:
        return _repeated(source, columns)
    return Condition(source, failing, columns)


def _columns(accessor: Mapping[str, Any]) -> tuple[str, ...]:
    single = tuple(accessor[key] for key in ("column", "column_A", "column_B") if key in accessor)
    return tuple(str(column) for column in single or accessor["column_list"])


def _repeated(source: sa.FromClause, columns: tuple[str, ...]) -> Condition:
    """Rows whose `columns` together occur more than once; a row with one of them missing is none.

    The condition Great Expectations gives for these two refers to a subquery of its own and cannot filter `source`. Few keys
    repeat: joining those counts the same rows in a third of the time of a window over all.
    """
    keys: list[sa.ColumnElement[Any]] = [sa.column(column) for column in columns]
    repeated = (
        sa.select(*(key.label(f"_repeated_{n}") for n, key in enumerate(keys)))
        .select_from(source)
        .where(*(key.is_not(None) for key in keys))
        .group_by(*keys)
        .having(sa.func.count() > 1)
        .subquery()
    )
    same = sa.and_(*(key == repeated.c[f"_repeated_{n}"] for n, key in enumerate(keys)))
    return Condition(source.join(repeated, same), sa.true(), columns)
