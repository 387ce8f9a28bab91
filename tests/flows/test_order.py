"""Orders through the door: covered before they enter, settled as they trade, given back as they end."""

import pytest

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows.market_beat import BeatFields
from steelyard.flows.market_list import BandsFields, GroupFields
from steelyard.flows.market_money import MoneyFields, ReceiptFields
from steelyard.flows.market_quote import NamedFields
from steelyard.flows.market_reverse import NamedFields as Trade
from steelyard.flows.market_reverse import ReverseFields
from steelyard.flows.order import MassFields, OrderFields, ReplaceFields
from steelyard.flows.receipt import TransferFields
from steelyard.flows.receipt_orders import OrderFields as OrderOutFields
from steelyard.flows.receipt_out import GradeFields
from steelyard.market.orders import Side, Tif, Type, Why
from steelyard.market.phases import Phase
from steelyard.market.refusals.orders import OrderRefusal as No
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.members.people import KEY, Actor
from steelyard.members.refusals import MemberRefusal
from steelyard.members.roles import Role
from steelyard.values.instants import DAY, HOUR, SECOND
from tests.flows.goods import BUYER, JUDGE, LENDER, OATS, OTHER, PAPER, RYE, SELLER, done
from tests.flows.markets import KG, RICH, SPOT, TRADERS, WIDE, Market, moved, trades
from tests.flows.payworld import LEVR, PONS, facts, is_refused, notices, told

BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def net() -> Market:
    return Market()


def test_a_trade_moves_title_and_money_at_once(net: Market) -> None:
    """Bram bids 105 for 40 t, Anna's 60 t at 100 rest: 4,000.00 for 40 t, and what the limit bound more is free."""
    net.stocked(60)
    net.ready(BUYER, "OST", 500_000)
    sell = net.entered(SELLER, SELL, 60, 10_000)

    outcome = done(net.order(BUYER, BUY, 40, 10_500))

    assert [(BUYER, SELLER, 40, 400_000, 400_000)] == trades(outcome)
    assert (100_000, RICH + 400_000) == (net.money(BUYER, "OST"), net.balance(SELLER, "OST"))
    assert (40 * KG, 20 * KG) == (net.kg(BUYER), net.kg(SELLER))
    assert 0 == net.world.books.bound_minor(BUYER, "OST")
    assert 20 * KG == net.world.books.bound_minor(SELLER, RYE)
    assert (sell, "traded", 20) in moved(outcome)
    assert {(BUYER, "order.traded"), (SELLER, "order.traded")} <= set(told(outcome))
    net.check()


def test_what_is_bought_is_free_and_what_is_left_stays_committed(net: Market) -> None:
    """The buyer may sell on at once; the seller's rest is no receipt that can be given away."""
    net.stocked(60)
    net.ready(BUYER, "OST", 500_000)
    net.entered(SELLER, SELL, 40, 10_000)
    done(net.order(BUYER, BUY, 40, 10_000))
    bought = [one.receipt_id for one in net.world.titles.of_holder(BUYER)]
    kept = [one.receipt_id for one in net.world.titles.of_holder(SELLER)]

    assert [40 * KG] == [net.receipt(one).kg for one in bought]
    assert is_refused(
        net.give("receipt.transfer", TransferFields(kept[0], LENDER), SELLER), TitleRefusal.RECEIPT_IS_LOCKED
    )
    done(net.give("receipt.transfer", TransferFields(bought[0], LENDER), BUYER))
    done(net.trader(SELLER, "receipt.return", ReceiptFields(kept[0])))
    net.check()


