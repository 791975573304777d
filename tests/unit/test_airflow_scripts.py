"""The scripts that start Airflow on one machine: what they say in a line before anything is started."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]


def _run(folder: Path, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "SANJI"))} | settings
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def taken() -> Iterator[str]:
    """A port on which something listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield str(server.getsockname()[1])


def _free() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


@pytest.mark.parametrize(
    ("script", "variable"), [("airflow.sh", "AIRFLOW_PORT"), ("native.sh", "AIRFLOW_PORT"), ("native.sh", "POSTGRES_PORT")]
)
def test_a_port_that_is_taken_is_told_before_anything_starts(tmp_path: Path, taken: str, script: str, variable: str) -> None:
    homes = {"AIRFLOW_HOME": str(tmp_path / "airflow"), "SANJI_HOME": str(tmp_path / "sanji")}
    ports = {"AIRFLOW_PORT": _free(), "POSTGRES_PORT": _free()} | {variable: taken}
    ended = _run(tmp_path, "bash", str(REPO / "docker" / script), **homes, **ports)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"Port {taken} is taken: choose another one with {variable}=<port>\n"
    assert not list(tmp_path.rglob("*.log"))


def test_folders_may_be_named_from_where_one_stands(tmp_path: Path) -> None:
    said = f"source {REPO}/docker/components.sh; common_settings; echo $AIRFLOW_HOME; echo $SANJI_HOME"
    ended = _run(tmp_path, "bash", "-euc", said, AIRFLOW_HOME="try/airflow", SANJI_HOME="../sanji", AIRFLOW_PORT=_free())
    assert ended.stdout.splitlines() == [str(tmp_path / "try" / "airflow"), str(tmp_path.parent / "sanji")]


def test_a_database_that_cannot_be_made_is_told_with_its_log(tmp_path: Path) -> None:
    said = f"AIRFLOW_HOME={tmp_path}; mkdir logs; airflow() {{ echo no; return 1; }}; source {REPO}/docker/components.sh; migrate"
    ended = _run(tmp_path, "bash", "-euc", said)
    assert (ended.returncode, ended.stderr) == (1, f"Airflow's database could not be made; see {tmp_path}/logs/migrate.log\n")
