"""Commendations counted: each organisation and member once a year, at its highest tier."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from etl.core.awards import commendation as core
from etl.edges.engine import fetch, memory_engine, register
from etl.edges.programmes import load_bundle

SCHEMA = pa.schema([(name, pa.date32() if name == "decided_on" else pa.string()) for name in core.MENTION])
LEVEL = pa.schema([("branch_id", pa.string()), ("level", pa.string())])
FILED = pa.schema([("node_id", pa.string()), ("indicator", pa.string()), ("value", pa.float64())])
CLOSURE = [("U1", "U1"), ("U1", "P1"), ("U1", "P"), ("U2", "U2"), ("U2", "P1"), ("U2", "P"), ("OWN", "P")]
YUNNAN = load_bundle("yunnan-model-branch").programme
EVERY_TIER: Any = SimpleNamespace(count_rule=None, tier_keys=YUNNAN.tier_keys)
"""A programme that counts at every tier."""


def mention(unit: str = "U1", **given: str | None) -> dict[str, Any]:
    """Praise of a branch of U1 by the county, with what a test says otherwise."""
    row = dict.fromkeys(core.MENTION) | {
        "unit_id": unit, "branch_id": "B1", "honour_kind": "praise", "recipient": "甲支部",
        "recipient_kind": "organisation", "conferred_tier": "county", "decided_on": dt.date(2018, 3, 1),
    }
    return row | given


def person(name: str, unit: str = "U1", **given: str | None) -> dict[str, Any]:
    """Praise of a member."""
    return mention(unit, branch_id=None, recipient=name, recipient_kind="member", **given)


def counted(
    *rows: dict[str, Any], decided: list[dict[str, Any]] | None = None, programme: Any = YUNNAN,
    before: list[dict[str, Any]] | None = None, **filed: float,
) -> Any:
    """An engine over the mentions, with `counts` made."""
    engine = memory_engine()
    register(engine, "honours", pa.Table.from_pylist(list(rows), schema=SCHEMA))
    register(engine, "decisions", pa.Table.from_pylist(decided or [], schema=SCHEMA))
    register(engine, "named_before", pa.Table.from_pylist(before or [], schema=LEVEL))
    register(engine, "branch_units", pa.table({"branch_id": ["B1", "B2"], "unit_id": ["U1", "U2"]}))
    register(
        engine, "closure", pa.table({"unit_id": [u for u, _ in CLOSURE], "above_id": [a for _, a in CLOSURE]})
    )
    register(engine, "tiers", pa.Table.from_pylist(core.tier_heights(YUNNAN)))
    register(engine, "levels", pa.Table.from_pylist(core.level_heights(YUNNAN)))
    for name, by_tier in (("subjects", False), ("subjects_by_tier", True)):
        with engine.connect() as connection:
            connection.execute(core.subjects(by_tier).into(name))
    register(engine, "counts", fetch(engine, core.counts(programme)))
    totals = [{"node_id": "P", "indicator": key, "value": value} for key, value in filed.items()]
    register(engine, "filed_totals", pa.Table.from_pylist(totals, schema=FILED))
    return engine


def tiers(
    engine: Any, node: str, kind: str = "praise", of: str = "organisation"
) -> dict[str, tuple[int, int]]:
    """Tier → mentions and distinct count at one node."""
    rows = fetch(engine, sa.select(*core.table("counts", core.COUNTS).c)).to_pylist()
    return {
        row["tier"]: (row["mentions"], row["distinct_count"])
        for row in rows
        if (row["node_id"], row["kind"], row["recipient_kind"]) == (node, kind, of)
    }


def test_one_mentioned_twice_counts_once_at_its_highest_tier() -> None:
    engine = counted(mention(), mention(conferred_tier="province"), mention("U2", branch_id="B2"))
    assert tiers(engine, "P") == {"": (3, 2), "county": (1, 1), "province": (2, 1)}


def test_where_every_tier_counts_one_stands_at_each() -> None:
    engine = counted(mention(), mention(conferred_tier="province"), programme=EVERY_TIER)
    assert tiers(engine, "P") == {"": (2, 1), "county": (1, 1), "province": (1, 1)}


def test_what_an_upper_office_files_counts_where_the_branch_stands() -> None:
    engine = counted(mention("OWN", branch_id="B2", conferred_tier="province"))
    assert tiers(engine, "U2") == tiers(engine, "P") == {"": (1, 1), "province": (1, 1)}
    assert tiers(engine, "U1") == {}


def test_one_without_a_tier_is_counted_apart_and_below_any_other() -> None:
    engine = counted(
        mention(conferred_tier=None), mention("U2", branch_id="B2", conferred_tier=None), mention()
    )
    assert tiers(engine, "P") == {"": (3, 2), "county": (2, 1), "unstated": (1, 1)}


@pytest.mark.parametrize(
    ("other", "distinct"),
    [
        (person("王　芳"), 1),
        (person("王芳", "U2"), 2),
        (person("王 芳", conferred_tier="province"), 1),
        (person("王方"), 2),
    ],
)
def test_a_member_is_known_by_the_name_within_the_unit(other: dict[str, Any], distinct: int) -> None:
    assert tiers(counted(person("王芳"), other), "P", of="member")[""] == (2, distinct)


def test_members_of_one_branch_are_not_one_because_it_is_told() -> None:
    engine = counted(mention(), *(person(name) | {"branch_id": "B1"} for name in ("甲", "乙", "乙")))
    assert tiers(engine, "P", of="member") == {"": (3, 2), "county": (3, 2)}
    assert tiers(engine, "P") == {"": (1, 1), "county": (1, 1)}


def test_naming_and_praise_are_two_things() -> None:
    engine = counted(mention(), mention(honour_kind="naming", level="county"), mention(honour_kind="honour"))
    assert tiers(engine, "P", "naming")[""] == (1, 1)
    assert tiers(engine, "P", core.COMMENDED)[""] == (2, 1)


def test_a_naming_that_was_filed_and_decided_counts_once() -> None:
    naming = mention(honour_kind="naming", level="county")
    higher = {**naming, "level": "province", "conferred_tier": "province"}
    assert tiers(counted(naming, decided=[naming, higher]), "P", "naming") == {"": (3, 1), "province": (3, 1)}


def test_a_naming_of_an_earlier_year_that_is_filed_late_is_not_new() -> None:
    naming = mention(honour_kind="naming", level="county")
    again = counted(naming, mention(), before=[{"branch_id": "B1", "level": "county"}])
    assert (tiers(again, "P", "naming"), tiers(again, "P")) == ({}, {"": (1, 1), "county": (1, 1)})
    other_level = counted(naming, before=[{"branch_id": "B1", "level": "province"}])
    assert tiers(other_level, "P", "naming")[""] == (1, 1)


def test_of_several_namings_the_highest_level_is_shown() -> None:
    naming = mention(honour_kind="naming", level="county")
    higher = {**naming, "level": "province", "conferred_tier": "province", "recipient": "甲"}
    for rows in ([naming, higher], [higher, naming]):
        engine = counted(*rows)
        shown = fetch(
            engine, sa.select(*core.table("subjects", ["kind", "level", "recipient"]).c)
        ).to_pylist()
        assert shown == [{"kind": "naming", "level": "province", "recipient": "甲"}]


def test_what_does_not_say_of_whom_is_not_counted() -> None:
    assert tiers(counted(mention(recipient_kind=None), mention(recipient=None)), "P") == {}


RECONCILED = [
    ({"organisations_commended": 3.0}, (3.0, 3.0, 2, 1)),
    ({"organisations_commended": 5.0}, (5.0, 3.0, 2, 1)),
    ({}, (None, 3.0, 2, 1)),
]


@pytest.mark.parametrize(("filed", "told"), RECONCILED)
def test_the_filed_figure_stands_beside_the_list(filed: dict[str, float], told: tuple[Any, ...]) -> None:
    engine = counted(
        mention(), mention(), mention("U2", branch_id="B2"), mention(honour_kind="naming"), **filed
    )
    rows = fetch(engine, core.reconciliation(["organisations_commended"])).to_pylist()
    (row,) = [row for row in rows if row["unit_id"] == "P"]
    assert (row["value"], row["listed"], row["distinct_count"], row["repeated"]) == told


def test_a_figure_without_a_list_keeps_an_empty_list() -> None:
    rows = fetch(counted(members_commended=4.0), core.reconciliation(["members_commended"])).to_pylist()
    assert [(row["unit_id"], row["value"], row["listed"]) for row in rows] == [("P", 4.0, None)]


def test_members_filed_stand_beside_the_members_listed() -> None:
    engine = counted(mention(), person("甲"), person("甲"), members_commended=2.0)
    rows = fetch(engine, core.reconciliation(["members_commended"])).to_pylist()
    assert [(row["value"], row["listed"], row["repeated"]) for row in rows if row["unit_id"] == "P"] == [(2.0, 2.0, 1)]


def test_nothing_filed_and_nothing_listed_agree() -> None:
    rows = fetch(counted(members_commended=0.0), core.reconciliation(["members_commended"])).to_pylist()
    assert [(row["value"], row["listed"], row["repeated"]) for row in rows] == [(0.0, 0.0, 0)]


def test_an_indicator_the_programme_has_not_is_not_compared() -> None:
    assert fetch(counted(mention(), organisations_commended=1.0), core.reconciliation([])).num_rows == 0
