"""What owners set themselves: limits of the day, money kept for classes, caps on holdings; and what then waits."""

import pytest

from steelyard.engine.accounts import AccountKind
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows.hand import MoveFields
from steelyard.flows.liquidity_facts import FundsReserved, HoldingCapSet, OwnLimitSet
from steelyard.flows.own_rules import NONE, HoldingFields, LimitFields, ReservationFields
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.members.people import KEY, Actor
from steelyard.members.refusals import MemberRefusal
from steelyard.members.roles import Role
from steelyard.payments.payment import Wait
from steelyard.values.instants import DAY, SECOND
from tests.flows.payworld import (
    ANNA,
    ARNE,
    BIRK,
    BRAM,
    CLEO,
    PONS,
    Network,
    entered,
    facts,
    is_refused,
    notices,
)

URGENT, HIGH = 0, 1
BILATERAL = LiquidityRefusal.BILATERAL_LIMIT_WOULD_BE_EXCEEDED.code
MULTILATERAL = LiquidityRefusal.MULTILATERAL_LIMIT_WOULD_BE_EXCEEDED.code
CAPPED = LiquidityRefusal.HOLDING_CAP_WOULD_BE_EXCEEDED.code
SHORT = EngineRefusal.LIQUIDITY_IS_SHORT.code


@pytest.fixture
def net() -> Network:
    network = Network()
    network.fund(ANNA, "NOR", 1_000)
    return network


def limit(net: Network, owner: str, other: str, minor: int):
    return net.give("limit.own", LimitFields("NOR", other, minor), owner)


def reserve(net: Network, owner: str, priority: int, minor: int):
    return net.give("reservation.set", ReservationFields("NOR", priority, minor), owner)


def cap(net: Network, holder: str, minor: int, *, member: bool = False):
    return net.give("holding.set", HoldingFields("NOR", minor, member), holder)


def states(net: Network, *uetrs: bytes) -> list[int]:
    return [net.state(uetr) for uetr in uetrs]


def reason(net: Network, uetr: bytes) -> int:
    return net.world.payments.live[uetr].reason


# Limits


def test_a_bilateral_limit_stops_what_would_pass_it_net_of_the_day(net: Network) -> None:
    early = net.pay(ANNA, BRAM, "NOR", 100)
    outcome = limit(net, ANNA, BRAM, 150)
    over, within, other = (net.pay(ANNA, payee, "NOR", 60) for payee in (BRAM, BRAM, CLEO))

    assert facts(outcome) == [
        OwnLimitSet(ANNA, "NOR", BRAM, 150, net.world.limits.of(_no(net, ANNA))[0][1].from_at)
    ]
    assert states(net, early, over, within, other) == [9, 4, 4, 9]
    assert reason(net, over) == BILATERAL
    assert states(net, net.pay(ANNA, BRAM, "NOR", 50)) == [9]  # normal payments pass one another
    back = net.pay(BRAM, ANNA, "NOR", 70)
    assert states(net, back, over, within) == [9, 9, 4]
    net.check()


def test_urgent_and_high_payments_neither_count_nor_stop(net: Network) -> None:
    limit(net, ANNA, BRAM, 10)
    urgent, high = (net.pay(ANNA, BRAM, "NOR", 100, priority=priority) for priority in (URGENT, HIGH))

    assert states(net, urgent, high, net.pay(ANNA, BRAM, "NOR", 10)) == [9, 9, 9]
    assert net.world.limits.net("NOR", 20_000, _no(net, ANNA), _no(net, BRAM)) == 10


def test_a_multilateral_limit_counts_all_that_have_no_limit_of_their_own(net: Network) -> None:
    limit(net, ANNA, BRAM, 500)
    limit(net, ANNA, "*", 100)
    to_bram, to_cleo, to_arne = (
        net.pay(ANNA, payee, "NOR", minor) for payee, minor in ((BRAM, 400), (CLEO, 80), (ARNE, 30))
    )

    assert states(net, to_bram, to_cleo, to_arne) == [9, 9, 4]
    assert reason(net, to_arne) == MULTILATERAL
    net.pay(CLEO, ANNA, "NOR", 10)
    assert states(net, to_arne) == [9]
    net.check()


