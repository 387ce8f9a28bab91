"""A11, the PvP queue: instructions settle one by one, both legs or none, as long as three tests hold.

After each trial both members must stand within: (1) no balance below minus the short limit of its currency;
(2) the sum of what is short, in value, within the aggregate short limit; (3) the total of all balances in value,
long ones less and short ones plus the haircut, not below zero. So a member that never pays in costs the others
nothing: what it is long covers what it is short, even when rates move by the haircut.

Integers only. A value is a whole number per minor unit. The list's order is the order of the tries.

Source: CPMI-IOSCO Principles for financial market infrastructures (2012), principle 12; public descriptions of
CLS settlement: three tests, scan from the head, passes until nothing moves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

WHOLE_BP = 10_000
STEPS_MAX = 5
"""A pay-in schedule has at most this many dated steps."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """Two legs that settle together: `a` pays `b` so many minor units of one currency, `b` pays `a` of another."""

    id: str
    a: str
    b: str
    a_pays_ccy: str
    a_pays: int
    b_pays_ccy: str
    b_pays: int


@dataclass(frozen=True, slots=True)
class PvpRun:
    """What a run settled, in this order, what it left, where members stand, and how many scans it took."""

    settled: tuple[str, ...]
    queued: tuple[str, ...]
    balances: dict[str, dict[str, int]]
    passes: int


@dataclass(frozen=True, slots=True)
class PayIn:
    """What a member owes of one currency by one instant of its schedule."""

    currency: str
    due_at: int
    amount_minor: int


class _Member:
    """One member's balances with the three sums of the tests kept up to date, so that a try costs O(1)."""

    __slots__ = ("_haircut_bp", "_limit", "_limits", "_values", "balances", "below", "short", "worth")

    def __init__(
        self,
        balances: Mapping[str, int],
        values: Mapping[str, int],
        limits: Mapping[str, int],
        limit: int,
        haircut_bp: int,
    ) -> None:
        self.balances: dict[str, int] = {}
        self._values, self._limits, self._limit, self._haircut_bp = values, limits, limit, haircut_bp
        self.below = self.short = self.worth = 0
        for currency, balance in balances.items():
            self.add(currency, balance)

    def add(self, currency: str, amount: int) -> None:
        old = self.balances.get(currency, 0)
        new = self.balances[currency] = old + amount
        value, floor = self._values[currency], -self._limits.get(currency, 0)
        self.below += (new < floor) - (old < floor)
        self.short += (max(0, -new) - max(0, -old)) * value
        self.worth += (self._weighed(new) - self._weighed(old)) * value

    def _weighed(self, balance: int) -> int:
        return balance * (WHOLE_BP - self._haircut_bp if balance > 0 else WHOLE_BP + self._haircut_bp)

    def stands(self) -> bool:
        return self.below == 0 and self.short <= self._limit and self.worth >= 0


def run_pvp(
    accounts: Mapping[str, Mapping[str, int]],
    instructions: Sequence[Instruction],
    *,
    values: Mapping[str, int],
    short_limits: Mapping[str, Mapping[str, int]],
    aggregate_short_limits: Mapping[str, int],
    haircut_bp: int,
    stopped: Iterable[str] = (),
) -> PvpRun:
    """Settle what the three tests let through, scanning in list order until a scan settles nothing.

    That last scan is counted in `passes`. A limit that is not given is 0. Members named in `stopped` (their
    pay-in was missed) neither pay nor receive: only instructions that name them wait, everybody else's are tried
    as if those were not there.

    >>> swap = Instruction("i1", "A", "B", "INR", 900, "RUB", 300)
    >>> run = run_pvp({"A": {"INR": 900}, "B": {"RUB": 250}}, [swap], values={"INR": 1, "RUB": 3}, haircut_bp=1000,
    ...     short_limits={"B": {"RUB": 50}}, aggregate_short_limits={"B": 150})
    >>> run.settled, run.balances["B"], run.passes
    (('i1',), {'INR': 900, 'RUB': -50}, 2)
    """
    _check(accounts, instructions, values, short_limits, aggregate_short_limits, haircut_bp)
    members = {
        name: _Member(
            balances, values, short_limits.get(name, {}), aggregate_short_limits.get(name, 0), haircut_bp
        )
        for name, balances in accounts.items()
    }
    barred = frozenset(stopped)
    aside = [one.id for one in instructions if one.a in barred or one.b in barred]
    waiting = [one for one in instructions if one.a not in barred and one.b not in barred]
    settled: list[str] = []
    passes = 0
    while True:
        passes += 1
        left = [one for one in waiting if not _settle(one, members[one.a], members[one.b])]
        if len(left) == len(waiting):
            break
        gone = {one.id for one in left}
        settled += [one.id for one in waiting if one.id not in gone]
        waiting = left
    open_ids = {*aside, *(one.id for one in waiting)}
    return PvpRun(
        settled=tuple(settled),
        queued=tuple(one.id for one in instructions if one.id in open_ids),
        balances={name: dict(sorted(members[name].balances.items())) for name in sorted(members)},
        passes=passes,
    )


def stands(
    balances: Mapping[str, int],
    *,
    values: Mapping[str, int],
    short_limits: Mapping[str, int],
    aggregate_short_limit: int,
    haircut_bp: int,
) -> bool:
    """Tell whether one member's balances pass the three tests; the machine asks this of a proposal's end state."""
    return _Member(balances, values, short_limits, aggregate_short_limit, haircut_bp).stands()


