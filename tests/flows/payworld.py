"""A small network for tests of payments: three invented members NOR, SUD and OST, driven through the Machine.

Two banks a member, two FX providers, calendars that are always open unless a test puts others. Money comes
from the issuer accounts directly. Every command goes through the door with a system key of its sender.
"""

from hashlib import sha256
from typing import Any, Literal

import msgspec

from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.invariants import first_broken
from steelyard.flows.answer import AnswerFields
from steelyard.flows.batch import looked
from steelyard.flows.cancel import CancelFields
from steelyard.flows.command import NO_FIELDS, Code, Command, Notice, Outcome, raw
from steelyard.flows.consent import ConsentFields
from steelyard.flows.credited import CreditedFields
from steelyard.flows.facts import PaymentEntered, PaymentMoved, PaymentStands, QuoteGiven, decode_fact
from steelyard.flows.faulty import TermsFaulted
from steelyard.flows.fields import PayAdded, PayFields
from steelyard.flows.fx_trade import CancelFields as TradeCancelFields
from steelyard.flows.fx_trade import EnterFields
from steelyard.flows.machine import Applied, Machine
from steelyard.flows.parties import settlement_account
from steelyard.flows.quote import AskFields
from steelyard.flows.rates import RatesFields
from steelyard.flows.settle import end_waiting_of, inflow
from steelyard.flows.sheet import SheetFields, WithdrawFields
from steelyard.flows.world import World
from steelyard.members.accounts import FEE, FX, ISSUER, RESIDUAL, SETTLEMENT, SUSPENSE
from steelyard.members.members import Member, MemberState
from steelyard.members.packs import Pack, digest_of
from steelyard.members.participants import Participant, ParticipantState, Settings
from steelyard.members.people import KEY, Actor
from steelyard.members.roles import Role
from steelyard.members.rulebook import content_of
from steelyard.node.sweeps import first_fault
from steelyard.payments.payment import Payment
from steelyard.values.asset import AssetClass
from steelyard.values.calendars import Calendar
from steelyard.values.instants import DAY, HOUR
from steelyard.values.refusal import Refusal

START = 20_000 * DAY + 8 * HOUR  # a Tuesday
ASSETS = ("NOR", "SUD", "OST")
ANNA, ARNE, BRAM, BIRK, CLEO, CARL = "ANNANOR0", "ARNENOR0", "BRAMSUD0", "BIRKSUD0", "CLEOOST0", "CARLOST0"
PONS, LEVR = "PONSNOR0", "LEVRSUD0"  # FX providers
BANKS = (ANNA, ARNE, BRAM, BIRK, CLEO, CARL)
HOME = {
    ANNA: "NOR",
    ARNE: "NOR",
    BRAM: "SUD",
    BIRK: "SUD",
    CLEO: "OST",
    CARL: "OST",
    PONS: "NOR",
    LEVR: "SUD",
}
ANY = dict.fromkeys(ASSETS, -1)


