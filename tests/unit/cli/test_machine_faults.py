"""Disks that are full and servers that do not answer: one line that says what to do, and an exit code that says who."""

import datetime as dt
import errno
import sys
from dataclasses import replace

import jinja2
import pytest
import typst
from airflow.sdk.exceptions import AirflowRuntimeError, ErrorType
from airflow.sdk.execution_time.comms import ErrorResponse

from etl.airflow_support.failures import kind_of, said_by
from etl.airflow_support.wiring import MAY_PASS, RETRY_POLICY
from etl.airflow_support.words import catalogue
from etl.cli import main
from etl.errors import disk_says
from tests.support.filing import unit, write

KEY = ("yunnan-model-branch", "2018H1")


def ended(monkeypatch, *words):
    """The exit code of a command."""
    monkeypatch.setattr(sys, "argv", ["sanji", *words])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code


def test_a_store_that_cannot_be_opened_is_one_line_and_no_bug(home, monkeypatch, capsys):
    (home / "store.sqlite").unlink()
    (home / "store.sqlite").mkdir()
    assert ended(monkeypatch, "status") == 4
    assert capsys.readouterr().err == "sanji: the database does not answer: unable to open database file\n"


def test_a_landing_that_cannot_be_written_is_named(home, monkeypatch, capsys):
    write(home, *KEY, [unit(*KEY, "530102")])
    monkeypatch.setenv("SANJI_LANDING", "/sys/landing")  # not even root makes folders there
    assert ended(monkeypatch, "gather") == 4
    assert "(/sys/landing" in capsys.readouterr().err


def test_a_drop_folder_that_is_not_there_leaves_nobody_missing(home, monkeypatch, capsys):
    assert ended(monkeypatch, "gather", "--feeds", str(home / "unmounted")) == 3
    assert "unmounted is not there" in capsys.readouterr().err


def test_what_lies_in_the_drop_folder_and_is_not_taken_in_is_told(home, monkeypatch, capsys):
    write(home, *KEY, [unit(*KEY, "530102"), replace(unit(*KEY, "530103"), arrived=dt.datetime(2018, 8, 1, 9))])  # noqa: DTZ001 - as the simulator has it: local time
    (home / "feeds" / "/".join(KEY) / "530102").rename(home / "feeds" / "/".join(KEY) / "53O102")
    monkeypatch.setattr(sys, "argv", ["sanji", "gather"])
    with pytest.raises(SystemExit):
        main()
    said = capsys.readouterr()
    assert "received 0" in said.out
    assert "files came after 2018-07-25 and were left" in said.err
    assert said.err.endswith("folders that are no unit's, and were left: 53O102\n")


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (OSError(errno.ENOSPC, "x", "/srv/王某某.xlsx"), "Disk", "OSError: No space left on device"),
        (OSError(errno.EFBIG, "x", "/srv/王某某.xlsx"), "Disk", "OSError: File too large"),
        (PermissionError(errno.EACCES, "x", "/srv/王某某.xlsx"), "Disk", "PermissionError: Permission denied"),
        (FileNotFoundError(errno.ENOENT, "x", "/srv/王某某.xlsx"), "Disk", "FileNotFoundError: No such file or directory"),
        (IsADirectoryError(errno.EISDIR, "x", "/srv/王某某.xlsx"), "Bug", "IsADirectoryError"),
        (TimeoutError("10.1.2.3"), "Retryable", "TimeoutError"),
        (AirflowRuntimeError(ErrorResponse(error=ErrorType.API_SERVER_ERROR)), "Retryable", "AirflowRuntimeError"),
    ],
)
def test_a_fault_of_the_machine_is_told_apart_without_a_name(error, kind, said):
    assert (kind_of(error, MAY_PASS), said_by(error)) == (kind, said)
    assert kind in catalogue()["causes"]
    assert (RETRY_POLICY.evaluate(error, 1, 3).action.name == "RETRY") is (kind == "Retryable")
    assert disk_says(ValueError()) is None


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("paper.typ", "= a\n#let f(x) = x.paid\n#f((due: 1))\n", 'paper.typ:2: dictionary does not contain key "paid"'),
        ("words.j2", "a\n\n{{ counties }}\n", "words.j2:3: 'counties' is undefined"),
        ("words.j2", "a\n{% if %}\n", "words.j2:2: Expected an expression, got 'end of statement block'"),
    ],
)
def test_a_template_at_fault_is_told_with_its_line(tmp_path, monkeypatch, capsys, name, text, said):
    folder = tmp_path / "templates" / "dispatch"
    folder.mkdir(parents=True)
    (folder / name).write_text(text)

    def draw(*_):
        if name.endswith(".typ"):
            typst.compile(str(folder / name))
        jinja2.Environment(loader=jinja2.FileSystemLoader(folder), undefined=jinja2.StrictUndefined).get_template(name).render()

    monkeypatch.setattr("etl.tasks.render", draw)
    assert ended(monkeypatch, "render") == 3
    assert capsys.readouterr().err == f"sanji: template dispatch/{said}\n"
    with pytest.raises(Exception, match=said.partition(": ")[2]) as stopped:
        draw()
    assert (kind_of(stopped.value, MAY_PASS), said_by(stopped.value)) == ("ConfigError", f"template dispatch/{said}")
