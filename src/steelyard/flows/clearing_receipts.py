"""Warehouse receipts as collateral: lodged with the house, given back, or taken from a member in default.

A lodged receipt stays its holder's, pledged to the operator; no title moves, and only the flows of this file end the
pledge. One that is locked for a delivery is owed already and is not taken. What of a member in default no auction has
sold (`clearing_goods.py`) is seized: it goes to the sponsor of a desk, who sells it by hand.
"""

from msgspec import Struct, structs

from steelyard.flows import clearing_cover, clearing_fund, titles
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Id16, Name
from steelyard.flows.world import World
from steelyard.market.clearing.collateral import RECEIPT
from steelyard.market.receipts import Receipt, ReceiptEvent, ReceiptState, moved
from steelyard.market.refusals.clearing import ClearingRefusal as No
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.members.state import OPERATOR
from steelyard.values.instants import Instant


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """Which receipt."""

    receipt_id: Id16


class SeizeFields(Struct, array_like=True, frozen=True, gc=False):
    """Which receipt of a member in default, and the currency whose sponsor takes it."""

    receipt_id: Id16
    asset: Name


def lodge(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Lodge an own receipt of a class that the house takes."""
    if command.sender not in world.clearing.members:
        return refused(No.CLEARING_MEMBER_NOT_FOUND)
    held = titles.own(world, command.sender, fields.receipt_id)
    if isinstance(held, TitleRefusal):
        return refused(held)
    if held.state is ReceiptState.LOCKED:
        return refused(No.COLLATERAL_IS_LOCKED)
    accepted = world.clearing.accepted.get(held.code)
    if accepted is None or accepted.kind != RECEIPT:
        return refused(No.COLLATERAL_NOT_ACCEPTED)
    after = moved(held, ReceiptEvent.PLEDGED)
    if isinstance(after, TitleRefusal):
        return refused(after)
    diary = Diary()
    titles.keep(world, diary, structs.replace(after, pledgee=OPERATOR), ReceiptEvent.PLEDGED, at=at)
    return diary.done()


def give_back(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """End the pledge of an own receipt, where what is left covers what is required."""
    held = titles.own(world, command.sender, fields.receipt_id)
    if isinstance(held, TitleRefusal):
        return refused(held)
    if held.pledgee != OPERATOR or held.state is not ReceiptState.PLEDGED:
        return refused(No.COLLATERAL_NOT_ACCEPTED)
    house, bic = world.clearing, command.sender
    if bic in house.members and (
        clearing_fund.bound(world, bic) is not None
        or clearing_cover.is_short(world, bic, at, less={held.code: held.kg})
    ):
        return refused(No.COLLATERAL_IS_NEEDED)
    after = moved(held, ReceiptEvent.RELEASED)
    assert isinstance(after, Receipt)
    diary = Diary()
    titles.keep(world, diary, after, ReceiptEvent.RELEASED, at=at)
    return diary.done()


def seize(world: World, command: Command, fields: SeizeFields, at: Instant) -> Outcome:
    """Hand a lodged receipt of a member in default to the sponsor of a desk."""
    held = world.titles.get(fields.receipt_id)
    desk = world.clearing.desks.get(fields.asset)
    if isinstance(held, TitleRefusal):
        return refused(held)
    if desk is None:
        return refused(No.CLEARING_NOT_SET_UP)
    if held.holder not in world.clearing.cases:
        return refused(No.CLEARING_CASE_UNKNOWN)
    if held.pledgee != OPERATOR or held.state is not ReceiptState.PLEDGED:
        return refused(No.COLLATERAL_NOT_ACCEPTED)
    diary = Diary()
    refusal = titles.hand_over(world, diary, held, ReceiptEvent.INVOKED, desk.sponsor, at=at)
    if refusal is not None:
        return refused(refusal)
    diary.tell(desk.sponsor, "clearing.receipt_seized", held.receipt_id, held.code, held.kg, held.holder)
    return diary.done()
