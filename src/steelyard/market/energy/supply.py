"""Take-or-pay: what a buyer of energy pays for without taking it, and how he gets it back.

Each contract year has a take-or-pay quantity: a share of the annual quantity, less what the seller failed to
deliver, what force majeure kept away, and what the buyer gave up in time within the downward tolerance. Who takes
less pays the rest at the year's price and has it credited as make-up. In later years what he takes above that
year's take-or-pay quantity recovers it, the oldest first, until it expires. What he takes above the year's whole
adjusted quantity, and is no make-up, is carried forward: it lowers a later deficiency, up to the contract's share.

Quantities and money here are exact fractions. `booked` rounds once: quantities down to the contract's unit, money
half-even to the minor unit.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import floor
from typing import NamedTuple

Exact = Fraction | int


class Contract(NamedTuple):
    """The terms of a supply contract that take-or-pay needs. Quantities in the contract's unit."""

    acq: Exact
    """Annual contract quantity"""
    share: Exact
    """Of it that is taken or paid, 0 to 1"""
    tolerance: Exact = 0
    """Share of the annual quantity that the buyer may give up in time"""
    makeup_years: int = 0
    """Years in which make-up can be recovered after that in which it was paid; 0: without end"""
    carry_share: Exact = 0
    """Of the annual quantity, by which carry-forward may lower a year's deficiency; 0: there is none"""
    carry_years: int = 0
    """Years in which carry-forward can be used after that in which it was earned; 0: without end"""


class Year(NamedTuple):
    """What happened in a contract year. `price` is in minor units per unit."""

    taken: Exact
    price: Exact
    seller_shortfall: Exact = 0
    force_majeure: Exact = 0
    given_up: Exact = 0
    """By the buyer, in time; it counts up to the tolerance"""


class Lot(NamedTuple):
    """What is left of one year's make-up or carry-forward; years are counted from 0."""

    year: int
    quantity: Exact


class Balance(NamedTuple):
    """What a year hands on to the next."""

    year: int = 0
    """Number of the next year"""
    makeup: tuple[Lot, ...] = ()
    carry: tuple[Lot, ...] = ()

    @property
    def bank(self) -> Fraction:
        """Give the make-up that can still be recovered."""
        return sum((Fraction(lot.quantity) for lot in self.makeup), Fraction(0))

    @property
    def carried(self) -> Fraction:
        """Give the carry-forward that can still be used."""
        return sum((Fraction(lot.quantity) for lot in self.carry), Fraction(0))


class ToPYear(NamedTuple):
    """One year, settled, all exact."""

    adjusted_acq: Fraction
    top_quantity: Fraction
    deficiency: Fraction
    """What was neither taken nor covered by carry-forward"""
    payment: Fraction
    """For the deficiency, in minor units"""
    recovered: Fraction
    """Make-up taken this year"""
    carry_used: Fraction
    expired: Fraction
    """Make-up that ended unused before this year"""
    balance: Balance

    @property
    def bank(self) -> Fraction:
        """Give the make-up left after this year."""
        return self.balance.bank


def take_or_pay(contract: Contract, years: Sequence[Year], *, start: Balance | None = None) -> list[ToPYear]:
    """Settle contract years one after the other; `start` is what an earlier year handed on.

    >>> contract = Contract(2_000, Fraction(4, 5))
    >>> years = [Year(1_300, 650, seller_shortfall=100, force_majeure=50), Year(1_700, 650)]
    >>> one, two = take_or_pay(contract, years)
    >>> int(one.top_quantity), int(one.deficiency), int(one.payment), int(one.bank)
    (1480, 180, 117000, 180)
    >>> int(two.top_quantity), int(two.recovered), int(two.bank)
    (1600, 100, 80)
    """
    balance, settled = start or Balance(), []
    for year in years:
        done = _settle(contract, year, balance)
        balance = done.balance
        settled.append(done)
    return settled


def _settle(contract: Contract, year: Year, before: Balance) -> ToPYear:
    acq, taken = Fraction(contract.acq), Fraction(year.taken)
    given_up = min(Fraction(year.given_up), Fraction(contract.tolerance) * acq)
    adjusted = max(Fraction(0), acq - year.seller_shortfall - year.force_majeure - given_up)
    top = Fraction(contract.share) * adjusted
    makeup = _living(before.makeup, before.year, contract.makeup_years)
    carry = _living(before.carry, before.year, contract.carry_years)
    expired = before.bank - sum((Fraction(lot.quantity) for lot in makeup), Fraction(0))
    makeup, recovered = _used(makeup, max(Fraction(0), taken - top))
    short = max(Fraction(0), top - taken)
    carry, carry_used = _used(carry, min(short, Fraction(contract.carry_share) * acq))
    deficiency = short - carry_used
    excess = taken - recovered - adjusted
    if deficiency:
        makeup = (*makeup, Lot(before.year, deficiency))
    if excess > 0 and contract.carry_share:
        carry = (*carry, Lot(before.year, excess))
    return ToPYear(
        adjusted, top, deficiency, deficiency * Fraction(year.price), recovered, carry_used, expired,
        Balance(before.year + 1, makeup, carry),
    )  # fmt: skip


def _living(lots: tuple[Lot, ...], year: int, years: int) -> tuple[Lot, ...]:
    """Give what has not expired before a year."""
    return tuple(lot for lot in lots if not years or year <= lot.year + years)


def _used(lots: tuple[Lot, ...], most: Fraction) -> tuple[tuple[Lot, ...], Fraction]:
    """Use up at most so much of what there is, the oldest first; give what is left, and what was used."""
    left, used = [], Fraction(0)
    for lot in lots:
        part = min(Fraction(lot.quantity), most - used)
        used += part
        if part < lot.quantity:
            left.append(Lot(lot.year, Fraction(lot.quantity) - part))
    return tuple(left), used


class Booked(NamedTuple):
    """A year as it is booked: quantities in whole units, money in minor units."""

    deficiency: int
    payment_minor: int
    recovered: int
    bank: int


def booked(year: ToPYear) -> Booked:
    """Round a settled year, once: quantities down, money half-even.

    >>> half = take_or_pay(Contract(1_000, Fraction(17, 20)), [Year(700, 8, 50, 20)])[0]
    >>> half.deficiency, booked(half)
    (Fraction(181, 2), Booked(deficiency=90, payment_minor=724, recovered=0, bank=90))
    """
    return Booked(floor(year.deficiency), round(year.payment), floor(year.recovered), floor(year.bank))


def formula_price(base: Exact, slope: Exact, indices: Sequence[Exact]) -> Fraction:
    """Give base + slope x mean of the index in months m-3, m-2 and m-1, exactly, in basket minor units.

    >>> formula_price(50, Fraction(11, 100), [7_000, 7_100, 7_201])
    Fraction(249311, 300)
    """
    if len(indices) != FORMULA_MONTHS:
        raise ValueError(f"{len(indices)} months, not {FORMULA_MONTHS}")
    mean = sum(map(Fraction, indices), Fraction(0)) * Fraction(1, FORMULA_MONTHS)
    return Fraction(base) + Fraction(slope) * mean


FORMULA_MONTHS = 3
