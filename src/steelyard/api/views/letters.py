"""Messages to the caller, by the notices that they are rendered from: about a payment, or about a netting cycle.

A message's id is that of its notice and which of its messages it is.
"""

from typing import NamedTuple

from steelyard.api.call import Call
from steelyard.api.problems import ProblemError
from steelyard.api.views import cycle_letters, outgoing
from steelyard.client import types
from steelyard.storage.queries import Found, key_of


class Letter(NamedTuple):
    """One message: the notice that it stands in, what that tells, and which of its messages it is."""

    row: Found
    told: outgoing.Told | cycle_letters.Told
    kind: str


def of_notice(row: Found, call: Call) -> list[types.MessageOut]:
    """List the messages of a notice; there may be none."""
    told = _told(row, call)
    if isinstance(told, outgoing.Told):
        return outgoing.shown(told, call)
    return cycle_letters.shown(told) if told is not None else []


def find(id: str, call: Call) -> Letter:
    """Give the message that an id names, or raise not-found."""
    parts = id.split("-", 3)
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() and len(part) < 16 for part in parts[:3]):
        raise ProblemError("not-found")
    seq, position, n = map(int, parts[:3])
    row = call.gateway.stores.reader.one("event", key=key_of(seq, min(position, 0xFFFFF)), n=n)
    told = _told(row, call) if row is not None else None
    if row is None or told is None:
        raise ProblemError("not-found")
    kinds = outgoing.kinds(told, call) if isinstance(told, outgoing.Told) else cycle_letters.kinds(told)
    if parts[3] not in kinds:
        raise ProblemError("not-found")
    return Letter(row, told, parts[3])


def render(letter: Letter, call: Call) -> bytes:
    """Give a message's bytes."""
    if isinstance(letter.told, outgoing.Told):
        return outgoing.render(letter.told, letter.kind, call)
    return cycle_letters.render(letter.told, letter.kind, call)


def _told(row: Found, call: Call) -> outgoing.Told | cycle_letters.Told | None:
    return outgoing.told_of(row, call) or cycle_letters.told_of(row)
