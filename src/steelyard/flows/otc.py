"""Trades made outside the book, registered by both sides: offered, confirmed, taken back in time.

They are the second rung of a benchmark. Whoever registers says what was traded and shows that it was settled: by the
id of a transfer of a receipt or of a delivery that the system settled between the same two, which must agree with what
is said, or by the SHA-256 of evidence about what was settled elsewhere, which is flagged as such. A request for quotes
that was taken is registered by the machine itself.
"""

from typing import Annotated

from msgspec import Meta, Struct, structs

from steelyard.flows import benchmark_day, counting
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.faulty import Faults, Rule
from steelyard.flows.fields import At, Id16, Label, Name, Number
from steelyard.flows.market_rules import rules
from steelyard.flows.price_facts import OtcMoved
from steelyard.flows.world import World
from steelyard.market import otc
from steelyard.market.books import Way
from steelyard.market.otc import OtcEvent, OtcState, OtcTrade, Settled
from steelyard.market.refusals.otc import OtcRefusal as No
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import MILLISECOND, Instant

KG_END = 10**12
ID_LENGTH = 16
BUY, SELL = "buy", "sell"


class RegisterFields(Struct, array_like=True, frozen=True, gc=False):
    """A trade as one side says it was: it bought, or sold, `kg` for `minor` of a currency in all.

    `proof` is the id, 16 bytes, of what was settled here, or the SHA-256 of evidence of what was settled elsewhere.
    """

    side: Annotated[str, Meta(max_length=4)]
    other: Name
    code: Label
    kg: Number
    currency: Name
    minor: Number
    traded_at: At
    proof: Annotated[bytes, Meta(max_length=32)]


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """A registration."""

    trade_id: Id16


def register(world: World, command: Command, fields: RegisterFields, at: Instant) -> Outcome:
    """Offer a registration to the other side."""
    sender = command.sender
    buyer, seller = (sender, fields.other) if fields.side == BUY else (fields.other, sender)
    made = OtcTrade(
        command.id, fields.code, fields.kg, fields.currency, fields.minor, buyer, seller, fields.traded_at,
        fields.proof, _proven(world, fields.proof), counting.day_of(world, at), sender,
    )  # fmt: skip
    faults = _faults(world, made, sender)
    faults.unless(fields.side in (BUY, SELL), "side", Rule.SIDE)
    if faults.found:
        return faults.refused(No.OTC_OUT_OF_RANGE)
    refusal = _refusal(world, made, at)
    if refusal is None and world.otc.is_there(made):
        refusal = No.OTC_IS_THERE
    if refusal is None and world.otc.is_proof_used(made.proof):
        refusal = No.OTC_PROOF_IS_USED
    if refusal is None and world.otc.is_full_for(sender, made.on):
        refusal = No.TOO_MANY_OTC_TRADES
    if refusal is not None:
        return refused(refusal)
    world.books.prints.stir(made.trade_id)
    return _kept(world, made)


