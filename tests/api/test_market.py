"""The market over HTTP: listed by two, traded in one currency and across, seen by all without a name."""

import hashlib
import json
import os

import msgspec
import pytest

from steelyard.client.clock import uuid7
from steelyard.client.market import BookShown, FeedItem
from steelyard.client.mirror import BookMirror, FileIsAnother, Gap
from tests.api.conftest import begin
from tests.api.markets import LISTED, SPOT, WIDE, open_market, order, ready, stocked, two
from tests.api.world import FYNB, GHAF, PROVIDER, SIDR, TAMR

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("market"))
    open_market(live)
    yield live
    end()


def first(answer):
    assert "done" == answer["outcome"], answer
    return answer["orders"][0]


def test_an_order_rests_trades_and_is_seen_by_its_owner_alone(net):
    stocked(net, GHAF, 50)
    ready(net, FYNB, "ZAR", "500000.00")
    resting = first(order(net, GHAF, "sell", 50, "4600.00"))
    assert ("open", 50) == (resting["state"], resting["open"])
    assert 404 == net.get(f"/v1/orders/{resting['order_id']}", key=FYNB).status

    met = first(order(net, FYNB, "buy", 40, "4650.00"))

    assert ("filled", 40, 0) == (met["state"], met["traded"], met["open"])
    mine = net.get(f"/v1/orders/{resting['order_id']}", key=GHAF).json
    assert (10, "4600.00", "open") == (mine["open"], mine["price"], mine["state"])
    (sold,) = net.get("/v1/own-trades", key=GHAF).json["items"]
    (bought,) = net.get("/v1/own-trades", key=FYNB).json["items"]
    assert ("184000.00", "sell", None) == (sold["gets"]["value"], sold["side"], sold["pays"])
    assert ("184000.00", "buy", sold["trade_id"]) == (
        bought["pays"]["value"],
        bought["side"],
        bought["trade_id"],
    )
    assert FYNB not in json.dumps(sold)
    assert [] == net.get("/v1/own-trades", key=SIDR).json["items"]


def test_what_is_public_names_nobody(net):
    order(net, GHAF, "sell", 5, "4700.00")
    book = net.get(f"/v1/market/{SPOT}/book", key=SIDR)
    feed = net.get(f"/v1/market/{SPOT}/feed", key=SIDR)
    text = book.body + feed.body + net.get(f"/v1/market/{SPOT}/trades", key=SIDR).body

    assert ("continuous", "4600.00") == (book.json["phase"], book.json["asks"][0]["price"])
    numbers = [one["seq"] for one in feed.json]
    assert list(range(1, len(numbers) + 1)) == numbers
    assert book.json["seq"] == numbers[-1]
    assert not [name for name in (GHAF, FYNB, PROVIDER) if name.encode() in text]
    after = net.get(f"/v1/market/{SPOT}/feed?from={numbers[-2]}", key=SIDR).json
    assert [numbers[-1]] == [one["seq"] for one in after]


def mirrored(net, mirror):
    """Hold a mirror to the book as the node shows it."""
    book = net.get(f"/v1/market/{SPOT}/book", key=SIDR).json
    for mine, name in ((mirror.bids(), "bids"), (mirror.asks(), "asks")):
        assert [(one.currency, one.price_minor, one.quantity) for one in mine] == [
            (one["currency"], int(one["price_minor"] or 0), one["quantity"]) for one in book[name]
        ]
    assert mirror.seq == book["seq"]


def items(net, after=0):
    answer = net.get(f"/v1/market/{SPOT}/feed?from={after}", key=SIDR)
    return msgspec.json.decode(answer.body, type=list[FeedItem])


def test_a_book_made_from_the_stream_is_the_book_also_after_a_gap(net):
    mirror = BookMirror(SPOT)
    first_half = items(net)[:3]
    mirror.take(first_half)
    first(order(net, FYNB, "buy", 5, "4450.00"))
    first(order(net, FYNB, "buy", 5, "4460.00"))

    with pytest.raises(Gap) as gap:
        mirror.take(items(net)[5:])
    assert 3 == gap.value.after == mirror.seq
    mirror.take(items(net, gap.value.after))
    mirror.take(items(net))
    mirrored(net, mirror)


def test_a_snapshot_and_what_follows_are_the_book(net):
    snapshot = net.get(f"/v1/market/{SPOT}/book", key=SIDR)
    mirror = BookMirror.of(msgspec.json.decode(snapshot.body, type=BookShown))
    first(order(net, FYNB, "buy", 5, "4470.00"))
    mirror.take(items(net, mirror.seq))

    assert any(one.price_minor == 447_000 for one in mirror.bids())
    mirrored(net, mirror)


