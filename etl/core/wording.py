"""The catalogue of words shared by every report; how names, days and periods are written in official prose.

The words themselves come from ``templates/common/wording.zh-CN.yaml``; here are only the rules that choose
among them. Figures are written by ``figure_text.py``.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal

from etl.core.period import Period
from etl.core.programmes.indicators import Model


class Magnitude(Model):
    """From `at` on numbers are written in units of `at`, called by a word."""

    at: Decimal
    word: str


class NumberWords(Model):
    magnitudes: tuple[Magnitude, ...]
    large_decimals: int
    grouped: bool  # thousands separated in prose too
    units_told: bool  # a measure word follows the number
    count_ending: str  # what names of counts end in and leave out before a number; empty: nothing
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
    pair: str  # the last two of a full list
    more: str
    more_uncounted: str
    brackets: tuple[str, str]


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
    whole: Mapping[str, str]  # by how the place's name ends
    places: Mapping[str, str] = {}  # how places are called whose names are spelled out, by how the Chinese name ends
    peoples: Mapping[str, str] = {}  # those that such names may tell
    headings: tuple[str, str]
    papers: Mapping[str, str]  # what a paper is called that goes downward or upward
    tiers: Mapping[str, str]
    status: Mapping[str, str]
    activities: Mapping[str, str]
    facts: Mapping[str, str]  # branches of which a fact on record holds, by its kind
    units: Mapping[str, str]


def within_quotes(text: str) -> str:
    """A text as it stands inside quotation marks: its own become single ones."""
    return text.replace("“", "‘").replace("”", "’")


def one_line(text: str) -> str:
    """The text on one line: names come from spreadsheets and may hold newlines, tabs or control characters.

    Private-use characters stay: somebody meant a character by them, and the paper must be refused rather than lack it.
    """
    return " ".join("".join(c if c.isprintable() or is_private(c) else " " for c in text).split())


def is_private(character: str) -> bool:
    """Whether only a private agreement says what the character is (Unicode category Co)."""
    return unicodedata.category(character) == "Co"


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


def of_own_kind(title: str, name: str, words: Wording) -> str:
    """A title that leaves open what kind of place it is of, as a place of this name confers it.

    >>> from types import SimpleNamespace
    >>> words = SimpleNamespace(whole={"市": "全市", "区": "全区", "县": "全县", "default": "本单位"})
    >>> of_own_kind("县（市、区）级示范党支部", "五华区", words), of_own_kind("省级示范党支部", "五华区", words)
    ('区级示范党支部', '省级示范党支部')
    """
    kinds = "".join(kind for kind in words.whole if len(kind) == 1)

    def own(found: re.Match[str]) -> str:
        return name[-1] if name[-1:] and name[-1] in found[0] else found[0]

    return re.sub(f"[{kinds}]（[{kinds}、]+）", own, title)


def initial_of(name: str, words: Wording) -> str:
    """What stands for a place in document numbers: its first character, two where that alone would mean the tier above.

    >>> from types import SimpleNamespace
    >>> words = SimpleNamespace(whole={"市": "全市", "区": "全区", "default": "本单位"})
    >>> initial_of("晋宁区", words), initial_of("市中区", words)
    ('晋', '市中')
    """
    return name[: 2 if name[:1] in words.whole else 1]


def whole_of(name: str, words: Wording) -> str:
    """How a place is called as a whole: 全省, 全州, 全县."""
    endings = sorted((ending for ending in words.whole if name.endswith(ending)), key=len)
    return words.whole[endings[-1] if endings else "default"]
