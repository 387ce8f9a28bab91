"""All checks of a new payment but funds, and what they find out on the way: when it may move, and for what.

Order, first failure given: duplicate; the sender's state; the creditor agent; accounts; amounts; limits;
calendar; quote and disclosure; purpose. Rule packs and screening have their place after that; until a
recorded `activate` switches them on every payment passes them with the decision "not configured".
"""

from typing import NamedTuple

from steelyard.flows import dates, parties, pricing, quoting
from steelyard.flows.dates import Place
from steelyard.flows.fields import PayAdded, PayFields, PaymentKind, Present
from steelyard.flows.parties import Rules
from steelyard.flows.pricing import Settled, Side
from steelyard.flows.world import World
from steelyard.fx.quotes import Quote
from steelyard.fx.refusals import FxRefusal
from steelyard.members.participants import Participant
from steelyard.payments.checks import is_code
from steelyard.payments.disclosure import Disclosure
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.states import State
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

_UETR_SEEN = int(Present.UETR_SEEN)  # the flag itself is slow to compare on the payment path


class Plan(NamedTuple):
    """What the checks found out: who is paid, when, and for what; `deal` is None where it waits unpriced."""

    creditor: Participant
    place: Place
    deal: Settled | None
    named: Settled | None
    """The deal that was found, taken or not: a quote that dies before the opening is left to its asker"""


def plan(world: World, fields: PayFields, added: PayAdded, rules: Rules, at: Instant) -> Plan | Refusal:
    """Go through all checks but funds; the first that fails is the answer."""
    agents = parties.who(world, fields)
    duplicate = (
        None if agents is PaymentRefusal.DEBTOR_AGENT_UNKNOWN else _duplicate(world, fields, added, rules, at)
    )
    if duplicate is not None:
        return duplicate
    if isinstance(agents, PaymentRefusal):
        return agents
    debtor, creditor = agents
    fault: Refusal | None = parties.accounts(world, fields) or _amounts(fields) or _limits(rules, fields)
    if fault is not None:
        return fault
    if world.payments.sent_by(debtor.bic) >= rules.book.live_max:
        return PaymentRefusal.TOO_MANY_PAYMENTS
    place = dates.place(world, fields, debtor.settings.outside_hours, at)
    if isinstance(place, Refusal):
        return place
    deal = _deal(world, fields, rules, debtor, place, at)
    if isinstance(deal, Refusal):
        return deal
    fault = _limits(rules, fields, deal) or _disclosed(fields, deal) or _purpose(fields)
    if fault is not None:
        return fault
    if deal is not None and len(deal.hops) > 1:
        others = tuple([hop.buy for hop in deal.hops[:-1]])
        place = dates.place(world, fields, debtor.settings.outside_hours, at, others=others)
        if isinstance(place, Refusal):
            return place
    lives = not isinstance(deal, Quote) or place.opens_at < deal.lock_until
    return Plan(creditor, place, deal if lives else None, deal)


def _amounts(fields: PayFields) -> PaymentRefusal | None:
    if fields.source_minor < 0 or fields.target_minor < 0:
        return PaymentRefusal.AMOUNT_IS_ZERO
    if not fields.source_minor and not fields.target_minor and not fields.quote_id:
        return PaymentRefusal.AMOUNT_IS_ZERO
    if fields.source_minor >= AMOUNT_END or fields.target_minor >= AMOUNT_END:
        return PaymentRefusal.AMOUNT_IS_TOO_LARGE
    return None


def _limits(rules: Rules, fields: PayFields, deal: Settled | None = None) -> PaymentRefusal | None:
    """Hold the amounts, once more when they are fixed, to the scheme's limit."""
    caps = rules.book.scheme_cap_minor
    if not caps:
        return None
    source = deal.source_minor if deal is not None else fields.source_minor
    target = deal.target_minor if deal is not None else fields.target_minor
    if source > caps.get(fields.source, AMOUNT_END) or target > caps.get(fields.target, AMOUNT_END):
        return PaymentRefusal.SCHEME_LIMIT
    return None


