"""Text of others in cells of ours: shown, and harmless."""

import pytest

from etl.core.inert import LONGEST, inert


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("测试第1党支部", "测试第1党支部"),
        ("=cmd|'/c calc'!A1", "=cmd|'/c calc'!A1"),
        ("<b>加粗</b>", "<b>加粗</b>"),
        ("<r><t>x</t></r>", " <r><t>x</t></r>"),
        ("党\u202e支部", "党支部"),
        ("支\u200b部\ufeff", "支部"),
        ("a\x00b\x1bc\x07", "a\ufffdb\ufffdc\ufffd"),
        ("一\r\n二\n三", "一\n二\n三"),
        ("x" * LONGEST, "x" * LONGEST),
        ("x" * (LONGEST + 1), "x" * (LONGEST - 1) + "…"),
    ],
)
def test_text_of_others_stays_but_for_what_hides_breaks_or_is_too_long(text: str, shown: str) -> None:
    assert inert(text) == shown
