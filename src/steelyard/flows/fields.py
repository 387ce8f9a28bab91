"""The shape of a payment as it enters the state machine: what gateways fill in and `flows/pay.py` reads.

No name, address, account of a customer, end-to-end id or free text is here: those stay in evidence under
the digests below. References that must be unique travel as keys: 16 bytes of SHA-256 over the text.
"""

from enum import IntEnum, IntFlag
from typing import Annotated

from msgspec import Meta, Struct

Id16 = Annotated[bytes, Meta(min_length=16, max_length=16)]
Key = Annotated[bytes, Meta(max_length=16)]
"""16 bytes, or empty where the sender gave nothing"""
Digest = Annotated[bytes, Meta(max_length=32)]
Name = Annotated[str, Meta(max_length=32)]
"""A BIC or the code of an asset"""
Word = Annotated[str, Meta(max_length=35)]
"""A code of a code set; its form is checked by the flow"""
Label = Annotated[str, Meta(max_length=64)]
"""An id of a person, key, owner or pack"""
Title = Annotated[str, Meta(max_length=200)]
"""The name of an account, member or participant"""
Day = Annotated[int, Meta(ge=0, le=2_000_000)]
At = Annotated[int, Meta(ge=0, le=2**62)]
Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class PaymentKind(IntEnum):
    """pacs.008 moves a customer's money, pacs.009 a bank's; a cover settles what another payment told of."""

    CUSTOMER = 0
    INSTITUTION = 1
    COVER = 2


class Service(IntEnum):
    """INSTANT (InstrPrty HIGH) ends within seconds or is refused; STANDARD may wait for its day's cut-off."""

    STANDARD = 0
    INSTANT = 1


class Bearer(IntEnum):
    """Who pays charges: ChrgBr of ISO 20022."""

    SHAR = 0
    DEBT = 1
    CRED = 2


class Present(IntFlag):
    """Which data about the parties the message holds: what rule packs ask for, without the data."""

    DEBTOR_NAME = 1
    DEBTOR_ADDRESS = 2
    DEBTOR_ID = 4
    DEBTOR_ACCOUNT = 8
    CREDITOR_NAME = 16
    CREDITOR_ADDRESS = 32
    CREDITOR_ID = 64
    CREDITOR_ACCOUNT = 128
    REMITTANCE = 256
    DEBTOR_IS_PERSON = 512
    CREDITOR_IS_PERSON = 1024
    UETR_SEEN = 2048
    """Set by a gateway that found the UETR in the projection beyond the payment memory."""


class PayFields(Struct, array_like=True, frozen=True, gc=False):
    """The sender's part of one payment.

    `source` is the asset that leaves the debtor agent, `target` the one that reaches the creditor agent;
    equal for a payment in one currency. An amount of 0 is to be computed by the node from the quote
    (JSON face only). `rate_num / rate_den` is the message's own XchgRate in target minor units per source
    minor unit, 0/1 without one. Bytes fields are empty where the sender gave nothing.
    """

    uetr: Id16
    kind: Annotated[int, Meta(ge=0, le=2)]
    service: Annotated[int, Meta(ge=0, le=1)]
    message_key: Key
    """SHA-256(MsgId)[:16]"""
    message_content: Key
    """SHA-256 over the canonical Document[:16]: tells a resend from another message of the same id"""
    instruction_key: Key
    """SHA-256(InstrId)[:16]"""
    content: Key
    """SHA-256 over the canonical business content of this transaction[:16]"""
    ordinal: Annotated[int, Meta(ge=0, lt=2**32)]
    """1-based place in its message or file"""
    debtor_agent: Name
    creditor_agent: Name
    source: Name
    source_minor: int
    target: Name
    target_minor: int
    rate_num: Number = 0
    rate_den: Annotated[int, Meta(ge=1, le=2**63 - 1)] = 1
    quote_id: Key = b""
    provider: Name = ""
    """BIC or name of the FX provider that the message names as intermediary, or empty"""
    settlement_on: Day = 0
    """Requested settlement date, days since 1970-01-01; 0: as soon as may be"""
    not_before_at: At = 0
    not_after_at: At = 0
    bearer: Annotated[int, Meta(ge=0, le=2)] = Bearer.SHAR
    purpose: Word = ""
    category_purpose: Word = ""
    disclosure: Digest = b""
    """SHA-256 of the disclosure consented to; empty where none was asked"""
    cover_of: Key = b""
    """UETR of the customer payment that this cover settles"""
    created_at: At = 0
    """CreDtTm of the message"""
    priority: Annotated[int, Meta(ge=0, le=2)] = 2
    """SttlmPrty: 0 urgent, 1 high, 2 normal; its class in the queue, another thing than the service"""
    may_split: bool | None = None
    """Whether parts may settle before the rest; None: as its sender has set it for all"""


class PayAdded(Struct, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """What the gateway learnt about one payment; not part of its content digest."""

    message_digest: Digest
    """SHA-256 of the raw message or request body: its key in the evidence store"""
    party_digest: Digest
    """SHA-256 of the canonical party block"""
    debtor_country: Name = ""
    creditor_country: Name = ""
    present: int = 0
    screening: tuple[bytes, ...] = ()
    """Digests of screening decisions; empty until screening is activated"""
