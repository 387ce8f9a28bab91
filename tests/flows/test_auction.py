"""Auctions through the Machine: bids, deadlines by themselves, deposits at every end, a file that is right."""

import msgspec
import pytest

from steelyard.engine.refusals import Refusal
from steelyard.flows import auction
from steelyard.flows.auction_facts import AuctionAnnounced, AuctionMoved, AuctionOver, SealedMoved
from steelyard.flows.command import Code
from steelyard.market.auctions.live import OWN_MAX
from steelyard.market.auctions.published import read, verify
from steelyard.market.auctions.sealed import commitment_of
from steelyard.market.refusals.auctions import AuctionRefusal as No
from steelyard.values.instants import DAY, HOUR, MINUTE
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM, CLEO, START, Network, facts, is_refused, told

OPENS, ENDS, REVEALS = START + HOUR, START + 2 * HOUR, START + 3 * HOUR
ENGLISH = auction.EnglishFields(3, 5, 10, 100, 0, OPENS, ENDS, MINUTE, 2)
DUTCH = auction.DutchFields(3, 5, 200, 120, 30, OPENS, MINUTE)
REVERSE = auction.ReverseFields(3, 1, 1, 300, OPENS, ENDS, REVEALS, REVEALS + HOUR)
FINAL = auction.FinalFields(3, 1, "SELLS", 100, OPENS, ENDS, REVEALS)
SEALED = auction.SealedFields("WHT", 1, OPENS, ENDS, REVEALS, 510, "", "NOR", 500)
FORMATS = {"english": ENGLISH, "dutch": DUTCH, "reverse": REVERSE, "final": FINAL, "sealed": SEALED}
SALT = bytes(16)
DEPOSIT = 500
ORDERS = {BRAM: ("b1", "buy", 512, 40), BIRK: ("a1", "sell", 508, 20), CLEO: ("a2", "sell", None, 15)}


class Rooms(Network):
    """A network in which ANNA holds an auction."""

    def __init__(self, kind="", fields=None) -> None:
        super().__init__()
        for bidder in ORDERS:
            self.fund(bidder, "NOR", 1_000)
        self.auction_id = self.hold(kind, fields) if kind else b""

    def announce(self, kind, fields=None, sender=ANNA):
        return self.give(f"auction.{kind}", fields or FORMATS[kind], sender)

    def hold(self, kind, fields=None):
        outcome = self.announce(kind, fields)
        (one,) = [fact for fact in facts(outcome) if isinstance(fact, AuctionAnnounced)]
        return one.auction_id

    def until(self, at):
        self.wait(at - self.at)

    def bid(self, bidder, price, lots=1):
        return self.give("auction.bid", auction.BidFields(self.auction_id, price, lots), bidder)

    def digest(self, owner):
        return commitment_of(self.auction_id.hex(), *ORDERS[owner], salt=SALT)

    def commit(self, owner, digest=b""):
        fields = auction.CommitFields(self.auction_id, digest or self.digest(owner))
        return self.give("auction.commit", fields, owner)

    def reveal(self, owner, **changed):
        order_id, side, price, quantity = ORDERS[owner]
        fields = auction.RevealFields(self.auction_id, order_id, side, price, quantity, SALT)
        return self.give("auction.reveal", msgspec.structs.replace(fields, **changed), owner)

    def cancel(self, sender=ANNA, reason="WITHDRAWN"):
        return self.give("auction.cancel", auction.CancelFields(self.auction_id, reason), sender)

    def over(self):
        (one,) = [
            fact for outcome in self.outcomes for fact in facts(outcome) if isinstance(fact, AuctionOver)
        ]
        return one

    def events(self, owner):
        return [
            fact.event
            for outcome in self.outcomes
            for fact in facts(outcome)
            if isinstance(fact, SealedMoved) and fact.owner == owner
        ]

    def free(self, owner):
        return self.available(owner, "NOR")


def won(rooms):
    return [(bidder, lots, price) for _, bidder, lots, price in rooms.over().awards]


def test_an_english_auction_opens_and_closes_by_itself():
    rooms = Rooms("english")
    rooms.until(OPENS + MINUTE)
    for bidder, price, lots in ((BRAM, 100, 2), (BIRK, 130, 2)):
        assert rooms.bid(bidder, price, lots).code == Code.DONE
    rooms.until(ENDS)
    rooms.tick()

    assert [(BIRK, 2, 130), (BRAM, 1, 100)] == won(rooms)
    assert "SOLD" == rooms.over().state
    assert {(ANNA, "auction.over"), (BIRK, "auction.won"), (BRAM, "auction.won")} == set(
        told(rooms.outcomes[-1])
    )
    rooms.check()


