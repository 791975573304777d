"""Several processes that open the same new store at the same moment, as the first tasks of a run do."""

import subprocess
import sys

OPEN = "import sys; from etl.edges.store.database import open_store; sys.stdin.readline(); open_store(sys.argv[1])"


def open_at_once(url: str, processes: int = 6) -> list[str]:
    """What each process that failed had to say; empty when all of them opened the store."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, url], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(processes)
    ]
    for process in running:  # all have been started before the first may go
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[1] for process in running]
    return [text for process, text in zip(running, said, strict=True) if process.returncode]
