"""Editions of any report: what makes a new one, what is kept of it, and what an older store becomes."""

import datetime as dt
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from etl.core.period import Period
from etl.core.reports.editions import Document, file_name
from etl.edges.fonts import MissingGlyphError
from etl.edges.landing import Landing
from etl.edges.programmes import load_bundle
from etl.edges.store.database import MIGRATIONS, open_store
from etl.edges.store.editions import documents_of, editions_of_report, latest_editions
from etl.edges.store.results import frame
from etl.errors import Misuse
from etl.stages.editions import Paper, kept_model, make_editions
from etl.stages.inputs import inputs_of

DAY = dt.date(2018, 8, 6)


class _Context:
    """As much of a context as editions need."""

    key = ("invented-programme", "2018H1")
    bundle, period = load_bundle("yunnan-model-branch"), Period.parse("2018H1")

    def __init__(self, folder: Path) -> None:
        self.store, self.landing = open_store(f"sqlite:///{folder / 'store.sqlite'}"), Landing(folder)


def _paper(node_id: str, total: int) -> Paper:
    def model(revision: int) -> dict[str, Any]:
        return {"edition": {"revision": revision}, "total": total}

    return Paper(node_id, node_id, DAY, model)


def _write(written: list[str], model: dict[str, Any], _day: dt.date) -> list[Document]:
    written.append(model["edition"]["digest"])
    return [Document("xlsx", "a.xlsx", b"sheet"), Document("pdf", "a.pdf", b"page")]


def _made(context: _Context, *papers: Paper, drawn_with: str = "") -> tuple[dict[str, Any], list[str]]:
    written: list[str] = []
    made = make_editions(context, "naming_decision", papers, partial(_write, written), drawn_with)  # type: ignore[arg-type] - a smaller context
    return made, written


def test_nothing_is_made_again_until_something_changes(tmp_path):
    context = _Context(tmp_path)
    first, _ = _made(context, _paper("P1", 5), _paper("P2", 7))
    again, written = _made(context, _paper("P1", 5), _paper("P2", 7))
    assert (first["new"], again["new"], written) == (2, 0, [])
    assert first["editions"] == again["editions"]
    changed, written = _made(context, _paper("P1", 6), _paper("P2", 7))
    assert (changed["new"], len(written)) == (1, 1)
    assert latest_editions(context.store, *context.key, "naming_decision")["P1"]["number"] == 2
    assert _made(context, _paper("P2", 7), drawn_with="other fonts")[0]["new"] == 1


def test_files_that_are_lost_are_made_again_and_are_no_other_edition(tmp_path):
    context = _Context(tmp_path)
    first, _ = _made(context, _paper("P1", 5), _paper("P2", 7))
    edition = latest_editions(context.store, *context.key, "naming_decision")["P1"]
    lost = [edition["model_path"], documents_of(context.store, first["editions"])[edition["edition_id"]][0]["path"]]
    for path in lost:
        (tmp_path / path).unlink()
    again, written = _made(context, _paper("P1", 5), _paper("P2", 7))
    assert (again["editions"], again["new"], again["again"]) == (first["editions"], 0, 1)
    assert len(written) == 1
    assert all((tmp_path / path).exists() for path in lost)
    assert _made(context, _paper("P1", 5), _paper("P2", 7))[0]["again"] == 0


def test_a_lost_file_that_this_version_draws_otherwise_is_another_edition(tmp_path):
    """What was sent under a number is never edited silently."""
    context = _Context(tmp_path)
    first, _ = _made(context, _paper("P1", 5))
    (tmp_path / documents_of(context.store, first["editions"])[first["editions"][0]][0]["path"]).unlink()

    def write(_model: dict[str, Any], _day: dt.date) -> list[Document]:
        return [Document("xlsx", "a.xlsx", b"sheet"), Document("pdf", "a.pdf", b"another page")]

    made = make_editions(context, "naming_decision", [_paper("P1", 5)], write, "")  # type: ignore[arg-type] - a smaller context
    assert (made["new"], made["again"]) == (1, 0)
    assert latest_editions(context.store, *context.key, "naming_decision")["P1"]["number"] == 2


