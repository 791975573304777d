"""Every test has a home folder of its own and never the environment of the person who runs it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl.settings import settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty SANJI_HOME; other SANJI_ variables are gone."""
    for name in [name for name in os.environ if name.startswith("SANJI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SANJI_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home"
    settings.cache_clear()
