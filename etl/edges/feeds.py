"""Where files come from: a dict of kinds, so that SFTP, HTTP, S3 and IMAP can stand beside the local folder."""

import datetime as dt
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from zoneinfo import ZoneInfo

from etl.errors import ConfigError

CHINA = ZoneInfo("Asia/Shanghai")
LARGEST_FILE = 50 * 1024 * 1024
LITTER = ("~$*", ".~lock.*#", "._*", ".DS_Store", "Thumbs.db", "desktop.ini", "*.part", "*.filepart", "*.crdownload")
"""What programs leave beside files, or a copy that has not ended. Anything else was sent, whatever it is called."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file that a unit sent: its folder's code, its name, when it arrived (China's time), its bytes.

    A file over `LARGEST_FILE` is cut there, so that reading it fails as too large without filling the memory.
    """

    unit_code: str
    file_name: str
    arrived_at: dt.datetime
    content: bytes


def local(root: Path, programme: str, period: str) -> Iterator[Delivery]:
    """The files under <root>/<programme>/<period>/<unit code>/, oldest first within a unit.

    Symbolic links among them are left: whoever may write into a unit's folder could point at what only this program may read.
    ConfigError without the root: a share that is not mounted would make every unit one that has sent nothing.
    """
    for unit in _unit_folders(root, programme, period):
        files = (path for path in unit.iterdir() if _is_own_file(path) and not _is_litter(path.name))
        for path in sorted(files, key=lambda path: (path.stat().st_mtime_ns, path.name)):
            arrived = dt.datetime.fromtimestamp(path.stat().st_mtime, CHINA)
            with open(path, "rb", opener=_without_following) as file:
                yield Delivery(readable(unit.name), readable(path.name), arrived, file.read(LARGEST_FILE + 1))


def folder_names(root: Path, programme: str, period: str) -> list[str]:
    """The names of the folders that hold anything, whoever they belong to; ConfigError without the root."""
    return [readable(folder.name) for folder in _unit_folders(root, programme, period) if any(folder.iterdir())]


def _unit_folders(root: Path, programme: str, period: str) -> list[Path]:
    if not root.is_dir():
        raise ConfigError(f"the drop folder {root} is not there: mount or make it, or set SANJI_FEEDS or --feeds")
    folder = root / programme / period
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(("_", ".")))


def readable(name: str) -> str:
    """A name of a file or folder as text that can be kept: what is not UTF-8 was written by a Chinese Windows, or stands as �."""
    written = os.fsencode(name)
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            return written.decode(encoding)
    return written.decode("utf-8", "replace")


def _is_own_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _without_following(path: str, flags: int) -> int:
    """Open what was listed; OSError if a link has been put in its place since."""
    return os.open(path, flags | os.O_NOFOLLOW)


def _is_litter(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in LITTER)


KINDS: Mapping[str, Callable[[Path, str, str], Iterator[Delivery]]] = {"local": local}


def deliveries(kind: str, root: Path, programme: str, period: str) -> Iterator[Delivery]:
    """All files of a feed for one programme and period; KeyError for an unknown kind."""
    return KINDS[kind](root, programme, period)
