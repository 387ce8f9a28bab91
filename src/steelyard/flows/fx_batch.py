"""FX batches: what brings one about, which orders it takes at which values, how it ends.

Of the kind `fx_reference` all orders trade at reference rates; of the kind `fx_auction` the batch finds prices for
floating currencies, inside a band round those rates. Batches come at turns of their own while there are orders,
first the auction, then the other, and by the operator's command. One is open at a time. Where no proposal comes,
or none that stands, nothing happens: orders and their money stay as they are.
"""

from collections.abc import Iterator
from hashlib import sha256
from itertools import chain
from operator import attrgetter

from msgspec import Struct

from steelyard.flows import batch, booking, fx_order, fx_values, parties, settle
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Id16, Name
from steelyard.flows.fx_report import rate_rows
from steelyard.flows.liquidity_facts import BatchReported, BatchRequested, FxBatchOver
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.liquidity.batches import Batch, Trigger, queued
from steelyard.liquidity.fx_snapshot import FxSnapshot
from steelyard.liquidity.order_book import AUCTION, FX_KINDS, REFERENCE, FxOrder, OpenFx
from steelyard.liquidity.order_refusals import OrderRefusal as No
from steelyard.liquidity.places import shared
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.liquidity.rules import MS, WHOLE_BP, LiquidityRules
from steelyard.values.instants import Instant

MOST = 15_000
"""Most orders of one batch; the rest follows at once. By the legs of a bundle it could be three times as many, but what
each order has set aside ends and begins anew beside its two legs: booking so many stops the node for 0.3 s, and a pause
is to be 0.35 s at most (`bench/fx_machine.py`)."""
NOTHING = "none"
"""Stands as the algorithm of a batch that has settled nothing"""


class RequestFields(Struct, array_like=True, frozen=True, gc=False):
    """Of which kind a batch is asked for."""

    kind: Name = REFERENCE


class AgainFields(Struct, array_like=True, frozen=True, gc=False):
    """A batch whose proposal was refused, or whose solver is known to be dead."""

    batch_id: Id16


def request(world: World, command: Command, fields: RequestFields, at: Instant) -> Outcome:
    """Ask for a batch by hand: the operator alone, since it takes all currencies."""
    if world.fx_orders.open is not None:
        return refused(LiquidityRefusal.BATCH_IS_OPEN)
    diary = Diary()
    if command.sender != "operator" or fields.kind not in FX_KINDS:
        return refused(No.FX_BATCH_HAS_NO_ORDERS)
    if not begin(world, diary, fields.kind, Trigger.COMMAND, at):
        return refused(No.FX_BATCH_HAS_NO_ORDERS)
    return diary.done()


def again(world: World, command: Command, fields: AgainFields, at: Instant) -> Outcome:
    """Ask once more, at the rates of now; after the last time the batch is over and nothing has happened."""
    found = world.fx_orders.open
    if found is None or found.batch.batch_id != fields.batch_id:
        return refused(LiquidityRefusal.BATCH_NOT_REQUESTED)
    diary = Diary()
    for order in [one for one in world.fx_orders.in_order() if one.leaving]:
        fx_order.end(world, diary, order, fx_order.CANCELLED, at)
    tries = found.batch.tries + 1
    values = fx_values.judged(world, found.batch.assets, at)
    units = fx_values.units(values)
    if tries > batch.rules(world, at).batch_tries or len(units) < 2:
        without_solver(world, diary, at)
        settle.work(world, diary, at)
        return diary.done()
    found.batch.tries, found.batch.units = tries, units
    found.batch.assets = tuple(asset for asset, _ in units)
    world.fx_orders.open = OpenFx(
        found.batch, fx_values.rates(values), (*found.left_out, *fx_values.left_out(values))
    )
    found.batch.requested_at, found.batch.snapshot_seq = at, world.commands + 1
    _ask(world, diary, found.batch, taken(world, found.batch, at), at)
    settle.work(world, diary, at)
    return diary.done()