def test_a_character_nobody_can_draw_stops_its_own_paper_only(tmp_path):
    context = _Context(tmp_path)

    def write(model: dict[str, Any], _day: dt.date) -> list[Document]:
        if model["total"] == 5:
            raise MissingGlyphError({"\U0001f984": "labels.subject “甲\U0001f984县”"})
        return [Document("pdf", "a.pdf", b"page")]

    papers = (_paper("P1", 5), _paper("P2", 7))
    made = make_editions(context, "dispatch", papers, write, "")  # type: ignore[arg-type] - a smaller context
    assert (made["new"], made["refused"]) == (1, ["P1"])
    assert list(latest_editions(context.store, *context.key, "dispatch")) == ["P2"]
    (found,) = frame(context.store, "findings", *context.key).to_dict("records")
    assert (found["unit_id"], found["rule"], found["stage"]) == ("P1", "D01", "render")
    assert found["observed"] == "\U0001f984（U+1F984 UNICORN FACE）"
    assert found["heading"] == "labels.subject “甲\U0001f984县”"
    healed = make_editions(context, "dispatch", (_paper("P1", 6),), write, "")  # type: ignore[arg-type] - as above
    assert healed["refused"] == []
    assert frame(context.store, "findings", *context.key).empty


def test_an_edition_keeps_its_model_and_its_files(tmp_path):
    context = _Context(tmp_path)
    made, written = _made(context, _paper("P1", 5))
    edition = latest_editions(context.store, *context.key, "naming_decision")["P1"]
    model = kept_model(context.landing, edition)
    assert model == {"edition": {"revision": 1, "digest": edition["inputs_digest"][:16]}, "total": 5}
    assert written == [model["edition"]["digest"]]
    documents = documents_of(context.store, made["editions"])[edition["edition_id"]]
    assert [(each["format"], each["media_type"].partition("/")[0]) for each in documents] == [
        ("pdf", "application"), ("xlsx", "application"),
    ]
    assert context.landing.at(documents[0]["path"]).read_bytes() == b"page"


def test_editions_of_an_older_store_keep_their_pdf_and_deliveries(tmp_path):
    store = sa.create_engine(f"sqlite:///{tmp_path / 'store.sqlite'}")
    sa.event.listen(store, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))

    def upgrade(connection: sa.Connection, revision: str) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    with store.begin() as connection:
        upgrade(connection, "0003")
        old = "('e1','p','2018H1','dispatch','P1',1,'2018-08-06','d','s','x.pdf')"
        connection.execute(sa.text(f"INSERT INTO editions VALUES {old}"))
        connection.execute(sa.text("INSERT INTO deliveries VALUES ('e1','a@b.test','<m>','office','written',NULL)"))
    with store.begin() as connection:
        upgrade(connection, "0004")
        assert connection.scalar(sa.text("SELECT count(*) FROM deliveries")) == 1
    (document,) = documents_of(store, ["e1"])["e1"]
    assert (document["format"], document["sha256"], document["path"]) == ("pdf", "s", "x.pdf")
    with pytest.raises(LookupError, match="keeps no model"):
        kept_model(Landing(tmp_path), editions_of_report(store, "p", "2018H1", "dispatch")["e1"])
    store.dispose()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("2018年上半年云南省通报", "2018年上半年云南省通报.pdf"),
        ("甲/乙\\丙:*?\"<>|丁", "甲_乙_丙_丁.pdf"),
        ("一\r\nBcc: x@y", "一_Bcc_ x@y.pdf"),
        ("../../etc/passwd", "etc_passwd.pdf"),
        ("县" * 200, "县" * 80 + ".pdf"),
        ("...", "report.pdf"),
    ],
)
def test_a_file_name_is_safe_anywhere(title, name):
    assert file_name(title, "pdf") == name


def test_an_edition_keeps_what_it_was_made_from(tmp_path):
    context = _Context(tmp_path)
    made, _ = _made(context, _paper("P1", 5), drawn_with="these fonts")
    inputs = inputs_of(context, {"edition_id": made["editions"][0]})
    assert (inputs["drawn_with"], inputs["period"], len(inputs["programme_digest"])) == ("these fonts", "2018H1", 64)
    assert inputs["slices"] == {"2017H1": [], "2017H2": [], "2018H1": []}
    with pytest.raises(Misuse, match="before inputs were kept"):
        inputs_of(context, {"edition_id": "an older one"})
