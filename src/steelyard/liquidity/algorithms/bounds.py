"""A8, liquidity bounds and the delay index: what a day needs at least and at most, and how long value waited.

With the upper bound every payment of a day settles when it comes; with less than the lower bound not all of them
settle at all, however long they wait. Both are per account and in the account's currency; totals sum minor units
over accounts, so they mean something only where one unit of account is used for all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

Account = tuple[str, str]
"""(member, currency)."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One payment of a day as it was sent. `seq` is the order of acceptance; ties go by id."""

    id: str
    payer: str
    payee: str
    currency: str
    amount_minor: int
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What each account needs, in minor units, accounts ascending: `upper` to settle at once, `lower` at all."""

    upper: dict[Account, int]
    lower: dict[Account, int]

    @property
    def upper_total(self) -> int:
        """Give the sum of the upper bounds."""
        return sum(self.upper.values())

    @property
    def lower_total(self) -> int:
        """Give the sum of the lower bounds."""
        return sum(self.lower.values())


class Waited(NamedTuple):
    """How long the value of one payment, or of a part, waited, and how long it could have; in one unit of time."""

    amount_minor: int
    waited: int
    to_close: int


def liquidity_bounds(payments: Iterable[Sent]) -> Bounds:
    """Give the bounds of a day: each account's largest running net outflow, and its net outflow at the end.

    Both are at least 0. Every account that pays or receives is there.

    >>> day = Sent("p1", "A", "B", "INR", 100, 0), Sent("p2", "B", "A", "INR", 60, 1)
    >>> bounds = liquidity_bounds(day)
    >>> bounds.upper[("A", "INR")], bounds.lower[("A", "INR")], bounds.upper_total
    (100, 40, 100)
    """
    sent = sorted(payments, key=lambda one: (one.seq, one.id))
    _check(sent)
    net: dict[Account, int] = {}
    most: dict[Account, int] = {}
    for payment in sent:
        payer, payee = (payment.payer, payment.currency), (payment.payee, payment.currency)
        out = net.get(payer, 0) + payment.amount_minor
        net[payer] = out
        net[payee] = net.get(payee, 0) - payment.amount_minor
        if out > most.get(payer, 0):
            most[payer] = out
    accounts = sorted(net)
    return Bounds(
        {account: most.get(account, 0) for account in accounts},
        {account: max(0, net[account]) for account in accounts},
    )


def delay_index(settled: Iterable[Waited | tuple[int, int, int]]) -> Fraction:
    """Give the value-weighted share of the time there was that settled value waited: 0 at once, 1 at the close.

    Exact. What could not wait, and a day without payments, count as 0.

    >>> delay_index([Waited(100, 0, 60), Waited(100, 30, 60)])
    Fraction(1, 4)
    """
    waited = could = 0
    for amount_minor, wait, to_close in settled:
        if type(amount_minor) is not int or type(wait) is not int or type(to_close) is not int:
            raise TypeError("amounts and times are integers")
        if amount_minor <= 0 or not 0 <= wait <= to_close:
            raise ValueError("amounts are above 0; a wait is from 0 to the time there is")
        waited += amount_minor * wait
        could += amount_minor * to_close
    return Fraction(waited, could) if could else Fraction(0)


def _check(payments: list[Sent]) -> None:
    seen: set[str] = set()
    for payment in payments:
        if type(payment.amount_minor) is not int:
            raise TypeError(f"amount of {payment.id} is no integer")
        if payment.amount_minor <= 0:
            raise ValueError(f"amount of {payment.id} is not above 0")
        if payment.payer == payment.payee:
            raise ValueError(f"payer and payee of {payment.id} are the same")
        if payment.id in seen:
            raise ValueError(f"{payment.id} is there twice")
        seen.add(payment.id)
