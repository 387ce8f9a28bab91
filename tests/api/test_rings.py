"""Rings of surplus over HTTP: offered, matched by the operator, agreed to by each holder, booked."""

import pytest

from tests.api.conftest import begin
from tests.api.world import GHAF, SIDR, TAMR

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("rings"))
    rates = {
        "source": "test", "at": "2026-11-23T07:00:00Z",
        "rates": [{"base": "AED", "quote": "INR", "rate": "20"}],
    }  # fmt: skip
    assert "done" == live.post("/v1/fx/rates", rates, key="operator").json["outcome"]
    yield live
    end()


def offer(net, key, asset, value, wanted):
    body = {"amount": {"asset": asset, "value": value}, "wanted": wanted}
    return net.ask("PUT", "/v1/surplus/offers", body=body, key=key)


def offers(net, key):
    items = net.get("/v1/surplus/offers", key=key).json["items"]
    return [
        (one["participant"], one["amount"]["value"], one["wanted"], one["keep"]["value"]) for one in items
    ]


def rings(net, key):
    return net.get("/v1/rings", key=key).json["items"]


def say(net, key, ring, word="consent"):
    return net.post(f"/v1/rings/{ring}/{word}", {}, key=key)


def test_a_ring_is_matched_told_in_a_sentence_and_booked(net):
    assert 422 == offer(net, GHAF, "AED", "x", "INR").status
    assert "RING_HAS_NO_STOCKS" == net.post("/v1/rings", {}, key="operator").json["refusal"]["code"]
    assert "done" == offer(net, GHAF, "AED", "100.00", "INR").json["outcome"]
    assert "done" == offer(net, TAMR, "INR", "1000.00", "AED").json["outcome"]
    assert [(GHAF, "100.00", "INR", "0.00")] == offers(net, GHAF)
    assert [] == offers(net, SIDR)
    assert {GHAF, TAMR} == {one[0] for one in offers(net, "auditor")}
    assert "open" == net.post("/v1/rings", {}, key="operator").json["state"]
    (ring,) = rings(net, GHAF)

    assert {f"{GHAF} gives 50.00 AED, gets 1000.00 INR", f"{TAMR} gives 1000.00 INR, gets 50.00 AED"} == set(
        ring["sentence"].split("; ")
    )
    assert [] == rings(net, SIDR)
    assert 404 == say(net, SIDR, ring["ring_id"]).status
    assert "open" == say(net, GHAF, ring["ring_id"]).json["state"]
    assert "settled" == say(net, TAMR, ring["ring_id"]).json["state"]
    (over,) = rings(net, TAMR)
    assert ("settled", True) == (over["state"], over["bundle_id"] is not None)
    assert "ring.settled" in [one["type"] for one in net.get("/v1/events", key=GHAF).json["items"]]


def test_one_who_declines_ends_it(net):
    net.post("/v1/rings", {}, key="operator")
    offer(net, TAMR, "INR", "200.00", "AED")
    net.post("/v1/rings", {}, key="operator")
    ring = next(one for one in rings(net, GHAF) if one["state"] == "open")["ring_id"]

    assert "declined" == say(net, GHAF, ring, "decline").json["state"]
    assert 404 == say(net, TAMR, ring).status
    assert 404 == say(net, TAMR, UNKNOWN).status


def test_a_holder_sees_how_often_it_let_a_ring_lapse_and_is_told_that_it_rests(net):
    def standing(key):
        return net.get("/v1/rings/standing", key=key).json["items"]

    (first,) = standing(GHAF)
    assert (GHAF, 1, "declined", None) == (
        first["participant"], first["lapses"], first["last"], first["rests_until_at"],
    )  # fmt: skip
    assert ([], []) == (standing(SIDR), standing(TAMR))
    for _ in range(2):
        net.post("/v1/rings", {}, key="operator")
        ring = next(one for one in rings(net, GHAF) if one["state"] == "open")["ring_id"]
        say(net, GHAF, ring, "decline")

    (rests,) = standing("auditor")
    told = next(one for one in net.get("/v1/events", key=GHAF).json["items"] if one["type"] == "ring.rests")
    assert {"lapses": 3, "until_at": rests["rests_until_at"]} == told["data"]
    assert "RING_HAS_NO_STOCKS" == net.post("/v1/rings", {}, key="operator").json["refusal"]["code"]