REFUSALS = [
    ({"code": "NOTHING"}, No.INSTRUMENT_UNKNOWN),
    ({"currency": "NOR"}, No.CURRENCY_NOT_TRADED),
    ({"quantity": 0}, No.QUANTITY_MUST_BE_POSITIVE),
    ({"quantity": 10**18}, No.QUANTITY_MUST_BE_POSITIVE),
    ({"quantity": 7}, No.QUANTITY_NOT_IN_LOTS),
    ({"price": 10_001}, No.PRICE_NOT_ON_TICK),
    ({"price": 20_000}, No.PRICE_OUTSIDE_DAILY_LIMIT),
    ({"price": 0}, No.TYPE_COMBINATION_NOT_ALLOWED),
    ({"price": 10_000, "post_only": True}, No.POST_ONLY_WOULD_TRADE),
    ({"quantity": 510}, No.FUNDS_ARE_SHORT),
    ({"quantity": 10**17, "price": 10_000}, No.FUNDS_ARE_SHORT),
    ({"side": SELL, "price": 10_500}, No.RECEIPT_NOT_AVAILABLE),
]


@pytest.mark.parametrize(("changed", "refusal"), REFUSALS)
def test_a_refused_order_changes_nothing(changed: dict[str, object], refusal: No) -> None:
    """Lots of 5 t, ticks of 0.10, reference 100.00: limits 93.00 and 107.00."""
    net = Market(lot=5, tick=10, ref_price=10_000)
    net.stocked(60)
    net.ready(BUYER, "OST", 5_000_000)
    net.entered(SELLER, SELL, 60, 10_000)
    asked = {"code": SPOT, "side": BUY, "quantity": 10, "price": 9_900, **changed}
    before = net.titles_and_money()

    outcome = net.order(BUYER, asked.pop("side"), asked.pop("quantity"), asked.pop("price"), **asked)

    assert is_refused(outcome, refusal)
    assert before == net.titles_and_money()


def test_orders_bind_what_they_may_cost_and_nothing_goes_below_it(net: Market) -> None:
    """A second order and a withdrawal find only what the first leaves."""
    net.ready(BUYER, "OST", 100_000)
    first = net.entered(BUYER, BUY, 6, 10_000)

    assert is_refused(net.order(BUYER, BUY, 5, 10_000), No.FUNDS_ARE_SHORT)
    assert is_refused(
        net.trader(BUYER, "trade_account.withdraw", MoneyFields("OST", 40_001)), No.FUNDS_ARE_SHORT
    )
    done(net.trader(BUYER, "trade_account.withdraw", MoneyFields("OST", 40_000)))
    done(net.unorder(BUYER, first))
    done(net.trader(BUYER, "trade_account.withdraw", MoneyFields("OST", 60_000)))
    net.check()


def test_a_receipt_that_sales_need_is_not_given_back(net: Market) -> None:
    """60 t and 10 t are committed, 65 t are for sale."""
    net.stocked(60)
    small = net.stocked(10)
    order = net.entered(SELLER, SELL, 65, 10_000)

    assert is_refused(net.trader(SELLER, "receipt.return", ReceiptFields(small)), No.RECEIPT_NOT_AVAILABLE)
    assert is_refused(net.order(SELLER, SELL, 6, 10_000), No.RECEIPT_NOT_AVAILABLE)
    done(net.unorder(SELLER, order))
    done(net.trader(SELLER, "receipt.return", ReceiptFields(small)))
    net.check()


def test_another_owners_order_is_not_there(net: Market) -> None:
    """Neither to cancel nor to replace."""
    net.ready(BUYER, "OST", 100_000)
    order = net.entered(BUYER, BUY, 1, 10_000)

    assert is_refused(net.unorder(LENDER, order), No.ORDER_NOT_OPEN)
    assert is_refused(net.trader(LENDER, "order.replace", ReplaceFields(order, 2)), No.ORDER_NOT_OPEN)


def test_who_is_no_trader_enters_no_order(net: Market) -> None:
    """A key that pays may not trade."""
    net.world.members.put_actor(Actor("m-pays", BUYER, KEY, (Role.MAKER,), public_key=b"m" * 32))

    outcome = net.give("order.enter", OrderFields(SPOT, BUY, 1, 10_000), BUYER, actor="m-pays")

    assert is_refused(outcome, EngineRefusal.SENDER_HAS_NO_RIGHT)


