"""The secret that seals fix-me workbooks and reply addresses: from the settings, or a file made once in the home folder."""

import os
import secrets
from pathlib import Path

from etl.edges.whole_files import draft_of
from etl.settings import Settings


def seal_secret(settings: Settings) -> bytes:
    """The secret of this installation. All machines that share a store must share it."""
    if settings.seal_key:
        return settings.seal_key.encode()
    return _kept(settings.home / "seal.key")


def _kept(path: Path) -> bytes:
    """The key in the file; made, readable by its owner only, when it is not there yet."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = draft_of(path)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode())
        try:
            os.link(draft, path)  # whoever is first wins; the other reads what the first has written
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes().strip()
