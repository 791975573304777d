"""The documents say what is there: commands and options exist, keys and settings are listed, links lead somewhere."""

import re
import shlex
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa
import typer
from typer.exceptions import TyperException

from etl.cli import app
from etl.core.judging.views import ROW_KEY
from etl.core.period import Period
from etl.edges.landing import Landing
from etl.edges.programmes import load_bundle
from etl.edges.workbench import Workbench, no_figures, titles_table
from etl.settings import Settings
from tests.support import rule_page
from tests.support.indicator_page import page

ROOT = Path(__file__).parent.parent.parent
COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group has commands
EVERYWHERE = {"--programme", "--period", "--programmes-dir", "--help"}

_FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_ASSIGNED = re.compile(r"^[A-Z_]+=")
_VIEW = re.compile(
    r"^\| `(rows|figures|activities|honours|ratios|unit_sums|peer_figures|unit_patterns|copies|evidence)` "
    r"\| [^|]+ \| `([a-z0-9_, ]+)` \|$",
    re.MULTILINE,
)
_MAKE = re.compile(r"(?:^|`)make ([a-z-]+)", re.MULTILINE)


def _documents() -> list[Path]:
    folders = ("benchmarks", "dags", "docs", "etl", "expectations", "templates", "tests")
    return sorted(
        [*ROOT.glob("*.md"), *(path for folder in folders for path in (ROOT / folder).rglob("*.md"))]
    )


DOCUMENTS = _documents()
each_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix()
)


def sanji_lines(text: str) -> Iterator[list[str]]:
    """The words after `sanji` of every such line in a fenced shell block."""
    for block in _FENCE.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            words = [word for word in shlex.split(line, comments=True) if not _ASSIGNED.match(word)]
            if words and words[0].rsplit("/", 1)[-1] == "sanji":
                yield words[1:]


def wrong_with(words: list[str]) -> str | None:
    """What the program's own parser says against the words; None if nothing."""
    if words[0] not in COMMANDS:
        return f"no command {words[0]}"
    try:
        COMMANDS[words[0]].make_context(words[0], words[1:])
    except TyperException as error:
        return f"{' '.join(words)}: {error}"
    return None


def test_a_wrong_line_is_noticed() -> None:
    text = "```sh\nSANJI_HOME=x .venv/bin/sanji gather --batch P1 # why\nsanji gather --nope\nsanji fly\nls\n```\n"
    assert [wrong_with(words) is None for words in sanji_lines(text)] == [True, False, False]


@each_document
def test_every_command_line_is_one_the_program_takes(document: Path) -> None:
    wrong = [problem for words in sanji_lines(document.read_text("utf-8")) if (problem := wrong_with(words))]
    assert wrong == []


@each_document
def test_relative_links_lead_somewhere(document: Path) -> None:
    targets = [link.split("#")[0] for link in _LINK.findall(document.read_text("utf-8")) if "://" not in link]
    missing = [target for target in targets if target and not (document.parent / target).exists()]
    assert missing == []


@each_document
def test_every_make_target_named_exists(document: Path) -> None:
    there = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(_MAKE.findall(document.read_text("utf-8"))) <= there


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_is_told_of(name: str) -> None:
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert any(words[0] == name for words in sanji_lines(text)), "no example in docs/commands.md"
    options = {option for each in COMMANDS[name].params for option in each.opts if option.startswith("--")}
    assert {option for option in options - EVERYWHERE if option not in text} == set()
    assert COMMANDS[name].help


def test_every_setting_is_told_of() -> None:
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert {f"SANJI_{name.upper()}" for name in Settings.model_fields} == set(
        re.findall(r"^\| `(SANJI_[A-Z_]+)`", text, re.MULTILINE)
    )


def test_the_indicator_page_is_the_catalogue() -> None:
    written = (ROOT / "docs" / "indicators.md").read_text("utf-8")
    assert written == page(), "run: python -m tests.support.indicator_page > docs/indicators.md"


def test_the_rule_book_is_the_suites() -> None:
    written = (ROOT / "docs" / "rule-book.md").read_text("utf-8")
    assert written == rule_page.page(), "run: python -m tests.support.rule_page > docs/rule-book.md"


def test_both_readmes_show_the_same() -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md"))
    shared = {link for link in _LINK.findall(english) if not link.startswith("README")}
    assert shared == {link for link in _LINK.findall(chinese) if not link.startswith("README")}
    assert list(sanji_lines(english)) == list(sanji_lines(chinese))
    assert english.count("\n## ") == chinese.count("\n## ")


def test_the_readme_has_two_commands_first() -> None:
    assert _FENCE.findall((ROOT / "README.md").read_text("utf-8"))[0].split("\n") == [
        "make demo",
        "make test",
        "",
    ]


def test_the_views_of_the_architecture_page_have_these_columns(home: Path) -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    told = {name: set(columns.split(", ")) for name, columns in _VIEW.findall(text)}
    bundle = load_bundle("yunnan-model-branch")
    bench = Workbench(bundle, Period.parse("2018H1"), Landing(home))
    bench.load(
        [], [], {"previous_figures": no_figures(), "levels_held": pa.table({"branch_id": [], "level": []}),
         "titles_recorded": titles_table()}
    )
    bench.build_views()
    there = {}
    for name in told:
        there[name] = {column["name"] for column in sa.inspect(bench.engine).get_columns(name)} - {*ROW_KEY, "subject_id"}
    assert len(told) == 10
    assert told == there


def test_the_architecture_page_tells_of_every_module_and_of_no_other() -> None:
    told = set(_modules_told((ROOT / "docs" / "architecture.md").read_text("utf-8")))
    folders = ("etl", "etl/core", "etl/core/*", "etl/edges", "etl/stages")
    modules = [path for folder in folders for path in ROOT.glob(f"{folder}/*.py") if path.stem != "__init__"]
    there = {str(path.relative_to(ROOT).with_suffix("")) for path in modules}
    assert {module for module in there if not any(fnmatch(module, name) for name in told)} == set()
    assert {name for name in told if not any(ROOT.glob(f"{name}.py"))} == set()


def _modules_told(page: str) -> Iterator[str]:
    """Modules of the table of code, `feedback_*` for all that begin so; in a row a folder holds until the next one."""
    table = page.partition("## Where the code lives")[2].partition("\n## ")[0]
    for row in re.findall(r"^\| (`.*?`\)?) \|", table, re.MULTILINE):
        folder = PurePosixPath()
        for name in re.findall(r"`([^`]+)`", row):
            path = PurePosixPath(name)
            folder = path.parent if "/" in name.rstrip("/") else folder
            if not name.endswith("/"):
                yield f"{folder}/{path.stem}"