def test_replacing_asks_for_what_the_new_terms_bind(net: Market) -> None:
    """From 5 t at 100.00 to 8 t at 110.00: 880.00 of 900.00; 9 t would be 990.00."""
    net.ready(BUYER, "OST", 90_000)
    order = net.entered(BUYER, BUY, 5, 10_000)

    assert is_refused(net.trader(BUYER, "order.replace", ReplaceFields(order, 9, 11_000)), No.FUNDS_ARE_SHORT)
    outcome = done(net.trader(BUYER, "order.replace", ReplaceFields(order, 8, 11_000)))

    assert [(order, "replaced", 8)] == moved(outcome)
    assert 88_000 == net.world.books.bound_minor(BUYER, "OST")
    net.check()


def test_a_replaced_order_that_crosses_trades_at_the_resting_price(net: Market) -> None:
    """Bid 90.00 goes to 102.00 and meets the ask of 100.00."""
    net.stocked(10)
    net.ready(BUYER, "OST", 102_000)
    net.entered(SELLER, SELL, 10, 10_000)
    order = net.entered(BUYER, BUY, 10, 9_000)

    outcome = done(net.trader(BUYER, "order.replace", ReplaceFields(order, 0, 10_200)))

    assert [(BUYER, SELLER, 10, 100_000, 100_000)] == trades(outcome)
    assert 2_000 == net.money(BUYER, "OST")
    net.check()


def test_of_many_orders_each_stands_alone(net: Market) -> None:
    """The second lacks money; the third does not."""
    net.ready(BUYER, "OST", 30_000)
    asked = [OrderFields(SPOT, BUY, quantity, 10_000) for quantity in (2, 5, 1)]

    outcome = done(net.many(BUYER, *asked))

    refused = [fact.place for fact in facts(outcome) if type(fact).__name__ == "OrderRefused"]
    assert ([1], 2) == (refused, len(net.world.books.rows))
    net.check()


def test_all_orders_of_an_owner_go_at_once(net: Market) -> None:
    """Of one side, of one session, of all; nobody else's."""
    net.ready(BUYER, "OST", 100_000)
    net.ready(LENDER, "OST", 100_000)
    net.stocked(10, BUYER)
    mine = [
        net.entered(BUYER, BUY, 1, 9_000, session="one"),
        net.entered(BUYER, BUY, 1, 9_100, session="two"),
    ]
    sale = net.entered(BUYER, SELL, 5, 11_000)
    net.entered(LENDER, BUY, 1, 9_000)

    one = done(net.trader(BUYER, "order.cancel_all", MassFields(session="two")))
    assert [(mine[1], "cancelled", 1)] == moved(one)
    rest = done(net.trader(BUYER, "order.cancel_all", MassFields()))
    assert {(mine[0], "cancelled", 1), (sale, "cancelled", 5)} == set(moved(rest))
    assert 1 == len(net.world.books.rows)
    net.check()


def test_nobody_trades_with_his_own_group(net: Market) -> None:
    """The rest of who comes is cancelled; so says the instrument."""
    net.stocked(10)
    net.ready(OTHER, "OST", 100_000)
    done(net.two("market.group", GroupFields(OTHER, SELLER), "operator"))
    net.entered(SELLER, SELL, 10, 10_000)

    outcome = done(net.order(OTHER, BUY, 5, 10_000))

    assert [] == trades(outcome)
    assert 1 == len(net.world.books.rows)
    net.check()


@pytest.mark.parametrize("blocked", ["buyer", "seller"])
def test_where_an_account_is_blocked_the_trade_does_not_happen_and_its_order_goes(
    net: Market, blocked: str
) -> None:
    """The other side is met by who comes next."""
    net.stocked(10)
    net.stocked(10, OTHER)
    net.ready(BUYER, "OST", 200_000)
    rest = net.entered(SELLER, SELL, 10, 10_000)
    account = f"{BUYER}/OST/trade" if blocked == "buyer" else f"{SELLER}/OST"
    order = OrderFields(SPOT, BUY, 10, 10_000)
    if blocked == "seller":
        net.world.engine.block(net.world.engine.account_no(account), debits=True, credits=True)
        outcome = done(net.trader(BUYER, "order.enter", order))
        assert (rest, "cancelled", 10) in moved(outcome)
        assert (SELLER, "order.cancelled") in told(outcome)
        outcome = done(net.order(OTHER, SELL, 10, 10_000))
        assert [(BUYER, OTHER, 10, 100_000, 100_000)] == trades(outcome)
    else:
        net.world.engine.block(net.world.engine.account_no(account), debits=True, credits=True)
        assert is_refused(net.trader(BUYER, "order.enter", order), No.FUNDS_ARE_SHORT)
    net.check()


