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


def read_yaml(path: Path) -> Any:
    """What a file holds. ConfigError with line and column for what is no YAML, or a key written twice."""
    try:
        return load(path.read_text(encoding="utf-8"))
    except YAMLError as error:
        raise ConfigError(f"{path.name}: {error}") from error


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