class Network:
    """A Machine with a small world, and the verbs of its participants. `at` is the time of the next command."""

    begins = START

    def __init__(self, world: World | None = None, *, accepts: bool = True) -> None:
        self.machine = Machine(world)
        self.at = self.begins
        self.outcomes: list[Outcome] = []
        self.legs: list[bytes] = []
        self._number = 0
        if world is None:
            _build(self.world, accepts=accepts)

    @property
    def world(self) -> World:
        return self.machine.world

    # Commands

    def give(self, name: str, fields: Any, sender: str, *, actor: str = "", added: Any = None) -> Outcome:
        """Apply one command at `at`, a microsecond after the last one, and check every invariant."""
        self._number += 1
        seed = sha256(self._number.to_bytes(8, "big")).digest()
        command_id = (self.at // 1_000_000).to_bytes(6, "big") + seed[:10]
        command = Command(
            name, 1, command_id, sender, actor or f"k-{sender}", self.at,
            NO_FIELDS if fields is None else raw(fields), NO_FIELDS if added is None else raw(added), seed[16:],
        )  # fmt: skip
        applied = self.apply(command)
        return applied.outcome

    def apply(self, command: Command) -> Applied:
        applied = self.machine.apply(command, at=self.at)
        self.at += 1_000
        self.outcomes.append(applied.outcome)
        self.legs.append(applied.legs)
        return applied

    def pay(self, payer: str, payee: str, source: str, amount: int, target: str = "", **more: Any) -> bytes:
        """Send a payment and give its UETR; what became of it is asked with `state`."""
        return self.paid(payer, payee, source, amount, target, **more)[0]

    def paid(
        self,
        payer: str,
        payee: str,
        source: str,
        amount: int,
        target: str = "",
        *,
        uetr: bytes = b"",
        **more: Any,
    ) -> tuple[bytes, Outcome]:
        self._number += 1
        uetr = uetr or sha256(b"uetr%d" % self._number).digest()[:16]
        sender = more.pop("sender", payer)
        present = more.pop("present", 0)
        fields = PayFields(
            uetr, more.pop("kind", 0), more.pop("service", 0), more.pop("message_key", b""),
            more.pop("message_content", b""), more.pop("instruction_key", b""),
            more.pop("content", sha256(b"%s%d" % (uetr, amount)).digest()[:16]), 1, payer, payee, source, amount,
            target or source, more.pop("target_minor", amount if target in ("", source) else 0), **more,
        )  # fmt: skip
        return uetr, self.give("pay", fields, sender, added=PayAdded(b"m" * 32, b"p" * 32, present=present))

    def quote(
        self, payer: str, source: str, target: str, amount: int, *, send: bool = True, **more: Any
    ) -> list[QuoteGiven]:
        outcome = self.give("quote.ask", AskFields(source, target, send, amount, **more), payer)
        return [fact for fact in facts(outcome) if isinstance(fact, QuoteGiven)]

    def sheet(self, provider: str, sell: str, buy: str, *tiers: tuple[int, int, int], **more: Any) -> Outcome:
        fields = SheetFields(
            sell, buy, tiers, more.pop("min_minor", 1), more.pop("max_minor", 10**15), more.pop("valid_from", 0),
            more.pop("valid_until", self.at + 30 * DAY), **more,
        )  # fmt: skip
        return self.give("sheet.put", fields, provider)

    def withdraw(self, provider: str, sell: str, buy: str) -> Outcome:
        return self.give("sheet.withdraw", WithdrawFields(sell, buy), provider)

    def rate(self, base: str, quote: str, num: int, den: int) -> None:
        fields = RatesFields("test", self.at, ((base, quote, num, den, 1),))
        assert self.give("rates.put", fields, "operator").code == Code.DONE

    def cancel(self, payer: str, uetr: bytes) -> Outcome:
        return self.give("pay.cancel", CancelFields(uetr), payer)

    def consent(self, payer: str, uetr: bytes, quote_id: bytes = b"") -> Outcome:
        return self.give("pay.consent", ConsentFields(uetr, quote_id), payer)

    def answer(self, payee: str, uetr: bytes, answer: str, reason: str = "") -> Outcome:
        return self.give("offer.answer", AnswerFields(uetr, answer, reason), payee)

    def credited(self, payee: str, uetr: bytes, credited: bool = True, reason: str = "") -> Outcome:
        return self.give("pay.credited", CreditedFields(uetr, credited, reason), payee)

    def trade(
        self, owner: str, other: str, pays: str, pays_minor: int, gets: str, gets_minor: int, on: int
    ) -> Outcome:
        return self.give("fx_trade.enter", EnterFields(other, pays, pays_minor, gets, gets_minor, on), owner)

    def untrade(self, owner: str, trade: bytes) -> Outcome:
        return self.give("fx_trade.cancel", TradeCancelFields(trade), owner)

    def tick(self) -> list[Outcome]:
        """Give ticks until nothing is due."""
        made = []
        while (due := self.machine.next_due()) is not None and due <= self.at:
            made.append(self.give("tick", None, "operator", actor="node"))
        return made

    def wait(self, ns: int) -> list[Outcome]:
        """Let time pass, tick by tick through every deadline on the way."""
        until, made = self.at + ns, []
        while (due := self.machine.next_due()) is not None and due <= until:
            self.at = max(self.at, due)
            made += self.tick()
        self.at = max(self.at, until)
        return made

    # What tests set up

    def fund(self, owner: str, asset: str, amount: int, purpose: str = SETTLEMENT) -> None:
        """Issue money to an account and let it work."""
        world = self.world
        account_no = world.members.accounts.get(purpose, owner, asset)
        issuer = world.members.issuer_account(asset)
        assert account_no is not None
        assert issuer is not None
        agent = world.members.assets[asset].settlement_agent
        self._number += 1
        number = (self.at // 1_000_000) << 80 | self._number
        bundle = Bundle(number, Kind.ISSUE, (Leg(issuer, account_no, amount),))
        act = world.engine.move(bundle, at=self.at, authority=[world.engine.owner_nos[agent]])
        assert act.refusal is None
        made = inflow(world, [account_no], self.at)
        self._looked(Outcome(Code.DONE, 0, -1, tuple(made[0]), tuple(made[1])))
        self.legs.append(world.engine.take_records())
        self.at += 1_000

    def set(self, bic: str, **changes: Any) -> None:
        participant = self.world.members.participants[bic]
        participant.settings = msgspec.structs.replace(participant.settings, **changes)

    def mode(self, asset: str, mode: Literal["fifo", "bypass", "guarded"]) -> None:
        """Let the queues of a currency be tried in another way."""
        self.world.members.assets[asset].queue_mode = mode

    def suspend(self, bic: str, *, sending_only: bool = False) -> None:
        """Change a participant's state as the flow of suspension does; its payments end with the next step."""
        participant = self.world.members.participants[bic]
        participant.state = ParticipantState.SENDING_BARRED if sending_only else ParticipantState.SUSPENDED
        self.world.members.put_participant(participant)

    def end_waiting(self, bic: str, limit: int) -> int:
        """End a step of what a suspended participant waits for; give how much is left."""
        ended = end_waiting_of(self.world, bic, self.at, limit)
        self._looked(Outcome(Code.DONE, 0, -1, tuple(ended.facts), tuple(ended.notices)))
        self.legs.append(self.world.engine.take_records())
        return ended.left

    def _looked(self, outcome: Outcome) -> None:
        """Keep an outcome that no command gave, with what it brings about as one that a command gave."""
        self.outcomes.append(looked(self.world, outcome, self.at))
        self.world.batches.fresh.clear()

    def lift(self, bic: str) -> None:
        participant = self.world.members.participants[bic]
        participant.state = ParticipantState.ACTIVE
        self.world.members.put_participant(participant)

    def rulebook(self, **payments: Any) -> None:
        content = content_of({"version": str(self.at), "payments": payments})
        self.world.packs.put(Pack("rulebook", "rulebook", str(self.at), digest_of(content), content, self.at))

    # What tests look at

    def state(self, uetr: bytes) -> int:
        found = self.world.payments.state_of(uetr)
        assert found is not None
        return found

    def balance(self, owner: str, asset: str, purpose: str = SETTLEMENT) -> int:
        account_no = self.world.members.accounts.get(purpose, owner, asset)
        assert account_no is not None
        return self.world.engine.balance(account_no).balance

    def available(self, owner: str, asset: str, purpose: str = SETTLEMENT) -> int:
        account_no = self.world.members.accounts.get(purpose, owner, asset)
        assert account_no is not None
        return self.world.engine.balance(account_no).available

    def check(self) -> None:
        """Hold every invariant of engine and domains."""
        assert first_broken(self.world.engine) is None, first_broken(self.world.engine)
        assert first_fault(self.world) is None, first_fault(self.world)

    def again(self) -> "Network":
        """Give the same network rebuilt from its snapshot."""
        other = Network(World.decode(dict(self.world.sections())))
        other.at, other._number = self.at, self._number
        assert other.world.state_hash() == self.world.state_hash()
        return other


def facts(outcome: Outcome) -> list[Any]:
    return [decode_fact(fact) for fact in outcome.facts]


def refusal_of(outcome: Outcome) -> int:
    return outcome.refusal


def moves(outcome: Outcome) -> list[tuple[int, str, int]]:
    return [
        (fact.before, fact.event, fact.after) for fact in facts(outcome) if isinstance(fact, PaymentMoved)
    ]


def entered(outcome: Outcome) -> PaymentEntered:
    (found,) = [fact for fact in facts(outcome) if isinstance(fact, PaymentEntered)]
    return found


def stands(outcome: Outcome) -> PaymentStands:
    (found,) = [fact for fact in facts(outcome) if isinstance(fact, PaymentStands)]
    return found


def told(outcome: Outcome) -> list[tuple[str, str]]:
    return [(notice.recipient, notice.kind) for notice in outcome.notices]


def notices(network: Network, kind: str) -> list[Notice]:
    return [notice for outcome in network.outcomes for notice in outcome.notices if notice.kind == kind]


def is_refused(outcome: Outcome, refusal: Refusal) -> bool:
    return outcome.code == Code.REFUSED and outcome.refusal == refusal.code


def faulty(outcome: Outcome) -> list[str]:
    """Give the fields that an order was refused for."""
    return [field for fact in facts(outcome) if isinstance(fact, TermsFaulted) for field, _ in fact.faults]


def _build(world: World, *, accepts: bool) -> None:
    engine, members = world.engine, world.members
    engine.add_owner("operator")
    members.put_actor(Actor("k-operator", "operator", KEY, (Role.OPERATOR,), public_key=b"k" * 32))
    for asset in ASSETS:
        agent = f"STAG{asset}0"
        asset_no = engine.open_asset(asset, AssetClass.CURRENCY, scale=2, issuer=agent)
        assert isinstance(asset_no, int)
        members.put_member(Member(asset, asset, asset, 2, agent, state=MemberState.ACTIVE))
        _account(world, ISSUER, agent, asset, AccountKind.ISSUER, "issuer", ceiling=10**20)
        _account(world, FEE, "operator", asset, AccountKind.FEE, "fee")
        _account(world, RESIDUAL, "operator", asset, AccountKind.RESIDUAL, "residual")
        world.calendars.put(Calendar(asset, (), always_open=True, revision=1))
    for bic, home in HOME.items():
        provider = bic in (PONS, LEVR)
        settings = Settings(accepts_minor=dict(ANY) if accepts else {})
        members.put_participant(
            Participant(bic, home, bic, provider=provider, settings=settings, state=ParticipantState.ACTIVE)
        )
        members.put_actor(Actor(f"k-{bic}", bic, KEY, (Role.MAKER, Role.FX_PROVIDER), public_key=b"k" * 32))
        for asset in ASSETS:
            _account(world, SETTLEMENT, bic, asset, AccountKind.SETTLEMENT, "")
            _account(world, SUSPENSE, bic, asset, AccountKind.SUSPENSE, "suspense")
            if provider:
                _account(world, FX, bic, asset, AccountKind.FX, "fx")


def _account(
    world: World,
    purpose: str,
    owner: str,
    asset: str,
    kind: AccountKind,
    suffix: str,
    ceiling: int | None = None,
) -> None:
    name = f"{owner}/{asset}/{suffix}" if suffix else f"{owner}/{asset}"
    made = world.engine.open_account(name, owner, world.engine.asset_nos[asset], kind, ceiling=ceiling)
    assert isinstance(made, int)
    world.members.accounts.put(purpose, owner, asset, made)


def part_leg(world: World, payment: Payment, minor: int) -> Leg:
    """Give the leg of a part of a payment in one currency: its fees go with the rest."""
    payer = settlement_account(world, payment.debtor_agent, payment.source)
    return Leg(payer, settlement_account(world, payment.creditor_agent, payment.source), minor)
