"""Any value in any field of any command of the market: a deed or a refusal without trace, and never an exception.

Each example runs a few commands over a market in which everything is under way, some through the door as their
sender, some as if two people had approved them.
"""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from steelyard.corridor.voyage import VoyageEvent
from steelyard.flows.command import NO_FIELDS, Code, Command, encode, raw
from steelyard.flows.order import OrderFields
from steelyard.flows.world import World
from steelyard.market.complaints import ComplaintEvent
from steelyard.market.orders import Side
from steelyard.values.instants import DAY, HOUR, MINUTE, SECOND
from tests.attack.drawn import Drawn
from tests.attack.fair import CLEARED, LINES, NUMBERS_HERE, SENDERS, Fair, fair, ids, words
from tests.flows.goods import BUYER, GRADE, RYE, SELLER, SITE
from tests.flows.haul import FOUND
from tests.flows.markets import SPOT, WIDE
from tests.flows.payworld import ASSETS, Network
from tests.flows.sea import QUAY, VESSEL

LEAVES_A_TRACE: set[str] = set()
EXAMPLES = int(os.environ.get("STEELYARD_FUZZ_EXAMPLES", "5"))
SORTED = sorted(LINES)
OFTEN_ASKED = (*SENDERS, *(SELLER, BUYER, "operator") * 3)


@pytest.fixture(scope="module")
def busy() -> tuple[dict[str, bytes], int, Drawn]:
    net = fair()
    drawn = Drawn((*NUMBERS_HERE, *soon(net)), words(net.world), [*ids(net.world), b"s" * 16], pools(net))
    return dict(net.world.sections()), net.at, drawn


def soon(net: Fair) -> tuple[int, ...]:
    """Give instants around the one that is now."""
    return tuple(net.at + ns for ns in (HOUR, 2 * HOUR, 10 * HOUR, DAY, 40 * DAY, 1, -HOUR))


def pools(net: Fair) -> dict[str, Any]:
    """Give values that are right for the fields of a name, or right in part of the commands that have one."""
    world = net.world
    on, (held, *_) = net.at // DAY, [*world.deliveries.each()]
    keys = {
        "receipt_id": [*world.titles.receipts], "delivery_id": [one.delivery_id for one in world.deliveries.each()],
        "tender_id": [*world.tenders.live], "rfq_id": [*world.rfqs.live], "contract_id": [*world.supplies.live],
        "answer_id": [one.answer_id for asked in world.rfqs.live.values() for one in asked.answers],
        "forward_id": [one.forward_id for one in world.forwards.each()], "accept_by": [net.at + HOUR],
        "bill_id": [*world.voyages.bills], "voyage_id": [*world.voyages.voyages], "voyage": [b""], "bill": [b""],
        "slot_id": [one.slot_id for one in world.voyages.slots._all.values()], "order_id": [*world.books.by_key],
        "trade_id": [*world.books.recent.trades], "quote_id": [*world.books.quote_nos, b""], "document": [bytes(32)],
        "auction_id": [bytes.fromhex(one) for one in world.auctions.live], "receipt": [*world.titles.receipts],
        "order_ids": [(one,) for one in world.books.by_key], "receipts": [(one,) for one in world.titles.receipts],
        "receipt_ids": [tuple(world.titles.receipts)[:2]], "salt": [b"s" * 16], "report": [bytes(32)],
    }  # fmt: skip
    later = soon(net)
    named = (
        "valid_until closes_at assign_by certify_by object_by fund_by opens_at arrives_at first_ends_at second_ends_at"
        " third_ends_at reveal_until_at offers_end_at final_end_at from_at until_at"
    )
    times = dict.fromkeys(named.split(), later[:4])
    return keys | times | {
        "instrument": (SPOT, WIDE, CLEARED), "asset": ASSETS, "currency": (*ASSETS, ""), "sell": ASSETS, "buy": ASSETS,
        "quantity": (1, 5, 30), "price": (9_900, 10_000, 10_100, 10_600), "amount_minor": (1, 1_000, 400_000),
        "kg": (1_000, 10_000, 20_000), "site": (SITE,), "grade": (GRADE,), "code": (RYE, SPOT), "num": (1, 2),
        "den": (1, 2), "until_on": (0, on + 2), "holder": SENDERS, "member": SENDERS, "lots": (1, 2), "side": (0, 1),
        "bid_minor": (0, 24_000), "ask_minor": (0, 24_000), "size_minor": (1_000,), "contract": ("WHEAT.SEP",),
        "buyer": SENDERS, "seller": SENDERS, "owner": SENDERS, "unit_kg": (1, 1_000, 50_000), "tick": (1, 5),
        "reason": ("NEED", "test"), "session": ("", "s1"), "stop": (0, 0, 10_300), "peak": (0, 0, 1), "stp": (-1, 0, 4),
        "schedule": (held.terms.schedule,), "weight_kg": (50_000, 49_500), "tolerance_bp": (500,), "found": (FOUND, ()),
        "price_minor": (24_000,), "on": (on, on - 1), "month": (657, 680), "taken_in_on": (on,), "extension_ns": (DAY,),
        "group": ("", "G"), "series": ("RYE", SPOT), "orders": ((OrderFields(SPOT, Side.BUY, 1, 9_000),) * 2,),
        "parts_kg": ((10_000, 30_000), (1_000, 9_000)), "kg_max": (0, 20_000), "reference": (10_000,),
        "crop": ("2026",), "vessel": (VESSEL,), "origin": (SITE,), "target": (QUAY,), "cargo": (GRADE,),
        "berth": ("A",), "crew": (20,),
        "terms": [
            one.terms for one in (*world.tenders.live.values(), *world.supplies.live.values(), *world.forwards.each())
        ],
        "event": [one.value for one in (*VoyageEvent, *ComplaintEvent)], "points": ((("hub", 20),),), "index": ("gas",),
        "start_minor": (100,), "reserve_minor": (0, 50), "step_minor": (5,), "interval": (MINUTE,), "extend": (MINUTE,),
        "extensions_max": (2,), "floor_minor": (10,), "ceiling_minor": (300,), "keep": (3,), "keep_second": (3,),
        "keep_third": (2,), "after_step": ("",), "benchmark": ("",), "dealers": ((),), "taken": (100,),
        "shortfall": (0,),
        "longs": (((SENDERS[2], 1, 1),),), "ruling": (0, 1, 2, 3), "text": ("words",), "sessions": ((),),
    }  # fmt: skip


