"""The English auction: bids rise, the highest win, the earliest at one price."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.auctions.bids import BIDS_MAX, Bid
from steelyard.market.auctions.english import STEPS, English, EnglishEvent, EnglishState
from steelyard.market.refusals.auctions import AuctionRefusal

R = AuctionRefusal


def made(**changed):
    terms = {
        "auction_id": "E1", "owner": "seller", "lots": 3, "tick": 5, "step_minor": 10, "start_minor": 100,
        "reserve_minor": 0, "opens_at": 1_000, "closes_at": 2_000,
    }  # fmt: skip
    return English(**(terms | changed))


def bid(bidder, price, lots=1, *, at=1_500, seq=None, bid_id=None):
    bid.count += 1
    return Bid(bid_id or f"b{bid.count}", bidder, price, lots, at, bid.count if seq is None else seq)


bid.count = 0


def won(auction):
    return [(one.bidder, one.lots, one.price) for one in auction.awards()]


def test_the_highest_win_each_at_his_price():
    """Three lots; the last winner gets what is left."""
    auction = made()
    for one in (bid("A", 100, 2), bid("B", 130, 2), bid("C", 110, 1)):
        assert auction.bid(one) is None
    auction.advance(2_000)

    assert EnglishState.SOLD is auction.state
    assert [("B", 2, 130), ("C", 1, 110)] == won(auction)


def test_at_one_price_the_earliest_wins():
    """Both may bid the start while lots are free; then a later one has to go higher."""
    auction = made(lots=2)
    assert auction.bid(bid("A", 100)) is None
    assert auction.bid(bid("B", 100, 2)) is None
    assert R.BID_DOES_NOT_IMPROVE is auction.bid(bid("C", 100))
    auction.advance(2_000)

    assert [("A", 1, 100), ("B", 1, 100)] == won(auction)


def test_a_raise_takes_the_place_of_the_bid_before():
    auction = made(lots=1)
    for one in (bid("A", 100), bid("B", 110), bid("A", 120)):
        assert auction.bid(one) is None
    auction.advance(2_000)

    assert [("A", 1, 120)] == won(auction)


def test_below_the_reserve_nothing_is_sold():
    auction = made(reserve_minor=150)
    auction.bid(bid("A", 145))
    auction.advance(2_000)

    assert (EnglishState.UNSOLD, []) == (auction.state, won(auction))


def test_bids_below_the_reserve_get_nothing_of_what_is_sold():
    auction = made(reserve_minor=150)
    auction.bid(bid("A", 145))
    auction.bid(bid("B", 150))
    auction.advance(2_000)

    assert [("B", 1, 150)] == won(auction)


def test_without_a_bid_nothing_is_sold():
    auction = made()
    auction.advance(2_000)

    assert EnglishState.UNSOLD is auction.state


def test_a_late_bid_moves_the_close():
    """At most as often as the terms say; after that the close stands."""
    auction = made(lots=1, extend=100, extensions_max=2)
    auction.bid(bid("A", 100, at=1_899))
    assert (2_000, EnglishState.OPEN) == (auction.closes_at, auction.state)
    auction.bid(bid("B", 110, at=1_900))
    assert (2_000, EnglishState.EXTENDED) == (auction.closes_at, auction.state)
    auction.bid(bid("A", 120, at=1_999))
    assert 2_099 == auction.closes_at
    auction.bid(bid("B", 130, at=2_098))
    assert 2_099 == auction.closes_at
    assert R.AUCTION_DOES_NOT_ALLOW_IT is auction.bid(bid("A", 140, at=2_099))

    assert [("B", 1, 130)] == won(auction)


REFUSED = [
    (bid("A", 500, at=2_000), R.AUCTION_DOES_NOT_ALLOW_IT),
    (bid("A", 500, bid_id="first"), R.BID_ID_USED),
    (bid("seller", 500), R.BIDDER_NOT_INVITED),
    (bid("A", 500, 0), R.BID_LOTS_OUT_OF_RANGE),
    (bid("A", 500, -1), R.BID_LOTS_OUT_OF_RANGE),
    (bid("A", 500, 4), R.BID_LOTS_OUT_OF_RANGE),
    (bid("A", 500, 10**18), R.BID_LOTS_OUT_OF_RANGE),
    (bid("A", 501), R.BID_PRICE_NOT_ON_TICK),
    (bid("A", 0), R.BID_PRICE_NOT_ON_TICK),
    (bid("A", -5), R.BID_PRICE_NOT_ON_TICK),
    (bid("A", 10**18), R.BID_PRICE_NOT_ON_TICK),
    (bid("A", 95), R.BID_BEYOND_RESERVE),
    (bid("A", 125), R.BID_DOES_NOT_IMPROVE),
    (bid("first", 125, 3), R.BID_DOES_NOT_IMPROVE),
    (bid("first", 130, 2), R.BID_DOES_NOT_IMPROVE),
]


def test_nothing_is_taken_before_it_opens():
    auction = made()

    assert R.AUCTION_DOES_NOT_ALLOW_IT is auction.bid(bid("A", 100, at=999))
    assert [] == auction.bids


@pytest.mark.parametrize(("one", "refusal"), REFUSED, ids=lambda one: getattr(one, "name", ""))
def test_what_is_refused_is_not_kept(one, refusal):
    auction = made()
    assert auction.bid(bid("first", 120, 3, bid_id="first")) is None

    assert refusal is auction.bid(one)
    assert 1 == len(auction.bids)


def test_bids_are_bounded():
    auction = made(lots=1)
    auction.bids = [bid("A", 100 + 10 * place) for place in range(BIDS_MAX)]
    auction.state = EnglishState.OPEN

    assert R.AUCTION_IS_FULL is auction.bid(bid("B", 10**9))


@given(
    st.lists(
        st.tuples(st.sampled_from("ABCD"), st.integers(20, 34).map(lambda x: 5 * x), st.integers(1, 3)),
        max_size=14,
    )
)
def test_bids_are_taken_as_the_rule_reads(given_bids):
    """Lot by lot: a bid is taken if it beats the bidder's own, and the cheapest of all lots that others hold."""
    auction, own, taken = made(), {}, []
    for seq, (bidder, price, lots) in enumerate(given_bids):
        held = sorted(
            ((-p, s) for name, (p, n, s) in own.items() if name != bidder for _ in range(n)),
        )[:3]
        beats_others = len(held) < 3 or price >= -held[-1][0] + 10
        beats_own = bidder not in own or (price >= own[bidder][0] + 10 and lots >= own[bidder][1])
        refusal = auction.bid(bid(bidder, price, lots, seq=seq))
        assert (refusal is None) == (price >= 100 and beats_own and beats_others)
        if refusal is None:
            own[bidder] = (price, lots, seq)
            taken.append(bidder)
    auction.advance(2_000)
    lots = sorted((-p, s, name) for name, (p, n, s) in own.items() for _ in range(n))[:3]
    counted = {}
    for price, _, name in lots:
        counted[name, -price] = counted.get((name, -price), 0) + 1

    assert counted == {(name, price): n for name, n, price in won(auction)}
    assert (EnglishState.SOLD if taken else EnglishState.UNSOLD) is auction.state


