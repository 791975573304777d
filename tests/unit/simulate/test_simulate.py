"""The simulator: what two periods, two runs and two ways of adding up have in common."""

import csv
import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from etl.core.period import Period
from etl.core.reading.tables import read_file
from etl.core.register import due_day
from etl.edges.programmes import Bundle, load_bundle, programme_folders
from etl.simulate import Options, SimulationSummary, simulate
from etl.simulate.branches import branches_ever, standing
from etl.simulate.draft import Draft, make_draft
from etl.simulate.figures import Context
from etl.simulate.plan import UnitPlan, plan_units
from etl.simulate.profile import allot, ordinal
from etl.simulate.vectors import evaluate

YUNNAN, DONGXIHU = "yunnan-model-branch", "dongxihu-small-gear"
IN_FORCE = {YUNNAN: "2018H1", DONGXIHU: "2017H2", "shiyan-six-good": "2024H1",
            "zaozhuang-true-colour-home": "2020H2", "zunyi-six-good": "2024H2"}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def plans(key: str, period: str, options: Options) -> tuple[UnitPlan, ...]:
    bundle, when = load_bundle(key), Period.parse(period)
    return tuple(plan_units(bundle, bundle.register(when), when, options))


def draft(key: str, period: str, unit_id: str, options: Options) -> Draft:
    bundle, when = load_bundle(key), Period.parse(period)
    plan = next(plan for plan in plans(key, period, options) if plan.unit.unit_id == unit_id)
    return make_draft(Context(bundle, plan, when, options, bundle.layout(when)))


def run(out: Path, key: str = DONGXIHU, period: str = "2017H2", **options: Any) -> SimulationSummary:
    return simulate(load_bundle(key), Period.parse(period), out, Options(**options))


@pytest.mark.parametrize(
    ("total", "weights", "most", "shares"),
    [
        (7, [1, 1, 2], None, [2, 2, 3]),
        (3, [1, 1, 1, 1, 1], None, [1, 1, 1, 0, 0]),
        (5, [9, 1], [2, 9], [2, 3]),
        (9, [1, 1], [2, 2], [2, 2]),
        (2, [0, 1], [9, 1], [1, 1]),
        (0, [1], None, [0]),
    ],
)
def test_shares_add_up_within_their_bounds(
    total: int, weights: list[int], most: list[int] | None, shares: list[int]
) -> None:
    assert allot(total, weights, None if most is None else np.array(most)).tolist() == shares


def test_formulas_hold_row_by_row() -> None:
    columns = {"a": np.array([6.0, 1.0, np.nan]), "b": np.array([3.0, 0.0, 1.0])}
    assert np.array_equal(evaluate("a / b / 2", columns), [1.0, np.nan, np.nan], equal_nan=True)


def test_a_whole_yunnan_has_the_figures_of_the_seed() -> None:
    made = plans(YUNNAN, "2018H1", Options())
    counties = [plan for plan in made if plan.unit.kind == "county"]
    assert len(counties) == 129
    assert sum(plan.unit.kind == "provincial_unit" for plan in made) == 50
    assert sum(plan.branches for plan in made) == 6256
    assert sum(plan.totals.get("branches_taking_part", 0) for plan in made) == 3800
    assert sum(plan.totals.get("members_taking_part", 0) for plan in made) == 126_000
    named = pd.DataFrame([plan.named for plan in made]).sum().to_dict()
    assert named == {"province": 38, "prefecture": 209, "county": 361}
    for key, sum_ in {
        "organisations_commended": 2590,
        "members_commended": 329,
        "working_committees": 48,
    }.items():
        assert sum(plan.counted.get(key, 0) for plan in made) == sum_
    assert max(plan.counted.get("working_committees", 0) for plan in made) == 1


@pytest.mark.parametrize(
    ("key", "period", "files"),
    [
        (YUNNAN, "2017H1", False), (YUNNAN, "2018H1", True), (YUNNAN, "2018H2", False), ("shiyan-six-good", "2022H1", False),
        ("shiyan-six-good", "2023H1", True), ("shiyan-six-good", "2023H2", False), ("zunyi-six-good", "2022H1", True),
    ],
)
def test_no_unit_files_a_naming_before_a_first_year_was_judged(key: str, period: str, files: bool) -> None:
    made = plans(key, period, Options())
    assert any(sum(plan.named.values()) for plan in made) is files


