"""What proves a report, over one small simulated half-year: the lint keeps back what does not agree."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from etl import tasks
from etl.core.awards.branch_records import Fact
from etl.core.reports.editions import Model
from etl.core.reports.errata_shown import shown_in
from etl.core.returns.events import By
from etl.core.totals.figures import ABOUT_THE_PAPER
from etl.edges.feeds import CHINA
from etl.edges.fonts import resolve_fonts
from etl.edges.lint_files import count_names
from etl.edges.store.editions import documents_of, latest_editions
from etl.edges.store.messages import claim, messages_of, release, settle
from etl.edges.store.proofs import faults_frame
from etl.edges.store.results import frame
from etl.edges.store.schema import editions
from etl.errors import Misuse
from etl.settings import settings
from etl.simulated import simulate_period
from etl.stages import explain_counts
from etl.stages.branch_facts import keep_fact
from etl.stages.context import Context, open_context, open_year
from etl.stages.duties import keep_duty
from etl.stages.editions import kept_model
from etl.stages.errata import corrections_frame, make_errata
from etl.stages.explain import as_plain, explain, explain_figure, find_edition
from etl.stages.explain_counts import Counted
from etl.stages.lint import faults_listing
from etl.stages.render import draw_documents
from etl.stages.report_frames import report_frames
from etl.tasks.proofs import demand_none_kept_back
from tests.support.filing import Unit, home_at, letter, run, unit, write
from tests.support.naming import keep_scores, score_rows

PROGRAMME, PERIOD, TOP = "zaozhuang-true-colour-home", "2021H1", "P370400"
YUNNAN = "yunnan-model-branch"
PRINTED_OTHERWISE = ("@due", "@threshold", "@rank", "@rank_of")
"""Aspects of a count that are printed beside it and are another number."""


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    with home_at(tmp_path_factory.mktemp("proof")):
        simulate_period(PROGRAMME, PERIOD, settings().feeds_dir, scale=0.05, faults="0.02", seed=3)
        run(PROGRAMME, PERIOD, "2030-01-01")
        _put_on_record(open_year(PROGRAMME, "2021"))
        tasks.render(PROGRAMME, PERIOD)
        yield open_context(PROGRAMME, PERIOD)


def _put_on_record(year: Context) -> None:
    """Duties done and facts about two branches, all before the half-year's cut-off: every kind of number that is told of them."""
    county, other, at = "P370402", "P370403", dt.datetime(2021, 7, 2, 9, tzinfo=CHINA)
    keep_scores(year, score_rows(year.bundle.programme, {"a": 95.0, "b": 94.0}, node_id=county))
    done = [("yearly_plan", county), ("yearly_plan", other), ("mid_year", other), ("unscheduled", other)]
    answers = [keep_duty(year, duty, node, dt.date(2021, 5, 6), "", By("甲", at)) for duty, node in done]
    answers += [
        keep_fact(year, fact, By("甲", at))
        for fact in (
            Fact("rectification", "a", county, dt.date(2021, 3, 1)),
            Fact("dual_management", "b", county, dt.date(2021, 3, 1), other_node_id=other, members=6),
        )
    ]
    assert not any(answer.said for answer in answers)


