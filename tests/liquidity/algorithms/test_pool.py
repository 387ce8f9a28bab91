"""A12: the example worked by hand, and what every plan keeps to whatever accounts, caps and values are."""

import doctest
from collections import defaultdict
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from steelyard.liquidity.algorithms import pool, pool_queue
from steelyard.liquidity.algorithms.pool import plan_pool
from steelyard.liquidity.algorithms.pool_queue import within_highs
from steelyard.liquidity.certificate import check
from steelyard.liquidity.queue import Queued
from steelyard.solve.flow import OrToolsFlow

VALUES = {"INR": 3, "RUB": 4, "CNY": 40}
HOME = {"A": "INR", "B": "RUB", "C": "CNY"}
ACCOUNTS = {(who, currency): 0 for who in HOME for currency in VALUES} | {("C", "INR"): 10}


def ring(**changes):
    """Give the three payments of the example, with changes to all."""
    rows = {
        "RUB": Queued("p1", "A", "B", 301, seq=1),
        "CNY": Queued("p2", "B", "C", 30, seq=2),
        "INR": Queued("p3", "C", "A", 410, seq=3),
    }
    return {currency: [replace(row, **changes)] for currency, row in rows.items()}


def plan_of(accounts, payments, values, **more):
    """Plan, and check what holds for every plan."""
    plan = plan_pool(accounts, payments, values, solver=OrToolsFlow(), **{"home": HOME, **more})
    nets, fx, money = defaultdict(int), defaultdict(int), defaultdict(int)
    for currency, rows in payments.items():
        for row in rows:
            part = plan.parts.get(row.id, 0)
            assert 0 <= part <= row.amount_minor
            if 0 < part < row.amount_minor:
                assert row.may_split
                assert row.floor_minor <= part <= row.amount_minor - row.floor_minor
            nets[row.payer, currency] -= part
            nets[row.payee, currency] += part
    scaled = {currency: value * 10**plan.digits for currency, value in values.items()}
    gains = defaultdict(int)
    for account, before in accounts.items():
        after = plan.targets[account]
        floor = more.get("floors", {}).get(account, 0)
        cap = more.get("holding_caps", {}).get(account, after)
        assert min(before, floor) <= after <= max(before, cap)
        assert after - before - nets[account] == plan.fx.get(account, 0)
        fx[account[1]] += plan.fx.get(account, 0)
        money[account[1]] += after - before
        gains[account[0]] += plan.fx.get(account, 0) * scaled[account[1]]
    assert not any(fx.values())
    assert not any(money.values())
    assert sum(gains.values()) == 0
    most = max(scaled.values(), default=0) + sum(scaled.values())
    assert all(abs(gain) < most for gain in gains.values())
    assert plan.value <= plan.bound_value
    assert [] == check(plan.certificate)
    home = more.get("home", HOME)
    for who, cap in more.get("batch_caps", {}).items():
        given_away = sum(
            -minor * scaled[its] for (one, its), minor in plan.fx.items() if one == who and minor < 0
        )
        assert given_away < cap * scaled[home[who]] + most
    return plan


def test_the_example_worked_by_hand():
    """All three settle on ten rupees; A gains one value unit, B loses one and carries one rupee."""
    plan = plan_of(ACCOUNTS, ring(), VALUES)

    assert {"p1": 301, "p2": 30, "p3": 410} == plan.parts
    assert (3634, True) == (plan.value, plan.pooled)
    assert {("A", "INR"): 9, ("B", "INR"): 1} == {key: minor for key, minor in plan.targets.items() if minor}
    assert plan.fx == {
        ("A", "INR"): -401,
        ("B", "INR"): 1,
        ("C", "INR"): 400,
        ("A", "RUB"): 301,
        ("B", "RUB"): -301,
        ("B", "CNY"): 30,
        ("C", "CNY"): -30,
    }
    assert {"CNY": 0, "INR": 1, "RUB": 0} == plan.held_abroad


def test_the_example_where_a_party_takes_no_foreign_money():
    """B accepts no rupees and may be paid in part: 300 of 301, and nobody holds foreign money."""
    plan = plan_of(ACCOUNTS, ring(), VALUES, holding_caps={("B", "INR"): 0})

    assert {"p1": 300, "p2": 30, "p3": 410} == plan.parts
    assert (3630, True) == (plan.value, plan.pooled)
    assert {("A", "INR"): 10} == {key: minor for key, minor in plan.targets.items() if minor}
    assert {"CNY": 0, "INR": 0, "RUB": 0} == plan.held_abroad


