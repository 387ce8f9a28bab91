"""The seam between bytes and the canonical model; a packed or native twin may take this one's place.

Its contract: every file of the rule cases, samples, generated and own suites, equal canonical required.
"""

from typing import Protocol

import msgspec
from msgspec import Struct

from steelyard.iso20022 import write
from steelyard.iso20022.canonical import Envelope
from steelyard.iso20022.check import check
from steelyard.iso20022.context import Context, Finding, Outcome
from steelyard.iso20022.lexical_of import body_values, header_values

HEADER = "head.001.001.02"


class Refused(Struct, frozen=True):
    """Bytes that did not become an envelope, and why; `outcome` says at which level."""

    outcome: Outcome
    findings: tuple[Finding, ...]


class Codec(Protocol):
    """Turns bytes into an envelope and payments into bytes; both are functions of their arguments."""

    def decode(self, raw: bytes, context: Context) -> Envelope | Refused:
        """Give the envelope of an accepted message; never raises, whatever the bytes are."""

    def encode(self, envelope: Envelope, context: Context) -> bytes:
        """Write the payments of an envelope; what cannot be written is our bug and raises."""


class LxmlCodec:
    """The codec over lxml and the tables."""

    def decode(self, raw: bytes, context: Context) -> Envelope | Refused:
        """Give the envelope of an accepted message."""
        verdict = check(raw, context)
        if verdict.findings or verdict.envelope is None:
            return Refused(verdict.outcome, verdict.findings)
        return verdict.envelope

    def encode(self, envelope: Envelope, context: Context) -> bytes:
        """Write the payments of an envelope under its header."""
        if envelope.header is None or not envelope.payments:
            raise ValueError("only a message of payments with a header is written here")
        digits = context.reference.currencies
        body = body_values(envelope.payments, digits, clearing_system=context.clearing_system)
        header = header_values(msgspec.structs.replace(envelope.header, definition=envelope.message))
        return write.document(header, body, (HEADER, envelope.message))
