"""Text into values, as SQL expressions: each cell is cast once, and what cannot be cast stays visible.

Written for DuckDB through SQLAlchemy Core. The expressions name what a clerk may write: full-width digits, thousands
separators, "约20次", "1.2万", "95.3%", "2018年6月30日", an Excel day number.
"""

import datetime as dt
import string
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

Expression = sa.ColumnElement[Any]

VALUE = sa.Numeric(18, 4)
"""Every figure: exact to four decimals, so that sums do not depend on their order."""

NOT_FILLED = "未填"
"""What a finding shows as observed where a cell is empty."""

_HALF_WIDTH = f"{string.digits}.,-+%():/{string.ascii_letters} "
_FULL_WIDTH = "".join(chr(ord(each) + 0xFEE0) for each in _HALF_WIDTH[:-1]) + "　"
_BLANKS_AND_COMMAS = r"[\s,\x{200B}\x{FEFF}]"

_BEFORE = {"约": "about", "大约": "about", "近": "under", "超": "at_least", "超过": "at_least", "逾": "at_least",
           "不少于": "at_least", "共": "exact"}  # fmt: skip
_AFTER = {"余": "at_least", "多": "at_least", "来": "about", "左右": "about", "以上": "at_least"}
_NUMBER = (
    rf"^({'|'.join(sorted(_BEFORE, key=len, reverse=True))})?"
    r"([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(%)?(万|亿)?(余|多|来)?([^0-9.%+\-]*?)(余|多|左右|以上)?$"
)
_GROUPS = "['before', 'digits', 'percent', 'myriad', 'inner', 'unit', 'after']"
_DAY_FORMATS = (
    "['%Y-%m-%d', '%Y/%m/%d', '%Y.%m.%d', '%Y年%m月%d日', '%Y%m%d', '%Y-%m-%d %H:%M:%S', '%Y-%m-%dT%H:%M:%S']"
)
_EXCEL_DAY = r"^[2-7][0-9]{4}(\.[0-9]+)?$"  # 1954 to 2118


def written(number: Expression) -> Expression:
    """A number as a clerk would write it: four decimals at most, as forms hold, and none that says nothing."""
    text = sa.cast(sa.func.round(number, literal(4)), sa.String)
    return sa.func.rtrim(sa.func.regexp_replace(text, literal(r"(\.[0-9]*?)0*$"), literal(r"\1")), literal("."))


def worked_out(working: Expression, number: Expression) -> Expression:
    """How a number comes of others, and the number: `1÷2＝0.5`."""
    return working.concat(literal("＝")).concat(written(number))


def literal(value: object) -> Expression:
    """A constant written into the statement: these go through DDL, which takes no parameters."""
    return sa.literal(value, literal_execute=True)


def fixed_day(day: dt.date) -> Expression:
    """A day written into the statement, as a literal is."""
    return sa.literal_column(f"date '{day.isoformat()}'")


def cleaned(text: Expression) -> Expression:
    """Full-width folded, blanks and thousands separators gone; NULL for nothing left."""
    folded = sa.func.translate(text, literal(_FULL_WIDTH), literal(_HALF_WIDTH))
    return sa.func.nullif(
        sa.func.regexp_replace(folded, literal(_BLANKS_AND_COMMAS), literal(""), literal("g")), ""
    )


def plain_number(clean: Expression) -> Expression:
    """The value of a cleaned text that is only a number, else NULL."""
    return sa.try_cast(clean, VALUE)


def worded_number(clean: Expression, plain: Expression) -> Expression:
    """The parts of a number with words around it, as a struct; NULL where the text is a plain number or blank."""
    parts = sa.func.regexp_extract(clean, literal(_NUMBER), sa.literal_column(_GROUPS))
    return sa.case((sa.and_(plain.is_(None), clean.isnot(None)), parts))


def _group(parts: Expression, name: str) -> Expression:
    return sa.func.nullif(sa.func.struct_extract(parts, literal(name)), "")


def worded_value(parts: Expression) -> Expression:
    """The value of a worded number; percent and 万 / 亿 are worked out."""
    digits = sa.try_cast(_group(parts, "digits"), VALUE)
    factor = sa.case(
        (_group(parts, "percent").isnot(None), sa.literal_column("0.01")),
        (_group(parts, "myriad") == "万", sa.literal_column("10000")),
        (_group(parts, "myriad") == "亿", sa.literal_column("100000000")),
        else_=sa.literal_column("1"),
    )
    return sa.try_cast(digits * factor, VALUE)


def qualifier(parts: Expression) -> Expression:
    """about (约, 左右), at_least (余, 多, 以上), under (近), or NULL for an exact figure."""
    before = sa.case(
        {word: literal(kind) for word, kind in _BEFORE.items() if kind != "exact"},
        value=_group(parts, "before"),
    )
    inner = sa.case({word: literal(kind) for word, kind in _AFTER.items()}, value=_group(parts, "inner"))
    after = sa.case({word: literal(kind) for word, kind in _AFTER.items()}, value=_group(parts, "after"))
    return sa.func.coalesce(before, after, inner)


def unit_word(parts: Expression) -> Expression:
    """The unit written after the number, if any."""
    return _group(parts, "unit")


def day(text: Expression) -> Expression:
    """A date out of the ways dates are written, or an Excel day number; NULL where it is none of them."""
    clean = sa.func.translate(sa.func.trim(text), literal(_FULL_WIDTH), literal(_HALF_WIDTH))
    written = sa.cast(sa.func.try_strptime(clean, sa.literal_column(_DAY_FORMATS)), sa.Date)
    number = sa.cast(sa.func.floor(sa.try_cast(clean, sa.Double)), sa.Integer)
    serial = sa.cast(sa.literal_column("date '1899-12-30'") + number, sa.Date)
    is_serial = sa.func.regexp_full_match(clean, literal(_EXCEL_DAY))
    return sa.case((is_serial, serial), else_=written)


def choice(text: Expression, words: Mapping[str, str]) -> Expression:
    """The key that a word stands for (full-width and blanks ignored); NULL for an unknown word."""
    clean = sa.func.regexp_replace(text, literal(r"\s"), literal(""), literal("g"))
    if not words:
        return sa.cast(sa.null(), sa.String)
    known = {_bare(word): literal(key) for word, key in words.items()}
    known |= {key: literal(key) for key in words.values() if key not in known}
    return sa.case(known, value=clean)


def _bare(word: str) -> str:
    return "".join(word.split())


def one_of(word: Expression, accepted: Expression) -> Expression:
    """Whether a word stands in a list joined by '|'."""
    return sa.func.list_contains(sa.func.string_split(accepted, "|"), word)