def test_without_the_pool_none_of_the_example_settles():
    """Every currency alone lacks its money."""
    for currency, rows in ring().items():
        plan = plan_of(
            {key: minor for key, minor in ACCOUNTS.items() if key[1] == currency}, {currency: rows}, VALUES
        )

        assert {} == {id: part for id, part in plan.parts.items() if id != "p3"}


def test_a_ring_without_money_settles_at_uneven_rates():
    """No three amounts are of equal value at these rates; evening out costs each less than a minor unit of one."""
    values = {"INR": Fraction(8311, 10**4), "RUB": Fraction(1013, 10**3), "CNY": Fraction(997_123, 10**5)}
    accounts = dict.fromkeys(ACCOUNTS, 0)
    payments = {
        "RUB": [Queued("p1", "A", "B", 10**6)],
        "CNY": [Queued("p2", "B", "C", 10**6)],
        "INR": [Queued("p3", "C", "A", 10**7)],
    }
    plan = plan_of(accounts, payments, values)

    assert plan.pooled
    assert (10**6, 0) == (plan.parts["p1"], sum(plan.targets.values()))
    assert all(plan.parts[id] > 10**5 for id in ("p2", "p3"))


def test_a_provider_with_a_line_bridges_two_currencies():
    """Its floor is minus its line: it ends short of one currency and long of the other, by equal value."""
    accounts = {(who, currency): 0 for who in "ABF" for currency in ("INR", "RUB")} | {("A", "INR"): 400}
    payments = {"RUB": [Queued("p1", "A", "B", 300)]}
    closed = {("A", "RUB"): 0, ("B", "INR"): 0}
    without = plan_of(accounts, payments, VALUES, holding_caps=closed | {("F", "INR"): 0})
    bridged = plan_of(accounts, payments, VALUES, holding_caps=closed, floors={("F", "RUB"): -1000})

    assert {} == without.parts
    assert {"p1": 300} == bridged.parts
    assert (400, -300) == (bridged.targets["F", "INR"], bridged.targets["F", "RUB"])
    assert {("A", "INR"): -400, ("F", "INR"): 400, ("A", "RUB"): 300, ("F", "RUB"): -300} == bridged.fx


def test_a_batch_cap_lets_the_tail_of_a_queue_wait():
    """A pays no more than its cap in its own money, its older payments first."""
    accounts = {("A", "INR"): 100, ("B", "INR"): 0}
    rows = [
        Queued("p2", "A", "B", 30, seq=2),
        Queued("p1", "A", "B", 20, seq=1),
        Queued("p3", "A", "B", 5, seq=3),
    ]
    plan = plan_of(accounts, {"INR": rows}, VALUES, batch_caps={"A": 40})

    assert {"p1": 20} == plan.parts


@st.composite
def pools(draw, *, most=60, worth=(1, 50)):
    """Draw three participants in three currencies, with floors and caps, and up to ten payments."""
    values = {currency: draw(st.integers(*worth)) for currency in VALUES}
    accounts = {account: draw(st.integers(0, most)) for account in ACCOUNTS}
    caps = {key: draw(st.integers(0, most)) for key in accounts if draw(st.booleans())}
    floors = {
        key: -draw(st.integers(0, most)) for key in accounts if draw(st.sampled_from([False, False, True]))
    }
    payments = defaultdict(list)
    for number in range(draw(st.integers(0, 10))):
        payer, payee = draw(st.permutations("ABC"))[:2]
        payments[draw(st.sampled_from(sorted(VALUES)))].append(
            Queued(
                f"p{number}",
                payer,
                payee,
                draw(st.integers(1, most)),
                draw(st.integers(0, 2)),
                number,
                may_split=draw(st.booleans()),
                floor_minor=draw(st.sampled_from([0, 0, 5])),
            )
        )
    return accounts, dict(payments), values, {"holding_caps": caps, "floors": floors}


@given(pools())
@settings(max_examples=400, deadline=None)
def test_every_plan_keeps_floors_caps_and_money(drawn):
    """Holdings sum to the money there is, exchange legs to nothing per currency, every floor and cap holds."""
    accounts, payments, values, bounds = drawn
    plan_of(accounts, payments, values, **bounds)


