"""One row put right on the page: what the form holds, a cell emptied, a row taken away, and what is refused."""

import datetime as dt
import html
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from etl.core.access import Viewer
from etl.edges.feeds import CHINA
from etl.web.app import create_app
from tests.support.filing import copy_of, home_at, run, stored, unit, write

KEY = ("yunnan-model-branch", "2018H1")
UNITS = f"/{KEY[0]}/{KEY[1]}/units/"
HERE = UNITS + "P530102"
ROW = HERE + "/rows/branches/2"
CLERK = Viewer("clerk-530102", frozenset({"530102"}))
MINUTES = itertools.count()


def _clock() -> dt.datetime:
    """A minute later each time: a fix is a delivery of its own, and those stand in the order in which they came."""
    return dt.datetime(2018, 7, 30, 12, tzinfo=CHINA) + dt.timedelta(minutes=next(MINUTES))


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Row 2 has an allowance that is no number, row 3 is hostile, row 4 is right; the unit's own row stands twice."""
    with home_at(tmp_path_factory.mktemp("filed")) as folder:
        county = unit(*KEY, "530102").set("branches", 0, secretary_allowance="不详")
        county.set("branches", 1, members_taking_part='"><script>x</script>\u202e')
        county.tables["unit_figures"].append(dict(county.tables["unit_figures"][0]))
        write(folder, *KEY, [county, unit(*KEY, "530103").set("branches", 0, members_taking_part="21")])
        run(*KEY, "2018-07-30", roll_up=False)
    return folder


@pytest.fixture
def client(filed: Path, tmp_path: Path) -> Iterator[TestClient]:
    with copy_of(filed, tmp_path / "home"):
        yield TestClient(create_app(lambda: CLERK, _clock), raise_server_exceptions=False)


def _form(client: TestClient, row: str = ROW) -> dict[str, str | list[str]]:
    """What a browser would send of the form, untouched."""
    text = client.get(row).text

    def value(name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', text)
        assert found, name
        return found[1]

    columns = re.findall(r'name="column" value="(\w+)"', text)
    fields = re.split(r'name="column"', text)[1:]
    return {
        "form_token": value("form_token"), "receipt": value("receipt"), "reason": "核对原始表",
        "column": columns, "value": [_value(field) for field in fields],
    }


def _value(field: str) -> str:
    found = re.search(r"<option selected>([^<]*)<", field) or re.search(r'name="value"[^>]* value="([^"]*)"', field)
    return html.unescape(found[1]) if found else ""


def test_the_form_holds_the_open_cells_as_they_are(client: TestClient) -> None:
    form = _form(client)
    assert dict(zip(form["column"], form["value"], strict=True)) == {"secretary_allowance": "不详"}
    assert f'href="{ROW}"' in client.get(HERE).text
    hostile = client.get(HERE + "/rows/branches/3").text
    assert "<script>x" not in hostile
    assert "\u202e" not in hostile
    columns = _form(client, HERE + "/rows/branches/3")["column"]
    assert {"members", "members_taking_part"} <= set(columns)  # what the count of members is compared with is open, too


def test_what_is_left_as_it_is_changes_nothing(client: TestClient) -> None:
    row = HERE + "/rows/branches/3"
    assert "没有要改的内容" in client.post(row, data=_form(client, row)).text
    assert "没有要改的内容" in client.post(ROW, data=_form(client) | {"value": [" 不详 "]}).text


def test_a_cell_can_be_emptied(client: TestClient) -> None:
    answer = client.post(ROW, data=_form(client) | {"value": [""]})
    assert "<b>1</b> 处已改好" in answer.text
    assert "核对原始表" in client.get(HERE + "/history").text
    assert client.get(ROW).status_code == 404  # nothing of the row is open any more


def test_a_row_that_stands_twice_can_be_taken_away(client: TestClient) -> None:
    row = HERE + "/rows/unit_figures/3"
    answer = client.post(row, data=_form(client, row) | {"remove": "yes"})
    assert "<b>2</b> 处已改好" in answer.text
    [slice_] = stored("current_slices", *KEY).query("unit_id == 'P530102' and table_name == 'unit_figures'").to_dict("records")
    assert (slice_["rows_accepted"], slice_["rows_held"], slice_["rows_blank"]) == (1, 0, 1)


def test_a_form_of_another_version_is_shown_again_and_changes_nothing(client: TestClient) -> None:
    before = stored("receipts", *KEY)
    answer = client.post(ROW, data=_form(client) | {"receipt": "older", "value": ["1"]})
    assert answer.status_code == 409
    assert "没有保存" in answer.text
    assert re.search("您刚才填的：“[^”]+ 1”", answer.text)  # told, and not filled in: the row may be another one
    assert _value(answer.text.split('name="column"')[1]) == "不详"
    assert 'value="核对原始表"' in answer.text
    assert len(stored("receipts", *KEY)) == len(before)


def test_a_row_that_is_refused_stands_in_its_form_as_it_was_filled_in(client: TestClient) -> None:
    answer = client.post(ROW, data=_form(client) | {"value": ['15"0'], "reason": " "})
    assert answer.status_code == 422
    assert "没有保存：请写明理由" in answer.text
    assert _value(answer.text.split('name="column"')[1]) == '15"0'
    assert "现为：不详" in answer.text


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"form_token": "made-up"}, 403), ({"column": ["members"]}, 400), ({"value": []}, 400), ({"value": ["1" * 10_001]}, 400),
     ({"remove": "yes"}, 400), ({"reason": " "}, 422)],
)
def test_what_the_form_does_not_offer_is_refused(client: TestClient, changed: dict[str, object], status: int) -> None:
    assert client.post(ROW, data=_form(client) | {"value": ["1"]} | changed).status_code == status


@pytest.mark.parametrize(
    "row", ["P530102/rows/branches/4", "P530102/rows/branches/99", "P530102/rows/nothing/2", "P530103/rows/branches/2"]
)
def test_rows_without_an_open_cell_and_other_counties_rows_are_not_there(client: TestClient, row: str) -> None:
    form = _form(client)
    assert client.get(UNITS + row).status_code == 404
    assert client.post(UNITS + row, data=form).status_code == 404