def test_units_file_as_named_whom_the_reviews_of_the_year_before_have_named(tmp_path: Path) -> None:
    awards = {"530102-B0001": "province", "530103-B0001": "county", "530000-001-B0001": "province"}
    truth = tmp_path / YUNNAN / "2017" / "_truth"
    truth.mkdir(parents=True)
    lines = ["branch_id,level", *(f"{branch},{level}" for branch, level in awards.items())]
    (truth / "awards.csv").write_text("\n".join(lines) + "\n", "utf-8")
    made = run(tmp_path, YUNNAN, "2018H1", scale=0.02, activities_per_branch=2)
    zh = {level.zh: level.key for level in load_bundle(YUNNAN).programme.levels}
    filed = {(row["branch_id"], zh[row["level"]]) for row in rows(made.folder / "_truth" / "honours.csv") if row["level"]}
    below = {"530102-B0001": ("county", "prefecture"), "530000-001-B0001": ("county", "prefecture")}
    assert filed == {*awards.items(), *((branch, level) for branch, levels in below.items() for level in levels)}
    counted = {row["indicator"] + row["part"]: float(row["value"]) for row in rows(made.folder / "_truth" / "totals.csv")
               if row["node_id"] == "P530000"}
    assert [counted[f"branches_named{level}"] for level in ("province", "prefecture", "county", "")] == [2, 0, 1, 3]


def test_scale_shrinks_branches_and_leaves_every_unit_one() -> None:
    small = [plan for plan in plans(YUNNAN, "2018H1", Options(scale=0.02)) if not plan.is_own]
    assert {plan.branches for plan in small} == {1}
    assert len(small) == len([plan for plan in plans(YUNNAN, "2018H1", Options()) if not plan.is_own])


def test_opening_is_the_closing_before_and_branches_keep_their_ids() -> None:
    options = Options()
    set_up = 0
    for unit_id in ("P530102", "P530321", "P530502", "U530000-002"):  # none of another name in the second half-year
        before, now = (draft(YUNNAN, period, unit_id, options) for period in ("2017H2", "2018H1"))
        own = now.tables["unit_figures"].true
        assert own["branches_opening"][0] == before.tables["unit_figures"].true["branches"][0]
        ids, ids_before = (set(each.branches["branch_id"]) for each in (now, before))
        assert len(ids - ids_before) == own["branches_established"][0]
        assert len(ids_before - ids) == own["branches_dissolved"][0]
        names, names_before = (dict(each.branches[["branch_id", "branch_name"]].to_numpy()) for each in (now, before))
        assert {each: names[each] for each in ids & ids_before} == {each: names_before[each] for each in ids & ids_before}
        set_up += len(ids - ids_before)
    assert set_up > 0


@pytest.mark.parametrize("key", IN_FORCE)
def test_branches_of_an_office_bear_its_name_and_no_other_offices(key: str) -> None:
    bundle, options = load_bundle(key), Options()
    offices = [each for each in plans(key, IN_FORCE[key], options) if each.unit.kind.endswith("_unit")]
    for plan in offices:
        names = branches_ever(bundle, plan, options)["branch_name"]
        rest = names.str.removeprefix(plan.unit.name)
        assert rest.str.match(r"(离退休干部|老年大学功能性|片区临时|社区夕阳红)(第\d+)?党支部$").all(), names.tolist()
    assert offices


def test_no_branch_stands_before_it_is_set_up_or_after_it_is_dissolved() -> None:
    bundle, when = load_bundle(YUNNAN), Period.parse("2018H1")
    plan = max(plans(YUNNAN, "2018H1", Options()), key=lambda each: each.branches)
    ever = branches_ever(bundle, plan, Options())
    assert standing(ever, ordinal(when)).sum() == plan.branches
    assert (ever["born"] < ever["died"]).all()


@pytest.mark.parametrize(("key", "period"), IN_FORCE.items())
def test_true_figures_keep_the_relations_of_the_catalogue(key: str, period: str) -> None:
    options = Options(scale=0.1)
    bundle = load_bundle(key)
    units = [plan.unit.unit_id for plan in plans(key, period, options) if not plan.is_own][:12]
    for unit_id in units:
        for table in draft(key, period, unit_id, options).tables.values():
            _assert_related(bundle, table.true)


def _assert_related(bundle: Bundle, true: dict[str, np.ndarray]) -> None:
    for key, values in true.items():
        if "__" in key:
            continue
        whole = bundle.catalogue.indicators[key].part_of
        if whole in true:
            assert (values <= true[whole]).all(), key
        parts = [part for name, part in true.items() if name.startswith(f"{key}__")]
        if parts:
            assert (sum(parts) == values).all(), key


def test_a_ledger_has_what_the_branches_report() -> None:
    made = draft(YUNNAN, "2018H1", "P530102", Options(scale=0.2))
    entries = pd.Series(made.tables["activities"].cells["activity_kind"])
    words = made.column("activities", "activity_kind").choices
    for key in ("party_meetings", "theme_days", "volunteer_activities"):
        kind = load_bundle(YUNNAN).catalogue.indicators[key].ledger_kind
        assert entries.map(words).eq(kind).sum() == made.tables["branches"].true[key].sum()
    cells = made.tables["activities"].cells
    entry = pd.DataFrame({name: cells[name] for name in ("branch_id", "held_on", "activity_kind")})
    assert not entry.duplicated().any()


