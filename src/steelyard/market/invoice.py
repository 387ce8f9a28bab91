"""What a delivery's buyer owes: goods by weight and quality, and the costs that one side has paid for the other.

The goods are paid at the price agreed and the differential of their place. Of a full cargo what is beyond the
tolerance is paid at the market of the day of its bill of lading, with the same differential and adjustments; a day
without a price that was published is priced as agreed. The goods are rounded once, half-even.
"""

from collections.abc import Mapping
from fractions import Fraction

from msgspec import Struct

from steelyard.market.deliveries import Terms
from steelyard.market.quality import quality_price
from steelyard.market.refusals.delivery import DeliveryRefusal
from steelyard.market.trade_terms import CostPaid, on_top
from steelyard.values.rate import Rounding, rounded


class Invoice(Struct, frozen=True):
    """What is due. `market_kg` of the weight are priced at the market; `due_minor` is the goods and the costs."""

    net_kg: int
    market_kg: int
    goods_minor: int
    due_minor: int


def invoice(
    terms: Terms,
    found: Mapping[str, int],
    *,
    weight_kg: int,
    market: Fraction | None = None,
    costs: tuple[CostPaid, ...] = (),
) -> Invoice | DeliveryRefusal:
    """Give what is due for goods of a weight and quality, or why they are not what was agreed.

    `market` is what the goods are worth on the day of their bill of lading, in the unit of the price, if known.

    >>> from steelyard.market.quality import QualitySchedule
    >>> from steelyard.market.trade_terms import TradeTerms
    >>> cargo = Terms("RYE", "PORT", "1", 1, 1_000, 500, 24_000, "NOR", QualitySchedule(()),
    ...     trade=TradeTerms(full_cargo_bp=1_000))
    >>> invoice(cargo, {}, weight_kg=1_080, market=Fraction(26_000))
    Invoice(net_kg=1080, market_kg=30, goods_minor=25980, due_minor=25980)
    """
    schedule, trade = terms.schedule, terms.trade
    paid = quality_price(
        schedule, found, net_kg=weight_kg, price=terms.price_minor + trade.differential_minor
    )
    if paid.refusal is not None:
        return paid.refusal
    parts = terms.delivered(weight_kg)
    if parts.is_default:
        return DeliveryRefusal.QUALITY_OUTSIDE_CONTRACT
    unit, market_kg = paid.unit_price, 0
    if parts.at_market and market is not None:
        market_kg = parts.at_market
        above = quality_price(schedule, found, net_kg=weight_kg, price=market + trade.differential_minor)
        unit = Fraction(unit * parts.at_contract + above.unit_price * market_kg, weight_kg)
    exact = unit * Fraction(paid.net_kg, schedule.price_kg)
    goods = rounded(exact.numerator, exact.denominator, Rounding.HALF_EVEN)
    return Invoice(paid.net_kg, market_kg, goods, goods + on_top(costs))