def pay_in_schedule(balances: Mapping[str, int], steps: Sequence[tuple[int, int]]) -> tuple[PayIn, ...]:
    """Spread what a member is short over dated steps (due_at, share in basis points of the whole, summed up).

    At most five steps, ascending in both, the last one 10,000. Each step is rounded up on the running total, so
    the money is there rather early and the steps sum to the short exactly.

    >>> [pay.amount_minor for pay in pay_in_schedule({"RUB": -101, "INR": 7}, [(9, 5000), (10, 10_000)])]
    [51, 50]
    """
    if not 1 <= len(steps) <= STEPS_MAX:
        raise ValueError("a pay-in schedule has one to five steps")
    instants, shares = [at for at, _ in steps], [share for _, share in steps]
    if instants != sorted(frozenset(instants)) or shares != sorted(shares) or shares[0] < 0:
        raise ValueError("the steps of a pay-in schedule ascend")
    if shares[-1] != WHOLE_BP:
        raise ValueError("the last step of a pay-in schedule is the whole")
    due = []
    for currency in sorted(balances):
        short, asked = max(0, -balances[currency]), 0
        for at, share in steps:
            upto = -(-short * share // WHOLE_BP)
            if upto > asked:
                due.append(PayIn(currency, at, upto - asked))
                asked = upto
    return tuple(due)


def missed(schedule: Iterable[PayIn], paid: Mapping[str, int], *, at: int) -> dict[str, int]:
    """Give per currency what was due by now and has not come; a member with any of it is to be stopped."""
    due: dict[str, int] = {}
    for pay in schedule:
        if pay.due_at <= at:
            due[pay.currency] = due.get(pay.currency, 0) + pay.amount_minor
    lack = {currency: amount - paid.get(currency, 0) for currency, amount in sorted(due.items())}
    return {currency: amount for currency, amount in lack.items() if amount > 0}


def pay_out(
    balances: Mapping[str, int],
    *,
    values: Mapping[str, int],
    haircut_bp: int,
    keep: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Give what a member may take out now: long balances that its shorts do not need as cover.

    `keep` holds back what its waiting instructions will pay. Currencies are visited by name; each gives as much
    as the haircut test still allows after those before it.

    >>> pay_out({"INR": 900, "RUB": -50}, values={"INR": 1, "RUB": 3}, haircut_bp=1000)
    {'INR': 716}
    """
    spare = _Member(balances, values, {}, 0, haircut_bp).worth
    out = {}
    for currency in sorted(balances):
        weight = values[currency] * (WHOLE_BP - haircut_bp)
        free = balances[currency] - (keep or {}).get(currency, 0)
        amount = min(free, spare // weight) if weight else free
        if amount > 0:
            out[currency] = amount
            spare -= amount * weight
    return out


def _settle(one: Instruction, a: _Member, b: _Member) -> bool:
    """Try both legs; take them back where a member no longer stands."""
    _move(one, a, b, 1)
    if a.stands() and b.stands():
        return True
    _move(one, a, b, -1)
    return False


def _move(one: Instruction, a: _Member, b: _Member, sign: int) -> None:
    a.add(one.a_pays_ccy, -sign * one.a_pays)
    b.add(one.a_pays_ccy, sign * one.a_pays)
    a.add(one.b_pays_ccy, sign * one.b_pays)
    b.add(one.b_pays_ccy, -sign * one.b_pays)


def _check(
    accounts: Mapping[str, Mapping[str, int]],
    instructions: Iterable[Instruction],
    values: Mapping[str, int],
    short_limits: Mapping[str, Mapping[str, int]],
    aggregate_short_limits: Mapping[str, int],
    haircut_bp: int,
) -> None:
    """Raise TypeError or ValueError on what no run takes."""
    balances = [(currency, minor) for held in accounts.values() for currency, minor in held.items()]
    limits = [minor for held in short_limits.values() for minor in held.values()]
    limits += aggregate_short_limits.values()
    numbers = [*(minor for _, minor in balances), *values.values(), *limits, haircut_bp]
    if any(type(number) is not int for number in numbers):
        raise TypeError("balances, values, limits and the haircut are integers")
    if min(limits, default=0) < 0 or min(values.values(), default=1) <= 0:
        raise ValueError("limits are not below zero, values are above it")
    if not 0 <= haircut_bp <= WHOLE_BP:
        raise ValueError("a haircut is between 0 and 10,000 basis points")
    if any(currency not in values for currency, _ in balances):
        raise ValueError("a balance is in a currency that has no value")
    seen: set[str] = set()
    for one in instructions:
        if type(one.a_pays) is not int or type(one.b_pays) is not int:
            raise TypeError(f"an amount of {one.id} is no integer")
        if one.a_pays <= 0 or one.b_pays <= 0:
            raise ValueError(f"an amount of {one.id} is not above zero")
        if one.a == one.b or one.a not in accounts or one.b not in accounts:
            raise ValueError(f"{one.id} names one member twice or one without accounts")
        if one.a_pays_ccy not in values or one.b_pays_ccy not in values:
            raise ValueError(f"{one.id} is in a currency that has no value")
        if one.id in seen:
            raise ValueError(f"{one.id} is there twice")
        seen.add(one.id)
