"""What covers a member's shorts in the PvP queue stays until they are paid in, whichever way it would leave."""

import pytest
from msgspec import structs

from steelyard.engine.bundles import Leg
from steelyard.flows import guard
from steelyard.flows.command import Code, Outcome
from steelyard.flows.fx_order import OrderFields
from steelyard.flows.hand import MoveFields, ReserveFields
from steelyard.flows.ledger import OpenFields
from steelyard.flows.legs import LegsFields
from steelyard.flows.liquidity_facts import RingMoved
from steelyard.flows.market_money import MoneyFields
from steelyard.flows.market_money import OpenFields as TradeFields
from steelyard.flows.pvp_cover import free, is_short, takes
from steelyard.flows.redeem import RedeemFields
from steelyard.flows.ring import OfferFields, ProposeFields
from steelyard.liquidity.cycles import CycleState
from steelyard.liquidity.order_refusals import OrderRefusal as No
from steelyard.members.people import KEY, Actor
from steelyard.members.roles import Role
from steelyard.payments.payment import Wait
from steelyard.payments.states import State
from steelyard.values.instants import DAY, MINUTE
from tests.flows.batches import Solver, request, same_state
from tests.flows.cycles import Cycles
from tests.flows.payworld import ANNA, BRAM, CLEO, facts, is_refused
from tests.flows.test_pvp_queue import Queue

TRADER = f"t-{BRAM}"
COVER = 2 * 500 * 11_000 // 9_000 + 1
"""Minor units of NOR that cover 500 SUD, worth 2 each, at a haircut of a tenth either way: 1,222.2 rounded up"""


@pytest.fixture
def net() -> Queue:
    """Bram is long 2,000 NOR and short 500 SUD."""
    net = Queue()
    net.fund(ANNA, "NOR", 5_000)
    net.fund(BRAM, "SUD", 500)
    net.enrol(BRAM, 10_000)
    net.world.members.put_actor(Actor(TRADER, BRAM, KEY, (Role.TRADER,), public_key=b"t" * 32))
    assert 0 == net.give("trade_account.open", TradeFields("NOR"), BRAM, actor=TRADER).code
    net.short(BRAM, "SUD", 1_000, 1_000)
    trade = net.both(ANNA, "NOR", 2_000, BRAM, "SUD", 1_000)
    net.reply()
    assert ("SETTLED", -500, 2_000) == (net.stands(trade), net.balance(BRAM, "SUD"), net.balance(BRAM, "NOR"))
    return net


def pay_out(net: Queue, way: str, minor: int) -> Outcome:
    """Let Bram take so much NOR out in some way."""
    if way == "redeem":
        return net.give("redeem", RedeemFields("NOR", minor), BRAM)
    if way == "order":
        return net.give("fx_order.put", OrderFields("NOR", "OST", minor, net.at + DAY), BRAM)
    if way == "reserve":
        return net.give("reserve", ReserveFields(f"{BRAM}/NOR", f"{CLEO}/NOR", minor, net.at + DAY), BRAM)
    if way == "market":
        return net.give("trade_account.deposit", MoneyFields("NOR", minor), BRAM, actor=TRADER)
    net.give("account.open", OpenFields("NOR", "reserved", "tax"), BRAM)
    return net.give("move", MoveFields(f"{BRAM}/NOR", f"{BRAM}/NOR/tax", minor), BRAM)


WAYS = ("redeem", "order", "reserve", "move", "market")


@pytest.mark.parametrize("way", WAYS)
def test_cover_is_not_paid_out(net: Queue, way: str) -> None:
    pay_out(net, "move", 1)  # the account for a purpose is there
    before = same_state(net)

    assert is_refused(pay_out(net, way, 2_000 - COVER), No.PVP_PAY_OUT_IS_COVER)
    assert {name for name in before if before[name] != same_state(net)[name]} <= {"engine"}
    assert 1_999 == net.available(BRAM, "NOR")


@pytest.mark.parametrize("way", WAYS)
def test_what_is_no_cover_is_paid_out_to_the_last_unit(net: Queue, way: str) -> None:
    outcome = pay_out(net, way, 2_000 - COVER)

    assert 0 == outcome.code, outcome
    assert COVER == net.available(BRAM, "NOR")
    net.check()


