"""What happens to a forward in any of its states: kept with its fact and clock, put off, failed, its differences paid.

A difference is taken from the settlement account of who owes it, on the word that he gave with the contract, as far
as that goes; what is left is a claim in the claims book, which both sides are bound to.
"""

from fractions import Fraction
from hashlib import sha256

from msgspec import structs

from steelyard.engine.accounts import DEBITS_BLOCKED
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.flows import booking, claim, guard, parties
from steelyard.flows.diary import Diary
from steelyard.flows.forward_facts import ForwardMoved
from steelyard.flows.published_price import published
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.liquidity.claims import Claim
from steelyard.market.contracts.dates import Business, later
from steelyard.market.contracts.forward import Forward
from steelyard.market.contracts.terms import market_difference
from steelyard.market.forwards import ENDS, FAILURES, ForwardEvent, ForwardSale, ForwardState, moved
from steelyard.market.refusals.contracts import ContractRefusal as No
from steelyard.members.state import OPERATOR
from steelyard.values.amount import AMOUNT_END
from steelyard.values.calendars import is_business
from steelyard.values.instants import DAY, Day, Instant
from steelyard.values.rate import Rounding, rounded

S, E = ForwardState, ForwardEvent


def of_party(world: World, sender: str, forward_id: bytes) -> ForwardSale | No:
    """Give a forward that the sender is a side of, or why not."""
    found = world.forwards.get(forward_id)
    if isinstance(found, ForwardSale) and sender not in (found.seller, found.buyer):
        return No.FORWARD_NOT_FOUND
    return found


def in_time(sale: ForwardSale, at: Instant) -> No | None:
    """Say that the deadline of a forward's state has passed, or nothing; at it is too late."""
    return No.FORWARD_DEADLINE_HAS_PASSED if sale.due_at and at >= sale.due_at else None


def expires_at(world: World, sale: ForwardSale, at: Instant) -> Instant:
    """Give when the seller's time to name a cargo is over."""
    contract = sale.terms.read()
    days = contract.options.appropriation_days
    return (later(sale.last_on, days, business(world, contract, at)) + 1) * DAY


def business(world: World, contract: Forward, at: Instant) -> Business:
    """Give the function that knows the business days of a contract."""
    calendars = [world.calendars.of(name, at) for name in contract.calendars]
    return lambda on: all(is_business(one, on) for one in calendars)


def keep(
    world: World,
    diary: Diary,
    sale: ForwardSale,
    event: ForwardEvent,
    *,
    offset_lots: int = 0,
    moved_minor: int = 0,
    owed_minor: int = 0,
    owed_by: str = "",
    bundle_id: bytes = b"",
    delivery_id: bytes = b"",
    document: bytes = b"",
) -> None:
    """Keep a forward as it is now, set its clock, note the fact and tell both sides."""
    world.forwards.put(sale)
    if sale.due_at and sale.state not in ENDS:
        world.timers.set(sale.due_at, TimerKind.FORWARD, sale.forward_id)
    else:
        world.timers.cancel(TimerKind.FORWARD, sale.forward_id)
    terms, contract = sale.terms, sale.terms.read()
    diary.fact(
        ForwardMoved(
            sale.forward_id, contract.code, contract.commodity, contract.grade, terms.site, terms.place,
            contract.incoterm, sale.seller, sale.buyer, sale.offered_by, event.value, sale.state.value, sale.lots,
            contract.unit, terms.price_minor, terms.trade.differential_minor, contract.price_per, terms.currency,
            terms.from_on, sale.last_on, terms.benchmark, sale.due_at, offset_lots, moved_minor, owed_minor, owed_by,
            bundle_id, delivery_id, document, contract.options.arbitration_seat,
        )
    )  # fmt: skip
    told = [sale.seller, sale.buyer, *([OPERATOR] if sale.state in FAILURES else [])]
    kind = f"forward.{sale.state.value.lower()}"
    for owner in told:
        diary.tell(
            owner, kind, sale.forward_id, terms.currency, contract.code, sale.lots, moved_minor, owed_minor
        )


