"""A4, the bound: the most value that any rule whatsoever can settle now, as a circulation, with its proof.

A unit settled is worth 1, whatever its class. Urgent and high payments are never limited, so they have arcs of
their own beside the normal ones. Amounts and usable balances that sum to 2^62 or more are given to no solver:
the bound is then what is queued, without a proof.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from steelyard.liquidity.algorithms.layout import Layout
from steelyard.liquidity.algorithms.network import Direct, Network, Rooms
from steelyard.liquidity.algorithms.potentials import NotOptimal, potentials
from steelyard.liquidity.certificate import FORMAT, Certificate
from steelyard.liquidity.ordered import Ordered, ints
from steelyard.liquidity.queue import Queued, Room
from steelyard.liquidity.solver import MOST, FlowSolver, Ints


@dataclass(frozen=True, slots=True)
class Proof:
    """A flow of most reward and the potentials that prove it, still in columns."""

    network: Network
    flow: Ints
    potential: Ints
    value: int

    def certificate(self, *, objective: str, weight: str, snapshot_seq: int = 0) -> Certificate:
        """Give the published form."""
        net = self.network
        columns = (net.tail, net.head, net.lower, net.capacity, net.reward, self.flow)
        return Certificate(
            format=FORMAT,
            snapshot_seq=snapshot_seq,
            objective=objective,
            weight=weight,
            nodes=net.nodes,
            arcs=tuple(zip(*(column.tolist() for column in columns), strict=True)),
            potential=tuple(self.potential.tolist()),
            constant=net.constant,
            value=self.value,
        )


@dataclass(frozen=True, slots=True)
class Bound:
    """The most value that can settle, in minor units, and its proof (None above 2^62)."""

    value_minor: int
    certificate: Certificate | None


@dataclass(frozen=True, slots=True)
class Packed:
    """A queue in columns, parties by place in `accounts` (ascending). `classes` are priorities."""

    accounts: tuple[str, ...]
    balances: Ints
    payer: Ints
    payee: Ints
    amount: Ints
    classes: Ints


def prove(network: Network, solver: FlowSolver) -> Proof:
    """Solve a network and prove the answer; raises NotOptimal where the solver was wrong."""
    flow = network.solve(solver)
    if not network.holds(flow):
        raise NotOptimal("the flow does not conserve or passes its bounds")
    return Proof(network, flow, potentials(network, flow), network.value(flow))


def too_large(balances: Iterable[int], amounts: Iterable[int]) -> bool:
    """Tell whether sums of this snapshot could pass 64 bits in a flow solver."""
    return sum(amounts) + sum(abs(balance) for balance in balances) >= MOST


def pack(queue: Ordered) -> Packed:
    """Give payments as columns; the order of the input does not show in what is computed from them."""
    of = queue.fields
    return Packed(
        queue.accounts, ints([queue.balances[name] for name in queue.accounts]), ints(of.payers),
        ints(of.payees), ints(of.amounts), ints(of.priorities),
    )  # fmt: skip


def sum_by_pair(packed: Packed, chosen: Ints | None = None) -> tuple[Ints, Ints]:
    """Give pairs (payer x accounts + payee, ascending) and what is open between them."""
    count = len(packed.accounts)
    joint = packed.payer * count + packed.payee
    amount = packed.amount
    if chosen is not None:
        joint, amount = joint[chosen], amount[chosen]
    if count * count <= 4 * len(joint) + (1 << 16):
        table = np.zeros(count * count, np.int64)
        np.add.at(table, joint, amount)
        pairs = np.flatnonzero(table)
        return pairs, table[pairs]
    pairs, place = np.unique(joint, return_inverse=True)
    sums = np.zeros(len(pairs), np.int64)
    np.add.at(sums, place, amount)
    return pairs, sums


def prove_bound(packed: Packed, rooms: Rooms, *, solver: FlowSolver) -> Proof:
    """Give the bound of a packed queue. What an account lacks already counts as nothing, not as a debt."""
    funds = np.maximum(packed.balances, 0)
    if rooms:
        normal = packed.classes == 2
        pairs, amounts = sum_by_pair(packed, np.flatnonzero(normal))
        direct = Direct(*sum_by_pair(packed, np.flatnonzero(~normal)), reward=1)
    else:
        direct = Direct(*sum_by_pair(packed), reward=1)
        pairs = amounts = np.zeros(0, np.int64)
    levels = np.arange(len(pairs)), np.zeros(len(pairs), np.int64)
    layout = Layout(packed.accounts, pairs=pairs, combos=levels, rooms=rooms, direct=direct)
    network = layout.network(amounts, funds=funds, needs=np.zeros_like(funds), rooms=rooms, published=True)
    return prove(network, solver)


def flow_bound(
    balances: Mapping[str, int],
    payments: Iterable[Queued],
    *,
    solver: FlowSolver,
    limits: Iterable[Room] = (),
    snapshot_seq: int = 0,
) -> Bound:
    """Give the most value that any rule can settle, splitting freely, priority ignored.

    >>> from steelyard.liquidity.algorithms.successive import SuccessivePaths
    >>> ring = [Queued("1", "A", "B", 100), Queued("2", "B", "C", 80), Queued("3", "C", "A", 70)]
    >>> flow_bound({"A": 0, "B": 0, "C": 0}, ring, solver=SuccessivePaths()).value_minor
    210
    """
    limits = tuple(limits)
    queue = Ordered.of(balances, payments, limits)
    amounts = queue.fields.amounts
    if too_large(balances.values(), amounts):
        return Bound(sum(amounts), None)
    packed = pack(queue)
    rooms = Rooms.of(limits, queue.number)
    proof = prove_bound(packed, rooms, solver=solver)
    return Bound(proof.value, proof.certificate(objective="value", weight="unit", snapshot_seq=snapshot_seq))
