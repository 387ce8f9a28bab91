"""A queue that has been checked and put in order once, and its columns, for all algorithms that look at it.

Every algorithm checks what it is given. A solver asks several about one queue, and so checks and reads it once:
what `Ordered.of` gives is passed to each, and none reads again what another has read.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from steelyard.liquidity.queue import Queued, Room, read
from steelyard.liquidity.selection import Reserved, check_all, check_bounds, in_order
from steelyard.liquidity.solver import Ints


class Fields(NamedTuple):
    """The fields of payments, each a column; parties are places among the accounts, ascending."""

    ids: list[str]
    payers: list[int]
    payees: list[int]
    amounts: list[int]
    priorities: list[int]
    floors: list[int]
    ages: list[int]
    may_split: list[bool]


_OF: tuple[Callable[[Queued], Any], ...] = tuple(
    map(
        attrgetter,
        ("id", "payer", "payee", "amount_minor", "priority", "floor_minor", "age_cycles", "may_split"),
    )
)


def fields(payments: Sequence[Queued], number: Mapping[str, int]) -> Fields:
    """Read payments; `number` gives the place of each party."""
    if isinstance(payments, Ordered) and number is payments.number:
        return payments.fields
    return _read(payments, number)


def _read(payments: Sequence[Queued], number: Mapping[str, int]) -> Fields:
    ids, payers, payees, *rest = read(payments, _OF)
    at = number.__getitem__
    return Fields(ids, list(map(at, payers)), list(map(at, payees)), *rest)


class Ordered(tuple[Queued, ...]):
    """Checked payments in the order of queues, and the balances that they have been checked against."""

    balances: Mapping[str, int]

    @classmethod
    def of(
        cls,
        balances: Mapping[str, int],
        payments: Iterable[Queued],
        limits: Iterable[Room] = (),
        reserved: Reserved | None = None,
    ) -> "Ordered":
        """Check payments, limits and reservations, and give the payments in order.

        What has been checked against the very same balances is given back as it is; bounds are always checked.
        """
        if isinstance(payments, Ordered) and payments.balances is balances:
            check_bounds(balances, limits, reserved)
            return payments
        held = payments if isinstance(payments, list | tuple) else list(payments)
        check_all(balances, held, limits, reserved)
        found = cls(in_order(held))
        found.balances = balances
        return found

    @cached_property
    def accounts(self) -> tuple[str, ...]:
        """Give who has a balance, ascending."""
        return tuple(sorted(self.balances))

    @cached_property
    def number(self) -> dict[str, int]:
        """Give each account's place."""
        return {name: place for place, name in enumerate(self.accounts)}

    @cached_property
    def fields(self) -> Fields:
        """Give the payments column by column."""
        return _read(self, self.number)

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """Give the classes that are there."""
        return tuple(sorted(set(self.fields.priorities)))

    def of_class(self, level: int) -> Sequence[Queued]:
        """Give the payments of one class, in order."""
        return self if self.levels == (level,) else [one for one in self if one.priority == level]


def ints(values: Sequence[int]) -> Ints:
    """Give whole numbers below 2^63 as a column."""
    return np.fromiter(values, np.int64, len(values))
