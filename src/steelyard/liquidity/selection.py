"""What the algorithms that choose whole payments share: the order, what each class may use, the result."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter

from steelyard.liquidity.queue import ALL, Queued, Room, check_inputs

Reserved = Mapping[str, tuple[int, int]]
"""Per account what is kept for (urgent, high) payments, in minor units."""

_BY_ID, _BY_SEQ, _BY_PRIORITY = attrgetter("id"), attrgetter("seq"), attrgetter("priority")


@dataclass(frozen=True, slots=True)
class Selection:
    """Whole payments that settle together: their ids in the order of queues, what is left, their sum."""

    settled: tuple[str, ...]
    balances: dict[str, int]
    value_minor: int


def in_order(payments: Iterable[Queued]) -> list[Queued]:
    """Give payments in the order of queues, (priority, seq, id), whatever order they come in.

    Stable sorts by one plain value each are several times faster than one by tuples.
    """
    found = list(payments)
    seqs = list(map(_BY_SEQ, found))
    if len(set(seqs)) < len(seqs):
        found.sort(key=_BY_ID)
    found.sort(key=_BY_SEQ)
    found.sort(key=_BY_PRIORITY)
    return found


def selection(balances: Mapping[str, int], settled: Iterable[Queued]) -> Selection:
    """Give the result of settling these payments, named in the order given; accounts come sorted."""
    after = {account: balances[account] for account in sorted(balances)}
    ids, value_minor = [], 0
    for payment in settled:
        amount_minor = payment.amount_minor
        after[payment.payer] -= amount_minor
        after[payment.payee] += amount_minor
        value_minor += amount_minor
        ids.append(payment.id)
    return Selection(tuple(ids), after, value_minor)


def check_all(
    balances: Mapping[str, int],
    payments: Collection[Queued],
    limits: Iterable[Room] = (),
    reserved: Reserved | None = None,
) -> None:
    """Raise TypeError or ValueError on what no algorithm takes, limits and reservations included."""
    check_inputs(balances, payments)
    check_bounds(balances, limits, reserved)


def check_bounds(balances: Mapping[str, int], limits: Iterable[Room], reserved: Reserved | None) -> None:
    """Raise TypeError or ValueError on limits and reservations that no algorithm takes."""
    seen: set[tuple[str, str]] = set()
    for limit in limits:
        if type(limit.room_minor) is not int:
            raise TypeError(f"room of {limit.owner} to {limit.counterparty} is no integer")
        if limit.room_minor < 0:
            raise ValueError(f"room of {limit.owner} to {limit.counterparty} is below 0")
        if limit.owner not in balances or limit.counterparty not in (ALL, *balances):
            raise ValueError(f"limit of {limit.owner} to {limit.counterparty} names an unknown account")
        if limit.owner == limit.counterparty:
            raise ValueError(f"{limit.owner} has a limit against itself")
        if (limit.owner, limit.counterparty) in seen:
            raise ValueError(f"limit of {limit.owner} to {limit.counterparty} is there twice")
        seen.add((limit.owner, limit.counterparty))
    for account, kept in (reserved or {}).items():
        if account not in balances:
            raise ValueError(f"reservation of {account} names an unknown account")
        for amount_minor in kept:
            if type(amount_minor) is not int:
                raise TypeError(f"reservation of {account} is no integer")
        if len(kept) != 2 or min(kept) < 0:
            raise ValueError(f"reservation of {account} is no pair of amounts from 0")


class Limits:
    """Limits as groups: each limit is one, with the room it leaves to its owner's normal payments, net.

    A normal payment counts in at most one group of its payer, upwards, and in at most one of its payee, downwards:
    that of the other party, or else that of everybody else.
    """

    __slots__ = ("_of", "owners", "rooms")

    def __init__(self, limits: Iterable[Room]) -> None:
        self._of: dict[str, dict[str, int]] = {}
        self.rooms: list[int] = []
        self.owners: list[str] = []
        for limit in sorted(limits, key=lambda one: (one.owner, one.counterparty)):
            self._of.setdefault(limit.owner, {})[limit.counterparty] = len(self.rooms)
            self.rooms.append(limit.room_minor)
            self.owners.append(limit.owner)

    def __bool__(self) -> bool:
        return bool(self.rooms)

    def group(self, owner: str, counterparty: str) -> int:
        """Give the group that a normal payment between owner and counterparty counts in, or -1."""
        of_owner = self._of.get(owner)
        if of_owner is None:
            return -1
        found = of_owner.get(counterparty)
        return of_owner.get(ALL, -1) if found is None else found
