"""The how-tos do what they say: their commands are run as they stand, page after page, in a small province.

What only a reader can know (the key of a finding, the message that is uncertain) is looked up as the page says. Lines that
start a server are for the other suites, and simulations are thinned.
"""

import csv
import datetime as dt
import io
import os
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from etl.cli import app
from etl.edges.feeds import CHINA
from etl.edges.programmes import SHIPPED, load_bundle
from etl.settings import settings
from tests.support.scripted_smtp import HANG_UP, scripted_server

pytestmark = pytest.mark.full
ROOT = Path(__file__).parents[2]
YUNNAN = "yunnan-model-branch"
THINNED = {"simulate": ("--scale", "0.02"), "demo": ("--scale", "0.02")}
STARTS_A_SERVER = "serve"
_FENCE = re.compile(r"^ *```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_ASSIGNED = re.compile(r"[A-Z_]+=.*")

Known = Mapping[str, str]


@pytest.fixture
def desk(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to work in."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    load_bundle.cache_clear()


def say(*words: str) -> str:
    """What a command prints. AssertionError with all of it if it does not end well.

    What it keeps in the environment is gone afterwards: a page's reader starts a process for each.
    """
    before = dict(os.environ)
    done = CliRunner().invoke(app, [*words, *(THINNED.get(words[0], ()) if "--scale" not in words else ())])
    os.environ.clear()
    os.environ.update(before)
    settings.cache_clear()
    assert done.exit_code == 0, f"sanji {shlex.join(words)}: {done.exit_code}\n{done.output[-2000:]}{done.exception!r}"
    return done.stdout


def listed(*words: str) -> list[dict[str, str]]:
    """The rows of a listing."""
    return list(csv.DictReader(io.StringIO(say(*words, "--format", "csv"))))


def follow(page: str, **known: Known) -> list[str]:
    """Do what a page says, line by line; which commands that were.

    `known`: command → what stands in the page for what only its reader knows → what that is here.
    """
    done = []
    for line in _lines(ROOT / page):
        given = dict(word.split("=", 1) for word in line if _ASSIGNED.fullmatch(word))
        program, *words = line[len(given) :]
        if program == "cp":
            shutil.copytree(ROOT / words[1], words[2])
        if not program.endswith("sanji") or words[0] == STARTS_A_SERVER:
            continue
        meant = known.get(words[0].replace("-", "_"), {})
        with pytest.MonkeyPatch.context() as patch:
            for name, value in given.items():
                patch.setenv(name, value)
            settings.cache_clear()
            say(*(meant.get(word, word) for word in words))
        settings.cache_clear()
        done.append(words[0])
    return done


def _lines(page: Path) -> Iterator[list[str]]:
    for block in _FENCE.findall(page.read_text("utf-8")):
        yield from (shlex.split(line, comments=True) for line in block.splitlines() if shlex.split(line, comments=True))


def _finding(level: str, *waivable_by: str) -> dict[str, str]:
    """An open finding of a level, waivable by one of some tiers."""
    rows = listed("findings", "--period", "2018H1")
    return next(row for row in rows if row["level"] == level and (not waivable_by or row["waivable_by"] in waivable_by))


@contextmanager
def _mail_server(answers: Mapping[str, str] | None = None) -> Iterator[None]:
    """The mail server of the bureau, as the settings name it."""
    with scripted_server(answers or {}) as server, pytest.MonkeyPatch.context() as patch:
        named = {"HOST": "127.0.0.1", "PORT": str(server.port), "SECURITY": "none", "MESSAGES_PER_MINUTE": "0"}
        for name, value in named.items():
            patch.setenv(f"SANJI_SMTP_{name}", value)
        yield
    settings.cache_clear()


def _late_correction(period: str, day: dt.datetime) -> None:
    """The branches of a county anew, ten yuan more of dues in one of them, in a file that came on a day."""
    tables = sorted(Path("inbox", YUNNAN, period).glob("*/支部情况表.csv"))
    path = next(path for path in tables if ",收缴党费," in path.read_text("utf-8-sig", errors="replace"))
    headings, first, *rest = path.read_text("utf-8-sig").splitlines()
    paid = next(csv.reader([first]))[headings.split(",").index("收缴党费")]
    late = path.with_name("支部情况表（更正）.csv")
    late.write_text("\n".join([headings, first.replace(f'"{paid}"', f'"{float(paid) + 10:.2f}"'), *rest]), "utf-8")
    os.utime(late, (day.timestamp(),) * 2)


def test_a_half_year_and_its_year(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANJI_FEEDS", "inbox")
    for period, faults in {"2017H1": "0", "2017H2": "0", "2018H1": "each", "2018H2": "0"}.items():
        say("simulate", "--period", period, "--out", "inbox", "--faults", faults)
    for period in ("2017H1", "2017H2"):
        say("run", "--period", period)
    assert follow("docs/how-to/start-a-half-year.md")
    assert follow("docs/how-to/explain-a-figure.md")
    warned, held = _finding("warning"), _finding("row", "county", "prefecture")
    key = "1a2b3c4d5e6f"
    assert follow(
        "docs/how-to/explain-or-waive.md", explain_finding={key: warned["finding_key"]}, waive={key: held["finding_key"]}
    ) == ["findings", "explain-finding", "waive", "rollup", "waive"]
    unit = {"530102": held["subject_id"].rsplit("-", 1)[0]}
    assert follow("docs/how-to/fix-a-returned-workbook.md", feedback=unit) == ["feedback", "resubmit", "resubmit"]
    assert follow("docs/how-to/redo-a-closed-half-year.md")
    assert follow("docs/how-to/a-county-changed-its-sheet.md")
    assert follow("docs/how-to/close-a-year.md")


def test_reports_that_are_sent_and_corrected(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANJI_FEEDS", "inbox")
    say("simulate", "--period", "2018H1", "--out", "inbox")
    say("run", "--period", "2018H1")
    say("release", "--by", "office")
    with _mail_server({".": HANG_UP}):
        say("dispatch")
    (uncertain, *_) = listed("deliveries", "--uncertain")
    key = {"26c08e4d7e127f58905a5a74255c531b": uncertain["message_key"]}
    assert follow("docs/how-to/send-the-reports.md", deliveries=key) == ["deliveries", "deliveries"]
    with _mail_server():
        say("dispatch")
        _late_correction("2018H1", dt.datetime(2018, 9, 19, 9, tzinfo=CHINA))
        assert follow("docs/how-to/correct-a-sent-report.md") == ["run", "errata", "errata", "outbox", "release", "dispatch"]
    assert "erratum" in say("deliveries", "--format", "csv")


def test_a_rule_and_a_programme_are_added(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANJI_FEEDS", "inbox")
        assert follow("docs/how-to/add-a-rule.md") == ["simulate", "run", "findings", "revalidate"]
    shutil.copytree(SHIPPED / "shiyan-six-good", "my-programmes/my-programme")
    path = Path("my-programmes/my-programme/programme.yaml")
    path.write_text(path.read_text("utf-8").replace("programme: shiyan-six-good", "programme: my-programme"), "utf-8")
    assert follow("docs/how-to/add-a-programme.md") == ["doctor", "programmes", "simulate", "run", "findings", "demo"]


def test_the_demonstration_can_be_asked_as_the_readmes_say(desk: Path) -> None:
    assert follow("docs/how-to/for-a-maintainer.md") == ["demo"]
    reports = {path.name for path in (desk / "demo" / "reports").glob("530000-*通报.pdf")}
    assert reports == {f"530000-2017年{half}半年云南省数据报送情况通报.pdf" for half in "上下"}
    for readme in ("README.md", "README.zh-CN.md"):
        assert follow(readme) == ["findings", "totals", "status"]
