"""Why a task failed, left beside it as the XCom `failure`, so that 值班 can tell it without a log being opened, and in its log.

Own errors say in one line what to do and hold no names of people; a machine's fault tells what the machine said of it; of any
other error only its class is told.
"""

from __future__ import annotations

import logging
from typing import Any

from etl.airflow_support.words import catalogue, failure_of
from etl.errors import (
    Bug,
    ConfigError,
    Dropped,
    Lost,
    Misuse,
    Refused,
    Retryable,
    SanjiError,
    Unscored,
    disk_says,
    server_says,
    template_says,
)

log = logging.getLogger(__name__)
KEY = "failure"
LONGEST = 500
"""Characters of an error's own words that are kept."""


def kind_of(error: BaseException, passing: tuple[str, ...]) -> str:
    """Who must act, a key of the catalogue's `causes`; `passing` names the classes of faults that are tried again."""
    if isinstance(error, Lost):
        return f"lost_{error.folder}"
    own = (Unscored, Dropped, Misuse, ConfigError, Refused, Retryable, Bug)
    found = next((each.__name__ for each in own if isinstance(error, each)), None)
    if template_says(error):
        return ConfigError.__name__
    names = {f"{each.__module__}.{each.__qualname__}" for each in type(error).__mro__}
    return found or ("Retryable" if names & set(passing) else "Disk" if disk_says(error) else "Bug")


def said_by(error: BaseException) -> str:
    """An error's words, if they are our own or a machine's, else its class."""
    own = str(error)[:LONGEST] if isinstance(error, SanjiError) else None
    return own or template_says(error) or disk_says(error) or server_says(error) or type(error).__name__


def keep_why(passing: tuple[str, ...]) -> Any:
    """The callback of a failed task, which leaves `kind` and `said` beside it. Waiting for another try is no failure.

    Whoever opens the log finds a traceback of Airflow's; below it stands the same that 值班 says: why, and what to press.
    """

    def keep(context: Any) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            ti, kind, said = context["ti"], kind_of(error, passing), said_by(error)
            ti.xcom_push(key=KEY, value={"kind": kind, "said": said})
            log.error(catalogue()["logged"].format(said=said, **failure_of(ti.dag_id, ti.task_id, kind)))

    return keep
