"""Liquidity: how long the algorithms take on the standard day, and how much of it they settle.

The day: 100,000 payments of 200 banks, all in one unit of account, seed 1; each bank holds a quarter of its lower
bound, rounded up. Payments come shuffled, so that sorting is paid for.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Literal

import numpy as np
from msgspec.structs import replace

from bench.figures import Figure, main
from steelyard.liquidity.algorithms.bounds import Sent, liquidity_bounds
from steelyard.liquidity.algorithms.flow import Packed, flow_bound, prove_bound
from steelyard.liquidity.algorithms.greedy import greedy_set
from steelyard.liquidity.algorithms.multilateral import largest_ordered_set
from steelyard.liquidity.algorithms.network import Rooms
from steelyard.liquidity.algorithms.plan import plan_split
from steelyard.liquidity.algorithms.pool import plan_pool
from steelyard.liquidity.algorithms.price_batch import find_prices
from steelyard.liquidity.algorithms.reference_batch import match_at_reference
from steelyard.liquidity.algorithms.reference_book import Book, match_book
from steelyard.liquidity.certificate import check
from steelyard.liquidity.orders import Order
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.rings import Stock, match_rings
from steelyard.liquidity.selection import Selection
from steelyard.sim.synthetic import standard_day
from steelyard.solve.flow import OrToolsFlow

PAYMENTS = 100_000
OFFERS = 20_000
SHARE = 4
"""Each bank holds its lower bound divided by this."""
ROUNDS = 5
SOLVER = OrToolsFlow()
WORTH = {
    "AED": Fraction("0.272"), "BRL": Fraction("0.2"), "CNY": Fraction("0.141"), "EGP": Fraction("0.0323"),
    "ETB": Fraction("0.0181"), "IDR": Fraction("0.000065"), "INR": Fraction("0.0121"), "IRR": Fraction("0.000024"),
    "RUB": Fraction("0.0117"), "ZAR": Fraction("0.0542"),
}  # fmt: skip
"""US cents per minor unit, rounded; only their sizes matter here."""


def day(payments: int, *, seed: int = 1, share: int = SHARE) -> tuple[dict[str, int], list[Queued]]:
    """Give balances and payments, these shuffled."""
    queue = standard_day(seed, payments).queued()
    sent = (Sent(one.id, one.payer, one.payee, "", one.amount_minor, one.seq) for one in queue)
    lower = liquidity_bounds(sent).lower
    random.Random(seed).shuffle(queue)
    return {account: -(-amount // share) for (account, _), amount in lower.items()}, queue


def seconds(work: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    """Give the median time of a run."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def whole_sets() -> Iterator[Figure]:
    """Choose whole payments without a solver: in order (A3) and greedily (A6)."""
    balances, queue = day(PAYMENTS)
    gross = sum(one.amount_minor for one in queue)
    chosen: tuple[tuple[str, Callable[[], Selection], float], ...] = (
        ("A3, 100,000 payments, 200 banks", lambda: largest_ordered_set(balances, queue), 0.3),
        ("A6, 100,000 payments, 200 banks", lambda: greedy_set(balances, queue), 1.0),
    )
    for lane, work, most in chosen:
        found = work()
        note = f"{len(found.settled):,} settle, {found.value_minor / gross:.1%} of gross value"
        yield Figure(lane, seconds(work), "s", most, at_most=True, note=note)


def flow_bounds() -> Iterator[Figure]:
    """Bound and prove a packed queue: sums per pair, flow and potentials."""
    for payments, banks, most in ((100_000, 200, 0.03), (1_000_000, 1_000, 0.3)):
        packed = _packed(payments, banks)
        proof = prove_bound(packed, Rooms(), solver=SOLVER)
        size = f"{payments:,} payments, {banks:,} banks"
        pairs = f"{len(proof.network.tail):,} arcs"
        lane = f"A4 flow bound with proof, {size}"
        spent = seconds(lambda packed=packed: prove_bound(packed, Rooms(), solver=SOLVER))
        yield Figure(lane, spent, "s", most, at_most=True, note=pairs)
        alone = seconds(lambda proof=proof: proof.network.solve(SOLVER))
        yield Figure(f"A4 min-cost flow alone, {size}", alone, "s", 0.15, at_most=True, note=pairs)
        certificate = proof.certificate(objective="value", weight="unit")
        checked = seconds(lambda certificate=certificate: check(certificate), rounds=3)
        yield Figure(f"A4 certificate checked, {size}", checked, "s", 1.0, at_most=True, note=pairs)


