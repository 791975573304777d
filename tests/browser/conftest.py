"""Chromium, and the page served on a free port of this machine's loopback address."""

import datetime as dt
import itertools
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright

from etl.core.access import Viewer
from etl.edges.feeds import CHINA
from etl.web.app import create_app

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
WAIT = 90_000  # milliseconds; judging a return loads Great Expectations first
QUIETLY = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium without a screen."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIETLY)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test for any script error or alert."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    opened.set_default_timeout(WAIT)
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("dialog", lambda dialog: (problems.append(dialog.message), dialog.dismiss()))
    yield opened
    opened.close()
    assert problems == []


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[Viewer], str]]:
    """Serves the page as one viewer sees it, on the 26th of July 2018; gives back its address."""
    servers = []

    def start(viewer: Viewer) -> str:
        server, port = _server(create_app(lambda: viewer, _clock))
        servers.append(server)
        return f"http://127.0.0.1:{port}"

    yield start
    for server in servers:
        server.should_exit = True


MINUTES = itertools.count()


def _clock() -> dt.datetime:
    """A minute later each time it is asked: deliveries stand in the order in which they came."""
    return dt.datetime(2018, 7, 26, 10, tzinfo=CHINA) + dt.timedelta(minutes=next(MINUTES))


def _server(app: FastAPI) -> tuple[uvicorn.Server, int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off"))
    threading.Thread(target=server.run, daemon=True).start()
    end = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < end, "the page was not served in time"
        time.sleep(0.05)
    return server, port
