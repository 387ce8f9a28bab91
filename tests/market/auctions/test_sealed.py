"""Sealed orders: nothing is known before the close, nothing can be changed after it."""

import doctest
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.auctions import bids, call, merkle, published, sealed
from steelyard.market.auctions.merkle import merkle_root
from steelyard.market.auctions.published import (
    FileMalformed,
    PublishedOrder,
    Unrevealed,
    publish,
    read,
    root_of,
    verify,
    write,
)
from steelyard.market.auctions.sealed import (
    COMMITMENTS_MAX,
    STEPS,
    Commitment,
    Deposit,
    Revealed,
    SealedCall,
    SealedEvent,
    SealedState,
    commitment_of,
)
from steelyard.market.refusals.auctions import AuctionRefusal

R = AuctionRefusal
SALT = bytes(range(16))


def made(**changed):
    terms = {
        "auction_id": "S1", "instrument": "WHT", "tick": 1, "opens_at": 1_000, "closes_at": 2_000,
        "reveal_until_at": 3_000, "reference": 510,
    }  # fmt: skip
    return SealedCall(**(terms | changed))


def order(order_id="b1", side="buy", price=512, quantity=40, salt=SALT):
    return Revealed(order_id, side, price, quantity, salt)


def digest(one, auction_id="S1"):
    return commitment_of(auction_id, one.order_id, one.side, one.price, one.quantity, salt=one.salt)


ORDERS = [
    order("b1", "buy", 512, 40), order("b2", "buy", 511, 30), order("b3", "buy", 509, 50),
    order("a1", "sell", 508, 20), order("a2", "sell", 510, 35), order("a3", "sell", 512, 60),
]  # fmt: skip


def committed(orders=ORDERS, **changed):
    auction = made(**changed)
    for seq, one in enumerate(orders):
        assert auction.commit(Commitment(digest(one), f"owner {seq}", 1_500, seq)) is None
    return auction


def ended(orders=ORDERS, opened=ORDERS, **changed):
    auction = committed(orders, **changed)
    for one in opened:
        owner = f"owner {orders.index(one)}"
        assert auction.reveal(one, owner=owner, at=2_500) is None
    auction.advance(3_000)
    return auction


def test_the_worked_auction_is_published_and_verified():
    """Price 511, volume 55, surplus 15; orders in the order of their commitments, nobody's name in the file."""
    file = ended().file()

    assert (511, 55, 15) == (file.result.price, file.result.volume, file.result.surplus)
    assert [one.order_id for one in ORDERS] == [one.order_id for one in file.orders]
    assert () == verify(file, file.root).faults
    assert b"owner" not in write(file)
    assert file == read(write(file))


def test_time_is_that_of_the_commitment_not_of_the_reveal():
    """Two bids at one price and too little for both: the first to commit buys, though he opened last."""
    orders = [order("b1", "buy", 10, 5), order("b2", "buy", 10, 5), order("a1", "sell", 10, 5)]
    auction = ended(orders, opened=orders[::-1])

    assert (("b1", "a1", 5),) == auction.file().result.trades


def test_what_is_not_revealed_is_cancelled():
    """It is listed by its hash and trades nothing; its deposit is forfeited."""
    auction = ended(opened=ORDERS[1:])
    file = auction.file()

    assert [Unrevealed(digest(ORDERS[0]).hex(), 0)] == list(file.unrevealed)
    assert ["owner 0"] == [one.owner for one in auction.forfeited()]
    assert "b1" not in {one.order_id for one in file.orders}
    assert () == verify(file, file.root).faults


def test_deposits_are_returned_where_the_terms_say_so():
    assert [] == ended(opened=[], deposit=Deposit.RETURNED).forfeited()


def test_without_a_trade_it_is_published_without_a_price():
    file = ended(opened=ORDERS[:2]).file()

    assert file.result is None
    assert () == verify(file, file.root).faults


def test_before_the_end_there_is_no_file():
    auction = committed()

    assert auction.file() is None
    assert [] == auction.forfeited()


def test_owners_are_known_to_the_operator():
    assert {"b1": "owner 0", "a1": "owner 3"} == {
        key: owner for key, owner in ended().owners().items() if key in ("b1", "a1")
    }


