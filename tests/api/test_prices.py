"""Published prices over HTTP: made by the method in force, corrected by two, disputed in words that are kept."""

import hashlib

import pytest

from tests.api.conftest import begin
from tests.api.markets import SPOT, open_market, two
from tests.api.world import FYNB, GHAF, SIDR

MARK, NONE = "WHEAT-FOB", "NOTHING"
DAY, NEXT = "2026-11-22", "2026-11-23"


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("prices"))
    open_market(live)
    two(
        live, "POST", f"/v1/prices/{MARK}/methods", {"version": 1, "from_on": "2026-11-20", "volume_min": 100}
    )
    two(live, "POST", "/v1/prices/MONTH/methods", {"version": 1, "from_on": "2026-11-20", "tick": "0.25"})
    yield live
    end()


def trade(number, price, volume, buyer, seller):
    return {"trade_id": str(number), "price": price, "volume": volume, "buyer": buyer, "seller": seller}


TRADES = [
    trade(1, "261.50", 60, "A", "B"), trade(2, "262.10", 50, "C", "D"), trade(3, "261.80", 70, "E", "F"),
    trade(4, "262.40", 40, "G", "H"), trade(5, "261.60", 80, "C", "F"),
]  # fmt: skip


def publish(net, series=MARK, **body):
    """Let one of the operator hand the data in and another agree; what is faulty, or refused, is answered as such."""
    asked = net.ask("POST", f"/v1/prices/{series}/benchmark", body={"on": DAY, **body}, key="operator")
    if asked.json.get("state") != "PROPOSED":
        return asked
    shown = {"shown": asked.json["details"]["shown"]}
    return net.post(f"/v1/approvals/{asked.json['subject']}/approve", shown, key="operator 2")


def versions(net, series):
    return net.get(f"/v1/prices/{series}", key=SIDR).json["items"]


def test_a_benchmark_is_published_corrected_and_disputed(net):
    """261.60 as worked out by hand; one unit of the basket is 8.5 ZAR."""
    publish(net, trades=TRADES, medians={"ZAR": "8.5"})
    assert "PRICE_STANDS_ALREADY" == publish(net, trades=TRADES).json["refusal"]["code"]
    body = {"on": DAY, "value": "261.70", "reason": "a trade was reported twice"}
    two(net, "POST", f"/v1/prices/{MARK}/corrections", body)
    said = net.post(f"/v1/prices/{MARK}/complaints", {"on": DAY, "text": "Ours is missing."}, key=FYNB).json

    second, first = versions(net, MARK)

    assert ("261.6", "26160", None, {"ZAR": "2223.6"}) == (
        first["value"], first["exact"], first["unit"], first["currencies"],
    )  # fmt: skip
    assert (5, 1, "trades", []) == (
        len(first["inputs"]),
        first["method"],
        first["source"],
        first["complaints"],
    )
    assert ("261.7", "override", "a trade was reported twice") == (
        second["value"],
        second["source"],
        second["reason"],
    )
    assert [{"number": int(said["subject"]), "state": "open"}] == second["complaints"]
    assert {MARK} == {one["series"] for one in net.get("/v1/benchmarks", key=SIDR).json["items"]}


def test_a_complaint_is_answered_appealed_and_decided_and_read_by_its_two_sides(net):
    publish(net, on=NEXT, related_move="-0.15")
    body = {"on": NEXT, "text": "The move was up."}
    number = net.post(f"/v1/prices/{MARK}/complaints", body, key=GHAF).json["subject"]
    case = f"/v1/price-complaints/{number}"
    net.project()
    assert (
        "COMPLAINT_STEP_NOT_ALLOWED"
        == (net.post(f"{case}/appeal", {"text": "No."}, key=GHAF).json["refusal"]["code"])
    )
    assert 404 == net.post(f"{case}/withdraw", {"text": "No."}, key=FYNB).status
    assert 403 == net.post(f"{case}/answer", {"text": "No."}, key=GHAF).status
    assert "answered" == net.post(f"{case}/answer", {"text": "It was down."}, key="operator").json["state"]
    assert "appealed" == net.post(f"{case}/appeal", {"text": "It was up."}, key=GHAF).json["state"]
    assert "closed" == net.post(f"{case}/decide", {"text": "Down."}, key="operator").json["state"]

    found = net.get(case, key=GHAF).json

    assert found == net.get(case, key="operator").json
    assert ("closed", GHAF, NEXT) == (found["state"], found["complainer"], found["on"])
    assert [
        ("opened", "The move was up."), ("answered", "It was down."), ("appealed", "It was up."), ("decided", "Down."),
    ] == [(one["event"], one["text"]) for one in found["steps"]]  # fmt: skip
    assert hashlib.sha256(b"Down.").hexdigest() == found["steps"][3]["digest"]
    assert 404 == net.get(case, key=FYNB).status
    assert int(number) in [one["number"] for one in net.get("/v1/price-complaints", key=GHAF).json["items"]]
    assert int(number) not in [
        one["number"] for one in net.get("/v1/price-complaints", key=FYNB).json["items"]
    ]


def test_a_settlement_price_is_made_from_the_window(net):
    body = {"on": DAY, "trades": [{"price": "210.25", "lots": 2}, {"price": "210.50", "lots": 2}]}
    two(net, "POST", "/v1/prices/MONTH/settlement", {**body, "previous": "209.75"})
    two(net, "POST", "/v1/prices/MONTH/settlement", {"on": NEXT, "neighbour_change": "-0.75"})

    assert [("settlement", "neighbour", "209.5"), ("settlement", "vwap", "210.25")] == [
        (one["kind"], one["source"], one["value"]) for one in versions(net, "MONTH")
    ]


