"""One class of a plan (or what is left of all): its flow, its whole payments, its parts. See `plan.py`."""

from collections.abc import Mapping, Sequence

import numpy as np

from steelyard.liquidity.algorithms.diving import dive
from steelyard.liquidity.algorithms.filling import Columns, fill, pour
from steelyard.liquidity.algorithms.flow import prove
from steelyard.liquidity.algorithms.greedy import drop_and_add_back
from steelyard.liquidity.algorithms.layout import Layout
from steelyard.liquidity.algorithms.network import Direct, Rooms
from steelyard.liquidity.certificate import Certificate
from steelyard.liquidity.ordered import Ordered, fields
from steelyard.liquidity.queue import Queued, Room
from steelyard.liquidity.selection import Reserved
from steelyard.liquidity.solver import MOST, FlowSolver, Ints, NoFlow

NO_ROOMS = Rooms()
DIVES = 4
JOINT = 3


class Frame:
    """What all classes share: the queue, funds, limits, reservations; accounts by number."""

    def __init__(
        self,
        balances: Mapping[str, int],
        ordered: Ordered,
        limits: tuple[Room, ...],
        reserved: Reserved,
        solver: FlowSolver,
        whole: bool,
    ) -> None:
        self.balances, self.ordered, self.limits, self.reserved = balances, ordered, limits, reserved
        self.solver, self.whole = solver, whole
        self.accounts, self.number = ordered.accounts, ordered.number
        self.start = np.asarray([balances[name] for name in self.accounts], np.int64)
        self.kept = np.zeros((2, len(self.accounts)), np.int64)
        for name, amounts in reserved.items():
            self.kept[:, self.number[name]] = [min(amount, MOST) for amount in amounts]
        self.by_id = dict(zip(ordered.fields.ids, ordered, strict=True))

    def mend(self, parts: Mapping[str, int], level: int, *, add_back: bool) -> dict[str, int]:
        """Let the drop rule take out what cannot settle together, and add back what still can."""
        up_to: Sequence[Queued] = self.ordered
        if level < 2:
            up_to = [one for one in self.ordered if one.priority <= level]
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


class ClassPlan:
    """Payments planned together: in columns, with what each account may still lose to them, and their limits."""

    def __init__(
        self, plan: Frame, mine: Sequence[Queued], level: int, *, before: Mapping[str, int], needs: Ints
    ) -> None:
        """`before` is what is settled already, `needs` what each account has to gain in all."""
        self.plan, self.mine, self.level, self.needs, self.before = plan, mine, level, needs, before
        joint = level == JOINT
        self.base = {one.id: part for one in mine if (part := before.get(one.id, 0))} if joint else {}
        self.columns = Columns.of(mine, plan.number, self.base, whole=plan.whole, ranked=joint)
        self.kinds = np.unique(self.columns.kind)
        self.ids = fields(mine, plan.number).ids

    def _rooms(self, parts: Mapping[str, int]) -> Rooms:
        """Give what limits leave after these parts."""
        plan = self.plan
        if not plan.limits or self.level < 2:
            return NO_ROOMS
        moved = ((plan.by_id[key], part) for key, part in parts.items())
        return Rooms.of(plan.limits, plan.number).less(
            (plan.number[one.payer], plan.number[one.payee], part) for one, part in moved if one.priority == 2
        )

    def prove(self, snapshot_seq: int) -> tuple[Ints, Certificate]:
        """Find the flow of the class: what flows per kind, and its certificate."""
        plan = self.plan
        funds, _ = plan.funds(self.before, self.level)
        before = Direct(*self._by_pair(self.before), reward=0, fixed=True)
        rooms = self._rooms({})
        layout, place, amounts = self._aged(self.columns, self.kinds, rooms, before)
        network = layout.network(amounts, funds=funds, needs=self.needs, rooms=rooms, published=True)
        proof = prove(network, plan.solver)
        certificate = proof.certificate(
            objective=f"class{self.level}", weight="aged", snapshot_seq=snapshot_seq
        )
        flows = _summed(layout.amounts_of(network, proof.flow, amounts), place, len(self.kinds))
        return flows, certificate

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

    def poured(self, flows: Ints) -> dict[str, int]:
        """Give what settles of this class and those before if its flow is taken as it is, floors or not."""
        return self._with(self.before, pour(self.columns, self.kinds, flows))

    def choose(self, flows: Ints) -> dict[str, int]:
        """Turn the flow into payments and parts; give all that settles of this class and those before."""
        columns = self.columns
        if bool(columns.divisible.all()):
            settled, cut = fill(columns, self.kinds, flows)
            return self._mended(self._with(self.before, settled), cut=cut)
        return self.choose_anew()

    def choose_anew(self) -> dict[str, int]:
        """Find whole payments by diving and let the rest flow round them."""
        plan, columns = self.plan, self.columns
        loose = np.flatnonzero(columns.divisible)
        parts = dict(self.before)
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
        rooms = self._rooms(self.before)
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
            chosen = self._with(self.before, settled)
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
        names = set(self.ids)
        kept = {key: part for key, part in parts.items() if key not in names} | self.base
        settled = np.asarray([parts.get(id, 0) - kept.get(id, 0) for id in self.ids], np.int64)
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
        more = {id: part for id, part in zip(self.ids, settled.tolist(), strict=True) if part}
        if not others:
            return more
        parts = dict(others)
        for id, part in more.items():
            parts[id] = parts.get(id, 0) + part
        return parts


def _summed(flow: Ints, place: Ints, kinds: int) -> Ints:
    sums = np.zeros(kinds, np.int64)
    np.add.at(sums, place, flow)
    return sums