@given(pools(most=10**17, worth=(10**5, 10**12)))
@settings(max_examples=60, deadline=None)
def test_numbers_beyond_64_bits_keep_the_same_rules(drawn):
    """Values of thirty digits are scaled for the solver, never in the plan."""
    accounts, payments, values, bounds = drawn
    plan_of(accounts, payments, values, **bounds)


def holdable(spare, money, caps):
    """Tell by Gale's condition whether such values can be held: no participants have more than fits anywhere."""
    people, coins = sorted(spare), sorted(money)
    for some, in_some in product(product((0, 1), repeat=len(people)), product((0, 1), repeat=len(coins))):
        who = [one for one, taken in zip(people, some, strict=True) if taken]
        inside = [one for one, taken in zip(coins, in_some, strict=True) if taken]
        outside = [one for one in coins if one not in inside]
        room = sum(money[coin] for coin in inside) + sum(caps[one, coin] for one in who for coin in outside)
        if sum(spare[one] for one in who) > room:
            return False
    return min(spare.values()) >= 0


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["AB", "BA", "AC", "CA", "BC", "CB"]),
            st.integers(1, 3),
            st.sampled_from(list(VALUES)),
        ),
        max_size=4,
    ),
    st.fixed_dictionaries({account: st.sampled_from([0, 0, 1, 2]) for account in ACCOUNTS}),
    st.fixed_dictionaries({account: st.sampled_from([0, 1, 9]) for account in ACCOUNTS}),
)
@settings(max_examples=80, deadline=None)
def test_a_plan_settles_what_an_enumeration_of_parts_finds(drawn, accounts, over):
    """All worths 1, so nothing is rounded: beside every choice of parts whose values can be held."""
    caps = {account: minor + over[account] for account, minor in accounts.items()}
    payments = defaultdict(list)
    for number, (pair, amount, currency) in enumerate(drawn):
        payments[currency].append(Queued(f"p{number}", *pair, amount, seq=number))
    plan = plan_of(accounts, dict(payments), dict.fromkeys(VALUES, 1), holding_caps=caps)
    money = {currency: sum(accounts[who, currency] for who in "ABC") for currency in VALUES}
    best = 0
    for parts in product(*(range(amount + 1) for _, amount, _ in drawn)):
        spare = {who: sum(accounts[who, currency] for currency in VALUES) for who in "ABC"}
        for part, ((payer, payee), _, _) in zip(parts, drawn, strict=True):
            spare[payer] -= part
            spare[payee] += part
        if sum(parts) > best and holdable(spare, money, caps):
            best = sum(parts)

    assert best == plan.value == plan.bound_value
    assert plan.pooled


def test_a_currency_worth_far_less_than_a_coarse_unit_is_dealt_out_whole():
    """Its minor units are not dealt one by one: this ends, and all the money is somewhere."""
    accounts = {(who, currency): 10**17 for who in "AB" for currency in ("INR", "CNY")}
    payments = {"CNY": [Queued("p1", "A", "B", 10**16)]}
    plan = plan_of(accounts, payments, {"INR": 1, "CNY": 10**12})

    assert {"p1": 10**16} == plan.parts


@given(pools())
@settings(max_examples=100, deadline=None)
def test_open_caps_always_admit_holdings(drawn):
    """With nothing capped what can be paid in value can be held: the pool never falls apart."""
    accounts, payments, values, bounds = drawn

    assert plan_of(accounts, payments, values, floors=bounds["floors"]).pooled


@given(pools(), st.dictionaries(st.sampled_from("ABC"), st.integers(0, 40)))
@settings(max_examples=150, deadline=None)
def test_nobody_gives_more_in_exchange_than_its_batch_cap(drawn, batch_caps):
    accounts, payments, values, bounds = drawn

    plan_of(accounts, payments, values, **{**bounds, "batch_caps": batch_caps})


def test_a_batch_cap_keeps_foreign_money_where_it_is():
    """B takes roubles alone. A's 100 would let C's payment through, but it gives no more than 5 rupees in exchange."""
    accounts = ACCOUNTS | {("A", "RUB"): 100, ("C", "INR"): 200}
    payments = {"RUB": [Queued("p1", "C", "B", 100)]}
    only = {"holding_caps": {("B", "INR"): 0, ("B", "CNY"): 0}}
    freely = plan_of(accounts, payments, VALUES, **only)
    held = plan_of(accounts, payments, VALUES, batch_caps={"A": 5}, **only)

    assert {"p1": 100} == freely.parts
    assert -100 == freely.fx["A", "RUB"]
    assert 0 == held.parts.get("p1", 0)
    assert held.fx.get(("A", "RUB"), 0) * 4 > -(5 * 3 + 87)


