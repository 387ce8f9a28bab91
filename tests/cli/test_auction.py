"""Auctions and prices: each command against a real node."""

import json

import msgspec

from steelyard.market.books import Listing
from steelyard.market.contracts import Contract
from steelyard.packs.contracts import load
from steelyard.values.instants import SECOND, format_instant
from tests.api.markets import LISTED, found
from tests.api.world import TAMR

UNKNOWN = "00000000-0000-4000-8000-000000000000"
SOON = ("--opens", "2027-01-01T09:00:00Z")


def test_auctions_are_refused_and_listed(at, tmp_path):
    """Where nothing is listed there is nothing to hold an auction of; the API's tests go through whole ones."""
    english = ("--start", "1.00", "--step", "1", *SOON, "--closes", "2027-01-01T10:00:00Z")
    assert 2 == at("auction", "english", "NONE", 5, *english).code
    dutch = ("--start", "9", "--floor", "1", "--step", "1", "--interval", 60)
    assert 2 == at("auction", "dutch", "NONE", 5, *dutch, *SOON).code
    ends = [part for hour in (10, 11, 12) for part in ("--ends", f"2027-01-01T{hour}:00:00Z")]
    assert 2 == at("auction", "reverse", "NONE", 5, "--ceiling", "9", "--step", "1", *SOON, *ends).code
    final = ("--side", "sell", "--reserve", "1", "--offers-end", "2027-01-01T10:00:00Z")
    assert 2 == at("auction", "final", "NONE", 5, *final, "--final-end", "2027-01-01T11:00:00Z", *SOON).code
    sealed = (
        "--closes",
        "2027-01-01T10:00:00Z",
        "--reveal-until",
        "2027-01-01T11:00:00Z",
        "--deposit",
        "AED 5",
    )
    assert 2 == at("auction", "sealed", "NONE", *SOON, *sealed).code
    assert [] == at("auction", "list").rows
    assert 2 == at("auction", "show", UNKNOWN).code
    assert 2 == at("auction", "bids", UNKNOWN).code
    assert 2 == at("auction", "commitments", UNKNOWN).code
    assert 2 == at("auction", "file", UNKNOWN).code
    assert 2 == at("auction", "bid", UNKNOWN, 1, "1.00").code
    assert 2 == at("auction", "cancel", UNKNOWN, "RAIN").code
    kept = tmp_path / "order.json"
    assert 2 == at("auction", "commit", UNKNOWN, "buy", 5, "1.00", "--keep", kept).code
    assert not kept.exists()
    kept.write_text(
        json.dumps({"auction": UNKNOWN, "order_id": "o", "side": "buy", "quantity": 1, "salt": "0" * 32})
    )
    assert 2 == at("auction", "reveal", kept).code


def test_a_sealed_order_is_committed_by_its_file_and_opened_by_it(at, approved, network, tmp_path):
    """The file is written before the commitment goes out, and never over another."""
    network.do(found(network.world))
    terms = tmp_path / "terms.json"
    listed = {**LISTED, "code": "WHEAT-CALL", "currency": "ZAR", "reference": "4600.00"}
    terms.write_text(json.dumps(listed))
    operators = {"first": "operator", "second": "operator 2"}
    assert 0 == approved("market", "list-instrument", str(terms), **operators).code
    assert 0 == at("market", "open-account", "ZAR").code
    assert 0 == at("market", "deposit", "ZAR 184400.00").code
    now = network.world.node.sequencer.clock.now()
    opens, closes, until = (format_instant(now + seconds * SECOND) for seconds in (5, 60, 120))
    asked = ("--opens", opens, "--closes", closes, "--reveal-until", until, "--reference", "4600.00")
    auction = at("auction", "sealed", "WHEAT-CALL", *asked, who=TAMR).fields["subject"]
    kept = tmp_path / "order.json"
    at("sandbox", "advance", "PT6S", who="operator")

    made = at("auction", "commit", auction, "buy", 40, "4610.00", "--keep", kept)

    assert ("committing", 0o600) == (made.fields["state"], kept.stat().st_mode & 0o777)
    assert 2 == at("auction", "commit", auction, "buy", 40, "4610.00", "--keep", kept).code
    assert ["committed"] == [row["state"] for row in at("auction", "commitments", auction).rows]
    at("sandbox", "advance", "PT60S", who="operator")
    assert "revealing" == at("auction", "reveal", kept).fields["state"]
    at("sandbox", "advance", "PT60S", who="operator")
    shown = at("auction", "show", auction, "--json").json[0]
    file = tmp_path / "auction.json"
    assert 0 == at("auction", "file", auction, "--out", file).code
    assert 0 == at("verify", "auction", file, "--root", shown["root"]).code
    assert [auction] == [row["auction"] for row in at("auction", "list", "--format", "sealed").rows]