def test_it_is_cancelled_before_its_end_only():
    auction = made()
    auction.bid(bid("A", 100))
    assert auction.cancel("lot withdrawn") is None
    assert (EnglishState.CANCELLED, "lot withdrawn", []) == (auction.state, auction.reason, won(auction))

    assert R.AUCTION_DOES_NOT_ALLOW_IT is auction.cancel("again")


def test_ends_have_no_way_out():
    assert {EnglishState.SOLD, EnglishState.UNSOLD, EnglishState.CANCELLED} == {
        state for state, steps in STEPS.items() if not steps
    }
    assert set(EnglishEvent) == {event for steps in STEPS.values() for event in steps}


@pytest.mark.parametrize(
    "wrong",
    [
        {"lots": 0}, {"lots": 10**18}, {"tick": 0}, {"step_minor": 0}, {"step_minor": 7}, {"start_minor": 101},
        {"reserve_minor": -5}, {"closes_at": 1_000}, {"opens_at": 0}, {"extend": -1}, {"extensions_max": -1},
    ],
)  # fmt: skip
def test_terms_that_cannot_be_are_not_made(wrong):
    with pytest.raises(ValueError):
        made(**wrong)


@pytest.mark.parametrize("wrong", [1.5, "1", None, float("nan"), True])
def test_bytes_with_another_kind_of_number_are_no_bid(wrong):
    data = msgspec.msgpack.encode(["b", "A", wrong, 1, 1, 1])

    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(data, type=Bid)