@pytest.mark.parametrize("way", WAYS)
def test_what_is_paid_in_lets_the_cover_go(net: Queue, way: str) -> None:
    net.fund(BRAM, "SUD", 500)

    assert 0 == pay_out(net, way, 2_000).code


@pytest.mark.parametrize("way", WAYS)
def test_who_is_not_enrolled_any_longer_keeps_nothing(net: Queue, way: str) -> None:
    del net.world.pvp.aggregates[BRAM]

    assert 0 == pay_out(net, way, 2_000).code


def test_nothing_leaves_where_a_short_cannot_be_valued(net: Queue) -> None:
    net.wait(3 * DAY)  # rates are stale

    assert is_refused(pay_out(net, "redeem", 1), No.PVP_PAY_OUT_IS_COVER)


def test_a_payment_waits_for_its_cover_and_goes_when_that_is_free(net: Queue) -> None:
    uetr = net.pay(BRAM, CLEO, "NOR", 2_000)
    payment = net.world.payments.live[uetr]

    assert (State.QUEUED, Wait.CAP, No.PVP_PAY_OUT_IS_COVER.code) == (
        net.state(uetr),
        payment.waits,
        payment.reason,
    )
    net.wait(MINUTE)
    assert State.QUEUED == net.state(uetr)
    net.fund(BRAM, "SUD", 500)
    net.wait(MINUTE)
    assert (State.SETTLED, 0) == (net.state(uetr), net.balance(BRAM, "NOR"))
    net.check()


def test_a_payment_of_what_is_no_cover_goes_at_once(net: Queue) -> None:
    assert State.SETTLED == net.state(net.pay(BRAM, CLEO, "NOR", 2_000 - COVER))
    assert State.QUEUED == net.state(net.pay(BRAM, CLEO, "NOR", 1))


def test_payments_that_are_set_off_use_no_cover(net: Queue) -> None:
    """Bram's queue would have 1,000 leave on balance: more than is free."""
    first = net.pay(BRAM, CLEO, "NOR", 3_000)
    assert Wait.FUNDS == net.world.payments.live[first].waits
    net.pay(CLEO, BRAM, "NOR", 2_000)

    assert (State.QUEUED, 2_000) == (net.state(first), net.balance(BRAM, "NOR"))
    net.fund(BRAM, "SUD", 500)
    net.fund(BRAM, "NOR", 1_000)
    net.wait(MINUTE)
    assert State.SETTLED == net.state(first)
    net.check()


def test_a_trade_of_the_queue_itself_may_use_the_cover(net: Queue) -> None:
    """Bram buys back with NOR what it is short of."""
    net.fund(CLEO, "SUD", 500)
    trade = net.both(BRAM, "NOR", 1_000, CLEO, "SUD", 500)
    net.wait(MINUTE)
    if net.world.pvp.open is not None:
        net.once_more()
        net.reply()

    assert ("SETTLED", 0) == (net.stands(trade), net.balance(BRAM, "SUD"))
    assert 10**9 == free(net.world, BRAM, "NOR", 10**9)


def test_a_ring_of_surplus_takes_no_cover(net: Queue) -> None:
    net.fund(CLEO, "OST", 1_000)
    net.give("surplus.offer", OfferFields("NOR", "OST", 2_000), BRAM)
    net.give("surplus.offer", OfferFields("OST", "NOR", 1_000), CLEO)
    outcome = net.give("ring.propose", ProposeFields(), "operator")
    given = [
        swap[1]
        for fact in facts(outcome)
        if isinstance(fact, RingMoved)
        for swap in fact.swaps
        if swap[0] == BRAM
    ]

    assert [2_000 - COVER] == given


def test_the_bulk_lane_is_shut_to_who_is_short(net: Queue) -> None:
    net.world.packed = bytes(128)
    before = same_state(net)

    assert is_refused(net.give("legs", LegsFields(1, b"d" * 32), BRAM), No.PVP_PAY_OUT_IS_COVER)
    assert (before, b"") == (same_state(net), net.world.packed)
    net.fund(BRAM, "SUD", 500)
    assert not is_short(net.world, BRAM)