def test_a_late_bid_moves_the_timer():
    rooms = Rooms("english")
    rooms.until(ENDS - 1_000_000)
    rooms.bid(BRAM, 100)
    moved = [fact for fact in facts(rooms.outcomes[-1]) if isinstance(fact, AuctionMoved)]
    rooms.until(ENDS + 1)
    assert "EXTENDED" == moved[0].state
    assert rooms.auction_id.hex() in rooms.world.auctions.live
    rooms.until(moved[0].due_at)

    assert [(BRAM, 1, 100)] == won(rooms)


def test_a_dutch_auction_is_over_with_the_last_lot():
    rooms = Rooms("dutch")
    rooms.until(OPENS + MINUTE)
    outcome = rooms.bid(BRAM, 0, 3)

    assert [(BRAM, 3, 170)] == won(rooms)
    assert (BRAM, "auction.won") in told(outcome)
    assert not rooms.world.auctions.live


def test_a_reverse_auction_runs_its_rounds():
    rooms = Rooms("reverse")
    rooms.until(OPENS)
    rooms.bid(BRAM, 250, 3)
    rooms.bid(BIRK, 240, 3)
    rooms.until(ENDS + 1)
    rooms.bid(BRAM, 230, 3)
    rooms.until(REVEALS + HOUR)

    assert [(BRAM, 3, 230)] == won(rooms)


def test_best_and_final_sells_to_the_best_of_the_best():
    rooms = Rooms("final")
    rooms.until(OPENS)
    rooms.bid(BRAM, 110, 3)
    rooms.bid(BIRK, 120, 3)
    rooms.until(ENDS + 1)
    rooms.bid(BRAM, 125, 3)
    rooms.until(REVEALS)

    assert [(BRAM, 3, 125)] == won(rooms)


def test_a_sealed_call_ends_in_a_file_that_is_right():
    """Two reveal and get their deposits back; the third is cancelled, and its deposit goes to who held the call."""
    rooms = Rooms("sealed")
    rooms.until(OPENS)
    before = rooms.balance(ANNA, "NOR")
    for owner in ORDERS:
        assert rooms.commit(owner).code == Code.DONE
        assert 1_000 - DEPOSIT == rooms.free(owner)
    rooms.check()
    rooms.until(ENDS)
    for owner in (BIRK, BRAM):
        assert rooms.reveal(owner).code == Code.DONE
        assert 1_000 == rooms.free(owner)
    rooms.check()
    rooms.until(REVEALS)
    over = rooms.over()
    file = read(over.file)

    assert () == verify(file, over.root.hex()).faults
    assert (512, 20) == (over.price, over.volume)
    assert [rooms.digest(CLEO).hex()] == [one.commitment for one in file.unrevealed]
    assert ["COMMITTED", "BOND_FORFEITED"] == rooms.events(CLEO)
    assert ["COMMITTED", "REVEALED", "BOND_RETURNED"] == rooms.events(BRAM)
    assert before + DEPOSIT == rooms.balance(ANNA, "NOR")
    assert all(name.encode() not in over.file for name in ORDERS)
    rooms.check()


def test_deposits_come_back_where_the_terms_say_so():
    rooms = Rooms("sealed", msgspec.structs.replace(SEALED, forfeits=False))
    rooms.until(OPENS)
    rooms.commit(CLEO)
    rooms.until(REVEALS)

    assert (1_000, ["COMMITTED", "BOND_RETURNED"]) == (rooms.free(CLEO), rooms.events(CLEO))
    rooms.check()


def test_a_cancelled_call_keeps_no_deposit():
    rooms = Rooms("sealed")
    rooms.until(OPENS)
    for owner in ORDERS:
        rooms.commit(owner)
    rooms.until(ENDS)
    rooms.reveal(BRAM)
    assert rooms.cancel().code == Code.DONE

    assert [1_000] * 3 == [rooms.free(owner) for owner in ORDERS]
    assert ("CANCELLED", "WITHDRAWN", b"") == (rooms.over().state, rooms.over().reason, rooms.over().file)
    assert not rooms.world.engine.reservations
    rooms.check()


