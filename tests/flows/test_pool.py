"""The value pool: several currencies in one batch, at the rates of the batch, by those who have chosen it."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from steelyard.engine.refusals import Refusal as E
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import pool
from steelyard.flows.batch_propose import ProposeFields
from steelyard.flows.command import NO_FIELDS, Command, raw
from steelyard.flows.own_rules import HoldingFields
from steelyard.flows.pool import PoolFields, transit
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.payments.states import State
from steelyard.values.instants import MINUTE, SECOND
from steelyard.values.refusal import Refusal
from tests.flows.batches import Solver, report, request, same_state, splitting
from tests.flows.payworld import ANNA, ASSETS, BRAM, CLEO, START, Network, is_refused

replace = msgspec.structs.replace
HOME = {ANNA: "NOR", BRAM: "SUD", CLEO: "OST"}
CAP = 10**9


def pool_of(net: Network, *, cap: int = CAP) -> Solver:
    """Let three banks choose the pool; NOR, SUD and OST are worth 1, 2 and 20."""
    net.rate("SUD", "NOR", 2, 1)
    net.rate("OST", "NOR", 20, 1)
    for bic, home in HOME.items():
        choose(net, bic, home=home, cap=cap)
    return Solver(net)


def choose(
    net: Network, bic: str, *, home: str = "", cap: int = CAP, currencies: tuple[str, ...] = ASSETS
) -> None:
    """Choose the pool as two people of a bank would."""
    net.world.batches.choices.pop(bic, None)
    fields = PoolFields(currencies, home, cap)
    command = Command("pool.choose", 1, bytes(16), bic, f"k-{bic}", net.at, raw(fields), NO_FIELDS, bytes(16))
    outcome = pool.choose(net.world, command, fields, net.at)
    assert outcome.code == 0, outcome


def by_hand(net: Network) -> list[bytes]:
    """Queue a ring over three currencies: nobody holds anything but Cleo, who holds ten units of NOR."""
    net.fund(CLEO, "NOR", 10)
    return [
        net.pay(ANNA, BRAM, "SUD", 301),
        net.pay(BRAM, CLEO, "OST", 30),
        net.pay(CLEO, ANNA, "NOR", 608),
    ]


@pytest.fixture
def net() -> Network:
    return splitting()


@pytest.fixture
def solver(net: Network) -> Solver:
    return pool_of(net)


def balances(net: Network) -> dict[tuple[str, str], int]:
    found = {(bic, asset): net.balance(bic, asset) for bic in HOME for asset in ASSETS}
    return {account: minor for account, minor in found.items() if minor}


def test_money_in_one_currency_settles_what_is_owed_in_three(net: Network, solver: Solver) -> None:
    uetrs = by_hand(net)
    request(net, "")
    fields = solver.fields()
    told = report(solver.give(fields))

    assert {State.SETTLED} == {net.state(uetr) for uetr in uetrs}
    assert {(ANNA, "NOR"): 6, (BRAM, "NOR"): 2, (CLEO, "NOR"): 2} == balances(net)
    assert [
        (ANNA, "NOR", -602), (ANNA, "SUD", 301), (BRAM, "NOR", 2), (BRAM, "OST", 30), (BRAM, "SUD", -301),
        (CLEO, "NOR", 600), (CLEO, "OST", -30),
    ] == fields.fx  # fmt: skip
    assert (("NOR", 4), ("OST", 0), ("SUD", 0)) == tuple(
        (asset, int(held)) for asset, held in told.held_abroad
    )
    assert ("A12", "pool", 3, 0) == (told.algorithm, told.kind, told.settled_count, told.distance_bp)
    assert {0} == {net.world.engine.balance(transit(net.world, asset)).balance for asset in ASSETS}
    net.check()


def test_a_pool_takes_all_its_currencies(net: Network, solver: Solver) -> None:
    by_hand(net)
    request(net, "")

    assert {"NOR", "SUD", "OST"} == set(net.world.batches.open)
    for asset in ("", *ASSETS):
        assert is_refused(request(net, asset), No.BATCH_IS_OPEN)


def test_a_pool_comes_between_the_turns_of_its_currencies(net: Network, solver: Solver) -> None:
    uetrs = by_hand(net)
    while not any(batch.kind == "pool" for batch in net.world.batches.each_open()):
        net.wait(10 * SECOND)
    assert START // MINUTE + 7 == net.at // MINUTE
    solver.answer()

    assert {State.SETTLED} == {net.state(uetr) for uetr in uetrs}


def test_who_has_not_chosen_is_left_out(net: Network, solver: Solver) -> None:
    uetrs = by_hand(net)
    net.give("pool.choose", PoolFields(), ANNA)
    request(net, "")
    fields = solver.fields()

    assert [] == fields.seqs
    assert 0 == report(solver.give(fields)).settled_count
    assert {State.QUEUED} == {net.state(uetr) for uetr in uetrs}


def test_a_currency_without_a_rate_leaves_the_pool() -> None:
    net = splitting()
    pool_of(net)
    other = splitting()
    other.rate("SUD", "NOR", 4, 3)
    for bic, home in HOME.items():
        choose(other, bic, home=home)
    request(net, "")
    request(other, "")

    assert {"NOR", "SUD", "OST"} == set(net.world.batches.open)
    assert {"NOR", "SUD"} == set(other.world.batches.open)


def test_without_two_currencies_there_is_no_pool(net: Network) -> None:
    assert is_refused(request(net, ""), No.POOL_HAS_NO_CURRENCIES)


TAMPERED: dict[str, tuple[Refusal, Callable[[ProposeFields], ProposeFields]]] = {
    "money made": (No.POOL_FX_DOES_NOT_BALANCE, lambda f: replace(f, fx=[(ANNA, "NOR", -600), *f.fx[1:]])),
    "value taken": (
        No.POOL_VALUE_IS_NOT_KEPT,
        lambda f: replace(f, fx=[*f.fx[:2], (BRAM, "NOR", 52), *f.fx[3:5], (CLEO, "NOR", 550), *f.fx[6:]])),
    "a stranger": (
        No.POOL_NOT_CHOSEN,
        lambda f: replace(f, fx=sorted([*f.fx[:2], ("ARNENOR0", "NOR", 1), *f.fx[3:]]))),
    "no exchange": (E.LIQUIDITY_IS_SHORT, lambda f: replace(f, fx=[])),
    "out of order": (No.PROPOSAL_IS_MALFORMED, lambda f: replace(f, fx=f.fx[::-1])),
    "an empty leg": (No.PROPOSAL_IS_MALFORMED, lambda f: replace(f, fx=[(ANNA, "NOR", 0)])),
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPERED)
def test_a_tampered_pool_is_refused_by_name_and_changes_nothing(
    net: Network, solver: Solver, how: str
) -> None:
    by_hand(net)
    request(net, "")
    fields = solver.fields()
    before = same_state(net)
    refusal, tamper = TAMPERED[how]
    outcome = solver.give(tamper(fields))

    assert is_refused(outcome, refusal), outcome
    assert before == same_state(net)
    assert solver.give(fields).code == 0
    net.check()


def test_a_cap_lowered_meanwhile_holds(net: Network, solver: Solver) -> None:
    by_hand(net)
    request(net, "")
    fields = solver.fields()
    net.give("pool.choose", PoolFields(ASSETS, "NOR", 601), ANNA)

    assert is_refused(solver.give(fields), No.POOL_CAP_WOULD_BE_EXCEEDED)
    net.give("pool.choose", PoolFields(), BRAM)
    assert is_refused(solver.give(fields), No.POOL_NOT_CHOSEN)


def test_a_cap_bounds_what_is_given_in_exchange_too(net: Network, solver: Solver) -> None:
    """Anna pays nothing: her 200 SUD are worth 400 NOR, and would let Cleo's payment through."""
    net.fund(ANNA, "SUD", 200)
    net.fund(CLEO, "NOR", 1_000)
    paid = net.pay(CLEO, BRAM, "SUD", 200)
    request(net, "")
    fields = solver.fields()
    choose(net, ANNA, home="NOR", cap=100)
    refused = solver.give(fields)

    assert is_refused(refused, No.POOL_CAP_WOULD_BE_EXCEEDED)
    choose(net, ANNA, home="NOR", cap=400)
    assert solver.give(fields).code == 0
    assert net.state(paid) == State.SETTLED
    assert (0, 400) == (net.balance(ANNA, "SUD"), net.balance(ANNA, "NOR"))


