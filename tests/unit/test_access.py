"""Who may see what: a county its own, a prefecture all below it, an operator everything."""

from pathlib import Path

import pytest

from etl.core.access import Viewer, tier_over, visible_nodes, visible_units
from etl.core.period import Period
from etl.edges.accounts import load_accounts
from etl.edges.programmes import load_bundle
from etl.errors import ConfigError

REGISTER = load_bundle("yunnan-model-branch").register(Period.parse("2018H1"))


def _viewer(*codes: str, everything: bool = False) -> Viewer:
    return Viewer("somebody", frozenset(codes), everything)


def test_a_county_sees_itself_alone() -> None:
    assert visible_units(_viewer("530102"), REGISTER) == {"P530102"}
    assert visible_nodes(_viewer("530102"), REGISTER) == {"P530102"}


def test_a_prefecture_sees_its_counties_and_its_own_office() -> None:
    seen = visible_units(_viewer("530100"), REGISTER)
    assert {"P530102", "P530129", "P530100-own"} <= seen
    assert not {unit for unit in seen if not unit.startswith(("P5301", "U5301"))}


def test_a_side_unit_sees_itself_alone() -> None:
    assert visible_units(_viewer("530000-001"), REGISTER) == {"U530000-001"}


def test_an_operator_sees_all_and_an_unknown_account_nothing() -> None:
    assert len(visible_units(_viewer(everything=True), REGISTER)) == len(REGISTER.units)
    assert visible_units(_viewer(), REGISTER) == visible_units(_viewer("999999"), REGISTER) == frozenset()


@pytest.mark.parametrize(
    ("codes", "unit_id", "tier"),
    [
        (("530102",), "P530102", "county"),
        (("530100",), "P530102", "prefecture"),
        (("530102", "530000"), "P530102", "province"),
        (("530103",), "P530102", None),
        ((), "P530102", None),
    ],
)
def test_the_tier_over_a_unit_is_the_highest_of_the_viewers_places(
    codes: tuple[str, ...], unit_id: str, tier: str | None
) -> None:
    assert tier_over(_viewer(*codes), REGISTER, unit_id) == tier


def test_accounts_are_lines_of_account_and_code(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text("account,code\nclerk, 530102\nclerk,530103\nchief,*\n", encoding="utf-8")
    assert load_accounts(path) == {
        "clerk": Viewer("clerk", frozenset({"530102", "530103"})),
        "chief": Viewer("chief", frozenset(), everything=True),
    }


@pytest.mark.parametrize(
    "text", ["account;code\nclerk;530102\n", "account,code\nclerk,\n", "account,code\n,530102\n"]
)
def test_a_file_written_otherwise_does_not_load(tmp_path: Path, text: str) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError):
        load_accounts(path)


def test_a_file_that_is_not_there_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="SANJI_ACCOUNTS"):
        load_accounts(tmp_path / "nothing.csv")


def test_an_account_that_was_taken_out_sees_nothing_at_the_next_request(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text("account,code\nclerk,530102\nchief,*\n", encoding="utf-8")
    assert "clerk" in load_accounts(path)
    path.write_text("account,code\nchief,*\n", encoding="utf-8")
    assert "clerk" not in load_accounts(path)


def test_a_file_that_is_not_utf_8_is_a_configuration_error(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_bytes("account,code\n区县办,530102\n".encode("gb18030"))
    with pytest.raises(ConfigError, match="SANJI_ACCOUNTS"):
        load_accounts(path)
