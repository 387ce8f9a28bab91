"""Call auctions of many orders: price alone, price with everybody's fills, a published file checked."""

from collections.abc import Callable, Iterator
from random import Random
from time import perf_counter

from bench.figures import Figure, main
from steelyard.market.auctions.call import CallOrder, auction_price, uncross
from steelyard.market.auctions.published import PublishedOrder, publish, read, verify, write

ORDERS = 100_000
TIMES = 5


def rows() -> Iterator[Figure]:
    """Give the figures."""
    for prices, words in ((200, "200 prices"), (ORDERS, "a price each")):
        bids, asks = _orders(prices)
        levels = [
            [(one.price, one.quantity) for one in side if one.price is not None] for side in (bids, asks)
        ]
        yield Figure(
            f"market call auction of 100,000 orders, {words}: price",
            _ms(
                lambda levels=levels: auction_price(*levels, market_buy=50, market_sell=50, reference=100_000)
            ),
            "ms",
        )
        yield Figure(
            f"market call auction of 100,000 orders, {words}: price and fills",
            _ms(lambda bids=bids, asks=asks: uncross(bids, asks, reference=100_000)),
            "ms",
            floor=200,
            at_most=True,
        )
    listed = [
        PublishedOrder(one.id, side, one.price, one.quantity, one.time)
        for side, orders in zip(("buy", "sell"), _orders(200), strict=True)
        for one in orders
    ]
    data = write(publish("bench", "WHT", listed, tick=1, reference=100_000))
    yield Figure(
        "market published auction of 100,000 orders: read and verified", _ms(lambda: verify(read(data))), "ms"
    )


def _orders(prices: int) -> tuple[list[CallOrder], list[CallOrder]]:
    """Give both sides, crossing by a tenth of their prices; one order in fifty has no price."""
    random = Random(1)

    def side(name: str, low: int, first: int) -> list[CallOrder]:
        return [
            CallOrder(
                f"{name}{at}",
                None if random.random() < 0.02 else low + random.randrange(prices),
                random.randint(1, 100),
                first + 2 * at,
            )
            for at in range(ORDERS // 2)
        ]

    return side("b", 100_000, 0), side("a", 100_000 - prices // 10, 1)


def _ms(call: Callable[[], object]) -> float:
    call()
    best = 1e9
    for _ in range(TIMES):
        start = perf_counter()
        call()
        best = min(best, perf_counter() - start)
    return round(best * 1_000, 1)


if __name__ == "__main__":
    main(rows)
