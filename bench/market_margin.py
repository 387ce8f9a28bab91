"""Margins of a whole clearing house: 500 members in 20 contracts over 1,000 scenarios, and its other sums."""

from collections.abc import Callable, Iterator
from time import perf_counter

import msgspec
import numpy as np

from bench.figures import Figure, main
from steelyard.engine.accounts import AccountKind
from steelyard.flows import clearing_money as money
from steelyard.flows import openings
from steelyard.flows.diary import Diary
from steelyard.market.clearing.fhs import History, fhs_risk
from steelyard.market.clearing.margin import Held, scan_margin, variation_margin
from steelyard.market.clearing.waterfall import waterfall
from steelyard.members.accounts import SETTLEMENT
from steelyard.members.participants import Participant, ParticipantState
from tests.flows.clearings import FOUR, House

MEMBERS, CONTRACTS, SCENARIOS = 500, 20, 1_000
TIMES, TRADES = 5, 5_000


def rows() -> Iterator[Figure]:
    """Give the figures."""
    random = np.random.default_rng(11)
    history = History(
        random.normal(0, 0.012, (SCENARIOS, CONTRACTS)),  # type: ignore[arg-type]
        [0.00015] * CONTRACTS,
        random.normal(0, 0.03, (250, CONTRACTS)),  # type: ignore[arg-type]
    )
    values = random.integers(-(10**10), 10**10, (MEMBERS, CONTRACTS))
    yield Figure(
        "market FHS 500 members x 20 contracts x 1,000 scenarios",
        _ms(lambda: fhs_risk(values, history)),  # type: ignore[arg-type]
        "ms",
        floor=100,
        at_most=True,
    )
    lots = random.integers(-40, 40, (MEMBERS, CONTRACTS)).tolist()
    names = [f"M{place:02}" for place in range(CONTRACTS)]
    books = [dict(zip(names, row, strict=True)) for row in lots]
    yield Figure(
        "market scan margins of 500 members",
        _ms(lambda: [scan_margin(book, unit=50, scan_range=1_100, spread_charge=250) for book in books]),
        "ms",
    )
    held = [
        Held(f"m{place % MEMBERS:03}", sign, 21_000 + place % 7, 50)
        for place in range(10_000)
        for sign in (1, -1)
    ]
    yield Figure(
        "market variation margin of 10,000 trades", _ms(lambda: variation_margin(held, 21_100)), "ms"
    )
    shares = {f"m{place:03}": 10**8 + place for place in range(MEMBERS)}
    yield Figure(
        "market waterfall over 500 survivors",
        _ms(lambda: waterfall(10**10 + 7, margin=1, own_fund=1, capital=1, survivors=shares, gains=shares)),
        "ms",
    )
    yield from _trades()
    yield from _run()


def _trades() -> Iterator[Figure]:
    """Trades of four members in 20 contracts, one by one."""
    net = House().begin(cash=10**12, margin=10**11)
    net.house.put_terms(
        msgspec.structs.replace(net.house.terms["WHEAT.SEP"], limit_lots=0, delivery_limit_lots=0)
    )
    for number in range(CONTRACTS):
        net.house.put_terms(
            msgspec.structs.replace(net.house.terms["WHEAT.DEC"], contract=f"WHEAT.{number:02}")
        )
    random = np.random.default_rng(5)
    picks = random.integers(0, [4, 4, CONTRACTS, 9], (TRADES, 4)).tolist()
    started = perf_counter()
    for buyer, seller, contract, lots in picks:
        net.trade(FOUR[buyer], FOUR[seller], lots + 1, 21_000, f"WHEAT.{contract:02}")
    yield Figure(
        "market trades cleared, limits and margins checked", TRADES / (perf_counter() - started), "/s"
    )


def _run() -> Iterator[Figure]:
    """One command: mark 20 contracts for 500 members, collect from who lost, pay who gained, look at all margins."""
    net = House().begin(cash=10**12, margin=10**11)
    random, bics = np.random.default_rng(3), [f"B{number:03}NOR0" for number in range(MEMBERS)]
    for bic in bics:
        home = Participant(bic, "NOR", bic, state=ParticipantState.ACTIVE)
        net.world.members.put_participant(home)
        for purpose, kind in ((SETTLEMENT, AccountKind.SETTLEMENT), *money.KINDS.items()):
            if purpose in (SETTLEMENT, money.MARGIN, money.FUND):
                refusal = openings.open_account(net.world, Diary(), purpose, bic, "NOR", kind=kind)
                assert refusal is None
        net.give_cash(bic, 10**12)
        net.house.join(bic, "", 1)
    for number in range(CONTRACTS):
        net.house.put_terms(
            msgspec.structs.replace(net.house.terms["WHEAT.DEC"], contract=f"WHEAT.{number:02}")
        )
    low, high = [0, 0, 0, 1, 800], [MEMBERS, MEMBERS, CONTRACTS, 10, 880]
    for buyer, seller, contract, lots, price in random.integers(low, high, (20_000, 5)).tolist():
        net.house.novate(f"WHEAT.{contract:02}", bics[buyer], bics[seller], lots, 25 * price)
    prices = [(contract, 21_000) for contract in sorted(net.house.book)]
    started = perf_counter()
    net.ok(net.call(*prices))
    took = perf_counter() - started
    yield Figure(
        "market run of variation margin, 500 members x 20 contracts, called to paid", took * 1e3, "ms"
    )


def _ms(call: Callable[[], object]) -> float:
    call()
    best = 1e9
    for _ in range(TIMES):
        started = perf_counter()
        call()
        best = min(best, perf_counter() - started)
    return best * 1e3


if __name__ == "__main__":
    main(rows)