@pytest.mark.parametrize(
    ("one", "refusal"),
    [
        (Commitment(digest(ORDERS[0]), "thief", 1_600, 9), R.COMMITMENT_TWICE),
        (Commitment(b"short", "A", 1_600, 9), R.COMMITMENT_TWICE),
        (Commitment(bytes(33), "A", 1_600, 9), R.COMMITMENT_TWICE),
        (Commitment(bytes(32), "A", 2_000, 9), R.AUCTION_DOES_NOT_ALLOW_IT),
    ],
)
def test_a_commitment_is_refused(one, refusal):
    auction = committed()

    assert refusal is auction.commit(one)
    assert len(ORDERS) == len(auction.commitments)


def test_nothing_is_committed_before_it_opens():
    assert R.AUCTION_DOES_NOT_ALLOW_IT is made().commit(Commitment(bytes(32), "A", 999, 1))


def test_commitments_are_bounded():
    auction = made()
    auction.commitments = {
        seq.to_bytes(32): Commitment(seq.to_bytes(32), "A", 1_500, seq)
        for seq in range(1, COMMITMENTS_MAX + 1)
    }

    assert R.AUCTION_IS_FULL is auction.commit(Commitment(bytes(32), "A", 1_600, 9))


CHANGES = {
    "order_id": "b9", "side": "sell", "price": 513, "quantity": 41, "salt": bytes(16),
}  # fmt: skip


@pytest.mark.parametrize("field", CHANGES)
def test_another_order_than_was_committed_to_is_not_revealed(field):
    auction = committed()
    other = msgspec.structs.replace(ORDERS[0], **{field: CHANGES[field]})

    assert R.REVEAL_DOES_NOT_MATCH is auction.reveal(other, owner="owner 0", at=2_500)
    assert {} == auction.revealed


@pytest.mark.parametrize(
    ("one", "owner", "at", "refusal"),
    [
        (ORDERS[0], "owner 0", 1_999, R.AUCTION_DOES_NOT_ALLOW_IT),
        (ORDERS[0], "owner 0", 3_000, R.AUCTION_DOES_NOT_ALLOW_IT),
        (ORDERS[0], "owner 1", 2_500, R.REVEAL_DOES_NOT_MATCH),
        (ORDERS[1], "owner 1", 2_500, R.BID_ID_USED),
        (order("b2", "buy", 1, 1), "owner 0", 2_500, R.BID_ID_USED),
        (order(quantity=0), "owner 0", 2_500, R.BID_LOTS_OUT_OF_RANGE),
        (order(quantity=10**18), "owner 0", 2_500, R.BID_LOTS_OUT_OF_RANGE),
        (order(price=0), "owner 0", 2_500, R.BID_PRICE_NOT_ON_TICK),
    ],
)  # fmt: skip
def test_a_reveal_is_refused(one, owner, at, refusal):
    auction = committed()
    if at > 2_000:
        auction.reveal(ORDERS[1], owner="owner 1", at=2_400)
    known = dict(auction.revealed)

    assert refusal is auction.reveal(one, owner=owner, at=at)
    assert known == auction.revealed


@pytest.mark.parametrize("wrong", [order(side="hold"), order(salt=b"short"), order(order_id="x" * 65)])
def test_what_could_not_be_published_is_not_revealed(wrong):
    """Though it was committed to."""
    auction = committed([wrong])

    assert R.REVEAL_DOES_NOT_MATCH is auction.reveal(wrong, owner="owner 0", at=2_500)


def test_a_price_off_the_tick_is_not_revealed():
    auction = committed([order(price=511)], tick=5)

    assert R.BID_PRICE_NOT_ON_TICK is auction.reveal(order(price=511), owner="owner 0", at=2_500)


def test_an_order_is_of_one_auction():
    """The hash has the auction's id in it: nobody opens yesterday's order today."""
    assert digest(ORDERS[0]) != digest(ORDERS[0], "S2")


