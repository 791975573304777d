"""The annexes of a year's papers for the Word copy: tables as sheets, lists of names as rows, the same numbers as the pages."""

from collections.abc import Sequence
from typing import TypedDict

from etl.core.annual.model import InspectionPaper, LevelName, PaperList, PlaceRow, SummaryPaper, YearPaper
from etl.core.reports.cells import Cell, Sheet, SheetColumn
from etl.core.reports.model import Labels

QUIET = "—"
"""What stands for a count of none."""


class NameRows(TypedDict):
    """The names of a place, or of a whole list, in rows of its columns. `title`: empty where there are no places."""

    title: str
    rows: list[list[str]]


def annex_titles(model: YearPaper) -> list[tuple[str, str]]:
    """The annexes in order: key and title. A paper that does not list its annexes has the one list of names."""
    listed = model["annexes"] if model["kind"] == "commendation" or model["kind"] == "inspection" else ["lists"]
    return [(key, str(model["labels"][f"annex_{key}"])) for key in listed]


def year_tables(model: YearPaper, annex: str) -> list[Sheet]:
    """The tables of an annex; none for the lists of names."""
    if model["kind"] == "inspection":
        return [_visits(model)] if annex == "visits" else []
    if model["kind"] == "commendation":
        return [_places(model)] if annex == "places" else [_checks(model)] if annex == "checks" else []
    return []


def _places(model: SummaryPaper) -> Sheet:
    table, labels = model["table"], model["labels"]
    levels = table["levels"]
    heads = [labels["column_place"]]
    heads += [labels["column_named"]] if levels else []
    heads += [labels["column_of_level"].format(level=level["zh"]) for level in levels] if len(levels) > 1 else []
    heads += [labels["column_organisations"], labels["column_members"]]
    rows = [_place_row(row, row["name"] or labels["straight"], levels) for row in table["rows"]]
    whole = _place_row(table["total"], labels["whole"], levels)
    longest = max(len(row[0].text) for row in (*rows, whole))  # each column as wide as its longest line, and a character
    widths = [longest + 1, *(max(map(len, head.split("\n"))) + 1 for head in heads[1:])]
    columns = tuple(
        SheetColumn(head, width, "right" if at else "left")
        for at, (head, width) in enumerate(zip(heads, widths, strict=True))
    )
    return Sheet("places", "", "", "", columns, (*rows, whole), own=len(rows))


def _place_row(row: PlaceRow, name: str, levels: Sequence[LevelName]) -> tuple[Cell, ...]:
    numbers = [row["named"]] if levels else []
    numbers += row["levels"] if len(levels) > 1 else []
    return (Cell(name), *(_count(each) for each in (*numbers, row["organisations"], row["members"])))


def _checks(model: SummaryPaper) -> Sheet:
    labels = model["labels"]
    heads = labels["check_heads"]
    widths = (3.0, 2.0, 1.0, 1.0, 1.0, 1.0)
    columns = tuple(
        SheetColumn(head, width, "left" if width > 1 else "right") for head, width in zip(heads, widths, strict=True)
    )
    rows = tuple(
        (Cell(check["zh"]), Cell(labels["check_rules"][at]), Cell(str(check["judged"])),
         _count(check["judged"] - check["short"]), _count(check["short"], good=False), _count(check["missing"]))
        for at, check in enumerate(model["checks"])
    )
    return Sheet("checks", "", "", "", columns, rows)


def _visits(model: InspectionPaper) -> Sheet:
    labels = model["labels"]
    columns = tuple(
        SheetColumn(head, width, "right" if width < 1 else "left")
        for head, width in zip(labels["visit_heads"], (1.3, 2.6, 1.2, 1.1, 0.9, 3.2), strict=True)
    )
    rows = tuple(
        (Cell(row["place"] or labels["straight"]), Cell(row["branch"]), Cell(row["day_zh"]),
         Cell(labels[f"verdict_{row['verdict']}"]), Cell(row["points"] or QUIET), Cell(row["findings"]))
        for row in model["visits"]
    )
    return Sheet("visits", "", "", "", columns, rows)


def _count(number: int, good: bool | None = None) -> Cell:
    return Cell(str(number), number, good=good) if number else Cell(QUIET)


def heading_of(listed: PaperList, model: YearPaper) -> str:
    """The line over a list: its number where there are several, its title, how many, and in what order more than one stand."""
    labels = model["labels"]
    note = labels["list_note_after"].format(note=labels["list_note"]) if labels["list_note"] and listed["count"] > 1 else ""
    values = {"number": listed["ordinal"], "zh": listed["zh"], "count": listed["count"], "note": note}
    return str(labels["list_heading" if listed["ordinal"] else "list_heading_alone"].format(**values, unit=_unit(listed, labels)))


def groups_of(listed: PaperList, model: YearPaper) -> list[NameRows]:
    """The names of a list in rows of its columns, under the name of their place where there are places."""
    labels, columns = model["labels"], listed["columns"]
    unit = _unit(listed, labels)
    placed = any(group["place"] for group in listed["groups"])
    return [
        {
            "title": labels["place_heading"].format(place=group["place"] or labels["straight"], count=group["count"], unit=unit)
            if placed else "",
            "rows": [_filled(group["names"][at : at + columns], columns) for at in range(0, len(group["names"]), columns)],
        }
        for group in listed["groups"]
    ]


def _unit(listed: PaperList, labels: Labels) -> str:
    return str(labels["unit_people"] if listed["people"] else labels["unit_branches"])


def _filled(names: Sequence[str], columns: int) -> list[str]:
    return [*names, *[""] * (columns - len(names))]
