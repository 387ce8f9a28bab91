"""Positions against the counterparty: novation, netting, limits, taking over and tearing up.

A trade that is cleared becomes two positions at once, each against the counterparty: who bought holds its lots, who
sold holds them below zero. Lots of one contract net. A position is two numbers: its lots, and its cost, the sum of
lots x price at which each was traded or last marked. Variation margin is linear in both, so no lot is kept by itself:

    gain = (settlement price x lots - cost) x unit

Lots and costs of a contract sum to zero over all who hold it, always: `closed` says so, tests and the house ask it.

Beside the two numbers a position keeps since which days it holds its lots, for notices of delivery go to the oldest
longs. What closes lots closes the oldest ones first.
"""

from fractions import Fraction

from msgspec import Struct

from steelyard.market.clearing.shares import settle_parts, share_out
from steelyard.values.instants import Day

DAYS_MAX = 256
"""Lots of more days than these count with the oldest."""
KG_PER_PRICE = 1_000
"""Prices are minor units per tonne."""


class Terms(Struct, array_like=True, frozen=True, gc=False):
    """What clearing knows of a contract. Contracts of one commodity and currency stand against each other.

    A lot is `unit_kg`; prices are minor units of `asset` a tonne. Limits are lots of one group, 0 for none; the
    lower one counts in the delivery month, which begins on `delivery_from_on`; so does `delivery_bp`, the share of
    the margin asked for on top, and there are no daily limits of prices then.
    """

    contract: str
    commodity: str
    asset: str
    unit_kg: int
    tick_minor: int
    scan_range_minor: int
    """a tonne"""
    spread_minor: int
    """a tonne, for lots that stand against those of another month"""
    limit_lots: int = 0
    delivery_limit_lots: int = 0
    delivery_from_on: Day = 2_000_000
    delivery_bp: int = 0
    median_lots: int = 0
    """Median volume of a day, 0: nothing is added for concentration"""

    @property
    def unit(self) -> Fraction:
        """Give how often a price counts in a lot."""
        return Fraction(self.unit_kg, KG_PER_PRICE)

    def in_delivery_month(self, on: Day) -> bool:
        """Tell whether a day lies in the delivery month."""
        return on >= self.delivery_from_on

    def limit(self, on: Day) -> int:
        """Give the most lots a group may hold on a day, either way; 0 for any number."""
        if self.in_delivery_month(on) and self.delivery_limit_lots:
            return self.delivery_limit_lots
        return self.limit_lots


class Position(Struct, array_like=True, frozen=True, gc=False):
    """What one member holds of one contract. `days` are (day, lots), oldest first; the lots above zero."""

    lots: int = 0
    cost: int = 0
    days: tuple[tuple[Day, int], ...] = ()

    def gain(self, settle: int) -> int:
        """Give the gain at a price, in minor units a tonne, times lots."""
        return settle * self.lots - self.cost


Book = dict[str, dict[str, Position]]
"""Positions by contract, then member. Nobody without lots and cost is in it."""
FLAT = Position()


def aged(days: tuple[tuple[Day, int], ...], held: int, change: int, on: Day) -> tuple[tuple[Day, int], ...]:
    """Give the days of a position of `held` lots after a change on a day: what closes lots closes the oldest.

    >>> aged(((1, 4), (2, 3)), 7, -5, 9), aged(((1, 4),), -4, -2, 9), aged(((1, 4),), 4, -6, 9)
    (((2, 2),), ((1, 4), (9, 2)), ((9, 2),))
    """
    if held * change >= 0:
        more = [*days]
        if change and more and more[-1][0] >= on:
            more[-1] = (more[-1][0], more[-1][1] + abs(change))
        elif change:
            more.append((on, abs(change)))
        while len(more) > DAYS_MAX:
            more[:2] = [(more[0][0], more[0][1] + more[1][1])]
        return tuple(more)
    gone, left = abs(change), []
    for day, lots in days:
        part = min(gone, lots)
        gone -= part
        if lots > part:
            left.append((day, lots - part))
    return tuple(left) if abs(change) <= abs(held) else ((on, abs(held + change)),)


def add(book: Book, contract: str, member: str, lots: int, price: int, on: Day = 0) -> None:
    """Add lots (below zero: sold) at a price to a position, on a day."""
    put(book, contract, member, lots, lots * price, on)


