"""A day through the real thing: the node's state machine, its commands and journal, with a simulated clock.

Commands, bundles, rows of the journal and the solver's proposals are those of production; only the clock, the
network and the participants are simulated. The solver answers at the instant after it was asked. The journal
replays in a node to the same state.
"""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np

from steelyard.engine.refusals import Refusal as Short
from steelyard.flows.command import Code, Command, raw
from steelyard.flows.fields import PayAdded, PayFields
from steelyard.flows.machine import Machine
from steelyard.liquidity.rules import MS
from steelyard.sim import founding
from steelyard.sim.book import Accounts, Money
from steelyard.sim.desk import Desk
from steelyard.sim.driving import Driver
from steelyard.sim.loop import Run, happenings, turns
from steelyard.sim.mechanisms import Mechanism
from steelyard.sim.scenario import Limits
from steelyard.sim.sending import Sending
from steelyard.sim.synthetic import Day
from steelyard.sim.telling import Told, run_of
from steelyard.sim.writing import DATE
from steelyard.storage.journal import Journal
from steelyard.storage.memory import MemoryJournal
from steelyard.values.instants import HOUR, SECOND

JUST = SECOND // 2_000
"""Just before a second: what waited for a gap that ends there has been, what is due by the clock has not."""


@dataclass(slots=True)
class Through:
    """What went through: the run, as the library gives it, the machine and its journal."""

    run: Run
    machine: Machine
    journal: Journal
    commands: int
    refused: list[tuple[int, int]] = field(default_factory=list)
    """(place of the payment, number of the refusal)"""


def found_world(driver: Driver, mechanism: Mechanism, journal: Journal, opening: int) -> Desk:
    """Give a desk whose world is founded, an hour before the day opens."""
    begins_at = opening - HOUR
    desk = Desk(journal, begins_at, solves=bool(mechanism.split))
    for command in (
        founding.genesis(desk.scribe),
        *founding.found(driver.day, mechanism, driver.opening_money(), desk.scribe),
        *driver.before(desk.scribe),
    ):
        outcome = desk.give(command).outcome
        assert outcome.code == Code.DONE, (command.name, outcome.refusal)
    desk.facts.clear()
    desk.answers = mechanism.batched
    return desk


