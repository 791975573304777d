"""Faulty entries in the ledger and in the honours table: rows added to a right return, each breaking one rule."""

from collections.abc import Callable

import numpy as np

from etl.simulate.draft import Draft, Planted
from etl.simulate.honours import day_in, person, word_of
from etl.simulate.planting import Planter, listing_figures
from etl.simulate.profile import names

Change = Callable[[Draft, np.random.Generator, dict[str, object]], tuple[str, object] | None]

UNCOUNTED_KIND = "other"  # entries of a kind that no figure counts leave the comparison with the ledger alone


def _ledger(rule: str, change: Change) -> Planter:
    def plant(draft: Draft, rng: np.random.Generator) -> Planted | None:
        if not len(draft.tables["activities"]):
            return None
        words = draft.column("activities", "activity_kind").choices
        row: dict[str, object] = {
            **_entry(draft, int(rng.integers(len(draft.tables["activities"])))),
            "activity_kind": next(word for word, meaning in words.items() if meaning == UNCOUNTED_KIND),
            "activity_title": f"补记{len(draft.planted) + 1}",
            "attendance_due": 20, "attendance_present": 18, "attendance_excused": 1,
        }
        return _added(draft, rng, rule, "activities", row, change)

    return plant


def _added(
    draft: Draft, rng: np.random.Generator, rule: str, table: str, row: dict[str, object], change: Change
) -> Planted | None:
    """The row, made faulty, at the end of its table; None where there is nothing to make faulty."""
    changed = change(draft, rng, row)
    if changed is None:
        return None
    column, text = changed
    row[column] = text
    return Planted(rule, "row", table, draft.append(table, row), column, str(text or ""))


def _entry(draft: Draft, at: int) -> dict[str, object]:
    return {key: values[at] for key, values in draft.tables["activities"].cells.items()}


def _repeat(draft: Draft, rng: np.random.Generator, row: dict[str, object]) -> tuple[str, object]:
    """A07: an entry of the ledger once more, word for word."""
    entries = draft.tables["activities"]
    there = np.flatnonzero(~entries.held)
    row.update(_entry(draft, int(there[rng.integers(len(there))])))
    return "activity_title", row["activity_title"]


def _before_the_period(
    draft: Draft, _rng: np.random.Generator, _row: dict[str, object]
) -> tuple[str, object]:
    return "held_on", draft.context.period.previous().last_day.isoformat()


def _too_many(_draft: Draft, _rng: np.random.Generator, _row: dict[str, object]) -> tuple[str, object]:
    return "attendance_present", 27


LEDGER: dict[str, Planter] = {
    "A01": _ledger(
        "A01", lambda draft, _rng, _row: ("branch_id", f"{draft.context.plan.unit.unit_id[1:]}-X0000")
    ),
    "A02": _ledger("A02", lambda _draft, _rng, _row: ("held_on", names()["faults"]["unreadable_day"])),
    "A03": _ledger("A03", _before_the_period),
    "A04": _ledger("A04", lambda _draft, _rng, _row: ("activity_kind", names()["faults"]["unknown_word"])),
    "A05": _ledger(
        "A05", lambda _draft, _rng, _row: ("attendance_present", names()["faults"]["unreadable_count"])
    ),
    "A06": _ledger("A06", _too_many),
    "A07": _ledger("A07", _repeat),
}


def _honour(rule: str, change: Change, *, naming: bool = True) -> Planter:
    def plant(draft: Draft, rng: np.random.Generator) -> Planted | None:
        context, levels = draft.context, draft.context.bundle.programme.levels
        commendation = context.bundle.programme.commendation
        kinds = commendation.kinds if commendation else ()
        praise = next((kind for kind in kinds if kind != "naming"), "praise")
        lowest = next((level for level in levels if not level.needs), None)
        if naming and lowest is None:
            return None
        branch = _unnamed(draft, rng) if naming else 0
        if branch is None:
            return None
        row: dict[str, object] = {
            "honour_kind": word_of(context, "honour_kind", "naming" if naming else praise),
            "level": lowest.zh if naming and lowest else None,
            "branch_id": draft.branches["branch_id"][branch],
            "recipient": draft.branches["branch_name"][branch] if naming else person(rng),
            "recipient_kind": word_of(context, "recipient_kind", "organisation" if naming else "member"),
            "conferred_tier": word_of(context, "conferred_tier", context.bundle.programme.top.tier),
            "honour_title": lowest.zh if naming and lowest else names()["praise_titles"]["person"],
            "decided_on": day_in(context, rng),
            "document_number": None,
        }
        return _added(draft, rng, rule, "honours", row, change)

    return plant


