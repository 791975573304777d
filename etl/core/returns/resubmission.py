"""A returned version held against the one in force: which faults are gone, which remain, which are new, is it better?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from etl.core.programmes.layout import TableLayout
from etl.core.returns.entries import identifying
from etl.core.returns.faults import HOLDING, Fault

FaultId = tuple[str, str, str, str]  # table, row, column, rule
Objection = Literal["more_held", "fewer_accepted", "not_fewer", "undoes"]
RowNames = Mapping[tuple[str, int], str]  # table, row number → what the row is called


@dataclass(frozen=True)
class Standing:
    """How a version of a unit's return stands."""

    rows_accepted: int
    rows_held: int
    faults: int
    warnings: int

    @property
    def findings(self) -> int:
        """Faults and warnings together."""
        return self.faults + self.warnings


@dataclass(frozen=True)
class Answer:
    """What became of a file that a unit sent to put its return right.

    `refusal` and `standing` are Chinese sentences for whoever sent it. `accepted`: the file was received and judged;
    `taken`: it is in force. The lists hold findings of the version in force before (`fixed`) and of the returned one.
    """

    accepted: bool
    refusal: str = ""
    receipt_id: str = ""
    fixed: tuple[Fault, ...] = ()
    still_open: tuple[Fault, ...] = ()
    new: tuple[Fault, ...] = ()
    taken: bool = False
    standing: str = ""
    explained: int = 0
    repeated: bool = False


@dataclass(frozen=True)
class Compared:
    """The faults of two versions: gone, still there, and there for the first time."""

    fixed: tuple[Fault, ...]
    still_open: tuple[Fault, ...]
    new: tuple[Fault, ...]


def standing_of(faults: Sequence[Fault], rows_accepted: int, rows_held: int) -> Standing:
    """The counts of a version."""
    holding = sum(fault.level in HOLDING for fault in faults)
    return Standing(rows_accepted, rows_held, holding, len(faults) - holding)


def objection(old: Standing | None, new: Standing, *, equal_is_enough: bool) -> Objection | None:
    """Why the new version is not better than the one in force; None if it is, or if there is none in force.

    Better: no more held rows, no fewer accepted ones, and fewer of held rows, else of faults, else of warnings.
    """
    if old is None:
        return None
    if new.rows_held > old.rows_held:
        return "more_held"
    if new.rows_accepted < old.rows_accepted:
        return "fewer_accepted"
    before, now = ((each.rows_held, each.faults, each.warnings) for each in (old, new))
    better = now < before or (equal_is_enough and now == before)
    return None if better else "not_fewer"


def compare(old: Sequence[Fault], new: Sequence[Fault], old_names: RowNames, new_names: RowNames) -> Compared:
    """Faults are the same where table, row, column and rule are; a changed value that is still wrong is still open."""
    before = {_fault_id(fault, old_names): fault for fault in old}
    now = {_fault_id(fault, new_names): fault for fault in new}
    return Compared(
        fixed=tuple(fault for key, fault in before.items() if key not in now),
        still_open=tuple(fault for key, fault in now.items() if key in before),
        new=tuple(fault for key, fault in now.items() if key not in before),
    )


def _fault_id(fault: Fault, names: RowNames) -> FaultId:
    row = (
        names.get((fault.table or "", fault.row or 0), f"+{fault.row}")
        if fault.level != "file" and fault.row
        else ""
    )
    return fault.table or fault.sheet, row, fault.column or fault.letter or "", fault.rule


def subjects(table: TableLayout, cells: pa.Table) -> dict[int, str]:
    """Row number → what tells the row from others: its identifying texts, and a count where several are equal."""
    keys = [column.key for column in identifying(table)]
    seen: Counter[tuple[str, ...]] = Counter()
    names = {}
    lists = [cells.column(key).to_pylist() for key in keys]
    for row, *parts in zip(cells.column("row_number").to_pylist(), *lists, strict=True):
        key = tuple("".join((part or "").split()).upper() for part in parts)
        seen[key] += 1
        names[row] = "|".join((*key, str(seen[key])))
    return names


def matched(old: Mapping[int, str], new: Mapping[int, str], keyed: Mapping[int, int]) -> dict[int, int]:
    """Row of the new version → row of the old one: by the hidden key where there is one, else by what the row calls itself.

    `old`, `new`: row number → subject; `keyed`: row of the new → row of the old, as the keys say. Order does not matter.
    """
    taken = set(keyed.values())
    by_subject = {subject: row for row, subject in old.items() if row not in taken}
    found = {row: at for row, at in keyed.items() if row in new and at in old}
    for row, subject in new.items():
        if row not in found and subject in by_subject:
            found[row] = by_subject[subject]
    return found


def same_rows(old: pa.Table, new: pa.Table) -> bool:
    """Whether two tables hold the same rows, in whatever order and at whatever place."""
    names = [name for name in old.column_names if name != "row_number"]
    if old.num_rows != new.num_rows or set(old.column_names) != set(new.column_names):
        return False
    return _lines(old, names) == _lines(new, names)


def _lines(table: pa.Table, names: Sequence[str]) -> Counter[tuple[str, ...]]:
    columns = [table.column(name).to_pylist() for name in names]
    return Counter(tuple((text or "").strip() for text in line) for line in zip(*columns, strict=True))
