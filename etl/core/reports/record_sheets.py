"""The annex of what is on record: duties with who owes them still, facts about branches."""

from etl.core.reports.cells import NOTHING, Cell, Sheet, columns_of, count_cell, text_cell
from etl.core.reports.model import Report


def records(model: Report) -> list[Sheet]:
    """Duties, and facts about branches: a sheet of each of which there are any."""
    told = model["on_record"]
    return [*([_duties(model)] if told["duties"] else []), *([_facts(model)] if told["facts"] else [])]


def _duties(model: Report) -> Sheet:
    labels, numbers = model["labels"], ("col_owed", "col_done")
    columns = columns_of(labels, {"col_duty": 26, "col_owed": 14, "col_done": 14, "col_owing": 60}, numbers)
    rows = tuple(
        (
            text_cell(row["zh"]),
            NOTHING if row["owed"] is None else count_cell(row["owed"]),
            count_cell(row["done"]),
            text_cell(labels["comma"].join(row["missing"])) if row["missing"] else NOTHING,
        )
        for row in model["on_record"]["duties"]
    )
    return Sheet("duties", labels["sheet_duties"], labels["duties_title"], labels["records_note"], columns, rows)


def _facts(model: Report) -> Sheet:
    labels, numbers = model["labels"], ("col_fact_branches", "col_fact_members")
    columns = columns_of(labels, {"col_fact": 44, "col_fact_branches": 16, "col_fact_members": 16}, numbers)
    rows = tuple(
        (
            text_cell(labels["fact_of_sweep" if row["outcome"] else "fact_of_branches"].replace("{fact}", row["zh"])),
            count_cell(row["branches"]),
            Cell(row["members_text"], row["members"]),
        )
        for row in model["on_record"]["facts"]
    )
    return Sheet("facts", labels["sheet_facts"], labels["facts_title"], labels["records_note"], columns, rows)
