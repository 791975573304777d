"""Formulas of the catalogue over whole columns at once."""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def evaluate(formula: str, columns: Mapping[str, np.ndarray | float]) -> np.ndarray:
    """The formula's value row by row, NaN where something is missing or divided by zero.

    >>> evaluate("(a + b) / c", {"a": np.array([1.0, 1.0]), "b": 3, "c": np.array([8.0, 0.0])}).tolist()
    [0.5, nan]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.asarray(_value(ast.parse(formula, mode="eval").body, columns))
    return np.where(np.isfinite(value), value, np.nan)


def _value(node: ast.expr, columns: Mapping[str, np.ndarray | float]) -> Any:
    if isinstance(node, ast.Name):
        return np.asarray(columns[node.id], dtype=float)
    if isinstance(node, ast.Constant):
        return node.value
    assert isinstance(node, ast.BinOp)  # noqa: S101 - etl.core.programmes.formula lets nothing else into the catalogue
    return _OPERATORS[type(node.op)](_value(node.left, columns), _value(node.right, columns))
