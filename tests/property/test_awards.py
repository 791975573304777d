"""Awards under Hypothesis: quotas hold, order is nothing, better beats worse unless something is against it, replay is equal."""

from dataclasses import replace
from functools import cache

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.core.annual.papers import YearFrames
from etl.core.awards.award import Review
from etl.core.awards.award_inputs import TITLES, AwardInputs, review_frame, seal, unseal
from etl.core.awards.award_table import award, obstacles
from etl.core.awards.what_if import supposing
from etl.core.period import Period
from etl.core.programmes.programme import Programme
from etl.edges.programmes import load_bundle
from tests.support.naming import YUNNAN, inputs_of, review, score_rows

PROGRAMME = load_bundle(YUNNAN).programme
NODES = ("P530102", "P530103", "P530302", "U530000-001")
TIERS = ("county", "prefecture", "province")
HOURS = [f"2018-01-{day:02d}T09:00:00+08:00" for day in range(1, 20)]


@cache
def with_quota(value: int) -> Programme:
    """Yunnan's programme with another quota of the year for the province."""
    return supposing(PROGRAMME, 2017, {"quota.province": str(value)})


@st.composite
def years(draw: st.DrawFn, tied: bool = False) -> tuple[AwardInputs, list[Review]]:
    """Some branches with scores and reviews, right or wrong, and a quota of the year; `tied`: only the id tells them apart."""
    count = draw(st.integers(1, 12))
    rows, reviews = [], list[Review]()
    for number in range(count):
        branch = f"b{number:02d}"
        points = 95 if tied else draw(st.integers(85, 100))
        members, role = draw(st.sampled_from([2, 20])), 0 if tied else draw(st.integers(0, 2))
        node = draw(st.sampled_from(NODES))
        rows += score_rows(
            PROGRAMME, {branch: float(points)}, node_id=node, members=members, dimension__role_played=role
        )
        for tier in TIERS:
            verdict = draw(st.sampled_from(["recommend", "recommend", "recommend", "return", "refuse", None]))
            if verdict:
                level = draw(st.sampled_from(["county", "prefecture", "province", "province"]))
                given_ = None if tied else draw(st.sampled_from([None, None, "91", "97.5"]))
                hour = draw(st.sampled_from(HOURS))
                reviews.append(review(branch, tier, verdict, level, points=given_, entered_at=hour))
    quota = draw(st.integers(0, 5))
    inputs = inputs_of(rows, reviews)
    return replace(inputs, programme=with_quota(quota)), reviews


@settings(max_examples=20)
@given(years())
def test_a_quota_is_never_exceeded_and_never_left_while_someone_waits(
    year: tuple[AwardInputs, list[Review]],
) -> None:
    result = award(year[0])
    for (level, node), places in result.places.items():
        mine = result.table[(result.table["level"] == level) & (result.table["node_id"] == node)]
        named, waiting = ((mine["outcome"] == outcome).sum() for outcome in ("named", "waiting"))
        if places.left is not None:
            assert named <= places.left
            assert waiting == 0 or named == places.left
        else:
            assert waiting == 0


@settings(max_examples=20)
@given(years(tied=True))
def test_a_quota_holds_where_all_are_equal_and_the_branch_id_decides(year: tuple[AwardInputs, list[Review]]) -> None:
    result = award(year[0])
    for (level, node), places in result.places.items():
        mine = result.table[(result.table["level"] == level) & (result.table["node_id"] == node)].sort_values("branch_id")
        able = mine[mine["outcome"].isin(["named", "waiting"])]
        room = len(able) if places.left is None else min(len(able), places.left)
        assert able["rank"].tolist() == list(range(1, len(able) + 1))
        assert able["outcome"].tolist() == ["named"] * room + ["waiting"] * (len(able) - room)
        cut_off = ("tie_at_cut_off", level, node)
        told = [dict(each.values) for each in result.answers if (each.key, each.level, each.node_id) == cut_off]
        at_cut = able["branch_id"].tolist()[room - 1 : room + 1]
        assert told == ([{"in": at_cut[0], "out": at_cut[1]}] if 0 < room < len(able) else [])


