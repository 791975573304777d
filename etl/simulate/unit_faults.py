"""Faults of a unit's own row, and of its files as such."""

from dataclasses import replace

import numpy as np

from etl.core.programmes.forms import PART
from etl.core.programmes.formula import parse_formula
from etl.simulate.draft import Draft, Planted
from etl.simulate.planting import Planter, free_row, listing_figures, spoil
from etl.simulate.vectors import evaluate


def plant_second_unit_row(draft: Draft, _rng: np.random.Generator) -> Planted | None:
    """B09: the unit's own row twice; both are held."""
    table = draft.tables["unit_figures"]
    if 0 in table.untouchable:
        return None
    table.cells = {key: values[[0, 0]] for key, values in table.cells.items()}
    table.filed = {key: values[[0, 0]] for key, values in table.filed.items()}
    table.held = np.array([True, True])
    table.untouchable |= {0, 1}
    first, second = (
        Planted("B09", "row", "unit_figures", row, "unit_name", draft.context.plan.unit.name)
        for row in (0, 1)
    )
    draft.planted.append(first)
    return second


def _closing(draft: Draft) -> tuple[str, str] | None:
    """(closing figure, the figure it grows by) of a unit that files all of E1, else None."""
    table, catalogue = draft.tables["unit_figures"], draft.context.bundle.catalogue
    for key in table.filed:
        rule = catalogue.indicators[key].must_equal if key in catalogue.indicators else None
        names_ = parse_formula(rule).names if rule else ()
        if rule and set(names_) <= set(table.filed):
            more = {
                name: evaluate(rule, {other: float(other == name) for other in names_}) for name in names_
            }
            return key, next(
                name for name in names_ if more[name] > 0 and catalogue.indicators[name].previous is None
            )
    return None


def plant_broken_balance(draft: Draft, _rng: np.random.Generator) -> Planted | None:
    """F07: closing is not opening plus set up less dissolved."""
    closing = _closing(draft)
    if closing is None or 0 in draft.tables["unit_figures"].untouchable:
        return None
    value = float(draft.tables["unit_figures"].filed[closing[1]][0]) + 2
    planted = spoil(draft, "F07", "unit_figures", 0, closing[1], f"{value:g}", value)
    return replace(planted, column=closing[0])


def plant_other_opening(draft: Draft, _rng: np.random.Generator) -> Planted | None:
    """F08: an opening count that is not the closing count before; the balance of the row still holds."""
    table, closing = draft.tables["unit_figures"], _closing(draft)
    if closing is None or 0 in table.untouchable:
        return None
    opening = next(k for k in table.filed if k in draft.context.bundle.catalogue.indicators
                   and draft.context.bundle.catalogue.indicators[k].previous == closing[0])
    if table.filed[opening][0] < 1:
        return None
    more = float(table.filed[closing[1]][0]) + 1
    table.put(0, closing[1], f"{more:g}", more)
    value = float(table.filed[opening][0]) - 1
    return spoil(draft, "F08", "unit_figures", 0, opening, f"{value:g}", value)