def test_it_is_cancelled_before_its_end_only():
    auction = committed()
    assert auction.cancel("power cut") is None
    assert (SealedState.CANCELLED, None, []) == (auction.state, auction.file(), auction.forfeited())

    assert R.AUCTION_DOES_NOT_ALLOW_IT is auction.cancel("again")


def test_ends_have_no_way_out():
    assert {SealedState.PUBLISHED, SealedState.CANCELLED} == {
        state for state, way in STEPS.items() if not way
    }
    assert set(SealedEvent) == {event for way in STEPS.values() for event in way}


# The published file: one changed order is found out.

FILE = ended(opened=ORDERS[1:]).file()
FIELDS = {
    "order_id": "zz", "side": "sell", "price": 507, "quantity": 31, "time": 77, "salt": "00" * 16,
    "commitment": "00" * 32,
}  # fmt: skip


def replaced(file, place, **changed):
    orders = list(file.orders)
    orders[place] = msgspec.structs.replace(orders[place], **changed)
    return msgspec.structs.replace(file, orders=tuple(orders))


@pytest.mark.parametrize("place", range(len(FILE.orders)))
@pytest.mark.parametrize("field", FIELDS)
def test_one_changed_field_of_one_order_is_found(field, place):
    value = "buy" if FIELDS[field] == FILE.orders[place].side else FIELDS[field]
    changed = replaced(FILE, place, **{field: value})

    assert verify(changed).faults


def forged(file):
    """Give the file with root and result made anew, as who forges it well would."""
    return publish(
        file.auction_id, file.instrument, file.orders, file.unrevealed, tick=file.tick,
        reference=file.reference, pressure_cap_pct=file.pressure_cap_pct,
    )  # fmt: skip


@pytest.mark.parametrize("field", ["order_id", "side", "price", "quantity", "salt"])
def test_a_sealed_order_is_held_by_its_commitment(field):
    """Even where root and result are made anew: the commitment was entered before the close."""
    changed = forged(replaced(FILE, 1, **{field: FIELDS[field]}))

    assert any("committed" in fault for fault in verify(changed).faults)


@pytest.mark.parametrize("field", ["order_id", "side", "price", "quantity", "time"])
def test_an_open_order_is_held_by_the_root_of_the_journal(field):
    """A file of orders that were not sealed can be forged as a whole, but not under the same root."""
    plain = [
        PublishedOrder(one.order_id, one.side, one.price, one.quantity, at) for at, one in enumerate(ORDERS)
    ]
    file = publish("S1", "WHT", plain, tick=1, reference=510)
    changed = forged(replaced(file, 1, **{field: FIELDS[field]}))

    assert () == verify(file, file.root).faults
    assert () == verify(changed).faults
    assert verify(changed, file.root).faults


def without(place):
    return msgspec.structs.replace(FILE, orders=FILE.orders[:place] + FILE.orders[place + 1 :])