def test_a_holding_cap_set_meanwhile_holds(net: Network, solver: Solver) -> None:
    by_hand(net)
    request(net, "")
    fields = solver.fields()
    assert net.give("holding.set", HoldingFields("NOR", 5), ANNA).code == 0

    assert is_refused(solver.give(fields), No.HOLDING_CAP_WOULD_BE_EXCEEDED)


@pytest.mark.parametrize(
    "fields",
    [
        PoolFields(("NOR",), "NOR", 5), PoolFields(("NOR", "XXX"), "NOR", 5), PoolFields(("NOR", "SUD"), "OST", 5),
        PoolFields(("NOR", "SUD"), "NOR", 0), PoolFields(("NOR", "SUD"), "NOR", 10**18),
    ],
)  # fmt: skip
def test_a_choice_out_of_range_is_refused(net: Network, solver: Solver, fields: PoolFields) -> None:
    held = net.world.batches.choices[ANNA]
    net.world.batches.choices[ANNA] = replace(held, cap_minor=10**18, home=fields.home)

    assert is_refused(net.give("pool.choose", fields, ANNA), No.POOL_CHOICE_IS_OUT_OF_RANGE)


def test_a_first_choice_and_a_higher_cap_take_two_people(net: Network, solver: Solver) -> None:
    outcome = net.give("pool.choose", PoolFields(ASSETS, "NOR", CAP + 1), ANNA)

    assert outcome.code == 1
    assert net.give("pool.choose", PoolFields(ASSETS, "NOR", CAP - 1), ANNA).code == 0


