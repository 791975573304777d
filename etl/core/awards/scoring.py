"""What a branch's figures of a year are worth under a rubric, item by item; all branches at once.

`values` are what `score_values.values_statement` gives back. Points are whole hundredths until they become `Decimal` in the
nouns below, so that no rounding ever happens but the named one (half up, in `measures`).
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from etl.core.awards.score_values import ABOUT, SELF_SCORE, Of, Wanted, wanted_by
from etl.core.programmes.indicators import IndicatorCatalogue, MeasureUnit
from etl.core.programmes.measures import POINT_SCALE, VALUE_SCALE, half_up, scaled
from etl.core.programmes.programme import Programme
from etl.core.programmes.rubric import Dimension, Extra, RubricItem

POINTS, VALUE, OF = "points__", "value__", "of__"
EXTRAS = ("bonus", "deduction")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One figure that an item rests on: its name, its unit, what was found (None: nobody filed it), and of whom it is (`over`).

    Of a day `value` is how many months before the end it lies, begun ones whole.
    """

    zh: str
    unit: MeasureUnit
    value: Decimal | None
    over: Of


@dataclass(frozen=True, slots=True)
class ItemScore:
    """One item of one branch's score: what it rests on (for a share, of what), its points, out of how much, on what ground.

    `measured` is empty for an item that a reviewer judges.
    """

    item: str
    zh: str
    dimension: str
    measured: tuple[Measurement, ...]
    points: Decimal
    most: Decimal
    ground: str


@dataclass(frozen=True, slots=True)
class Score:
    """What a branch's filed figures of a year are worth by themselves; `self_points`: the score that it filed for itself, if any;
    `sweeps`: half-years in which it was swept."""

    branch_id: str
    unit_id: str
    node_id: str
    branch_name: str
    branch_kind: str
    members: int | None
    points: Decimal
    bonus: Decimal
    deduction: Decimal
    self_points: Decimal | None
    dimensions: Mapping[str, Decimal]
    rectifying: bool
    sweeps: int


@dataclass(frozen=True, slots=True)
class Judged:
    """An item in force with where it belongs: a dimension, or `bonus` / `deduction`."""

    item: RubricItem
    place: str
    dimension: Dimension | None
    wanted: tuple[Wanted, ...]


def judged_items(programme: Programme, catalogue: IndicatorCatalogue, day: dt.date) -> tuple[Judged, ...]:
    """The items of the programme's rubric in force on a day, in its order; nothing without a rubric."""
    return tuple(
        Judged(item, place, dimension, wanted_by(item, dimension, programme, catalogue))
        for place, dimension, item in _placed(programme)
        if item.in_force(day)
    )


def _placed(programme: Programme) -> Iterator[tuple[str, Dimension | None, RubricItem]]:
    if programme.rubric is None:
        return
    for dimension in programme.rubric.dimensions:
        yield from ((dimension.key, dimension, item) for item in dimension.items)
    extras: Mapping[str, Extra | None] = {
        "bonus": programme.rubric.bonus,
        "deduction": programme.rubric.deduction,
    }
    for place, extra in extras.items():
        yield from ((place, None, item) for item in (extra.items if extra else ()))


def item_scores(values: pd.DataFrame, items: tuple[Judged, ...]) -> pd.DataFrame:
    """One row a branch: `branch_id`, and for each item `value__` (ten-thousandths, null: not filed) and `points__`."""
    columns: dict[str, Any] = {"branch_id": values["branch_id"].to_numpy()}
    for judged in items:
        value, there = _whole(values, judged.wanted[0]) if judged.wanted else _nothing(len(values))
        of, known = None, there
        if len(judged.wanted) > 1:
            of, of_there = _whole(values, judged.wanted[1])
            columns[OF + judged.item.key] = pd.arrays.IntegerArray(of, ~of_there)
            known = there & of_there
        most = scaled(judged.item.points, POINT_SCALE)
        earned = judged.item.how.points(value, of, most)
        columns[VALUE + judged.item.key] = pd.arrays.IntegerArray(value, ~there)
        columns[POINTS + judged.item.key] = np.where(known, earned, 0).astype(np.int64)
    return pd.DataFrame(columns)


def _whole(values: pd.DataFrame, wanted: Wanted) -> tuple[np.ndarray, np.ndarray]:
    column = values[wanted.column]
    there = column.notna().to_numpy()
    return column.fillna(0).to_numpy(dtype=np.int64), there


def _nothing(count: int) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)


