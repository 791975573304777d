"""What is said to a person whose explanation or waiver was not kept."""

from typing import get_args

from etl.core.returns.explanations import Refusal, Refused
from etl.edges.refusals import refusal_text, refusal_words


def test_every_refusal_has_its_words() -> None:
    assert set(refusal_words()) == set(get_args(Refusal))


def test_the_tier_that_may_is_named_as_the_programme_names_it() -> None:
    assert refusal_text(Refused("k", "tier_too_low", "prefecture"), {"prefecture": "州（市）"}) == "须由州（市）及以上核准"
    assert refusal_text(Refused("k", "not_waivable"), {}) == "这条规则不得按原样计入，请改正后重报"
