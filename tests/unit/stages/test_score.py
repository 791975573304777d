"""The score stage over filed half-years: what is stored, explained, listed, compared; a held row keeps a branch out."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from etl.airflow_support.failures import kind_of
from etl.core.awards.comparison import comparison
from etl.core.awards.score_values import Of
from etl.core.awards.scoring import ItemScore, Measurement
from etl.core.programmes.rubric import Rubric
from etl.core.register import SideUnit
from etl.edges.award_words import measured_words
from etl.edges.programmes import load_bundle
from etl.edges.store.awards import score_run
from etl.edges.store.schema import score_runs
from etl.errors import Misuse
from etl.stages.award import award_year, what_if
from etl.stages.award_records import award_inputs
from etl.stages.compare import compare
from etl.stages.context import Context, open_year
from etl.stages.score import explain_score, known_scores, score
from etl.stages.why_not import why_not
from etl.year_listings import scores_listing
from tests.support.filing import home_at, run, unit, write
from tests.support.naming import YUNNAN

FIRST, SECOND = ("2017H1", "2017-07-12"), ("2017H2", "2018-01-12")


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Two half-years of one county: three branches, of which one files a fault in the second."""
    with home_at(tmp_path_factory.mktemp("home")) as home:
        for period, as_of in (FIRST, SECOND):
            county = unit(YUNNAN, period, "530102")
            county.arrived = dt.datetime.fromisoformat(f"{as_of}T09:00")
            county.set("branches", 0, theme_days="7", self_score="88").set("branches", 1, theme_days="5", rules_kept="7")
            if period == "2017H2":
                county.set("branches", 0, self_score="93.455分").set("branches", 1, self_score="")
                county.set("branches", 2, members="-3")
            write(home, YUNNAN, period, [county])
            run(YUNNAN, period, as_of, roll_up=False)
        context = open_year(YUNNAN, "2017")
        with pytest.raises(Misuse, match="not scored yet"):
            known_scores(context)
        score(context)
        yield context


def test_a_branch_whose_row_is_held_at_the_end_has_no_score(year: Context) -> None:
    assert [each.branch_id for each in known_scores(year)] == ["530102-B001", "530102-B002"]


def test_an_open_finding_holds_its_branch_back(year: Context) -> None:
    assert award_inputs(year, dt.date(2018, 2, 1)).blocked["findings_open"] == ("530102-B003",)


@pytest.mark.parametrize(
    ("value", "over", "told"),
    [("6988.1429", "mean", "工作经费（所属支部平均）：6988.14元"), ("6988.1250", "mean", "工作经费（所属支部平均）：6988.13元"),
     ("7000.0000", "mean", "工作经费（所属支部平均）：7000元"), ("6988.5000", "branch", "工作经费：6988.5元")],
)
def test_a_mean_is_told_to_the_hundredth(value: str, over: Of, told: str) -> None:
    money = load_bundle(YUNNAN).catalogue.unit_of("funds_paid")
    found = Measurement("工作经费", money, Decimal(value), over)
    assert measured_words(ItemScore("funds", "", "", (found,), Decimal(5), Decimal(5), "")) == told


def test_every_item_says_what_was_measured_and_on_what_ground(year: Context) -> None:
    each = {one.item: one for one in explain_score(year, "530102-B001")}
    held_days = each["theme_days"]
    assert (held_days.measured[0].value, held_days.points, held_days.most) == (14, 6, 6)
    assert each["members_away_managed"].measured[1].value == 2
    assert measured_words(each["theme_days"]) == "主题党日次数：14次"
    assert measured_words(each["members_away_managed"]) == "已纳入管理的异地党员数：2人；异地居住党员数：2人"
    assert measured_words(each["attendance"]) == "参会率（到会与请假之和除以应到）：85%"
    assert measured_words(each["re_election_on_time"]) == "最近一次换届日期：距年末8个月"
    assert measured_words(each["working_funds"]) == "工作经费（所属支部平均）：4074元"
    assert sum((one.points for one in each.values()), Decimal(0)) == known_scores(year)[0].points
    assert "示范党支部" in each["theme_days"].ground
    second = {one.item: one for one in explain_score(year, "530102-B002")}
    assert second["theme_days"].points == Decimal(5)
    assert second["rules_kept"].points == Decimal("11.67")
    with pytest.raises(Misuse, match="no branch z"):
        explain_score(year, "z")


