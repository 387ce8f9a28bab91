"""Requests for quotes: asked of dealers, answered, taken; what is taken settles at once as one bundle.

The bundle has the title leg of a receipt and the money legs: from buyer to seller in the request's currency, or, with
a firm quote of the buyer, its own currency to the provider and the provider's to the seller. Either all of it moves,
or the order is refused and nothing has happened. An answer that is taken is used up; what is not taken ends in time.
As long as an answer stands, the money of its bid is set aside and the receipt of its ask is locked, so that either
is as firm as it says. Of a receipt a part may be taken: it is split, and what is left stays with who held it.
"""

from typing import Annotated, NamedTuple

from msgspec import Meta, Struct, structs

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import booking, counting, guard, otc, parties, pvp_cover, quoting, settle, titles
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import QuoteEnded
from steelyard.flows.faulty import Faults, Rule
from steelyard.flows.fields import At, Id16, Key, Name, Number
from steelyard.flows.rfq_facts import RfqAnswered, RfqMoved
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.fx.quotes import Ending, Quote
from steelyard.market.otc import RFQ, OtcState, OtcTrade
from steelyard.market.receipts import Receipt, ReceiptEvent, ReceiptState, cut, moved
from steelyard.market.refusals.tenders import TenderRefusal as No
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.market.rfq import BUY, HIDDEN, SELL, SIDES, Answer, Rfq, amount_minor, ranked
from steelyard.market.rfqs import ANSWERS_MAX, DEALERS_MAX, OF_DEALER_MAX, OF_REQUESTER_MAX, RFQS_MAX
from steelyard.members.refusals import MemberRefusal
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import DAY, Instant
from steelyard.values.refusal import Refusal

PRICE_END = 10**10
KG_END = 10**12
VALID_MAX = 7 * DAY


class RequestFields(Struct, array_like=True, frozen=True, gc=False):
    """What is asked for: receipts of a class, up to so many kg; no dealers: of everybody."""

    code: Name
    kg: Number
    side: Annotated[str, Meta(max_length=4)]
    currency: Name
    valid_until: At
    dealers: Annotated[tuple[Name, ...], Meta(max_length=DEALERS_MAX)] = ()


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """A request."""

    rfq_id: Id16


class AnswerFields(Struct, array_like=True, frozen=True, gc=False):
    """A dealer's prices per tonne, 0 for none: what he buys up to, which receipt he sells."""

    rfq_id: Id16
    bid_minor: Number
    ask_minor: Number
    kg_max: Number
    receipt_id: Key
    valid_until: At


class AcceptFields(Struct, array_like=True, frozen=True, gc=False):
    """An answer to take: as buyer of its receipt, or as seller of the own one named; a firm quote to pay with.

    `kg` takes a part of the receipt, 0 all of it.
    """

    rfq_id: Id16
    answer_id: Id16
    receipt_id: Key = b""
    quote_id: Key = b""
    kg: Number = 0


class Paid(NamedTuple):
    """How a buyer pays: the legs, and the quote that is used up by it."""

    legs: tuple[Leg, ...]
    quote: Quote | None
    provider: str


def request(world: World, command: Command, fields: RequestFields, at: Instant) -> Outcome:
    """Ask dealers for quotes."""
    faults = _asked(world, command.sender, fields, at)
    if faults.found:
        return faults.refused(No.RFQ_OUT_OF_RANGE)
    if len(world.rfqs.live) >= RFQS_MAX or world.rfqs.of(command.sender) >= OF_REQUESTER_MAX:
        return refused(No.TOO_MANY_TENDERS)
    made = Rfq(
        command.id, command.sender, fields.dealers, fields.code, fields.kg, fields.side, fields.currency,
        fields.valid_until,
    )  # fmt: skip
    world.rfqs.live[made.rfq_id] = made
    world.timers.set(made.valid_until, TimerKind.RFQ, made.rfq_id)
    diary = Diary()
    diary.fact(_moved(made, "OPEN"))
    for dealer in fields.dealers:
        diary.tell(
            dealer, "rfq.asked", made.rfq_id, made.code, made.kg, made.side, made.currency, made.valid_until
        )
    return diary.done()