def _unnamed(draft: Draft, rng: np.random.Generator) -> int | None:
    """A branch of the unit without a fault or a naming, and not being set right."""
    table = draft.tables["branches"]
    honours = draft.tables["honours"].cells
    named = {branch for branch, level in zip(honours["branch_id"], honours["level"], strict=True) if level}
    free = [
        row for row in table.free_rows()
        if draft.branches["branch_id"][row] not in named and not draft.branches["rectifying"][row]
    ]
    return int(free[rng.integers(len(free))]) if free else None


def _too_high(draft: Draft, _rng: np.random.Generator, _row: dict[str, object]) -> tuple[str, object] | None:
    """H03: the branch is named at a level without the one below."""
    higher = [level for level in draft.context.bundle.programme.levels if level.needs]
    return ("level", higher[-1].zh) if higher else None


def _while_rectifying(
    draft: Draft, _rng: np.random.Generator, row: dict[str, object]
) -> tuple[str, object] | None:
    """H04: the branch is being set right, as its own row says."""
    if not any(column.key == "rectifying" for column in draft.context.layout.table("branches").columns):
        return None
    table = draft.tables["branches"]
    at = int(np.flatnonzero((draft.branches["branch_id"] == row["branch_id"]).to_numpy())[0])
    table.texts[at, "rectifying"] = "是"
    table.untouchable.add(at)
    return "branch_id", row["branch_id"]


def _warned(planter: Planter) -> Planter:
    """The same fault as a warning: the row counts."""

    def plant(draft: Draft, rng: np.random.Generator) -> Planted | None:
        planted = planter(draft, rng)
        if planted is not None and planted.row is not None:
            draft.tables["honours"].held[planted.row] = False
            planted.level = "warning"
            _count_with_the_list(draft, planted.row)
        return planted

    return plant


def _count_with_the_list(draft: Draft, row: int) -> None:
    """The unit's own figure counts what the list has more by now, where it still says whom; a spoilt one stays as it is."""
    own, said = draft.tables["unit_figures"], draft.tables["honours"].cells["recipient_kind"][row]
    whom = draft.column("honours", "recipient_kind").choices.get(str(said))
    for whole, *parts in listing_figures(draft):
        if draft.context.bundle.catalogue.indicators[whole].lists == whom and (0, whole) not in own.texts:
            for key in (whole, *parts[:1]):
                for values in (own.true[key], own.filed[key], own.cells[key]):
                    values[:] = values + 1


HONOUR: dict[str, Planter] = {
    "H01": _honour(
        "H01", lambda _draft, _rng, _row: ("honour_kind", names()["faults"]["unknown_word"]), naming=False
    ),
    "H02": _honour(
        "H02", lambda draft, _rng, _row: ("branch_id", f"{draft.context.plan.unit.unit_id[1:]}-X0000")
    ),
    "H03": _honour("H03", _too_high),
    "H04": _honour("H04", _while_rectifying),
    "H05": _honour("H05", lambda _draft, _rng, _row: ("recipient", None), naming=False),
    "H06": _honour("H06", lambda _draft, _rng, _row: ("level", names()["faults"]["unknown_word"])),
    "H07": _warned(
        _honour(
            "H07",
            lambda _draft, _rng, _row: ("decided_on", names()["faults"]["unreadable_day"]),
            naming=False,
        )
    ),
    "H08": _warned(
        _honour(
            "H08",
            lambda _draft, _rng, _row: ("conferred_tier", names()["faults"]["unknown_word"]),
            naming=False,
        )
    ),
    "H09": _warned(
        _honour(
            "H09",
            lambda _draft, _rng, _row: ("recipient_kind", names()["faults"]["unknown_word"]),
            naming=False,
        )
    ),
}
