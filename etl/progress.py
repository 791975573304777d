"""What a long step tells while it works, and how a step that nobody follows keeps silent."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Progress = Callable[[int], None]
"""Called each time that one thing more is done, with how many there are in all."""
Thing = TypeVar("Thing")


def silent(_in_all: int) -> None:
    """For whoever does not want to know."""


def counted(things: Iterable[Thing], in_all: int, progress: Progress) -> Iterator[Thing]:
    """The things one by one; each is done when the next is asked for.

    >>> told = []
    >>> list(counted("ab", 2, told.append)), told
    (['a', 'b'], [2, 2])
    """
    for thing in things:
        yield thing
        progress(in_all)