def withdraw(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Take a request back; its answers end."""
    found = world.rfqs.live.get(fields.rfq_id)
    if found is None or found.requester != command.sender:
        return refused(No.RFQ_NOT_FOUND)
    diary = Diary()
    _end(world, diary, found, "WITHDRAWN", at)
    settle.work(world, diary, at)
    return diary.done()


def answer(world: World, command: Command, fields: AnswerFields, at: Instant) -> Outcome:
    """Answer a request as a dealer, for a time; what was answered before still stands."""
    found = world.rfqs.live.get(fields.rfq_id)
    who = world.members.participants.get(command.sender)
    if (
        found is None
        or at >= found.valid_until
        or who is None
        or not who.sends
        or not found.asks(command.sender)
    ):
        return refused(No.RFQ_NOT_FOUND)
    own = sum([one.dealer == command.sender for one in found.answers])
    if len(found.answers) >= ANSWERS_MAX or own >= OF_DEALER_MAX:
        return refused(No.TOO_MANY_TENDERS)
    sells, buys = fields.ask_minor > 0, fields.bid_minor > 0
    faults = _quoted(world, command.sender, found, fields, at)
    if faults.found:
        return faults.refused(No.RFQ_OUT_OF_RANGE)
    minor = amount_minor(fields.kg_max, fields.bid_minor) if buys else 0
    held = _set_aside(world, found, command.sender, minor, command.id, at) if buys else b""
    if isinstance(held, Outcome):
        return held
    made = Answer(
        command.id, command.sender, fields.bid_minor, fields.ask_minor, fields.receipt_id if sells else b"",
        fields.kg_max if buys else 0, at, fields.valid_until, held,
    )  # fmt: skip
    diary = Diary()
    if sells:
        _lock(world, diary, made, at)
    world.rfqs.put(found, made)
    world.timers.set(made.valid_until, TimerKind.RFQ, made.answer_id)
    place = {
        side: next(no for no, one in enumerate(ranked(found.answers, side, at=at), 1) if one is made)
        for side, there in ((BUY, sells), (SELL, buys))
        if there
    }
    diary.fact(_answered(found, made, "FIRM"))
    diary.tell(
        found.requester, "rfq.answered", made.answer_id, found.rfq_id, made.dealer, made.bid_minor, made.ask_minor,
        place.get(BUY, 0), place.get(SELL, 0), made.valid_until,
    )  # fmt: skip
    return diary.done()


def accept(world: World, command: Command, fields: AcceptFields, at: Instant) -> Outcome:
    """Take an answer: title and money move now, in one bundle."""
    found = world.rfqs.live.get(fields.rfq_id)
    if found is None or found.requester != command.sender or at >= found.valid_until:
        return refused(No.RFQ_NOT_FOUND)
    taken = next((one for one in found.answers if one.answer_id == fields.answer_id), None)
    if taken is None or at >= taken.valid_until:
        return refused(No.RFQ_ANSWER_IS_OVER)
    if not (titles.disposes(world, command.sender) and titles.disposes(world, taken.dealer)):
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    sells = bool(fields.receipt_id)
    whole = _traded(world, found, taken, fields.receipt_id)
    if whole is None:
        return _unfit("receipt_id" if sells else "answer_id", Rule.RECEIPT)
    receipt = _part(world, whole, fields.kg, command.id, at)
    if receipt is None or receipt.kg > _room(found, taken, sells=sells):
        return _unfit("kg", Rule.TOO_MUCH)
    if receipt is not whole and not world.titles.has_room(2):
        return refused(TitleRefusal.TITLES_ARE_FULL)
    buyer, seller = (taken.dealer, command.sender) if sells else (command.sender, taken.dealer)
    minor = amount_minor(receipt.kg, taken.bid_minor if sells else taken.ask_minor)
    if not 0 < minor < AMOUNT_END:
        return _unfit("kg", Rule.AMOUNT)
    paid = _paid(world, found.currency, buyer, seller, minor, fields.quote_id, at)
    if isinstance(paid, Outcome):
        return paid
    if not taken.held and pvp_cover.takes(world, buyer, paid.legs):
        return refused(pvp_cover.REFUSAL)
    diary = Diary()
    payers = (paid.provider,) if paid.provider else ()
    refusal = titles.hand_over(
        world, diary, receipt, ReceiptEvent.TRANSFERRED, buyer, at=at, money=paid.legs, payers=payers,
        releasing=(int.from_bytes(taken.held, "big"),) if taken.held else (),
    )  # fmt: skip
    if refusal is not None:
        return refused(refusal)
    if receipt is not whole:
        _split(world, diary, whole, receipt, command.id, at)
    if taken.held:
        world.queues.push_all([parties.settlement_account(world, taken.dealer, found.currency)])
    if paid.quote is not None:
        quoting.end(world, paid.quote, Ending.USED)
        diary.fact(QuoteEnded(paid.quote.quote_id, Ending.USED.value))
    if sells and taken.receipt_id:
        _unlock(world, diary, taken, at)
    world.rfqs.drop(found, taken)
    world.timers.cancel(TimerKind.RFQ, taken.answer_id)
    found.kg -= receipt.kg
    quote_id = paid.quote.quote_id if paid.quote is not None else b""
    diary.fact(
        structs.replace(
            _answered(found, taken, "TAKEN"), kg=receipt.kg, amount_minor=minor, quote_id=quote_id
        )
    )
    otc.note_rfq(
        world,
        diary,
        OtcTrade(
            taken.answer_id, found.code, receipt.kg, found.currency, minor, buyer, seller, at, taken.answer_id, RFQ,
            counting.day_of(world, at), command.sender, OtcState.REGISTERED,
        ),
    )  # fmt: skip
    for owner in (buyer, seller):
        diary.tell(owner, "rfq.traded", taken.answer_id, found.code, receipt.kg, found.currency, minor)
    if found.kg:
        diary.fact(_moved(found, "OPEN"))
    else:
        _end(world, diary, found, "OVER", at)
    settle.work(world, diary, at)
    return diary.done()


def on_timer_rfq(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """End a request whose time is over with every answer to it, or one answer."""
    found = world.rfqs.live.get(subject)
    if found is not None:
        _end(world, diary, found, "OVER", at)
        return
    answered = world.rfqs.answered(subject)
    if answered is not None:
        _drop(world, diary, *answered, at)


def _asked(world: World, sender: str, fields: RequestFields, at: Instant) -> Faults:
    """Say what of a request does not hold."""
    participants, faults = world.members.participants, Faults()
    who = participants.get(sender)
    faults.unless(who is not None and who.sends, "", Rule.SELF)
    faults.unless(fields.code in world.titles.classes, "code", Rule.CLASS)
    faults.unless(0 < fields.kg < KG_END, "kg", Rule.KG)
    faults.unless(fields.side in SIDES, "side", Rule.SIDE)
    faults.unless(fields.currency in world.members.assets, "currency", Rule.CURRENCY)
    faults.unless(at < fields.valid_until <= at + VALID_MAX, "valid_until", Rule.TIME_AHEAD)
    for place, one in enumerate(fields.dealers):
        faults.unless(one != sender and one in participants, f"dealers/{place}", Rule.PARTY)
    faults.unless(len(set(fields.dealers)) == len(fields.dealers), "dealers", Rule.TWICE)
    return faults


def _quoted(world: World, dealer: str, found: Rfq, fields: AnswerFields, at: Instant) -> Faults:
    """Say what of an answer does not hold."""
    sells, buys, faults = fields.ask_minor > 0, fields.bid_minor > 0, Faults()
    faults.unless(sells or buys, "", Rule.NO_PRICE)
    for field, is_there, minor, other in (
        ("bid", buys, fields.bid_minor, BUY),
        ("ask", sells, fields.ask_minor, SELL),
    ):
        faults.unless(minor < PRICE_END, field, Rule.PRICE)
        faults.unless(not is_there or found.side != other, field, Rule.ANSWERED_SIDE)
    faults.unless(not buys or 0 < fields.kg_max < KG_END, "kg_max", Rule.KG)
    faults.unless(not sells or _offered(world, dealer, found, fields.receipt_id), "receipt_id", Rule.RECEIPT)
    faults.unless(at < fields.valid_until <= found.valid_until, "valid_until", Rule.TIME_AHEAD)
    return faults


def _unfit(field: str, rule: Rule) -> Outcome:
    """Give the outcome of taking what does not fit."""
    faults = Faults()
    faults.unless(False, field, rule)
    return faults.refused(No.RFQ_TRADE_DOES_NOT_FIT)


def _set_aside(
    world: World, found: Rfq, dealer: str, minor: int, seed: bytes, at: Instant
) -> bytes | Outcome:
    """Set the money of a bid aside, for the requester: the bundle that did, or why not."""
    faults = Faults()
    faults.unless(0 < minor < AMOUNT_END, "kg_max", Rule.AMOUNT)
    source = parties.settlement_account(world, dealer, found.currency)
    target = parties.settlement_account(world, found.requester, found.currency)
    faults.unless(bool(source and target), "bid", Rule.ACCOUNTS)
    if faults.found:
        return faults.refused(No.RFQ_OUT_OF_RANGE)
    if guard.spare(world, dealer, source) < minor:
        return refused(EngineRefusal.LIQUIDITY_IS_SHORT)
    number = booking.bundle_id(seed, world.commands, at)
    reference = int.from_bytes(found.rfq_id, "big")
    bundle = Bundle(number, Kind.PURPOSE, (Leg(source, target, minor),), reference=reference)
    act = world.engine.reserve(bundle, authority=[world.engine.owner_nos[dealer]], at=at)
    return refused(act.refusal) if act.refusal is not None else number.to_bytes(16, "big")


def _drop(world: World, diary: Diary, found: Rfq, one: Answer, at: Instant) -> None:
    """End an answer that nobody took; the money of its bid is free again."""
    world.rfqs.drop(found, one)
    world.timers.cancel(TimerKind.RFQ, one.answer_id)
    if one.held:
        act = world.engine.release(int.from_bytes(one.held, "big"), at=at)
        if act.refusal is not None:
            raise ValueError(f"answer {one.answer_id.hex()}: {act.refusal.name}")
        world.queues.push_all([parties.settlement_account(world, one.dealer, found.currency)])
    if one.receipt_id:
        _unlock(world, diary, one, at)
    diary.fact(_answered(found, one, "ENDED"))


def _lock(world: World, diary: Diary, one: Answer, at: Instant) -> None:
    """Lock the receipt that an answer sells; it has been found free."""
    after = moved(world.titles.receipts[one.receipt_id], ReceiptEvent.LOCKED)
    assert isinstance(after, Receipt), after
    titles.keep(world, diary, structs.replace(after, bound_to=one.answer_id), ReceiptEvent.LOCKED, at=at)


def _unlock(world: World, diary: Diary, one: Answer, at: Instant) -> None:
    """Free the receipt that an answer sold; one that was frozen meanwhile is free once it is thawed."""
    held = world.titles.receipts.get(one.receipt_id)
    if held is None or held.bound_to != one.answer_id:
        return
    if held.state is ReceiptState.FROZEN:
        after: Receipt | TitleRefusal = structs.replace(held, before=ReceiptState.ISSUED, bound_to=b"")
    else:
        after = moved(held, ReceiptEvent.UNLOCKED)
    assert isinstance(after, Receipt), after
    titles.keep(world, diary, after, ReceiptEvent.UNLOCKED, at=at)


def _part(world: World, whole: Receipt, kg: int, seed: bytes, at: Instant) -> Receipt | None:
    """Give the receipt that changes hands: all of one, or its oldest goods under an id of their own."""
    if not kg or kg == whole.kg:
        return whole
    if kg > whole.kg:
        return None
    layers, _ = cut(whole.layers, kg)
    return structs.replace(
        whole, receipt_id=titles.part_id(seed, world.commands, 0, at), kg=kg, layers=layers
    )


def _split(world: World, diary: Diary, whole: Receipt, part: Receipt, seed: bytes, at: Instant) -> None:
    """Put two receipts into the place of one, of which a part has changed hands."""
    gone = moved(whole, ReceiptEvent.SPLIT)
    assert isinstance(gone, Receipt), gone
    _, left = cut(whole.layers, part.kg)
    rest = structs.replace(
        whole, receipt_id=titles.part_id(seed, world.commands, 1, at), kg=whole.kg - part.kg, layers=left
    )
    titles.keep(world, diary, gone, ReceiptEvent.SPLIT, at=at)
    titles.keep(world, diary, rest, ReceiptEvent.SPLIT, at=at, document=whole.receipt_id)


def _room(found: Rfq, taken: Answer, *, sells: bool) -> int:
    """Give how many kg may change hands at most."""
    return min(found.kg, taken.kg_max) if sells else found.kg


def _offered(world: World, dealer: str, found: Rfq, receipt_id: bytes) -> bool:
    """Tell whether a receipt is a free one of a dealer, of the class."""
    receipt = world.titles.receipts.get(receipt_id)
    return (
        receipt is not None
        and receipt.holder == dealer
        and receipt.code == found.code
        and receipt.state is ReceiptState.ISSUED
    )


def _traded(world: World, found: Rfq, taken: Answer, own: bytes) -> Receipt | None:
    """Give the receipt of which something changes hands: what the dealer has locked, or the requester's own."""
    if own:
        fits = (
            taken.bid_minor and found.side in (SELL, HIDDEN) and _offered(world, found.requester, found, own)
        )
        return world.titles.receipts[own] if fits else None
    held = world.titles.receipts.get(taken.receipt_id)
    if not taken.ask_minor or held is None or held.bound_to != taken.answer_id:
        return None
    free = moved(held, ReceiptEvent.UNLOCKED)
    return free if isinstance(free, Receipt) else None


def _paid(
    world: World, currency: str, buyer: str, seller: str, minor: int, quote_id: bytes, at: Instant
) -> Paid | Outcome:
    """Give the money legs, within the currency or through the provider of a firm quote of the buyer; or why not."""
    account, faults = parties.settlement_account, Faults()
    if not account(world, seller, currency) or not (quote_id or account(world, buyer, currency)):
        faults.unless(False, "quote_id" if not quote_id else "answer_id", Rule.ACCOUNTS)
        return faults.refused(No.RFQ_OUT_OF_RANGE)
    if not quote_id:
        leg = Leg(account(world, buyer, currency), account(world, seller, currency), minor)
        return Paid((leg,), None, "")
    quote = quoting.find(world, quote_id, owner=buyer, at=at)
    if isinstance(quote, Refusal):
        return refused(quote)
    hop = quote.hops[0]
    if len(quote.hops) > 1 or hop.firm or quote.target != currency or hop.bought_minor != minor or quote.fees:
        return _unfit("quote_id", Rule.QUOTE)
    legs = (
        Leg(
            account(world, buyer, hop.sell),
            parties.provider_account(world, hop.provider, hop.sell),
            hop.sold_minor,
        ),
        Leg(parties.provider_account(world, hop.provider, hop.buy), account(world, seller, hop.buy), minor),
    )
    return Paid(legs, quote, hop.provider)


def _end(world: World, diary: Diary, found: Rfq, state: str, at: Instant) -> None:
    dealers = [one.dealer for one in found.answers]
    for one in list(found.answers):
        _drop(world, diary, found, one, at)
    del world.rfqs.live[found.rfq_id]
    world.timers.cancel(TimerKind.RFQ, found.rfq_id)
    diary.fact(_moved(found, state))
    for owner in dict.fromkeys((found.requester, *dealers)):
        diary.tell(owner, "rfq.over", found.rfq_id, state)


def _moved(found: Rfq, state: str) -> RfqMoved:
    return RfqMoved(
        found.rfq_id,
        found.requester,
        found.code,
        found.kg,
        found.side,
        found.currency,
        found.valid_until,
        state,
    )


def _answered(found: Rfq, one: Answer, state: str) -> RfqAnswered:
    return RfqAnswered(
        one.answer_id, found.rfq_id, one.dealer, one.bid_minor, one.ask_minor, one.receipt_id, one.kg_max,
        one.valid_until, state,
    )  # fmt: skip


def over_line(world: World, command: Command, fields: AcceptFields) -> bool:
    """Say whether a buyer pays more than its line, so that two people must accept."""
    found, buyer = world.rfqs.live.get(fields.rfq_id), world.members.participants.get(command.sender)
    taken = None
    if found is not None and buyer is not None and not fields.receipt_id:
        taken = next((one for one in found.answers if one.answer_id == fields.answer_id), None)
    if found is None or buyer is None or taken is None:
        return False
    receipt = world.titles.receipts.get(taken.receipt_id)
    line = buyer.settings.lines_minor.get(found.currency)
    if line is None or receipt is None:
        return False
    return amount_minor(fields.kg or receipt.kg, taken.ask_minor) > line
