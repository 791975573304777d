"""What a demonstration and a simulation may clear away: what an earlier one made, and nothing else."""

import shutil
import sys
from pathlib import Path

import pytest

from etl import demo
from etl.cli import main
from etl.errors import Misuse
from etl.settings import settings
from etl.simulated import simulate_period
from tests.support.naming import YUNNAN


def ended(monkeypatch: pytest.MonkeyPatch, *words: str) -> object:
    """The exit code of a command."""
    monkeypatch.setattr(sys, "argv", ["sanji", *words])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code


@pytest.fixture
def kept(home: Path, tmp_path: Path) -> Path:
    """A folder with a file that a person wants to keep."""
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "accounts.csv").write_text("account,code\n")
    return folder


def test_a_folder_that_no_demonstration_made_is_left_as_it_is(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, "demo", "--home", str(kept)) == 2
    assert "kept holds files that no demonstration made" in capsys.readouterr().err
    assert [each.name for each in kept.iterdir()] == ["accounts.csv"]


@pytest.mark.parametrize(
    "wrong", [("--programme", "nix"), ("--year", "1900"), ("--year", "2031")], ids=["programme", "year", "not in force"]
)
def test_words_that_are_wrong_cost_nothing_of_an_earlier_demonstration(
    wrong: tuple[str, str], kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept / demo.MARK).touch()
    assert ended(monkeypatch, "demo", "--home", str(kept), *wrong) == 2
    assert (kept / "accounts.csv").exists()


@pytest.mark.parametrize("variable", ["SANJI_STORE_URL", "SANJI_LANDING", "SANJI_FEEDS", "SANJI_OUTBOX"])
def test_nothing_is_demonstrated_in_a_place_set_apart(
    variable: str, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(variable, str(kept))
    assert ended(monkeypatch, "demo", "--home", str(tmp_path / "new")) == 2
    assert f"unset {variable}" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_an_earlier_demonstration_is_begun_afresh(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (kept / demo.MARK).touch()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "letter.txt").touch()
    (kept / "reports").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setenv("SANJI_HOME", str(kept))
    settings.cache_clear()

    def stop(programme: str, period: str) -> None:
        raise InterruptedError(f"{programme} {period}")

    with pytest.raises(InterruptedError):
        demo.run_demo(YUNNAN, None, 0.001, stop)
    assert {each.name for each in kept.iterdir()} >= {demo.MARK, "feeds"}
    assert not (kept / "accounts.csv").exists()
    assert (tmp_path / "elsewhere" / "letter.txt").exists()


def test_what_was_killed_while_it_cleared_away_can_be_begun_again(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (kept / demo.MARK).touch()
    (kept / "feeds").mkdir()
    truth = kept / "feeds" / YUNNAN / "2018H1" / "_truth"
    (truth.parent / "530102").mkdir(parents=True)
    truth.mkdir()

    def killed(path: Path) -> None:
        raise KeyboardInterrupt(path)

    monkeypatch.setenv("SANJI_HOME", str(kept))
    settings.cache_clear()
    monkeypatch.setattr(shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        demo.run_demo(YUNNAN, None, 0.001, lambda programme, period: None)
    assert (kept / demo.MARK).exists()
    with pytest.raises(KeyboardInterrupt):
        simulate_period(YUNNAN, "2018H1", kept / "feeds", scale=0.001, faults="0", seed=1)
    assert truth.exists()


def test_what_a_unit_has_sent_is_not_simulated_over(home: Path) -> None:
    sent = home / "feeds" / YUNNAN / "2018H1" / "530102" / "报表.xlsx"
    sent.parent.mkdir(parents=True)
    sent.write_bytes(b"a return")
    with pytest.raises(Misuse, match="no simulation wrote"):
        simulate_period(YUNNAN, "2018H1", settings().feeds_dir, scale=0.001, faults="0", seed=1)
    assert sent.read_bytes() == b"a return"


def test_what_was_simulated_is_simulated_afresh(home: Path) -> None:
    def filed(missing: int) -> int:
        simulate_period(YUNNAN, "2018H1", settings().feeds_dir, scale=0.001, faults="0", seed=1, missing=missing)
        return sum(each.name != "_truth" for each in (home / "feeds" / YUNNAN / "2018H1").iterdir())

    assert filed(missing=0) - 5 == filed(missing=5)


@pytest.mark.parametrize("share", ["-1", "nan", "2", "lots", ""])
def test_a_share_of_faults_lies_between_none_and_all(share: str, home: Path) -> None:
    with pytest.raises(Misuse, match="a share of the rows from 0 to 1"):
        simulate_period(YUNNAN, "2018H1", settings().feeds_dir, scale=0.001, faults=share, seed=1)
