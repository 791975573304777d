"""What awards rest on: which review holds, who is above a branch, and a seal that is one for equal inputs and opens whole."""

from dataclasses import replace

import pytest

from etl.core.awards.award import Review
from etl.core.awards.award_inputs import AwardInputs, in_force, seal, tier_paths, unseal
from etl.core.awards.quota import Move
from etl.edges.programmes import load_bundle
from tests.support.naming import (
    COUNTY,
    PREFECTURE,
    PROVINCE,
    YUNNAN,
    inputs_of,
    register_of,
    review,
    score_rows,
)

NINE, TEN = "2018-01-10T09:00:00+08:00", "2018-01-10T10:00:00+08:00"
FIRST = review("a", "county", "return", review_id="m", entered_at=NINE)
LATER = review("a", "county", review_id="a", entered_at=TEN)
SAME_HOUR = review("a", "county", review_id="z", entered_at=NINE)
IN_ITS_PLACE = review("a", "county", review_id="a", entered_at=NINE, supersedes="m")
HOLDS = [
    ([FIRST, LATER], "a"),
    ([LATER, FIRST], "a"),
    ([SAME_HOUR, FIRST], "z"),
    ([FIRST, IN_ITS_PLACE], "a"),  # of one hour, and its id comes first
]


@pytest.mark.parametrize(("reviews", "holds"), HOLDS)
def test_of_two_reviews_the_later_holds_and_never_one_that_was_superseded(reviews: list[Review], holds: str) -> None:
    assert {key: each.review_id for key, each in in_force(reviews).items()} == {("a", "county"): holds}


PATHS = {
    "P520329": {"county": "P520329", "prefecture": "P520300", "province": "P520000"},
    "P520329/子营街道": {
        "township": "P520329/子营街道", "county": "P520329", "prefecture": "P520300", "province": "P520000",
    },
}


@pytest.mark.parametrize("node_id", PATHS)
def test_a_township_stands_below_its_unit(node_id: str) -> None:
    assert tier_paths(register_of("zunyi-six-good", "2024B2"), [node_id]) == {node_id: PATHS[node_id]}


def year() -> AwardInputs:
    """Two branches, of each of which something is missing, and everything that may stand beside them."""
    programme = load_bundle(YUNNAN).programme
    rows = [
        *score_rows(programme, {"a": 95.0}, self_points=9346),
        *score_rows(programme, {"b": 91.0}, node_id="P530103", members=None, self_points=None),
    ]
    reviews = [review("a", "county", points="96.5"), review("b", "county", "return")]
    moves = (Move("province", 2017, None, PROVINCE, 2), Move("province", 2017, PROVINCE, PREFECTURE, 1))
    blocked = {"dissolved": ("a", "b"), "findings_open": ("b",)}
    inputs = inputs_of(rows, reviews, titles=[("a", "county", COUNTY, "2016", True, False)], moves=moves, blocked=blocked,
                       swept={"a": 1, "b": 2})
    return replace(inputs, scores=inputs.scores.astype({"self_points": "Int64"}))


def test_a_seal_is_the_same_in_whatever_order_things_came() -> None:
    inputs = year()
    turned = replace(
        inputs, moves=inputs.moves[::-1],
        swept={"b": 2, "a": 1}, paths={each: inputs.paths[each] for each in ("P530103", COUNTY)},
        blocked={"findings_open": ("b",), "dissolved": ("b", "a")},
    )
    assert seal(turned) == seal(inputs)


def test_a_seal_opens_to_all_that_was_sealed_and_what_is_missing_is_missing() -> None:
    inputs = year()
    again = unseal(seal(inputs))
    assert seal(again) == seal(inputs)
    assert sorted(again.moves, key=str) == sorted(inputs.moves, key=str)
    assert (again.swept, again.blocked, again.paths) == (inputs.swept, inputs.blocked, inputs.paths)
    assert str(again.scores[["members", "self_points"]].values.tolist()) == "[[20, 9346], [<NA>, <NA>]]"
    assert str(again.reviews["points"].tolist()) == "[9650, <NA>]"