def on_timer_turn(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Ask for the batch that is due."""
    fx_order.arm(world, at)
    if world.fx_orders.open is None and not begin(world, diary, AUCTION, Trigger.TIMER, at):
        begin(world, diary, REFERENCE, Trigger.TIMER, at)


def on_timer_answer(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Let a batch be over for which no proposal has come in time."""
    found = world.fx_orders.open
    if found is not None and found.batch.batch_id == subject:
        without_solver(world, diary, at)


# The life of a batch


def begin(world: World, diary: Diary, kind: str, trigger: str, at: Instant) -> bool:
    """Open a batch; tell whether there were orders that may trade, in currencies with rates beyond doubt."""
    floating = frozenset(batch.rules(world, at).fx_floating)
    wanted = {asset for pair in _of_kind(world, kind, floating) for asset in pair}
    values = fx_values.judged(world, wanted, at)
    units = fx_values.units(values)
    assets = tuple(asset for asset, _ in units)
    number = world.batches.next_number
    seed = sha256(b"batch %d %d" % (number, world.commands)).digest()
    batch_id = booking.bundle_id(seed, number, at).to_bytes(16, "big")
    made = Batch(batch_id, number, kind, assets, trigger, at, at, world.commands + 1, 0, (), units)
    orders = taken(world, made, at) if len(assets) > 1 else []
    if not orders:
        return False
    world.batches.next_number += 1
    world.fx_orders.open = OpenFx(made, fx_values.rates(values), fx_values.left_out(values))
    _ask(world, diary, made, orders, at)
    return True


def _ask(world: World, diary: Diary, made: Batch, orders: list[FxOrder], at: Instant) -> None:
    """Let a proposal for the state after this command be asked for, until its time is over."""
    selling: dict[str, list[int]] = {}
    for order in orders:
        selling.setdefault(order.sell, []).append(order.open_minor)
    made.queued = tuple([queued(asset, selling[asset]) for asset in sorted(selling)])
    answer_at = at + batch.rules(world, at).batch_answer_ms * MS
    world.timers.set(answer_at, TimerKind.FX_BATCH_ANSWER, made.batch_id)
    world.batches.fresh.append(made)
    diary.fact(
        BatchRequested(
            made.batch_id, made.number, made.kind, made.assets, made.trigger, made.snapshot_seq, made.tries,
            made.units,
        )
    )  # fmt: skip


def taken(world: World, made: Batch, at: Instant) -> list[FxOrder]:
    """Give the orders of a batch that may trade now, first come first, at most `MOST`.

    One whose rest is worth less than a minor unit of what it buys would pay for nothing, and is left out. Of a longer
    book each pair of currencies has as many in, its oldest: so no pair keeps others out. Left out of such a book are
    orders at limits that no price of the batch can meet.
    """
    rules = batch.rules(world, at)
    pairs = _pairs(world, made, rules)
    is_long = sum(pairs.values()) > MOST
    may: dict[tuple[str, str], bool] = {}
    lines = [_of_pair(world, made, pair, rules, is_long=is_long, may=may) for pair in pairs]
    found = shared(lines, MOST) if is_long else [*chain.from_iterable(lines)]
    found.sort(key=_SEQ)
    return found


_SEQ = attrgetter("seq")


def beyond(world: World, made: Batch, orders: list[FxOrder], at: Instant) -> int:
    """Count the orders of a batch's currencies that are not in it, where it is full."""
    if len(orders) < MOST:
        return 0
    return sum(_pairs(world, made, batch.rules(world, at)).values()) - len(orders)


def _pairs(world: World, made: Batch, rules: LiquidityRules) -> dict[tuple[str, str], int]:
    """Give the pairs of a batch's currencies whose orders are of its kind, with how many these are."""
    assets = frozenset(made.assets)
    of_kind = _of_kind(world, made.kind, frozenset(rules.fx_floating))
    return {pair: count for pair, count in of_kind.items() if assets.issuperset(pair)}


def _of_pair(
    world: World,
    made: Batch,
    pair: tuple[str, str],
    rules: LiquidityRules,
    *,
    is_long: bool,
    may: dict[tuple[str, str], bool],
) -> Iterator[FxOrder]:
    """Give the orders of a pair that may trade, first come first; `may` keeps what was asked about accounts."""
    worth, over_at = dict(made.units), made.requested_at + rules.batch_age_ms * MS
    gives, gets = worth[pair[0]], worth[pair[1]]
    band_bp = rules.fx_band_bp if made.kind == AUCTION else 0
    best, least = gives * (WHOLE_BP + band_bp), gets * (WHOLE_BP - band_bp)
    reservations, known = world.engine.reservations, dict[str, bool]()
    for order in world.fx_orders.of_pair(pair):
        if order.seq >= made.snapshot_seq:
            return
        owner = order.owner
        goes = known.get(owner)
        if goes is None:
            goes = known[owner] = all(_may_trade(world, owner, asset, may) for asset in pair)
        if (
            goes
            and order.open_minor * gives >= gets
            and order.good_until_at > over_at
            and not (is_long and best * order.limit_den < least * order.limit_num)
            and int.from_bytes(order.bundle_id, "big") in reservations
        ):
            yield order


def _may_trade(world: World, owner: str, asset: str, known: dict[tuple[str, str], bool]) -> bool:
    """Tell whether nothing bars an owner or its account; what is `known` is not looked at twice."""
    answer = known.get((owner, asset))
    if answer is None:
        account = world.engine.accounts[parties.provider_account(world, owner, asset)]
        open_to_all = account is not None and not account.state and not account.freeze
        answer = known[owner, asset] = open_to_all and world.members.participants[owner].sends
    return answer


def _of_kind(world: World, kind: str, floating: frozenset[str]) -> dict[tuple[str, str], int]:
    """Give the pairs whose orders are of a kind of batch: those of two floating currencies are the auction's."""
    pairs = world.fx_orders.pairs()
    return {pair: count for pair, count in pairs.items() if floating.issuperset(pair) == (kind == AUCTION)}


def snapshot(world: World, made: Batch, at: Instant) -> FxSnapshot:
    """Give what a batch is to work on."""
    rules = batch.rules(world, at)
    return FxSnapshot(
        made.snapshot_seq,
        made.kind,
        dict(made.units),
        tuple(order.plain() for order in taken(world, made, at)),
        dict(world.fx_orders.caps),
        rules.fx_band_bp,
        rules.fx_orders_min,
    )


def close(world: World, diary: Diary, at: Instant) -> OpenFx:
    """Let the open batch be over: what was withdrawn meanwhile ends, new caps count."""
    found = world.fx_orders.open
    assert found is not None, "the caller has looked"
    world.timers.cancel(TimerKind.FX_BATCH_ANSWER, found.batch.batch_id)
    for order in world.fx_orders.close():
        fx_order.end(world, diary, order, fx_order.CANCELLED, at)
    return found


def without_solver(world: World, diary: Diary, at: Instant) -> None:
    """Close the open batch with nothing done. After an auction the other orders have their turn."""
    found = close(world, diary, at)
    report(world, diary, found, at)
    follow(world, diary, found.batch.kind, at)


def report(world: World, diary: Diary, found: OpenFx, at: Instant) -> None:
    """Write down that a batch has done nothing."""
    made = found.batch
    more = beyond(world, made, taken(world, made, at), at)
    count, value = made.queued_count, made.queued_value
    diary.fact(
        BatchReported(
            made.batch_id, made.number, made.kind, made.assets, made.trigger, made.snapshot_seq,
            made.started_at, at, made.tries, NOTHING, "", count, str(value), 0, "0", 0, "0", count, str(value),
            (0, 0), "", "", 0, "0", b"", False, (), (), (b"", 0, 0, ""), b"", made.units,
        )
    )  # fmt: skip
    diary.fact(
        FxBatchOver(made.batch_id, made.kind, rate_rows(found.rates), found.left_out, (), "", (), (), more)
    )


def follow(world: World, diary: Diary, kind: str, at: Instant) -> None:
    """Begin the batch at reference rates where an auction is over."""
    if kind == AUCTION and world.fx_orders.open is None:
        begin(world, diary, REFERENCE, Trigger.TIMER, at)
