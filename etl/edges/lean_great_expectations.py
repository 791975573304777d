"""Imports Great Expectations in about a third of the time: import this before anything of it.

Half of its import is SciPy's statistics and a drawing library, for expectations on distributions that no rule uses; half of
the rest is the garbage collector, which goes through all that was imported again and again.
"""

import gc
import importlib
import sys
from types import ModuleType
from typing import Any

HARDLY_USED = ("altair", "scipy.stats")


class OnFirstUse(ModuleType):
    """Is found in place of a module until something of it is asked for, then gives way to it.

    The standard library's LazyLoader will not do: a second `import` of the name loads the module, and there always is one.
    """

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def _import() -> None:
    for name in HARDLY_USED:
        sys.modules.setdefault(name, OnFirstUse(name))
    collecting = gc.isenabled()
    gc.disable()
    try:
        importlib.import_module("great_expectations")
    finally:
        if collecting:
            gc.enable()
    gc.freeze()  # modules stay: no collection need look at them, and forked children share them


_import()
