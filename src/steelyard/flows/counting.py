"""Towards which day a trade counts for published prices, and as whom its sides count.

A day ends with its fixing: what is traded from then on counts towards the next one. Owners of one group are one.
"""

from steelyard.flows import market_rules
from steelyard.flows.world import World
from steelyard.values.instants import DAY, MILLISECOND, Day, Instant


def day_of(world: World, at: Instant) -> Day:
    """Give the day whose fixing is the next."""
    on = at // DAY if at % DAY < _fixing(world, at) else at // DAY + 1
    return max(on, world.prices.fixed_on + 1)


def due_day(world: World, at: Instant) -> Day:
    """Give the last day whose time of fixing has come."""
    return at // DAY if at % DAY >= _fixing(world, at) else at // DAY - 1


def sides(world: World, buyer: str, seller: str) -> tuple[str, str]:
    """Give as whom both sides count: those of one group as one."""
    groups = world.books.groups
    return groups.get(buyer, buyer), groups.get(seller, seller)


def group_of(world: World, owner: str) -> list[str]:
    """Give all who count as one with an owner, himself too."""
    groups = world.books.groups
    head = groups.get(owner, owner)
    return [head, *(one for one, other in sorted(groups.items()) if other == head and one != head)]


def _fixing(world: World, at: Instant) -> Instant:
    return market_rules.rules(world, at).fixing_ms * MILLISECOND
