"""Publish reference rates: what sheets are held against and quotes are shown beside.

The operator publishes for all currencies, a settlement agent for pairs with its own.
"""

from msgspec import Struct

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import RatePut
from steelyard.flows.fields import At, Name, Word
from steelyard.flows.world import World
from steelyard.fx.rates import Reference
from steelyard.fx.refusals import FxRefusal
from steelyard.values.instants import MINUTE, Instant


class RatesFields(Struct, array_like=True, frozen=True, gc=False):
    """Rates of one source and time: (base, quote, num, den, flags), minor units of quote per minor unit of base.

    Flags: 1 official, 2 computed from others, 4 for simulation only.
    """

    source: Word
    at: At
    rates: tuple[tuple[Name, Name, int, int, int], ...]


def run(world: World, command: Command, fields: RatesFields, at: Instant) -> Outcome:
    """Keep every rate of a publication, or none of it."""
    assets = world.members.assets
    if fields.at > at + 5 * MINUTE:
        return refused(FxRefusal.REFERENCE_RATE_IS_IN_THE_FUTURE)
    for base, quote, num, den, _ in fields.rates:
        if base not in assets or quote not in assets:
            return refused(FxRefusal.CURRENCY_IS_UNKNOWN)
        if not any(world.members.reaches(command.actor, "rate", asset=one) for one in (base, quote)):
            return refused(EngineRefusal.SENDER_HAS_NO_RIGHT)
        if base == quote or not (0 < num < 2**63 and 0 < den < 2**63):
            return refused(FxRefusal.RATE_IS_MALFORMED)
    diary = Diary()
    for base, quote, num, den, flags in fields.rates:
        world.fx.put_rate(Reference(base, quote, num, den, fields.source, fields.at, flags))
        diary.fact(RatePut(base, quote, num, den, fields.source, fields.at, flags))
    return diary.done()
