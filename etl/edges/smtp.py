"""Handing one message to one recipient's mail over SMTP, with an answer that says what is certain.

The steps of a transaction are taken one by one, so that a broken line is told apart: before the message's last dot nothing
has left (`deferred`), after it the server may have taken the message over (`uncertain`).
"""

import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from etl.errors import ConfigError, Retryable

Security = Literal["none", "starttls", "tls"]
_NOTIFY = ["NOTIFY=SUCCESS,FAILURE,DELAY"]


@dataclass(frozen=True)
class SmtpServer:
    """Where mail is handed over. `ca_file`: a certificate authority of one's own instead of the system's."""

    host: str
    port: int = 25
    security: Security = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: float = 60
    ca_file: str = ""


@dataclass(frozen=True)
class HandOver:
    """What became of a hand-over: `sent`, `deferred` (try again), `refused` (final), `uncertain`; and the server's words."""

    state: Literal["sent", "deferred", "refused", "uncertain"]
    text: str


class Session:
    """An open connection to the server."""

    def __init__(self, connection: smtplib.SMTP) -> None:
        self._connection = connection

    @property
    def open(self) -> bool:
        """Whether the line still stands."""
        return self._connection.sock is not None

    @property
    def largest_bytes(self) -> int | None:
        """The largest message that the server takes (RFC 1870); None if it does not say."""
        size = self._connection.esmtp_features.get("size", "")
        return int(size) if size.isdigit() and int(size) > 0 else None

    def hand_over(self, sender: str, recipient: str, content: bytes, envelope_id: str) -> HandOver:
        """Give one message to the server for one recipient. Asks for delivery reports where the server makes them."""
        started = False
        try:
            code, text = self._connection.mail(sender, self._mail_options(len(content), envelope_id))
            if _fine(code):
                options = _NOTIFY if self._connection.has_extn("dsn") else []
                code, text = self._connection.rcpt(recipient, options)
            if not _fine(code):
                with suppress(OSError):  # what the server has answered stands, whether the line still does or not
                    self._connection.rset()
                return _told(code, text)
            started = True
            code, text = self._connection.data(content)
            return _told(code, text)
        except smtplib.SMTPDataError as error:  # the word DATA itself was refused: nothing was given
            return _told(error.smtp_code, error.smtp_error)
        except smtplib.SMTPResponseException as error:
            return HandOver(
                "uncertain" if started else "deferred", f"{error.smtp_code} {_words(error.smtp_error)}"
            )
        except OSError as error:  # also SMTPServerDisconnected and a server that is silent for too long
            return HandOver("uncertain" if started else "deferred", f"{type(error).__name__}: {error}")

    def _mail_options(self, size: int, envelope_id: str) -> list[str]:
        options = [f"SIZE={size}"] if self._connection.has_extn("size") else []
        return options + ([f"RET=HDRS ENVID={envelope_id}"] if self._connection.has_extn("dsn") else [])


@contextmanager
def open_session(server: SmtpServer) -> Iterator[Session]:
    """A connection that is greeted, encrypted and logged in as configured.

    Retryable if the server is not to be reached or not ready; ConfigError if it does not take the password, offers no
    encryption where some is wanted, or shows a certificate of somebody else.
    """
    try:
        connection = _connect(server)
    except smtplib.SMTPAuthenticationError as error:
        said = f"{server.host} does not take the user and password: {error.smtp_code}"
        raise (Retryable if 400 <= error.smtp_code < 500 else ConfigError)(said) from error
    except smtplib.SMTPNotSupportedError as error:
        raise ConfigError(f"{server.host}: {error}") from error
    except ssl.SSLCertVerificationError as error:
        raise ConfigError(f"{server.host} shows a certificate that is not trusted: {error.verify_message}") from error
    except OSError as error:  # smtplib's errors are OSErrors
        raise Retryable(f"mail server {server.host}:{server.port} is not to be reached: {error}") from error
    try:
        yield Session(connection)
    finally:
        _close(connection)


def _connect(server: SmtpServer) -> smtplib.SMTP:
    trust = ssl.create_default_context(cafile=server.ca_file or None)
    where = (server.host, server.port)
    connection = (
        smtplib.SMTP_SSL(*where, timeout=server.timeout_seconds, context=trust)
        if server.security == "tls"
        else smtplib.SMTP(*where, timeout=server.timeout_seconds)
    )
    try:
        connection.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            connection.starttls(context=trust)
            connection.ehlo()
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _close(connection: smtplib.SMTP) -> None:
    try:
        connection.quit()
    except OSError:
        connection.close()


def _fine(code: int) -> bool:
    return 200 <= code < 300


def _told(code: int, text: bytes | str) -> HandOver:
    """2xx has taken it, 4xx may take it later, anything else never; no readable code is a doubt."""
    words = f"{code} {_words(text)}"
    if code == -1:
        return HandOver("uncertain", words)
    return HandOver("sent" if _fine(code) else "deferred" if 400 <= code < 500 else "refused", words)


def _words(text: bytes | str) -> str:
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(plain.split())[:500]


class Pace:
    """So many messages a minute and no more; 0 = as fast as the server takes them."""

    def __init__(
        self,
        messages_per_minute: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap = 60 / messages_per_minute if messages_per_minute else 0.0
        self._clock, self._sleep = clock, sleep
        self._next = 0.0

    def wait(self) -> None:
        """Return when the next message may leave."""
        now = self._clock()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._gap
