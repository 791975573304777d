"""The drop folder: whose files are taken, in which order, and how much of them."""

import datetime as dt
import errno
import os
from pathlib import Path

import pytest

from etl.edges import feeds

PROGRAMME, PERIOD = "yunnan-model-branch", "2018H1"


def _drop(root: Path, name: str, content: bytes = b"x", at: int = 0) -> None:
    path = root / PROGRAMME / PERIOD / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    stamp = dt.datetime(2018, 7, 1, tzinfo=dt.UTC).timestamp() + at
    os.utime(path, (stamp, stamp))


def _names(root: Path) -> list[str]:
    return [f"{each.unit_code}/{each.file_name}" for each in feeds.deliveries("local", root, PROGRAMME, PERIOD)]


def test_units_by_code_and_their_files_by_age(tmp_path: Path) -> None:
    _drop(tmp_path, "530103/b.csv", at=0)
    _drop(tmp_path, "530102/new.csv", at=60)
    _drop(tmp_path, "530102/z.csv", at=0)
    _drop(tmp_path, "530102/a.csv", at=0)
    assert _names(tmp_path) == ["530102/a.csv", "530102/z.csv", "530102/new.csv", "530103/b.csv"]


def test_hidden_files_locks_and_loose_files_are_left(tmp_path: Path) -> None:
    for name in ("530102/.DS_Store", "530102/~$表.xlsx", "_truth/x.csv", ".git/x", "README.md", "530102/sub/x.csv"):
        _drop(tmp_path, name)
    assert _names(tmp_path) == []


def test_a_link_in_a_units_folder_is_not_read(tmp_path: Path) -> None:
    _drop(tmp_path, "530103/theirs.csv")
    _drop(tmp_path, "530102/mine.csv")
    (tmp_path / PROGRAMME / PERIOD / "530102" / "link.csv").symlink_to(tmp_path / PROGRAMME / PERIOD / "530103/theirs.csv")
    assert _names(tmp_path) == ["530102/mine.csv", "530103/theirs.csv"]


def test_a_file_that_becomes_a_link_after_it_was_listed_is_not_followed(tmp_path: Path) -> None:
    _drop(tmp_path, "530102/a.csv", at=0)
    _drop(tmp_path, "530102/b.csv", at=60)
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    found = feeds.deliveries("local", tmp_path, PROGRAMME, PERIOD)
    assert next(found).file_name == "a.csv"
    second = tmp_path / PROGRAMME / PERIOD / "530102" / "b.csv"
    second.unlink()
    second.symlink_to(secret)
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        next(found)


def test_no_folder_is_no_delivery(tmp_path: Path) -> None:
    assert _names(tmp_path) == []


def test_arrival_is_told_in_chinas_time(tmp_path: Path) -> None:
    _drop(tmp_path, "530102/a.csv", at=16 * 3600)
    (found,) = feeds.deliveries("local", tmp_path, PROGRAMME, PERIOD)
    assert found.arrived_at.isoformat() == "2018-07-02T00:00:00+08:00"


def test_a_huge_file_is_cut_one_byte_after_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "LARGEST_FILE", 4)
    _drop(tmp_path, "530102/a.csv", b"0123456789")
    (found,) = feeds.deliveries("local", tmp_path, PROGRAMME, PERIOD)
    assert found.content == b"01234"


def test_an_unknown_kind_of_feed(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        feeds.deliveries("ftp", tmp_path, PROGRAMME, PERIOD)


def test_a_file_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    for name in ("530102/.报表.xlsx", "530102/..\\..\\报表.xlsx", "530102/报表.xlsx.part"):
        _drop(tmp_path, name)
    assert sorted(_names(tmp_path)) == ["530102/..\\..\\报表.xlsx", "530102/.报表.xlsx"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("五华区报表.xlsx".encode(), "五华区报表.xlsx"),
        ("五华区报表.xlsx".encode("gb18030"), "五华区报表.xlsx"),
        (b"\xff\xff.xlsx", "��.xlsx"),
    ],
)
def test_a_name_that_another_system_wrote_can_be_kept(tmp_path: Path, written: bytes, read: str) -> None:
    _drop(tmp_path, f"530102/{os.fsdecode(written)}")
    assert _names(tmp_path) == [f"530102/{read}"]
