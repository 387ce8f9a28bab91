"""Give firm quotes for an exchange: best first, each with its whole cost, its two clocks and its disclosure.

An open quote books nothing but counts against what its provider may still promise; a provider whose sheet
says `firm_reserved` sets the money aside instead. A quote belongs to the debtor agent that asked.
"""

from hashlib import sha256
from typing import Annotated

from msgspec import Meta, Struct, structs

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.flows import booking, dates, parties, pricing, quoting
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import QuoteGiven
from steelyard.flows.fields import Name, Service
from steelyard.flows.pricing import Deal, Side
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.fx.quotes import Hop, Quote
from steelyard.fx.rank import Offer
from steelyard.fx.rates import margin_bp
from steelyard.fx.refusals import FxRefusal
from steelyard.fx.sheets import Sheet, hint
from steelyard.members.calendars import Verdict
from steelyard.payments.disclosure import Disclosure
from steelyard.payments.refusals import PaymentRefusal
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import DAY, Instant

MS = 1_000_000
QUOTE_PURPOSE = "quote"


class AskFields(Struct, array_like=True, frozen=True, gc=False):
    """A request: so much of `source` to be sent (fixed send), or so much of `target` to arrive."""

    source: Name
    target: Name
    fixed_send: bool
    amount_minor: int
    service: Annotated[int, Meta(ge=0, le=1)] = Service.STANDARD
    kind: Annotated[int, Meta(ge=0, le=2)] = 0
    bearer: Annotated[int, Meta(ge=0, le=2)] = 0
    creditor_agent: Name = ""


class Times(Struct, frozen=True):
    """When a payment by these quotes could settle at the earliest and at the latest."""

    earliest_at: Instant
    latest_at: Instant


def run(world: World, command: Command, fields: AskFields, at: Instant) -> Outcome:
    """Answer a request with up to the rulebook's number of quotes, or with the reason why there is none."""
    times = _check(world, command.sender, fields, at)
    if not isinstance(times, Times):
        return refused(times)
    rules = parties.rules(world, at)
    left = rules.book.quotes_open_max - world.fx.asked_by(command.sender)
    if left <= 0:
        return refused(FxRefusal.TOO_MANY_QUOTES)
    side = Side(
        command.sender, fields.creditor_agent, fields.source, fields.target, fields.bearer, fields.service,
        fields.kind,
    )  # fmt: skip
    room = quoting.room(world, target=fields.target, kind=fields.kind, at=at)
    deals = pricing.price(
        rules.fees, side, world.fx.board, room, fixed_send=fields.fixed_send,
        amount_minor=fields.amount_minor, at=at, path_bp=rules.book.path_bp, limit=min(rules.book.quotes_max, left),
    )  # fmt: skip
    if isinstance(deals, FxRefusal):
        return refused(deals)
    diary, given = Diary(), 0
    for deal, offer in deals:
        if all(room(sheet) >= hop.bought_minor for sheet, hop in zip(offer.sheets, offer.hops, strict=True)):
            quote = _make(world, command, fields, deal, offer, times, given + 1, at)
            _open(world, diary, quote, deal, offer, times, at)
            given += 1
    return diary.done()


def _check(world: World, sender: str, fields: AskFields, at: Instant) -> Times | FxRefusal | PaymentRefusal:
    """Give the times of a request that may be answered, or the first rule it breaks."""
    members = world.members
    asker = members.participants.get(sender)
    if asker is None or not asker.sends:
        return PaymentRefusal.DEBTOR_AGENT_IS_BARRED
    if fields.source not in members.assets or fields.target not in members.assets:
        return FxRefusal.CURRENCY_IS_UNKNOWN
    if fields.source == fields.target:
        return FxRefusal.SHEET_PAIR_MUST_DIFFER
    if not 0 < fields.amount_minor < AMOUNT_END:
        return FxRefusal.QUOTE_AMOUNT_MUST_BE_POSITIVE
    if fields.creditor_agent:
        creditor = members.participants.get(fields.creditor_agent)
        if creditor is None or not creditor.receives:
            return FxRefusal.QUOTE_CREDITOR_AGENT_IS_UNKNOWN
    rules = parties.rules(world, at)
    window = world.calendars.window(
        fields.source,
        fields.target,
        dates.KINDS[fields.kind],
        at,
        horizon=rules.rulebook.members.horizon_days * DAY,
    )
    opens_at = at if window.verdict is Verdict.GO else window.not_before_at
    waits = opens_at != at
    if window.verdict not in (Verdict.GO, Verdict.WAIT, Verdict.NEXT_DAY) or (
        waits and (fields.service == Service.INSTANT or opens_at >= at + rules.book.sheet_lock_ms * MS)
    ):
        return FxRefusal.OUTSIDE_HOURS
    instant = fields.service == Service.INSTANT
    return Times(opens_at, at + rules.clocks.final_instant if instant else window.cut_off_at)


