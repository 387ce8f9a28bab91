"""A full batch through the Machine: the snapshot, the solver's choice, the checks, the booking; and the pauses.

The queue is the standard day of 100,000 payments between 200 banks, seed 1, each bank with a quarter of its lower
bound, so the first bundle holds the first 95,000 and the rest follows in a second batch at once. What the
sequencer stands still for is taking a snapshot and applying a proposal; the solver works beside it.
"""

import gc
import time
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import numpy as np

from bench.figures import Figure, main
from bench.liquidity import day
from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.flows import batch_snapshot, course
from steelyard.flows.batch import RequestFields
from steelyard.flows.command import NO_FIELDS, Command, raw
from steelyard.flows.held_queues import HeldQueues
from steelyard.flows.machine import Machine
from steelyard.flows.world import World
from steelyard.liquidity.batches import Batch
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.snapshot import pack, unpack
from steelyard.members.accounts import ISSUER, SETTLEMENT
from steelyard.members.members import Member, MemberState
from steelyard.members.participants import Participant, ParticipantState, Settings
from steelyard.members.people import KEY, Actor
from steelyard.members.roles import Role
from steelyard.payments.payment import Payment, Terms, Wait, pack_origin
from steelyard.payments.states import State
from steelyard.solve.flow import OrToolsFlow
from steelyard.solve.propose import propose
from steelyard.values.asset import AssetClass
from steelyard.values.calendars import Calendar
from steelyard.values.instants import DAY, HOUR

AT = 20_000 * DAY + 8 * HOUR
ASSET = "USC"


