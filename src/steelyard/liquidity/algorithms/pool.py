"""A12, the value pool: obligations in several currencies settle as if all money were one, at batch rates.

Who joins brings its accounts and takes what it is left with in any currency it accepts; so money in one
currency settles obligations in another, and hardly anybody has to hold all of them. Obligations are still paid
gross, each in its own currency; what a participant lacks for them it gets in exchange legs, which sum to zero in
every currency.

One circulation (`pool_network.py`) says what can settle. Parts are then cut to whole minor units, what falls
short by that is mended (A6 on values), holdings are solved once more with the payments fixed, and rounded so that
they sum to the money there is. A participant converts at batch rates only: rounding apart, less than one minor
unit per currency and one of the dearest to even out cut parts, it gains and loses nothing.

Where the fixed payments admit no holdings within floors and caps, every currency settles for itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from steelyard.liquidity.algorithms.flow import prove
from steelyard.liquidity.algorithms.pool_network import (
    Account,
    Bounds,
    Ground,
    hold,
    pool_network,
    settled_of,
)
from steelyard.liquidity.algorithms.pool_queue import Parts, PoolQueue, within_highs
from steelyard.liquidity.certificate import Certificate
from steelyard.liquidity.queue import Queued, check_inputs
from steelyard.liquidity.selection import in_order
from steelyard.liquidity.solver import FlowSolver, NoFlow
from steelyard.liquidity.units import value_units


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """What settles and who holds what afterwards, minor units; values count 10^`digits` units to one given.

    `parts` is by payment; `targets` by account, all of them; `fx` what an account gets from (> 0) or gives to
    (< 0) `pool transit`, where anything; `held_abroad` per currency what others than its own hold of it. Not
    `pooled`: no holdings were found for what could settle, each currency settles for itself. The certificate
    proves the circulation before parts were cut, counted in 2^`coarse_bits` values;
    `bound_value` is what that settles, with coarse units rounded up.
    """

    parts: dict[str, int]
    targets: dict[Account, int]
    fx: dict[Account, int]
    held_abroad: dict[str, int]
    value: int
    bound_value: int
    digits: int
    pooled: bool
    certificate: Certificate
    coarse_bits: int


def plan_pool(
    accounts: Mapping[Account, int],
    payments: Mapping[str, Iterable[Queued]],
    values: Mapping[str, int | Fraction],
    *,
    home: Mapping[str, str],
    holding_caps: Mapping[Account, int] | None = None,
    floors: Mapping[Account, int] | None = None,
    batch_caps: Mapping[str, int] | None = None,
    solver: FlowSolver,
    snapshot_seq: int = 0,
) -> PoolPlan:
    """Plan what settles of the obligations, by currency, of all who joined, and the exchange legs that go with it.

    `accounts` is what each (participant, currency) may use; a participant can hold only currencies it has an
    account in. `values` is the worth of a minor unit, `home` each participant's own currency. An account ends
    between its floor (0; a provider's is minus its line) and its cap (none): one already outside is never forced
    in. `batch_caps` bounds what a participant pays in this batch, in minor units of its home: the tail of
    its queue waits. It bounds as well what a participant gives and gets by exchange, rounding apart.

    >>> from steelyard.solve.flow import OrToolsFlow
    >>> books = {(who, ccy): 0 for who in "ABC" for ccy in ("INR", "RUB", "CNY")} | {("C", "INR"): 10}
    >>> ring = {"RUB": [Queued("p1", "A", "B", 301)], "CNY": [Queued("p2", "B", "C", 30)],
    ...     "INR": [Queued("p3", "C", "A", 410)]}
    >>> plan = plan_pool(books, ring, {"INR": 3, "RUB": 4, "CNY": 40}, solver=OrToolsFlow(),
    ...     home={"A": "INR", "B": "RUB", "C": "CNY"})
    >>> plan.value, plan.targets["A", "INR"], plan.targets["B", "INR"], plan.fx["A", "INR"]
    (3634, 9, 1, -401)
    """
    units, digits = value_units(values)
    bounds = _bounds(accounts, units, home, holding_caps or {}, floors or {})
    rows = _checked(accounts, payments, units, home, batch_caps or {})
    queue = PoolQueue(rows, units)
    ground = Ground(bounds, units, queue.value(queue.all()))
    proof = prove(pool_network(ground, queue.by_pair(queue.all()), {}), solver)
    settled = settled_of(ground, proof.network, proof.flow.tolist())
    bound_value = sum(settled.values())
    most = {
        payer: cap * units[home[payer]] for payer, cap in (batch_caps or {}).items() if payer in ground.worth
    }
    parts, held, pooled = _chosen(ground, queue, queue.filled(settled), bound_value, Holder(most, solver))
    nets = queue.nets(parts)
    targets = {account: bound.low + held[account] for account, bound in bounds.items()}
    moved = {account: targets[account] - bounds[account].now - nets.get(account, 0) for account in bounds}
    return PoolPlan(
        parts={row.id: minor for row, minor in zip(queue.rows, parts, strict=True) if minor},
        targets=targets,
        fx={account: minor for account, minor in moved.items() if minor},
        held_abroad=_held_abroad(bounds, targets),
        value=queue.value(parts),
        bound_value=bound_value,
        digits=digits,
        pooled=pooled,
        certificate=proof.certificate(objective="value", weight="unit", snapshot_seq=snapshot_seq),
        coarse_bits=ground.shift,
    )


Choice = tuple[Parts, dict[Account, int], bool]
"""What settles, what each account holds above its low, and whether as one pool."""


class Holder(NamedTuple):
    """Finds who holds what: the most value that participants get by exchange, and the solver."""

    most: Mapping[str, int]
    solver: FlowSolver

    def held(self, ground: Ground, queue: PoolQueue, parts: Parts) -> dict[Account, int] | None:
        """Give what each account holds above its low once these payments are made, or None."""
        before = {account: bound.now - bound.low for account, bound in ground.bounds.items()}
        for account, net in queue.nets(parts).items():
            before[account] += net
        spare = queue.spare(ground, parts)
        return hold(ground, spare, solver=self.solver, before=before, caps=self.most)


def _chosen(ground: Ground, queue: PoolQueue, filled: Parts, bound_value: int, holder: Holder) -> Choice:
    """Give the first choice that admits holdings within floors and caps, or the best of those made anew.

    First what was mended and added to, then what was mended. Where neither fits, caps stand in the way: what may
    be split is dealt anew round what may not, or alone, or every currency settles for itself.
    """
    mended = queue.mended(ground, filled)
    for parts in (queue.added_back(ground, mended), mended):
        held = holder.held(ground, queue, parts)
        if held is not None and queue.value(parts) <= bound_value:
            return parts, held, True
    found = [_apart(ground, queue, holder.solver)]
    for fixed in (queue.fixed(mended), [0] * len(mended)):
        dealt = _dealt_anew(ground, queue, fixed, holder.solver)
        held = holder.held(ground, queue, dealt) if dealt else None
        if dealt and held is not None:
            found.append((dealt, held, True))
    return max(reversed(found), key=lambda choice: queue.value(choice[0]))


def _dealt_anew(ground: Ground, queue: PoolQueue, fixed: Parts, solver: FlowSolver) -> Parts | None:
    """Deal what may be split round fixed payments; None where nothing goes with these."""
    most = [
        row.amount_minor if row.may_split else minor for row, minor in zip(queue.rows, fixed, strict=True)
    ]
    network = pool_network(ground, queue.by_pair(most), queue.by_pair(fixed))
    try:
        flow = network.solve(solver)
    except NoFlow:
        return None
    return queue.mended(ground, queue.filled(settled_of(ground, network, flow.tolist()), fixed))


def _apart(ground: Ground, queue: PoolQueue, solver: FlowSolver) -> Choice:
    """Plan every currency for itself, a pool of one, within floors and caps."""
    chosen: dict[str, int] = {}
    for currency in sorted(queue.units):
        rows = [row for row, coin in zip(queue.rows, queue.coins, strict=True) if coin == currency]
        alone = PoolQueue({currency: rows}, {currency: 1})
        bounds = {account: bound for account, bound in ground.bounds.items() if account[1] == currency}
        part = Ground(bounds, {currency: 1}, alone.value(alone.all()))
        network = pool_network(part, alone.by_pair(alone.all()), {})
        settled = settled_of(part, network, network.solve(solver).tolist())
        parts = alone.added_back(part, alone.mended(part, alone.filled(settled)))
        room = {who: bound.high - bound.low for (who, _), bound in bounds.items()}
        parts = within_highs(part.worth, room, alone.rows, parts)
        chosen.update((row.id, minor) for row, minor in zip(alone.rows, parts, strict=True))
    every = [chosen[row.id] for row in queue.rows]
    held = {account: bound.now - bound.low for account, bound in ground.bounds.items()}
    for account, net in queue.nets(every).items():
        held[account] += net
    return every, held, False


def _held_abroad(bounds: Mapping[Account, Bounds], targets: Mapping[Account, int]) -> dict[str, int]:
    """Sum per currency what others than its own hold."""
    held = dict.fromkeys(sorted({currency for _, currency in bounds}), 0)
    for account, bound in bounds.items():
        if bound.abroad:
            held[account[1]] += max(0, targets[account])
    return held


def _bounds(
    accounts: Mapping[Account, int],
    units: Mapping[str, int],
    home: Mapping[str, str],
    caps: Mapping[Account, int],
    floors: Mapping[Account, int],
) -> dict[Account, Bounds]:
    """Check accounts and give the bounds of each; an account outside its own is let stay where it is."""
    for numbers in (accounts, caps, floors):
        for account, minor in numbers.items():
            if type(minor) is not int:
                raise TypeError(f"a balance, cap or floor of {account} is no integer")
            if account not in accounts or account[1] not in units or account[0].startswith("*"):
                raise ValueError(f"{account} has no balance, no value or no name")
    money = dict.fromkeys(units, 0)
    for account, minor in accounts.items():
        money[account[1]] += max(0, minor - min(minor, floors.get(account, 0)))
    return {
        account: Bounds(
            low=min(minor, floors.get(account, 0)),
            now=minor,
            high=max(minor, min(caps[account], money[account[1]]) if account in caps else money[account[1]]),
            abroad=home.get(account[0]) != account[1],
        )
        for account, minor in sorted(accounts.items())
    }


def _checked(
    accounts: Mapping[Account, int],
    payments: Mapping[str, Iterable[Queued]],
    units: Mapping[str, int],
    home: Mapping[str, str],
    caps: Mapping[str, int],
) -> dict[str, list[Queued]]:
    """Check payments and leave out the tail of each queue from the first that passes its payer's cap."""
    coins: dict[str, str] = {}
    every: list[Queued] = []
    for currency in sorted(payments):
        rows = list(payments[currency])
        if rows and currency not in units:
            raise ValueError(f"{currency} has no value")
        check_inputs({who: minor for (who, its), minor in accounts.items() if its == currency}, rows)
        coins.update((row.id, currency) for row in rows)
        every += rows
    if len(coins) < len(every):
        raise ValueError("an id is there twice, in two currencies")
    if any(home.get(payer) not in units or type(cap) is not int or cap < 0 for payer, cap in caps.items()):
        raise ValueError("a batch cap is a whole number, not below 0, of somebody whose home has a value")
    room = {payer: cap * units[home[payer]] for payer, cap in caps.items()}
    kept: dict[str, list[Queued]] = {currency: [] for currency in sorted(payments)}
    for row in in_order(every):
        currency = coins[row.id]
        if row.payer in room:
            room[row.payer] -= row.amount_minor * units[currency]
        if room.get(row.payer, 0) >= 0:
            kept[currency].append(row)
    return kept
