"""The typed rows are the tables of the store: the same columns, the same types, None where the table allows it."""

from decimal import Decimal
from typing import Any, get_args, get_origin, get_type_hints

import pytest
import sqlalchemy as sa

from etl.core import rows, year_rows
from etl.edges.store import schema
from etl.edges.store.schema.awards import Points

SHAPES = [
    (rows.ReceiptRow, schema.receipts),
    (rows.FindingRow, schema.findings),
    (rows.SliceRow, schema.current_slices),
    (rows.SliceRow, schema.ready_slices),
    (rows.EventRow, schema.unit_events),
    (rows.EditionRow, schema.editions),
    (rows.DocumentRow, schema.edition_documents),
    (rows.MessageRow, schema.messages),
    (rows.ExplanationRow, schema.explanations),
    (rows.WaiverRow, schema.waivers),
    (year_rows.ScoreRunRow, schema.score_runs),
    (year_rows.AwardRunRow, schema.award_runs),
    (year_rows.NoticeRow, schema.notices),
    (year_rows.ObjectionRow, schema.objections),
    (year_rows.RulingRow, schema.rulings),
    (year_rows.TitleRow, schema.titles),
    (year_rows.WithdrawalRow, schema.withdrawals),
    (year_rows.SuccessionRow, schema.successions),
    (year_rows.QuotaMoveRow, schema.quota_moves),
    (year_rows.DutyRow, schema.duty_records),
    (year_rows.FactRow, schema.branch_records),
    (year_rows.ReviewRow, schema.reviews),
]


@pytest.mark.parametrize(("shape", "table"), SHAPES, ids=[table.name for _, table in SHAPES])
def test_a_typed_row_has_the_columns_of_its_table(shape: type[Any], table: sa.Table) -> None:
    told = {name: _plain(hint) for name, hint in get_type_hints(shape).items()}
    assert told == {column.name: _of_column(column) for column in table.columns}


def _plain(hint: Any) -> tuple[type, bool]:
    """The class of a hint, and whether it may be None. What holds others is JSON, of which a column knows no more."""
    kinds = [each for each in get_args(hint) if each is not type(None)] if type(None) in get_args(hint) else [hint]
    kind = get_origin(kinds[0]) or kinds[0]
    return object if kind in (dict, list) else kind, kinds != [hint]


def _of_column(column: sa.Column[Any]) -> tuple[type, bool]:
    """The class that a column's values have, and whether it may be None."""
    kind = Decimal if isinstance(column.type, Points) else column.type.python_type
    return kind, bool(column.nullable)
