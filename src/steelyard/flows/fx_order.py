"""Orders to exchange currencies in a batch: entered with their money set aside, withdrawn, ended by their time.

An order is filled by FX batches alone (`fx_batch.py`), in parts if need be; what of it stays open stays set aside.
The money is reserved towards its owner's own suspense account, which it never reaches: a fill gives the
reservation back in the same act that moves it.
"""

from typing import Annotated

from msgspec import Meta, Struct, structs

from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import batch, booking, guard, openings, parties, pool, pvp_cover, settle
from steelyard.flows.command import Command, Outcome, raw
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import SettingChanged
from steelyard.flows.fields import At, Id16, Name, Number
from steelyard.flows.liquidity_facts import FxOrderMoved
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.liquidity.limits import NORMAL
from steelyard.liquidity.order_book import FxOrder
from steelyard.liquidity.order_refusals import OrderRefusal as No
from steelyard.liquidity.rules import MS
from steelyard.members.state import OPERATOR
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import DAY, Instant
from steelyard.values.refusal import Refusal

FAR = 400 * DAY
TURN = b"fx"
"""Subject of the timer of FX batches"""
OPEN, FILLED, CANCELLED, EXPIRED, REFUSED = "open", "filled", "cancelled", "expired", "refused"


class OrderFields(Struct, array_like=True, frozen=True, gc=False):
    """Sell so much of one currency for another, until a time, at no less than a limit.

    `limit_num / limit_den` are minor units bought per minor unit sold; 0/1 takes any rate.
    """

    sell: Name
    buy: Name
    amount_minor: int
    good_until_at: At
    limit_num: Number = 0
    limit_den: Annotated[int, Meta(ge=1, le=2**63 - 1)] = 1


class CancelFields(Struct, array_like=True, frozen=True, gc=False):
    """Which order its owner takes back: the id of the command that entered it."""

    order_id: Id16


class CapFields(Struct, array_like=True, frozen=True, gc=False):
    """The most that the sender sells of a currency in one batch, minor units; -1 for no cap."""

    asset: Name
    cap_minor: int


def put(world: World, command: Command, fields: OrderFields, at: Instant) -> Outcome:
    """Enter an order and set its money aside."""
    refusal = _fault(world, command.sender, fields, at)
    if refusal is not None:
        return refused(refusal)
    order = FxOrder(
        command.id, command.sender, fields.sell, fields.buy, fields.amount_minor, fields.amount_minor, 0,
        fields.limit_num, fields.limit_den, fields.good_until_at, at, world.commands, b"",
    )  # fmt: skip
    missing = [asset for asset in (fields.sell, fields.buy) if not pool.transit(world, asset)]
    if not openings.has_room(world, len(missing)):
        return refused(SettingRefusal.ACCOUNTS_ARE_FULL)
    made = reservation(world, order, at)
    owner = [world.engine.owner_nos[order.owner]]
    act = world.engine.reserve(made, authority=owner, at=at)
    if act.refusal is not None:
        return refused(No.FX_ORDER_LACKS_MONEY if act.refusal is guard.SHORT_REFUSAL else act.refusal)
    diary = Diary()
    for asset in missing:  # exchange legs run over it
        refusal = openings.open_account(world, diary, pool.PURPOSE, OPERATOR, asset, kind=AccountKind.TRANSIT)
        assert refusal is None, refusal
    order = structs.replace(order, bundle_id=made.bundle_id.to_bytes(16, "big"))
    keep(world, diary, order)
    world.timers.set(order.good_until_at, TimerKind.FX_ORDER, order.order_id)
    arm(world, at)
    return diary.done()


def cancel(world: World, command: Command, fields: CancelFields, at: Instant) -> Outcome:
    """Take an order back: at once, or when the batch that has it is over."""
    order = world.fx_orders.orders.get(fields.order_id)
    if order is None or order.owner != command.sender or order.leaving:
        return refused(No.FX_ORDER_NOT_FOUND)
    diary = Diary()
    if is_taken(world, order):
        keep(world, diary, structs.replace(order, leaving=True))
    else:
        end(world, diary, order, CANCELLED, at)
        settle.work(world, diary, at)
    return diary.done()


def cap(world: World, command: Command, fields: CapFields, at: Instant) -> Outcome:
    """Cap what the sender sells of a currency in one batch, or cap it no longer; an open batch keeps the old cap."""
    if fields.asset not in world.members.assets or not parties.provider_account(
        world, command.sender, fields.asset
    ):
        return refused(No.FX_ORDER_OWNER_MAY_NOT_TRADE)
    if not -1 <= fields.cap_minor < AMOUNT_END:
        return refused(No.FX_ORDER_AMOUNT_OUT_OF_RANGE)
    world.fx_orders.set_cap(command.sender, fields.asset, fields.cap_minor)
    diary = Diary()
    diary.fact(SettingChanged(command.sender, f"fx_cap/{fields.asset}", raw(fields.cap_minor)))
    return diary.done()


