"""What one bank sets itself stops its own payments and nobody else's: a batch is asked for again without them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.flows import limits, pool
from steelyard.flows.command import NO_FIELDS, Command, raw
from steelyard.flows.limits import LimitFields as EngineLimit
from steelyard.flows.own_rules import HoldingFields, LimitFields, ReservationFields
from steelyard.flows.pool import PoolFields
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.payments.states import State
from steelyard.values.instants import SECOND
from tests.flows.batches import Solver, calm, report, request, ring, splitting
from tests.flows.payworld import ANNA, ARNE, ASSETS, BIRK, BRAM, CARL, CLEO, Network, is_refused

QUEUED, SETTLED = State.QUEUED, State.SETTLED
BANKS = (ANNA, ARNE, BIRK, BRAM, CLEO, CARL)


def limited(net: Network, owner: str, kind: str, cap: int, other: str = "", asset: str = "NOR") -> None:
    """Set a limit of the engine as two people of a bank would."""
    fields = EngineLimit(kind, asset, cap, other)
    command = Command(
        "limit.set", 1, bytes(16), owner, f"k-{owner}", net.at, raw(fields), NO_FIELDS, bytes(16)
    )
    outcome = limits.set_limit(net.world, command, fields, net.at)
    assert outcome.code == 0, outcome


def apart(net: Network, kind: str) -> list[bytes]:
    """Queue payments that fit one by one, and that their payee's cap or their payer's limit forbids together."""
    if kind == "cap":
        assert net.give("holding.set", HoldingFields("NOR", 10), BIRK).code == 0
        made = [net.pay(CARL, BIRK, "NOR", 5) for _ in range(4)]
        return [*made, net.pay(ARNE, CARL, "NOR", 20)]
    limited(net, BIRK, kind, 50, ARNE if kind == "pair" else "")
    made = [net.pay(BIRK, ARNE, "NOR", 30) for _ in range(2)]
    return [*made, net.pay(ARNE, CARL, "NOR", 60)]


@pytest.mark.parametrize("kind", ["cap", "pair", "flow"])
def test_a_batch_refused_for_one_settles_the_others_when_asked_again(kind: str) -> None:
    net = splitting()
    solver = calm(net)
    theirs, others = apart(net, kind), ring(net, 100, 80, 70)
    if kind == "cap":
        net.mode("NOR", "fifo")
        net.fund(ARNE, "NOR", 19)
    else:
        theirs.append(net.pay(CARL, BIRK, "NOR", 60))
    request(net)
    refused = solver.answer()

    assert refused.code == 1
    assert kind != "cap" or is_refused(refused, No.HOLDING_CAP_WOULD_BE_EXCEEDED)
    assert solver.again().code == 0
    assert report(solver.answer()).parts_count >= 2
    assert SETTLED == net.state(others[2])
    assert net.balance(BIRK, "NOR") <= 10 or kind != "cap"
    net.check()


def test_without_a_solver_a_limit_of_one_stops_its_own_alone() -> None:
    net = Network()
    theirs = [*apart(net, "pair"), net.pay(CARL, BIRK, "NOR", 60)]
    others = ring(net, 100, 100, 100)
    net.wait(21 * SECOND)

    assert [SETTLED] * 3 == [net.state(uetr) for uetr in others]
    assert QUEUED in [net.state(uetr) for uetr in theirs]
    net.check()


BANK, SMALL = st.sampled_from(BANKS[:4]), st.integers(0, 100)
PAIRS = st.permutations(BANKS[:4]).map(lambda every: tuple(every[:2]))
CLASS = st.sampled_from((0, 1, 2, 2, 2))
PAYMENT = st.tuples(PAIRS, st.integers(1, 60), CLASS, st.booleans(), st.sampled_from(ASSETS))
LIMITS = st.tuples(PAIRS, st.sampled_from(("pair", "flow")), SMALL)
PLAY = st.fixed_dictionaries(
    {
        "money": st.lists(st.tuples(BANK, SMALL, st.sampled_from(ASSETS)), max_size=5),
        "caps": st.lists(st.tuples(BANK, SMALL, st.booleans()), max_size=3),
        "limits": st.lists(LIMITS, max_size=3),
        "own": st.lists(st.tuples(PAIRS, st.booleans(), SMALL), max_size=2),
        "kept": st.lists(st.tuples(BANK, st.integers(0, 1), SMALL), max_size=2),
    }
)


def play_of(play: Any, payments: Any) -> tuple[Network, Solver]:
    """Build a network with the drawn money and rules whose last batches were just now, and queue the payments."""
    net = splitting()
    for bic, minor, asset in play["money"]:
        net.fund(bic, asset, minor + 1)
    for bic, minor, whole in play["caps"]:
        holder = {ANNA: "STAGNOR0", BIRK: "STAGSUD0"}.get(bic, bic) if whole else bic
        net.give("holding.set", HoldingFields("NOR", minor, holder != bic), holder)
    for (owner, other), kind, cap in play["limits"]:
        limited(net, owner, kind, cap, other if kind == "pair" else "")
    for (owner, other), is_all, room in play["own"]:
        net.give("limit.own", LimitFields("NOR", "*" if is_all else other, room), owner)
    for bic, priority, minor in play["kept"]:
        net.give("reservation.set", ReservationFields("NOR", priority, minor), bic)
    solver = Solver(net)
    for asset in ASSETS:
        request(net, asset)
        solver.answer()
    for (payer, payee), minor, priority, may_split, asset in payments:
        net.pay(payer, payee, asset, minor, priority=priority, may_split=may_split)
    return net, solver


def taken_in_the_end(net: Network, solver: Solver) -> None:
    """Find the honest proposal taken, at once or when it was asked for once more, and every invariant true."""
    before = {asset: sum(net.balance(bic, asset) for bic in BANKS) for asset in ASSETS}
    if solver.answer().code:
        assert solver.again().code == 0
        outcome = solver.answer()
        assert outcome.code == 0, outcome
        assert report(outcome).proved
    assert before == {asset: sum(net.balance(bic, asset) for bic in BANKS) for asset in ASSETS}
    net.check()


@settings(max_examples=150, deadline=None)
@given(play=PLAY, payments=st.lists(PAYMENT, min_size=4, max_size=24))
def test_whatever_banks_set_the_second_proposal_is_taken(play: Any, payments: Any) -> None:
    net, solver = play_of(play, [(*one[:4], "NOR") for one in payments])
    request(net)

    taken_in_the_end(net, solver)


@settings(max_examples=100, deadline=None)
@given(play=PLAY, payments=st.lists(PAYMENT, min_size=4, max_size=24), home=st.sampled_from(ASSETS))
def test_whatever_banks_set_the_second_pool_is_taken(play: Any, payments: Any, home: str) -> None:
    net, solver = play_of(play, payments)
    net.rate("SUD", "NOR", 2, 1)
    net.rate("OST", "NOR", 20, 1)
    for bic in BANKS:
        fields = PoolFields(ASSETS, home, 10**9)
        command = Command(
            "pool.choose", 1, bytes(16), bic, f"k-{bic}", net.at, raw(fields), NO_FIELDS, bytes(16)
        )
        assert pool.choose(net.world, command, fields, net.at).code == 0
    outcome = request(net, "")
    assert outcome.code == 0, outcome

    taken_in_the_end(net, solver)
