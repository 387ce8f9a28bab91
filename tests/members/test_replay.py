"""The same commands give the same outcomes and the same state: again, from a snapshot, under any hash seed."""

import subprocess
import sys
from pathlib import Path

from steelyard.flows.command import encode
from steelyard.flows.currency import RulesFields
from steelyard.flows.fund import AdviceFields
from steelyard.flows.machine import Machine
from steelyard.flows.redeem import PayoutFields, RedeemFields
from steelyard.flows.suspend import SuspendFields
from steelyard.flows.world import World
from steelyard.values.instants import DAY, HOUR
from tests.members.network import BANKS, Net, done, network

ROOT = Path(__file__).resolve().parents[2]


def story() -> Net:
    """A network from row 1 on, money in and out, a suspension, three days."""
    net = network()
    done(net.agent("NOR", "currency.rules", RulesFields("NOR", True, fund_on_advice=True)))
    done(net.do("k-nor", "fund.advise", AdviceFields("NOR", BANKS["anna"], 1_000, "A1")))
    for amount in (100, 200, 5_000):
        net.do("k-anna", "redeem", RedeemFields("NOR", amount))
    for n, id in enumerate(net.world.money.redemptions):
        net.do("k-nor", "redeem.advise", PayoutFields(id, n == 0, 100, "P1"))
    net.wait(8 * HOUR)
    net.do("k-anna", "redeem", RedeemFields("NOR", 300))
    done(net.ops("participant.suspend", SuspendFields(BANKS["anna"])))
    net.wait(2 * DAY)
    return net


def test_replayed_it_gives_the_same_outcomes_and_state():
    net = story()
    machine, again = Machine(), []
    for (command, _), at in zip(net.applied, net.times, strict=True):
        again.append(machine.apply(command, at=at))

    assert [encode(applied.outcome) for _, applied in net.applied] == [encode(one.outcome) for one in again]
    assert [applied.legs for _, applied in net.applied] == [one.legs for one in again]
    assert net.world.state_hash() == machine.world.state_hash()


def test_from_a_snapshot_in_the_middle_it_ends_the_same():
    net = story()
    times = net.times
    for middle in (1, len(times) // 2, len(times) - 5):
        machine = Machine()
        for number, ((command, _), at) in enumerate(zip(net.applied, times, strict=True)):
            if number == middle:
                machine = Machine(World.decode(dict(machine.world.sections())))
            machine.apply(command, at=at)

        assert net.world.state_hash() == machine.world.state_hash()


def test_no_hash_seed_shows():
    script = "from tests.members.test_replay import story; print(story().world.state_hash().hex())"
    hashes = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert 1 == len(hashes)
