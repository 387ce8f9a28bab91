"""From a trade to its bundle: title to the buyer, money to the seller, both or neither.

On the spot one bundle moves the receipts of the seller and the money of both sides, across currencies through the
provider whose firm quote was used; where the contract says so it is set aside at once and moves on the next business
day. A cleared trade becomes two positions against the counterparty. What commitment
does not cover is an account that is blocked or frozen: then the trade did not happen, and the caller learns whose
side failed.
"""

from typing import NamedTuple

from msgspec import structs

from steelyard.engine.accounts import CLOSED, DEBITS_BLOCKED
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.legs import Act
from steelyard.flows import booking, clearing_trade, counting, market_due, parties, titles
from steelyard.flows import market_money as money
from steelyard.flows.clearing_trade import ClearedTrade
from steelyard.flows.diary import Diary
from steelyard.flows.market_facts import MarketTraded
from steelyard.flows.world import World
from steelyard.market.books import Listing, OrderRow, Way
from steelyard.market.cross.facts import Failed
from steelyard.market.due import DueTrade
from steelyard.market.orders import Side
from steelyard.market.prints import Mark
from steelyard.market.receipts import Receipt, ReceiptEvent, moved, split
from steelyard.market.recent import Given, RecentTrade
from steelyard.values.instants import Day, Instant


class Deal(NamedTuple):
    """One trade as its bundle needs it. `provider` is empty within one currency; `taker` 0, 1, or 2 for neither.

    `mark` is the price as it counts towards settlement, empty where it does not.
    """

    listing: Listing
    buy: OrderRow
    sell: OrderRow
    quantity: int
    price: int
    buyer_minor: int
    seller_minor: int
    provider: str
    quote_no: int
    taker: int
    mark: Mark = ""


def book(world: World, diary: Diary, deal: Deal, at: Instant) -> Failed | None:
    """Book a trade, or say whose side failed; then nothing has changed. Who is suspended trades no more."""
    participants = world.members.participants
    for owner, failed in (
        (deal.buy.owner, Failed.BUYER),
        (deal.sell.owner, Failed.SELLER),
        (deal.provider, Failed.QUOTE),
    ):
        if owner and not participants[owner].sends:
            return failed
    trade_id = _trade_id(world, at)
    if deal.listing.way is Way.CLEARED:
        return _clear(world, diary, deal, trade_id, at)
    return _exchange(world, diary, deal, trade_id, at)


def _trade_id(world: World, at: Instant) -> bytes:
    seed = b"trade" + (world.books.last_trade + 1).to_bytes(8, "big")
    return booking.bundle_id(seed, world.commands, at).to_bytes(16, "big")


def _clear(world: World, diary: Diary, deal: Deal, trade_id: bytes, at: Instant) -> Failed | None:
    """Let the counterparty step in between; who lacks margin for it is the side that failed."""
    lots = deal.quantity // deal.listing.instrument.lot
    listing, buyer, seller = deal.listing, deal.buy.owner, deal.sell.owner
    trade = ClearedTrade(trade_id, listing.asset, buyer, seller, lots, deal.price)
    if clearing_trade.clear_trade(world, diary, trade, at) is not None:
        sides = ((buyer, lots, 0, Failed.BUYER), (seller, 0, lots, Failed.SELLER))
        for bic, bought, sold, failed in sides:
            if clearing_trade.refuse_orders(world, bic, listing.asset, bought=bought, sold=sold, at=at):
                return failed
        return Failed.SELLER if deal.taker == 0 else Failed.BUYER
    _tell(world, diary, deal, trade_id, b"")
    _remember(world, deal, trade_id, at, (), ())
    return None


