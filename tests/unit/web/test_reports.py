"""The pages about reports without a browser: who reads which, and the way from a printed figure to the filed cells."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from etl import tasks
from etl.core.access import Viewer
from etl.edges.store.editions import latest_editions
from etl.edges.store.messages import messages_of, release
from etl.stages.context import open_context
from etl.web.app import create_app
from tests.support.filing import home_at, run, unit, write

KEY = ("yunnan-model-branch", "2018H1")
REPORTS = f"/{KEY[0]}/{KEY[1]}/reports/"
OPERATOR = Viewer("ops", everything=True)
KUNMING, QUJING = Viewer("kunming", frozenset({"530100"})), Viewer("qujing", frozenset({"530300"}))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with home_at(tmp_path_factory.mktemp("web-reports")) as folder:
        hostile = unit(*KEY, "530102").set("unit_figures", 0, difficulties="<script>alert(1)</script>")
        write(folder, *KEY, [hostile, unit(*KEY, "530103"), unit(*KEY, "530302")])
        run(*KEY, "2018-07-30")
        tasks.render(*KEY)
        tasks.dispatch(*KEY)
        yield


def _client(viewer: Viewer) -> TestClient:
    return TestClient(create_app(lambda: viewer), raise_server_exceptions=False)


def _edition(node_id: str) -> str:
    context = open_context(*KEY)
    return str(latest_editions(context.store, *KEY, "dispatch")[node_id]["edition_id"])


def _figure(node_id: str, address: str) -> str:
    return f"{REPORTS}{_edition(node_id)}/figure?at={quote(address, safe='')}"


def test_before_release_only_operators_read_a_report(home: None) -> None:
    assert _client(OPERATOR).get(f"{REPORTS}{_edition('P530100')}/").status_code == 200
    assert "还没有签发" in _client(KUNMING).get(REPORTS).text
    for path in ("", "paper.pdf", "figure?at=members"):
        assert _client(KUNMING).get(f"{REPORTS}{_edition('P530100')}/{path}").status_code == 404


@pytest.fixture
def released(home: None) -> None:
    store = open_context(*KEY).store
    keys = [row["message_key"] for row in messages_of(store, *KEY)]
    release(store, keys, "signer", 1, "2018-08-01T09:00:00+08:00")


def test_after_release_a_bureau_reads_its_own_report_and_no_other(released: None) -> None:
    client = _client(KUNMING)
    listed = client.get(REPORTS).text
    assert "昆明市" in listed
    assert "曲靖市" not in listed
    assert client.get(f"{REPORTS}{_edition('P530100')}/").status_code == 200
    assert client.get(f"{REPORTS}{_edition('P530100')}/paper.pdf").content.startswith(b"%PDF")
    for other in ("P530000", "P530300"):
        assert client.get(f"{REPORTS}{_edition(other)}/").status_code == 404
        assert client.get(_figure(other, "members")).status_code == 404


def test_a_report_leads_to_the_cells_that_make_a_figure_up(released: None) -> None:
    client = _client(KUNMING)
    report = client.get(f"{REPORTS}{_edition('P530100')}/")
    ways = re.findall(r'href="(figure\?at=[^"]+)"', report.text)
    assert len(ways) > 20
    for way in dict.fromkeys(ways):
        assert client.get(f"{REPORTS}{_edition('P530100')}/{way}").status_code == 200, way
    page = client.get(_figure("P530100", "members_taking_part")).text
    assert page.count("<td") > 6
    assert "530102-B001" in page
    assert "2018年上半年" in re.sub(r"<header.*</header>", "", page, flags=re.DOTALL)
    received = client.get(_figure("P530100", "completeness.units_received")).text
    assert "五华区" in received
    assert "内容" not in received  # the column says nothing where units alone were counted


def test_figures_of_others_stand_there_as_text_and_are_not_explained(released: None) -> None:
    client = _client(KUNMING)
    assert "P530302" not in client.get(f"{REPORTS}{_edition('P530100')}/").text
    assert client.get(_figure("P530100", "P530302#members")).status_code == 404
    assert client.get(_figure("P530100", "P530302#completeness.rows_in")).status_code == 404
    assert client.get(_figure("P530100", "P530102#members")).status_code == 200


def test_what_is_no_figure_has_no_page(released: None) -> None:
    for address in ("#edition.reply_by", "nothing", "theme.99", "a b"):
        assert _client(OPERATOR).get(_figure("P530100", address)).status_code == 404


def test_hostile_words_of_a_unit_are_text(released: None) -> None:
    page = _client(OPERATOR).get(_figure("P530100", "P530102#difficulties")).text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
