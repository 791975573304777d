"""The reply mailbox over IMAP: what has come and was not taken up yet. Nothing is deleted there."""

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from imap_tools import AND, BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxLoginError

from etl.errors import ConfigError, Retryable

LARGEST_MAIL = 40 * 1024 * 1024
"""Bytes; of a larger mail only the headers are fetched."""


@dataclass(frozen=True)
class ImapServer:
    """Where the reply mailbox lies."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"]
    user: str
    password: str = field(repr=False)
    ca_file: str = ""
    folder: str = "INBOX"
    timeout_seconds: float = 60


@dataclass(frozen=True)
class RawMail:
    """A mail as it lies there; `cut`: it is too large, and `content` holds its headers only."""

    uid: str
    content: bytes = field(repr=False)
    cut: bool = False


class OpenMailbox:
    """An open mailbox."""

    def __init__(self, box: BaseMailBox) -> None:
        self._box = box

    def unread(self) -> Iterator[RawMail]:
        """Mail nobody has taken up, oldest first, each fetched when it is asked for."""
        for uid in self._box.uids(AND(seen=False)):
            cut = self._size(uid) > LARGEST_MAIL
            yield RawMail(uid, self._raw(uid, "BODY.PEEK[HEADER]" if cut else "BODY.PEEK[]"), cut)

    def taken(self, uid: str) -> None:
        """Mark a mail as taken up."""
        self._box.flag(uid, "\\Seen", True)

    def _size(self, uid: str) -> int:
        _, answer = self._box.client.uid("FETCH", uid, "(RFC822.SIZE)")
        digits = bytes(answer[0] or b"").rpartition(b"RFC822.SIZE ")[2].split(b")")[0].split()
        return int(digits[0]) if digits else 0

    def _raw(self, uid: str, what: str) -> bytes:
        """The bytes as they lie there: the library's own parsing would write them anew."""
        _, answer = self._box.client.uid("FETCH", uid, f"({what})")
        return next(bytes(part[1]) for part in answer if isinstance(part, tuple))


@contextmanager
def open_mailbox(server: ImapServer) -> Iterator[OpenMailbox]:
    """The reply mailbox.

    ConfigError if the password is not taken or the certificate not trusted, Retryable if the server does not answer.
    """
    try:
        box = _connect(server)
    except MailboxLoginError as error:
        raise ConfigError(f"{server.host} does not take the mailbox's user and password") from error
    except ssl.SSLCertVerificationError as error:
        raise ConfigError(f"{server.host} shows a certificate that is not trusted: {error.verify_message}") from error
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
        raise Retryable(
            f"mailbox server {server.host}:{server.port} is not to be reached: {error}"
        ) from error
    try:
        yield OpenMailbox(box)
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
        raise Retryable(f"mailbox server {server.host}: {error}") from error
    finally:
        _close(box)


def _connect(server: ImapServer) -> BaseMailBox:
    where = {"host": server.host, "port": server.port, "timeout": server.timeout_seconds}
    trust = ssl.create_default_context(cafile=server.ca_file or None)
    if server.security == "tls":
        box = MailBox(**where, ssl_context=trust)
    elif server.security == "starttls":
        box = MailBoxStartTls(**where, ssl_context=trust)
    else:
        box = MailBoxUnencrypted(**where)
    try:
        return box.login(server.user, server.password, initial_folder=server.folder)
    except BaseException:
        box.client.shutdown()  # nobody has the box yet who could close it
        raise


def _close(box: BaseMailBox) -> None:
    try:
        box.logout()
    except (OSError, imaplib.IMAP4.error, ImapToolsError):
        box.client.shutdown()
