"""Golden years: what the seeds themselves say of namings, themes and dues, for all five programmes."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from etl.core.awards.award_inputs import AwardInputs, review_frame, seal
from etl.core.awards.award_table import award
from etl.core.awards.quota import Taken, places_left
from etl.core.awards.review import Ground, problems
from etl.core.awards.scoring import judged_items
from etl.core.period import Period
from etl.edges.programmes import load_bundle, programme_folders
from etl.simulate.reviews import Reviewed, reviews_for
from tests.support.naming import YUNNAN, inputs_of, review, score_rows

PROVINCE_BRANCHES = 6256


def province(branches: int, seed: int = 1) -> AwardInputs:
    """Scores of so many branches, spread over the units that must report in Yunnan at the end of 2017."""
    bundle, rng = load_bundle(YUNNAN), np.random.default_rng(seed)
    units = [unit.node_id for unit in bundle.register(Period.parse("2017")).units if unit.must_report]
    points = rng.uniform(60, 100, branches)
    rows = [
        score_rows(
            bundle.programme, {f"b{n:06d}": round(float(points[n]), 2)}, node_id=units[n % len(units)]
        )[0]
        for n in range(branches)
    ]
    return inputs_of(rows)


def judged(inputs: AwardInputs, scale: float) -> tuple[AwardInputs, Reviewed]:
    """The inputs with simulated reviews, every one of which may be taken."""
    made = reviews_for(inputs, scale, seed=1)
    day = dt.date(2018, 1, 15)
    paths = {row.branch_id: inputs.paths[row.node_id] for row in inputs.scores.itertuples()}
    ground = Ground(inputs.programme, paths, {}, {}, Decimal(100), day)
    listed = []
    for entry in made.entries:
        assert problems(entry, ground) == []
        kept = review(
            entry.branch_id,
            entry.tier,
            entry.verdict,
            entry.level or None,
            points=entry.points or None,
            reason=entry.reason,
        )
        ground.held.setdefault(entry.branch_id, {})[entry.tier] = kept
        listed.append(kept)
    return replace(inputs, reviews=review_frame(listed)), made


def test_yunnan_2017_names_608_branches_38_and_209_and_361() -> None:
    inputs, made = judged(province(PROVINCE_BRANCHES), 1.0)
    result = award(inputs)
    assert result.named() == {"province": 38, "prefecture": 209, "county": 361}
    counted = result.table[result.table["highest"]]
    assert len(counted) == 38 + 209 + 361 == 608
    assert dict(zip(counted["branch_id"], counted["level"], strict=True)) == made.named
    assert (result.table["outcome"] == "waiting").sum() == 8  # a fifth more than 38 were recommended
    assert result.places["province", "P530000"].left == 38


@pytest.mark.parametrize("scale", [0.05, 0.2])
def test_yunnan_at_a_smaller_scale_names_in_proportion(scale: float) -> None:
    inputs, _ = judged(province(round(PROVINCE_BRANCHES * scale)), scale)
    told = {"province": 38, "prefecture": 209, "county": 361}
    assert award(inputs).named() == {level: round(number * scale) for level, number in told.items()}


def test_yunnan_has_62_of_100_left_after_its_first_year() -> None:
    programme = load_bundle(YUNNAN).programme
    named = [Taken("province", "P530000", 2017, False)] * 38
    places = places_left(programme, programme.level("province"), "P530000", 2018, named, [])
    assert (places.quota, places.taken, places.left) == (100, 38, 62)


def test_zaozhuang_has_a_theme_each_year_of_its_plan() -> None:
    programme = load_bundle("zaozhuang-true-colour-home").programme
    themes = {year: programme.theme(year) for year in range(2019, 2024)}
    told = {year: theme.zh for year, theme in themes.items() if theme}
    assert told == {2020: "党支部规范化建设", 2021: "党支部组织力提升", 2022: "党支部全面进步全面过硬"}


def test_zaozhuang_climbs_one_level_a_year() -> None:
    programme, node = "zaozhuang-true-colour-home", "P370402"
    rows = score_rows(load_bundle(programme).programme, {"a": 99.0}, node_id=node)
    said = [review("a", tier, level="robust") for tier in ("county", "prefecture")]
    titles: list[tuple[str, str, str, str, bool, bool]] = []
    reached = []
    for year in ("2020", "2021", "2022"):
        result = award(inputs_of(rows, said, programme=programme, period=year, titles=titles))
        (level,) = result.named()
        reached.append(level)
        titles.append(("a", level, node, year, True, False))
    assert reached == ["standardised", "advanced", "robust"]


def test_zunyi_names_in_its_second_batch_who_held_the_citys_title_before() -> None:
    programme, node = "zunyi-six-good", "P520329/子营街道"
    rows = score_rows(load_bundle(programme).programme, {"held": 95.0, "new": 99.0}, node_id=node)
    tiers = ("township", "county", "prefecture", "province")
    said = [review(b, tier, level="province") for b in ("held", "new") for tier in tiers]
    titles = [("held", "prefecture", "P520300", "2023B1", True, False)]
    result = award(inputs_of(rows, said, programme=programme, period="2024B2", titles=titles))
    mine = result.table[result.table["level"] == "province"].set_index("branch_id")
    assert mine.loc["held", "outcome"] == "named"
    assert mine.loc["new", "reason"] == "level_below:prefecture"
    assert result.named() == {"prefecture": 1, "province": 1}  # the new one takes the city's title first


DUES = [
    ("dongxihu-small-gear", "sum__", "700", "5"),
    ("dongxihu-small-gear", "sum__", "690", "0"),
    ("zunyi-six-good", "branch__", "1000", "7"),
    ("zunyi-six-good", "branch__", "990", "0"),
]


@pytest.mark.parametrize(("programme", "prefix", "returned", "points"), DUES)
def test_dues_go_back_at_70_percent_in_dongxihu_and_whole_in_zunyi(
    programme: str, prefix: str, returned: str, points: str
) -> None:
    bundle = load_bundle(programme)
    items = judged_items(bundle.programme, bundle.catalogue, bundle.programme.valid.since)
    item = next(each for each in items if each.item.key == "dues_returned")
    assert [wanted.column for wanted in item.wanted] == [f"{prefix}dues_returned", f"{prefix}dues_collected"]
    value, of = (np.array([int(Decimal(text) * 10_000)]) for text in (returned, "1000"))
    earned = item.item.how.points(value, of, int(item.item.points * 100))
    assert Decimal(int(earned[0])) / 100 == Decimal(points)


def test_shiyan_judges_on_site_and_dongxihu_by_a_yearly_target_without_a_mark() -> None:
    modes = {key: load_bundle(key).programme.rubric for key in programme_folders()}
    told = {key: rubric.mode for key, rubric in modes.items() if rubric}
    assert told == {
        "dongxihu-small-gear": "target", "shiyan-six-good": "inspection", "yunnan-model-branch": "score",
        "zaozhuang-true-colour-home": "points", "zunyi-six-good": "checklist",
    }
    rows = score_rows(load_bundle("dongxihu-small-gear").programme, {"a": 1.0}, node_id="U420112-001")
    result = award(
        inputs_of(
            rows, [review("a", "county", level="county")], programme="dongxihu-small-gear", period="2017"
        )
    )
    assert result.named() == {"county": 1}


def test_the_sealed_province_is_the_same_whatever_the_order_of_its_rows() -> None:
    inputs, _ = judged(province(600), 0.1)
    shuffled = replace(
        inputs,
        scores=inputs.scores.sample(frac=1, random_state=3),
        reviews=inputs.reviews.sample(frac=1, random_state=4),
    )
    assert seal(shuffled) == seal(inputs)
    pd.testing.assert_frame_equal(award(shuffled).table, award(inputs).table)
