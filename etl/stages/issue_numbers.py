"""Document numbers: ledger and editions → which number each node's paper bears. Nothing is written."""

import datetime as dt
from collections.abc import Mapping

from etl.core.mail.mailing import LEFT
from etl.core.period import Period
from etl.core.register import cutoff_day
from etl.core.reports.issue_numbers import issued_in_one_year, number_in_year
from etl.core.rows import EditionRow
from etl.core.working_days import add_working_days
from etl.edges.store.editions import editions_of_report
from etl.edges.store.messages import messages_of
from etl.stages.context import Context
from etl.stages.editions import kept_model


class IssueNumbers:
    """The numbers of a report's papers of one period, by node; what has left is read once."""

    def __init__(self, context: Context, report: str) -> None:
        def year_of(period: Period) -> int:
            return issue_day(context, period).year

        self.context = context
        self.in_year = issued_in_one_year(context.bundle.programme, context.period, year_of)
        self.left = {period: _first_left(context, report, period) for period in self.in_year}

    def of(self, node_id: str) -> int:
        """The number that a node's report bears; one that has left keeps what it left with."""
        first = {period: editions[node_id] for period, editions in self.left.items() if node_id in editions}
        left = {period: _number(self.context, period, edition) for period, edition in first.items() if self._kept(edition)}
        return number_in_year(self.context.period, self.in_year, left)

    def _kept(self, edition: EditionRow) -> bool:
        """Whether the landing has its model; one that is lost is made again, which needs the number of order."""
        return not (edition["model_path"] and self.context.landing.gone([edition["model_path"]]))


def numbers_left(context: Context, report: str) -> dict[str, str]:
    """Node → the document number, as it is printed, under which a report has left or may have; without those that are lost."""
    first = _first_left(context, report, context.period)
    lost = context.landing.gone(edition["model_path"] for edition in first.values() if edition["model_path"])
    return {
        node_id: str(kept_model(context.landing, edition)["head"]["number"])
        for node_id, edition in first.items()
        if edition["model_path"] and edition["model_path"] not in lost
    }


def issue_day(context: Context, period: Period) -> dt.date:
    """The day that a period's report bears: so many working days after its cut-off."""
    closed = cutoff_day(context.bundle.programme, period)
    return add_working_days(closed, context.settings.issued_working_days_after_cutoff)


def _first_left(context: Context, report: str, period: Period) -> Mapping[str, EditionRow]:
    """Node → the first edition of a period's report that has left or may have."""
    key = (context.key[0], str(period))
    gone = messages_of(context.store, *key, states=[*LEFT, "claimed", "uncertain"], kinds=["edition"])
    subjects = {row["subject_id"] for row in gone}
    found: dict[str, EditionRow] = {}
    for edition_id, edition in editions_of_report(context.store, *key, report).items() if subjects else ():
        if edition_id in subjects:
            found.setdefault(edition["node_id"], edition)
    return found


def _number(context: Context, period: Period, edition: EditionRow) -> int:
    """The number that an edition bears; those from before it was kept bear that of the half-year in its calendar year."""
    if not edition["model_path"]:
        return period.number
    number: int = kept_model(context.landing, edition)["edition"].get("number_in_year", period.number)
    return number
