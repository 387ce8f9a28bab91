"""Trades on the spot that settle on the next business day, as their contract says: pre-funded, then one bundle.

From the trade on money and goods are set aside in the bundle that will settle it, and the receipts are locked for it;
nothing can bind or move them twice. When the day begins (UTC) the bundle moves whole. What stops it then (a freeze, a
block) leaves everything set aside; it is tried again every hour until it goes.
"""

from msgspec import structs

from steelyard.engine.bundles import Bundle
from steelyard.engine.legs import Act
from steelyard.flows import titles
from steelyard.flows.delivery_terms import contract_of
from steelyard.flows.diary import Diary
from steelyard.flows.market_facts import TradeSettled
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.market.books import Listing
from steelyard.market.contracts.spot_receipt import SpotReceipt
from steelyard.market.due import DueTrade
from steelyard.market.receipts import Receipt, ReceiptEvent, moved, unlocked
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.members.state import OPERATOR
from steelyard.values.calendars import is_business
from steelyard.values.instants import DAY, HOUR, SECOND, Day, Instant
from steelyard.values.refusal import Refusal


def settles_on(world: World, listing: Listing, at: Instant) -> Day:
    """Give the day on which trades of now settle, 0 for at once: also where the calendars do not reach."""
    contract = contract_of(world, listing.instrument.code) if listing.terms else None
    if not isinstance(contract, SpotReceipt) or not contract.settle_days:
        return 0
    calendars = [world.calendars.of(name, at) for name in contract.calendars]
    on = contract.settles_on(at // DAY, lambda day: all(is_business(one, day) for one in calendars))
    return 0 if on is None else on


def set_aside(world: World, bundle: Bundle, authority: list[int], at: Instant) -> Act:
    """Set aside what a trade's bundle will move, without an end of its own."""
    act = world.engine.reserve(structs.replace(bundle, deadline_at=at + SECOND), authority=authority, at=at)
    if act.refusal is None:
        pinned = world.engine.pin(bundle.bundle_id, at=at)
        assert pinned.refusal is None, pinned
    return act


def wait(world: World, diary: Diary, due: DueTrade, receipts: list[Receipt], at: Instant) -> None:
    """Lock the receipts of a trade whose bundle is set aside, and let it wait for its day."""
    for receipt in receipts:
        free = moved(receipt, ReceiptEvent.RETURNED)
        assert isinstance(free, Receipt), free
        locked = moved(free, ReceiptEvent.LOCKED)
        assert isinstance(locked, Receipt), locked
        bound = structs.replace(locked, bound_to=due.trade_id)
        titles.keep(world, diary, bound, ReceiptEvent.LOCKED, at=at)
    world.due_trades.put(due)
    world.timers.set(due.settles_on * DAY, TimerKind.MARKET_DUE, due.trade_id)


def take_back(world: World, diary: Diary, due: DueTrade, at: Instant) -> Refusal | None:
    """Give back what a trade has set aside, its receipts in the seller's hands; or say what stands against it."""
    free: list[Receipt] = []
    for receipt_id in due.receipts:
        freed = unlocked(world.titles.receipts[receipt_id])
        if isinstance(freed, TitleRefusal):
            return freed
        free.append(freed)
    number = int.from_bytes(due.trade_id, "big")
    held = world.engine.reservation(number)
    assert held is not None, due.trade_id.hex()
    sources = [leg[0] for leg in held.legs]
    act = world.engine.release(number, at=at)
    if act.refusal is not None:
        return act.refusal
    for receipt in free:
        titles.keep(world, diary, receipt, ReceiptEvent.UNLOCKED, at=at)
    world.queues.push_all(sources)
    world.timers.cancel(TimerKind.MARKET_DUE, due.trade_id)
    world.due_trades.drop(due.trade_id)
    return None


def on_timer_due(world: World, diary: Diary, trade_id: bytes, at: Instant) -> None:
    """Settle a trade whose day has come: money and title together, or neither yet."""
    due = world.due_trades.get(trade_id)
    if due is None:
        return
    refusal = _settle(world, diary, due, at)
    if refusal is None:
        world.due_trades.drop(trade_id)
        diary.fact(TradeSettled(trade_id, trade_id))
        for side in dict.fromkeys((due.buyer, due.seller)):
            diary.tell(side, "trade.title_passed", trade_id, due.instrument)
        return
    world.timers.set(at + HOUR, TimerKind.MARKET_DUE, trade_id)
    if due.refusal != refusal.code:
        world.due_trades.put(structs.replace(due, refusal=refusal.code))
        for side in dict.fromkeys((due.buyer, due.seller, OPERATOR)):
            diary.tell(side, "trade.is_stuck", trade_id, due.instrument, refusal.code)


def _settle(world: World, diary: Diary, due: DueTrade, at: Instant) -> Refusal | None:
    given: list[Receipt] = []
    for receipt_id in due.receipts:
        after = moved(world.titles.receipts[receipt_id], ReceiptEvent.DELIVERED)
        if isinstance(after, TitleRefusal):
            return after
        given.append(structs.replace(after, holder=due.buyer, bound_to=b""))
    number = int.from_bytes(due.trade_id, "big")
    held = world.engine.reservation(number)
    assert held is not None, due.trade_id.hex()
    targets = [leg[1] for leg in held.legs]
    act = world.engine.settle(number, at=at)
    if act.refusal is not None:
        return act.refusal
    for receipt in given:
        titles.keep(world, diary, receipt, ReceiptEvent.DELIVERED, at=at, bundle_id=due.trade_id)
    world.queues.push_all(targets)
    return None