@given(pools(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_sequence_of_inputs_does_not_matter(drawn, random):
    """Same plan for any shuffle of payments, accounts and currencies."""
    accounts, payments, values, bounds = drawn
    mixed = {currency: random.sample(rows, len(rows)) for currency, rows in reversed(payments.items())}
    keys = random.sample(sorted(accounts), len(accounts))

    assert plan_of(accounts, payments, values, **bounds) == plan_of(
        {key: accounts[key] for key in keys}, mixed, dict(reversed(values.items())), **bounds
    )


@given(
    st.lists(
        st.tuples(st.sampled_from(["AB", "BA", "AC", "CA", "BC", "CB"]), st.integers(1, 9)), max_size=12
    ),
    st.fixed_dictionaries({who: st.integers(0, 12) for who in "ABC"}),
    st.fixed_dictionaries({who: st.integers(0, 6) for who in "ABC"}),
)
def test_who_may_not_hold_more_holds_no_more(drawn, money, over):
    """Every currency for itself: after mending all are between nothing and their room."""
    rows = [Queued(f"p{number}", *pair, amount, seq=number) for number, (pair, amount) in enumerate(drawn)]
    room = {who: money[who] + over[who] for who in money}
    parts = within_highs(money, room, rows, [row.amount_minor for row in rows])
    held = dict(money)
    for row, part in zip(rows, parts, strict=True):
        held[row.payer] -= part
        held[row.payee] += part

    assert all(0 <= minor <= room[who] for who, minor in held.items())
    assert {0, *(row.amount_minor for row in rows)} >= set(parts)


def test_foreign_money_that_nobody_takes_leaves_each_currency_to_itself():
    """Whole payments of uneven value and no foreign holdings: no pool, the home payment settles all the same."""
    accounts = dict.fromkeys(ACCOUNTS, 0) | {("A", "INR"): 50, ("B", "INR"): 0}
    home = {"A": "INR", "B": "INR", "C": "CNY"}
    payments = {
        "INR": [Queued("p1", "A", "B", 50, seq=1, may_split=False)],
        "CNY": [Queued("p2", "A", "C", 1, seq=2, may_split=False)],
    }
    caps = {account: 0 for account in accounts if home[account[0]] != account[1]}
    plan = plan_of(accounts, payments, VALUES, home=home, holding_caps=caps)

    assert {"p1": 50} == plan.parts


def test_nothing_to_settle_gives_nothing():
    """No payments, no accounts: no crash."""
    assert {} == plan_of(ACCOUNTS, {}, VALUES).fx
    assert {} == plan_of({}, {}, {}).targets


@pytest.mark.parametrize(
    ("accounts", "payments", "error"),
    [
        ({("A", "INR"): 1.5}, {}, TypeError),
        ({("A", "XXX"): 1}, {}, ValueError),
        (ACCOUNTS, {"INR": [Queued("p", "A", "Z", 1)]}, ValueError),
        (ACCOUNTS, {"INR": [Queued("p", "A", "B", 1)], "RUB": [Queued("p", "A", "B", 1)]}, ValueError),
        (ACCOUNTS, {"XXX": [Queued("p", "A", "B", 1)]}, ValueError),
    ],
)
def test_bad_input_raises(accounts, payments, error):
    """Floats, unknown currencies and parties, one id in two currencies."""
    with pytest.raises(error):
        plan_pool(accounts, payments, VALUES, home=HOME, solver=OrToolsFlow())


@pytest.mark.parametrize("caps", [{"Z": 1}, {"A": -1}, {"A": 1.5}])
def test_bad_batch_caps_raise(caps):
    """Strangers, negative ones, floats."""
    with pytest.raises(ValueError, match="batch cap"):
        plan_pool(ACCOUNTS, ring(), VALUES, home=HOME, batch_caps=caps, solver=OrToolsFlow())


def test_the_examples_hold():
    """Docstrings are true."""
    assert doctest.testmod(pool).failed == 0
    assert doctest.testmod(pool_queue).failed == 0
