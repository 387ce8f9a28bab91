"""What auctions, prices and complaints write into their tables."""

import json

from steelyard.flows import auction_facts as auctions
from steelyard.flows.price_facts import ComplaintMoved, MethodSet, OtcMoved, PricePublished
from steelyard.storage.added import Added
from steelyard.storage.database import SqliteDatabase
from steelyard.storage.gather import HANDLERS, write_changes
from steelyard.storage.migrate import migrate

A, B, D = b"a" * 16, b"b" * 16, b"d" * 32


def tables(tmp_path, *facts):
    """Write facts into the real tables, one command each, and give a way to ask for rows."""
    database = SqliteDatabase(tmp_path / "tables.db")
    migrate(database, "projection")
    with database.writing() as made:
        for key, fact in enumerate(facts):
            added = Added(0)
            HANDLERS[type(fact)](added, fact, key, 0, 100 + key)
            write_changes(made, added)
    return database


def test_an_auction_is_kept_from_its_terms_to_its_awards(tmp_path):
    database = tables(
        tmp_path,
        auctions.AuctionAnnounced(A, "english", "ANNA", 5, b"terms"),
        auctions.AuctionMoved(A, "OPEN", 9),
        auctions.AuctionBid(A, B, "BRAM", 510, 3),
        auctions.AuctionMoved(A, "SOLD", 0),
        auctions.AuctionOver(A, "english", "SOLD", "", ((B.hex(), "BRAM", 3, 510),), b"", 0, 0, b""),
    )
    (auction,) = database.named("SELECT * FROM auction", ())
    (bid,) = database.named("SELECT * FROM auction_bid", ())

    assert ("english", "ANNA", "SOLD", 0, 100, 104) == tuple(
        auction[name] for name in ("format", "owner", "state", "due_at", "entered_at", "changed_at")
    )
    assert [[B.hex(), "BRAM", 3, 510]] == json.loads(auction["awards"])
    assert (A, "BRAM", 510, 3) == (bid["auction_id"], bid["bidder"], bid["price"], bid["lots"])


def test_a_sealed_order_is_a_commitment_and_its_deposit(tmp_path):
    """What it says stands nowhere in its row, before it is revealed or after; the published file has it."""
    other = b"e" * 32
    database = tables(
        tmp_path,
        auctions.AuctionAnnounced(A, "sealed", "ANNA", 5, b"terms"),
        auctions.SealedMoved(A, "COMMITTED", D, "BRAM", 700),
        auctions.SealedMoved(A, "COMMITTED", other, "CLEO", 700),
        auctions.SealedMoved(A, "REVEALED", D, "BRAM", 700),
        auctions.SealedMoved(A, "BOND_RETURNED", D, "BRAM", 700),
        auctions.SealedMoved(A, "BOND_FORFEITED", other, "CLEO", 700),
        auctions.AuctionOver(A, "sealed", "PUBLISHED", "", (), D, 512, 40, b"{}"),
    )
    rows = database.named("SELECT * FROM commitment ORDER BY entered", ())
    (auction,) = database.named("SELECT * FROM auction", ())

    assert [
        (D, "BRAM", "REVEALED", "RETURNED", 700, 101),
        (other, "CLEO", "COMMITTED", "FORFEITED", 700, 102),
    ] == [
        tuple(row[name] for name in ("digest", "owner", "event", "deposit", "deposit_minor", "entered_at"))
        for row in rows
    ]
    assert (D, 512, 40, b"{}") == tuple(auction[name] for name in ("root", "price", "volume", "file"))


def test_every_version_of_a_price_is_kept_with_the_hashes_of_its_data(tmp_path):
    priced = PricePublished(
        "WHEAT", "benchmark", 20_000, 1, "26160", "trades", 1, D, "", (("ZAR", "9"),), (b"i" * 32,)
    )
    database = tables(
        tmp_path,
        MethodSet(
            "WHEAT", 1, 19_000, "25", "1/4", 4, 10, 5, 200, 3, True, "benchmark", (("RYE", "ZA", ""),), (("NOR", 50),),
            1_000, "OATS",
        ),
        priced,
        PricePublished("WHEAT", "benchmark", 20_000, 2, "26200", "override", 1, D, "a typing error", (), ()),
    )  # fmt: skip
    rows = database.named("SELECT * FROM price ORDER BY version", ())
    (method,) = database.named("SELECT * FROM price_method", ())

    assert [("26160", "trades", ""), ("26200", "override", "a typing error")] == [
        (row["value"], row["source"], row["reason"]) for row in rows
    ]
    assert ((b"i" * 32).hex(), [["ZAR", "9"]]) == (rows[0]["inputs"], json.loads(rows[0]["currencies"]))
    assert ("WHEAT", 1, 19_000, "25", "1/4", 4, 10, 5, 200, 3, 1) == tuple(method.values())[:11]
    assert ("benchmark", '[["RYE","ZA",""]]', '[["NOR",50]]', 1_000, "OATS") == tuple(method.values())[11:16]


def test_a_registered_trade_is_kept_with_when_it_was_offered(tmp_path):
    """Brought up to date by every step; the day is that of the fixing it counts towards."""
    trade = (b"t" * 16, "RYE", 4_000, "OST", 200_000, "BRAM", "ANNA", 99, D, "evidence")
    database = tables(
        tmp_path, OtcMoved(*trade, 20_000, "ANNA", "OFFERED"), OtcMoved(*trade, 20_001, "ANNA", "REGISTERED")
    )
    (row,) = database.named("SELECT * FROM otc_trade", ())

    assert (*trade, 20_001, "ANNA", "REGISTERED", 100, 101) == tuple(row.values())[:15]


def test_a_curve_is_kept_with_its_months_and_goes_to_its_stream(tmp_path):
    points = (("2027-03", "21000", "vwap"), ("2027-05", "", ""))
    drawn = PricePublished(
        "CURVE", "curve", 20_000, 1, "", "curve", 1, D, "", (("ZAR", "9"),), (b"i" * 32,), points, unit="NOR"
    )
    database = tables(tmp_path, drawn)
    (row,), (told,) = (database.named(f"SELECT * FROM {name}", ()) for name in ("price", "market_feed"))

    assert ([list(one) for one in points], "NOR") == (json.loads(row["points"]), row["unit"])
    assert [list(one) for one in points] == json.loads(told["data"])["points"]


def test_a_complaint_has_its_steps(tmp_path):
    database = tables(
        tmp_path,
        ComplaintMoved(1, "WHEAT", 20_000, 2, "ANNA", "OPENED", "OPEN", D),
        ComplaintMoved(1, "WHEAT", 20_000, 2, "ANNA", "ANSWERED", "ANSWERED", b"w" * 32),
    )
    (complaint,) = database.named("SELECT * FROM complaint", ())
    steps = database.named("SELECT * FROM complaint_step ORDER BY key", ())

    assert ("ANNA", 2, "ANSWERED", 100, 101) == tuple(
        complaint[name] for name in ("complainer", "version", "state", "entered_at", "changed_at")
    )
    assert [("OPENED", D), ("ANSWERED", b"w" * 32)] == [(one["event"], one["digest"]) for one in steps]
