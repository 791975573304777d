"""Which offices receive a report: resolved from patterns over the places and units of the register."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from pydantic import model_validator

from etl.core.programmes.documents import PaperForm
from etl.core.programmes.indicators import Model
from etl.core.programmes.programme import Report
from etl.core.programmes.sourced import Sourced
from etl.core.register import Node, Register, Unit

UNITS = "units"
Reason = Literal["own", "child", "unit", "above"]


class WrittenTo(Sourced):
    """Where and when offices are written to; `valid_to` is the first day on which they are no more.

    `form`: how they want their papers, where not as the programme has them for the tier that writes.
    """

    address: str
    form: PaperForm | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    def stands_on(self, day: dt.date) -> bool:
        """Whether the address is in use on that day."""
        return (self.valid_from or dt.date.min) <= day < (self.valid_to or dt.date.max)


class OfficePattern(WrittenTo):
    """Names and addresses of a kind of office."""

    zh: str
    children: bool = False


class PlaceMailbox(WrittenTo):
    """What one office of one place or unit (by its code) has otherwise than the pattern: its real mailbox, its form."""

    office: str  # a key of `offices`, or `units`
    code: str


class Offices(Model):
    """The shared offices.yaml."""

    offices: Mapping[str, OfficePattern]
    units: OfficePattern
    mailboxes: tuple[PlaceMailbox, ...] = ()

    @model_validator(mode="after")
    def _one_mailbox_a_day(self) -> "Offices":
        boxes = sorted(self.mailboxes, key=lambda box: (box.office, box.code, box.valid_from or dt.date.min))
        for box in boxes:
            if box.office not in (*self.offices, UNITS):
                raise ValueError(f"mailbox of {box.code}: no office {box.office}")
        for box, following in pairwise(boxes):
            same = (box.office, box.code) == (following.office, following.code)
            if same and (box.valid_to or dt.date.max) > (following.valid_from or dt.date.min):
                raise ValueError(f"two mailboxes of {box.office} {box.code} on one day")
        return self

    def address(self, office: str, name: str, code: str, day: dt.date) -> str:
        """The address of one office on a day: its own mailbox if one is listed, else the pattern's."""
        own = self._own(office, code, day)
        return own.address if own else self._pattern(office).address.format(name=name, code=code)

    def form(self, office: str, code: str, day: dt.date) -> PaperForm | None:
        """How one office wants its papers on a day: as its own entry says, else as offices of its kind; None as it comes."""
        own = self._own(office, code, day)
        return (own.form if own else None) or self._pattern(office).form

    def _own(self, office: str, code: str, day: dt.date) -> PlaceMailbox | None:
        return next(
            (box for box in self.mailboxes if (box.office, box.code) == (office, code) and box.stands_on(day)), None
        )

    def _pattern(self, office: str) -> OfficePattern:
        return self.units if office == UNITS else self.offices[office]

    def unit_mailbox(self, unit: Unit, day: dt.date) -> "Recipient":
        """The mailbox of a submitting unit, for letters about its own return."""
        return _recipient(self, UNITS, self.units, (unit.name, unit.code), "unit", day)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One mailbox of one office, and why it is on the list.

    `reason`: `own` = an office of the place reported on, `child` = of a place straight below it, `unit` = a unit that
    reports straight to it, `above` = of the place above, to which the tier writes upward. Nobody else is ever on a report's
    list. `form`: how it wants its papers, if it says.
    """

    office: str
    address: str
    kind: str
    reason: Reason
    form: PaperForm | None = None


def recipients(
    report: Report, node: Node, register: Register, offices: Offices, day: dt.date
) -> list[Recipient]:
    """Who gets a node's report on a day, each address once, in the order of the configuration.

    LookupError for an unknown office.
    """
    found: dict[str, Recipient] = {}
    for kind in report.to:
        for recipient in _of_kind(kind, node, register, offices, day, node.tier in report.upward):
            found.setdefault(recipient.address, recipient)
    return list(found.values())


def _of_kind(
    kind: str, node: Node, register: Register, offices: Offices, day: dt.date, upward: bool
) -> Iterator[Recipient]:
    units = [unit for unit in register.units if unit.parent_id == node.node_id]
    if kind in offices.offices:
        pattern = offices.offices[kind]
        places = [
            child
            for child in register.children(node.node_id)
            if child.node_id.startswith("P") and child.tier != "own"
        ]
        if upward:
            places = [register.node(node.parent_id)] if node.parent_id else []
        if pattern.stands_on(day):
            for place in [node, *(places if pattern.children or upward else [])]:
                reason: Reason = "own" if place is node else "above" if upward else "child"
                yield _recipient(offices, kind, pattern, (place.name, place.code), reason, day)
    elif kind.endswith("_unit") or kind == "township":
        for unit in units:
            if unit.kind == kind and offices.units.stands_on(day):
                yield _recipient(offices, UNITS, offices.units, (unit.name, unit.code), "unit", day, kind)
    else:
        raise LookupError(f"no office {kind}")


def _recipient(
    offices: Offices, office: str, pattern: OfficePattern, who: tuple[str, str], reason: Reason, day: dt.date, kind: str = ""
) -> Recipient:
    name, code = who
    return Recipient(
        pattern.zh.format(name=name, code=code),
        offices.address(office, name, code, day),
        kind or office,
        reason,
        offices.form(office, code, day),
    )