def over_line(world: World, command: Command, fields: OrderFields) -> bool:
    """Say whether an order sells more than its owner's line, so that two people must give it."""
    owner = world.members.participants.get(command.sender)
    line = None if owner is None else owner.settings.lines_minor.get(fields.sell)
    return line is not None and fields.amount_minor > line


def on_timer_fx_order(world: World, diary: Diary, order_id: bytes, at: Instant) -> None:
    """End an order whose time is over. A batch takes none whose time ends before its own."""
    order = world.fx_orders.orders.get(order_id)
    if order is not None:
        end(world, diary, order, EXPIRED, at)


def arm(world: World, at: Instant) -> None:
    """Set the clock of FX batches while there are orders: turns come at whole multiples of their distance."""
    every = batch.rules(world, at).fx_batch_every_ms * MS
    if every and world.fx_orders.orders and world.timers.at(TimerKind.FX_BATCH, TURN) is None:
        world.timers.set((at // every + 1) * every, TimerKind.FX_BATCH, TURN)


def is_taken(world: World, order: FxOrder) -> bool:
    """Tell whether the open batch has an order, so that it stays as it is until that is over."""
    found = world.fx_orders.open
    if found is None:
        return False
    assets = found.batch.assets
    return order.seq < found.batch.snapshot_seq and order.sell in assets and order.buy in assets


def reservation(world: World, order: FxOrder, at: Instant) -> Bundle:
    """Give the bundle that sets aside what is open of an order."""
    leg = Leg(
        parties.provider_account(world, order.owner, order.sell),
        parties.suspense_account(world, order.owner, order.sell),
        order.open_minor,
    )
    return set_aside(world, order, leg, at)


def set_aside(world: World, order: FxOrder, leg: Leg, at: Instant) -> Bundle:
    """Give the bundle that sets money aside for an order."""
    number = booking.bundle_id(order.order_id, world.commands, at)
    reference = int.from_bytes(order.order_id, "big")
    return Bundle(number, Kind.PURPOSE, (leg,), reference=reference, deadline_at=order.good_until_at)


def keep(world: World, diary: Diary, order: FxOrder) -> None:
    """Keep a standing order and tell how it stands."""
    world.fx_orders.put(order)
    diary.fact(moved(order, OPEN))


def end(world: World, diary: Diary, order: FxOrder, state: str, at: Instant, refusal: int = 0) -> None:
    """Let an order be over, and give back what is set aside for it."""
    booking.give_back(world, int.from_bytes(order.bundle_id, "big"), at=at)
    over(world, diary, order, state, refusal)


def over(world: World, diary: Diary, order: FxOrder, state: str, refusal: int = 0) -> None:
    """Let an order be over for which nothing is set aside any more."""
    world.fx_orders.drop(order)
    world.timers.cancel(TimerKind.FX_ORDER, order.order_id)
    tell(diary, order, state, refusal)


def tell(diary: Diary, order: FxOrder, state: str, refusal: int = 0) -> None:
    """Write down that an order is over, and tell its owner."""
    diary.fact(moved(order, state, refusal))
    diary.tell(order.owner, f"fx_order.{state}", order.order_id, *told(order))


def told(order: FxOrder) -> tuple[int | str, ...]:
    """Give what a notice about an order says."""
    return order.sell, order.buy, order.amount_minor, order.open_minor, order.bought_minor


def moved(order: FxOrder, state: str, refusal: int = 0) -> FxOrderMoved:
    """Give the fact that tells how an order stands."""
    return FxOrderMoved(
        order.order_id, order.owner, order.sell, order.buy, order.amount_minor, order.open_minor,
        order.bought_minor, str(order.limit_num), str(order.limit_den), order.good_until_at, state, refusal,
        int(order.leaving),
    )  # fmt: skip


def _fault(world: World, sender: str, fields: OrderFields, at: Instant) -> Refusal | None:
    assets = world.members.assets
    if fields.sell == fields.buy or fields.sell not in assets or fields.buy not in assets:
        return No.FX_ORDER_CURRENCIES_MUST_DIFFER
    owner = world.members.participants.get(sender)
    accounts = [parties.provider_account(world, sender, asset) for asset in (fields.sell, fields.buy)]
    if owner is None or not owner.sends or not all(accounts):
        return No.FX_ORDER_OWNER_MAY_NOT_TRADE
    if not 0 < fields.amount_minor < AMOUNT_END:
        return No.FX_ORDER_AMOUNT_OUT_OF_RANGE
    if not fields.limit_num and fields.limit_den != 1:
        return No.FX_ORDER_LIMIT_OUT_OF_RANGE
    if not at < fields.good_until_at <= at + FAR:
        return No.FX_ORDER_TIME_OUT_OF_RANGE
    if world.fx_orders.count(sender) >= batch.rules(world, at).fx_orders_max:
        return No.TOO_MANY_FX_ORDERS
    if guard.usable(world, accounts[0], NORMAL) < fields.amount_minor:
        return No.FX_ORDER_LACKS_MONEY
    if pvp_cover.keeps(world, sender, accounts[0], fields.amount_minor):
        return No.PVP_PAY_OUT_IS_COVER
    return None
