"""The choice of quotes against brute force: every sheet and every two sheets, nothing skipped."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.fx.board import Board
from steelyard.fx.rank import Offer, Request, best
from steelyard.fx.sheets import Sheet, Tier
from steelyard.values.rate import Rounding

NOW = 1_000
ASSETS = ("EST", "NOR", "OST", "SUD")
PATH_BP = 5
Result = tuple[int, int, tuple[tuple[int, str], ...]]


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    base = draw(st.integers(1, 3_000))
    found = [Tier(0, base, 100)]
    for _ in range(draw(st.integers(0, 2))):
        last = found[-1]
        found.append(
            Tier(last.from_minor + draw(st.integers(1, 500)), last.num + draw(st.integers(0, 3)), 100)
        )
    return tuple(found)


@st.composite
def sheets(draw: st.DrawFn) -> list[Sheet]:
    made = []
    for entered in range(draw(st.integers(0, 9))):
        sell, buy = draw(st.permutations(ASSETS))[:2]
        made.append(
            Sheet(
                draw(st.sampled_from(["P1", "P2", "P3"])), sell, buy, draw(tiers()),
                draw(st.integers(1, 50)), draw(st.integers(400, 10**9)), 0, draw(st.sampled_from([NOW, NOW + 1])),
                rounding=draw(st.sampled_from(list(Rounding))), services=draw(st.sampled_from([1, 3])),
                entered=draw(st.integers(0, entered)),
            )
        )  # fmt: skip
    return made


def whole(value: Fraction, mode: Rounding) -> int:
    """Round as a person would with paper."""
    down = value.numerator // value.denominator
    rest = value - down
    if mode == Rounding.DOWN or rest == 0:
        return down
    if mode == Rounding.UP or rest > Fraction(1, 2):
        return down + 1
    return down if rest < Fraction(1, 2) or down % 2 == 0 else down + 1


def back(mode: Rounding) -> Rounding:
    return Rounding.UP if mode == Rounding.DOWN else mode


def rate_for_sale(sheet: Sheet, sold: int) -> Fraction | None:
    fits = [tier for tier in sheet.tiers if tier.from_minor <= sold]
    if not fits or not sheet.min_minor <= sold <= sheet.max_minor:
        return None
    return Fraction(fits[-1].num, fits[-1].den)


def price_of(sheet: Sheet, bought: int) -> tuple[int, Fraction] | None:
    for tier in sorted(sheet.tiers, key=lambda one: -one.from_minor):
        rate = Fraction(tier.num, tier.den)
        sold = whole(bought / rate, back(Rounding(sheet.rounding)))
        if sold >= tier.from_minor:
            return (sold, rate) if sold and sheet.min_minor <= sold <= sheet.max_minor else None
    return None


def chain(request: Request, line: tuple[Sheet, ...], rooms: dict[str, int]) -> Result | None:
    """Carry an amount over one or two sheets and give (result, hops, tie) where money and sheets allow."""
    factor, amount, needs = Fraction(1), request.amount_minor, []
    if request.fixed_send:
        for sheet in line:
            rate = rate_for_sale(sheet, amount)
            if rate is None:
                return None
            factor *= rate
            amount = whole(amount * rate, Rounding(sheet.rounding))
            if amount == 0:
                return None
            needs.append((sheet, amount))
        result = whole(request.amount_minor * factor, Rounding(line[-1].rounding))
        needs[-1] = (line[-1], result)
    else:
        for sheet in reversed(line):
            priced = price_of(sheet, amount)
            if priced is None:
                return None
            needs.append((sheet, amount))
            amount, rate = priced
            factor *= rate
        result = whole(request.amount_minor / factor, back(Rounding(line[0].rounding)))
    if result == 0 or any(rooms[sheet.provider] < need for sheet, need in needs):
        return None
    return (
        (-result if request.fixed_send else result),
        len(line),
        tuple((one.entered, one.provider) for one in line),
    )


def brute(request: Request, all_sheets: list[Sheet], rooms: dict[str, int]) -> list[Result]:
    """Try everything; keep paths only where no direct offer stands or they beat the best by the margin."""
    good = [one for one in all_sheets if one.valid_until > NOW and one.services >> request.service & 1]
    direct = [
        found
        for one in good
        if (one.sell, one.buy) == (request.source, request.target)
        and (found := chain(request, (one,), rooms))
    ]
    paths = [
        found
        for one in good
        for two in good
        if one.sell == request.source
        and one.buy == two.sell
        and two.buy == request.target
        and one.buy != request.target
        and one.provider != two.provider
        and (found := chain(request, (one, two), rooms))
    ]
    if direct:
        top = min(direct)[0]
        if request.fixed_send:
            paths = [one for one in paths if -one[0] * 10_000 >= -top * (10_000 + PATH_BP)]
        else:
            paths = [one for one in paths if one[0] * (10_000 + PATH_BP) <= top * 10_000]
    return sorted(direct + paths)[:10]


def shown(request: Request, offer: Offer) -> Result:
    result = -offer.bought_minor if request.fixed_send else offer.sold_minor
    return result, len(offer.hops), tuple((one.entered, one.provider) for one in offer.sheets)


@settings(max_examples=400, deadline=None)
@given(
    made=sheets(),
    amount=st.integers(1, 3_000),
    fixed_send=st.booleans(),
    service=st.sampled_from([0, 1]),
    rooms=st.fixed_dictionaries({name: st.sampled_from([0, 500, 10**9]) for name in ("P1", "P2", "P3")}),
)
def test_the_ranking_is_that_of_trying_everything(
    made: list[Sheet], amount: int, fixed_send: bool, service: int, rooms: dict[str, int]
) -> None:
    board = Board()
    for one in made:
        board.put(one)
    request = Request("NOR", "SUD", fixed_send, amount, amount, service, 0)
    found = best(request, board, lambda one: rooms[one.provider], at=NOW, path_bp=PATH_BP)

    assert brute(request, board.sheets(), rooms) == [shown(request, offer) for offer in found.offers]
