"""From filed words and ledgers to an edition's files: what units write reaches the report, as text and nothing else."""

from pathlib import Path

import pytest

from etl.edges.store.editions import documents_of, latest_editions
from etl.errors import Misuse
from etl.stages.context import open_context
from etl.stages.editions import kept_model
from etl.stages.render import render
from etl.stages.report_slices import activity_frames
from tests.support.filing import Unit, home_at, run, unit, write

PROGRAMME, PERIOD = "zunyi-six-good", "2024H2"
WORDS = '组建=1+1银龄宣讲队；<b>送学上门</b>#{panic("x")}{{ 7*7 }}。'


def _county() -> Unit:
    county = unit(PROGRAMME, PERIOD, "520329").set(
        "unit_figures", 0, main_practices=WORDS, difficulties="甲\n# 乙。", next_plans=""
    )
    entry = {"held_on": "2024-08-01", "activity_kind": "主题党日", "activity_title": "植树", "attendance_due": "20",
             "attendance_present": "18", "attendance_excused": "1"}
    county.tables["activities"] = [entry | {"branch_id": f"520329-B00{n}"} for n in (1, 2)]
    return county


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory):
    with home_at(tmp_path_factory.mktemp("render")) as folder:
        write(folder, PROGRAMME, PERIOD, [_county()])
        run(PROGRAMME, PERIOD, "2025-01-31")
        yield folder


def test_ledgers_and_words_reach_the_frames(home: Path) -> None:
    frames = activity_frames(open_context(PROGRAMME, PERIOD))
    assert frames["activities"].to_dict("records") == [
        {"unit_id": "P520329", "kind": "theme_day", "entries": 2, "person_times": 36, "branches": 2}
    ]
    assert frames["themes"].to_dict("records") == [{"unit_id": "P520329", "title": "植树", "entries": 2}]
    texts = {row["indicator"]: row["text"] for row in frames["texts"].to_dict("records")}
    assert texts["main_practices"] == WORDS
    assert set(texts) == {"main_practices", "difficulties"}  # an empty cell is no text


def test_an_edition_has_all_its_files_and_a_rerun_makes_none(home: Path) -> None:
    context = open_context(PROGRAMME, PERIOD)
    made = render(context, "P520300")
    assert (made["new"], made["refused"]) == (1, [])
    edition = latest_editions(context.store, *context.key, "dispatch")["P520300"]
    documents = documents_of(context.store, made["editions"])[edition["edition_id"]]
    assert [each["format"] for each in documents] == ["pdf", "docx", "xlsx"]
    assert all(each["name"].startswith("2024年下半年遵义市数据报送情况通报.") for each in documents)
    prose = "\n".join(block["text"] for block in kept_model(context.landing, edition)["blocks"])
    assert "余庆县" in prose
    assert "组建=1+1银龄宣讲队，<b>送学上门</b>#{panic(\"x\")}{{ 7*7 }}" in prose
    assert render(context, "P520300") == {**made, "new": 0}


def test_where_nobody_has_filed_no_report_is_made(home: Path) -> None:
    run(PROGRAMME, "2024H1", "2024-07-31")
    with pytest.raises(Misuse, match="nothing to report"):
        render(open_context(PROGRAMME, "2024H1"), None)
