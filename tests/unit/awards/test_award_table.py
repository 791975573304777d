"""Awards level by level: quotas, ties, gates, reviews that say no, levels held, waiting lists; each by a few branches."""

import datetime as dt
from dataclasses import replace

import pytest

from etl.core.awards.award import Review
from etl.core.awards.award_inputs import AwardInputs, seal, unseal
from etl.core.awards.award_table import award
from etl.core.awards.quota import Move
from etl.core.awards.what_if import supposing
from etl.core.programmes.naming import LevelMark
from etl.edges.programmes import load_bundle
from tests.support.naming import (
    COUNTY,
    PREFECTURE,
    PROVINCE,
    YUNNAN,
    inputs_of,
    recommended,
    review,
    score_rows,
)

YEAR = 2017
_PROGRAMME = load_bundle(YUNNAN).programme


def quota(inputs: AwardInputs, value: int) -> AwardInputs:
    """The inputs with another quota of the year for the province."""
    return replace(
        inputs, programme=supposing(inputs.programme, inputs.period.year, {"quota.province": str(value)})
    )


def yunnan(points: dict[str, float], reviews: list[Review], **changes: object) -> AwardInputs:
    """Branches of one county with these points and reviews."""
    return inputs_of(score_rows(_PROGRAMME, points, **changes), reviews)


def outcomes(inputs: AwardInputs, level: str = "province") -> dict[str, str]:
    """Branch → its outcome at a level, with the reason where it is not named."""
    table = award(inputs).table
    mine = table[table["level"] == level]
    return {row.branch_id: row.reason or row.outcome for row in mine.itertuples()}


def test_the_best_are_named_the_next_wait_and_all_count_once() -> None:
    points = {"a": 95.0, "b": 97.0, "c": 96.0}
    inputs = quota(yunnan(points, recommended(points)), 2)
    assert outcomes(inputs) == {"b": "named", "c": "named", "a": "waiting"}
    result = award(inputs)
    assert result.named() == {"prefecture": 1, "province": 2}
    assert {key: places.left for key, places in result.places.items()} == {
        ("county", COUNTY): None, ("prefecture", PREFECTURE): None, ("province", PROVINCE): 2
    }


def test_a_reviewers_points_outrank_the_measured_ones() -> None:
    reviews = [*recommended(["a"], points="99"), *recommended(["b"])]
    assert outcomes(quota(yunnan({"a": 90.0, "b": 98.0}, reviews), 1)) == {"a": "named", "b": "waiting"}


def test_points_of_a_tier_above_the_level_do_not_reach_down() -> None:
    reviews = [review("a", "county"), review("a", "prefecture"), review("a", "province", points="80")]
    inputs = yunnan({"a": 95.0}, reviews)
    assert (outcomes(inputs, "prefecture"), outcomes(inputs)) == ({"a": "named"}, {"a": "below_mark"})


def test_equal_points_are_told_apart_by_the_tie_breaks_then_by_branch_id() -> None:
    rows = [
        *score_rows(_PROGRAMME, {"b": 95.0, "c": 95.0}, dimension__role_played=1000),
        *score_rows(_PROGRAMME, {"a": 95.0, "d": 95.0}, dimension__role_played=900),
    ]
    inputs = inputs_of(rows, recommended("abcd"))
    two, three = award(quota(inputs, 2)), award(quota(inputs, 3))
    ranks = two.table[two.table["level"] == "province"].sort_values("rank")["branch_id"].tolist()
    assert ranks == ["b", "c", "a", "d"]
    assert two.answers == ()
    assert [(each.key, dict(each.values)) for each in three.answers] == [
        ("tie_at_cut_off", {"in": "a", "out": "d"})
    ]


def test_more_members_than_usual_are_told_and_stand_against_nobody() -> None:
    rows = [*score_rows(_PROGRAMME, {"a": 99.0, "b": 98.0}, members=51), *score_rows(_PROGRAMME, {"c": 97.0}, members=50)]
    inputs = quota(inputs_of(rows, recommended("abc")), 3)
    assert outcomes(inputs) == dict.fromkeys("abc", "named")
    said = [each for each in award(inputs).answers if each.level == "province"]
    assert [(each.key, each.node_id, dict(each.values)) for each in said] == [
        ("members_many", PROVINCE, {"branches": "a、b", "usual": 50})
    ]


AGAINST = {
    "members_few": {"members": 2},
    "rectifying": {"rectifying": True},
    "sweeps_few": {"sweeps": 1},
}


@pytest.mark.parametrize("reason", AGAINST)
def test_a_gate_stands_before_every_score(reason: str) -> None:
    rows = [*score_rows(_PROGRAMME, {"a": 100.0}, **AGAINST[reason]), *score_rows(_PROGRAMME, {"b": 91.0})]
    found = outcomes(inputs_of(rows, recommended("ab")), "county")
    assert found == {"a": reason, "b": "named"}