def test_a_frozen_receipt_settles_nothing(net: Market) -> None:
    """The sale that it covered goes when it is met."""

    receipt_id = net.stocked(10)
    net.ready(BUYER, "OST", 100_000)
    order = net.entered(SELLER, SELL, 10, 10_000)
    done(net.two("receipt.freeze", OrderOutFields(receipt_id, b"o" * 32), "operator"))

    outcome = done(net.order(BUYER, BUY, 5, 10_000))

    assert [] == trades(outcome)
    assert (order, "cancelled", 10) in moved(outcome)
    net.check()


# One book, three currencies


def wide(net: Market, *, size: int = 10_000_000) -> None:
    """Pons sells NOR for OST at 2, Levr sells SUD for OST at 3."""
    net.ready(PONS, "NOR", size)
    net.ready(LEVR, "SUD", size)
    done(net.firm(PONS, "NOR", "OST", 2, 1, size))
    done(net.firm(LEVR, "SUD", "OST", 3, 1, size))


def test_across_currencies_everybody_pays_and_gets_his_own(net: Market) -> None:
    """60 t at 50.00 NOR are 100.00 OST, at 30.00 SUD 90.00 OST: the second first."""
    wide(net)
    net.stocked(40)
    net.stocked(20, OTHER)
    net.ready(BUYER, "OST", 1_000_000)
    net.entered(SELLER, SELL, 40, 5_000, WIDE, currency="NOR")
    net.entered(OTHER, SELL, 20, 3_000, WIDE, currency="SUD")
    before = {asset: net.balance(PONS, asset, "fx") for asset in ("NOR", "OST")}

    outcome = done(net.order(BUYER, BUY, 50, 10_000, WIDE, currency="OST"))

    assert [(BUYER, OTHER, 20, 180_000, 60_000), (BUYER, SELLER, 30, 300_000, 150_000)] == trades(outcome)
    assert RICH + 150_000 == net.balance(SELLER, "NOR")
    assert (10_000_000 - 150_000, before["OST"] + 300_000) == (
        net.money(PONS, "NOR"),
        net.balance(PONS, "OST", "fx"),
    )
    assert 10_000_000 - 150_000 == net.world.books.bound_minor(PONS, "NOR")
    assert 50 * KG == net.kg(BUYER)
    net.check()


def test_a_firm_quote_is_covered_and_ends_at_its_time(net: Market) -> None:
    """Nothing is promised that is not on the trade account; what is bound comes back."""
    assert is_refused(net.firm(PONS, "NOR", "OST", 2, 1, 1), No.FUNDS_ARE_SHORT)
    net.ready(PONS, "NOR", 1_000)
    done(net.firm(PONS, "NOR", "OST", 2, 1, 1_000, until=net.at + HOUR))
    assert is_refused(net.firm(PONS, "NOR", "OST", 2, 1, 1), No.FUNDS_ARE_SHORT)
    assert is_refused(net.trader(PONS, "trade_account.withdraw", MoneyFields("NOR", 1)), No.FUNDS_ARE_SHORT)
    net.wait(2 * HOUR)

    assert {} == net.world.books.quotes.by_no
    assert [(PONS, "market_quote.expired")] == [
        (one.recipient, one.kind) for one in notices(net, "market_quote.expired")
    ]
    done(net.trader(PONS, "trade_account.withdraw", MoneyFields("NOR", 1_000)))
    net.check()


