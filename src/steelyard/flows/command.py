"""What goes into the state machine and what comes out: Command, Outcome, Notice.

A command is a msgpack array (engine spec, frame type 1). Its `fields` are the sender's part and are
digested for idempotency; `added` is what the gateway learnt (digests of evidence, flags, later the
screening decision) and does not count there. Both travel as raw msgpack until the door of the Machine
decodes them with the struct that the registry names, so that bytes in equal bytes out.

An outcome is a msgpack array too (frame type 2). Facts are the state changes, in the order in which
they happened; notices are what the outbox sends because of them. Neither holds personal data.
"""

from collections.abc import Callable
from enum import IntEnum
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from steelyard.values.wide import in_words, packed

NO_FIELDS = Raw(b"\x90")
"""Canonical bytes of an empty array: `added` where a gateway had nothing to add."""


class Command(Struct, array_like=True, frozen=True, gc=False):
    """One thing somebody wants: everything the state machine needs to decide it, and nothing else.

    `id` is 16 bytes: 48 bits of ms since 1970, then the sender's own bits; the idempotency key.
    `sender` is the owner the command speaks for: a BIC, or "operator". `actor` is the person or the
    system key that gave it. `at_ns` is 0 until the sequencer gives the time. `nonce` is 16 random
    bytes drawn by the gateway or node, for the audit leaf.
    """

    name: str
    version: int
    id: bytes
    sender: str
    actor: str
    at_ns: int
    fields: Raw
    added: Raw
    nonce: bytes


class Code(IntEnum):
    """How a command ended. REPEATED: a business key says it was done before; the facts state what is."""

    DONE = 0
    REFUSED = 1
    REPEATED = 2


class Notice(Struct, array_like=True, frozen=True, gc=False):
    """Something a party must be told; the outbox renders it as event, ISO message or webhook.

    `recipient` is an owner (BIC or "operator"), `kind` an event name such as "payment.settled",
    `subject` the id it is about (a UETR's 16 bytes, a redemption's id), `data` what the rendering needs
    beyond the command (numbers and codes only).
    """

    recipient: str
    kind: str
    subject: bytes
    data: tuple[Any, ...] = ()


class Outcome(Struct, array_like=True, frozen=True, gc=False):
    """What a command did. `refusal` is the stable number of a Refusal, 0 for none; `leg` is -1 for none."""

    code: int
    refusal: int = 0
    leg: int = -1
    facts: tuple[Raw, ...] = ()
    notices: tuple[Notice, ...] = ()


_encode: Callable[[Any], bytes] = msgspec.msgpack.Encoder().encode
_decode_command = msgspec.msgpack.Decoder(Command).decode
_decode_outcome = msgspec.msgpack.Decoder(Outcome).decode


def encode(item: Any) -> bytes:
    """Give the canonical msgpack bytes of a command, an outcome, fields or a fact.

    A sum in a fact, or in a notice's data, may be beyond 64 bits: it then stands there as decimal text.
    """
    try:
        return _encode(item)
    except OverflowError:
        if isinstance(item, Outcome):
            told = tuple(replace(one, data=in_words(one.data)) for one in item.notices)
            return _encode(replace(item, notices=told))
        return packed(item)


def raw(item: Any) -> Raw:
    """Give the canonical msgpack of fields or a fact, ready to stand inside a command or outcome."""
    return Raw(encode(item))


def decode_command(data: bytes | memoryview) -> Command:
    """Read a command; raises msgspec.DecodeError or ValidationError on anything that is none."""
    return _decode_command(data)


def decode_outcome(data: bytes | memoryview) -> Outcome:
    """Read an outcome; raises msgspec.DecodeError or ValidationError on anything that is none."""
    return _decode_outcome(data)


def content_digest(command: Command) -> bytes:
    """Give 16 bytes of SHA-256 over the sender's part: sender, name, version, fields."""
    head = encode((command.sender, command.name, command.version))
    return sha256(head + bytes(command.fields)).digest()[:16]


def id_time_ms(command_id: bytes) -> int:
    """Give the milliseconds since 1970 that an id carries in its first 48 bits."""
    return int.from_bytes(command_id[:6], "big")
