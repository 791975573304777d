"""The shipped programmes: each loads for every half-year it claims, and says where its numbers come from."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from etl.core.judging.year_checks import TOLERANCE
from etl.core.mail.offices import Offices, recipients
from etl.core.period import Period
from etl.core.strict_yaml import load
from etl.edges.programmes import SHIPPED, load_bundle, programme_folders
from etl.errors import ConfigError, Misuse

PROGRAMMES = sorted(programme_folders())
LAST = Period.parse("2026H1")  # an open programme is tried until here
MEASURE = re.compile("(人次|场次|[人次场册条起件户份个对项期篇])数?$")
_WORDS = ("zh", "en", "key", "tier", "ref", "origin", "kind")


def _half_years(programme: str) -> Iterator[Period]:
    valid = load_bundle(programme).programme.valid
    period = Period.containing(valid.since, "half_year")
    while load_bundle(programme).programme.covers(period) and period.last_day <= LAST.last_day:
        yield period
        period = period.next()


EACH_PERIOD = [(programme, period) for programme in PROGRAMMES for period in _half_years(programme)]


def test_five_programmes_are_shipped() -> None:
    assert len(PROGRAMMES) == 5
    assert len(EACH_PERIOD) == len({(programme, str(period)) for programme, period in EACH_PERIOD}) > 30


@pytest.mark.parametrize(("programme", "period"), EACH_PERIOD, ids=str)
def test_layout_and_register_stand_in_every_half_year(programme: str, period: Period) -> None:
    bundle = load_bundle(programme)
    layout, register = bundle.layout(period), bundle.register(period)
    for table in layout.tables:
        headings = [heading for column in table.columns for heading in column.headings]
        assert len(headings) == len(set(headings)), f"a heading of {table.key} could be two columns"
    assert len({unit.unit_id for unit in register.units}) == len(register.units) > 0
    assert sum(len(register.batch(batch)) for batch in register.batch_ids()) == len(register.units)
    assert register.top.code == bundle.programme.top.code


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_the_number_of_places_is_the_one_the_source_states(programme: str) -> None:
    bundle = load_bundle(programme)
    nodes = bundle.register(next(_half_years(programme))).nodes
    told = {tier.tier: tier.count for tier in bundle.programme.tiers if tier.tier != bundle.programme.leaf}
    stated = {tier: count for tier, count in told.items() if count is not None}
    assert {tier: sum(node.tier == tier for node in nodes) for tier in stated} == stated


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_a_unit_is_asked_about_the_branches_that_reviewers_are_told_of(programme: str) -> None:
    told = load_bundle(programme).programme
    [asked] = [each for each in told.thresholds.values() if each.ratio == "members"]
    assert told.eligibility
    assert (asked.min, asked.max, asked.severity) == (told.eligibility.min_members, told.eligibility.max_members, "warn")


def _unsourced(raw: Any, path: str = "") -> Iterator[str]:
    """Mappings that hold a number or a truth value and have no origin."""
    if isinstance(raw, dict):
        numbers = [key for key, value in raw.items() if isinstance(value, int | float) and key not in _WORDS]
        if numbers and "origin" not in raw and not path.endswith((".min", ".documents")):
            yield f"{path}: {', '.join(numbers)}"
        for key, value in raw.items():
            yield from _unsourced(value, f"{path}.{key}")
    elif isinstance(raw, list):
        for number, value in enumerate(raw):
            yield from _unsourced(value, f"{path}[{number}]")


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_every_number_has_an_origin(programme: str) -> None:
    raw = load((SHIPPED / programme / "programme.yaml").read_text(encoding="utf-8"))
    assert list(_unsourced(raw)) == []


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_every_indicator_has_a_heading_and_its_relations_are_asked_for(programme: str) -> None:
    bundle = load_bundle(programme)
    used = {use.key for use in bundle.programme.indicators}
    for key in used:
        indicator = bundle.catalogue.indicators[key]
        assert indicator.zh
        if indicator.formula:
            assert set(indicator.parsed_formula.names) <= used, f"{key} cannot be recomputed"


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_every_report_finds_its_offices(programme: str) -> None:
    bundle = load_bundle(programme)
    offices = Offices.model_validate(load((SHIPPED / "offices.yaml").read_text(encoding="utf-8")))
    period = next(_half_years(programme))
    register = bundle.register(period)
    for report in bundle.programme.reports:
        for node in register.nodes:
            if node.tier in report.tiers and node.node_id.startswith("P"):
                found = recipients(report, node, register, offices, period.last_day)
                assert found, report.key
                assert all(recipient.address.endswith("@example.test") for recipient in found)


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_a_report_addressed_to_the_place_above_is_sent_there(programme: str) -> None:
    bundle = load_bundle(programme)
    dispatch = bundle.programme.documents.dispatch if bundle.programme.documents else None
    if dispatch is not None:
        upward = {tier for tier, direction in dispatch.direction.items() if direction == "upward"}
        assert set(bundle.programme.report("dispatch").upward) == upward
        assert not upward & set(dispatch.own_rows_tiers), "few people are told of in a paper that leaves the county"


def test_what_a_name_says_is_counted_may_be_written_after_the_number() -> None:
    """送学上门人数 takes 23人 (E14): a clerk who writes the measure of the heading has written no wrong unit."""
    catalogue = load_bundle(PROGRAMMES[0]).catalogue
    counted = {key: MEASURE.search(each.zh) for key, each in catalogue.indicators.items() if each.filed_by != "ledger"}
    measures = {key: found[1] for key, found in counted.items() if found and catalogue.unit_of(key).words}
    assert len(measures) > 40
    assert {key: word for key, word in measures.items() if word not in catalogue.unit_of(key).words} == {}


def test_a_figure_of_all_members_says_so_in_its_name() -> None:
    catalogue = load_bundle(PROGRAMMES[0]).catalogue.indicators
    named = {key: each.zh for key, each in catalogue.items() if each.scope == "all_members"}
    assert set(named) == {"households_paired", "matters_solved"}  # 985 branches and 23,000 matters were the whole district's
    assert all(zh.startswith("全体党员") for zh in named.values())


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_the_half_years_bound_of_dues_is_the_rate_that_the_programme_states(programme: str) -> None:
    """E9: 0.70 and 1.00; the year's check takes the rate itself, with the same half a point either way."""
    scheme = load_bundle(programme).programme
    bound = scheme.thresholds.get("dues_return_rate")
    rate = scheme.dues.return_rate if scheme.dues else None
    assert (bound is None) == (rate is None)
    if bound and rate is not None:
        assert (bound.min, bound.max) == (pytest.approx(rate - TOLERANCE), pytest.approx(rate + TOLERANCE))