@pytest.mark.parametrize(
    "wrong",
    [
        {"sell": "NOR", "buy": "NOR"},
        {"sell": "ODD"},
        {"size": 0},
        {"until": 1},
    ],
)
def test_a_firm_quote_out_of_range_is_refused(net: Market, wrong: dict[str, object]) -> None:
    asked = {"sell": "NOR", "buy": "OST", "size": 10, "until": net.at + DAY, **wrong}

    outcome = net.firm(PONS, asked["sell"], asked["buy"], 2, 1, asked["size"], until=asked["until"])

    assert is_refused(outcome, No.FIRM_QUOTE_OUT_OF_RANGE)


def test_a_firm_quote_is_replaced_in_one_command_and_withdrawn_by_its_owner(net: Market) -> None:
    """The new one may use what the old one bound."""
    net.ready(PONS, "NOR", 1_000)
    first = next(fact for fact in facts(done(net.firm(PONS, "NOR", "OST", 2, 1, 1_000)))).quote_id
    outcome = done(net.firm(PONS, "NOR", "OST", 5, 2, 900, replaces=first))
    second = facts(outcome)[-1].quote_id

    assert ["withdrawn", "put"] == [fact.event for fact in facts(outcome)]
    assert is_refused(net.trader(LEVR, "firm_quote.withdraw", NamedFields(second)), No.FIRM_QUOTE_NOT_FOUND)
    done(net.trader(PONS, "firm_quote.withdraw", NamedFields(second)))
    assert 0 == net.world.books.bound_minor(PONS, "NOR")
    net.check()


def test_a_provider_whose_account_is_blocked_loses_its_quote_and_the_order_goes_on(net: Market) -> None:
    """Its quote has failed; orders in one currency still meet."""
    wide(net)
    net.stocked(40)
    net.stocked(20, OTHER)
    net.ready(BUYER, "OST", 1_000_000)
    net.entered(SELLER, SELL, 40, 4_000, WIDE, currency="NOR")
    net.entered(OTHER, SELL, 20, 9_000, WIDE, currency="OST")
    engine = net.world.engine
    engine.block(engine.account_no(f"{PONS}/NOR/trade"), debits=True, credits=True)

    outcome = done(net.order(BUYER, BUY, 30, 10_000, WIDE, currency="OST"))

    assert [(BUYER, OTHER, 20, 180_000, 180_000)] == trades(outcome)
    assert (PONS, "market_quote.failed") in told(outcome)
    assert 0 == net.world.books.bound_minor(PONS, "NOR")
    net.check()


def test_the_state_goes_through_a_snapshot_in_the_middle_of_trade(net: Market) -> None:
    """And the rebuilt world does the same next."""
    wide(net)
    net.stocked(40)
    net.ready(BUYER, "OST", 1_000_000)
    net.entered(SELLER, SELL, 40, 5_000, WIDE, currency="NOR", peak=7)
    net.entered(BUYER, BUY, 10, 9_000, WIDE, currency="OST", tif=Tif.DAY)
    other = Market(type(net.world).decode(dict(net.world.sections())))
    other.at, other._number = net.at, net._number

    for one in (net, other):
        done(one.order(BUYER, BUY, 20, 10_000, WIDE, currency="OST"))

    assert net.world.state_hash() == other.world.state_hash()


def test_two_persons_list_and_move_phases(net: Market) -> None:
    """One alone is refused."""
    from steelyard.flows.market_phase import PhaseFields

    outcome = net.one("instrument.phase", PhaseFields(SPOT, Phase.HALT, "a rumour"), "operator")

    assert is_refused(outcome, SettingRefusal.TWO_PEOPLE_NEEDED)
    net.phase(SPOT, Phase.HALT)
    net.ready(BUYER, "OST", 100_000)
    assert is_refused(net.order(BUYER, BUY, 1, 10_000), No.PHASE_DOES_NOT_ALLOW_IT)