def test_the_score_that_a_branch_filed_at_the_end_of_the_year_is_kept_half_up(year: Context) -> None:
    assert [each.self_points for each in known_scores(year)] == [Decimal("93.46"), None]
    assert award_inputs(year, dt.date(2018, 2, 1)).scores["self_points"].tolist() == [9346, pd.NA]


def test_branches_of_a_unit_that_has_left_the_register_are_not_scored_and_are_told_of(
    tmp_path: Path,
) -> None:
    gone, stays, branches = "530000-002", "530000-003", "branches"
    with home_at(tmp_path / "home") as home:
        for period, as_of in (FIRST, SECOND):
            filed = [unit(YUNNAN, period, code, branches=2) for code in (gone, stays)]
            for each in filed:
                each.arrived = dt.datetime.fromisoformat(f"{as_of}T09:00")
            if period == "2017H2":  # one of its branches is another's by the second half-year
                filed[1].tables[branches].append(filed[0].tables[branches].pop())
            write(home, YUNNAN, period, filed)
            run(YUNNAN, period, as_of, roll_up=False)
        listed = open_year(YUNNAN, "2017")

        def scored(*stand: SideUnit) -> tuple[dict[str, Any], list[str], Decimal | None]:
            others = (each for each in listed.bundle.side_units if each.code != gone)
            bundle = replace(listed.bundle, side_units=(*others, *stand))
            context = replace(listed, bundle=bundle, register=bundle.register(listed.period))
            told = score(context)
            items = {each.item: each for each in explain_score(context, moved)}
            return told, [each.branch_id for each in known_scores(context)], items["theme_days"].measured[0].value

        (office,) = (each for each in listed.bundle.side_units if each.code == gone)
        its, moved, others = f"{gone}-B001", f"{gone}-B002", [f"{stays}-B001", f"{stays}-B002"]
        assert scored(office) == ({"branches": 4, "items": 13}, [its, moved, *others], 2)
        told = {"branches": 3, "items": 13, "units_left_out": 1}
        assert scored() == (told, [moved, *others], 1)
        # What it published while it was listed counts for the branch that another has taken over.
        assert scored(replace(office, valid_to=dt.date(2017, 10, 1))) == (told, [moved, *others], 2)


def test_scoring_again_leaves_the_same(year: Context) -> None:
    before = (score_run(year.store, *year.key), known_scores(year))
    score(year)
    assert (score_run(year.store, *year.key), known_scores(year)) == before


def test_scores_are_listed_best_first_and_explained_in_words(year: Context) -> None:
    listed = scores_listing(YUNNAN, "2017", None)
    assert listed["branch_id"].tolist() == ["530102-B002", "530102-B001"]
    items = scores_listing(YUNNAN, "2017", "530102-B002")
    assert "暂定标准，待主管部门核定" in set(items["ground"])
    assert "主题党日次数：10次" in set(items["measured"])


def test_the_slip_says_what_the_points_that_were_lost_rest_on(year: Context) -> None:
    award_year(year, dt.date(2018, 2, 1))
    lost = why_not(year, "530102-B002")[-1]
    assert "志愿服务、宣讲、脱贫攻坚得2.5分（满分15分；志愿服务活动次数：2次）" in lost
    assert "一套制度规范约束党员得11.67分（满分15分；制度项数：7项）" in lost