def put(book: Book, contract: str, member: str, lots: int, cost: int, on: Day = 0) -> None:
    """Add lots and cost to a position, on a day."""
    held = book.setdefault(contract, {})
    old = held.pop(member, FLAT)
    new = Position(old.lots + lots, old.cost + cost, aged(old.days, old.lots, lots, on))
    if new != FLAT:
        held[member] = new
    elif not held:
        del book[contract]


def novate(book: Book, contract: str, *, buyer: str, seller: str, lots: int, price: int, on: Day = 0) -> None:
    """Put the counterparty between buyer and seller of a trade of a day.

    >>> book: Book = {}
    >>> novate(book, "SEP", buyer="A", seller="B", lots=2, price=210)
    >>> novate(book, "SEP", buyer="B", seller="A", lots=2, price=213)
    >>> book["SEP"]["A"].lots, book["SEP"]["A"].gain(999)
    (0, 6)
    """
    add(book, contract, buyer, lots, price, on)
    add(book, contract, seller, -lots, price, on)


def of(book: Book, contract: str, member: str) -> Position:
    """Give a member's position, nothing where there is none."""
    return book.get(contract, {}).get(member, FLAT)


def gains(book: Book, terms: Terms, settle: int) -> dict[str, int]:
    """Give what each holder of a contract gains as it is marked, in minor units; sums to zero exactly.

    >>> two = {"SEP": {"A": Position(1, 210), "B": Position(-1, -210)}}
    >>> gains(two, Terms("SEP", "WHEAT", "NOR", 50_000, 25, 1, 1), 213)
    {'A': 150, 'B': -150}
    """
    held = book.get(terms.contract, {})
    return settle_parts(
        {member: one.gain(settle) * terms.unit_kg for member, one in held.items()}, KG_PER_PRICE
    )


def mark(book: Book, contract: str, settle: int) -> None:
    """Let every position of a contract stand at a price from now on; those without lots are over."""
    held = {
        member: Position(one.lots, settle * one.lots, one.days)
        for member, one in book.get(contract, {}).items()
        if one.lots
    }
    if held:
        book[contract] = held
    else:
        book.pop(contract, None)


def exceeds(held: int, change: int, limit: int) -> bool:
    """Tell whether a change takes lots beyond a limit; one that lessens them does not, however many are left.

    >>> exceeds(10, 1, 10), exceeds(12, -1, 10), exceeds(-3, -8, 10), exceeds(5, 900, 0)
    (True, False, True, False)
    """
    return bool(limit) and abs(held + change) > limit and abs(held + change) > abs(held)


def opposite(book: Book, contract: str, lots: int) -> dict[str, int]:
    """Give how many lots each holder has on the side that stands against `lots`, by member."""
    sign = -1 if lots > 0 else 1
    held = book.get(contract, {})
    return {member: abs(held[member].lots) for member in sorted(held) if held[member].lots * sign > 0}


def longs(book: Book, contract: str) -> list[tuple[str, Day, int]]:
    """Give who is long of a contract, since which days, how many lots; by member, oldest first.

    >>> book: Book = {}
    >>> novate(book, "SEP", buyer="A", seller="B", lots=2, price=210, on=5)
    >>> novate(book, "SEP", buyer="A", seller="B", lots=1, price=211, on=6)
    >>> longs(book, "SEP")
    [('A', 5, 2), ('A', 6, 1)]
    """
    held = book.get(contract, {})
    return [
        (member, day, lots)
        for member in sorted(held)
        if held[member].lots > 0
        for day, lots in held[member].days
    ]


def tear_up(book: Book, contract: str, member: str, price: int, lots: int | None = None) -> dict[str, int]:
    """End a member's lots (or some of them) at a price against those who hold the other side, pro rata.

    Gives by how much each of the others was lessened. Money is what the next run makes of the costs that are left.
    """
    lots = of(book, contract, member).lots if lots is None else lots
    if not lots:
        return {}
    parts = share_out(abs(lots), opposite(book, contract, lots))
    sign = 1 if lots > 0 else -1
    add(book, contract, member, -lots, price)
    for other, part in parts.items():
        if part:
            add(book, contract, other, sign * part, price)
    return {other: part for other, part in parts.items() if part}


def closed(book: Book) -> bool:
    """Tell whether lots and costs of every contract sum to zero, and no empty position is kept."""
    return all(
        sum(one.lots for one in held.values()) == 0
        and sum(one.cost for one in held.values()) == 0
        and held
        and FLAT not in held.values()
        and all(sum(lots for _, lots in one.days) == abs(one.lots) for one in held.values())
        for held in book.values()
    )
