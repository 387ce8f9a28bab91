"""The shape of a payment as it enters the state machine: what gateways fill in and `flows/pay.py` reads.

No name, address, account of a customer, end-to-end id or free text is here: those stay in evidence under
the digests below. References that must be unique travel as keys: 16 bytes of SHA-256 over the text.
"""

from enum import IntEnum, IntFlag

from msgspec import Struct


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

    uetr: bytes
    kind: int
    service: int
    message_key: bytes
    """SHA-256(MsgId)[:16]"""
    message_content: bytes
    """SHA-256 over the canonical Document[:16]: tells a resend from another message of the same id"""
    instruction_key: bytes
    """SHA-256(InstrId)[:16]"""
    content: bytes
    """SHA-256 over the canonical business content of this transaction[:16]"""
    ordinal: int
    """1-based place in its message or file"""
    debtor_agent: str
    creditor_agent: str
    source: str
    source_minor: int
    target: str
    target_minor: int
    rate_num: int = 0
    rate_den: int = 1
    quote_id: bytes = b""
    provider: str = ""
    """BIC or name of the FX provider that the message names as intermediary, or empty"""
    settlement_on: int = 0
    """Requested settlement date, days since 1970-01-01; 0: as soon as may be"""
    not_before_at: int = 0
    not_after_at: int = 0
    bearer: int = Bearer.SHAR
    purpose: str = ""
    category_purpose: str = ""
    disclosure: bytes = b""
    """SHA-256 of the disclosure consented to; empty where none was asked"""
    cover_of: bytes = b""
    """UETR of the customer payment that this cover settles"""
    created_at: int = 0
    """CreDtTm of the message"""


class PayAdded(Struct, array_like=True, frozen=True, gc=False):
    """What the gateway learnt about one payment; not part of its content digest."""

    message_digest: bytes
    """SHA-256 of the raw message or request body: its key in the evidence store"""
    party_digest: bytes
    """SHA-256 of the canonical party block"""
    debtor_country: str = ""
    creditor_country: str = ""
    present: int = 0
    screening: tuple[bytes, ...] = ()
    """Digests of screening decisions; empty until screening is activated"""
