"""Wrong words at the keyboard: each command says in a line what is wrong and ends with 2, before it has done anything."""

import importlib.metadata
import sys

import pytest
from typer.main import get_command

from etl.cli import PANELS, app, main
from etl.settings import settings
from tests.support.filing import run, unit, write

WRONG = [
    ("rollup --node P999999", "nodes are written P530000"),
    ("render --node P999999", "P999999"),
    ("simulate --period 2030H1", "not in force in 2030H1"),
    ("simulate --faults many", "write a share"),
    ("simulate --late 5 --missing 180", "yunnan-model-branch has 184 units in 2018H1"),
    ("simulate --scale -1", "--scale"),
    ("serve --port 99999", "--port"),
    ("review import nowhere.xlsx", "nowhere.xlsx"),
    ("status --period 2018H3", "1 to 2"),
    ("totals --place 999999", "999999"),
    ("findings --format xml", "table, csv or json"),
    ("board --as-of yesterday", "2018-08-20"),
    ("gather --batch P1", "P530100"),
    ("run --period 2021H1", "not in force in 2021H1"),
    ("feedback --unit 999 --out x.xlsx", "no unit 999"),
    ("resubmit nowhere.xlsx --unit 530102", "nowhere.xlsx"),
]


@pytest.mark.parametrize(("words", "said"), WRONG, ids=[words for words, _ in WRONG])
def test_what_is_wrong_is_said_in_a_line(home, monkeypatch, capsys, words, said):
    monkeypatch.setattr(sys, "argv", ["sanji", *words.split()])
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert said in capsys.readouterr().err
    assert [path.name for path in home.rglob("*") if path.suffix == ".xlsx"] == []


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("SANJI_SMTP_PORT", "secret", "status"),
        ("SANJI_STORE_URL", "secret", "status"),
        ("SANJI_PROGRAMMES_DIR", "nowhere", "programmes"),
        ("SANJI_FONTS_DIR", "nowhere", "render"),
    ],
)
def test_a_setting_that_does_not_load_is_named(home, monkeypatch, capsys, variable, value, words):
    write(home, "zunyi-six-good", "2024H1", [unit("zunyi-six-good", "2024H1", "520302")])
    run("zunyi-six-good", "2024H1", "2024-07-31")
    monkeypatch.setenv(variable, value)
    settings.cache_clear()
    about = [] if words == "programmes" else ["-p", "zunyi-six-good", "--period", "2024H1"]
    monkeypatch.setattr(sys, "argv", ["sanji", words, *about])
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr().err
    assert end.value.code == 3
    assert variable in said
    assert "secret" not in said
    assert len(said.splitlines()) == 1


def test_every_command_stands_once_under_a_heading_of_the_help():
    listed = " ".join(PANELS.values()).split()
    assert sorted(listed) == sorted(get_command(app).commands)


def test_the_version_is_the_packages(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["sanji", "--version"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0
    assert capsys.readouterr().out.strip() == importlib.metadata.version("sanji")