def _make(
    world: World,
    command: Command,
    fields: AskFields,
    deal: Deal,
    offer: Offer,
    times: Times,
    rank: int,
    at: Instant,
) -> Quote:
    """Make a quote of a deal: its id, its clocks, and the hash of what the payer is told."""
    seed = sha256(command.id + rank.to_bytes(2, "big")).digest()
    quote_id = (at // MS).to_bytes(6, "big") + seed[:10]
    lock_until = at + min(sheet.lock_ns for sheet in offer.sheets)
    expires_at = min(at + min(sheet.ttl_ns for sheet in offer.sheets), lock_until)
    return Quote(
        quote_id, rank, command.sender, fields.creditor_agent, fields.source, fields.target,
        fields.fixed_send, deal.debit_minor, deal.source_minor, deal.target_minor, deal.payee_minor, deal.num,
        deal.den, deal.hops, tuple([pricing.quote_fee(fee) for fee in deal.fees]),
        disclosure(world, fields.source, fields.target, deal, times, at).digest(), at, expires_at, lock_until,
        fields.service, fields.bearer, fields.kind,
    )  # fmt: skip


def disclosure(world: World, source: str, target: str, deal: Deal, times: Times, at: Instant) -> Disclosure:
    """Give all that a payer is told of a deal."""
    known = world.fx.reference(
        source, target, at=at, age_ns=parties.rules(world, at).book.reference_age_ms * MS
    )
    reference = (known.num, known.den, known.source, known.at) if known is not None else (0, 1, "", 0)
    margin = margin_bp(deal.num, deal.den, known) if known is not None else 0
    return Disclosure(
        source, deal.paid_minor, deal.source_minor, target, deal.target_minor, deal.payee_minor, deal.fees,
        deal.num, deal.den, *reference, margin, times.earliest_at, times.latest_at,
    )  # fmt: skip


def _open(
    world: World, diary: Diary, quote: Quote, deal: Deal, offer: Offer, times: Times, at: Instant
) -> None:
    """Keep a quote, set aside what its sheets promise firmly, start its clock and write it down."""
    hops = tuple(
        [
            _set_aside(world, quote, hop, sheet, at) if sheet.firm_reserved else hop
            for hop, sheet in zip(offer.hops, offer.sheets, strict=True)
        ]
    )
    quote = structs.replace(quote, hops=hops)
    world.fx.open_quote(quote)
    world.timers.set(quote.expires_at, TimerKind.QUOTE, quote.quote_id)
    told = disclosure(world, quote.source, quote.target, deal, times, at)
    better = None
    if not quote.fixed_send and len(hops) == 1:
        better = hint(offer.sheets[0], offer.sold_minor, offer.bought_minor)
    diary.fact(
        QuoteGiven(
            quote.quote_id, quote.rank, quote.debtor_agent, quote.providers, quote.source, quote.target,
            quote.source_minor, quote.target_minor, quote.num, quote.den,
            tuple([(fee.what, fee.keeper, fee.asset, fee.amount_minor) for fee in quote.fees]),
            quote.disclosure, quote.issued_at, quote.expires_at, quote.lock_until, quote.debit_minor,
            quote.payee_minor,
            tuple([
                (hop.provider, hop.sell, hop.buy, hop.sold_minor, hop.bought_minor, hop.num, hop.den)
                for hop in hops
            ]),
            (told.reference_num, told.reference_den, told.reference_source, told.reference_at),
            told.margin_bp, told.earliest_at, told.latest_at, better or (0, 0),
        )
    )  # fmt: skip


def _set_aside(world: World, quote: Quote, hop: Hop, sheet: Sheet, at: Instant) -> Hop:
    """Reserve what a provider pays until the quote expires; where it cannot, the quote is a soft one."""
    source = parties.provider_account(world, hop.provider, hop.buy)
    target = world.members.accounts.get(QUOTE_PURPOSE, hop.provider, hop.buy)
    if target is None:
        return hop
    number = booking.bundle_id(quote.quote_id + hop.provider.encode(), world.commands, at)
    bundle = Bundle(
        number,
        Kind.PURPOSE,
        (Leg(source, target, hop.bought_minor),),
        reference=int.from_bytes(quote.quote_id, "big"),
        deadline_at=quote.expires_at,
    )
    act = world.engine.reserve(bundle, authority=[world.engine.owner_nos[sheet.provider]], at=at)
    return structs.replace(hop, firm=number.to_bytes(16, "big")) if act.refusal is None else hop
