"""Published prices: every version is kept, every change says why."""

from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.assessment import Day, Method, Rung, Trade, assess
from steelyard.market.complaints import STEPS, Complaint, ComplaintEvent, ComplaintState
from steelyard.market.prices import (
    CLOSED_KEPT,
    DAYS_KEPT,
    METHODS_MAX,
    OPEN_COMPLAINTS_MAX,
    OWN_COMPLAINTS_MAX,
    SERIES_MAX,
    VERSIONS_MAX,
    Price,
    Prices,
)
from steelyard.market.refusals.prices import PriceRefusal

HASH = sha256(b"inputs").digest()
WORDS = sha256(b"words").digest()
WHEAT = "WHT-2027-03"


def opened(*, tick="25"):
    prices = Prices()
    assert prices.set_method(WHEAT, Method(), from_on=100, tick=tick) is None
    return prices


def settled(prices, on=100, value="21025"):
    return prices.settle(WHEAT, on, value, source="vwap", digest=HASH, at=on)


def corrected(prices, on=100, value="21050", reason="late trade cancelled"):
    return prices.correct(WHEAT, on, value, source="override", digest=HASH, reason=reason, at=on + 1)


def same(prices):
    """Give the bytes of the state, and check that they build it again."""
    data = prices.encode()
    assert data == Prices.decode(data).encode()
    return data


def test_a_correction_is_a_further_version():
    """The first stays readable, with the method it was made by."""
    prices = opened()
    first, second = settled(prices), corrected(prices)

    assert [first, second] == prices.series[WHEAT].day(100)
    assert (1, 2) == (first.version, second.version)
    assert ("late trade cancelled", "override", 1) == (second.reason, second.source, second.method)
    assert second == prices.series[WHEAT].last()
    same(prices)


def test_a_benchmark_is_published_with_its_inputs():
    day = Day(tuple(Trade(f"t{at}", "100", 50, f"B{at}", f"S{at}") for at in range(2)))
    prices = opened(tick="")
    found = assess(day, Method())
    price = prices.publish(WHEAT, 100, found, at=5, currencies=(("ZAR", "850"),))

    assert ("100", "trades", found.digest) == (
        price.value, price.source, price.digest,
    )  # fmt: skip
    assert (("ZAR", "850"),) == price.currencies


def test_a_day_without_a_value_is_published_as_such():
    prices = opened()
    price = prices.publish(WHEAT, 100, assess(Day(), Method()), at=5)

    assert ("", Rung.NONE.name.lower()) == (price.value, price.source)
    assert prices.series[WHEAT].before(101) is None


def test_a_thin_day_moves_from_the_last_value_there_was():
    prices = opened()
    value = settled(prices)
    prices.publish(WHEAT, 101, assess(Day(), Method()), at=5)
    fixed = corrected(prices)

    assert fixed == prices.series[WHEAT].before(102)
    assert value != fixed
    assert prices.series[WHEAT].before(100) is None


def test_a_method_counts_from_its_day():
    prices = opened()
    assert prices.set_method(WHEAT, Method(2, cap="1/5"), from_on=102) is None

    assert [1, 1, 2] == [settled(prices, on).method for on in (100, 101, 102)]


R = PriceRefusal


