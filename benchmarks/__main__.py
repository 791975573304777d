"""Every benchmark with its goals, one after the other: `make bench`."""

import subprocess
import sys
from pathlib import Path

RESULTS = Path("benchmarks/results")
WITH_PEERS = ("checks", "rollup", "half_year")


def main() -> None:
    """Run each in a process of its own; an argument is the peers' interpreter, more are the names of those to run."""
    peers, *chosen = sys.argv[1:]
    for name in chosen or WITH_PEERS:
        command = [sys.executable, "-m", f"benchmarks.{name}", "--peers-python", peers]
        subprocess.run([*command, "--json", str(RESULTS / f"{name}.json")], check=True)


if __name__ == "__main__":
    main()
