"""What the careless and the dishonest file: leaps, outliers, round and equal figures, copies, activities without a trace.

Warnings all of them: the figures count as filed. They come before other faults, because they take whole columns.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from etl.core.period import Period
from etl.core.programmes.indicators import Indicator
from etl.core.programmes.layout import Column, Layout
from etl.core.programmes.suspicion_limits import Leap, Suspicions
from etl.edges.programmes import Bundle
from etl.simulate.draft import Draft, Planted, make_draft
from etl.simulate.figures import default_range, threshold_names
from etl.simulate.planting import Planter, figure_columns, free_row, ordinary
from etl.simulate.profile import names, ordinal, profiles


def _limits(bundle: Bundle, period: Period) -> Suspicions:
    dated = bundle.programme.suspicions
    return dated.on(period.last_day) if dated else Suspicions()


def limits_of(draft: Draft) -> Suspicions:
    """What the programme looks for in the period."""
    return _limits(draft.context.bundle, draft.context.period)


def branches_needed(bundle: Bundle, period: Period) -> dict[str, int]:
    """Rule → how many branches a unit must have for it to be planted; a few more than are compared, for those that are held."""
    limits = _limits(bundle, period)
    blocks = ((("Q01",), limits.ceilings), (("P02", "P03", "P04"), limits.peers), (("Q02", "Q03", "Q04"), limits.heaps))
    needed = {rule: each.min_branches + _SPARE for rules, each in blocks if each for rule in rules}
    return needed | dict.fromkeys(("K01", "K02", "K03", "K04", "V01"), 3)


_SPARE = 6


def _may_leap(indicator: Indicator, leap: Leap | None) -> bool:
    """Whether leaps are looked for, and the branches' invented stocks of this kind are large enough."""
    if leap is None:
        return False
    recipe = profiles()["figures"].get(indicator.key, {"range": default_range(indicator, "branch")})
    plain = indicator.kind == "stock" and not (indicator.of_members or indicator.part_of or indicator.within)
    return plain and "range" in recipe and recipe["range"][1] >= 2 * leap.min_base


def idle_suspicions(bundle: Bundle, layout: Layout, period: Period) -> frozenset[str]:
    """The rules of suspicion that the programme does not ask about, or whose kind of figure its branches do not file."""
    limits, catalogue = _limits(bundle, period), bundle.catalogue
    columns = [c for table in layout.tables if table.key == "branches" for c in table.columns if c.indicator]
    keys, kinds = {c.key for c in columns}, {c.type for c in columns}
    peers, heaps = limits.peers, limits.heaps
    plain = [c.indicator for c in columns if c.indicator]
    ledger_kinds = {key: each.ledger_kind for key, each in catalogue.indicators.items()}
    able = {
        "Q01": bool(limits.ceilings and keys & {most.indicator for most in limits.ceilings.most}),
        "Q02": bool(heaps and heaps.multiples_of_10), "Q03": bool(heaps and heaps.multiples_of_5),
        "Q04": bool(heaps and heaps.equal), "P01": any(_may_leap(catalogue.indicators[key], limits.leap) for key in plain),
        "P02": bool(peers and peers.z_score), "P03": bool(peers and peers.modified_z), "P04": bool(peers and peers.min_max),
        "K01": bool(limits.copies and "text" in kinds), "K02": bool(limits.copies and "text" in kinds),
        **dict.fromkeys(("K03", "K04"), limits.copies is not None and len(keys) > limits.copies.min_figures),
        "V01": limits.evidence is not None and any(kind for key, kind in ledger_kinds.items() if key in keys),
    }
    return frozenset(rule for rule, is_able in able.items() if not is_able)


