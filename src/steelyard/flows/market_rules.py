"""The figures of the market in force: the rulebook's section, read once per version."""

from steelyard.flows.world import World
from steelyard.market.rules import MarketRules, read
from steelyard.members.rulebook import Rulebook
from steelyard.values.instants import Instant

_last: list[tuple[Rulebook, MarketRules]] = []
"""The rules made last: a memo of a pure function, no state."""


def rules(world: World, at: Instant) -> MarketRules:
    """Give the figures in force."""
    rulebook = world.packs.rulebook(at)
    if not _last or _last[0][0] is not rulebook:
        _last[:] = [(rulebook, read(rulebook.market))]
    return _last[0][1]
