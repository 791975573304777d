"""Files that are there whole or not at all."""

import secrets
from pathlib import Path


def draft_of(path: Path) -> Path:
    """A name beside the file that nobody else writes to: not another thread, nor a worker on another machine."""
    return path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")


def write_whole(path: Path, content: bytes) -> None:
    """Write the file in place of what is there, its folder too: whoever reads meanwhile sees the old bytes or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = draft_of(path)
    draft.write_bytes(content)
    draft.replace(path)
