"""What tests of clearing share: a network in which four banks clear NOR wheat, the verbs of a house, and its money."""

from typing import Any

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.flows import clearing_money as money
from steelyard.flows.approve import ApproveFields, ProposeFields
from steelyard.flows.clearing_claims import PayFields
from steelyard.flows.clearing_cover import covers
from steelyard.flows.clearing_default import BidFields, OpenFields, StepFields
from steelyard.flows.clearing_fund import ContributeFields, MoneyFields, SizeFields
from steelyard.flows.clearing_margin import CallFields, RunFields
from steelyard.flows.clearing_terms import AcceptFields, ContractFields, DeskFields, JoinFields
from steelyard.flows.clearing_trade import ClearedTrade, clear_trade
from steelyard.flows.command import NO_FIELDS, Code, Command, Outcome, encode, raw
from steelyard.flows.diary import Diary
from steelyard.flows.world import World
from steelyard.market.clearing import positions
from steelyard.market.clearing.house import Clearing
from steelyard.members.accounts import ISSUER, SETTLEMENT
from steelyard.members.people import PERSON, Actor
from steelyard.members.roles import Role
from steelyard.values.refusal import Refusal
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM, PONS, Network, facts

HOUSE, FIRST, SECOND = "operator", "p-op-1", "p-op-2"
FOUR = (ANNA, ARNE, BIRK, BRAM)
REPORT = bytes(range(32))
SEP = ContractFields(
    "WHEAT.SEP", "WHEAT", "NOR", 50_000, 25, 1_100, 250, limit_lots=500, delivery_limit_lots=100
)
DEC = ContractFields("WHEAT.DEC", "WHEAT", "NOR", 50_000, 25, 1_100, 250)
LOT = 50
"""Tonnes, so minor units of money for each one of price"""


