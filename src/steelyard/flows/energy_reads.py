"""What gateways ask the state about energy: a supply contract, for its seller and its buyer."""

from collections.abc import Callable
from typing import Any

from steelyard.flows.world import World
from steelyard.market.energy.supplies import Supply

Params = tuple[Any, ...]


def supply(world: World, params: Params, viewer: str) -> Supply | None:
    """Give a contract under way by its id, with the months of its present year and what it hands on."""
    found = world.supplies.live.get(bytes(params[0]))
    if found is None or viewer not in ("", found.seller, found.terms.buyer):
        return None
    return found


READS: tuple[tuple[str, Callable[[World, Params, str], Any]], ...] = (("supply", supply),)
