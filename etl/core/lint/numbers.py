"""Numbers as Chinese official prose writes them, read back: 96.4%, 1.37万名, 50余个, −3.6.

This is the way back from what `wording` writes, made on its own: a report is checked by reading it, not by writing it
a second time.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from etl.core.wording import Wording

DIGITS = re.compile(r"\d(?:[\d,]*\d)?(?:\.\d+)?")
"""A number's digits alone, with thousands apart or not."""
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True)
class Said:
    """A number read from text. `step` is its last place: 1.37万 has 100, 96.4% has 0.001."""

    value: Decimal
    step: Decimal
    floor: bool
    unit: str


def number_pattern(words: Wording, units: Iterable[str]) -> str:
    """A regular expression for a number with its magnitude, unit and the words of a floor."""
    numbers = words.numbers
    minus, cell_floor = re.escape(numbers.minus), re.escape(numbers.floor_cell)
    large = "|".join(re.escape(each.word) for each in numbers.magnitudes)
    unit = "|".join(
        re.escape(each) for each in sorted({"%", *units} - {""}, key=lambda each: (-len(each), each))
    )
    return (
        rf"{cell_floor}?[+{minus}-]?\d[\d,]*(?:\.\d+)?(?:{large})?"
        rf"(?:{numbers.floor_round})?(?:{unit})?(?:{numbers.floor_exact})?"
    )


def read_number(text: str, words: Wording) -> Said:
    """The number a text that `number_pattern` found says; ValueError for any other."""
    numbers = words.numbers
    found = re.fullmatch(
        rf"({re.escape(numbers.floor_cell)})?([+{re.escape(numbers.minus)}-]?)([\d,]+)(\.\d+)?(.*)", text
    )
    if found is None:
        raise ValueError(f"{text!r} is not a number")
    cell_floor, sign, whole, fraction, rest = found.groups(default="")
    exact = Decimal(whole.replace(",", "") + fraction)
    step = Decimal(1).scaleb(-max(len(fraction) - 1, 0))
    for each in numbers.magnitudes:
        if rest.startswith(each.word):
            rest, exact, step = rest.removeprefix(each.word), exact * each.at, step * each.at
            break
    floor = bool(cell_floor) or any(
        word and at(word) for word, at in ((numbers.floor_round, rest.startswith), (numbers.floor_exact, rest.endswith))
    )
    unit = rest.removeprefix(numbers.floor_round).removesuffix(numbers.floor_exact)
    if unit == "%":
        exact, step = exact * _HUNDREDTH, step * _HUNDREDTH
    return Said(exact if sign in ("", "+") else -exact, step, floor, unit)


def agrees(said: Said, fact: Decimal, paper_step: Decimal | None = None) -> bool:
    """Whether the number is the fact rounded half-up to the number's last place.

    `paper_step`: the last place of the figure itself, to which it is rounded before it is written shorter as 万 or 亿.

    >>> words_free = Said(Decimal("13700"), Decimal(100), False, "")
    >>> agrees(words_free, Decimal(13749)), agrees(words_free, Decimal(13750))
    (True, False)
    """
    shown = fact if paper_step is None else _rounded(fact, paper_step)
    return _rounded(shown, said.step) == said.value


def _rounded(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).quantize(Decimal(1), ROUND_HALF_UP) * step
