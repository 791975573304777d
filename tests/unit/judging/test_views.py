"""The view `rows`: whose row it is, and what is wrong about that."""

from pathlib import Path

from tests.support.bench import bench, view

BRANCH = {"branch_id": "530102-B001", "branch_name": "测试第一党支部"}


def test_branch_ids_are_compared_half_width_in_capitals_and_without_blanks(tmp_path: Path) -> None:
    rows = [BRANCH | {"branch_id": text} for text in ("530102-b001", "５３０１０２－Ｂ００１", " 530102 - B001 ", None)]
    made = bench(tmp_path, {("P530102", "branches"): rows})
    assert view(made, "rows", "branch_id", "missing_branch_id") == [("530102-B001", None)] * 3 + [(None, "未填")]


def test_a_kind_is_one_of_the_programmes_and_ordinary_if_not_said(tmp_path: Path) -> None:
    rows = [BRANCH | {"branch_kind": text} for text in (None, "功能性党支部", "functional", "兴趣小组")]
    made = bench(tmp_path, {("P530102", "branches"): rows})
    assert view(made, "rows", "branch_kind", "unknown_branch_kind") == [
        ("ordinary", None), ("functional", None), ("functional", None), ("ordinary", "兴趣小组")
    ]


def test_only_the_scope_of_retired_cadres_may_be_counted(tmp_path: Path) -> None:
    rows = [BRANCH | {"figures_scope": text} for text in (None, "离退休干部党员", "全体党员", "在职党员")]
    made = bench(tmp_path, {("P530102", "branches"): rows})
    assert view(made, "rows", "wrong_scope") == [(None,), (None,), ("全体党员",), ("在职党员",)]


def test_names_are_folded_and_what_is_left_of_pinyin_is_noise(tmp_path: Path) -> None:
    rows = [BRANCH | {"branch_name": text} for text in ("測試第１黨支部", "测试shì支部", None)]
    made = bench(tmp_path, {("P530102", "branches"): rows})
    assert view(made, "rows", "name", "name_noise", "missing_branch_name") == [
        ("测试第1党支部", None, None), ("测试shì支部", "测试shì支部", None), (None, None, "未填")
    ]


def test_a_unit_has_one_row_of_its_own_and_any_number_of_branches(tmp_path: Path) -> None:
    filed = {
        ("P530102", "unit_figures"): [{}, {}], ("P530103", "unit_figures"): [{}], ("P530102", "branches"): [BRANCH, BRANCH],
    }
    found = view(bench(tmp_path, filed), "rows", "unit_id", "table_name", "repeated_unit_row")
    assert sorted(each for each in found if each[2]) == [("P530102", "unit_figures", "重复行")] * 2


def test_a_township_is_asked_for_only_where_the_programme_has_that_tier(tmp_path: Path) -> None:
    row = {"branch_id": "520329-B001", "branch_name": "测试支部"}
    zunyi = bench(tmp_path, {("P520329", "branches"): [row]}, "zunyi-six-good", "2024H2")
    assert view(zunyi, "rows", "township", "missing_township") == [(None, "未填")]
    yunnan = bench(tmp_path, {("P530102", "branches"): [BRANCH]})
    assert view(yunnan, "rows", "township", "missing_township") == [(None, None)]


def test_the_scope_of_the_batch_is_its_own_units(tmp_path: Path) -> None:
    made = bench(tmp_path, {("P530102", "branches"): [BRANCH]})
    assert view(made, "figures", "unit_id") == [("P530102",)] * len(view(made, "figures", "column_key"))
