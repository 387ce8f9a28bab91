"""Telling of a price that is published: the fact with every version, and what the public streams take of it."""

from steelyard.flows.diary import Diary
from steelyard.flows.market_facts import SettlementPriced
from steelyard.flows.price_facts import PricePublished
from steelyard.market.basis import Basis
from steelyard.market.prices import Price

SETTLEMENT = "settlement"


def tell(
    diary: Diary,
    series: str,
    kind: str,
    price: Price,
    inputs: tuple[bytes, ...] = (),
    basis: Basis | None = None,
    unit: str = "",
) -> None:
    """Note a price that is published, a settlement price towards its instrument's public stream as well."""
    diary.fact(
        PricePublished(
            series, kind, price.on, price.version, price.value, price.source, price.method, price.digest,
            price.reason, price.currencies, inputs, price.points,
            basis.origin if basis is not None else "", basis.grade if basis is not None else "",
            unit,
        )
    )  # fmt: skip
    if kind == SETTLEMENT and price.value.isdigit():
        diary.fact(
            SettlementPriced(series, price.on, int(price.value), price.source, price.digest, price.reason)
        )
