"""Keeping a bill of lading with its fact, for the flows of bills and those of deliveries."""

from steelyard.corridor.bill_of_lading import Bill, BillEvent
from steelyard.flows.corridor_facts import BillMoved
from steelyard.flows.diary import Diary
from steelyard.flows.world import World


def keep_bill(world: World, diary: Diary, bill: Bill, event: BillEvent, *, document: bytes = b"") -> None:
    """Keep a bill as it is now; the fact has all that its link covers, so that anybody can follow the chain."""
    world.voyages.put_bill(bill)
    diary.fact(
        BillMoved(
            bill.bill_id, bill.voyage_id, bill.carrier, bill.holder, bill.pledgee, bill.cargo, bill.kg, event.value,
            bill.state.value, bill.links, bill.chain, document,
        )
    )  # fmt: skip
