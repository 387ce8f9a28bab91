"""Settle queued payments together that none of their payers could settle alone: A2 and A3 inside the machine.

A2, `offset`: a payment queues, and the other way something is queued too; both queues are set off from their heads.
A3, `resolve`: all queues of a currency, the largest set that keeps each payer's order. It is what the machine can
do without a solver: by command, and by whoever asks for it when no solver has answered.

Either way the payments are one bundle that is tested on the final state alone, a leg each and the legs of its fees,
and every payment is booked as if it had settled by itself. Fees are set aside before anything is chosen. What needs an
exchange or an offer is left to its queue.
"""

from collections.abc import Iterable, Mapping, Sequence

from steelyard.engine.bundles import Bundle, Kind, Leg, Policy
from steelyard.flows import booking, guard, headroom, parties, pvp_cover, queue_view
from steelyard.flows.diary import Diary
from steelyard.flows.together import settled_together
from steelyard.flows.world import World
from steelyard.liquidity.algorithms.bilateral import offset_pair
from steelyard.liquidity.algorithms.multilateral import ordered_set
from steelyard.liquidity.charges import set_aside
from steelyard.liquidity.limits import NORMAL
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.queues import Waiting
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.liquidity.selection import in_order
from steelyard.payments.payment import Payment
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

MOST_OF_PAIR = 100
"""Most payments each way that are looked at as one queues, so that a long queue makes no command long."""
MOST = 95_000
"""Most payments of one bundle: the first by class and order are taken."""


def resolve(
    world: World, diary: Diary, asset: str, at: Instant, *, payers: frozenset[str] | None = None
) -> int:
    """Settle the largest ordered set of a currency's queues, or these payers'; give how many payments settled.

    What the settled money sets free is put on the work list; call `settle.work` after. Where a holding cap
    forbids the set, what its holder would get is left out and the set is sought anew; where the engine refuses
    it, what may meet a limit is left out.
    """
    snapshot = queue_view.hold(world, asset, at, most=MOST, payers=payers).snapshot()
    queued = in_order(snapshot.payments)
    while queued:
        chosen = ordered_set(snapshot.balances, queued, limits=snapshot.limits, reserved=snapshot.reserved)
        if not chosen:
            return 0
        payments = _live(world, chosen)
        capped = over_cap(world, asset, payments)
        if capped:
            queued = [one for one in queued if one.payee not in capped]
            continue
        if together(world, diary, payments, at) is None:
            return len(chosen)
        certain = headroom.certain(world, asset, queued, at)
        if len(certain) == len(queued):
            return 0
        queued = list(certain)
    return 0


def offset(world: World, diary: Diary, payment: Payment, at: Instant) -> bool:
    """Set off what waits between the two accounts of a payment that has just queued; tell whether any settled."""
    queues, item = world.queues, world.queues.item(payment.uetr)
    if item is None or not item.payee_no or not queues.has_pair(item.payee_no, item.account_no):
        return False
    if queues.pair_place(item) >= MOST_OF_PAIR:
        return False
    payer_no, payee_no, asset = item.account_no, item.payee_no, payment.source
    numbers = {payment.debtor_agent: payer_no, payment.creditor_agent: payee_no}
    balances = {bic: pvp_cover.usable(world, bic, number) for bic, number in numbers.items()}
    gate = queue_view.Gate(world, asset, at)
    there = _first(world, gate, payer_no, payee_no)
    back = _first(world, gate, payee_no, payer_no)
    if queues.charged:
        there, back = _with_fees(world, balances, numbers, there, back)
    most = [max(0, balance) for balance in balances.values()]
    if not _might(there, back, *most):
        return False
    chosen = ordered_set(
        balances,
        in_order([queue_view.queued(one, each, 0) for one, each in (*there, *back)]),
        limits=queue_view.rooms(world, asset, numbers, at),
        reserved={bic: world.reservations.held(numbers[bic], balances[bic]) for bic in balances},
    )
    if len({one.payer for one in chosen}) < 2:
        return False
    payments = _live(world, chosen)
    if over_cap(world, asset, payments):
        return False
    return together(world, diary, payments, at) is None


Way = list[tuple[Payment, Waiting]]


