"""How large the invented returns are and how they are worded: the two YAML files beside this module."""

import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from etl.core.period import Period
from etl.edges.yaml_files import read_yaml

_HERE = Path(__file__).parent


@cache
def profiles() -> Mapping[str, Any]:
    """The parsed profiles.yaml."""
    return read_yaml(_HERE / "profiles.yaml")


@cache
def names() -> Mapping[str, Any]:
    """The parsed names.yaml."""
    return read_yaml(_HERE / "names.yaml")


def profile_of(programme: str) -> dict[str, Any]:
    """What the profile says of a programme, over the defaults for any programme."""
    return {**profiles()["default"], **profiles()["programmes"].get(programme, {})}


def rng_for(seed: int, *words: object) -> np.random.Generator:
    """A generator of its own for whatever the words name, the same in every run and order."""
    return np.random.default_rng([seed, zlib.crc32("|".join(map(str, words)).encode())])


def ordinal(period: Period) -> int:
    """Periods of one kind as consecutive numbers; batches count within their year."""
    per_year = {"half_year": 2, "year": 1, "batch": 100}[period.kind]
    return period.year * per_year + period.number - 1


def allot(total: int, weights: Sequence[float] | np.ndarray, most: np.ndarray | None = None) -> np.ndarray:
    """Whole shares of a total in proportion to weights, by largest remainder, none above `most`.

    Adds up to the total, or to what `most` has room for. Zero weights get nothing unless the others are full.

    >>> allot(7, [1, 1, 2]).tolist()
    [2, 2, 3]
    """
    weight = np.asarray(weights, dtype=float)
    room = np.full(len(weight), total) if most is None else np.asarray(most)
    shares = np.zeros(len(weight), dtype=int)
    left = min(total, int(room.sum()))
    while left > 0:
        able = shares < room
        open_weight = np.where(able, weight, 0.0) if weight[able].any() else able.astype(float)
        exact = left * open_weight / open_weight.sum()
        whole = np.floor(exact).astype(int)
        step = np.minimum(whole, room - shares)
        if (step == whole).all():  # nobody is full yet: what is left over goes to the largest remainders
            order = np.argsort(whole - exact, kind="stable")
            first = [at for at in order if open_weight[at] > 0 and shares[at] + step[at] < room[at]]
            step[first[: left - int(step.sum())]] += 1
        shares += step
        left -= int(step.sum())
    return shares