def test_a_market_order_binds_the_daily_limit_and_its_rest_goes() -> None:
    """107.00 a tonne is bound, 100.00 is paid; without limits nothing bounds it."""
    net = Market(ref_price=10_000)
    net.stocked(5)
    net.ready(BUYER, "OST", 107_000)
    net.entered(SELLER, SELL, 5, 10_000)

    outcome = done(net.order(BUYER, BUY, 10, 0, type=Type.MARKET))

    assert [(BUYER, SELLER, 5, 50_000, 50_000)] == trades(outcome)
    assert Why.REST in [fact.why for fact in facts(outcome) if type(fact).__name__ == "OrderMoved"]
    assert 57_000 == net.money(BUYER, "OST")
    net.check()


def test_a_session_that_falls_silent_loses_its_orders(net: Market) -> None:
    """Ten seconds after its last beat; another session's orders stay, and so do those of one that was ended."""
    net.ready(BUYER, "OST", 100_000)
    for session in ("one", "two", "three"):
        done(net.trader(BUYER, "order.beat", BeatFields(session)))
        net.entered(BUYER, BUY, 1, 9_000, session=session)
    done(net.trader(BUYER, "order.end_session", BeatFields("three")))
    net.wait(6 * SECOND)
    done(net.trader(BUYER, "order.beat", BeatFields("two")))
    net.wait(5 * SECOND)

    assert {"two", "three"} == {row.session for row in net.world.books.rows.values()}
    assert [Why.DISCONNECTED.name] == [one.data[2] for one in notices(net, "order.cancelled")]
    net.wait(6 * SECOND)
    assert {"three"} == {row.session for row in net.world.books.rows.values()}
    net.check()


def traded(net: Market) -> bytes:
    """Let Bram buy 30 t of Anna across currencies, and give the trade's id."""
    wide(net)
    net.stocked(40)
    net.ready(BUYER, "OST", 1_000_000)
    net.entered(SELLER, SELL, 40, 5_000, WIDE, currency="NOR")
    outcome = done(net.order(BUYER, BUY, 30, 10_000, WIDE, currency="OST"))
    return next(fact.trade_id for fact in facts(outcome) if type(fact).__name__ == "MarketTraded")


def test_a_trade_is_taken_back_when_all_agree_and_two_persons_do_it(net: Market) -> None:
    """Everybody has again what he had; the buyer's money is on his settlement account."""
    trade = traded(net)
    reverse = ReverseFields(trade, "fat finger")
    assert is_refused(net.trader(OTHER, "trade.agree_reversal", Trade(trade)), No.MARKET_TRADE_NOT_FOUND)
    for side in (BUYER, SELLER):
        done(net.trader(side, "trade.agree_reversal", Trade(trade)))
    assert is_refused(net.two("trade.reverse", reverse, "operator"), No.TRADE_NOT_AGREED)
    done(net.trader(PONS, "trade.agree_reversal", Trade(trade)))
    assert is_refused(net.one("trade.reverse", reverse, "operator"), SettingRefusal.TWO_PEOPLE_NEEDED)

    done(net.two("trade.reverse", reverse, "operator"))

    assert (0, 40 * KG) == (net.kg(BUYER), net.kg(SELLER))
    assert (RICH, RICH) == (net.balance(SELLER, "NOR"), net.balance(BUYER, "OST") + net.money(BUYER, "OST"))
    assert is_refused(net.two("trade.reverse", reverse, "operator"), No.MARKET_TRADE_NOT_FOUND)
    net.check()


@pytest.mark.parametrize("stop", [0, 105])
def test_a_purchase_without_limit_pays_nothing_that_another_order_binds(stop: int) -> None:
    """It bound 10 x 110, the highest of its day; at 150 on the next it has no 400 more, since 900 are another's."""
    net = Market(ref_price=100, limit_bp=1_000, rest_market=True)
    net.stocked(50)
    net.ready(BUYER, "OST", 10 * 110 + 10 * 90)
    net.entered(BUYER, BUY, 10, 0, type=Type.MARKET, stop=stop)
    net.entered(BUYER, BUY, 10, 90, WIDE, currency="OST")
    done(net.two("instrument.bands", BandsFields(SPOT, 150), "operator"))
    net.ready(OTHER, "OST", 1_000)
    net.entered(OTHER, BUY, 5, 150)

    for _ in range(2):
        net.order(SELLER, SELL, 10, 150)

    assert 900 <= net.money(BUYER, "OST")
    net.check()


