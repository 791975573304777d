"""Which account stands for which place or unit: the file that `SANJI_ACCOUNTS` names."""

import csv
from collections.abc import Mapping
from pathlib import Path

from etl.core.access import Viewer
from etl.errors import ConfigError

EVERYTHING = "*"
COLUMNS = ["account", "code"]


def load_accounts(path: Path) -> Mapping[str, Viewer]:
    """Account → what it may see. Lines `account,code`; several lines an account; the code `*` stands for all units.

    Read each time: a server runs for weeks, and whom a line was taken away from must not see anything at the next request.
    Raises ConfigError when the file is not there or not so written.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames != COLUMNS:
                raise ConfigError(f"{path.name}: the first line must be {','.join(COLUMNS)}")
            rows = [(row["account"].strip(), (row["code"] or "").strip()) for row in reader]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"SANJI_ACCOUNTS: {error}") from error
    if any(not account or not code for account, code in rows):
        raise ConfigError(f"{path.name}: a line without account or code")
    codes: dict[str, set[str]] = {}
    for account, code in rows:
        codes.setdefault(account, set()).add(code)
    return {
        account: Viewer(account, frozenset(mine - {EVERYTHING}), EVERYTHING in mine)
        for account, mine in codes.items()
    }