OTHERS = {
    "an order left out": without(0),
    "an order twice": msgspec.structs.replace(FILE, orders=(*FILE.orders, FILE.orders[0])),
    "two orders swapped": msgspec.structs.replace(FILE, orders=(*FILE.orders[1::-1], *FILE.orders[2:])),
    "a hidden commitment": msgspec.structs.replace(FILE, unrevealed=()),
    "another commitment": msgspec.structs.replace(FILE, unrevealed=(Unrevealed("11" * 32, 0),)),
    "another auction": msgspec.structs.replace(FILE, auction_id="S2"),
    "another instrument": msgspec.structs.replace(FILE, instrument="MAZ"),
    "another reference": msgspec.structs.replace(FILE, reference=600),
    "no reference": msgspec.structs.replace(FILE, reference=None),
    "a cap": msgspec.structs.replace(FILE, pressure_cap_pct="5"),
    "another tick": msgspec.structs.replace(FILE, tick=2),
    "another root": msgspec.structs.replace(FILE, root="00" * 32),
    "no result": msgspec.structs.replace(FILE, result=None),
    **{
        f"another {name}": msgspec.structs.replace(
            FILE, result=msgspec.structs.replace(FILE.result, **{name: getattr(FILE.result, name) + 1})
        )
        for name in ("price", "volume", "surplus")
    },
    "a trade left out": msgspec.structs.replace(
        FILE, result=msgspec.structs.replace(FILE.result, trades=FILE.result.trades[:-1])
    ),
    "a trade more": msgspec.structs.replace(
        FILE, result=msgspec.structs.replace(FILE.result, trades=(*FILE.result.trades, ("b3", "a3", 1)))
    ),
    "another buyer": msgspec.structs.replace(
        FILE,
        result=msgspec.structs.replace(
            FILE.result, trades=(("b3", *FILE.result.trades[0][1:]), *FILE.result.trades[1:])
        ),
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_anything_else_that_is_changed_is_found(name):
    assert verify(OTHERS[name]).faults


@pytest.mark.parametrize("name", ["an order left out", "another reference", "a hidden commitment"])
def test_a_well_forged_file_has_another_root(name):
    assert verify(forged(OTHERS[name]), FILE.root).faults


ids = st.text("abc", min_size=1, max_size=3)


@given(
    st.lists(
        st.tuples(st.sampled_from(["buy", "sell"]), st.none() | st.integers(95, 105), st.integers(1, 9)),
        max_size=8,
    ),
    st.none() | st.integers(95, 105),
    st.none() | st.sampled_from(["0", "1.5", "10"]),
)
def test_every_auction_that_is_published_is_right(rows, reference, cap):
    orders = [PublishedOrder(f"o{at}", *row, at) for at, row in enumerate(rows)]
    file = publish("P", "X", orders, tick=1, reference=reference, pressure_cap_pct=cap)

    assert () == verify(read(write(file)), file.root).faults


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"quantity":30', b'"quantity":30.0'), (b'"quantity":30', b'"quantity":"30"'),
        (b'"quantity":30', b'"quantity":0'), (b'"quantity":30', b'"quantity":1000000000000000000'),
        (b'"quantity":30', b'"quantity":NaN'), (b'"price":511,', b'"price":-1,'),
        (b'"side":"buy"', b'"side":"Buy"'), (b'"tick":1', b'"tick":0'), (b'"salt":"00', b'"salt":"0x'),
        (b'"format":"steelyard-auction/1"', b'"format":"steelyard-auction/2"'),
        (b'"auction_id"', b'"auction"'), (b'"tick":1', b'"tick":1,"colour":1'),
        (b'"orders":[', b'"orders":['  + b"[" * 2_000), (b"{", b"\xff"),
    ],
)  # fmt: skip
def test_what_is_no_auction_is_not_read(old, new):
    data = write(FILE)
    assert old in data

    with pytest.raises(FileMalformed):
        read(data.replace(old, new))


@given(st.lists(st.binary(max_size=3), max_size=20))
def test_the_root_is_that_of_the_tree_of_rfc_9162(records):
    """Split at the largest power of two below the length, from the top."""

    def tree(some):
        if len(some) == 1:
            return sha256(b"\0" + some[0]).digest()
        cut = 1
        while 2 * cut < len(some):
            cut *= 2
        return sha256(b"\1" + tree(some[:cut]) + tree(some[cut:])).digest()

    assert (tree(records) if records else sha256(b"").digest()) == merkle_root(records)


def test_the_root_is_over_what_is_written_in_the_file():
    """Anybody can make it with a JSON library and SHA-256."""
    first = FILE.orders[0]
    records = [
        b'["terms","S1","WHT",1,510,null]',
        *(
            msgspec.json.encode(
                ["order", one.order_id, one.side, one.price, one.quantity, one.time, one.salt, one.commitment]
            )
            for one in FILE.orders
        ),
        b'["unrevealed","' + FILE.unrevealed[0].commitment.encode() + b'",0]',
    ]

    assert merkle_root(records) == root_of(FILE) == bytes.fromhex(FILE.root)
    assert first.commitment == sha256(b'["S1","b2","buy",511,30]' + SALT).hexdigest()


@pytest.mark.parametrize("module", [sealed, published, merkle, bids, call], ids=lambda one: one.__name__)
def test_examples_hold(module):
    ran = doctest.testmod(module)

    assert ran.attempted
    assert ran.failed == 0
