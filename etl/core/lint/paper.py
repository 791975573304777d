"""Any paper that is read back before it leaves."""

from etl.core.annual.model import YearPaper, as_year_paper
from etl.core.reports.editions import Model
from etl.core.reports.errata import ErratumPaper, as_erratum
from etl.core.reports.model import DISPATCH, Report, as_report

Paper = Report | ErratumPaper | YearPaper
"""Which of them it is, its `kind` says."""


def as_paper(model: Model) -> Paper:
    """A paper as it was kept, as what its kind says; ValueError for a kind that nobody knows."""
    if model["kind"] == DISPATCH:
        return as_report(model)
    return as_erratum(model) if model["kind"] == "erratum" else as_year_paper(model)
