"""`settlement-vectors/1`: entry, offsets, the bound and the sets of one currency, each on the opening state."""

from functools import cached_property, partial
from typing import Any

from msgspec.structs import replace

from steelyard.cli.vectors.compare import Check, Failure, judged, members, same
from steelyard.liquidity.algorithms.bilateral import offset_queues
from steelyard.liquidity.algorithms.entry import Mode, enter
from steelyard.liquidity.algorithms.flow import flow_bound
from steelyard.liquidity.algorithms.multilateral import largest_ordered_set
from steelyard.liquidity.algorithms.plan import plan_split
from steelyard.liquidity.algorithms.subset import best_whole_set
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.selection import Selection
from steelyard.solve.flow import OrToolsFlow


def judge(case: dict[str, Any]) -> list[Failure]:
    """Check a case."""
    state = _State(case)
    checks: dict[str, Check] = {
        "rtgs_fifo": partial(state.entry, "fifo"),
        "rtgs_bypass": partial(state.entry, "bypass"),
        "gridlock_fifo": state.gridlock,
        "bilateral_offset": state.offsets,
        "max_settled_value_with_splitting": state.bound,
        "max_value_indivisible": state.whole,
        "max_value_indivisible_fifo": state.whole_ordered,
        "gross": state.gross,
    }
    return judged(case["expect"], checks)


class _State:
    """Balances and queue of a case."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.balances: dict[str, int] = case["balances"]
        self.payments = [
            Queued(one["id"], one["payer"], one["payee"], one["amount"], one["prio"], one["seq"])
            for one in case["payments"]
        ]

    @cached_property
    def ordered(self) -> Selection:
        """Give the largest ordered set."""
        return largest_ordered_set(self.balances, self.payments)

    def entry(self, mode: Mode, expected: dict[str, Any]) -> list[Failure]:
        """Let the payments enter one by one."""
        entered = enter(self.balances, self.payments, mode=mode)
        found = {
            "settled_in_order": list(entered.settled),
            "final_balances": entered.balances,
            "queued": list(entered.queued),
        }
        return members(f"rtgs_{mode}", expected, found)

    def gridlock(self, expected: dict[str, Any]) -> list[Failure]:
        """Settle the largest ordered set; which payments, not in which order."""
        found = {
            "settled": sorted(self.ordered.settled),
            "post_balances": self.ordered.balances,
            "value": self.ordered.value_minor,
        }
        if "settled" in expected:
            expected = {**expected, "settled": sorted(expected["settled"])}
        return members("gridlock_fifo", expected, found)

    def offsets(self, expected: dict[str, list[str]]) -> list[Failure]:
        """Offset each pair alone; only pairs that settle both ways are named."""
        ways = {(one.payer, one.payee) for one in self.payments}
        found = {
            f"{u}|{v}": sorted(offset_queues(self.balances, self.payments, u, v))
            for u, v in sorted(ways)
            if u < v and (v, u) in ways
        }
        named = {pair: sorted(ids) for pair, ids in expected.items()}
        failures: list[Failure] = []
        for pair in sorted({*named, *found}):
            failures += same(f"bilateral_offset.{pair}", named.get(pair, []), found.get(pair, []))
        return failures

    def bound(self, expected: int) -> list[Failure]:
        """Bound what can settle; a plan by the same rules can settle and stays within it."""
        solver = OrToolsFlow()
        bound = flow_bound(self.balances, self.payments, solver=solver)
        failures = same("max_settled_value_with_splitting", expected, bound.value_minor)
        parts = plan_split(self.balances, self.payments, solver=solver).parts
        broken = self._broken(parts, bound.value_minor)
        return [*failures, *(Failure("max_settled_value_with_splitting.plan", rule=rule) for rule in broken)]

    def whole(self, expected: int) -> list[Failure]:
        """Choose whole payments: the value is that of the best set, and what is chosen can settle.

        The number is the best of all sets, whatever their classes; so all are of one class for it. With their
        own, the choice gives way where it would settle less of what is urgent, and can only be worth less.
        """
        alike = [replace(one, priority=2) for one in self.payments]
        best = best_whole_set(self.balances, alike, solver=OrToolsFlow())
        own = best_whole_set(self.balances, self.payments, solver=OrToolsFlow())
        broken = [*self._broken_set(best, best.value_minor), *self._broken_set(own, best.value_minor)]
        failures = same("max_value_indivisible", expected, best.value_minor)
        return [*failures, *(Failure("max_value_indivisible.set", rule=rule) for rule in broken)]

    def whole_ordered(self, expected: int) -> list[Failure]:
        """Compare the value of the largest ordered set."""
        return same("max_value_indivisible_fifo", expected, self.ordered.value_minor)

    def gross(self, expected: int) -> list[Failure]:
        """Compare the sum of all payments."""
        return same("gross", expected, sum(one.amount_minor for one in self.payments))

    def _broken_set(self, chosen: Selection, most: int) -> list[str]:
        """Name the rules that a set of whole payments breaks."""
        amounts = {one.id: one.amount_minor for one in self.payments}
        parts = {one: amounts.get(one, 0) for one in chosen.settled}
        broken = self._broken(parts, most)
        if len(parts) < len(chosen.settled) or sum(parts.values()) != chosen.value_minor:
            broken.append("the value is not the sum of what settles, each once")
        return broken

    def _broken(self, parts: dict[str, int], most: int) -> list[str]:
        """Name the rules that a plan breaks: known payments, at most their amounts, nobody below its floor."""
        left, known, broken = dict(self.balances), {one.id: one for one in self.payments}, []
        for name, amount in parts.items():
            one = known.get(name)
            if one is None or not 0 < amount <= one.amount_minor:
                broken.append(f"{name} settles {amount}, which is no part of a payment")
                continue
            left[one.payer] -= amount
            left[one.payee] += amount
        broken += [f"{name} ends at {end}" for name, end in left.items() if end < min(0, self.balances[name])]
        if sum(parts.values()) > most:
            broken.append(f"{sum(parts.values())} settles, above the bound {most}")
        return broken
