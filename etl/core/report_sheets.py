"""The model's annexes as plain tables, the same for the workbook and the Word copy.

Every number stands in its cell as number and as text; a cell held back or never filed has only its text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Align = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `number` is what `text` shows; a share is a number between 0 and 1."""

    text: str
    number: float | None = None
    percent: bool = False
    decimals: int = 0
    good: bool | None = None


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column: its head, its share of the width, how it is aligned."""

    head: str
    width: float
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One annex table. `own` is the row of the reported node; `charted` the column that a chart shows by the first names."""

    key: str
    name: str
    title: str
    note: str
    columns: tuple[SheetColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    own: int | None = None
    charted: int | None = None


def sheets_of(model: Mapping[str, Any]) -> list[Sheet]:
    """The tables of a narrated dispatch in the order of its annexes; one ranking sheet a group."""
    return [sheet for annex in model["annexes"] for sheet in annex_sheets(model, annex)]


def annex_sheets(model: Mapping[str, Any], annex: str, on_paper: bool = False) -> list[Sheet]:
    """The tables of one annex; on paper each issue has its own. KeyError for an annex that nobody knows."""
    return _issues_apart(model) if on_paper and annex == "issues" else _BUILDERS[annex](model)


def _text(value: object) -> Cell:
    return Cell(str(value))


def _count(value: int | None, text: str | None = None) -> Cell:
    shown = text if text is not None else "" if value is None else f"{value:,}"
    return Cell(shown, None if value is None else float(value))


def _change(figure: Mapping[str, Any], change: Mapping[str, Any] | None) -> Cell:
    if change is None:
        return Cell("—")
    return Cell(change["signed_text"], change["by"], figure["percent"], figure["decimals"], change["good"])


def _base(figure: Mapping[str, Any], change: Mapping[str, Any] | None) -> Cell:
    if change is None:
        return Cell("—")
    return Cell(change["base_cell"], change["base"], figure["percent"], figure["decimals"])


def _overview(model: Mapping[str, Any]) -> list[Sheet]:
    labels = model["labels"]
    heads = ("col_indicator", "col_measure", "col_value", "col_previous", "col_change", "col_last_year", "col_last_year_change",
             "col_place")  # fmt: skip
    widths = (34, 10, 16, 16, 16, 16, 16, 10)
    columns = tuple(
        SheetColumn(labels[head], width, "left" if n < 2 else "right")
        for n, (head, width) in enumerate(zip(heads, widths, strict=True))
    )
    rows = []
    for figure in model["headline"]:
        place = figure["rank"]
        rows.append(
            (
                _text(figure["zh"]),
                _text(figure["unit_zh"]),
                Cell(figure["cell"], figure["number"], figure["percent"], figure["decimals"]),
                _base(figure, figure["previous"]),
                _change(figure, figure["previous"]),
                _base(figure, figure["last_year"]),
                _change(figure, figure["last_year"]),
                _text(f"{place['rank']}/{place['of']}" if place else "—"),
            )
        )
    return [Sheet("overview", labels["sheet_figures"], labels["annex_overview"], "", columns, tuple(rows))]


def _ranking(model: Mapping[str, Any]) -> list[Sheet]:
    labels = model["labels"]
    return [
        _ranked(model, group, f"{labels['sheet_ranking']}{n + 1 if len(model['ranking']['groups']) > 1 else ''}",
                labels["group_titles"][n], labels["group_plain_notes"][n], model["ranking"]["columns"])
        for n, group in enumerate(model["ranking"]["groups"])
    ]  # fmt: skip


def _peers(model: Mapping[str, Any]) -> list[Sheet]:
    labels = model["labels"]
    return [
        _ranked(model, model["peers"], labels["sheet_peers"], labels["peers_title"], labels["peers_note"], ())
    ]


def _ranked(
    model: Mapping[str, Any],
    group: Mapping[str, Any],
    name: str,
    title: str,
    note: str,
    others: Sequence[Mapping[str, Any]],
) -> Sheet:
    labels, figure = model["labels"], model["ranking"]["figure"]
    columns = (
        SheetColumn(labels["col_rank"], 7, "right"),
        SheetColumn(group["tier_zh"], 26),
        SheetColumn(_headed(labels, figure), 13, "right"),
        SheetColumn(labels["col_change"], 13, "right"),
        *(SheetColumn(_headed(labels, column), 13, "right") for column in others),
        SheetColumn(labels["col_moved"], 9, "right"),
    )
    rows = []
    for row in group["rows"]:
        moved = row["moved"]
        rows.append(
            (
                _count(row["rank"]),
                _text(row["name"]),
                Cell(row["cell"], row["number"], figure["percent"], figure["decimals"]),
                _change(figure, row["change"]),
                *(
                    Cell(text, number, column["percent"], column["decimals"])
                    for text, number, column in zip(row["cells"], row["numbers"], others, strict=False)
                ),
                Cell("—")
                if moved is None
                else Cell(_moved(moved), float(moved), good=moved > 0 if moved else None),
            )
        )
    own = next((n for n, row in enumerate(group["rows"]) if row.get("own")), None)
    return Sheet(f"ranking-{group['tier']}", name, title, note, columns, tuple(rows), own, charted=2)


def _headed(labels: Mapping[str, Any], measure: Mapping[str, Any]) -> str:
    return str(measure["zh"]) + (_bracketed(labels, measure["unit_zh"]) if measure["unit_zh"] else "")


def _bracketed(labels: Mapping[str, Any], text: str) -> str:
    return str(labels["in_brackets"].replace("{text}", text))


def _required(labels: Mapping[str, Any], issue: Mapping[str, Any]) -> str:
    return str(labels[f"required_{issue['compare']}"].replace("{threshold}", issue["threshold_text"]))


def _moved(steps: int) -> str:
    return "＝" if steps == 0 else f"{'▲' if steps > 0 else '▼'}{abs(steps)}"


def _activity(model: Mapping[str, Any]) -> list[Sheet]:
    labels = model["labels"]
    columns = (
        SheetColumn(labels["col_activity"], 16),
        SheetColumn(labels["col_entries"], 12, "right"),
        SheetColumn(labels["col_person_times"], 13, "right"),
        SheetColumn(labels["col_branches"], 12, "right"),
        SheetColumn(labels["col_leading"], 50),
    )
    rows = tuple(
        (
            _text(row["zh"]),
            *(_count(row[name], row[f"{name}_text"]) for name in ("entries", "person_times", "branches")),
            _text(
                labels["comma"].join(
                    unit["name"] + _bracketed(labels, unit["entries_text"]) for unit in row["leading"]
                )
            ),
        )
        for row in model["practice"]["activities"]
    )
    return [
        Sheet(
            "activity",
            labels["annex_activity"],
            labels["activity_title"],
            labels["activity_note"],
            columns,
            rows,
            charted=1,
        )
    ]


def _issues(model: Mapping[str, Any]) -> list[Sheet]:
    labels = model["labels"]
    heads = (("col_problem", 24), ("col_unit", 22), ("col_figure", 14), ("col_change", 13), ("col_required", 20),
             ("col_remedy", 44), ("col_deadline", 15))  # fmt: skip
    columns = tuple(
        SheetColumn(labels[head], width, "right" if 1 < n < 4 else "left")
        for n, (head, width) in enumerate(heads)
    )
    rows = tuple(
        (
            _text(issue["title"]),
            _text(unit["name"]),
            Cell(unit["cell"], unit["number"], issue["percent"], issue["decimals"]),
            _change(issue, unit["change"]),
            _text(_required(labels, issue)),
            _text(issue["remedy"]),
            _text(issue["due_zh"]),
        )
        for issue in model["issues"]
        for unit in issue["units"]
    )
    return [Sheet("issues", labels["sheet_issues"], labels["annex_issues"], "", columns, rows)]


def _issues_apart(model: Mapping[str, Any]) -> list[Sheet]:
    """A table an issue: what is asked and until when stands above it once."""
    labels = model["labels"]
    end, colon = labels["sentence_end"], labels["colon"]
    return [
        Sheet(
            f"issue-{issue['key']}",
            labels["sheet_issues"],
            issue["title"] + _bracketed(labels, f"{issue['count']}/{issue['of']}"),
            f"{issue['zh']}{colon}{_required(labels, issue)}{end} {issue['remedy']}{end} "
            f"{labels['col_deadline']}{colon}{issue['due_zh']}",
            (
                SheetColumn(labels["col_unit"], 40),
                SheetColumn(issue["zh"], 20, "right"),
                SheetColumn(labels["col_change"], 20, "right"),
            ),
            tuple(
                (
                    _text(unit["name"]),
                    Cell(unit["cell"], unit["number"], issue["percent"], issue["decimals"]),
                    _change(issue, unit["change"]),
                )
                for unit in issue["units"]
            ),
        )
        for issue in model["issues"]
    ]


def _problems(model: Mapping[str, Any]) -> list[Sheet]:
    labels = model["labels"]
    heads = (("col_problem", 40), ("col_units", 50), ("col_count", 8), ("col_remedy", 44))
    columns = tuple(
        SheetColumn(labels[head], width, "right" if n == 2 else "left")
        for n, (head, width) in enumerate(heads)
    )
    rows = tuple(
        (_text(each["sentence"]), _text(each["units"]), _count(each["count"]), _text(each["remedy"]))
        for each in model["problems"]
    )
    return [Sheet("problems", labels["sheet_problems"], labels["annex_problems"], "", columns, rows)]


def _outstanding(model: Mapping[str, Any]) -> list[Sheet]:
    labels = model["labels"]
    heads = (
        ("col_unit", 28),
        ("col_parent", 24),
        ("col_status", 12),
        ("col_due", 13),
        ("col_arrived", 13),
        ("col_days_late", 12),
    )
    columns = tuple(
        SheetColumn(labels[head], width, "right" if n == 5 else "left")
        for n, (head, width) in enumerate(heads)
    )
    rows = tuple(
        (
            *(_text(row[name]) for name in ("name", "parent", "status_zh", "due", "arrived")),
            _count(row["days_late"]) if row["days_late"] else Cell("—"),
        )
        for row in model["outstanding"]
    )
    return [Sheet("outstanding", labels["sheet_outstanding"], labels["annex_outstanding"], "", columns, rows)]


def _standing(model: Mapping[str, Any]) -> list[Sheet]:
    labels = model["labels"]
    heads = (("col_unit", 24), ("col_problem", 44), ("col_state", 12), ("col_reason", 44), ("col_count", 8))
    columns = tuple(
        SheetColumn(labels[head], width, "right" if n == 4 else "left")
        for n, (head, width) in enumerate(heads)
    )
    rows = tuple(
        (
            _text(row["name"]),
            _text(row["sentence"]),
            _text(labels[f"state_{row['state']}"]),
            _text(row["reason"] or "—"),
            _count(row["count"]),
        )
        for row in model["standing"]
    )
    return [Sheet("standing", labels["sheet_standing"], labels["annex_standing"], "", columns, rows)]


def _divisions(model: Mapping[str, Any]) -> list[Sheet]:
    labels = model["labels"]
    heads = (
        ("col_kind", 14),
        ("col_was", 30),
        ("col_now", 30),
        ("col_day", 16),
        ("col_document", 20),
        ("col_figures", 20),
    )
    columns = tuple(SheetColumn(labels[head], width, "left") for head, width in heads)
    rows = tuple(
        (
            _text(labels[f"kind_{row['kind']}"]),
            *(_text(row[name]) for name in ("was", "now", "day", "document")),
            _text(labels[f"figures_{row['figures']}"]),
        )
        for row in model["divisions"]
    )
    return [Sheet("divisions", labels["annex_divisions"], labels["annex_divisions"], "", columns, rows)]


_BUILDERS = {
    "overview": _overview,
    "ranking": _ranking,
    "peers": _peers,
    "activity": _activity,
    "issues": _issues,
    "problems": _problems,
    "outstanding": _outstanding,
    "standing": _standing,
    "divisions": _divisions,
}
