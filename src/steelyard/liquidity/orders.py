"""An order to exchange one currency for another, as the FX batches see it: a plain value, no state.

The batches take orders in any sequence and sort them first: (seq, id).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import eq


@dataclass(frozen=True, slots=True)
class Order:
    """Sell `amount_minor` of `sell` for `buy`; parts may be filled.

    `limit` is the least the member takes: minor units bought per minor unit sold, exactly; None takes any rate.
    `seq` is the order of acceptance.
    """

    id: str
    sell: str
    buy: str
    amount_minor: int
    limit: Fraction | None = None
    member: str = ""
    seq: int = 0


def check_orders(orders: Sequence[Order]) -> None:
    """Raise TypeError or ValueError on what no batch takes.

    Amounts are integers > 0, limits exact ratios > 0, ids unique; nobody sells a currency for itself.
    """
    amounts = [order.amount_minor for order in orders]
    limits = [order.limit for order in orders if order.limit is not None]
    fine = (
        set(map(type, amounts)) <= {int}
        and set(map(type, limits)) <= {Fraction}
        and min(amounts, default=1) > 0
        and min([limit.numerator for limit in limits], default=1) > 0
        and not any(map(eq, [order.sell for order in orders], [order.buy for order in orders]))
    )
    if not fine:
        for order in orders:
            _check(order)
    if len({order.id for order in orders}) != len(orders):
        seen: set[str] = set()
        for order in orders:
            if order.id in seen:
                raise ValueError(f"{order.id} is there twice")
            seen.add(order.id)


def _check(order: Order) -> None:
    """Raise what is wrong with one order, if anything is."""
    amount, limit = order.amount_minor, order.limit
    if type(amount) is not int:
        raise TypeError(f"amount of {order.id} is no integer")
    if amount <= 0:
        raise ValueError(f"amount of {order.id} is not above 0")
    if order.sell == order.buy:
        raise ValueError(f"{order.id} sells a currency for itself")
    if limit is not None and type(limit) is not Fraction:
        raise TypeError(f"limit of {order.id} is no exact ratio")
    if limit is not None and limit <= 0:
        raise ValueError(f"limit of {order.id} is not above 0")
