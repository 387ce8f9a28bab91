"""The networks of batches in value units, made anew from what went in, to compare with a certificate's arcs.

For auditors: what is wrong with the certificate of a match at reference rates (A9) or of a pool (A12), a sentence
each. Plain Python from the rules alone; it shares no code with what builds the networks.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import lcm

from steelyard.liquidity.certificate import Certificate, check
from steelyard.liquidity.orders import Order
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.snapshot import Account, PoolSnapshot

Arcs = dict[tuple[str, str, int], tuple[int, int]]
"""(tail, head, reward): (lower, capacity)"""

BITS = 62
"""Values of a pool that sum to more bits than this are counted in coarser units."""
SETTLED, ABROAD = 1_000, -1


def check_match(
    certificate: Certificate,
    orders: Iterable[Order],
    values: Mapping[str, int | Fraction],
    *,
    caps: Mapping[tuple[str, str], int] | None = None,
) -> list[str]:
    """Give what is wrong with the certificate of a match at reference rates; nothing: no match has more value."""
    units = _units(values)
    room = dict(caps or {})
    arcs: Arcs = {}
    for one in sorted(orders, key=lambda one: (one.seq, one.id)):
        size = one.amount_minor
        if (one.member, one.sell) in room:
            size = min(size, room[one.member, one.sell])
            room[one.member, one.sell] -= size
        takes = one.limit is None or Fraction(units[one.sell], units[one.buy]) >= one.limit
        if size and takes:
            _widen(arcs, one.sell, one.buy, 1, 0, size * units[one.sell])
    return _faults(certificate, "matched_value", sorted(units), arcs)


def check_pool(
    certificate: Certificate, snapshot: PoolSnapshot, *, floors: Mapping[Account, int] | None = None
) -> list[str]:
    """Give what is wrong with the certificate of a pool; nothing: no plan settles more.

    Without `floors` an account need not rise above nothing, nor fall below what it has where that is less.
    """
    units = _units(snapshot.units)
    lows = {account: min(now, (floors or {}).get(account, 0)) for account, now in snapshot.accounts.items()}
    owed: dict[tuple[str, str], int] = {}
    for row, currency in _within_caps(snapshot, units):
        owed[row.payer, row.payee] = owed.get((row.payer, row.payee), 0) + row.amount_minor * units[currency]
    people = {who for who, _ in lows}
    mass = sum((snapshot.accounts[key] - low + max(0, -low)) * units[key[1]] for key, low in lows.items())
    shift = max(0, (sum(owed.values()) + (len(people) + 2) * mass).bit_length() - BITS)
    arcs: Arcs = {}
    for (payer, payee), value in owed.items():
        _widen(arcs, payer, payee, SETTLED, 0, _up(value, shift))
    money, there = dict.fromkeys(units, 0), dict.fromkeys(units, 0)
    for (_, currency), now in snapshot.accounts.items():
        low = lows[_, currency]
        there[currency] += now - low
        money[currency] += _up((now - min(0, low)) * units[currency], shift)
    for (who, currency), now in snapshot.accounts.items():
        low, unit = lows[who, currency], units[currency]
        base = min(0, low)
        cap = min(there[currency], snapshot.holding_caps.get((who, currency), there[currency]))
        high = _up((max(now, cap) - base) * unit, shift) + (shift > 0)
        has = _up((now - base) * unit, shift)
        _widen(arcs, f"*{currency}", who, 0, has, has)
        reward = 0 if snapshot.home.get(who) == currency else ABROAD
        _widen(arcs, who, f"*{currency}", reward, (low - base) * unit >> shift, min(high, money[currency]))
    nodes = sorted([*people, *(f"*{currency}" for currency in units)])
    faults = _faults(certificate, "value", nodes, arcs)
    return faults if certificate.snapshot_seq == snapshot.seq else [*faults, "it is of another place in time"]


def _within_caps(snapshot: PoolSnapshot, units: Mapping[str, int]) -> list[tuple[Queued, str]]:
    """Give the payments that take part: each payer's in order, up to the first that passes its cap."""
    every = [(row, currency) for currency, rows in snapshot.payments.items() for row in rows]
    every.sort(key=lambda pair: (pair[0].priority, pair[0].seq, pair[0].id))
    paid: dict[str, int] = {}
    kept = []
    for row, currency in every:
        paid[row.payer] = paid.get(row.payer, 0) + row.amount_minor * units[currency]
        cap = snapshot.batch_caps.get(row.payer)
        if cap is None or paid[row.payer] <= cap * units[snapshot.home[row.payer]]:
            kept.append((row, currency))
    return kept


def _units(values: Mapping[str, int | Fraction]) -> dict[str, int]:
    """Scale values by the least power of ten that makes all whole."""
    common = lcm(*(Fraction(value).denominator for value in values.values()))
    power = 1
    while power % common:
        power *= 10
    return {name: int(Fraction(value) * power) for name, value in values.items()}


def _up(value: int, shift: int) -> int:
    return -(-value >> shift)


def _widen(arcs: Arcs, tail: str, head: str, reward: int, lower: int, capacity: int) -> None:
    if capacity:
        before = arcs.get((tail, head, reward), (0, 0))
        arcs[tail, head, reward] = before[0] + lower, before[1] + capacity


def _faults(certificate: Certificate, objective: str, nodes: list[str], arcs: Arcs) -> list[str]:
    """Give what is wrong with a certificate in itself, then where its network is another."""
    faults = check(certificate)
    if faults:
        return faults
    if (certificate.objective, certificate.weight) != (objective, "unit") or certificate.constant:
        faults.append(f"it does not claim {objective} in units, with nothing earned anyway")
    if list(certificate.nodes) != nodes:
        return [*faults, "the nodes are not those of the batch"]
    given = {
        (certificate.nodes[tail], certificate.nodes[head], reward): (lower, capacity)
        for tail, head, lower, capacity, reward, _ in certificate.arcs
    }
    return faults + [
        f"the arc {tail} to {head} of reward {reward} has other bounds"
        for tail, head, reward in sorted(given.keys() | arcs.keys())
        if given.get((tail, head, reward)) != arcs.get((tail, head, reward))
    ]
