"""Circles of forwards: what goes round is offset, differences are one bundle, and whoever may not stays out."""

from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.engine.refusals import Refusal as E
from steelyard.flows.forward_circle import differences, offset, worth
from steelyard.market.contracts.terms import Options
from steelyard.market.forwards import ForwardSale, ForwardState, ForwardTerms
from steelyard.market.refusals.contracts import ContractRefusal as No
from steelyard.values.instants import DAY
from tests.flows.forwards import Ahead, forwards, packed
from tests.flows.goods import BUYER, HOUSE, LENDER, OTHER, SELLER, SITE, done
from tests.flows.payworld import is_refused
from tests.flows.sea import QUAY

S = ForwardState
A, B, C = SELLER, BUYER, LENDER


@pytest.fixture
def net() -> Ahead:
    return Ahead()


def ring(net: Ahead, **changes: object) -> tuple[bytes, bytes, bytes]:
    """A sells B 10 lots at 240.00, B sells C 8 at 243.00, C sells A 6 at 239.00."""
    return (
        net.agreed(A, B, lots=10, price_minor=24_000, **changes),
        net.agreed(B, C, lots=8, price_minor=24_300, **changes),
        net.agreed(C, A, lots=6, price_minor=23_900, **changes),
    )


def test_a_ring_is_offset_and_differences_are_left(net: Ahead) -> None:
    """Six lots of 50 t go. A has 72,000.00 and owes 71,700.00; B 72,900.00 and 72,000.00; C 71,700.00 and 72,900.00."""
    one, two, three = ring(net)
    net.fund(C, "OST", 120_000)
    outcome = done(net.circle(two, B))

    assert [(one, "PART_OFFSET", 4, 6, 7_200_000), (two, "PART_OFFSET", 2, 6, 7_290_000),
            (three, "OFFSET", 0, 6, 7_170_000)] == [
        (fact.forward_id, fact.event, fact.lots, fact.offset_lots, fact.moved_minor) for fact in forwards(outcome)
    ]  # fmt: skip
    assert (30_000, 90_000, 0) == tuple(net.balance(owner, "OST") for owner in (A, B, C))
    assert 1 == len({fact.bundle_id for fact in forwards(outcome)})
    assert (4, 2) == (net.sale(one).lots, net.sale(two).lots)
    assert is_refused(net.circle(one), No.CIRCLE_NOT_FOUND)
    assert net.sale(one).due_at
    net.check()


