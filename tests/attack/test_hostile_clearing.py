"""Orders about a house with positions, a run and a case, with hostile fields: a deed or a refusal without trace."""

from random import Random

import pytest
from msgspec import structs

from steelyard.flows import clearing_money as money
from steelyard.flows.command import NO_FIELDS, Code, Command, encode, raw
from steelyard.flows.registry import COMMANDS
from steelyard.flows.world import World
from steelyard.market.clearing.house import Clearing
from tests.attack.hostile import fields
from tests.flows.clearings import ANNA, ARNE, BIRK, BRAM, FOUR, HOUSE, PONS, House
from tests.flows.payworld import Network

ROUNDS = 150
LINES = {line.name: line for line in COMMANDS if line.name.startswith("clearing.")}
S, D = "WHEAT.SEP", "WHEAT.DEC"


@pytest.fixture(scope="module")
def busy() -> tuple[dict[str, bytes], int]:
    """ANNA and ARNE gain in a run that is open, BIRK owes in it; BRAM is in default with bids for his portfolio."""
    house = House().begin(cash=2_000_000, margin=900_000)
    house.sponsor(liquidity=50_000, capital=60_000)
    for bic in FOUR:
        house.ok(house.contribute(bic, 70_000))
    for buyer, seller, lots, contract in ((ANNA, BRAM, 4, S), (ARNE, BIRK, 3, S), (BRAM, BIRK, 2, D)):
        assert house.trade(buyer, seller, lots, 21_000, contract) is None
    house.drain(BRAM)
    house.ok(house.call((S, 25_000), (D, 21_000)))
    house.wait(60_000)
    house.ok(house.open_case(BRAM))
    house.ok(house.bid(ARNE, -3, 25_100))
    house.ok(house.bid(ANNA, 1, 20_000, D))
    house.drain(BIRK)
    house.ok(house.call((S, 25_500), (D, 21_500)))
    assert house.house.runs
    return dict(house.world.sections()), house.net.at


def sensible(made, random: Random, house: House):
    """Let most fields name what is there, so that the flow gets further than its first check."""
    runs = [one.run_id for one in house.house.runs.values()] or [bytes(16)]
    pool = {
        "asset": ["NOR", "NOR", "SUD"], "contract": [S, D, "RYE"], "member": list(FOUR), "run_id": runs,
        "case_id": [house.case_id], "purpose": [*money.KINDS], "sponsor": [PONS, ANNA], "commodity": ["WHEAT", "RYE"],
        "step": ["cure", "hedge", "auction", "tear_up", "cover", "report"], "kind": ["cash", "receipt"],
        "unit_kg": [50_000, 1, 10**9], "currency": ["NOR", "SUD"], "lots": [1, -3, 10**9 - 1],
        "bids": [(), (1,), (2, 1)], "price": [21_000, 25_000, -25, 10**10 - 1], "amount_minor": [1, 40_000, 10**18 - 1],
        "prices": [((S, 25_500), (D, 21_500)), ((S, 26_000),), ((S, 10**10), (D, 0)), ((S, -25_000), (D, 25))],
        "margins": [tuple((bic, 100_000) for bic in sorted(FOUR)), ((ANNA, 2**63 - 1),)],
        "stresses": [(((S, 10**11),),), (((S, -5_000), (D, 3_000)), ((D, 1),))],
    }  # fmt: skip
    changes = {
        name: random.choice(pool[name])
        for name in made.__struct_fields__
        if name in pool and random.random() < 0.8
    }
    return structs.replace(made, **changes)


@pytest.mark.parametrize("name", sorted(LINES))
def test_no_order_about_clearing_stops_the_node(busy, name) -> None:
    """Every order is run as if the door had let it in, and others of the house between."""
    random, house = Random(name), House(Network(World.decode(busy[0])))
    house.net.at, house.net._number = busy[1] + 1_000, 10_000
    world = house.world
    names = sorted(LINES)
    for turn in range(ROUNDS):
        line = LINES[name if turn % 2 else random.choice(names)]
        made = sensible(fields(line.fields, random, [bytes(16)]), random, house)
        house.net._number += 1
        command_id = (house.net.at // 1_000_000).to_bytes(6, "big") + house.net._number.to_bytes(10, "big")
        sender = random.choice([*FOUR, HOUSE, PONS])
        command = Command(line.name, 1, command_id, sender, "p", 0, raw(made), NO_FIELDS, b"n" * 16)
        try:
            decoded = line.decode(command.fields)
        except ValueError:
            continue
        before = (
            world.clearing.encode(),
            world.engine.encode(),
            world.members.encode(),
            world.timers.next_due(),
        )
        world.now = house.net.at
        outcome = line.run(world, command, decoded, house.net.at)
        world.engine.take_records()
        world.commands += 1
        house.net.at += 1_000_000
        encode(outcome)
        if outcome.code == Code.REFUSED:
            assert before == (
                world.clearing.encode(), world.engine.encode(), world.members.encode(), world.timers.next_due(),
            )  # fmt: skip
        if not turn % 10:
            house.check()
            house.wait(random.choice((0, 1_000, 61_000)))
    house.wait(40 * 86_400_000)
    house.check()
    assert Clearing.decode(world.clearing.encode()).encode() == world.clearing.encode()
    assert World.decode(dict(world.sections())).state_hash() == world.state_hash()
