"""A mail server that answers as a test says: one scripted reply a command, or a broken line."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

HANG_UP = "hang up"
GREETING = {"EHLO": "250-scripted\r\n250-SIZE 10240000\r\n250 DSN", "MAIL": "250 ok", "RCPT": "250 ok", "RSET": "250 ok",
            "DATA": "354 go on", ".": "250 2.0.0 Ok: queued as 4ABC", "QUIT": "221 bye"}


@dataclass
class Scripted:
    """The port to talk to, what was said and what was handed over."""

    port: int
    said: list[str] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)


@contextmanager
def scripted_server(answers: Mapping[str, str]) -> Iterator[Scripted]:
    """Listens on a free port until the block ends. `answers`: command (`.` = end of the message) → its reply."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Scripted(listener.getsockname()[1])
    thread = threading.Thread(target=_serve, args=(listener, server, {**GREETING, **answers}), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)  # wakes accept
        listener.close()
        thread.join(timeout=5)


def _serve(listener: socket.socket, server: Scripted, answers: Mapping[str, str]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, connection.makefile("rwb") as lines:
            _talk(lines, server, answers)


def _talk(lines: socket.SocketIO, server: Scripted, answers: Mapping[str, str]) -> None:
    def reply(text: str) -> None:
        lines.write(f"{text}\r\n".encode())
        lines.flush()

    reply("220 scripted")
    while line := lines.readline():
        said = line.decode().strip()
        server.said.append(said)
        command = said.split()[0].upper()
        if answers[command] == HANG_UP:
            return
        reply(answers[command])
        if command == "QUIT":
            return
        if command == "DATA" and answers["DATA"].startswith("354"):
            content = b"".join(iter(lines.readline, b".\r\n"))
            if answers["."] == HANG_UP:
                return
            if answers["."].startswith("2"):
                server.taken.append(content)
            reply(answers["."])
