"""Which quotes answer a request, best first: by the whole result for the customer.

Fixed send: the largest amount that arrives. Fixed receive: the smallest amount that leaves. Ties go to the
earlier sheet, then to the provider's name. A path over a third asset by two providers is offered only where
no provider quotes the pair, or where it beats the best of those by the rulebook's margin; the customer's
amount is then computed end to end and rounded once, while what moves between the two providers is an integer
of its own.

The result is that of trying every sheet and every pair of sheets; the board's bounds only skip paths that
cannot win (`tests/properties/test_payments_quotes.py` holds it to brute force).
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from steelyard.fx.board import Board
from steelyard.fx.quotes import Hop
from steelyard.fx.sheets import BP, Sheet, Tier, back_mode, receive, send
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant
from steelyard.values.rate import fit, rounded

Room = Callable[[Sheet], int]


class Request(NamedTuple):
    """What is asked. `gross_minor` counts before fees are taken from it and chooses the tier."""

    source: str
    target: str
    fixed_send: bool
    amount_minor: int
    gross_minor: int
    service: int
    kind: int


class Offer(NamedTuple):
    """One way to do it: what is sold and bought in all, the ratio, the exchanges and their sheets."""

    sold_minor: int
    bought_minor: int
    num: int
    den: int
    hops: tuple[Hop, ...]
    sheets: tuple[Sheet, ...]


_Priced = tuple[int, int, str, int, int, Tier, Sheet]
"""Result, then what breaks a tie; then sold, bought, tier and sheet."""


class Best(NamedTuple):
    """The answer: offers best first, and whether any was left out only because its provider lacks money."""

    offers: list[Offer]
    out_of_funds: bool


def best(request: Request, board: Board, room: Room, *, at: Instant, path_bp: int, limit: int = 10) -> Best:
    """Rank what the sheets in force at `at` offer; `room` gives what a sheet's provider may still promise."""
    short = False
    direct: list[Offer] = []
    for _, _, _, sold, bought, tier, sheet in _priced(
        request, board.pair(request.source, request.target), at
    ):
        if room(sheet) >= bought:
            direct.append(_single(sheet, sold, bought, tier))
            if len(direct) == limit:
                break
        else:
            short = True
    paths, lacking = _paths(request, board, room, at, direct[0] if direct else None, path_bp)
    if paths:
        direct = sorted(direct + paths, key=lambda offer: _key(request, offer))[:limit]
    return Best(direct, short or lacking)


def _key(request: Request, offer: Offer) -> tuple[int, int, tuple[tuple[int, str], ...]]:
    result = -offer.bought_minor if request.fixed_send else offer.sold_minor
    return result, len(offer.hops), tuple([(sheet.entered, sheet.provider) for sheet in offer.sheets])


def _serves(request: Request, sheet: Sheet, at: Instant) -> bool:
    return (
        sheet.valid_from <= at < sheet.valid_until
        and bool(sheet.services >> request.service & 1)
        and bool(sheet.kinds >> request.kind & 1)
    )


def _priced(request: Request, sheets: list[Sheet], at: Instant) -> list[_Priced]:
    """Price a request by each sheet of its pair, best first: a provider has one sheet of a pair."""
    amount, gross, fixed_send = request.amount_minor, request.gross_minor, request.fixed_send
    service, kind = request.service, request.kind
    priced: list[_Priced] = []
    for sheet in sheets:
        if not (
            sheet.valid_from <= at < sheet.valid_until
            and sheet.services >> service & 1
            and sheet.kinds >> kind & 1
        ):
            continue
        if fixed_send:
            answer = send(sheet, gross, amount)
            if answer is not None:
                priced.append((-answer[0], sheet.entered, sheet.provider, amount, *answer, sheet))
        else:
            answer = receive(sheet, amount)
            if answer is not None:
                sold, tier = answer
                priced.append((sold, sheet.entered, sheet.provider, sold, amount, tier, sheet))
    if len(priced) > 1:
        priced.sort()
    return priced


