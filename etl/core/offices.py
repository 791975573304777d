"""Which offices receive a report: resolved from patterns over the places and units of the register."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from etl.core.indicators import Model
from etl.core.programme import Report
from etl.core.register import Node, Register
from etl.core.sourced import Sourced


class OfficePattern(Sourced):
    zh: str
    address: str
    children: bool = False


class Offices(Model):
    """The shared offices.yaml."""

    offices: Mapping[str, OfficePattern]
    units: OfficePattern


@dataclass(frozen=True, slots=True)
class Recipient:
    """One mailbox of one office, and why it is on the list."""

    office: str
    address: str
    kind: str


def recipients(report: Report, node: Node, register: Register, offices: Offices) -> list[Recipient]:
    """Who gets a node's report, each address once, in the order of the configuration. LookupError for an unknown office."""
    found: dict[str, Recipient] = {}
    for kind in report.to:
        for recipient in _of_kind(kind, node, register, offices):
            found.setdefault(recipient.address, recipient)
    return list(found.values())


def _of_kind(kind: str, node: Node, register: Register, offices: Offices) -> Iterator[Recipient]:
    units = [unit for unit in register.units if unit.parent_id == node.node_id]
    if kind in offices.offices:
        pattern = offices.offices[kind]
        places = [
            child
            for child in register.children(node.node_id)
            if child.node_id.startswith("P") and child.tier != "own"
        ]
        for place in [node, *(places if pattern.children else [])]:
            yield _recipient(pattern, place.name, place.code, kind)
    elif kind.endswith("_unit") or kind == "township":
        for unit in units:
            if unit.kind == kind:
                yield _recipient(offices.units, unit.name, unit.code, kind)
    else:
        raise LookupError(f"no office {kind}")


def _recipient(pattern: OfficePattern, name: str, code: str, kind: str) -> Recipient:
    return Recipient(
        pattern.zh.format(name=name, code=code), pattern.address.format(name=name, code=code), kind
    )
