"""The fixing: at its time of day the machine makes every benchmark, index and curve of the day by itself.

What baskets are worth is taken once, as the fixing begins; then the series are made, a few with each tick: benchmarks,
then indices, then curves. A day that has too little is published as one without a value, with the reason. A node that
was down makes the last day whose time has come; days before that stay without a price.

A curve that stands is drawn anew when a month settles, or is corrected, after it; where all months have settled before
the fixing it is drawn with the last of them.
"""

from fractions import Fraction
from hashlib import sha256

import msgspec

from steelyard.flows import benchmark_day, counting, market_rules
from steelyard.flows.diary import Diary
from steelyard.flows.price_telling import Unit, tell, whole_of
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.market.assessment import Assessed, Rung
from steelyard.market.assessment import Day as Data
from steelyard.market.basis import UNIT_MINOR, Basis
from steelyard.market.benchmark import in_currencies
from steelyard.market.books import Listing, Way
from steelyard.market.curve import CurvePoint, forward_curve
from steelyard.market.indices import IndexTerms, index
from steelyard.market.otc import DAYS_KEPT
from steelyard.market.prices import CURVE, FIXED_KEPT, Fixing, Price, Series
from steelyard.market.refusals.prices import PriceRefusal as No
from steelyard.members import rulebook
from steelyard.values.instants import DAY, MILLISECOND, Day, Instant

STEP = 2_000
"""Trades and orders that one tick looks at, so that nothing else waits long; a series counts as `EACH` more"""
EACH = 100
SUBJECT = b"fixing"
KINDS = ("benchmark", "index", "curve")
REMADE = ("trades", "otc")
ALONG = "related"
Worths = dict[str, Fraction]


def plan(world: World, at: Instant) -> None:
    """Set the clock to the next fixing, or to where its time of day changes."""
    if not any(one.methods[-1].basis.kind for one in world.prices.series.values()):
        return
    time = market_rules.rules(world, at).fixing_ms * MILLISECOND
    due = at // DAY * DAY + time
    due = due if due > at else due + DAY
    changes = [one.in_force_from for one in world.packs.versions(rulebook.KIND, rulebook.KIND)]
    due = min([due, *(one for one in changes if one > at)])
    if world.prices.fixing is None:
        if world.timers.at(TimerKind.PRICE_FIXING, SUBJECT) is None:
            world.prices.fixed_on = max(world.prices.fixed_on, counting.due_day(world, at))
        world.timers.set(due, TimerKind.PRICE_FIXING, SUBJECT)


