"""A defaulter's cash in other currencies, turned into that of his loss at firm quotes, before others bear anything.

What he has as margin in a currency bears his own loss there first; what is left of it is free. Currencies go by name,
quotes by their rate: that of the market's board, best first. Each exchange is one bundle of its own, his margin to the
provider and the provider's money to his margin, and rounds once, by the quote's own rule, on what he pays. No more is
exchanged than the loss needs. No quote counts of his own group, nor one that is a tenth worse than the reference rate,
where there is one. What no quote takes stays his, on his margin account, and the operator is told.
"""

from fractions import Fraction

from steelyard.flows import clearing_money as money
from steelyard.flows import counting, market_book, market_money, parties, valuing
from steelyard.flows.clearing_facts import CashConverted
from steelyard.flows.diary import Diary
from steelyard.flows.world import World
from steelyard.market.clearing.collateral import CASH
from steelyard.market.clearing.default import Case, Converted
from steelyard.market.cross.quotes import UNBOUNDED, FirmQuote
from steelyard.members.state import OPERATOR
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant

WORST = Fraction(9, 10)
"""How much of what the reference rate says a quote gives at least"""


def into(
    world: World, diary: Diary, case: Case, asset: str, loss: int, bound: dict[str, int], at: Instant
) -> None:
    """Bring a defaulter's margin in a currency up to its loss there; `bound` is what its other losses need, by name."""
    house = world.clearing
    need = loss - money.held(world, money.MARGIN, case.member, asset)
    for source in sorted({*house.desks, *house.accepted}):
        terms = house.accepted.get(source)
        if need <= 0 or source == asset or (terms is not None and terms.kind != CASH):
            continue
        free = money.held(world, money.MARGIN, case.member, source) - bound.get(source, 0)
        least = _least(world, source, asset, at)
        for quote in list(world.books.quotes.pair(source, asset)):
            if need <= 0 or free <= 0 or quote.den < least * quote.num:
                break
            sold, paid = fit(quote, need, free)
            if paid and at < quote.valid_until and _exchange(world, diary, case, quote, sold, paid, at):
                need, free = need - sold, free - paid
        if need > 0 and free > 0:
            diary.tell(OPERATOR, "clearing.cash_is_left", case.case_id, case.member, source, free)


def _least(world: World, source: str, asset: str, at: Instant) -> Fraction:
    """Give the least that a quote gives for a minor unit: of what a usable reference rate says, else anything."""
    found = valuing.values(world, [source], unit=asset, flow="credit", at=at)[source]
    return WORST * found.value if found.refusal is None and found.value is not None else Fraction(0)


def fit(quote: FirmQuote, need: int, free: int) -> tuple[int, int]:
    """Give how much a quote sells towards what is needed, and what that costs of what is free; 0, 0 for nothing.

    >>> one = FirmQuote(1, "P", "NOR", "SUD", 3, 2, 1_000, UNBOUNDED, 0)
    >>> fit(one, 300, 10_000), fit(one, 5_000, 10_000), fit(one, 300, 100), fit(one, 300, 1)
    ((300, 450), (1000, 1500), (67, 100), (1, 2))
    """
    sold = min(need, AMOUNT_END - 1)
    if quote.sell_left != UNBOUNDED:
        sold = min(sold, quote.sell_left)
    most = min(free, AMOUNT_END - 1)
    if quote.buy_left != UNBOUNDED:
        most = min(most, quote.buy_left)
    if quote.bought(sold) > most:
        sold = min(sold, quote.sold(most))
        while sold > 0 and quote.bought(sold) > most:
            sold -= 1
    paid = quote.bought(sold) if sold > 0 else 0
    return (sold, paid) if paid else (0, 0)


def _exchange(
    world: World, diary: Diary, case: Case, quote: FirmQuote, sold: int, paid: int, at: Instant
) -> bool:
    """Exchange by a quote, both legs or none; tell whether it was booked."""
    member, provider = case.member, quote.provider
    one, other = counting.sides(world, member, provider)
    if one == other or not world.members.participants[provider].sends:
        return False
    legs = [
        (
            money.account(world, money.MARGIN, member, quote.buy),
            parties.provider_account(world, provider, quote.buy),
            paid,
        ),
        (
            market_money.account(world, provider, quote.sell),
            money.account(world, money.MARGIN, member, quote.sell),
            sold,
        ),
    ]
    act, bundle_id = money.book(
        world, legs, subject=case.case_id, what=f"convert {quote.quote_no} {sold} {paid}", at=at, owners=[provider]
    )  # fmt: skip
    if act.refusal is not None:
        return False
    world.books.quotes.use(quote, sold, paid)
    world.books.bind(provider, quote.sell, -sold)
    market_book.tell_quote(world, diary, quote, "used")
    world.queues.push_all([legs[0][1]])
    case.converted = [*case.converted, Converted(quote.buy, paid, quote.sell, sold, provider)]
    key = world.books.quote_keys[quote.quote_no]
    diary.fact(
        CashConverted(case.case_id, member, quote.buy, paid, quote.sell, sold, provider, key, bundle_id)
    )
    diary.tell(provider, "clearing.cash_converted", case.case_id, quote.buy, paid)
    return True
