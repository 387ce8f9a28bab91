"""Who waits for money, in which order: one queue per payer account, and lists of who waits for a provider.

A queue holds only payments that lack nothing but their payer's money. They settle first in, first out: a
payment never passes one of the same payer that came before it. What waits for a provider's money stands in
that provider's list and holds up nobody.

The work list names accounts that received money and have not been looked at yet. It is part of the state,
so that a long run of settlements can be cut and go on at the next tick.
"""

from collections import OrderedDict
from collections.abc import Iterator

import msgspec
from msgspec import Struct


class Queued(Struct, array_like=True, frozen=True, gc=False):
    """One waiting payment: its UETR, whose money it waits for, how much, and its place in the journal."""

    uetr: bytes
    payer: str
    account_no: int
    amount_minor: int
    seq: int
    queued_at: int


class Queues:
    """All queues and waiting lists of one node, and the accounts whose inflow is still to be worked off."""

    __slots__ = ("_funds", "_provider", "_work")

    def __init__(self) -> None:
        self._funds: dict[int, OrderedDict[bytes, Queued]] = {}
        self._provider: dict[int, OrderedDict[bytes, Queued]] = {}
        self._work: OrderedDict[int, None] = OrderedDict()

    def put(self, item: Queued) -> None:
        """Let a payment wait for its payer's money, behind all that wait there."""
        self._funds.setdefault(item.account_no, OrderedDict())[item.uetr] = item

    def put_for_provider(self, item: Queued) -> None:
        """Let a payment wait for a provider's money, behind all that wait there."""
        self._provider.setdefault(item.account_no, OrderedDict())[item.uetr] = item

    def remove(self, account_no: int, uetr: bytes) -> None:
        """Take a payment out of whichever list of this account holds it."""
        for lists in (self._funds, self._provider):
            waiting = lists.get(account_no)
            if waiting is not None and waiting.pop(uetr, None) is not None and not waiting:
                del lists[account_no]

    def waits(self, account_no: int) -> bool:
        """Tell whether anything waits for this payer's money."""
        return account_no in self._funds

    def head(self, account_no: int) -> Queued | None:
        """Give the payment that is next to go from this account, or None."""
        waiting = self._funds.get(account_no)
        return next(iter(waiting.values())) if waiting else None

    def depth(self, account_no: int) -> tuple[int, int]:
        """Give how many payments wait for this payer's money, and their sum in minor units."""
        waiting = self._funds.get(account_no)
        if not waiting:
            return 0, 0
        return len(waiting), sum(item.amount_minor for item in waiting.values())

    def of(self, account_no: int) -> tuple[Queued, ...]:
        """Give what waits for this payer's money, first to go first."""
        return tuple(self._funds.get(account_no, {}).values())

    def of_provider(self, account_no: int) -> tuple[Queued, ...]:
        """Give what waits for money of a provider on this account, first come first."""
        return tuple(self._provider.get(account_no, {}).values())

    def accounts(self) -> list[int]:
        """Give the accounts whose payer has something waiting, ascending."""
        return sorted(self._funds)

    def push_work(self, account_no: int) -> None:
        """Note that an account received money; twice is once."""
        if account_no in self._funds or account_no in self._provider:
            self._work[account_no] = None

    def pop_work(self) -> int | None:
        """Take the account that has waited longest to be looked at, or None."""
        return self._work.popitem(last=False)[0] if self._work else None

    def has_work(self) -> bool:
        """Tell whether an inflow is still to be worked off."""
        return bool(self._work)

    def items(self) -> Iterator[Queued]:
        """Give everything that waits, by account, in order."""
        for lists in (self._funds, self._provider):
            for account_no in sorted(lists):
                yield from lists[account_no].values()

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        funds = [list(self._funds[no].values()) for no in sorted(self._funds)]
        provider = [list(self._provider[no].values()) for no in sorted(self._provider)]
        return msgspec.msgpack.encode((funds, provider, list(self._work)))

    @classmethod
    def decode(cls, data: bytes) -> "Queues":
        """Build what `encode` described."""
        queues = cls()
        funds, provider, work = msgspec.msgpack.decode(
            data, type=tuple[list[list[Queued]], list[list[Queued]], list[int]]
        )
        for waiting in funds:
            for item in waiting:
                queues.put(item)
        for waiting in provider:
            for item in waiting:
                queues.put_for_provider(item)
        queues._work = OrderedDict((account_no, None) for account_no in work)
        return queues
