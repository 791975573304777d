"""Arithmetic over indicator keys: what it gives in plain numbers and in SQL, and what it refuses."""

from decimal import Decimal

import pyarrow as pa
import pytest
import sqlalchemy as sa

from etl.core.programmes.formula import parse_formula
from etl.edges.engine import fetch, memory_engine, register

CASES = [
    ("opening + established - dissolved", {"opening": 6066, "established": 200, "dissolved": 10}, 6256),
    ("county + prefecture + province", {"county": 361, "prefecture": 209, "province": 38}, 608),
    ("(present + excused) / due", {"present": 15, "excused": 2, "due": 20}, 0.85),
    ("present + excused / due", {"present": 15, "excused": 2, "due": 20}, 15.1),
    ("men / women * 100", {"men": 105, "women": 100}, 105),
    ("collected / members / 6", {"collected": 2280, "members": 38}, 10),
    ("a - b - c", {"a": 10, "b": 3, "c": 2}, 5),
    ("a / b", {"a": 1, "b": 0}, None),  # nothing to divide by: no ratio
    ("a / b", {"a": 0, "b": 0}, None),
    ("a + b", {"a": 1, "b": None}, None),  # a missing part is missing, not nought
    ("2.5", {"a": 1}, 2.5),
]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a / b", "7÷2"),
        ("a / b / 6", "7÷2÷6"),
        ("a / (b / c)", "7÷（2÷3）"),
        ("a / (b * c)", "7÷（2×3）"),
        ("a - (b - c) + a", "7－（2－3）＋7"),
        ("a + (b + c)", "7＋2＋3"),
        ("(a + b) / c * 0.5", "（7＋2）÷3×0.5"),
        ("a * (b - c)", "7×（2－3）"),
        ("a", None),  # worked out of nothing
    ],
)
def test_a_formula_is_told_with_its_figures_and_the_brackets_that_it_needs(text: str, told: str | None) -> None:
    written = parse_formula(text).written(lambda name: sa.literal({"a": "7", "b": "2", "c": "3"}[name]))
    if written is None or told is None:
        assert (written, told) == (None, None)
        return
    engine = memory_engine()
    assert fetch(engine, sa.select(written.label("told"))).to_pylist() == [{"told": told}]
    engine.dispose()


@pytest.mark.parametrize(("text", "values", "expected"), CASES)
def test_value_and_sql_agree(text: str, values: dict[str, int | None], expected: float | None) -> None:
    formula = parse_formula(text)
    plain = formula.value({name: Decimal(value) for name, value in values.items() if value is not None})
    engine = memory_engine()
    register(engine, "given", pa.table({name: pa.array([value], pa.int64()) for name, value in values.items()}))
    source = sa.table("given", *(sa.column(name) for name in values))
    (row,) = fetch(engine, sa.select(formula.over(lambda name: source.c[name]).label("value")).select_from(source)).to_pylist()
    engine.dispose()
    if expected is None:
        assert (plain, row["value"]) == (None, None)
    else:
        assert (float(plain or "nan"), float(row["value"])) == (pytest.approx(expected), pytest.approx(expected))


def test_names_in_order_of_first_use() -> None:
    assert parse_formula("b + a / b").names == ("b", "a")


@pytest.mark.parametrize(
    "text",
    ["", "a +", "a b", "a ** b", "a // b", "-a", "a if b else c", "f(a)", "a.b", "a[0]", "'a'", "True", "a < b", "lambda: a",
     "__import__('os')", "a + [b]", "1j", "None"],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_formula(text)
