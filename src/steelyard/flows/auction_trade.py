"""What an auction of a listed instrument binds, and how its awards become trades, as those of the book do.

Who sells has the receipts committed, who buys has the money on the trade account, from the announcement or the bid
on; it is bound like what an order binds until the auction is over. Then every award is one trade, settled by the same
bundle; where an account was stopped meanwhile that award comes to nothing, and both sides are told.
"""

from collections.abc import Iterator
from copy import copy

from steelyard.flows import market_trade, order, titles
from steelyard.flows.diary import Diary
from steelyard.flows.market_trade import Deal
from steelyard.flows.world import World
from steelyard.market.auctions.best_and_final import BestAndFinal
from steelyard.market.auctions.bids import Bid
from steelyard.market.auctions.dutch import Dutch
from steelyard.market.auctions.live import Auction, Bound
from steelyard.market.auctions.reverse_rounds import ReverseRounds
from steelyard.market.auctions.sealed import Revealed, SealedCall
from steelyard.market.books import Listing, OrderRow, Way
from steelyard.market.cross.facts import Failed
from steelyard.market.orders import Side
from steelyard.market.refusals.auctions import AuctionRefusal as No
from steelyard.market.refusals.orders import OrderRefusal
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

NEITHER = 2
BUY = "buy"


def listing_of(world: World, auction: Auction) -> Listing | None:
    """Give the listing that an auction's awards settle by, or None: it is of nothing that is listed in a currency."""
    found = world.books.listings.get(auction.instrument)
    return found if found is not None and found.instrument.currency else None


def bound(world: World, auction: Auction) -> list[Bound]:
    """Give what an auction binds, in order: (owner, asset, minor units or kg); nothing where it is cleared."""
    listing = listing_of(world, auction)
    if listing is None or listing.way is Way.CLEARED:
        return []
    found: dict[tuple[str, str], int] = {}
    for owner, side, units, price in _stakes(world, listing, auction):
        asset, unit = (
            (listing.instrument.currency, price) if side is Side.BUY else (listing.asset, listing.kg)
        )
        found[owner, asset] = found.get((owner, asset), 0) + units * unit
    return [(owner, asset, minor) for (owner, asset), minor in sorted(found.items()) if minor]


def rebind(world: World, auction: Auction) -> None:
    """Bind what an auction binds now, in place of what it has bound before; nothing once it is over."""
    books, held = world.books, world.auctions
    for owner, asset, minor in held.bound.pop(auction.auction_id, ()):
        books.bind(owner, asset, -minor)
    now = bound(world, auction) if auction.auction_id in held.live else []
    if now:
        held.bound[auction.auction_id] = now
    for owner, asset, minor in now:
        books.bind(owner, asset, minor)


def refuse_owner(world: World, diary: Diary, auction: Auction, at: Instant) -> Refusal | None:
    """Say why an auction of a listed instrument cannot be announced: its terms, or its owner's goods or money."""
    listing = listing_of(world, auction)
    if listing is None:
        return None
    if auction.tick % listing.instrument.tick:
        return No.AUCTION_TERMS_OUT_OF_RANGE
    if isinstance(auction, SealedCall):
        return None
    if auction.lots % listing.instrument.lot:
        return No.AUCTION_TERMS_OUT_OF_RANGE
    return _uncovered(world, diary, listing, auction, auction.owner, at)


def refuse_bid(world: World, diary: Diary, auction: Auction, bid: Bid) -> Refusal | None:
    """Say what does not cover a bid that its auction would take, or that it would not take it."""
    listing = listing_of(world, auction)
    if listing is None or isinstance(auction, SealedCall):
        return None
    if bid.lots % listing.instrument.lot:
        return No.BID_LOTS_OUT_OF_RANGE
    trial = copy(auction)  # lists are replaced and never changed
    refusal = trial.bid(bid)
    return refusal if refusal is not None else _uncovered(world, diary, listing, trial, bid.bidder, bid.at)


def refuse_reveal(
    world: World, diary: Diary, auction: SealedCall, opened: Revealed, owner: str, at: Instant
) -> Refusal | None:
    """Say what does not cover a sealed order that is opened; unopened it stays, and its deposit with it."""
    listing = listing_of(world, auction)
    if listing is None:
        return None
    if opened.quantity % listing.instrument.lot:
        return No.BID_LOTS_OUT_OF_RANGE
    trial = copy(auction)
    trial.revealed, trial.opened = dict(trial.revealed), dict(trial.opened)
    refusal = trial.reveal(opened, owner=owner, at=at)
    if refusal is not None:
        return refusal
    if opened.price is None and opened.side == BUY and listing.way is Way.SPOT:
        return OrderRefusal.FUNDS_ARE_SHORT  # nothing bounds what it may cost
    return _uncovered(world, diary, listing, trial, owner, at)


