"""Batches of FX orders and runs of the PvP queue, worked out anew from their file: what an auditor finds.

From the file alone: every credit from its debit at the prices stated, what residual accounts took, and every sum.
With the orders beside it: sizes, limits, caps, who shares, the rule of the auction, and what is left. With the PvP
queue beside it: the scan itself. Each function gives what is wrong, a sentence each.
"""

from collections.abc import Mapping, Sequence

from steelyard.liquidity import auction_check, file_claims, fx_check
from steelyard.liquidity.file_claims import figure
from steelyard.liquidity.file_shapes import (
    Exchange,
    Fill,
    Orders,
    Pair,
    Report,
    Traded,
    Trades,
    orders_of,
    scan_of,
)
from steelyard.liquidity.fx_check import Row
from steelyard.liquidity.order_book import AUCTION

Units = Mapping[str, int]


def exchange(report: Report, told: Exchange | None, orders: Orders | None) -> list[str]:
    """Give what is wrong with a batch of FX orders."""
    if told is None:
        return ["the file does not say what was filled"]
    units = {asset: int(unit) for asset, unit in report.units.items()}
    prices = {**units, **{asset: int(price) for asset, price in told.prices.items()}}
    currencies = {name for fill in told.fills for name in (fill.sell, fill.buy)}
    if (
        not currencies <= units.keys()
        or min(units.values(), default=1) <= 0
        or told.prices.keys() - units.keys()
    ):
        return ["a currency of a fill or a price has no unit in the report"]
    if told.prices and report.kind != AUCTION:
        return ["prices are an auction's alone"]
    if min((min(fill.sold_minor, fill.bought_minor) for fill in told.fills), default=1) <= 0:
        return ["a fill gives or gets nothing"]
    if len({fill.order for fill in told.fills}) < len(told.fills):
        return ["an order is filled twice"]
    faults = _credits(told, prices) + _sums(report, told.fills, units)
    if orders is None:
        return faults
    return faults + _against(report, told, orders, prices, units)


def _rows(fills: Sequence[Fill]) -> list[tuple[Row, int]]:
    return [
        (Row(place, one.participant, one.sell, one.buy, one.sold_minor, 0, 1), one.sold_minor)
        for place, one in enumerate(fills)
    ]


def _credits(told: Exchange, prices: Units) -> list[str]:
    """Work credits and residuals out anew; the file has the fills oldest first, which is whom a tie goes to."""
    worked = fx_check.credits(_rows(told.fills), prices)
    faults = [
        f"order {fill.order} gets {bought} at the price, not {fill.bought_minor}"
        for fill, bought in zip(told.fills, worked.bought, strict=True)
        if bought != fill.bought_minor
    ]
    if worked.residual != told.residual:
        faults.append(f"residual accounts take {worked.residual}, not {told.residual}")
    return faults


def _sums(report: Report, fills: Sequence[Fill], units: Units) -> list[str]:
    value = sum(fill.sold_minor * units[fill.sell] for fill in fills)
    paid: dict[Pair, int] = {}
    received: dict[Pair, int] = {}
    for fill in fills:
        gives, gets = (fill.participant, fill.sell), (fill.participant, fill.buy)
        paid[gives] = paid.get(gives, 0) + fill.sold_minor
        received[gets] = received.get(gets, 0) + fill.bought_minor
    faults = list(figure("what was filled", int(report.settled or 0) + int(report.parts or 0), value))
    if report.settled_count is not None and report.parts_count is not None:
        faults += figure("the count of fills", report.settled_count + report.parts_count, len(fills))
    return faults + file_claims.moved(report, paid, received)


def _against(report: Report, told: Exchange, orders: Orders, prices: Units, units: Units) -> list[str]:
    """Hold fills to the orders that the batch was computed from."""
    if {name: int(value) for name, value in orders.values.items() if value.isdigit()} != units:
        return ["the orders are valued at other units than the report's"]
    every = sorted(orders_of(orders), key=lambda order: (order.seq, order.id))
    by_id = {order.id: fx_check.row_of(order) for order in every}
    if any(fill.order not in by_id for fill in told.fills):
        return ["a fill is of an order that the batch did not take"]
    faults = [
        f"order {fill.order} is not as its fill says"
        for fill in told.fills
        if (fill.participant, fill.sell, fill.buy) != _whose(by_id[fill.order])
    ]
    sold_of = {by_id[fill.order].seq: fill.sold_minor for fill in told.fills}
    if list(sold_of) != sorted(sold_of) or len(sold_of) < len(told.fills):
        faults.append("fills do not stand in the order of their orders")
    if faults:
        return faults
    caps = {(member, asset): minor for member, asset, minor in orders.caps}
    whole = list(by_id.values())
    rows = fx_check.capped(whole, caps)
    size_of = {row.seq: row.size for row in rows}
    faults += [
        f"order {fill.order} fills beyond its amount or cap"
        for fill in told.fills
        if fill.sold_minor > size_of.get(by_id[fill.order].seq, 0)
    ]
    faults += [
        f"order {fill.order} fills outside its limit"
        for fill in told.fills
        if not fx_check.is_within_limit(by_id[fill.order], prices)
    ]
    if not fx_check.is_balanced(rows, told.residual):
        faults.append("residual accounts give more than a rounding")
    return (
        faults
        + _rule(told, orders, rows, sold_of, prices, units)
        + _counts(report, told, whole, sold_of, prices, units)
    )


