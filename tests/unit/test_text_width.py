"""Widths of texts in the columns of workbooks, and the lines on which they stand."""

import pytest

from etl.core.text_width import digits_wide, lines_of


@pytest.mark.parametrize(
    ("text", "wide"),
    [("", 0), ("2018H1", 6), ("党支部304个", 11), ("，。（）", 8), ("“省级”", 6), ("▲3", 2), ("▲省", 3),
     ("\u2e7f", 1), ("\u2e80", 2)],
)
def test_han_characters_and_their_punctuation_are_as_wide_as_two_digits(text: str, wide: int) -> None:
    assert digits_wide(text) == wide


@pytest.mark.parametrize(
    ("text", "room", "spare", "lines"),
    [
        ("", 10, 0, 1), ("党支部", 6, 0, 1), ("党支部", 5.9, 0, 2), ("党支部", 6, 1, 2), ("党支部", 7, 1, 1), ("党支部", 3, 0, 2),
        ("其中：\n省级", 6, 0, 2), ("其中：\n\n省级", 6, 0, 3),
    ],
)
def test_a_text_stands_on_as_many_lines_as_it_fills(text: str, room: float, spare: int, lines: int) -> None:
    assert lines_of(text, room, spare) == lines
