"""How the cells of the fix-me workbook look: a colour and a sign for each state, a number format for each kind."""

from collections.abc import Mapping
from typing import Any

FONT = "等线"
_RED, _ORANGE, _YELLOW, _GREY = "#F8CBAD", "#FFE699", "#FFF9DB", "#F2F2F2"
_STATES: Mapping[str, dict[str, Any]] = {
    "locked": {"bg_color": "#FFFFFF", "font_color": "#404040"},
    "open": {"bg_color": _YELLOW, "locked": False},
    "row": {
        "bg_color": _RED,
        "bold": True,
        "font_color": "#C00000",
        "border_color": "#C00000",
        "locked": False,
    },
    "warning": {"bg_color": _ORANGE, "font_color": "#7F6000", "border_color": "#BF8F00", "locked": False},
}
_KINDS: Mapping[str, str] = {"number": "General", "date": "yyyy-mm-dd", "text": "@", "name": "@"}
_SIGNED = ("number", "date")  # what may carry the sign in its own number format


def kind_of(column_type: str) -> str:
    """The kind of format a column type wants: number, date, name or text."""
    if column_type in ("whole", "number", "money", "share"):
        return "number"
    return column_type if column_type in ("date", "name") else "text"


class Formats:
    """All formats of one workbook, by name; `cell` by state and kind. An empty cell shows no sign, so it gets stripes."""

    def __init__(self, book: Any, signs: Mapping[str, str]) -> None:
        self._book = book
        self.cell = {(state, kind): self._cell(state, kind, signs) for state in _STATES for kind in _KINDS}
        self.empty = {
            (state, kind): self._add(pattern=14, bg_color=colour, fg_color=lines, locked=False, num_format=_KINDS[kind],
                                     border=1, border_color=lines)
            for state, colour, lines in (("row", _RED, "#E08080"), ("warning", _ORANGE, "#D0A030"))
            for kind in _KINDS
        }
        self.title = self._add(bold=True, font_size=16, valign="vcenter")
        self.step = self._add(font_size=12, text_wrap=True, valign="vcenter")
        self.note = self._add(font_color="#595959", text_wrap=True, valign="vcenter")
        self.legend = self._add(font_color="#595959")
        self.heading = self._add(
            bold=True, text_wrap=True, align="center", valign="vcenter", border=1, bg_color=_GREY
        )
        self.heading_fault = self._add(
            bold=True, text_wrap=True, align="center", valign="vcenter", border=2, bg_color=_RED, font_color="#C00000",
            locked=False, num_format=f'"{signs["row"]} "@',
        )
        self.plain = self._add(text_wrap=True, valign="top", border=1, border_color="#BFBFBF")
        self.centred = self._add(align="center", valign="top", border=1, border_color="#BFBFBF")
        self.number = {
            level: self._add(
                bold=True, align="center", valign="top", border=1, border_color="#BFBFBF", bg_color=colour
            )
            for level, colour in (("file", _RED), ("row", _RED), ("warning", _ORANGE))
        }
        self.link = self._add(
            font_color="#0563C1", underline=1, align="center", valign="top", border=1, border_color="#BFBFBF"
        )
        self.answer = self._add(
            text_wrap=True, valign="top", border=1, bg_color=_YELLOW, locked=False, num_format="@"
        )
        self.row_mark = self._add(font_color="#C00000", bold=True, align="center")
        self.signed = {
            level: book.add_format({"num_format": f'"{signs[level]} "@'}) for level in ("row", "warning")
        }

    def _add(self, **properties: Any) -> Any:
        return self._book.add_format({"font_name": FONT, "font_size": 10.5, **properties})

    def _cell(self, state: str, kind: str, signs: Mapping[str, str]) -> Any:
        form = _KINDS[kind]
        if state in ("row", "warning") and kind in _SIGNED:
            sign = f'"{signs[state]} "'
            form = f"{sign}{form};{sign}-{form};{sign}{form};{sign}@"
        properties = {"border": 1, "border_color": "#D9D9D9", "valign": "vcenter", "num_format": form}
        return self._add(**{**properties, **_STATES[state]})
