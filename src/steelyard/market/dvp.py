"""Goods against money: the title legs of receipts and the money legs that belong to them, in one bundle.

Everything is set aside first and then booked from there, whole. Whatever stops a leg (money that is short, a block, a
freeze, a receipt that is pledged) leaves everything as it was.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.legs import Act
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
    buyer: str
    money: tuple[Leg, ...]
    event: ReceiptEvent = ReceiptEvent.TRANSFERRED


def title_legs(titles: Titles, deal: Deal, account: Account) -> list[Leg] | TitleRefusal:
    """Give the legs that move the receipts of a deal to its buyer, one for each holder and class, in order."""
    sums: dict[tuple[str, str], int] = {}
    for receipt_id in deal.receipts:
        receipt = titles.get(receipt_id)
        if isinstance(receipt, TitleRefusal):
            return receipt
        after = moved(receipt, deal.event)
        if isinstance(after, TitleRefusal):
            return after
        key = receipt.holder, receipt.code
        sums[key] = sums.get(key, 0) + receipt.kg
    return [
        Leg(account(holder, code), account(deal.buyer, code), kg)
        for (holder, code), kg in sorted(sums.items())
    ]


def reserve(
    engine: Engine,
    titles: Titles,
    deal: Deal,
    account: Account,
    *,
    number: int,
    authority: Sequence[int],
    at: Instant,
    deadline_at: Instant = 0,
    releasing: Sequence[int] = (),
) -> Refusal | None:
    """Set all legs of a deal aside under a bundle id, or say what stands in the way; nothing is set aside then."""
    made = title_legs(titles, deal, account)
    if isinstance(made, TitleRefusal):
        return made
    bundle = Bundle(number, Kind.DVP, (*deal.money, *made), reference=number, deadline_at=deadline_at)
    return engine.reserve(bundle, authority=authority, releasing=releasing, at=at).refusal


def settle(engine: Engine, titles: Titles, deal: Deal, *, number: int, at: Instant) -> Act:
    """Book what a deal has set aside, whole, and let its receipts go to the buyer."""
    act = engine.settle(number, at=at)
    if act.refusal is None:
        for receipt_id in deal.receipts:
            titles.put(given(titles.receipts[receipt_id], deal.event, deal.buyer))
    return act


def exchange(
    engine: Engine,
    titles: Titles,
    deal: Deal,
    account: Account,
    *,
    number: int,
    authority: Sequence[int],
    at: Instant,
) -> Refusal | None:
    """Settle a deal at once: all of it, or nothing and why not."""
    refusal = reserve(engine, titles, deal, account, number=number, authority=authority, at=at)
    if refusal is not None:
        return refusal
    act = settle(engine, titles, deal, number=number, at=at)
    if act.refusal is not None:
        engine.release(number, at=at)
    return act.refusal


def given(receipt: Receipt, event: ReceiptEvent, holder: str) -> Receipt:
    """Give a receipt in the hands of another; the caller has checked that the event has its place."""
    after = moved(receipt, event)
    assert isinstance(after, Receipt), after
    return Receipt(
        after.receipt_id, after.code, holder, after.kg, after.layers, after.state,
        valid_until=after.valid_until, documents=after.documents,
    )  # fmt: skip