@pytest.mark.parametrize(
    ("filed", "told"),
    [({"members": 3}, "named"), ({"members": None}, "members_few"), ({"sweeps": 2}, "named"), ({"sweeps": 0}, "sweeps_few")],
)
def test_a_gate_is_passed_by_who_has_just_enough(filed: dict[str, int | None], told: str) -> None:
    assert outcomes(yunnan({"a": 95.0}, recommended("a"), **filed), "county") == {"a": told}


def test_each_level_goes_by_the_points_of_the_highest_tier_up_to_it() -> None:
    reviews = [review("a", "county", points="80"), review("a", "prefecture", points="97"), review("a", "province")]
    scores = award(yunnan({"a": 95.0}, reviews)).table.set_index("level")["score"]
    assert scores.to_dict() == {"county": 8000, "prefecture": 9700, "province": 9700}


def test_ranks_begin_anew_at_each_naming_place() -> None:
    rows = [*score_rows(_PROGRAMME, {"a": 93.0, "c": 95.0}), *score_rows(_PROGRAMME, {"b": 94.0, "d": 92.0}, node_id="P530103")]
    table = award(inputs_of(rows, recommended("abcd"))).table
    ranks = table.set_index(["level", "branch_id"])["rank"]
    assert {branch: (ranks["county", branch], ranks["prefecture", branch]) for branch in "abcd"} == {
        "a": (2, 3), "b": (1, 2), "c": (1, 1), "d": (2, 4),
    }


def test_a_programme_without_levels_names_nobody() -> None:
    inputs = yunnan({"a": 95.0}, recommended("a"))
    result = award(replace(inputs, programme=inputs.programme.model_copy(update={"levels": ()})))
    assert (result.named(), len(result.table), result.places, result.answers) == ({}, 0, {}, ())


def test_what_a_programme_does_not_ask_for_holds_nobody_back() -> None:
    inputs = yunnan({"a": 50.0}, recommended("a"), members=0, rectifying=True, sweeps=0)
    nothing = inputs.programme.model_copy(update={"eligibility": None, "gate": None, "rubric": None})
    assert outcomes(replace(inputs, programme=nothing)) == {"a": "named"}


def test_rectification_holds_back_only_where_it_comes_first() -> None:
    inputs = yunnan({"a": 95.0}, recommended("a"), rectifying=True)
    gate = inputs.programme.gate
    assert gate is not None
    later = gate.model_copy(update={"rectify_first": gate.rectify_first.model_copy(update={"value": False})})
    open_gate = inputs.programme.model_copy(update={"gate": later})
    assert outcomes(replace(inputs, programme=open_gate), "county") == {"a": "named"}


@pytest.mark.parametrize("gate", ["dissolved", "rectifying", "findings_open", "objection_upheld:county"])
def test_records_and_findings_hold_back(gate: str) -> None:
    inputs = yunnan({"a": 95.0}, recommended("a"))
    assert outcomes(replace(inputs, blocked={gate: ("a",)}), "county") == {"a": gate.partition(":")[0]}


def test_a_sweep_on_record_counts_with_those_filed() -> None:
    inputs = inputs_of(score_rows(_PROGRAMME, {"a": 95.0}, sweeps=1), recommended("a"))
    assert outcomes(replace(inputs, swept={"a": 1}), "county") == {"a": "named"}


SAID = [
    ([], "not_reviewed:county"),
    ([review("a", "county", "return")], "returned:county"),
    ([review("a", "county", "refuse")], "refused:county"),
    ([review("a", "county", level="county")], "not_recommended:county"),
    ([review("a", "county")], "not_reviewed:prefecture"),
    ([review("a", "county"), review("a", "prefecture", "refuse")], "refused:prefecture"),
]


@pytest.mark.parametrize(("reviews", "reason"), SAID, ids=[reason for _, reason in SAID])
def test_a_level_is_reached_tier_by_tier(reviews: list[Review], reason: str) -> None:
    inputs = yunnan({"a": 95.0}, reviews)
    held = [("a", "county", COUNTY, "2016", True, False)]
    titled = inputs_of(inputs.scores.to_dict("records"), reviews, titles=held)
    assert outcomes(titled, "prefecture") == {"a": reason}


def test_the_level_below_must_be_held_or_named_in_the_same_round() -> None:
    inputs = yunnan({"a": 95.0}, recommended("a"))
    assert outcomes(inputs, "prefecture") == {"a": "named"}
    refused = inputs_of(
        inputs.scores.to_dict("records"), [review("a", "county", "return"), *recommended("a")[1:]]
    )
    assert outcomes(refused, "prefecture") == {"a": "level_below:county"}