def _with_fees(
    world: World, balances: dict[str, int], numbers: Mapping[str, int], *ways: Way
) -> tuple[Way, ...]:
    """Give what of two queues can pay its fees; what those take is set aside from the balances."""
    held = {
        numbers[bic]: (minor, world.reservations.held(numbers[bic], minor)) for bic, minor in balances.items()
    }
    charged = [item for way in ways for _, item in way if item.fees]
    aside = set_aside(
        charged,
        usable=lambda number, priority: held[number][0] - sum(held[number][1][:priority]),
        stopped=queue_view.stopped(world, charged),
    )
    for bic, number in numbers.items():
        balances[bic] -= aside.minor.get(number, 0)
    return tuple([[pair for pair in way if pair[1].uetr not in aside.left_out] for way in ways])


def _first(
    world: World, gate: queue_view.Gate, payer_no: int, payee_no: int
) -> list[tuple[Payment, Waiting]]:
    """Give the first payments of a pair's queue that may go together now."""
    waiting = world.queues.pair(payer_no, payee_no, most=MOST_OF_PAIR)
    return [(one, each) for each in waiting if (one := gate.lets(each)) is not None]


def _might(
    there: Sequence[tuple[Payment, Waiting]],
    back: Sequence[tuple[Payment, Waiting]],
    room_there: int,
    room_back: int,
) -> bool:
    """Tell whether a pair would settle if nothing but money bounded it: what does not, is not worth a closer look."""
    amounts = [[item.amount_minor for _, item in way] for way in (there, back)]
    return all(offset_pair(*amounts, room_there=room_there, room_back=room_back))


def together(world: World, diary: Diary, payments: Sequence[Payment], at: Instant) -> Refusal | None:
    """Book payments of one leg each and its fees as one bundle, each whole; or give the refusal, nothing changed.

    The caller has made sure that each may go (`queue_view.Gate`) and that own rules hold in the end (`fault`).
    """
    legs: list[Leg] = []
    references: list[int] = []
    owners: dict[int, None] = {}
    for payment in payments:
        payer = parties.settlement_account(world, payment.debtor_agent, payment.source)
        payee = parties.settlement_account(world, payment.creditor_agent, payment.target)
        legs.append(Leg(payer, payee, payment.open_minor))
        references.append(int.from_bytes(payment.uetr, "big"))
        owners[world.engine.owner_nos[payment.debtor_agent]] = None
        for leg in fee_legs(world, payment.uetr):
            legs.append(leg)
            references.append(references[-1])
            owners[world.engine.owner_nos[queue_view.owner_of(world, leg.source)]] = None
    number = booking.bundle_id(b"".join(payment.uetr for payment in payments), world.commands, at)
    bundle = Bundle(number, Kind.PAYMENT, tuple(legs), policy=Policy.AT_END, references=tuple(references))
    act = world.engine.move(bundle, authority=owners, at=at)
    if act.refusal is not None:
        return act.refusal
    bundle_id, clocks = number.to_bytes(16, "big"), parties.clocks(world, at)
    settled_together(world, diary, payments, bundle_id, at=at, clocks=clocks)
    return None


def fee_legs(world: World, uetr: bytes) -> list[Leg]:
    """Give the legs of a queued payment's fees, which go with all that is open of it."""
    item = world.queues.charged.get(uetr)
    return [] if item is None else [Leg(*leg) for leg in item.fees]


# Own rules on the final state

Moved = tuple[str, str, int, int]
"""Payer, payee, priority, amount of one leg"""
Fees = Mapping[tuple[str, int], int]
"""What somebody pays of fees, by payer and the class of the payment; -1 where it is the payee of that"""


def fault(
    world: World,
    asset: str,
    moved: Iterable[Moved],
    at: Instant,
    *,
    gains: Mapping[str, int] | None = None,
    fees: Fees | None = None,
) -> LiquidityRefusal | Refusal | None:
    """Say which own rule legs that settle together would break in the end: limits, caps, money kept for classes.

    In this order; the first found is given. Floors and limits of the engine are its own to test. `gains` are what
    participants get (below zero: give) beside the payments, in exchange, `fees` what they pay for these: limits count
    neither.
    """
    kept = world.reservations.anything or world.pvp.aggregates
    if not (world.limits.owners() or world.holdings.any_of(asset) or kept):
        return None
    moved = _summed(moved)
    found = _over_limit(world, asset, moved, at) if world.limits.owners() else None
    if found is not None:
        return found
    if world.holdings.any_of(asset) and _over_cap(world, asset, moved, gains):
        return LiquidityRefusal.HOLDING_CAP_WOULD_BE_EXCEEDED
    return _over_kept(world, asset, moved, gains, fees) if kept else None


