"""Energy of a deal that was not delivered: who failed says so, and owes what those who were to get it pay for it.

A deal is firm: what was matched is billed, whatever is taken. So who is short of it has paid for it, at the price of
his node, and gets just that back from who failed, seller or carrier, by a bill like any other of the deal. What is
more than that no term of a deal says. Nobody is bound by another's word: the order is of who failed.
"""

from typing import Annotated

from msgspec import Meta, Struct

from steelyard.flows import energy_bill, energy_deal
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Id16
from steelyard.flows.world import World
from steelyard.market.energy.deals import Deal, DealEvent, DealState, Served, Shortfall
from steelyard.market.energy.supplies import month_begins
from steelyard.market.refusals.energy import EnergyRefusal as No
from steelyard.members.refusals import MemberRefusal
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant

WHAT = "shortfall"


class ShortFields(Struct, array_like=True, frozen=True, gc=False):
    """So many whole units that the sender has failed to bring to a node of a deal."""

    match_id: Id16
    node: Annotated[str, Meta(max_length=35)]
    quantity: Annotated[int, Meta(ge=1, lt=10**15)]


def report(world: World, command: Command, fields: ShortFields, at: Instant) -> Outcome:
    """Report what one has failed to deliver by a deal: it is billed at once."""
    deal = world.deals.live.get(fields.match_id)
    if deal is None or command.sender not in deal.parties:
        return refused(No.DEAL_NOT_FOUND)
    if deal.state not in (DealState.AGREED, DealState.BILLED):
        return refused(No.DEAL_STATE_FORBIDS)
    if not world.members.participants[command.sender].sends:
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    served = _served(deal, fields)
    if served is None or served.owner == command.sender or at < month_begins(served.month):
        return refused(No.SHORTFALL_OUT_OF_RANGE)
    before = sum(one.quantity for one in deal.shortfalls if one.node == fields.node)
    minor = served.worth(fields.quantity)
    if fields.quantity > served.quantity - before or minor >= AMOUNT_END:
        return refused(No.SHORTFALL_OUT_OF_RANGE)
    if not world.deals.has_room():
        return refused(No.TOO_MANY_SUPPLIES)
    diary = Diary()
    deal.shortfalls = (*deal.shortfalls, Shortfall(fields.node, command.sender, fields.quantity, minor))
    energy_deal.go(world, diary, deal, DealEvent.SHORT, at)
    if minor:
        energy_bill.issue(
            world, diary,
            energy_bill.new_bill(
                world, deal.match_id, WHAT, served.month, debtor=command.sender, creditor=served.owner,
                asset=deal.asset, amount_minor=minor, at=at,
            ),
        )  # fmt: skip
    return diary.done()


def over_line(world: World, command: Command, fields: ShortFields) -> bool:
    """Say whether what a party will owe is above its line, so that two people must say so."""
    deal = world.deals.live.get(fields.match_id)
    found = world.members.participants.get(command.sender)
    served = _served(deal, fields) if deal is not None else None
    if deal is None or found is None or served is None:
        return False
    line = found.settings.lines_minor.get(deal.asset)
    return line is not None and served.worth(fields.quantity) > line


def _served(deal: Deal, fields: ShortFields) -> Served | None:
    return next((one for one in deal.served if one.node == fields.node), None)
