"""Fills of an FX batch booked: whole or not at all, and what is then told of them.

Each fill is two gross legs over the currency's transit account, all of them one bundle, in one act with what gives
the orders' reservations back and sets aside anew what stays open. An order whose owner's own bounds stand in the way
ends, and the batch is asked for anew without it: nobody can stop the others.
"""

from collections.abc import Callable
from functools import cache
from itertools import starmap
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from steelyard.engine.bundles import Bundle, Kind, Leg, Policy
from steelyard.engine.legs import Act, LegColumns
from steelyard.engine.records import packed_references
from steelyard.flows import booking, fx_batch, fx_order, fx_report, parties, pool, residual, settle
from steelyard.flows.command import Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fx_report import Fill
from steelyard.flows.timers import TimerKind
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
    """The one bundle of a batch: two legs of each fill, in their order, then those of roundings; on whose authority."""

    legs: tuple[Leg, ...] | LegColumns
    references: bytes
    owners: dict[int, None]


def book(world: World, fields: "FillFields", checked: Checked, at: Instant) -> Outcome:
    """Book what has been checked, or end the order in whose way its owner's own bounds are."""
    account = cache(lambda owner, asset: parties.provider_account(world, owner, asset))
    planned = _planned(world, checked, account)
    number = booking.bundle_id(checked.found.batch.batch_id, world.commands, at)
    diary = Diary()
    done = _booked(world, checked, planned, number, account, at) if len(planned.legs) else []
    if isinstance(done, Act):
        place = done.leg // 2 if 0 <= done.leg < 2 * len(checked.fills) else -1
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
    owners: dict[str, None] = {}
    ways: dict[tuple[str, str, str], tuple[int, int, int, int]] = {}
    flat: list[int] = []  # source, target, amount of each leg
    ids: list[bytes] = []
    for order, sold, bought in checked.fills:
        way = order.owner, order.sell, order.buy
        found = ways.get(way)
        if found is None:
            owner, sell, buy = way
            owners[owner] = None
            found = ways[way] = (
                account(owner, sell), pool.transit(world, sell), pool.transit(world, buy), account(owner, buy),
            )  # fmt: skip
        flat += (found[0], found[1], sold, found[2], found[3], bought)
        ids += (order.order_id, order.order_id)
    for asset, minor in checked.residual.items():
        rest, transit = (
            world.members.accounts.get("residual", "operator", asset) or 0,
            pool.transit(world, asset),
        )
        flat += (transit, rest, minor) if minor > 0 else (rest, transit, -minor)
        ids.append(checked.found.batch.batch_id)
    owner_nos = world.engine.owner_nos
    return Planned(_legs(flat), packed_references(ids), {owner_nos[owner]: None for owner in owners})


def _legs(flat: list[int]) -> tuple[Leg, ...] | LegColumns:
    """Give legs by their columns, or one by one where an amount is beyond what a column holds."""
    try:
        rows = np.array(flat, np.int64).reshape(-1, 3)
    except OverflowError:
        return tuple(starmap(Leg, zip(flat[0::3], flat[1::3], flat[2::3], strict=True)))
    return LegColumns(rows[:, 0], rows[:, 1], rows[:, 2])


def _booked(
    world: World, checked: Checked, planned: Planned, number: int, account: Numbers, at: Instant
) -> list[FxOrder] | Act:
    """Move every leg and set aside what stays open, in one act; give each order as it is after it, or the refusal.

    Reservations are given back before the legs and not with them, so that the legs go by columns.
    """
    draft = world.engine.draft(at)
    held = [int.from_bytes(fill.order.bundle_id, "big") for fill in checked.fills]
    if not draft.release_all(held):
        for place, one in enumerate(held):
            act = draft.release(one)
            if act.refusal is not None:
                return Act(act.refusal, 2 * place)
    bundle = Bundle(number, Kind.CYCLE, planned.legs, policy=Policy.AT_END, references=planned.references)
    act = draft.move(bundle, authority=planned.owners)
    if act.refusal is not None:
        return act
    left, places, bundles = _left(world, checked, account, at)
    if bundles and not draft.reserve_all(bundles):
        owner_nos = world.engine.owner_nos
        for place, made in zip(places, bundles, strict=True):
            act = draft.reserve(made, authority=(owner_nos[left[place].owner],))
            if act.refusal is not None:
                return Act(act.refusal, 2 * place)
    draft.commit()
    return left


def _left(
    world: World, checked: Checked, account: Numbers, at: Instant
) -> tuple[list[FxOrder], list[int], list[Bundle]]:
    """Give each order as the batch leaves it, the places of those that stay open, and what sets their rest aside."""
    suspense = cache(lambda owner, asset: parties.suspense_account(world, owner, asset))
    left: list[FxOrder] = []
    places: list[int] = []
    bundles: list[Bundle] = []
    for place, fill in enumerate(checked.fills):
        order, open_minor, kept = fill.order, fill.order.open_minor - fill.sold, fill.order.bundle_id
        if open_minor:
            ends = account(order.owner, order.sell), suspense(order.owner, order.sell)
            made = fx_order.set_aside(world, order, Leg(*ends, open_minor), at)
            kept = made.bundle_id.to_bytes(16, "big")
            places.append(place)
            bundles.append(made)
        left.append(order.after(fill.sold, fill.bought, kept))
    return left, places, bundles


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
    beyond = fx_batch.beyond(world, checked.found.batch, checked.orders, at)
    fx_report.filled(diary, checked.found, checked.fills, checked.prices, bundle_id)
    stays = [after for after in left if after.open_minor]
    gone = [after for after in left if not after.open_minor]
    for after in stays:
        world.fx_orders.put(after)
    world.timers.cancel_all(TimerKind.FX_ORDER, [after.order_id for after in gone])
    for after in gone:
        world.fx_orders.drop(after)
        fx_order.tell(diary, after, fx_order.FILLED)
    found = fx_batch.close(world, diary, at)
    for after in stays:
        if after.order_id in world.fx_orders.orders:
            diary.fact(fx_order.moved(after, fx_order.OPEN))
            diary.tell(after.owner, "fx_order.filled", after.order_id, *fx_order.told(after))
    for asset, minor in checked.residual.items():
        residual.warn(world, diary, asset, minor)
    result = fx_report.Result(
        checked.fills, checked.prices, checked.residual, checked.certificates, excess, bundle_id, beyond
    )
    fx_report.over(diary, found, result, fields, checked.orders, at)


def _go_on(world: World, diary: Diary, checked: Checked, at: Instant) -> None:
    """Let the next batch begin where this one did not hold all orders, or was an auction."""
    kind = checked.found.batch.kind
    full = len(checked.orders) == fx_batch.MOST
    cut = full and any(fill.sold == fill.order.open_minor for fill in checked.fills)
    if not (cut and fx_batch.begin(world, diary, kind, Trigger.REST, at)):
        fx_batch.follow(world, diary, kind, at)
