"""What the ledger of messages knows by rule: kinds, states, keys, the moves a message may make. No I/O, no clock."""

import hashlib
from collections.abc import Mapping

KINDS = ("edition", "erratum", "feedback", "answer", "reminder")

STATES: Mapping[str, str] = {
    "queued": "composed, kept as .eml, waits for a person's release",
    "released": "may leave; also where a temporary refusal puts it back",
    "claimed": "a sender has taken it and said nothing since",
    "uncertain": "claimed, and the sender died or lost the line: it may have left; a person decides",
    "sent": "our mail server has taken it over",
    "accepted": "the recipient's server reports that it is delivered",
    "refused": "a server refused it for good while we were handing it over",
    "bounced": "taken over, then reported as undeliverable",
    "receipt": "the recipient says that it is read, or answered",
    "withdrawn": "overtaken by a newer edition before it left",
}

_TAKEN_OVER = ("sent", "accepted", "bounced")

MOVES: Mapping[str, tuple[str, ...]] = {
    "released": ("queued", "claimed", "uncertain"),
    "claimed": ("released",),
    "uncertain": ("claimed",),
    "sent": ("claimed", "uncertain"),
    "refused": ("claimed",),
    # What comes back by mail also settles a doubt: a message that bounced or was read has left.
    "accepted": ("sent", "uncertain"),
    "bounced": ("sent", "accepted", "uncertain"),
    "receipt": (*_TAKEN_OVER, "uncertain"),
    "withdrawn": ("queued", "released"),
}
"""State → the states from which a message may come there. Any other move is refused by the ledger."""

LEFT = ("sent", "accepted", "bounced", "receipt")
"""States in which a message has certainly left this machine."""


def message_key(kind: str, subject_id: str, recipient: str, part: int = 1) -> str:
    """32 hex digits that stand for this subject to this recipient, the same on every run; ValueError for an unknown kind."""
    if kind not in KINDS:
        raise ValueError(f"no kind of message {kind}")
    identity = "|".join((kind, subject_id, recipient.lower(), str(part)))
    return hashlib.sha256(identity.encode()).hexdigest()[:32]


def message_id(key: str, domain: str) -> str:
    """The Message-ID of a key, so that a copy can be found again at either end."""
    return f"<{key}@{domain}>"


def key_of_message_id(text: str) -> str | None:
    """The key in one of our Message-IDs; None if it does not look like ours. Whether it is, the ledger knows."""
    key = text.strip().strip("<>").partition("@")[0]
    return key if len(key) == 32 and set(key) <= set("0123456789abcdef") else None