def plant_wrong_sum(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """F09: parts that do not add up to their total. Of the unit's own row, else of a branch."""
    for table in ("unit_figures", "branches"):
        parts = [column for column in draft.context.layout.table(table).columns if column.part]
        row = free_row(draft, table, rng)
        if parts and row is not None:
            column = parts[int(rng.integers(len(parts)))]
            value = float(draft.tables[table].filed[column.key][row]) + 1
            planted = spoil(draft, "F09", table, row, column.key, f"{value:g}", value)
            return replace(planted, column=column.key.split(PART)[0])
    return None


def plant_wrong_control(draft: Draft, _rng: np.random.Generator) -> Planted | None:
    """F11: a control total, or the count of branches, that is not what the branch rows give."""
    table = draft.tables["unit_figures"]
    keys = [
        use.key
        for use in draft.context.bundle.programme.indicators
        if use.control_total and use.key in table.filed
    ]
    counts = [k for k in table.filed if k in draft.context.bundle.catalogue.indicators
              and draft.context.bundle.catalogue.indicators[k].counts_rows_of]
    chosen = keys or (counts if _closing(draft) is None else [])
    if not chosen or 0 in table.untouchable:
        return None
    value = float(table.filed[chosen[0]][0]) + 3
    return spoil(draft, "F11", "unit_figures", 0, chosen[0], f"{value:g}", value)


def plant_unlisted(draft: Draft, _rng: np.random.Generator) -> Planted | None:
    """F14: two more commended than the list of honours has; a warning, so the figure counts as filed."""
    table, figures = draft.tables["unit_figures"], listing_figures(draft)
    if not figures or 0 in table.untouchable:
        return None
    whole, *parts = figures[0]
    for key in (whole, *parts[:1]):
        value = float(table.filed[key][0]) + 2
        table.put(0, key, f"{value:g}", value)
    table.untouchable.add(0)
    return Planted("F14", "warning", "unit_figures", 0, whole, f"{table.filed[whole][0]:g}")


def plant_untitled(draft: Draft, _rng: np.random.Generator) -> Planted | None:
    """F15: one more filed at a level than titles are on record; a warning, so the figure counts as filed."""
    table, plan = draft.tables["unit_figures"], draft.context.plan
    on_record = {"decided": plan.awarded, "in_force": plan.held}
    if 0 in table.untouchable:
        return None
    for column in draft.context.layout.table("unit_figures").columns:
        basis = draft.context.bundle.catalogue.indicators[column.indicator].titles if column.indicator else None
        if basis and column.part in (on_record[basis] or {}).values():
            for key in (column.key, str(column.indicator)):
                value = float(table.filed[key][0]) + 1
                table.put(0, key, f"{value:g}", value)
            table.untouchable.add(0)
            return Planted("F15", "warning", "unit_figures", 0, column.key, f"{table.filed[column.key][0]:g}")
    return None


def _reading(rule: str, level: str = "none") -> Planter:
    """Faults of the files that the writer does; what the files hold is read all the same."""

    def plant(draft: Draft, _rng: np.random.Generator) -> Planted | None:
        if draft.reading is not None:
            return None
        draft.reading = rule
        return Planted(rule, level, "", None, "", "")

    return plant


def plant_unreadable(draft: Draft, _rng: np.random.Generator) -> Planted | None:
    """R04: a file that cannot be opened; all of the return is lost."""
    if draft.reading is not None:
        return None
    draft.reading = UNREADABLE
    for table in draft.tables.values():
        table.held[:] = True
    return Planted(UNREADABLE, "file", "", None, "", "")


def plant_missing_column(draft: Draft, _rng: np.random.Generator) -> Planted | None:
    """R16: the last required column of the unit's own row is not there; the row is lost."""
    table = draft.tables["unit_figures"]
    columns = draft.context.layout.table("unit_figures").columns
    required = [column.key for column in columns if column.required and column.key in table.cells]
    if draft.reading is not None or not required or 0 in table.untouchable:
        return None
    draft.reading = "R16"
    table.dropped.add(required[-1])
    table.hold(0)
    return Planted("R16", "file", "unit_figures", None, required[-1], "")


UNIT: dict[str, Planter] = {
    "B09": plant_second_unit_row,
    "F07": plant_broken_balance,
    "F08": plant_other_opening,
    "F09": plant_wrong_sum,
    "F11": plant_wrong_control,
    "F14": plant_unlisted,
}
TITLED: dict[str, Planter] = {"F15": plant_untitled}
"""Faults that only titles on record gainsay."""
UNREADABLE = "R04"
READING: dict[str, Planter] = {
    "R04": plant_unreadable,
    "R06": _reading("R06", "warning"),
    "R16": plant_missing_column,
    "duplicate": _reading("duplicate"),
    "superseded": _reading("superseded"),
    "other_code": _reading("other_code"),
}
FILES = tuple(READING)
