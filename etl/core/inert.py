"""Text from a file of somebody else, made harmless for a cell of ours."""

import re

# Never seen and never meant: marks of direction and of zero width. The reader drops them from names, too.
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_RICH = re.compile(r"^<r>.*</r>$", re.DOTALL)  # xlsxwriter would write it into the sheet's XML as it stands
LONGEST = 32_000  # Excel's own limit for a cell is 32,767


def inert(text: str, cut_mark: str = "…") -> str:
    """The text without direction marks, control characters shown as �, not longer than a cell may be.

    A formula stays as it is: it is harmless because it is written as text.

    >>> inert("=cmd|'/c calc'!A1"), inert("a\\x07b\\u202ec"), inert("<r><t>x</t></r>")
    ("=cmd|'/c calc'!A1", 'a�bc', ' <r><t>x</t></r>')
    """
    if text.isascii() and text.isprintable() and len(text) <= LONGEST:
        return f" {text}" if _RICH.match(text) else text
    plain = _CONTROL.sub("\ufffd", _INVISIBLE.sub("", text.replace("\r\n", "\n")))
    if len(plain) > LONGEST:
        plain = plain[: LONGEST - len(cut_mark)] + cut_mark
    return f" {plain}" if _RICH.match(plain) else plain
