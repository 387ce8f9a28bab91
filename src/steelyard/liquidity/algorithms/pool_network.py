"""The network of A12: participants and currencies, what is owed among them, what each may hold.

Everything is in value units, one network for all currencies: a node per participant, a node `*CCY` per currency.
Payments go from payer to payee whatever their currency, for a participant converts at batch rates; what it has
of a currency comes in from that currency's node exactly, what it shall hold afterwards goes back to it. So value
conserves at each participant and money in each currency.

Balances count from a floor below zero, so that no bound is negative. Values that would leave 64 bits are
counted in coarser units, 2^shift each; what that leaves is evened out exactly (`pool_evening`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.liquidity.algorithms.network import Network
from steelyard.liquidity.algorithms.pool_evening import evened
from steelyard.liquidity.solver import MOST, FlowSolver, NoFlow

Account = tuple[str, str]
"""(participant, currency)."""
Pair = tuple[str, str]
"""(payer, payee)."""

SETTLED, ABROAD = 1_000, -1
"""Reward per value unit that settles, and per unit of a currency held by one whose home it is not."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one account holds now and may hold afterwards, minor units: low <= now <= high."""

    low: int
    now: int
    high: int
    abroad: bool


class Ground:
    """Accounts with their bounds, numbered nodes, and how values are scaled for a solver.

    `worth` is each participant's value above its lows, `money` the minor units above all lows of each currency,
    `leeway` the most that evening out may cost or give: one value unit less than the dearest minor unit.
    """

    def __init__(self, bounds: Mapping[Account, Bounds], units: Mapping[str, int], owed: int) -> None:
        self.accounts = tuple(sorted(bounds))
        self.bounds = bounds
        self.units = units
        participants = sorted({participant for participant, _ in self.accounts})
        currencies = [f"*{currency}" for currency in sorted(units)]
        self.nodes = tuple(sorted([*participants, *currencies]))
        self.number = {name: place for place, name in enumerate(self.nodes)}
        self.money = dict.fromkeys(sorted(units), 0)
        for (_, currency), bound in bounds.items():
            self.money[currency] += bound.now - bound.low
        self.worth: dict[str, int] = dict.fromkeys(participants, 0)
        for (participant, currency), bound in bounds.items():
            self.worth[participant] += (bound.now - bound.low) * units[currency]
        self.leeway = max(units.values(), default=1) - 1
        worth = sum(self.worth.values())
        negative = sum(-bound.low * units[key[1]] for key, bound in bounds.items() if bound.low < 0)
        mass = owed + (len(participants) + 2) * (worth + negative)
        self.shift = max(0, mass.bit_length() - (MOST.bit_length() - 1))

    def scaled(self, minor: int, currency: str) -> int:
        """Give the value of some minor units in the solver's units, rounded down."""
        return minor * self.units[currency] >> self.shift

    def scaled_up(self, minor: int, currency: str) -> int:
        """Give it rounded up."""
        return -(-minor * self.units[currency] >> self.shift)

    def ends(self) -> tuple[list[int], list[int]]:
        """Give the node of the participant and of the currency of each account."""
        return (
            [self.number[participant] for participant, _ in self.accounts],
            [self.number[f"*{currency}"] for _, currency in self.accounts],
        )


def pool_network(ground: Ground, owed: Mapping[Pair, int], fixed: Mapping[Pair, int]) -> Network:
    """Give the network whose best circulation settles most.

    `owed` is the exact value per (payer, payee) that may settle, `fixed` what of it has to. Coarse units are
    rounded so that all that fits exactly fits here: its best is never below the exact one.
    """
    rows = [
        (
            ground.number[pair[0]],
            ground.number[pair[1]],
            -(-fixed.get(pair, 0) >> ground.shift),
            -(-value >> ground.shift),
            SETTLED,
        )
        for pair, value in owed.items()
    ]
    room, money = int(ground.shift > 0), dict.fromkeys(ground.money, 0)
    holds = []
    for account, person, coin in zip(ground.accounts, *ground.ends(), strict=True):
        bound, currency = ground.bounds[account], account[1]
        base = min(0, bound.low)
        now = ground.scaled_up(bound.now - base, currency)
        low = ground.scaled(bound.low - base, currency)
        high = ground.scaled_up(bound.high - base, currency) + room
        holds.append((person, coin, low, high, ABROAD if bound.abroad else 0))
        rows.append((coin, person, now, now, 0))
        money[currency] += now
    there = {ground.number[f"*{currency}"]: value for currency, value in money.items()}
    rows += [(person, coin, low, min(high, there[coin]), pay) for person, coin, low, high, pay in holds]
    rows = sorted(row for row in rows if row[3])
    tail, head, lower, capacity, reward = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    return Network(ground.nodes, tail, head, lower, capacity, reward)