def test_a_choice_that_the_accounts_have_no_room_for_changes_nothing() -> None:
    """Room for one account, where three are missing: not even the first is opened."""
    net = Network()
    net.world.engine.accounts_max = len(net.world.engine.accounts)
    command = Command(
        "pool.choose", 1, bytes(16), ANNA, f"k-{ANNA}", net.at, raw(PoolFields()), NO_FIELDS, bytes(16)
    )
    before = same_state(net)
    outcome = pool.choose(net.world, command, PoolFields(ASSETS, "NOR", CAP), net.at)

    assert before == same_state(net)
    assert is_refused(outcome, SettingRefusal.ACCOUNTS_ARE_FULL)
    assert outcome.facts == ()


AMOUNTS = st.integers(1, 5_000)
PAIRS = st.permutations(tuple(HOME)).map(lambda every: tuple(every[:2]))


@settings(max_examples=40, deadline=None)
@given(
    payments=st.lists(st.tuples(PAIRS, st.sampled_from(ASSETS), AMOUNTS), min_size=1, max_size=12),
    money=st.lists(st.tuples(st.sampled_from(tuple(HOME)), st.sampled_from(ASSETS), AMOUNTS), max_size=4),
)
def test_whatever_is_queued_a_pool_keeps_money_value_and_floors(payments, money) -> None:
    net = splitting()
    solver = pool_of(net)
    for bic, asset, minor in money:
        net.fund(bic, asset, minor)
    for (payer, payee), asset, minor in payments:
        net.pay(payer, payee, asset, minor)
    before = {asset: sum(net.balance(bic, asset) for bic in HOME) for asset in ASSETS}
    for asset in sorted(net.world.batches.open):
        batch = net.world.batches.open.get(asset)
        if batch is not None:
            net.wait(21_000_000_000)
    if net.world.batches.open:
        return
    request(net, "")
    outcome = solver.answer()

    assert outcome.code == 0, outcome
    assert before == {asset: sum(net.balance(bic, asset) for bic in HOME) for asset in ASSETS}
    assert all(net.available(bic, asset) >= 0 for bic in HOME for asset in ASSETS)
    told = report(outcome)
    assert not told.bound or int(told.settled) + int(told.parts) <= int(told.bound)
    net.check()


@settings(max_examples=25, deadline=None)
@example(
    payments=[((ANNA, BRAM), "NOR", 13_248)],
    money=[(ANNA, "SUD", 177), (ANNA, "OST", 211_769_623_848_288_253), (BRAM, "OST", 10**18 - 1)],
)
@given(
    payments=st.lists(
        st.tuples(PAIRS, st.sampled_from(ASSETS), st.integers(1, 10**18 - 1)), min_size=1, max_size=9
    ),
    money=st.lists(
        st.tuples(st.sampled_from(tuple(HOME)), st.sampled_from(ASSETS), st.integers(1, 10**18 - 1)),
        min_size=3, max_size=8,
    ),
)  # fmt: skip
def test_a_currency_worth_far_less_than_another_is_in_the_pool_at_any_amounts(payments, money) -> None:
    """NOR is worth what a rial is, OST 13,650 times as much, as a fils: together they need some 80 bits."""
    net = splitting()
    net.rate("SUD", "NOR", 16, 10)
    net.rate("OST", "NOR", 13_650_001, 1_000)
    for bic, home in HOME.items():
        choose(net, bic, home=home, cap=10**18 - 1)
    solver = Solver(net)
    for bic, asset, minor in money:
        net.fund(bic, asset, minor)
    for (payer, payee), asset, minor in payments:
        net.pay(payer, payee, asset, minor)
    before = {asset: sum(net.balance(bic, asset) for bic in HOME) for asset in ASSETS}
    if net.world.batches.open:
        net.wait(21_000_000_000)
    request(net, "")

    assert {*ASSETS} == set(net.world.batches.open)
    outcome = solver.answer()
    assert outcome.code == 0, outcome
    assert before == {asset: sum(net.balance(bic, asset) for bic in HOME) for asset in ASSETS}
    assert all(net.available(bic, asset) >= 0 for bic in HOME for asset in ASSETS)
    told = report(outcome)
    assert told.proved
    assert int(told.settled) + int(told.parts) <= int(told.bound)
    net.check()


def test_a_pool_of_far_more_than_64_bits_settles_what_is_owed_in_three() -> None:
    net = splitting()
    net.rate("SUD", "NOR", 2, 1)
    net.rate("OST", "NOR", 20_000, 1)
    for bic, home in HOME.items():
        choose(net, bic, home=home, cap=10**18 - 1)
    solver, much = Solver(net), 4 * 10**17
    for _ in range(8):
        net.fund(CLEO, "OST", 10**18 - 1)
    uetrs = [net.pay(ANNA, BRAM, "SUD", much), net.pay(BRAM, ANNA, "NOR", 2 * much)]
    request(net, "")
    fields = solver.fields()
    told = report(solver.give(fields))

    assert fields.coarse_bits > 0
    assert told.proved
    assert {State.SETTLED} == {net.state(uetr) for uetr in uetrs}
    net.check()
