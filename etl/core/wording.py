"""How figures, changes, dates and headings are written in Chinese official prose.

The words themselves come from ``templates/common/wording.zh-CN.yaml``; here are only the rules that choose
among them. Numbers are rounded half-up from their shortest decimal form, so 0.125 prints as 12.5% and 2.675
as 2.68, as a clerk with a pencil would write them.
"""

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from etl.core.indicators import IndicatorCatalogue, Model
from etl.core.period import Period

Better = Literal["up", "down", "none"]
Direction = Literal["up", "down", "same"]

_ASIDE = re.compile(r"（([^（）]*)）$")


class Magnitude(Model):
    """From `at` on numbers are written in units of `at`, called by a word."""

    at: Decimal
    word: str


class NumberWords(Model):
    magnitudes: tuple[Magnitude, ...]
    large_decimals: int
    grouped: bool  # thousands separated in prose too
    units_told: bool  # a measure word follows the number
    floor_round: str
    floor_exact: str
    floor_cell: str
    none: str
    hidden: str
    minus: str


class Verbs(Model):
    up: str
    down: str
    rate_up: str
    rate_down: str


class ChangeWords(Model):
    count: Verbs
    share: Verbs
    same: str
    about: str
    points: str
    small_base: int


class ListWords(Model):
    comma: str
    more: str
    more_uncounted: str


class DateWords(Model):
    day: str
    short_day: str


class ShortPeriodWords(Model):
    half_year: str
    halves: tuple[str, str]
    year: str
    batch: str


class PeriodWords(Model):
    half_year: tuple[str, str]
    year: str
    batch: str


class Wording(Model):
    """The catalogue of words shared by every report; unknown keys do not load."""

    language: Literal["zh", "en"]
    numbers: NumberWords
    change: ChangeWords
    lists: ListWords
    dates: DateWords
    period: PeriodWords
    short_period: ShortPeriodWords
    numerals: tuple[str, ...]
    whole: Mapping[str, str]
    headings: tuple[str, str]
    tiers: Mapping[str, str]
    status: Mapping[str, str]
    activities: Mapping[str, str]
    units: Mapping[str, str]


@dataclass(frozen=True)
class Measure:
    """What is needed to write one indicator's figures. `zh` has no bracketed aside; `definition` is that aside."""

    key: str
    zh: str
    definition: str
    unit: str
    unit_zh: str
    decimals: int
    percent: bool
    better: Better


def measures_of(catalogue: IndicatorCatalogue, words: Wording) -> dict[str, Measure]:
    """Every indicator of the catalogue as a Measure, by key. Shares (0 to 1) are written as percentages.

    Keys are the glossary's English words, so in English they are the names.
    """
    chinese = {key: _measure(catalogue, key) for key in catalogue.indicators}
    return (
        chinese
        if words.language == "zh"
        else {key: _in_english(each, words) for key, each in chinese.items()}
    )


def _in_english(measure: Measure, words: Wording) -> Measure:
    unit = "%" if measure.percent else words.units.get(measure.unit, words.units["default"])
    name = measure.key.replace("_", " ")
    return replace(measure, zh=name[:1].upper() + name[1:], definition="", unit_zh=unit)


def _measure(catalogue: IndicatorCatalogue, key: str) -> Measure:
    indicator, unit = catalogue.indicators[key], catalogue.unit_of(key)
    percent = unit.value_type == "share"
    decimals = unit.decimals if indicator.decimals is None else indicator.decimals
    aside = _ASIDE.search(indicator.zh)
    return Measure(
        key=key,
        zh=_ASIDE.sub("", indicator.zh),
        definition=aside.group(1) if aside else "",
        unit=indicator.unit,
        unit_zh="%" if percent else unit.zh,
        decimals=max(decimals, 1) if percent else decimals,
        percent=percent,
        better=indicator.better,
    )


def one_line(text: str) -> str:
    """The text on one line: names come from spreadsheets and may hold newlines, tabs or control characters.

    Private-use characters stay: somebody meant a character by them, and the paper must be refused rather than lack it.
    """
    return " ".join("".join(c if c.isprintable() or is_private(c) else " " for c in text).split())


