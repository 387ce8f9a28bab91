"""Take a payment in: every check in its order, then as far as money and the creditor agent let it go.

Order of checks, first failure given: duplicate; the sender's right and state; the creditor agent; accounts;
amounts; limits; calendar; quote and disclosure; purpose; packs; screening; then funds. A payment that fails
a check is remembered as REJECTED, so that its UETR always has a final answer; one that is not its sender's to
give, or whose UETR is another's, leaves no trace.

A creditor agent with standing acceptance makes acceptance and settlement one bundle of this very command.
"""

from typing import NamedTuple

import msgspec

from steelyard.flows import booking, course, dates, offer, parties, pricing, quoting, settle, status
from steelyard.flows.booking import Tried
from steelyard.flows.command import Code, Command, Notice, Outcome, raw
from steelyard.flows.dates import Place
from steelyard.flows.diary import CREDITOR, DEBTOR, Diary, refused
from steelyard.flows.facts import PaymentEntered, QuoteEnded
from steelyard.flows.fields import PayAdded, PayFields, PaymentKind, Present
from steelyard.flows.parties import Rules
from steelyard.flows.pricing import Settled, Side
from steelyard.flows.world import World
from steelyard.fx.quotes import Ending, Quote
from steelyard.fx.refusals import FxRefusal
from steelyard.members.participants import Participant
from steelyard.payments.disclosure import Disclosure
from steelyard.payments.payment import Payment, Wait, unpack
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.states import State
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

_decode_added = msgspec.msgpack.Decoder(PayAdded).decode
NOT_CONFIGURED = 0
"""The screening decision of every payment until a recorded `activate` switches screening on."""


class Plan(NamedTuple):
    """What the checks found out: who is paid, when, and for what; `deal` is None where it waits unpriced."""

    creditor: Participant
    place: Place
    deal: Settled | None
    named: Settled | None
    """The deal that was found, taken or not: a quote that dies before the opening is left to its asker"""


def over_line(world: World, command: Command, fields: PayFields) -> bool:
    """Say whether a payment is above its sender's own line, so that two people must give it."""
    debtor = world.members.participants.get(fields.debtor_agent)
    line = None if debtor is None else debtor.settings.lines_minor.get(fields.source)
    return line is not None and fields.source_minor > line


def run(world: World, command: Command, fields: PayFields, at: Instant) -> Outcome:
    """Take one payment in."""
    known = _known(world, command.sender, fields)
    if known is not None:
        return known
    if fields.debtor_agent != command.sender:
        return refused(PaymentRefusal.DEBTOR_AGENT_IS_NOT_SENDER)
    added = _decode_added(command.added)
    rules = parties.rules(world, at)
    plan = _plan(world, fields, added, rules, at)
    _remember_keys(world, fields, at)
    if isinstance(plan, Refusal):
        return _reject(world, fields, added, plan, at)
    if plan.deal is not None and plan.place.opens_at == at:
        if isinstance(plan.deal, Quote):
            quoting.end(world, plan.deal, Ending.USED)
        payer = parties.settlement_account(world, fields.debtor_agent, fields.source)
        if world.queues.head(payer) is None and parties.stands(plan.creditor, fields, plan.deal.target_minor):
            tried = booking.settle(world, fields, plan.deal, at=at)
            if tried.bundle_id:
                return _settled(world, fields, added, plan, plan.deal, tried.bundle_id, rules, at)
            return _stay(world, fields, added, plan, at, tried)
    return _stay(world, fields, added, plan, at, None)


# Checks


def _known(world: World, sender: str, fields: PayFields) -> Outcome | None:
    """Answer a payment whose UETR, message id or instruction id came before; None where all are new."""
    payments = world.payments
    uetr = fields.uetr
    live = payments.live.get(uetr)
    if live is not None:
        same = live.content == fields.content and live.debtor_agent == sender
        return _again(status.of_live(live)) if same else refused(_taken(world, fields, live.kind))
    data = payments.memory.get(uetr)
    if data is not None:
        record = unpack(data)
        if record.content == fields.content and payments.name(record.debtor_agent) == sender:
            return _again(status.of_record(uetr, record))
        return refused(_taken(world, fields, record.kind))
    return None


