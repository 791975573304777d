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

    def unit_ids_of(self, code: str | None) -> list[str]:
        """The ids of the units with a code (a place and its own office share one), or of all; Misuse for an unknown code."""
        ids = [unit.unit_id for unit in self.register.units if code in (None, unit.code)]
        if not ids:
            raise Misuse(f"no unit {code} in {' '.join(self.key)}")
        return ids


def period_of(text: str) -> Period:
    """The period that a person has written; Misuse if it is none."""
    try:
        return Period.parse(text)
    except ValueError as error:
        raise Misuse(str(error)) from error


def open_context(programme: str, period: str) -> Context:
    """The context of a programme and a period. Misuse if either is unknown or the one is not in force in the other."""
    chosen = settings()
    bundle, when = load_bundle(programme, chosen.programmes_dir), period_of(period)
    if not bundle.programme.covers(when):
        raise Misuse(f"{programme} is not in force in {period}")
    if bundle.programme.periods.cadence != when.kind:
        raise Misuse(f"{programme} reports by {bundle.programme.periods.cadence}; {period} is a {when.kind}")
    return _context(bundle, when, chosen)


def open_year(programme: str, period: str) -> Context:
    """The context of a year, or of a naming batch of it, of a programme that reports by the half-year.

    Misuse if either is unknown, the programme is not in force at the year's end, or the period is a half-year.
    """
    chosen = settings()
    bundle, when = load_bundle(programme, chosen.programmes_dir), period_of(period)
    if when.kind == "half_year":
        raise Misuse(f"{period} is a half-year: name its year, {when.year}, or a batch such as {when.year}B1")
    if bundle.programme.periods.cadence != "half_year":
        raise Misuse(
            f"{programme} reports by the {bundle.programme.periods.cadence} and has no half-years to close"
        )
    if not bundle.programme.covers(when):
        raise Misuse(f"{programme} is not in force in {period}")
    return _context(bundle, when, chosen)


def open_period(programme: str, period: str) -> Context:
    """The context of whatever a programme has papers of: a period that it reports by, else a year or batch. Misuse as there."""
    cadence = load_bundle(programme, settings().programmes_dir).programme.periods.cadence
    reported = period_of(period).kind == cadence
    return open_context(programme, period) if reported or cadence != "half_year" else open_year(programme, period)


def half_contexts(context: Context) -> tuple[Context, Context]:
    """The contexts of the two half-years of a year's (or a batch's) context."""
    first, second = Period("year", context.period.year).halves()
    return _context(context.bundle, first, context.settings), _context(context.bundle, second, context.settings)


def _context(bundle: Bundle, period: Period, chosen: Settings) -> Context:
    store = open_store(chosen.database_url)
    return Context(bundle, period, bundle.register(period), store, Landing(chosen.landing_dir), chosen)
