"""What must hold of titles at any moment: receipts and accounts say the same, and every lock serves something alive.

Pure functions over a World, as in `sweeps.py`.
"""

from steelyard.corridor.bill_of_lading import BillState
from steelyard.engine.bundles import Kind
from steelyard.flows.world import World
from steelyard.market.deliveries import Delivery
from steelyard.market.delivery import AUCTIONS, DeliveryState
from steelyard.market.receipts import ReceiptState
from steelyard.market.titles import PURPOSE

BEFORE = frozenset(DeliveryState) - {
    DeliveryState.SETTLED,
    DeliveryState.LOADING,
    DeliveryState.LOADED,
    DeliveryState.CLOSED,
    DeliveryState.CANCELLED,
}
"""The states in which a delivery locks its goods, once they are named."""


def receipts_are_on_accounts(world: World) -> str | None:
    """Say whose receipts of a class do not sum to what is on his account, or nothing."""
    sums: dict[tuple[str, str], int] = {}
    for receipt in world.titles.receipts.values():
        if receipt.kg != sum(kg for kg, _ in receipt.layers):
            return f"receipt {receipt.receipt_id.hex()}: its goods are not what it is for"
        if receipt.is_live:
            place = receipt.holder, receipt.code
            sums[place] = sums.get(place, 0) + receipt.kg
    booked: dict[tuple[str, str], int] = {}
    for purpose, owner, code, account_no in world.members.accounts.rows():
        if purpose == PURPOSE:
            booked[owner, code] = world.engine.balance(account_no).balance
    for place in sorted({*sums, *booked}):
        if sums.get(place, 0) != booked.get(place, 0) or sums.get(place, 0) != world.titles.held_kg(*place):
            return f"{'/'.join(place)}: {sums.get(place, 0)} kg on receipts, {booked.get(place, 0)} on the account"
    return None


def locks_are_named(world: World) -> str | None:
    """Say which goods are locked for no delivery or answer to a request, or which of these has not locked its goods."""
    locked: dict[bytes, bytes] = {}
    for receipt in world.titles.receipts.values():
        state = receipt.before if receipt.state is ReceiptState.FROZEN else receipt.state
        if state is ReceiptState.LOCKED:
            locked[receipt.receipt_id] = receipt.bound_to
    for bill in world.voyages.bills.values():
        if bill.state is BillState.LOCKED:
            locked[bill.bill_id] = bill.bound_to
    named = {
        goods: delivery.delivery_id
        for delivery in world.deliveries.each()
        if delivery.state in BEFORE
        for goods in (*delivery.receipts, *((delivery.bill,) if delivery.bill else ()))
    }
    named |= {
        receipt_id: delivery.delivery_id
        for delivery in world.deliveries.each()
        if delivery.auction is not None
        for one in delivery.auction.offers
        for receipt_id in one.receipts
    }
    named |= {receipt_id: due.trade_id for due in world.due_trades.each() for receipt_id in due.receipts}
    named |= {
        answer.receipt_id: answer.answer_id
        for asked in world.rfqs.live.values()
        for answer in asked.answers
        if answer.receipt_id
    }
    if locked == named:
        return None
    odd = sorted(set(locked.items()) ^ set(named.items()))[0]
    return f"goods {odd[0].hex()}: locked for one delivery or answer and named by another, or by none"


def deliveries_hold_their_money(world: World) -> str | None:
    """Say which money is set aside for no delivery or trade, or which of these names money that is not; or nothing."""
    held = {number for number, one in world.engine.reservations.items() if one.kind == Kind.DVP}
    named = {int.from_bytes(one.reservation, "big") for one in world.deliveries.each() if one.reservation}
    named |= {int.from_bytes(due.trade_id, "big") for due in world.due_trades.each()}
    if held != named:
        return f"reservation {min(held ^ named):032x}: no delivery names it, or it is not there"
    for delivery in world.deliveries.each():
        fault = _money_is_wrong(delivery)
        if fault:
            return f"delivery {delivery.delivery_id.hex()}: {fault}"
    return None


def _money_is_wrong(delivery: Delivery) -> str:
    """Say why a delivery should hold no money, or nothing: only a dispute keeps what was set aside."""
    kept = (DeliveryState.DISPUTED, DeliveryState.FORCE_MAJEURE)
    if (delivery.auction is not None) != (delivery.state in AUCTIONS):
        return f"an auction in {delivery.state.value}, or none in it"
    if delivery.reservation and delivery.state not in kept:
        return f"money is set aside in {delivery.state.value}"
    return ""


SWEEPS = (receipts_are_on_accounts, locks_are_named, deliveries_hold_their_money)