def is_private(character: str) -> bool:
    """Whether only a private agreement says what the character is (Unicode category Co)."""
    return unicodedata.category(character) == "Co"


def is_known(value: float | None) -> bool:
    """Whether there is a number at all (neither None nor NaN)."""
    return value is not None and not math.isnan(value)


def rounded(value: float, decimals: int) -> Decimal:
    """The value rounded half-up; never a negative zero.

    >>> rounded(2.675, 2), rounded(-0.04, 1)
    (Decimal('2.68'), Decimal('0.0'))
    """
    result = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return abs(result) if result == 0 else result


def _shown(value: float, measure: Measure) -> Decimal:
    """The number as it stands on paper: a share times 100, rounded to the measure's decimals."""
    if measure.percent:
        return rounded(float(Decimal(str(value)) * 100), measure.decimals)
    return rounded(value, measure.decimals)


def _trimmed(number: Decimal, grouped: bool = False) -> str:
    text = f"{number:,f}" if grouped else f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def cell_text(value: float | None, measure: Measure, words: Wording, at_least: bool = False) -> str:
    """The figure as a table shows it: thousands separated, no unit; a dash when nobody filed it."""
    if value is None or not is_known(value):
        return words.numbers.none
    text = f"{_shown(value, measure):,f}".replace("-", words.numbers.minus)
    return f"{words.numbers.floor_cell}{text}" if at_least else text


def tile_parts(
    value: float | None, measure: Measure, words: Wording, at_least: bool = False
) -> dict[str, str]:
    """The figure for a headline tile: `number` as in a table but in 万 or 亿 when long, and `unit`."""
    number = cell_text(value, measure, words, at_least)
    if value is None or not is_known(value):
        return {"number": number, "unit": ""}
    if len(number) <= 9:
        return {"number": number, "unit": measure.unit_zh}
    large, magnitude = _large(_shown(value, measure), words)
    large = large.replace("-", words.numbers.minus)
    return {
        "number": f"{words.numbers.floor_cell}{large}" if at_least else large,
        "unit": f"{magnitude}{measure.unit_zh}",
    }


def prose_text(value: float | None, measure: Measure, words: Wording, at_least: bool = False) -> str:
    """The figure as a sentence says it: 96.4%, 8213名, 1.37万名; of a floor figure 50余个 or 53个以上."""
    if value is None or not is_known(value):
        return words.numbers.none
    shown = _shown(value, measure)
    number, magnitude = _large(shown, words) if not measure.percent else (f"{shown:f}", "")
    number = number.replace("-", words.numbers.minus)
    unit = _told_unit(measure, words)
    if not at_least:
        return f"{number}{magnitude}{unit}"
    if not measure.percent and shown >= 10 and shown % 10 == 0 and words.numbers.floor_round:
        return f"{number}{magnitude}{words.numbers.floor_round}{unit}"
    return f"{number}{magnitude}{unit}{words.numbers.floor_exact}"


def _told_unit(measure: Measure, words: Wording) -> str:
    """The measure word as it follows a number in a sentence."""
    return measure.unit_zh if measure.percent or words.numbers.units_told else ""


def count_text(count: int, words: Wording, large: bool = True) -> str:
    """A count in a sentence: 8213, 1.37万; with `large` False exact and with thousands separated."""
    if not large:
        return f"{count:,}"
    number, magnitude = _large(Decimal(count), words)
    return f"{number}{magnitude}"


def _large(shown: Decimal, words: Wording) -> tuple[str, str]:
    """Digits and magnitude word; the magnitude is chosen after rounding, so 99,999,999 is 1亿 and not 10000万."""
    numbers = words.numbers
    scaled, magnitude, step = shown, "", Decimal(1)
    for each in numbers.magnitudes:
        if abs(scaled) * step < each.at:
            break
        step, magnitude = each.at, each.word
        scaled = (shown / step).quantize(Decimal(1).scaleb(-numbers.large_decimals), ROUND_HALF_UP)
    return _trimmed(scaled, numbers.grouped), magnitude


