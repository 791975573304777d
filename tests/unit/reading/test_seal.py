"""A seal fits its own words and no others."""

import stat
from pathlib import Path

import pytest

from etl.core.reading.seal import Sealed, SealedTable, keys_digest, opened, row_key, seal
from etl.edges.seal import seal_secret
from etl.settings import Settings

SECRET = b"invented"
TABLE = SealedTable(receipt_id="r", sheet="表", keys_digest=keys_digest(["r-2"]))
WORDS = Sealed(
    programme="p", period="2018H1", unit_id="P1", receipts=("r",), tables={"branches": TABLE}, aside=("甲",),
    warnings_sheet="乙", key_heading="丙", mark_heading="丁",
)


def test_what_was_sealed_opens_again() -> None:
    assert opened(WORDS.text(), seal(WORDS.text(), SECRET), SECRET) == WORDS


@pytest.mark.parametrize(
    ("text", "mark", "secret"),
    [
        (WORDS.text().replace("P1", "P2"), seal(WORDS.text(), SECRET), SECRET),
        (WORDS.text(), seal(WORDS.text(), SECRET), b"other"),
        (WORDS.text(), "", SECRET),
        ('{"version":1}', seal('{"version":1}', SECRET), SECRET),
    ],
    ids=["other words", "other secret", "no seal", "not ours"],
)
def test_what_was_changed_does_not(text: str, mark: str, secret: bytes) -> None:
    assert opened(text, mark, secret) is None


def test_a_key_names_the_receipt_and_the_row() -> None:
    assert row_key("0123456789abcdef", 14) == "01234567-14"


def test_the_digest_of_rows_tells_which_they_are_and_their_order() -> None:
    """By it a letter is another one where the same receipt was read anew and other rows came of it."""
    rows = (["r-2"], ["r-2", "r-3"], ["r-3", "r-2"], ["r-23"], [])
    assert len({keys_digest(keys) for keys in rows}) == len(rows)


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    chosen = Settings(home=tmp_path / "home")
    first = seal_secret(chosen)
    assert len(first) == 64
    assert seal_secret(chosen) == first
    assert stat.S_IMODE((tmp_path / "home" / "seal.key").stat().st_mode) == 0o600
    assert seal_secret(Settings(home=tmp_path, seal_key="given")) == b"given"
