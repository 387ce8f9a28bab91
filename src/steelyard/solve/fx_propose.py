"""From a snapshot of FX orders to a proposal: matched at reference rates, or at prices that the orders make.

Nobody gives anything for nothing: where a share would buy less than a minor unit the smallest orders are left out
and the rest is worked out anew. What the machine will hold a proposal to it is held to here first; where an auction
does not stand that, the batch is that at reference rates.
"""

from collections.abc import Callable, Iterable, Mapping

from msgspec import Raw

from steelyard.flows.command import raw
from steelyard.flows.fx_fill import PRICE_DIGITS_MAX, FillFields
from steelyard.liquidity import auction_check, fx_check
from steelyard.liquidity.algorithms.price_batch import find_prices
from steelyard.liquidity.algorithms.price_minor import in_minor
from steelyard.liquidity.algorithms.reference_batch import Fill, match_at_reference, pair_only_value
from steelyard.liquidity.certificate import Certificate, to_msgpack
from steelyard.liquidity.fx_check import Row
from steelyard.liquidity.fx_snapshot import FxSnapshot
from steelyard.liquidity.order_book import AUCTION
from steelyard.liquidity.orders import Order
from steelyard.liquidity.solver import FlowSolver

ROUNDS_MAX = 8
"""After so many rounds whole pairs are left out where something is still wrong, and an auction is none"""
ROUNDING = "rounding"
"""Why an auction is none whose rule whole minor units cannot keep"""
Fills = dict[str, Fill]
Prices = list[tuple[str, str]]


def propose_fx(batch_id: bytes, snapshot: FxSnapshot, *, solver: FlowSolver, version: str) -> Raw:
    """Give the fields of the command that proposes what to fill of a snapshot."""
    orders = _capped(snapshot)
    reason = ""
    if snapshot.kind == AUCTION:
        prices, booked, reason = _auction(snapshot, orders, solver)
        if prices:
            return _fields(batch_id, snapshot, "A10", version, booked, prices, (), (), "")
    matched = match_at_reference(
        snapshot.orders, snapshot.units, solver=solver, caps=snapshot.caps, snapshot_seq=snapshot.seq
    )
    filled = _reference(snapshot, orders, matched.fills, solver)
    alone = pair_only_value(snapshot.orders, snapshot.units)
    return _fields(
        batch_id,
        snapshot,
        "A9",
        version,
        filled,
        [],
        (matched.certificate,),
        (("pair_only", str(alone)),),
        reason,
    )


def _auction(snapshot: FxSnapshot, orders: list[Order], solver: FlowSolver) -> tuple[Prices, Fills, str]:
    """Give prices and fills of an auction, or no prices and the reason."""
    kept = orders
    for _ in range(ROUNDS_MAX):
        used = {name for order in kept for name in (order.sell, order.buy)}
        found = find_prices(
            kept,
            reference={name: worth for name, worth in snapshot.units.items() if name in used},
            band_bp=snapshot.band_bp,
            solver=solver,
            orders_min=snapshot.orders_min,
        )
        prices = {name: price.numerator for name, price in sorted(found.prices.items())}
        if found.fallback or max(map(len, map(str, prices.values())), default=0) > PRICE_DIGITS_MAX:
            return [], {}, found.reason or ROUNDING
        fills = in_minor(kept, found).fills if kept else {}
        dropped = _starved(kept, fills, prices, lambda one: (one.sell, one.buy, one.limit_num, one.limit_den))
        if not dropped:
            if _stands(snapshot, orders, fills, prices):
                return [(name, str(price)) for name, price in prices.items()], fills, ""
            break
        kept = [one for one in kept if one.id not in dropped]
        if not kept:
            break
    return [], {}, ROUNDING


