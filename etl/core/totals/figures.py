"""Addresses of figures as people write them, and which filed cells make up a figure.

The reports' own form is ``P530100#attendance_rate`` (etl.core.reports.told); people may write ``530100/attendance_rate/2018H1``,
with a part ``530100/branches_named.county`` and a base ``530100/attendance_rate@previous``.

Figures that are no indicator begin with a word of `COUNTED`; what the paper says of itself with one of `ABOUT_THE_PAPER`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from etl.core.programmes.indicators import Indicator

Base = Literal["", "previous", "last_year"]
COUNTED = (
    "completeness", "units", "findings", "activity", "theme", "issue", "headline", "standing", "divisions", "practices",
    "difficulties", "plans", "duty", "fact",
)
ASPECTS = ("", "rank", "rank_of", "known", "movers", "reference", "peers")
"""What an indicator's figure may be told as beside itself, and tiers whose tables it ranks; the same cells explain it."""
ABOUT_THE_PAPER = ("edition", "annex", "rule")

_ADDRESS = re.compile(
    r"(?:(?P<node>[^#/@]+(?:/[^#/@]+(?=#))?)[#/])?(?P<key>\w+)(?:\.(?P<part>[\w-]+))?(?:/(?P<period>\d{4}(?:[HB]\d+)?))?"
    r"(?:@(?:(?P<base>previous|last_year)|(?P<aspect>\w+))(?:\.(?P<way>\w+))?)?"
)


@dataclass(frozen=True)
class FigureAddress:
    """One figure: `node` an id or a code, '' for the edition's own; `key` an indicator or the first word of another kind.

    `base`: what it is held against instead of itself. `aspect`: what else is told of it (`rank`, `entries`, `threshold`);
    `way`: what was worked out of both (`by`, `rate`), or which of several (`up`, `down`).
    """

    node: str
    key: str
    part: str = ""
    period: str = ""
    base: Base = ""
    aspect: str = ""
    way: str = ""


def parse_address(text: str) -> FigureAddress:
    """The figure that an address names; ValueError for anything else.

    >>> parse_address("530100/branches_named.county/2018H1")
    FigureAddress(node='530100', key='branches_named', part='county', period='2018H1', base='', aspect='', way='')
    >>> parse_address("P520329/某街道#members@previous.by").node
    'P520329/某街道'
    >>> parse_address("P530100#activity.theme_day@person_times").aspect
    'person_times'
    """
    found = _ADDRESS.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            f"{text!r} is no address of a figure: write 530100/attendance_rate or P530100#attendance_rate"
        )
    parts: dict[str, Any] = found.groupdict(default="")
    return FigureAddress(**parts)


def filed_parts(indicator: Indicator) -> tuple[str, ...]:
    """The indicators whose filed cells make up a figure: itself, or the names in its formula."""
    return indicator.parsed_formula.names if indicator.kind == "derived" else (indicator.key,)


def value_of(indicator: Indicator, rows: Sequence[Mapping[str, Any]]) -> Decimal | None:
    """The figure that these rows make up (`indicator`, `value`); None where nobody filed it.

    Sums are exact; a derived figure is recomputed from the sums and rounded to six decimals, as the roll-up does.
    """
    sums: dict[str, Decimal] = {}
    for row in rows:
        if row["value"] is not None:
            sums[row["indicator"]] = sums.get(row["indicator"], Decimal(0)) + Decimal(str(row["value"]))
    if indicator.kind != "derived":
        return sums.get(indicator.key)
    value = indicator.parsed_formula.value(sums)
    return None if value is None else round(value * Decimal(str(indicator.scale)), 6)


def counts_at(indicator: Indicator, row: Mapping[str, Any], node_id: str, inside: frozenset[str]) -> bool:
    """Whether a filed cell is part of the node's figure.

    What adds up counts at every node above; what does not, only where a unit or a tier's own office filed it of itself.
    """
    here = str(row["node_id"])
    if indicator.rollup == "none":
        return row["table_name"] == "unit_figures" and here in (node_id, f"{node_id}-own")
    unit = here.split("/", 1)[0]  # of a township's branch the county, unless the township itself is asked for
    return here in inside or (unit in inside and "/" not in node_id)
