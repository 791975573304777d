"""One node's totals → figures that carry number and text together."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from etl.core.reports.figure_rows import Figure
from etl.core.reports.figure_text import (
    Measure,
    cell_text,
    change,
    counted_name,
    is_known,
    prose_text,
    tile_parts,
)
from etl.core.reports.index import Record
from etl.core.reports.told import address
from etl.core.totals.suppression import is_small
from etl.core.wording import Wording


def number_or_none(value: Any) -> float | None:
    """The value as a plain float, None for NaN, so that the model is JSON."""
    return None if value is None or pd.isna(value) else float(value)


def count_or_zero(value: Any) -> int:
    """A count as a plain int; an absent count is 0."""
    return 0 if value is None or pd.isna(value) else int(value)


def node_figures(
    figures: Mapping[tuple[str, str], Record],
    node_id: str,
    keys: Sequence[str],
    measures: Mapping[str, Measure],
    words: Wording,
    fewest: Callable[[Measure], int] = lambda _: 0,
) -> list[Figure]:
    """The node's figures in the order of `keys`; one nobody filed has `number` None and a dash as text.

    `fewest`: below how many people a figure is held back, as is a change from so few; 0 holds nothing back.
    """
    return [
        _figure(node_id, figures.get((node_id, key), {}), measures[key], words, fewest(measures[key]))
        for key in keys
    ]


def _figure(node_id: str, row: Record, measure: Measure, words: Wording, fewest: int) -> Figure:
    filed = number_or_none(row.get("value"))
    hidden = is_small(filed, fewest)
    value = None if hidden else filed
    at_least = value is not None and bool(row["at_least"])
    rank, of = number_or_none(row.get("rank_in_parent")), number_or_none(row.get("rank_of_parent"))
    return {
        "key": measure.key,
        "address": address(node_id, measure.key),
        "zh": measure.zh,
        "counted_zh": counted_name(measure, words),
        "definition": measure.definition,
        "unit_zh": measure.unit_zh,
        "percent": measure.percent,
        "decimals": measure.decimals,
        "number": value,
        "text": prose_text(value, measure, words, at_least),
        "cell": words.numbers.hidden if hidden else cell_text(value, measure, words, at_least),
        "tile": {"number": words.numbers.hidden, "unit": ""}
        if hidden
        else tile_parts(value, measure, words, at_least),
        "known": is_known(value),
        "telling": value != 0 or number_or_none(row.get("previous_value")) not in (None, 0),
        "at_least": at_least,
        "missing": count_or_zero(row.get("missing")),
        "previous": change(value, _base(row, "previous_value", fewest), measure, words, at_least),
        "last_year": change(value, _base(row, "last_year_value", fewest), measure, words, at_least),
        "rank": None if rank is None or of is None else {"rank": int(rank), "of": int(of)},
    }


def _base(row: Record, column: str, fewest: int) -> float | None:
    base = number_or_none(row.get(column))
    return None if is_small(base, fewest) else base
