"""From a snapshot of FX orders to a proposal: matched at reference rates, or at prices that the orders make."""

from msgspec import Raw

from steelyard.flows.command import raw
from steelyard.flows.fx_fill import PRICE_DIGITS_MAX, FillFields
from steelyard.liquidity.algorithms.price_batch import find_prices
from steelyard.liquidity.algorithms.price_minor import in_minor
from steelyard.liquidity.algorithms.reference_batch import Fill, match_at_reference, pair_only_value
from steelyard.liquidity.certificate import Certificate, to_msgpack
from steelyard.liquidity.fx_snapshot import FxSnapshot
from steelyard.liquidity.order_book import AUCTION
from steelyard.liquidity.orders import Order
from steelyard.liquidity.solver import FlowSolver


def propose_fx(batch_id: bytes, snapshot: FxSnapshot, *, solver: FlowSolver, version: str) -> Raw:
    """Give the fields of the command that proposes what to fill of a snapshot."""
    reason = ""
    if snapshot.kind == AUCTION:
        orders = _capped(snapshot)
        used = {name for order in orders for name in (order.sell, order.buy)}
        found = find_prices(
            orders,
            reference={name: worth for name, worth in snapshot.units.items() if name in used},
            band_bp=snapshot.band_bp,
            solver=solver,
            orders_min=snapshot.orders_min,
        )
        prices = [(name, str(price.numerator)) for name, price in sorted(found.prices.items())]
        reason = found.reason
        if not found.fallback and max(map(len, (text for _, text in prices)), default=0) <= PRICE_DIGITS_MAX:
            booked = in_minor(orders, found).fills
            return _fields(batch_id, snapshot, "A10", version, booked, prices, (), (), "")
    matched = match_at_reference(
        snapshot.orders, snapshot.units, solver=solver, caps=snapshot.caps, snapshot_seq=snapshot.seq
    )
    alone = pair_only_value(snapshot.orders, snapshot.units)
    return _fields(
        batch_id, snapshot, "A9", version, matched.fills, [], (matched.certificate,),
        (("pair_only", str(alone)),), reason,
    )  # fmt: skip


def _fields(
    batch_id: bytes,
    snapshot: FxSnapshot,
    algorithm: str,
    version: str,
    fills: dict[str, Fill],
    prices: list[tuple[str, str]],
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