def settle(world: World, diary: Diary, auction_id: bytes, auction: Auction, at: Instant) -> None:
    """Let the awards of an auction that is over become trades, one by one, and tell where one came to nothing."""
    listing = listing_of(world, auction)
    if listing is None:
        return
    for (buyer, buy), (seller, sell), units, price in _deals(auction_id, auction):
        rows = [
            _row(listing, owner, key, side)
            for owner, key, side in ((buyer, buy, Side.BUY), (seller, sell, Side.SELL))
        ]
        minor = price * units
        deal = Deal(listing, rows[0], rows[1], units, price, minor, minor, "", 0, NEITHER)
        failed = market_trade.book(world, diary, deal, at)
        if failed is None:
            continue
        late = buyer if failed is Failed.BUYER else seller
        for owner in dict.fromkeys((buyer, seller, auction.owner)):
            diary.tell(owner, "auction.failed", auction_id, late, units, price)


def _stakes(world: World, listing: Listing, auction: Auction) -> Iterator[tuple[str, Side, int, int]]:
    """Give what everybody stands to trade at most: owner, side, units, price."""
    if isinstance(auction, SealedCall):
        owners = auction.owners()
        for order_id, one in auction.revealed.items():
            side = Side.BUY if one.side == BUY else Side.SELL
            yield owners[order_id], side, one.quantity, one.price or 0
        return
    is_purchase = _is_purchase(auction)
    own, others = (Side.BUY, Side.SELL) if is_purchase else (Side.SELL, Side.BUY)
    yield auction.owner, own, auction.lots, _most(auction)
    for bid in _standing(auction):
        yield bid.bidder, others, bid.lots, bid.price


def _is_purchase(auction: Auction) -> bool:
    return isinstance(auction, ReverseRounds) or (isinstance(auction, BestAndFinal) and auction.is_purchase)


def _most(auction: Auction) -> int:
    """Give the most that an owner who buys pays for a unit."""
    if isinstance(auction, ReverseRounds):
        return auction.ceiling_minor
    return auction.reserve_minor if isinstance(auction, BestAndFinal) else 0


def _standing(auction: Auction) -> list[Bid]:
    """Give what stands of every bidder; in a Dutch auction everything that was taken."""
    if isinstance(auction, Dutch):
        return auction.takes
    if isinstance(auction, BestAndFinal):
        return list({one.bidder: one for one in [*auction.first, *auction.final]}.values())
    assert not isinstance(auction, SealedCall)
    return list(auction.standing().values())


def _deals(
    auction_id: bytes, auction: Auction
) -> Iterator[tuple[tuple[str, bytes], tuple[str, bytes], int, int]]:
    """Give the trades that awards are: buyer and seller, each with the id of the bid or order, units, price."""
    if isinstance(auction, SealedCall):
        file, owners = auction.file(), auction.owners()
        if file is None or file.result is None:
            return
        digests = {order_id: digest for digest, order_id in auction.opened.items()}
        for buy, sell, units in file.result.trades:
            yield (
                (owners[buy], digests[buy][:16]), (owners[sell], digests[sell][:16]), units, file.result.price,
            )  # fmt: skip
        return
    for one in auction.awards():
        bidder, owner = (one.bidder, bytes.fromhex(one.bid_id)), (auction.owner, auction_id)
        sides = (owner, bidder) if _is_purchase(auction) else (bidder, owner)
        yield *sides, one.lots, one.price


def _uncovered(
    world: World, diary: Diary, listing: Listing, auction: Auction, owner: str, at: Instant
) -> Refusal | None:
    """Say what does not cover an owner's stake in an auction beyond what it binds already, or None.

    A buyer's account of titles is opened where all is well.
    """
    stakes = [one for one in _stakes(world, listing, auction) if one[0] == owner]
    held = {(name, asset): minor for name, asset, minor in world.auctions.bound.get(auction.auction_id, ())}
    for side in (Side.BUY, Side.SELL):
        mine = [(units, price) for _, one, units, price in stakes if one is side]
        if not mine:
            continue
        row = _row(listing, owner, b"", side)
        unit = listing.kg
        need = sum(units * (price if side is Side.BUY else unit) for units, price in mine)
        more = need - held.get((owner, row.asset), 0)
        refusal = order.uncovered(world, listing, row, more, sum(units for units, _ in mine), at)
        if refusal is None and side is Side.BUY and listing.way is Way.SPOT:
            refusal = titles.open_account(world, diary, owner, listing.asset)
        if refusal is not None:
            return refusal
    return None


def _row(listing: Listing, owner: str, key: bytes, side: Side) -> OrderRow:
    """Give a side of a trade as the book's trades have it."""
    currency = listing.instrument.currency
    asset = "" if listing.way is Way.CLEARED else currency if side is Side.BUY else listing.asset
    return OrderRow(0, key, owner, listing.instrument.code, asset, currency, side, 0, 0)
