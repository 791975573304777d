"""Configuration files: YAML read strictly and into models, every fault told with its file, line and key."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from yaml import YAMLError

from etl.core.strict_yaml import line_of, load
from etl.errors import ConfigError

M = TypeVar("M")
_SHOWN = 8
_TOLD = {"missing": "is missing", "extra_forbidden": "is not known"}
"""pydantic's type of a fault → what is said of the key; other faults in pydantic's words."""


def read_yaml(path: Path) -> dict[Any, Any]:
    """What a file holds under its keys.

    ConfigError with line and column for what is no YAML or a key written twice; and for a file without keys or not in UTF-8.
    """
    try:
        found = load(path.read_text(encoding="utf-8"))
    except YAMLError as error:
        raise ConfigError(f"{path.name}: {error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path.name}: is not UTF-8; save it so") from error
    if not isinstance(found, dict):
        holds = "is empty" if found is None else "holds no keys at its top"
        raise ConfigError(f"{path.name}, line 1: the file {holds}; write lines of `key: value`")
    return found


def read_model(path: Path, build: Callable[[Any], M]) -> M:
    """What a file holds, as `build` (a model's `model_validate`) takes it. ConfigError names each fault with its line and key."""
    raw = read_yaml(path)
    try:
        return build(raw)
    except ValidationError as error:
        faults = list(_faults(error, path.read_text(encoding="utf-8")))
        more = [f"and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
        raise ConfigError(f"{path.name}, {'; '.join([*faults[:_SHOWN], *more])}") from error
    except ValueError as error:
        raise ConfigError(f"{path.name}: {error}") from error


def _faults(error: ValidationError, text: str) -> Iterator[str]:
    for each in error.errors():
        key = ".".join(map(str, each["loc"]))
        told = _TOLD.get(each["type"], each["msg"].removeprefix("Value error, "))
        yield f"line {line_of(text, each['loc'])}: {key} {told}".replace(":  ", ": ")
