"""A trade taken back: within fifteen minutes, agreed to by all whose goods or money moved, by two persons.

It is a reversing bundle: receipts and money go back whole, or nothing does. A cleared trade is reversed by its
mirror image against the counterparty. A trade that could not settle on its day is taken back without anybody's
agreement, also later: else what stops it would keep its money for good.
"""

from typing import Annotated

from msgspec import Meta, Struct, structs

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.flows import booking, clearing_trade, fixing, market_due, parties, titles
from steelyard.flows.clearing_trade import ClearedTrade
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Id16
from steelyard.flows.market_facts import TradeReversed
from steelyard.flows.world import World
from steelyard.market.books import Way
from steelyard.market.due import DueTrade
from steelyard.market.receipts import Receipt, ReceiptEvent, moved
from steelyard.market.recent import WITHIN, RecentTrade
from steelyard.market.refusals.orders import OrderRefusal as No
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """Which trade."""

    trade_id: Id16


class ReverseFields(Struct, array_like=True, frozen=True, gc=False):
    """Which trade is taken back, and why."""

    trade_id: Id16
    reason: Annotated[str, Meta(min_length=1, max_length=140)]


def agree(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Agree, as one of its sides or as the provider between them, that a trade is taken back."""
    trade = _open(world, fields.trade_id, at)
    if isinstance(trade, No):
        return refused(trade)
    if command.sender not in trade.sides:
        return refused(No.MARKET_TRADE_NOT_FOUND)
    if command.sender in trade.agreed:
        return Diary().done()
    agreed = tuple(sorted((*trade.agreed, command.sender)))
    world.books.recent.trades[trade.trade_id] = structs.replace(trade, agreed=agreed)
    diary = Diary()
    for side in sorted(trade.sides | {"operator"}):
        diary.tell(side, "trade.reversal_agreed", trade.trade_id, command.sender)
    return diary.done()


def reverse(world: World, command: Command, fields: ReverseFields, at: Instant) -> Outcome:
    """Take a trade back to which all have agreed, or which is stuck."""
    due = world.due_trades.get(fields.trade_id)
    is_stuck = due is not None and bool(due.refusal)
    trade = _open(world, fields.trade_id, at)
    if isinstance(trade, No):
        return refused(trade) if due is None or not is_stuck else _give_up(world, due, fields.reason, at)
    if not is_stuck and set(trade.agreed) != trade.sides:
        return refused(No.TRADE_NOT_AGREED)
    diary = Diary()
    listing = world.books.listings[trade.instrument]
    bundle_id = b""
    if listing.way is Way.CLEARED:
        lots = trade.quantity // listing.instrument.lot
        mirror = ClearedTrade(trade.trade_id, listing.asset, trade.seller, trade.buyer, lots, trade.price)
        refusal = clearing_trade.clear_trade(world, diary, mirror, at)
        if refusal is not None:
            return refused(refusal)
    elif due is not None:
        refusal = market_due.take_back(world, diary, due, at)
        if refusal is not None:
            return refused(refusal)
    else:
        booked = _give_back(world, diary, trade, listing.asset, at)
        if isinstance(booked, Refusal):
            return refused(booked)
        bundle_id = booked
    del world.books.recent.trades[trade.trade_id]
    world.books.prints.take_back(trade.instrument, trade.mark, trade.quantity, at=trade.at)
    _uncount(world, trade, listing.instrument.currency)
    diary.fact(TradeReversed(trade.trade_id, bundle_id or trade.trade_id, fields.reason))
    if trade.on <= world.prices.fixed_on:
        fixing.again(world, diary, trade.instrument, trade.on, at, "a trade was taken back")
    for side in sorted(trade.sides):
        diary.tell(side, "trade.reversed", trade.trade_id, fields.reason)
    return diary.done()


def _give_up(world: World, due: DueTrade, reason: str, at: Instant) -> Outcome:
    """Take back a stuck trade of a day that is over: its price has counted there, and stays."""
    diary = Diary()
    refusal = market_due.take_back(world, diary, due, at)
    if refusal is not None:
        return refused(refusal)
    diary.fact(TradeReversed(due.trade_id, due.trade_id, reason))
    for side in sorted({side for side in (due.buyer, due.seller, due.provider) if side}):
        diary.tell(side, "trade.reversed", due.trade_id, reason)
    return diary.done()


def _uncount(world: World, trade: RecentTrade, currency: str) -> None:
    """Take a trade out of the day's benchmark: what its seller got is its last leg of money."""
    minor = trade.price * trade.quantity
    if trade.money:
        _, target, minor = trade.money[-1]
        account = world.engine.accounts[target]
        assert account is not None
        currency = account.name.split("/")[1]
    world.books.prints.made(
        trade.instrument, currency, minor, -trade.quantity, sides=trade.counted_as, on=trade.on
    )


def _open(world: World, trade_id: bytes, at: Instant) -> RecentTrade | No:
    trade = world.books.recent.trades.get(trade_id)
    if trade is None:
        return No.MARKET_TRADE_NOT_FOUND
    return trade if at - trade.at < WITHIN else No.TRADE_IS_TOO_OLD


def _give_back(world: World, diary: Diary, trade: RecentTrade, code: str, at: Instant) -> bytes | Refusal:
    """Book the reversing bundle of a spot trade, and let its receipts go back."""
    back: list[Receipt] = []
    for given in trade.given:
        receipt = world.titles.receipts.get(given.receipt_id)
        if receipt is None or (receipt.holder, receipt.code, receipt.kg) != (trade.buyer, code, given.kg):
            return TitleRefusal.RECEIPT_NOT_FOUND
        after = moved(receipt, ReceiptEvent.TRANSFERRED)
        if isinstance(after, TitleRefusal):
            return after
        back.append(structs.replace(after, holder=trade.seller))
    legs = [
        Leg(_home(world, target), _home(world, source), minor) for source, target, minor in trade.money[::-1]
    ]
    legs = [leg for leg in legs if leg.source != leg.target]
    if trade.buyer != trade.seller:
        kg = sum(given.kg for given in trade.given)
        legs.append(
            Leg(titles.account(world, trade.buyer, code), titles.account(world, trade.seller, code), kg)
        )
    number = booking.bundle_id(trade.trade_id, world.commands, at)
    authority = [world.engine.owner_nos[side] for side in sorted(trade.sides)]
    if legs:
        bundle = Bundle(number, Kind.DVP, tuple(legs), reference=int.from_bytes(trade.trade_id, "big"))
        act = world.engine.move(bundle, authority=authority, at=at)
        if act.refusal is not None:
            return act.refusal
        world.queues.push_all([leg.target for leg in legs])
    for receipt in back:
        titles.keep(
            world, diary, receipt, ReceiptEvent.TRANSFERRED, at=at, bundle_id=number.to_bytes(16, "big")
        )
    return number.to_bytes(16, "big")


def _home(world: World, account_no: int) -> int:
    """Give where money of an account goes back to: a trade account is filled by its owner alone."""
    account = world.engine.accounts[account_no]
    assert account is not None
    owner, asset, *purpose = account.name.split("/")
    if purpose == ["trade"]:
        return parties.settlement_account(world, owner, asset)
    return account_no
