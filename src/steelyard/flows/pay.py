"""Take a payment in: every check in its order, then as far as money and the creditor agent let it go.

The checks and their order stand in `planning.py`; funds are the last. A payment that fails one is remembered
as REJECTED, so that its UETR always has a final answer; one that is not its sender's to give, or whose UETR is
another's, leaves no trace.

A creditor agent with standing acceptance makes acceptance and settlement one bundle of this very command.
"""

import msgspec

from steelyard.flows import (
    booking,
    course,
    cycle_join,
    gridlock,
    guard,
    liquidity_rules,
    offer,
    parties,
    planning,
    pricing,
    quoting,
    settle,
    splitting,
    status,
)
from steelyard.flows.booking import Tried
from steelyard.flows.command import Code, Command, Notice, Outcome, raw
from steelyard.flows.diary import CREDITOR, DEBTOR, Diary, refused
from steelyard.flows.facts import PaymentEntered, QuoteEnded
from steelyard.flows.fields import PayAdded, PayFields, PaymentKind
from steelyard.flows.parties import Rules
from steelyard.flows.planning import Plan
from steelyard.flows.pricing import Settled
from steelyard.flows.refusals import Admission
from steelyard.flows.world import World
from steelyard.fx.quotes import Ending, Quote
from steelyard.payments.payment import Payment, Wait, pack_origin, unpack
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.states import State
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Day, Instant
from steelyard.values.refusal import Refusal

_decode_added = msgspec.msgpack.Decoder(PayAdded).decode
NOT_CONFIGURED = 0
"""The screening decision of every payment until a recorded `activate` switches screening on."""


def over_line(world: World, command: Command, fields: PayFields) -> bool:
    """Say whether a payment is above its sender's own line, so that two people must give it."""
    debtor = world.members.participants.get(fields.debtor_agent)
    line = None if debtor is None else debtor.settings.lines_minor.get(fields.source)
    if line is None:
        return False
    if fields.source_minor or fields.source == fields.target:
        return max(fields.source_minor, fields.target_minor if fields.source == fields.target else 0) > line
    quote = world.fx.quotes.get(fields.quote_id)
    return quote is None or quote.source_minor > line  # what it will cost is not known yet: two people look


def run(world: World, command: Command, fields: PayFields, at: Instant) -> Outcome:
    """Take one payment in."""
    known = _known(world, command.sender, fields)
    if known is not None:
        return known
    if fields.debtor_agent != command.sender:
        return refused(PaymentRefusal.DEBTOR_AGENT_IS_NOT_SENDER)
    try:
        added = _decode_added(command.added)
    except msgspec.MsgspecError:
        return refused(Admission.COMMAND_IS_MALFORMED)
    rules = parties.rules(world, at)
    plan = planning.plan(world, fields, added, rules, at)
    _remember_keys(world, fields, at)
    if isinstance(plan, Refusal):
        return _reject(world, fields, added, plan, at)
    if plan.deal is not None:
        world.tranches.count(fields.source, plan.deal.source_minor)
        if world.pace.anything:
            world.pace.submitted(
                fields.source, fields.debtor_agent, plan.place.on, plan.deal.source_minor, at
            )
    if isinstance(plan.deal, Quote):
        quoting.end(world, plan.deal, Ending.USED)
    if plan.deal is not None and plan.place.opens_at == at:
        if world.cycles.open and cycle_join.takes(world, fields, plan.deal, plan.place.due_at, at):
            return _stay(world, fields, added, plan, at, cycle_join.GATHERED)
        payer = parties.settlement_account(world, fields.debtor_agent, fields.source)
        if world.queues.anything and settle.must_wait(world, payer, fields.priority):
            return _stay(world, fields, added, plan, at, Tried(0, Wait.FUNDS, payer, None, guard.SHORT))
        stopped = guard.stop(world, fields, plan.deal, plan.place.on)
        if stopped is not None:
            return _stay(world, fields, added, plan, at, stopped)
        if parties.stands(plan.creditor, fields, plan.deal.target_minor):
            tried = booking.settle(world, fields, plan.deal, at=at)
            if tried.bundle_id:
                return _settled(world, fields, added, plan, plan.deal, tried.bundle_id, rules, at)
            return _stay(world, fields, added, plan, at, tried)
    return _stay(world, fields, added, plan, at, None)


