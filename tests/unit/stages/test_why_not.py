"""The slip for who asks: gates and marks with their numbers, rank and cut-off for who waits."""

import datetime as dt
import json
from pathlib import Path

import pytest

from etl.core.awards.review import Entry
from etl.core.returns.events import By
from etl.edges.programmes import load_bundle
from etl.errors import Misuse
from etl.stages.award import award_year, sealed_inputs, the_run
from etl.stages.context import open_year
from etl.stages.review import enter
from etl.stages.why_not import why_not
from tests.support.naming import YUNNAN, award_in_two_cities, keep_scores, score_rows

AT = dt.datetime(2018, 1, 15, 9, tzinfo=dt.UTC)


def test_a_run_that_another_version_sealed_is_refused_in_one_line(home: Path) -> None:
    context = open_year(YUNNAN, "2017")
    keep_scores(context, score_rows(load_bundle(YUNNAN).programme, {"a": 95.0}))
    award_year(context, dt.date(2018, 2, 1))
    run = the_run(context, None)
    sealed = json.loads(context.landing.at(run["inputs_path"]).read_bytes())
    sealed["programme"]["a_block_of_the_past"] = []
    content = json.dumps(sealed).encode()
    other, path = context.landing.keep_document(content, ".json")
    with pytest.raises(Misuse, match="which this version cannot open"):
        sealed_inputs(context, run | {"inputs_path": path, "inputs_sha256": other})


def test_the_slip_says_what_stands_against_a_branch_at_each_level(home: Path) -> None:
    context = open_year(YUNNAN, "2017")
    programme = load_bundle(YUNNAN).programme
    best = {f"w{n:02d}": 99.0 - n / 10 for n in range(38)}
    rows = [
        *score_rows(programme, {**best, "next": 95.0, "tie": 95.3}), *score_rows(programme, {"low": 88.0}, members=2),
        *score_rows(programme, {"large": 70.0}, members=53),
    ]
    keep_scores(context, rows)
    tiers = ("county", "prefecture", "province")
    said = [Entry(b, tier, "recommend", "province") for b in (*best, "next", "tie") for tier in tiers]
    said.append(Entry("low", "county", "return", reason="台账不全"))
    assert not enter(context, said, By("甲", AT)).refused
    run = award_year(context, dt.date(2018, 2, 1))
    assert run["province"] == 38
    heading, *levels = why_not(context, "next")
    assert heading.startswith("next党支部（next）2017年评审情况说明")
    assert levels[2] == "“省级示范党支部”：候补，得分95.00，第40名；名额38个，入围末位得分95.30，差0.30分"
    assert (
        "与入围末位95.30分同分，依次比较作用发挥、组织生活、班子建设后排后"
        in why_not(context, "w37")[3] + why_not(context, "tie")[3]
    )
    low = why_not(context, "low")
    assert "党员2名，不足3名" in low[1]
    assert "县（市、区）评审退回：台账不全" in low[1]
    assert "得分88.00，低于合格线90.00，差2.00分" in low[1]
    assert "尚不具有下一级称号“县（市、区）级示范党支部”" in low[2]
    assert "如无上述情形可列第41名" in low[1]
    assert "提请注意：党员53名，多于一般的50名" in why_not(context, "large")


def test_the_slip_of_a_run_tells_what_was_sealed_whatever_has_become_of_the_branch(home: Path) -> None:
    context = open_year(YUNNAN, "2017")
    programme = load_bundle(YUNNAN).programme
    keep_scores(context, score_rows(programme, {"large": 70.0, "gone": 60.0}, members=53))
    award_year(context, dt.date(2018, 2, 1))
    noted = "提请注意：党员53名，多于一般的50名"
    assert [noted in why_not(context, branch) for branch in ("large", "gone")] == [True, True]
    keep_scores(context, score_rows(programme, {"large": 70.0}, members=20))
    assert [noted in why_not(context, branch) for branch in ("large", "gone")] == [True, True]


def test_the_slip_calls_a_level_as_the_place_above_the_branch_confers_it(home: Path) -> None:
    """A branch of Zunyi reads of 遵义银辉 in every line, one of Guiyang of the common title."""
    context = award_in_two_cities()
    zunyi, guiyang = why_not(context, "a"), why_not(context, "b")
    assert "遵义银辉" in zunyi[1]
    assert "尚不具有下一级称号“‘遵义银辉’示范性党支部”" in zunyi[2]
    assert "仅推荐至“‘遵义银辉’示范性党支部”" in zunyi[2]
    assert "市（州）级示范性党支部" not in "".join(zunyi)
    assert "尚不具有下一级称号“市（州）级示范性党支部”" in guiyang[2]
    assert "遵义银辉" not in "".join(guiyang)