def test_a_day_of_the_stream_carries_its_hash_and_makes_the_book(net):
    day = net.get(f"/v1/market/{SPOT}/feed/2026-11-23", key=SIDR)
    digest = day.headers["steelyard-content-sha256"]
    lines = day.body.splitlines()
    assert hashlib.sha256(day.body).hexdigest() == digest
    assert [one["seq"] for one in map(json.loads, lines)] == list(range(1, len(lines) + 1))
    assert b"" == net.get(f"/v1/market/{SPOT}/feed/2026-11-22", key=SIDR).body
    mirror = BookMirror(SPOT)
    with pytest.raises(FileIsAnother):
        mirror.take_file(day.body.replace(b"level", b"lever", 1), sha=digest)

    mirror.take_file(day.body, sha=digest)

    mirrored(net, mirror)


def test_across_currencies_each_has_his_own(net):
    ready(net, PROVIDER, "INR", "1000000.00")
    quote = {
        "size": {"asset": "INR", "value": "1000000.00"}, "buy": "ZAR", "rate": "0.21",
        "valid_until": "2026-12-01T00:00:00Z",
    }  # fmt: skip
    assert "done" == net.post("/v1/firm-quotes", quote, key=PROVIDER).json["outcome"]
    stocked(net, TAMR, 20)
    first(order(net, TAMR, "sell", 20, "21000.00", WIDE, currency="INR"))

    met = first(order(net, FYNB, "buy", 10, "4500.00", WIDE, currency="ZAR"))

    assert ("filled", 10) == (met["state"], met["traded"])
    trades = net.get("/v1/own-trades", key=FYNB).json["items"]
    assert [one["at"] for one in trades] == sorted((one["at"] for one in trades), reverse=True)
    assert ("44100.00", "ZAR") == (trades[0]["pays"]["value"], trades[0]["pays"]["asset"])
    (joined,) = net.get("/v1/own-trades", key=PROVIDER).json["items"]
    assert ("exchange", None, None, "INR", "210000.00", "44100.00") == (
        joined["side"], joined["order_id"], joined["price"], joined["pays"]["asset"], joined["pays"]["value"],
        joined["gets"]["value"],
    )  # fmt: skip
    assert "INR" == trades[0]["price_currency"]
    assert PROVIDER.encode() not in net.get(f"/v1/market/{WIDE}/feed", key=SIDR).body
    (mine,) = net.get("/v1/firm-quotes", key=PROVIDER).json["items"]
    assert ("790000.00", "0.21", "used") == (mine["left"]["value"], mine["rate"], mine["state"])
    assert 404 == net.ask("DELETE", f"/v1/firm-quotes/{UNKNOWN}", key=PROVIDER).status
    assert "done" == net.ask("DELETE", f"/v1/firm-quotes/{mine['quote_id']}", key=PROVIDER).json["outcome"]


