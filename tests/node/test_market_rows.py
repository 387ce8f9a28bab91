"""A market day through a real node and its projection: the tables say what the state says."""

import asyncio
import random

from steelyard.flows.order import CancelFields, ManyFields, OrderFields
from steelyard.market.orders import Side
from steelyard.node.assembly import Node
from steelyard.node.link import End
from steelyard.node.replay import load, prove
from steelyard.storage.opening import open_journal
from steelyard.storage.projection import Projector
from steelyard.storage.queries import Reader
from tests.crash.markets import OWNERS, floor, submission
from tests.crash.world import prepare
from tests.flows.goods import BUYER, SELLER
from tests.flows.markets import SPOT, WIDE


async def day(config):
    """Let orders rest, trade within and across currencies, be refused and be cancelled."""
    rng, node = random.Random(4), await Node.open(config, on_stop=lambda stop: print(stop.why))
    link = node.link()
    sent = [
        ("order.enter", SELLER, OrderFields(SPOT, Side.SELL, 20, 10_000)),
        ("order.enter", BUYER, OrderFields(SPOT, Side.BUY, 8, 10_000)),
        ("order.enter", BUYER, OrderFields(SPOT, Side.BUY, 10**12, 10_000)),
        ("order.enter_many", SELLER, ManyFields((
            OrderFields(WIDE, Side.SELL, 5, 9_000, currency="NOR"),
            OrderFields(WIDE, Side.SELL, 10**6, 9_000, currency="NOR"),
        ))),
        ("order.enter", BUYER, OrderFields(WIDE, Side.BUY, 3, 9_000, currency="NOR")),
        ("order.cancel", SELLER, CancelFields((bytes(16), bytes(15) + b"1"))),
    ]  # fmt: skip
    for name, owner, fields in sent:
        answer = await link.submit(submission(rng, owner, f"t-{owner}", name, fields)[1])
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
    reader.close()

    assert {row.key: row.left for row in books.rows.values()} == {
        row["order_id"]: row["open"] for row in orders if row["state"] == "open"
    }
    assert [(8, 80_000), (3, 27_000)] == [(row["quantity"], row["buyer_minor"]) for row in trades]
    assert {SELLER} == {row["seller"] for row in trades} <= set(OWNERS)
    assert {b""} == {row["reversed_by"] for row in trades}
    assert [tuple(level) for code in sorted(books.depths) for level in books.depths[code].levels()] == [
        (row["currency"], row["side"], row["price"], row["quantity"]) for row in levels
    ]
