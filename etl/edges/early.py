"""Loads what judging needs in a thread of its own, while something else is waited for."""

import importlib
import sys
import threading

_JUDGING = ("etl.edges.gx_duckdb", "duckdb_sqlalchemy", "opencc")


def load_early() -> None:
    """Begin to import what judging rows needs, which takes seconds; whoever imports it meanwhile waits until it is there.

    What cannot be imported says so there, too. A process that has it all already starts no thread.
    """
    if not all(name in sys.modules for name in _JUDGING):
        threading.Thread(target=_load, daemon=True, name="load-early").start()


def _load() -> None:
    for name in _JUDGING:
        importlib.import_module(name)
