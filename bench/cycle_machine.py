"""A netting cycle of 95,000 obligations through the Machine, step by step: the processor time of each.

The queue is that of the batch benchmark, the standard day of 100,000 payments between 200 banks, seed 1; every bank
settles by cycle and pays its call in full. The solver's plan is made beside the sequencer.
"""

import gc
import time
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from bench.batch_machine import ASSET, Clockwork, network
from bench.figures import Figure, main
from bench.liquidity import day
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.flows import cycle_fund, cycle_life, cycle_question
from steelyard.flows.diary import Diary
from steelyard.flows.netting_cycle import OpenFields
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.liquidity.cycles import Cycle, CycleState
from steelyard.liquidity.snapshot import pack_cycle, unpack_cycle
from steelyard.solve.flow import OrToolsFlow
from steelyard.solve.propose_cycle import propose_cycle


def _money(world: World, bic: str, minor: int, at: int, number: int) -> None:
    """Let a bank have what it is called for."""
    issuer = world.members.issuer_account(ASSET)
    account = world.members.accounts.settlement(bic, ASSET)
    assert issuer is not None
    assert account is not None
    bundle = Bundle((at // 1_000_000) << 80 | number << 40, Kind.ISSUE, (Leg(issuer, account, minor),))
    assert world.engine.move(bundle, authority=[world.engine.owner_nos["STAGUSC0"]], at=at).refusal is None


def _tick(clockwork: Clockwork) -> float:
    clockwork.at = max(clockwork.at, clockwork.machine.next_due() or 0)
    return _give(clockwork, "tick", (), "node")


def _give(clockwork: Clockwork, name: str, fields: Any, actor: str) -> float:
    """Apply a command; give its processor time."""
    before = clockwork.cpu_s
    clockwork.give(name, fields, actor)
    return clockwork.cpu_s - before


def rows(payments: int = 100_000) -> Iterator[Figure]:
    """Give every figure."""
    balances, queue = day(payments)
    clockwork = Clockwork(network(balances, queue))
    world = clockwork.machine.world
    for participant in world.members.participants.values():
        participant.settings = replace(participant.settings, by_cycle=(ASSET,))
    gc.collect()
    gc.freeze()
    gc.disable()
    steps = {
        "gathering, its longest step": _give(clockwork, "cycle.open", OpenFields((ASSET,)), "k-operator")
    }
    (cycle,) = world.cycles.live.values()
    while world.timers.at(TimerKind.CYCLE_GATHER, cycle.cycle_id) is not None:
        steps["gathering, its longest step"] = max(steps["gathering, its longest step"], _tick(clockwork))
    begun = time.process_time()
    cycle_life.cut(world, Diary(), cycle, clockwork.at)
    steps["cut, with the solver's snapshot"] = time.process_time() - begun
    world.cycles.fresh.clear()
    begun = time.process_time()
    snapshot = cycle_question.packed(world, cycle, clockwork.at)
    steps["cut, with the solver's snapshot"] += (
        time.process_time() - begun
    )  # the solver's snapshot is taken before the next command
    begun = time.process_time()
    fields = propose_cycle(
        cycle.cycle_id, unpack_cycle(pack_cycle(snapshot)), solver=OrToolsFlow(), solver_version="or-tools"
    )
    solving = time.process_time() - begun
    count = len(cycle.items)
    steps["plan taken"] = _give(clockwork, "cycle.propose", fields, "node")
    steps["notices"] = _tick(clockwork)
    steps["pay-ins begin"] = _tick(clockwork)
    steps["last pay-in"] = _pay_in(world, cycle, clockwork.at)
    steps["bundle"] = _tick(clockwork)
    assert CycleState.CLOSED is cycle.state
    gc.enable()
    of = f"{count:,} obligations"
    for step, seconds in steps.items():
        yield Figure(f"cycle, {of}: {step}", seconds, "s")
    yield Figure(f"cycle, {of}: plan and proof, beside the sequencer", solving, "s")
    yield Figure(f"cycle, {of}: longest step", max(steps.values()), "s", 0.5, at_most=True)
    yield Figure(
        f"cycle, {of}: all of its steps",
        sum(steps.values()),
        "s",
        note=f"proved: {cycle.plan.proved}".lower(),
    )


def _pay_in(world: World, cycle: Cycle, at: int) -> float:
    """Let everybody pay; give how long the last one's order took, which looks at the whole cycle."""
    for number, (bic, asset, minor) in enumerate(list(cycle.each_call()), 1):
        _money(world, bic, minor, at, number)
        assert cycle_fund.pay_in(world, Diary(), cycle, bic, asset, minor, at).refusal is None
    begun = time.process_time()
    cycle_life.look(world, Diary(), cycle, at)
    return time.process_time() - begun


if __name__ == "__main__":
    main(rows)
