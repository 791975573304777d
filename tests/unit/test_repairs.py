import pyarrow as pa
import pytest

from etl.core.repairs import fold_name, fold_names, has_noise, to_simplified


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("　第１党支部\u200b ", "第1党支部"),
        ("第 一 党 支部", "第一党支部"),
        ("ABC  Co 支部", "ABC Co支部"),
        (" ABC   Co ", "ABC Co"),
        ("某局（退休）支部", "某局(退休)支部"),
        ("餘(yú)慶(qìng)縣(xiàn)子營(yíng)街道", "余庆县子营街道"),
        ("棗莊市的(de)支部", "枣庄市的支部"),
        ("余（yú）庆县", "余庆县"),
        ("余(yu\u0301)庆县", "余庆县"),  # the tone as a combining mark
        ("乾县", "乾县"),
        ("乾縣", "乾县"),
        ("乾安縣離退休幹部黨支部", "乾安县离退休干部党支部"),
        ("乾安县離退休支部", "乾安县离退休支部"),  # OpenCC alone: 干安县
        ("鄠邑區", "鄠邑区"),
        ("乾淨餅乾", "干净饼干"),
    ],
)
def test_a_name_folds_to_one_form(written: str, folded: str) -> None:
    assert fold_name(written) == folded
    assert fold_name(folded) == folded


@pytest.mark.parametrize("name", ["一支部(a)", "一支部(b)", "某小区(ktv)支部", "某公司(app)支部"])
def test_letters_in_brackets_that_tell_branches_apart_stay(name: str) -> None:
    assert fold_name(name) == name


def test_folding_an_array_keeps_order_and_nulls() -> None:
    names = pa.chunked_array([["乾縣", None, "甲县"], ["乾縣", "甲　县"]])
    assert fold_names(names).to_pylist() == ["乾县", None, "甲县", "乾县", "甲县"]
    assert fold_names(pa.array([], pa.string())).to_pylist() == []
    assert fold_names(pa.nulls(2, pa.string())).to_pylist() == [None, None]


def test_simplified_text_is_returned_as_it_is() -> None:
    assert to_simplified("乾县著名支部") == "乾县著名支部"


@pytest.mark.parametrize(
    ("text", "noisy"),
    [
        ("甲县第一党支部", False),
        ("ABC 1", False),
        ("乾安县", False),
        ("堃", False),
        ("Crêpe支部", False),  # not a tone of pinyin alone
        ("某yōu支部", True),
        ("某(you)支部", True),
        ("变\ue689学", True),
        ("变\ufffd学", True),
        ("學文件", True),
        ("變?yōu)椤盎訉W", True),
        ("余(yú)庆", True),
        ("甲\x07县", True),
        ("a\x07", True),
    ],
)
def test_noise_is_what_no_name_has(text: str, noisy: bool) -> None:
    assert has_noise(text) is noisy


def test_no_noise_is_left_after_folding_what_can_be_folded() -> None:
    assert not has_noise(fold_name("餘(yú)慶(qìng)縣"))
    assert has_noise(fold_name("变\ue689学"))
