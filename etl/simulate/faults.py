"""Plants faults: each function breaks one rule in a draft, holds what the system must hold, and says where.

A planter gives back the planted fault, or None where the unit's return offers no place for it. Control totals are set
after the branch rows are spoilt, so that a spoilt branch never breaks a unit's own figures.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from etl.core.forms import PART
from etl.core.formula import parse_formula
from etl.core.layout import Column, Layout
from etl.core.programme import Threshold
from etl.edges.programmes import Bundle
from etl.simulate.draft import Draft, Planted
from etl.simulate.figures import threshold_names
from etl.simulate.plan import Options, UnitPlan
from etl.simulate.profile import names, rng_for
from etl.simulate.record_faults import HONOUR, LEDGER
from etl.simulate.vectors import evaluate

Planter = Callable[[Draft, np.random.Generator], Planted | None]
COUNT_TYPES = ("whole", "money", "number")


def _row(draft: Draft, table: str, rng: np.random.Generator, mask: np.ndarray | None = None) -> int | None:
    free = [row for row in draft.tables[table].free_rows() if mask is None or mask[row]]
    return int(free[rng.integers(len(free))]) if free else None


def _figure_columns(draft: Draft, table: str, types: Sequence[str] = COUNT_TYPES) -> list[Column]:
    """Figures that stand alone: no parts, no control totals, nothing another rule would notice first."""
    split = {column.indicator for column in draft.context.layout.table(table).columns if column.part}
    return [
        column
        for column in draft.context.layout.table(table).columns
        if column.indicator and column.type in types and column.indicator not in split
    ]


def _ordinary(draft: Draft) -> np.ndarray:
    return ~draft.branches["kind"].isin(draft.context.uncounted).to_numpy()


def _spoil(draft: Draft, rule: str, table: str, row: int, column: str, text: str | None, value: float | None) -> Planted:
    draft.tables[table].put(row, column, text, value)
    draft.tables[table].hold(row)
    return Planted(rule, "row", table, row, column, text or "")


def _forget_entries(draft: Draft, row: int) -> None:
    draft.drop_entries(draft.ledger_branch != row)


def _identity(rule: str, column: str, text: Callable[[Draft, int], str | None], *, forget: bool = False) -> Planter:
    def plant(draft: Draft, rng: np.random.Generator) -> Planted | None:
        if not any(each.key == column for each in draft.context.layout.table("branches").columns):
            return None
        row = _row(draft, "branches", rng)
        if row is None:
            return None
        if forget:
            _forget_entries(draft, row)
        return _spoil(draft, rule, "branches", row, column, text(draft, row), None)

    return plant


def _noisy_name(draft: Draft, row: int) -> str:
    return f"{draft.branches['branch_name'][row][:-1]}{names()['faults']['noise']}"


def _bad_id(draft: Draft, row: int) -> str:
    return f"{draft.branches['branch_id'][row].replace('-', '_')}#"


def plant_twice(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """B02: one branch reported twice, in the place of another one: both rows are held."""
    one, other = _row(draft, "branches", rng), None
    if one is not None:
        free = np.ones(len(draft.branches), dtype=bool)
        free[one] = False
        other = _row(draft, "branches", rng, free)
    if one is None or other is None:
        return None
    table = draft.tables["branches"]
    _forget_entries(draft, other)
    for column in table.cells:
        table.texts[other, column] = table.cells[column][one]
    for values in table.filed.values():
        values[other] = values[one]
    table.hold(one)
    return _spoil(draft, "B02", "branches", other, "branch_id", draft.branches["branch_id"][one], None)


def plant_kind_without_members(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """F04: a branch called functional that files members of its own; without such kinds, a share above one."""
    uncounted = [kind for kind in draft.context.bundle.programme.branch_kinds if not kind.counts_members]
    row = _row(draft, "branches", rng, _ordinary(draft))
    if row is None:
        return None
    if uncounted:
        draft.tables["branches"].texts[row, "branch_kind"] = uncounted[0].zh
        draft.tables["branches"].hold(row)
        return Planted("F04", "row", "branches", row, "members", f"{draft.tables['branches'].filed['members'][row]:g}")
    shares = _figure_columns(draft, "branches", ("share",))
    return _spoil(draft, "F04", "branches", row, shares[0].key, "1.2", 1.2) if shares else None


def _cell(rule: str, types: Sequence[str], text: Callable[[Column, float], tuple[str | None, float | None]], *, required: bool = False) -> Planter:
    def plant(draft: Draft, rng: np.random.Generator) -> Planted | None:
        columns = [c for c in _figure_columns(draft, "branches", types) if c.required or not required]
        if rule == "F06":
            columns = [column for column in columns if column.unit_words]
        row = _row(draft, "branches", rng, _ordinary(draft))
        if row is None or not columns:
            return None
        column = columns[int(rng.integers(len(columns)))]
        written, value = text(column, float(draft.tables["branches"].filed[column.key][row]))
        return _spoil(draft, rule, "branches", row, column.key, written, value)

    return plant


def _wrong_unit(column: Column, value: float) -> tuple[str, None]:
    word = names()["faults"]["wrong_unit"]
    return f"{value:g}{names()['faults']['wrong_unit_other'] if word in column.unit_words else word}", None


def plant_part_above_whole(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """F10: a part larger than the figure it is a part of."""
    table, catalogue = draft.tables["branches"], draft.context.bundle.catalogue
    pairs = [
        (column.key, whole)
        for column in _figure_columns(draft, "branches")
        if (whole := catalogue.indicators[column.indicator or ""].part_of) and whole in table.filed
    ]
    row = _row(draft, "branches", rng, _ordinary(draft))
    if row is None or not pairs:
        return None
    key, whole = pairs[int(rng.integers(len(pairs)))]
    value = float(np.floor(table.filed[whole][row])) + 5
    return _spoil(draft, "F10", "branches", row, key, f"{value:g}", value)


def plant_ledger_gap(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """F12: one more than the ledger has; a warning, so the figure counts as filed."""
    catalogue = draft.context.bundle.catalogue
    keys = [c.key for c in _figure_columns(draft, "branches") if catalogue.indicators[c.indicator or ""].ledger_kind]
    row = _row(draft, "branches", rng)
    if row is None or not keys:
        return None
    return _warn(draft, "F12", row, keys[-1], float(draft.tables["branches"].filed[keys[-1]][row]) + 1)


def plant_rate_gap(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """F13: a rate that is not the one its parts give; the roll-up recomputes it."""
    catalogue = draft.context.bundle.catalogue
    keys = [c.key for c in _figure_columns(draft, "branches", ("share", "number")) if catalogue.indicators[c.indicator or ""].formula]
    row = _row(draft, "branches", rng)
    if row is None or not keys:
        return None
    return _warn(draft, "F13", row, keys[0], round(float(draft.tables["branches"].filed[keys[0]][row]) - 0.15, 4))


def _warn(draft: Draft, rule: str, row: int, column: str, value: float) -> Planted:
    table = draft.tables["branches"]
    table.put(row, column, f"{value:g}", value)
    table.untouchable.add(row)
    return Planted(rule, "warning", "branches", row, column, f"{value:g}")


def _breach(rule: str, bound: str, factor: float) -> Planter:
    """T01 and T02: a ratio outside a threshold. The first threshold at which no other rule would object."""

    def plant(draft: Draft, rng: np.random.Generator) -> Planted | None:
        for threshold in sorted(draft.context.bundle.programme.thresholds.values(), key=lambda each: each.severity):
            limit = getattr(threshold, bound)
            row = _row(draft, "branches", rng, _ordinary(draft))
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
    return [key for key in ("dues_collected", "dues_returned") if first == "members" and key in draft.tables["branches"].filed]


def _shorten_ledger(draft: Draft, row: int, kind: str, left: int) -> None:
    choices = draft.column("activities", "activity_kind").choices
    words = [word for word, meaning in choices.items() if meaning == kind]
    mine = (draft.ledger_branch == row) & np.array([kind in words for kind in draft.tables["activities"].cells["activity_kind"]], dtype=bool)
    draft.drop_entries(~(mine & (np.cumsum(mine) > left)))


def plant_leap(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """S01: a stock of all branches twice what it was; a warning that needs the period before to be seen."""
    catalogue, table = draft.context.bundle.catalogue, draft.tables["branches"]
    ruled = {name for each in draft.context.bundle.programme.thresholds.values() for name in threshold_names(each.ratio)}
    change = draft.context.bundle.programme.change_to_explain
    for column in _figure_columns(draft, "branches", ("whole", "number")) if change else ():
        indicator = catalogue.indicators[column.indicator or ""]
        plain = indicator.kind == "stock" and not (indicator.of_members or indicator.part_of)
        free = table.free_rows()
        total = np.nansum(table.filed[column.key])
        leaps = plain and column.key not in ruled and total >= change.min_base
        if leaps and np.nansum(table.filed[column.key][free]) > 2 * change.pct / 100 * total:
            for row in free:
                value = float(table.filed[column.key][row]) * 2
                table.put(row, column.key, f"{value:g}", value)
            return Planted("S01", "warning", "branches", None, column.key, "")
    return None


def plant_second_unit_row(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """B09: the unit's own row twice; both are held."""
    table = draft.tables["unit_figures"]
    if 0 in table.untouchable:
        return None
    table.cells = {key: values[[0, 0]] for key, values in table.cells.items()}
    table.filed = {key: values[[0, 0]] for key, values in table.filed.items()}
    table.held = np.array([True, True])
    table.untouchable |= {0, 1}
    return Planted("B09", "row", "unit_figures", 1, "unit_name", draft.context.plan.unit.name)


