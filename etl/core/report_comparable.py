"""Which units have figures in one of two periods only: where there are any, totals rise and fall with who filed."""

from collections.abc import Iterable, Mapping, Sequence

from etl.core.report_figures import number_or_none
from etl.core.report_index import Record


def units_in_one_period(
    figures: Mapping[tuple[str, str], Record], units: Iterable[str], keys: Sequence[str]
) -> dict[str, list[str]]:
    """Units that have any of the figures in one period and none in the other: `lost` before only, `gained` now only.

    >>> now = {"value": 3.0, "previous_value": None}
    >>> units_in_one_period({("甲县", "members"): now}, ["甲县", "乙县"], ["members"])
    {'lost': [], 'gained': ['甲县']}
    """
    found: dict[str, list[str]] = {"lost": [], "gained": []}
    for unit in units:
        rows = [figures.get((unit, key), {}) for key in keys]
        now, before = (
            any(number_or_none(row.get(column)) is not None for row in rows) for column in ("value", "previous_value")
        )
        if now != before:
            found["gained" if now else "lost"].append(unit)
    return found