def test_without_a_deposit_nothing_is_set_aside():
    rooms = Rooms("sealed", msgspec.structs.replace(SEALED, deposit_asset="", deposit_minor=0))
    rooms.until(OPENS)
    assert rooms.commit(CLEO).code == Code.DONE

    assert (1_000, not rooms.world.engine.reservations) == (rooms.free(CLEO), True)


def test_who_has_no_money_commits_to_nothing():
    rooms = Rooms("sealed", msgspec.structs.replace(SEALED, deposit_minor=1_001))
    rooms.until(OPENS)

    assert is_refused(rooms.commit(CLEO), No.DEPOSIT_IS_NOT_THERE)
    rooms.check()


@pytest.mark.parametrize("kind", FORMATS)
def test_an_auction_is_rebuilt_from_its_snapshot(kind):
    """Its timer too: the other network ends it in the same way."""
    rooms = Rooms(kind)
    rooms.until(OPENS + 1)
    if kind == "sealed":
        rooms.commit(BRAM)
    else:
        rooms.bid(BRAM, 200, 1)
    other = rooms.again()
    for one in (rooms, other):
        one.wait(10 * HOUR)

    assert rooms.world.state_hash() == other.world.state_hash()
    assert 1 == len(other.world.auctions.over)


@pytest.mark.parametrize("kind", FORMATS)
def test_only_its_owner_cancels_it_and_says_why(kind):
    rooms = Rooms(kind)

    assert is_refused(rooms.cancel(BRAM), No.AUCTION_DOES_NOT_ALLOW_IT)
    assert is_refused(rooms.cancel(reason=""), No.AUCTION_DOES_NOT_ALLOW_IT)
    assert rooms.cancel().code == Code.DONE
    assert is_refused(rooms.cancel(), No.AUCTION_DOES_NOT_ALLOW_IT)


WRONG = [
    ("english", {"opens_at": START}), ("english", {"closes_at": OPENS}), ("english", {"lots": 0}),
    ("english", {"start_minor": 101}), ("english", {"closes_at": START + 401 * DAY}), ("english", {"tick": 0}),
    ("dutch", {"floor_minor": 0}), ("dutch", {"interval": 0}), ("dutch", {"interval": 200 * DAY}),
    ("reverse", {"keep_third": 6}), ("reverse", {"second_ends_at": ENDS}), ("final", {"way": "LENDS"}),
    ("final", {"keep": 0}), ("sealed", {"deposit_asset": "XXX"}), ("sealed", {"deposit_minor": 0}),
    ("sealed", {"instrument": ""}), ("sealed", {"tick": 7}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "changed"), WRONG, ids=str)
def test_terms_that_cannot_be_met_are_refused(kind, changed):
    rooms = Rooms()
    outcome = rooms.announce(kind, msgspec.structs.replace(FORMATS[kind], **changed))

    assert is_refused(outcome, No.AUCTION_TERMS_OUT_OF_RANGE)
    assert not rooms.world.auctions.live


def test_who_may_not_send_holds_no_auction_and_bids_in_none():
    rooms = Rooms("english")
    rooms.until(OPENS)
    rooms.suspend(BRAM)

    assert rooms.announce("english", sender=BRAM).code == Code.REFUSED
    assert rooms.bid(BRAM, 100).code == Code.REFUSED


def test_the_operator_takes_no_part():
    assert is_refused(Rooms().announce("english", sender="operator"), Refusal.SENDER_HAS_NO_RIGHT)


REFUSED = [
    (lambda r: r.bid(ANNA, 500), No.BIDDER_NOT_INVITED), (lambda r: r.bid(BRAM, 500, 4), No.BID_LOTS_OUT_OF_RANGE),
    (lambda r: r.bid(BRAM, 501), No.BID_PRICE_NOT_ON_TICK), (lambda r: r.bid(BRAM, 95), No.BID_BEYOND_RESERVE),
    (lambda r: r.bid(BRAM, 105), No.BID_DOES_NOT_IMPROVE),
    (lambda r: r.commit(BRAM), No.AUCTION_DOES_NOT_ALLOW_IT),
    (lambda r: r.reveal(BRAM), No.AUCTION_DOES_NOT_ALLOW_IT),
    (lambda r: r.give("auction.bid", auction.BidFields(bytes(16), 500, 1), BRAM), No.AUCTION_DOES_NOT_ALLOW_IT),
]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "refusal"), REFUSED, ids=[f"{at}-{one[1].name}" for at, one in enumerate(REFUSED)]
)
def test_a_refused_bid_changes_nothing(act, refusal):
    rooms = Rooms("english")
    rooms.until(OPENS + 1)
    rooms.bid(ARNE, 100, 3)
    before = rooms.world.auctions.encode()

    assert is_refused(act(rooms), refusal)
    assert before == rooms.world.auctions.encode()


