"""Why a need is not served whole."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from steelyard.market.energy.network import Node


class Unserved(StrEnum):
    """Why a need is not served whole. The first that applies is given."""

    BID_TOO_LOW = "bid_too_low"
    """Something is left that could reach it, for more than it bids"""
    ROUTE_IS_FULL = "route_is_full"
    """Something is left, but the ways are full, or would take a whole cargo"""
    SUPPLY_IS_SHORT = "supply_is_short"
    """Nothing is left of all that could reach it"""
    NO_ROUTE = "no_route"
    """No way leads to it from anyone who has"""


class Road(NamedTuple):
    """A route between numbered nodes: whether it carries, and could carry more."""

    tail: int
    head: int
    carries: bool
    free: bool


def reasons(
    nodes: Sequence[Node], roads: Sequence[Road], left: Sequence[int], scarce: Sequence[str]
) -> dict[str, str]:
    """Say of each need that is not served whole why not; `left` are nodes that could sell more."""
    has = [no for no, one in enumerate(nodes) if one.amount > 0]
    ways = [(one.tail, one.head) for one in roads if one.free]
    ways += [(one.head, one.tail) for one in roads if one.carries]
    open_to = _reached(ways, left)
    there = _reached([(one.tail, one.head) for one in roads], left)
    ever = _reached([(one.tail, one.head) for one in roads], has)
    numbers = {one.id: no for no, one in enumerate(nodes)}
    return {
        name: (
            Unserved.BID_TOO_LOW if numbers[name] in open_to
            else Unserved.ROUTE_IS_FULL if numbers[name] in there
            else Unserved.SUPPLY_IS_SHORT if numbers[name] in ever
            else Unserved.NO_ROUTE
        ).value
        for name in scarce
    }  # fmt: skip


def _reached(arcs: Sequence[tuple[int, int]], starts: Sequence[int]) -> dict[int, None]:
    """Give what can be reached from some nodes."""
    ways: dict[int, list[int]] = {}
    for tail, head in arcs:
        ways.setdefault(tail, []).append(head)
    reached = dict.fromkeys(starts)
    waiting = list(starts)
    while waiting:
        for head in ways.get(waiting.pop(), ()):
            if head not in reached:
                reached[head] = None
                waiting.append(head)
    return reached
