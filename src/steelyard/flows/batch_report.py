"""What is published of a batch: how much was queued, settled and left, for whom, and how near to the bound."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from msgspec import Raw

from steelyard.flows.diary import Diary
from steelyard.flows.facts import PaymentMoved
from steelyard.flows.liquidity_facts import BatchMember, BatchReported
from steelyard.flows.pair_sums import Ints, totals
from steelyard.flows.queue_view import accounts, owner_of
from steelyard.flows.settled_rows import each_fact
from steelyard.flows.world import World
from steelyard.liquidity.batches import Batch
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.payments.columns import present
from steelyard.payments.payment import Payment, Split
from steelyard.values.instants import Instant

Figures = dict[tuple[str, str], list[int]]
"""(participant, asset) -> paid, received, left: minor units"""


class Report:
    """Collects the figures of one batch while it is applied."""

    def __init__(self, world: World, batch: Batch, *, algorithm: str, at: Instant) -> None:
        self.world, self.batch, self.algorithm, self.at = world, batch, algorithm, at
        self.units = dict(batch.units)
        self.bundle_id = b""
        self.solver_version = ""
        self.certificates: tuple[bytes, ...] = ()
        self.proved = False
        self.bound: int | None = None
        self.bound_free: int | None = None
        self.priority_cost = 0
        self.runners_up: tuple[tuple[str, str], ...] = ()
        self.skipped = (0, 0)
        self.held_abroad: tuple[tuple[str, str], ...] = ()
        self._figures: Figures = {}
        self._settled = [0, 0]  # payments settled whole or with their last part; value
        self._parts = [0, 0]

    def count(
        self,
        asset: str,
        legs: tuple[Ints, Ints, Ints],
        *,
        parts: Sequence[int],
    ) -> None:
        """Count what settled of payments in a currency: payers' accounts, payees', how much.

        `parts` are the amounts of those that do not settle whole.
        """
        total = 0
        for place, side in enumerate(legs[:2]):
            sums = totals(side, legs[2], int(side.max(initial=0)) + 1)
            for account_no in present(side).tolist():
                self._of(owner_of(self.world, account_no), asset)[place] += sums[account_no]
            total = sum(sums)
        unit = self.units.get(asset, 1)
        self._parts[0] += len(parts)
        self._parts[1] += sum(parts) * unit
        self._settled[0] += len(legs[0]) - len(parts)
        self._settled[1] += (total - sum(parts)) * unit

    def count_moved(self, facts: list[Raw]) -> None:
        """Count payments that settled whole by facts of a gridlock run."""
        for fact in each_fact(facts):
            if isinstance(fact, PaymentMoved) and fact.event == "SETTLED_NOW":
                record = self.world.payments.record(fact.uetr)
                assert record is not None
                name = self.world.payments.name
                asset = name(record.source)
                minor = int(fact.detail[1]) if fact.detail else record.target_minor
                self._of(name(record.debtor_agent), asset)[0] += minor
                self._of(name(record.creditor_agent), asset)[1] += minor
                self._settled[0] += 1
                self._settled[1] += minor * self.units.get(asset, 1)
                self.bundle_id = fact.bundle_id

    @property
    def settled_minor(self) -> int:
        """Give the value that settled, parts included."""
        return self._settled[1] + self._parts[1]

    def fact(self) -> BatchReported:
        """Give the report; call it when the batch is booked and before anything else moves."""
        batch = self.batch
        left_count, left, oldest = self._left()
        settled = self.settled_minor
        bound = self.bound
        distance = 0 if not bound else max(0, bound - settled) * 10_000 // bound
        digest = sha256(b"".join(self.certificates)).digest() if self.certificates else b""
        return BatchReported(
            batch.batch_id, batch.number, batch.kind, batch.assets, batch.trigger, batch.snapshot_seq,
            batch.started_at, self.at, batch.tries, self.algorithm, self.solver_version,
            batch.queued_count, str(batch.queued_value), self._settled[0], str(self._settled[1]),
            self._parts[0], str(self._parts[1]), left_count, str(left), self.skipped,
            "" if bound is None else str(bound), "" if self.bound_free is None else str(self.bound_free),
            distance, str(self.priority_cost), digest, self.proved, self.runners_up,
            members(self._figures),
            oldest, self.bundle_id, batch.units, self.held_abroad,
        )  # fmt: skip

    def publish(self, diary: Diary) -> None:
        """Write the report down, and tell everybody in it what the batch did for its own queue."""
        fact = self.fact()
        diary.fact(fact)
        for bic, asset, paid, received, left in fact.participants:
            diary.tell(bic, "batch.applied", fact.batch_id, asset, paid, received, left, fact.number)

    def _of(self, bic: str, asset: str) -> list[int]:
        return self._figures.setdefault((bic, asset), [0, 0, 0])

    def _left(self) -> tuple[int, int, tuple[bytes, int, int, str]]:
        """Count what stays queued, and find the payment that has waited longest, with what it waits for."""
        world, count, value = self.world, 0, 0
        first: tuple[int, int, bytes] | None = None
        for asset in self.batch.assets:
            for account_no in accounts(world, asset):
                items = world.queues.of(account_no)
                minor = sum(item.amount_minor for item in items)
                self._of(items[0].payer, asset)[2] += minor
                count += len(items)
                value += minor * self.units.get(asset, 1)
                found = min((item.queued_at, item.seq, item.uetr) for item in items)
                first = found if first is None else min(first, found)
        if first is None:
            return count, value, (b"", 0, 0, "")
        payment = world.payments.live[first[2]]
        return count, value, (payment.uetr, payment.queued_at, payment.reason, _why(payment, self.at))


def members(figures: Mapping[tuple[str, str], Sequence[int]]) -> tuple[BatchMember, ...]:
    """Give what a report tells of each participant: paid, received and, where it is told, left; by both."""
    rows = []
    for (bic, asset), sums in sorted(figures.items()):
        paid, received, *left = map(str, sums)
        rows.append((bic, asset, paid, received, *(left or ("0",))))
    return tuple(rows)


def _why(payment: Payment, at: Instant) -> str:
    """Say what keeps a payment queued: time, a limit, its sender's wish not to split it, or money."""
    if at >= payment.due_at:
        return "time"
    if payment.reason in _LIMITS:
        return "limit"
    return "opt_out" if payment.split == Split.WHOLE and payment.source == payment.target else "short"


_LIMITS = (
    LiquidityRefusal.BILATERAL_LIMIT_WOULD_BE_EXCEEDED.code,
    LiquidityRefusal.MULTILATERAL_LIMIT_WOULD_BE_EXCEEDED.code,
    LiquidityRefusal.HOLDING_CAP_WOULD_BE_EXCEEDED.code,
)
