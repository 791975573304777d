"""The only reader of the environment (variables that begin with SANJI_)."""

from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where things rest. Everything lies under `home` unless it is set apart."""

    model_config = SettingsConfigDict(env_prefix="SANJI_", frozen=True)

    home: Path = Path(".sanji")
    store_url: str | None = None
    landing: Path | None = None
    feeds: Path | None = None
    outbox: Path | None = None
    programmes_dir: Path | None = None
    programmes: str = ""  # comma-separated keys: what this installation runs; empty = all in force
    fonts_dir: Path | None = None
    seal_key: str = ""  # seals fix-me workbooks; empty = a key made once in the home folder
    mail_from: str = "sanji@example.test"
    issued_working_days_after_cutoff: int = Field(default=3, ge=0)

    @property
    def landing_dir(self) -> Path:
        """Raw files, text tables, slices and documents, all named by content."""
        return self.landing or self.home / "landing"

    @property
    def feeds_dir(self) -> Path:
        """The drop folder: <programme>/<period>/<unit code>/files."""
        return self.feeds or self.home / "feeds"

    @property
    def outbox_dir(self) -> Path:
        """Messages written as .eml."""
        return self.outbox or self.home / "outbox"

    @property
    def database_url(self) -> str:
        """The store's SQLAlchemy URL; SQLite under `home` unless another is set."""
        return self.store_url or f"sqlite:///{(self.home / 'store.sqlite').as_posix()}"


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