def test_a_trade_is_too_old_after_a_quarter_of_an_hour(net: Market) -> None:
    trade = traded(net)
    net.wait(15 * 60 * SECOND)

    assert is_refused(net.trader(BUYER, "trade.agree_reversal", Trade(trade)), No.TRADE_IS_TOO_OLD)


def test_a_trade_whose_receipt_went_on_is_not_taken_back(net: Market) -> None:
    """Nothing moves, neither title nor money."""
    trade = traded(net)
    for side in (BUYER, SELLER, PONS):
        done(net.trader(side, "trade.agree_reversal", Trade(trade)))
    (bought,) = [one.receipt_id for one in net.world.titles.of_holder(BUYER)]
    done(net.give("receipt.transfer", TransferFields(bought, LENDER), BUYER))
    before = net.titles_and_money()

    outcome = net.two("trade.reverse", ReverseFields(trade, "late"), "operator")

    assert is_refused(outcome, TitleRefusal.RECEIPT_NOT_FOUND)
    assert before == net.titles_and_money()


def test_a_trade_whose_receipt_has_another_grade_now_is_not_taken_back(net: Market) -> None:
    """The account it would leave is not the one it is on: the receipt and the kg of two classes would part."""
    trade = traded(net)
    for side in (BUYER, SELLER, PONS):
        done(net.trader(side, "trade.agree_reversal", Trade(trade)))
    net.issue(50_000, BUYER)
    (bought,) = [one.receipt_id for one in net.world.titles.of_holder(BUYER) if one.kg == 30_000]
    done(net.two("receipt.regrade", GradeFields(bought, OATS, 0, PAPER), JUDGE))

    outcome = net.two("trade.reverse", ReverseFields(trade, "late"), "operator")

    assert is_refused(outcome, TitleRefusal.RECEIPT_NOT_FOUND)
    net.check()


def test_who_is_suspended_trades_no_more(net: Market) -> None:
    """His resting order goes as it is met, a provider's quote too; what he enters is refused."""
    wide(net)
    net.stocked(10)
    net.stocked(10, OTHER)
    net.ready(BUYER, "OST", 400_000)
    order = net.entered(SELLER, SELL, 10, 4_000, WIDE, currency="NOR")
    net.entered(OTHER, SELL, 10, 3_000, WIDE, currency="SUD")
    net.suspend(SELLER)
    net.suspend(LEVR)

    outcome = done(net.order(BUYER, BUY, 5, 10_000, WIDE, currency="OST"))

    assert [] == trades(outcome)
    assert (order, "cancelled", 10) in moved(outcome)
    assert (LEVR, "market_quote.failed") in told(outcome)
    assert is_refused(
        net.order(SELLER, SELL, 5, 4_000, WIDE, currency="NOR"), MemberRefusal.PARTICIPANT_STATE_FORBIDS
    )
    net.lift(SELLER)
    net.lift(LEVR)
    net.check()


def test_who_has_opened_no_trade_account_neither_orders_nor_moves_money_there() -> None:
    net = Market()
    bic = next(one for one in sorted(net.world.members.participants) if one not in TRADERS)
    roles = (Role.TRADER, Role.MAKER)
    net.world.members.put_actor(Actor(f"t-{bic}", bic, KEY, roles, public_key=b"t" * 32))

    assert is_refused(net.order(bic, BUY, 5, 10_000), No.MARKET_ACCOUNT_NOT_FOUND)
    for way in ("deposit", "withdraw"):
        moved_there = net.trader(bic, f"trade_account.{way}", MoneyFields("OST", 1))
        assert is_refused(moved_there, No.MARKET_ACCOUNT_NOT_FOUND)
    net.check()
