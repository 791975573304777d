"""Faults of branch rows: whose row it is, what its cells hold, what its figures must be to each other."""

from collections.abc import Callable, Sequence

import numpy as np

from etl.core.programmes.bounds import Threshold
from etl.core.programmes.layout import Column
from etl.simulate.draft import Draft, Planted
from etl.simulate.figures import threshold_names
from etl.simulate.planting import COUNT_TYPES, Planter, figure_columns, free_row, ordinary, spoil
from etl.simulate.profile import names
from etl.simulate.vectors import evaluate


def _forget_entries(draft: Draft, row: int) -> None:
    draft.drop_entries(draft.ledger_branch != row)


def _identity(
    rule: str, column: str, text: Callable[[Draft, int], str | None], *, forget: bool = False
) -> Planter:
    def plant(draft: Draft, rng: np.random.Generator) -> Planted | None:
        if not any(each.key == column for each in draft.context.layout.table("branches").columns):
            return None
        row = free_row(draft, "branches", rng)
        if row is None:
            return None
        if forget:
            _forget_entries(draft, row)
        return spoil(draft, rule, "branches", row, column, text(draft, row), None)

    return plant


def _noisy_name(draft: Draft, row: int) -> str:
    return f"{draft.branches['branch_name'][row][:-1]}{names()['faults']['noise']}"


def _bad_id(draft: Draft, row: int) -> str:
    return f"{draft.branches['branch_id'][row].replace('-', '_')}#"


