"""Receipts that a member in default has lodged: members bid for them, and what its losses need is sold to the best.

A bid is for a receipt whole, at a price a tonne in the currency in which the house counts it, and no less than that:
the loss is borne by others, who counted on it. Its bidder has the money when it bids and again when it is sold. They
are sold with the auction of the portfolio, once nothing of that is left, one by one in the order of their ids, each in
a call of its own, as far as the member owes more than its cash; title and money move in one bundle, the money onto its
margin account. What nobody bids for stays lodged, and may go to a sponsor (`clearing_receipts.py`).
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Annotated

from msgspec import Meta, Struct

from steelyard.engine.bundles import Leg
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import booking, clearing_loss, guard, parties, titles, valuing
from steelyard.flows import clearing_money as money
from steelyard.flows.clearing_facts import CollateralMoved, GoodsBidPut, GoodsSold
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Id16, Name
from steelyard.flows.world import World
from steelyard.liquidity.limits import NORMAL
from steelyard.market.clearing.collateral import Accepted, value
from steelyard.market.clearing.default import BIDS_MAX, OWN_BIDS_MAX, TAKES_BIDS, Bid, Case, GoodsBid, auction
from steelyard.market.clearing.house import PRICE_END
from steelyard.market.clearing.margin import up
from steelyard.market.receipts import Receipt, ReceiptEvent, ReceiptState
from steelyard.market.refusals.clearing import ClearingRefusal as No
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.market.rfq import amount_minor
from steelyard.members.state import OPERATOR
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

FLOW = "credit"


class BidFields(Struct, array_like=True, frozen=True, gc=False):
    """A bid for a receipt of a defaulter, whole, at so much a tonne of the currency in which the house counts it."""

    case_id: Id16
    receipt_id: Id16
    currency: Name
    price: Annotated[int, Meta(ge=1, lt=PRICE_END)]


def bidder_fault(world: World, bic: str, case: Case) -> No | None:
    """Say why somebody may not bid in a case now, for goods or lots."""
    member = world.clearing.members.get(bic)
    if member is None:
        return No.CLEARING_MEMBER_NOT_FOUND
    if member.suspended:
        return No.CLEARING_MEMBER_IS_SUSPENDED
    return None if case.state in TAKES_BIDS else No.CLEARING_STEP_HAS_NO_PLACE


def bid(world: World, command: Command, fields: BidFields, at: Instant) -> Outcome:
    """Bid for a receipt of a defaulter; a higher bid of one's own takes the place of the one before."""
    house, bic = world.clearing, command.sender
    case = next((one for one in house.cases.values() if one.case_id == fields.case_id), None)
    if case is None:
        return refused(No.CLEARING_CASE_UNKNOWN)
    barred = bidder_fault(world, bic, case)
    if barred is not None:
        return refused(barred)
    receipt = world.titles.get(fields.receipt_id)
    if isinstance(receipt, TitleRefusal):
        return refused(receipt)
    if receipt not in lodged(world, case.member, at):
        return refused(No.COLLATERAL_NOT_ACCEPTED)
    before = next(
        (one for one in case.goods if (one.member, one.receipt_id) == (bic, receipt.receipt_id)), None
    )
    others = [one for one in case.goods if one is not before]
    made = GoodsBid(case.bid_count + 1, bic, receipt.receipt_id, fields.price)
    if fields.currency != house.accepted[receipt.code].currency or fields.currency not in house.desks:
        return refused(No.CLEARING_BID_OUT_OF_RANGE)
    if fields.price < least(world, receipt) or (before is not None and before.price >= fields.price):
        return refused(No.CLEARING_BID_OUT_OF_RANGE)
    if len(others) >= BIDS_MAX or sum([one.member == bic for one in others]) >= OWN_BIDS_MAX:
        return refused(No.CLEARING_IS_FULL)
    no = _stop(world, [*others, made], made)
    if no is not None:
        return refused(no)
    case.bid_count += 1
    case.goods = [*others, made]
    diary = Diary()
    diary.fact(
        GoodsBidPut(
            case.case_id, made.number, bic, receipt.receipt_id, receipt.code, fields.currency, fields.price
        )
    )
    return diary.done()


def lodged(world: World, bic: str, at: Instant) -> list[Receipt]:
    """Give the receipts that a member has lodged and that can change hands, in the order of their ids."""
    accepted = world.clearing.accepted
    return [
        one
        for one in world.titles.of_holder(bic)
        if one.pledgee == OPERATOR
        and one.state is ReceiptState.PLEDGED
        and one.code in accepted
        and not 0 < one.valid_until <= at
    ]


