"""What happens to an auction in any of its states: its deadline, its end, and the deposits of sealed orders.

A deposit is an engine reservation from who commits to the auction's owner, without a deadline of its own. It comes
back when the order is revealed, or the auction is cancelled; what is never revealed is settled to the owner where
the terms say so, and comes back where that cannot be booked.
"""

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.flows import auction_trade, booking, guard, parties
from steelyard.flows.auction_facts import AuctionMoved, AuctionOver, SealedMoved
from steelyard.flows.diary import Diary
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.market.auctions.live import Auction, result
from steelyard.market.auctions.published import write
from steelyard.market.auctions.sealed import Commitment, SealedCall
from steelyard.market.refusals.auctions import AuctionRefusal as No
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal


def key(auction_id: bytes) -> str:
    """Give the id under which an auction is kept and hashed: 32 hexadecimal digits."""
    return auction_id.hex()


def on_timer_auction(world: World, diary: Diary, auction_id: bytes, at: Instant) -> None:
    """Let an auction open, close or end whose time has come."""
    moved = world.auctions.move(key(auction_id), at)
    if moved is not None:
        moved_on(world, diary, auction_id, moved, at)


def moved_on(world: World, diary: Diary, auction_id: bytes, auction: Auction, at: Instant) -> None:
    """Note where an auction is, set its next deadline, and do what its end brings about."""
    due_at = auction.due_at()
    if due_at:
        world.timers.set(due_at, TimerKind.AUCTION, auction_id)
    else:
        world.timers.cancel(TimerKind.AUCTION, auction_id)
    diary.fact(AuctionMoved(auction_id, auction.state.value, due_at))
    auction_trade.rebind(world, auction)
    if not due_at:
        _end(world, diary, auction_id, auction, at)


def _end(world: World, diary: Diary, auction_id: bytes, auction: Auction, at: Instant) -> None:
    """Say what an auction came to, tell who won, and let every deposit go."""
    over = result(auction, at)
    file = auction.file() if isinstance(auction, SealedCall) else None
    diary.fact(
        AuctionOver(
            auction_id, over.format, over.state, over.reason,
            tuple((one.bid_id, one.bidder, one.lots, one.price) for one in over.awards),
            over.root, over.price, over.volume, b"" if file is None else write(file),
        )
    )  # fmt: skip
    diary.tell(auction.owner, "auction.over", auction_id, over.state, over.price, over.volume)
    for one in over.awards:
        diary.tell(one.bidder, "auction.won", auction_id, one.bid_id, one.lots, one.price)
    if isinstance(auction, SealedCall):
        lost = {one.digest for one in auction.forfeited()}
        for commitment in auction.unopened():
            let_go(world, diary, auction_id, auction, commitment, at, forfeited=commitment.digest in lost)
    auction_trade.settle(world, diary, auction_id, auction, at)


def set_aside(world: World, auction: SealedCall, owner: str, seed: bytes, at: Instant) -> bytes | Refusal:
    """Set the deposit for a commitment aside: the bundle that did, empty where none is asked for."""
    if not auction.deposit_minor:
        return b""
    source = parties.settlement_account(world, owner, auction.deposit_asset)
    target = parties.settlement_account(world, auction.owner, auction.deposit_asset)
    if not source or not target or guard.spare(world, owner, source) < auction.deposit_minor:
        return No.DEPOSIT_IS_NOT_THERE
    number = booking.bundle_id(seed, world.commands, at)
    bundle = Bundle(
        number, Kind.PURPOSE, (Leg(source, target, auction.deposit_minor),),
        reference=int(auction.auction_id, 16),
    )  # fmt: skip
    act = world.engine.reserve(bundle, authority=[world.engine.owner_nos[owner]], at=at)
    return act.refusal if act.refusal is not None else number.to_bytes(16, "big")


def let_go(
    world: World,
    diary: Diary,
    auction_id: bytes,
    auction: SealedCall,
    commitment: Commitment,
    at: Instant,
    *,
    forfeited: bool = False,
) -> None:
    """Give a deposit back, or to the auction's owner where it is forfeited and that can be booked."""
    if not commitment.bond:
        return
    number = int.from_bytes(commitment.bond, "big")
    event, gets = "BOND_FORFEITED", auction.owner
    if not forfeited or world.engine.settle(number, at=at).refusal is not None:
        act = world.engine.release(number, at=at)
        if act.refusal is not None:
            raise ValueError(f"deposit {commitment.bond.hex()}: {act.refusal.name}")
        event, gets = "BOND_RETURNED", commitment.owner
    world.queues.push_all([parties.settlement_account(world, gets, auction.deposit_asset)])
    diary.fact(SealedMoved(auction_id, event, commitment.digest, commitment.owner, auction.deposit_minor))
