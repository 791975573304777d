"""A fix-me workbook that values were put right after: which of these corrections it would undo."""

from collections.abc import Mapping

from etl.core.reading.fixes import ChangedCell, fix_record, undone
from etl.edges.store.receipts import TextFile, receipts_of
from etl.edges.store.returned_files import fixes_of
from etl.stages.context import Context
from etl.stages.feedback import source_of

Rows = Mapping[int, int]


def corrections_lost(
    context: Context, unit_id: str, bases: Mapping[str, str], keyed: Mapping[str, Rows], before: Mapping[str, TextFile],
    mine: Mapping[str, TextFile],
) -> int:
    """How many values that were put right on the page since the workbook was made would be as before if it were taken.

    `bases`: table → the receipt it was made from; `keyed`: table → its rows → those of that receipt; `before`: the texts in
    force by table, `mine`: those of the workbook. What came since as a file counts for nothing here.
    """
    fixes = fixes_of(context.store, *context.key, unit_id)  # a returned file may have megabytes: only these are opened
    receipts = receipts_of(context.store, *context.key, [unit_id]) if fixes else []
    digests = {row["receipt_id"]: row["sha256"] for row in receipts if row["receipt_id"] in fixes}
    layout, lost = context.bundle.layout(context.period), 0
    for name, base in bases.items():
        if name in before and name in mine:
            made = _made_since(context, digests, name, base, before[name].receipt_id)
            lost += undone(made, source_of(context, layout, mine[name]).cells, keyed.get(name, {})) if made else 0
    return lost


def _made_since(context: Context, digests: Mapping[str, str], table: str, base: str, now: str) -> list[ChangedCell]:
    """The corrections that lead from one receipt to that in force, oldest first; none if something else came in between.

    `digests`: receipt → its bytes, of the receipts that are corrections.
    """
    made: list[ChangedCell] = []
    while now != base:
        record = fix_record(context.landing.raw(digests[now])) if now in digests else None
        if record is None or table not in record.base:
            return []
        made = [*(cell for cell in record.cells if cell.table == table), *made]
        now = record.base[table]
    return made
