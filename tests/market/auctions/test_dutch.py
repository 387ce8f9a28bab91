"""The Dutch auction: the price falls, who takes gets his lots at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.auctions.bids import BIDS_MAX, Bid
from steelyard.market.auctions.dutch import STEPS, Dutch, DutchEvent, DutchState
from steelyard.market.refusals.auctions import AuctionRefusal

R = AuctionRefusal


def made(**changed):
    terms = {
        "auction_id": "D1", "owner": "seller", "lots": 5, "tick": 5, "start_minor": 200, "floor_minor": 120,
        "step_minor": 30, "opens_at": 1_000, "interval": 10,
    }  # fmt: skip
    return Dutch(**(terms | changed))


def take(bidder="A", lots=1, *, at=1_000, most=0, bid_id=None):
    take.count += 1
    return Bid(bid_id or f"t{take.count}", bidder, most, lots, at, take.count)


take.count = 0


@pytest.mark.parametrize(
    ("at", "price"),
    [(1_000, 200), (1_009, 200), (1_010, 170), (1_020, 140), (1_029, 140), (1_030, 120), (1_039, 120)],
)
def test_the_clock_falls_by_steps_to_the_floor(at, price):
    auction = made()
    assert auction.bid(take(at=at)) is None

    assert [price] == [one.price for one in auction.awards()]


def test_each_pays_the_price_of_his_moment():
    """The third wants three and gets the two that are left; then it is over."""
    auction = made()
    for one in (take("A", 2, at=1_005), take("B", 1, at=1_015), take("C", 3, at=1_015)):
        assert auction.bid(one) is None

    assert [("A", 2, 200), ("B", 1, 170), ("C", 2, 170)] == [
        (one.bidder, one.lots, one.price) for one in auction.awards()
    ]
    assert (DutchState.SOLD, 0) == (auction.state, auction.due_at())
    assert R.AUCTION_DOES_NOT_ALLOW_IT is auction.bid(take(at=1_016))


def test_it_ends_when_the_floor_has_stood_for_an_interval():
    auction = made()
    assert 1_040 == auction.closes_at()
    auction.bid(take(lots=2))
    auction.advance(1_039)
    assert DutchState.FALLING is auction.state
    auction.advance(1_040)

    assert (DutchState.ENDED, 3) == (auction.state, auction.left)
    assert R.AUCTION_DOES_NOT_ALLOW_IT is auction.bid(take(at=1_041))


def test_a_step_that_does_not_divide_ends_at_the_floor_all_the_same():
    assert [200, 170, 140, 120, 120] == [made().price_at(1_000 + 10 * step) for step in range(5)]


REFUSED = [
    (take(at=1_040), R.AUCTION_DOES_NOT_ALLOW_IT),
    (take(bid_id="first"), R.BID_ID_USED),
    (take("seller"), R.BIDDER_NOT_INVITED),
    (take(lots=0), R.BID_LOTS_OUT_OF_RANGE),
    (take(lots=6), R.BID_LOTS_OUT_OF_RANGE),
    (take(most=-5), R.BID_PRICE_NOT_ON_TICK),
    (take(most=172), R.BID_PRICE_NOT_ON_TICK),
    (take(most=195), R.BID_DOES_NOT_IMPROVE),
]


def test_nothing_is_taken_before_it_opens():
    auction = made()

    assert R.AUCTION_DOES_NOT_ALLOW_IT is auction.bid(take(at=999))
    assert [] == auction.takes


@pytest.mark.parametrize(("one", "refusal"), REFUSED, ids=lambda one: getattr(one, "name", ""))
def test_what_is_refused_takes_nothing(one, refusal):
    auction = made()
    auction.bid(take(bid_id="first"))

    assert refusal is auction.bid(one)
    assert 4 == auction.left


def test_who_names_his_most_is_not_surprised():
    auction = made()

    assert auction.bid(take(most=170, at=1_010)) is None


def test_takes_are_bounded():
    auction = made(lots=BIDS_MAX + 1)
    auction.takes = [take() for _ in range(BIDS_MAX)]

    assert R.AUCTION_IS_FULL is auction.bid(take())


@given(st.lists(st.tuples(st.integers(995, 1_045), st.integers(1, 4)), max_size=10).map(sorted))
def test_takes_follow_the_clock(takes):
    """Against a clock that is wound forward one unit of time after another."""
    auction, left, paid = made(), 5, []
    for at, lots in takes:
        price = 200
        for moment in range(1_001, at + 1):
            if (moment - 1_000) % 10 == 0:
                price = max(120, price - 30)
        refusal = auction.bid(take(lots=lots, at=at))
        if 1_000 <= at < 1_040 and left:
            assert refusal is None
            paid.append((price, min(lots, left)))
            left -= min(lots, left)
        else:
            assert R.AUCTION_DOES_NOT_ALLOW_IT is refusal

    assert paid == [(one.price, one.lots) for one in auction.awards()]
    assert left == auction.left


def test_what_was_taken_before_a_cancellation_stays_sold():
    auction = made()
    auction.bid(take(lots=2))
    assert auction.cancel("warehouse closed") is None

    assert (DutchState.CANCELLED, 1) == (auction.state, len(auction.awards()))
    assert R.AUCTION_DOES_NOT_ALLOW_IT is auction.cancel("again")


def test_ends_have_no_way_out():
    assert {DutchState.SOLD, DutchState.ENDED, DutchState.CANCELLED} == {
        state for state, steps in STEPS.items() if not steps
    }
    assert set(DutchEvent) == {event for steps in STEPS.values() for event in steps}


@pytest.mark.parametrize(
    "wrong",
    [
        {"lots": 0}, {"tick": 0}, {"start_minor": 120}, {"floor_minor": 0}, {"floor_minor": 121},
        {"step_minor": 0}, {"interval": 0}, {"opens_at": 0}, {"start_minor": 10**18},
    ],
)  # fmt: skip
def test_terms_that_cannot_be_are_not_made(wrong):
    with pytest.raises(ValueError):
        made(**wrong)
