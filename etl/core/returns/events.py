"""What can happen to a unit's return: the words of the audit trail."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Event = Literal[
    "received",  # a file arrived
    "checking",  # it was read, and is being judged
    "returned",  # judged: nothing of it counts
    "partly_accepted",  # judged: part of it counts
    "accepted",  # judged: all of it counts
    "superseded",  # a newer delivery took its place
    "uploaded",  # a person sent a file by the page or the command line
    "refused",  # what was sent is not taken, with the reason
    "taken",  # a person took a delivery that is not better than the one it replaces
    "fixed",  # a person changed values, with the reason
    "downloaded",  # a person fetched the fix-me workbook
    "explained",
    "waived",
    "withdrawn",  # an explanation or a waiver was taken back
    "reminded",
    "escalated",  # the tier above was told that the return is missing
    "announced",  # a return that was put right is told to the roll-ups: the totals follow
    "answered",  # a mail with the outcome was written
]

Reason = Literal["waived", "withdrawn"]
"""Why a return was judged again without a new file; an outcome carries it as `because`."""

SYSTEM = "sanji"
"""The actor of what no person did."""


@dataclass(frozen=True, slots=True)
class By:
    """Who does something, and when: an account, a mailbox that answered or a part of the program; the hour with its zone."""

    actor: str
    at: dt.datetime


Detail = Mapping[str, Any]


def event_id(
    programme: str, period: str, unit_id: str, at: dt.datetime, actor: str, event: Event, detail: Detail
) -> str:
    """The id of an event: the same event again, by a stage that is run again, is the same."""
    content = json.dumps(detail, ensure_ascii=False, sort_keys=True)
    text = "|".join((programme, period, unit_id, at.isoformat(), actor, event, content))
    return hashlib.sha256(text.encode()).hexdigest()[:24]