def _again(stands: msgspec.Struct) -> Outcome:
    return Outcome(Code.REPEATED, 0, -1, (raw(stands),))


def _taken(world: World, fields: PayFields, known_kind: int) -> PaymentRefusal:
    """Tell a second use of a UETR from a customer payment that its cover settles here, under one UETR."""
    if fields.kind == PaymentKind.CUSTOMER and known_kind == PaymentKind.COVER:
        return PaymentRefusal.COVER_HAS_SETTLED_IT
    return PaymentRefusal.UETR_IS_TAKEN


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
    if added.present & Present.UETR_SEEN:
        return PaymentRefusal.UETR_WAS_SEEN
    sender = memory.number(fields.debtor_agent)
    if fields.message_key:
        first = memory.message(sender, fields.message_key)
        if first is not None and _message_of(world, first) not in (b"", fields.message_content[:8]):
            return PaymentRefusal.MESSAGE_ID_IS_TAKEN
    if fields.instruction_key and memory.instruction(sender, fields.instruction_key, at=at):
        return PaymentRefusal.INSTRUCTION_ID_IS_TAKEN
    if fields.created_at and at - fields.created_at > rules.clocks.message_age:
        return PaymentRefusal.MESSAGE_IS_TOO_OLD
    return None


def _message_of(world: World, uetr: bytes) -> bytes:
    """Give 8 bytes of the content of the message that first brought a payment, nothing where it is forgotten."""
    live = world.payments.live.get(uetr)
    if live is not None:
        return live.message_content[:8]
    record = world.payments.record(uetr)
    return b"" if record is None else record.message_content


def _remember_keys(world: World, fields: PayFields, at: Instant) -> None:
    memory = world.payments.memory
    sender = memory.number(fields.debtor_agent)
    if fields.message_key:
        memory.put_message(sender, fields.message_key, fields.uetr)
    if fields.instruction_key:
        memory.put_instruction(sender, fields.instruction_key, at=at)


