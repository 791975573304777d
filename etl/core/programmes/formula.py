"""Small arithmetic over indicator keys, as written in configuration.

Only names, numbers, + - * / and brackets: enough for "(attendance_present + attendance_excused) / attendance_due", and
nothing that could do harm.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

Expression = sa.ColumnElement[Any]
_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}
_SIGNS: Mapping[type[ast.operator], str] = {ast.Add: "＋", ast.Sub: "－", ast.Mult: "×", ast.Div: "÷"}
_BINDS = (ast.Mult, ast.Div)


@dataclass(frozen=True)
class Formula:
    """A parsed formula: its text and the indicator keys in it, in order of first use."""

    text: str
    names: tuple[str, ...]

    def over(self, column_of: Callable[[str], Expression]) -> Expression:
        """The formula as an SQL expression; division by zero and missing parts give NULL."""
        return _expression(_body(self.text), column_of)

    def written(self, text_of: Callable[[str], Expression]) -> Expression | None:
        """How the formula comes of its figures, `（80＋30）÷100`, out of the text of each; NULL where a part is missing.

        None for a formula that is one figure alone.
        """
        body = _body(self.text)
        return _written(body, text_of) if isinstance(body, ast.BinOp) else None

    def value(self, values: dict[str, Decimal]) -> Decimal | None:
        """The formula's value over plain numbers; None when a part is missing or a divisor is zero."""
        return _value(_body(self.text), values)


@lru_cache(maxsize=512)
def parse_formula(text: str) -> Formula:
    """Parse and check a formula; ValueError names what is not allowed in it.

    >>> parse_formula("a + b - c").names
    ('a', 'b', 'c')
    """
    found: list[ast.Name] = []
    for node in ast.walk(_body(text)):
        if isinstance(node, ast.Name):
            found.append(node)
        elif isinstance(node, ast.Constant):
            if not isinstance(node.value, int | float) or isinstance(node.value, bool):
                raise ValueError(f"{text!r}: only numbers and indicator keys, not {node.value!r}")
        elif not isinstance(node, (ast.BinOp, ast.Load, *_OPERATORS)):
            raise ValueError(f"{text!r}: {type(node).__name__} is not allowed in a formula")
    in_order = sorted(found, key=lambda name: name.col_offset)
    return Formula(text, tuple(dict.fromkeys(name.id for name in in_order)))


@lru_cache(maxsize=512)
def _body(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"{text!r} is not a formula: {error.msg}") from error


def _expression(node: ast.expr, column_of: Callable[[str], Expression]) -> Expression:
    if isinstance(node, ast.Name):
        return column_of(node.id)
    if isinstance(node, ast.Constant):
        return sa.literal(node.value, literal_execute=True)
    assert isinstance(node, ast.BinOp)  # noqa: S101 - parse_formula lets nothing else through
    left, right = _expression(node.left, column_of), _expression(node.right, column_of)
    if isinstance(node.op, ast.Div):
        return sa.cast(left, sa.Double) / sa.func.nullif(sa.cast(right, sa.Double), 0)
    expression: Expression = _OPERATORS[type(node.op)](left, right)
    return expression


def _written(node: ast.expr, text_of: Callable[[str], Expression]) -> Expression:
    if isinstance(node, ast.Name):
        return text_of(node.id)
    if isinstance(node, ast.Constant):
        return sa.literal(f"{node.value!r}", literal_execute=True)
    assert isinstance(node, ast.BinOp)  # noqa: S101 - parse_formula lets nothing else through
    sign = type(node.op)
    left = _bracketed(node.left, text_of, sign in _BINDS and _is_sum(node.left))
    loose = isinstance(node.right, ast.BinOp) if sign is ast.Div else _is_sum(node.right)
    right = _bracketed(node.right, text_of, sign is not ast.Add and loose)
    return left.concat(sa.literal(_SIGNS[sign], literal_execute=True)).concat(right)


def _bracketed(node: ast.expr, text_of: Callable[[str], Expression], needed: bool) -> Expression:
    text = _written(node, text_of)
    return sa.literal("（", literal_execute=True).concat(text).concat(sa.literal("）", literal_execute=True)) if needed else text


def _is_sum(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) and type(node.op) not in _BINDS


def _value(node: ast.expr, values: dict[str, Decimal]) -> Decimal | None:
    if isinstance(node, ast.Name):
        return values.get(node.id)
    if isinstance(node, ast.Constant):
        return Decimal(str(node.value))
    assert isinstance(node, ast.BinOp)  # noqa: S101 - parse_formula lets nothing else through
    left, right = _value(node.left, values), _value(node.right, values)
    if left is None or right is None or (isinstance(node.op, ast.Div) and not right):
        return None
    value: Decimal = _OPERATORS[type(node.op)](left, right)
    return value