def _single(sheet: Sheet, sold: int, bought: int, tier: Tier) -> Offer:
    """Make the offer of one exchange."""
    hop = Hop(
        sheet.provider, sheet.sell, sheet.buy, sold, bought, tier.num, tier.den, sheet.rounding, sheet.version
    )
    return Offer(sold, bought, tier.num, tier.den, (hop,), (sheet,))


def _paths(
    request: Request, board: Board, room: Room, at: Instant, direct: Offer | None, path_bp: int
) -> tuple[list[Offer], bool]:
    """Give the paths worth offering, and whether one failed for lack of money alone."""
    found: list[Offer] = []
    short = False
    for num, den, via in board.paths(request.source, request.target):
        if direct is not None and not _could_beat(request, num, den, direct, path_bp):
            break
        for offer in _over(request, board, via, at, direct, path_bp):
            first, second = offer.hops
            if room(offer.sheets[0]) >= first.bought_minor and room(offer.sheets[1]) >= second.bought_minor:
                found.append(offer)
            else:
                short = True
    return found, short


def _could_beat(request: Request, num: int, den: int, direct: Offer, path_bp: int) -> bool:
    """Tell whether a path of ratio num / den could reach the margin; a unit of rounding is allowed for."""
    if request.fixed_send:
        return (direct.sold_minor * num // den + 1) * BP >= direct.bought_minor * (BP + path_bp)
    return (direct.bought_minor * den // num - 1) * (BP + path_bp) <= direct.sold_minor * BP


def _over(
    request: Request, board: Board, via: str, at: Instant, direct: Offer | None, path_bp: int
) -> Iterator[Offer]:
    """Price a request over one third asset, by every two different providers that beat the direct way."""
    firsts = [sheet for sheet in board.pair(request.source, via) if _serves(request, sheet, at)]
    seconds = [sheet for sheet in board.pair(via, request.target) if _serves(request, sheet, at)]
    if not firsts or not seconds:
        return iter(())
    if request.fixed_send:
        least = 1 if direct is None else -(-direct.bought_minor * (BP + path_bp) // BP)
        return _send_over(request, firsts, seconds, least)
    most = AMOUNT_END - 1 if direct is None else direct.sold_minor * BP // (BP + path_bp)
    return _receive_over(request, firsts, seconds, most)


def _send_over(request: Request, firsts: list[Sheet], seconds: list[Sheet], least: int) -> Iterator[Offer]:
    amount = request.amount_minor
    for first in firsts:
        one = send(first, request.gross_minor, amount)
        if one is None:
            continue
        middle, tier = one
        for second in seconds:
            if first.provider == second.provider:
                continue
            two = send(second, middle, middle)
            if two is None:
                continue
            num, den = tier.num * two[1].num, tier.den * two[1].den
            bought = rounded(amount * num, den, second.rounding)
            if least <= bought < AMOUNT_END:
                yield _joined(first, second, (amount, middle, bought), (tier, two[1]), num, den)


def _receive_over(request: Request, firsts: list[Sheet], seconds: list[Sheet], most: int) -> Iterator[Offer]:
    amount = request.amount_minor
    for second in seconds:
        two = receive(second, amount)
        if two is None or two[0] >= AMOUNT_END:
            continue
        middle, tier = two
        for first in firsts:
            if first.provider == second.provider:
                continue
            one = receive(first, middle)
            if one is None:
                continue
            num, den = one[1].num * tier.num, one[1].den * tier.den
            sold = rounded(amount * den, num, back_mode(first.rounding))
            if 0 < sold <= most:
                yield _joined(first, second, (sold, middle, amount), (one[1], tier), num, den)


def _joined(
    first: Sheet, second: Sheet, amounts: tuple[int, int, int], tiers: tuple[Tier, Tier], num: int, den: int
) -> Offer:
    """Make the offer of two exchanges from its three amounts."""
    sold, middle, bought = amounts
    one, two = tiers
    hops = (
        Hop(
            first.provider, first.sell, first.buy, sold, middle, one.num, one.den, first.rounding, first.version
        ),
        Hop(
            second.provider, second.sell, second.buy, middle, bought, two.num, two.den, second.rounding,
            second.version,
        ),
    )  # fmt: skip
    return Offer(sold, bought, *fit(num, den), hops, (first, second))