def refusals():
    """Give (name, act, refusal): each acts on a series with day 100 settled and a method from day 100."""
    digest = {"source": "vwap", "digest": HASH, "at": 9}
    done = ComplaintEvent.ANSWERED
    yield "no series", lambda p: p.settle("X", 101, "1", **digest), R.PRICE_SERIES_NOT_FOUND
    yield (
        "no series to correct",
        lambda p: p.correct("X", 1, "1", reason="r", **digest),
        R.PRICE_SERIES_NOT_FOUND,
    )
    yield (
        "no series to dispute",
        lambda p: p.complain("X", 1, by="b", text=WORDS, at=1),
        R.PRICE_SERIES_NOT_FOUND,
    )
    yield "an earlier day", lambda p: settled(p, 99), R.PRICE_SERIES_NOT_FOUND
    yield "the same day", lambda p: settled(p, 100), R.PRICE_STANDS_ALREADY
    yield "no such day", lambda p: corrected(p, 101), R.PRICE_NOT_FOUND
    yield "no day to dispute", lambda p: p.complain(WHEAT, 99, by="b", text=WORDS, at=1), R.PRICE_NOT_FOUND
    yield "no reason", lambda p: corrected(p, reason=""), R.REASON_IS_MISSING
    yield "an endless reason", lambda p: corrected(p, reason="x" * 401), R.REASON_IS_MISSING
    yield "no words", lambda p: p.complain(WHEAT, 100, by="b", text=b"", at=1), R.REASON_IS_MISSING
    yield "off the tick", lambda p: settled(p, 101, "21030"), R.SETTLEMENT_PRICE_NOT_ON_TICK
    yield "a part of a tick", lambda p: settled(p, 101, "84101/4"), R.SETTLEMENT_PRICE_NOT_ON_TICK
    yield "corrected off the tick", lambda p: corrected(p, value="21030"), R.SETTLEMENT_PRICE_NOT_ON_TICK
    yield "version skipped", lambda p: p.set_method(WHEAT, Method(3), from_on=200), R.METHOD_NOT_NEXT
    yield "first version again", lambda p: p.set_method(WHEAT, Method(1), from_on=200), R.METHOD_NOT_NEXT
    yield "begun with two", lambda p: p.set_method("NEW", Method(2), from_on=200), R.METHOD_NOT_NEXT
    yield "reaching back", lambda p: p.set_method(WHEAT, Method(2), from_on=100), R.METHOD_REACHES_BACK
    yield (
        "unknown complaint",
        lambda p: p.step_complaint(7, done, by="o", text=WORDS, at=1),
        R.COMPLAINT_NOT_FOUND,
    )


@pytest.mark.parametrize(
    ("act", "refusal"), [one[1:] for one in refusals()], ids=[one[0] for one in refusals()]
)
def test_a_refusal_changes_nothing(act, refusal):
    prices = opened()
    settled(prices)
    before = same(prices)

    assert refusal is act(prices)
    assert before == prices.encode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 0}, {"cap": "0"}, {"cap": "5/4"}, {"participants_min": 0}, {"volume_min": -1}, {"held_min": -1},
    ],
)  # fmt: skip
def test_a_method_without_sense_is_not_kept(wrong):
    prices = Prices()

    assert PriceRefusal.METHOD_OUT_OF_RANGE is prices.set_method("NEW", Method(**wrong), from_on=1)
    assert {} == prices.series


def test_days_do_not_go_back():
    prices = opened()
    settled(prices, 100)
    settled(prices, 102)

    assert PriceRefusal.PRICE_DAY_IS_OVER is settled(prices, 101)


def test_a_complaint_is_answered_appealed_and_decided():
    prices = opened()
    settled(prices)
    corrected(prices)
    made = prices.complain(WHEAT, 100, by="p-1", text=WORDS, at=10)
    for event in (ComplaintEvent.ANSWERED, ComplaintEvent.APPEALED, ComplaintEvent.DECIDED):
        prices.step_complaint(made.number, event, by="p-2", text=WORDS, at=11)

    assert (2, ComplaintState.CLOSED) == (made.version, made.state)
    assert ["OPENED", "ANSWERED", "APPEALED", "DECIDED"] == [one[0] for one in made.log]
    assert [made] == list(prices.complaints())
    refused = prices.step_complaint(made.number, ComplaintEvent.APPEALED, by="p-1", text=WORDS, at=12)
    assert PriceRefusal.COMPLAINT_STEP_NOT_ALLOWED is refused
    same(prices)


@pytest.mark.parametrize("state", list(ComplaintState))
@pytest.mark.parametrize("event", list(ComplaintEvent))
def test_a_complaint_takes_no_step_beside_its_table(state, event):
    prices = opened()
    settled(prices)
    made = prices.complain(WHEAT, 100, by="p-1", text=WORDS, at=10)
    made.state = state
    found = prices.step_complaint(made.number, event, by="p-2", text=WORDS, at=11)
    following = STEPS[state].get(event)

    if following is None:
        assert PriceRefusal.COMPLAINT_STEP_NOT_ALLOWED is found
        assert (state, 1) == (made.state, len(made.log))
    else:
        assert following is made.state