def kept(world: World) -> dict[str, bytes]:
    """Give everything that a refusal must leave alone: all but the window of ids and the count of commands."""
    return {name: part for name, part in world.sections() if name not in ("world", "ids")}


def actors(world: World, sender: str) -> list[str]:
    return [one.id for one in world.members.actors.values() if one.owner == sender]


def given_command(net: Fair, name: str, fields: Any, sender: str, actor: str) -> Command:
    net._number += 1
    command_id = (net.at // 1_000_000).to_bytes(6, "big") + net._number.to_bytes(10, "big")
    return Command(name, 1, command_id, sender, actor, 0, raw(fields), NO_FIELDS, bytes(16))


def run(net: Fair, command: Command, *, door: bool) -> Code:
    """Apply a command through its door or past it, and hold what every command owes."""
    world, before = net.world, kept(net.world)
    if door:
        applied = net.machine.apply(command, at=net.at)
        outcome = applied.outcome
    else:
        line = LINES[command.name]
        try:
            decoded = line.decode(command.fields)
        except ValueError:
            return Code.REFUSED
        world.now = net.at
        outcome = line.run(world, command, decoded, net.at)
        world.engine.take_records()
        world.commands += 1
    net.at += 1_000_000
    encode(outcome)
    if outcome.code == Code.REFUSED and command.name not in LEAVES_A_TRACE:
        assert before == kept(world), command.name
    return outcome.code


@pytest.mark.parametrize("name", sorted(LINES))
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
@given(data=st.data())
def test_no_field_of_the_market_stops_the_node(
    busy: tuple[dict[str, bytes], int, Drawn], name: str, data: st.DataObject
) -> None:
    """The same command again and again, one of another kind between."""
    sections, at, drawn = busy
    net = Fair(World.decode(dict(sections)))
    net.at, net._number = at + 1_000_000, 10**6
    for turn in range(5):
        chosen = data.draw(st.sampled_from(SORTED)) if turn == 2 else name
        fields = data.draw(drawn.fields(LINES[chosen].fields))
        sender = data.draw(st.sampled_from(OFTEN_ASKED))
        actor = data.draw(st.sampled_from(actors(net.world, sender)))
        run(net, given_command(net, chosen, fields, sender, actor), door=data.draw(st.booleans()))
        if turn == 3:
            net.wait(data.draw(st.sampled_from((0, SECOND, HOUR, DAY))))
    Network.check(net)
    assert World.decode(dict(net.world.sections())).state_hash() == net.world.state_hash()