def on_timer_fixing(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Begin the day's fixing, or go on with it."""
    prices = world.prices
    if prices.fixing is None:
        prices.fixing = _begun(world, at)
    fixing = prices.fixing
    if fixing is not None:
        looked = 0
        while fixing.left and looked < STEP:
            code = fixing.left.pop(0)
            make(world, diary, code, fixing.on, at, fixing)
            looked += EACH + _size(world, code, fixing.on)
        if fixing.left:
            world.timers.set(at, TimerKind.PRICE_FIXING, SUBJECT)
            return
        prices.fixing = None
        prices.fixed = [*prices.fixed, fixing][-FIXED_KEPT:]
        world.otc.forget(fixing.on - DAYS_KEPT)
    plan(world, at)


def _size(world: World, code: str, on: Day) -> int:
    """Count what a series looks at: kinds of trades, registered trades, and orders where those do not reach."""
    whole = whole_of(world, _basis(world.prices.series[code], on), on)
    made = sum([world.books.prints.kinds_on(one.code, on) for one in whole.sources])
    registered = sum([world.otc.count_on(one, on) for one in benchmark_day.goods_of(world, whole)])
    return made + registered + sum([benchmark_day.order_count(world, one.code) for one in whole.sources])


def _begun(world: World, at: Instant) -> Fixing | None:
    """Give the fixing that is due, or None where only its time of day has changed."""
    prices, on = world.prices, counting.due_day(world, at)
    if on <= prices.fixed_on:
        return None
    prices.fixed_on = on
    left: list[tuple[int, bool, str]] = []
    worths: dict[str, list[tuple[str, str]]] = {}
    for code, found in sorted(prices.series.items()):
        basis = _basis(found, on)
        last = found.last()
        if not basis.kind or (last is not None and last.on >= on):
            continue
        left.append((KINDS.index(basis.kind), bool(basis.related), code))
        basket = basket_of(world, basis, on)
        if basket and _name(basket) not in worths:
            rows = benchmark_day.worths(world, basket, at).items()
            worths[_name(basket)] = [(currency, str(worth)) for currency, worth in rows]
    return Fixing(on, at, [code for _, _, code in sorted(left)], world.books.prints.salt, worths)


def make(
    world: World, diary: Diary, code: str, on: Day, at: Instant, fixing: Fixing | None = None
) -> No | None:
    """Make and publish a series of a day, at the rates of a fixing or of now; or say why not."""
    found = world.prices.series[code]
    basis, method = _basis(found, on), found.method_on(on)
    if method is None or not basis.kind:
        return No.PRICE_SERIES_NOT_FOUND
    if basis.kind == CURVE:
        return draw(world, diary, code, on, at)
    basket = basket_of(world, basis, on)
    if fixing is not None:
        worths = {currency: Fraction(worth) for currency, worth in fixing.worths.get(_name(basket), [])}
    else:
        worths = benchmark_day.worths(world, basket, at)
    salt = fixing.salt if fixing is not None else world.books.prints.salt
    assessed = _assess(world, found, on, at, worths, salt)
    currencies: tuple[tuple[str, str], ...] = ()
    if assessed.value:
        worth_of = in_currencies(assessed.value, worths)
        currencies = tuple((currency, str(worth)) for currency, worth in worth_of.items())
    made = world.prices.publish(code, on, assessed, at=at, currencies=currencies)
    if isinstance(made, No):
        return made
    tell(world, diary, code, basis.kind, made, assessed.inputs, basis)
    return None


def again(world: World, diary: Diary, code: str, on: Day, at: Instant, why: str) -> None:
    """Make a day's benchmarks and indices anew from which a trade of an instrument was taken back after the fixing.

    At the rates of that fixing, as a further version. What rests on no trades, or was set by hand since, stands.
    """
    begun = [*world.prices.fixed, *filter(None, (world.prices.fixing,))]
    fixing = next((one for one in begun if one.on == on), None)
    if fixing is None:
        return
    for series, found in sorted(world.prices.series.items()):
        whole, versions = whole_of(world, _basis(found, on), on), found.day(on)
        last = versions[-1] if versions else None
        if last is None or last.source not in REMADE or code not in [one.code for one in whole.sources]:
            continue
        worths = {currency: Fraction(worth) for currency, worth in fixing.worths.get(_name(whole.basket), [])}
        assessed = _assess(world, found, on, at, worths, fixing.salt, stands=False)
        if assessed.value == last.value:
            continue
        worth_of = in_currencies(assessed.value, worths) if assessed.value else {}
        made = world.prices.correct(
            series, on, assessed.value, source=assessed.rung.name.lower(), digest=assessed.digest, at=at,
            reason=f"{why}; {assessed.reason}" if assessed.reason else why,
            currencies=tuple((currency, str(worth)) for currency, worth in worth_of.items()),
        )  # fmt: skip
        if isinstance(made, Price):
            basis = _basis(found, on)
            tell(world, diary, series, basis.kind, made, assessed.inputs, basis)


def _assess(
    world: World, found: Series, on: Day, at: Instant, worths: Worths, salt: bytes, *, stands: bool = True
) -> Assessed:
    """Work out a benchmark or index; firm quotes that stand are looked for only where trades do not reach."""
    method, basis = found.method_on(on), _basis(found, on)
    assert method is not None
    whole = whole_of(world, basis, on)
    terms = IndexTerms(found.code, basis.origin, basis.grade, method)
    before = found.before(on)
    previous = before.value if before is not None else ""
    move = _move(world, found, whole, worths, on)
    trades = benchmark_day.trades(world, whole, method, worths, on)
    data = Data(trades, (), previous, move, salt)
    assessed = index(data, terms, previous=previous, related_move=move)
    if stands and assessed.rung not in (Rung.TRADES, Rung.OTC):
        quotes = benchmark_day.quotes(world, whole, method, worths, at)
        data = msgspec.structs.replace(data, quotes=quotes)
        assessed = index(data, terms, previous=previous, related_move=move)
    rates = tuple((currency, str(worth)) for currency, worth in sorted(worths.items()))
    digest = sha256(msgspec.msgpack.encode([assessed.digest, basis, whole, rates])).digest()
    return msgspec.structs.replace(assessed, digest=digest)


def basket_of(world: World, basis: Basis, on: Day) -> tuple[tuple[str, int], ...]:
    """Give the basket whose unit a series is in: of a curve, a unit of its contract's currency."""
    if basis.kind != CURVE:
        return whole_of(world, basis, on).basket
    months = months_of(world, basis.contract)
    return ((months[0].instrument.currency, UNIT_MINOR),) if months else ()


def _move(world: World, found: Series, whole: Basis, worths: Worths, on: Day) -> str:
    """Give by how much the related series has moved since the value before was published, in the basket's unit.

    Nothing where it has no newer price, or where no rates lead to its currency; a price that itself only moved along
    is none. What was made at the same fixing as the value before was known to it, whichever came first.
    """
    basis, before = _basis(found, on), found.before(on)
    related = world.prices.series.get(basis.related)
    if before is None or related is None:
        return ""
    versions = found.day(before.on)
    assert versions is not None
    is_fixed = bool(_basis(related, on).kind)
    then = related.before(before.on + 1) if is_fixed else related.at_instant(versions[0].at)
    now = related.before(on + 1)
    if then is None or now is None or now.on <= then.on or ALONG in (then.source, now.source):
        return ""
    move = Fraction(now.value) - Fraction(then.value)
    listing = world.books.listings.get(basis.related)
    if listing is not None and listing.instrument.basket_holds == whole.basket:
        return str(move * Fraction(whole.unit_kg, listing.kg))
    if listing is None:
        other = whole_of(world, _basis(related, on), on)
        same = other.basket == whole.basket and other.unit_kg
        return str(move * Fraction(whole.unit_kg, other.unit_kg)) if same else ""
    worth = worths.get(listing.instrument.currency)
    return str(move * Fraction(whole.unit_kg, listing.kg) * worth**-1) if worth else ""


# the forward curve


def months_of(world: World, contract: str) -> list[Listing]:
    """Give the listed months of a cleared contract, in the order of their codes."""
    listings = world.books.listings
    return [
        listings[code]
        for code in sorted(listings)
        if listings[code].contract == contract and listings[code].way is Way.CLEARED
    ]


def draw(
    world: World, diary: Diary, code: str, on: Day, at: Instant, reason: str = "", *, whole: bool = False
) -> No | None:
    """Draw and publish a curve of a day; `whole`: only where every month has settled."""
    found = world.prices.series[code]
    method, basis = found.method_on(on), _basis(found, on)
    if method is None:
        return No.PRICE_SERIES_NOT_FOUND
    months = months_of(world, basis.contract)
    settled: dict[str, tuple[str, str]] = {}
    inputs: list[bytes] = []
    for listing in months:
        price = _settled(world, listing.instrument.code, on)
        if price is not None:
            settled[_month(listing)] = price.value, price.source
            inputs.append(price.digest)
    if whole and len(settled) < len(months):
        return None
    points = _points(months, settled)
    if len(settled) < method.participants_min:
        points, reason = (), f"{len(settled)} of {method.participants_min} months have settled"
    worths = benchmark_day.worths(world, basket_of(world, basis, on), at) if points else {}
    rates = tuple((currency, str(worth)) for currency, worth in sorted(worths.items()))
    digest = sha256(msgspec.msgpack.encode([method, basis, on, points, inputs, rates])).digest()
    made = world.prices.draw(code, on, points, digest=digest, at=at, reason=reason, currencies=rates)
    if isinstance(made, No):
        return made
    unit = Unit(months[0].instrument.currency, (), months[0].kg) if months else Unit()
    tell(world, diary, code, CURVE, made, tuple(inputs), unit=unit)
    return None


def redraw(world: World, diary: Diary, code: str, on: Day, at: Instant, why: str) -> None:
    """Let the curves of a contract follow a month that has settled, or was corrected."""
    listing = world.books.listings.get(code)
    if listing is None or listing.way is not Way.CLEARED:
        return
    for series, found in sorted(world.prices.series.items()):
        if _basis(found, on).contract == listing.contract:
            stands = found.day(on) is not None
            draw(world, diary, series, on, at, f"{code} {why}" if stands else "", whole=not stands)


def _points(months: list[Listing], settled: dict[str, tuple[str, str]]) -> tuple[tuple[str, str, str], ...]:
    curve: list[CurvePoint] = forward_curve([_month(one) for one in months], settled)
    return tuple((one.month, one.price, one.tier) for one in curve)


def _settled(world: World, code: str, on: Day) -> Price | None:
    """Give the newest version of a month's price of a day, where there is one."""
    series = world.prices.series.get(code)
    versions = series.day(on) if series is not None else None
    return versions[-1] if versions and versions[-1].value else None


def _month(listing: Listing) -> str:
    """Give the month of a listing: "YYYY-MM" at the end of its code, or its whole code."""
    code = listing.instrument.code
    year, _, month = code[-7:].partition("-")
    return code[-7:] if year.isdigit() and month.isdigit() and len(year) == 4 else code


def _basis(found: Series, on: Day) -> Basis:
    basis = found.basis_on(on)
    return basis.basis if basis is not None else Basis()


def _name(basket: tuple[tuple[str, int], ...]) -> str:
    return " ".join(f"{code}:{parts}" for code, parts in basket)