def _packed(payments: int, banks: int) -> Packed:
    """Give the standard day of seed 1 in columns, banks in ascending order."""
    sent = standard_day(1, payments, banks)
    names = tuple(sorted(sent.banks))
    place = np.asarray([names.index(name) for name in sent.banks], np.int64)
    payer, payee, amount = place[sent.payer], place[sent.payee], sent.amount_minor
    net = np.zeros(banks, np.int64)
    np.add.at(net, payer, amount)
    np.subtract.at(net, payee, amount)
    return Packed(names, -(-np.maximum(net, 0) // SHARE), payer, payee, amount, sent.priority)


def batch_values() -> Iterator[Figure]:
    """Plan 50,000 queued payments and compare with the bound; each figure is the worst of seeds 1-5."""
    goals = (("none", 4, 0.93), ("top1", 4, 0.995), ("all", 4, 1.0), ("none", 20, 0.93), ("top1", 20, 0.99))
    named = {"none": "whole payments", "top1": "top 1 % may split", "all": "all may split"}
    for split, share, least in goals:
        shares, taken = [], []
        for seed in range(1, 6):
            queue = standard_day(seed, 50_000).queued(split=split)
            sent = (Sent(one.id, one.payer, one.payee, "", one.amount_minor, one.seq) for one in queue)
            lower = liquidity_bounds(sent).lower
            balances = {account: -(-amount // share) for (account, _), amount in lower.items()}
            bound = flow_bound(balances, queue, solver=SOLVER).value_minor
            start = time.perf_counter()
            shares.append(plan_split(balances, queue, solver=SOLVER).value_minor / bound)
            taken.append(time.perf_counter() - start)
        lane = f"A4 batch of 50,000 over the bound, 1/{share} of the money, {named[split]}"
        mean, spent = statistics.mean(shares), statistics.median(taken)
        note = f"worst of seeds 1-5, mean {mean:.4f}; planned in {spent:.2f} s"
        yield Figure(lane, min(shares), "", least, note=note)


def auctions() -> Iterator[Figure]:
    """Find prices for a thick book, and hand a thin one over."""
    thick = _auction(100_000, 10)
    found = find_prices(thick)
    note = f"{found.rounds} rounds, {'exact' if found.polished else 'frozen'} prices"
    lane = "A10, 100,000 orders, 10 currencies"
    yield Figure(lane, seconds(lambda: find_prices(thick)), "s", 0.2, at_most=True, note=note)
    thin = _auction(4_000, 50)
    values = {f"C{at:02}": 1 + at for at in range(50)}
    found = find_prices(thin, reference=values, solver=SOLVER)
    note = f"fallback {found.fallback}, {found.reason}"
    lane = "A10, thin book of 50 currencies handed over"
    spent = seconds(lambda: find_prices(thin, reference=values, solver=SOLVER))
    yield Figure(lane, spent, "s", 1.0, at_most=True, note=note)


def _auction(count: int, currencies: int) -> list[Order]:
    """Make orders whose limits lie round 1, 2, 3 ... as worths, a little out of the money more often than in it."""
    rng = random.Random(1)
    orders = []
    for at in range(count):
        sell, buy = rng.sample(range(currencies), 2)
        limit = (1 + sell) / (1 + buy) * (1 + rng.gauss(-0.006, 0.02))
        orders.append(
            Order(
                str(at), f"C{sell:02}", f"C{buy:02}", rng.randint(1, 10**9),
                Fraction(round(limit * 10**9), 10**9), seq=at,
            )
        )  # fmt: skip
    return orders


def reference_batches() -> Iterator[Figure]:
    """Match a million orders at reference rates: the columns alone, and from objects to fills."""
    book, orders = _orders(1_000_000)
    units = [int(value * 10**6) for value in WORTH.values()]
    found = match_book(book, units, solver=SOLVER)
    note = f"{found.proof.value / sum(side.value for side in found.sides):.1%} of gross value matches"
    lane = "A9 reference batch, 1,000,000 orders, 10 currencies"
    spent = seconds(lambda: match_book(book, units, solver=SOLVER))
    yield Figure(f"{lane}, columns", spent, "s", 1.0, at_most=True, note=note)
    whole = seconds(lambda: match_at_reference(orders, WORTH, solver=SOLVER), rounds=1)
    yield Figure(f"{lane}, from objects to fills", whole, "s", note="checked, sorted, packed, fills by id")


def _orders(count: int) -> tuple[Book, list[Order]]:
    """Draw orders of lognormal size between currencies of uneven weight, a tenth of them with a limit too high."""
    draw = np.random.default_rng(1)
    names = tuple(WORTH)
    weights = np.arange(len(names), 0, -1) / sum(range(len(names) + 1))
    sell = draw.choice(len(names), count, p=weights)
    buy = (sell + draw.integers(1, len(names), count)) % len(names)
    amount = np.maximum(1, np.exp(draw.normal(13, 2.2, count))).astype(np.int64)
    limits = [Fraction(0), Fraction(10**9)]
    dear = draw.random(count) < 0.1
    book = Book(names, sell, buy, amount, dear * 10**9, np.ones(count, np.int64))
    columns = zip(sell.tolist(), buy.tolist(), amount.tolist(), dear.tolist(), strict=True)
    return book, [
        Order(f"o{n}", names[one], names[two], size, limits[1] if high else None, seq=n)
        for n, (one, two, size, high) in enumerate(columns)
    ]


def pools() -> Iterator[Figure]:
    """Plan one pool of ten currencies: flow, parts, mending, holdings, exchange legs."""
    for split, said in (("all", "all may split"), ("top1", "top 1 % may split")):
        accounts, payments, home = _pool(PAYMENTS, split)
        plan = plan_pool(accounts, payments, WORTH, home=home, solver=SOLVER)
        size = f"{len(home)} participants x {len(WORTH)} currencies"
        note = f"{plan.value / plan.bound_value:.4f} of the bound, {len(plan.fx):,} exchange legs"
        spent = seconds(
            lambda a=accounts, p=payments, h=home: plan_pool(a, p, WORTH, home=h, solver=SOLVER), rounds=3
        )
        yield Figure(f"A12 pool, 100,000 payments, {size}, {said}", spent, "s", 4.0, at_most=True, note=note)


def _pool(
    count: int, split: Literal["top1", "all"]
) -> tuple[dict[tuple[str, str], int], dict[str, list[Queued]], dict[str, str]]:
    """Give the standard day at rates, each bank with a quarter of what it needs over all, in its own money."""
    sent = standard_day(1, count)
    home = {
        bank: sent.homes[member] for bank, member in zip(sent.banks, sent.bank_member.tolist(), strict=True)
    }
    need = dict.fromkeys(sent.banks, 0)
    payments: dict[str, list[Queued]] = {}
    for currency in sent.currencies:
        cents = WORTH[currency]
        rows = sent.queued(currency, split=split)
        payments[currency] = [
            replace(row, amount_minor=max(1, int(row.amount_minor / cents))) for row in rows
        ]
        for row in rows:
            need[row.payer] += row.amount_minor
            need[row.payee] -= row.amount_minor
    accounts = {(bank, currency): 0 for bank in sent.banks for currency in sent.currencies}
    for bank, cents_needed in need.items():
        accounts[bank, home[bank]] = max(0, int(cents_needed / WORTH[home[bank]])) // SHARE
    return accounts, payments, home


def mixed_classes() -> Iterator[Figure]:
    """Plan 50,000 payments of which 5 % are urgent and 15 % high, top 1 % may split, seed 1."""
    balances, queue = day(50_000)
    largest = sorted(one.amount_minor for one in queue)[-500]
    rng = random.Random(1)
    queue = [
        replace(one, priority=rng.choices((0, 1, 2), (5, 15, 80))[0], may_split=one.amount_minor >= largest)
        for one in sorted(queue, key=lambda one: one.seq)
    ]
    bound = flow_bound(balances, queue, solver=SOLVER).value_minor
    start = time.perf_counter()
    plan = plan_split(balances, queue, solver=SOLVER)
    spent = time.perf_counter() - start
    urgent = sum(one.amount_minor for one in queue if one.priority == 0)
    settled = sum(plan.parts.get(one.id, 0) for one in queue if one.priority == 0)
    note = f"planned in {spent:.2f} s; {settled / urgent:.4f} of the urgent value"
    yield Figure("A4 batch of 50,000 over the bound, three classes", plan.value_minor / bound, "", note=note)


def rings() -> Iterator[Figure]:
    """Match rings of offers of surplus: drawn by a seed, every currency for every other."""
    draw = random.Random(1)
    names = sorted(WORTH)
    offers = []
    for number in range(OFFERS):
        held, wanted = draw.sample(names, 2)
        minor = int(draw.randint(10_000, 10_000_000) / WORTH[held])
        offers.append(Stock(f"B{number:05}", held, minor, wanted))
    spent = seconds(lambda: match_rings(offers, WORTH, solver=SOLVER), rounds=3)
    found = match_rings(offers, WORTH, solver=SOLVER)
    parties = max(len(ring.swaps) for ring in found)
    yield Figure(
        f"rings of {OFFERS:,} offers, {len(names)} currencies", spent, "s",
        note=f"{len(found):,} rings, of at most {parties} parties",
    )  # fmt: skip


def rows() -> Iterator[Figure]:
    """Give every figure."""
    yield from flow_bounds()
    yield from batch_values()
    yield from mixed_classes()
    yield from whole_sets()
    yield from auctions()
    yield from reference_batches()
    yield from pools()
    yield from rings()


if __name__ == "__main__":
    main(rows)
