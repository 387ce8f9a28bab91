"""Bills of energy: made when something is due, paid at once where a flow can, else by a payment of their UETR.

Nothing here moves what its owner has not agreed to: a bill that is made stays open until its debtor pays it. What is
paid by payment is the payment's own business, by whatever way it settles; here is only noted that it has.
"""

from msgspec import Struct

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import booking, guard, parties, quoting, settle
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.energy_facts import EnergyBilled
from steelyard.flows.facts import QuoteEnded
from steelyard.flows.fields import Id16, Key
from steelyard.flows.world import World
from steelyard.fx.quotes import Ending, Quote
from steelyard.market.energy.deals import EnergyBill, uetr_of
from steelyard.market.refusals.energy import EnergyRefusal as No
from steelyard.members.participants import Participant
from steelyard.members.refusals import MemberRefusal
from steelyard.payments.states import State
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

OPEN, PAID = "OPEN", "PAID"


class PayFields(Struct, array_like=True, frozen=True, gc=False):
    """Which bill is paid, and the firm quote by which it is, where its debtor pays in another currency."""

    bill_id: Id16
    quote_id: Key = b""


def pay(world: World, command: Command, fields: PayFields, at: Instant) -> Outcome:
    """Pay a bill at once, as its debtor: in its currency, or by a firm quote; both legs or none."""
    bill = world.deals.bills.get(fields.bill_id)
    if bill is None or bill.debtor != command.sender:
        return refused(No.ENERGY_BILL_NOT_FOUND)
    live = world.payments.live.get(bill.uetr)
    if live is not None and live.debtor_agent == bill.debtor:
        return refused(No.ENERGY_BILL_IS_BEING_PAID)
    diary = Diary()
    moved = settle_now(world, diary, bill, command.id, at, quote_id=fields.quote_id)
    if isinstance(moved, Refusal):
        return refused(moved)
    settle.work(world, diary, at)
    return diary.done()


def over_line(world: World, command: Command, fields: PayFields) -> bool:
    """Say whether a bill is above its debtor's line, so that two people must pay it."""
    bill = world.deals.bills.get(fields.bill_id)
    debtor = world.members.participants.get(command.sender)
    if bill is None or debtor is None:
        return False
    return is_over_line(world, debtor, bill.asset, bill.open_minor, fields.quote_id)


def is_over_line(world: World, debtor: Participant, asset: str, minor: int, quote_id: bytes) -> bool:
    """Say whether an amount, or what its quote costs, is above a participant's line."""
    quote = world.fx.quotes.get(quote_id)
    if quote is not None:
        asset, minor = quote.source, quote.debit_minor
    line = debtor.settings.lines_minor.get(asset)
    return line is not None and minor > line


def issue(world: World, diary: Diary, bill: EnergyBill) -> None:
    """Let a bill be open from here on."""
    world.deals.put(bill)
    diary.fact(_billed(bill, OPEN, b""))
    _tell(diary, bill, "energy.billed")


def new_bill(
    world: World, subject: bytes, what: str, month: int, *, debtor: str, creditor: str, asset: str,
    amount_minor: int, at: Instant,
) -> EnergyBill:  # fmt: skip
    """Make a bill; its id hangs on what it is for."""
    seed = subject + what.encode() + month.to_bytes(4, "big") + debtor.encode() + b"/" + creditor.encode()
    bill_id = booking.bundle_id(seed, world.commands, at).to_bytes(16, "big")
    return EnergyBill(
        bill_id, subject, what, month, debtor, creditor, asset, amount_minor, at, uetr_of(bill_id, 0)
    )


def settle_now(
    world: World, diary: Diary, bill: EnergyBill, seed: bytes, at: Instant, *, quote_id: bytes = b""
) -> bytes | Refusal:
    """Move what is owed by a bill in one bundle, and give its id, or why nothing has moved; it need not be open yet."""
    participants = world.members.participants
    if not (participants[bill.debtor].sends and participants[bill.creditor].receives):
        return MemberRefusal.PARTICIPANT_STATE_FORBIDS
    quote = quoting.find(world, quote_id, owner=bill.debtor, at=at) if quote_id else None
    if isinstance(quote, Refusal):
        return quote
    legs, owners = _legs(world, bill, quote)
    if not legs or not all(leg.source and leg.target for leg in legs):
        return No.ENERGY_QUOTE_DOES_NOT_FIT if quote is not None else No.SUPPLY_TERMS_OUT_OF_RANGE
    short = guard.spare(world, bill.debtor, legs[0].source) < legs[0].amount_minor
    if short:
        return EngineRefusal.LIQUIDITY_IS_SHORT
    number = booking.bundle_id(seed + bill.bill_id, world.commands, at)
    reference = int.from_bytes(bill.subject, "big")
    kind = Kind.TRANSFER if quote is None else Kind.FX
    act = world.engine.move(
        Bundle(number, kind, tuple(legs), reference=reference), authority=owners,
        releasing=booking.firm(quote) if quote is not None else (), at=at,
    )  # fmt: skip
    if act.refusal is not None:
        return act.refusal
    if quote is not None:
        quoting.end(world, quote, Ending.USED)
        diary.fact(QuoteEnded(quote.quote_id, Ending.USED))
    world.queues.push_all([leg.target for leg in legs])
    bundle_id = number.to_bytes(16, "big")
    _paid(world, diary, bill, bundle_id)
    return bundle_id