def test_many_currencies_have_limits_calls_and_all_types_of_orders(net):
    """One unit is one ZAR; 1.00 INR is 0.21: 93 to 107 per cent of 4,600.00 are 20,371.43 to 23,438.09 INR."""
    ready(net, PROVIDER, "INR", "2000000.00")
    for in_auctions in (False, True):
        quote = {"size": {"asset": "INR", "value": "900000.00"}, "buy": "ZAR", "rate": "0.21",
                 "valid_until": "2026-12-01T00:00:00Z", "in_auctions": in_auctions}  # fmt: skip
        assert "done" == net.post("/v1/firm-quotes", quote, key=PROVIDER).json["outcome"]
    two(net, "PUT", f"/v1/market/{WIDE}/reference", {"reference": "4600.00"})
    stocked(net, TAMR, 60)
    net.project()
    limits = net.get(f"/v1/market/{WIDE}/limits", key=TAMR).json
    assert [("INR", "10000/21", "20371.50", "23438.00"), ("ZAR", "100", "4278.00", "4922.00")] == [
        tuple(one[name] for name in ("currency", "unit", "limit_low", "limit_high")) for one in limits
    ]
    assert [("ZAR", None, "4278.00")] == [
        tuple(one[name] for name in ("currency", "unit", "limit_low"))
        for one in net.get(f"/v1/market/{SPOT}/limits", key=TAMR).json
    ]
    least = first(order(net, TAMR, "sell", 5, "20371.50", WIDE, currency="INR", post_only=True))
    assert "done" == net.ask("DELETE", f"/v1/orders/{least['order_id']}", key=TAMR).json["outcome"]
    for price, code in (("20371.25", "PRICE_OUTSIDE_DAILY_LIMIT"), ("23438.25", "PRICE_OUTSIDE_DAILY_LIMIT")):
        refused = order(net, TAMR, "sell", 5, price, WIDE, currency="INR")
        assert code == refused["refusal"]["code"]
    refused = order(net, TAMR, "sell", 5, "800.00", WIDE, currency="AED")
    assert "CURRENCY_HAS_NO_RATE" == refused["refusal"]["code"]
    waits = first(order(net, TAMR, "sell", 5, "20500.00", WIDE, currency="INR", stop="20500.00"))
    whole = first(order(net, TAMR, "sell", 20, "22000.00", WIDE, currency="INR", aon=True))
    first(order(net, FYNB, "buy", 15, None, WIDE, currency="ZAR", type="mtl"))
    assert {"open"} == {
        net.get(f"/v1/orders/{one['order_id']}", key=TAMR).json["state"] for one in (waits, whole)
    }
    two(net, "PUT", f"/v1/market/{WIDE}/phase", {"phase": "volatility_call", "reason": "test"})
    first(order(net, TAMR, "sell", 10, "22000.00", WIDE, currency="INR"))
    first(order(net, FYNB, "buy", 10, "4700.00", WIDE, currency="ZAR"))
    two(net, "PUT", f"/v1/market/{WIDE}/phase", {"phase": "continuous", "reason": "test"})
    net.project()

    auction, *_ = net.get(f"/v1/market/{WIDE}/auctions", key=SIDR).json
    assert ("462000", 10, 0) == tuple(auction["data"][name] for name in ("price", "volume", "surplus"))
    assert [["INR", "21/100"], ["ZAR", "1"]] == auction["data"]["rates"]
    told = net.get(f"/v1/market/{WIDE}/trades", key=SIDR).json[0]["data"]
    assert (None, "462000", 10) == (told["price"], told["basket_price"], told["quantity"])
    own = next(one for one in net.get("/v1/own-trades", key=FYNB).json["items"] if WIDE == one["instrument"])
    assert (None, None, "462000", "46200.00") == (
        own["price"],
        own["price_currency"],
        own["basket_price"],
        own["pays"]["value"],
    )
    told = next(
        one
        for one in net.get("/v1/events?type=order", key=FYNB).json["items"]
        if one["data"]["instrument"] == WIDE
    )
    assert "ZAR" == told["data"]["amount_minor"]["asset"]
    shown = net.get(f"/v1/market/{WIDE}", key=SIDR).json
    assert ("4600.00", "4278.00", "4922.00") == tuple(
        shown[name] for name in ("reference", "limit_low", "limit_high")
    )
    assert ({"ZAR": "1.00"}, "UNIT") == (shown["basket_holds"], shown["basket"])
    assert net.post("/v1/orders/cancel-all", {}, key=TAMR).json["outcome"] == "done"


def test_a_basket_says_what_it_holds(net):
    """Without it, or of an unknown currency, an instrument is not listed."""
    for holds in ({}, {"XXX": "1.00"}):
        body = {"code": "OTHER", **LISTED, "basket": "UNIT", "basket_holds": holds}
        asked = net.ask("POST", "/v1/market", body=body, key="operator").json
        shown = {"shown": asked["details"]["shown"]}
        answer = net.post(f"/v1/approvals/{asked['subject']}/approve", shown, key="operator 2").json
        assert "LISTING_MONEY_UNKNOWN" == answer["refusal"]["code"], answer


def test_of_several_orders_each_says_what_became_of_it(net):
    asked = [
        {"instrument": SPOT, "side": "buy", "quantity": quantity, "price": price}
        for quantity, price in ((5, "4500.00"), (7, "4500.00"), (5, "4500.10"), (5, "1.00"))
    ]
    messages = [{"new": one} for one in asked]
    answer = net.post("/v1/orders/many", {"messages": messages}, key=FYNB).json

    assert [None, "QUANTITY_NOT_IN_LOTS", "PRICE_NOT_ON_TICK", "PRICE_OUTSIDE_DAILY_LIMIT"] == [
        one["refusal"] for one in answer["orders"]
    ]
    gone = net.post("/v1/orders/cancel-all", {"instrument": SPOT, "side": "buy"}, key=FYNB).json
    assert {"cancelled"} == {one["state"] for one in gone["orders"]}
    assert answer["orders"][0]["order_id"] in [one["order_id"] for one in gone["orders"]]