def score_table(values: pd.DataFrame, programme: Programme, items: tuple[Judged, ...]) -> pd.DataFrame:
    """One row a branch: what is known about it, `points`, `bonus`, `deduction`, `self_points` (null: none filed) and
    `dimension__` columns, in hundredths.

    points = dimensions + bonus − deduction, never below 0. Rows are in the order of `values`.
    """
    points = _added_up(item_scores(values, items), programme, items)
    return values[list(ABOUT)].reset_index(drop=True).assign(self_points=_self_points(values), **points)


def _added_up(each: pd.DataFrame, programme: Programme, items: tuple[Judged, ...]) -> dict[str, np.ndarray]:
    """`points`, `bonus`, `deduction` and `dimension__` columns out of the items' points."""
    rubric = programme.rubric
    sums = {place: _sum_of(each, items, place) for place in (*_dimensions(programme), *EXTRAS)}
    if rubric is not None:
        for place, extra in zip(EXTRAS, (rubric.bonus, rubric.deduction), strict=True):
            sums[place] = np.minimum(sums[place], (extra.max if extra else 0) * POINT_SCALE)
    base = sum((sums[key] for key in _dimensions(programme)), np.zeros(len(each), dtype=np.int64))
    extras = {place: sums[place] for place in EXTRAS}
    points = np.maximum(base + extras["bonus"] - extras["deduction"], 0)
    return {"points": points, **extras, **{f"dimension__{key}": sums[key] for key in _dimensions(programme)}}


def totals_given(
    each: pd.DataFrame, given: Sequence[Mapping[str, Decimal]], programme: Programme, items: tuple[Judged, ...]
) -> list[Decimal]:
    """What rows of `item_scores` come to, each with the points that a reviewer gave for some of its items in place of theirs."""
    rows = each.reindex(columns=[POINTS + judged.item.key for judged in items], fill_value=0).reset_index(drop=True)
    for at, points in enumerate(given):
        for item, value in points.items():
            rows.loc[at, POINTS + item] = scaled(value, POINT_SCALE)
    return [Decimal(int(total)) / POINT_SCALE for total in _added_up(rows, programme, items)["points"]]


def _self_points(values: pd.DataFrame) -> Any:
    filed = values[SELF_SCORE]
    whole = filed.fillna(0).to_numpy(dtype=np.int64)
    return pd.arrays.IntegerArray(half_up(whole, VALUE_SCALE // POINT_SCALE), filed.isna().to_numpy())


def _dimensions(programme: Programme) -> tuple[str, ...]:
    return tuple(each.key for each in programme.rubric.dimensions) if programme.rubric else ()


def _sum_of(each: pd.DataFrame, items: tuple[Judged, ...], place: str) -> np.ndarray:
    keys = [POINTS + judged.item.key for judged in items if judged.place == place]
    total = np.zeros(len(each), dtype=np.int64)
    for key in keys:
        total = total + each[key].to_numpy()
    return total


def explained(
    row: Mapping[str, Any], items: tuple[Judged, ...], programme: Programme, catalogue: IndicatorCatalogue
) -> tuple[ItemScore, ...]:
    """The items of one branch, out of its row of `item_scores`."""
    return tuple(
        ItemScore(
            item=judged.item.key,
            zh=judged.item.zh,
            dimension=judged.dimension.zh if judged.dimension else judged.place,
            measured=_measured(row, judged, catalogue),
            points=_decimal(row[POINTS + judged.item.key], POINT_SCALE) or Decimal(0),
            most=judged.item.points,
            ground=ground_of(judged, programme),
        )
        for judged in items
    )


def _measured(row: Mapping[str, Any], judged: Judged, catalogue: IndicatorCatalogue) -> tuple[Measurement, ...]:
    found = (row.get(prefix + judged.item.key) for prefix in (VALUE, OF))
    return tuple(
        Measurement(catalogue.indicators[w.indicator].zh, catalogue.unit_of(w.indicator), _decimal(value, VALUE_SCALE), w.of)
        for w, value in zip(judged.wanted, found, strict=False)  # only a share has two
    )


def ground_of(judged: Judged, programme: Programme) -> str:
    """Where the item stands: its own reference, else the programme's source for its origin, else that it is assumed."""
    return judged.item.ref or programme.sources.get(judged.item.origin) or judged.item.origin


def _decimal(whole: Any, scale: int) -> Decimal | None:
    return None if pd.isna(whole) else Decimal(int(whole)) / scale
