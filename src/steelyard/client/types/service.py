"""The shapes of events, messages and the node's own status."""

from typing import Any

from steelyard.client.types.base import Told
from steelyard.client.types.payments import PaymentAnswer


class Event(Told):
    """Something that happened and concerns the caller. `id` sorts in the order of the journal."""

    id: str
    type: str
    at: str
    seq: int
    subject: str
    data: dict[str, Any]


class MessageOut(Told):
    """A message for the caller, in or out."""

    id: str
    message: str
    at: str
    subject: str
    event: str
    raw: str
    """Address of its bytes"""


class Finding(Told):
    """One broken rule of a message."""

    rule: str
    code: str
    path: str
    text: str
    scope: str
    ordinal: int | None = None


class MessageChecked(Told):
    """What the check of a message found; nothing was booked."""

    outcome: str
    message: str | None
    profile: str
    codes: list[str]
    findings: list[Finding]
    findings_beyond: int
    raw_sha256: str
    transactions: dict[str, int] | None = None


class MessageAnswer(Told):
    """What became of an ISO 20022 message, in JSON: the same as the XML answer says."""

    outcome: str
    message: str | None
    codes: list[str]
    findings: list[Finding]
    raw_sha256: str
    payments: list[PaymentAnswer] = []
    transactions: dict[str, int] | None = None


class MemberStatus(Told):
    """Whether a member's currency is open now, and until when."""

    code: str
    asset: str
    state: str
    open: bool
    closes_at: str | None
    opens_at: str | None


class Status(Told):
    """How the node and its members are; needs no log-in."""

    network_id: str
    hub_bic: str
    profile: str
    at: str
    seq: int
    applied_seq: int
    clock: str
    members: list[MemberStatus]
    median_latency_ms: float | None = None
