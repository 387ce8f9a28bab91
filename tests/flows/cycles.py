"""What tests of netting cycles share: banks that settle NOR by cycle, the verbs of a cycle, and its facts."""

from typing import Any

import msgspec

from steelyard.flows import cycle_plan
from steelyard.flows.approve import ApproveFields, ProposeFields
from steelyard.flows.command import NO_FIELDS, Code, Command, Outcome, encode, raw
from steelyard.flows.cycle_propose import ProposeFields as PlanFields
from steelyard.flows.liquidity_facts import CycleMoved, CyclePlanned, CycleReported
from steelyard.flows.netting_cycle import (
    ExcludeFields,
    ExtendFields,
    NamedFields,
    OpenFields,
    PayInFields,
    ScheduleFields,
)
from steelyard.flows.world import World
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.liquidity.cycles import Cycle, CycleState
from steelyard.liquidity.snapshot import CycleSnapshot, pack_cycle, unpack_cycle
from steelyard.members.people import PERSON, Actor
from steelyard.members.roles import Role
from steelyard.solve.propose_cycle import propose_cycle
from steelyard.values.instants import MINUTE, SECOND
from tests.flows.payworld import BANKS, Network, facts

ANSWER, NOTICE, FUNDING, REPLAN = 60 * SECOND, 60 * SECOND, 30 * MINUTE, 20 * SECOND
Operator, FIRST, SECOND = "operator", "p-op-1", "p-op-2"


class Cycles:
    """A network whose banks settle by cycle, and one cycle of it."""

    def __init__(self, *assets: str, net: Network | None = None, by: tuple[str, ...] = BANKS) -> None:
        self.assets = assets or ("NOR",)
        self.net = net or Network()
        self.cycle_id = b""
        if net is None:
            self.with_people()
            for bic in by:
                self.net.set(bic, by_cycle=self.assets)

    def with_people(self) -> None:
        """Let the operator have two persons."""
        for person in (FIRST, SECOND):
            self.net.world.members.put_actor(Actor(person, Operator, PERSON, (Role.OPERATOR,)))

    @property
    def cycle(self) -> Cycle:
        """The cycle, live or over."""
        cycles = self.net.world.cycles
        found = cycles.live.get(self.cycle_id)
        return found or next(one for one in cycles.over if one.cycle_id == self.cycle_id)

    @property
    def state(self) -> CycleState:
        return self.cycle.state

    def open(self, **more: Any) -> Outcome:
        outcome = self.net.give("cycle.open", OpenFields(self.assets, **more), Operator)
        if outcome.code == Code.DONE:
            self.cycle_id = moved(outcome)[-1].cycle_id
        return outcome

    def schedule(self, *cuts: int, sender: str = Operator) -> Outcome:
        outcome = self.net.give("cycle.schedule", ScheduleFields(self.assets, cuts), sender)
        if moved(outcome):
            self.cycle_id = moved(outcome)[-1].cycle_id
        return outcome

    def approved(self, name: str, fields: Any) -> Outcome:
        """Let two persons of the operator give a command; the outcome is that of the second yes."""
        net = self.net
        net._number += 1
        command_id = (net.at // 1_000_000).to_bytes(6, "big") + net._number.to_bytes(10, "big")
        inner = Command(name, 1, command_id, Operator, FIRST, 0, raw(fields), NO_FIELDS, b"n" * 16)
        proposed = net.give("propose", ProposeFields(encode(inner)), Operator, actor=FIRST)
        assert proposed.code == Code.DONE, proposed.refusal
        (proposal,) = net.world.members.approvals.waiting.values()
        return net.give("approve", ApproveFields(proposal.id, proposal.shown), Operator, actor=SECOND)

    def cut(self) -> Outcome:
        return self.approved("cycle.cut", NamedFields(self.cycle_id))

    def cancel(self) -> Outcome:
        return self.approved("cycle.cancel", NamedFields(self.cycle_id, "STOP"))

    def extend(self, by_ms: int) -> Outcome:
        return self.approved("cycle.extend", ExtendFields(self.cycle_id, by_ms))

    def exclude(self, bic: str) -> Outcome:
        return self.approved("cycle.exclude", ExcludeFields(self.cycle_id, bic))

    def pay_in(self, bic: str, asset: str = "NOR", amount: int = 0) -> Outcome:
        return self.net.give("cycle.pay_in", PayInFields(self.cycle_id, asset, amount), bic)

    def reach(self, state: CycleState) -> None:
        """Let time pass until the cycle is in a state, a tick at a time."""
        for _ in range(60):
            if self.state == state:
                return
            due = self.net.machine.next_due()
            assert due is not None
            self.net.at = max(self.net.at, due)
            self.net.give("tick", None, Operator, actor="node")
        raise AssertionError(f"{state} was not reached; it is {self.state}")

    def check(self) -> None:
        self.net.check()


def moved(outcome: Outcome) -> list[CycleMoved]:
    return [fact for fact in facts(outcome) if isinstance(fact, CycleMoved)]


def all_facts(net: Network, kind: type) -> list[Any]:
    return [fact for outcome in net.outcomes for fact in facts(outcome) if isinstance(fact, kind)]


def plans(net: Network) -> list[CyclePlanned]:
    return all_facts(net, CyclePlanned)


def reports(net: Network) -> list[CycleReported]:
    return all_facts(net, CycleReported)


class Planner:
    """Takes the snapshots that a network's cycles ask with, and answers when asked to."""

    def __init__(self, net: Network) -> None:
        self.net = net
        self.asked: list[tuple[bytes, CycleSnapshot]] = []
        net.world.on_cycle = self._take

    def _take(self, world: World, cycle: Cycle) -> None:
        packed = pack_cycle(cycle_plan.snapshot(world, cycle, world.now))
        self.asked.append((cycle.cycle_id, unpack_cycle(packed)))

    def fields(self) -> PlanFields:
        """Give the plan for the question that was asked last."""
        cycle_id, snapshot = self.asked[-1]
        return propose_cycle(cycle_id, snapshot, solver=SuccessivePaths(), solver_version="paths")

    def answer(self, **changes: Any) -> Outcome:
        """Propose, with some fields other than the honest ones."""
        fields = msgspec.structs.replace(self.fields(), **changes)
        return self.net.give("cycle.propose", fields, Operator, actor="node")
