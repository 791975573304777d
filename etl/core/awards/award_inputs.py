"""Everything that a year's awards rest on, in one value that can be sealed and opened again years later.

Frames, one row each: `scores` as `scoring.score_table` has them (hundredths); `reviews` the judgements in force (branch_id, tier,
verdict, level, points, visited); `titles` (branch_id, level, node_id, year, period, valid, freed).
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from etl.core.awards.award import Review
from etl.core.awards.quota import Move, Taken
from etl.core.period import Period
from etl.core.programmes.measures import POINT_SCALE
from etl.core.programmes.programme import Programme
from etl.core.register import Register

REVIEWS = ("branch_id", "tier", "verdict", "level", "points", "visited")
TITLES = ("branch_id", "level", "node_id", "period", "valid", "freed")
_WHOLE = ("points", "members", "self_points")


@dataclass(frozen=True)
class AwardInputs:
    """All that decides. `paths`: node of a branch → tier → node; `blocked`: gate → branches that records or findings hold back;
    `swept`: branch → sweeps on record."""

    programme: Programme
    period: Period
    as_of: dt.date
    scores: pd.DataFrame
    paths: Mapping[str, Mapping[str, str]]
    reviews: pd.DataFrame
    titles: pd.DataFrame
    moves: tuple[Move, ...]
    blocked: Mapping[str, tuple[str, ...]]
    swept: Mapping[str, int]

    @cached_property
    def _by_tier(self) -> dict[str, pd.DataFrame]:
        return {}

    def reviewed_by(self, tier: str) -> pd.DataFrame:
        """A tier's reviews in force, one row a branch in the order of `scores`; empty cells where there is none."""
        if tier not in self._by_tier:
            mine = self.reviews[self.reviews["tier"] == tier].set_index("branch_id")
            self._by_tier[tier] = mine.reindex(self.scores["branch_id"]).reset_index(drop=True)
        return self._by_tier[tier]

    def taken(self) -> tuple[Taken, ...]:
        """The titles as places taken of quotas."""
        return tuple(
            Taken(row.level, row.node_id, Period.parse(row.period).year, row.freed)
            for row in self.titles.itertuples()
        )


def tier_paths(register: Register, node_ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """For each node where branches stand, which node it belongs to at every tier above; a township stands below its unit.

    A tier that is not on the way (a side unit has no county) is simply not there.
    """
    paths: dict[str, dict[str, str]] = {}
    for node_id in dict.fromkeys(node_ids):
        unit, slash, _ = node_id.partition("/")
        path = {"township": node_id} if slash else {}
        for above in register.above.get(unit, ()):
            path.setdefault(register.node(above).tier, above)
        paths[node_id] = path
    return paths


def in_force(reviews: Iterable[Review]) -> dict[tuple[str, str], Review]:
    """(branch, tier) → the review that holds: not superseded, and of two the one entered last."""
    listed = sorted(reviews, key=lambda review: (review.entered_at, review.review_id))
    superseded = {review.supersedes for review in listed if review.supersedes}
    return {(each.branch_id, each.tier): each for each in listed if each.review_id not in superseded}


def review_frame(reviews: Iterable[Review]) -> pd.DataFrame:
    """The reviews in force as a frame."""
    rows = []
    for (branch_id, tier), each in sorted(in_force(reviews).items()):
        whole = None if each.points is None else int(each.points * POINT_SCALE)
        rows.append((branch_id, tier, each.verdict, each.level, whole, each.visit is not None))
    return _typed(pd.DataFrame(rows, columns=list(REVIEWS)))


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    whole = {name: "Int64" for name in _WHOLE if name in frame}
    return frame.astype(whole)


def seal(inputs: AwardInputs) -> bytes:
    """The inputs as canonical JSON: equal inputs are equal bytes, whatever order they came in."""
    document = {
        "programme": inputs.programme.model_dump(mode="json"),
        "period": str(inputs.period),
        "as_of": inputs.as_of.isoformat(),
        "scores": _columns(inputs.scores.sort_values("branch_id")),
        "paths": inputs.paths,
        "reviews": _columns(inputs.reviews.sort_values(["branch_id", "tier"])),
        "titles": _columns(inputs.titles.sort_values(["branch_id", "level", "period"])),
        "moves": sorted(
            (asdict(move) for move in inputs.moves), key=lambda move: json.dumps(move, sort_keys=True)
        ),
        "blocked": {gate: sorted(branches) for gate, branches in inputs.blocked.items()},
        "swept": inputs.swept,
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def unseal(content: bytes) -> AwardInputs:
    """The inputs out of their sealed bytes; ValueError (pydantic's) if they are not such."""
    raw = json.loads(content)
    return AwardInputs(
        programme=Programme.model_validate(raw["programme"]),
        period=Period.parse(raw["period"]),
        as_of=dt.date.fromisoformat(raw["as_of"]),
        scores=_typed(pd.DataFrame(raw["scores"])),
        paths=raw["paths"],
        reviews=_typed(pd.DataFrame(raw["reviews"])),
        titles=pd.DataFrame(raw["titles"]),
        moves=tuple(Move(**move) for move in raw["moves"]),
        blocked={gate: tuple(branches) for gate, branches in raw["blocked"].items()},
        swept=raw["swept"],
    )


def digest(content: bytes) -> str:
    """SHA-256 as text."""
    return hashlib.sha256(content).hexdigest()


def _columns(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """A frame as plain lists; what is missing is None."""
    return {
        name: [
            None if missing else value
            for value, missing in zip(frame[name].tolist(), frame[name].isna(), strict=True)
        ]
        for name in frame.columns
    }
