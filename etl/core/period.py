"""The span a report is about: a half-year, a year, or a numbered naming batch of a year."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

PeriodKind = Literal["half_year", "year", "batch"]

FIRST_YEAR, LAST_YEAR = 1950, 2100
"""Years a period may have: those the working-day calendar knows."""

_WRITTEN = re.compile(r"([0-9]{4})(?:([HB])([1-9][0-9]?))?")
_KINDS: dict[str, PeriodKind] = {"H": "half_year", "B": "batch"}
_LETTERS = {kind: letter for letter, kind in _KINDS.items()}

# The one place where core holds Chinese words: a period's name is its notation, the same in every programme.
_CHINESE_HALVES = {1: "上半年", 2: "下半年"}


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """A half-year (number 1 or 2), a year (number 1), or batch `number` of a year.

    Periods of one kind sort by time; kinds do not mix in time, they only sort apart.
    Raises ValueError on a number or year which does not exist.

    >>> h1 = Period.parse("2018H1")
    >>> str(h1.previous()), str(h1.next()), str(h1.same_last_year()), h1.last_day.isoformat()
    ('2017H2', '2018H2', '2017H1', '2018-06-30')
    >>> [str(half) for half in Period.parse("2018").halves()]
    ['2018H1', '2018H2']
    """

    kind: PeriodKind
    year: int
    number: int = 1

    def __post_init__(self) -> None:
        last_number = {"half_year": 2, "year": 1, "batch": 99}.get(self.kind)
        if last_number is None:
            raise ValueError(f"{self.kind!r} is not a kind of period: half_year, year or batch.")
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise ValueError(f"A period's year lies in {FIRST_YEAR} to {LAST_YEAR}, not {self.year}.")
        if not 1 <= self.number <= last_number:
            raise ValueError(f"A {self.kind} has a number of 1 to {last_number}, not {self.number}.")

    @classmethod
    def parse(cls, written: str) -> Self:
        """The period written as ``2018H1``, ``2018`` or ``2024B2``; ValueError for any other text.

        >>> Period.parse("2018H3")
        Traceback (most recent call last):
        ValueError: A half_year has a number of 1 to 2, not 3.
        """
        match = _WRITTEN.fullmatch(written)
        if match is None:
            raise ValueError(f"{written!r} is not a period: write 2018H1, 2018 or 2024B2.")
        year, letter, number = match.groups()
        return cls(_KINDS[letter], int(year), int(number)) if letter else cls("year", int(year))

    @classmethod
    def containing(cls, day: date, kind: PeriodKind) -> Self:
        """The half-year or year `day` lies in. ValueError for a batch: a day does not tell its number."""
        if kind == "batch":
            raise ValueError("A day does not tell which batch it belongs to: name the batch.")
        return cls(kind, day.year, 2 if kind == "half_year" and day.month > 6 else 1)

    def __str__(self) -> str:
        return str(self.year) if self.kind == "year" else f"{self.year}{_LETTERS[self.kind]}{self.number}"

    @property
    def zh(self) -> str:
        """The name Chinese papers use.

        >>> [Period.parse(written).zh for written in ("2018H1", "2018H2", "2018", "2024B2")]
        ['2018年上半年', '2018年下半年', '2018年', '2024年第2批']
        """
        if self.kind == "half_year":
            return f"{self.year}年{_CHINESE_HALVES[self.number]}"
        return f"{self.year}年" if self.kind == "year" else f"{self.year}年第{self.number}批"

    @property
    def first_day(self) -> date:
        """The first day of the span; for a batch that of its calendar year."""
        return date(self.year, 7 if (self.kind, self.number) == ("half_year", 2) else 1, 1)

    @property
    def last_day(self) -> date:
        """The last day of the span, whose map of places holds; for a batch that of its calendar year."""
        ends_in_june = (self.kind, self.number) == ("half_year", 1)
        return date(self.year, 6, 30) if ends_in_june else date(self.year, 12, 31)

    @property
    def months(self) -> int:
        """How many months the span has: 6 or 12."""
        return 6 if self.kind == "half_year" else 12

    @property
    def quarters(self) -> int:
        """How many quarters the span has: 2 or 4."""
        return self.months // 3

    def contains(self, day: date) -> bool:
        """Whether `day` lies in the span, both ends included."""
        return self.first_day <= day <= self.last_day

    def next(self) -> "Period":
        """The period of the same kind after this one; after a batch, the next number of the same year."""
        if self.kind == "batch" or (self.kind, self.number) == ("half_year", 1):
            return Period(self.kind, self.year, self.number + 1)
        return Period(self.kind, self.year + 1)

    def previous(self) -> "Period":
        """The period of the same kind before this one.

        Raises ValueError for the first batch of a year: nothing says how many batches the year before had.
        """
        if self.number > 1:
            return Period(self.kind, self.year, self.number - 1)
        if self.kind == "batch":
            raise ValueError(f"{self} is the first batch of its year: name the batch before it.")
        return Period(self.kind, self.year - 1, 2 if self.kind == "half_year" else 1)

    def same_last_year(self) -> "Period":
        """The period of the same kind and number a year before (同期)."""
        return Period(self.kind, self.year - 1, self.number)

    def halves(self) -> tuple["Period", "Period"]:
        """The two half-years of a year; ValueError for a half-year or batch, which have none."""
        if self.kind != "year":
            raise ValueError(f"Only a year has halves, {self} has not.")
        return Period("half_year", self.year, 1), Period("half_year", self.year, 2)
