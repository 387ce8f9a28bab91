"""Random payments with random answers, cancels, money, suspensions and ticks: what must hold, holds.

After every step: every reservation names something alive and carries its deadline, claims are the sum of the
open quotes, every wait has a clock. Over the whole run: what settled is what was disclosed, leg by leg; one
notice of settlement per party; a rebuilt snapshot in the middle goes on with the same bytes; and when ticks
run on, every payment has ended.
"""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.engine.records import MOVE, SETTLE, unpack_all
from steelyard.flows.diary import Diary
from steelyard.flows.facts import PaymentEntered, PaymentMoved, PaymentPriced, PaymentStands
from steelyard.flows.gridlock import resolve
from steelyard.flows.own_rules import HoldingFields, LimitFields, ReservationFields
from steelyard.flows.queue import NamedFields, PriorityFields, TimesFields
from steelyard.flows.settle import work
from steelyard.payments.states import State, step
from steelyard.values.instants import DAY, HOUR, SECOND
from tests.flows.payworld import ANNA, ARNE, ASSETS, BRAM, CLEO, LEVR, PONS, START, Network, facts

PEOPLE = (ANNA, ARNE, BRAM, CLEO)
TODAY = START // DAY
MOVED = ("pay", "exchange", "best", "hop", "bank")
VERBS = (
    *MOVED, *MOVED, "answer", "answer", "cancel", "consent", "fund", "fund", "provide", "suspend", "lift", "tick",
    "wait", "long", "credited", "sheet", "withdraw", "trade", "accepts", "ask", "order", "order", "times", "limit",
    "keep", "cap", "mode", "resolve",
)  # fmt: skip
OPS = st.tuples(
    st.sampled_from(VERBS), st.integers(0, 3), st.integers(0, 3), st.integers(1, 40), st.integers(0, 7)
)
Op = tuple[str, int, int, int, int]
ENDED = (State.SETTLED, State.CREDITED, State.UNPOSTED, State.REJECTED, State.CANCELLED)


