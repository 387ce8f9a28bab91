"""From an accepted payment to the fields of a command: facts in numbers and codes, digests for the rest.

Names, addresses, accounts of customers, end-to-end ids and free text stay in evidence: the raw bytes and
one party block per payment, each under the SHA-256 of its bytes. References that must be unique travel as
keys, 16 bytes of SHA-256 over the text.
"""

from collections.abc import Mapping
from hashlib import sha256

import msgspec
from msgspec import Struct

from steelyard.flows.fields import Bearer, PayAdded, PayFields, PaymentKind, Present, Service
from steelyard.iso20022.canonical import Account, Agent, CreditTransfer, Envelope, Party, Ratio
from steelyard.iso20022.lexical import short_bic
from steelyard.values.identifiers import Iban

_KINDS = {
    "customer": int(PaymentKind.CUSTOMER),
    "bank": int(PaymentKind.INSTITUTION),
    "cover": int(PaymentKind.COVER),
}
_BEARERS = {
    "SHAR": int(Bearer.SHAR),
    "SLEV": int(Bearer.SHAR),
    "DEBT": int(Bearer.DEBT),
    "CRED": int(Bearer.CRED),
}
_CLASSES = {"URGT": 0, "HIGH": 1, "NORM": 2, None: 2}
_HIGH, _NORMAL = int(Service.INSTANT), int(Service.STANDARD)
_REMITTANCE = int(Present.REMITTANCE)
_DEBTOR = (
    int(Present.DEBTOR_NAME),
    int(Present.DEBTOR_ADDRESS),
    int(Present.DEBTOR_ID),
    int(Present.DEBTOR_ACCOUNT),
    int(Present.DEBTOR_IS_PERSON),
)
_CREDITOR = (
    int(Present.CREDITOR_NAME),
    int(Present.CREDITOR_ADDRESS),
    int(Present.CREDITOR_ID),
    int(Present.CREDITOR_ACCOUNT),
    int(Present.CREDITOR_IS_PERSON),
)
_encode = msgspec.msgpack.Encoder().encode


class Evidence(Struct, frozen=True):
    """Bytes to keep before the command is handed on: what they are, and the SHA-256 they are kept under."""

    kind: str
    digest: bytes
    raw: bytes


class Pay(Struct, frozen=True):
    """One payment on its way in: the sender's part, the gateway's, and the party block."""

    fields: PayFields
    added: PayAdded
    party: Evidence


def to_pay(
    transfer: CreditTransfer,
    envelope: Envelope,
    *,
    digits: Mapping[str, int | None],
    disclosure: bytes = b"",
    screening: tuple[bytes, ...] = (),
    may_split: bool | None = None,
) -> Pay:
    """Make the command's parts of a payment that moves money; a notice has no command and raises.

    `digits` gives the minor-unit digits of currencies; `may_split` has no place in a message. The raw message is
    the caller's evidence, kept under `envelope.raw_sha256`; it was there before any answer.
    """
    if transfer.kind == "notice":
        raise ValueError("a notice moves nothing")
    party = party_block(transfer)
    digest = sha256(party).digest()
    source, target = transfer.settlement, transfer.settlement
    if transfer.instructed is not None and transfer.instructed.asset != target.asset:
        source = transfer.instructed
    rate_num, rate_den = 0, 1
    if transfer.rate is not None:
        rate_num, rate_den = minor_rate(transfer.rate, digits[source.asset] or 0, digits[target.asset] or 0)
    uetr = bytes.fromhex(transfer.uetr.replace("-", "")) if transfer.uetr is not None else b""
    fields = PayFields(
        uetr,
        _KINDS[transfer.kind],
        _HIGH if transfer.priority == "HIGH" else _NORMAL,
        key(transfer.message_id),
        envelope.body_sha256[:16],
        key(transfer.instruction_id),
        digest[:16],
        transfer.ordinal,
        short_bic(transfer.debtor_agent.bic or ""),
        short_bic(transfer.creditor_agent.bic or ""),
        source.asset,
        source.amount_minor,
        target.asset,
        target.amount_minor,
        rate_num,
        rate_den,
        bytes.fromhex(transfer.quote_id.replace("-", "")) if transfer.quote_id is not None else b"",
        _provider(transfer) if source.asset != target.asset else "",
        transfer.settlement_on or 0,
        transfer.not_before_at or 0,
        transfer.not_after_at or 0,
        _BEARERS[transfer.charge_bearer],
        _code(transfer.purpose),
        _code(transfer.category_purpose),
        disclosure,
        uetr if transfer.kind == "cover" else b"",
        transfer.created_at,
        _CLASSES[transfer.settlement_priority],
        may_split,
    )
    added = PayAdded(
        envelope.raw_sha256,
        digest,
        _country(transfer.debtor, transfer.debtor_account, transfer.debtor_agent),
        _country(transfer.creditor, transfer.creditor_account, transfer.creditor_agent),
        present(transfer),
        screening,
    )
    return Pay(fields, added, Evidence("party", digest, party))


