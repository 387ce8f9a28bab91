"""A market day through a real node and its projection: the tables say what the state says."""

import asyncio
import random
import time

from steelyard.flows.market_quote import NamedFields, QuoteFields
from steelyard.flows.order import CancelFields, OrderFields
from steelyard.market.orders import Side
from steelyard.node.assembly import Node
from steelyard.node.link import End
from steelyard.node.replay import load, prove
from steelyard.storage.opening import open_journal
from steelyard.storage.projection import Projector
from steelyard.storage.queries import Reader
from steelyard.values.instants import HOUR
from tests.crash.markets import OWNERS, floor, submission
from tests.crash.world import prepare
from tests.flows.goods import BUYER, SELLER
from tests.flows.markets import SPOT, WIDE, entering
from tests.flows.payworld import PONS


async def day(config):
    """Let orders rest, trade within and across currencies, be refused and be cancelled."""
    rng, node = random.Random(4), await Node.open(config, on_stop=lambda stop: print(stop.why))
    link, until = node.link(), time.time_ns() + HOUR
    sent = [
        ("order.enter", SELLER, OrderFields(SPOT, Side.SELL, 20, 10_000)),
        ("order.enter", BUYER, OrderFields(SPOT, Side.BUY, 8, 10_000)),
        ("order.enter", BUYER, OrderFields(SPOT, Side.BUY, 10**12, 10_000)),
        ("order.many", SELLER, entering((
            OrderFields(WIDE, Side.SELL, 5, 9_000, currency="NOR"),
            OrderFields(WIDE, Side.SELL, 10**6, 9_000, currency="NOR"),
        ), time.time_ns(), b"rows")),
        ("order.enter", BUYER, OrderFields(WIDE, Side.BUY, 3, 9_000, currency="NOR")),
        ("firm_quote.put", PONS, QuoteFields("NOR", "OST", 2, 1, 50_000, until)),
        ("firm_quote.put", PONS, QuoteFields("SUD", "OST", 3, 1, 50_000, until)),
        ("order.enter", BUYER, OrderFields(WIDE, Side.BUY, 1, 18_000, currency="OST")),
        ("firm_quote.withdraw", PONS, "the second"),
        ("order.cancel", SELLER, CancelFields((bytes(16), bytes(15) + b"1"))),
    ]  # fmt: skip
    put: list[bytes] = []
    for name, owner, asked in sent:
        fields = NamedFields(put[1]) if asked == "the second" else asked
        command_id, made = submission(rng, owner, f"t-{owner}", name, fields)
        if name == "firm_quote.put":
            put.append(command_id)
        answer = await link.submit(made)
        assert answer.end == End.RECORDED, answer
    await node.close()


def test_orders_and_trades_are_projected_as_they_stand(tmp_path):
    config = prepare(tmp_path / "n", build=lambda: floor().world)
    asyncio.run(day(config))
    journal, projector = open_journal(config.address("journal")), Projector(config.address("projection"))
    while projector.take(journal):
        pass
    projector.close()
    prove(journal, after=1)
    books = load(journal).machine.world.books
    journal.close()
    reader = Reader(config.address("projection"))
    orders, trades = reader.page("market_order", limit=100), reader.page("market_trade", limit=100)
    levels = reader.page("market_level", limit=100)
    standing = reader.page("firm_quote_standing", limit=100)
    reader.close()

    assert (
        [
            (one.quote_no, one.provider, one.sell, one.buy, one.sell_left)
            for one in books.quotes.by_no.values()
        ]
        == [(row["quote_no"], row["provider"], row["sell"], row["buy"], row["sell_left"]) for row in standing]
        == [(1, PONS, "NOR", "OST", 41_000)]
    )
    assert {row.key: row.left for row in books.rows.values()} == {
        row["order_id"]: row["open"] for row in orders if row["state"] == "open"
    }
    assert [(8, 80_000), (3, 27_000), (1, 18_000)] == [
        (row["quantity"], row["buyer_minor"]) for row in trades
    ]
    assert {SELLER} == {row["seller"] for row in trades} <= set(OWNERS)
    assert {b""} == {row["reversed_by"] for row in trades}
    assert [tuple(level) for code in sorted(books.depths) for level in books.depths[code].levels()] == [
        (row["currency"], row["side"], row["price"], int(row["quantity"])) for row in levels
    ]
