"""Who wants its payments settled by a rule that anybody can follow by hand, not by an optimiser.

A participant that gives no consent to parts may choose so: its payments stay out of proposals, and each time a batch
of their currency is booked the machine settles the largest set of them that keeps each payer's order (A3).
"""

from collections.abc import Iterable

from steelyard.flows import gridlock
from steelyard.flows.diary import Diary
from steelyard.flows.world import World
from steelyard.values.instants import Instant


def choosers(world: World) -> frozenset[str]:
    """Give the participants whose payments no proposal may name."""
    return frozenset(
        bic
        for bic, one in world.members.participants.items()
        if one.settings.explainable and not one.settings.splits
    )


def resolve(world: World, diary: Diary, assets: Iterable[str], at: Instant) -> None:
    """Settle theirs as far as the rule goes; call `settle.work` after."""
    names = choosers(world)
    for asset in assets if names else ():
        gridlock.resolve(world, diary, asset, at, payers=names)
