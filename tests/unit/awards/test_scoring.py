"""Scoring: each measure at its edge, the year out of two half-years, what is judged of the unit, extras, explanations."""

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from etl.core.awards import scoring
from etl.core.awards.score_values import values_statement
from etl.core.programmes.measures import Measured, scaled
from etl.core.programmes.rubric import Rubric
from etl.edges.engine import fetch, memory_engine, register
from etl.edges.programmes import load_bundle, programme_folders

MEASURED: TypeAdapter[Any] = TypeAdapter(Measured)
YUNNAN, YEAR_END = "yunnan-model-branch", dt.date(2017, 12, 31)


def earned(how: dict[str, Any], value: str, of: str | None = None, most: str = "6") -> Decimal:
    """The points that a value earns, as a decimal."""
    model = MEASURED.validate_python({"origin": "assumed", **how})
    whole = np.array([int(Decimal(value) * 10_000)])
    base = None if of is None else np.array([int(Decimal(of) * 10_000)])
    return Decimal(int(model.points(whole, base, int(Decimal(most) * 100))[0])) / 100


EDGES = [
    ({"kind": "at_least", "target": 4}, "3.9999", None, "0"),
    ({"kind": "at_least", "target": 4}, "4", None, "6"),
    ({"kind": "linear", "target": 12}, "11", None, "5.5"),
    ({"kind": "linear", "target": 12}, "12", None, "6"),
    ({"kind": "linear", "target": 12}, "13", None, "6"),
    ({"kind": "linear", "target": 7}, "1", None, "0.86"),  # 0.857142…
    ({"kind": "linear", "target": 16}, "0.02", None, "0.01"),  # 0.0075: half up, not to even
    ({"kind": "per_miss", "target": 4, "off": 1.5}, "3", None, "4.5"),
    ({"kind": "per_miss", "target": 4, "off": 2.5}, "1", None, "0"),  # −1.5 stops at 0
    ({"kind": "per_miss", "target": 4, "off": 1.5}, "5", None, "6"),
    ({"kind": "share", "of": "x"}, "2", "3", "4"),
    ({"kind": "share", "of": "x"}, "0", "0", "6"),  # nothing to do
    ({"kind": "share", "of": "x", "when_none": "none"}, "0", "0", "0"),
    ({"kind": "share", "of": "x", "target": 0.695, "whole": True}, "694.99", "1000", "0"),
    ({"kind": "share", "of": "x", "target": 0.695, "whole": True}, "695", "1000", "6"),
    ({"kind": "each", "each": 1, "over": 2}, "4", None, "2"),
    ({"kind": "each", "each": 4}, "4", None, "6"),
    ({"kind": "missing", "target": 4, "each": 0.5}, "2", None, "1"),
    ({"kind": "missing", "target": 4, "each": 0.5}, "4", None, "0"),
    ({"kind": "within", "months": 36}, "36", None, "6"),
    ({"kind": "within", "months": 36}, "37", None, "0"),
    ({"kind": "filed"}, "0", None, "6"),
    ({"kind": "entered"}, "9", None, "0"),
]


@pytest.mark.parametrize(("how", "value", "of", "points"), EDGES, ids=str)
def test_a_value_earns_what_its_measure_says(
    how: dict[str, Any], value: str, of: str | None, points: str
) -> None:
    assert earned(how, value, of) == Decimal(points)


LOW, HIGH = ({"at_least": at, "points": points, "origin": "assumed"} for at, points in ((1, 2), (3, 6)))
STEPS = {"kind": "steps", "steps": [LOW, HIGH]}


@pytest.mark.parametrize(("value", "points"), [("0", "0"), ("1", "2"), ("2.9", "2"), ("3", "6")])
def test_the_highest_step_reached_counts(value: str, points: str) -> None:
    assert earned(STEPS, value) == Decimal(points)


@pytest.mark.parametrize("steps", [[], [HIGH, LOW], [LOW, HIGH | {"at_least": 1}]], ids=["none", "falling", "one bound twice"])
def test_steps_that_are_no_stairs_do_not_load(steps: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError, match="lowest first"):
        MEASURED.validate_python({"kind": "steps", "steps": steps, "origin": "assumed"})


def test_a_number_finer_than_what_is_counted_in_is_refused_and_not_rounded() -> None:
    assert scaled(Decimal("0.0001")) == 1
    with pytest.raises(ValueError, match="too many decimals"):
        scaled(Decimal("0.00005"))


@given(value=st.integers(0, 10**9), target=st.integers(1, 10**9), most=st.integers(0, 10_000))
def test_proportions_are_exact_and_half_up(value: int, target: int, most: int) -> None:
    points = earned({"kind": "linear", "target": target}, str(value), most=str(Decimal(most) / 100))
    exact = Decimal(most) * min(value, target) / target
    assert points == exact.quantize(Decimal(1), "ROUND_HALF_UP") / 100