def _stands(snapshot: FxSnapshot, orders: list[Order], fills: Fills, prices: Mapping[str, int]) -> bool:
    """Tell whether the machine would find the rule of the auction kept."""
    rows = [row for row in map(fx_check.row_of, orders) if {row.sell, row.buy} <= prices.keys()]
    sold_of = {one.seq: fills[one.id].sold_minor for one in orders if one.id in fills}
    booked = fx_check.credits([(row, sold_of[row.seq]) for row in rows if row.seq in sold_of], prices)
    units = snapshot.units
    return (
        fx_check.are_named(map(fx_check.row_of, orders), prices, units)
        and fx_check.is_balanced(rows, booked.residual)
        and auction_check.keeps_the_rule(rows, sold_of, prices, units, snapshot.band_bp)
    )


def _reference(snapshot: FxSnapshot, orders: list[Order], fills: Fills, solver: FlowSolver) -> Fills:
    """Give the fills at reference rates, without those that would buy nothing."""
    units = snapshot.units
    kept, rounds = orders, 0
    while True:
        dropped = _starved(kept, fills, units, lambda one: (one.sell, one.buy))
        if not dropped:
            sold_of = {one.seq: fills[one.id].sold_minor for one in kept if one.id in fills}
            wrong = fx_check.passed_over(map(fx_check.row_of, orders), sold_of, units)
            dropped = {one.id for one in kept if (one.sell, one.buy) in wrong}
        elif rounds > ROUNDS_MAX:
            pairs = {(one.sell, one.buy) for one in kept if one.id in dropped}
            dropped = {one.id for one in kept if (one.sell, one.buy) in pairs}
        if not dropped:
            return fills
        kept, rounds = [one for one in kept if one.id not in dropped], rounds + 1
        fills = match_at_reference(kept, units, solver=solver).fills


def _starved(
    orders: Iterable[Order],
    fills: Mapping[str, Fill],
    prices: Mapping[str, int],
    group_of: Callable[[Row], object],
) -> set[str]:
    """Give the ids of orders to be left out: so many of the smallest of a group as would else buy nothing."""
    groups: dict[object, list[tuple[Row, str]]] = {}
    for order in orders:
        row = fx_check.row_of(order)
        groups.setdefault(group_of(row), []).append((row, order.id))
    left_out: set[str] = set()
    for group in groups.values():
        some = [fills[id] for _, id in group if id in fills]
        if all(fill.bought_minor for fill in some if fill.sold_minor):
            continue
        total = sum(fill.sold_minor for fill in some)
        first = group[0][0]
        least = fx_check.dust((first.sell, first.buy), prices) + 1
        ranked = sorted(group, key=lambda one: (-one[0].size, one[0].seq))
        sizes = good = 0
        for count, (row, _) in enumerate(ranked, 1):
            sizes += row.size
            if row.size * total >= least * sizes:
                good = count
        left_out |= {id for _, id in ranked[good:]}
    return left_out


def _fields(
    batch_id: bytes,
    snapshot: FxSnapshot,
    algorithm: str,
    version: str,
    fills: Fills,
    prices: Prices,
    certificates: tuple[Certificate, ...],
    runners_up: tuple[tuple[str, str], ...],
    reason: str,
) -> Raw:
    rows = sorted((one.seq, fills[one.id]) for one in snapshot.orders if one.id in fills)
    rows = [(seq, fill) for seq, fill in rows if fill.sold_minor]
    seqs = [seq for seq, _ in rows]
    steps = [seq - before for seq, before in zip(seqs, [0, *seqs], strict=False)]
    return raw(
        FillFields(
            batch_id, snapshot.kind, snapshot.seq, algorithm, version, steps,
            [fill.sold_minor for _, fill in rows], [fill.bought_minor for _, fill in rows], prices,
            [to_msgpack(one) for one in certificates], list(runners_up), reason,
        )
    )  # fmt: skip


def _capped(snapshot: FxSnapshot) -> list[Order]:
    """Give the orders as their owners' caps let them in, the oldest first."""
    room, kept = dict(snapshot.caps), []
    for order in sorted(snapshot.orders, key=lambda order: order.seq):
        key = order.member, order.sell
        size = min(order.amount_minor, room.get(key, order.amount_minor))
        if key in room:
            room[key] -= size
        if size:
            kept.append(Order(order.id, order.sell, order.buy, size, order.limit, order.member, order.seq))
    return kept
