"""Auctions over HTTP: announced, bid in, sealed and opened, published; who bid is told to nobody else."""

import hashlib

import pytest

from steelyard.market.auctions import published
from steelyard.market.auctions.sealed import commitment_of
from steelyard.values.instants import SECOND, format_instant
from tests.api.conftest import begin
from tests.api.markets import SPOT, open_market, ready, stocked
from tests.api.world import FYNB, GHAF, SIDR, TAMR

UNKNOWN = "00000000-0000-4000-8000-000000000000"
SALT = bytes(range(16))


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("auctions"))
    open_market(live)
    for owner in (FYNB, TAMR):
        ready(live, owner, "ZAR", "9000000.00")
    stocked(live, GHAF, 500)
    yield live
    end()


def at(net, seconds):
    """Give an instant so many seconds after the node's now."""
    return format_instant(net.world.node.sequencer.clock.now() + seconds * SECOND)


def announce(net, word, key=GHAF, **terms):
    body = {"instrument": SPOT, "opens_at": at(net, 10), **terms}
    return net.post(f"/v1/auctions/{word}", body, key=key)


def wait(net, seconds):
    net.post("/v1/sandbox/advance", {"to": f"PT{seconds}S"}, key="operator")
    net.project()


def english(net, **more):
    terms = {"lots": 10, "start": "4500.00", "step": "1.00", "reserve": "4600.00", "closes_at": at(net, 60)}
    answer = announce(net, "english", **(terms | more)).json
    assert ("done", "announced") == (answer["outcome"], answer["state"]), answer
    return answer["subject"]


def bid(net, auction, key, lots, price=None):
    return net.post(f"/v1/auctions/{auction}/bids", {"lots": lots, "price": price}, key=key)


def shown(net, auction, key=SIDR):
    return net.get(f"/v1/auctions/{auction}", key=key).json


def test_an_english_auction_from_its_terms_to_its_awards(net):
    auction = english(net)
    net.project()
    before = shown(net, auction)
    assert ("announced", "ZAR", "0.25", 10) == (
        before["state"], before["currency"], before["tick"], before["lots"],
    )  # fmt: skip
    assert ("4500.00", None) == (before["terms"]["start"], before["terms"].get("reserve"))
    assert "4600.00" == shown(net, auction, GHAF)["terms"]["reserve"]
    assert "AUCTION_DOES_NOT_ALLOW_IT" == bid(net, auction, FYNB, 5, "4600.00").json["refusal"]["code"]
    wait(net, 11)
    assert "open" == bid(net, auction, FYNB, 5, "4600.00").json["state"]
    assert "BID_PRICE_NOT_ON_TICK" == bid(net, auction, TAMR, 5, "4600.10").json["refusal"]["code"]
    assert "open" == bid(net, auction, TAMR, 10, "4700.00").json["state"]
    bids = net.get(f"/v1/auctions/{auction}/bids", key=FYNB).json["items"]
    assert [(FYNB, "4600.00", 5), (None, "4700.00", 10)] == [
        (one["bidder"], one["price"], one["lots"]) for one in bids
    ]
    wait(net, 60)

    over = shown(net, auction)

    assert ("sold", None, "4600.00") == (over["state"], over["due_at"], over["terms"]["reserve"])
    assert [(None, 10, "4700.00")] == [(one["bidder"], one["lots"], one["price"]) for one in over["awards"]]
    assert TAMR == shown(net, auction, TAMR)["awards"][0]["bidder"]
    assert TAMR == shown(net, auction, GHAF)["awards"][0]["bidder"]


def test_bids_are_told_to_nobody_where_they_are_not_open(net):
    ends = [at(net, 60 * n) for n in (1, 2, 3)]
    answer = announce(net, "reverse", FYNB, lots=5, ceiling="4700.00", step="1.00", ends_at=ends).json
    auction = answer["subject"]
    wait(net, 11)
    assert "round_1" == bid(net, auction, GHAF, 5, "4690.00").json["state"]

    assert [] == net.get(f"/v1/auctions/{auction}/bids", key=SIDR).json["items"]
    for key in (FYNB, GHAF, "auditor"):
        (one,) = net.get(f"/v1/auctions/{auction}/bids", key=key).json["items"]
        assert (GHAF, "4690.00") == (one["bidder"], one["price"])


def test_a_dutch_auction_is_taken_at_the_price_of_the_moment(net):
    terms = {"lots": 5, "start": "5000.00", "floor": "4000.00", "step": "100.00", "interval_seconds": 10}
    auction = announce(net, "dutch", **terms).json["subject"]
    wait(net, 25)
    assert "sold" == bid(net, auction, FYNB, 5).json["state"]
    net.project()

    (award,) = shown(net, auction, FYNB)["awards"]
    assert ("4900.00", 5) == (award["price"], award["lots"])