class House:
    """A network with a house in it. `begin` sets all up: 10,000.00 each on hand, 5,000.00 of it as margin."""

    def __init__(self, net: Network | None = None) -> None:
        self.net = net or Network()

    @property
    def world(self) -> World:
        return self.net.world

    @property
    def house(self) -> Clearing:
        return self.world.clearing

    def begin(self, *, cash: int = 1_000_000, margin: int = 500_000, **desk: Any) -> "House":
        """Set up the desk of NOR with two contracts and four members."""
        for person in (FIRST, SECOND):
            self.world.members.put_actor(Actor(person, HOUSE, PERSON, (Role.OPERATOR,)))
        for bic in FOUR:
            for number, role in enumerate((Role.MAKER, Role.CHECKER)):
                self.world.members.put_actor(Actor(f"p-{bic}-{number}", bic, PERSON, (role,)))
        self.ok(self.operator("clearing.desk", DeskFields("NOR", PONS, 60_000, 60_000, **desk)))
        for terms in (SEP, DEC):
            self.ok(self.operator("clearing.contract", terms))
        for bic in FOUR:
            self.give_cash(bic, cash)
            self.ok(self.joined(bic))
            if margin:
                self.ok(self.deposit(bic, margin))
        return self

    # Commands

    def ok(self, outcome: Outcome) -> Outcome:
        assert outcome.code == Code.DONE, outcome.refusal
        return outcome

    def approved(self, sender: str, people: tuple[str, str], name: str, fields: Any) -> Outcome:
        """Let two people give a command; the outcome is that of the second yes."""
        net = self.net
        net._number += 1
        command_id = (net.at // 1_000_000).to_bytes(6, "big") + net._number.to_bytes(10, "big")
        inner = Command(name, 1, command_id, sender, people[0], 0, raw(fields), NO_FIELDS, b"n" * 16)
        proposed = net.give("propose", ProposeFields(encode(inner)), sender, actor=people[0])
        assert proposed.code == Code.DONE, proposed.refusal
        (proposal,) = self.world.members.approvals.waiting.values()
        return net.give("approve", ApproveFields(proposal.id, proposal.shown), sender, actor=people[1])

    def operator(self, name: str, fields: Any) -> Outcome:
        return self.approved(HOUSE, (FIRST, SECOND), name, fields)

    def joined(self, bic: str, asset: str = "NOR") -> Outcome:
        return self.approved(bic, (f"p-{bic}-0", f"p-{bic}-1"), "clearing.join", JoinFields(asset))

    def deposit(self, bic: str, minor: int, asset: str = "NOR") -> Outcome:
        return self.net.give("clearing.collateral.deposit", MoneyFields(asset, minor), bic)

    def withdraw(self, bic: str, minor: int, asset: str = "NOR") -> Outcome:
        return self.net.give("clearing.collateral.withdraw", MoneyFields(asset, minor), bic)

    def contribute(self, bic: str, minor: int, purpose: str = money.FUND) -> Outcome:
        return self.net.give("clearing.fund.contribute", ContributeFields("NOR", minor, purpose), bic)

    def sponsor(self, *, liquidity: int = 0, capital: int = 0) -> None:
        """Let the sponsor pay in what the house has."""
        if liquidity + capital:
            self.give_cash(PONS, liquidity + capital)
        for minor, purpose in ((liquidity, money.LIQUIDITY), (capital, money.CAPITAL)):
            if minor:
                self.ok(self.contribute(PONS, minor, purpose))

    def accept(self, *fields: Any) -> Outcome:
        return self.operator("clearing.accept", AcceptFields(*fields))

    def trade(
        self, buyer: str, seller: str, lots: int, price: int, contract: str = "WHEAT.SEP"
    ) -> Refusal | None:
        """Clear a trade, as the book's flow does in its own command."""
        trade = ClearedTrade(b"t" * 16, contract, buyer, seller, lots, price)
        return clear_trade(self.world, Diary(), trade, self.net.at)

    def call(self, *prices: tuple[str, int], reason: str = "a test") -> Outcome:
        """Call margin at prices by hand, two people; without any at the published ones, one."""
        fields = CallFields("NOR", prices, reason if prices else "")
        if not prices:
            return self.net.give("clearing.margin.call", fields, HOUSE)
        return self.operator("clearing.margin.call", fields)

    def run(self, name: str, sender: str = HOUSE, run_id: bytes = b"") -> Outcome:
        runs = list(self.house.runs.values())
        return self.net.give(
            f"clearing.margin.{name}", RunFields(run_id or (runs[0].run_id if runs else bytes(16))), sender
        )

    def pay_claim(self, bic: str, minor: int = 0) -> Outcome:
        return self.net.give("clearing.claim.pay", PayFields("NOR", minor), bic)

    def size(self, *stresses: tuple[tuple[str, int], ...]) -> Outcome:
        return self.operator("clearing.fund.size", SizeFields("NOR", stresses))

    def open_case(self, bic: str, step_ms: int = 60_000) -> Outcome:
        return self.operator("clearing.default.open", OpenFields(bic, REPORT, step_ms))

    @property
    def case_id(self) -> bytes:
        return next((one.case_id for one in self.house.cases.values()), bytes(16))

    def bid(self, bic: str, lots: int, price: int, contract: str = "WHEAT.SEP") -> Outcome:
        return self.net.give("clearing.default.bid", BidFields(self.case_id, contract, lots, price), bic)

    def step(self, name: str, *bids: int, ends: str = "expelled") -> Outcome:
        """Take a step; the last one expels where nothing else is said."""
        fields = StepFields(self.case_id, name, REPORT, bids, ends if name == "report" else "")
        return self.operator("clearing.default.step", fields)

    def wait(self, ms: int) -> Outcome:
        """Let time pass, then a tick."""
        self.net.at += ms * 1_000_000
        return self.net.give("tick", None, HOUSE, actor="node")

    # Money

    def give_cash(self, bic: str, minor: int, asset: str = "NOR") -> None:
        """Issue money to a bank."""
        self._move(self.account(SETTLEMENT, bic, asset), minor, asset, issue=True)

    def drain(self, bic: str, asset: str = "NOR") -> None:
        """Take all a bank has on hand."""
        minor = self.cash(bic, asset)
        if minor:
            self._move(self.account(SETTLEMENT, bic, asset), minor, asset, issue=False)

    def _move(self, account: int, minor: int, asset: str, *, issue: bool) -> None:
        world, agent = self.world, f"STAG{asset}0"
        issuer = world.members.accounts.get(ISSUER, agent, asset)
        assert issuer
        leg = Leg(issuer, account, minor) if issue else Leg(account, issuer, minor)
        self.net._number += 1
        number = (self.net.at // 1_000_000) << 80 | self.net._number
        bundle = Bundle(number, Kind.ISSUE if issue else Kind.REDEEM, (leg,))
        owners = [world.engine.owner_nos[agent], world.engine.owner_nos[self.owner(account)]]
        act = world.engine.move(bundle, authority=owners, at=self.net.at)
        world.engine.take_records()
        assert act.refusal is None, act

    def owner(self, account: int) -> str:
        found = self.world.engine.accounts[account]
        assert found is not None
        return str(self.world.engine.owners[found.owner_no])

    def account(self, purpose: str, owner: str, asset: str = "NOR") -> int:
        return money.account(self.world, purpose, owner, asset)

    def on(self, purpose: str, owner: str = HOUSE, asset: str = "NOR") -> int:
        """Give what is on an account, nothing where there is none."""
        number = self.account(purpose, owner, asset)
        return self.world.engine.balance(number).balance if number else 0

    def cash(self, bic: str, asset: str = "NOR") -> int:
        return self.on(SETTLEMENT, bic, asset)

    def margin(self, bic: str) -> int:
        return self.on(money.MARGIN, bic)

    def required(self, bic: str) -> int:
        (found,) = [one for one in covers(self.world, bic, self.net.at) if one.asset == "NOR"]
        return found.parts.minor

    def lots(self, bic: str, contract: str = "WHEAT.SEP") -> int:
        return positions.of(self.house.book, contract, bic).lots

    def check(self) -> None:
        """Invariants of the network, and those of a house: a closed book, and no money but what it owes."""
        self.net.check()
        assert positions.closed(self.house.book)
        assert Clearing.decode(self.house.encode()).encode() == self.house.encode()
        for asset in self.house.desks:
            run = self.house.runs.get(asset)
            held = self.house.cover.get(asset, 0) + sum(self.house.kept.get(asset, {}).values())
            held += sum(minor for bic, minor in (run.collected if run else {}).items() if bic != HOUSE)
            assert held == self.on(money.CLEARING, asset=asset)


def fact(outcome: Outcome, kind: type) -> Any:
    """Give the one fact of a kind."""
    (found,) = [one for one in facts(outcome) if isinstance(one, kind)]
    return found


def told(outcome: Outcome, kind: str) -> list[str]:
    """Give who is told something of a kind."""
    return [notice.recipient for notice in outcome.notices if notice.kind == f"clearing.{kind}"]