def test_a_limit_lowered_below_use_stops_what_goes_out_and_nothing_else(net: Network) -> None:
    net.pay(ANNA, BRAM, "NOR", 300)
    limit(net, ANNA, BRAM, 500)
    limit(net, ANNA, BRAM, 100)
    out, back = net.pay(ANNA, BRAM, "NOR", 1), net.pay(BRAM, ANNA, "NOR", 200)

    assert states(net, out, back) == [4, 9]  # 100 of 100 used: still no room
    net.pay(BRAM, ANNA, "NOR", 1)
    assert states(net, out) == [9]
    assert net.world.limits.room("NOR", 20_000, _no(net, ANNA), _no(net, BRAM)) == 0
    net.check()


def test_raising_or_dropping_a_limit_lets_go_what_waits(net: Network) -> None:
    limit(net, ANNA, BRAM, 0)
    one, two = net.pay(ANNA, BRAM, "NOR", 100), net.pay(ANNA, BRAM, "NOR", 200)
    limit(net, ANNA, BRAM, 150)
    assert states(net, one, two) == [9, 4]
    limit(net, ANNA, BRAM, NONE)
    assert states(net, two) == [9]
    assert not net.world.limits.has(_no(net, ANNA))


def test_the_next_date_starts_anew(net: Network) -> None:
    limit(net, ANNA, BRAM, 100)
    net.pay(ANNA, BRAM, "NOR", 100)
    assert states(net, net.pay(ANNA, BRAM, "NOR", 50)) == [4]
    net.wait(DAY)

    assert states(net, net.pay(ANNA, BRAM, "NOR", 100)) == [9]


def test_an_offered_payment_counts_until_it_is_declined(net: Network) -> None:
    net.set(BRAM, accepts_minor={})
    limit(net, ANNA, BRAM, 100)
    reserve(net, ANNA, URGENT, 50)
    offered, urgent = net.pay(ANNA, BRAM, "NOR", 100), net.pay(ANNA, BRAM, "NOR", 30, priority=URGENT)
    waits = net.pay(ANNA, BRAM, "NOR", 60)

    assert states(net, offered, urgent, waits) == [7, 7, 4]
    assert net.world.reservations.asked(_no(net, ANNA)) == (20, 0)
    net.answer(BRAM, offered, "decline")
    net.answer(BRAM, urgent, "decline")
    assert states(net, waits) == [7]
    assert net.world.reservations.asked(_no(net, ANNA)) == (50, 0)
    net.answer(BRAM, waits, "accept")
    assert net.world.limits.net("NOR", 20_000, _no(net, ANNA), _no(net, BRAM)) == 60
    net.check()


def test_a_payment_with_an_exchange_knows_no_own_limit(net: Network) -> None:
    net.fund(PONS, "SUD", 10_000, "fx")
    net.sheet(PONS, "NOR", "SUD", (0, 2, 1))
    limit(net, ANNA, "*", 0)
    quote = net.quote(ANNA, "NOR", "SUD", 100)[0]

    assert states(net, net.pay(ANNA, BRAM, "NOR", 100, "SUD", quote_id=quote.quote_id)) == [9]