def figure(subject: str, indicator: str, value: float | None = None, *, last: bool = True, table: str = "branches",
           unit: str = "U1", day: dt.date | None = None, text: str | None = None) -> dict[str, Any]:
    """One row of `year_figures`."""
    return {
        "unit_id": unit, "node_id": unit, "table_name": table, "subject_id": subject, "indicator": indicator, "part": "",
        "value": None if value is None else Decimal(str(value)), "day": day, "text": text, "last": last,
    }


SCHEMA = pa.schema(
    [*((name, pa.string()) for name in ("unit_id", "node_id", "table_name", "subject_id", "indicator", "part")),
     ("value", pa.decimal128(18, 4)), ("day", pa.date32()), ("text", pa.string()), ("last", pa.bool_())]
)


def values_of(*figures: dict[str, Any]) -> pd.DataFrame:
    """The year's values of Yunnan's items for some figures."""
    bundle, engine = load_bundle(YUNNAN), memory_engine()
    register(engine, "year_figures", pa.Table.from_pylist(list(figures), schema=SCHEMA))
    items = scoring.judged_items(bundle.programme, bundle.catalogue, YEAR_END)
    wanted = [each for judged in items for each in judged.wanted]
    statement = values_statement(bundle.programme, bundle.catalogue, wanted, YEAR_END)
    nullable = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype()}
    return fetch(engine, statement).to_pandas(types_mapper=nullable.get).set_index("branch_id", drop=False)


def test_flows_are_added_and_stocks_are_those_at_the_end() -> None:
    values = values_of(
        figure("b", "theme_days", 5, last=False), figure("b", "theme_days", 6),
        figure("b", "rules_kept", 9, last=False), figure("b", "rules_kept", 7), figure("b", "members", 20),
    )
    assert values.loc["b", "branch__theme_days"] == 110_000
    assert values.loc["b", "branch__rules_kept"] == 70_000
    assert values.loc["b", "members"] == 20


def test_a_stock_not_filed_at_the_end_is_missing_and_not_the_one_before() -> None:
    values = values_of(figure("b", "rules_kept", 9, last=False), figure("b", "theme_days", 1))
    assert pd.isna(values.loc["b", "branch__rules_kept"])


def test_a_rate_of_the_year_is_recomputed_from_its_parts() -> None:
    attendance = [
        ("attendance_due", 100, 300),
        ("attendance_present", 90, 150),
        ("attendance_excused", 0, 30),
    ]
    figures = [figure("b", key, first, last=False) for key, first, _ in attendance]
    values = values_of(*figures, *(figure("b", key, second) for key, _, second in attendance))
    assert values.loc["b", "branch__attendance_rate"] == 6_750  # 270 ÷ 400, not the mean of 0.9 and 0.6


def test_what_is_judged_of_the_unit_counts_for_each_of_its_branches() -> None:
    values = values_of(
        figure("a", "room_haves", 6), figure("b", "room_haves", 3), figure("c", "room_haves", 2, unit="U2"),
        figure("a", "members", 3), figure("b", "members", 3),
    )
    assert values["mean__room_haves"].tolist() == [45_000, 45_000, 20_000]


def test_a_branch_gone_by_the_end_has_no_score_and_a_new_one_has() -> None:
    values = values_of(figure("gone", "theme_days", 5, last=False), figure("new", "theme_days", 5))
    assert values.index.tolist() == ["new"]


@pytest.mark.parametrize(("day", "months"), [("2014-12-31", 36), ("2014-12-30", 37), ("2017-12-31", 1)])
def test_months_since_an_election_are_counted_as_begun(day: str, months: int) -> None:
    values = values_of(figure("b", "last_election_on", day=dt.date.fromisoformat(day)))
    assert values.loc["b", "branch__last_election_on"] == months * 10_000


def test_texts_about_a_branch_and_its_sweeps_come_along() -> None:
    values = values_of(
        figure("b", "branch_name", text="旧名", last=False), figure("b", "branch_name", text="新名"),
        figure("b", "rectifying", text="1"), figure("b", "members_swept", 3, last=False), figure("b", "members_swept", 0),
    )
    assert values.loc["b", ["branch_name", "branch_kind", "rectifying", "sweeps"]].tolist() == [
        "新名",
        "ordinary",
        True,
        1,
    ]


def test_points_add_up_by_dimension_and_missing_earns_nothing() -> None:
    bundle = load_bundle(YUNNAN)
    items = scoring.judged_items(bundle.programme, bundle.catalogue, YEAR_END)
    values = values_of(
        figure("b", "theme_days", 6), figure("b", "party_meetings", 3), figure("b", "members", 20)
    )
    table = scoring.score_table(values, bundle.programme, items)
    assert table["dimension__organised_life"].tolist() == [300 + 450]
    assert table["points"].tolist() == [750]
    row = scoring.item_scores(values, items).to_dict("records")[0]
    each = {one.item: one for one in scoring.explained(row, items, bundle.programme, bundle.catalogue)}
    assert each["theme_days"].points == Decimal(3)
    assert each["theme_days"].measured[0].value == 6
    assert each["rules_kept"].measured[0].value is None
    assert "示范党支部" in each["theme_days"].ground


