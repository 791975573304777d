"""What stands under 主要做法和成效: the units' activities, themes and own words, chosen as the programme says."""

from collections.abc import Mapping

from etl.core.programmes.documents import DispatchSettings
from etl.core.reports.activity import activity_rows, practice_rows, theme_rows
from etl.core.reports.figure_text import Measure, is_known, prose_text
from etl.core.reports.index import Record, ReportFrames
from etl.core.reports.list_rows import OwnWords, Practice, UnitFigure
from etl.core.reports.told import address
from etl.core.wording import Wording


def practice(
    frames: ReportFrames,
    node_id: str,
    units: list[Record],
    settings: DispatchSettings,
    measure: Measure,
    words: Wording,
) -> Practice:
    """What the units did (activities, themes) and wrote; the words of those that rank best come first."""
    wanted = settings.practice
    names = {unit["unit_id"]: str(unit["name"]) for unit in units}
    texts = frames.of_units("texts", units)
    own = {unit: row for unit in names if (row := frames.figures.get((unit, settings.ranking)))}
    ranked = sorted((row["rank_in_tier"], unit) for unit, row in own.items() if is_known(row["rank_in_tier"]))
    best_first = {unit: place for place, (_, unit) in enumerate(ranked)}
    last_first = {unit: len(ranked) - place for unit, place in best_first.items()}
    told_beside = {} if measure.unit in settings.people_units else _told_of_units(own, measure, words)

    def words_of(indicator: str, by: Mapping[str, int]) -> list[OwnWords]:
        return practice_rows(
            texts, indicator, by, names, told_beside, most=wanted.units, longest=wanted.longest
        )

    least_units = 2 if len(names) > 1 else 1
    return {
        "activities": activity_rows(node_id, frames.of_units("activities", units), names, words),
        "most_activities": wanted.activities,
        "themes": theme_rows(node_id, frames.of_units("themes", units), wanted.themes, least_units),
        "practices": words_of(wanted.practices, best_first),
        "difficulties": words_of(wanted.difficulties, last_first),
        "plans": words_of(wanted.plans, best_first),
    }


def own_words(told: Practice) -> dict[str, list[OwnWords]]:
    """The units' own words by what they are about."""
    return {"practices": told["practices"], "difficulties": told["difficulties"], "plans": told["plans"]}


def _told_of_units(own: Mapping[str, Record], measure: Measure, words: Wording) -> dict[str, UnitFigure]:
    """Each unit's ranking figure, as number, text and address; those that nobody filed are left out."""
    return {
        unit: {
            "number": row["value"],
            "text": prose_text(row["value"], measure, words, bool(row["at_least"])),
            "address": address(unit, measure.key),
        }
        for unit, row in own.items()
        if is_known(row["value"])
    }