def test_a_step_of_a_complaint_has_words():
    prices = opened()
    settled(prices)
    made = prices.complain(WHEAT, 100, by="p-1", text=WORDS, at=10)
    refused = prices.step_complaint(made.number, ComplaintEvent.ANSWERED, by="p-2", text=b"short", at=11)

    assert PriceRefusal.REASON_IS_MISSING is refused


def test_everything_is_bounded():
    """Days and closed complaints fall out at the old end; the rest is refused when it is full."""
    prices = opened()
    for on in range(100, 100 + DAYS_KEPT + 5):
        settled(prices, on)
    series = prices.series[WHEAT]
    last = series.last().on
    assert (DAYS_KEPT, 105) == (len(series.days), series.days[0][0].on)
    assert PriceRefusal.PRICE_NOT_FOUND is corrected(prices, 104)

    for _ in range(VERSIONS_MAX - 1):
        assert isinstance(corrected(prices, last), Price)
    assert PriceRefusal.PRICES_ARE_FULL is corrected(prices, last)

    for version in range(2, METHODS_MAX + 1):
        assert prices.set_method(WHEAT, Method(version), from_on=last + 1) is None
    full = prices.set_method(WHEAT, Method(METHODS_MAX + 1), from_on=last + 1)
    assert PriceRefusal.PRICES_ARE_FULL is full

    for number in range(OPEN_COMPLAINTS_MAX):
        by = f"p{number // OWN_COMPLAINTS_MAX}"
        assert isinstance(prices.complain(WHEAT, last, by=by, text=WORDS, at=1), Complaint)
        if number == OWN_COMPLAINTS_MAX - 1:  # nobody fills the log alone
            assert PriceRefusal.PRICES_ARE_FULL is prices.complain(WHEAT, last, by=by, text=WORDS, at=1)
    assert PriceRefusal.PRICES_ARE_FULL is prices.complain(WHEAT, last, by="p", text=WORDS, at=1)
    for number in range(1, CLOSED_KEPT + 3):
        prices.step_complaint(number, ComplaintEvent.WITHDRAWN, by="p", text=WORDS, at=2)
    assert CLOSED_KEPT == len(prices.closed)
    same(prices)


def test_series_are_bounded():
    prices = Prices()
    for number in range(SERIES_MAX):
        assert prices.set_method(f"S{number}", Method(), from_on=1) is None

    assert PriceRefusal.PRICES_ARE_FULL is prices.set_method("ONE", Method(), from_on=1)
    assert prices.set_method("S0", Method(2), from_on=1) is None


acts = st.lists(st.tuples(st.sampled_from("smcxw"), st.integers(100, 106), st.integers(0, 3)), max_size=25)


@given(acts)
def test_the_state_is_rebuilt_from_its_bytes(steps):
    """After any acts; and what is rebuilt goes on as the first does."""
    one, other = opened(), opened()
    for kind, on, number in steps:
        for prices in (one, other):
            if kind == "s":
                settled(prices, on, str(25 * number))
            elif kind == "m":
                prices.set_method(WHEAT, Method(number), from_on=on)
            elif kind == "c":
                corrected(prices, on)
            elif kind == "x":
                prices.complain(WHEAT, on, by="p", text=WORDS, at=on)
            else:
                prices.step_complaint(number, ComplaintEvent.WITHDRAWN, by="p", text=WORDS, at=on)
        assert one.encode() == other.encode()
        other = Prices.decode(other.encode())

    days = [versions[0].on for versions in one.series[WHEAT].days]
    assert days == sorted(set(days))


def test_bytes_of_other_shape_build_nothing():
    with pytest.raises(msgspec.ValidationError):
        Prices.decode(msgspec.msgpack.encode([[], [], [], "1"]))