def party_block(transfer: CreditTransfer) -> bytes:
    """Give the canonical bytes of what a payment says, whatever message it came in: names and texts too.

    A payment that is sent again in another message has the same block, so its digest tells a resend from
    another payment under the same UETR.
    """
    return _encode(msgspec.structs.replace(transfer, message_id="", ordinal=0, file_id=None, created_at=0))


def key(text: str | None) -> bytes:
    """Give the key of a reference: 16 bytes of SHA-256, none for none."""
    return sha256(text.encode()).digest()[:16] if text else b""


def minor_rate(rate: Ratio, source_digits: int, target_digits: int) -> tuple[int, int]:
    """Give a rate between units as one between minor units, not reduced further.

    >>> minor_rate(Ratio(372, 25, "14.88"), 2, 0)
    (372, 2500)
    """
    return rate.numerator * 10**target_digits, rate.denominator * 10**source_digits


def present(transfer: CreditTransfer) -> int:
    """Say which data about the parties are there, without the data."""
    flags = _REMITTANCE if transfer.remittance is not None else 0
    flags |= _end(transfer.debtor, transfer.debtor_account, _DEBTOR)
    return flags | _end(transfer.creditor, transfer.creditor_account, _CREDITOR)


def _end(party: Party | Agent, account: Account | None, marks: tuple[int, ...]) -> int:
    """Give the flags of one end; `marks` are those for name, address, id, account and person."""
    name, address, id_, held, person = marks
    flags = held if account is not None else 0
    if party.name is not None:
        flags |= name
    if party.address is not None:
        flags |= address
    if isinstance(party, Party):
        is_person = bool(party.person_ids) or party.birth is not None
        if is_person:
            flags |= person
        known = is_person or bool(party.other_ids)
    else:
        known = party.other_id is not None or party.clearing_code is not None
    return flags | id_ if known or party.bic is not None or party.lei is not None else flags


def _provider(transfer: CreditTransfer) -> str:
    """Give the FX provider a message names: its first intermediary agent."""
    if not transfer.intermediary_agents:
        return ""
    first = transfer.intermediary_agents[0]
    return short_bic(first.bic) if first.bic is not None else first.name or ""


def _country(party: Party | Agent, account: Account | None, agent: Agent) -> str:
    """Give a party's country: of its address, its residence, its IBAN, its bank."""
    if party.address is not None and party.address.country is not None:
        return party.address.country
    if isinstance(party, Party) and party.residence is not None:
        return party.residence
    if account is not None and isinstance(account.id, Iban):
        return account.id.country
    return agent.bic[4:6] if agent.bic is not None else ""


def _code(word: str | None) -> str:
    """Give a listed code; private words stay in the party block."""
    return "" if word is None or word.startswith("proprietary:") else word