def _lone_columns(draft: Draft, least: float) -> list[Column]:
    """Figures without relations to others, with a median of `least` or more: they may be changed without breaking a rule."""
    programme, catalogue = draft.context.bundle.programme, draft.context.bundle.catalogue
    bound = {name for each in programme.thresholds.values() for name in threshold_names(each.ratio)}
    for key in draft.tables["branches"].filed:
        each = catalogue.indicators.get(key)
        if each is not None:
            bound |= {each.part_of or ""} | set(each.parsed_formula.names if each.formula else ())
    return [
        column
        for column in figure_columns(draft, "branches")
        if column.key not in bound
        and not (each := catalogue.indicators[column.indicator or ""]).part_of
        and not (each.ledger_kind or each.of_members or each.formula or each.within)
        and np.nanmedian(draft.tables["branches"].filed[column.key]) >= least
    ]


def _file(draft: Draft, row: int, column: str, value: float) -> None:
    draft.tables["branches"].put(row, column, f"{value:g}", value)


def _outlier(rule: str) -> Planter:
    """P02 to P04: a figure ten times the largest of the other branches: a digit too many."""

    def plant(draft: Draft, rng: np.random.Generator) -> Planted | None:
        columns, row = _lone_columns(draft, 1), free_row(draft, "branches", rng)
        if row is None or not columns:
            return None
        column = columns[int(rng.integers(len(columns)))].key
        value = float(np.ceil(np.nanmax(draft.tables["branches"].filed[column]) * 10))
        _file(draft, row, column, value)
        draft.tables["branches"].untouchable.add(row)
        return Planted(rule, "warning", "branches", row, column, f"{value:g}")

    return plant


