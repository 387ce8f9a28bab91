"""What a scenario does to a day in the machine besides payments: limits, lines, money kept back, and what goes wrong.

Each is the commands that those concerned would send: own limits and reservations by the banks, credit lines by
settlement agents, opening money that comes late by their advice, payments taken back by whoever sent them and sent
anew when a corridor opens again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from steelyard.flows import guard
from steelyard.flows.batch import RequestFields as BatchFields
from steelyard.flows.cancel import CancelFields
from steelyard.flows.command import Command
from steelyard.flows.credit import NamedFields
from steelyard.flows.credit_intraday import IntradayFields, PledgedFields
from steelyard.flows.fund import AdviceFields
from steelyard.flows.fx_batch import RequestFields
from steelyard.flows.fx_order import CancelFields as CancelOrderFields
from steelyard.flows.fx_order import OrderFields
from steelyard.flows.machine import Machine
from steelyard.flows.netting_cycle import OpenFields, PayInFields
from steelyard.flows.own_rules import LimitFields, ReservationFields
from steelyard.flows.world import World
from steelyard.liquidity.credit import LineKind
from steelyard.liquidity.cycles import CycleState
from steelyard.liquidity.limits import NORMAL
from steelyard.liquidity.queue import ALL
from steelyard.liquidity.reservations import HIGH
from steelyard.sim import founding
from steelyard.sim.book import Accounts, Money
from steelyard.sim.demo.founding import OPERATOR, OPERATORS, Scribe
from steelyard.sim.exchanging import wanted
from steelyard.sim.scenario import Limits
from steelyard.sim.sending import Sending
from steelyard.sim.synthetic import Day
from steelyard.values.instants import DAY


@dataclass(slots=True)
class Driver:
    """Writes the commands of a scenario; `own` is opening money per (bank, currency), banks outermost."""

    day: Day
    own: list[int]
    money: Money
    sending: Sending
    limits: Limits
    pool: bool = False
    """Whether `money` is per bank, over all currencies"""
    fund: bool = False
    """Whether participants bring in what a cycle asks of them beyond what they have"""

    def before(self, scribe: Scribe) -> Iterator[Command]:
        """Give what is set before the day opens."""
        yield from self._limits(scribe)
        lines = founding.spread(self.day, self.money.line) if self.pool else self.money.line
        for account, cap in enumerate(lines):
            if cap:
                yield from self._line(account, cap, scribe)
        for account, kept in enumerate(self._kept()):
            if kept:
                yield self._reservation(account, kept, scribe)

    def opening_money(self) -> list[int]:
        """Give what is there in the morning: nothing of a bank whose money comes late."""
        late, width = {bank for _, bank in self.sending.late}, len(self.day.currencies)
        return [0 if account // width in late else minor for account, minor in enumerate(self.own)]

    def funds(self, bank: int, scribe: Scribe) -> Iterator[Command]:
        """Give the advices of money that comes late."""
        width = len(self.day.currencies)
        for account in range(bank * width, (bank + 1) * width):
            if self.own[account]:
                name, code, agent = self._of(account)
                fields = AdviceFields(code, name, self.own[account], f"late-{account}")
                yield scribe.one(agent, f"k-{agent}", "fund.advise", fields)

    def lines_end(self, bank: int, machine: Machine, scribe: Scribe) -> Iterator[Command]:
        """Give the orders that close a bank's lines."""
        width = len(self.day.currencies)
        for account in range(bank * width, (bank + 1) * width):
            name, code, agent = self._of(account)
            line = machine.world.credit.find(LineKind.INTRADAY, agent, name, code)
            if line is not None:
                yield scribe.one(agent, f"k-{agent}", "credit.close", NamedFields(line.line_id))

    def freed(self, scribe: Scribe) -> Iterator[Command]:
        """Give the orders by which banks keep nothing back any more."""
        for account, kept in enumerate(self._kept()):
            if kept:
                yield self._reservation(account, 0, scribe)

    def taken_back(self, bank: int, uetr: bytes, scribe: Scribe) -> Command:
        """Give the order by which a payer takes a queued payment back."""
        name = founding.bank_bic(self.day, bank)
        return scribe.one(name, founding.maker(name), "pay.cancel", CancelFields(uetr))

    def next_cycles(self, machine: Machine, cut_at: int, scribe: Scribe) -> Iterator[Command]:
        """Give the orders that open a cycle of each currency that has none."""
        for code in self.day.currencies:
            if code not in machine.world.cycles.open:
                yield scribe.one(OPERATOR, OPERATORS[0], "cycle.open", OpenFields((code,), cut_at))

    def pay_ins(self, machine: Machine, scribe: Scribe) -> Iterator[Command]:
        """Give the pay-ins of participants: what they have, or all, with what they bring in beyond it."""
        world = machine.world
        for cycle_id in sorted(world.cycles.live):
            cycle = world.cycles.live[cycle_id]
            if cycle.state is not CycleState.FUNDING:
                continue
            for name, code, _ in list(cycle.each_call()):
                account_no = world.members.settlement_account(name, code)
                assert account_no is not None
                call, has = cycle.open_call(name, code), max(0, world.engine.balance(account_no).available)
                lack = call - has
                if lack > 0 and self.fund:
                    agent = founding.agent_bic(self.day.members[self.day.homes.index(code)])
                    advice = AdviceFields(code, name, lack, f"cycle-{cycle.number}-{name}")
                    yield scribe.one(agent, f"k-{agent}", "fund.advise", advice)
                minor = call if self.fund else min(call, has)
                if minor:
                    pay_in = PayInFields(cycle_id, code, minor)
                    yield scribe.one(name, founding.maker(name), "cycle.pay_in", pay_in)

    def last_batch(self, scribe: Scribe) -> Command:
        """Give the order by which the operator asks for a batch of the pool."""
        return scribe.one(OPERATOR, OPERATORS[0], "batch.request", BatchFields())

    def orders(self, machine: Machine, scribe: Scribe) -> Iterator[Command]:
        """Give the orders by which banks would exchange what they can spare for what their queues lack."""
        world, width = machine.world, len(self.day.currencies)
        numbers = [self._number(world, account) for account in range(len(self.own))]
        owed = {n: minor for n, number in enumerate(numbers) if (minor := world.queues.depth(number)[1])}
        wishes = list(wanted(lambda one: guard.usable(world, numbers[one], NORMAL), owed, width))
        for source, target, minor in wishes:
            name, sells, _ = self._of(source)
            fields = OrderFields(sells, self._of(target)[1], minor, scribe.at + 2 * DAY)
            yield scribe.one(name, founding.maker(name), "fx_order.put", fields)

    def exchange(self, scribe: Scribe) -> Command:
        """Give the order that asks for the exchange."""
        return scribe.one(OPERATOR, OPERATORS[0], "fx_batch.request", RequestFields())

    def ordered_no_more(self, machine: Machine, scribe: Scribe) -> Iterator[Command]:
        """Give the orders that take back what has found nobody."""
        for order in list(machine.world.fx_orders.in_order()):
            fields = CancelOrderFields(order.order_id)
            yield scribe.one(order.owner, founding.maker(order.owner), "fx_order.cancel", fields)

    def _number(self, world: World, account: int) -> int:
        name, code, _ = self._of(account)
        number = world.members.settlement_account(name, code)
        assert number is not None
        return number

    def _kept(self) -> list[int]:
        """Give what a threshold keeps back per (bank, currency); of a pool's money, in home currencies."""
        return founding.spread(self.day, self.money.kept) if self.pool else self.money.kept

    def _of(self, account: int) -> tuple[str, str, str]:
        """Give an account's owner, its currency and who issues that."""
        code = self.day.currencies[account % len(self.day.currencies)]
        agent = founding.agent_bic(self.day.members[self.day.homes.index(code)])
        return founding.bank_bic(self.day, account // len(self.day.currencies)), code, agent

    def _limits(self, scribe: Scribe) -> Iterator[Command]:
        if self.limits.bilateral_minor is not None:
            accounts = Accounts.of(self.day, pool=False)
            size = len(accounts.names)
            pairs = np.unique(np.array(accounts.payer) * size + np.array(accounts.payee)).tolist()
            for pair in pairs:
                other = self._of(pair % size)[0]
                yield self._limit(pair // size, other, self.limits.bilateral_minor, scribe)
        elif self.limits.multilateral_minor is not None:
            for account in range(len(self.own)):
                yield self._limit(account, ALL, self.limits.multilateral_minor, scribe)

    def _limit(self, account: int, other: str, minor: int, scribe: Scribe) -> Command:
        name, code, _ = self._of(account)
        return scribe.one(name, founding.maker(name), "limit.own", LimitFields(code, other, minor))

    def _reservation(self, account: int, minor: int, scribe: Scribe) -> Command:
        name, code, _ = self._of(account)
        fields = ReservationFields(code, HIGH, minor)
        return scribe.one(name, founding.maker(name), "reservation.set", fields)

    def _line(self, account: int, cap: int, scribe: Scribe) -> Iterator[Command]:
        """A line for the day, with bonds of its worth pledged for it."""
        name, code, agent = self._of(account)
        pledged = (PledgedFields("BOND", cap, 1, 1, 0),)
        fields = IntradayFields(code, name, cap, pledged, scribe.at // DAY * DAY + DAY)
        yield from scribe.two(agent, (f"p-{agent}-1", f"p-{agent}-2"), "credit.intraday", fields)
