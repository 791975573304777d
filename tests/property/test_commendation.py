"""Whatever is filed and decided: order says nothing, nobody counts twice, and the tiers add up."""

from typing import Any

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.core.awards import commendation as core
from etl.edges.engine import fetch
from tests.unit.awards.test_commendation import EVERY_TIER, YUNNAN, counted, mention, person

TIERS = st.sampled_from([None, "county", "prefecture", "province", "nation"])
ORGANISATIONS = st.builds(
    lambda unit, branch, kind, tier: mention(unit, branch_id=branch, honour_kind=kind, conferred_tier=tier),
    st.sampled_from(["U1", "U2", "OWN"]), st.sampled_from(["B1", "B2", None]), st.sampled_from(["praise", "honour"]), TIERS,
)
MEMBERS = st.builds(
    lambda unit, name, tier: person(name, unit, conferred_tier=tier),
    st.sampled_from(["U1", "U2"]), st.sampled_from(["王芳", "王　芳", "李强"]), TIERS,
)
MENTIONS = st.lists(st.one_of(ORGANISATIONS, MEMBERS), max_size=8)


def _counts(rows: list[dict[str, Any]], programme: Any = YUNNAN) -> list[dict[str, Any]]:
    found = fetch(counted(*rows, programme=programme), sa.select(*core.table("counts", core.COUNTS).c)).to_pylist()
    return sorted(found, key=lambda row: tuple(str(row[name]) for name in core.COUNTS))


@settings(max_examples=25)
@given(MENTIONS, st.randoms(use_true_random=False))
def test_the_order_of_lines_says_nothing(rows: list[dict[str, Any]], chance: Any) -> None:
    shuffled = rows[:]
    chance.shuffle(shuffled)
    assert _counts(shuffled) == _counts(rows)


@settings(max_examples=25)
@given(MENTIONS)
def test_nobody_counts_twice_and_the_tiers_add_up(rows: list[dict[str, Any]]) -> None:
    for programme, highest_only in ((YUNNAN, True), (EVERY_TIER, False)):
        sums: dict[tuple[str, ...], int] = {}
        whole: dict[tuple[str, ...], int] = {}
        for row in _counts(rows, programme):
            assert 0 < row["distinct_count"] <= row["mentions"]
            key = (row["node_id"], row["kind"], row["recipient_kind"])
            if row["tier"]:
                sums[key] = sums.get(key, 0) + row["distinct_count"]
            else:
                whole[key] = row["distinct_count"]
        assert sums == whole if highest_only else all(whole[key] <= sums[key] for key in whole)
