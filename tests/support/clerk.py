"""A clerk at a screen: what the page told, and a workbook saved by LibreOffice where that is installed."""

import re
import shutil
import subprocess
from pathlib import Path

from playwright.sync_api import Page


def told(page: Page, title: str) -> int:
    """The number on a part of the answer."""
    heading = page.locator("section.told h2", has_text=title).inner_text()
    return int(re.sub(r"\D", "", heading))


def saved_by_libreoffice(path: Path, folder: Path) -> Path:
    """The workbook opened and saved again by LibreOffice, or as it is where there is none."""
    if shutil.which("soffice") is None:
        return path
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "saved"), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder / "saved" / path.name