def confirm(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Confirm, as the other side, what was offered: it counts towards the next fixing."""
    found = _own(world, command.sender, fields.trade_id)
    if isinstance(found, No):
        return refused(found)
    after = otc.STEPS[found.state].get(OtcEvent.CONFIRMED)
    if after is None or found.by == command.sender:
        return refused(No.OTC_STEP_NOT_ALLOWED)
    found = structs.replace(found, on=counting.day_of(world, at), state=after)
    faults = _faults(world, found, command.sender)
    if faults.found:
        return faults.refused(No.OTC_OUT_OF_RANGE)
    refusal = _refusal(world, found, at)
    return refused(refusal) if refusal is not None else _kept(world, found)


def withdraw(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Drop what is only offered, or ask to take back what counts; the other side's asking agrees."""
    found = _own(world, command.sender, fields.trade_id)
    if isinstance(found, No):
        return refused(found)
    if found.state is OtcState.OFFERED:
        event = OtcEvent.DROPPED
    elif found.proven == otc.RFQ or (found.state is OtcState.LEAVING and found.by == command.sender):
        return refused(No.OTC_STEP_NOT_ALLOWED)
    elif found.on < counting.day_of(world, at):
        return refused(No.OTC_DAY_IS_FIXED)
    else:
        event = OtcEvent.ASKED_BACK if found.state is OtcState.REGISTERED else OtcEvent.AGREED_BACK
    return _kept(world, structs.replace(found, state=otc.STEPS[found.state][event], by=command.sender))


def note_rfq(world: World, diary: Diary, trade: OtcTrade) -> None:
    """Register what was taken of a request for quotes; within a group it is no trade that shows a price."""
    buyer, seller = counting.sides(world, trade.buyer, trade.seller)
    register = world.otc
    if buyer != seller and len(register.trades) < otc.TRADES_MAX and not register.is_proof_used(trade.proof):
        register.keep(trade)
        diary.fact(_fact(trade))


def _proven(world: World, proof: bytes) -> str:
    """Say by what a trade is shown to be settled."""
    if len(proof) > ID_LENGTH:
        return otc.EVIDENCE
    found = world.otc.settled.get(proof)
    return otc.DVP if found is not None and found.minor else otc.TITLE


def _faults(world: World, trade: OtcTrade, sender: str) -> Faults:
    """Say what of a trade does not hold: that both sides trade, and in what is known here."""
    participants, faults = world.members.participants, Faults()
    other = trade.seller if trade.buyer == sender else trade.buyer
    for one, field, rule in ((sender, "", Rule.SELF), (other, "other", Rule.PARTY)):
        faults.unless(one in participants and participants[one].sends, field, rule)
    faults.unless(trade.buyer != trade.seller, "other", Rule.PARTY)
    faults.unless(
        trade.code in world.titles.classes or trade.code in world.books.listings, "code", Rule.GOODS
    )
    faults.unless(0 < trade.kg < KG_END, "kg", Rule.KG)
    faults.unless(trade.currency in world.members.assets, "currency", Rule.CURRENCY)
    faults.unless(0 < trade.minor < AMOUNT_END, "value", Rule.AMOUNT)
    faults.unless(len(trade.proof) in (ID_LENGTH, 2 * ID_LENGTH), "proof", Rule.PROOF)
    return faults


def _refusal(world: World, trade: OtcTrade, at: Instant) -> No | None:
    """Say why a trade does not count, at offering and again at confirming."""
    oldest = at - rules(world, at).outside_age_ms * MILLISECOND
    if not oldest < trade.traded_at <= at:
        return No.OTC_IS_TOO_OLD
    if _is_wash(world, trade):
        return No.OTC_IS_A_WASH
    if trade.proven == otc.EVIDENCE:
        return None
    settled = world.otc.settled.get(trade.proof)
    if settled is None or not _fits(world, trade, settled) or settled.at <= oldest:
        return No.OTC_PROOF_DOES_NOT_FIT
    return None


def _is_wash(world: World, trade: OtcTrade) -> bool:
    """Tell whether a trade stays in a group, or undoes another of its pair on the same day, or its goods went back."""
    if benchmark_day.went_back(world, trade, benchmark_day.ways(world)):
        return True
    buyer, seller = counting.sides(world, trade.buyer, trade.seller)
    return buyer == seller or any(
        one.on == trade.on
        and one.code == trade.code
        and one.state is not OtcState.WITHDRAWN
        and counting.sides(world, one.buyer, one.seller) == (seller, buyer)
        for owner in counting.group_of(world, trade.buyer)
        for one in world.otc.of(owner)
    )


def _fits(world: World, trade: OtcTrade, settled: Settled) -> bool:
    """Tell whether what was settled here is what a trade says."""
    listing = world.books.listings.get(trade.code)
    codes = (trade.code, listing.asset if listing is not None and listing.way is Way.SPOT else trade.code)
    pays = not settled.minor or (settled.currency, settled.minor) == (trade.currency, trade.minor)
    same = (settled.buyer, settled.seller, settled.kg) == (trade.buyer, trade.seller, trade.kg)
    return settled.code in codes and same and pays


def _own(world: World, owner: str, trade_id: bytes) -> OtcTrade | No:
    found = world.otc.trades.get(trade_id)
    if found is None or owner not in (found.buyer, found.seller):
        return No.OTC_TRADE_NOT_FOUND
    return found


def _kept(world: World, trade: OtcTrade) -> Outcome:
    """Keep a registration as it is now, and tell the other side."""
    world.otc.keep(trade)
    diary = Diary()
    diary.fact(_fact(trade))
    for owner in (trade.buyer, trade.seller):
        diary.tell(owner, f"otc.{trade.state.value.lower()}", trade.trade_id, trade.code, trade.kg)
    return diary.done()


def _fact(trade: OtcTrade) -> OtcMoved:
    return OtcMoved(
        trade.trade_id, trade.code, trade.kg, trade.currency, trade.minor, trade.buyer, trade.seller, trade.traded_at,
        trade.proof, trade.proven, trade.on, trade.by, trade.state.value,
    )  # fmt: skip
