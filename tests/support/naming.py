"""A small invented year: scores without feeds, on the tree of a real programme."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pandas as pd
import pyarrow as pa

from etl.core.awards.award import Review
from etl.core.awards.award_inputs import TITLES, AwardInputs, review_frame, tier_paths
from etl.core.awards.review import Entry
from etl.core.awards.scoring import POINTS, VALUE, judged_items
from etl.core.period import Period
from etl.core.programmes.programme import Programme
from etl.core.register import Register
from etl.core.returns.events import By
from etl.edges.feeds import CHINA
from etl.edges.programmes import load_bundle
from etl.edges.store.awards import replace_scores
from etl.stages.award import award_year
from etl.stages.context import Context, open_year
from etl.stages.review import enter
from etl.stages.score import rubric_digest

YUNNAN = "yunnan-model-branch"
COUNTY, PREFECTURE, PROVINCE = "P530102", "P530100", "P530000"
AS_OF = dt.date(2018, 2, 1)


@cache
def register_of(programme: str, period: str) -> Register:
    """The register of a real programme, built once."""
    return load_bundle(programme).register(Period.parse(period))


def score_rows(
    programme: Programme, points: dict[str, float], *, node_id: str = COUNTY, **changes: Any
) -> list[dict[str, Any]]:
    """Branch → points, as rows of a score table; all dimensions 0 unless named in `changes`."""
    dimensions = (
        {f"dimension__{each.key}": 0 for each in programme.rubric.dimensions} if programme.rubric else {}
    )
    known = {
        "unit_id": node_id.partition("/")[0], "node_id": node_id, "branch_kind": "ordinary", "members": 20, "rectifying": False,
        "sweeps": 2, "bonus": 0, "deduction": 0, **dimensions, **changes,
    }
    return [
        {"branch_id": branch, "branch_name": f"{branch}党支部", "points": round(value * 100), **known}
        for branch, value in points.items()
    ]


def inputs_of(
    rows: Sequence[dict[str, Any]], reviews: Iterable[Review] = (), *, programme: str = YUNNAN, period: str = "2017",
    titles: Iterable[tuple[str, str, str, str, bool, bool]] = (), **changes: Any,
) -> AwardInputs:
    """Award inputs out of score rows, reviews and titles (branch, level, node, period, valid, freed)."""
    bundle, when = load_bundle(programme), Period.parse(period)
    scores = pd.DataFrame(rows).astype({"members": "Int64"})
    inputs = AwardInputs(
        programme=bundle.programme, period=when, as_of=AS_OF, scores=scores,
        paths=tier_paths(register_of(programme, period), scores["node_id"].unique()), reviews=review_frame(reviews),
        titles=pd.DataFrame(list(titles), columns=list(TITLES)), moves=(), blocked={}, swept={},
    )
    return replace(inputs, **changes)


def review(
    branch: str, tier: str, verdict: str = "recommend", level: str | None = "province", **more: Any
) -> Review:
    """One review; `points` as text."""
    points = more.pop("points", None)
    entered = more.pop("entered_at", "2018-01-10T09:00:00+08:00")
    known = {
        "review_id": f"{branch}-{tier}-{entered}", "branch_id": branch, "tier": tier, "node_id": "", "actor": "甲",
        "verdict": verdict, "level": level if verdict in ("recommend", "apply") else None,
        "points": None if points is None else Decimal(points), "reason": "", "evidence": "", "entered_at": entered,
    }
    return Review(**{**known, **more})


def recommended(branches: Iterable[str], level: str = "province", **more: Any) -> list[Review]:
    """The reviews of all three tiers of Yunnan up to a level's."""
    tiers = ("county", "prefecture", "province")
    return [
        review(b, tier, level=level, **more) for b in branches for tier in tiers[: tiers.index(level) + 1]
    ]


def keep_scores(context: Context, rows: Sequence[dict[str, Any]]) -> None:
    """Put score rows into the store, as if the year had been scored."""
    key = {"programme": context.key[0], "period": context.key[1]}
    items = judged_items(context.bundle.programme, context.bundle.catalogue, context.period.last_day)
    nothing = {f"{prefix}{each.item.key}": 0 for each in items for prefix in (VALUE, POINTS)}
    columns = pd.DataFrame([{"branch_id": row["branch_id"], **nothing} for row in rows])
    path = context.landing.keep_slice(pa.Table.from_pandas(columns, preserve_index=False))
    run = {**key, "inputs_digest": "", "rubric_digest": rubric_digest(context), "items_path": path, "scored": len(rows)}
    stored = []
    for row in rows:
        dimensions = {
            name.removeprefix("dimension__"): value
            for name, value in row.items()
            if name.startswith("dimension__")
        }
        plain = {name: value for name, value in row.items() if not name.startswith("dimension__")}
        own = row.get("self_points")
        points = {name: Decimal(row[name]).scaleb(-2) for name in ("points", "bonus", "deduction")}
        points["self_points"] = None if own is None else Decimal(own).scaleb(-2)
        stored.append({**plain, **points, **key, "dimensions": dimensions})
    replace_scores(context.store, run, stored)


def award_in_two_cities() -> Context:
    """Zunyi's programme awarded on 1 February 2025: branch "a" of Zunyi, "b" of Guiyang, both recommended to prefecture level."""
    context = open_year("zunyi-six-good", "2024B2")
    programme = context.bundle.programme
    rows = [*score_rows(programme, {"a": 95.0}, node_id="P520329"), *score_rows(programme, {"b": 95.0}, node_id="P520181")]
    keep_scores(context, rows)
    said = [Entry(branch, tier, "recommend", "prefecture") for branch in "ab" for tier in ("county", "prefecture")]
    assert not enter(context, said, By("甲", dt.datetime(2025, 1, 15, 9, tzinfo=CHINA))).refused
    award_year(context, dt.date(2025, 2, 1))
    return context
