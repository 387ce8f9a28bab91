"""Best and final: everybody offers once, the best of them once more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.auctions.best_and_final import STEPS, BestAndFinal, FinalEvent, FinalState
from steelyard.market.auctions.bids import BIDS_MAX, Bid
from steelyard.market.refusals.auctions import AuctionRefusal

R = AuctionRefusal


def made(**changed):
    terms = {
        "auction_id": "F1", "owner": "owner", "lots": 2, "tick": 1, "is_purchase": False, "reserve_minor": 100,
        "opens_at": 1_000, "offers_end_at": 1_100, "final_end_at": 1_200, "keep": 2,
    }  # fmt: skip
    return BestAndFinal(**(terms | changed))


def offer(bidder, price, lots=1, *, at=1_050, bid_id=None):
    offer.count += 1
    return Bid(bid_id or f"f{offer.count}", bidder, price, lots, at, offer.count)


offer.count = 0


def invited(*offers, **changed):
    auction = made(**changed)
    for bidder, price in offers:
        assert auction.bid(offer(bidder, price)) is None
    auction.advance(1_100)
    return auction


def won(auction):
    return [(one.bidder, one.lots, one.price) for one in auction.awards()]


def test_the_best_are_invited_and_the_highest_final_offer_wins():
    auction = invited(("A", 110), ("B", 130), ("C", 120), lots=1)
    assert ("B", "C") == auction.invited
    assert auction.bid(offer("C", 140, at=1_150)) is None
    auction.advance(1_200)

    assert (FinalState.AWARDED, [("C", 1, 140)]) == (auction.state, won(auction))


def test_a_purchase_goes_to_the_lowest():
    auction = invited(("A", 90), ("B", 70), ("C", 80), is_purchase=True, lots=1)
    assert ("B", "C") == auction.invited
    auction.bid(offer("C", 65, at=1_150))
    auction.advance(1_200)

    assert [("C", 1, 65)] == won(auction)


def test_who_is_silent_stands_by_his_first_and_is_the_earlier():
    """A final offer that only draws level came later."""
    auction = invited(("A", 120), ("B", 110), lots=1)
    auction.bid(offer("B", 120, at=1_150))
    auction.advance(1_200)

    assert [("A", 1, 120)] == won(auction)


def test_level_with_the_last_is_invited_too():
    assert ("B", "A", "C") == invited(("A", 110), ("B", 130), ("C", 110), ("D", 109)).invited


@pytest.mark.parametrize(("is_purchase", "price"), [(False, 99), (True, 101)])
def test_beyond_the_reserve_nothing_is_awarded(is_purchase, price):
    auction = invited(("A", price), is_purchase=is_purchase)
    auction.advance(1_200)

    assert (FinalState.FAILED, []) == (auction.state, won(auction))


def test_without_an_offer_it_fails():
    auction = invited()

    assert (FinalState.FAILED, 0) == (auction.state, auction.due_at())


def test_a_first_offer_may_be_replaced():
    auction = made()
    auction.bid(offer("A", 150))
    auction.bid(offer("A", 120))

    assert [120] == [one.price for one in auction.first]


def test_a_final_offer_is_final():
    auction = invited(("A", 120))
    assert auction.bid(offer("A", 125, at=1_150)) is None

    assert R.AUCTION_DOES_NOT_ALLOW_IT is auction.bid(offer("A", 130, at=1_160))


REFUSED = [
    (offer("A", 200, at=1_200), R.AUCTION_DOES_NOT_ALLOW_IT),
    (offer("A", 200, bid_id="first"), R.BID_ID_USED),
    (offer("owner", 200), R.BIDDER_NOT_INVITED),
    (offer("D", 200, at=1_150), R.BIDDER_NOT_INVITED),
    (offer("C", 200, at=1_150), R.BIDDER_NOT_INVITED),
    (offer("A", 200, 0), R.BID_LOTS_OUT_OF_RANGE),
    (offer("A", 200, 3), R.BID_LOTS_OUT_OF_RANGE),
    (offer("A", 0), R.BID_PRICE_NOT_ON_TICK),
    (offer("A", 10**18), R.BID_PRICE_NOT_ON_TICK),
    (offer("A", 119, at=1_150), R.BID_DOES_NOT_IMPROVE),
]


def test_nothing_is_taken_before_it_opens():
    auction = made()

    assert R.AUCTION_DOES_NOT_ALLOW_IT is auction.bid(offer("A", 200, at=999))
    assert [] == auction.first


@pytest.mark.parametrize(("one", "refusal"), REFUSED, ids=lambda one: getattr(one, "name", ""))
def test_what_is_refused_is_not_kept(one, refusal):
    auction = made()
    auction.bid(offer("A", 120, bid_id="first"))
    for bidder, price in (("B", 130), ("C", 110)):
        auction.bid(offer(bidder, price))

    assert refusal is auction.bid(one)
    assert (3, 0) == (len(auction.first), len(auction.final))


def test_a_purchase_never_gets_dearer():
    auction = invited(("A", 80), is_purchase=True)

    assert R.BID_DOES_NOT_IMPROVE is auction.bid(offer("A", 81, at=1_150))


def test_offers_are_bounded():
    auction = made()
    auction.first = [offer(f"X{place}", 300) for place in range(BIDS_MAX)]

    assert R.AUCTION_IS_FULL is auction.bid(offer("B", 200))


@given(
    st.booleans(),
    st.dictionaries(st.sampled_from("ABCDEF"), st.integers(95, 110), max_size=6),
    st.dictionaries(st.sampled_from("ABCDEF"), st.integers(90, 115), max_size=6),
)
def test_the_best_of_the_best_win(is_purchase, firsts, finals):
    """By sorting what stands, worst last; the reserve is 100."""
    sign = 1 if is_purchase else -1
    auction = invited(*firsts.items(), is_purchase=is_purchase)
    ranked = sorted(firsts, key=lambda name: (sign * firsts[name], list(firsts).index(name)))
    inside = [name for name in ranked if sign * firsts[name] <= sign * firsts[ranked[:2][-1]]]
    stands = {name: (sign * firsts[name], place) for place, name in enumerate(firsts) if name in inside}
    for place, (name, price) in enumerate(finals.items()):
        fits = name in inside and sign * price <= sign * firsts[name]
        assert fits == (auction.bid(offer(name, price, at=1_150)) is None)
        if fits:
            stands[name] = (sign * price, 100 + place)
    auction.advance(1_200)
    reached = [name for name in sorted(stands, key=stands.get) if stands[name][0] <= sign * 100]

    assert [(name, 1, sign * stands[name][0]) for name in reached[:2]] == won(auction)


def test_it_is_cancelled_before_its_end_only():
    auction = invited(("A", 120))
    assert auction.cancel("withdrawn") is None
    assert (FinalState.CANCELLED, []) == (auction.state, won(auction))

    assert R.AUCTION_DOES_NOT_ALLOW_IT is auction.cancel("again")


def test_ends_have_no_way_out():
    assert {FinalState.AWARDED, FinalState.FAILED, FinalState.CANCELLED} == {
        state for state, steps in STEPS.items() if not steps
    }
    assert set(FinalEvent) == {event for steps in STEPS.values() for event in steps}


@pytest.mark.parametrize("wrong", [{"lots": 0}, {"keep": 0}, {"final_end_at": 1_100}, {"reserve_minor": -1}])
def test_terms_that_cannot_be_are_not_made(wrong):
    with pytest.raises(ValueError):
        made(**wrong)
