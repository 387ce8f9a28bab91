"""The canonical model: what a message means, without paths and without versions.

Money is an asset and an amount in minor units; a rate is the exact ratio of its decimal text; instants are
UTC in nanoseconds, dates are days since 1970-01-01. Gateway, writers and the JSON face share these structs.
Parties and free text of them stay in evidence; a command carries digests and the facts that flows need.
"""

from typing import Any, Literal

from msgspec import Struct

from steelyard.values.identifiers import Alias, Iban, National


class Money(Struct, frozen=True, forbid_unknown_fields=True):
    """An amount of one asset in minor units, 0 <= a < 10^18 (zero only in charges)."""

    asset: str
    amount_minor: int


class Ratio(Struct, frozen=True, forbid_unknown_fields=True):
    """An exact rate from its decimal text, in lowest terms; `text` is the decimal as it was written."""

    numerator: int
    denominator: int
    text: str


class Address(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where a party is: structured parts, and at most seven lines."""

    type: str | None = None
    department: str | None = None
    sub_department: str | None = None
    street: str | None = None
    building: str | None = None
    building_name: str | None = None
    floor: str | None = None
    post_box: str | None = None
    room: str | None = None
    post_code: str | None = None
    town: str | None = None
    location: str | None = None
    district: str | None = None
    subdivision: str | None = None
    country: str | None = None
    lines: tuple[str, ...] = ()


class OtherId(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """An identification that is neither BIC nor LEI: its scheme is a code or a private word."""

    id: str
    scheme: str | None = None
    issuer: str | None = None


class Birth(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """When and where a person was born."""

    born_on: int
    town: str
    country: str
    province: str | None = None


class Party(
    Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="form", tag="party"
):
    """A customer at either end. `person_ids` or `birth` make it a person."""

    name: str | None = None
    native_name: str | None = None
    address: Address | None = None
    bic: str | None = None
    lei: str | None = None
    other_ids: tuple[OtherId, ...] = ()
    person_ids: tuple[OtherId, ...] = ()
    birth: Birth | None = None
    residence: str | None = None
    contact: dict[str, Any] | None = None


class Agent(
    Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="form", tag="agent"
):
    """A financial institution in the chain."""

    bic: str | None = None
    lei: str | None = None
    clearing_system: str | None = None
    clearing_code: str | None = None
    name: str | None = None
    address: Address | None = None
    other_id: OtherId | None = None
    branch: str | None = None


class Account(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """An account: by IBAN, by a national scheme, or by an alias."""

    id: Iban | National | Alias
    currency: str | None = None
    name: str | None = None


class Charge(Struct, frozen=True, forbid_unknown_fields=True):
    """One charge that an agent took or asks for."""

    amount: Money
    agent: Agent


class Instruction(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the creditor agent or the next agent is told."""

    to: Literal["creditor_agent", "next_agent"]
    code: str | None = None
    text: str | None = None


class Header(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The business application header."""

    from_bic: str | None
    to_bic: str | None
    business_message_id: str
    definition: str
    created_at: int
    service: str | None = None
    priority: str | None = None
    possible_duplicate: bool = False


class CreditTransfer(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One payment of a pacs.008 or pacs.009.

    `settlement` is the interbank amount; `instructed` (where given) what the debtor side asked to pay, and
    `rate` multiplies it into the settlement amount. `quote_id` names the quote that the payment uses.
    `cover` payments bring the customer payment they settle as `underlying`. `notice` payments (service ADV)
    are kept and move nothing. `priority` is the instruction's (HIGH settles at once or not at all),
    `settlement_priority` the class in which it queues.
    """

    kind: Literal["customer", "bank", "cover", "notice"]
    message_id: str
    ordinal: int
    end_to_end_id: str
    settlement: Money
    settlement_on: int | None
    debtor: Party | Agent
    creditor: Party | Agent
    debtor_agent: Agent
    creditor_agent: Agent
    file_id: str | None = None
    instruction_id: str | None = None
    transaction_id: str | None = None
    uetr: str | None = None
    created_at: int = 0
    priority: str | None = None
    service_levels: tuple[str, ...] = ()
    local_instrument: str | None = None
    category_purpose: str | None = None
    purpose: str | None = None
    not_before_at: int | None = None
    not_after_at: int | None = None
    instructed: Money | None = None
    rate: Ratio | None = None
    quote_id: str | None = None
    charge_bearer: str = "SHAR"
    charges: tuple[Charge, ...] = ()
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None
    previous_agents: tuple[Agent, ...] = ()
    intermediary_agents: tuple[Agent, ...] = ()
    ultimate_debtor: Party | Agent | None = None
    ultimate_creditor: Party | Agent | None = None
    initiating: Party | None = None
    debtor_account: Account | None = None
    creditor_account: Account | None = None
    instructions: tuple[Instruction, ...] = ()
    regulatory: tuple[dict[str, Any], ...] = ()
    remittance: dict[str, Any] | None = None
    underlying: dict[str, Any] | None = None
    carried: tuple[tuple[str, str], ...] = ()
    settlement_priority: str | None = None


class Reported(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a pacs.002 says about one payment."""

    uetr: str | None
    status: str | None
    end_to_end_id: str | None = None
    instruction_id: str | None = None
    original_message_id: str | None = None
    reason: str | None = None
    text: tuple[str, ...] = ()
    accepted_at: int | None = None


class StatusReport(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A pacs.002 that came in: a group status, or one per transaction."""

    message_id: str
    created_at: int
    transactions: tuple[Reported, ...] = ()
    group_status: str | None = None
    original_message_id: str | None = None
    reason: str | None = None


class Movement(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One entry of a notice or statement. `is_credit` is seen from the account's owner."""

    amount: Money
    is_credit: bool
    status: str
    reference: str | None = None
    uetr: str | None = None
    end_to_end_id: str | None = None
    instruction_id: str | None = None
    booked_on: int | None = None
    value_on: int | None = None


class Statement(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A camt.053 or camt.054 from a settlement system: an account and what moved on it."""

    message_id: str
    id: str
    created_at: int
    account: str
    movements: tuple[Movement, ...]
    currency: str | None = None


class Refusal(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """An admi.002 that came in: a message of ours was refused."""

    reference: str
    reason: str
    refused_at: int | None = None
    place: str | None = None
    text: str | None = None


Body = tuple[CreditTransfer, ...] | StatusReport | tuple[Statement, ...] | Refusal


class Envelope(Struct, frozen=True):
    """One accepted message: who sent it, what it says, and the digests it can be proved with.

    Of a message with faulty transactions only the faultless ones stand in the body.
    """

    raw_sha256: bytes
    body_sha256: bytes
    header: Header | None
    message: str
    profile: str
    sender_bic: str | None
    body: Body

    @property
    def payments(self) -> tuple[CreditTransfer, ...]:
        """The payments of a pacs.008 or pacs.009, none for other messages."""
        if not isinstance(self.body, tuple):
            return ()
        return tuple([part for part in self.body if isinstance(part, CreditTransfer)])