def change(
    value: float | None, base: float | None, measure: Measure, words: Wording, approximate: bool = False
) -> dict[str, Any] | None:
    """The change from a base as numbers and text, or None when either is unknown.

    Keys: `base`, `base_text`, `by` (signed number), `direction` (as shown: a change that rounds to nothing is
    `same`), `verb`, `by_text` (unsigned, with unit), `rate_text` (empty for shares and small bases),
    `signed_text` and `good` (None when neither direction is better).
    """
    if value is None or base is None or not is_known(value) or not is_known(base):
        return None
    by = float(Decimal(str(value)) - Decimal(str(base)))
    shown = _shown(by, measure)
    direction: Direction = "same" if shown == 0 else "up" if shown > 0 else "down"
    unit_zh = words.change.points if measure.percent else _told_unit(measure, words)
    number, magnitude = (f"{abs(shown):f}", "") if measure.percent else _large(abs(shown), words)
    return {
        "base": base,
        "base_text": prose_text(base, measure, words),
        "base_cell": cell_text(base, measure, words),
        "by": by,
        "direction": direction,
        "verb": _verb(direction, measure, words),
        "about": words.change.about if approximate else "",
        "by_text": f"{number}{magnitude}{unit_zh}",
        "rate_text": _rate_text(by, base, direction, measure, words),
        "signed_text": _signed(shown, words),
        "good": None if direction == "same" or measure.better == "none" else direction == measure.better,
    }


def _signed(shown: Decimal, words: Wording) -> str:
    sign = "+" if shown > 0 else words.numbers.minus if shown < 0 else ""
    return f"{sign}{abs(shown):,f}"


def _verb(direction: Direction, measure: Measure, words: Wording) -> str:
    if direction == "same":
        return words.change.same
    verbs = words.change.share if measure.percent else words.change.count
    return verbs.up if direction == "up" else verbs.down


def _rate_text(by: float, base: float, direction: Direction, measure: Measure, words: Wording) -> str:
    if measure.percent or direction == "same" or base < words.change.small_base:
        return ""
    rate = rounded(abs(by) / base * 100, 1)
    verb = words.change.count.rate_up if direction == "up" else words.change.count.rate_down
    return f"{verb}{rate:f}%" if rate > 0 else ""


def joined(names: Sequence[str], words: Wording, unit: str = "", most: int = 5) -> str:
    """The names in a row, cut after `most`: 甲、乙、丙等12个; without a unit the count is left out."""
    text = words.lists.comma.join(names[:most])
    if len(names) <= most:
        return text
    return text + (
        words.lists.more.format(count=len(names), unit=unit) if unit else words.lists.more_uncounted
    )


def day_text(day: dt.date, words: Wording) -> str:
    """The day as official papers write it, Arabic figures without leading zeros (GB/T 9704-2012, 7.3.5)."""
    return words.dates.day.format(year=day.year, month=day.month, day=day.day)


def short_day_text(day: dt.date, words: Wording) -> str:
    """The day without its year, for tables."""
    return words.dates.short_day.format(month=day.month, day=day.day)


def period_text(period: Period, words: Wording) -> str:
    """The period's name in the catalogue's language: 2018年上半年, the first half of 2018."""
    if period.kind == "half_year":
        return words.period.half_year[period.number - 1].format(year=period.year)
    pattern = words.period.year if period.kind == "year" else words.period.batch
    return pattern.format(year=period.year, number=period.number)


def short_period(period: Period, words: Wording) -> str:
    """A label short enough for a chart's axis: 2018上."""
    pattern = getattr(words.short_period, period.kind)
    half = words.short_period.halves[period.number - 1] if period.kind == "half_year" else ""
    return str(pattern.format(year=period.year, number=period.number, half=half))


def whole_of(name: str, words: Wording) -> str:
    """How a place is called as a whole: 全省, 全州, 全县."""
    return words.whole.get(name[-1:], words.whole["default"])
