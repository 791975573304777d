"""How wide texts are in the columns of a workbook, and on how many lines they stand there.

Not every program works that out when a workbook is opened: LibreOffice and WPS keep the heights and widths that were written.
"""

import math

_LAST_NARROW = "\u2e7f"
"""Characters after it are drawn as wide as two digits: Han characters, their punctuation, full-width forms."""


def digits_wide(text: str) -> int:
    """The text's width in those of a digit, the unit of a workbook's columns.

    >>> digits_wide("党支部304个"), digits_wide("2018H1"), digits_wide("")
    (11, 6, 0)
    """
    return len(text) if text.isascii() else len(text) + sum(character > _LAST_NARROW for character in text)


def lines_of(text: str, room: float, spare: int = 0) -> int:
    """On how many lines the text stands where each has room for so many digits; each line of its own takes one at least.

    `spare`: digits by which a line of its own is taken to be wider than it is, for what folding leaves empty at ends of lines.

    >>> lines_of("党支部304个", 11), lines_of("党支部304个", 11, spare=1), lines_of("其中：\\n省级", 4)
    (1, 2, 3)
    """
    return sum(max(1, math.ceil((digits_wide(part) + spare) / room)) for part in text.split("\n"))
