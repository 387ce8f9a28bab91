"""Quotes that end without a payment: expired, withdrawn with their sheet or with their provider."""

from steelyard.flows import booking, quoting
from steelyard.flows.diary import Diary
from steelyard.flows.facts import QuoteEnded
from steelyard.flows.world import World
from steelyard.fx.quotes import Ending, Quote
from steelyard.values.instants import Instant


def end_quotes(
    world: World, diary: Diary, provider: str, at: Instant, *, pair: tuple[str, str] | None = None
) -> None:
    """Withdraw a provider's open quotes, of one pair or all."""
    for quote_id in world.fx.quotes_of(provider):
        found = world.fx.quotes[quote_id]
        if pair is None or any(
            hop.provider == provider and (hop.sell, hop.buy) == pair for hop in found.hops
        ):
            give_up(world, diary, found, Ending.WITHDRAWN, at)


def on_timer_quote(world: World, diary: Diary, quote_id: bytes, at: Instant) -> None:
    """End a quote whose time is over."""
    quote = world.fx.quotes.get(quote_id)
    if quote is not None:
        give_up(world, diary, quote, Ending.EXPIRED, at)


def give_up(world: World, diary: Diary, quote: Quote, how: Ending, at: Instant) -> None:
    """End an open quote that no payment took, and give back what it held."""
    quoting.end(world, quote, how)
    for held in booking.firm(quote):
        booking.give_back(world, held, at=at)
    diary.fact(QuoteEnded(quote.quote_id, how))