def network(balances: dict[str, int], queue: list[Queued]) -> Machine:
    """Give a Machine with these banks, their money and their queued payments, none of which may be split."""
    machine = Machine()
    world, engine = machine.world, machine.world.engine
    engine.add_owner("operator")
    world.members.put_actor(Actor("k-operator", "operator", KEY, (Role.OPERATOR,), public_key=b"k" * 32))
    asset_no = engine.open_asset(ASSET, AssetClass.CURRENCY, scale=2, issuer="STAGUSC0")
    assert isinstance(asset_no, int)
    world.members.put_member(Member(ASSET, ASSET, ASSET, 2, "STAGUSC0", state=MemberState.ACTIVE))
    issuer = _account(world, ISSUER, "STAGUSC0", AccountKind.ISSUER, "/issuer")
    world.calendars.put(Calendar(ASSET, (), always_open=True, revision=1))
    for number, (bank, money) in enumerate(sorted(balances.items())):
        world.members.put_participant(
            Participant(bank, ASSET, bank, settings=Settings({ASSET: -1}), state=ParticipantState.ACTIVE)
        )
        account = _account(world, SETTLEMENT, bank, AccountKind.SETTLEMENT, "")
        if money:
            issue = Bundle((AT // 1_000_000) << 80 | number + 1, Kind.ISSUE, (Leg(issuer, account, money),))
            act = engine.move(issue, at=AT, authority=[engine.owner_nos["STAGUSC0"]])
            assert act.refusal is None
    engine.take_records()
    for one in sorted(queue, key=lambda one: one.seq):
        _queue(world, one)
    world.commands = max(one.seq for one in queue) + 1
    world.batches.touched.clear()
    return machine


def _queue(world: World, one: Queued) -> None:
    """Let a payment wait for its payer's money as a command would, without trying it."""
    minor = one.amount_minor
    uetr = sha256(one.id.encode()).digest()[:16]
    payment = Payment(
        uetr, pack_origin(b"c" * 16, b"m" * 8, b"d" * 32, 1), b"p" * 32, one.seq, 0, 0, 0, one.payer, one.payee,
        ASSET, ASSET, minor, minor, True, 1, 1, AT // DAY, 0, 0, AT + 12 * HOUR, AT, state=State.QUEUED,
        terms=Terms(minor, minor, minor, minor, 1, 1, (), (), b"", 0, b""),
    )  # fmt: skip
    world.payments.add(payment)
    account = world.members.accounts.settlement(one.payer, ASSET)
    assert account is not None
    course.wait(world, payment, Wait.FUNDS, account_no=account, at=AT)


def _account(world: World, purpose: str, owner: str, kind: AccountKind, suffix: str) -> int:
    name = f"{owner}/{ASSET}{suffix}"
    made = world.engine.open_account(
        name,
        owner,
        world.engine.asset_nos[ASSET],
        kind,
        ceiling=10**20 if kind is AccountKind.ISSUER else None,
    )
    assert isinstance(made, int)
    world.members.accounts.put(purpose, owner, ASSET, made)
    return made


class Clockwork:
    """A Machine whose commands are timed, snapshots apart."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.at, self.number = machine, AT, 0
        self.snapshots: list[tuple[bytes, HeldQueues]] = []
        self.snapshot_s = self.cpu_s = self.snapshot_cpu_s = 0.0
        self.pauses: list[float] = []  # processor time of each command and of each snapshot
        machine.world.on_batch = self._take

    def _take(self, world: World, batch: Batch) -> None:
        begun, worked = time.perf_counter(), time.process_time()
        snapshot = batch_snapshot.to_send(world, batch, self.at)
        self.snapshot_s, self.snapshot_cpu_s = time.perf_counter() - begun, time.process_time() - worked
        assert isinstance(snapshot, HeldQueues)
        self.snapshots.append((batch.batch_id, snapshot))

    def give(self, name: str, fields: Any, actor: str) -> float:
        """Apply a command; give how long that took, a snapshot that it brought about left out."""
        self.number += 1
        self.at += 1_000_000
        seed = sha256(self.number.to_bytes(8, "big")).digest()
        id = (self.at // 1_000_000).to_bytes(6, "big") + seed[:10]
        command = Command(name, 1, id, "operator", actor, self.at, raw(fields), NO_FIELDS, seed[16:])
        self.snapshot_s = self.snapshot_cpu_s = 0.0
        begun, worked = time.perf_counter(), time.process_time()
        applied = self.machine.apply(command, at=self.at)
        used = time.process_time() - worked
        self.cpu_s += used
        self.pauses += [used - self.snapshot_cpu_s, self.snapshot_cpu_s]
        taken = time.perf_counter() - begun - self.snapshot_s
        assert applied.outcome.code == 0, (applied.outcome.refusal, applied.refusal)
        return taken


def memory(payments: int = 20_000) -> float:
    """Give the bytes that a queued payment takes, with its places in queue, pair, timers and lists of parties."""
    balances, queue = day(payments)
    gc.collect()
    tracemalloc.start()
    machine = network(balances, queue)
    taken = tracemalloc.get_traced_memory()[0] / len(machine.world.payments.live)
    tracemalloc.stop()
    return taken


def rows(payments: int = 100_000) -> Iterator[Figure]:
    """Give every figure."""
    yield Figure("memory of a queued payment", memory(), "bytes", 1_200, at_most=True)
    balances, queue = day(payments)
    clockwork = Clockwork(network(balances, queue))
    solver = OrToolsFlow()
    solver.min_cost_flow(
        np.array([[0, 1, 1, 0]], np.int64), np.zeros(2, np.int64)
    )  # a solver's process lives on
    gc.collect()
    gc.freeze()
    gc.disable()
    clockwork.give("batch.request", RequestFields(ASSET), "k-operator")
    pauses, solving, applying, packing, sizes = [clockwork.snapshot_s], 0.0, 0.0, 0.0, []
    solving_cpu = 0.0
    while clockwork.snapshots:
        batch_id, snapshot = clockwork.snapshots.pop()
        begun = time.perf_counter()
        packed = pack(snapshot.packed())
        packing += time.perf_counter() - begun
        begun, worked = time.perf_counter(), time.process_time()
        fields = propose(batch_id, unpack(packed), solver=solver)
        solving += time.perf_counter() - begun
        solving_cpu += time.process_time() - worked
        sizes.append(len(fields))
        taken = clockwork.give("batch.propose", fields, "node")
        applying += taken
        pauses += [taken, clockwork.snapshot_s]
    gc.enable()
    of, left = f"{payments:,} payments", clockwork.machine.world.batches.watch(ASSET).count
    busy = f"{clockwork.cpu_s:.2f} s of processor time, snapshots too"
    note = f"{len(sizes)} batches, {left:,} payments left"
    yield Figure(f"batch, {of}: bound, choice and proof", solving, "s", 1.0, at_most=True, note=note)
    yield Figure(f"batch, {of}: bound, choice and proof, processor time", solving_cpu, "s", 1.0, at_most=True)
    yield Figure(f"batch, {of}: checks and booking", applying, "s", note=busy)
    yield Figure(f"batch, {of}: packing, beside the sequencer", packing, "s")
    yield Figure(f"batch, {of}: snapshot of the full queue", pauses[0], "s", 0.35, at_most=True)
    yield Figure(f"batch, {of}: longest pause of the sequencer", max(pauses), "s", 0.35, at_most=True)
    longest = max(clockwork.pauses)
    yield Figure(f"batch, {of}: longest pause, processor time", longest, "s", 0.35, at_most=True)
    yield Figure(
        f"batch, {of}: largest proposal", max(sizes) / 1e6, "MB", 0.5, at_most=True, note="with proofs"
    )


if __name__ == "__main__":
    main(rows)
