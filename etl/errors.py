"""What can go wrong, by who must act. Bad input is a finding and never one of these."""

import errno
import os
import re
import traceback
from collections.abc import Iterable


class SanjiError(Exception):
    """Base of all; shown as one line, with its own exit code."""

    exit_code = 1


class Misuse(SanjiError):
    """The person at the keyboard must act: an unknown programme, period or place."""

    exit_code = 2


class Unscored(Misuse):
    """Whoever keeps the year must act: it is not scored, or by another rubric than the programme's."""


class Dropped(Misuse):
    """Whoever cleared steps of a run must act: Airflow dropped others out of it, and has them back once cleared again."""


class ConfigError(SanjiError):
    """Whoever keeps the configuration must act: a programme, a rule, a setting or a template does not load."""

    exit_code = 3


class Refused(SanjiError):
    """Whoever keeps the database must act: it does not let us in, or do what we must, or is not whole. No new try helps."""

    exit_code = 3


class Retryable(SanjiError):
    """Nobody must act yet: a server or a disk did not answer; trying again may help."""

    exit_code = 4


class Bug(SanjiError):
    """The developers must act: something that cannot be, is."""

    exit_code = 5


OUTBOX = "outbox"


class Lost(SanjiError):
    """Whoever keeps the files must act: some were kept and are gone. `folder`: the landing's folder they lay in, or `OUTBOX`."""

    exit_code = 6

    def __init__(self, folder: str, whose: Iterable[str]) -> None:
        self.folder = folder
        self._whose = tuple(whose)
        each = sorted(set(self._whose))
        told = ", ".join(each[:_LOST_TOLD]) + (f" and {len(each) - _LOST_TOLD} more" if len(each) > _LOST_TOLD else "")
        where = "the outbox" if folder == OUTBOX else f"the landing's folder {folder}"
        super().__init__(f"gone from {where}: {told}")

    def __reduce__(self) -> tuple[type["Lost"], tuple[str, tuple[str, ...]]]:
        """How it comes out of another process, which knows the sentence only."""
        return type(self), (self.folder, self._whose)


_OF_THE_DISK = frozenset(
    getattr(errno, name) for name in "ENOENT ENOSPC EDQUOT EFBIG EROFS EIO EACCES EPERM EMFILE ENFILE ESTALE".split()
)
"""What the system answers where a disk is full, closed or not mounted. Of files that are ours see `Lost`."""
_OF_A_DATABASE = "sqlalchemy.exc.OperationalError"
_OF_PAGES, _OF_WORDS = "typst.TypstError", "jinja2.exceptions.TemplateError"
_IN_PAGES = re.compile(r"^error: (.*)\n +┌─ (.*):\d+$", re.MULTILINE)
_LONGEST = 300
_LOST_TOLD = 5


def disk_says(error: BaseException) -> str | None:
    """What the system says of a disk or folder that is full, closed or gone, without a file's name; None of any other error."""
    if isinstance(error, OSError) and error.errno and error.errno in _OF_THE_DISK:
        return f"{type(error).__name__}: {os.strerror(error.errno)}"
    return None


def server_says(error: BaseException) -> str | None:
    """What is said of a server that does not answer, in one line without a row's value; None of any other error."""
    if _OF_A_DATABASE in _classes(error):
        said = str(getattr(error, "orig", "")).strip().splitlines()
        return f"the database does not answer: {said[0] if said else type(error).__name__}"[:_LONGEST]
    return type(error).__name__ if isinstance(error, (ConnectionError, TimeoutError)) else None


def template_says(error: BaseException) -> str | None:
    """Where a template of pages or of words is at fault, and what Typst or Jinja says of it; None of any other error."""
    if _OF_PAGES in _classes(error):
        said, where = (*_IN_PAGES.findall(str(getattr(error, "diagnostic", ""))), (str(error), "?"))[0]
    elif _OF_WORDS in _classes(error):
        steps = traceback.extract_tb(error.__traceback__)
        ran = [f"{step.filename}:{step.lineno}" for step in steps if step.filename.endswith(".j2")]
        said, where = str(error), (ran or ["?"])[-1]
    else:
        return None
    return f"template {where.rpartition('templates/')[2]}: {said}"[:_LONGEST]


def _classes(error: BaseException) -> set[str]:
    """The names of an error's classes, so that none of them has to be loaded to know it."""
    return {f"{each.__module__}.{each.__qualname__}" for each in type(error).__mro__}