def plant_branch_leap(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """P01: a stock of one branch twice what it was; needs the period before to be seen."""
    leap, table = limits_of(draft).leap, draft.tables["branches"]
    catalogue = draft.context.bundle.catalogue
    for column in _lone_columns(draft, 1) if leap else ():
        values = table.filed[column.key]
        stood_before = draft.branches["born"].to_numpy() < ordinal(draft.context.period)
        row = free_row(draft, "branches", rng, stood_before & (values >= (leap.min_base if leap else 0)))
        if row is not None and catalogue.indicators[column.indicator or ""].kind == "stock":
            value = float(values[row]) * 2
            _file(draft, row, column.key, value)
            table.untouchable.add(row)
            return Planted("P01", "warning", "branches", row, column.key, f"{value:g}")
    return None


def _pattern(rule: str, change: Callable[[np.ndarray], np.ndarray]) -> Planter:
    """Q02 to Q04: a figure of all branches, rounded or made equal."""

    def plant(draft: Draft, _rng: np.random.Generator) -> Planted | None:
        heaps, table = limits_of(draft).heaps, draft.tables["branches"]
        taken = {each.column for each in draft.planted}
        columns = [
            column for column in _lone_columns(draft, 2 * heaps.min_value if heaps else 1) if column.key not in taken
        ]
        if not columns:
            return None
        column = columns[0].key
        for row, value in enumerate(change(np.nan_to_num(table.filed[column]))):
            if row not in table.untouchable:
                _file(draft, row, column, float(value))
        return Planted(rule, "warning", "branches", None, column, "")

    return plant


def _by_ten(values: np.ndarray) -> np.ndarray:
    rounded: np.ndarray = np.maximum(np.round(values, -1), 10)
    return rounded


def _by_five(values: np.ndarray) -> np.ndarray:
    """Multiples of five and not of ten."""
    rounded: np.ndarray = np.floor(values / 10) * 10 + 5
    return rounded


def _all_equal(values: np.ndarray) -> np.ndarray:
    return np.full(len(values), np.floor(np.median(values)) // 10 * 10 + 7)


def plant_ceiling(draft: Draft, _rng: np.random.Generator) -> Planted | None:
    """Q01: all branches at the most there is."""
    ceilings, table = limits_of(draft).ceilings, draft.tables["branches"]
    for most in ceilings.most if ceilings else ():
        if most.indicator in table.filed:
            for row in table.free_rows():
                _file(draft, row, most.indicator, most.value)
            return Planted("Q01", "warning", "branches", None, most.indicator, "")
    return None


def _copied_text(rule: str, word: tuple[str, str]) -> Planter:
    """K01 and K02: one long text under two branches, word for word or with a number changed."""

    def plant(draft: Draft, rng: np.random.Generator) -> Planted | None:
        table = draft.tables["branches"]
        columns = [c for c in draft.context.layout.table("branches").columns if c.indicator and c.type == "text"]
        free = table.free_rows()
        if not columns or len(free) < 2:
            return None
        one, other = sorted(int(row) for row in rng.choice(free, 2, replace=False))
        text = f"{draft.context.plan.unit.name}{names()['faults']['narrative']}"
        for row, written in ((one, text), (other, text.replace(*word))):
            table.texts[row, columns[0].key] = written
            table.untouchable.add(row)
        return Planted(rule, "warning", "branches", other, columns[0].key, text)

    return plant


def plant_equal_row(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """K03: one branch files the figures of another."""
    table = draft.tables["branches"]
    free = [row for row in table.free_rows() if ordinary(draft)[row]]
    if len(free) < 2:
        return None
    one, other = sorted(int(row) for row in rng.choice(free, 2, replace=False))
    for column in draft.context.layout.table("branches").columns:
        if column.indicator and column.type != "text":
            value = table.texts.get((one, column.key), table.cells[column.key][one])
            table.texts[one, column.key] = table.texts[other, column.key] = value
    for values in table.filed.values():
        values[other] = values[one]
    table.untouchable |= {one, other}
    return Planted("K03", "warning", "branches", other, "branch_id", "")


def plant_unchanged_row(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """K04: one branch files its figures of the period before once more; needs that period to be seen."""
    context, copies = draft.context, limits_of(draft).copies
    period = context.period.previous()
    earlier = make_draft(replace(context, period=period, layout=context.bundle.layout(period)))
    then, table = earlier.tables["branches"], draft.tables["branches"]
    at = {branch: row for row, branch in enumerate(earlier.branches["branch_id"])}
    least = copies.min_figures if copies else 0

    def filled(branch: str) -> bool:
        return branch in at and sum(values[at[branch]] > 0 for values in then.filed.values()) >= least

    row = free_row(draft, "branches", rng, ordinary(draft) & np.array([filled(each) for each in draft.branches["branch_id"]]))
    if row is None:
        return None
    old = at[draft.branches["branch_id"][row]]
    for column in context.layout.table("branches").columns:
        if column.indicator and column.type != "text" and column.key in then.cells:
            table.cells[column.key][row] = then.cells[column.key][old]
            table.texts.pop((row, column.key), None)
            if column.key in table.filed:
                table.filed[column.key][row] = then.filed[column.key][old]
    table.untouchable.add(row)
    return Planted("K04", "warning", "branches", row, "branch_id", "")


def plant_no_evidence(draft: Draft, rng: np.random.Generator) -> Planted | None:
    """V01: a branch that reports activities and has not one entry in the ledger."""
    row, catalogue = free_row(draft, "branches", rng), draft.context.bundle.catalogue
    filed = [key for key in draft.tables["branches"].filed if key in catalogue.indicators]
    counted = [key for key in filed if catalogue.indicators[key].ledger_kind]
    if row is None or not counted or not (draft.ledger_branch != row).any():
        return None
    draft.drop_entries(draft.ledger_branch != row)
    draft.tables["branches"].untouchable.add(row)
    return Planted("V01", "warning", "branches", row, counted[0], "")


SUSPICION: dict[str, Planter] = {
    "Q01": plant_ceiling,
    "Q02": _pattern("Q02", _by_ten),
    "Q03": _pattern("Q03", _by_five),
    "Q04": _pattern("Q04", _all_equal),
    "P01": plant_branch_leap,
    "P02": _outlier("P02"),
    "P03": _outlier("P03"),
    "P04": _outlier("P04"),
    "K01": _copied_text("K01", ("", "")),
    "K02": _copied_text("K02", ("12", "15")),
    "K03": plant_equal_row,
    "K04": plant_unchanged_row,
    "V01": plant_no_evidence,
}
