"""Fills of an FX batch booked: whole or not at all, and what is then told of them.

Each fill is two gross legs over the currency's transit account, all of them one bundle, in one act with what gives
the orders' reservations back and sets aside anew what stays open. An order whose owner's own bounds stand in the way
ends, and the batch is asked for anew without it: nobody can stop the others.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from msgspec import structs

from steelyard.engine.bundles import Bundle, Kind, Leg, Policy
from steelyard.engine.legs import Act
from steelyard.flows import booking, fx_batch, fx_order, fx_report, parties, pool, residual, settle
from steelyard.flows.command import Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fx_report import Fill
from steelyard.flows.world import World
from steelyard.liquidity.batches import Trigger
from steelyard.liquidity.certificate import Certificate
from steelyard.liquidity.order_book import FxOrder, OpenFx
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

if TYPE_CHECKING:
    from steelyard.flows.fx_fill import FillFields

Numbers = Callable[[str, str], int]
"""(participant, currency) to the number of the account it deals from"""


class Checked(NamedTuple):
    """A proposal that may be booked if money and bounds allow."""

    found: OpenFx
    orders: list[FxOrder]
    fills: list[Fill]
    prices: dict[str, int]
    residual: dict[str, int]
    certificates: tuple[Certificate, ...]


class Planned(NamedTuple):
    """The one bundle of a batch: its legs, the place in the fills that each serves (-1: none), on whose authority."""

    legs: list[Leg]
    places: list[int]
    references: list[int]
    owners: dict[int, None]


def book(world: World, fields: "FillFields", checked: Checked, at: Instant) -> Outcome:
    """Book what has been checked, or end the order in whose way its owner's own bounds are."""
    account = cache(lambda owner, asset: parties.provider_account(world, owner, asset))
    planned = _planned(world, checked, account)
    number = booking.bundle_id(checked.found.batch.batch_id, world.commands, at)
    diary = Diary()
    done = _booked(world, checked, planned, number, at) if planned.legs else []
    if isinstance(done, Act):
        place = planned.places[done.leg] if done.leg >= 0 else -1
        assert done.refusal is not None
        if place < 0:
            return refused(done.refusal, done.leg)
        _without(world, diary, checked.fills[place].order, done.refusal, at)
        settle.work(world, diary, at)
        return diary.done()
    _write(world, diary, checked, fields, done, number.to_bytes(16, "big"), at)
    world.queues.push_all(
        dict.fromkeys(
            account(fill.order.owner, asset)
            for fill in checked.fills
            for asset in (fill.order.buy, fill.order.sell)
        )
    )
    _go_on(world, diary, checked, at)
    settle.work(world, diary, at)
    return diary.done()


def _planned(world: World, checked: Checked, account: Numbers) -> Planned:
    """Give two gross legs per fill, and what roundings leave."""
    planned = Planned([], [], [], {})
    owner_nos = world.engine.owner_nos
    transit = cache(lambda asset: pool.transit(world, asset))
    for place, (order, sold, bought) in enumerate(checked.fills):
        owner, sell, buy = order.owner, order.sell, order.buy
        reference = int.from_bytes(order.order_id, "big")
        planned.legs.append(Leg(account(owner, sell), transit(sell), sold))
        planned.legs.append(Leg(transit(buy), account(owner, buy), bought))
        planned.places.extend((place, place))
        planned.references.extend((reference, reference))
        planned.owners[owner_nos[owner]] = None
    batch_ref = int.from_bytes(checked.found.batch.batch_id, "big")
    for asset, minor in checked.residual.items():
        rest = world.members.accounts.get("residual", "operator", asset) or 0
        planned.legs.append(
            Leg(transit(asset), rest, minor) if minor > 0 else Leg(rest, transit(asset), -minor)
        )
        planned.places.append(-1)
        planned.references.append(batch_ref)
    return planned


def _booked(
    world: World, checked: Checked, planned: Planned, number: int, at: Instant
) -> list[FxOrder] | Act:
    """Move every leg and set aside what stays open, in one act; give each order as it is after it, or the refusal.

    Reservations are given back before the legs and not with them, so that the legs go by columns.
    """
    draft = world.engine.draft(at)
    for place, fill in enumerate(checked.fills):
        act = draft.release(int.from_bytes(fill.order.bundle_id, "big"))
        if act.refusal is not None:
            return Act(act.refusal, 2 * place)
    bundle = Bundle(
        number, Kind.CYCLE, tuple(planned.legs), policy=Policy.AT_END, references=tuple(planned.references)
    )
    act = draft.move(bundle, authority=planned.owners)
    if act.refusal is not None:
        return act
    owner_nos, left = world.engine.owner_nos, []
    for place, fill in enumerate(checked.fills):
        after = fill.after()
        if after.open_minor:
            made = fx_order.reservation(world, after, at)
            act = draft.reserve(made, authority=(owner_nos[after.owner],))
            if act.refusal is not None:
                return Act(act.refusal, 2 * place)
            after = structs.replace(after, bundle_id=made.bundle_id.to_bytes(16, "big"))
        left.append(after)
    draft.commit()
    return left


def _without(world: World, diary: Diary, order: FxOrder, refusal: Refusal, at: Instant) -> None:
    """End an order that stands in the way of all others, and ask for the batch anew."""
    found = fx_batch.close(world, diary, at)
    fx_batch.report(world, diary, found, at)
    if order.order_id in world.fx_orders.orders:
        fx_order.end(world, diary, order, fx_order.REFUSED, at, refusal.code)
    if not fx_batch.begin(world, diary, found.batch.kind, Trigger.REST, at):
        fx_batch.follow(world, diary, found.batch.kind, at)


def _write(
    world: World,
    diary: Diary,
    checked: Checked,
    fields: "FillFields",
    left: list[FxOrder],
    bundle_id: bytes,
    at: Instant,
) -> None:
    """Keep what is left of each order, and tell what the batch has done."""
    excess = fx_report.excess(checked.orders, checked.prices)
    fx_report.filled(diary, checked.found, checked.fills, checked.prices, bundle_id)
    for after in left:
        if after.open_minor:
            world.fx_orders.put(after)
        else:
            fx_order.over(world, diary, after, fx_order.FILLED)
    found = fx_batch.close(world, diary, at)
    for after in left:
        if after.open_minor and after.order_id in world.fx_orders.orders:
            diary.fact(fx_order.moved(after, fx_order.OPEN))
            diary.tell(after.owner, "fx_order.filled", after.order_id, *fx_order.told(after))
    for asset, minor in checked.residual.items():
        residual.warn(world, diary, asset, minor)
    result = fx_report.Result(
        checked.fills, checked.prices, checked.residual, checked.certificates, excess, bundle_id
    )
    fx_report.over(diary, found, result, fields, checked.orders, at)


def _go_on(world: World, diary: Diary, checked: Checked, at: Instant) -> None:
    """Let the next batch begin where this one did not hold all orders, or was an auction."""
    kind = checked.found.batch.kind
    full = len(checked.orders) == fx_batch.MOST
    cut = full and any(fill.sold == fill.order.open_minor for fill in checked.fills)
    if not (cut and fx_batch.begin(world, diary, kind, Trigger.REST, at)):
        fx_batch.follow(world, diary, kind, at)
