"""The figures of liquidity in force: the rulebook's section, read once per version."""

from steelyard.flows.world import World
from steelyard.liquidity.rules import LiquidityRules, read
from steelyard.members.rulebook import Rulebook
from steelyard.values.instants import Instant

_last: list[tuple[Rulebook, LiquidityRules]] = []
"""The rules made last: a memo of a pure function, no state."""


def rules(world: World, at: Instant) -> LiquidityRules:
    """Give the figures in force."""
    rulebook = world.packs.rulebook(at)
    if not _last or _last[0][0] is not rulebook:
        _last[:] = [(rulebook, read(rulebook.liquidity))]
    return _last[0][1]
