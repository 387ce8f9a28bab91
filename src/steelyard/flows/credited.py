"""Take a creditor agent's report on a settled payment: its customer is credited, or it keeps the money back.

The money between the agents stays final either way. What is kept back lies on the agent's suspense account,
and goes back from there when it credits.
"""

from msgspec import Struct

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.flows import booking, offer, parties, status
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import DEBTOR, Diary, refused
from steelyard.flows.facts import PaymentMoved
from steelyard.flows.fields import Key, Word
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.payments.checks import is_code
from steelyard.payments.payment import Record
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.states import Event, State, step
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal


class CreditedFields(Struct, array_like=True, frozen=True, gc=False):
    """A report: credited, or not yet and why (`reason`, a code of four characters, or empty)."""

    uetr: Key
    credited: bool
    reason: Word = ""


def run(world: World, command: Command, fields: CreditedFields, at: Instant) -> Outcome:
    """Note what became of a settled payment at its creditor agent."""
    if not is_code(fields.reason):
        return refused(PaymentRefusal.REASON_IS_MALFORMED)
    payments = world.payments
    record = payments.record(fields.uetr)
    if record is None or payments.name(record.creditor_agent) != command.sender:
        live = payments.live.get(fields.uetr)
        known = live is not None and live.creditor_agent == command.sender
        return refused(PaymentRefusal.PAYMENT_STATE_FORBIDS if known else PaymentRefusal.UNKNOWN_UETR)
    diary = Diary()
    event = Event.CREDITED if fields.credited else Event.UNPOSTED
    after = step(State(record.state), event)
    if after is None:
        diary.fact(status.of_record(fields.uetr, record))
        same = record.state == (State.CREDITED if fields.credited else State.UNPOSTED)
        return diary.repeated() if same else diary.refused(PaymentRefusal.PAYMENT_STATE_FORBIDS)
    bundle_id = b""
    if State.UNPOSTED in (record.state, after):
        moved = _suspense(world, fields.uetr, record, back=fields.credited, at=at)
        if isinstance(moved, Refusal):
            return refused(moved)
        bundle_id = moved
    if after == State.UNPOSTED:
        target = payments.name(record.target)
        offer.keep_back(world, fields.uetr, command.sender, target, record.target_minor, fields.reason, at)
    elif record.state == State.UNPOSTED:
        del payments.unposted[fields.uetr]
        world.timers.cancel(TimerKind.CREDITED, fields.uetr)
    payments.change(fields.uetr, record._replace(state=after))
    detail = (fields.reason,) if fields.reason else ()
    diary.fact(PaymentMoved(fields.uetr, record.state, event, after, 0, bundle_id, detail))
    _tell(world, diary, fields, record, after)
    return diary.done()


def _suspense(world: World, uetr: bytes, record: Record, *, back: bool, at: Instant) -> bytes | Refusal:
    """Move the amount between the creditor agent's account and its suspense account."""
    bic, asset = world.payments.name(record.creditor_agent), world.payments.name(record.target)
    there, here = parties.settlement_account(world, bic, asset), parties.suspense_account(world, bic, asset)
    kept = world.payments.unposted.get(uetr)
    minor = record.target_minor if kept is None else kept.amount_minor
    leg = Leg(here, there, minor) if back else Leg(there, here, minor)
    number = booking.bundle_id(uetr, world.commands, at)
    bundle = Bundle(number, Kind.PAYMENT, (leg,), reference=int.from_bytes(uetr, "big"))
    act = world.engine.move(bundle, authority=[world.engine.owner_nos[bic]], at=at)
    return number.to_bytes(16, "big") if act.refusal is None else act.refusal


def _tell(world: World, diary: Diary, fields: CreditedFields, record: Record, after: State) -> None:
    """Let the debtor agent be told; what its message was is found by the UETR."""
    name = world.payments.name
    kind = "payment.credited" if after == State.CREDITED else "payment.unposted"
    diary.tell(
        name(record.debtor_agent), kind, fields.uetr, DEBTOR, after, 0, fields.reason, b"", 0,
        record.settlement_on, name(record.source), record.source_minor, name(record.target),
        record.target_minor, record.target_minor,
    )  # fmt: skip
