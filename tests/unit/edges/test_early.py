"""Loading early: whoever asks meanwhile waits for the whole module, and a process that has it starts nothing."""

import subprocess
import sys

ASK = """
import sys, threading
sys.setswitchinterval(1e-5)
from etl.edges.early import load_early
load_early()
assert "load-early" in {thread.name for thread in threading.enumerate()}
from etl.edges.gx_duckdb import results
import duckdb_sqlalchemy, opencc
print(results.__name__)
for thread in threading.enumerate():
    if thread.name == "load-early":
        thread.join()
threading.Thread = None
load_early()
"""


def test_what_is_loaded_early_is_whole_for_whoever_asks_and_is_loaded_once() -> None:
    """In a process of its own: in this one all is loaded."""
    asked = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=False)
    assert (asked.stdout.split(), asked.returncode) == (["results"], 0), asked.stderr