def _closing(draft: Draft) -> tuple[str, str] | None:
    """(closing figure, the figure it grows by) of a unit that files all of E1, else None."""
    table, catalogue = draft.tables["unit_figures"], draft.context.bundle.catalogue
    for key in table.filed:
        rule = catalogue.indicators[key].must_equal if key in catalogue.indicators else None
        names_ = parse_formula(rule).names if rule else ()
        if rule and set(names_) <= set(table.filed):
            more = {name: evaluate(rule, {other: float(other == name) for other in names_}) for name in names_}
            return key, next(name for name in names_ if more[name] > 0 and catalogue.indicators[name].previous is None)
    return None


def plant_broken_balance(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """F07: closing is not opening plus set up less dissolved."""
    closing = _closing(draft)
    if closing is None or 0 in draft.tables["unit_figures"].untouchable:
        return None
    value = float(draft.tables["unit_figures"].filed[closing[1]][0]) + 2
    planted = _spoil(draft, "F07", "unit_figures", 0, closing[1], f"{value:g}", value)
    return replace(planted, column=closing[0])


def plant_other_opening(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """F08: an opening count that is not the closing count before; the balance of the row still holds."""
    table, closing = draft.tables["unit_figures"], _closing(draft)
    if closing is None or 0 in table.untouchable:
        return None
    opening = next(k for k in table.filed if k in draft.context.bundle.catalogue.indicators
                   and draft.context.bundle.catalogue.indicators[k].previous == closing[0])  # fmt: skip
    if table.filed[opening][0] < 1:
        return None
    more = float(table.filed[closing[1]][0]) + 1
    table.put(0, closing[1], f"{more:g}", more)
    value = float(table.filed[opening][0]) - 1
    return _spoil(draft, "F08", "unit_figures", 0, opening, f"{value:g}", value)


def plant_wrong_sum(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """F09: parts that do not add up to their total. Of the unit's own row, else of a branch."""
    for table in ("unit_figures", "branches"):
        parts = [column for column in draft.context.layout.table(table).columns if column.part]
        row = _row(draft, table, rng)
        if parts and row is not None:
            column = parts[int(rng.integers(len(parts)))]
            value = float(draft.tables[table].filed[column.key][row]) + 1
            planted = _spoil(draft, "F09", table, row, column.key, f"{value:g}", value)
            return replace(planted, column=column.key.split(PART)[0])
    return None


def plant_wrong_control(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """F11: a control total, or the count of branches, that is not what the branch rows give."""
    table = draft.tables["unit_figures"]
    keys = [use.key for use in draft.context.bundle.programme.indicators if use.control_total and use.key in table.filed]
    counts = [k for k in table.filed if k in draft.context.bundle.catalogue.indicators
              and draft.context.bundle.catalogue.indicators[k].counts_rows_of]  # fmt: skip
    chosen = keys or (counts if _closing(draft) is None else [])
    if not chosen or 0 in table.untouchable:
        return None
    value = float(table.filed[chosen[0]][0]) + 3
    return _spoil(draft, "F11", "unit_figures", 0, chosen[0], f"{value:g}", value)


def _reading(rule: str) -> Planter:
    """Faults of the files: the writer does the damage, here stands what is lost by it."""

    def plant(draft: Draft, rng: np.random.Generator) -> Planted | None:
        if draft.reading is not None:
            return None
        draft.reading = rule
        level = {"R04": "file", "R16": "file", "R06": "warning"}.get(rule, "none")
        column = ""
        if rule == "R16":
            table = draft.tables["unit_figures"]
            required = [c for c in draft.context.layout.table("unit_figures").columns if c.required and c.key in table.cells]
            if not required or 0 in table.untouchable:
                draft.reading = None
                return None
            column = required[-1].key
            table.dropped.add(column)
            table.hold(0)
        if rule == "R04":
            for each in draft.tables.values():
                each.held[:] = True
        return Planted(rule, level, "unit_figures" if rule == "R16" else "", None, column, "")

    return plant


BRANCH: dict[str, Planter] = {
    "B01": _identity("B01", "branch_id", lambda draft, row: None, forget=True),
    "B02": plant_twice,
    "B03": _identity("B03", "branch_name", lambda draft, row: None),
    "B04": _identity("B04", "branch_name", _noisy_name),
    "B05": _identity("B05", "branch_kind", lambda draft, row: names()["faults"]["unknown_word"]),
    "B06": _identity("B06", "township", lambda draft, row: None),
    "B07": _identity("B07", "figures_scope", lambda draft, row: "全体党员"),
    "B08": _identity("B08", "branch_id", _bad_id, forget=True),
    "F01": _cell("F01", COUNT_TYPES, lambda column, value: (names()["faults"]["unreadable"], None)),
    "F02": _cell("F02", COUNT_TYPES, lambda column, value: (None, None), required=True),
    "F03": _cell("F03", COUNT_TYPES, lambda column, value: ("-3", -3.0)),
    "F04": plant_kind_without_members,
    "F05": _cell("F05", ("whole",), lambda column, value: (f"{value + 0.5:g}", value + 0.5)),
    "F06": _cell("F06", ("whole",), _wrong_unit),
    "F10": plant_part_above_whole,
    "F12": plant_ledger_gap,
    "F13": plant_rate_gap,
    "T01": _breach("T01", "min", 0.5),
    "T02": _breach("T02", "max", 1.15),
}
LEAP: dict[str, Planter] = {"S01": plant_leap}
UNIT: dict[str, Planter] = {
    "B09": plant_second_unit_row,
    "F07": plant_broken_balance,
    "F08": plant_other_opening,
    "F09": plant_wrong_sum,
    "F11": plant_wrong_control,
}
FILES = ("R04", "R06", "R16", "duplicate", "superseded", "other_code")
READING: dict[str, Planter] = {rule: _reading(rule) for rule in FILES}
ALL: dict[str, Planter] = {**BRANCH, **LEAP, **UNIT, **LEDGER, **HONOUR, **READING}


def plant(draft: Draft, rules: Iterable[str]) -> None:
    """Plant faults by rule; branch rows first, then control totals are set to what is filed, then the rest."""
    wanted = sorted(rules, key=list(ALL).index)
    for rule in [each for each in wanted if each in BRANCH or each in LEAP]:
        _plant_one(draft, rule)
    _set_control_totals(draft)
    for rule in [each for each in wanted if each not in BRANCH and each not in LEAP]:
        _plant_one(draft, rule)


def _plant_one(draft: Draft, rule: str) -> None:
    rng = draft.context.rng("fault", rule, len(draft.planted))
    found = ALL[rule](draft, rng)
    if found is not None:
        draft.planted.append(found)


def _set_control_totals(draft: Draft) -> None:
    own = draft.tables["unit_figures"]
    for use in draft.context.bundle.programme.indicators:
        if use.control_total and use.key in own.filed and "branches" in draft.tables:
            total = float(np.nansum(draft.tables["branches"].filed[use.key]))
            own.filed[use.key][0] = own.cells[use.key][0] = total


NEED_THE_PERIOD_BEFORE = ("F08", "S01")


@dataclass(frozen=True)
class Openings:
    """Which units some faults can be planted in: `based` have filed the period before and were accepted, `recoded` bear
    another code at another time; `idle` are rules that the programme's forms give no place to."""

    based: frozenset[str]
    recoded: frozenset[str]
    idle: frozenset[str]


def idle_rules(bundle: Bundle, layout: Layout) -> frozenset[str]:
    """The rules that nothing in a programme's forms can break."""
    programme = bundle.programme
    columns = {(table.key, column.key) for table in layout.tables for column in table.columns}
    figures = {c.key: bundle.catalogue.indicators[c.indicator] for t in layout.tables for c in t.columns if c.indicator}
    uncounted = any(not kind.counts_members for kind in programme.branch_kinds)
    shares = any(column.type == "share" for table in layout.tables for column in table.columns)
    balanced = any(
        each.must_equal and set(parse_formula(each.must_equal).names) <= set(figures) for each in figures.values()
    )
    able = {
        "B06": ("branches", "township") in columns,
        "F04": uncounted or shares,
        "F07": balanced,
        "F08": balanced,
        "F09": any(column.part for table in layout.tables for column in table.columns),
        "F11": any(use.control_total for use in programme.indicators)
        or (not balanced and any(each.counts_rows_of for each in figures.values())),
        "F12": any(each.ledger_kind for each in figures.values()),
        "F13": any(each.formula for each in figures.values()),
        "H03": any(level.needs for level in programme.levels),
        "H04": ("branches", "rectifying") in columns,
    }
    return frozenset(rule for rule, is_able in able.items() if not is_able)


def assign(plans: Sequence[UnitPlan], options: Options, programme: str, openings: Openings) -> list[UnitPlan]:
    """The plans with the rules that each unit is to break.

    With "each", every rule goes to two units, faults of files to units of their own. Otherwise a unit breaks so many
    branch rules as the rate says of its branches, and now and then another one.
    """
    units = [at for at, plan in enumerate(plans) if not plan.is_own and plan.status != "missing" and plan.branches]
    faults: dict[int, list[str]] = {at: [] for at in range(len(plans))}
    if options.fault_rate == "each":
        _assign_each(plans, units, faults, openings)
    else:
        _assign_rate(plans, units, faults, float(options.fault_rate), options, programme)
    return [replace(plan, faults=_possible(plan, faults[at], openings)) for at, plan in enumerate(plans)]


def _possible(plan: UnitPlan, rules: Iterable[str], openings: Openings) -> tuple[str, ...]:
    based = plan.unit.unit_id in openings.based
    return tuple(r for r in rules if r not in openings.idle and (based or r not in NEED_THE_PERIOD_BEFORE))


def _assign_each(plans: Sequence[UnitPlan], units: list[int], faults: dict[int, list[str]], openings: Openings) -> None:
    by_size = sorted(units, key=lambda at: (plans[at].branches, at))
    others = [at for at in units if plans[at].unit.unit_id in openings.recoded]
    for rule, at in zip((rule for rule in FILES if rule != "other_code"), by_size, strict=False):
        faults[at].append(rule)
    if others:
        faults[others[-1]].append("other_code")
    left = [at for at in reversed(by_size) if not faults[at]]
    for rules, order in ((BRANCH, left), (LEAP, [left[0], left[-1]]), (UNIT, left), (LEDGER, left), (HONOUR, left[::-1])):
        for number, rule in enumerate([*rules, *rules] if len(left) >= 2 * len(BRANCH) else rules):
            faults[order[number % len(order)]].append(rule)


def _assign_rate(
    plans: Sequence[UnitPlan], units: list[int], faults: dict[int, list[str]], rate: float, options: Options, programme: str
) -> None:
    for at in units:
        rng = rng_for(options.seed, "faults", programme, plans[at].unit.unit_id)
        for rules, mean in ((BRANCH, plans[at].branches * rate), (UNIT, rate), (LEAP, rate / 4), (LEDGER, plans[at].branches * rate),
                            (HONOUR, rate * 2), (READING, rate / 2)):  # fmt: skip
            able = [rule for rule in rules if rule != "other_code"]
            faults[at] += [able[int(rng.integers(len(able)))] for _ in range(rng.poisson(mean))]