def test_every_indicator_and_letterhead_has_its_english() -> None:
    catalogue = load_bundle("yunnan-model-branch").catalogue.indicators
    assert {key for key, each in catalogue.items() if not each.en} == set()
    named = [each.en for each in catalogue.values()]
    assert len(set(named)) == len(named)
    documents = [load_bundle(key).programme.documents for key in programme_folders()]
    assert all(each.dispatch.english for each in documents if each)


def _copy(folder: Path, change: tuple[str, str] | None = None, key: str = "copied") -> Path:
    text = (SHIPPED / "shiyan-six-good" / "programme.yaml").read_text(encoding="utf-8")
    text = text.replace("programme: shiyan-six-good", f"programme: {key}")
    if change:
        assert change[0] in text
        text = text.replace(*change)
    (folder / "copied").mkdir()
    (folder / "copied" / "programme.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_programme_of_another_folder_loads(tmp_path: Path) -> None:
    assert load_bundle("copied", _copy(tmp_path)).programme.programme == "copied"


REFUSED = {
    "an unknown key": ("\ndue:", "\ncolour: red\ndue:"),
    "what is no YAML": ("\ndue:", "\n- due:"),
    "a duplicate key": ("\ndue:", "\ndue: {day: 1, origin: assumed}\ndue:"),
    "an indicator nobody defines": ("{key: pairs,", "{key: pears,"),
    "an indicator twice": ("{key: pairs,", "{key: members,"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_doubtful_does_not_load(tmp_path: Path, case: str) -> None:
    with pytest.raises(ConfigError):
        load_bundle("copied", _copy(tmp_path, REFUSED[case]))


def test_a_folder_that_holds_another_programme_does_not_load(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds the programme other"):
        load_bundle("copied", _copy(tmp_path, key="other"))


def test_a_side_unit_of_another_province_is_refused_with_its_code(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    header, unit = "code,name,kind,reports_to,valid_from,valid_to", "530100-001,某局,city_unit,530100,,"
    (folder / "copied" / "units.csv").write_text(f"{header}\n{unit}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="copied, 2024H1: 530100-001: reports to 530100"):
        load_bundle("copied", folder).register(Period.parse("2024H1"))


def test_a_shipped_key_cannot_be_used_again(tmp_path: Path) -> None:
    (tmp_path / "shiyan-six-good").mkdir()
    (tmp_path / "shiyan-six-good" / "programme.yaml").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="in the package"):
        programme_folders(tmp_path)


def test_an_unknown_programme_is_a_misuse() -> None:
    with pytest.raises(Misuse, match="yunnan-model-branch"):
        load_bundle("nowhere")
