"""Many payments that settled whole at once: what of them is written down, column by column.

The records are those of `payment.py`, to the byte; numbers of names are given in the order in which the payments
would have asked for them one by one. Who pays whom is told by places in a short list, so that no name is looked
up more than once.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from steelyard.payments.memory import Memory
from steelyard.payments.payment import ORIGIN_BYTES, RECORD_BYTES, Payment
from steelyard.values.instants import Instant

ORIGIN = np.dtype(
    [("content", "V16"), ("message_content", "V8"), ("message_digest", "V32"), ("ordinal", ">u4")]
)
"""Where a payment came from, as `payment.pack_origin` packs it"""
RECORD = np.dtype(
    [
        ("content", "V16"), ("message_content", "V8"), ("state", "u1"), ("kind", "u1"), ("service", "u1"),
        ("flags", "u1"), ("refusal", ">u2"), ("debtor_agent", ">u4"), ("creditor_agent", ">u4"),
        ("source", ">u2"), ("target", ">u2"), ("source_minor", ">i8"), ("target_minor", ">i8"),
        ("ended_at", ">i8"), ("settlement_on", ">i4"), ("reason", "V4"),
    ]
)  # fmt: skip
assert (ORIGIN.itemsize, RECORD.itemsize) == (ORIGIN_BYTES, RECORD_BYTES)

Rows = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Member = tuple[str, str]
"""Participant and asset"""


def present(places: Ints) -> Ints:
    """Give small numbers that are in a column, each once, ascending: counted, not sorted.

    >>> present(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    return np.flatnonzero(np.bincount(places))


class Ends(NamedTuple):
    """Who pays and who is paid, by places in `members`, of which kind, and on which date."""

    members: Sequence[Member]
    payer: Ints
    payee: Ints
    kind: Ints
    settlement_on: Ints


class Columns(NamedTuple):
    """Queued payments, each in one currency, column by column; amounts are those of their terms, `origin` is packed."""

    uetr: Sequence[bytes]
    ends: Ends
    origin: Rows
    service: Ints
    debit_minor: Ints
    source_minor: Ints
    target_minor: Ints
    payee_minor: Ints

    @property
    def payees(self) -> list[Member]:
        """Give who is paid, each once, ascending by its place."""
        return [self.ends.members[place] for place in present(self.ends.payee).tolist()]

    @property
    def payers(self) -> list[Member]:
        """Give who pays, each once, ascending by its place."""
        return [self.ends.members[place] for place in present(self.ends.payer).tolist()]


_ORIGIN = attrgetter("origin")
_NUMBERS = tuple(
    map(
        attrgetter,
        ("service", "terms.debit_minor", "terms.source_minor", "terms.target_minor", "terms.payee_minor"),
    )
)
SOME = 2_048
"""So many payments, with what hangs on them, stay in a cache while one column after the other is read."""


class Names(dict[str, int]):
    """Names and their numbers, given as they come."""

    def __missing__(self, name: str) -> int:
        """Give a new name the next number."""
        number = self[name] = len(self)
        return number


def read(
    payments: Sequence[Payment],
    numbers: Sequence[Callable[[Payment], int]],
    names: Sequence[Callable[[Payment], str]] = (),
    known: Names | None = None,
) -> list[Ints]:
    """Give numbers of many payments, a column for each getter, then the numbers in `known` of their names.

    Some at a time, so that each is fetched from memory once: of 95,000 no cache holds more than a part.
    """
    known = Names() if known is None else known
    found = [np.empty(len(payments), np.int64) for _ in (*numbers, *names)]
    for first in range(0, len(payments), SOME):
        some = payments[first : first + SOME]
        each = [
            *(map(get, some) for get in numbers),
            *(map(known.__getitem__, map(get, some)) for get in names),
        ]
        for column, given in zip(found, each, strict=True):
            column[first : first + SOME] = np.fromiter(given, np.int64, len(some))
    return found


def columns(payments: Sequence[Payment], uetrs: Sequence[bytes], ends: Ends) -> Columns:
    """Read payments that have terms."""
    origin = np.frombuffer(b"".join(map(_ORIGIN, payments)), ORIGIN)
    return Columns(uetrs, ends, origin, *read(payments, _NUMBERS))


def records(of: Columns, memory: Memory, *, state: int, at: Instant) -> list[bytes]:
    """Give what is remembered of each payment."""
    ends = of.ends
    members = [*dict.fromkeys([*of.payers, *of.payees])]
    if not all(memory.knows(name) for member in members for name in member):
        for name in _in_order(ends):
            memory.number(name)
    banks, assets = np.zeros(len(ends.members), np.int64), np.zeros(len(ends.members), np.int64)
    for place in present(np.concatenate((ends.payer, ends.payee))).tolist():
        banks[place], assets[place] = map(memory.number, ends.members[place])
    rows = np.zeros(len(of.uetr), RECORD)
    rows["content"], rows["message_content"] = of.origin["content"], of.origin["message_content"]
    rows["state"], rows["ended_at"] = state, at
    rows["kind"], rows["settlement_on"] = ends.kind, ends.settlement_on
    for name in ("service", "source_minor", "target_minor"):
        rows[name] = getattr(of, name)
    rows["debtor_agent"], rows["creditor_agent"] = banks[ends.payer], banks[ends.payee]
    rows["source"], rows["target"] = assets[ends.payer], assets[ends.payee]
    found: list[bytes] = rows.view(f"V{RECORD_BYTES}").tolist()
    return found


def _in_order(ends: Ends) -> Iterable[str]:
    """Give the names in the order in which payments one by one would have asked for their numbers."""
    pairs = zip(ends.payer.tolist(), ends.payee.tolist(), strict=True)
    each = ((ends.members[one], ends.members[other]) for one, other in pairs)
    return dict.fromkeys(chain.from_iterable((one[0], other[0], one[1], other[1]) for one, other in each))