@pytest.fixture
def frames_read_once(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store's tables, read once for hundreds of questions to which nothing is changed in between."""
    frames = report_frames(context)
    monkeypatch.setattr(explain_counts, "report_frames", lambda _context: frames)


def test_a_report_with_a_wrong_figure_is_kept_back_and_said_where(context: Context) -> None:
    assert tasks.lint(PROGRAMME, PERIOD) == {"editions": 7, "blocked": 0}
    edition = latest_editions(context.store, PROGRAMME, PERIOD, "dispatch")[TOP]
    model = json.loads(context.landing.at(edition["model_path"]).read_bytes())
    model["blocks"][0]["text"] = model["blocks"][0]["text"].replace("应报送单位", "应报送单位9")
    _, spoilt = context.landing.keep_document(json.dumps(model, ensure_ascii=False).encode(), ".json")
    _set_model(context, edition["edition_id"], spoilt)
    assert tasks.lint(PROGRAMME, PERIOD)["blocked"] == 1
    assert set(faults_frame(context.store, PROGRAMME, PERIOD)["edition_id"]) == {edition["edition_id"]}
    fault, copy = faults_listing(context).to_dict("records")
    assert (copy["rule"], copy["place"]) == ("copy", "docx/blocks/0")  # the Word copy was made from what was right
    assert (fault["rule"], fault["place"], fault["found"][0]) == ("figure", "blocks/0", "9")
    assert fault["remedy"]
    with pytest.raises(Misuse, match=f"{TOP} blocks/0") as told:
        demand_none_kept_back(PROGRAMME, PERIOD, 1)
    assert "应报送单位" not in str(told.value)  # a sentence may hold a name, and this stands in Airflow's log
    others = tasks.dispatch(PROGRAMME, PERIOD)
    assert (others["blocked"], others["new"] > 0) == (1, True)  # the other editions go on
    _set_model(context, edition["edition_id"], edition["model_path"])
    assert tasks.dispatch(PROGRAMME, PERIOD)["new"] > 0
    assert faults_frame(context.store, PROGRAMME, PERIOD).empty


def _set_model(context: Context, edition_id: str, path: str) -> None:
    with context.store.begin() as connection:
        mine = editions.c.edition_id == edition_id
        connection.execute(sa.update(editions).where(mine).values(model_path=path))


@pytest.mark.usefixtures("frames_read_once")
def test_every_figure_told_in_prose_is_explained_by_rows_that_make_it_up(context: Context) -> None:
    counted = set()
    for edition in latest_editions(context.store, PROGRAMME, PERIOD, "dispatch").values():
        for where, text in _told(kept_model(context.landing, edition)):
            found = explain(context, edition, where)
            assert found.figure["told"], where
            if isinstance(found, Counted) and text[0].isdigit() and not where.endswith(PRINTED_OTHERWISE):
                number = float(re.sub(r"[^0-9.]", "", text)) * (0.01 if "%" in text else 1)
                assert found.figure["value"] == pytest.approx(number, abs=5e-4), (where, text)
                counted.add(where.partition("#")[2].partition(".")[0])
    assert counted == {"completeness", "findings", "activity", "theme", "duty", "fact"}  # nothing fell short in a first half-year


def _told(model: Model) -> Iterator[tuple[str, str]]:
    for block in model["blocks"]:
        for span in block["spans"]:
            if span["address"].partition("#")[2].partition(".")[0] not in ABOUT_THE_PAPER:
                yield span["address"], block["text"][span["start"] : span["end"]]


@pytest.mark.usefixtures("frames_read_once")
def test_each_count_of_a_duty_is_told_as_its_own_number(context: Context) -> None:
    edition = find_edition(context, TOP)
    told = {}
    for aspect in ("", "@owed", "@missing"):
        figure = explain(context, edition, f"duty.mid_year{aspect}").figure
        told[aspect] = figure["told"], figure["value"]
    assert told == {"": ("1", 1), "@owed": ("14", 14), "@missing": ("13", 13)}


@pytest.mark.usefixtures("frames_read_once")
def test_whatever_a_report_shows_has_an_address_that_is_explained(context: Context) -> None:
    """Every figure, list and own word that an erratum may name, and every number of titles and notes."""
    latest = latest_editions(context.store, PROGRAMME, PERIOD, "dispatch")
    for edition in (latest[TOP], latest["P370402"]):
        model = kept_model(context.landing, edition)
        shown = {each.address or "#".join(place): each for place, each in shown_in(model, count_names()).items()}
        spans = [span for label in model["label_spans"].values() for span in _spans(label)]
        assert min(len(shown), len(spans)) > 10
        for where in {*shown, *(span["address"] for span in spans)}:
            if where.partition("#")[2].partition(".")[0] in ABOUT_THE_PAPER or "@due" in where:
                continue
            found = explain(context, edition, where)
            counted = shown.get(where)
            if isinstance(found, Counted) and counted is not None and counted.number is not None:
                assert found.figure["value"] == counted.number, where


def _spans(label: list[Any]) -> Iterator[dict[str, Any]]:
    for each in label:
        yield from each if isinstance(each, list) else [each]


@pytest.mark.parametrize(
    "where", ["#edition.reply_by", "duty.nothing", "duty.mid_year@colour", "fact.sweep-nothing", "fact.rectification@colour",
              "completeness.nothing", "theme.99", "issue.nothing", "activity.theme_day@colour", "a b"]
)
def test_what_has_no_explanation_is_refused_with_a_reason(context: Context, where: str) -> None:
    with pytest.raises(Misuse):
        explain(context, find_edition(context, TOP), where)


def test_an_edition_of_another_period_is_none_of_this_one(context: Context) -> None:
    edition = latest_editions(context.store, PROGRAMME, PERIOD, "dispatch")[TOP]
    with pytest.raises(Misuse, match="no edition"):
        find_edition(open_context(PROGRAMME, "2021H2"), edition["edition_id"])


def test_every_printed_figure_is_the_sum_of_the_cells_that_are_listed(context: Context) -> None:
    totals = frame(context.store, "totals", PROGRAMME, PERIOD)
    stored = totals[totals["part"] == ""].set_index(["node_id", "indicator"])["value"]
    looked_at = 0
    for node_id, edition in latest_editions(context.store, PROGRAMME, PERIOD, "dispatch").items():
        for key in context.bundle.programme.documents.dispatch.indicators:
            found = explain_figure(context, edition, key)
            value = stored.get((node_id, key))
            assert (found.figure["value"] is None) == pd.isna(value)
            if found.figure["value"] is not None:
                assert abs(found.figure["value"] - value) < 1e-6, (node_id, key)
                looked_at += 1
    assert looked_at > 20


def test_a_cell_is_traced_to_its_place_in_the_file(context: Context) -> None:
    edition = find_edition(context, "370400")
    found = explain_figure(context, edition, "370400/members/2021H1")
    rows = found.rows
    assert found.figure["cells"] == len(rows) > 5
    assert rows["value"].sum() == found.figure["value"] == found.below["value"].sum()
    assert rows[["file_name", "file_sha256", "text_filed", "heading"]].ne("").all(axis=None)
    numbers = rows["text_filed"].str.extract(r"(\d+)")[0].astype(float)
    assert (numbers == rows["value"]).mean() > 0.9  # what was read otherwise is in text_read
    assert set(found.slices["unit_id"]) == set(rows["unit_id"])


def test_a_derived_figure_shows_its_parts(tmp_path: Path) -> None:
    with home_at(tmp_path) as home:
        write(home, YUNNAN, "2018H1", [unit(YUNNAN, "2018H1", code) for code in ("530102", "530103")])
        run(YUNNAN, "2018H1", "2018-07-31")
        tasks.render(YUNNAN, "2018H1", "P530100")
        context = open_context(YUNNAN, "2018H1")
        edition = find_edition(context, "530100-r1")
        found = explain_figure(context, edition, "530100/attendance_rate/2018H1")
        assert found.parts[["indicator", "value"]].values.tolist() == [
            ["attendance_present", 90.0], ["attendance_excused", 12.0], ["attendance_due", 120.0]
        ]
        assert found.figure["value"] == 0.85
        assert found.below[["node_id", "value"]].values.tolist() == [["P530102", 0.85], ["P530103", 0.85]]
        assert as_plain(found)["figure"]["formula"] == "(attendance_present + attendance_excused) / attendance_due"
        first = found.rows.iloc[0]
        place = (first["file_name"], first["row_number"], first["column_letter"], first["text_filed"])
        assert place == ("branches.csv", 2, letter(YUNNAN, "2018H1", "branches", first["indicator"]), "20")


@pytest.mark.parametrize("wrong", ["nothing", "999999/members", "members/2019H1", "a b c", "members@before"])
def test_what_is_no_figure_is_said_so(context: Context, wrong: str) -> None:
    with pytest.raises(Misuse):
        explain_figure(context, find_edition(context, TOP), wrong)


LATE = "2021-09-01T09:00:00+08:00"


def _send_all(context: Context) -> None:
    """As if a mail server had taken everything over."""
    for row in messages_of(context.store, *context.key, states=["queued"]):
        key = row["message_key"]
        assert release(context.store, [key], "测试", 1, LATE)
        assert claim(context.store, key, "测试", LATE)
        assert settle(context.store, key, "sent", "测试", LATE)


def test_a_late_correction_makes_an_erratum_for_those_who_have_the_figure(tmp_path: Path) -> None:
    with home_at(tmp_path) as home:
        filed = [unit(PROGRAMME, PERIOD, code) for code in ("370402", "370403")]
        _file(home, filed)
        assert tasks.errata(PROGRAMME, PERIOD, "试验") == {"errata": [], "new": 0, "queued": 0, "blocked": 0}
        context = open_context(PROGRAMME, PERIOD)
        first = latest_editions(context.store, PROGRAMME, PERIOD, "dispatch")
        tasks.dispatch(PROGRAMME, PERIOD)

        _file(home, [filed[0].set("branches", 0, members="25")], day=2)  # not sent yet: simply replaced
        assert tasks.errata(PROGRAMME, PERIOD, "试验")["errata"] == []
        tasks.dispatch(PROGRAMME, PERIOD)
        second = latest_editions(context.store, PROGRAMME, PERIOD, "dispatch")
        _send_all(context)
        assert tasks.errata(PROGRAMME, PERIOD, "试验")["new"] == 0  # nothing has moved since

        _file(home, [filed[0].set("branches", 0, members="30")], day=3)
        assert tasks.dispatch(PROGRAMME, PERIOD)["new"] == 0  # who has an edition gets a newer one by erratum only
        found = corrections_frame(context)
        told = found[found["indicator"] == "members"][["report", "edition_left", "edition_now", "node_id", "old", "new", "by"]]
        assert told.values.tolist() == [
            ["P370400", 2, 3, "P370400", "125", "130", "+5"], ["P370400", 2, 3, "P370402", "65", "70", "+5"],
            ["P370402", 2, 3, "P370402", "65", "70", "+5"],
        ]
        assert set(found["report"]) == {"P370400", "P370402"}  # nobody else's figures have moved

        with pytest.raises(Misuse, match="phone"):
            make_errata(context, "经13800000000核实", dt.datetime.fromisoformat(LATE))
        unset = make_errata(context, "据🦄核实", dt.datetime.fromisoformat(LATE))  # no font has that character
        assert (unset["errata"], unset["queued"], unset["blocked"]) == ([], 0, 2)
        made = make_errata(context, "某区补报一名党员", dt.datetime.fromisoformat(LATE))
        assert (len(made["errata"]), made["new"], made["blocked"]) == (2, 2, 0)
        queued = messages_of(context.store, *context.key, kinds=["erratum"])
        reached = {(row["node_id"], row["recipient"]) for row in queued}
        had = messages_of(context.store, *context.key, states=["sent"], kinds=["edition"])
        assert reached == {(r["node_id"], r["recipient"]) for r in had if r["node_id"] in ("P370400", "P370402")}
        assert all(len(row["attachments"]) >= 2 for row in queued)  # the notice and the corrected report
        again = make_errata(context, "某区补报一名党员", dt.datetime.fromisoformat(LATE) + dt.timedelta(days=3))
        assert (again["new"], again["queued"]) == (0, 0)

        assert tasks.lint(PROGRAMME, PERIOD, "P370402") == {"editions": 2, "blocked": 0}  # the report and its erratum
        erratum = latest_editions(context.store, PROGRAMME, PERIOD, "erratum")["P370402"]
        text = "".join(block["text"] for block in kept_model(context.landing, erratum)["blocks"])
        assert "因某区补报一名党员，有" in text
        _same_bytes_again(context, first["P370402"])
        _same_bytes_again(context, second["P370402"])


def _file(home: Path, units: list[Unit], day: int = 1) -> None:
    """The units' files as they come on a day of July, and all that follows from them up to the reports."""
    for each in units:
        each.arrived = dt.datetime(2021, 7, day, 9)  # noqa: DTZ001 - feeds know local time only
    write(home, PROGRAMME, PERIOD, units)
    run(PROGRAMME, PERIOD, "2021-08-01")
    tasks.render(PROGRAMME, PERIOD)


def _same_bytes_again(context: Context, edition: dict[str, object]) -> None:
    """An edition of the past, set again from the model that it keeps, is the same file; its slices are still there."""
    model, issued = kept_model(context.landing, edition), dt.date.fromisoformat(str(edition["issued_on"]))
    kept = documents_of(context.store, [edition["edition_id"]])[edition["edition_id"]]
    drawn = draw_documents(resolve_fonts(context.settings.fonts_dir), model, issued)
    assert {each.format: hashlib.sha256(each.content).hexdigest() for each in drawn} == {e["format"]: e["sha256"] for e in kept}
    members = next(figure["number"] for figure in model["headline"] if figure["key"] == "members")
    assert explain_figure(context, edition, "members").figure["value"] == members