def _whose(row: Row) -> tuple[str, str, str]:
    return row.owner, row.sell, row.buy


def _rule(
    told: Exchange, orders: Orders, rows: list[Row], sold_of: Mapping[int, int], prices: Units, units: Units
) -> list[str]:
    """Hold fills to one proportion in each pair, or to the rule of the auction."""
    if not told.prices:
        pairs = fx_check.passed_over(rows, sold_of, prices)
        return [f"orders of {sell} for {buy} are not filled in one proportion" for sell, buy in pairs]
    named = {asset: prices[asset] for asset in told.prices}
    if not fx_check.are_named(rows, named, units) or not fx_check.within_band(named, units, orders.band_bp):
        return ["the prices leave a currency out, or lie outside the band"]
    among = [row for row in rows if row.sell in named and row.buy in named]
    if not auction_check.keeps_the_rule(among, sold_of, prices, units, orders.band_bp):
        return ["the fills are not those that the rule of the auction makes at its prices"]
    return []


def _counts(
    report: Report, told: Exchange, rows: list[Row], sold_of: Mapping[int, int], prices: Units, units: Units
) -> list[str]:
    """Hold what the report says was queued, settled whole, in parts and left to the orders."""
    queued = sum(row.size * units[row.sell] for row in rows)
    whole = [row for row in rows if sold_of.get(row.seq) == row.size]
    settled = sum(row.size * units[row.sell] for row in whole)
    every = sum(minor * units[row.sell] for row in rows if (minor := sold_of.get(row.seq)))
    still: dict[Pair, int] = {}
    excess = dict.fromkeys(prices, 0)
    for row in rows:
        key = row.owner, row.sell
        still[key] = still.get(key, 0) + row.size - sold_of.get(row.seq, 0)
        if fx_check.is_within_limit(row, prices):
            excess[row.sell] -= row.size * prices[row.sell]
            excess[row.buy] += row.size * prices[row.sell]
    wanted = {asset: str(value) for asset, value in sorted(excess.items()) if value}
    faults = [] if wanted == told.excess else [f"the excess is {wanted}, not {told.excess}"]
    for name, says, worked in (
        ("what was queued", report.queued, queued),
        ("the count of orders", report.queued_count, len(rows)),
        ("what was filled whole", report.settled, settled),
        ("the count of orders filled whole", report.settled_count, len(whole)),
        ("what was filled in parts", report.parts, every - settled),
        ("the count of orders left", report.left_count, len(rows) - len(whole)),
        ("what is left", report.left, queued - every),
    ):
        faults += figure(name, says, worked)
    return faults + file_claims.left(report, still)


def trades(report: Report, told: Sequence[Traded] | None, queue: Trades | None) -> list[str]:
    """Give what is wrong with a run of the PvP queue."""
    if told is None:
        return ["the file does not say which trades settled"]
    units = {asset: int(unit) for asset, unit in report.units.items()}
    if not {name for one in told for name in (one.first_pays, one.second_pays)} <= units.keys():
        return ["a currency of a trade has no unit in the report"]
    paid: dict[Pair, int] = {}
    received: dict[Pair, int] = {}
    for one in told:
        for payer, payee, asset, minor in (
            (one.first, one.second, one.first_pays, one.first_minor),
            (one.second, one.first, one.second_pays, one.second_minor),
        ):
            paid[payer, asset] = paid.get((payer, asset), 0) + minor
            received[payee, asset] = received.get((payee, asset), 0) + minor
    value = sum(one.first_minor * units[one.first_pays] for one in told)
    faults = [
        *figure("what settled", report.settled, value),
        *figure("the count", report.settled_count, len(told)),
    ]
    faults += figure("what settled in parts", report.parts, 0)
    faults += file_claims.moved(report, paid, received) + file_claims.left(report, {})
    return faults if queue is None else faults + _scan(report, told, queue, units)


def _scan(report: Report, told: Sequence[Traded], queue: Trades, units: Units) -> list[str]:
    """Scan the queue anew and compare."""
    if queue.units != units:
        return ["the queue is valued at other units than the report's"]
    by_id = {one.id: one for one in queue.instructions}
    run = scan_of(queue)
    faults = []
    for one in told:
        it = by_id.get(one.trade)
        as_said = (one.first, one.second, one.first_pays, one.first_minor, one.second_pays, one.second_minor)
        if it is None or as_said != (it.a, it.b, it.a_pays_ccy, it.a_pays, it.b_pays_ccy, it.b_pays):
            faults.append(f"trade {one.trade} is not in the queue, or not as it says")
    if sorted(run.settled) != sorted(one.trade for one in told):
        faults.append("the scan of the queue settles other trades")
    queued = sum(one.a_pays * units[one.a_pays_ccy] for one in queue.instructions)
    value = sum(one.first_minor * units[one.first_pays] for one in told)
    for name, says, worked in (
        ("what was queued", report.queued, queued),
        ("the count of what was queued", report.queued_count, len(queue.instructions)),
        ("what is left", report.left, queued - value),
        ("the count of what is left", report.left_count, len(queue.instructions) - len(told)),
    ):
        faults += figure(name, says, worked)
    return faults
