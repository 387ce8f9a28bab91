"""Auctions under way: begun, bid for, moved by time, kept as a result; rebuilt from their bytes."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.auctions.best_and_final import BestAndFinal
from steelyard.market.auctions.bids import Award, Bid
from steelyard.market.auctions.dutch import Dutch
from steelyard.market.auctions.english import English
from steelyard.market.auctions.live import LIVE_MAX, OVER_KEPT, Auctions
from steelyard.market.auctions.reverse_rounds import ReverseRounds
from steelyard.market.auctions.sealed import Commitment, Revealed, SealedCall, commitment_of
from steelyard.market.refusals.auctions import AuctionRefusal

R = AuctionRefusal


def formats():
    return [
        English("E", "o", 3, 1, 1, 10, 0, 10, 20, 5, 2),
        Dutch("D", "o", 3, 1, 50, 10, 10, 10, 2),
        ReverseRounds("R", "o", 3, 1, 1, 100, 10, (20, 30, 40)),
        BestAndFinal("F", "o", 3, 1, False, 0, 10, 20, 30),
        SealedCall("S", "X", 1, 10, 20, 30),
    ]


def begun():
    auctions = Auctions()
    for one in formats():
        assert auctions.begin(one) is None
    return auctions


def sealed(salt=bytes(16)):
    return Revealed("x", "buy", 5, 1, salt), commitment_of("S", "x", "buy", 5, 1, salt=salt)


def test_every_format_runs_to_its_end():
    auctions = begun()
    order, digest = sealed()
    for auction_id in "EDRF":
        assert auctions.bid(auction_id, Bid("b", "A", 40, 1, 15, 1)) is None or auction_id == "D"
    assert auctions.commit("S", Commitment(digest, "A", 15, 2)) is None
    assert auctions.bid("D", Bid("c", "A", 0, 3, 15, 3)) is None
    assert ["E", "F", "R", "S"] == sorted(auctions.live)
    auctions.advance(25)
    assert auctions.reveal("S", order, owner="A", at=26) is None
    ended = auctions.advance(100)

    assert ["F", "R", "S"] == [one.auction_id for one in ended]
    assert ({}, 0) == (auctions.live, auctions.due_at())
    over = {one.auction_id: one for one in auctions.over}
    assert {"E": "SOLD", "D": "SOLD", "R": "AWARDED", "F": "AWARDED", "S": "PUBLISHED"} == {
        key: one.state for key, one in over.items()
    }
    assert ((Award("b", "A", 1, 40),), "english") == (over["E"].awards, over["E"].format)
    assert 32 == len(over["S"].root)


def test_a_refused_bid_changes_nothing():
    """Not even what was due: E would have opened with it."""
    auctions = begun()
    before = auctions.encode()

    assert R.BID_BEYOND_RESERVE is auctions.bid("E", Bid("b", "A", 1, 1, 15, 1))
    assert R.AUCTION_DOES_NOT_ALLOW_IT is auctions.bid("E", Bid("b", "A", 50, 1, 99, 1))
    assert R.COMMITMENT_TWICE is auctions.commit("S", Commitment(b"", "A", 15, 2))
    assert before == auctions.encode()


@pytest.mark.parametrize("auction_id", ["S", "none"])
def test_a_bid_is_for_an_auction_by_bids(auction_id):
    assert R.AUCTION_DOES_NOT_ALLOW_IT is begun().bid(auction_id, Bid("b", "A", 50, 1, 15, 1))


@pytest.mark.parametrize("auction_id", ["E", "none"])
def test_a_commitment_is_for_a_sealed_call(auction_id):
    order, digest = sealed()

    assert R.AUCTION_DOES_NOT_ALLOW_IT is begun().commit(auction_id, Commitment(digest, "A", 15, 2))
    assert R.AUCTION_DOES_NOT_ALLOW_IT is begun().reveal(auction_id, order, owner="A", at=25)


def test_an_id_is_used_once():
    """Also that of an auction that is over."""
    auctions = begun()
    assert R.BID_ID_USED is auctions.begin(formats()[0])
    auctions.advance(100)

    assert R.BID_ID_USED is auctions.begin(formats()[0])


@pytest.mark.parametrize("auction_id", list("EDRFS"))
def test_a_cancelled_auction_is_over_and_says_why(auction_id):
    auctions = begun()
    assert auctions.cancel(auction_id, "withdrawn", at=15) is None

    assert [(auction_id, "CANCELLED", "withdrawn")] == [
        (one.auction_id, one.state, one.reason) for one in auctions.over
    ]
    assert R.AUCTION_DOES_NOT_ALLOW_IT is auctions.cancel(auction_id, "again", at=16)


def test_what_is_over_is_not_cancelled():
    auctions = begun()

    assert R.AUCTION_DOES_NOT_ALLOW_IT is auctions.cancel("E", "late", at=20)
    assert "E" in auctions.live


def test_auctions_are_bounded():
    auctions = Auctions()
    for number in range(LIVE_MAX):
        auctions.begin(Dutch(f"D{number:04d}", "o", 1, 1, 50, 10, 10, 10, 2))
    assert R.AUCTION_IS_FULL is auctions.begin(formats()[0])
    auctions.advance(1_000)

    assert OVER_KEPT == len(auctions.over)


acts = st.lists(
    st.tuples(
        st.sampled_from(["bid", "bid", "bid", "commit", "reveal", "cancel", "tick"]),
        st.sampled_from("EDRFS"),
        st.sampled_from("ABCo"),
        st.integers(0, 60),
        st.integers(0, 4),
        st.integers(0, 6),
    ),
    max_size=25,
)


@given(acts)
def test_the_state_is_rebuilt_from_its_bytes(steps):
    """After any acts; what is rebuilt goes on as the first does, and a refusal changes no byte."""
    one, other, at = begun(), begun(), 8
    order, digest = sealed()
    for seq, (kind, auction_id, bidder, price, lots, later) in enumerate(steps):
        at += later
        before = one.encode()
        for auctions in (one, other):
            if kind == "bid":
                refusal = auctions.bid(auction_id, Bid(f"b{seq}", bidder, price, lots, at, seq))
            elif kind == "commit":
                refusal = auctions.commit("S", Commitment(digest, bidder, at, seq))
            elif kind == "reveal":
                refusal = auctions.reveal("S", order, owner=bidder, at=at)
            elif kind == "cancel" and later == 6:
                refusal = auctions.cancel(auction_id, "r", at=at)
            else:
                refusal = None
                auctions.advance(at)
        assert one.encode() == other.encode()
        assert refusal is None or before == one.encode()
        other = Auctions.decode(other.encode())


def test_bytes_of_other_shape_build_nothing():
    with pytest.raises(msgspec.ValidationError):
        Auctions.decode(msgspec.msgpack.encode([[["french"]], []]))
