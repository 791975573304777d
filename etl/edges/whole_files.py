"""Files that are there whole or not at all."""

import os
import secrets
from pathlib import Path


def draft_of(path: Path) -> Path:
    """A name beside the file that nobody else writes to: not another thread, nor a worker on another machine."""
    return path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")


def write_whole(path: Path, content: bytes) -> None:
    """Write the file in place of what is there, its folder too: whoever reads meanwhile sees the old bytes or the new.

    The bytes are on the disk before they bear the name, so that a power cut leaves no file that is empty under it. OSError names
    the file, also where a disk is full, and leaves no draft that fills it further.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = draft_of(path)
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        error.filename = str(path)
        raise