@pytest.mark.parametrize("pays_in", [False, True])
def test_a_netting_cycle_is_paid_no_cover(net: Queue, pays_in: bool) -> None:
    """Neither by order nor by consent, where what is free goes in and no more."""
    cycles = Cycles(net=net)
    cycles.with_people()
    net.set(BRAM, by_cycle=("NOR",), pays_in=pays_in)
    cycles.open()
    net.pay(BRAM, CLEO, "NOR", 2_000)
    cycles.cut()
    cycles.reach(CycleState.FUNDING)
    paid = 2_000 - COVER if pays_in else 0
    assert paid == cycles.cycle.paid.get("NOR", {}).get(BRAM, 0)

    assert is_refused(cycles.pay_in(BRAM), No.PVP_PAY_OUT_IS_COVER)
    assert 2_000 - paid == net.balance(BRAM, "NOR")
    net.fund(BRAM, "SUD", 500)
    assert 0 == cycles.pay_in(BRAM).code
    cycles.reach(CycleState.STATEMENTS)
    assert (0, 0) == (net.balance(BRAM, "NOR"), net.balance(BRAM, "SUD"))
    net.check()


def test_a_trade_beside_the_queue_takes_no_cover(net: Queue) -> None:
    """Cleo is not enrolled: at a price that is not one, Bram's cover would be hers."""
    net.fund(CLEO, "OST", 1_000)
    del net.world.pvp.aggregates[CLEO]
    bad = net.both(BRAM, "NOR", 1_000, CLEO, "OST", 1)
    assert ("WAITING", 2_000) == (net.stands(bad), net.balance(BRAM, "NOR"))
    good = net.both(BRAM, "NOR", 1_000, CLEO, "OST", 51)  # 20 NOR each: as much cover as before, and more
    assert ("SETTLED", 1_000) == (net.stands(good), net.balance(BRAM, "NOR"))
    net.fund(BRAM, "SUD", 500)
    net.wait(MINUTE)

    assert ("SETTLED", 0) == (net.stands(bad), net.balance(BRAM, "NOR"))
    net.check()


def test_who_is_short_buys_that_back_beside_the_queue(net: Queue) -> None:
    net.fund(CLEO, "SUD", 500)
    del net.world.pvp.aggregates[CLEO]
    trade = net.both(BRAM, "NOR", 2_000, CLEO, "SUD", 500)

    assert ("SETTLED", 0) == (net.stands(trade), net.balance(BRAM, "NOR"))


def test_a_proposed_batch_takes_no_cover(net: Queue) -> None:
    """A proposal that pays more out than is free while its payer is short is refused; nothing moves."""
    first, second = net.pay(BRAM, CLEO, "NOR", 3_000), net.pay(CLEO, BRAM, "NOR", 2_000)
    solver = Solver(net)
    net.wait(MINUTE)
    request(net)
    seqs = sorted(net.world.payments.live[one].seq for one in (first, second))
    asked = structs.replace(solver.fields(), seqs=[seqs[0], seqs[1] - seqs[0]], parts=[], certificates=[])

    outcome = solver.give(asked)

    assert outcome.code == Code.REFUSED
    assert 2_000 == net.balance(BRAM, "NOR")
    net.check()


def test_what_covers_backs_no_bond_and_pays_no_bill(net: Queue) -> None:
    """Bonds, bids and bills ask for what may be given away; deliveries and sales whether they would take cover."""
    account = net.world.members.accounts.settlement(BRAM, "NOR")
    other = net.world.members.accounts.settlement(CLEO, "NOR")
    assert account is not None
    assert other is not None
    net.world.reservations.put(account, 0, 100)

    assert 2_000 - COVER == guard.spare(net.world, BRAM, account)
    assert not takes(net.world, BRAM, [Leg(account, other, 700), Leg(account, other, 77)])
    assert takes(net.world, BRAM, [Leg(account, other, 700), Leg(account, other, 78)])
    assert not takes(net.world, BRAM, [Leg(other, account, 5_000)])
    assert not takes(net.world, CLEO, [Leg(account, other, 2_000)])
    net.fund(BRAM, "SUD", 500)
    assert 1_900 == guard.spare(net.world, BRAM, account)
    assert not takes(net.world, BRAM, [Leg(account, other, 2_000)])
