"""A trade that is cleared: both sides against the counterparty, or a refusal that says what stands against it.

The book's flow calls `clear_trade` for each trade of a cleared contract, and `refuse_orders` before it takes an order.
"""

from collections.abc import Iterable
from typing import NamedTuple

from steelyard.flows import clearing_cover
from steelyard.flows import clearing_money as money
from steelyard.flows.clearing_facts import TradeCleared
from steelyard.flows.diary import Diary
from steelyard.flows.world import World
from steelyard.market.clearing import positions, requirements
from steelyard.market.clearing.default import Bid
from steelyard.market.refusals.clearing import ClearingRefusal as No
from steelyard.members.accounts import SETTLEMENT
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal


class ClearedTrade(NamedTuple):
    """A trade of a cleared contract; `price` is minor units of its currency a tonne."""

    trade_id: bytes
    contract: str
    buyer: str
    seller: str
    lots: int
    price: int


def clear_trade(world: World, diary: Diary, trade: ClearedTrade, at: Instant) -> Refusal | None:
    """Novate a trade, or give why not; then nothing has changed.

    A side whose margin the trade raises must have it covered. A trade of a member with itself is novated too: its
    lots cancel.
    """
    house = world.clearing
    terms = house.terms.get(trade.contract)
    if terms is None:
        return No.CLEARING_CONTRACT_UNKNOWN
    on = money.today(world, terms.asset, at)
    refusal = house.refuse_trade(trade.contract, trade.buyer, trade.seller, trade.lots, trade.price, on)
    if refusal is not None:
        return refusal
    if trade.buyer != trade.seller and (
        _bound(world, trade.buyer, trade.contract, trade.lots)
        or _bound(world, trade.seller, trade.contract, -trade.lots)
    ):
        return No.CLEARING_LOTS_ARE_IN_DELIVERY
    if trade.buyer != trade.seller:
        for bic, change in ((trade.buyer, trade.lots), (trade.seller, -trade.lots)):
            refusal = _short(world, bic, trade.contract, change, at)
            if refusal is not None:
                return refusal
    house.novate(trade.contract, trade.buyer, trade.seller, trade.lots, trade.price, on)
    diary.fact(
        TradeCleared(trade.trade_id, trade.contract, trade.buyer, trade.seller, trade.lots, trade.price)
    )
    return None


def deliver(
    world: World, diary: Diary, contract: str, *, buyer: str, seller: str, lots: int, price: int
) -> Refusal | None:
    """End lots that a delivery settles: the buyer's long and the seller's short, at the price of the delivery.

    From here on the delivery owes them, not the house. Each side has at least so many lots, and a price is known. What
    margin has brought since that price was agreed goes back with the next run: else it would be paid twice.
    """
    refusal = undeliverable(world, contract, buyer=buyer, seller=seller, lots=lots)
    if refusal is not None:
        return refusal
    house = world.clearing
    house.novate(contract, seller, buyer, lots, price)
    diary.fact(TradeCleared(b"", contract, seller, buyer, lots, price))
    return None


def undeliverable(world: World, contract: str, *, buyer: str, seller: str, lots: int) -> Refusal | None:
    """Tell why lots cannot end by a delivery, or None."""
    house = world.clearing
    if contract not in house.terms:
        return No.CLEARING_CONTRACT_UNKNOWN
    held = positions.of(house.book, contract, buyer).lots, positions.of(house.book, contract, seller).lots
    if contract not in house.settle or not 0 < lots <= min(held[0], -held[1]):
        return No.CLEARING_LOTS_OUT_OF_RANGE
    return None


def standing(world: World, contract: str, *, buyer: str, seller: str, lots: int) -> int:
    """Give how many of a delivery's lots its sides still hold: a default may have taken the others."""
    book = world.clearing.book
    held = positions.of(book, contract, buyer).lots, -positions.of(book, contract, seller).lots
    return max(0, min(lots, *held)) if contract in world.clearing.settle else 0


def _bound(world: World, bic: str, contract: str, change: int) -> bool:
    """Tell whether a change would close lots that a delivery under way is for."""
    held = positions.of(world.clearing.book, contract, bic).lots
    if held * change >= 0:
        return False
    return max(0, abs(held) - abs(change)) < world.deliveries.lots_of(contract, bic, long=held > 0)


def refuse_orders(
    world: World, bic: str, contract: str, *, bought: int, sold: int, at: Instant
) -> Refusal | None:
    """Tell why a member may not have so many lots in open orders to buy and to sell, or None.

    Each side is looked at as if it filled whole and the other not at all.
    """
    house = world.clearing
    terms = house.terms.get(contract)
    if terms is None:
        return No.CLEARING_CONTRACT_UNKNOWN
    member = house.members.get(bic)
    if member is None or not money.account(world, money.MARGIN, bic, terms.asset):
        return No.CLEARING_MEMBER_NOT_FOUND
    held = positions.of(house.book, contract, bic).lots
    in_group = house.group_lots(contract, bic)
    limit = terms.limit(money.today(world, terms.asset, at))
    changes = [change for change in (bought, -sold) if change]
    for change in changes:
        if member.suspended and abs(held + change) > abs(held):
            return No.CLEARING_MEMBER_IS_SUSPENDED
        if positions.exceeds(in_group, change, limit):
            return No.CLEARING_POSITION_LIMIT
        if _bound(world, bic, contract, change):
            return No.CLEARING_LOTS_ARE_IN_DELIVERY
    for change in changes:
        refusal = _short(world, bic, contract, change, at)
        if refusal is not None:
            return refusal
    return None


def refuse_bid(
    world: World, standing: Iterable[Bid], made: Bid, at: Instant, *, limits: bool
) -> Refusal | None:
    """Tell why a member may not bid for another's lots, or None; all its bids for a contract count as filled.

    `limits` says that position limits hold too: they do not for the lots of a defaulter.
    """
    house, contract, bic = world.clearing, made.contract, made.member
    terms, group = house.terms[contract], house.members[bic].group
    if house.members[bic].suspended:
        return No.CLEARING_MEMBER_IS_SUSPENDED
    mine = [
        one
        for one in standing
        if one.contract == contract and house.members[one.member].group == group and one.lots * made.lots > 0
    ]
    limit = terms.limit(money.today(world, terms.asset, at))
    if limits and positions.exceeds(
        house.group_lots(contract, bic), sum([one.lots for one in mine]) + made.lots, limit
    ):
        return No.CLEARING_POSITION_LIMIT
    own = sum([one.lots for one in mine if one.member == bic]) + made.lots
    if _bound(world, bic, contract, own):
        return No.CLEARING_LOTS_ARE_IN_DELIVERY
    return _short(world, bic, contract, own, at)


def _short(world: World, bic: str, contract: str, change: int, at: Instant) -> Refusal | None:
    """Tell whether a change of lots asks for margin that a member has not covered."""
    house = world.clearing
    asset = house.terms[contract].asset
    on = money.today(world, asset, at)
    if not money.account(world, SETTLEMENT, bic, asset) or not money.account(world, money.MARGIN, bic, asset):
        return No.CLEARING_MEMBER_NOT_FOUND
    before = requirements.required(house, bic, asset, on).minor
    after = requirements.required(house, bic, asset, on, {contract: change}).minor
    if after > before and clearing_cover.is_short(world, bic, at, changes={contract: change}):
        return No.CLEARING_MARGIN_IS_SHORT
    return None
