"""Facts of branches that no score knows: of a year that is not scored, or that was scored before they came; who finds them."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from etl.core.access import Viewer
from etl.core.awards.branch_records import Fact
from etl.core.returns.events import By
from etl.core.year_rows import FactRow
from etl.edges.feeds import CHINA
from etl.edges.store.records import records_of
from etl.edges.store.schema import branch_records
from etl.errors import Lost
from etl.stages.branch_facts import keep_fact
from etl.stages.branch_homes import Branch, known_branches
from etl.stages.context import open_year
from etl.web.app import create_app
from tests.support.filing import copy_of, home_at, run, unit, write
from tests.support.naming import YUNNAN, keep_scores, score_rows

KEY = (YUNNAN, "2018H1")
FACTS = f"/{YUNNAN}/2018/reviews/facts"
BRANCH = f"/{YUNNAN}/2018/reviews/branches/530102-B001"
WUHUA, PANLONG = Viewer("wuhua", frozenset({"530102"})), Viewer("panlong", frozenset({"530103"}))
KUNMING, OPERATOR = Viewer("kunming", frozenset({"530100"})), Viewer("ops", everything=True)
AT = dt.datetime(2018, 7, 30, 9, tzinfo=CHINA)
AWAY = {"kind": "members_away", "since": "2018-02-01", "other": "P530300", "members": "3", "note": "甲情况"}


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first half of 2018 has come, of two counties; of 530102 the second branch is held. Nothing is scored."""
    with home_at(tmp_path_factory.mktemp("filed")) as folder:
        write(folder, *KEY, [unit(*KEY, "530102").set("branches", 1, members="二十"), unit(*KEY, "530103")])
        run(*KEY, "2018-07-30", roll_up=False)
    return folder


@pytest.fixture
def home(filed: Path, tmp_path: Path) -> Iterator[Path]:
    with copy_of(filed, tmp_path / "home") as folder:
        yield folder


def _browser(viewer: Viewer) -> TestClient:
    def clock() -> dt.datetime:
        return dt.datetime(2018, 7, 30, 12, tzinfo=CHINA)

    return TestClient(create_app(lambda: viewer, clock), raise_server_exceptions=False)


def _enter(client: TestClient, **fields: str) -> tuple[int, str]:
    seen = re.findall(r'name="seen" value="([^"]*)"', client.get(BRANCH).text)
    hidden = {"form_token": client.cookies["sanji_form"], "seen": "".join(seen[:1])}
    answer = client.post(BRANCH + "/facts", data={**hidden, **fields})
    return answer.status_code, answer.text


def test_a_year_that_is_not_scored_leads_to_its_facts(home: Path) -> None:
    assert f'href="{FACTS}"' in _browser(WUHUA).get(f"/{YUNNAN}/reviews").text


def test_a_branch_of_a_published_return_is_found_and_its_facts_are_entered(home: Path) -> None:
    client = _browser(WUHUA)
    found = client.get(FACTS, params={"q": "b001"}).text
    assert re.findall(r'href="([^"]*/branches/[^"]*)"', found) == [BRANCH + "#facts"]
    assert "没有查到" in client.get(FACTS, params={"q": "530102-B002"}).text  # held: nobody has accepted it yet
    status, text = _enter(client, **AWAY)
    assert (status, "已登记。" in text, "本年度尚未评分" in text) == (200, True, True)
    [row] = records_of(open_year(YUNNAN, "2018").store, branch_records, FactRow, YUNNAN)
    assert (row["branch_id"], row["node_id"], row["members"], row["actor"]) == ("530102-B001", "P530102", 3, "wuhua")
    assert "测试第1党支部" in client.get(FACTS).text


def test_what_a_branch_filed_bounds_what_is_entered_and_what_was_typed_stays(home: Path) -> None:
    status, text = _enter(_browser(WUHUA), **AWAY | {"members": "21"})
    assert (status, "超过该支部党员数20" in text, 'value="甲情况"' in text, "本年度尚未评分" in text) == (422, True, True, True)


def test_a_branch_of_another_county_is_not_there_and_who_only_sees_enters_nothing(home: Path) -> None:
    assert _browser(PANLONG).get(BRANCH).status_code == 404
    assert _enter(_browser(PANLONG), **AWAY)[0] == 404
    assert "<form method" not in _browser(OPERATOR).get(BRANCH).text
    assert _enter(_browser(KUNMING), **AWAY)[0] == 403  # members are counted at the branch's own place
    assert "没有查到" in _browser(PANLONG).get(FACTS, params={"q": "530102"}).text


def test_a_branch_that_came_after_the_scores_has_its_facts_beside_those_that_are_scored(home: Path) -> None:
    context = open_year(YUNNAN, "2018")
    keep_scores(context, score_rows(context.bundle.programme, {"530102-B003": 90.0}, members=19))
    client = _browser(WUHUA)
    assert "本年度尚未评分" not in client.get(BRANCH.replace("B001", "B003")).text
    assert _enter(client, **AWAY)[0] == 200
    known = known_branches(context, ["P530102"])
    assert known == {
        "530102-B001": Branch("530102-B001", "测试第1党支部", "P530102", 20),
        "530102-B003": Branch("530102-B003", "530102-B003党支部", "P530102", 19),
    }
    everywhere = known_branches(context)
    assert {each: known_branches(context, branch_ids=[each, "没有"]) for each in everywhere} == {
        each: {each: everywhere[each]} for each in everywhere
    }


def test_a_fact_of_a_scored_branch_opens_no_return(home: Path) -> None:
    context = open_year(YUNNAN, "2018")
    for slices in (path for path in (context.landing.folder / "slices").rglob("*") if path.is_file()):
        slices.unlink()
    keep_scores(context, score_rows(context.bundle.programme, {"530102-B003": 90.0}, members=19))
    away = Fact("members_away", "530102-B003", "P530102", dt.date(2018, 2, 1), other_node_id="P530300", members=3)
    kept, too_many = (keep_fact(context, replace(away, members=each), By("甲", AT)) for each in (3, 20))
    assert (len(kept.ids), kept.said, len(too_many.said)) == (1, (), 1)
    with pytest.raises(Lost):
        keep_fact(context, replace(away, branch_id="530102-B001"), By("甲", AT))


def test_a_branch_that_moved_is_at_the_unit_that_filed_it_last_for_whoever_asks(home: Path) -> None:
    second, arrived = (YUNNAN, "2018H2"), dt.datetime(2019, 1, 5, 9)  # noqa: DTZ001 - feeds know local time only
    moved = unit(*second, "530103", branches=4).set("branches", 3, branch_id="530102-B001")
    write(home, *second, [replace(moved, arrived=arrived)])
    run(*second, "2019-01-30", roll_up=False)
    at_wuhua, at_panlong = (known_branches(open_year(YUNNAN, "2018"), [each]) for each in ("P530102", "P530103"))
    assert (list(at_wuhua), at_panlong["530102-B001"].unit_id) == (["530102-B003"], "P530103")
    assert _browser(WUHUA).get(BRANCH).status_code == 404
    assert _enter(_browser(PANLONG), **AWAY)[0] == 200
