"""What must hold over a year: bounds, sums of flows, stocks as they stood last, one half alone."""

from pathlib import Path
from typing import Any, get_type_hints

import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa

from etl.core.judging import year_checks as core
from etl.core.programmes.bounds import YearCheck
from etl.core.programmes.provisions import Amount
from etl.core.rows import NewFinding
from etl.edges.checks import check
from etl.edges.engine import fetch, memory_engine, register
from etl.edges.programmes import load_bundle, load_rules
from etl.edges.store.database import open_store
from etl.edges.store.findings import finding_key
from etl.edges.store.results import frame, replace_year_findings
from etl.settings import settings

YUNNAN, ZUNYI = load_bundle("yunnan-model-branch"), load_bundle("zunyi-six-good")
SCHEMA = pa.schema(
    [("half", pa.int64()), ("unit_id", pa.string()), ("table_name", pa.string()), ("subject_id", pa.string()),
     ("indicator", pa.string()), ("value", pa.float64())]
)


def values(bundle: Any, *figures: tuple[int, str, float | None], table: str = "branches") -> dict[str, float | None]:
    """Check → value of one branch (or unit) with these (half, indicator, value)."""
    engine = _engine(bundle, *figures, table=table)
    rows = fetch(engine, sa.select(sa.text("check_key, value from year_checks"))).to_pylist()
    return {row["check_key"]: row["value"] for row in rows}


def _engine(bundle: Any, *figures: tuple[int, str, float | None], table: str = "branches") -> Any:
    rows = [
        {"half": half, "unit_id": "U", "table_name": table, "subject_id": "B", "indicator": key, "value": value}
        for half, key, value in figures
    ]
    engine = memory_engine()
    register(engine, "year_figures", pa.Table.from_pylist(rows, schema=SCHEMA))
    statement = core.year_checks(bundle.programme, bundle.catalogue)
    assert statement is not None
    with engine.connect() as connection:
        connection.execute(statement.into("year_checks"))
    return engine


def test_funds_of_both_halves_add_up_and_an_allowance_is_the_last() -> None:
    found = values(
        YUNNAN, (1, "funds_paid", 1400.0), (2, "funds_paid", 1600.0), (1, "secretary_allowance", 280.0),
        (2, "secretary_allowance", 300.0), (2, "committee_allowance", 210.0),
    )
    assert found == {"secretary_allowance": 300.0, "committee_share": 0.7, "branch_funds": 3000.0}


def test_what_nobody_filed_is_missing_and_not_short() -> None:
    found = values(YUNNAN, (1, "funds_paid", None), (2, "committee_allowance", 100.0))
    assert found == {"secretary_allowance": None, "committee_share": None, "branch_funds": None}


def test_mid_year_and_year_end_look_at_one_half_each() -> None:
    zaozhuang = load_bundle("zaozhuang-true-colour-home")
    found = values(zaozhuang, (1, "inspections", 2.0), (2, "inspections", 0.0), table="unit_figures")
    assert found == {"mid_year": 2.0, "year_end": 0.0}


CASES = [(299.99, ["Y01"]), (300.0, []), (None, [])]


@pytest.mark.parametrize(("allowance", "rules"), CASES)
def test_the_suite_finds_an_allowance_below_the_least(allowance: float | None, rules: list[str]) -> None:
    engine = _engine(YUNNAN, (2, "secretary_allowance", allowance), (2, "funds_paid", 3000.0))
    assert _rules(engine) == rules


@pytest.mark.parametrize(("returned", "rules"), [(100.0, []), (99.5, []), (99.4, ["Y01"]), (100.6, ["Y02"])])
def test_dues_come_back_at_the_rate_laid_down_half_a_point_either_way(returned: float, rules: list[str]) -> None:
    engine = _engine(ZUNYI, (1, "dues_collected", 100.0), (1, "dues_returned", returned), (1, "secretary_reports", 1.0))
    assert _rules(engine) == rules


def _rules(engine: Any) -> list[str]:
    (suite,) = [suite for suite in load_rules() if suite.table == "year_checks"]
    found = check(engine, suite, pd.Timestamp("2018-12-31").date(), ("unit_id", "value", "check_key"))
    return list(found.failing["rule"].to_pylist())


def test_a_rule_without_its_amount_judges_nobody() -> None:
    named = YearCheck(key="a", zh="甲", ratio="members", on="branch", bound_of="secretary_monthly_min", origin="seed")
    assert core.bounds(named, ZUNYI.programme) == (None, None)  # paid on time, the amount is not stated
    with pytest.raises(LookupError, match="states no"):
        core.bounds(named, load_bundle("dongxihu-small-gear").programme)


def test_an_amount_that_is_no_bound_judges_nothing_but_is_refused() -> None:
    paid = YearCheck(key="a", zh="甲", ratio="members", on="branch", bound_of="secretary_monthly_min", origin="seed")
    amounts = {"secretary_monthly_min": Amount(value=300, origin="seed")}
    with pytest.raises(LookupError, match="least or the most"):
        core.bounds(paid, YUNNAN.programme.model_copy(update={"subsidies": amounts}))


def test_sums_tell_short_from_missing() -> None:
    rows = pd.DataFrame(
        [("U1", "B1", 299.0), ("U1", "B2", 300.0), ("U2", "B3", None)], columns=["unit_id", "subject_id", "value"]
    ).assign(check_key="secretary_allowance", minimum=300.0, maximum=None)
    rows["maximum"] = rows["maximum"].astype(float)
    found = core.check_sums(rows, YUNNAN.programme, {"P": ["U1", "U2"], "U2": ["U2"], "U3": ["U3"]})
    assert [(row["node_id"], row["judged"], row["short"], row["missing"]) for row in found] == [
        ("P", 2, 1, 1), ("U2", 0, 0, 1),
    ]


def test_a_finding_of_a_year_has_a_key_by_which_it_can_be_named(home: Path) -> None:
    told = {"programme": "p", "period": "2017", "unit_id": "U1", "stage": "year", "rule": "Y1", "level": "row", "batch_id": ""}
    found = NewFinding(**{**dict.fromkeys(get_type_hints(NewFinding)), **told})
    store = open_store(settings().database_url)
    replace_year_findings(store, "p", "2017", "year", [found])
    assert list(frame(store, "findings", "p", "2017")["finding_key"]) == [finding_key(found)]
