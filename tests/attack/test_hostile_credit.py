"""Orders about credit lines that are there, with hostile fields, from everybody: a deed or a refusal without trace."""

from random import Random

import pytest

from steelyard.engine.invariants import first_broken
from steelyard.flows.command import Code
from steelyard.flows.credit import DrawFields
from steelyard.flows.credit_intraday import IntradayFields
from steelyard.flows.credit_member import MemberFields
from steelyard.flows.credit_swap import SwapFields
from steelyard.flows.rates import RatesFields
from steelyard.flows.registry import COMMANDS
from steelyard.flows.world import World
from steelyard.members.people import KEY, Actor
from steelyard.members.roles import Role
from steelyard.node.sweeps import first_fault
from tests.attack.hostile import fields
from tests.members.network import BANKS, MEMBERS, Net, done, network

ROUNDS = 120
ACTORS = ("k-anna", "p-bram-maker", "k-nor", "p-nor-1", "k-sud", "p-sud-2", "p-op-1", "node")
LINES = {line.name: line for line in COMMANDS if line.name.startswith("credit.")}


@pytest.fixture(scope="module")
def lent() -> tuple[dict[str, bytes], int]:
    net = network()
    done(net.do("p-op-1", "rates.put", RatesFields("test", net.at, (("NOR", "SUD", 7, 3, 1),))))
    done(net.agent("NOR", "credit.member", MemberFields("NOR", MEMBERS["SUD"], 1_000, 10, 455)))
    done(net.agent("NOR", "credit.swap", SwapFields("NOR", MEMBERS["SUD"], 1_000, 3, "SUD", 500)))
    pledged = (("XS-BOND", 1_000, 100, 1, 1_000),)
    done(
        net.agent("NOR", "credit.intraday", IntradayFields("NOR", BANKS["anna"], 9, pledged, net.at + 10**13))
    )
    for line in net.world.credit.every()[1:]:
        done(net.do("k-sud", "credit.draw", DrawFields(line.line_id, BANKS["bram"], 99)))
    return dict(net.world.sections()), net.at


@pytest.mark.parametrize("name", sorted(LINES))
@pytest.mark.parametrize("by_two", [False, True])
def test_no_order_about_credit_stops_the_node(lent, name, by_two) -> None:
    random, net = Random(f"{name} {by_two}"), Net(World.decode(lent[0]))
    net.at, net.number = lent[1] + 1_000, 10_000
    if by_two:  # as if two people always had: the flow itself is tried
        net.world.members.put_actor(Actor("k-two", MEMBERS["NOR"], KEY, (Role.SETTLEMENT_AGENT,)))
    ids = [line.line_id for line in net.world.credit.every()]
    for _ in range(ROUNDS):
        hostile = fields(LINES[name].fields, random, ids)
        before = net.world.credit.encode(), net.world.engine.encode(), net.world.members.encode()
        if by_two:
            inner = net.command(name, hostile, random.choice(("k-two", "k-sud")))
            try:
                decoded = LINES[name].decode(inner.fields)
            except ValueError:
                continue
            outcome = LINES[name].run(net.world, inner, decoded, net.at)
            net.world.engine.take_records()
            net.world.commands += 1
        else:
            outcome = net.apply(net.command(name, hostile, random.choice(ACTORS)))
        net.at += 1_000_000
        if outcome.code == Code.REFUSED:
            assert before == (
                net.world.credit.encode(), net.world.engine.encode(), net.world.members.encode()
            )  # fmt: skip
        assert first_broken(net.world.engine) is None
        assert first_fault(net.world) is None
    assert World.decode(dict(net.world.sections())).state_hash() == net.world.state_hash()
    net.wait(20 * 86_400 * 10**9)
    net.check()