def _known(world: World, sender: str, fields: PayFields) -> Outcome | None:
    """Answer a payment whose UETR, message id or instruction id came before; None where all are new."""
    payments = world.payments
    uetr = fields.uetr
    content = fields.content.ljust(16, b"\0")
    live = payments.live.get(uetr)
    if live is not None:
        same = live.content == content and live.debtor_agent == sender
        return _again(status.of_live(live)) if same else refused(_taken(world, fields, live.kind))
    data = payments.memory.get(uetr)
    if data is not None:
        record = unpack(data)
        if record.content == content and payments.name(record.debtor_agent) == sender:
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


def _remember_keys(world: World, fields: PayFields, at: Instant) -> None:
    memory = world.payments.memory
    sender = memory.number(fields.debtor_agent)
    if fields.message_key:
        memory.put_message(sender, fields.message_key, fields.uetr)
    if fields.instruction_key:
        memory.put_instruction(sender, fields.instruction_key, at=at)


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
    guard.took(world, fields, deal, on)
    if world.pace.anything:
        world.pace.settled(fields.source, fields.debtor_agent, on, deal.source_minor, 0)
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
    facts = [raw(_entered(fields, added, on, deal, State.SETTLED, bundle_id=bundle_id.to_bytes(16, "big")))]
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
    capped = world.holdings.anything
    if capped or queues.has_work():
        diary = Diary()
        if capped:
            guard.moved(world, diary, fields)
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
    diary.fact(_entered(fields, added, fields.settlement_on, deal, State.REJECTED, refusal=refusal.code))
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
    waits = True
    if plan.place.opens_at > at:
        course.wait(world, payment, Wait.WINDOW, at=at, not_before_at=plan.place.opens_at)
    elif tried is not None:
        settle.joins(world, diary, payment, tried, at)
    else:
        waits = False
    diary.fact(
        _entered(
            fields,
            added,
            plan.place.on,
            payment.terms,
            State.QUEUED,
            waits=payment.waits,
            opens_at=payment.not_before_at,
            reason=payment.reason,
            split=payment.split,
        )
    )
    if plan.deal is not None and plan.deal.quote_id:
        diary.fact(QuoteEnded(plan.deal.quote_id, Ending.USED))
    if waits:
        if payment.terms is not None:
            payment.terms = booking.hold(world, payment.terms, at=at)
        diary.tell_of(payment, DEBTOR, "payment.queued", reason="ACWC" if plan.place.moved else "")
        if gridlock.offset(world, diary, payment, at):
            settle.work(world, diary, at)
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
        fields.uetr,
        pack_origin(fields.content, fields.message_content, added.message_digest, fields.ordinal),
        added.party_digest, world.commands, fields.kind, fields.service, fields.bearer, debtor.bic,
        plan.creditor.bic, members.assets[source].asset, members.assets[target].asset, source_minor,
        target_minor, fixed_send, num, den, plan.place.on, 0, fields.not_after_at, plan.place.due_at, at,
        state=State.QUEUED, terms=pricing.terms(plan.deal) if plan.deal is not None else None,
        disclosure=fields.disclosure, purpose=fields.purpose, priority=fields.priority,
        split=splitting.decide(world, fields, target_minor, at),
        part_floor_bp=liquidity_rules.rules(world, at).part_floor_bp,
    )  # fmt: skip


def _entered(
    fields: PayFields,
    added: PayAdded,
    on: Day,
    deal: Settled | None,
    state: int,
    *,
    refusal: int = 0,
    bundle_id: bytes = b"",
    waits: int = 0,
    opens_at: Instant = 0,
    reason: int = 0,
    split: int = 0,
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
        source_minor, fields.target, target_minor, on, state, refusal, providers,
        deal.quote_id if deal is not None else fields.quote_id, added.message_digest, added.party_digest,
        fields.ordinal, bundle_id, debit, payee, num, den, fees, waits, opens_at, NOT_CONFIGURED,
        priority=fields.priority, reason=reason, split=split,
    )  # fmt: skip
