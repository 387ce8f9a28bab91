"""Credit lines over HTTP: given by two people, drawn and repaid, seen by both sides and by nobody else."""

import pytest

from tests.api.conftest import begin
from tests.api.world import FYNB, GHAF, SIDR, TAMR

AE, IN = ("STAGAEA0 1", "STAGAEA0 2"), ("STAGINB0 1", "STAGINB0 2")
BOND = {"asset": "XS-BOND", "quantity": 10, "price": "101.25", "haircut_bp": 1000}


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("credit"))
    yield live
    end()


def order(live, who, method, path, body):
    """Give an order, let the second person approve it where it takes two; gives (outcome, rule), subject."""
    answer = live.ask(method, path, body=body, key=who[0])
    assert 200 == answer.status, answer
    told = answer.json
    if told["state"] == "PROPOSED":
        live.project()
        shown = {"shown": told["details"]["shown"]}
        told = live.post(f"/v1/approvals/{told['subject']}/approve", shown, key=who[1]).json
    return (told["outcome"], (told["refusal"] or {}).get("code")), told["subject"]


def lines(live, key, **query):
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return live.get(f"/v1/credit-lines?{asked}", key=key).json["items"]


def put(live, **terms):
    return order(live, AE, "PUT", "/v1/credit-lines", {"currency": "AED"} | terms)[0]


def test_an_intraday_line_is_as_deep_as_its_collateral(net):
    """10 at 101.25 less a tenth: 911.25, whatever the cap is."""
    terms = {"kind": "intraday", "partner": GHAF, "cap": "5000.00", "repay_at": "2026-11-23T16:00:00Z"}
    assert ("done", None) == put(net, **terms, collateral=[BOND])
    (line,) = lines(net, GHAF)

    assert ("STAGAEA0", GHAF, "5000.00", "911.25", "0.00", "911.25", True) == (
        line["lender"], line["borrower"], line["cap"]["value"], line["most"]["value"], line["used"]["value"],
        line["room"]["value"], line["usable"],
    )  # fmt: skip
    assert {"asset": "XS-BOND", "quantity": "10", "price": "10125", "haircut_bp": 1000} == {
        name: line["collateral"][0][name] for name in ("asset", "quantity", "price", "haircut_bp")
    }
    (account,) = net.get(f"/v1/liquidity/accounts/{GHAF}?currency=AED").json
    assert ("911.25", "0.00") == (account["line"]["value"], account["line_used"]["value"])
    assert ("done", None) == put(net, **terms, collateral=[])
    assert "0.00" == lines(net, GHAF)[0]["most"]["value"]


def test_a_member_line_is_drawn_and_repaid_in_lots(net):
    assert ("done", None) == put(net, kind="member", partner="STAGINB0", cap="1000.00", age_limit_days=30)
    (line,) = lines(net, "STAGINB0", kind="member")
    at = f"/v1/credit-lines/{line['line_id']}"
    aed = {"asset": "AED", "value": "400.00"}
    before = net.balance(TAMR, "AED")

    assert ("done", None) == order(net, IN, "POST", f"{at}/draw", {"participant": TAMR, "amount": aed})[0]
    assert before + 400_00 == net.balance(TAMR, "AED")
    (line,) = lines(net, "STAGAEA0", kind="member")
    assert ("400.00", "600.00", "400.00") == (
        line["used"]["value"], line["room"]["value"], line["lots"][0]["open"]["value"]
    )  # fmt: skip
    much = {"participant": TAMR, "amount": aed | {"value": "600.01"}}
    assert ("refused", "CREDIT_CAP_WOULD_BE_EXCEEDED") == order(net, IN, "POST", f"{at}/draw", much)[0]
    part = {"amount": aed | {"value": "150.00"}}
    assert ("done", None) == order(net, (TAMR,), "POST", f"{at}/repay", part)[0]
    rest = {"amount": aed | {"value": "250.00"}, "participant": TAMR}
    assert ("done", None) == order(net, IN, "POST", f"{at}/repay", rest)[0]
    assert ("refused", "REPAYMENT_EXCEEDS_USE") == order(net, IN, "POST", f"{at}/repay", rest)[0]
    (line,) = lines(net, "STAGAEA0", kind="member")
    assert ("0.00", []) == (line["used"]["value"], line["lots"])


def test_cycles_draw_by_themselves_where_two_people_let_them(net):
    (line,) = lines(net, "STAGINB0", kind="member")
    at = f"/v1/credit-lines/{line['line_id']}"

    assert ("done", None) == order(
        net, IN, "PUT", f"{at}/auto-draw", {"auto_draw": True, "cycle_cap": "50.00"}
    )[0]
    (line,) = lines(net, "STAGINB0", kind="member")
    assert (True, "50.00") == (line["auto_draw"], line["cycle_cap"]["value"])
    assert ("done", None) == order(net, AE, "POST", f"{at}/close", {})[0]
    (line,) = lines(net, "STAGINB0", kind="member")
    assert ("closed", False, "CREDIT_LINE_CLOSED") == (line["state"], line["usable"], line["why"])


def test_a_line_of_others_is_not_there(net):
    """Neither listed nor drawn on."""
    (line,) = lines(net, "STAGAEA0", kind="member")
    assert [] == lines(net, FYNB) == lines(net, SIDR) == lines(net, "STAGZAJ0")
    assert line["line_id"] in [one["line_id"] for one in lines(net, "auditor")]
    body = {"participant": FYNB, "amount": {"asset": "AED", "value": "1.00"}}
    for key in ("STAGZAJ0", "STAGAEA0"):  # a stranger; and who gives it, who does not draw on it
        assert 404 == net.post(f"/v1/credit-lines/{line['line_id']}/draw", body, key=key).status
    assert 403 == net.post(f"/v1/credit-lines/{line['line_id']}/draw", body, key=GHAF).status
    assert [] == net.get("/v1/credit-cases", key="operator").json["items"]


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ({"kind": "member", "cap": "1.00", "tenor_days": 3}, "/tenor_days"),
        ({"kind": "swap", "cap": "1.001", "tenor_days": 3}, "/cap"),
        ({"kind": "intraday", "cap": "1.00", "collateral": [BOND | {"price": "1e3"}]}, "/collateral/0/price"),
        ({"kind": "member", "cap": "1.00", "age_limit_days": 3, "to_at": "soon"}, "/to_at"),
        ({"kind": "member", "cap": "1.00", "currency": "XXX"}, "/currency"),
    ],
)
def test_terms_that_do_not_fit_are_pointed_at(net, terms, pointer):
    body = {"currency": "AED", "partner": "STAGINB0"} | terms
    answer = net.ask("PUT", "/v1/credit-lines", body=body, key="STAGAEA0")

    assert (422, [pointer]) == (answer.status, [one["pointer"] for one in answer.json["errors"]]), answer


def test_an_amount_of_another_currency_is_unfit(net):
    (line,) = lines(net, "STAGINB0", kind="member")
    body = {"participant": TAMR, "amount": {"asset": "INR", "value": "1.00"}}
    answer = net.post(f"/v1/credit-lines/{line['line_id']}/draw", body, key="STAGINB0")

    assert (422, "/amount/asset") == (answer.status, answer.json["errors"][0]["pointer"])
