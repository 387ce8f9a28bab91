"""A4, the plan: what to settle now, in parts where that is allowed, urgent payments first, then high, then normal.

Each class is a flow of its own: what earlier classes settle stands fixed in it, funds kept for them and not used
stay kept, and a unit is worth 2^20 + its age in batches, so that old claims win ties. Where all may be split the
flow is the plan. Else whole payments are found by diving, the choice is mended by the drop rule of `greedy.py`
and filled up, and what may be split gets one last flow round the whole payments.

At the end what is left of all classes is planned together in the same way, round what is settled: an urgent payment
and a normal one may form a circle that neither class closes alone. Nothing is taken that costs a higher class.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.liquidity.algorithms.diving import dive
from steelyard.liquidity.algorithms.filling import Columns, fill
from steelyard.liquidity.algorithms.flow import prove, too_large
from steelyard.liquidity.algorithms.greedy import drop_and_add_back
from steelyard.liquidity.algorithms.network import Direct, Layout, Rooms
from steelyard.liquidity.certificate import Certificate
from steelyard.liquidity.queue import Queued, Room
from steelyard.liquidity.selection import Reserved, check_all, in_order
from steelyard.liquidity.solver import FlowSolver, Ints, NoFlow

NO_ROOMS = Rooms()
DIVES = 4
JOINT = 3
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
    plan = _Plan(balances, ordered, limits, reserved or {}, solver, whole)
    for level in (0, 1, 2):
        plan.add_class(level, snapshot_seq)
    plan.add_across()
    if len(ordered) <= SMALL:
        plan.take_greedy()
    parts = {one.id: plan.parts[one.id] for one in ordered if one.id in plan.parts}
    return SplitPlan(parts, tuple(plan.certificates), sum(parts.values()))


class _Plan:
    """What is settled of the classes so far."""

    def __init__(
        self,
        balances: Mapping[str, int],
        ordered: Sequence[Queued],
        limits: tuple[Room, ...],
        reserved: Reserved,
        solver: FlowSolver,
        whole: bool,
    ) -> None:
        self.balances, self.ordered, self.limits, self.reserved = balances, ordered, limits, reserved
        self.solver, self.whole = solver, whole
        self.accounts = tuple(sorted(balances))
        self.number = {name: place for place, name in enumerate(self.accounts)}
        self.start = np.asarray([balances[name] for name in self.accounts], np.int64)
        self.kept = np.zeros((2, len(self.accounts)), np.int64)
        for name, amounts in reserved.items():
            self.kept[:, self.number[name]] = amounts
        self.by_id = {one.id: one for one in ordered}
        self.parts: dict[str, int] = {}
        self.certificates: list[Certificate] = []

    def add_class(self, level: int, snapshot_seq: int) -> None:
        """Plan one class round what is settled of those before."""
        mine = [one for one in self.ordered if one.priority == level]
        if not mine:
            return
        debts = np.maximum(-self.start, 0)
        try:
            job = _Class(self, mine, level, debts)
            flows = job.prove(snapshot_seq)
        except NoFlow:
            mine = [one for one in mine if self.balances[one.payer] >= 0]
            job = _Class(self, mine, level, np.zeros_like(debts))
            flows = job.prove(snapshot_seq)
        self.parts = job.choose(flows)

    def add_across(self) -> None:
        """Plan what is left of all classes together, round what is settled: circles that no class closes alone.

        Taken only if it costs no class anything, from the most urgent on.
        """
        if len({one.priority for one in self.ordered}) < 2:
            return
        paying = {self.by_id[key].payer for key in self.parts}
        left = [
            one
            for one in self.ordered
            if self.parts.get(one.id, 0) < one.amount_minor
            and (self.balances[one.payer] >= 0 or one.payer in paying)
        ]
        if left:
            pays = np.asarray([name in paying for name in self.accounts], bool)
            debts = np.where(pays, np.maximum(-self.start, 0), 0)
            parts = _Class(self, left, JOINT, debts).choose_anew()
            if self._values(parts) > self._values(self.parts):
                self.parts = parts

    def take_greedy(self) -> None:
        """Take the greedy set of whole payments where it is better: in small queues one payment is much."""
        greedy = self.mend({one.id: one.amount_minor for one in self.ordered}, 2, add_back=True)
        if self._values(greedy) > self._values(self.parts):
            self.parts = greedy

    def _values(self, parts: Mapping[str, int]) -> tuple[int, int, int]:
        """Give what settles of urgent payments, of urgent and high ones, and of all."""
        sums = [0, 0, 0]
        for key, part in parts.items():
            sums[self.by_id[key].priority] += part
        return sums[0], sums[0] + sums[1], sum(sums)

    def mend(self, parts: Mapping[str, int], level: int, *, add_back: bool) -> dict[str, int]:
        """Let the drop rule take out what cannot settle together, and add back what still can."""
        up_to = self.ordered if level >= 2 else [one for one in self.ordered if one.priority <= level]
        return drop_and_add_back(
            self.balances, up_to, parts, limits=self.limits, reserved=self.reserved, add_back=add_back
        )

    def funds(self, parts: Mapping[str, int], level: int) -> tuple[Ints, Ints]:
        """Give what each account may lose in all once a class is in, and what it loses by `parts`.

        `parts` are of earlier classes (or in debt, added back): what these leave unused of their reservations
        stays kept. One of them added back may live on what comes in only with a later class: what is then lost
        above the balance is no fund but has to come in.
        """
        loss = np.zeros(len(self.accounts), np.int64)
        kept = self.kept.copy()
        for key, part in parts.items():
            one = self.by_id[key]
            payer = self.number[one.payer]
            loss[payer] += part
            loss[self.number[one.payee]] -= part
            if one.priority < 2:
                kept[one.priority, payer] -= part
        unused = np.maximum(kept[:level], 0).sum(axis=0)
        own = np.maximum(self.start, 0)
        return np.maximum(np.minimum(np.maximum(loss, 0), own), own - unused), loss


class _Class:
    """Payments planned together: in columns, with what each account may still lose to them, and their limits."""

    def __init__(self, plan: _Plan, mine: Sequence[Queued], level: int, needs: Ints) -> None:
        self.plan, self.mine, self.level, self.needs = plan, mine, level, needs
        joint = level == JOINT
        self.base = {one.id: part for one in mine if (part := plan.parts.get(one.id, 0))} if joint else {}
        self.columns = Columns.of(mine, plan.number, self.base, whole=plan.whole, ranked=joint)
        self.kinds = np.unique(self.columns.kind)
        self.names = {one.id for one in mine}

    def _rooms(self, parts: Mapping[str, int]) -> Rooms:
        """Give what limits leave after these parts."""
        plan = self.plan
        if not plan.limits or self.level < 2:
            return NO_ROOMS
        moved = ((plan.by_id[key], part) for key, part in parts.items())
        return Rooms.of(plan.limits, plan.number).less(
            (plan.number[one.payer], plan.number[one.payee], part) for one, part in moved if one.priority == 2
        )

    def prove(self, snapshot_seq: int) -> Ints:
        """Find the flow of the class, keep its certificate, give what flows per kind."""
        plan = self.plan
        funds, _ = plan.funds(plan.parts, self.level)
        before = Direct(*self._by_pair(plan.parts), reward=0, fixed=True)
        rooms = self._rooms({})
        layout, place, amounts = self._aged(self.columns, self.kinds, rooms, before)
        network = layout.network(amounts, funds=funds, needs=self.needs, rooms=rooms, published=True)
        proof = prove(network, plan.solver)
        objective = f"class{self.level}"
        plan.certificates.append(
            proof.certificate(objective=objective, weight="aged", snapshot_seq=snapshot_seq)
        )
        return _summed(layout.amounts_of(network, proof.flow, amounts), place, len(self.kinds))

    def _by_pair(self, parts: Mapping[str, int]) -> tuple[Ints, Ints]:
        number = self.plan.number
        sums: dict[int, int] = {}
        for key, part in parts.items():
            one = self.plan.by_id[key]
            pair = number[one.payer] * len(number) + number[one.payee]
            sums[pair] = sums.get(pair, 0) + part
        pairs = sorted(sums)
        return np.asarray(pairs, np.int64), np.asarray([sums[pair] for pair in pairs], np.int64)

    def _aged(
        self, columns: Columns, kinds: Ints, rooms: Rooms, direct: Direct | None
    ) -> tuple[Layout, Ints, Ints]:
        """Give the layout with a level per weight, the kind of each of its combos, and the amount."""
        weights, rank = np.unique(-columns.weight, return_inverse=True)
        joint = np.searchsorted(kinds, columns.kind) * len(weights) + rank
        combos, place = np.unique(joint, return_inverse=True)
        amounts = np.zeros(len(combos), np.int64)
        np.add.at(amounts, place, columns.amount)
        levels = np.divmod(combos, max(1, len(weights)))
        layout = Layout(
            self.plan.accounts,
            pairs=kinds // 3,
            normal=kinds % 3 == 2,
            rewards=tuple((-weights).tolist()),
            combos=levels,
            rooms=rooms,
            direct=direct,
        )
        return layout, levels[0], amounts

    def choose(self, flows: Ints) -> dict[str, int]:
        """Turn the flow into payments and parts; give all that settles of this class and those before."""
        plan, columns = self.plan, self.columns
        if bool(columns.divisible.all()):
            settled, cut = fill(columns, self.kinds, flows)
            return self._mended(self._with(plan.parts, settled), cut=cut)
        return self.choose_anew()

    def choose_anew(self) -> dict[str, int]:
        """Find whole payments by diving and let the rest flow round them."""
        plan, columns = self.plan, self.columns
        loose = np.flatnonzero(columns.divisible)
        parts = plan.parts
        if len(loose) < len(self.mine):
            funds, loss = plan.funds(parts, self.level)
            parts = self._whole(funds - self.needs - loss, loose)
        return self._last_flow(parts, loose) if len(loose) else parts

    def _whole(self, usable: Ints, loose: Ints) -> dict[str, int]:
        """Dive and mend. Where mending costs more than a thousandth, dive again with a margin; keep the best.

        A little that an account lacks at the end can cost it its only payment, a large one, then the payee's, and
        so on. So it is asked beforehand to keep what it lacked.
        """
        plan, columns = self.plan, self.columns
        rooms = self._rooms(plan.parts)
        best: dict[str, int] = {}
        for dives in range(DIVES):
            try:
                found = dive(
                    plan.accounts, columns, self.kinds, usable=usable, rooms=rooms, solver=plan.solver
                )
            except NoFlow:
                if not dives:
                    raise
                break
            settled = np.where(found.fixed, columns.amount, 0)
            settled[loose], _ = fill(columns.take(loose), self.kinds, found.flow)
            chosen = self._with(plan.parts, settled)
            parts = plan.mend(chosen, self.level, add_back=True)
            if not dives or sum(parts.values()) > sum(best.values()):
                best = parts
            if sum(parts.values()) * 1000 >= sum(chosen.values()) * 999:
                break
            usable = usable - found.help
        return best

    def _last_flow(self, parts: dict[str, int], loose: Ints) -> dict[str, int]:
        """Keep the whole payments and let what may be split flow anew round them; `parts` shows that it can.

        An account that is short and pays nothing needs nothing.
        """
        plan, columns = self.plan, self.columns
        if any(parts.get(key, 0) < part for key, part in self.base.items()):
            return parts
        kept = {key: part for key, part in parts.items() if key not in self.names} | self.base
        settled = np.asarray([parts.get(one.id, 0) - kept.get(one.id, 0) for one in self.mine], np.int64)
        settled[loose] = 0
        fixed = self._with(kept, settled)
        funds, loss = plan.funds(fixed, self.level)
        usable = funds - np.maximum(-plan.start, 0) - loss
        idle = (usable < 0) & ~self._paying(parts)
        usable[idle] = 0
        loose = loose[~idle[columns.payer[loose]]]
        if not len(loose):
            return parts
        rooms = self._rooms(fixed)
        rest = columns.take(loose)
        kinds = np.unique(rest.kind)
        layout, place, amounts = self._aged(rest, kinds, rooms, None)
        funds, needs = np.maximum(usable, 0), np.maximum(-usable, 0)
        try:
            network = layout.network(amounts, funds=funds, needs=needs, rooms=rooms)
            flow = layout.amounts_of(network, network.solve(plan.solver), amounts)
        except NoFlow:
            if self.level < JOINT or not plan.reserved:
                raise
            return parts  # what it pays of a reservation may itself be in parts, which the flow cannot know
        settled[loose], cut = fill(rest, kinds, _summed(flow, place, len(kinds)))
        return self._mended(self._with(kept, settled), cut=cut)

    def _paying(self, parts: Mapping[str, int]) -> Ints:
        """Tell which accounts pay anything."""
        paying = np.zeros(len(self.plan.accounts), bool)
        paying[[self.plan.number[self.plan.by_id[key].payer] for key in parts]] = True
        return paying

    def _mended(self, parts: dict[str, int], *, cut: bool) -> dict[str, int]:
        """Mend where a floor cut a part, or where the drop rule is stricter about reservations than the flow."""
        return self.plan.mend(parts, self.level, add_back=False) if cut or self.plan.reserved else parts

    def _with(self, others: Mapping[str, int], settled: Ints) -> dict[str, int]:
        """Give what settles in all when so much more of these payments does."""
        parts = dict(others)
        for one, part in zip(self.mine, settled.tolist(), strict=True):
            if part:
                parts[one.id] = parts.get(one.id, 0) + part
        return parts


def _summed(flow: Ints, place: Ints, kinds: int) -> Ints:
    sums = np.zeros(kinds, np.int64)
    np.add.at(sums, place, flow)
    return sums