def _legs(world: World, bill: EnergyBill, quote: Quote | None) -> tuple[list[Leg], list[int]]:
    """Give the money legs of a bill and the owners on whose authority they are; none where a quote does not fit."""
    owner_nos = world.engine.owner_nos
    payer = parties.settlement_account(world, bill.debtor, bill.asset if quote is None else quote.source)
    payee = parties.settlement_account(world, bill.creditor, bill.asset)
    if quote is None:
        return [Leg(payer, payee, bill.open_minor)], [owner_nos[bill.debtor]]
    fits = (
        quote.target == bill.asset
        and quote.payee_minor == bill.open_minor
        and quote.creditor_agent in ("", bill.creditor)
    )
    if not fits:
        return [], []
    return booking.legs(
        world, _Money(bill.uetr, bill.debtor, bill.creditor, quote.source, quote.target), quote
    )


class _Money(Struct, frozen=True, gc=False):
    """A bill as what carries money sees it."""

    uetr: bytes
    debtor_agent: str
    creditor_agent: str
    source: str
    target: str


def came(world: World, outcome: Outcome, at: Instant) -> Outcome:
    """Give an outcome with what the end of payments that bear bills' UETRs means for these."""
    diary, payments = Diary(), world.payments
    ended, payments.came = payments.came, []
    for uetr in ended:
        bill_id = world.deals.awaited.get(uetr)
        if bill_id is not None:
            _ended(world, diary, world.deals.bills[bill_id], uetr)
    return Outcome(
        outcome.code, outcome.refusal, outcome.leg, (*outcome.facts, *diary.facts),
        (*outcome.notices, *diary.notices),
    )  # fmt: skip


def _ended(world: World, diary: Diary, bill: EnergyBill, uetr: bytes) -> None:
    """Count what a payment has settled of a bill; what is then still owed is paid under another UETR."""
    settled = _settled(world, bill, uetr)
    if settled == bill.open_minor:
        _paid(world, diary, bill, b"")
        return
    world.deals.drop(bill)
    if settled < bill.open_minor:
        bill.paid_minor += settled
    bill.tries += 1
    bill.uetr = uetr_of(bill.bill_id, bill.tries)
    world.deals.put(bill)
    diary.fact(_billed(bill, OPEN, b""))
    _tell(diary, bill, "energy.unpaid")


def _settled(world: World, bill: EnergyBill, uetr: bytes) -> int:
    """Give what a payment that is over has moved from the debtor of a bill to its creditor, whole or in parts."""
    payments = world.payments
    record = payments.record(uetr)
    if record is None:
        return 0
    is_it = (State.SETTLED, bill.debtor, bill.creditor, bill.asset) == (
        record.state, payments.name(record.debtor_agent), payments.name(record.creditor_agent),
        payments.name(record.target),
    )  # fmt: skip
    return record.target_minor if is_it else 0


def _paid(world: World, diary: Diary, bill: EnergyBill, bundle_id: bytes) -> None:
    if bill.bill_id in world.deals.bills:
        world.deals.drop(bill)
    bill.paid_minor = bill.amount_minor
    diary.fact(_billed(bill, PAID, bundle_id))
    _tell(diary, bill, "energy.paid")


def _tell(diary: Diary, bill: EnergyBill, kind: str) -> None:
    told = bill.debtor, bill.creditor, bill.asset, bill.amount_minor, bill.open_minor
    for owner in (bill.debtor, bill.creditor):
        diary.tell(owner, kind, bill.bill_id, *told)


def _billed(bill: EnergyBill, state: str, bundle_id: bytes) -> EnergyBilled:
    return EnergyBilled(
        bill.bill_id, bill.subject, bill.what, bill.month, bill.debtor, bill.creditor, bill.asset,
        bill.amount_minor, bill.due_at, bill.uetr, state, bundle_id, bill.paid_minor,
    )  # fmt: skip