def fail(world: World, diary: Diary, sale: ForwardSale, event: ForwardEvent, at: Instant) -> None:
    """Let a side fail; where the market of the day is known, the difference is paid at once."""
    after = moved(sale, event)
    assert isinstance(after, ForwardSale), (sale.state, event)
    after = structs.replace(after, failed_on=at // DAY)
    keep(world, diary, after, event)
    terms = after.terms
    market = published(world, terms.benchmark, terms.currency, after.failed_on)
    if market is not None:
        close(world, diary, after, market, at)


def close(
    world: World,
    diary: Diary,
    sale: ForwardSale,
    market: Fraction | int,
    at: Instant,
    *,
    document: bytes = b"",
) -> None:
    """End a forward that a side has failed: what it owes is the difference to the market, and the penalty."""
    seller_fails = sale.state is S.SELLER_FAILED
    terms = sale.terms
    owed = market_difference(
        terms.read(), sale.lots, price_minor=terms.unit_minor,
        market_minor=max(0, market + terms.trade.differential_minor), seller_fails=seller_fails,
    )  # fmt: skip
    sides = (sale.seller, sale.buyer) if seller_fails else (sale.buyer, sale.seller)
    _end(world, diary, sale, E.DIFFERENCE_PAID, sides, min(owed, AMOUNT_END - 1), at, document)


def _at_benchmark(world: World, diary: Diary, sale: ForwardSale, at: Instant) -> None:
    """Cancel a forward whose hindrance has lasted: whoever the price favoured owes the other the difference."""
    terms = sale.terms
    market = published(world, terms.benchmark, terms.currency, at // DAY)
    gap = terms.read().worth(sale.lots, market - terms.price_minor) if market is not None else Fraction(0)
    owed = rounded(abs(gap).numerator, abs(gap).denominator, Rounding.HALF_EVEN)
    sides = (sale.seller, sale.buyer) if gap > 0 else (sale.buyer, sale.seller)
    _end(world, diary, sale, E.LATE, sides, min(owed, AMOUNT_END - 1), at, b"")


def _end(
    world: World,
    diary: Diary,
    sale: ForwardSale,
    event: ForwardEvent,
    sides: tuple[str, str],
    owed: int,
    at: Instant,
    document: bytes,
) -> None:
    after = moved(sale, event)
    assert isinstance(after, ForwardSale), (sale.state, event)
    paid, bundle_id = _pay(world, sale, sides, owed, at)
    rest = owed - paid
    keep(
        world, diary, after, event, moved_minor=paid, owed_minor=rest, owed_by=sides[0] if owed else "",
        bundle_id=bundle_id, document=document,
    )  # fmt: skip
    if rest:
        _claim(world, diary, sale, sides, rest, at)


def _pay(
    world: World, sale: ForwardSale, sides: tuple[str, str], owed: int, at: Instant
) -> tuple[int, bytes]:
    """Move what is owed as far as it is there, from the first side to the second: how much, and the bundle."""
    source, target = (parties.settlement_account(world, one, sale.terms.currency) for one in sides)
    account = world.engine.account(source) if source else None
    if account is None or not target or account.gate & DEBITS_BLOCKED:
        return 0, b""
    minor = min(owed, guard.spare(world, sides[0], source))
    if not minor:
        return 0, b""
    number = booking.bundle_id(sale.forward_id + b"difference", world.commands, at)
    reference = int.from_bytes(sale.forward_id, "big")
    bundle = Bundle(number, Kind.TRADE, (Leg(source, target, minor),), reference=reference)
    act = world.engine.move(bundle, authority=[world.engine.owner_nos[sides[0]]], at=at)
    if act.refusal is not None:
        return 0, b""
    world.queues.push_all([target])
    return minor, number.to_bytes(16, "big")


def _claim(
    world: World, diary: Diary, sale: ForwardSale, sides: tuple[str, str], rest: int, at: Instant
) -> None:
    """Let what is left of a difference be a claim, due at once."""
    debtor, creditor = sides
    home = world.members.home
    claim_id = sha256(sale.forward_id + b"owed").digest()[:16]
    made = Claim(
        claim_id.hex(), debtor, creditor, sale.terms.currency, rest, rest, at // DAY, sha256(sale.forward_id).digest(),
        True, True, home(debtor), home(creditor),
    )  # fmt: skip
    claim.enter(world, diary, made, claim_id, at)


def today_fits(sale: ForwardSale, on: Day) -> bool:
    """Tell whether a day lies in the period of shipment."""
    return sale.terms.from_on <= on <= sale.last_on


def on_timer_forward(world: World, diary: Diary, forward_id: bytes, at: Instant) -> None:
    """End a state whose deadline has come: an offer lapses, a seller who named no cargo fails, a hindrance cancels."""
    found = world.forwards.get(forward_id)
    if isinstance(found, No) or not found.due_at or at < found.due_at:
        return
    if found.state is S.OFFERED:
        after = moved(found, E.LATE)
        assert isinstance(after, ForwardSale)
        keep(world, diary, after, E.LATE)
    elif found.state is S.HINDERED:
        _at_benchmark(world, diary, found, at)
    else:
        fail(world, diary, found, E.LATE, at)
