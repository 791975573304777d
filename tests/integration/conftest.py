"""A PostgreSQL of the tests' own, with a server on loopback."""

import getpass
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.folders import let_others_in


def _binary(name: str) -> str:
    found = shutil.which(name) or next(
        map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None
    )
    if found is None:
        pytest.skip("PostgreSQL's server is not installed (Debian: postgresql)")
    return found


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty database on a server of its own, on loopback."""
    initdb, server = _binary("initdb"), _binary("postgres")
    folder = tmp_path_factory.mktemp("postgresql")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    as_user = []
    if getpass.getuser() == "root":  # the server refuses to run as root
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        let_others_in(folder)
        shutil.chown(folder, "postgres")
    data = folder / "data"
    subprocess.run(
        [*as_user, initdb, "-D", data, "-U", "sanji", "-A", "trust", "-E", "UTF8"],
        check=True,
        capture_output=True,
    )
    command = [*as_user, server, "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ready = _binary("pg_isready")
    for _ in range(100):
        if (
            subprocess.run(
                [ready, "-h", "127.0.0.1", "-p", str(port)], capture_output=True, check=False
            ).returncode
            == 0
        ):
            break
        subprocess.run(["sleep", "0.2"], check=True)
    yield f"postgresql+psycopg://sanji@127.0.0.1:{port}/postgres"
    running.send_signal(signal.SIGINT)  # fast: does not wait for pooled connections
    running.wait(20)
