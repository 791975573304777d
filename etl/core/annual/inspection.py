"""What a place found on its visits to branches in a year, as a model: how many, place by place, each branch with its findings."""

import datetime as dt
from collections import Counter

from etl.core.annual.model import Inspection, Visit
from etl.core.annual.papers import PaperOf, YearFrames, common_parts
from etl.core.programmes.documents import inspection_word
from etl.core.reports.name_lists import places_below
from etl.core.wording import Wording, day_text, one_line, short_day_text

VERDICTS = ("recommend", "return", "refuse")


def build_inspection(paper: PaperOf, frames: YearFrames, words: Wording) -> Inspection:
    """The report of a place's visits: counts by verdict and by place just below (those straight under it: ''), and every visit.

    LookupError if the place visited nobody.
    """
    rows = _visits(paper, frames, words)
    if not rows:
        raise LookupError(f"{paper.node.node_id} visited nobody in {paper.period}")
    verdicts, places = Counter(row["verdict"] for row in rows), Counter(row["place"] for row in rows)
    days = sorted(row["visited_on"] for row in rows)
    return {
        "kind": "inspection", **common_parts(paper, words), "lists": [], "inspection": inspection_word(paper.settings),
        "visits": rows,
        "first_day_zh": _day(days[0], words), "last_day_zh": _day(days[-1], words),
        "verdicts": [{"verdict": key, "count": verdicts[key]} for key in VERDICTS if verdicts[key]],
        "places": [{"name": name, "count": count} for name, count in places.most_common()], "annexes": ["visits"],
    }


def _day(iso: str, words: Wording) -> str:
    return day_text(dt.date.fromisoformat(iso), words)


def _in_table(iso: str, paper: PaperOf, words: Wording) -> str:
    """A day of the paper's year without its year, any other in full."""
    day = dt.date.fromisoformat(iso)
    return short_day_text(day, words) if day.year == paper.period.year else day_text(day, words)


def _visits(paper: PaperOf, frames: YearFrames, words: Wording) -> list[Visit]:
    """The place's visits: places in the order of the register, those straight under it last, within one the earliest first."""
    below = places_below(paper.register, paper.node.node_id)
    order = {node.node_id: at for at, node in enumerate(paper.register.nodes)}
    names = {node.node_id: one_line(node.name) for node in paper.register.nodes}
    mine = [row for row in frames.visits if row["node_id"] == paper.node.node_id]
    return [
        {
            "place": names.get(below.get(row["unit_id"], ""), ""), "branch": one_line(row["branch_name"]),
            "visited_on": row["visited_on"], "day_zh": _in_table(row["visited_on"], paper, words), "verdict": row["verdict"],
            "points": row["points"], "findings": one_line(row["findings"]),
        }
        for row in sorted(mine, key=lambda row: (
            order.get(below.get(row["unit_id"], ""), len(order)), row["visited_on"], row["branch_id"],
        ))
    ]
