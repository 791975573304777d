"""YAML without surprises: what looks like text stays text, and a key is written once.

PyYAML follows YAML 1.1: it reads ``010101`` as 4161, ``NO`` as False, ``12:30`` as 750, and keeps the last of
two equal keys without a word. A division code or a repeated threshold must not change that way.
"""

import re
from collections.abc import Iterable
from typing import Any

from yaml import CSafeLoader
from yaml.constructor import ConstructorError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode


class _StrictLoader(CSafeLoader):
    """A safe loader with only our own implicit types, which refuses repeated keys."""


# A table of its own: the one inherited is shared by every loader of PyYAML.
_StrictLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("bool", r"^(?:true|false)$", list("tf")),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", list("-0123456789")),
    ("float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?$", list("-0123456789")),
    ("timestamp", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", list("0123456789")),
):
    _StrictLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


def _mapping_without_repeats(loader: _StrictLoader, node: MappingNode) -> dict[Any, Any]:
    mapping: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        try:
            repeated = key in mapping
        except TypeError as error:
            message = f"a key must be plain, not {key!r}"
            raise ConstructorError(None, None, message, key_node.start_mark) from error
        if repeated:
            raise ConstructorError(None, None, f"the key {key!r} is written twice", key_node.start_mark)
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


def _real_date(loader: _StrictLoader, node: ScalarNode) -> Any:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError as error:
        raise ConstructorError(None, None, f"{node.value!r} is not a day", node.start_mark) from error


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _mapping_without_repeats)
_StrictLoader.add_constructor("tag:yaml.org,2002:timestamp", _real_date)


def load(text: str) -> Any:
    """The one document in `text` as dicts, lists, str, int, float, bool, date and None.

    Only ``true``/``false``, ``null``/``~``/nothing, decimal integers without leading zeros, decimal fractions
    and ISO dates are other than text; anything else unquoted stays a string.
    Raises yaml.YAMLError, with line and column, on repeated keys, impossible dates, tags of Python objects
    and anything that is not one YAML document.

    >>> load("{code: 010101, area: NO, at: 12:30, count: 12, rate: 0.5, on: 2018-01-01}")["code"]
    '010101'
    """
    loader = _StrictLoader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def line_of(text: str, path: Iterable[str | int]) -> int:
    """The line, from 1, of what `path` (keys and indices) leads to in the document, as far as it leads.

    A step that is not there is passed over: models name places that stand in no file.

    >>> line_of("due:\\n  day: 5\\n  days: [1, x]", ("due", "versions", 0, "days", 1)), line_of("a: 1", ("b",))
    (3, 1)
    """
    loader = _StrictLoader(text)
    try:
        node = loader.get_single_node()
    finally:
        loader.dispose()
    line = 1
    for step in path:
        found = _under(node, step)
        if found is not None:
            line, node = found
    return line


def _under(node: Node | None, step: str | int) -> tuple[int, Node] | None:
    """The line of a step and the node that it leads to."""
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    if isinstance(node, MappingNode):
        return next(((key.start_mark.line + 1, value) for key, value in node.value if key.value == step), None)
    return None