def test_after_a_change_of_the_rubric_nobody_is_named_or_told_by_scores_of_the_old_one(year: Context) -> None:
    raw = changed().model_dump(mode="json")
    rules = raw["dimensions"][3]
    parted = (("rules_kept", 10), ("rules_read", 5))
    rules["items"] = [{**rules["items"][0], "key": key, "points": points} for key, points in parted]
    after = judged_by(year, Rubric.model_validate(raw))
    day = dt.date(2018, 2, 1)
    refused: tuple[Callable[[], object], ...] = (
        lambda: award_year(after, day), lambda: what_if(after, day, {}), lambda: explain_score(after, "530102-B001"),
    )
    for each in refused:
        with pytest.raises(Misuse, match=r"has changed since 2017 was scored: run `sanji score`, then this again$") as stopped:
            each()
        assert kind_of(stopped.value, ()) == "Unscored"
    score(after)
    assert award_year(after, day)["number"] > 0
    assert "rules_read" in {each.item for each in explain_score(after, "530102-B001")}
    score(year)


def test_a_change_of_the_rubric_for_later_years_asks_for_nothing(year: Context) -> None:
    later = judged_by(year, changed(item={"kind": "linear", "target": 12, "origin": "assumed"}))
    assert explain_score(later, "530102-B001") == explain_score(year, "530102-B001")


def test_a_run_that_kept_a_digest_of_the_whole_rubric_is_still_explained(year: Context) -> None:
    rubric = year.bundle.programme.rubric
    assert rubric is not None
    whole = json.dumps(rubric.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    with year.store.begin() as connection:
        connection.execute(sa.update(score_runs).values(rubric_digest=hashlib.sha256(whole.encode()).hexdigest()))
    assert explain_score(year, "530102-B001")
    score(year)


def test_two_years_of_one_rubric_compare(year: Context) -> None:
    compared = compare(year, year)
    assert compared.said == ("两年标准相同，得分可以比较",)
    assert [str(change) for change in compared.table["change"]] == ["0.00", "0.00"]


def judged_by(context: Context, rubric: Rubric) -> Context:
    """The context with another rubric."""
    programme = context.bundle.programme.model_copy(update={"rubric": rubric})
    return replace(context, bundle=replace(context.bundle, programme=programme))


def changed(**changes: object) -> Rubric:
    """Yunnan's rubric with other rules from 2018 on."""
    rubric = load_bundle(YUNNAN).programme.rubric
    assert rubric is not None
    raw = rubric.model_dump(mode="json")
    since = "2018-01-01"
    rules = raw["dimensions"][3]
    if "item" in changes:
        old = rules["items"][0]
        new = [
            {**old, "key": "rules_kept", "points": points, "since": since, "how": how}
            for points, how in [(15, changes["item"])]
        ]
        rules["items"] = [{**old, "until": "2017-12-31"}, *new]
    if "total" in changes:
        for dated in (raw["total"], rules["weight"]):
            (version,) = dated["versions"]
            dated["versions"] = [version, {**version, "since": since, "value": version["value"] + 5}]
        old = rules["items"][0]
        rules["items"] = [{**old, "until": "2017-12-31"}, {**old, "since": since, "points": 20}]
    return Rubric.model_validate(raw)


LAST, NEXT = dt.date(2017, 12, 31), dt.date(2018, 12, 31)


def test_an_item_that_changed_is_footnoted() -> None:
    found = comparison(changed(item={"kind": "linear", "target": 12, "origin": "assumed"}), LAST, NEXT)
    assert found.holds
    assert [(key, values["item"]) for key, values in found.said] == [("footnote", "一套制度规范约束党员")]


def test_another_total_is_refused() -> None:
    found = comparison(changed(total=True), LAST, NEXT)
    assert (found.holds, found.said[0][0]) == (False, "total_changed")


def test_before_the_change_nothing_is_said_of_it() -> None:
    assert comparison(changed(total=True), LAST, dt.date(2017, 6, 30)).holds
