"""Firm quotes of FX providers on the market: put, withdrawn, over at their time.

What a quote may sell lies on its provider's trade account and is bound until it is used, withdrawn or over: so a trade
across currencies never waits for its provider.
"""

from typing import Annotated

from msgspec import Meta, Struct

from steelyard.flows import market_book, parties
from steelyard.flows import market_money as money
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import At, Id16, Name, Number
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.market.books import QUOTES_MAX
from steelyard.market.cross.quotes import UNBOUNDED, FirmQuote
from steelyard.market.refusals.orders import OrderRefusal as No
from steelyard.members.refusals import MemberRefusal
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant

OWN_MAX = 1_000
Ratio = Annotated[int, Meta(ge=1, lt=10**18)]


class QuoteFields(Struct, array_like=True, frozen=True, gc=False):
    """The provider sells `sell` for `buy`: `num / den` minor units bought for each sold, at most `size_minor` sold.

    With `replaces` it takes the place of an own quote in the same command.
    """

    sell: Name
    buy: Name
    num: Ratio
    den: Ratio
    size_minor: Number
    valid_until: At
    in_auctions: bool = False
    """It also stands at the frozen rates of auctions, whatever they are"""
    replaces: Annotated[bytes, Meta(max_length=16)] = b""


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """Which firm quote."""

    quote_id: Id16


def put(world: World, command: Command, fields: QuoteFields, at: Instant) -> Outcome:
    """Let a firm quote stand."""
    books, sender = world.books, command.sender
    participant = world.members.participants.get(sender)
    if participant is None or not participant.sends or not participant.provider:
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    assets = world.members.assets
    sound = fields.sell != fields.buy and fields.sell in assets and fields.buy in assets
    if not sound or not 0 < fields.size_minor < AMOUNT_END or at >= fields.valid_until:
        return refused(No.FIRM_QUOTE_OUT_OF_RANGE)
    before = _own(world, sender, fields.replaces) if fields.replaces else None
    if fields.replaces and before is None:
        return refused(No.FIRM_QUOTE_NOT_FOUND)
    mine = books.quotes_of.get(sender, 0)
    if before is None and (len(books.quotes.by_no) >= QUOTES_MAX or mine >= OWN_MAX):
        return refused(No.TOO_MANY_ORDERS)
    if not money.account(world, sender, fields.sell) or not parties.provider_account(
        world, sender, fields.buy
    ):
        return refused(No.MARKET_ACCOUNT_NOT_FOUND)
    freed = before.sell_left if before is not None and before.sell == fields.sell else 0
    if fields.size_minor > money.free_minor(world, sender, fields.sell) + freed:
        return refused(No.FUNDS_ARE_SHORT)
    diary = Diary()
    if before is not None:
        market_book.end_quote(world, diary, before, "withdrawn")
    books.last_quote += 1
    quote = FirmQuote(
        books.last_quote, sender, fields.sell, fields.buy, fields.num, fields.den, fields.size_minor, UNBOUNDED,
        fields.valid_until, fields.in_auctions, at,
    )  # fmt: skip
    books.put_quote(command.id, quote)
    world.timers.set(fields.valid_until, TimerKind.MARKET_QUOTE, command.id)
    market_book.tell_quote(world, diary, quote, "put")
    return diary.done()


def withdraw(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Take a firm quote back."""
    quote = _own(world, command.sender, fields.quote_id)
    if quote is None:
        return refused(No.FIRM_QUOTE_NOT_FOUND)
    diary = Diary()
    market_book.end_quote(world, diary, quote, "withdrawn")
    return diary.done()


def on_timer_quote(world: World, diary: Diary, quote_id: bytes, at: Instant) -> None:
    """End a firm quote whose time is over, and free what it bound."""
    quote = world.books.quote(quote_id)
    if quote is not None:
        market_book.end_quote(world, diary, quote, "expired")


def _own(world: World, owner: str, quote_id: bytes) -> FirmQuote | None:
    quote = world.books.quote(quote_id)
    return quote if quote is not None and quote.provider == owner else None
