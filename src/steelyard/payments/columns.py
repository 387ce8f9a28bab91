"""Many payments that settled whole at once: what of them is written down, column by column.

The records are those of `payment.py`, to the byte; numbers of names are given in the order in which the payments
would have asked for them one by one.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from steelyard.payments.memory import Memory
from steelyard.payments.payment import RECORD_BYTES, Payment
from steelyard.values.instants import Instant

RECORD = np.dtype(
    [
        ("content", "V16"), ("message_content", "V8"), ("state", "u1"), ("kind", "u1"), ("service", "u1"),
        ("flags", "u1"), ("refusal", ">u2"), ("debtor_agent", ">u4"), ("creditor_agent", ">u4"),
        ("source", ">u2"), ("target", ">u2"), ("source_minor", ">i8"), ("target_minor", ">i8"),
        ("ended_at", ">i8"), ("settlement_on", ">i4"), ("reason", "V4"),
    ]
)  # fmt: skip
assert RECORD.itemsize == RECORD_BYTES

Rows = npt.NDArray[Any]


class Columns(NamedTuple):
    """The fields of many payments, each a column; amounts are those of their terms."""

    uetr: Sequence[bytes]
    content: Sequence[bytes]
    message_content: Sequence[bytes]
    message_digest: Sequence[bytes]
    ordinal: Sequence[int]
    kind: Sequence[int]
    service: Sequence[int]
    refusal: Sequence[int]
    debtor_agent: Sequence[str]
    creditor_agent: Sequence[str]
    source: Sequence[str]
    target: Sequence[str]
    settlement_on: Sequence[int]
    settled_minor: Sequence[int]
    """What of it settled in parts before; 0 for most"""
    debit_minor: Sequence[int]
    source_minor: Sequence[int]
    target_minor: Sequence[int]
    payee_minor: Sequence[int]


_OF_TERMS = ("debit_minor", "source_minor", "target_minor", "payee_minor")
NAMES = tuple(f"terms.{name}" if name in _OF_TERMS else name for name in Columns._fields)
"""Where each field stands in a payment"""
_TERMS = attrgetter("terms")
_EACH = tuple((name in _OF_TERMS, attrgetter(name)) for name in Columns._fields)


def columns(payments: Sequence[Payment]) -> Columns:
    """Read payments that have terms. Field by field, no row of a payment is ever made: half the time."""
    terms = list(map(_TERMS, payments))
    return Columns(*[list(map(get, terms if of_terms else payments)) for of_terms, get in _EACH])


def fixed(items: Sequence[bytes], size: int) -> Rows:
    """Give byte strings as a column of exactly so many bytes each, cut or filled up with zeros."""
    if set(map(len, items)) != {size}:
        items = [item[:size].ljust(size, b"\0") for item in items]
    return np.frombuffer(b"".join(items), f"V{size}")


def numbers(names: Sequence[str], number: dict[str, int]) -> npt.NDArray[np.int64]:
    """Give names as their numbers."""
    return np.fromiter(map(number.__getitem__, names), np.int64, len(names))


def records(of: Columns, memory: Memory, *, state: int, at: Instant) -> list[bytes]:
    """Give what is remembered of each payment."""
    named = of.debtor_agent, of.creditor_agent, of.source, of.target
    names: Iterable[str] = {name: None for column in named for name in dict.fromkeys(column)}
    if not all(map(memory.knows, names)):  # new ones get their numbers in the order of the payments
        names = dict.fromkeys(chain.from_iterable(zip(*named, strict=True)))
    number = {name: memory.number(name) for name in names}
    rows = np.zeros(len(of.uetr), RECORD)
    rows["content"], rows["message_content"] = fixed(of.content, 16), fixed(of.message_content, 8)
    rows["state"], rows["ended_at"] = state, at
    for name in ("kind", "service", "refusal", "source_minor", "target_minor", "settlement_on"):
        rows[name] = np.fromiter(getattr(of, name), np.int64, len(of.uetr))
    for name in ("debtor_agent", "creditor_agent", "source", "target"):
        rows[name] = numbers(getattr(of, name), number)
    found: list[bytes] = rows.view(f"V{RECORD_BYTES}").tolist()
    return found