def test_of_many_messages_each_is_answered_in_its_place(net):
    """An order entered, changed twice and cancelled under an id of one's own, and one at the same time that rests."""
    known = first(order(net, FYNB, "buy", 5, "4390.00"))["order_id"]
    now_ms = int(known.replace("-", "")[:12], 16)  # of the node's clock
    mine, other = (uuid7(now_ms, os.urandom(10)) for _ in range(2))
    new = {"instrument": SPOT, "side": "buy", "quantity": 10, "price": "4400.00"}
    messages = [
        {"order_id": mine, "new": new},
        {"order_id": mine, "change": {"price": "4401.00"}},
        {"order_id": mine, "change": {"quantity": 7}},
        {"order_id": mine, "new": new},
        {"order_id": UNKNOWN, "cancel": True},
        {"order_id": known, "cancel": True},
        {"order_id": mine, "cancel": True},
        {"order_id": other, "new": new | {"quantity": 5}},
    ]

    answer = net.post("/v1/orders/many", {"messages": messages}, key=FYNB).json

    assert [
        (mine, "open", 10, "4400.00", None), (mine, "open", 10, "4401.00", None),
        (mine, "refused", 0, None, "QUANTITY_NOT_IN_LOTS"), (mine, "refused", 0, None, "ORDER_ID_USED"),
        (UNKNOWN, "refused", 0, None, "ORDER_NOT_OPEN"), (known, "cancelled", 0, None, None),
        (mine, "cancelled", 0, None, None),
        (other, "open", 5, "4400.00", None),
    ] == [
        tuple(one[name] for name in ("order_id", "state", "open", "price", "refusal")) for one in answer["orders"]
    ]  # fmt: skip
    net.project()
    changed = [{"order_id": other, "change": {"price": "4402.00"}}, {"order_id": other, "cancel": True}]
    again = net.post("/v1/orders/many", {"messages": changed}, key=FYNB).json["orders"]
    assert [("open", "4402.00"), ("cancelled", None)] == [(one["state"], one["price"]) for one in again]


def test_a_message_says_one_thing_about_one_order(net):
    """Nothing, two things, a cancel of nothing, and a new price of an order that nobody knows."""
    new = {"instrument": SPOT, "side": "buy", "quantity": 5, "price": "4400.00"}
    for messages, pointer, code in (
        ([{}], "/messages/0", "one-of"),
        ([{"new": new}, {"new": new, "cancel": True}], "/messages/1", "one-of"),
        ([{"cancel": True}], "/messages/0/order_id", "missing"),
        ([{"order_id": UNKNOWN, "change": {"price": "1.00"}}], "/messages/0/order_id", "order-unknown"),
        ([{"new": new | {"price": "1.001"}}], "/messages/0/new/price", "CH20"),
    ):
        answer = net.post("/v1/orders/many", {"messages": messages}, key=FYNB)
        assert 422 == answer.status
        assert [(pointer, code)] == [(one["pointer"], one["code"]) for one in answer.json["errors"]]


def test_of_several_cancelled_orders_each_is_told_of(net):
    ids = [
        first(order(net, FYNB, "buy", 5, price))["order_id"] for price in ("4390.00", "4391.00", "4392.00")
    ]

    unknown = "00000000-0000-4000-8000-000000000000"
    some = net.post("/v1/orders/cancel", {"order_ids": [ids[0], unknown, ids[1]]}, key=FYNB).json["orders"]
    rest = net.post("/v1/orders/cancel-all", {"instrument": SPOT}, key=FYNB).json["orders"]

    stand = [(one["order_id"], one["state"]) for one in some]
    assert [(ids[0], "cancelled"), (unknown, "refused"), (ids[1], "cancelled")] == stand
    assert [(ids[2], "cancelled")] == [(one["order_id"], one["state"]) for one in rest]


