"""The reverse auction: three rounds, fewer sellers in each, the cheapest sell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.auctions.bids import BIDS_MAX, Bid
from steelyard.market.auctions.reverse_rounds import STEPS, ReverseEvent, ReverseRounds, ReverseState
from steelyard.market.refusals.auctions import AuctionRefusal

R = AuctionRefusal


def made(**changed):
    terms = {
        "auction_id": "R1", "owner": "buyer", "lots": 4, "tick": 1, "step_minor": 2, "ceiling_minor": 300,
        "opens_at": 1_000, "ends_at": (1_100, 1_200, 1_300), "keep": (3, 2),
    }  # fmt: skip
    return ReverseRounds(**(terms | changed))


def offer(bidder, price, lots=2, *, at=1_050, bid_id=None):
    offer.count += 1
    return Bid(bid_id or f"o{offer.count}", bidder, price, lots, at, offer.count)


offer.count = 0


def begun(*offers, **changed):
    auction = made(**changed)
    for bidder, price in offers:
        assert auction.bid(offer(bidder, price)) is None
    return auction


def sold(auction):
    return [(one.bidder, one.lots, one.price) for one in auction.awards()]


def test_three_rounds_bring_the_price_down():
    """Four offer, three stay, two of them to the end; the lowest of each round is told."""
    auction = begun(("A", 260), ("B", 250), ("C", 255), ("D", 290))
    auction.advance(1_100)
    assert (ReverseState.ROUND_2, ("B", "C", "A"), (250,)) == (auction.state, auction.inside, auction.told)
    assert auction.bid(offer("A", 240, 3, at=1_150)) is None
    auction.advance(1_200)
    assert (("A", "B"), (250, 240)) == (auction.inside, auction.told)
    assert auction.bid(offer("B", 238, at=1_250)) is None
    auction.advance(1_300)

    assert [("B", 2, 238), ("A", 2, 240)] == sold(auction)
    assert (ReverseState.AWARDED, (250, 240, 238)) == (auction.state, auction.told)


def test_who_is_silent_keeps_his_offer():
    auction = begun(("A", 260), ("B", 250))
    auction.advance(1_300)

    assert [("B", 2, 250), ("A", 2, 260)] == sold(auction)


def test_at_one_price_the_earliest_sells():
    auction = begun(("A", 250), ("B", 250), lots=3)
    auction.advance(1_300)

    assert [("A", 2, 250), ("B", 1, 250)] == sold(auction)


def test_all_who_are_level_with_the_last_stay():
    auction = begun(("A", 260), ("B", 250), ("C", 260), ("D", 260), ("E", 261))
    auction.advance(1_100)

    assert ("B", "A", "C", "D") == auction.inside


def test_who_is_out_sells_nothing_even_where_lots_are_left():
    auction = begun(("A", 260), ("B", 250), ("C", 270), lots=6)
    auction.advance(1_300)

    assert [("B", 2, 250), ("A", 2, 260)] == sold(auction)


def test_without_an_offer_it_fails():
    auction = made()
    auction.advance(1_100)

    assert (ReverseState.FAILED, 0, []) == (auction.state, auction.due_at(), sold(auction))


REFUSED = [
    (offer("A", 200, at=1_300), R.AUCTION_DOES_NOT_ALLOW_IT),
    (offer("E", 200, bid_id="first"), R.BID_ID_USED),
    (offer("buyer", 200), R.BIDDER_NOT_INVITED),
    (offer("E", 200, at=1_100), R.BIDDER_NOT_INVITED),
    (offer("D", 200, at=1_150), R.BIDDER_NOT_INVITED),
    (offer("E", 200, 0), R.BID_LOTS_OUT_OF_RANGE),
    (offer("E", 200, 5), R.BID_LOTS_OUT_OF_RANGE),
    (offer("E", 0), R.BID_PRICE_NOT_ON_TICK),
    (offer("E", 301), R.BID_BEYOND_RESERVE),
    (offer("A", 259), R.BID_DOES_NOT_IMPROVE),
    (offer("A", 240, 1), R.BID_DOES_NOT_IMPROVE),
    (offer("A", 259, at=1_150), R.BID_DOES_NOT_IMPROVE),
]


def test_nothing_is_taken_before_it_opens():
    auction = made()

    assert R.AUCTION_DOES_NOT_ALLOW_IT is auction.bid(offer("E", 200, at=999))
    assert [] == auction.offers


@pytest.mark.parametrize(("one", "refusal"), REFUSED, ids=lambda one: getattr(one, "name", ""))
def test_what_is_refused_is_not_kept(one, refusal):
    auction = begun(("A", 260), ("B", 250), ("C", 255), ("D", 290))
    auction.offers[0] = offer("A", 260, bid_id="first")

    assert refusal is auction.bid(one)
    assert 4 == len(auction.offers)


def test_offers_are_bounded():
    auction = made()
    auction.offers = [offer("A", 300) for _ in range(BIDS_MAX)]

    assert R.AUCTION_IS_FULL is auction.bid(offer("B", 200))


@given(
    st.lists(
        st.tuples(st.integers(1_000, 1_310), st.sampled_from("ABCDE"), st.integers(240, 262)), max_size=20
    ).map(lambda rows: sorted(rows, key=lambda row: row[0]))
)
def test_rounds_go_as_the_rule_reads(rows):
    """Round by round, with nothing but dictionaries of who offers what."""
    auction, standing, inside = made(), {}, None
    ends = [1_100, 1_200, 1_300]

    def cut(keep):
        pool = {name: row for name, row in standing.items() if inside is None or name in inside}
        ranked = sorted(pool, key=lambda name: pool[name])
        return {name for name in ranked if pool[name][0] <= pool[ranked[min(keep, len(ranked)) - 1]][0]}

    number, failed = 0, False
    for seq, (at, bidder, price) in enumerate(rows):
        while number < 3 and at >= ends[number] and not failed:
            failed = not standing
            if number < 2 and not failed:
                inside = cut((3, 2)[number])
            number += 1
        fits = number < 3 and not failed and (number == 0 or bidder in inside)
        fits = fits and (bidder not in standing or price <= standing[bidder][0] - 2)
        refusal = auction.bid(Bid(f"x{seq}", bidder, price, 2, at, seq))
        assert fits == (refusal is None)
        if fits:
            standing[bidder] = (price, seq)
    for keep in (3, 2)[number:]:
        inside = cut(keep) if standing and not failed else set()
    auction.advance(1_300)
    ranked = sorted((standing[name], name) for name in inside or ())[:2] if not failed else []

    assert [(name, 2, price) for (price, _), name in ranked] == sold(auction)


def test_it_is_cancelled_before_its_end_only():
    auction = begun(("A", 260))
    assert auction.cancel("no money") is None
    assert (ReverseState.CANCELLED, []) == (auction.state, sold(auction))

    assert R.AUCTION_DOES_NOT_ALLOW_IT is auction.cancel("again")


def test_ends_have_no_way_out():
    assert {ReverseState.AWARDED, ReverseState.FAILED, ReverseState.CANCELLED} == {
        state for state, steps in STEPS.items() if not steps
    }
    assert set(ReverseEvent) == {event for steps in STEPS.values() for event in steps}


@pytest.mark.parametrize(
    "wrong",
    [
        {"lots": 0}, {"step_minor": 0}, {"ceiling_minor": 0}, {"keep": (2, 3)}, {"keep": (2, 0)},
        {"ends_at": (1_100, 1_100, 1_200)}, {"ends_at": (900, 1_100, 1_200)}, {"tick": 7},
    ],
)  # fmt: skip
def test_terms_that_cannot_be_are_not_made(wrong):
    with pytest.raises(ValueError):
        made(**wrong)
