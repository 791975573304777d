"""Every test has a home folder of its own and never the environment of the person who runs it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from etl.edges.store.database import open_store
from etl.settings import settings

# A busy machine is slow, and no test is wrong because of that.
hypothesis_settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("untimed")


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without a row, its tables up to date: making one takes longer than most tests."""
    path = tmp_path_factory.mktemp("store") / "store.sqlite"
    open_store(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture
def home(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A SANJI_HOME that holds an empty store; other SANJI_ variables are gone."""
    for name in [name for name in os.environ if name.startswith("SANJI_")]:
        monkeypatch.delenv(name)
    (tmp_path / "home").mkdir()
    shutil.copyfile(empty_store, tmp_path / "home" / "store.sqlite")
    monkeypatch.setenv("SANJI_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home"
    settings.cache_clear()
