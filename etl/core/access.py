"""Who may see which units: an account has codes of places or units and sees what lies at or under them."""

from dataclasses import dataclass

from etl.core.register import Register


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever looks at the page. `everything`: an operator, who sees all units."""

    account: str
    codes: frozenset[str] = frozenset()
    everything: bool = False


def visible_units(viewer: Viewer, register: Register) -> frozenset[str]:
    """The ids of the units that a viewer sees: all for an operator, else those at or under the viewer's codes."""
    nodes = visible_nodes(viewer, register)
    return frozenset(unit.unit_id for unit in register.units if unit.node_id in nodes)


def visible_nodes(viewer: Viewer, register: Register) -> frozenset[str]:
    """The ids of the nodes whose totals a viewer sees: those at or under the viewer's codes."""
    if viewer.everything:
        return frozenset(register.nodes_by_id)
    return frozenset(node for start in _nodes(viewer, register) for node in register.subtree(start))


def tier_over(viewer: Viewer, register: Register, unit_id: str) -> str | None:
    """The highest tier at which a viewer stands over a unit; None for an operator without codes, who is of no tier."""
    mine = _nodes(viewer, register)
    standing = [node for node in register.above[register.unit(unit_id).node_id] if node in mine]
    return register.node(standing[-1]).tier if standing else None


def stands_at(viewer: Viewer, register: Register, place: str) -> bool:
    """Whether a viewer stands at a place itself; a township (`P520329/子营街道`) acts through the accounts of its county."""
    node_id = place.partition("/")[0]
    return any(node.code in viewer.codes for node in register.nodes if node.node_id == node_id)


def _nodes(viewer: Viewer, register: Register) -> frozenset[str]:
    return frozenset(node.node_id for node in register.nodes if node.code in viewer.codes)
