"""What a finding is bound to, and who may waive it."""

from typing import Any

import pytest

from etl.core.judging.rules import WaivingTier
from etl.core.period import Period
from etl.core.returns.explanations import (
    MOST_WORDS,
    Act,
    Refused,
    binding_id,
    holds_in,
    refuse_change,
    refuse_explanation,
    refuse_waiver,
    refuse_words,
    state_of,
    tiers_that_may_waive,
)

FOUND: dict[str, Any] = {
    "finding_key": "k", "programme": "yunnan-model-branch", "unit_id": "P530102", "subject_id": "530102-B001", "rule": "T01",
    "column_key": "dues_collected", "observed": "0.5", "level": "row",
}
YUNNAN = ("branch", "county", "prefecture", "province")
NOW = Period.parse("2018H1")


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"receipt_id": "other", "row_number": 9, "period": "2018H2", "expected": "3"}, True),
        ({"unit_id": "P530103"}, True),  # the branch moved: what was said of it moves with it
        ({"observed": "0.6"}, False),
        ({"observed": None}, False),
        ({"column_key": "members"}, False),
        ({"rule": "T02"}, False),
        ({"subject_id": "530102-B002"}, False),
        ({"programme": "zunyi-six-good"}, False),
    ],
)
def test_bound_to_branch_rule_column_and_value_alone(change: dict[str, Any], same: bool) -> None:
    assert (binding_id(FOUND | change) == binding_id(FOUND)) is same


def test_without_a_branch_it_is_bound_to_the_unit() -> None:
    file = FOUND | {"subject_id": None, "column_key": None, "observed": None}
    assert binding_id(file) == binding_id(file | {"subject_id": "P530102"}) != binding_id(file | {"unit_id": "P530103"})


@pytest.mark.parametrize(
    ("needed", "tiers", "able"),
    [
        ("prefecture", YUNNAN, ("prefecture", "province")),
        ("county", YUNNAN, ("county", "prefecture", "province")),
        ("province", YUNNAN, ("province",)),
        ("prefecture", ("branch", "county"), ("county",)),  # a district alone: its top decides
        ("township", ("branch", "county"), ("county",)),
        ("province", ("branch", "county", "prefecture"), ("prefecture",)),
    ],
)
def test_the_tier_named_or_one_above_may_waive(needed: WaivingTier, tiers: tuple[str, ...], able: tuple[str, ...]) -> None:
    assert tiers_that_may_waive(needed, tiers) == able


@pytest.mark.parametrize(
    ("tier", "until", "change", "waivable", "reason"),
    [
        ("prefecture", "2018H1", {}, "prefecture", None),
        ("province", "2020H2", {}, "prefecture", None),
        ("county", "2018H1", {}, "prefecture", "tier_too_low"),
        ("township", "2018H1", {}, "county", "unknown_tier"),
        ("prefecture", "2017H2", {}, "prefecture", "over_already"),
        ("prefecture", "2018H1", {}, None, "not_waivable"),
        ("prefecture", "2018H1", {"level": "warning"}, "prefecture", "not_a_row"),
        ("prefecture", "2018H1", {"level": "file"}, "prefecture", "not_a_row"),
    ],
)
def test_a_waiver_needs_the_tier_and_a_row(
    tier: str, until: str, change: dict[str, Any], waivable: WaivingTier | None, reason: str | None
) -> None:
    refused = refuse_waiver(FOUND | change, waivable, Act("核实无误", Period.parse(until), tier), NOW, YUNNAN)
    assert (refused.reason if refused else None) == reason
    assert (refused.needed if refused else "") == ("prefecture" if reason == "tier_too_low" else "")


@pytest.mark.parametrize(
    ("given", "tier", "refused"),
    [
        ("prefecture", "prefecture", None),
        ("prefecture", "province", None),
        ("prefecture", "county", Refused("k", "withdrawn_higher", "prefecture")),
        ("city", "province", None),  # a tier that the programme no longer has: its top decides
        ("city", "prefecture", Refused("k", "withdrawn_higher", "province")),
        ("prefecture", "city", Refused("k", "unknown_tier")),
    ],
)
def test_what_was_waived_is_taken_back_by_that_tier_or_one_above(given: str, tier: str, refused: Refused | None) -> None:
    assert refuse_change("k", {"tier": given}, tier, YUNNAN, "withdrawn_higher") == refused


def test_only_warnings_are_explained() -> None:
    assert refuse_explanation(FOUND | {"level": "warning"}) is None
    assert refuse_explanation(FOUND) == "not_a_warning"


@pytest.mark.parametrize(("text", "wrong"), [
    ("属实", None), (" 　\n", "no_words"), ("字" * MOST_WORDS, None), ("字" * (MOST_WORDS + 1), "too_many_words"),
])
def test_words_are_some_and_not_a_book(text: str, wrong: str | None) -> None:
    assert refuse_words(text) == wrong


@pytest.mark.parametrize(
    ("period", "withdrawn", "holds"),
    [("2018H1", None, True), ("2018H2", None, True), ("2017H2", None, False), ("2019H1", None, False),
     ("2018H1", "2018-07-20T09:00:00+08:00", False)],
)
def test_a_waiver_holds_from_its_period_to_its_last(period: str, withdrawn: str | None, holds: bool) -> None:
    waiver = {"since_period": "2018H1", "until_period": "2018H2", "withdrawn_at": withdrawn}
    assert holds_in(waiver, Period.parse(period)) is holds


def test_a_warning_is_open_until_explained_a_row_until_waived() -> None:
    assert [state_of("warning", said, False) for said in (False, True)] == ["open", "explained"]
    assert [state_of("row", True, waived) for waived in (False, True)] == ["open", "waived"]
    assert state_of("file", False, False) == "open"