def _exchange(world: World, diary: Diary, deal: Deal, trade_id: bytes, at: Instant) -> Failed | None:
    """Move receipts and money in one bundle."""
    buyer, seller, code = deal.buy.owner, deal.sell.owner, deal.listing.asset
    kg = deal.quantity * deal.listing.kg
    taken = _receipts(world, seller, code, kg, at)
    if taken is None:
        return Failed.SELLER
    if not _is_bound(world, deal):
        return Failed.BUYER
    legs, sides = _money(world, deal)
    moved_minor = tuple((leg.source, leg.target, leg.amount_minor) for leg in legs)
    if buyer != seller:
        legs.append(Leg(titles.account(world, seller, code), titles.account(world, buyer, code), kg))
        sides.append((Failed.SELLER, Failed.BUYER))
    number = int.from_bytes(trade_id, "big")
    owner_nos = world.engine.owner_nos
    authority = [owner_nos[owner] for owner in (buyer, seller, deal.provider) if owner]
    settles_on = market_due.settles_on(world, deal.listing, at)
    bundle = Bundle(number, Kind.DVP, tuple(legs), reference=number)
    act = (market_due.set_aside if settles_on else _move)(world, bundle, authority, at)
    if act.refusal is not None:
        place = max(act.leg, 0)
        source = world.engine.accounts[legs[place].source]
        at_source = source is None or bool(source.gate & (CLOSED | DEBITS_BLOCKED))
        return sides[place][0 if at_source else 1]
    parts = [_part(world, diary, receipt, part_kg, at=at, trade_id=trade_id) for receipt, part_kg in taken]
    given = [Given(one.receipt_id, one.kg) for one in parts]
    if settles_on:
        ids = tuple(one.receipt_id for one in parts)
        code = deal.listing.instrument.code
        due = DueTrade(trade_id, code, buyer, seller, deal.provider, ids, settles_on)
        market_due.wait(world, diary, due, parts, at)
        _tell(world, diary, deal, trade_id, b"", settles_on=settles_on)
    else:
        for one in parts:
            _hand_over(world, diary, one, buyer, at=at, bundle_id=trade_id)
        world.queues.push_all([leg.target for leg in legs])
        _tell(world, diary, deal, trade_id, trade_id)
    _remember(world, deal, trade_id, at, moved_minor, tuple(given))
    return None


def _move(world: World, bundle: Bundle, authority: list[int], at: Instant) -> Act:
    return world.engine.move(bundle, authority=authority, at=at)


def _is_bound(world: World, deal: Deal) -> bool:
    """Tell whether a purchase costs no more than it bound, or than what nothing binds beside.

    An order without a limit bound the highest price of its day; limits may have risen since.
    """
    beyond = deal.buyer_minor - deal.quantity * deal.buy.unit_minor
    if beyond <= 0 or not deal.buy.order_no:
        return True
    return beyond <= money.free_minor(world, deal.buy.owner, deal.buy.currency)


def _money(world: World, deal: Deal) -> tuple[list[Leg], list[tuple[Failed, Failed]]]:
    """Give the money legs, and for each whose side a stop at its source and at its target is."""
    buyer, seller = deal.buy.owner, deal.sell.owner
    paid = money.account(world, buyer, deal.buy.currency)
    got = parties.settlement_account(world, seller, deal.sell.currency)
    if not deal.provider:
        return [Leg(paid, got, deal.buyer_minor)], [(Failed.BUYER, Failed.SELLER)]
    takes = parties.provider_account(world, deal.provider, deal.buy.currency)
    gives = money.account(world, deal.provider, deal.sell.currency)
    return (
        [Leg(paid, takes, deal.buyer_minor), Leg(gives, got, deal.seller_minor)],
        [(Failed.BUYER, Failed.QUOTE), (Failed.QUOTE, Failed.SELLER)],
    )


