"""A4, the plan: what to settle now, in parts where that is allowed, urgent payments first, then high, then normal.

Each class is a flow of its own: what earlier classes settle stands fixed in it, funds kept for them and not used
stay kept, and a unit is worth 2^20 + its age in batches, so that old claims win ties. Where all may be split the
flow is the plan. Else whole payments are found by diving, the choice is mended by the drop rule of `greedy.py`
and filled up, and what may be split gets one last flow round the whole payments.

At the end what is left of all classes is planned together in the same way, round what is settled: an urgent payment
and a normal one may form a circle that neither class closes alone. Nothing is taken that costs a higher class.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from steelyard.liquidity.algorithms.class_plan import JOINT, ClassPlan, Frame
from steelyard.liquidity.algorithms.flow import too_large
from steelyard.liquidity.algorithms.greedy import drop_and_add_back
from steelyard.liquidity.certificate import Certificate
from steelyard.liquidity.queue import Queued, Room
from steelyard.liquidity.selection import Reserved, check_all, in_order
from steelyard.liquidity.solver import FlowSolver, NoFlow

SMALL = 5_000


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """What settles of each payment, by id in the order of queues; and the proof of each class's flow.

    No certificates where sums reach 2^62: the choice is then the greedy one.
    """

    parts: dict[str, int]
    certificates: tuple[Certificate, ...]
    value_minor: int


def plan_split(
    balances: Mapping[str, int],
    payments: Iterable[Queued],
    *,
    solver: FlowSolver,
    limits: Iterable[Room] = (),
    reserved: Reserved | None = None,
    snapshot_seq: int = 0,
) -> SplitPlan:
    """Give what to settle, parts included; no part is below its floor, nobody's refusal to split is passed over.

    >>> from steelyard.liquidity.algorithms.successive import SuccessivePaths
    >>> ring = [Queued("1", "A", "B", 100), Queued("2", "B", "C", 80), Queued("3", "C", "A", 70)]
    >>> plan_split({"A": 0, "B": 0, "C": 0}, ring, solver=SuccessivePaths()).parts
    {'1': 70, '2': 70, '3': 70}
    """
    return _plan(balances, payments, limits, reserved, solver, snapshot_seq, whole=False)


def plan_whole(
    balances: Mapping[str, int],
    payments: Iterable[Queued],
    *,
    solver: FlowSolver,
    limits: Iterable[Room] = (),
    reserved: Reserved | None = None,
    snapshot_seq: int = 0,
) -> SplitPlan:
    """Give what to settle where nothing may be split."""
    return _plan(balances, payments, limits, reserved, solver, snapshot_seq, whole=True)


def _plan(
    balances: Mapping[str, int],
    payments: Iterable[Queued],
    limits: Iterable[Room],
    reserved: Reserved | None,
    solver: FlowSolver,
    snapshot_seq: int,
    *,
    whole: bool,
) -> SplitPlan:
    queue, limits = list(payments), tuple(limits)
    check_all(balances, queue, limits, reserved)
    ordered = in_order(queue)
    if too_large(balances.values(), (payment.amount_minor for payment in ordered)):
        parts = drop_and_add_back(balances, ordered, None, limits=limits, reserved=reserved)
        return SplitPlan(parts, (), sum(parts.values()))
    plan = _Plan(Frame(balances, ordered, limits, reserved or {}, solver, whole))
    for level in (0, 1, 2):
        plan.add_class(level, snapshot_seq)
    plan.add_across()
    if len(ordered) <= SMALL:
        plan.take_greedy()
    parts = {one.id: plan.parts[one.id] for one in ordered if one.id in plan.parts}
    return SplitPlan(parts, tuple(plan.certificates), sum(parts.values()))


class _Plan:
    """What is settled of the classes so far."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.parts: dict[str, int] = {}
        self.certificates: list[Certificate] = []

    def add_class(self, level: int, snapshot_seq: int) -> None:
        """Plan one class round what is settled of those before."""
        mine = [one for one in self.frame.ordered if one.priority == level]
        if not mine:
            return
        frame, debts = self.frame, np.maximum(-self.frame.start, 0)
        try:
            job = ClassPlan(frame, mine, level, before=self.parts, needs=debts)
            flows, certificate = job.prove(snapshot_seq)
        except NoFlow:
            mine = [one for one in mine if frame.balances[one.payer] >= 0]
            job = ClassPlan(frame, mine, level, before=self.parts, needs=np.zeros_like(debts))
            flows, certificate = job.prove(snapshot_seq)
        self.certificates.append(certificate)
        self.parts = job.choose(flows)

    def add_across(self) -> None:
        """Plan what is left of all classes together, round what is settled: circles that no class closes alone.

        Taken only if it costs no class anything, from the most urgent on.
        """
        frame = self.frame
        if len({one.priority for one in frame.ordered}) < 2:
            return
        paying = {frame.by_id[key].payer for key in self.parts}
        left = [
            one
            for one in frame.ordered
            if self.parts.get(one.id, 0) < one.amount_minor
            and (frame.balances[one.payer] >= 0 or one.payer in paying)
        ]
        if left:
            pays = np.asarray([name in paying for name in frame.accounts], bool)
            debts = np.where(pays, np.maximum(-frame.start, 0), 0)
            parts = ClassPlan(frame, left, JOINT, before=self.parts, needs=debts).choose_anew()
            if self._values(parts) > self._values(self.parts):
                self.parts = parts

    def take_greedy(self) -> None:
        """Take the greedy set of whole payments where it is better: in small queues one payment is much."""
        greedy = self.frame.mend({one.id: one.amount_minor for one in self.frame.ordered}, 2, add_back=True)
        if self._values(greedy) > self._values(self.parts):
            self.parts = greedy

    def _values(self, parts: Mapping[str, int]) -> tuple[int, int, int]:
        """Give what settles of urgent payments, of urgent and high ones, and of all."""
        sums = [0, 0, 0]
        for key, part in parts.items():
            sums[self.frame.by_id[key].priority] += part
        return sums[0], sums[0] + sums[1], sum(sums)