def test_a_level_that_asks_for_it_must_be_held_before() -> None:
    programme = "zaozhuang-true-colour-home"
    rows = score_rows(load_bundle(programme).programme, {"a": 99.0}, node_id="P370402")
    reviews = [review("a", tier, level="robust") for tier in ("county", "prefecture")]
    first = inputs_of(rows, reviews, programme=programme, period="2020")
    assert outcomes(first, "standardised") == {"a": "named"}
    assert outcomes(first, "advanced") == {"a": "level_below:standardised"}
    held = [("a", "standardised", "P370402", "2020", True, False)]
    second = inputs_of(rows, reviews, programme=programme, period="2021", titles=held)
    assert (outcomes(second, "standardised"), outcomes(second, "advanced")) == ({"a": "held"}, {"a": "named"})
    this_year = [("a", "standardised", "P370402", "2021", True, False)]
    early = inputs_of(rows, reviews, programme=programme, period="2021", titles=this_year)
    assert outcomes(early, "standardised") == {"a": "held"}
    assert outcomes(early, "advanced") == {"a": "level_below:standardised"}


@pytest.mark.parametrize(("points", "outcome"), [(94.99, "below_mark"), (95.0, "named")])
def test_a_levels_own_pass_mark_stands_before_the_rubrics(points: float, outcome: str) -> None:
    inputs = yunnan({"a": points}, recommended("a"))
    mark = LevelMark(value=95, origin="assumed")
    levels = tuple(
        each.model_copy(update={"pass_mark": mark}) if each.key == "prefecture" else each for each in inputs.programme.levels
    )
    marked = replace(inputs, programme=inputs.programme.model_copy(update={"levels": levels}))
    assert (outcomes(marked, "county"), outcomes(marked, "prefecture")) == ({"a": "named"}, {"a": outcome})


def test_a_tier_that_is_not_on_the_way_is_passed_over() -> None:
    rows = score_rows(_PROGRAMME, {"a": 95.0}, node_id="U530000-001")
    inputs = inputs_of(rows, [review("a", "province")])
    assert outcomes(inputs) == {"a": "named"}
    assert outcomes(inputs, "county") == {}


def test_who_holds_a_level_takes_no_place_again() -> None:
    nodes = {"county": COUNTY, "prefecture": PREFECTURE, "province": PROVINCE}
    titles = [("a", level, node, "2016", True, False) for level, node in nodes.items()]
    inputs = inputs_of(score_rows(_PROGRAMME, {"a": 99.0, "b": 91.0}), recommended("ab"), titles=titles)
    assert outcomes(quota(inputs, 1)) == {"a": "held", "b": "named"}


def test_a_title_that_is_over_is_held_no_longer() -> None:
    over = [("a", level, node, "2014", False, False) for level, node in (("county", COUNTY), ("province", PROVINCE))]
    inputs = inputs_of(score_rows(_PROGRAMME, {"a": 99.0}), recommended("a"), titles=over)
    assert (outcomes(inputs, "county"), outcomes(inputs)) == ({"a": "named"}, {"a": "named"})


def test_a_quota_below_what_is_named_names_nobody_and_says_so() -> None:
    titles = [(f"t{n}", "province", PROVINCE, "2017", True, False) for n in range(101)]
    result = award(inputs_of(score_rows(_PROGRAMME, {"a": 99.0}), recommended("a"), titles=titles))
    assert [(each.key, each.values["taken"]) for each in result.answers] == [("quota_overdrawn", 101)]
    assert outcomes(inputs_of(score_rows(_PROGRAMME, {"a": 99.0}), recommended("a"), titles=titles)) == {
        "a": "waiting"
    }


def test_granted_places_let_the_waiting_in() -> None:
    points = {"a": 95.0, "b": 97.0}
    inputs = quota(yunnan(points, recommended(points)), 1)
    moved = replace(inputs, moves=(Move("province", YEAR, None, PROVINCE, 1),))
    assert set(outcomes(moved).values()) == {"named"}


def test_an_inspection_programme_wants_a_visit() -> None:
    programme = "shiyan-six-good"
    rows = score_rows(load_bundle(programme).programme, {"a": 95.0}, node_id="U420300-001")
    said = review("a", "prefecture", level="prefecture")
    inputs = inputs_of(rows, [said], programme=programme, period="2024")
    assert outcomes(inputs, "prefecture") == {"a": "not_visited:prefecture"}
    seen = replace(said, visit={"visited_on": "2024-07-09"})
    assert outcomes(inputs_of(rows, [seen], programme=programme, period="2024"), "prefecture") == {
        "a": "named"
    }


def test_a_superseded_review_does_not_hold_and_an_earlier_day_does_not_know_the_later() -> None:
    first = review("a", "county", "return")
    second = review("a", "county", entered_at="2018-01-20T09:00:00+08:00", supersedes=first.review_id)
    assert outcomes(yunnan({"a": 95.0}, [second, first]), "county") == {"a": "named"}
    assert outcomes(yunnan({"a": 95.0}, [first]), "county") == {"a": "returned:county"}


def test_sealed_inputs_open_again_and_give_the_same_result() -> None:
    inputs = quota(yunnan({"a": 95.0, "b": 97.0}, recommended("ab", points="96.5")), 1)
    sealed = seal(inputs)
    again = unseal(sealed)
    assert seal(again) == sealed
    assert award(again).table.equals(award(inputs).table)
    assert again.as_of == dt.date(2018, 2, 1)
