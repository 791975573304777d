"""Every key of a programme's YAML does something: code or a template reads it."""

import ast
import re
import typing
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from etl.core.programmes.documents import DocumentSettings
from etl.core.programmes.programme import Programme, Release
from etl.edges.templates import TEMPLATES

CODE = Path(__file__).parents[2] / "etl"
SOURCES = {"origin", "ref"}
"""Where a value comes from: for people who read the YAML."""
COUNTED_HERE = {"count", "qualifier"}
"""How many places the source says there are: `test_programmes.py` holds the map against it."""
CHOSEN_BY_KEY = (DocumentSettings, Release)
"""Blocks of which code takes a field by its name: `getattr(documents, report.key)`."""


def _models(kind: typing.Any, seen: set[type[BaseModel]]) -> set[type[BaseModel]]:
    """A model, and every one that stands in its fields."""
    if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in seen:
        seen.add(kind)
        for field in kind.model_fields.values():
            _models(field.annotation, seen)
    for part in typing.get_args(kind):
        _models(part, seen)
    return seen


def _read_names() -> Iterator[str]:
    """The names that the code takes of anything, `thing.name`, but for the simulator, which plays the offices; and templates."""
    for path in CODE.rglob("*.py"):
        if "simulate" not in path.parts:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                    yield node.attr
    for path in TEMPLATES.rglob("*.j2"):
        yield from re.findall(r"(?<=\.)\w+", path.read_text(encoding="utf-8"))


def _strings() -> Iterator[str]:
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_key_of_the_schema_is_read_by_code() -> None:
    names, strings = set(_read_names()), set(_strings())
    unread = [
        f"{model.__name__}.{field}"
        for model in sorted(_models(Programme, set()), key=lambda each: each.__name__)
        for field in model.model_fields
        if field not in (strings if model in CHOSEN_BY_KEY else names) | SOURCES | COUNTED_HERE
    ]
    assert unread == [], "let code use the key where its users would expect it, or take it out of model and YAML"
