"""What goes back to a unit, and what comes back from it."""

import datetime as dt
import logging
from pathlib import Path

from etl.core.returns.events import By
from etl.core.returns.resubmission import Answer
from etl.edges.store.history import UnitEvent, insert_events, record
from etl.edges.whole_files import write_whole
from etl.errors import Misuse
from etl.stages.context import Context, open_context
from etl.tasks import Result

log = logging.getLogger(__name__)


def feedback(
    programme: str, period: str, unit_code: str, out: Path | None, actor: str, at: dt.datetime, all_ledgers: bool = False
) -> Result:
    """Write a unit's fix-me workbook to a file, named after the unit without `out`."""
    from etl.stages.feedback import feedback_file_name, feedback_workbook

    context = open_context(programme, period)
    unit_id = unit_id_of(context, unit_code)
    target = out or Path(feedback_file_name(context, unit_id))
    write_whole(target, feedback_workbook(context, unit_id, all_ledgers))
    record(context.store, *context.key, UnitEvent(unit_id, at, "downloaded", {"file_name": target.name}, actor))
    return {"file": str(target), "bytes": target.stat().st_size}


def unit_id_of(context: Context, unit_code: str) -> str:
    """The id of the unit with that code. Misuse if there is none."""
    for unit in context.register.units:
        if unit.code == unit_code and unit.kind != "own":
            return unit.unit_id
    for unit in context.register.units:
        if unit_code in (unit.unit_id, unit.code):
            return unit.unit_id
    raise Misuse(f"no unit {unit_code} in {' '.join(context.key)}")


def resubmit(
    programme: str, period: str, path: Path, unit_code: str | None, actor: str, at: dt.datetime, take: bool
) -> Answer:
    """Take in a file that a unit sent back, from a path. Misuse if there is no such file."""
    from etl.stages.resubmit import resubmit as stage

    context = open_context(programme, period)
    unit_id = unit_id_of(context, unit_code) if unit_code else None
    if not path.is_file():
        raise Misuse(f"no file {path}")
    return stage(
        context,
        path.read_bytes(),
        path.name,
        unit_id=unit_id,
        by=By(actor, at),
        channel="command",
        take=take,
    )


def changed_returns(as_of: str) -> list[Result]:
    """Batches with returns that were put right since the roll-ups were last told: programme, period, batch_id, `units`, `keys`.

    `keys`: the partition keys of all units of the batch that are settled on the day of `as_of`; a roll-up wants them all.
    A unit that the register no longer has, and a programme no longer in force, are left out and told in the log: there is
    nothing to roll up for them, and the others must not wait.
    """
    from etl.edges.store.database import open_store
    from etl.edges.store.history import changed_since_announced
    from etl.settings import settings
    from etl.tasks import settled_keys

    found = []
    for (programme, period), unit_ids in changed_since_announced(open_store(settings().database_url)).items():
        found += [
            {"programme": programme, "period": period, "batch_id": batch_id, "units": units,
             "keys": settled_keys(programme, period, batch_id, as_of)}
            for batch_id, units in sorted(_by_batch(programme, period, unit_ids).items())
        ]
    return found


def _by_batch(programme: str, period: str, unit_ids: list[str]) -> dict[str, list[str]]:
    """Batch → those of the units that are in it."""
    try:
        register = open_context(programme, period).register
    except Misuse as error:
        log.warning("%d corrected returns are not announced: %s", len(unit_ids), error)
        return {}
    batches: dict[str, list[str]] = {}
    for unit_id in unit_ids:
        if unit_id in register.units_by_id:
            batches.setdefault(register.unit(unit_id).batch_id, []).append(unit_id)
        else:
            log.warning("%s %s: %s is not announced: the register has it no more", programme, period, unit_id)
    return batches


def record_announced(changed: list[Result], at: dt.datetime) -> int:
    """Keep that the roll-ups were told of what had changed by `at`, in one transaction; gives back of how many units."""
    from etl.edges.store.database import open_store
    from etl.settings import settings

    with open_store(settings().database_url).begin() as connection:
        for each in changed:
            told = [UnitEvent(unit_id, at, "announced") for unit_id in each["units"]]
            insert_events(connection, each["programme"], each["period"], told)
    return sum(len(each["units"]) for each in changed)
