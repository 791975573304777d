"""Texts that were copied from one another: equal once folded, or nearly so."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from rapidfuzz import fuzz, process

from etl.core.repairs import fold_names

_LARGEST_BLOCK = 500
"""Texts that are held against each other at once for likeness."""


def copied(
    texts: Sequence[str], owners: Sequence[str], blocks: Sequence[str], min_characters: int, similarity: float
) -> tuple[list[str | None], list[str | None]]:
    """Of each text, whose it equals (the first owner of it, over all), and whose it resembles (within its block).

    Texts are folded first (width, spaces, Traditional characters); those shorter than `min_characters`, and an owner's own, are
    left out. `similarity`: percent of rapidfuzz's ratio. The first owner of an equal text is told nothing.
    """
    folded = fold_names(pa.array(list(texts), pa.string())).to_pylist()
    long = [at for at, text in enumerate(folded) if len(text) >= min_characters]
    long.sort(key=lambda at: (owners[at], at))
    first: dict[str, int] = {}
    equals: list[str | None] = [None] * len(texts)
    resembles: list[str | None] = [None] * len(texts)
    for at in long:
        origin = first.setdefault(folded[at], at)
        if owners[origin] != owners[at]:
            equals[at] = owners[origin]
    by_block: dict[str, list[int]] = {}
    for at in first.values():
        by_block.setdefault(blocks[at], []).append(at)
    for members in by_block.values():
        for start in range(0, len(members), _LARGEST_BLOCK):
            _tell_resembling(members[start : start + _LARGEST_BLOCK], folded, owners, similarity, resembles)
    return equals, resembles


def _tell_resembling(
    members: Sequence[int], folded: Sequence[str], owners: Sequence[str], similarity: float, resembles: list[str | None]
) -> None:
    """Tell each text of a block, but the first, the first owner before it whose text is nearly the same."""
    if len(members) < 2:
        return
    texts = [folded[at] for at in members]
    alike = process.cdist(texts, texts, scorer=fuzz.ratio, score_cutoff=similarity, dtype=np.float32)
    for place, at in enumerate(members):
        for other in np.flatnonzero(alike[place, :place]).tolist():
            if owners[members[other]] != owners[at]:
                resembles[at] = owners[members[other]]
                break