def run_through(
    day: Day, mechanism: Mechanism, money: Money, sending: Sending, limits: Limits = Limits(),  # noqa: B008
    journal: Journal | None = None,
) -> Through:  # fmt: skip
    """Send a day through the machine and give what happened; `founding.check` has let it through."""
    named = founding.network(day)
    opening = (int(DATE.timestamp()) + founding.opens_s(day)) * SECOND
    own = founding.spread(named, money.own) if mechanism.pool else money.own
    driver = Driver(named, own, money, sending, limits, pool=mechanism.pool, fund=mechanism.fund)
    desk = found_world(driver, mechanism, journal or MemoryJournal(), opening)
    course = _Course(driver, mechanism, desk, opening)
    with _uncollected():
        course.run()
    desk.seal()
    told = Told(desk.facts, opening, course.sent, course.account, sending.late, len(course.refused))
    found = run_of(told, day, money, Accounts.of(day, pool=mechanism.pool))
    return Through(found, desk.machine, desk.journal, desk.commands, course.refused)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Collect nothing meanwhile: a world of long-lived objects, which to look through over and over costs a tenth."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Course:
    """One day's way through a desk: every payment at its time, and what happens besides."""

    def __init__(self, driver: Driver, mechanism: Mechanism, desk: Desk, opening: int) -> None:
        self.driver, self.desk, self.opening = driver, desk, opening
        self.sent: dict[bytes, tuple[int, int]] = {}
        """Place and amount of what was sent, by UETR"""
        self.refused: list[tuple[int, int]] = []
        day = driver.day
        by_clock = sorted(turns(mechanism, day.close_s))
        self._cycles = by_clock if mechanism.cycles_per_day else []
        self._exchanges = (
            [(at_s, rank, "exchange", 0) for at_s, rank, _, _ in by_clock] if mechanism.fx else []
        )
        self._cycle = 0
        self._left = day.amount_minor.tolist()
        self._columns = [column.tolist() for column in (day.payer, day.payee, day.currency, day.priority)]
        self._names = [founding.bank_bic(day, bank) for bank in range(len(day.banks))]
        self._makers = [founding.maker(name) for name in self._names]
        self._aside: dict[int, list[int]] = {}
        self._at_once = mechanism.entry == "rtgs"
        self._funded = mechanism.fund
        self._uetrs: dict[int, bytes] = {}

    def run(self) -> None:
        """Go through the day to its close."""
        day, plan = self.driver.day, self.driver.sending
        steps = sorted([*happenings(plan), *self._cycles, *self._exchanges], reverse=True)
        if self._cycles:
            self._open_cycles()
        for place, sent_s in zip(plan.order.tolist(), plan.sent_s[plan.order].tolist(), strict=True):
            while steps and steps[-1][0] <= sent_s:
                self._happen(*steps.pop())
            self.desk.tick_until(self.opening + sent_s * SECOND)
            self._send(place, self.opening + sent_s * SECOND)
        while steps and steps[-1][0] <= day.close_s:
            self._happen(*steps.pop())
        self.desk.tick_until(self.opening + day.close_s * SECOND)
        if (
            self.driver.pool
        ):  # whose own turns come half way between those of the currencies: a last one at the close
            self.desk.scribe.at = self.desk.at
            self.desk.give(self.driver.last_batch(self.desk.scribe))

    def account(self, owner: str, code: str) -> int:
        """Give the place of a bank's account in a currency."""
        codes = self.driver.day.currencies
        return self._names.index(owner) * len(codes) + codes.index(code)

    def _send(self, place: int, at: int, again: int = 0) -> None:
        """Send a payment, or what is left of one that was taken back."""
        day, desk = self.driver.day, self.desk
        payer, payee, currency, priority = (column[place] for column in self._columns)
        amount, code = self._left[place], day.currencies[currency]
        key = sha256(f"{day.source}/{place + 1}{f'/{again}' if again else ''}".encode()).digest()
        fields = PayFields(
            key[:16], 0, 0, b"", b"", b"", key[16:], 1, self._names[payer], self._names[payee], code, amount, code,
            amount, priority=priority,
        )  # fmt: skip
        id = (max(at, desk.at) // 10**6).to_bytes(6, "big") + key[6:16]
        command = Command(
            "pay", 1, id, self._names[payer], self._makers[payer], 0, raw(fields), raw(PayAdded(key, key)), key[:16]
        )  # fmt: skip
        self.sent[key[:16]], self._uetrs[place] = (place, amount), key[:16]
        outcome = desk.give(command, at=at).outcome
        if outcome.code != Code.DONE:
            self.refused.append((place, outcome.refusal))
        elif self._at_once and key[:16] in desk.machine.world.payments.live:
            self._turn_back(place, payer, key[:16])

    def _turn_back(self, place: int, payer: int, uetr: bytes) -> None:
        """Take a payment back that did not settle at once, as its payer would where nothing queues."""
        self.desk.scribe.at = self.desk.at
        order = self.driver.taken_back(payer, uetr, self.desk.scribe)
        assert self.desk.give(order).outcome.code == Code.DONE
        self.refused.append((place, Short.LIQUIDITY_IS_SHORT.code))

    def _happen(self, at_s: int, _: int, what: str, argument: int) -> None:
        """Let one thing happen, after what was due before it and before what is due by the clock."""
        driver, desk, at = self.driver, self.desk, self.opening + at_s * SECOND
        if what == "cycle":
            self._settle_cycle(at)
            return
        desk.tick_until(at - JUST)
        desk.at = max(desk.at, at)
        desk.scribe.at = desk.at
        if what == "withdraw":
            self._take_back(argument)
            return
        if what == "return":
            for place in sorted(self._aside.pop(argument, [])):
                self._send(place, desk.at, argument + 1)
            return
        if what == "exchange":
            self._exchange()
            return
        wanted: Iterable[Command] = ()
        if what == "funds":
            wanted = driver.funds(argument, desk.scribe)
        elif what == "line_ends":
            wanted = driver.lines_end(argument, desk.machine, desk.scribe)
        elif what == "free":
            wanted = driver.freed(desk.scribe)
        self._give(wanted)

    def _give(self, commands: Iterable[Command]) -> None:
        for command in commands:
            outcome = self.desk.give(command).outcome
            assert outcome.code == Code.DONE, (command.name, outcome.refusal)

    def _exchange(self) -> None:
        """Let banks exchange what they can spare, and keep no order standing that has found nobody."""
        driver, desk = self.driver, self.desk
        orders = list(driver.orders(desk.machine, desk.scribe))
        if orders:
            self._give(orders)
            desk.scribe.at = desk.at
            desk.give(driver.exchange(desk.scribe))
            self._give(driver.ordered_no_more(desk.machine, desk.scribe))

    def _settle_cycle(self, at: int) -> None:
        """See the cycles that are cut now to their end, all within the second, and open the next."""
        driver, desk = self.driver, self.desk
        desk.tick_until(at)
        desk.tick_until(at + 10 * MS, step=1)
        desk.scribe.at = desk.at
        self._give(driver.pay_ins(desk.machine, desk.scribe))
        desk.tick_until(desk.at + (10 if self._funded else 600) * MS, step=1)
        self._open_cycles()

    def _open_cycles(self) -> None:
        if self._cycle < len(self._cycles):
            cut_at = self.opening + self._cycles[self._cycle][0] * SECOND
            self.desk.scribe.at = self.desk.at
            self._give(self.driver.next_cycles(self.desk.machine, cut_at, self.desk.scribe))
            self._cycle += 1

    def _take_back(self, number: int) -> None:
        """Let payers take back what is queued of a withdrawal, last sent first."""
        desk, live = self.desk, self.desk.machine.world.payments.live
        out = np.flatnonzero(self.driver.sending.withdrawals[number].payments).tolist()
        waiting = [place for place in out if self._uetrs.get(place, b"") in live]
        self._aside[number] = []
        for place in reversed(waiting):
            payment = live.get(self._uetrs[place])
            if payment is None:  # settled as another went
                continue
            self._left[place] = payment.open_minor
            order = self.driver.taken_back(self._columns[0][place], payment.uetr, desk.scribe)
            assert desk.give(order).outcome.code == Code.DONE
            self._aside[number].append(place)
