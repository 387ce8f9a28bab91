"""What must hold of the market at any moment: every open order is bound, and every bound is covered.

Pure functions over a World, as in `sweeps.py`.
"""

from collections.abc import Iterator

from steelyard.flows import market_money as money
from steelyard.flows.world import World
from steelyard.market.book import Book
from steelyard.market.depth import Depth
from steelyard.market.receipts import ReceiptState
from steelyard.market.resting import Order


def orders_are_bound(world: World) -> str | None:
    """Say which open order is not kept as it stands in its book, or which sum of what orders bind is wrong."""
    books = world.books
    found: dict[int, int] = {}
    for code in sorted(books.books):
        for order in _orders(world, code):
            found[order.order_id] = order.left
    kept = {row.order_no: row.left for row in books.rows.values()}
    if found != kept:
        odd = sorted(set(found.items()) ^ set(kept.items()))[0]
        return f"order {odd[0]}: its book and its row say differently what is left"
    bound: dict[tuple[str, str], int] = {}
    for row in books.rows.values():
        if row.asset:
            place = (row.owner, row.asset)
            bound[place] = bound.get(place, 0) + row.left * row.unit_minor
    for quote in books.quotes.by_no.values():
        place = (quote.provider, quote.sell)
        bound[place] = bound.get(place, 0) + quote.sell_left
    for held in world.auctions.bound.values():
        for owner, asset, minor in held:
            bound[owner, asset] = bound.get((owner, asset), 0) + minor
    bound = {place: minor for place, minor in bound.items() if minor}
    return None if bound == books.bound else "what orders, quotes and auctions bind is not the sum of them"


def bounds_are_covered(world: World) -> str | None:
    """Say which trade account or which committed receipts do not cover what is bound, or nothing."""
    books = world.books
    for (owner, asset), minor in sorted(books.bound.items()):
        if asset in world.titles.classes:
            held = books.stocks.kg(owner, asset)
        else:
            account_no = money.account(world, owner, asset)
            held = world.engine.balance(account_no).balance if account_no else 0
        if held < minor:
            return f"{owner}/{asset}: {minor} are bound and {held} are there"
    return None


def stocks_are_committed(world: World) -> str | None:
    """Say which receipt is committed in one place and not in the other, or nothing."""
    stocks = world.books.stocks
    for receipt in world.titles.receipts.values():
        inside = dict(stocks.of(receipt.holder, receipt.code)).get(receipt.receipt_id)
        state = receipt.before if receipt.state is ReceiptState.FROZEN else receipt.state
        if (state is ReceiptState.COMMITTED) != (inside is not None):
            return f"receipt {receipt.receipt_id.hex()}: {receipt.state.value}, and not so among what is committed"
        if inside is not None and inside != receipt.kg:
            return f"receipt {receipt.receipt_id.hex()}: {receipt.kg} kg, committed for {inside}"
    return None


def depth_is_shown(world: World) -> str | None:
    """Say of which book something else is shown than stands in it, or nothing."""
    for code in sorted(world.books.books):
        fresh = Depth()
        fresh.look_at_all(world.books.books[code])
        if fresh.levels() != world.books.depths[code].levels():
            return f"{code}: what is shown at its prices is not what stands there"
    return None


def _orders(world: World, code: str) -> Iterator[Order]:
    held = world.books.books[code]
    if isinstance(held, Book):
        yield from held.orders.values()
        yield from held.stops.waiting.values()
    else:
        yield from (order for order, _ in (*held.subs.orders.values(), *held.waiting.values()))


SWEEPS = (orders_are_bound, bounds_are_covered, stocks_are_committed, depth_is_shown)