def _deal(
    world: World, fields: PayFields, rules: Rules, debtor: Participant, place: Place, at: Instant
) -> Settled | Refusal | None:
    """Fix the amounts: by the quote named, by the best one where the sender lets the node choose, or plainly."""
    if fields.source == fields.target:
        return pricing.plain(
            rules.fees, _side(fields), source_minor=fields.source_minor, target_minor=fields.target_minor
        )
    if fields.quote_id:
        quote = quoting.find(world, fields.quote_id, owner=fields.debtor_agent, at=at)
        if isinstance(quote, FxRefusal):
            return quote
        fault = quoting.fits(
            quote, source=fields.source, target=fields.target, source_minor=fields.source_minor,
            target_minor=fields.target_minor, creditor_agent=fields.creditor_agent, provider=fields.provider,
            use=(fields.service, fields.bearer, fields.kind),
        )  # fmt: skip
        if fault is not None:
            return fault
        return quote
    if not debtor.settings.best_quote:
        return FxRefusal.QUOTE_IS_MISSING
    own = _own_rate(world, fields, rules, at)
    if own is None:
        return FxRefusal.QUOTE_IS_MISSING
    if place.opens_at != at:
        return None
    deal_or_not = quoting.best_deal(
        world, fields, fixed_send=bool(fields.source_minor),
        amount_minor=fields.source_minor or fields.target_minor, at=at,
    )  # fmt: skip
    if isinstance(deal_or_not, FxRefusal):
        return deal_or_not
    covered = quoting.covers(
        deal_or_not, num=own[0], den=own[1], tolerance_bp=debtor.settings.requote_tolerance_bp
    )
    if not covered:
        return FxRefusal.QUOTE_IS_MISSING
    if fields.provider and fields.provider not in [hop.provider for hop in deal_or_not.hops]:
        return FxRefusal.QUOTE_PROVIDER_DIFFERS
    return deal_or_not


def _own_rate(world: World, fields: PayFields, rules: Rules, at: Instant) -> tuple[int, int] | None:
    """Give the rate a payment brings itself: its own, that of its two amounts, or else the reference of now."""
    if fields.rate_num > 0 and fields.rate_den > 0:
        return fields.rate_num, fields.rate_den
    if fields.source_minor and fields.target_minor:
        return fields.target_minor, fields.source_minor
    known = world.fx.reference(
        fields.source, fields.target, at=at, age_ns=rules.book.reference_age_ms * parties.MS
    )
    return None if known is None else (known.num, known.den)


def _side(fields: PayFields) -> Side:
    return Side(
        fields.debtor_agent, fields.creditor_agent, fields.source, fields.target, fields.bearer,
        fields.service, fields.kind,
    )  # fmt: skip


def _disclosed(fields: PayFields, deal: Settled | None) -> PaymentRefusal | None:
    """Hold a payment to the disclosure its payer consented to, if it names one."""
    if not fields.disclosure or deal is None:
        return None
    if isinstance(deal, Quote):
        told = deal.disclosure
    else:
        told = Disclosure(
            fields.source, deal.debit_minor, deal.source_minor, fields.target, deal.target_minor,
            deal.payee_minor, pricing.terms(deal).fees, deal.num, deal.den, 0, 1, "", 0, 0, 0, 0,
        ).digest()  # fmt: skip
    return None if told == fields.disclosure else PaymentRefusal.DISCLOSURE_DIFFERS


def _purpose(fields: PayFields) -> PaymentRefusal | None:
    """Hold purposes to their form; which code sets and which documents are the packs' to say."""
    well = is_code(fields.purpose) and is_code(fields.category_purpose)
    return None if well else PaymentRefusal.PURPOSE_IS_MALFORMED


def _duplicate(world: World, fields: PayFields, added: PayAdded, rules: Rules, at: Instant) -> Refusal | None:
    """Say which id of a new UETR came before, or that the message is too old to be sure of it."""
    payments, memory = world.payments, world.payments.memory
    if fields.kind == PaymentKind.CUSTOMER:
        if payments.cover_of(fields.uetr) is not None:
            return PaymentRefusal.COVER_HAS_SETTLED_IT
    elif fields.cover_of and payments.state_of(fields.cover_of) not in (
        None,
        State.REJECTED,
        State.CANCELLED,
    ):
        return PaymentRefusal.COVER_HAS_SETTLED_IT
    if added.present & _UETR_SEEN:
        return PaymentRefusal.UETR_WAS_SEEN
    sender = memory.number(fields.debtor_agent)
    if fields.message_key:
        first = memory.message(sender, fields.message_key)
        if first is not None and _message_of(world, first) not in (
            _UNKNOWN,
            fields.message_content[:8].ljust(8, b"\0"),
        ):
            return PaymentRefusal.MESSAGE_ID_IS_TAKEN
    if fields.instruction_key and memory.instruction(sender, fields.instruction_key, at=at):
        return PaymentRefusal.INSTRUCTION_ID_IS_TAKEN
    if fields.created_at and at - fields.created_at > rules.clocks.message_age:
        return PaymentRefusal.MESSAGE_IS_TOO_OLD
    return None


_UNKNOWN = bytes(8)


def _message_of(world: World, uetr: bytes) -> bytes:
    """Give 8 bytes of the content of the message that first brought a payment, zeros where it is forgotten."""
    live = world.payments.live.get(uetr)
    if live is not None:
        return live.message_content
    record = world.payments.record(uetr)
    return _UNKNOWN if record is None else record.message_content
