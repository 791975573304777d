"""The model's annexes as plain tables, the same for the workbook and the Word copy."""

from etl.core.reports.cells import Sheet
from etl.core.reports.figure_sheets import activity, overview, peers, ranking
from etl.core.reports.model import Report
from etl.core.reports.problem_sheets import divisions, issues, issues_apart, outstanding, problems, standing
from etl.core.reports.record_sheets import records


def sheets_of(model: Report) -> list[Sheet]:
    """The tables of a narrated dispatch in the order of its annexes; one ranking sheet a group."""
    return [sheet for annex in model["annexes"] for sheet in annex_sheets(model, annex)]


def annex_sheets(model: Report, annex: str, on_paper: bool = False) -> list[Sheet]:
    """The tables of one annex; on paper each issue has its own. KeyError for an annex that nobody knows."""
    return issues_apart(model) if on_paper and annex == "issues" else _BUILDERS[annex](model)


_BUILDERS = {
    "overview": overview,
    "ranking": ranking,
    "peers": peers,
    "activity": activity,
    "records": records,
    "issues": issues,
    "problems": problems,
    "outstanding": outstanding,
    "standing": standing,
    "divisions": divisions,
}
