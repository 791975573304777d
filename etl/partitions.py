"""Which units make up a batch, without any heavy import: for the schedulers that watch partition keys."""

from functools import cache

from etl.core.period import Period
from etl.core.register import Register
from etl.edges.programmes import load_bundle, programme_folders
from etl.settings import settings


@cache
def _register(programme: str, period: str) -> Register:
    return load_bundle(programme, settings().programmes_dir).register(Period.parse(period))


def programmes_in_force(period: str) -> tuple[str, ...]:
    """The programmes that this installation runs and that are in force on the period's last day."""
    chosen = [key.strip() for key in settings().programmes.split(",") if key.strip()]
    folders = programme_folders(settings().programmes_dir)
    keys = chosen or list(folders)
    on = Period.parse(period)
    bundles = {key: load_bundle(key, settings().programmes_dir).programme for key in keys}
    return tuple(k for k, each in bundles.items() if each.covers(on) and each.periods.cadence == on.kind)


def batch_ids(programme: str, period: str) -> tuple[str, ...]:
    """The batches of a programme in a period."""
    return _register(programme, period).batch_ids()


def unit_ids(programme: str, period: str, batch_id: str) -> tuple[str, ...]:
    """The units of a batch that must report."""
    return tuple(unit.unit_id for unit in _register(programme, period).batch(batch_id) if unit.must_report)
