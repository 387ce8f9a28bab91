"""The daily run of variation margin: collect from who lost, then pay who gained, and nobody waits for who is short.

A run has two steps. *Collect*: until the deadline each payer's due is a bundle of its own into the counterparty's
clearing account. *Pay*: one bundle to all gainers, tested at its end. What a payer still owes then is taken from its
margin account in that same bundle; what that lacks is advanced from the counterparty's liquidity account, and he
owes it from that day on. Only if both are short are the gainers paid pro rata, and the rest is owed to them from that
day on; both kinds of claim are published.

What is paid in later on a claim goes to the gainers of its run first, pro rata, then back to the liquidity account.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum

from msgspec import Struct

from steelyard.market.clearing.shares import share_out
from steelyard.values.instants import Day, Instant


class RunState(StrEnum):
    """Where a run is."""

    CALLED = "CALLED"
    PAID = "PAID"


class RunEvent(StrEnum):
    """What can happen to a run."""

    COLLECTED = "COLLECTED"
    PAID_OUT = "PAID_OUT"


STEPS: dict[RunState, dict[RunEvent, RunState]] = {
    RunState.CALLED: {RunEvent.COLLECTED: RunState.CALLED, RunEvent.PAID_OUT: RunState.PAID},
    RunState.PAID: {},
}


def step(state: RunState, event: RunEvent) -> RunState | None:
    """Give the state that follows, or None where the event has no place there."""
    return STEPS[state].get(event)


class Run(Struct, array_like=True, gc=False):
    """One run of one currency. `due` is what payers owe, `gain` what gainers get: their sums are equal."""

    run_id: bytes
    number: int
    asset: str
    on: Day
    called_at: Instant
    deadline_at: Instant
    due: dict[str, int]
    gain: dict[str, int]
    prices: dict[str, int]
    """Settlement price by contract"""
    collected: dict[str, int] = {}
    state: RunState = RunState.CALLED
    sources: dict[str, str] = {}
    """By contract where its price is from: the source of a published one, "stands", or "by_hand" for none such"""
    reason: str = ""
    """Why prices were given by hand"""

    def open_due(self, member: str) -> int:
        """Give what a payer has not paid yet."""
        return self.due.get(member, 0) - self.collected.get(member, 0)


class Owed(Struct, array_like=True, gc=False):
    """A dated claim out of a run: what the counterparty advanced for a payer, and what gainers wait for.

    `unpaid` is by gainer. Both sink as the payer pays.
    """

    run_id: bytes
    member: str
    asset: str
    on: Day
    advanced_minor: int
    unpaid: dict[str, int]

    @property
    def minor(self) -> int:
        """Give what the payer owes."""
        return self.advanced_minor + sum(self.unpaid.values())


class PayPlan(Struct, frozen=True):
    """How the gainers of a run are paid. Amounts by member; nobody is in a part with nothing."""

    collected: int
    from_margin: dict[str, int]
    advanced: dict[str, int]
    missing: dict[str, int]
    """by payer: what nobody could pay for him"""
    paid: dict[str, int]
    unpaid: dict[str, int]
    """by gainer"""


def dues(gains: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    """Part the sums of a run into what payers owe and what gainers get.

    >>> dues({"A": 5, "B": -3, "C": -2, "D": 0})
    ({'B': 3, 'C': 2}, {'A': 5})
    """
    names = sorted(gains)
    return (
        {one: -gains[one] for one in names if gains[one] < 0},
        {one: gains[one] for one in names if gains[one] > 0},
    )


def plan_pay(
    run: Run, *, margins: Mapping[str, int], liquidity: int, unaided: Collection[str] = ()
) -> PayPlan:
    """Plan the pay bundle of a run. `margins` are what is on the margin accounts, `liquidity` on that account.

    For those in `unaided` nothing is advanced: for the house itself, whose own loss no layer of a waterfall covered.
    Payers are seen to by id. What comes in and what goes out are equal, whoever is short.
    """
    from_margin: dict[str, int] = {}
    advanced: dict[str, int] = {}
    missing: dict[str, int] = {}
    for member in sorted(run.due):
        left = run.open_due(member)
        credit = 0 if member in unaided else max(0, liquidity)
        for has, part in ((max(0, margins.get(member, 0)), from_margin), (credit, advanced)):
            taken = min(left, has)
            if taken:
                part[member] = taken
                left -= taken
        liquidity -= advanced.get(member, 0)
        if left:
            missing[member] = left
    lacking = share_out(sum(missing.values()), run.gain)
    paid = {member: gain - lacking[member] for member, gain in sorted(run.gain.items())}
    return PayPlan(
        sum(run.collected.values()),
        from_margin,
        advanced,
        missing,
        {member: minor for member, minor in paid.items() if minor},
        {member: minor for member, minor in lacking.items() if minor},
    )


def claims(run: Run, plan: PayPlan, on: Day) -> list[Owed]:
    """Give what each payer owes after the pay bundle, by payer.

    What several payers left missing is spread over the gainers so that each gainer waits for the whole of his.
    """
    left = dict(plan.unpaid)
    found = []
    for member in sorted({*plan.advanced, *plan.missing}):
        part = share_out(plan.missing.get(member, 0), left) if left else {}
        part = {gainer: minor for gainer, minor in part.items() if minor}
        for gainer, minor in part.items():
            left[gainer] -= minor
        found.append(Owed(run.run_id, member, run.asset, on, plan.advanced.get(member, 0), part))
    return found


def pay_claim(claim: Owed, minor: int) -> tuple[dict[str, int], int]:
    """Lessen a claim by what its payer pays, at most all of it; give what gainers get and what liquidity gets.

    >>> owed = Owed(b"", "B", "NOR", 0, 10, {"A": 4, "C": 2})
    >>> pay_claim(owed, 3), pay_claim(owed, 9), owed.minor
    (({'A': 2, 'C': 1}, 0), ({'A': 2, 'C': 1}, 6), 4)
    """
    waiting = sum(claim.unpaid.values())
    to_gainers = share_out(min(minor, waiting), claim.unpaid) if waiting else {}
    to_liquidity = min(minor - min(minor, waiting), claim.advanced_minor)
    claim.unpaid = {
        gainer: rest for gainer in sorted(claim.unpaid) if (rest := claim.unpaid[gainer] - to_gainers[gainer])
    }
    claim.advanced_minor -= to_liquidity
    return {gainer: part for gainer, part in to_gainers.items() if part}, to_liquidity