def _receipts(world: World, seller: str, code: str, kg: int, at: Instant) -> list[tuple[Receipt, int]] | None:
    """Give the seller's committed receipts for so many kg, oldest commitment first, the last perhaps in part.

    None where what is committed, not frozen and still valid does not reach.
    """
    found: list[tuple[Receipt, int]] = []
    for receipt_id, held_kg in world.books.stocks.of(seller, code):
        receipt = world.titles.receipts[receipt_id]
        expired = receipt.valid_until and at >= receipt.valid_until
        if expired or not isinstance(moved(receipt, ReceiptEvent.TRADED), Receipt):
            continue
        part_kg = min(kg, held_kg)
        found.append((receipt, part_kg))
        kg -= part_kg
        if not kg:
            return found
    return None


def _part(world: World, diary: Diary, receipt: Receipt, kg: int, *, at: Instant, trade_id: bytes) -> Receipt:
    """Take a receipt, or a part of it, out of what its seller has committed; the rest stays in its place."""
    stocks, seller, code = world.books.stocks, receipt.holder, receipt.code
    if kg == receipt.kg:
        stocks.drop(seller, code, receipt.receipt_id)
        return receipt
    ids = [titles.part_id(trade_id + receipt.receipt_id, world.commands, place, at) for place in (0, 1)]
    made = split(receipt, [(ids[0], kg), (ids[1], receipt.kg - kg)])
    gone = moved(receipt, ReceiptEvent.SPLIT)
    assert isinstance(made, list), made
    assert isinstance(gone, Receipt), gone
    titles.keep(world, diary, gone, ReceiptEvent.SPLIT, at=at)
    titles.keep(world, diary, made[1], ReceiptEvent.SPLIT, at=at, document=receipt.receipt_id)
    stocks.swap(seller, code, receipt.receipt_id, (ids[1], made[1].kg))
    return made[0]


def _hand_over(
    world: World, diary: Diary, part: Receipt, buyer: str, *, at: Instant, bundle_id: bytes
) -> None:
    after = moved(part, ReceiptEvent.TRADED)
    assert isinstance(after, Receipt), after
    given = structs.replace(after, holder=buyer, bound_to=b"")
    titles.keep(world, diary, given, ReceiptEvent.TRADED, at=at, bundle_id=bundle_id)


def _remember(
    world: World,
    deal: Deal,
    trade_id: bytes,
    at: Instant,
    money_legs: tuple[tuple[int, int, int], ...],
    given: tuple[Given, ...],
) -> None:
    code, buyer, seller = deal.listing.instrument.code, deal.buy.owner, deal.sell.owner
    both, on = counting.sides(world, buyer, seller), counting.day_of(world, at)
    world.books.prints.stir(deal.buy.key, deal.sell.key)
    world.books.prints.made(code, deal.sell.currency, deal.seller_minor, deal.quantity, sides=both, on=on)
    world.books.recent.put(
        RecentTrade(
            trade_id, code, buyer, seller, deal.provider, deal.quantity, deal.price, at, money_legs, given,
            mark=deal.mark, counted_as=both, on=on,
        )
    )  # fmt: skip


def _tell(
    world: World, diary: Diary, deal: Deal, trade_id: bytes, bundle_id: bytes, *, settles_on: Day = 0
) -> None:
    world.books.last_trade += 1
    diary.fact(
        MarketTraded(
            trade_id, deal.listing.instrument.code, deal.buy.key, deal.sell.key, deal.buy.owner, deal.sell.owner,
            deal.quantity, deal.price, deal.buy.currency, deal.buyer_minor, deal.sell.currency,
            deal.seller_minor, deal.quote_no, deal.taker, bundle_id, settles_on,
            deal.provider, "" if deal.listing.instrument.currency else str(deal.mark),
        )
    )  # fmt: skip
    code = deal.listing.instrument.code
    priced = (deal.buy if deal.taker == Side.SELL else deal.sell).currency if deal.price else ""
    for row, minor in ((deal.buy, deal.buyer_minor), (deal.sell, deal.seller_minor)):
        diary.tell(
            row.owner, "order.traded", row.key, code, trade_id, deal.quantity, deal.price, priced, minor, row.currency
        )  # fmt: skip
