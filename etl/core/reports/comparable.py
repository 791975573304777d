"""Which units have a figure in one of two periods only: where there are any, totals rise and fall with who filed."""

from collections.abc import Iterable, Mapping, Sequence

from etl.core.reports.figures import number_or_none
from etl.core.reports.index import Record


def units_in_one_period(
    figures: Mapping[tuple[str, str], Record], units: Iterable[str], keys: Sequence[str]
) -> dict[str, list[str]]:
    """Units that have one of the figures in one period and not in the other: `lost` before only, `gained` now only.

    A unit whose own row is held has lost what stands there, though its branches' figures are there.

    >>> now = {"value": 3.0, "previous_value": None}
    >>> units_in_one_period({("甲县", "members"): now}, ["甲县", "乙县"], ["members"])
    {'lost': [], 'gained': ['甲县']}
    """
    found: dict[str, list[str]] = {"lost": [], "gained": []}
    for unit in units:
        filed = {
            tuple(number_or_none(row.get(column)) is not None for column in ("previous_value", "value"))
            for row in (figures.get((unit, key), {}) for key in keys)
        }
        for which, one_sided in (("lost", (True, False)), ("gained", (False, True))):
            if one_sided in filed:
                found[which].append(unit)
    return found
