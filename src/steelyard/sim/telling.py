"""What a day through the machine was, read from the facts it told: what settled when, batches, and balances."""

from collections import Counter
from collections.abc import Callable
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import msgspec
import numpy as np

from steelyard.flows.facts import PaymentEntered, PaymentMoved
from steelyard.flows.liquidity_facts import BatchReported, CycleReported, FxFilled
from steelyard.flows.settled_rows import each_fact
from steelyard.liquidity.order_book import FX_KINDS
from steelyard.payments.states import State
from steelyard.sim.book import Accounts, Batch, Money
from steelyard.sim.draws import Ints
from steelyard.sim.loop import Run
from steelyard.sim.synthetic import Day
from steelyard.values.instants import SECOND

SETTLED = State.SETTLED.value


class Told(NamedTuple):
    """The facts of a day with their instants, and what their names mean in it.

    `sent` gives place and amount of what was sent, by UETR, `account` the place of an owner's account in a currency;
    `late` are banks whose money comes at a time, `refused` is how many payments were.
    """

    facts: list[tuple[int, msgspec.Raw]]
    opening: int
    sent: dict[bytes, tuple[int, int]]
    account: Callable[[str, str], int]
    late: list[tuple[int, int]]
    refused: int


class Move(NamedTuple):
    """What one leg or fill of a bundle moved from which account to which."""

    bundle_id: bytes
    at_s: int
    source: int
    target: int
    minor: int


def run_of(told: Told, day: Day, money: Money, accounts: Accounts) -> Run:
    """Read from the facts what settled when, and what that left of the money."""
    opened = day.amount_minor.copy()
    log: list[tuple[int, int, int]] = []
    moves: list[Move] = []
    parts: Counter[bytes] = Counter()
    batches: list[Batch] = []
    cycles: dict[int, Batch] = {}
    for at, said in ((at, said) for at, fact in told.facts for said in each_fact((fact,))):
        at_s = (at - told.opening) // SECOND
        if isinstance(said, PaymentEntered) and said.state == SETTLED:
            place, minor = told.sent[said.uetr]
        elif isinstance(said, PaymentMoved) and said.event in ("SETTLED_NOW", "PART_SETTLED"):
            place, minor = told.sent[said.uetr]
            minor = int(said.detail[1]) if len(said.detail) > 1 else minor
            parts[said.bundle_id] += said.event == "PART_SETTLED"
        else:
            if isinstance(said, FxFilled):
                source, target = (told.account(said.owner, code) for code in (said.sell, said.buy))
                moves.append(Move(said.bundle_id, at_s, source, target, said.sold_minor))
            elif isinstance(said, BatchReported) and said.kind not in FX_KINDS:
                batches.append(_batch(said, at_s))
            elif isinstance(said, CycleReported):
                _count(cycles, said, at_s, parts[said.bundle_id])
            continue
        opened[place] -= minor
        log.append((place, at_s, minor))
        moves.append(Move(said.bundle_id, at_s, accounts.payer[place], accounts.payee[place], minor))
    lowest, closing = _balances(moves, told.late, money, accounts)
    table = np.array(log, dtype=np.int64).reshape(-1, 3)
    return Run(
        table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy(), opened, np.array(money.own, dtype=np.int64),
        lowest, closing, batches + [cycles[at_s] for at_s in sorted(cycles)], 0, told.refused,
    )  # fmt: skip


def _balances(
    moves: list[Move], late: list[tuple[int, int]], money: Money, accounts: Accounts
) -> tuple[Ints, Ints]:
    """Give how low each account went, looked at after each bundle, and what is on it in the end."""
    coming = sorted(late, reverse=True)
    lacking = {bank for _, bank in late}
    closing = [0 if bank in lacking else minor for bank, minor in zip(accounts.bank, money.own, strict=True)]
    lowest = list(closing)

    def come() -> None:
        bank = coming.pop()[1]
        for account, owner in enumerate(accounts.bank):
            closing[account] += money.own[account] if owner == bank else 0

    for _, together in groupby(moves, key=itemgetter(0)):
        paying: set[int] = set()
        for _, at_s, source, target, minor in together:
            while coming and coming[-1][0] <= at_s:
                come()
            closing[source] -= minor
            closing[target] += minor
            paying.add(source)
        for account in paying:
            lowest[account] = min(lowest[account], closing[account])
    while coming:
        come()
    return np.array(lowest, dtype=np.int64), np.array(closing, dtype=np.int64)


def _batch(said: BatchReported, at_s: int) -> Batch:
    settled = int(said.settled) + int(said.parts)
    return Batch(at_s, int(said.queued), settled, said.settled_count + said.parts_count, said.parts_count)


def _count(cycles: dict[int, Batch], said: CycleReported, at_s: int, parts: int) -> None:
    """Count a cycle of one currency to those that were cut with it; one that had nothing to settle is none."""
    for _, count, settled, _, left, *_ in said.assets:
        if count:
            one = cycles.setdefault(at_s, Batch(at_s, 0, 0, 0, 0))
            one.queued_minor += int(settled) + int(left)
            one.settled_minor += int(settled)
            one.settled += count
    if parts:
        cycles[at_s].parts += parts
