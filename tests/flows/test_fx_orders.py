"""Orders to exchange currencies: their money is set aside, they end, and batches fill them for everybody at once."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.engine.refusals import Refusal as E
from steelyard.flows import fx_batch
from steelyard.flows.fx_order import OrderFields
from steelyard.flows.liquidity_facts import FxBatchOver
from steelyard.flows.pool import transit
from steelyard.fx.rate_book import RateBook
from steelyard.fx.refusals import FxRefusal
from steelyard.liquidity.fx_snapshot import FxSnapshot
from steelyard.liquidity.order_book import AUCTION, REFERENCE
from steelyard.liquidity.order_refusals import OrderRefusal as No
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.values.instants import DAY, MINUTE, SECOND
from steelyard.values.refusal import Refusal
from tests.flows.batches import same_state
from tests.flows.fxorders import MONEY, Market, fills, moved, ring, told_of
from tests.flows.payworld import ANNA, ARNE, ASSETS, BANKS, BIRK, BRAM, CLEO, facts, is_refused

replace = msgspec.structs.replace


@pytest.fixture
def net() -> Market:
    return Market()


# Orders


def test_an_order_sets_its_money_aside(net: Market) -> None:
    order_id = net.put(ANNA, "NOR", "SUD", 1_200)

    assert (MONEY, MONEY - 1_200) == (net.balance(ANNA, "NOR"), net.available(ANNA, "NOR"))
    assert [order_id] == [order.order_id for order in net.world.fx_orders.of(ANNA)]
    net.check()
    net.again()


def test_a_withdrawn_order_gives_its_money_back(net: Market) -> None:
    order_id = net.put(ANNA, "NOR", "SUD", 1_200)
    outcome = net.withdraw_order(ANNA, order_id)

    assert (["cancelled"], MONEY) == ([one.state for one in moved(outcome)], net.available(ANNA, "NOR"))
    assert is_refused(net.withdraw_order(ANNA, order_id), No.FX_ORDER_NOT_FOUND)
    net.check()


def test_an_order_ends_with_its_time(net: Market) -> None:
    net.put(ANNA, "NOR", "SUD", 1_200, days=1)
    outcomes = net.wait(DAY)

    assert "expired" in [one.state for outcome in outcomes for one in moved(outcome)]
    assert (0, MONEY) == (net.world.fx_orders.count(ANNA), net.available(ANNA, "NOR"))
    net.check()


def test_money_that_comes_back_settles_what_waits(net: Market) -> None:
    order_id = net.put(ANNA, "NOR", "SUD", MONEY)
    uetr = net.pay(ANNA, BRAM, "NOR", 5)
    before = net.world.payments.state_of(uetr)
    net.withdraw_order(ANNA, order_id)
    net.tick()

    assert before != net.world.payments.state_of(uetr)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"buy": "NOR"}, No.FX_ORDER_CURRENCIES_MUST_DIFFER),
        ({"buy": "XXX"}, No.FX_ORDER_CURRENCIES_MUST_DIFFER),
        ({"amount_minor": 0}, No.FX_ORDER_AMOUNT_OUT_OF_RANGE),
        ({"amount_minor": 10**18}, No.FX_ORDER_AMOUNT_OUT_OF_RANGE),
        ({"limit_num": 0, "limit_den": 2}, No.FX_ORDER_LIMIT_OUT_OF_RANGE),
        ({"good_until_at": 1}, No.FX_ORDER_TIME_OUT_OF_RANGE),
        ({"good_until_at": 2**62}, No.FX_ORDER_TIME_OUT_OF_RANGE),
        ({"amount_minor": MONEY + 1}, No.FX_ORDER_LACKS_MONEY),
    ],
)
def test_an_order_that_breaks_a_rule_changes_nothing(
    net: Market, change: dict[str, object], refusal: Refusal
) -> None:
    before = same_state(net)
    fields = replace(OrderFields("NOR", "SUD", 100, net.at + DAY), **change)

    assert is_refused(net.give("fx_order.put", fields, ANNA), refusal)
    assert before == same_state(net)


def test_who_may_not_send_enters_no_order(net: Market) -> None:
    net.suspend(ANNA)

    assert is_refused(net.try_put(ANNA, "NOR", "SUD", 100), No.FX_ORDER_OWNER_MAY_NOT_TRADE)


def test_one_participant_has_so_many_orders(net: Market) -> None:
    few = Market(fx_orders_max=2)
    for _ in range(2):
        few.put(ANNA, "NOR", "SUD", 1)

    assert is_refused(few.try_put(ANNA, "NOR", "SUD", 1), No.TOO_MANY_FX_ORDERS)
    few.put(BRAM, "NOR", "SUD", 1)


def test_nobody_withdraws_anothers_order(net: Market) -> None:
    order_id = net.put(ANNA, "NOR", "SUD", 1_200)

    assert is_refused(net.withdraw_order(BRAM, order_id), No.FX_ORDER_NOT_FOUND)


def test_an_order_above_its_owners_line_takes_two_people(net: Market) -> None:
    net.set(ANNA, lines_minor={"NOR": 500})

    assert 0 != net.try_put(ANNA, "NOR", "SUD", 501).code
    assert 0 == net.try_put(ANNA, "NOR", "SUD", 500).code


# Batches at reference rates


def test_a_ring_that_no_pair_sees_is_filled(net: Market) -> None:
    ids = ring(net)
    net.ask()
    outcome = net.fill()
    report, more = told_of(outcome)

    assert 40 == net.order(ids[2]).open_minor
    assert [(1_200, 600), (600, 60), (60, 1_200)] == [
        (one.sold_minor, one.bought_minor) for one in fills(outcome)
    ]
    assert ("A9", "fx_reference", True, 0) == (
        report.algorithm,
        report.kind,
        report.proved,
        report.distance_bp,
    )
    assert {0} == {net.world.engine.balance(transit(net.world, asset)).balance for asset in ASSETS}
    assert (3, "4400", 2, "3600") == (
        report.queued_count,
        report.queued,
        report.settled_count,
        str(int(report.settled) + int(report.parts)),
    )
    assert (("NOR", "800"), ("OST", "-800")) == more.excess
    assert (CLEO, "OST", "60", "0", "40") in report.participants
    net.check()
    net.again()


def test_an_order_at_its_very_limit_is_filled(net: Market) -> None:
    good = net.put(ANNA, "NOR", "SUD", 1_000, (2**61, 2**62))
    net.put(BRAM, "SUD", "NOR", 1_000, (2, 1))
    net.ask()

    assert good in {one.order_id for one in fills(net.fill())}


def test_a_limit_a_hair_too_high_leaves_an_order_out(net: Market) -> None:
    bad = net.put(ARNE, "NOR", "SUD", 1_000, (2**61 + 1, 2**62))
    net.put(BRAM, "SUD", "NOR", 1_000)
    net.ask()
    outcome = net.fill()

    assert [] == fills(outcome)
    assert 1_000 == net.order(bad).open_minor


def test_all_of_a_pair_are_filled_in_one_proportion(net: Market) -> None:
    ids = [net.put(bic, "NOR", "SUD", 100) for bic in (ANNA, ARNE, CLEO)]
    net.put(BRAM, "SUD", "NOR", 50)
    net.ask()
    net.fill()

    assert [66, 67, 67] == [net.order(order_id).open_minor for order_id in ids]
    net.check()


def test_what_is_left_of_an_order_stays_set_aside(net: Market) -> None:
    order_id = net.put(ANNA, "NOR", "SUD", 1_000)
    net.put(BRAM, "SUD", "NOR", 100)
    net.ask()
    net.fill()

    assert (800, MONEY - 200) == (net.order(order_id).open_minor, net.balance(ANNA, "NOR"))
    assert MONEY - 1_000 == net.available(ANNA, "NOR")
    net.check()
    net.withdraw_order(ANNA, order_id)
    assert MONEY - 200 == net.available(ANNA, "NOR")


def test_a_cap_cuts_the_newest_orders_of_its_owner(net: Market) -> None:
    first, second = net.put(ANNA, "NOR", "SUD", 100), net.put(ANNA, "NOR", "SUD", 100)
    net.put(BRAM, "SUD", "NOR", 1_000)
    net.cap(ANNA, "NOR", 120)
    net.ask()
    net.fill()

    assert first not in net.world.fx_orders.orders
    assert 80 == net.order(second).open_minor


def test_a_batch_without_orders_or_rates_is_not_asked_for(net: Market) -> None:
    assert is_refused(net.ask(), No.FX_BATCH_HAS_NO_ORDERS)
    ring(net)
    assert is_refused(net.ask("currency"), No.FX_BATCH_HAS_NO_ORDERS)
    assert is_refused(net.ask(AUCTION), No.FX_BATCH_HAS_NO_ORDERS)
    net.wait(3 * DAY)  # rates are stale
    assert is_refused(net.ask(), No.FX_BATCH_HAS_NO_ORDERS)


def test_a_currency_whose_rate_has_jumped_is_left_out_and_said_so(net: Market) -> None:
    ring(net)
    pair = net.put(BRAM, "SUD", "NOR", 600)
    net.rate("OST", "NOR", 40, 1)
    net.ask()
    outcome = net.fill()
    _, more = told_of(outcome)

    assert (("OST", FxRefusal.RATE_HAS_JUMPED.code),) == more.left_out
    assert {pair} <= {one.order_id for one in fills(outcome)}
    assert {"NOR", "SUD"} == {one.sell for one in fills(outcome)}


def test_each_fill_tells_the_rates_behind_it(net: Market) -> None:
    ring(net)
    net.ask()
    told_fill = fills(net.fill())[0]

    assert {"NOR", "SUD"} == {rate[0] for rate in told_fill.rates}
    assert {"test"} == {rate[2] for rate in told_fill.rates if rate[0] == "SUD"}


def test_a_rate_is_used_as_it_was_published(net: Market) -> None:
    """22.5 to one leaves nobody a unit short, whichever currency comes first by its code."""
    net.world.fx.rate_book = RateBook()
    net.rate("NOR", "SUD", 45, 2)
    net.put(ANNA, "NOR", "SUD", 100_000)
    net.put(BRAM, "SUD", "NOR", 1_125_000)
    net.ask()

    assert [(50_000, 1_125_000), (1_125_000, 50_000)] == [
        (one.sold_minor, one.bought_minor) for one in fills(net.fill())
    ]
    assert {} == net.rests()


def test_values_beyond_64_bits_are_matched_and_proved(net: Market) -> None:
    """Real rates of twelve digits and large amounts: arcs of the proof take more than 64 bits."""
    net.world.fx.rate_book = RateBook()
    net.rate("NOR", "SUD", 41_234_567_891, 9_876_543_211)
    net.rate("NOR", "OST", 3_333_333_333, 7_777_777_777)
    for bic, sell, buy in ((ANNA, "NOR", "SUD"), (BRAM, "SUD", "OST"), (CLEO, "OST", "NOR")):
        net.fund(bic, sell, 10**17)
        net.put(bic, sell, buy, 10**16)
    net.ask()
    report, _ = told_of(net.fill())

    assert int(report.bound) > 2**64
    assert (True, 0) == (report.proved, report.distance_bp)
    net.check()


def test_batches_come_at_their_turns_while_there_are_orders(net: Market) -> None:
    ring(net)
    net.wait(15 * MINUTE)

    assert [REFERENCE] == [snapshot.kind for _, snapshot in net.asked if isinstance(snapshot, FxSnapshot)]
    assert net.world.fx_orders.open is not None


def test_where_the_solver_is_silent_nothing_happens(net: Market) -> None:
    ids = ring(net)
    net.ask()
    before = {order_id: net.order(order_id) for order_id in ids}
    outcomes = net.wait(30 * SECOND)

    assert net.world.fx_orders.open is None
    assert before == net.world.fx_orders.orders
    assert "none" in [
        fact.algorithm for outcome in outcomes for fact in facts(outcome) if hasattr(fact, "algorithm")
    ]
    net.check()


def test_one_fx_batch_is_open_at_a_time(net: Market) -> None:
    ring(net)
    net.ask()

    assert is_refused(net.ask(), LiquidityRefusal.BATCH_IS_OPEN)
    assert 0 != net.ask(sender=ANNA).code


# Nobody can spoil a batch


def test_what_is_withdrawn_in_a_batch_leaves_when_that_is_over(net: Market) -> None:
    ids = ring(net)
    net.ask()
    net.withdraw_order(CLEO, ids[2])
    outcome = net.fill()

    assert 3 == len(fills(outcome))
    assert (ids[2], "cancelled", 40) in [(one.order_id, one.state, one.open_minor) for one in moved(outcome)]
    assert ids[2] not in net.world.fx_orders.orders
    assert MONEY - 60 == net.available(CLEO, "OST")
    net.check()


def test_what_is_withdrawn_leaves_before_the_batch_is_asked_for_again(net: Market) -> None:
    ids = ring(net)
    net.ask()
    net.withdraw_order(CLEO, ids[2])
    net.once_more()

    assert [] == fills(net.fill())
    assert MONEY == net.available(CLEO, "OST")


def test_a_cap_set_in_a_batch_counts_from_the_next(net: Market) -> None:
    ring(net)
    net.ask()
    net.cap(ANNA, "NOR", 0)

    assert 3 == len(fills(net.fill()))
    assert {(ANNA, "NOR"): 0} == net.world.fx_orders.caps


def test_an_order_whose_owner_is_in_the_way_ends_and_the_others_go_on(net: Market) -> None:
    ids = ring(net)
    account_no = net.world.members.accounts.fx(BRAM, "OST")
    assert account_no is not None
    other = net.put(BIRK, "SUD", "OST", 600)
    balance = net.world.engine.balance(account_no).balance
    account = net.world.engine.accounts[account_no]
    assert account is not None
    account.set_bounds(0, balance + 1)  # Bram may take one unit more
    net.ask()
    first = net.fill()
    ended = [(one.order_id, one.state, one.refusal) for one in moved(first)]

    assert (ids[1], "refused", E.CEILING_WOULD_BE_EXCEEDED.code) in ended
    assert [] == fills(first)
    assert other in {one.order_id for one in fills(net.fill())}
    net.check()


def test_a_suspended_owner_is_left_out_when_it_is_asked_again(net: Market) -> None:
    ids = ring(net)
    net.put(BIRK, "SUD", "OST", 600)
    net.ask()
    net.suspend(BRAM)
    assert is_refused(net.fill(), No.FX_ORDER_NOT_IN_BATCH)
    net.once_more()

    assert ids[1] not in {one.order_id for one in fills(net.fill())}
    assert 1 == net.world.fx_orders.count(BRAM)


def test_after_the_last_try_the_batch_is_over(net: Market) -> None:
    ids = ring(net)
    net.ask()
    for _ in range(4):
        net.once_more()

    assert net.world.fx_orders.open is None
    assert set(ids) == set(net.world.fx_orders.orders)


# Proposals of an enemy


def _tampered(net: Market) -> dict[Refusal, dict[str, object]]:
    good = net.fields()
    seqs, sold, bought = good.seqs, good.sold, good.bought
    return {
        LiquidityRefusal.BATCH_NOT_REQUESTED: {"batch_id": bytes(16)},
        LiquidityRefusal.PROPOSAL_IS_MALFORMED: {"sold": sold[1:]},
        No.FX_ORDER_NOT_IN_BATCH: {"seqs": [seqs[0], seqs[1], 10**6]},
        No.FX_ORDER_TWICE: {"seqs": [seqs[0], seqs[1], 0]},
        No.FX_FILL_EXCEEDS_ORDER: {"sold": [sold[0] + 1, *sold[1:]]},
        No.FX_PRICES_OUTSIDE_BAND: {"prices": [("NOR", "1"), ("SUD", "2"), ("OST", "20")]},
        No.FX_FILL_NOT_AT_THE_RATE: {"bought": [bought[0] + 1, *bought[1:]]},
        LiquidityRefusal.CERTIFICATE_MALFORMED: {"certificates": [b"x"]},
    }


def test_each_tampered_proposal_is_refused_by_name_and_changes_nothing(net: Market) -> None:
    ring(net)
    net.ask()
    before = same_state(net)
    for refusal, change in _tampered(net).items():
        assert is_refused(net.fill(**change), refusal), refusal
        assert before == same_state(net), refusal
    assert 3 == len(fills(net.fill()))


def test_a_fill_below_a_limit_is_refused(net: Market) -> None:
    net.put(ANNA, "NOR", "SUD", 1_000)
    net.put(ARNE, "NOR", "SUD", 1_000, (3, 4))
    net.put(BRAM, "SUD", "NOR", 1_000)
    net.ask()
    good = net.fields()
    seqs = [order.seq for order in net.world.fx_orders.in_order()]
    steps = [seq - before for seq, before in zip(seqs, [0, *seqs], strict=False)]

    assert 2 == len(good.seqs)
    assert is_refused(
        net.fill(seqs=steps, sold=[1_000, 1_000, 1_000], bought=[500, 500, 2_000]), No.FX_FILL_OUTSIDE_LIMIT
    )


@pytest.mark.parametrize("sold", [[26, 24], [24, 26], [40, 10]])
def test_a_favoured_order_is_refused(net: Market, sold: list[int]) -> None:
    """Two of one size in one pair get the same, but for one minor unit."""
    for bic in (ANNA, ARNE):
        net.put(bic, "NOR", "SUD", 100)
    net.put(BRAM, "SUD", "NOR", 25)
    net.ask()
    assert [25, 25, 25] == net.fields().sold
    outcome = net.fill(sold=[*sold, 25], bought=[*(minor // 2 for minor in sold), 50])

    assert is_refused(outcome, No.FX_FILL_IS_NOT_ITS_SHARE)


def test_an_order_left_out_of_its_pair_is_refused(net: Market) -> None:
    net.put(ANNA, "NOR", "SUD", 100)
    net.put(ARNE, "NOR", "SUD", 100)
    net.put(BRAM, "SUD", "NOR", 100)
    net.ask()
    good = net.fields()
    assert is_refused(
        net.fill(seqs=[good.seqs[0], sum(good.seqs[1:])], sold=[100, 50], bought=[50, 100]),
        No.FX_FILL_IS_NOT_ITS_SHARE,
    )


def test_more_than_a_cap_is_refused(net: Market) -> None:
    net.put(ANNA, "NOR", "SUD", 100)
    net.put(BRAM, "SUD", "NOR", 100)
    net.cap(ANNA, "NOR", 50)
    net.ask()
    good = net.fields()
    assert [50, 25] == good.sold
    assert is_refused(net.fill(sold=[100, 50], bought=[50, 100]), No.FX_CAP_WOULD_BE_EXCEEDED)


def test_a_rate_that_jumps_while_a_batch_is_open_stops_it(net: Market) -> None:
    ring(net)
    net.ask()
    net.rate("OST", "NOR", 40, 1)

    assert is_refused(net.fill(), No.FX_RATE_IS_IN_DOUBT)


def test_nobody_but_the_node_proposes(net: Market) -> None:
    ring(net)
    net.ask()
    fields = net.fields()

    assert is_refused(net.give("fx_batch.propose", fields, ANNA), E.SENDER_HAS_NO_RIGHT)


# Auctions


def test_floating_currencies_find_their_prices(net: Market) -> None:
    net = Market(fx_floating=["NOR", "SUD"], fx_orders_min=2)
    net.put(ANNA, "NOR", "SUD", 2_000, (49, 100))
    net.put(ARNE, "NOR", "SUD", 1_000, (50, 101))
    net.put(BRAM, "SUD", "NOR", 1_200, (198, 100))
    net.put(BIRK, "SUD", "NOR", 400, (199, 100))
    net.ask(AUCTION)
    outcome = net.fill()
    report, more = told_of(outcome)

    assert "A10" == report.algorithm, (report, more)
    assert {"NOR", "SUD"} == {asset for asset, _ in more.prices}
    for one in fills(outcome):
        order = net.world.fx_orders.orders.get(one.order_id)
        sell, buy = map(int, one.price)
        assert order is None or sell * order.limit_den >= buy * order.limit_num
    net.check()


def test_a_thin_auction_is_handed_to_the_reference(net: Market) -> None:
    net = Market(fx_floating=["NOR", "SUD"])
    net.put(ANNA, "NOR", "SUD", 2_000)
    net.put(BRAM, "SUD", "NOR", 1_000)
    net.ask(AUCTION)
    report, more = told_of(net.fill())

    assert ("A9", "thin", ()) == (report.algorithm, more.reason, more.prices)
    net.check()


def test_prices_outside_the_band_are_refused(net: Market) -> None:
    net = Market(fx_floating=["NOR", "SUD"], fx_orders_min=1)
    net.put(ANNA, "NOR", "SUD", 2_000)
    net.put(BRAM, "SUD", "NOR", 1_000)
    net.ask(AUCTION)

    for prices in ([("NOR", "100"), ("SUD", "210")], [("OST", "20")], [("NOR", "1"), ("NOR", "1")]):
        assert is_refused(net.fill(prices=prices), No.FX_PRICES_OUTSIDE_BAND), prices


def test_after_the_auction_the_other_orders_have_their_turn(net: Market) -> None:
    net = Market(fx_floating=["NOR", "SUD"], fx_orders_min=1)
    net.put(ANNA, "NOR", "SUD", 2_000)
    net.put(BRAM, "SUD", "NOR", 1_000)
    net.put(BRAM, "OST", "NOR", 1_000)
    net.wait(15 * MINUTE)
    net.fill()

    assert [AUCTION, REFERENCE] == [
        snapshot.kind for _, snapshot in net.asked if isinstance(snapshot, FxSnapshot)
    ]


# Whatever the book


orders = st.lists(
    st.tuples(
        st.sampled_from(BANKS),
        st.sampled_from([(one, two) for one in ASSETS for two in ASSETS if one != two]),
        st.integers(1, 10**6),
        st.sampled_from([(0, 1), (1, 2), (2, 1), (1, 20), (20, 1), (1, 10), (10, 1), (3, 7), (1, 10**9)]),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(book=orders, rate=st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)), floating=st.booleans())
def test_any_book_is_filled_within_limits_and_balances(
    book: list[tuple[str, tuple[str, str], int, tuple[int, int]]], rate: tuple[int, int], floating: bool
) -> None:
    """Each fill within amount and limit, nobody below his rounded-down due, all money still there."""
    net = Market(fx_floating=ASSETS if floating else [], fx_orders_min=1, fx_band_bp=500)
    net.rate("SUD", "NOR", 2_001, 1_000)
    for bic, pair, amount, limit in book:
        net.put(bic, *pair, amount, limit)
    before = dict(net.world.fx_orders.orders)
    total = {asset: _all_of(net, asset) for asset in ASSETS}
    if net.ask(AUCTION if floating else REFERENCE).code:
        return
    outcome = net.fill()
    assert 0 == outcome.code, outcome
    for one in fills(outcome):
        order, (sell, buy) = before[one.order_id], map(int, one.price)
        assert 0 < one.sold_minor <= order.open_minor
        assert sell * order.limit_den >= buy * order.limit_num
        assert one.bought_minor >= one.sold_minor * sell // buy
    assert total == {asset: _all_of(net, asset) for asset in ASSETS}
    assert all(abs(minor) < len(ASSETS) for minor in net.rests().values())
    net.check()
    net.again()


def _all_of(net: Market, asset: str) -> int:
    return sum(net.balance(bic, asset) for bic in BANKS) + net.balance("operator", asset, "residual")


def test_a_replay_needs_no_solver(net: Market) -> None:
    """The same commands give the same state where nobody takes snapshots."""
    commands = []
    apply = net.machine.apply

    def keeping(command, *, at):  # type: ignore[no-untyped-def]
        commands.append((command, at))
        return apply(command, at=at)

    first = net.again()
    net.machine = _Keeping(net.machine, commands)  # type: ignore[assignment]
    ring(net)
    net.ask()
    net.fill()
    first.world.on_batch = None
    for command, at in commands:
        first.machine.apply(command, at=at)

    assert net.world.state_hash() == first.world.state_hash()


class _Keeping:
    def __init__(self, machine, commands) -> None:  # type: ignore[no-untyped-def]
        self._machine, self._commands = machine, commands
        self.world = machine.world

    def apply(self, command, *, at):  # type: ignore[no-untyped-def]
        self._commands.append((command, at))
        return self._machine.apply(command, at=at)

    def next_due(self):  # type: ignore[no-untyped-def]
        return self._machine.next_due()


def test_a_book_longer_than_a_batch_goes_on_at_once(net: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fx_batch, "MOST", 2)
    for _ in range(3):
        net.put(ANNA, "NOR", "SUD", 200)
        net.put(BRAM, "SUD", "NOR", 100)
    net.ask()
    triggers = []
    while net.world.fx_orders.open is not None:
        triggers.append(net.world.fx_orders.open.batch.trigger)
        net.fill()

    assert ["command", "rest", "rest"] == triggers
    assert {} == net.world.fx_orders.orders
    net.check()


def test_no_pair_keeps_others_out_of_a_full_batch(net: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six sell NOR for SUD before anybody sells SUD: of four places two are theirs."""
    monkeypatch.setattr(fx_batch, "MOST", 4)
    first = [net.put(ANNA, "NOR", "SUD", 200) for _ in range(6)]
    last = [net.put(BRAM, "SUD", "NOR", 100) for _ in range(2)]
    net.ask()
    found = net.world.fx_orders.open
    assert found is not None
    taken = [order.order_id for order in fx_batch.taken(net.world, found.batch, net.at)]
    assert [*first[:2], *last] == taken
    (over,) = [fact for fact in facts(net.fill()) if isinstance(fact, FxBatchOver)]

    assert 4 == over.beyond
    assert first[2:] == sorted(net.world.fx_orders.orders, key=lambda one: net.order(one).seq)
    net.check()


def test_orders_that_no_price_can_meet_keep_no_others_out_for_ever(
    net: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fx_batch, "MOST", 2)
    for _ in range(4):
        net.put(CLEO, "NOR", "SUD", 200, (51, 100))  # the rate is 50/100
    good = [net.put(ANNA, "NOR", "SUD", 200), net.put(BRAM, "SUD", "NOR", 100)]
    net.ask()
    while net.world.fx_orders.open is not None:
        net.fill()

    assert not any(one in net.world.fx_orders.orders for one in good)
    assert 4 == len(net.world.fx_orders.orders)
    net.check()
