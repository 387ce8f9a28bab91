"""Every command, from every kind of actor, with hostile fields: a refusal or a deed, never an exception."""

from random import Random

import pytest

from steelyard.flows.approve import ProposeFields
from steelyard.flows.command import Code, Command, encode, raw
from steelyard.flows.currency import CapFields, RulesFields
from steelyard.flows.fields import PayAdded
from steelyard.flows.fund import AdviceFields
from steelyard.flows.redeem import RedeemFields
from steelyard.flows.registry import COMMANDS
from steelyard.flows.world import World
from tests.attack.hostile import fields
from tests.members.network import BANKS, Net, done, ready

ROUNDS = 60
ACTORS = ("k-anna", "p-anna-maker", "p-bram-checker", "k-nor", "p-nor-1", "p-op-1", "node")
LEAVES_A_TRACE = {"pay", "offer.answer"}
"""A refused payment is remembered, so that its UETR has a final answer."""


@pytest.fixture(scope="module")
def founded() -> tuple[dict[str, bytes], int]:
    net = ready()
    done(net.agent("NOR", "currency.cap", CapFields("NOR", 2**62)))
    done(net.agent("NOR", "currency.rules", RulesFields("NOR", True, fund_on_advice=True)))
    for number, bank in enumerate(sorted(BANKS.values())):
        net.do("k-nor", "fund.advise", AdviceFields("NOR", bank, 10**9, f"A{number}"))
    net.do("k-anna", "redeem", RedeemFields("NOR", 100))
    net.propose("anna/maker", "redeem", RedeemFields("NOR", 5))
    return dict(net.world.sections()), net.at


def ids_of(world: World) -> list[bytes]:
    money, engine = world.money, world.engine
    return [
        *list(money.fundings)[:3], *list(money.redemptions)[:3], *list(world.members.approvals.waiting)[:3],
        *[number.to_bytes(16, "big") for number in list(engine.reservations)[:3]],
    ]  # fmt: skip


def without_clock(world: World) -> dict[str, bytes]:
    return {name: part for name, part in world.sections() if name not in ("world", "ids")}


@pytest.mark.parametrize("name", [entry.name for entry in COMMANDS])
def test_no_field_stops_the_node(founded: tuple[dict[str, bytes], int], name: str) -> None:
    (entry,) = [one for one in COMMANDS if one.name == name]
    random, net = Random(name), Net(World.decode(founded[0]))
    net.at, net.number = founded[1] + 1_000, 10_000
    for _ in range(ROUNDS):
        command = net.command(name, fields(entry.fields, random, ids_of(net.world)), random.choice(ACTORS))
        if name == "pay":
            command = with_added(command, random)
        before = without_clock(net.world)
        outcome = net.apply(command)
        if outcome.code == Code.REFUSED and name not in LEAVES_A_TRACE:
            assert without_clock(net.world) == before
        encode(outcome)
        approved(net, command)
        net.wait(random.choice((0, 1_000, 10**9)))
    net.check()
    assert World.decode(dict(net.world.sections())).state_hash() == net.world.state_hash()


def with_added(command: Command, random: Random) -> Command:
    return Command(*[
        raw(fields(PayAdded, random, [])) if part == "added" else getattr(command, part)
        for part in Command.__struct_fields__
    ])  # fmt: skip


def approved(net: Net, command: Command) -> None:
    """Run a command as an approval does: no door before it."""
    world = net.world
    if command.name in ("tick", "genesis", "clock.advance", "propose", "approve", "decline", "withdraw"):
        net.do("p-op-1", "propose", ProposeFields(encode(command)))
        return
    assert world.run_inner is not None
    world.now = net.at
    before = without_clock(world)
    outcome = world.run_inner(command, net.at)
    world.engine.take_records()
    world.commands += 1
    net.at += 1_000
    encode(outcome)
    if outcome.code == Code.REFUSED and command.name not in LEAVES_A_TRACE:
        assert without_clock(world) == before
    else:
        assert without_clock(world)