@pytest.mark.parametrize(
    ("other", "minor", "refusal"),
    [
        (ANNA, 5, LiquidityRefusal.COUNTERPARTY_NOT_FOUND),
        ("NOBODY00", 5, LiquidityRefusal.COUNTERPARTY_NOT_FOUND),
        (BRAM, -2, LiquidityRefusal.LIMIT_MUST_NOT_BE_NEGATIVE),
        (BRAM, 10**18, LiquidityRefusal.LIMIT_MUST_NOT_BE_NEGATIVE),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(net: Network, other: str, minor: int, refusal) -> None:
    assert is_refused(limit(net, ANNA, other, minor), refusal)
    assert not net.world.limits.has(_no(net, ANNA))


# Reservations


def test_a_class_uses_what_is_not_kept_for_those_before_it(net: Network) -> None:
    """Worked: 1,000 there, 300 kept for urgent, 200 for high."""
    outcome = reserve(net, ANNA, URGENT, 300)
    reserve(net, ANNA, HIGH, 200)

    assert facts(outcome) == [FundsReserved(ANNA, "NOR", URGENT, 300, 300)]
    normal, too_much = net.pay(ANNA, BRAM, "NOR", 500), net.pay(ANNA, BRAM, "NOR", 1)
    assert states(net, normal, too_much) == [9, 4]
    assert reason(net, too_much) == SHORT
    high, more = net.pay(ANNA, BRAM, "NOR", 150, priority=HIGH), net.pay(ANNA, BRAM, "NOR", 51, priority=HIGH)
    assert states(net, high, more) == [9, 4]  # 350 there, 300 of it urgent's
    assert net.world.reservations.asked(_no(net, ANNA)) == (300, 50)
    urgent = net.pay(ANNA, BRAM, "NOR", 340, priority=URGENT)  # its own 300 and what is high's
    assert states(net, urgent) == [9]
    assert net.world.reservations.asked(_no(net, ANNA)) == (0, 50)
    assert net.world.reservations.held(_no(net, ANNA), 10) == (0, 10)
    net.check()


def test_more_than_is_there_is_held_as_it_comes_in(net: Network) -> None:
    outcome = reserve(net, ANNA, URGENT, 1_200)
    waits = net.pay(ANNA, BRAM, "NOR", 50)

    assert facts(outcome) == [FundsReserved(ANNA, "NOR", URGENT, 1_200, 1_000)]
    net.fund(ANNA, "NOR", 220)
    assert states(net, waits) == [4]
    assert net.world.reservations.held(_no(net, ANNA), 1_220) == (1_200, 0)
    net.fund(ANNA, "NOR", 30)
    assert states(net, waits) == [9]


def test_an_urgent_payment_is_never_overtaken_with_money_kept_for_it(net: Network) -> None:
    reserve(net, ANNA, URGENT, 1_000)
    urgent = net.pay(ANNA, BRAM, "NOR", 1_500, priority=URGENT)
    others = [net.pay(ANNA, BRAM, "NOR", 100, priority=priority) for priority in (HIGH, 2, HIGH, 2)]
    assert states(net, urgent, *others) == [4] * 5
    for _ in range(4):
        net.fund(ANNA, "NOR", 100)

    # What comes above the reservation is anybody's: only what is kept is sure.
    assert net.state(urgent) == 4
    assert net.available(ANNA, "NOR") >= 1_000
    net.fund(ANNA, "NOR", 500)
    assert net.state(urgent) == 9
    net.check()


def test_giving_a_reservation_up_lets_go_what_waits(net: Network) -> None:
    reserve(net, ANNA, HIGH, 1_000)
    waits = net.pay(ANNA, BRAM, "NOR", 100)
    assert states(net, waits) == [4]
    reserve(net, ANNA, HIGH, 0)

    assert states(net, waits) == [9]
    assert not net.world.reservations.has(_no(net, ANNA))


def test_a_reservation_that_makes_no_sense_is_refused(net: Network) -> None:
    negative = LiquidityRefusal.LIMIT_MUST_NOT_BE_NEGATIVE
    assert is_refused(reserve(net, ANNA, 2, 5), LiquidityRefusal.RESERVATION_EXCEEDS_CLASS)
    assert is_refused(reserve(net, ANNA, URGENT, -1), negative)
    assert is_refused(reserve(net, ANNA, URGENT, 10**18), negative)
    other = net.give("reservation.set", ReservationFields("XXX", URGENT, 5), ANNA)
    assert is_refused(other, EngineRefusal.ACCOUNT_NOT_FOUND)
    assert is_refused(
        net.give("limit.own", LimitFields("XXX", "*", 5), ANNA), EngineRefusal.ACCOUNT_NOT_FOUND
    )
    assert net.world.engine.close_account(_no(net, BIRK)) is None
    assert is_refused(reserve(net, BIRK, URGENT, 5), LiquidityRefusal.ACCOUNT_BLOCKED)


# Holding caps


def test_at_its_cap_a_holder_lets_payments_wait_beside_the_queue(net: Network) -> None:
    outcome = cap(net, BRAM, 100)
    near, over, behind = (
        net.pay(ANNA, payee, "NOR", minor) for payee, minor in ((BRAM, 80), (BRAM, 30), (CLEO, 10))
    )

    assert facts(outcome) == [HoldingCapSet(BRAM, "NOR", 100)]
    assert states(net, near, over, behind) == [9, 4, 9]
    assert (net.world.payments.live[over].waits, reason(net, over)) == (Wait.CAP, CAPPED)
    told = [(n.recipient, n.data) for kind in ("holding.near", "holding.reached") for n in notices(net, kind)]
    assert told == [(BRAM, (BRAM, 80, 100)), (BRAM, (BRAM, 80, 100))]
    net.pay(BRAM, CLEO, "NOR", 10)
    assert states(net, over) == [9]
    net.check()


def test_who_moves_money_out_of_its_holding_lets_in_what_waited_for_room(net: Network) -> None:
    """A purpose account is no holding: what goes there by an own order makes room at once."""
    cap(net, BRAM, 100)
    net.world.engine.open_account(f"{BRAM}/NOR/fee", BRAM, net.world.engine.asset_nos["NOR"], AccountKind.FEE)
    near, over = net.pay(ANNA, BRAM, "NOR", 80), net.pay(ANNA, BRAM, "NOR", 30)
    assert states(net, near, over) == [9, 4]

    outcome = net.give("move", MoveFields(f"{BRAM}/NOR", f"{BRAM}/NOR/fee", 10), BRAM)
    assert outcome.code == 0, outcome
    assert states(net, over) == [9]
    net.check()


def test_a_member_caps_what_all_its_banks_hold(net: Network) -> None:
    agent = "STAGSUD0"
    net.world.members.put_actor(
        Actor(f"k-{agent}", agent, KEY, (Role.SETTLEMENT_AGENT,), public_key=b"k" * 32)
    )
    assert cap(net, agent, 100, member=True).code == 0
    one, two = net.pay(ANNA, BRAM, "NOR", 70), net.pay(ANNA, BIRK, "NOR", 40)
    within = net.pay(BRAM, BIRK, "NOR", 70)  # stays with the member

    assert states(net, one, two, within) == [9, 4, 9]
    assert notices(net, "holding.reached")[0].recipient == agent
    away = net.pay(BIRK, ANNA, "NOR", 10)
    assert states(net, away, two) == [9, 9]
    net.check()


def test_raising_a_cap_lets_go_what_waits(net: Network) -> None:
    cap(net, BRAM, 0)
    waits = net.pay(ANNA, BRAM, "NOR", 10)
    assert states(net, waits) == [4]
    cap(net, BRAM, NONE)

    assert states(net, waits) == [9]
    assert not net.world.holdings.any_of("NOR")


def test_what_waits_for_a_cap_ends_like_all_that_waits(net: Network) -> None:
    cap(net, BRAM, 0)
    instant, other = net.pay(ANNA, BRAM, "NOR", 10, service=1), net.pay(ANNA, BRAM, "NOR", 10)
    net.wait(6 * SECOND)
    net.cancel(ANNA, other)

    assert states(net, instant, other) == [20, 22]
    assert not net.world.queues.anything


def test_only_a_holder_caps_its_holding(net: Network) -> None:
    assert is_refused(cap(net, BRAM, 5, member=True), MemberRefusal.OBJECT_IS_NOT_YOURS)
    assert is_refused(cap(net, BRAM, -2), LiquidityRefusal.LIMIT_MUST_NOT_BE_NEGATIVE)
    wrong = net.give("holding.set", HoldingFields("XXX", 5), BRAM)
    assert is_refused(wrong, MemberRefusal.CURRENCY_NOT_FOUND)


def test_the_first_rule_by_precedence_is_the_reason(net: Network) -> None:
    """Bilateral, multilateral, cap, money: each hides those after it."""
    cap(net, BRAM, 0)
    limit(net, ANNA, "*", 0)
    limit(net, ANNA, BRAM, 0)
    found = []
    for change in ("none", "bilateral", "multilateral", "cap"):
        if change == "bilateral":
            limit(net, ANNA, BRAM, NONE)
        elif change == "multilateral":
            limit(net, ANNA, "*", NONE)
        elif change == "cap":
            cap(net, BRAM, NONE)
        _, outcome = net.paid(ANNA, BRAM, "NOR", 5_000)
        found.append(entered(outcome).reason)

    assert found == [BILATERAL, MULTILATERAL, CAPPED, SHORT]


def _no(net: Network, bic: str) -> int:
    return net.world.members.accounts.settlement(bic, "NOR") or 0