def settled_of(ground: Ground, network: Network, flow: Sequence[int]) -> dict[Pair, int]:
    """Give the value that a flow settles per (payer, payee); in coarse units it may be above what is owed."""
    coins = np.array([name.startswith("*") for name in ground.nodes], dtype=bool)
    between = np.flatnonzero(~coins[network.tail] & ~coins[network.head])
    return {
        (ground.nodes[network.tail[arc]], ground.nodes[network.head[arc]]): flow[arc] << ground.shift
        for arc in between.tolist()
    }


def hold(
    ground: Ground,
    spare: Mapping[str, int],
    *,
    solver: FlowSolver,
    before: Mapping[Account, int],
    caps: Mapping[str, int],
) -> dict[Account, int] | None:
    """Give what each account holds of the money there is, minor units above its low; None where nothing fits.

    `spare` is each participant's exact value above its lows once the payments are made, `before` what each
    account then has above its low, `caps` the most value that a participant gets by exchange. What a part cut to
    whole minor units leaves over or short is evened out among participants, within the leeway each and as little
    of it as can be.
    """
    people, coins = ground.ends()
    even = len(ground.nodes)
    gains = {participant: even + 1 + place for place, participant in enumerate(sorted(caps))}
    supplies = [0] * (even + 1 + len(gains))
    for participant, value in spare.items():
        supplies[ground.number[participant]] = value >> ground.shift
    for currency, minor in ground.money.items():
        supplies[ground.number[f"*{currency}"]] = -ground.scaled(minor, currency)
    supplies[even] = -sum(supplies)
    rows, more = [], []
    room = (ground.leeway >> ground.shift) + (1 if ground.shift else 0)
    for account, person, coin in zip(ground.accounts, people, coins, strict=True):
        bound, gain = ground.bounds[account], gains.get(account[0])
        top = min(ground.scaled(bound.high - bound.low, account[1]), -supplies[coin])
        keep = top if gain is None else min(top, ground.scaled_up(max(0, before[account]), account[1]))
        rows.append((person, coin, keep, int(bound.abroad)))
        if gain is not None:
            more.append((account, (gain, coin, top - keep, int(bound.abroad))))
    rows += [row for _, row in more]
    lacks = _lacks(ground, before)
    for participant, gain in gains.items():
        person, most = ground.number[participant], max(0, caps[participant] - lacks[participant])
        rows.append((person, gain, min(most >> ground.shift, max(0, supplies[person]) + room), 0))
    for participant in spare:
        node = ground.number[participant]
        rows += [(node, even, room, 2 * even), (even, node, room, 2 * even)]
    order = sorted(range(len(rows)), key=rows.__getitem__)
    arcs = np.array([rows[row] for row in order], dtype=np.int64).reshape(-1, 4)
    try:
        flow = solver.min_cost_flow(arcs, np.array(supplies, dtype=np.int64))
    except NoFlow:
        return None
    found = [0] * len(rows)
    for row, amount in zip(order, flow, strict=True):
        found[row] = amount
    held = dict(zip(ground.accounts, found, strict=False))
    for (account, _), gained in zip(more, found[len(held) :], strict=False):
        held[account] += gained
    whole = _whole(ground, held)
    if not ground.shift:
        return whole
    tops = {account: bound.high - bound.low for account, bound in ground.bounds.items()}
    return evened(whole, spare, ground.units, room=tops, before=before)


def _lacks(ground: Ground, before: Mapping[Account, int]) -> dict[str, int]:
    """Give the value that each participant must get by exchange to reach its lows."""
    lacks = dict.fromkeys(ground.worth, 0)
    for (participant, currency), minor in before.items():
        lacks[participant] += max(0, -minor) * ground.units[currency]
    return lacks


def _whole(ground: Ground, values: Mapping[Account, int]) -> dict[Account, int]:
    """Round holdings to minor units per currency, so that they sum to the money there is.

    Rounded down first; the units left over go one each to the largest remainders, ties by key, none above its
    bound: less than one unit each is left over. Only of coarse units more can be, of a currency worth less than
    one of them: that goes to those whose home it is, then to others, as far as they may hold it.
    """
    held: dict[Account, int] = {}
    left = dict(ground.money)
    rests: dict[str, list[tuple[int, Account]]] = {currency: [] for currency in ground.money}
    for account, value in values.items():
        currency = account[1]
        held[account], rest = divmod(value << ground.shift, ground.units[currency])
        left[currency] -= held[account]
        rests[currency].append((-rest, account))
    for currency, ranked in rests.items():
        for most, order in (
            (1, sorted(ranked)),
            (left[currency], [(0, key) for key in _home_first(ground, ranked)]),
        ):
            for _, account in order:
                bound = ground.bounds[account]
                more = min(most, left[currency], bound.high - bound.low - held[account])
                held[account] += more
                left[currency] -= more
    return held


def _home_first(ground: Ground, ranked: Sequence[tuple[int, Account]]) -> list[Account]:
    """Give accounts by key, those in their holders' own currency before the others."""
    return sorted(
        (account for _, account in ranked), key=lambda account: (ground.bounds[account].abroad, account)
    )