def test_prices_are_published_shown_and_disputed(at, approved, tmp_path):
    def operators(*tokens):
        return approved(*tokens, first="operator", second="operator 2")

    for series, tick in (("CLI-MONTH", ("--tick", "0.25")), ("CLI-MARK", ())):
        assert 0 == operators("price", "method", series, 1, "--since", "2026-11-20", *tick).code
    made = operators(
        "price", "settle", "CLI-MONTH", "2026-11-22", "--trades", "210.25:2", "--trades", "210.50:2",
        "--previous", "209.75",
    )  # fmt: skip
    assert 0 == made.code
    file = tmp_path / "day.json"
    file.write_text(json.dumps({"on": "2026-11-22"}))
    assert 0 == operators("price", "publish", "CLI-MARK", str(file)).code
    assert ["none"] == [row["source"] for row in at("price", "list", "--series", "CLI-MARK").rows]
    assert 1 == at("price", "fix", "CLI-MARK", who="operator").code
    assert 0 == operators("price", "correct", "CLI-MONTH", "2026-11-22", "misread", "--value", "210.50").code

    rows = at("price", "show", "CLI-MONTH").rows

    assert [("210.5", "override"), ("210.25", "vwap")] == [(row["price"], row["source"]) for row in rows]
    assert ["0.25"] == [row["tick"] for row in at("price", "methods", "CLI-MONTH").rows]
    assert {"CLI-MONTH"} == {row["series"] for row in at("price", "list", "--series", "CLI-MONTH").rows}


def test_a_curve_and_an_index_are_defined_and_listed_and_trades_registered(at, approved, network):
    """Nothing is listed here of which there could be one; the API's tests go through a fixing."""
    method = (
        "price",
        "method",
        "CLI-INDEX",
        1,
        "--since",
        "2026-11-20",
        "--parent",
        "NONE",
        "--origin",
        "ZA",
    )
    assert 1 == approved(*method, first="operator", second="operator 2").code
    assert [] == at("price", "index", "--origin", "ZA", "--on", "2026-11-23").rows
    assert [] == at("price", "curve", "--series", "NONE").rows
    assert 2 == at("price", "months", "NONE").code
    trade = ("otc", "register", "buy", TAMR, "HAY", 1_000, "AED 5.00", "--at", "2026-11-23T06:00:00Z")
    refused = at(*trade, "--proof", "0" * 64)
    assert (1, True) == (refused.code, "OTC_OUT_OF_RANGE: OTC out of range: code must be" in refused.err)
    assert 2 == at(*trade, "--proof", "paper").code
    assert [] == at("otc", "list", "--state", "OFFERED").rows
    assert 2 == at("otc", "show", UNKNOWN).code
    assert 2 == at("otc", "confirm", UNKNOWN).code
    assert 2 == at("otc", "withdraw", UNKNOWN).code


def test_a_complaint_goes_its_way(at, approved):
    method = ("price", "method", "CLI-CASE", 1, "--since", "2026-11-20")
    assert 0 == approved(*method, first="operator", second="operator 2").code
    price = ("price", "settle", "CLI-CASE", "2026-11-22", "--last", "5", "--previous", "5")
    assert 0 == approved(*price, first="operator", second="operator 2").code
    number = at("price", "complain", "CLI-CASE", "2026-11-22", "It was 6.").fields["subject"]

    assert 1 == at("price", "complaint", "appeal", number, "No.").code
    assert 0 == at("price", "complaint", "answer", number, "It was 5.", who="operator").code
    assert 0 == at("price", "complaint", "appeal", number, "It was 6.").code
    assert 0 == at("price", "complaint", "decide", number, "5 it is.", who="operator").code
    assert 1 == at("price", "complaint", "withdraw", number, "Well then.").code
    assert "5 it is." == at("price", "complaint", "show", number).fields["steps.4.text"]
    assert [number] == [
        row["number"] for row in at("price", "complaint", "list").rows if row["series"] == "CLI-CASE"
    ]


def test_an_instrument_is_listed_by_the_pack_of_its_contract(at, approved, network):
    """With the terms of the pack in the journal; a contract without a pack is not known."""
    network.do(found(network.world))
    listed = (
        "market",
        "list-instrument",
        "--contract",
        "WHT-SPOT",
        "--asset",
        "WHEAT-1-26.PORT",
        "--currency",
        "ZAR",
    )
    made = approved(*listed, "--reference", "4600.00", first="operator", second="operator 2")
    assert 0 == made.code, made
    network.do(network.world.project())
    row = network.world.app.gateway.stores.reader.one("instrument", code="WHT-SPOT")
    terms = msgspec.msgpack.decode(row["terms"], type=Listing).terms

    assert load("wheat_milling_spot") == msgspec.msgpack.decode(terms, type=Contract)
    assert 2 == at("market", "list-instrument", "--contract", "NONE", who="operator").code
    unheld = at("market", "list-instrument", "--contract", "WHT-SPOT", who="operator")
    assert (2, True) == (unheld.code, "--basket" in unheld.err)
    assert 2 == at("market", "list-instrument", who="operator").code
