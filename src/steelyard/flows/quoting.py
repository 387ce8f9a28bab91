"""Quotes as payments meet them: finding one, fitting it to a payment, taking the best without asking first."""

from steelyard.flows import dates, parties, pricing
from steelyard.flows.fields import PayFields
from steelyard.flows.pricing import Deal, Side
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.fx.quotes import Ending, Quote
from steelyard.fx.rank import Room
from steelyard.fx.refusals import FxRefusal
from steelyard.fx.sheets import BP, Sheet
from steelyard.payments.payment import Payment
from steelyard.values.instants import Instant

_ENDED = {
    Ending.USED: FxRefusal.QUOTE_IS_USED,
    Ending.EXPIRED: FxRefusal.QUOTE_HAS_EXPIRED,
    Ending.WITHDRAWN: FxRefusal.QUOTE_WAS_WITHDRAWN,
}


def find(world: World, quote_id: bytes, *, owner: str, at: Instant) -> Quote | FxRefusal:
    """Give an open quote of a debtor agent, or why there is none to take."""
    quote = world.fx.quotes.get(quote_id)
    if quote is None:
        ended = world.fx.ended(quote_id)
        if ended is None:
            return FxRefusal.QUOTE_NOT_FOUND
        return _ENDED[Ending(ended[0])] if ended[1] == owner else FxRefusal.QUOTE_IS_ANOTHERS
    if quote.debtor_agent != owner:
        return FxRefusal.QUOTE_IS_ANOTHERS
    return quote if at < quote.expires_at else FxRefusal.QUOTE_HAS_EXPIRED


def fits(
    quote: Quote,
    *,
    source: str,
    target: str,
    source_minor: int,
    target_minor: int,
    creditor_agent: str,
    provider: str,
    use: tuple[int, int, int],
) -> FxRefusal | None:
    """Say in what a quote differs from a payment that names it; an amount of 0 is the quote's to give.

    `use` is the payment's service, bearer of charges and kind: a price asked for one use is good for no other.
    """
    if quote.source != source or quote.target != target:
        return FxRefusal.QUOTE_PAIR_DIFFERS
    if quote.creditor_agent and quote.creditor_agent != creditor_agent:
        return FxRefusal.QUOTE_CREDITOR_AGENT_DIFFERS
    if source_minor not in (0, quote.source_minor) or target_minor not in (0, quote.target_minor):
        return FxRefusal.QUOTE_AMOUNT_DIFFERS
    if use != (quote.service, quote.bearer, quote.kind):
        return FxRefusal.QUOTE_IS_FOR_ANOTHER_USE
    if provider and provider not in quote.providers:
        return FxRefusal.QUOTE_PROVIDER_DIFFERS
    return None


def end(world: World, quote: Quote, how: Ending) -> None:
    """End an open quote and its clock; what it reserved is the caller's to give back or to use."""
    world.timers.cancel(TimerKind.QUOTE, quote.quote_id)
    world.fx.end_quote(quote.quote_id, how)


def room(world: World, *, target: str, kind: int, at: Instant) -> Room:
    """Give the function that says what the provider of a sheet may still promise out of its account.

    On the way through a third asset it is nothing while that asset is closed.
    """
    engine, claims, members, calendars = world.engine, world.fx.claims, world.members, world.calendars

    def left(sheet: Sheet) -> int:
        provider = members.participants.get(sheet.provider)
        account_no = members.accounts.fx(sheet.provider, sheet.buy)
        if provider is None or not (provider.provider and provider.sends) or account_no is None:
            return 0
        if sheet.buy != target and not calendars.is_open(sheet.buy, dates.KINDS[kind], at):
            return 0
        available = engine.balance(account_no).available
        share = provider.settings.oversubscription_bp
        if share != BP:
            available = available * share // BP
        return available - claims.of(sheet.provider, sheet.buy)

    return left


def best_deal(
    world: World, payment: Payment | PayFields, *, fixed_send: bool, amount_minor: int, at: Instant
) -> Deal | FxRefusal:
    """Give the best deal of now for a payment that names no quote; its rate is good for its sheets' lock."""
    rules = parties.rules(world, at)
    side = Side(
        payment.debtor_agent, payment.creditor_agent, payment.source, payment.target, payment.bearer,
        payment.service, payment.kind,
    )  # fmt: skip
    deals = pricing.price(
        rules.fees, side, world.fx.board, room(world, target=payment.target, kind=payment.kind, at=at),
        fixed_send=fixed_send, amount_minor=amount_minor, at=at, path_bp=rules.book.path_bp, limit=1,
    )  # fmt: skip
    if isinstance(deals, FxRefusal):
        return deals
    deal, offer = deals[0]
    return deal._replace(lock_until=at + min([sheet.lock_ns for sheet in offer.sheets]))


def covers(deal: Deal, *, num: int, den: int, tolerance_bp: int) -> bool:
    """Tell whether a deal's rate is no worse than num / den less the tolerance."""
    return deal.num * den * BP >= num * deal.den * (BP - tolerance_bp)