def plant_twice(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """B02: one branch reported twice, in the place of another one: both rows are held."""
    one, other = free_row(draft, "branches", rng), None
    if one is not None:
        free = np.ones(len(draft.branches), dtype=bool)
        free[one] = False
        other = free_row(draft, "branches", rng, free)
    if one is None or other is None:
        return None
    table = draft.tables["branches"]
    _forget_entries(draft, other)
    for column in table.cells:
        table.texts[other, column] = table.texts.get((one, column), table.cells[column][one])
    for values in table.filed.values():
        values[other] = values[one]
    table.hold(one)
    draft.planted.append(
        Planted("B02", "row", "branches", one, "branch_id", draft.branches["branch_id"][one])
    )
    return spoil(draft, "B02", "branches", other, "branch_id", draft.branches["branch_id"][one], None)


def plant_kind_without_members(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """F04: a branch called functional that files members of its own; without such kinds, a share above one."""
    uncounted = [kind for kind in draft.context.bundle.programme.branch_kinds if not kind.counts_members]
    row = free_row(draft, "branches", rng, ordinary(draft))
    if row is None:
        return None
    if uncounted:
        draft.tables["branches"].texts[row, "branch_kind"] = uncounted[0].zh
        draft.tables["branches"].hold(row)
        return Planted(
            "F04", "row", "branches", row, "members", f"{draft.tables['branches'].filed['members'][row]:g}"
        )
    shares = figure_columns(draft, "branches", ("share",))
    return spoil(draft, "F04", "branches", row, shares[0].key, "1.2", 1.2) if shares else None


def _cell(
    rule: str,
    types: Sequence[str],
    text: Callable[[Column, float], tuple[str | None, float | None]],
    *,
    able: Callable[[Column], object] = lambda _column: True,
) -> Planter:
    """A figure of an ordinary branch written so that its rule is broken; `able` says which columns can break it."""

    def plant(draft: Draft, rng: np.random.Generator) -> Planted | None:
        columns = [column for column in figure_columns(draft, "branches", types) if able(column)]
        row = free_row(draft, "branches", rng, ordinary(draft))
        if row is None or not columns:
            return None
        column = columns[int(rng.integers(len(columns)))]
        written, value = text(column, float(draft.tables["branches"].filed[column.key][row]))
        return spoil(draft, rule, "branches", row, column.key, written, value)

    return plant


def _wrong_unit(column: Column, value: float) -> tuple[str, None]:
    word = names()["faults"]["wrong_unit"]
    return f"{value:g}{names()['faults']['wrong_unit_other'] if word in column.unit_words else word}", None


def plant_part_above_whole(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """F10: a part larger than the figure it is a part of."""
    table, catalogue = draft.tables["branches"], draft.context.bundle.catalogue
    pairs = [
        (column.key, whole)
        for column in figure_columns(draft, "branches")
        if (whole := catalogue.indicators[column.indicator or ""].part_of) and whole in table.filed
    ]
    row = free_row(draft, "branches", rng, ordinary(draft))
    if row is None or not pairs:
        return None
    key, whole = pairs[int(rng.integers(len(pairs)))]
    value = float(np.floor(table.filed[whole][row])) + 5
    return spoil(draft, "F10", "branches", row, key, f"{value:g}", value)


def plant_ledger_gap(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """F12: one more than the ledger has; a warning, so the figure counts as filed."""
    catalogue = draft.context.bundle.catalogue
    keys = [
        c.key
        for c in figure_columns(draft, "branches")
        if catalogue.indicators[c.indicator or ""].ledger_kind
    ]
    row = free_row(draft, "branches", rng)
    if row is None or not keys:
        return None
    return _warn(draft, "F12", row, keys[-1], float(draft.tables["branches"].filed[keys[-1]][row]) + 1)


def plant_rate_gap(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """F13: a rate that is not the one its parts give; the roll-up recomputes it."""
    catalogue = draft.context.bundle.catalogue
    keys = [
        c.key
        for c in figure_columns(draft, "branches", ("share", "number"))
        if catalogue.indicators[c.indicator or ""].formula
    ]
    row = free_row(draft, "branches", rng)
    if row is None or not keys:
        return None
    return _warn(
        draft, "F13", row, keys[0], round(float(draft.tables["branches"].filed[keys[0]][row]) - 0.15, 4)
    )


def plant_impossible_rate(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """F16: of the parts that a share is worked out from, one alone is as large as the whole."""
    catalogue = draft.context.bundle.catalogue
    shares = [catalogue.indicators[c.indicator or ""] for c in figure_columns(draft, "branches", ("share",))]
    sums = [each.parsed_formula.names for each in shares if each.formula and len(each.parsed_formula.names) > 2]
    row = free_row(draft, "branches", rng)
    if row is None or not sums:
        return None
    *_, part, whole = sums[0]
    value = float(draft.tables["branches"].filed[whole][row])
    return spoil(draft, "F16", "branches", row, part, f"{value:g}", value)


def _warn(draft: Draft, rule: str, row: int, column: str, value: float) -> Planted:
    table = draft.tables["branches"]
    table.put(row, column, f"{value:g}", value)
    table.untouchable.add(row)
    return Planted(rule, "warning", "branches", row, column, f"{value:g}")


def _breach(rule: str, bound: str, factor: float) -> Planter:
    """T01 and T02: a ratio outside a threshold. The first threshold at which no other rule would object."""

    def plant(draft: Draft, rng: np.random.Generator) -> Planted | None:
        for threshold in sorted(
            draft.context.bundle.programme.thresholds.values(), key=lambda each: each.severity
        ):
            limit = getattr(threshold, bound)
            row = free_row(draft, "branches", rng, ordinary(draft))
            if row is not None and limit is not None and _can_breach(draft, threshold, bound):
                return _breached(draft, rule, threshold, row, limit * factor)
        return None

    return plant


def _can_breach(draft: Draft, threshold: Threshold, bound: str) -> bool:
    first, *rest = threshold_names(threshold.ratio)
    filed = draft.tables["branches"].filed
    if not {first, *rest} <= set(filed) or first in draft.context.plan.totals:
        return False
    indicator = draft.context.bundle.catalogue.indicators[first]
    if bound == "min":
        return not indicator.of_members  # fewer members would be fewer than those taking part
    whole = indicator.part_of
    return not (whole in rest and (threshold.max or 0) >= 0.95)  # no room between the bound and the whole


def _breached(draft: Draft, rule: str, threshold: Threshold, row: int, ratio: float) -> Planted:
    first = threshold_names(threshold.ratio)[0]
    table = draft.tables["branches"]
    constants = {"months": draft.context.period.months, "quarters": draft.context.period.quarters}
    now = float(evaluate(threshold.ratio, {**table.filed, **constants})[row])
    before = float(table.filed[first][row])
    value = float(np.floor(before * ratio / now)) if now else 0.0
    table.put(row, first, f"{value:g}", value)
    kind = draft.context.bundle.catalogue.indicators[first].ledger_kind
    if kind:
        _shorten_ledger(draft, row, kind, int(value))
    for other in _follows(draft, first):  # what is so much for each member grows with them
        grown = round(float(table.filed[other][row]) * value / before, 2)
        table.put(row, other, f"{grown:.2f}", grown)
    table.untouchable.add(row)
    if threshold.severity == "error":
        table.hold(row)
    level = "row" if threshold.severity == "error" else "warning"
    return Planted(rule, level, "branches", row, first, f"{value:g}")


def _follows(draft: Draft, first: str) -> list[str]:
    return [
        key
        for key in ("dues_collected", "dues_returned")
        if first == "members" and key in draft.tables["branches"].filed
    ]


def _shorten_ledger(draft: Draft, row: int, kind: str, left: int) -> None:
    choices = draft.column("activities", "activity_kind").choices
    words = [word for word, meaning in choices.items() if meaning == kind]
    mine = (draft.ledger_branch == row) & np.array(
        [kind in words for kind in draft.tables["activities"].cells["activity_kind"]], dtype=bool
    )
    draft.drop_entries(~(mine & (np.cumsum(mine) > left)))


def plant_leap(draft: Draft, _rng: np.random.Generator) -> Planted | None:
    """S01: a stock of all branches twice what it was; a warning that needs the period before to be seen."""
    catalogue, table = draft.context.bundle.catalogue, draft.tables["branches"]
    ruled = {
        name
        for each in draft.context.bundle.programme.thresholds.values()
        for name in threshold_names(each.ratio)
    }
    change = draft.context.bundle.programme.change_to_explain
    if change is None:
        return None
    for column in figure_columns(draft, "branches", ("whole", "number")):
        indicator = catalogue.indicators[column.indicator or ""]
        plain = indicator.kind == "stock" and not (indicator.of_members or indicator.part_of or indicator.within)
        free = table.free_rows()
        total = np.nansum(table.filed[column.key])
        leaps = plain and column.key not in ruled and total >= change.min_base
        if leaps and np.nansum(table.filed[column.key][free]) > 2 * change.pct / 100 * total:
            for row in free:
                value = float(table.filed[column.key][row]) * 2
                table.put(row, column.key, f"{value:g}", value)
            return Planted("S01", "warning", "branches", None, column.key, "")
    return None


BRANCH: dict[str, Planter] = {
    "B01": _identity("B01", "branch_id", lambda _draft, _row: None, forget=True),
    "B02": plant_twice,
    "B03": _identity("B03", "branch_name", lambda _draft, _row: None),
    "B04": _identity("B04", "branch_name", _noisy_name),
    "B05": _identity("B05", "branch_kind", lambda _draft, _row: names()["faults"]["unknown_word"]),
    "B06": _identity("B06", "township", lambda _draft, _row: None),
    "B07": _identity("B07", "figures_scope", lambda _draft, _row: "全体党员"),
    "B08": _identity("B08", "branch_id", _bad_id, forget=True),
    "F01": _cell("F01", COUNT_TYPES, lambda _column, _value: (names()["faults"]["unreadable"], None)),
    "F02": _cell("F02", COUNT_TYPES, lambda _column, _value: (None, None), able=lambda column: column.required),
    "F03": _cell("F03", COUNT_TYPES, lambda _column, _value: ("-3", -3.0)),
    "F04": plant_kind_without_members,
    "F05": _cell("F05", ("whole",), lambda _column, value: (f"{value + 0.5:g}", value + 0.5)),
    "F06": _cell("F06", ("whole",), _wrong_unit, able=lambda column: column.unit_words),
    "F10": plant_part_above_whole,
    "F12": plant_ledger_gap,
    "F13": plant_rate_gap,
    "F16": plant_impossible_rate,
    "T01": _breach("T01", "min", 0.5),
    "T02": _breach("T02", "max", 1.15),
}
LEAP: dict[str, Planter] = {"S01": plant_leap}
