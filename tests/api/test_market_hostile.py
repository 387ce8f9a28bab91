"""What of a market order is wrong is told by name and field, and nothing has changed."""

import json

import pytest

from tests.api.conftest import begin
from tests.api.markets import SPOT, open_market, ready
from tests.api.world import FYNB

RIGHT = {"instrument": SPOT, "side": "buy", "quantity": 5, "price": "4600.00"}
FORMS = [
    ({"colour": "red"}, "/colour"),
    ({"quantity": 5.5}, "/quantity"),
    ({"quantity": "5"}, "/quantity"),
    ({"quantity": 0}, "/quantity"),
    ({"quantity": -5}, "/quantity"),
    ({"quantity": 10**18}, "/quantity"),
    ({"quantity": True}, "/quantity"),
    ({"price": 4600.0}, "/price"),
    ({"price": "NaN"}, "/price"),
    ({"price": "-1"}, "/price"),
    ({"price": "1e3"}, "/price"),
    ({"price": "4600.001"}, "/price"),
    ({"side": "both"}, "/side"),
    ({"until_on": "2026-13-40"}, "/until_on"),
    ({"peak": 0}, "/peak"),
]
VALUES = [
    ({"quantity": 7}, "QUANTITY_NOT_IN_LOTS"),
    ({"price": "4600.10"}, "PRICE_NOT_ON_TICK"),
    ({"price": "9900.00"}, "PRICE_OUTSIDE_DAILY_LIMIT"),
    ({"instrument": "NOTHING"}, "INSTRUMENT_UNKNOWN"),
    ({"price": None}, "TYPE_COMBINATION_NOT_ALLOWED"),
    ({"quantity": 100_000}, "FUNDS_ARE_SHORT"),
]


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("market_hostile"))
    open_market(live)
    ready(live, FYNB, "ZAR", "50000.00")
    yield live
    end()


def orders(net):
    return net.get("/v1/orders", key=FYNB).json["items"]


def asked(net, changes):
    return net.post("/v1/orders", RIGHT | changes, key=FYNB)


@pytest.mark.parametrize(("changes", "pointer"), FORMS)
def test_a_field_of_another_form_is_named(net, changes, pointer):
    before, answer = orders(net), asked(net, changes)

    assert 400 <= answer.status < 500, answer.json
    assert pointer in [one["pointer"] for one in answer.json["errors"]], answer.json
    assert before == orders(net)


@pytest.mark.parametrize(("changes", "name"), VALUES)
def test_a_value_that_breaks_a_rule_is_refused_by_its_name(net, changes, name):
    before, answer = orders(net), asked(net, changes)

    assert name.lower().replace("_", "-") in json.dumps(answer.json).lower().replace("_", "-"), answer.json
    assert before == orders(net)


def test_after_all_of_it_a_right_order_is_taken(net):
    assert "done" == asked(net, {}).json["outcome"]