def test_an_owner_cancels_his_auction_and_nobody_elses(net):
    terms = {
        "lots": 5,
        "side": "sell",
        "reserve": "4500.00",
        "offers_end_at": at(net, 60),
        "final_end_at": at(net, 90),
    }
    auction = announce(net, "final", **terms).json["subject"]
    net.project()
    other = net.post(f"/v1/auctions/{auction}/cancel", {"reason": "no"}, key=FYNB).json
    assert "AUCTION_DOES_NOT_ALLOW_IT" == other["refusal"]["code"]
    assert "cancelled" == net.post(f"/v1/auctions/{auction}/cancel", {"reason": "RAIN"}).json["state"]

    assert ("cancelled", "RAIN") == (shown(net, auction)["state"], shown(net, auction)["reason"])
    assert "4500.00" == shown(net, auction)["terms"]["reserve"]


def committed(net, auction, key, order_id, side, price, quantity):
    minor = None if price is None else round(float(price) * 100)
    digest = commitment_of(auction.replace("-", ""), order_id, side, minor, quantity, salt=SALT).hex()
    return net.post(f"/v1/auctions/{auction}/commitments", {"commitment": digest}, key=key).json, digest


def opened(net, auction, key, order_id, side, price, quantity):
    body = {"order_id": order_id, "side": side, "price": price, "quantity": quantity, "salt": SALT.hex()}
    return net.post(f"/v1/auctions/{auction}/reveals", body, key=key).json


def test_sealed_orders_are_hashes_until_they_are_opened_and_the_file_is_checked(net):
    terms = {
        "closes_at": at(net, 60), "reveal_until_at": at(net, 120), "reference": "4600.00",
        "deposit": {"asset": "ZAR", "value": "500.00"},
    }  # fmt: skip
    auction = announce(net, "sealed", SIDR, **terms).json["subject"]
    orders = {
        FYNB: ("f", "buy", "4610.00", 40),
        GHAF: ("g", "sell", "4590.00", 35),
        TAMR: ("t", "buy", "4605.00", 5),
    }
    wait(net, 11)
    digests = {}
    for key, one in orders.items():
        answer, digests[key] = committed(net, auction, key, *one)
        assert "committing" == answer["state"], answer
    assert "COMMITMENT_TWICE" == committed(net, auction, TAMR, *orders[FYNB])[0]["refusal"]["code"]
    listed = net.get(f"/v1/auctions/{auction}/commitments", key=TAMR).json["items"]
    assert [(None, "committed", "held"), (None, "committed", "held"), (TAMR, "committed", "held")] == [
        (one["owner"], one["state"], one["deposit_state"]) for one in listed
    ]
    wait(net, 60)
    assert "revealing" == opened(net, auction, FYNB, *orders[FYNB])["state"]
    assert "revealing" == opened(net, auction, GHAF, *orders[GHAF])["state"]
    assert "REVEAL_DOES_NOT_MATCH" == opened(net, auction, TAMR, "t", "buy", "4605.25", 5)["refusal"]["code"]
    assert 404 == net.get(f"/v1/auctions/{auction}/file", key=SIDR).status
    wait(net, 60)

    over, file = shown(net, auction), net.get(f"/v1/auctions/{auction}/file", key=SIDR)

    verdict = published.verify(published.read(file.body), over["root"])
    assert ((), 2, 1) == (verdict.faults, verdict.orders, verdict.unrevealed)
    assert ("published", 35, file.headers["steelyard-auction-root"]) == (
        over["state"],
        over["volume"],
        over["root"],
    )
    listed = net.get(f"/v1/auctions/{auction}/commitments", key=TAMR).json["items"]
    assert [("revealed", "returned"), ("revealed", "returned"), ("committed", "forfeited")] == [
        (one["state"], one["deposit_state"]) for one in listed
    ]
    assert "500.00" == listed[2]["deposit"]["value"]


def test_lists_and_what_is_not_there(net):
    items = net.get("/v1/auctions?format=english", key=SIDR).json["items"]
    assert {"english"} == {one["format"] for one in items}
    assert b"auction_id" == net.ask("GET", "/v1/auctions", key=SIDR, headers={"accept": "text/csv"}).body[:10]
    for path in ("", "/file", "/bids", "/commitments"):
        assert 404 == net.get(f"/v1/auctions/{UNKNOWN}{path}", key=SIDR).status
    assert 404 == bid(net, UNKNOWN, SIDR, 1, "1.00").status
    faulty = announce(net, "english", lots=1, start="x", step="0", opens_at="noon", closes_at=at(net, 9))
    assert {"/start", "/step", "/opens_at"} == {one["pointer"] for one in faulty.json["errors"]}
    unlisted = announce(net, "english", instrument="NONE", lots=1, start="1", step="1", closes_at=at(net, 9))
    assert "/instrument" == unlisted.json["errors"][0]["pointer"]


def test_a_commitment_is_the_hash_that_anybody_can_work_out():
    """By the order's JSON and the salt alone, as the concept's page says."""
    auction = "01a207a2-3280-d03b-c267-1ae5d1ae88eb".replace("-", "")
    plain = f'["{auction}","o1","buy",461000,40]'.encode()

    assert hashlib.sha256(plain + SALT).digest() == commitment_of(
        auction, "o1", "buy", 461_000, 40, salt=SALT
    )