def test_the_same_options_give_the_same_bytes(tmp_path: Path) -> None:
    for out in ("one", "two"):
        run(tmp_path / out, fault_rate="each", seed=5)
    one, two = (
        sorted(path for path in (tmp_path / out).rglob("*") if path.is_file()) for out in ("one", "two")
    )
    assert [path.relative_to(tmp_path / "one") for path in one] == [
        path.relative_to(tmp_path / "two") for path in two
    ]
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(one, two, strict=True))
    assert all(
        a.stat().st_mtime == b.stat().st_mtime
        for a, b in zip(one, two, strict=True)
        if "_truth" not in a.parts
    )


def test_arrival_times_tell_late_from_on_time_and_missing_units_send_nothing(tmp_path: Path) -> None:
    summary = run(tmp_path, late=3, missing=2)
    assert summary.units == {"late": 3, "missing": 2, "on_time": 20}
    due = due_day(load_bundle(DONGXIHU).programme, Period.parse("2017H2"))
    for unit in rows(summary.folder / "_truth" / "units.csv"):
        if unit["status"] == "missing":
            assert not (summary.folder / unit["unit_code"]).exists()
            continue
        arrived = dt.datetime.fromisoformat(unit["arrived_at"])
        assert arrived.utcoffset() == dt.timedelta(hours=8)
        assert (arrived.date() > due) == (unit["status"] == "late")
        first = min(path.stat().st_mtime for path in (summary.folder / unit["folder"]).iterdir())
        assert first == arrived.timestamp()


def test_without_faults_accepted_is_complete_and_every_file_reads_clean(tmp_path: Path) -> None:
    summary = run(tmp_path)
    truth = summary.folder / "_truth"
    assert (truth / "totals.csv").read_bytes() == (truth / "complete_totals.csv").read_bytes()
    layout = load_bundle(DONGXIHU).layout(Period.parse("2017H2"))
    found: dict[str, int] = {}
    for path in summary.folder.glob("4*/*"):
        reading = read_file(path.read_bytes(), path.name, layout)
        assert not reading.findings, path
        for table in reading.tables:
            found[table.table] = found.get(table.table, 0) + table.cells.num_rows
    assert found == dict(summary.rows)


def test_what_is_held_is_missing_in_the_accepted_totals_only(tmp_path: Path) -> None:
    summary = run(tmp_path, fault_rate="each")
    accepted, complete = (
        pd.read_csv(summary.folder / "_truth" / name, keep_default_na=False).query(
            "node_id == 'P420112' and part == ''"
        )
        for name in ("totals.csv", "complete_totals.csv")
    )
    sums = dict(zip(complete["indicator"], complete["value"].astype(float), strict=True))
    assert sums["branches"] == 25
    assert sums["members"] == 3800
    kept = dict(zip(accepted["indicator"], accepted["value"].astype(float), strict=True))
    assert 0 < kept["members"] < 3800


@pytest.mark.parametrize(("key", "period"), IN_FORCE.items())
def test_every_rule_finds_its_place(key: str, period: str, tmp_path: Path) -> None:
    when = Period.parse(period)
    options = Options(
        scale={YUNNAN: 0.1, "zunyi-six-good": 0.3}.get(key, 1.0), fault_rate="each", activities_per_branch=20
    )
    simulate(load_bundle(key), when.previous(), tmp_path, options)
    summary = simulate(load_bundle(key), when, tmp_path, options)
    lone_branches = {"A01", "B02", "H02", "H06", "S01"}  # need a second branch beside the spoilt one
    assert set(summary.unplanted) <= (lone_branches if key == DONGXIHU else set())
    places = {
        (fault["file"], fault["sheet"], fault["row"], fault["rule"])
        for fault in rows(summary.folder / "_truth" / "faults.csv")
    }
    assert len(places) > 30


def test_a_programme_whose_leaf_is_a_county_is_simulated_too(tmp_path: Path) -> None:
    folder = Path(__file__).parents[2] / "programmes"
    assert "census-yearbook" in programme_folders(folder)
    bundle = load_bundle("census-yearbook", folder)
    summary = simulate(bundle, Period.parse("2020"), tmp_path, Options())
    assert summary.rows == {"unit_figures": 88}
    top = (
        pd.read_csv(summary.folder / "_truth" / "totals.csv")
        .query("node_id == 'P520000'")
        .set_index("indicator")["value"]
    )
    assert top["性别比"] == pytest.approx(top["人口数_男"] / top["人口数_女"] * 100)


def test_a_programme_not_in_force_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not in force"):
        run(tmp_path, YUNNAN, "2016H2")


@pytest.mark.parametrize("key", ["zunyi-six-good", "zaozhuang-true-colour-home", DONGXIHU])
def test_no_person_is_given_the_title_of_a_branch(key: str) -> None:
    options, period = Options(scale=0.05, seed=3), IN_FORCE[key]
    tables = [draft(key, period, plan.unit.unit_id, options).tables["honours"].cells for plan in plans(key, period, options)[:6]]
    titles = {
        title for cells in tables for title, whom in zip(cells["honour_title"], cells["recipient_kind"], strict=True)
        if whom == "党员"
    }
    assert titles
    assert not [title for title in titles if "支部" in title]
