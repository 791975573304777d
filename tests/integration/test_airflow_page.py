"""The maintainers' page in a real Airflow: its login is asked for, and an account sees its own unit alone."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.filing import home_at, run, unit, write

pytestmark = pytest.mark.integration

KEY = ("yunnan-model-branch", "2018H1")
BOARD = f"/sanji/{KEY[0]}/{KEY[1]}/"
USERS = "chief:admin,clerk-530102:viewer,stranger:viewer"
STARTED_WITHIN = 180


@dataclass
class Airflow:
    """A running API server and the passwords of its users."""

    url: str
    passwords: dict[str, str]
    tokens: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, user: str | None = None, cookie: bool = False) -> tuple[int, str]:
        """Status and text of a page as a user's browser (cookie) or program (bearer) asks for it."""
        headers = {}
        if user:
            token = self._token(user)
            headers = {"Cookie": f"_token={token}"} if cookie else {"Authorization": f"Bearer {token}"}
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def _token(self, user: str) -> str:
        if user not in self.tokens:
            body = json.dumps({"username": user, "password": self.passwords[user]}).encode()
            request = urllib.request.Request(
                f"{self.url}/auth/token", data=body, headers={"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                self.tokens[user] = json.load(answer)["access_token"]
        return self.tokens[user]


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    """Airflow's API server alone, on SQLite, with two counties' returns in the store."""
    folder = tmp_path_factory.mktemp("airflow")
    accounts = folder / "accounts.csv"
    accounts.write_text("account,code\nclerk-530102,530102\n", encoding="utf-8")
    with home_at(folder / "sanji") as home:
        write(home, *KEY, [unit(*KEY, "530102"), unit(*KEY, "530103")])
        run(*KEY, "2018-07-30", roll_up=False)
        port = _free_port()
        environment = {
            **os.environ, "AIRFLOW_HOME": str(folder), "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": USERS, "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__HOST": "127.0.0.1", "AIRFLOW__API__WORKERS": "1", "SANJI_ACCOUNTS": str(accounts),
            "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        }
        binary = Path(sys.executable).with_name("airflow")
        subprocess.run([binary, "db", "migrate"], env=environment, check=True, capture_output=True)
        with (folder / "api-server.log").open("w") as log:
            server = subprocess.Popen(
                [binary, "api-server"], env=environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            started = Airflow(f"http://127.0.0.1:{port}", {})
            _wait_for(started, server)
            generated = folder / "simple_auth_manager_passwords.json.generated"
            started.passwords = json.loads(generated.read_text(encoding="utf-8"))
            yield started
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(airflow: Airflow, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < end:
        assert server.poll() is None, "the API server ended"
        try:
            if airflow.get("/api/v2/version")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(1)
    raise AssertionError("not in time")


def test_nobody_sees_anything_without_airflows_login(airflow: Airflow) -> None:
    for path in ("/sanji/", BOARD, BOARD + "units/P530102", BOARD + "units/P530102/fix-me.xlsx"):
        code, text = airflow.get(path)
        assert code == 401
        assert "请先登录" in text
        assert "五华" not in text


def test_an_operator_sees_all_units(airflow: Airflow) -> None:
    for cookie in (True, False):
        code, text = airflow.get(BOARD, "chief", cookie)
        assert code == 200
        assert text.count('<th scope="row">') > 150
    assert "/sanji/static/sanji.css" in text
    assert airflow.get("/sanji/static/sanji.css")[0] == 200


def test_a_county_sees_its_own_unit_alone(airflow: Airflow) -> None:
    code, text = airflow.get(BOARD, "clerk-530102", cookie=True)
    assert code == 200
    assert text.count('<th scope="row">') == 1
    assert "五华区" in text
    assert airflow.get(BOARD + "units/P530102", "clerk-530102")[0] == 200
    assert airflow.get(BOARD + "units/P530103", "clerk-530102")[0] == 404


def test_an_account_of_no_unit_sees_none(airflow: Airflow) -> None:
    code, text = airflow.get("/sanji/", "stranger")
    assert code == 200
    assert "尚未对应到单位" in text
    assert airflow.get(BOARD, "stranger")[0] == 404


def test_what_operators_look_at_is_theirs_alone(airflow: Airflow) -> None:
    code, text = airflow.get("/sanji/duty", "chief", cookie=True)
    assert code == 200
    assert "没有失败的步骤" in text
    assert text.count("未启用") + text.count("未能载入") == 7  # this server has never seen a DAG
    assert airflow.get("/sanji/duty")[0] == 401
    for user in ("clerk-530102", "stranger"):
        code, text = airflow.get("/sanji/duty", user)
        assert code == 403
        assert "值班" not in text


def test_the_board_stands_in_airflows_navigation(airflow: Airflow) -> None:
    code, text = airflow.get("/api/v2/plugins", "chief")
    assert code == 200
    views = [view for plugin in json.loads(text)["plugins"] for view in plugin["external_views"]]
    on_top = {"name": "报送进度", "href": "/sanji/", "destination": "nav", "nav_top_level": True, "category": None}
    assert on_top.items() <= views[0].items()
    assert [view["name"] for view in views] == ["报送进度", "值班"]
    for view in views:
        assert airflow.get(view["icon"])[0] == 200
