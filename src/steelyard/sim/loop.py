"""A day through the algorithms alone: no journal, no messages, the same rules as the machine.

The queue is worked by A1's own scan (`liquidity.algorithms.entry`), as in the machine; offsets and plans are the
algorithms that the solver runs, applied at the end like their bundle. Batches come by the clock and by the node's
own triggers. Between payments the clock stands still: what a batch proposes is applied at the instant of its
snapshot.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from steelyard.sim.book import Accounts, Batch, Book, Money
from steelyard.sim.draws import Ints
from steelyard.sim.mechanisms import Mechanism
from steelyard.sim.scenario import Limits
from steelyard.sim.sending import NEVER, Sending
from steelyard.sim.synthetic import Day


@dataclass(slots=True)
class Run:
    """What happened: the log of settlements in order, what is left open, and how low each account went."""

    payment: Ints
    at_s: Ints
    amount_minor: Ints
    open_minor: Ints
    opening: Ints
    lowest: Ints
    closing: Ints
    batches: list[Batch] = field(default_factory=list)
    offsets: int = 0
    refused: int = 0


Step = tuple[int, int, str, int]
"""(time, rank within the second, what happens, argument)"""


def happenings(sending: Sending) -> Iterator[Step]:
    """Give what happens to money and queues by behaviour and events, unsorted."""
    for number, withdrawal in enumerate(sending.withdrawals):
        yield withdrawal.at_s, 0, "withdraw", number
        if withdrawal.until_s != NEVER:
            yield withdrawal.until_s, 1, "return", number
    for at_s, bank in sending.gone:
        yield at_s, 0, "line_ends", bank
    for at_s, bank in sending.late:
        yield at_s, 1, "funds", bank
    if sending.freed_s != NEVER:
        yield sending.freed_s, 1, "free", 0


def turns(mechanism: Mechanism, close_s: int) -> Iterator[Step]:
    """Give batches and cycles by the clock; in their second they come last."""
    if mechanism.cycles_per_day:
        for number in range(1, mechanism.cycles_per_day + 1):
            yield close_s * number // mechanism.cycles_per_day, 2, "cycle", 0
    elif mechanism.batched:
        every = mechanism.batch_minutes * 60
        for at_s in count(every, every):
            if at_s >= close_s:
                break
            yield at_s, 2, "batch", 0
        yield close_s, 2, "batch", 0


def run(
    day: Day, mechanism: Mechanism, money: Money, sending: Sending, limits: Limits = Limits()  # noqa: B008
) -> Run:  # fmt: skip
    """Run one day and give what happened."""
    accounts = Accounts.of(day, pool=mechanism.pool)
    book = Book(day, accounts, money, mechanism, limits)
    order = sending.order.tolist()
    sent_s = sending.sent_s[sending.order].tolist()
    of_bank: dict[int, list[int]] = {}
    for number, bank in enumerate(accounts.bank):
        of_bank.setdefault(bank, []).append(number)
    held_back = {bank: [money.own[number] for number in of_bank[bank]] for _, bank in sending.late}
    for bank in held_back:
        for number in of_bank[bank]:
            book.balance[number] = book.floor_of_use[number] = money.line[number]
    aside: dict[int, list[int]] = {}
    first = 0
    for at_s, _, what, argument in sorted([*happenings(sending), *turns(mechanism, day.close_s)]):
        # what is sent at the very instant of a step comes after it, but for what closes the day
        last = len(order) if at_s >= day.close_s else bisect_left(sent_s, at_s, lo=first)
        _send(book, order[first:last], sent_s[first:last])
        first = last
        book.work_until(at_s)
        book.now_s = at_s
        if what == "batch":
            book.turn()
        elif what == "cycle":
            book.cycle()
        elif what == "withdraw":
            out = sending.withdrawals[argument].payments
            aside[argument] = []
            for item in sorted((item for item in book.queued() if out[item]), reverse=True):
                if book.open[item]:  # what stood behind another may have settled as that one went
                    book.withdraw(item)
                    aside[argument].append(item)
        elif what == "return":
            for item in sorted(aside.pop(argument, [])):
                book.arrive(item)
                book.look()
        elif what == "funds":
            for number, minor in zip(of_bank[argument], held_back[argument], strict=True):
                book.add(number, minor)
                book.look()
        elif what == "line_ends":
            for number in of_bank[argument]:
                book.add(number, -book.line_minor[number])
                book.floor_of_use[number] -= book.line_minor[number]
                book.line_minor[number] = 0
        elif what == "free":
            for number in [number for number, kept in enumerate(book.kept) if kept]:
                book.kept[number] = 0
                book.work_off((number,))
        book.look()
    _send(book, order[first:], sent_s[first:])
    return _result(book)


def _send(book: Book, items: list[int], sent_s: list[int]) -> None:
    """Let payments enter at their times, and batches come that they or the clock bring about."""
    if not book.watches:
        for item, book.now_s in zip(items, sent_s, strict=True):
            book.arrive(item)
        return
    for item, now_s in zip(items, sent_s, strict=True):
        book.work_until(now_s)
        book.now_s = now_s
        book.arrive(item)
        book.look()


def _result(book: Book) -> Run:
    log = np.array(book.log, dtype=np.int64).reshape(-1, 3)
    lines = np.array(book.line_minor, dtype=np.int64)
    return Run(
        log[:, 0].copy(), log[:, 1].copy(), log[:, 2].copy(), np.array(book.open, dtype=np.int64),
        np.array(book.opening, dtype=np.int64), np.array(book.floor_of_use, dtype=np.int64) - lines,
        np.array(book.balance, dtype=np.int64) - lines,
        book.batches, book.offsets, book.refused,
    )  # fmt: skip
