"""The suite over totals: rolled-up figures of nodes against quotas and the map, as findings."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from etl.core.judging import node_checks as core
from etl.core.period import Period
from etl.core.programmes.forms import PART, parts_of
from etl.core.register import Register
from etl.core.rows import NewFinding
from etl.edges.checks import check
from etl.edges.engine import register
from etl.edges.programmes import Bundle, load_rules
from etl.edges.reference import load_places

_TEXTS = [(name, pa.string()) for name in core.KEY]
_QUOTAS = pa.schema([*_TEXTS, ("quota", pa.float64())])
_PLACES = pa.schema([*_TEXTS, ("places_known", pa.float64())])
_IDS = ("unit_id", "receipt_id", "table_name", "sheet", "row_number", "indicator", "part", "value", "named_so_far")


def node_findings(
    engine: sa.Engine, bundle: Bundle, reporters: Register, period: Period, earlier: pa.Table
) -> list[NewFinding]:
    """Findings on the table `totals` of `engine`, for the store; `unit_id` is the node, and no receipt stands behind them.

    `earlier`: node_id, indicator, part, value of the earlier periods of the plan.
    """
    programme, catalogue = bundle.programme, bundle.catalogue
    places = load_places().for_period(period)
    limits = core.quotas(programme, catalogue, reporters.nodes)
    known = core.known_places(programme, catalogue, reporters.nodes, places)
    if not limits and not known:
        return []
    register(engine, "quotas", pa.Table.from_pylist(limits, schema=_QUOTAS))
    register(engine, "places_known", pa.Table.from_pylist(known, schema=_PLACES))
    register(engine, "earlier_totals", earlier)
    with engine.connect() as connection:
        connection.execute(core.node_figures().into("node_figures"))
    names = _names(bundle)
    return [
        _finding(row, names, programme.programme, str(period))
        for suite in load_rules()
        if suite.table == "node_figures"
        for row in check(engine, suite, period.last_day, _IDS).failing.to_pylist()
    ]


def _names(bundle: Bundle) -> Mapping[tuple[str, str], str]:
    """Indicator and part → what the form calls them."""
    programme, catalogue = bundle.programme, bundle.catalogue
    return {
        (use.key, part): f"{catalogue.indicators[use.key].zh}/{zh}"
        for use in programme.indicators
        for part, zh in parts_of(use, programme, catalogue).items()
    }


def _finding(row: dict[str, Any], names: Mapping[tuple[str, str], str], programme: str, period: str) -> NewFinding:
    judged = row["value"] if "value" in row["column_name"].split(" | ") else row["named_so_far"]
    return {
        "programme": programme, "period": period, "unit_id": row["unit_id"], "subject_id": row["unit_id"], "stage": "totals",
        "batch_id": "", "receipt_id": None, "table_name": None, "sheet": None, "row_number": None, "column_letter": None,
        "heading": names[row["indicator"], row["part"]], "column_key": f"{row['indicator']}{PART}{row['part']}",
        "rule": row["rule"], "level": row["level"], "observed": f"{judged:g}", "shown": None, "expected": row["expected"],
    }
