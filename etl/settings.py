"""The only reader of the environment (variables that begin with SANJI_)."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from etl.errors import ConfigError

PREFIX = "SANJI_"


class Settings(BaseSettings):
    """Where things rest. Everything lies under `home` unless it is set apart."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    home: Path = Path(".sanji")
    store_url: str | None = None
    landing: Path | None = None
    feeds: Path | None = None
    outbox: Path | None = None
    programmes_dir: Path | None = None
    programmes: str = ""  # comma-separated keys: what this installation runs; empty = all in force
    signers: str = ""  # who signs namings off in Airflow: user:name,user:name; empty = whoever may
    fonts_dir: Path | None = None
    language: Literal["zh-CN", "zh-Hant", "en"] = "zh-CN"  # of papers; another than zh-CN makes editions beside the official ones
    accounts: Path | None = None  # which account of Airflow stands for which place or unit
    seal_key: str = ""  # seals fix-me workbooks and reply addresses; empty = a key made once in the home folder
    mail_from: str = "sanji@example.test"
    mail_reply_to: str = ""  # the mailbox that is read for answers; the sender's if not said
    mail_largest_bytes: int | None = Field(default=None, ge=100_000)  # what the server says, if not said
    mail_link_base: str = ""  # where documents too large for mail are served, by SHA-256
    smtp_host: str = ""  # no server: messages stay in the outbox
    smtp_port: int = 25
    smtp_security: Literal["none", "starttls", "tls"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_ca_file: str = ""
    smtp_timeout_seconds: int = Field(default=60, ge=1)
    smtp_messages_per_minute: int = Field(default=60, ge=0)
    smtp_claim_minutes: int = Field(default=15, ge=0)
    dkim_key: Path | None = None
    dkim_selector: str = "sanji"
    smime_certificate: Path | None = None
    smime_key: Path | None = None
    release_automatically: bool = False  # for demonstrations and tests only; told in the ledger
    imap_host: str = ""
    imap_port: int = 993
    imap_security: Literal["none", "starttls", "tls"] = "tls"
    imap_user: str = ""
    imap_password: SecretStr = SecretStr("")
    imap_ca_file: str = ""
    imap_folder: str = "INBOX"
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
    def reply_address(self) -> str:
        """The mailbox whose mail is read for answers, bounces and returned workbooks."""
        return self.mail_reply_to or self.mail_from

    @property
    def database_url(self) -> str:
        """The store's SQLAlchemy URL; SQLite under `home` unless another is set."""
        return self.store_url or f"sqlite:///{(self.home / 'store.sqlite').as_posix()}"


@cache
def settings() -> Settings:
    """The settings of this process, read once. ConfigError names the variables that do not load."""
    try:
        return Settings()
    except ValidationError as error:
        # What was given is not repeated: it may be a password.
        told = (f"{PREFIX}{'_'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors())
        raise ConfigError("; ".join(told)) from error