@pytest.mark.parametrize(("filed", "points"), [({"members_away": 0}, 6), ({"members_away": 4}, 0), ({}, 0)])
def test_a_share_of_what_nobody_filed_is_no_share_of_nothing(filed: dict[str, float], points: int) -> None:
    bundle = load_bundle(YUNNAN)
    items = scoring.judged_items(bundle.programme, bundle.catalogue, YEAR_END)
    values = values_of(figure("b", "members_away_managed", 0), *(figure("b", key, value) for key, value in filed.items()))
    (row,) = scoring.item_scores(values, items).to_dict("records")
    each = {one.item: one for one in scoring.explained(row, items, bundle.programme, bundle.catalogue)}["members_away_managed"]
    assert each.points == points
    assert each.measured[1].value == filed.get("members_away")


GIVEN = [  # study points, lectures, members reported, meetings missed
    ({}, "21.00"),  # 15 + 7 of the 10 - 1 of the 2
    ({"lectures": "2", "reported_to_community": "0"}, "16.00"),
    ({"study_points": "0.25", "meetings_missed": "0.5"}, "6.75"),
    ({"study_points": "0", "lectures": "0", "reported_to_community": "0"}, "0.00"),
    ({"help_ledger": "15"}, "36.00"),  # newer than the score
    ({"of_another_year": "9"}, "21.00"),
]


@pytest.mark.parametrize(("given_points", "total"), GIVEN)
def test_points_that_a_tier_gives_stand_in_place_of_the_measured(given_points: dict[str, str], total: str) -> None:
    bundle = load_bundle("zaozhuang-true-colour-home")
    rubric = bundle.programme.rubric
    assert rubric is not None
    assert rubric.deduction is not None
    extras = {"bonus": rubric.bonus.model_copy(update={"max": 7}), "deduction": rubric.deduction.model_copy(update={"max": 1})}
    limited = bundle.programme.model_copy(update={"rubric": rubric.model_copy(update=extras)})
    items = scoring.judged_items(limited, bundle.catalogue, dt.date(2021, 12, 31))
    earned = {"study_points": 1500, "lectures": 500, "reported_to_community": 500, "meetings_missed": 200}
    rows = pd.DataFrame({scoring.POINTS + key: [points, 0] for key, points in earned.items()}, index=["b", "b"])
    given_ = [{key: Decimal(points) for key, points in given_points.items()}, {"study_points": Decimal(1)}]
    assert scoring.totals_given(rows, given_, limited, items) == [Decimal(total), Decimal(1)]


EXTRAS = [  # lectures, members reported, meetings held; most bonus, most deduction → bonus, deduction, points
    (9, 0, 2, 10, 10, [500, 100, 500 + 500 - 100]),  # nine lectures: five at most; two of four meetings: 5 of 10, and 1 off
    (9, 50, 4, 10, 10, [1000, 0, 1000 + 1000]),
    (9, 50, 4, 7, 10, [700, 0, 1000 + 700]),  # both are full, and more than the most together
    (0, 0, 0, 10, 10, [0, 200, 0]),  # never below nothing
    (0, 0, 0, 10, 1, [0, 100, 0]),
    (3, 0, 0, 10, 1, [300, 100, 200]),
]


@pytest.mark.parametrize(("lectures", "reported", "meetings", "most", "most_off", "told"), EXTRAS)
def test_bonus_and_deduction_stay_within_their_most(
    lectures: int, reported: int, meetings: int, most: int, most_off: int, told: list[int]
) -> None:
    bundle = load_bundle("zaozhuang-true-colour-home")
    rubric = bundle.programme.rubric
    assert rubric is not None
    assert rubric.bonus is not None
    assert rubric.deduction is not None
    limited = rubric.model_copy(update={
        "bonus": rubric.bonus.model_copy(update={"max": most}),
        "deduction": rubric.deduction.model_copy(update={"max": most_off}),
    })
    programme = bundle.programme.model_copy(update={"rubric": limited})
    items = scoring.judged_items(programme, bundle.catalogue, dt.date(2021, 12, 31))
    values = pd.DataFrame(
        {wanted.column: pd.array([None], dtype="Int64") for judged in items for wanted in judged.wanted}
    )
    known = {"branch_id": "b", "unit_id": "U", "node_id": "U", "branch_name": "b", "branch_kind": "", "members": 3}
    values = values.assign(**known, rectifying=False, sweeps=0, self_score=pd.array([None], dtype="Int64"))
    filed = {
        "unit__lecture_sessions": lectures, "branch__members_reported_to_community": reported, "branch__party_meetings": meetings,
    }
    for column, number in filed.items():
        assert column in values
        values[column] = pd.array([number * 10_000], dtype="Int64")
    table = scoring.score_table(values, programme, items)
    assert table[["bonus", "deduction", "points"]].values.tolist() == [told]


