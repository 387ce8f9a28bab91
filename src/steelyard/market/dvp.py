"""Goods against money: the title legs of receipts and the money legs that belong to them, in one bundle.

Whatever stops a leg (money that is short, a block, a freeze, a receipt that is pledged) leaves everything as it was:
the engine checks all legs before it books one, and the register follows only what the engine has booked.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.state import Engine
from steelyard.market.receipts import Receipt, ReceiptEvent, moved
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.market.titles import Titles
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

Account = Callable[[str, str], int]
"""Gives the account of titles of an owner in a class, or 0."""


class Deal(Struct, frozen=True):
    """What goes against what. `money` are legs in the order in which they are checked, the buyer's first.

    `event` is how the receipts leave their holder: sold from hand, delivered from a lock, traded from an order.
    """

    receipts: tuple[bytes, ...]
    seller: str
    buyer: str
    money: tuple[Leg, ...]
    event: ReceiptEvent = ReceiptEvent.TRANSFERRED


def title_legs(titles: Titles, deal: Deal, account: Account) -> list[Leg] | TitleRefusal:
    """Give the legs that move the receipts of a deal to its buyer, one for each class, in their order."""
    sums: dict[str, int] = {}
    for receipt_id in deal.receipts:
        receipt = titles.get(receipt_id)
        if isinstance(receipt, TitleRefusal):
            return receipt
        if receipt.holder != deal.seller:
            return TitleRefusal.RECEIPT_IS_ANOTHERS
        after = moved(receipt, deal.event)
        if isinstance(after, TitleRefusal):
            return after
        sums[receipt.code] = sums.get(receipt.code, 0) + receipt.kg
    return [Leg(account(deal.seller, code), account(deal.buyer, code), sums[code]) for code in sorted(sums)]


def exchange(
    engine: Engine,
    titles: Titles,
    deal: Deal,
    account: Account,
    *,
    number: int,
    authority: Sequence[int],
    at: Instant,
    releasing: Sequence[int] = (),
) -> Refusal | None:
    """Book a deal as bundle `number` and hand its receipts over, or say what stands in the way: then nothing is done.

    `releasing` are reservations that hold the money; they end in the same act, and stay if there is none.
    """
    made = title_legs(titles, deal, account)
    if isinstance(made, TitleRefusal):
        return made
    bundle = Bundle(number, Kind.DVP, (*deal.money, *made), reference=number)
    act = engine.move(bundle, authority=authority, releasing=releasing, at=at)
    if act.refusal is None:
        for receipt_id in deal.receipts:
            titles.put(given(titles.receipts[receipt_id], deal.event, deal.buyer))
    return act.refusal


def given(receipt: Receipt, event: ReceiptEvent, holder: str) -> Receipt:
    """Give a receipt in the hands of another; the caller has checked that the event has its place."""
    after = moved(receipt, event)
    assert isinstance(after, Receipt), after
    return Receipt(
        after.receipt_id, after.code, holder, after.kg, after.layers, after.state,
        valid_until=after.valid_until, documents=after.documents,
    )  # fmt: skip
