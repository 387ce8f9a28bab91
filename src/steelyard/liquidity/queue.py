"""A queued payment and a limit's room as the settlement algorithms see them: plain values, no state.

The algorithms take payments in any order and sort them first: (priority, seq, id). Balances are a mapping from
account to usable minor units of one currency; every payer and payee has an entry.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, eq
from typing import Any

from msgspec import Struct

SOME = 1_024
"""So many payments stay in a cache while one column after the other is read."""
ALL = "*"
"""Counterparty of a multilateral limit: everybody without a bilateral limit of the same owner."""


class Queued(Struct, frozen=True, gc=False):
    """One payment that waits. `priority` is 0 urgent, 1 high, 2 normal; `seq` the order of acceptance.

    `amount_minor` is what is still open. `age_cycles` counts the batches it was in without settling whole. With
    `may_split` a part may settle, but none below `floor_minor` nor one that leaves less than that.
    """

    id: str
    payer: str
    payee: str
    amount_minor: int
    priority: int = 2
    seq: int = 0
    age_cycles: int = 0
    may_split: bool = True
    floor_minor: int = 0


@dataclass(frozen=True, slots=True)
class Room:
    """How much more `owner` may lose, net, to one counterparty (or to `ALL`) by payments of normal priority."""

    owner: str
    counterparty: str
    room_minor: int


def order(payment: Queued) -> tuple[int, int, str]:
    """Give a payment's place among those of its payer."""
    return payment.priority, payment.seq, payment.id


def check_inputs(balances: Mapping[str, int], payments: Iterable[Queued]) -> None:
    """Raise TypeError or ValueError on what no algorithm takes.

    Amounts and balances are integers, amounts > 0; every party has a balance; ids are unique; nobody pays
    itself; priorities are 0, 1 or 2. A balance may be below 0: it then has to be covered by what comes in.
    """
    for account, balance in balances.items():
        if type(balance) is not int:
            raise TypeError(f"balance of {account} is no integer")
    payments = payments if isinstance(payments, list | tuple) else list(payments)
    if _all_are_fine(balances, payments):
        return
    ids: list[str] = []
    for payment in payments:
        amount_minor, floor_minor, payer, payee = (
            payment.amount_minor, payment.floor_minor, payment.payer, payment.payee
        )  # fmt: skip
        if type(amount_minor) is not int or type(floor_minor) is not int:
            raise TypeError(f"amount or floor of {payment.id} is no integer")
        if amount_minor <= 0 or floor_minor < 0:
            raise ValueError(f"amount or floor of {payment.id} is out of range")
        if payer == payee:
            raise ValueError(f"payer and payee of {payment.id} are the same")
        if payer not in balances or payee not in balances:
            raise ValueError(f"{payment.id} names an account that has no balance")
        if payment.priority not in (0, 1, 2):
            raise ValueError(f"priority of {payment.id} is none of 0, 1, 2")
        ids.append(payment.id)
    if len(set(ids)) < len(ids):
        twice = next(name for name, count in Counter(ids).items() if count > 1)
        raise ValueError(f"{twice} is there twice")


def read(payments: Sequence[Queued], getters: Sequence[Callable[[Queued], Any]]) -> list[list[Any]]:
    """Read fields of payments, a column each: some payments at a time, so that each is fetched from memory once."""
    columns: list[list[Any]] = [[] for _ in getters]
    for first in range(0, len(payments), SOME):
        some = payments[first : first + SOME]
        for column, get in zip(columns, getters, strict=True):
            column.extend(map(get, some))
    return columns


def _all_are_fine(balances: Mapping[str, int], payments: Sequence[Queued]) -> bool:
    """Tell whether there is nothing to say against any payment, column by column; False decides nothing."""
    if not payments:
        return True
    ids, payers, payees, amounts, priorities, floors = read(payments, _COLUMNS)
    return (
        set(map(type, amounts)) == set(map(type, floors)) == {int}
        and min(amounts) > 0
        and min(floors) >= 0
        and not any(map(eq, payers, payees))
        and balances.keys() >= {*payers, *payees}
        and {0, 1, 2} >= set(priorities)
        and len(set(ids)) == len(ids)
    )


_COLUMNS = tuple(map(attrgetter, ("id", "payer", "payee", "amount_minor", "priority", "floor_minor")))