SEALED_REFUSED = [
    (OPENS - MINUTE, lambda r: r.commit(BRAM), No.AUCTION_DOES_NOT_ALLOW_IT),
    (OPENS, lambda r: r.commit(BIRK), No.COMMITMENT_TWICE),
    (OPENS, lambda r: r.commit(CLEO, r.digest(BIRK)), No.COMMITMENT_TWICE),
    (OPENS, lambda r: r.commit(ANNA, bytes(32)), No.BIDDER_NOT_INVITED),
    (OPENS, lambda r: r.reveal(BIRK), No.AUCTION_DOES_NOT_ALLOW_IT),
    (ENDS, lambda r: r.commit(BRAM), No.AUCTION_DOES_NOT_ALLOW_IT),
    (ENDS, lambda r: r.reveal(BIRK, quantity=21), No.REVEAL_DOES_NOT_MATCH),
    (ENDS, lambda r: r.reveal(BIRK, price=509), No.REVEAL_DOES_NOT_MATCH),
    (ENDS, lambda r: r.reveal(BIRK, salt=b"s" * 16), No.REVEAL_DOES_NOT_MATCH),
    (ENDS, lambda r: r.reveal(BIRK, quantity=0), No.BID_LOTS_OUT_OF_RANGE),
    (REVEALS, lambda r: r.reveal(BIRK), No.AUCTION_DOES_NOT_ALLOW_IT),
]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "act", "refusal"),
    SEALED_REFUSED,
    ids=[f"{at}-{one[2].name}" for at, one in enumerate(SEALED_REFUSED)],
)
def test_a_refused_sealed_order_changes_nothing(at, act, refusal):
    rooms = Rooms("sealed")
    if at >= OPENS:
        rooms.until(OPENS)
        rooms.commit(BIRK)
    rooms.until(at)
    before = rooms.world.auctions.encode(), rooms.free(BIRK), rooms.free(BRAM)

    assert is_refused(act(rooms), refusal)
    assert before == (rooms.world.auctions.encode(), rooms.free(BIRK), rooms.free(BRAM))
    rooms.check()


def test_auctions_are_bounded(monkeypatch):
    """Those of one owner, who leaves room for others, and those of all."""
    rooms = Rooms()
    for _ in range(OWN_MAX):
        rooms.hold("english")
    assert is_refused(rooms.announce("english"), No.AUCTION_IS_FULL)
    assert rooms.announce("english", sender=BRAM).code == Code.DONE

    monkeypatch.setattr("steelyard.market.auctions.live.LIVE_MAX", OWN_MAX + 1)
    assert is_refused(rooms.announce("english", sender=BIRK), No.AUCTION_IS_FULL)


def test_nobody_fills_an_auction_alone(monkeypatch):
    """Neither one by bids nor a sealed call; another bidder still gets in."""
    monkeypatch.setattr("steelyard.flows.auction.OWN_BIDS_MAX", 2)
    for kind in ("english", "dutch", "reverse"):
        rooms = Rooms(kind)
        rooms.until(OPENS)
        price = 300 if kind == "dutch" else 200
        for step in (0, -20 if kind == "reverse" else 20):
            assert rooms.bid(BRAM, price + step).code == Code.DONE, kind
        assert is_refused(rooms.bid(BRAM, price + (-40 if kind == "reverse" else 40)), No.AUCTION_IS_FULL)
        third = rooms.bid(BIRK, price + (-60 if kind == "reverse" else 60))
        assert third.code == Code.DONE, kind
    rooms = Rooms("sealed")
    rooms.until(OPENS)
    for number in range(2):
        assert rooms.commit(BRAM, bytes([number]) * 32).code == Code.DONE
    assert is_refused(rooms.commit(BRAM, b"x" * 32), No.AUCTION_IS_FULL)
    assert rooms.commit(BIRK).code == Code.DONE


@pytest.mark.parametrize("wrong", [1.5, "100", -5, 10**18, None, True])
def test_malformed_numbers_do_not_get_in(wrong):
    rooms = Rooms("english")
    rooms.until(OPENS)

    assert rooms.give("auction.bid", [rooms.auction_id, wrong, 1], BRAM).code == Code.REFUSED
    assert [] == rooms.world.auctions.live[rooms.auction_id.hex()].bids
