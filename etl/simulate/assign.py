"""Says which unit is to break which rules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from etl.core.period import Period
from etl.core.programmes.formula import parse_formula
from etl.core.programmes.layout import Layout
from etl.edges.programmes import Bundle
from etl.simulate.branch_faults import BRANCH, LEAP
from etl.simulate.plan import Options, UnitPlan
from etl.simulate.profile import rng_for
from etl.simulate.record_faults import HONOUR, LEDGER
from etl.simulate.suspicion_faults import SUSPICION, idle_suspicions
from etl.simulate.unit_faults import FILES, READING, TITLED, UNIT

NEED_THE_PERIOD_BEFORE = {"F08": "unit_figures", "S01": "branches", "P01": "branches", "K04": "branches"}
"""Rule → the table of which the period before must have been accepted."""


@dataclass(frozen=True)
class Openings:
    """Which units some faults can be planted in: for a rule in `based`, those whose figures of the period before stand;
    `recoded` bear another code at another time; `idle` are rules that the programme's forms give no place to;
    `least` says how many branches others take."""

    based: Mapping[str, frozenset[str]]
    recoded: frozenset[str]
    idle: frozenset[str]
    least: Mapping[str, int]


def idle_rules(bundle: Bundle, layout: Layout, period: Period) -> frozenset[str]:
    """The rules that nothing in a programme's forms can break."""
    programme = bundle.programme
    columns = {(table.key, column.key) for table in layout.tables for column in table.columns}
    figures = {
        c.key: bundle.catalogue.indicators[c.indicator]
        for t in layout.tables
        for c in t.columns
        if c.indicator
    }
    uncounted = any(not kind.counts_members for kind in programme.branch_kinds)
    shares = any(column.type == "share" for table in layout.tables for column in table.columns)
    balanced = any(
        each.must_equal and set(parse_formula(each.must_equal).names) <= set(figures)
        for each in figures.values()
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
        "F16": shares and any(each.formula and len(each.parsed_formula.names) > 2 for each in figures.values()),
        "F14": any(each.lists for each in figures.values()),
        "H03": any(level.needs for level in programme.levels),
        "H04": ("branches", "rectifying") in columns,
    }
    return frozenset(rule for rule, is_able in able.items() if not is_able) | idle_suspicions(bundle, layout, period)


def assign(
    plans: Sequence[UnitPlan], options: Options, programme: str, period: Period, openings: Openings
) -> list[UnitPlan]:
    """The plans with the rules that each unit is to break.

    With "each", every rule goes to two units, faults of files to units of their own. Otherwise a unit breaks so many
    branch rules as the rate says of its branches, and now and then another one.
    """
    units = [
        at for at, plan in enumerate(plans) if not plan.is_own and plan.status != "missing" and plan.branches
    ]
    faults: dict[int, list[str]] = {at: [] for at in range(len(plans))}
    if options.fault_rate == "each":
        _assign_each(plans, units, faults, openings)
    else:
        _assign_rate(plans, units, faults, float(options.fault_rate), options, f"{programme} {period}")
    return [replace(plan, faults=_possible(plan, faults[at], openings)) for at, plan in enumerate(plans)]


def _possible(plan: UnitPlan, rules: Iterable[str], openings: Openings) -> tuple[str, ...]:
    unit_id = plan.unit.unit_id
    return tuple(
        rule
        for rule in rules
        if rule not in openings.idle
        and plan.branches >= openings.least.get(rule, 0)
        and (rule not in openings.based or unit_id in openings.based[rule])
    )


def _assign_each(
    plans: Sequence[UnitPlan], units: list[int], faults: dict[int, list[str]], openings: Openings
) -> None:
    by_size = sorted(units, key=lambda at: (plans[at].branches, at))
    others = [at for at in units if plans[at].unit.unit_id in openings.recoded]
    for rule, at in zip((rule for rule in FILES if rule != "other_code"), by_size, strict=False):
        faults[at].append(rule)
    if others:
        faults[others[-1]].append("other_code")
    left = [at for at in reversed(by_size) if not faults[at]]
    for rule in TITLED:  # of few units anything is on record: the rule goes to them, wherever the others went
        able = [at for at in left if plans[at].unit.unit_id in openings.based[rule]]
        for at in able[len(able) // 2 :][:2]:
            faults[at].append(rule)
    times = 2 if len(left) >= 2 * len(BRANCH) else 1
    for rules, order in (
        (sorted(SUSPICION, key=lambda rule: -openings.least.get(rule, 0)), left),  # the largest units first
        (BRANCH, left),
        (
            LEAP,
            left[min(len(BRANCH) * times, len(left) - 1) :],
        ),  # a unit with no other fault, if there is one
        (UNIT, left),
        (LEDGER, left),
        (HONOUR, left[::-1]),
    ):
        for number, rule in enumerate([*rules] * times):
            faults[order[number % len(order)]].append(rule)


def _assign_rate(
    plans: Sequence[UnitPlan],
    units: list[int],
    faults: dict[int, list[str]],
    rate: float,
    options: Options,
    words: str,
) -> None:
    for at in units:
        rng = rng_for(options.seed, "faults", words, plans[at].unit.unit_id)
        of_branches = plans[at].branches * rate
        means = (
            (BRANCH, of_branches),
            (LEDGER, of_branches),
            (HONOUR, rate * 2),
            (UNIT, rate),
            (READING, rate / 2),
            (LEAP, rate / 4),
            (SUSPICION, rate),
            (TITLED, rate / 4),
        )
        for rules, mean in means:
            able = [rule for rule in rules if rule != "other_code"]
            faults[at] += [able[int(rng.integers(len(able)))] for _ in range(rng.poisson(mean))]
