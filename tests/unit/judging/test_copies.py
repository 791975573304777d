"""Copied texts: whose they equal, whose they resemble, and what is left alone."""

import pytest

from etl.core.judging.copies import copied

TEXT = "依托老年大学建立银龄课堂，组织老同志宣讲12场，带动周边支部共学共建"
OTHER = "发挥五老优势设立调解室，化解邻里矛盾，行动不便的老党员也能参加学习"
Told = tuple[list[str | None], list[str | None]]


def _copied(*texts: tuple[str, str], blocks: list[str] | None = None, least: int = 20, alike: float = 95) -> Told:
    owners, words = [owner for owner, _ in texts], [text for _, text in texts]
    return copied(words, owners, blocks or ["u"] * len(texts), least, alike)


def test_the_first_owner_is_told_nothing_and_the_others_whose_it_is() -> None:
    assert _copied(("C", TEXT), ("A", TEXT), ("B", OTHER)) == (["A", None, None], [None] * 3)


def test_width_spaces_and_traditional_characters_make_no_other_text() -> None:
    written = TEXT.replace("12", "１２").replace("依托", "依託").replace("银", "銀")
    assert _copied(("A", TEXT), ("B", written))[0] == [None, "A"]


@pytest.mark.parametrize(("alike", "told"), [(95, [None, "A"]), (99, [None, None])])
def test_another_number_is_nearly_the_same(alike: float, told: list[str | None]) -> None:
    assert _copied(("A", TEXT), ("B", TEXT.replace("12", "15")), alike=alike)[1] == told


def test_likeness_is_sought_within_a_block_and_equality_over_all() -> None:
    texts = (("A", TEXT), ("B", TEXT.replace("12", "15")), ("C", TEXT))
    assert _copied(*texts, blocks=["one", "two", "two"]) == ([None, None, "A"], [None, None, None])


def test_short_texts_and_an_owners_own_are_left_alone() -> None:
    assert _copied(("A", "情况良好"), ("B", "情况良好"))[0] == [None, None]
    assert _copied(("A", TEXT), ("A", TEXT), ("A", TEXT.replace("12", "15"))) == ([None] * 3, [None] * 3)
    length = len(TEXT)
    assert _copied(("A", TEXT), ("B", TEXT), least=length)[0] == [None, "A"]
    assert _copied(("A", TEXT), ("B", TEXT), least=length + 1)[0] == [None, None]


def test_nothing_is_copied_from_nothing() -> None:
    assert copied([], [], [], 20, 95) == ([], [])