def test_an_order_is_changed_and_cancelled_by_its_owner(net):
    mine = first(order(net, FYNB, "buy", 10, "4400.00"))["order_id"]
    assert 404 == net.ask("PATCH", f"/v1/orders/{mine}", body={"quantity": 5}, key=GHAF).status
    assert 404 == net.ask("DELETE", f"/v1/orders/{mine}", key=GHAF).status

    changed = first(net.ask("PATCH", f"/v1/orders/{mine}", body={"price": "4401.00"}, key=FYNB).json)
    assert ("open", 10, 10, "4401.00", "ZAR") == tuple(
        changed[name] for name in ("state", "open", "quantity", "price", "currency")
    )
    net.project()
    assert "4401.00" == net.get(f"/v1/orders/{mine}", key=FYNB).json["price"]
    wrong = net.ask("PATCH", f"/v1/orders/{mine}", body={"price": "4401.10"}, key=FYNB).json
    assert ("refused", "PRICE_NOT_ON_TICK") == (wrong["outcome"], wrong["refusal"]["code"])
    gone = first(net.ask("DELETE", f"/v1/orders/{mine}", key=FYNB).json)
    assert (mine, "cancelled", 0, 10) == tuple(
        gone[name] for name in ("order_id", "state", "open", "cancelled")
    )
    assert 404 == net.ask("DELETE", f"/v1/orders/{mine}", key=FYNB).status


REFUSED = [
    ({"quantity": 0}, 422),
    ({"quantity": 5.5}, 422),
    ({"quantity": "5"}, 422),
    ({"price": "NaN"}, 422),
    ({"price": "-1"}, 422),
    ({"price": "1.001"}, 422),
    ({"price": 4500}, 422),
    ({"side": "both"}, 422),
    ({"odd": 1}, 422),
    ({"until_on": "2026-13-01"}, 422),
]


@pytest.mark.parametrize(("wrong", "status"), REFUSED)
def test_bad_input_is_named(net, wrong, status):
    body = {"instrument": SPOT, "side": "buy", "quantity": 5, "price": "4500.00", **wrong}
    answer = net.post("/v1/orders", body, key=FYNB)

    assert status == answer.status
    assert answer.json["errors"][0]["pointer"].strip("/") in (*wrong, "")


def test_a_refused_order_says_which_rule(net):
    answer = order(net, FYNB, "buy", 5, "4500.00", "NOTHING")

    assert ("refused", "INSTRUMENT_UNKNOWN") == (answer["outcome"], answer["refusal"]["code"])
    assert "TRADE" not in answer["refusal"]["code"]


def test_bands_and_halts_take_two_persons(net):
    two(net, "PUT", f"/v1/market/{WIDE}/phase", {"phase": "halt", "reason": "a rumour"})
    answer = order(net, FYNB, "buy", 5, "4500.00", WIDE, currency="ZAR")
    assert "PHASE_DOES_NOT_ALLOW_IT" == answer["refusal"]["code"]
    net.project()

    assert "halt" == net.get(f"/v1/market/{WIDE}", key=SIDR).json["phase"]
    two(net, "PUT", f"/v1/market/{SPOT}/reference", {"reference": "4700.00"})
    net.project()
    shown = net.get(f"/v1/market/{SPOT}", key=SIDR).json
    assert ("4371.00", "5029.00") == (shown["limit_low"], shown["limit_high"])


def test_sessions_beat_and_end(net):
    assert "done" == net.post("/v1/order-sessions/one/beat", {}, key=FYNB).json["outcome"]
    assert "done" == net.ask("DELETE", "/v1/order-sessions/one", key=FYNB).json["outcome"]


def test_an_order_of_which_nothing_is_left_says_how_it_ended(net):
    """A total that has traded: filled. Two of one owner that meet: the one that rested is cancelled."""
    assert "done" == net.post("/v1/orders/cancel-all", {}, key=GHAF).json["outcome"]
    stocked(net, GHAF, 25)
    ready(net, GHAF, "ZAR", "30000.00")
    partly = first(order(net, GHAF, "sell", 10, "4650.00"))["order_id"]
    first(order(net, FYNB, "buy", 5, "4650.00"))
    net.project()
    over = first(net.ask("PATCH", f"/v1/orders/{partly}", body={"quantity": 5}, key=GHAF).json)
    rests = first(order(net, GHAF, "sell", 5, "4651.00"))["order_id"]
    met = first(order(net, GHAF, "buy", 5, "4651.00", stp="decrement"))
    net.project()

    assert [("filled", 0, 5), ("filled", 0, 5)] == [
        (one["state"], one["open"], one["quantity"]) for one in (over, met)
    ]
    shown = {one: net.get(f"/v1/orders/{one}", key=GHAF).json for one in (partly, rests, met["order_id"])}
    assert {partly: "filled", rests: "cancelled", met["order_id"]: "filled"} == {
        one: row["state"] for one, row in shown.items()
    }
    assert "self_trade" == shown[rests]["why"]
