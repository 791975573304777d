"""The annexes of what is amiss: issues, findings, who is late or missing, what stands explained, divisions that changed."""

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
)
from etl.core.reports.list_rows import Issue, IssueUnit
from etl.core.reports.model import Labels, Report

MOST_ROWS_IN_ONE_COLUMN = 5


def issues(model: Report) -> list[Sheet]:
    """Every unit named for an issue, with its figure, what is required and by when."""
    labels = model["labels"]
    rows = tuple(
        (
            text_cell(issue["title"]),
            text_cell(unit["name"]),
            Cell(unit["cell"], unit["number"], issue["percent"], issue["decimals"]),
            change_cell(labels, issue, unit["change"]),
            text_cell(_required(labels, issue)),
            text_cell(issue["remedy"]),
            text_cell(issue["due_zh"]),
        )
        for issue in model["issues"]
        for unit in issue["units"]
    )
    widths = {"col_problem": 24, "col_unit": 22, "col_figure": 14, "col_change": wide_enough(13, (row[3] for row in rows)),
              "col_required": 20, "col_remedy": 44, "col_deadline": 15}
    columns = columns_of(labels, widths, ("col_figure", "col_change"))
    return [Sheet("issues", labels["sheet_issues"], labels["annex_issues"], "", columns, rows)]


def issues_apart(model: Report) -> list[Sheet]:
    """A table an issue: what is asked and until when stands above it once."""
    labels = model["labels"]
    end, colon, gap = labels["sentence_end"], labels["colon"], labels.get("sentence_gap", "")
    return [
        Sheet(
            f"issue-{issue['key']}",
            labels["sheet_issues"],
            issue["title"] + _of_how_many(labels, issue),
            f"{issue['zh']}{colon}{_required(labels, issue)}{_compared_if(labels, issue)}{end}{gap}{issue['remedy']}{end}{gap}"
            f"{labels['col_deadline']}{colon}{issue['due_zh']}",
            *_in_two_columns(
                (
                    SheetColumn(labels["col_unit"], 40),
                    SheetColumn(issue["zh"] + (bracketed(labels, unit_zh) if unit_zh else ""), 20, "right"),
                    SheetColumn(labels["col_fall"] if _by_fall(issue) else change_head(labels, issue), 20, "right"),
                ),
                tuple(
                    (
                        text_cell(unit["name"]),
                        Cell(unit["cell"], unit["number"], issue["percent"], issue["decimals"]),
                        _fall_cell(unit) if _by_fall(issue) else change_cell(labels, issue, unit["change"], headed=True),
                    )
                    for unit in issue["units"]
                ),
            ),
        )
        for issue in model["issues"]
        for unit_zh in [issue.get("unit_zh", "")]  # editions kept from before it was shown have none
    ]


def _of_how_many(labels: Labels, issue: Issue) -> str:
    """How many fall short of how many that were judged; nothing where there is but one."""
    if issue["of"] == 1:
        return ""
    words = labels.get("of_compared" if issue["compare"] == "fell_by" else "of_judged", "{count}/{of}")  # so in older editions
    return bracketed(labels, words.replace("{of}", str(issue["of"])).replace("{count}", str(issue["count"])))


def _compared_if(labels: Labels, issue: Issue) -> str:
    base = issue.get("least_base_text", "")  # older editions have none, and no falls
    return str(labels["compared_if"].replace("{base}", base)) if base else ""


def _by_fall(issue: Issue) -> bool:
    """Whether the units' falls are told as shares, as the rule asks."""
    return all(unit.get("fall_text") for unit in issue["units"])


def _fall_cell(unit: IssueUnit) -> Cell:
    change = unit["change"]
    return Cell(unit["fall_text"], unit["fall"], True, 1, None if change is None else change["good"])


def _in_two_columns(
    columns: tuple[SheetColumn, ...], rows: tuple[tuple[Cell, ...], ...]
) -> tuple[tuple[SheetColumn, ...], tuple[tuple[Cell, ...], ...]]:
    """Columns and rows of a narrow table, its second half beside its first where it has more than a few rows, as on the pages."""
    if len(rows) <= MOST_ROWS_IN_ONE_COLUMN:
        return columns, rows
    half = (len(rows) + 1) // 2
    nothing = (text_cell(""),) * len(columns)
    beside = (*rows[half:], *([nothing] if len(rows) % 2 else []))
    pairs = zip(rows[:half], beside, strict=True)
    return (*columns, SheetColumn("", 4), *columns), tuple((*left, text_cell(""), *right) for left, right in pairs)


def _required(labels: Labels, issue: Issue) -> str:
    return str(labels[f"required_{issue['compare']}"].replace("{threshold}", issue["threshold_text"]))


def problems(model: Report) -> list[Sheet]:
    """What the checks found, a row a rule, with the units that must act."""
    labels = model["labels"]
    widths = {"col_problem": 40, "col_units": 50, "col_count": 8, "col_remedy": 44}
    columns = columns_of(labels, widths, ("col_count",))
    rows = tuple(
        (text_cell(each["sentence"]), text_cell(each["units"]), count_cell(each["count"]), text_cell(each["remedy"]))
        for each in model["problems"]
    )
    return [Sheet("problems", labels["sheet_problems"], labels["annex_problems"], "", columns, rows)]


def outstanding(model: Report) -> list[Sheet]:
    """The units that are late, missing or sent back."""
    labels = model["labels"]
    nested = any(row["parent"] for row in model["outstanding"])
    widths = {"col_unit": 28, **({"col_parent": 24} if nested else {}), "col_status": 12, "col_due": 13, "col_arrived": 13,
              "col_days_late": 12}
    columns = columns_of(labels, widths, ("col_days_late",))
    rows = tuple(
        (
            *(
                text_cell(text) if text else NOTHING
                for text in (row["name"], *([row["parent"]] if nested else []), row["status_zh"], row["due"], row["arrived"])
            ),
            count_cell(row["days_late"]) if row["days_late"] else NOTHING,
        )
        for row in model["outstanding"]
    )
    return [Sheet("outstanding", labels["sheet_outstanding"], labels["annex_outstanding"], "", columns, rows)]


def standing(model: Report) -> list[Sheet]:
    """What is explained, waived or still open in the figures the report rests on."""
    labels = model["labels"]
    widths = {"col_unit": 24, "col_problem": 44, "col_state": 12, "col_reason": 44, "col_count": 8}
    columns = columns_of(labels, widths, ("col_count",))
    rows = tuple(
        (
            text_cell(row["name"]),
            text_cell(row["sentence"]),
            text_cell(labels[f"state_{row['state']}"]),
            text_cell(row["reason"]) if row["reason"] else NOTHING,
            count_cell(row["count"]),
        )
        for row in model["standing"]
    )
    return [Sheet("standing", labels["sheet_standing"], labels["annex_standing"], "", columns, rows)]


def divisions(model: Report) -> list[Sheet]:
    """The divisions that changed, and what became of their figures."""
    labels = model["labels"]
    widths = {"col_kind": 14, "col_was": 30, "col_now": 30, "col_day": 16, "col_document": 20, "col_figures": 20}
    columns = columns_of(labels, widths)
    rows = tuple(
        (
            text_cell(labels[f"kind_{row['kind']}"]),
            *map(text_cell, (row["was"], row["now"], row["day"], row["document"])),
            text_cell(labels[f"figures_{row['figures']}"]),
        )
        for row in model["divisions"]
    )
    return [Sheet("divisions", labels["annex_divisions"], labels["annex_divisions"], "", columns, rows)]
