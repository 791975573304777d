"""Totals, completeness and findings → the one model from which PDF, mail and every later form are made.

The model is plain JSON: nothing is computed after it, and every figure stands in it as number and as text.
Narrative templates add `blocks` and `labels` (etl.edges.templates); the typesetter and the mail only lay out.
"""

from collections.abc import Mapping
from statistics import median

from etl.core.programmes.documents import DispatchSettings
from etl.core.reports.charts import axis, bars, dumbbell, movers, trend
from etl.core.reports.comparable import units_in_one_period
from etl.core.reports.divisions import division_rows
from etl.core.reports.figure_rows import Column, Figure, PeerGroup, PlainGroup, PlainRow, RankedGroup, Scaled
from etl.core.reports.figure_text import Measure, cell_text, printed
from etl.core.reports.figures import count_or_zero, node_figures
from etl.core.reports.head import Edition, edition_part, head_part
from etl.core.reports.index import Record, ReportFrames
from etl.core.reports.issues import Judged, issue_rows
from etl.core.reports.list_rows import Outstanding
from etl.core.reports.model import DISPATCH, Comparable, Counts, Definition, ParentPart, Quality, ReportModel
from etl.core.reports.practice import practice
from etl.core.reports.records import has_annex, records_part
from etl.core.reports.tables import (
    fewest_shown,
    outstanding_rows,
    peer_group,
    problem_rows,
    ranked_groups,
    standing_rows,
    tier_word,
)
from etl.core.reports.told import address
from etl.core.wording import Wording, joined, one_line, whole_of

__all__ = ["COUNT_UNIT", "Edition", "ReportFrames", "build_dispatch"]

COUNT_UNIT = "个"


def build_dispatch(
    frames: ReportFrames,
    edition: Edition,
    settings: DispatchSettings,
    measures: Mapping[str, Measure],
    words: Wording,
) -> ReportModel:
    """The half-yearly dispatch of one node as a JSON-able model, without its prose.

    Raises LookupError if the node has no line in `completeness`.
    """
    node = frames.nodes.get(edition.node_id)
    if node is None:
        raise LookupError(f"no node {edition.node_id} in {edition.programme} {edition.period}")
    name, tier = one_line(str(node["name"])), str(node["tier"])
    units = frames.units_under(edition.node_id)
    below = frames.children.get(edition.node_id, [])
    children = [child for child in below if child["tier"] not in settings.unranked_tiers]
    groups = ranked_groups(frames.figures, children, tier, settings, measures, words)
    keys = [*settings.headline, settings.ranking]
    *headline, ranked = node_figures(
        frames.figures, edition.node_id, keys, measures, words, lambda m: fewest_shown(m, tier, settings)
    )
    for figure in headline:
        figure["missing"] += _without(frames, units, figure["key"])
    problems = problem_rows(edition.node_id, frames.findings_at(units), words, COUNT_UNIT)
    outstanding = outstanding_rows(units, _parents(frames, edition.node_id), words)
    measure = measures[settings.ranking]
    model: ReportModel = {
        "kind": DISPATCH,
        "edition": edition_part(edition, name, tier, words),
        "head": head_part(edition, name, tier, frames.nodes.get(node["parent_id"]), settings, words),
        "parent": _parent(frames.nodes.get(node["parent_id"]), tier, settings, words),
        "headline": headline,
        "comparable": _comparable(frames, units, edition, settings),
        "ranking": {
            "figure": ranked,
            "better": measure.better,
            "columns": [_column(measures[key]) for key in settings.table],
            "groups": [_with_chart(group, ranked, measure, words) for group in groups],
        },
        "peers": _peers(frames, node, settings, measures, words),
        "practice": practice(frames, edition.node_id, units, settings, measure, words),
        "on_record": records_part(frames, edition.node_id, tier, edition.period, settings, words),
        "issues": issue_rows(
            frames.figures, edition.node_id, _judged(frames, children or [node]), settings.issues, edition.issued_on,
            measures, words, _fewest(tier, settings, measures),
        ),
        "quality": _quality(node, outstanding, words),
        "problems": problems,
        "outstanding": outstanding,
        "divisions": division_rows(
            frames.divisions.to_dict("records"), frames.inside(edition.node_id), words
        ),
        "standing": standing_rows(edition.node_id, frames.of_units("standing", units), words, COUNT_UNIT),
        "trend": trend(ranked, edition.period, edition.previous, edition.last_year, measure, words),
        "bars": bars(problems),
        "definitions": _definitions(settings, measures),
        "annexes": [],
    }
    model["annexes"] = _annexes(model)
    return model


def _column(measure: Measure) -> Column:
    return {"key": measure.key, "zh": measure.zh, "unit_zh": measure.unit_zh, "percent": measure.percent,
            "decimals": measure.decimals}


def _comparable(
    frames: ReportFrames, units: list[Record], edition: Edition, settings: DispatchSettings
) -> Comparable:
    """How many units have a figure in one of the two compared periods only; a unit's own report compares itself alone."""
    if edition.previous is None or len(units) < 2:
        return {"lost": 0, "gained": 0}
    found = units_in_one_period(frames.figures, [unit["unit_id"] for unit in units], settings.headline)
    return {"lost": len(found["lost"]), "gained": len(found["gained"])}


def _without(frames: ReportFrames, units: list[Record], key: str) -> int:
    """How many units filed a figure in the period before and have none now: their row is held, or nothing came."""
    return len(units_in_one_period(frames.figures, [unit["unit_id"] for unit in units], [key])["lost"])


