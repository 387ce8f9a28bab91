"""Own limits: nets of the day against a plain list of payments; rooms; snapshots."""

from hypothesis import given
from hypothesis import strategies as st

from steelyard.liquidity.limits import OTHERS, Limits
from steelyard.liquidity.refusals import LiquidityRefusal

MOVED = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 9), st.integers(0, 2)))
SET = st.dictionaries(st.tuples(st.integers(1, 4), st.integers(0, 4)), st.integers(0, 20), max_size=5)


@given(moved=MOVED, limits=SET)
def test_nets_and_rooms_are_those_of_the_plain_list(moved, limits):
    """Each date alone counts; what has a limit of its own does not count for the others."""
    one = Limits()
    for (owner, other), minor in limits.items():
        if owner != other:
            one.put(owner, other, minor, from_at=7)
    limits = {pair: minor for pair, minor in limits.items() if pair[0] != pair[1]}
    on, plain = 0, []
    for payer, payee, minor, step in moved:
        if payer == payee:
            continue
        if step == 2:
            on, plain = on + 1, []
        one.count("NOR", on, payer, payee, minor)
        plain.append((payer, payee, minor))
        if step == 1:
            one = Limits.decode(one.encode())

    def net(owner, others):
        out = sum(minor for payer, payee, minor in plain if payer == owner and payee in others)
        return out - sum(minor for payer, payee, minor in plain if payee == owner and payer in others)

    for (owner, other), minor in limits.items():
        own = {counterparty for who, counterparty in limits if who == owner}
        others = {1, 2, 3, 4} - own if other == OTHERS else {other}
        assert net(owner, others) == one.net("NOR", on, owner, other)
        assert max(0, minor - net(owner, others)) == one.room("NOR", on, owner, other)
    assert one.net("NOR", on + 1, 1, 2) == 0
    assert Limits.decode(one.encode()).encode() == one.encode()


def test_a_payment_is_stopped_by_the_limit_that_governs_it():
    limits = Limits()
    limits.put(1, 2, 50, from_at=0)
    limits.put(1, OTHERS, 10, from_at=0)
    stops = [limits.stops("NOR", 0, 1, payee, 20) for payee in (2, 3)]

    assert [None, LiquidityRefusal.MULTILATERAL_LIMIT_WOULD_BE_EXCEEDED] == stops
    assert limits.stops("NOR", 0, 1, 2, 51) is LiquidityRefusal.BILATERAL_LIMIT_WOULD_BE_EXCEEDED
    assert limits.stops("NOR", 0, 2, 1, 10**17) is None
    limits.drop(1, 2)
    assert limits.stops("NOR", 0, 1, 2, 11) is LiquidityRefusal.MULTILATERAL_LIMIT_WOULD_BE_EXCEEDED
    limits.drop(1, OTHERS)
    limits.drop(9, 9)
    assert not limits.has(1)


def test_what_comes_back_after_its_date_is_forgotten():
    limits = Limits()
    limits.count("NOR", 1, 1, 2, 30)
    limits.count("NOR", 2, 1, 2, 5)
    limits.count("NOR", 1, 1, 2, -30)
    limits.count("NOR", 3, 1, 2, -5)

    assert 5 == limits.net("NOR", 2, 1, 2)
