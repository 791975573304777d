"""Plants faults into a draft, each breaking one rule, and says where and what must be held.

What spoils all rows of a unit comes first, then single branch rows; then control totals are set to what is filed, so that a
spoilt branch never breaks its unit's own figures; then everything else.
"""

from collections.abc import Iterable

import numpy as np

from etl.simulate.branch_faults import BRANCH, LEAP
from etl.simulate.draft import Draft
from etl.simulate.planting import Planter
from etl.simulate.record_faults import HONOUR, LEDGER
from etl.simulate.suspicion_faults import SUSPICION
from etl.simulate.unit_faults import READING, TITLED, UNIT, UNREADABLE

ALL: dict[str, Planter] = {**SUSPICION, **BRANCH, **LEAP, **UNIT, **TITLED, **LEDGER, **HONOUR, **READING}


def plant(draft: Draft, rules: Iterable[str]) -> None:
    """Plant faults by rule: what takes whole columns, then branch rows; control totals are set to what is filed, then the rest.

    In a file that cannot be opened nothing else can be found, so nothing else is planted there.
    """
    chosen = list(rules)
    wanted = [UNREADABLE] if UNREADABLE in chosen else sorted(chosen, key=list(ALL).index)
    first = [each for kind in (SUSPICION, LEAP, BRANCH) for each in wanted if each in kind]
    for rule in first:
        _plant_one(draft, rule)
    _set_control_totals(draft)
    for rule in [each for each in wanted if each not in first]:
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
