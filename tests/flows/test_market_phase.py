"""Phases: by sessions, by hand, by a collar; calls with an end nobody knows before, in one currency and in many."""

from hashlib import sha256

import pytest
from msgspec import structs

from steelyard.flows.market_facts import AuctionDone, PhaseMoved, SeedCommitted
from steelyard.flows.market_list import BandsFields, ListFields
from steelyard.flows.market_phase import EndFields, PhaseFields, SeedFields, delay
from steelyard.market.books import Session, Way
from steelyard.market.instruments import Instrument
from steelyard.market.orders import Side, Tif
from steelyard.market.phases import CLOSE_SPREAD, Phase
from steelyard.market.refusals.orders import OrderRefusal as No
from steelyard.values.instants import DAY, HOUR, MILLISECOND, SECOND
from tests.flows.clearings import FOUR, SEP, House
from tests.flows.goods import BUYER, RYE, SELLER, done
from tests.flows.markets import KG, SPOT, UNIT, WIDE, Market, trades
from tests.flows.payworld import PONS, facts, faulty, is_refused

BUY, SELL = Side.BUY, Side.SELL
SEED = b"a seed nobody knows"
DAYLY = (
    Session(9 * HOUR // MILLISECOND, Phase.OPENING_CALL),
    Session(10 * HOUR // MILLISECOND, Phase.CONTINUOUS, random=True),
    Session(16 * HOUR // MILLISECOND, Phase.CLOSED),
)
CODE = "RYE-DAY"


@pytest.fixture
def net() -> Market:
    """08:00 on a day with an opening call at 9, trading from 10, the close at 16."""
    net = Market()
    net.list(CODE, sessions=DAYLY, currency="OST", ref_price=10_000, collar_bp=500)
    return net


def phase(net: Market, code: str = CODE) -> Phase:
    return net.world.books.books[code].phase


def crossed(net: Market) -> None:
    net.stocked(50)
    net.ready(BUYER, "OST", 1_000_000)
    net.entered(SELLER, SELL, 50, 9_900, CODE)
    net.entered(BUYER, BUY, 30, 10_100, CODE)


def test_sessions_follow_the_clock_and_a_call_ends_in_trades(net: Market) -> None:
    """Without a seed the call ends at its time."""
    assert Phase.CLOSED is phase(net)
    net.wait(HOUR)
    assert Phase.OPENING_CALL is phase(net)
    crossed(net)
    net.wait(HOUR)

    assert Phase.CONTINUOUS is phase(net)
    assert 30 * KG == net.kg(BUYER)
    net.wait(6 * HOUR)
    assert Phase.CLOSED is phase(net)
    net.wait(17 * HOUR)
    assert Phase.OPENING_CALL is phase(net)
    net.check()


def test_a_cleared_contract_trades_without_daily_limits_in_its_delivery_month() -> None:
    """Its sessions are the same; the day on which limits and margin change is the day on which the phase does."""
    net = Market()
    house = House(net).begin()
    future = Instrument(code=CODE, currency="NOR", ref_price=21_000, limit_bp=100, tick=25, lot=50)
    fields = ListFields(future, "WHEAT", Way.CLEARED, SEP.contract, KG, DAYLY)
    done(net.two("instrument.list", fields, "operator"))
    month = structs.replace(SEP, delivery_from_on=net.at // DAY + 1)
    house.ok(house.operator("clearing.contract", month))
    net.wait(2 * HOUR)
    assert Phase.CONTINUOUS is phase(net)
    trader = FOUR[0]
    assert is_refused(net.order(trader, BUY, 50, 26_250, CODE), No.PRICE_OUTSIDE_DAILY_LIMIT)
    net.wait(DAY)

    assert Phase.DELIVERY_MONTH is phase(net)
    assert not is_refused(net.order(trader, BUY, 50, 26_250, CODE), No.PRICE_OUTSIDE_DAILY_LIMIT)
    net.wait(6 * HOUR)
    assert Phase.CLOSED is phase(net)


def test_orders_for_the_day_end_with_it(net: Market) -> None:
    """And give back what they bound."""
    net.wait(2 * HOUR)
    net.ready(BUYER, "OST", 1_000_000)
    net.entered(BUYER, BUY, 30, 10_000, CODE, tif=Tif.DAY)
    net.entered(BUYER, BUY, 10, 10_000, CODE)
    net.wait(7 * HOUR)

    assert 100_000 == net.world.books.bound_minor(BUYER, "OST")
    net.check()


def test_a_call_ends_at_a_moment_that_only_its_seed_knows(net: Market) -> None:
    """Neither before it nor by another seed; afterwards everybody can check it."""
    done(net.give("instrument.seed", SeedFields(CODE, sha256(SEED).digest()), "operator"))
    net.wait(HOUR)
    crossed(net)
    assert is_refused(
        net.give("instrument.seed", SeedFields(CODE, sha256(b"x").digest()), "operator"), No.CALL_NOT_OVER
    )
    net.wait(HOUR)
    assert Phase.OPENING_CALL is phase(net)
    due = net.at // HOUR * HOUR
    moment = due + delay(SEED, CODE, due)
    if moment > net.at:
        assert is_refused(
            net.give("instrument.end_call", EndFields(CODE, SEED), "operator"), No.CALL_NOT_OVER
        )
        net.at = moment
    assert is_refused(
        net.give("instrument.end_call", EndFields(CODE, SEED + b"!"), "operator"), No.CALL_NOT_OVER
    )

    outcome = done(net.give("instrument.end_call", EndFields(CODE, SEED), "operator"))

    assert SeedCommitted(CODE, sha256(SEED).digest(), SEED) in facts(outcome)
    assert [30] == [quantity for _, _, quantity, _, _ in trades(outcome)]
    assert Phase.CONTINUOUS is phase(net)
    assert not net.world.books.seeds
    net.check()


def test_where_the_seed_does_not_come_the_call_ends_at_the_last_moment(net: Market) -> None:
    """30 s after its time."""
    done(net.give("instrument.seed", SeedFields(CODE, sha256(SEED).digest()), "operator"))
    net.wait(HOUR)
    crossed(net)
    net.wait(HOUR + CLOSE_SPREAD)
    assert Phase.OPENING_CALL is phase(net)
    net.wait(2 * SECOND)

    assert Phase.CONTINUOUS is phase(net)
    assert 30 * KG == net.kg(BUYER)
    net.check()


def test_a_trade_outside_the_collar_starts_a_call_that_ends_by_itself() -> None:
    """Collar 95.00 to 105.00 round 100.00: 5 t at 104.00 trade, 110.00 does not; the call ends at 110.00."""
    net = Market(ref_price=10_000, collar_bp=500, limit_bp=2_000)
    net.stocked(20)
    net.ready(BUYER, "OST", 1_000_000)
    net.entered(SELLER, SELL, 5, 10_400)
    net.entered(SELLER, SELL, 10, 11_000)

    outcome = done(net.order(BUYER, BUY, 12, 11_000))

    assert [5] == [quantity for _, _, quantity, _, _ in trades(outcome)]
    assert Phase.VOLATILITY_CALL is phase(net, SPOT)
    assert [11_000] == [fact.price for fact in facts(outcome) if isinstance(fact, PhaseMoved)]
    made = net.wait(10 * 60 * SECOND)
    assert Phase.CONTINUOUS is phase(net, SPOT)
    assert AuctionDone(SPOT, "11000", 7, -3) in [fact for one in made for fact in facts(one)]
    net.check()


def test_new_bands_cancel_what_lies_beyond() -> None:
    """Reference 120.00 with 7 %: 111.60 to 128.40."""
    net = Market(ref_price=10_000)
    net.ready(BUYER, "OST", 1_000_000)
    net.entered(BUYER, BUY, 5, 10_000)

    done(net.two("instrument.bands", BandsFields(SPOT, 12_000), "operator"))

    assert {} == net.world.books.rows
    assert is_refused(net.order(BUYER, BUY, 1, 11_159), No.PRICE_OUTSIDE_DAILY_LIMIT)
    net.entered(BUYER, BUY, 1, 11_160)
    net.check()


@pytest.mark.parametrize("code", [SPOT, WIDE])
def test_a_phase_by_hand_is_told_once_with_its_reason(net: Market, code: str) -> None:
    told = [fact for fact in facts(net.phase(code, Phase.HALT)) if isinstance(fact, PhaseMoved)]

    assert [(Phase.HALT, "test")] == [(fact.phase, fact.reason) for fact in told]


def test_a_halt_is_left_into_a_call(net: Market) -> None:
    """Not straight into trading."""
    net.phase(SPOT, Phase.HALT)

    outcome = net.two("instrument.phase", PhaseFields(SPOT, Phase.CONTINUOUS, "over"), "operator")

    assert is_refused(outcome, No.PHASE_DOES_NOT_ALLOW_IT)
    net.phase(SPOT, Phase.OPENING_CALL)
    net.phase(SPOT, Phase.CONTINUOUS)


def test_a_call_in_many_currencies_trades_at_one_price_at_frozen_rates() -> None:
    """1 NOR is 2.10 OST. Bram bids 100.00 OST for 30 t, Anna asks 45.00 NOR for 20 t; Pons stands between."""
    net = Market(phase=Phase.OPENING_CALL)
    net.stocked(20)
    net.ready(BUYER, "OST", 1_000_000)
    net.ready(PONS, "NOR", 1_000_000)
    done(net.firm(PONS, "NOR", "OST", 21, 10, 1_000_000, in_auctions=True))
    net.entered(SELLER, SELL, 20, 4_500, WIDE, currency="NOR")
    net.entered(BUYER, BUY, 30, 10_000, WIDE, currency="OST")

    outcome = net.phase(WIDE, Phase.CONTINUOUS)

    ((buyer, seller, quantity, paid, got),) = trades(outcome)
    assert (BUYER, SELLER, 20) == (buyer, seller, quantity)
    assert (20 * 10_000, 95_238) == (
        paid,
        got,
    )  # buyers are in surplus: the price is their highest, 100.00 OST
    (done_,) = [fact for fact in facts(outcome) if isinstance(fact, AuctionDone)]
    assert ("10000", 20, 10, (("NOR", "21/10"), ("OST", "1"))) == (
        done_.price, done_.volume, done_.surplus, done_.rates,
    )  # fmt: skip
    assert 1_000_000 - got == net.world.books.bound_minor(PONS, "NOR")
    net.check()


def test_who_does_not_stand_in_auctions_is_not_used_there() -> None:
    """The pair does not trade, both orders stay."""
    net = Market(phase=Phase.OPENING_CALL)
    net.rate("NOR", "OST", 2, 1)
    net.stocked(20)
    net.ready(BUYER, "OST", 1_000_000)
    net.ready(PONS, "NOR", 1_000_000)
    done(net.firm(PONS, "NOR", "OST", 21, 10, 1_000_000))
    net.entered(SELLER, SELL, 20, 4_500, WIDE, currency="NOR")
    net.entered(BUYER, BUY, 30, 10_000, WIDE, currency="OST")

    assert [] == trades(net.phase(WIDE, Phase.CONTINUOUS))
    assert 2 == len(net.world.books.rows)
    net.check()


WRONG: list[tuple[dict[str, object], No]] = [
    ({"asset": "NO SUCH CLASS"}, No.LISTING_SETTLES_IN_NOTHING),
    ({"instrument": Instrument(code="X", currency="ODD")}, No.LISTING_MONEY_UNKNOWN),
    ({"instrument": Instrument(code="X", currency="OST", basket="UNIT")}, No.LISTING_MONEY_UNKNOWN),
    ({"instrument": Instrument(code="X")}, No.LISTING_MONEY_UNKNOWN),
    ({"instrument": Instrument(code="X", basket="UNIT")}, No.LISTING_MONEY_UNKNOWN),
    (
        {"instrument": Instrument(code="X", basket="UNIT", basket_holds=(("OST", 0),))},
        No.LISTING_MONEY_UNKNOWN,
    ),
    (
        {"instrument": Instrument(code="X", basket="UNIT", basket_holds=(("OST", 1), ("NOR", 1)))},
        No.LISTING_MONEY_UNKNOWN,
    ),
    (
        {"instrument": Instrument(code="X", basket="UNIT", basket_holds=(("OST", 1),), post_close=True)},
        No.LISTING_MONEY_UNKNOWN,
    ),
    (
        {"instrument": Instrument(code="X", basket="UNIT", basket_holds=(("OST", 1),), rest_market=True)},
        No.LISTING_MONEY_UNKNOWN,
    ),
    (
        {"instrument": Instrument(code="X", currency="OST", basket_holds=(("OST", 1),))},
        No.LISTING_MONEY_UNKNOWN,
    ),
    ({"instrument": Instrument(code="", currency="OST")}, No.LISTING_OUT_OF_RANGE),
    ({"instrument": Instrument(code="X", currency="OST", tick=0)}, No.LISTING_OUT_OF_RANGE),
    ({"instrument": Instrument(code="X", currency="OST", lot=-1)}, No.LISTING_OUT_OF_RANGE),
    ({"instrument": Instrument(code="X", currency="OST", limit_bp=10_000)}, No.LISTING_OUT_OF_RANGE),
    ({"instrument": Instrument(code="X", currency="OST", calendar="ODD")}, No.LISTING_CALENDAR_UNKNOWN),
    ({"way": Way.CLEARED}, No.LISTING_SETTLES_IN_NOTHING),
    (
        {"sessions": (Session(5, Phase.OPENING_CALL), Session(5, Phase.CONTINUOUS))},
        No.LISTING_SESSIONS_DO_NOT_FOLLOW,
    ),
    ({"sessions": (Session(DAY // MILLISECOND, Phase.OPENING_CALL),)}, No.LISTING_SESSIONS_DO_NOT_FOLLOW),
    ({"sessions": (Session(5, Phase.CONTINUOUS),)}, No.LISTING_SESSIONS_DO_NOT_FOLLOW),
    ({"instrument": Instrument(code=SPOT, currency="OST")}, No.LISTING_IS_IN_USE),
]


@pytest.mark.parametrize(("wrong", "why"), WRONG)
def test_a_listing_that_does_not_fit_is_refused(wrong: dict[str, object], why: No) -> None:
    """And says what of it; the last: an instrument whose book is open is not listed anew."""
    net = Market()
    fields = {"instrument": Instrument(code="X", currency="OST"), "contract": "RYE", "way": Way.SPOT,
              "asset": RYE, "kg": KG, **wrong}  # fmt: skip
    before = net.titles_and_money()

    outcome = net.two("instrument.list", ListFields(**fields), "operator")

    assert is_refused(outcome, why)
    assert before == net.titles_and_money()


def test_a_listing_names_every_figure_that_is_out_of_bounds() -> None:
    """All at once, by the fields of its body."""
    odd = Instrument(code="rye", currency="OST", tick=0, lot=0, limit_bp=0, limit_step=0, ref_price=0,
                     collar_bp=10_000, call_seconds=0, peaks_max=0)  # fmt: skip
    outcome = Market().two("instrument.list", ListFields(odd, "RYE", Way.SPOT, RYE, KG), "operator")
    fields = "code tick lot limit_bp limit_step call_seconds peaks_max reference collar_bp"

    assert is_refused(outcome, No.LISTING_OUT_OF_RANGE)
    assert fields.split() == faulty(outcome)


@pytest.mark.parametrize("code", ["RYE-CLOSE", "RYE-CLOSE-WIDE"])
def test_a_closing_call_trades_before_the_day_ends(code: str) -> None:
    """What is left of orders for the day, or till this day, ends then; what is good till cancelled stays."""
    net = Market()
    sessions = (
        Session(9 * HOUR // MILLISECOND, Phase.OPENING_CALL),
        Session(10 * HOUR // MILLISECOND, Phase.CONTINUOUS),
        Session(15 * HOUR // MILLISECOND, Phase.CLOSING_CALL),
        Session(16 * HOUR // MILLISECOND, Phase.CLOSED),
    )
    wide = code.endswith("WIDE")
    net.list(
        code,
        sessions=sessions,
        ref_price=10_000,
        **({"basket": "UNIT", "basket_holds": UNIT} if wide else {"currency": "OST"}),
    )
    more = {"currency": "OST"} if wide else {}
    if wide:
        net.rate("NOR", "OST", 2, 1)
    net.stocked(50)
    net.ready(BUYER, "OST", 2_000_000)
    net.wait(7 * HOUR + HOUR // 2)
    assert Phase.CLOSING_CALL is phase(net, code)
    net.entered(SELLER, SELL, 20, 9_900, code, **more)
    net.entered(BUYER, BUY, 30, 10_000, code, tif=Tif.DAY, **more)
    net.entered(BUYER, BUY, 10, 9_400, code, tif=Tif.GTD, until_on=net.at // DAY, **more)
    net.entered(BUYER, BUY, 10, 9_500, code, tif=Tif.GTD, until_on=net.at // DAY + 1, **more)
    net.wait(HOUR)

    assert Phase.CLOSED is phase(net, code)
    assert 20 * KG == net.kg(BUYER)
    assert [10] == [row.left for row in net.world.books.rows.values()]
    net.check()
