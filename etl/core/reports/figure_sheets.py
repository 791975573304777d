"""The annexes that show figures: the overview, who ranks where, the ranks among equals, the activities."""

from collections.abc import Sequence

from etl.core.reports.cells import (
    NOTHING,
    Cell,
    Sheet,
    SheetColumn,
    bracketed,
    change_cell,
    change_head,
    columns_of,
    count_cell,
    text_cell,
    wide_enough,
    with_unit,
)
from etl.core.reports.figure_rows import Change, Column, Figure, OwnRank, PeerGroup, RankedGroup
from etl.core.reports.list_rows import Activity
from etl.core.reports.model import Labels, Report
from etl.core.text_width import digits_wide


def overview(model: Report) -> list[Sheet]:
    """The headline figures: value, the period before, the year before, the changes, the rank; what no figure has is no column."""
    labels, figures = model["labels"], model["headline"]
    numbers = {"col_value": 16, "col_previous": 16, "col_change": 16, "col_last_year": 16, "col_last_year_change": 16,
               "col_place": 10}
    named = [(text_cell(figure["zh"]), text_cell(figure["unit_zh"])) for figure in figures]
    cells = [
        (
            Cell(figure["cell"], figure["number"], figure["percent"], figure["decimals"]),
            _base(figure, figure["previous"]),
            change_cell(labels, figure, figure["previous"]),
            _base(figure, figure["last_year"]),
            change_cell(labels, figure, figure["last_year"]),
            _place(figure["rank"]),
        )
        for figure in figures
    ]
    told = [n for n in range(len(numbers)) if n == 0 or any(row[n].text != NOTHING.text for row in cells)]
    kept = {key: wide_enough(width, (row[n] for row in cells)) for n, (key, width) in enumerate(numbers.items()) if n in told}
    longest = max(digits_wide(name.text) for name, _ in named)  # room that names do not need is the numbers'
    columns = columns_of(labels, {"col_indicator": min(34, longest + 4), "col_measure": 10, **kept}, kept)
    rows = tuple((*names, *(row[n] for n in told)) for names, row in zip(named, cells, strict=True))
    return [Sheet("overview", labels["sheet_figures"], labels["annex_overview"], "", columns, rows)]


def _place(rank: OwnRank | None) -> Cell:
    """Where a figure stands among its equals; nothing where it has none."""
    return text_cell(f"{rank['rank']}/{rank['of']}") if rank and rank["of"] > 1 else NOTHING


def _base(figure: Figure, change: Change | None) -> Cell:
    if change is None:
        return NOTHING
    return Cell(change["base_cell"], change["base"], figure["percent"], figure["decimals"])


def ranking(model: Report) -> list[Sheet]:
    """The units below the node, ranked within their tier: a sheet a tier."""
    labels = model["labels"]
    return [
        _ranked(model, group, f"{labels['sheet_ranking']}{n + 1 if len(model['ranking']['groups']) > 1 else ''}",
                labels["group_titles"][n], labels["group_plain_notes"][n], model["ranking"]["columns"])
        for n, group in enumerate(model["ranking"]["groups"])
    ]


def peers(model: Report) -> list[Sheet]:
    """The node among its equals."""
    labels, group = model["labels"], model["peers"]
    if group is None:
        return []
    return [_ranked(model, group, labels["sheet_peers"], labels["peers_title"], labels["peers_note"], ())]


def _ranked(
    model: Report,
    group: PeerGroup | RankedGroup,
    name: str,
    title: str,
    note: str,
    others: Sequence[Column],
) -> Sheet:
    labels, figure = model["labels"], model["ranking"]["figure"]
    columns = (
        SheetColumn(labels["col_rank"], 7, "right"),
        SheetColumn(group["tier_zh"], 26),
        SheetColumn(with_unit(labels, figure["zh"], figure["unit_zh"]), 13, "right"),
        SheetColumn(change_head(labels, figure), 13, "right"),
        *(SheetColumn(with_unit(labels, column["zh"], column["unit_zh"]), 13, "right") for column in others),
        SheetColumn(labels["col_moved"], 9, "right"),
    )
    rows = []
    for row in group["rows"]:
        moved = row["moved"]
        rows.append(
            (
                count_cell(row["rank"]),
                text_cell(row["name"]),
                Cell(row["cell"], row["number"], figure["percent"], figure["decimals"]),
                change_cell(labels, figure, row["change"], headed=True),
                *(
                    Cell(text, number, column["percent"], column["decimals"])
                    for text, number, column in zip(row["cells"], row["numbers"], others, strict=False)
                ),
                NOTHING
                if moved is None
                else Cell(_moved(moved), float(moved), good=moved > 0 if moved else None),
            )
        )
    own = next((n for n, row in enumerate(group["rows"]) if row.get("own")), None)
    return Sheet(f"ranking-{group['tier']}", name, title, note, columns, tuple(rows), own, charted=2)


def _moved(steps: int) -> str:
    return "＝" if steps == 0 else f"{'▲' if steps > 0 else '▼'}{abs(steps)}"


def activity(model: Report) -> list[Sheet]:
    """Each kind of activity: entries, person-times, branches, who leads where there are several units."""
    labels, several = model["labels"], several_lead(model)
    numbers = {"col_entries": 12, "col_person_times": 13, "col_branches": 12}
    columns = columns_of(labels, {"col_activity": 16, **numbers, **({"col_leading": 50} if several else {})}, numbers)
    rows = tuple(
        (
            text_cell(row["zh"]),
            count_cell(row["entries"], row["entries_text"]),
            count_cell(row["person_times"], row["person_times_text"]),
            count_cell(row["branches"], row["branches_text"]),
            *([text_cell(_leading(row, labels))] if several else []),
        )
        for row in model["practice"]["activities"]
    )
    name, title, note = labels["annex_activity"], labels["activity_title"], labels["activity_note"]
    return [Sheet("activity", name, title, note, columns, rows, charted=1)]


def _leading(row: Activity, labels: Labels) -> str:
    named = (unit["name"] + bracketed(labels, unit["entries_text"]) for unit in row["leading"])
    return str(labels["comma"].join(named))


def several_lead(model: Report) -> bool:
    """Whether more than one unit keeps a ledger: of a lone one it says nothing that it leads."""
    return len({unit["name"] for row in model["practice"]["activities"] for unit in row["leading"]}) > 1
