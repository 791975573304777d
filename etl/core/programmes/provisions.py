"""Blocks of a programme: what it lays down for activity rooms, dues, allowances and leaders' contact points."""

from typing import Literal

from etl.core.programmes.indicators import Model
from etl.core.programmes.sourced import Sourced


class RoomItem(Sourced):
    key: str
    zh: str


class RoomStandard(Model):
    name: str
    items: tuple[RoomItem, ...]


class Dues(Sourced):
    return_rate: float | None = None


class Amount(Sourced):
    """An amount laid down; `bound`: whether it is the least or the most that may be paid. `value` None: not stated."""

    value: float | bool | None
    bound: Literal["least", "most"] | None = None


class ContactPoints(Sourced):
    one_leader_each: bool = False
