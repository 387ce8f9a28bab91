"""A full FX batch through the Machine: as many orders as it takes, in three currencies, proposed and booked.

The legs are booked by columns, and beside it one by one, in turn, so that both are measured on the same machine
under the same load; each figure is the least of its turns.
"""

import gc
import random
import time
from collections.abc import Iterator

from bench.figures import Figure, main
from steelyard.engine import columns
from steelyard.flows.fx_batch import MOST
from steelyard.liquidity.order_book import AUCTION, REFERENCE
from tests.flows.fxorders import Market
from tests.flows.payworld import ANNA, ARNE, ASSETS, BRAM, CLEO

WAYS = [(one, two) for one in ASSETS for two in ASSETS if one != two]
WORTH = {"NOR": 1, "SUD": 2, "OST": 20}
TURNS = 5


def market(orders: int, kind: str) -> Market:
    """Give a market with so many orders and an open batch."""
    figures = {"fx_floating": list(ASSETS), "fx_band_bp": 500} if kind == AUCTION else {}
    net = Market(fx_orders_max=orders, **figures)
    draw = random.Random(3)
    for number in range(orders):
        sell, buy = WAYS[number % len(WAYS)]
        permille = draw.randint(980, 1_005)  # most would take a little less than the reference
        limit = (WORTH[sell] * permille, WORTH[buy] * 1_000) if kind == AUCTION else (0, 1)
        net.put(draw.choice((ANNA, ARNE, BRAM, CLEO)), sell, buy, draw.randint(1_000, 60_000), limit)
    assert net.ask(kind).code == 0
    return net


def booked(orders: int, kind: str) -> tuple[float, float]:
    """Give the processor time of finding a proposal and of checking and booking it."""
    net = market(orders, kind)
    begun = time.process_time()
    fields = net.fields()
    found = time.process_time() - begun
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # as a node has it
    begun = time.process_time()
    outcome = net.give("fx_batch.propose", fields, "operator", actor="node")
    taken = time.process_time() - begun
    gc.unfreeze()
    assert outcome.code == 0, outcome.refusal
    assert bool(fields.prices) == (kind == AUCTION), fields.reason
    return found, taken


def rows(orders: int = MOST) -> Iterator[Figure]:
    """Give every figure."""
    many, by_column, by_leg, auctions, finding = columns.MANY, [], [], [], []
    booked(orders // 20, REFERENCE)
    for _ in range(TURNS):
        by_column.append(booked(orders, REFERENCE)[1])
        columns.MANY = 10**9
        try:
            by_leg.append(booked(orders, REFERENCE)[1])
        finally:
            columns.MANY = many
        found, taken = booked(orders, AUCTION)
        finding.append(found)
        auctions.append(taken)
    of = f"fx batch, {orders:,} orders"
    yield Figure(
        f"{of}: checks and booking, processor time",
        min(by_column),
        "s",
        0.35,
        at_most=True,
        note="reference rates",
    )
    yield Figure(f"{of}: the same, legs one by one", min(by_leg), "s")
    yield Figure(f"{of}: checks of an auction's rule and booking", min(auctions), "s")
    yield Figure(f"{of}: an auction's prices and fills", min(finding), "s")


if __name__ == "__main__":
    main(rows)