@settings(max_examples=20)
@given(years(), st.randoms(use_true_random=False))
def test_the_order_of_what_comes_in_is_nothing(
    year: tuple[AwardInputs, list[Review]], random: object
) -> None:
    inputs, reviews = year
    random.shuffle(reviews)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random
    shuffled = inputs.scores.sample(frac=1, random_state=len(reviews))
    other = replace(inputs, scores=shuffled, reviews=review_frame(reviews))
    pd.testing.assert_frame_equal(award(other).table, award(inputs).table)
    assert seal(other) == seal(inputs)


@settings(max_examples=20)
@given(years())
def test_a_better_score_never_loses_to_a_worse_one_unless_something_stands_against_it(
    year: tuple[AwardInputs, list[Review]],
) -> None:
    table = award(year[0]).table
    for _, place in table.groupby(["level", "node_id"]):
        named = place[place["outcome"] == "named"]
        if named.empty:
            continue
        better = place[place["score"] > named["score"].min()]
        lost = better[~better["outcome"].isin(["named", "held"])]
        assert (lost["reason"] != "").all()


BATCHES = ("2017B1", "2017B2", "2017")


@settings(max_examples=20)
@given(years(), st.permutations(BATCHES))
def test_a_batch_and_its_year_do_not_both_list_a_branch(
    year: tuple[AwardInputs, list[Review]], order: list[str]
) -> None:
    """Batches and their year in any order, with the same scores and reviews: who is named in one holds the level in the rest."""
    inputs, conferred = year[0], list[dict[str, object]]()
    for period in order:
        held = [(row["branch_id"], row["level"], row["node_id"], row["period"], True, False) for row in conferred]
        titles = pd.DataFrame(held, columns=list(TITLES))
        table = award(replace(inputs, period=Period.parse(period), titles=titles)).table
        named = table[table["outcome"] == "named"]
        conferred += named[["branch_id", "level", "node_id", "highest"]].assign(period=period).to_dict("records")
    listed = pd.DataFrame(conferred, columns=["branch_id", "level", "node_id", "highest", "period"]).astype({"highest": bool})
    assert not listed.duplicated(["branch_id", "level"]).any()
    nothing = pd.DataFrame()
    frames = YearFrames(listed, nothing, nothing, nothing, {})
    decisions = [frames.decided(Period.parse(period)) for period in BATCHES]
    told = [row for each in decisions for row in each.titles[["branch_id", "level"]].itertuples(index=False, name=None)]
    assert sorted(told) == sorted(listed[["branch_id", "level"]].itertuples(index=False, name=None))


@settings(max_examples=10)
@given(years())
def test_sealed_inputs_replay_to_the_same_result(year: tuple[AwardInputs, list[Review]]) -> None:
    sealed = seal(year[0])
    pd.testing.assert_frame_equal(award(unseal(sealed)).table, award(year[0]).table)
    assert seal(unseal(sealed)) == sealed


@settings(max_examples=20)
@given(years())
def test_a_branch_counts_once_and_at_its_highest_level(year: tuple[AwardInputs, list[Review]]) -> None:
    result = award(year[0])
    counted = result.table[result.table["highest"]]
    assert counted["branch_id"].is_unique
    assert (
        sum(result.named().values())
        == result.table.loc[result.table["outcome"] == "named", "branch_id"].nunique()
    )


@settings(max_examples=20)
@given(years())
def test_whoever_is_not_named_has_a_reason_and_whoever_is_has_none(
    year: tuple[AwardInputs, list[Review]],
) -> None:
    inputs, _ = year
    table = award(inputs).table
    assert ((table["outcome"] == "not_named") == (table["reason"] != "")).all()
    known = {key for level in inputs.programme.levels for key in obstacles(inputs, level, {})}
    assert set(table["reason"]) <= {"", *known}