@pytest.mark.parametrize(
    ("day", "judged"), [("2017-06-30", False), ("2017-07-01", True), ("2017-12-31", True), ("2018-01-01", False)]
)
def test_an_item_is_judged_from_its_first_day_to_its_last(day: str, judged: bool) -> None:
    bundle = load_bundle(YUNNAN)
    rubric = bundle.programme.rubric
    assert rubric is not None
    first, *others = rubric.dimensions
    dated = first.items[0].model_copy(update={"since": dt.date(2017, 7, 1), "until": dt.date(2017, 12, 31)})
    dimension = first.model_copy(update={"items": (dated, *first.items[1:])})
    changed = rubric.model_copy(update={"dimensions": (dimension, *others)})
    programme = bundle.programme.model_copy(update={"rubric": changed})
    items = scoring.judged_items(programme, bundle.catalogue, dt.date.fromisoformat(day))
    assert (dated.key in {each.item.key for each in items}) is judged


def test_a_programme_without_a_rubric_judges_nothing() -> None:
    bundle = load_bundle(YUNNAN)
    without = bundle.programme.model_copy(update={"rubric": None})
    assert scoring.judged_items(without, bundle.catalogue, YEAR_END) == ()
    table = scoring.score_table(values_of(figure("b", "members", 3)), without, ())
    assert table[["points", "bonus", "deduction"]].values.tolist() == [[0, 0, 0]]


def test_what_a_reviewer_enters_has_no_value_and_no_points_of_itself() -> None:
    bundle = load_bundle("shiyan-six-good")
    items = scoring.judged_items(bundle.programme, bundle.catalogue, bundle.programme.valid.since)
    (entered, *_) = (judged for judged in items if not judged.wanted)
    table = scoring.item_scores(pd.DataFrame({"branch_id": ["a", "b"]}), (entered,))
    assert table[scoring.VALUE + entered.item.key].isna().tolist() == [True, True]
    assert table[scoring.POINTS + entered.item.key].tolist() == [0, 0]


def test_an_item_stands_on_its_own_reference_before_its_programmes() -> None:
    bundle = load_bundle("zaozhuang-true-colour-home")
    items = scoring.judged_items(bundle.programme, bundle.catalogue, dt.date(2021, 12, 31))
    grounds = {judged.item.key: scoring.ground_of(judged, bundle.programme) for judged in items}
    assert grounds["meetings_missed"] == "m.bluu.cn/wenku/rdagd/jmwKOAKPmx"
    assert grounds["lectures"] == bundle.programme.sources["seed"]
    unsourced = bundle.programme.model_copy(update={"sources": {}})
    assert {scoring.ground_of(judged, unsourced) for judged in items if judged.item.key == "lectures"} == {"seed"}


@pytest.mark.parametrize("programme", sorted(programme_folders()))
def test_every_item_of_every_programme_has_its_figures(programme: str) -> None:
    bundle = load_bundle(programme)
    rubric = bundle.programme.rubric
    assert rubric is not None
    items = scoring.judged_items(bundle.programme, bundle.catalogue, bundle.programme.valid.since)
    assert {judged.item.key for judged in items} == {item.key for item in rubric.all_items()}


REFUSED = {
    "a measured item without a measure": {"measure": None},
    "an entered item with a measure": {"how": {"kind": "entered", "origin": "assumed"}},
    "a part of a checklist item": {"how": {"kind": "linear", "target": 3, "origin": "assumed"}},
    "points that are not the weight": {"points": 9},
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_doubtful_rubric_does_not_load(case: str) -> None:
    item = {
        "key": "i",
        "zh": "项",
        "points": 10,
        "measure": "m",
        "origin": "seed",
        "how": {"kind": "filed", "origin": "seed"},
    }
    dated = {"value": 10, "origin": "seed"}

    def rubric(item: dict[str, Any]) -> dict[str, Any]:
        dimension = {
            "key": "d",
            "zh": "面",
            "on": "branch",
            "origin": "seed",
            "weight": dated,
            "items": [item],
        }
        none = {"max": 0, "origin": "seed"}
        return {
            "mode": "checklist",
            "total": dated,
            "pass_mark": dated,
            "dimensions": [dimension],
            "bonus": none,
        }

    Rubric.model_validate(rubric(item))
    with pytest.raises(ValidationError):
        Rubric.model_validate(rubric({**item, **REFUSED[case]}))