def test_forwards_that_go_nowhere_keep_nobody_from_going_round(
    net: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many older ones there are: of a seller who buys nothing, or of the same two."""
    monkeypatch.setattr("steelyard.flows.forward_circle.MOST", 3)
    for _ in range(4):
        net.agreed(OTHER, A, lots=1)
    old = [net.agreed(A, B, lots=1, price_minor=24_300) for _ in range(4)]
    net.agreed(B, C, lots=8, price_minor=24_300)
    one = net.agreed(C, A, lots=6, price_minor=24_300)

    assert {old[0], one} < {fact.forward_id for fact in forwards(done(net.circle(one, A)))}
    assert 5 == net.sale(one).lots
    net.check()


def test_one_who_is_a_unit_short_stops_the_whole_circle(net: Ahead) -> None:
    one, *_ = ring(net)
    net.fund(C, "OST", 119_999)
    before = net.titles_and_money()

    assert is_refused(net.circle(one), E.LIQUIDITY_IS_SHORT)
    assert before == net.titles_and_money()
    net.fund(C, "OST", 1)
    done(net.circle(one))


def test_equal_prices_leave_no_money(net: Ahead) -> None:
    one, two = net.agreed(A, B), net.agreed(B, A)
    outcome = done(net.circle(one))
    assert {one, two} == {fact.forward_id for fact in forwards(outcome)}
    assert 0 == len(net.world.forwards)
    net.check()


def test_a_suspended_member_stays_out_of_the_circle(net: Ahead) -> None:
    one, two, three = ring(net)
    net.fund(C, "OST", 120_000)
    net.suspend(C)
    assert is_refused(net.circle(one), No.CIRCLE_NOT_FOUND)
    assert is_refused(net.circle(two, B), No.CIRCLE_NOT_ALLOWED)
    assert {S.AGREED} == {net.stands(one) for one in (one, two, three)}


def test_a_blocked_account_stays_out_of_the_circle_of_others(net: Ahead) -> None:
    """C cannot pay; A and B have sold each other the same, and that goes."""
    one, *_ = ring(net)
    back = net.agreed(B, A, lots=3, price_minor=24_000)
    account = net.world.members.accounts.get("settlement", C, "OST")
    assert net.world.engine.block(account) is None
    done(net.circle(one))
    assert is_refused(net.circle(back), No.FORWARD_NOT_FOUND)
    assert 7 == net.sale(one).lots


def test_a_member_whose_law_forbids_it_stays_out(net: Ahead) -> None:
    one, two, _ = ring(net)
    net.world.claims.allow(net.world.members.home(C), allowed=False)
    assert is_refused(net.circle(one), No.CIRCLE_NOT_FOUND)
    assert is_refused(net.circle(two, B), No.CIRCLE_NOT_ALLOWED)


def test_a_forward_that_is_in_delivery_or_hindered_stays_out(net: Ahead) -> None:
    one, _, three = ring(net)
    done(net.hinder(three))
    assert is_refused(net.circle(one), No.CIRCLE_NOT_FOUND)
    assert is_refused(net.circle(three), No.FORWARD_STATE_FORBIDS)
    done(net.resume(three))
    net.wait(DAY)
    done(net.appropriate(three, net.issue(300_000, C), owner=C))
    assert is_refused(net.circle(three), No.FORWARD_NOT_FOUND)
    assert is_refused(net.circle(one), No.CIRCLE_NOT_FOUND)


@pytest.mark.parametrize(
    "changes",
    [
        {"place": QUAY},
        {"site": QUAY},
        {"currency": "NOR"},
        {"to_on": 5},
        {"full_cargo": True},
        {"contract": packed(options=Options(appropriation_days=3))},
    ],
)
def test_other_goods_or_terms_make_no_ring(net: Ahead, changes: dict[str, object]) -> None:
    if "to_on" in changes:
        changes = {"to_on": net.at // DAY + 4}
    one = net.agreed(A, B)
    net.agreed(B, A, **changes)
    assert is_refused(net.circle(one), No.CIRCLE_NOT_FOUND)


def test_a_contract_that_lets_no_circle_is_left_alone(net: Ahead) -> None:
    one, *_ = ring(net, contract=packed(options=Options(circle=False)))
    assert is_refused(net.circle(one), No.CIRCLE_NOT_ALLOWED)


def test_a_circle_is_asked_for_by_a_side_or_the_operator(net: Ahead) -> None:
    one, *_ = ring(net)
    assert is_refused(net.circle(one, OTHER), No.FORWARD_NOT_FOUND)
    assert is_refused(net.circle(one, HOUSE), No.FORWARD_NOT_FOUND)
    assert is_refused(net.circle(b"n" * 16), No.FORWARD_NOT_FOUND)


def sale(number: int, seller: str, buyer: str, lots: int, price: int) -> ForwardSale:
    terms = ForwardTerms(packed(), SITE, SITE, lots, price, "OST", 1, 2, "RYE", False, 1, 1, 1)
    return ForwardSale(number.to_bytes(16, "big"), number, terms, seller, buyer, seller, lots)


def most(forwards: list[ForwardSale]) -> int:
    """Give the most lots that go, by trying every part of every forward."""
    best, parts = 0, [range(one.lots + 1) for one in forwards]

    def tried(place: int, nets: dict[str, int], sum_: int) -> None:
        nonlocal best
        if place == len(forwards):
            best = max(best, sum_) if not any(nets.values()) else best
            return
        one = forwards[place]
        for lots in parts[place]:
            changed = dict(nets)
            changed[one.seller] = changed.get(one.seller, 0) - lots
            changed[one.buyer] = changed.get(one.buyer, 0) + lots
            tried(place + 1, changed, sum_ + lots)

    tried(0, {}, 0)
    return best


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(st.sampled_from(list(permutations("ABC", 2))), st.integers(1, 3), st.integers(1, 99_999)),
        max_size=5,
    )
)
def test_as_many_lots_go_as_can_and_each_has_the_money_of_all_payments(drawn: list) -> None:
    found = [sale(number, *sides, lots, price) for number, (sides, lots, price) in enumerate(drawn, 1)]
    parts = offset(found)
    gone = [one for one in found if one.forward_id in parts]
    money = {one.forward_id: worth(one, parts[one.forward_id]) for one in gone}
    paid = differences(gone, money)

    assert most(found) == sum(parts.values())
    for name in "ABC":
        due = sum(money[one.forward_id] for one in gone if one.seller == name)
        due -= sum(money[one.forward_id] for one in gone if one.buyer == name)
        assert due == sum(minor for _, to, minor in paid if to == name) - sum(
            minor for by, _, minor in paid if by == name
        )
    assert all(minor > 0 for _, _, minor in paid)
    assert len({by for by, _, _ in paid} & {to for _, to, _ in paid}) == 0