def _summed(moved: Iterable[Moved]) -> list[Moved]:
    """Give what moved one way in a class as one: every rule here is about sums."""
    sums: dict[tuple[str, str, int], int] = {}
    for payer, payee, priority, amount_minor in moved:
        way = payer, payee, priority
        sums[way] = sums.get(way, 0) + amount_minor
    return [(*way, amount_minor) for way, amount_minor in sums.items()]


def over_cap(world: World, asset: str, payments: Sequence[Payment]) -> set[str]:
    """Give the payees whose own cap, or whose member's, payments would pass together."""
    if not world.holdings.any_of(asset):
        return set()
    return _over_cap(
        world,
        asset,
        [(one.debtor_agent, one.creditor_agent, one.priority, one.open_minor) for one in payments],
    )


def _over_cap(
    world: World, asset: str, moved: Sequence[Moved], gains: Mapping[str, int] | None = None
) -> set[str]:
    members = world.members
    gain: dict[str, int] = {}
    exchanged = gains or {}
    for bic, more in exchanged.items():
        for holder in (bic, members.home(bic)):
            gain[holder] = gain.get(holder, 0) + more
    for payer, payee, _, amount_minor in moved:
        for sign, bic in ((-1, payer), (1, payee)):
            for holder in (bic, members.home(bic)):
                gain[holder] = gain.get(holder, 0) + sign * amount_minor
    full = {
        holder
        for holder, more in gain.items()
        if more > 0
        and world.holdings.cap(holder, asset) is not None  # what a member holds is a sum over its banks
        and world.holdings.stops(holder, asset, guard.held(world, holder, asset), more)
    }
    takers = (*(payee for _, payee, _, _ in moved), *exchanged)
    return {bic for bic in takers if bic in full or members.home(bic) in full}


def _over_limit(world: World, asset: str, moved: Sequence[Moved], at: Instant) -> LiquidityRefusal | None:
    on, limits = queue_view.today(world, asset, at), world.limits
    lost: dict[tuple[int, int], int] = {}  # (owner, governing counterparty) -> net that goes out
    for payer, payee, priority, amount_minor in moved:
        if priority == NORMAL:
            ends = [parties.settlement_account(world, bic, asset) for bic in (payer, payee)]
            for owner, other, signed in ((*ends, amount_minor), (*ends[::-1], -amount_minor)):
                under = limits.governing(owner, other)
                if under is not None:
                    lost[owner, under] = lost.get((owner, under), 0) + signed
    worst: LiquidityRefusal | None = None
    for owner, under in sorted(lost):
        net, room = lost[owner, under], limits.room(asset, on, owner, under)
        if room is not None and net > 0 and net > room:
            if under:
                return LiquidityRefusal.BILATERAL_LIMIT_WOULD_BE_EXCEEDED
            worst = LiquidityRefusal.MULTILATERAL_LIMIT_WOULD_BE_EXCEEDED
    return worst


def _over_kept(
    world: World,
    asset: str,
    moved: Sequence[Moved],
    gains: Mapping[str, int] | None = None,
    fees: Fees | None = None,
) -> Refusal | None:
    """Say whether a lower class would use what is kept for a higher one, or anybody what is cover, on the final state.

    What is given in exchange is used as by a normal payment.
    """
    net: dict[str, int] = {}
    out: dict[str, list[int]] = {}
    for bic, more in (gains or {}).items():
        net[bic] = -more
        if more < 0:
            out[bic] = [0, 0, -more]
    for payer, payee, priority, amount_minor in moved:
        net[payer] = net.get(payer, 0) + amount_minor
        net[payee] = net.get(payee, 0) - amount_minor
        out.setdefault(payer, [0, 0, 0])[priority] += amount_minor
    for (bic, priority), minor in (fees or {}).items():
        net[bic] = net.get(bic, 0) + minor
        if priority >= 0:
            out[bic][priority] += minor
    for payer in sorted(out):
        number = parties.settlement_account(world, payer, asset)
        if net[payer] > 0 and pvp_cover.keeps(world, payer, number, net[payer]):
            return guard.SHORT_REFUSAL
        if not world.reservations.has(number):
            continue
        available = world.engine.balance(number).available
        kept = world.reservations.held(number, available)
        lowest = max(priority for priority in (0, 1, 2) if out[payer][priority])
        unused = sum(max(0, kept[each] - out[payer][each]) for each in range(lowest))
        if net[payer] > available - unused:
            return guard.SHORT_REFUSAL
    return None


def _live(world: World, chosen: Iterable[Queued]) -> list[Payment]:
    return [world.payments.live[queue_view.uetr_of(one.id)] for one in chosen]
