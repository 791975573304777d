"""Folders of pytest, which closes them to everybody but whoever runs the tests."""

from pathlib import Path

OF_PYTEST = 3
"""The folder of a test, that of the run and that of all runs; above them begins what is not ours to change."""
PASS_THROUGH = 0o011


def let_others_in(folder: Path) -> None:
    """Let a server that runs as another user come to its folder. Takes nobody's right away: above may be /tmp, open to all."""
    for each in (folder, *folder.parents)[: OF_PYTEST + 1]:
        mode = each.stat().st_mode
        if mode & PASS_THROUGH != PASS_THROUGH:
            each.chmod(mode | PASS_THROUGH)
