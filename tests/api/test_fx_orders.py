"""Orders to exchange currencies over the API: entered, shown to their owner, filled by a batch, taken back."""

from uuid import UUID

import msgspec
import pytest

from steelyard.liquidity import batch_file
from steelyard.liquidity.file_shapes import snap_of
from steelyard.node.offline import queue_of
from tests.api.conftest import begin
from tests.api.test_batches import ended, solver
from tests.api.world import GHAF, TAMR

SELL = {"sell": {"asset": "AED", "value": "1000.00"}, "buy": "INR", "good_until": "2026-12-20T00:00:00Z"}
BUY = {"sell": {"asset": "INR", "value": "11250.00"}, "buy": "AED", "good_until": "2026-12-20T00:00:00Z"}


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("fx_orders"))
    yield live
    end()


def enter(net, body, *, key=GHAF):
    return net.post("/v1/fx/orders", body, key=key)


def shown(net, order_id, *, key=GHAF):
    return net.get(f"/v1/fx/orders/{order_id}", key=key)


def test_an_order_is_entered_shown_and_taken_back(net):
    told = enter(net, SELL | {"limit": "22.50"})
    order_id = told.json["subject"]
    found = shown(net, order_id).json

    assert (200, "done", "open") == (told.status, told.json["outcome"], told.json["state"])
    assert ("1000.00", "1000.00", "22.5", "open") == (
        found["sell"]["value"], found["open"]["value"], found["limit"], found["state"]
    )  # fmt: skip
    assert order_id in [
        one["order_id"] for one in net.get("/v1/fx/orders?state=open", key=GHAF).json["items"]
    ]
    assert "cancelled" == net.post(f"/v1/fx/orders/{order_id}/cancel", {}, key=GHAF).json["state"]
    assert "cancelled" == shown(net, order_id).json["state"]
    assert 404 == net.post(f"/v1/fx/orders/{order_id}/cancel", {}, key=GHAF).status


def test_an_order_is_its_owners_own(net):
    order_id = enter(net, SELL).json["subject"]

    assert 404 == shown(net, order_id, key=TAMR).status
    assert order_id not in [one["order_id"] for one in net.get("/v1/fx/orders", key=TAMR).json["items"]]
    assert 404 == net.post(f"/v1/fx/orders/{order_id}/cancel", {}, key=TAMR).status
    net.post(f"/v1/fx/orders/{order_id}/cancel", {}, key=GHAF)


@pytest.mark.parametrize(
    "change", [{"buy": "XXX"}, {"limit": "0"}, {"limit": "x"}, {"sell": {"asset": "AED", "value": "1.001"}}]
)
def test_a_field_that_makes_no_sense_is_named(net, change):
    assert 422 == enter(net, SELL | change).status


def test_an_order_without_money_is_refused_by_name(net):
    told = enter(net, SELL | {"sell": {"asset": "AED", "value": "900000000.00"}}).json

    assert ("refused", "FX_ORDER_LACKS_MONEY") == (told["outcome"], told["refusal"]["code"])


def test_a_batch_fills_both_sides_and_is_reported(net):
    """Half of one order meets the whole of the other; the report is one of the batches, the solver a process."""
    rates = {
        "source": "test", "at": "2026-11-23T07:00:00Z",
        "rates": [{"base": "AED", "quote": "INR", "rate": "22.50"}],
    }  # fmt: skip
    assert "done" == net.post("/v1/fx/rates", rates, key="operator").json["outcome"]
    sold, bought = enter(net, SELL).json["subject"], enter(net, BUY, key=TAMR).json["subject"]
    desk = net.run(solver(net))
    batch_id = net.post("/v1/fx/batches", {"kind": "fx_reference"}, key="operator").json["subject"]
    report = ended(net, batch_id)

    assert ("fx_reference", ["AED", "INR"], 2, 0) == (
        report["kind"], report["currencies"], report["queued_count"], report["distance_bp"]
    )  # fmt: skip
    one, other = shown(net, sold).json, shown(net, bought, key=TAMR).json
    assert ("open", "500.00", "11250.00") == (one["state"], one["open"]["value"], one["bought"]["value"])
    assert ("filled", "0.00", "500.00") == (other["state"], other["open"]["value"], other["bought"]["value"])
    assert batch_id in [row["batch_id"] for row in net.get("/v1/batches?kind=fx_reference").json["items"]]
    kinds = [event["type"] for event in net.get("/v1/events", key=TAMR).json["items"]]
    assert "fx_order.filled" in kinds
    is_proved_from_its_file(net, batch_id)
    net.run(desk.end())


def is_proved_from_its_file(net, batch_id):
    """Check a batch's file alone, and with the orders that the journal has."""
    file = batch_file.read(net.get(f"/v1/batches/{batch_id}/certificate", key="auditor").body)
    orders = snap_of(queue_of(net.world.node.journal, UUID(batch_id).bytes))
    orders = batch_file.read_snapshot(msgspec.json.encode(orders))

    assert {order.member for order in orders.orders} == {fill.participant for fill in file.exchange.fills}
    for verdict in (batch_file.verify(file), batch_file.verify(file, orders)):
        assert ((), True) == (verdict.faults, verdict.is_proved)


def test_a_cap_is_set_and_taken_back(net):
    for cap in ("250.00", None):
        told = net.ask("PUT", "/v1/fx/caps/AED", body={"cap": cap}, key=GHAF)
        assert "done" == told.json["outcome"]


def test_residuals_are_swept_by_the_operator_alone(net):
    assert 403 == net.post("/v1/residuals/sweep", {}, key=GHAF).status
    asked = net.post("/v1/residuals/sweep", {"currencies": ["AED"]}, key="operator").json

    assert "PROPOSED" == asked["state"], asked