def least(world: World, receipt: Receipt) -> int:
    """Give the least price a tonne that is bid for a receipt: for what the house counts it, rounded up."""
    terms = world.clearing.accepted[receipt.code]
    return up(Fraction(_counted(terms, receipt.kg) * 1_000, receipt.kg))


def _counted(terms: Accepted, kg: int) -> int:
    return value(terms, kg, currency=terms.currency, rate=1)


def sell(world: World, diary: Diary, case: Case, at: Instant) -> bool:
    """Sell lodged receipts as far as a member's losses need; tell whether more is needed and one is left."""
    for receipt in lodged(world, case.member, at):
        if _is_needed(world, case, receipt.code, at):
            _sell_one(world, diary, case, receipt, at)
    return any(_is_needed(world, case, one.code, at) for one in lodged(world, case.member, at))


def _is_needed(world: World, case: Case, code: str, at: Instant) -> bool:
    """Tell whether losses ask for more of the currency in which receipts of a class are sold."""
    asset, house = world.clearing.accepted[code].currency, world.clearing
    if asset not in house.desks:
        return False
    need = Fraction(0)
    for one in sorted(house.desks):
        short = clearing_loss.loss_of(world, case, one) - money.held(world, money.MARGIN, case.member, one)
        if one == asset:
            need += short
        elif short > 0:
            (found,) = valuing.values(world, [one], unit=asset, flow=FLOW, at=at).values()
            need += short * found.value if found.refusal is None and found.value is not None else 0
    return need > 0


def _sell_one(world: World, diary: Diary, case: Case, receipt: Receipt, at: Instant) -> None:
    """Sell a receipt to the best bid, of equals to the earlier; who cannot pay is passed over."""
    key, asset = receipt.receipt_id.hex(), world.clearing.accepted[receipt.code].currency
    target = money.account(world, money.MARGIN, case.member, asset)
    if not target and money.open_accounts(world, diary, (money.MARGIN,), case.member, asset) is None:
        target = money.account(world, money.MARGIN, case.member, asset)
    bids = [
        Bid(one.number, one.member, key, 1, one.price)
        for one in case.goods
        if one.receipt_id == receipt.receipt_id and one.price >= least(world, receipt)
    ]
    while bids and target:
        (sale,) = auction({key: 1}, bids, references={}, ticks={key: 1})
        minor = amount_minor(receipt.kg, sale.price)
        source = parties.settlement_account(world, sale.member, asset)
        stop = world.clearing.members[sale.member].suspended or not source
        legs = (Leg(source, target, minor),)
        if not stop and _hand_over(world, diary, receipt, sale.member, legs, at) is None:
            case.goods = [one for one in case.goods if one.receipt_id != receipt.receipt_id]
            bundle_id = booking.bundle_id(receipt.receipt_id, world.commands, at).to_bytes(16, "big")
            diary.fact(CollateralMoved(case.member, money.MARGIN, asset, minor, bundle_id))
            diary.fact(
                GoodsSold(
                    case.case_id, receipt.receipt_id, receipt.code, receipt.kg, sale.member, sale.price, asset, minor,
                    bundle_id,
                )
            )  # fmt: skip
            for owner in (case.member, sale.member, OPERATOR):
                diary.tell(
                    owner,
                    "clearing.receipt_sold",
                    case.case_id,
                    receipt.code,
                    receipt.kg,
                    sale.member,
                    asset,
                    minor,
                )
            return
        bids = [one for one in bids if one.member != sale.member]


def _hand_over(
    world: World, diary: Diary, receipt: Receipt, buyer: str, legs: tuple[Leg, ...], at: Instant
) -> Refusal | None:
    return titles.hand_over(world, diary, receipt, ReceiptEvent.INVOKED, buyer, at=at, money=legs)


def _stop(world: World, standing: Iterable[GoodsBid], made: GoodsBid) -> Refusal | None:
    """Say why a member cannot bid: it may not hold titles, or has not the money for all its bids of a currency."""
    accepted, bic = world.clearing.accepted, made.member
    if not (titles.is_active(world, bic) and titles.disposes(world, bic)):
        return TitleRefusal.RECEIPT_HOLDER_IS_NOT_ACTIVE
    receipts = world.titles.receipts
    asset, total = accepted[receipts[made.receipt_id].code].currency, 0
    for one in standing:
        receipt = receipts.get(one.receipt_id)
        if one.member == bic and receipt is not None and accepted[receipt.code].currency == asset:
            total += amount_minor(receipt.kg, one.price)
    source = parties.settlement_account(world, bic, asset)
    if not source or not 0 < total < AMOUNT_END:
        return No.CLEARING_BID_OUT_OF_RANGE
    return EngineRefusal.LIQUIDITY_IS_SHORT if guard.usable(world, source, NORMAL) < total else None
