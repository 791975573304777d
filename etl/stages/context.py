"""What every stage needs at hand for a programme and a period."""

from dataclasses import dataclass

import sqlalchemy as sa

from etl.core.period import Period
from etl.core.register import Register, Unit
from etl.edges.landing import Landing
from etl.edges.programmes import Bundle, load_bundle
from etl.edges.store.database import open_store
from etl.errors import Misuse
from etl.settings import Settings, settings


@dataclass(frozen=True)
class Context:
    """A programme, a period, its register, and the places where things rest."""

    bundle: Bundle
    period: Period
    register: Register
    store: sa.Engine
    landing: Landing
    settings: Settings

    @property
    def key(self) -> tuple[str, str]:
        """Programme and period as the store writes them."""
        return self.bundle.programme.programme, str(self.period)

    def units(self, batch_id: str | None) -> tuple[Unit, ...]:
        """The units of a batch, or of all; Misuse for an unknown batch."""
        if batch_id is None:
            return self.register.units
        try:
            return self.register.batch(batch_id)
        except KeyError:
            raise Misuse(
                f"unknown batch {batch_id}; there are: {', '.join(self.register.batch_ids())}"
            ) from None

    def unit_ids(self, batch_id: str | None) -> list[str]:
        """The ids of `units`."""
        return [unit.unit_id for unit in self.units(batch_id)]


def open_context(programme: str, period: str) -> Context:
    """The context of a programme and a period. Misuse if either is unknown or the one is not in force in the other."""
    chosen = settings()
    bundle = load_bundle(programme, chosen.programmes_dir)
    try:
        when = Period.parse(period)
    except ValueError as error:
        raise Misuse(str(error)) from error
    if not bundle.programme.covers(when):
        raise Misuse(f"{programme} is not in force in {period}")
    if bundle.programme.periods.cadence != when.kind:
        raise Misuse(f"{programme} reports by {bundle.programme.periods.cadence}; {period} is a {when.kind}")
    return Context(
        bundle,
        when,
        bundle.register(when),
        open_store(chosen.database_url),
        Landing(chosen.landing_dir),
        chosen,
    )
