"""The numbers behind a report's charts: axes, rows, points. Drawing is the template's work."""

import math
import re
import unicodedata
from collections.abc import Sequence

from etl.core.period import Period
from etl.core.reports.figure_rows import Axis, Bar, Bars, Dumbbell, Figure, Movers, PlainRow, Trend
from etl.core.reports.figure_text import Measure
from etl.core.reports.list_rows import Problem
from etl.core.wording import Wording, short_period

MOST_ROWS = 16
"""Rows a dumbbell chart shows, which with tiles and two small charts fill one page."""
ROWS_AT_EACH_END = 7
"""Of more rows, how many of the first and of the last are shown."""
LEAST_SPREAD = 0.1
"""Of the largest value, what the scale of a trend spans at least."""
LONGEST_NAME = 15
MOST_BARS = 5
LONGEST_LABEL = 25
"""Han characters that stand above a bar on one line; two Latin letters take the room of one."""
_STEPS = (1, 2, 2.5, 5, 10)
_REMARK = re.compile(r"（[^（）]*）|\s*\([^()]*\)")
_CLAUSE_END = re.compile("[，；、。]|[,;] ")


def axis(values: Sequence[float], measure: Measure, most: int = 6, least: float = 0) -> Axis:
    """A scale around the values with round ticks, in the values' own units.

    A share's scale does not pass 100 % unless a value does. One value, or equal values, get a step on each side. `least`: as a
    share of the largest value, what the scale spans at least, so that a small change is not drawn as a cliff.
    """
    factor = 100 if measure.percent else 1
    whole = measure.percent and max(values) * factor <= 100
    wider = max(0, least * max(map(abs, values)) - (max(values) - min(values))) * factor / 2
    low, high = min(values) * factor - wider, max(values) * factor + wider
    low = max(low, 0) if min(values) >= 0 else low
    spread = (high - low) or max(abs(high) * 0.1, 1)
    step = _step(spread / (most - 1), whole=measure.decimals == 0 and not measure.percent)
    first, last = math.floor(low / step), math.ceil(high / step)
    if first == last:
        first, last = first - 1, last + 1
    if whole:
        last = min(last, math.ceil(100 / step))
    if low >= 0:
        first = max(first, 0)
    ticks = [round(n * step, 6) for n in range(first, last + 1)]
    return {
        "lo": ticks[0] / factor,
        "hi": ticks[-1] / factor,
        "ticks": [{"at": tick / factor, "text": f"{tick:,g}"} for tick in ticks],
    }


def _step(least: float, whole: bool) -> float:
    magnitude = 10 ** math.floor(math.log10(least))
    step: float = next(s * magnitude for s in _STEPS if s * magnitude >= least * 0.999)
    return max(1, math.ceil(step)) if whole else step


def dumbbell(
    rows: Sequence[PlainRow], reference: float | None, measure: Measure
) -> Dumbbell | None:
    """Ranked rows as a chart: now, last period, and a reference line; None when fewer than two rows have a value."""
    known = [row for row in rows if row["number"] is not None]
    if len(known) < 2:
        return None
    cut = ROWS_AT_EACH_END if len(known) > MOST_ROWS else None
    shown = known if cut is None else [*known[:cut], *known[-cut:]]
    values = [v for row in shown for v in (row["number"], row["previous"]) if v is not None]
    if reference is not None:
        values.append(reference)
    return {
        "axis": axis(values, measure),
        "reference": reference,
        "omitted": len(known) - len(shown),
        "cut": cut,
        "compared": any(row["previous"] is not None for row in shown),
        "rows": [
            {
                "number": row["number"],
                "previous": row["previous"],
                "cell": row["cell"],
                "change": row["change"],
                "name": short_name(row["name"]),
            }
            for row in shown
        ],
    }


def short_name(name: str) -> str:
    """The name as an axis can hold it: of a long one its beginning and end, by which offices tell apart.

    >>> short_name("某省某某某某某某某某某某某管理局离退休干部处")
    '某省某某某某某…离退休干部处'
    """
    half = len(name) if room_of(name) <= LONGEST_NAME else next(
        n for n in range(len(name), 0, -1) if room_of(name[:n]) <= LONGEST_NAME // 2
    )
    return name if half == len(name) else f"{name[:half]}…{name[1 - half :]}"


def short_sentence(sentence: str) -> str:
    """The sentence as one line of a chart can hold it: of a long one the whole clauses that fit, without remarks in brackets.

    >>> short_sentence("填报的比率与按分子分母重新计算的不一致（汇总时一律按重新计算的比率）")
    '填报的比率与按分子分母重新计算的不一致'
    >>> short_sentence("必填项未填；没有发生请填零，确实不适用的请写明理由并经上级同意")
    '必填项未填；没有发生请填零…'
    """
    plain = _REMARK.sub("", sentence) or sentence
    for text in (sentence, plain):
        if room_of(text) <= LONGEST_LABEL:
            return text
    held = next(n for n in range(len(plain), 0, -1) if room_of(plain[:n]) <= LONGEST_LABEL - 1)
    ends = [mark.start() for mark in _CLAUSE_END.finditer(plain, 0, held + 1)]
    return f"{plain[: ends[-1] if ends and ends[-1] >= held // 3 else held].rstrip()}…"


def room_of(text: str) -> float:
    """How much room a text takes, in Han characters."""
    return sum(1 if unicodedata.east_asian_width(character) in "WFA" else 0.5 for character in text)


def movers(rows: Sequence[PlainRow]) -> Movers:
    """The rows that rose and fell most since last period; None where no row did."""
    changed = [(change, row) for row in rows if (change := row["change"]) is not None]
    risen = [each for each in changed if each[0]["direction"] == "up"]
    fallen = [each for each in changed if each[0]["direction"] == "down"]
    return {
        "up": max(risen, key=lambda each: each[0]["by"])[1] if risen else None,
        "down": min(fallen, key=lambda each: each[0]["by"])[1] if fallen else None,
        "risen": len(risen),
        "fallen": len(fallen),
    }


def trend(
    figure: Figure,
    now: Period,
    previous: Period | None,
    last_year: Period | None,
    measure: Measure,
    words: Wording,
) -> Trend | None:
    """The figure over the same period last year, last period and now; None with fewer than two points."""
    bases = {last_year: figure["last_year"], previous: figure["previous"]}
    points = [
        (period, base["base"]) for period, base in bases.items() if period is not None and base is not None
    ]
    if figure["number"] is None or not points:
        return None
    points = [*sorted(points, key=lambda point: point[0]), (now, figure["number"])]
    return {
        "axis": axis([value for _, value in points], measure, most=4, least=LEAST_SPREAD),
        "points": [{"label": short_period(period, words), "value": value} for period, value in points],
        "text": figure["cell"],
    }


def bars(problems: Sequence[Problem]) -> Bars | None:
    """The rules with most findings; None without findings."""
    if not problems:
        return None
    shown: list[Bar] = [
        {"label": short_sentence(problem["sentence"]), "count": problem["count"]} for problem in problems[:MOST_BARS]
    ]
    return {
        "rows": shown,
        "most": max(bar["count"] for bar in shown),
        "rest": sum(problem["count"] for problem in problems[MOST_BARS:]),
    }
