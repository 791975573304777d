"""How figures and their changes are written: in a table's cell, on a headline tile, in a sentence.

Numbers are rounded half-up from their shortest decimal form, so 0.125 prints as 12.5% and 2.675 as 2.68, as a
clerk with a pencil would write them.
"""

import math
import re
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from etl.core.programmes.indicators import IndicatorCatalogue
from etl.core.reports.figure_rows import Change, Direction, Tile
from etl.core.wording import Wording

Better = Literal["up", "down", "none"]

RATE_DECIMALS = 1
"""Of a rate of change, as a percentage."""
_CHANGE_WITHOUT_DECIMALS = 100
_ASIDE = re.compile(r"（([^（）]*)）$")


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
    """Every indicator of the catalogue as a Measure, by key. Shares (0 to 1) are written as percentages."""
    chinese = {key: _measure(catalogue, key) for key in catalogue.indicators}
    if words.language == "zh":
        return chinese
    named = {key: each.en or key.replace("_", " ").capitalize() for key, each in catalogue.indicators.items()}
    return {key: _in_english(each, named[key], words) for key, each in chinese.items()}


def _in_english(measure: Measure, name: str, words: Wording) -> Measure:
    unit = "%" if measure.percent else words.units.get(measure.unit, words.units["default"])
    return replace(measure, zh=name, definition="", unit_zh=unit)


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


def percentage(share: float, decimals: int) -> Decimal:
    """A share as a percentage, rounded half-up as it is written: the hundredfold of a binary fraction may fall just short.

    >>> percentage(23 / 40, 0), rounded(23 / 40 * 100, 0)
    (Decimal('58'), Decimal('57'))
    """
    return rounded(float(Decimal(str(share)) * 100), decimals)


def percent_digits(share: float, decimals: int) -> str:
    """A share as a sentence says it, without the sign: 96.4; all and nothing are 100 and 0, but 99.97% is 100.0."""
    return f"{share * 100:.0f}" if share in (0, 1) else f"{percentage(share, decimals):f}"


def printed(value: float, measure: Measure) -> Decimal:
    """The number as it stands on paper: a share times 100, rounded to the measure's decimals."""
    return percentage(value, measure.decimals) if measure.percent else rounded(value, measure.decimals)


def limit_text(limit: float, measure: Measure, words: Wording) -> str:
    """What is asked for, as a rule names it: a share with no more decimals than it has, 90% and 12.5%."""
    if not measure.percent:
        return prose_text(limit, measure, words)
    return f"{trimmed(asked(limit, measure))}{measure.unit_zh}"


def asked(limit: float, measure: Measure) -> Decimal:
    """The limit in the unit in which figures are shown, not rounded."""
    return Decimal(str(limit)) * (100 if measure.percent else 1)


def trimmed(number: Decimal, grouped: bool = False) -> str:
    """A number without an exponent and without empty decimals; thousands apart if `grouped`."""
    text = f"{number:,f}" if grouped else f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def counted_name(measure: Measure, words: Wording) -> str:
    """The name as it stands before a number in a sentence: 党支部304个 of 党支部数, 主题党日12次 of 主题党日次数."""
    ending = words.numbers.count_ending
    if measure.percent or not ending:
        return measure.zh
    return re.sub(ending, "", measure.zh) or measure.zh


def cell_text(value: float | None, measure: Measure, words: Wording, at_least: bool = False) -> str:
    """The figure as a table shows it: thousands separated, no unit; a dash when nobody filed it."""
    if value is None or not is_known(value):
        return words.numbers.none
    text = f"{printed(value, measure):,f}".replace("-", words.numbers.minus)
    return f"{words.numbers.floor_cell}{text}" if at_least else text


def tile_parts(
    value: float | None, measure: Measure, words: Wording, at_least: bool = False
) -> Tile:
    """The figure for a headline tile: `number` as in a table but in 万 or 亿 when long, and `unit`."""
    number = cell_text(value, measure, words, at_least)
    if value is None or not is_known(value):
        return {"number": number, "unit": ""}
    if len(number) <= 9:
        return {"number": number, "unit": measure.unit_zh}
    large, magnitude = _large(printed(value, measure), words)
    large = large.replace("-", words.numbers.minus)
    return {
        "number": f"{words.numbers.floor_cell}{large}" if at_least else large,
        "unit": f"{magnitude}{measure.unit_zh}",
    }


def prose_text(value: float | None, measure: Measure, words: Wording, at_least: bool = False) -> str:
    """The figure as a sentence says it: 96.4%, 8213名, 1.37万名; of a floor figure 50余个 or 53个以上."""
    if value is None or not is_known(value):
        return words.numbers.none
    shown = printed(value, measure)
    number, magnitude = _large(shown, words) if not measure.percent else (percent_digits(value, measure.decimals), "")
    number = number.replace("-", words.numbers.minus)
    unit = told_unit(measure, words)
    if not at_least:
        return f"{number}{magnitude}{unit}"
    if not measure.percent and shown >= 10 and shown % 10 == 0 and words.numbers.floor_round:
        return f"{number}{magnitude}{words.numbers.floor_round}{unit}"
    return f"{number}{magnitude}{unit}{words.numbers.floor_exact}"


def told_unit(measure: Measure, words: Wording) -> str:
    """The measure word that follows a number in a sentence; of a language that has none only the sign of a share."""
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
    return trimmed(scaled, numbers.grouped), magnitude


def change(
    value: float | None, base: float | None, measure: Measure, words: Wording, approximate: bool = False
) -> Change | None:
    """The change from a base as numbers and text, or None when either is unknown."""
    if value is None or base is None or not is_known(value) or not is_known(base):
        return None
    by = float(Decimal(str(value)) - Decimal(str(base)))
    shown = printed(by, measure)
    direction: Direction = "same" if shown == 0 else "up" if shown > 0 else "down"
    unit_zh = words.change.points if measure.percent else told_unit(measure, words)
    number, magnitude = (f"{abs(shown):f}", "") if measure.percent else _large(_told_change(by, value, measure, words), words)
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


def _told_change(by: float, value: float, measure: Measure, words: Wording) -> Decimal:
    """A change as a sentence tells it: beside 3.85万元 it is 597元, not 597.04元."""
    large = [each.at for each in words.numbers.magnitudes[:1] if abs(value) >= each.at]
    return rounded(abs(by), 0 if large and abs(by) >= _CHANGE_WITHOUT_DECIMALS else measure.decimals)


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
    rate = percentage(abs(by) / base, RATE_DECIMALS)
    verb = words.change.count.rate_up if direction == "up" else words.change.count.rate_down
    return f"{verb}{rate:f}%" if rate > 0 else ""
