"""What the ledger of messages knows by rule: kinds, states, keys, the moves a message may make. No I/O, no clock."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence

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
    "withdrawn": "overtaken before it left: by a newer edition, a newer outcome, or the return that it asked for",
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

LEFT = (*_TAKEN_OVER, "receipt")
"""States in which a message has certainly left this machine."""

_KEY_CHARS = 26  # 16 bytes in base32


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


def reply_token(key: str, secret: bytes) -> str:
    """The key and its HMAC in small letters and digits, short enough for the local part of an address (42 characters)."""
    return _base32(bytes.fromhex(key)) + _base32(_mac(key, secret))


def key_of_token(token: str, secret: bytes) -> str | None:
    """The key that a token was made for; None if it was not made with this secret."""
    token = token.lower()
    try:
        key = base64.b32decode(f"{token[:_KEY_CHARS]}======".upper()).hex()
    except ValueError:
        return None
    return key if hmac.compare_digest(reply_token(key, secret).encode(), token.encode()) else None


def _mac(key: str, secret: bytes) -> bytes:
    return hmac.new(secret, f"mail reply|{key}".encode(), hashlib.sha256).digest()[:10]


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()


def with_token(address: str, token: str) -> str:
    """The address with a token behind a plus sign, which mail servers deliver to the same mailbox."""
    user, _, domain = address.rpartition("@")
    return f"{user}+{token}@{domain}"


def token_of(address: str) -> str:
    """What stands behind the plus sign of an address; empty if there is none."""
    return address.rpartition("@")[0].partition("+")[2]


def base64_size(size: int) -> int:
    """Bytes that `size` bytes take as a base64 part, with its line ends and a generous allowance for headers."""
    return -(-size // 57) * 78 + 1500


def share_out(sizes: Sequence[int], bare: int, limit: int | None) -> tuple[list[list[int]], list[int]]:
    """How attachments go into as few messages as their order allows, each within `limit` bytes; and those that fit in none.

    `sizes` are the attachments' bytes, `bare` the bytes of the message without any; positions come back. There is
    always a first message, even an empty one. No limit = all in one.

    >>> share_out([3_000_000, 3_000_000, 9_000_000], 20_000, 8_000_000)
    ([[0], [1]], [2])
    """
    if limit is None:
        return [list(range(len(sizes)))], []
    parts: list[list[int]] = [[]]
    too_large, room = [], limit - bare
    for position, size in enumerate(map(base64_size, sizes)):
        if size > limit - bare:
            too_large.append(position)
            continue
        if size > room:
            parts.append([])
            room = limit - bare
        parts[-1].append(position)
        room -= size
    return parts, too_large