def _judged(frames: ReportFrames, nodes: list[Record]) -> list[Judged]:
    return [(node, [unit["unit_id"] for unit in frames.units_under(node["node_id"])]) for node in nodes]


def _parents(frames: ReportFrames, node_id: str) -> dict[str, str]:
    """Names of nodes by id, without the reported one: in its own report nobody needs to be told."""
    return {each: str(row["name"]) for each, row in frames.nodes.items() if each != node_id}


def _peers(
    frames: ReportFrames,
    node: Record,
    settings: DispatchSettings,
    measures: Mapping[str, Measure],
    words: Wording,
) -> PeerGroup | None:
    if node["parent_id"] is None:
        return None
    peers = frames.children.get(node["parent_id"], [])
    group = peer_group(frames.figures, node, peers, settings, measures, words)
    return (
        None
        if group is None
        else {**group, **_scaled(group["rows"], None, measures[settings.ranking], words)}
    )


def _fewest(tier: str, settings: DispatchSettings, measures: Mapping[str, Measure]) -> dict[str, int]:
    """Per unit of measure, the least count of people that may be told of others."""
    used = [measures[rule.indicator] for rule in settings.issues]
    return {measure.unit: fewest_shown(measure, tier, settings) for measure in used}


def _annexes(model: ReportModel) -> list[str]:
    """The annexes that have something to show, in their order."""
    groups = model["ranking"]["groups"]
    has_content = {
        "overview": any(figure["known"] for figure in model["headline"]),
        "ranking": any(row["rank"] is not None for group in groups for row in group["rows"]),
        "peers": model["peers"] is not None,
        "activity": bool(model["practice"]["activities"]),
        "records": has_annex(model["on_record"]),
        "issues": bool(model["issues"]),
        "problems": bool(model["problems"]),
        "outstanding": bool(model["outstanding"]),
        "standing": bool(model["standing"]),
        "divisions": bool(model["divisions"]),
    }
    return [annex for annex, shown in has_content.items() if shown]


def _parent(
    parent: Record | None, tier: str, settings: DispatchSettings, words: Wording
) -> ParentPart | None:
    """How the node's equals under the same parent are called, to say where it stands; None at the top."""
    if parent is None:
        return None
    return {
        "whole": whole_of(one_line(str(parent["name"])), words),
        "tier_zh": tier_word(tier, settings, words),
    }


def _with_chart(group: PlainGroup, ranked: Figure, measure: Measure, words: Wording) -> RankedGroup:
    """The group with its chart and reference: the whole's own share, or the median where figures add up."""
    scaled = _scaled(group["rows"], ranked["number"] if measure.percent else None, measure, words)
    return {
        **group,
        **scaled,
        "movers": movers(group["rows"]),
        "chart": dumbbell(group["rows"], scaled["reference"], measure),
    }


def _scaled(
    rows: list[PlainRow], reference: float | None, measure: Measure, words: Wording
) -> Scaled:
    """What a table's dot strip needs: the scale, the reference (the median where none is given), which `rows` are `below` it."""
    values = [row["number"] for row in rows if row["number"] is not None]
    if reference is None and values:
        reference = median(values)
    marked = values if reference is None else [*values, reference]
    return {
        "rows": [{**row, "below": _reads_below(row["number"], reference, measure)} for row in rows],
        "filed": len(values),
        "reference": reference,
        "reference_text": cell_text(reference, measure, words),
        "scale": axis(marked, measure) if values else None,
    }


def _reads_below(number: float | None, reference: float | None, measure: Measure) -> bool:
    return number is not None and reference is not None and printed(number, measure) < printed(reference, measure)


def _counts(node: Record) -> Counts:
    return {
        "units_expected": count_or_zero(node["units_expected"]),
        "units_received": count_or_zero(node["units_received"]),
        "units_on_time": count_or_zero(node["units_on_time"]),
        "units_late": count_or_zero(node["units_late"]),
        "units_missing": count_or_zero(node["units_missing"]),
        "rows_in": count_or_zero(node["rows_in"]),
        "rows_accepted": count_or_zero(node["rows_accepted"]),
        "rows_held": count_or_zero(node["rows_held"]),
        "rows_blank": count_or_zero(node["rows_blank"]),
        "findings_file": count_or_zero(node["findings_file"]),
        "findings_row": count_or_zero(node["findings_row"]),
        "findings_warning": count_or_zero(node["findings_warning"]),
    }


def _quality(node: Record, outstanding: list[Outstanding], words: Wording) -> Quality:
    counts = _counts(node)
    expected = counts["units_expected"]
    names = {
        status: [row["name"] for row in outstanding if row["status"] == status]
        for status in ("missing", "late", "held")
    }
    return {
        **counts,
        "addresses": {column: address(str(node["node_id"]), "completeness", column) for column in counts},
        "on_time_share": counts["units_on_time"] / expected if expected else None,
        "names": {
            "missing": joined(names["missing"], words, most=8),
            "late": joined(names["late"], words, most=8),
            "held": joined(names["held"], words, most=8),
        },
        "units_held": len(names["held"]),
        "most_days_late": max(
            (row["days_late"] for row in outstanding if row["status"] == "late"), default=0
        ),
        "balanced": counts["rows_in"] == counts["rows_accepted"] + counts["rows_held"] + counts["rows_blank"],
    }


def _definitions(settings: DispatchSettings, measures: Mapping[str, Measure]) -> list[Definition]:
    return [
        {"zh": measures[key].zh, "definition": measures[key].definition}
        for key in settings.indicators
        if measures[key].definition
    ]