class Play:
    """One run: the network, and what it knows of its payments."""

    def __init__(self, net: Network) -> None:
        self.net = net
        self.uetrs: list[bytes] = []
        self.asked: list[bytes] = []

    def do(self, op: Op) -> None:
        verb, one, other, amount, dice = op
        getattr(self, verb)(PEOPLE[one], PEOPLE[(one + 1 + other % 3) % 4], amount, dice)

    def _pay(self, payer: str, payee: str, source: str, amount: int, target: str = "", **more: Any) -> None:
        self.uetrs.append(self.net.pay(payer, payee, source, amount, target, **more))

    def pay(self, one: str, other: str, amount: int, dice: int) -> None:
        not_before = self.net.at + HOUR if dice == 7 else 0
        self._pay(
            one, other, ASSETS[dice % 3], amount, service=dice % 2, bearer=dice % 3, not_before_at=not_before,
            priority=amount % 3,
        )  # fmt: skip

    def bank(self, one: str, other: str, amount: int, dice: int) -> None:
        self._pay(
            one, other, "NOR", amount, kind=1, not_after_at=self.net.at + 30 * SECOND if dice > 4 else 0,
            priority=dice % 3,
        )  # fmt: skip

    def exchange(self, one: str, other: str, amount: int, dice: int) -> None:
        quotes = self.net.quote(
            one, "NOR", "SUD", amount, send=dice % 2 == 0, service=dice // 4, bearer=dice % 3
        )
        if quotes:
            quote = quotes[dice % len(quotes)]
            self._pay(
                one, other, "NOR", 0, "SUD", quote_id=quote.quote_id, service=dice // 4, bearer=dice % 3
            )

    def best(self, one: str, other: str, amount: int, dice: int) -> None:
        self._pay(one, other, "NOR", amount, "SUD", rate_num=20 + dice % 4, rate_den=10, service=dice // 4)

    def hop(self, one: str, other: str, amount: int, dice: int) -> None:
        quotes = self.net.quote(one, "OST", "NOR", amount, send=dice % 2 == 0)
        if quotes:
            self._pay(one, other, "OST", 0, "NOR", quote_id=quotes[0].quote_id)

    def ask(self, one: str, other: str, amount: int, dice: int) -> None:
        self.net.quote(one, "NOR", "SUD", amount)

    def _some(self, dice: int) -> bytes | None:
        return self.uetrs[-1 - dice % len(self.uetrs)] if self.uetrs else None

    def _parties(self, uetr: bytes) -> tuple[str, str]:
        live = self.net.world.payments.live.get(uetr)
        if live is not None:
            return live.debtor_agent, live.creditor_agent
        record = self.net.world.payments.record(uetr)
        assert record is not None
        name = self.net.world.payments.name
        return name(record.debtor_agent), name(record.creditor_agent)

    def answer(self, one: str, other: str, amount: int, dice: int) -> None:
        offers = [uetr for uetr, live in self.net.world.payments.live.items() if live.state == State.OFFERED]
        uetr = offers[amount % len(offers)] if offers and dice < 7 else self._some(amount)
        if uetr is not None and self._parties(uetr)[1]:
            word = ("accept", "accept", "accept_unposted", "decline")[dice % 4]
            self.net.answer(self._parties(uetr)[1], uetr, word)

    def cancel(self, one: str, other: str, amount: int, dice: int) -> None:
        uetr = self._some(dice)
        if uetr is not None:
            self.net.cancel(self._parties(uetr)[0], uetr)

    def consent(self, one: str, other: str, amount: int, dice: int) -> None:
        for uetr, live in list(self.net.world.payments.live.items()):
            if live.state == State.VALIDATED:
                minor = live.source_minor if live.fixed_send else live.target_minor
                quotes = self.net.quote(
                    live.debtor_agent, live.source, live.target, minor, send=live.fixed_send
                )
                self.net.consent(live.debtor_agent, uetr, quotes[0].quote_id if quotes and dice else b"")
                return

    def credited(self, one: str, other: str, amount: int, dice: int) -> None:
        uetr = self._some(dice)
        if uetr is not None and self._parties(uetr)[1]:
            self.net.credited(self._parties(uetr)[1], uetr, dice % 3 != 0)

    def fund(self, one: str, other: str, amount: int, dice: int) -> None:
        self.net.fund(one, ASSETS[dice % 3], amount)

    def provide(self, one: str, other: str, amount: int, dice: int) -> None:
        self.net.fund((PONS, LEVR)[dice % 2], ASSETS[dice % 3], amount * 3, "fx")

    def suspend(self, one: str, other: str, amount: int, dice: int) -> None:
        if amount < 28:
            return
        who = (*PEOPLE, PONS)[amount % 5]
        self.net.suspend(who, sending_only=dice == 0)
        if dice % 2:
            self.net.end_waiting(who, 1 + dice)

    def lift(self, one: str, other: str, amount: int, dice: int) -> None:
        for who in (*PEOPLE, PONS):
            while self.net.end_waiting(who, 5):
                pass
            self.net.lift(who)

    def accepts(self, one: str, other: str, amount: int, dice: int) -> None:
        self.net.set(one, accepts_minor={"NOR": amount} if dice < 4 else dict.fromkeys(ASSETS, -1))

    def tick(self, one: str, other: str, amount: int, dice: int) -> None:
        self.net.tick()

    def wait(self, one: str, other: str, amount: int, dice: int) -> None:
        self.net.wait(amount * SECOND)

    def long(self, one: str, other: str, amount: int, dice: int) -> None:
        if dice == 0:
            self.net.at += amount * HOUR  # nothing was swept on the way
        else:
            self.net.wait(amount * HOUR // 4)

    def sheet(self, one: str, other: str, amount: int, dice: int) -> None:
        more = {"ttl_ms": 5_000, "lock_ms": 8_000} if dice % 2 else {}
        self.net.sheet(
            PONS,
            "NOR",
            "SUD",
            (0, 200 + amount % 30, 100),
            firm_reserved=dice > 4,
            rounding=1 + dice % 2,
            **more,
        )

    def withdraw(self, one: str, other: str, amount: int, dice: int) -> None:
        self.net.withdraw(PONS, "NOR", "SUD")

    def order(self, one: str, other: str, amount: int, dice: int) -> None:
        uetr = self._some(amount)
        if uetr is not None and self._parties(uetr)[0]:
            sender = self._parties(uetr)[0]
            if dice < 3:
                self.net.give("queue.reprioritise", PriorityFields(uetr, dice), sender)
            else:
                self.net.give(("queue.to_front", "queue.to_back")[dice % 2], NamedFields(uetr), sender)

    def times(self, one: str, other: str, amount: int, dice: int) -> None:
        uetr = self._some(dice)
        if uetr is not None and self._parties(uetr)[0]:
            start = self.net.at + amount * SECOND if dice % 2 else 0
            end = self.net.at + 2 * amount * SECOND if dice % 3 else 0
            self.net.give("queue.set_times", TimesFields(uetr, start, end), self._parties(uetr)[0])

    def limit(self, one: str, other: str, amount: int, dice: int) -> None:
        fields = LimitFields(ASSETS[dice % 3], other if dice % 2 else "*", amount if amount < 30 else -1)
        self.net.give("limit.own", fields, one)

    def keep(self, one: str, other: str, amount: int, dice: int) -> None:
        fields = ReservationFields(ASSETS[dice % 3], dice % 2, amount if amount < 30 else 0)
        self.net.give("reservation.set", fields, one)

    def cap(self, one: str, other: str, amount: int, dice: int) -> None:
        self.net.give("holding.set", HoldingFields(ASSETS[dice % 3], 3 * amount if amount < 30 else -1), one)

    def mode(self, one: str, other: str, amount: int, dice: int) -> None:
        self.net.mode(ASSETS[dice % 3], ("fifo", "bypass", "guarded")[amount % 3])  # type: ignore[arg-type]

    def resolve(self, one: str, other: str, amount: int, dice: int) -> None:
        diary = Diary()
        resolve(self.net.world, diary, ASSETS[dice % 3], self.net.at)
        work(self.net.world, diary, self.net.at)
        self.net.outcomes.append(diary.done())
        self.net.legs.append(self.net.world.engine.take_records())
        self.net.at += 1_000

    def trade(self, one: str, other: str, amount: int, dice: int) -> None:
        self.net.trade(one, other, "NOR", amount, "SUD", amount, TODAY + dice % 2)
        if dice % 4:
            self.net.trade(other, one, "SUD", amount, "NOR", amount, TODAY + dice % 2)


def network() -> Network:
    net = Network()
    net.rulebook(
        fees=[
            {"what": "scheme", "side": "payer", "keeper": "operator", "bp": 100, "taken": "from_amount"},
            {"what": "arrival", "side": "payee", "keeper": "operator", "asset": "SUD", "fixed_minor": 1},
        ]
    )
    for bic in (ANNA, BRAM):
        net.set(bic, best_quote=True, requote_tolerance_bp=500, reports_credit=True)
    net.set(BRAM, accepts_minor={"NOR": 10})
    net.set(CLEO, accepts_minor={})
    net.sheet(PONS, "NOR", "SUD", (0, 215, 100), (30, 216, 100))
    net.sheet(PONS, "OST", "SUD", (0, 2, 1), rounding=2)
    net.sheet(LEVR, "SUD", "NOR", (0, 3, 10))
    for asset in ASSETS:
        net.fund(PONS, asset, 160, "fx")
        net.fund(LEVR, asset, 90, "fx")
        for bic in PEOPLE:
            net.fund(bic, asset, 40)
    return net


@settings(max_examples=120, deadline=None)
@given(ops=st.lists(OPS, max_size=40))
def test_whatever_happens_nothing_is_orphaned_and_every_payment_ends(ops: list[Op]) -> None:
    play = Play(network())
    net = play.net
    for op in ops:
        play.do(op)
        net.check()
    play.lift(ANNA, ANNA, 0, 0)
    net.wait(3 * DAY)
    net.check()

    assert net.world.payments.live == {}
    assert {State(net.state(uetr)) for uetr in play.uetrs} <= set(ENDED)
    assert net.world.engine.reservations == {}
    assert not net.world.queues.anything
    steps_are_those_of_the_table(net)
    settled_equals_disclosed(net)
    one_final_notice(net)


@settings(max_examples=60, deadline=None)
@given(before=st.lists(OPS, max_size=25), after=st.lists(OPS, max_size=15))
def test_a_snapshot_in_the_middle_goes_on_with_the_same_bytes(before: list[Op], after: list[Op]) -> None:
    play = Play(network())
    for op in before:
        play.do(op)
    other = Play(play.net.again())
    other.uetrs = list(play.uetrs)
    done = len(play.net.outcomes)
    for op in after:
        play.do(op)
        other.do(op)

    assert play.net.outcomes[done:] == other.net.outcomes
    assert play.net.legs[done:] == other.net.legs
    assert play.net.world.state_hash() == other.net.world.state_hash()


def steps_are_those_of_the_table(net: Network) -> None:
    """Every step written down is one of the table, and each begins where the last one ended."""
    now: dict[bytes, int] = {}
    for outcome in net.outcomes:
        for fact in facts(outcome):
            if isinstance(fact, PaymentEntered):
                assert fact.uetr not in now
                now[fact.uetr] = fact.state
            elif isinstance(fact, PaymentMoved):
                assert now[fact.uetr] == fact.before
                assert step(State(fact.before), fact.event) == fact.after  # type: ignore[arg-type]
                now[fact.uetr] = fact.after
            elif isinstance(fact, PaymentStands):
                assert now[fact.uetr] == fact.state
    for uetr, state in now.items():
        assert net.state(uetr) == state


def settled_equals_disclosed(net: Network) -> None:
    """Per settled payment: what left the payer, what reached the payee and every fee are what was written down."""
    told: dict[bytes, tuple[str, str, int, int, int]] = {}
    settled: set[bytes] = set()
    fees: dict[bytes, int] = {}
    payer: dict[bytes, tuple[int, int]] = {}
    accounts = net.world.members.accounts
    for outcome in net.outcomes:
        for fact in facts(outcome):
            if isinstance(fact, PaymentEntered):
                ends = (
                    accounts.settlement(fact.debtor_agent, fact.source) or 0,
                    accounts.settlement(fact.creditor_agent, fact.target) or 0,
                )
                payer[fact.uetr] = ends
            if isinstance(fact, PaymentEntered | PaymentPriced):
                told[fact.uetr] = ("", "", fact.debit_minor, fact.target_minor, fact.payee_minor)
                fees[fact.uetr] = sum(fee[3] for fee in fact.fees)
    moved: Counter[tuple[bytes, int, str]] = Counter()
    for record in unpack_all(b"".join(net.legs)):
        if record.act in (MOVE, SETTLE) and record.amount_minor:
            uetr = record.reference.to_bytes(16, "big")
            if uetr in payer:
                suspense = net.world.engine.accounts[record.target].name.endswith("/suspense")  # type: ignore[union-attr]
                back = net.world.engine.accounts[record.source].name.endswith("/suspense")  # type: ignore[union-attr]
                if not (suspense or back):
                    settled.add(uetr)
                    moved[uetr, record.source, "out"] += record.amount_minor
                    moved[uetr, record.target, "in"] += record.amount_minor
    operator = {accounts.get("fee", "operator", asset) or 0 for asset in ASSETS}
    for uetr in settled:
        source, target = payer[uetr]
        _, _, debit, credit, payee = told[uetr]
        assert moved[uetr, source, "out"] == debit
        assert moved[uetr, target, "in"] == credit
        assert moved[uetr, target, "in"] - moved[uetr, target, "out"] == payee
        assert sum(moved[uetr, account, "in"] for account in operator) == fees[uetr]
        assert net.state(uetr) in (State.SETTLED, State.CREDITED, State.UNPOSTED)
    for uetr in payer:
        if net.state(uetr) in (State.SETTLED, State.CREDITED, State.UNPOSTED):
            assert uetr in settled


def one_final_notice(net: Network) -> None:
    """Each agent is told once how a payment ended, and of a settlement exactly both are."""
    final = Counter(
        (notice.subject, notice.recipient)
        for outcome in net.outcomes
        for notice in outcome.notices
        if notice.kind in ("payment.settled", "payment.rejected", "payment.cancelled")
    )
    assert all(count == 1 for count in final.values())


def test_another_hash_seed_gives_the_same_bytes() -> None:
    """Nothing that reaches state or outcome depends on the order of a set."""
    program = (
        "import random;"
        "from tests.properties.test_payments_random import Play, network, VERBS;"
        "draw = random.Random(7); play = Play(network());"
        "[play.do((draw.choice(VERBS), draw.randrange(4), draw.randrange(4), draw.randint(1, 40), draw.randrange(8)))"
        " for _ in range(150)];"
        "from hashlib import sha256; from steelyard.flows.command import encode;"
        "print(play.net.world.state_hash().hex(), sha256(encode(play.net.outcomes)).hexdigest())"
    )
    root = Path(__file__).resolve().parents[2]
    said = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{root / 'src'}:{root}"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]

    assert len(said[0].split()) == 2
    assert said[0] == said[1]