def test_methods_and_what_is_not_there(net):
    (one,) = net.get(f"/v1/prices/{MARK}/methods", key=SIDR).json["items"]
    assert (1, "2026-11-20", None, "1/4", 4, 100, 300) == tuple(
        one[name]
        for name in (
            "version",
            "from_on",
            "tick",
            "cap",
            "participants_min",
            "volume_min",
            "held_min_seconds",
        )
    )
    assert "0.25" == net.get("/v1/prices/MONTH/methods", key=SIDR).json["items"][0]["tick"]
    for path in (
        f"/v1/prices/{NONE}",
        f"/v1/prices/{NONE}/methods",
        "/v1/price-complaints/999",
        "/v1/price-complaints/x",
    ):
        assert 404 == net.get(path, key=SIDR).status, path
    faulty = publish(net, on="2026-13-01", medians={"XXX": "1"}).json
    assert {"/on", "/medians/XXX"} == {one["pointer"] for one in faulty["errors"]}
    assert (
        "PRICE_SERIES_NOT_FOUND"
        == (net.post(f"/v1/prices/{SPOT}/settlement", {"on": DAY}, key="operator").json["refusal"]["code"])
    )


def test_prices_are_listed_by_day_and_kind(net):
    items = net.get(f"/v1/prices?on={DAY}&kind=settlement", key=SIDR).json["items"]

    assert [("MONTH", DAY)] == [(one["series"], one["on"]) for one in items]


def test_the_machine_makes_benchmarks_indices_and_curves_at_the_fixing(net):
    """Registered by both, 10 t for 46,000.00 ZAR are the only data: enough for the index, not for the benchmark."""
    source = {"code": SPOT, "origin": "ZA"}
    body = {
        "version": 1,
        "from_on": "2026-11-20",
        "sources": [source],
        "basket": {"ZAR": "2.00"},
        "unit_kg": 1_000,
    }
    two(net, "POST", "/v1/prices/TRADED/methods", {**body, "participants_min": 3})
    index = {"version": 1, "from_on": "2026-11-20", "parent": "TRADED", "origin": "ZA", "participants_min": 2}
    two(net, "POST", "/v1/prices/TRADED-ZA/methods", {**index, "cap": "1", "days_min": 1})
    (method,) = net.get("/v1/prices/TRADED/methods", key=SIDR).json["items"]
    assert ([{**source, "grade": ""}], {"ZAR": "2.00"}, "benchmark", 1_000) == tuple(
        method[name] for name in ("sources", "basket", "makes", "unit_kg")
    )
    early = net.post("/v1/prices/TRADED/fixing", {}, key="operator").json
    assert "BENCHMARK_IS_BEFORE_ITS_TIME" == early["refusal"]["code"]
    handed = publish(net, "TRADED").json
    assert "PRICE_IS_MADE_BY_ITSELF" == handed["refusal"]["code"]
    registered(net)
    net.post("/v1/sandbox/advance", {"to": "PT8H"}, key="operator")
    net.project()

    (made,) = net.get("/v1/price-indices?origin=ZA", key=SIDR).json["items"]

    assert ("index", "2300", "otc", "ZA", {"ZAR": "4600"}) == tuple(
        made[name] for name in ("kind", "value", "source", "origin", "currencies")
    )
    assert (None, {"ZAR": "2.00"}, 1_000) == (made["unit"], made["basket"], made["per_kg"])
    (none,) = net.get("/v1/benchmarks?series=TRADED", key=SIDR).json["items"]
    assert (None, "2 of 3 participants, volume 10000 of 0, no value before") == (
        none["value"],
        none["reason"],
    )
    assert [] == net.get("/v1/price-indices?grade=NONE", key=SIDR).json["items"]
    assert [] == net.get("/v1/price-curves", key=SIDR).json["items"]
    (month,) = net.get("/v1/prices/TRADED-ZA/months", key=SIDR).json["items"]
    assert {"month": "2026-11", "days": 1, "means": {"ZAR": "4600"}, "exact": {"ZAR": "460000"}} == month
    assert 404 == net.get("/v1/prices/NONE/months", key=SIDR).status


def registered(net):
    """Let FYNB register that it bought of GHAF, and GHAF confirm it."""
    trade = {
        "side": "buy", "other": GHAF, "code": SPOT, "kg": 10_000, "currency": "ZAR", "value": "46000.00",
        "traded_at": "2026-11-23T06:30:00Z", "proof": "0" * 64,
    }  # fmt: skip
    done = net.post("/v1/otc-trades", trade, key=FYNB).json
    assert "OFFERED" == done["state"], done
    one = f"/v1/otc-trades/{done['subject']}"
    net.project()
    assert 404 == net.get(one, key=SIDR).status
    assert 404 == net.post(f"{one}/confirm", {}, key=SIDR).status
    assert "REGISTERED" == net.post(f"{one}/confirm", {}, key=GHAF).json["state"]
    net.project()
    shown = net.get(one, key=GHAF).json
    assert ("46000.00", "evidence", "REGISTERED", GHAF, "0" * 64) == tuple(
        shown[name] for name in ("value", "proven", "state", "seller", "proof")
    )
    assert [shown] == net.get("/v1/otc-trades?state=REGISTERED", key=FYNB).json["items"]
    assert [] == net.get("/v1/otc-trades", key=SIDR).json["items"]
    again = net.post("/v1/otc-trades", trade, key=FYNB).json
    assert "OTC_IS_THERE" == again["refusal"]["code"]
    faulty = {**trade, "value": "1.005", "traded_at": "yesterday"}
    assert {"/value", "/traded_at"} == {
        error["pointer"] for error in net.post("/v1/otc-trades", faulty, key=FYNB).json["errors"]
    }
