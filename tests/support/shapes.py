"""Whether a value is of the shape that its type says, key by key, where mypy can only believe it."""

from types import ModuleType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict


def shapes_in(module: ModuleType) -> set[type]:
    """The TypedDicts that a module declares itself."""
    return {each for each in vars(module).values() if is_typeddict(each) and each.__module__ == module.__name__}


def misfits(value: Any, shape: Any, place: str = "", met: set[type] | None = None) -> list[str]:
    """Where a value is not of a shape: keys missing or unknown, values of another type; empty where it fits.

    `shape`: TypedDicts, lists and dicts of such, unions, literals, plain types. `met` takes the TypedDicts that were seen.
    """
    if shape is Any or (shape is float and type(value) is int):
        return []
    if is_typeddict(shape):
        return _keys(value, shape, place, met)
    kind, parts = get_origin(shape), get_args(shape)
    if kind in (Union, UnionType):
        found = [misfits(value, part, place, met) for part in parts if (part is NoneType) == (value is None)]
        return min(found, key=len, default=[f"{place}: {value!r} is not {shape}"])
    if kind is Literal:
        return [] if value in parts else [f"{place}: {value!r} is not {shape}"]
    if type(value) is not (kind or shape):
        return [f"{place}: {value!r} is not {shape}"]
    if kind is list:
        return [each for n, inner in enumerate(value) for each in misfits(inner, parts[0], f"{place}/{n}", met)]
    if kind is dict:
        return [each for key, inner in value.items() for each in misfits(inner, parts[1], f"{place}/{key}", met)]
    return []


def _keys(value: Any, shape: Any, place: str, met: set[type] | None) -> list[str]:
    if not isinstance(value, dict):
        return [f"{place}: {value!r} is no {shape.__name__}"]
    if met is not None:
        met.add(shape)
    hints = get_type_hints(shape)
    found = [f"{place}/{key}: missing" for key in sorted(shape.__required_keys__ - value.keys())]
    found += [f"{place}/{key}: unknown" for key in sorted(value.keys() - hints.keys())]
    return found + [
        each for key, hint in hints.items() if key in value for each in misfits(value[key], hint, f"{place}/{key}", met)
    ]