def _plan(world: World, fields: PayFields, added: PayAdded, rules: Rules, at: Instant) -> Plan | Refusal:
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
        side = _side(fields)
        deal = pricing.plain(
            rules.fees, side, source_minor=fields.source_minor, target_minor=fields.target_minor
        )
        return deal or PaymentRefusal.AMOUNTS_MUST_BE_EQUAL
    if fields.quote_id:
        quote = quoting.find(world, fields.quote_id, owner=fields.debtor_agent, at=at)
        if isinstance(quote, FxRefusal):
            return quote
        fault = quoting.fits(
            quote, source=fields.source, target=fields.target, source_minor=fields.source_minor,
            target_minor=fields.target_minor, creditor_agent=fields.creditor_agent, provider=fields.provider,
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
    for code in (fields.purpose, fields.category_purpose):
        if code and not (len(code) <= 4 and code.isascii() and code.isalnum()):
            return PaymentRefusal.PURPOSE_IS_MALFORMED
    return None


# What becomes of it


def _settled(
    world: World,
    fields: PayFields,
    added: PayAdded,
    plan: Plan,
    deal: Settled,
    bundle_id: int,
    rules: Rules,
    at: Instant,
) -> Outcome:
    """Write down a payment that settled in its first command; it never becomes a live one."""
    queues = world.queues
    if queues.anything:
        queues.push_all(booking.credited(world, fields, deal))
    uetr, on = fields.uetr, plan.place.on
    world.payments.remember(
        uetr, content=fields.content, message_content=fields.message_content, state=State.SETTLED,
        kind=fields.kind, service=fields.service, refusal=0, debtor_agent=fields.debtor_agent,
        creditor_agent=fields.creditor_agent, source=fields.source, target=fields.target,
        source_minor=deal.source_minor, target_minor=deal.target_minor, settlement_on=on, at=at,
    )  # fmt: skip
    if fields.cover_of:
        world.payments.cover(fields.cover_of, uetr)
    if plan.creditor.settings.reports_credit:
        course.track(world, uetr, fields.service, at=at, clocks=rules.clocks)
    facts = [raw(_entered(fields, added, plan, deal, State.SETTLED, bundle_id=bundle_id.to_bytes(16, "big")))]
    if deal.quote_id:
        facts.append(raw(QuoteEnded(deal.quote_id, Ending.USED)))
    data = (
        State.SETTLED, 0, "", added.message_digest, fields.ordinal, on, fields.source, deal.debit_minor,
        fields.target, deal.target_minor, deal.payee_minor,
    )  # fmt: skip
    notices = [
        Notice(fields.debtor_agent, "payment.settled", uetr, (DEBTOR, *data)),
        Notice(fields.creditor_agent, "payment.settled", uetr, (CREDITOR, *data)),
    ]
    if queues.has_work():
        diary = Diary()
        settle.work(world, diary, at)
        facts += diary.facts
        notices += diary.notices
    return Outcome(Code.DONE, 0, -1, tuple(facts), tuple(notices))


def _reject(
    world: World,
    fields: PayFields,
    added: PayAdded,
    refusal: Refusal,
    at: Instant,
    *,
    deal: Settled | None = None,
) -> Outcome:
    """Remember a payment that failed a check, and say so; what its quote held is given back."""
    known = world.members
    world.payments.remember(
        fields.uetr, content=fields.content, message_content=fields.message_content, state=State.REJECTED,
        kind=fields.kind, service=fields.service, refusal=refusal.code, debtor_agent=fields.debtor_agent,
        creditor_agent=fields.creditor_agent if fields.creditor_agent in known.participants else "",
        source=fields.source if fields.source in known.assets else "",
        target=fields.target if fields.target in known.assets else "",
        source_minor=min(max(fields.source_minor, 0), AMOUNT_END),
        target_minor=min(max(fields.target_minor, 0), AMOUNT_END),
        settlement_on=fields.settlement_on, at=at,
    )  # fmt: skip
    diary = Diary()
    plan = Plan(known.participants[fields.debtor_agent], Place(fields.settlement_on, 0, 0), deal, deal)
    diary.fact(_entered(fields, added, plan, deal, State.REJECTED, refusal=refusal.code))
    if deal is not None and deal.quote_id:
        diary.fact(QuoteEnded(deal.quote_id, Ending.USED))
        for held in booking.firm(deal):
            booking.give_back(world, held, at=at)
    diary.tell(
        fields.debtor_agent, "payment.rejected", fields.uetr, DEBTOR, State.REJECTED, refusal.code, "",
        added.message_digest, fields.ordinal, fields.settlement_on, fields.source, fields.source_minor,
        fields.target, fields.target_minor, fields.target_minor,
    )  # fmt: skip
    return diary.refused(refusal)


def _stay(
    world: World, fields: PayFields, added: PayAdded, plan: Plan, at: Instant, tried: Tried | None
) -> Outcome:
    """Keep a payment that cannot settle in this command: it waits, or is reserved and offered."""
    if tried is not None:
        if tried.refusal is not None:
            return _reject(world, fields, added, tried.refusal, at, deal=plan.deal)
        if tried.wait is Wait.PROVIDER and fields.service:
            return _reject(world, fields, added, PaymentRefusal.PROVIDER_IS_SHORT, at, deal=plan.deal)
    payment = _live(world, fields, added, plan, at)
    payments = world.payments
    payments.add(payment)
    if fields.cover_of:
        payments.cover(fields.cover_of, fields.uetr)
    diary = Diary()
    payer = parties.settlement_account(world, fields.debtor_agent, fields.source)
    waits = True
    if plan.place.opens_at > at:
        course.wait(world, payment, Wait.WINDOW, at=at, not_before_at=plan.place.opens_at)
    elif tried is not None:
        course.wait(world, payment, tried.wait, account_no=tried.account_no, at=at)
    elif world.queues.head(payer) is not None:
        course.wait(world, payment, Wait.FUNDS, account_no=payer, at=at)
    else:
        waits = False
    diary.fact(
        _entered(
            fields,
            added,
            plan,
            payment.terms,
            State.QUEUED,
            waits=payment.waits,
            opens_at=payment.not_before_at,
        )
    )
    if plan.deal is not None and plan.deal.quote_id:
        diary.fact(QuoteEnded(plan.deal.quote_id, Ending.USED))
    if waits:
        if payment.terms is not None:
            payment.terms = booking.hold(world, payment.terms, at=at)
        diary.tell_of(payment, DEBTOR, "payment.queued", reason="ACWC" if plan.place.moved else "")
        return diary.done()
    offered = offer.make(world, diary, payment, at=at, clocks=parties.clocks(world, at))
    if not offered.bundle_id:
        settle.lacking(world, diary, payment, offered, at)
        if payment.state == State.REJECTED:
            return Outcome(Code.REFUSED, payment.refusal, -1, tuple(diary.facts), tuple(diary.notices))
        if payment.terms is not None:
            payment.terms = booking.hold(world, payment.terms, at=at)
        diary.tell_of(payment, DEBTOR, "payment.queued")
    settle.work(world, diary, at)
    return diary.done()


def _live(world: World, fields: PayFields, added: PayAdded, plan: Plan, at: Instant) -> Payment:
    """Make the live payment of what came in; its names are the directory's own, to save room."""
    deal = plan.named
    fixed_send = deal.fixed_send if isinstance(deal, Quote) else bool(fields.source_minor)
    source_minor = deal.source_minor if deal is not None else fields.source_minor
    target_minor = deal.target_minor if deal is not None else fields.target_minor
    num, den = (deal.num, deal.den) if deal is not None else (fields.rate_num, fields.rate_den)
    if deal is None and not num and source_minor and target_minor:
        num, den = target_minor, source_minor
    members = world.members
    debtor, source, target = members.participants[fields.debtor_agent], fields.source, fields.target
    return Payment(
        fields.uetr, fields.content, fields.message_content, added.message_digest, added.party_digest,
        fields.ordinal, world.commands, fields.kind, fields.service, fields.bearer, debtor.bic,
        plan.creditor.bic, members.assets[source].asset, members.assets[target].asset, source_minor,
        target_minor, fixed_send, num, den, plan.place.on, 0, fields.not_after_at, plan.place.due_at, at,
        state=State.QUEUED, terms=pricing.terms(plan.deal) if plan.deal is not None else None,
        disclosure=fields.disclosure, purpose=fields.purpose,
    )  # fmt: skip


def _entered(
    fields: PayFields,
    added: PayAdded,
    plan: Plan,
    deal: Settled | None,
    state: int,
    *,
    refusal: int = 0,
    bundle_id: bytes = b"",
    waits: int = 0,
    opens_at: Instant = 0,
) -> PaymentEntered:
    """Give the fact that a payment is known from here on."""
    if deal is None:
        source_minor, target_minor = fields.source_minor, fields.target_minor
        debit, payee, num, den = source_minor, target_minor, fields.rate_num or 1, fields.rate_den
        providers: tuple[str, ...] = ()
        fees: tuple[tuple[str, str, str, int], ...] = ()
    else:
        source_minor, target_minor = deal.source_minor, deal.target_minor
        debit, payee, num, den = deal.debit_minor, deal.payee_minor, deal.num, deal.den
        providers = tuple([hop.provider for hop in deal.hops])
        fees = tuple([(fee.what, fee.keeper, fee.asset, fee.amount_minor) for fee in deal.fees])
    return PaymentEntered(
        fields.uetr, fields.kind, fields.service, fields.debtor_agent, fields.creditor_agent, fields.source,
        source_minor, fields.target, target_minor, plan.place.on, state, refusal, providers,
        deal.quote_id if deal is not None else fields.quote_id, added.message_digest, added.party_digest,
        fields.ordinal, bundle_id, debit, payee, num, den, fees, waits, opens_at, NOT_CONFIGURED,
    )  # fmt: skip
