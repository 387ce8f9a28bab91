"""Clearing over HTTP: set up by two people, joined, margined, run, and a default led to its end."""

import pytest

from steelyard.flows.market_list import ListFields
from steelyard.flows.market_phase import PhaseFields
from steelyard.flows.order import OrderFields
from steelyard.flows.person import KeyFields
from steelyard.market.books import Way
from steelyard.market.instruments import Instrument
from steelyard.market.orders import Side
from steelyard.market.phases import Phase
from steelyard.members.roles import Role
from tests.api.conftest import begin
from tests.api.goods import RYE, Trade
from tests.api.world import FYNB, GHAF, MRUL, PROVIDER, SIDR

CODE, LOT = "WMF-2026-12", 50
REPORT = "ab" * 32
UNKNOWN = "00000000-0000-4000-8000-000000000000"
OPERATORS = ("operator", "operator 2")
ROOT = "/v1/clearing"


class House:
    """The clearing of one contract in ZAR on a live node."""

    def __init__(self, live):
        self.live = live

    def two(self, method, path, body, people=OPERATORS):
        """Let two people give an order; gives the answer to the second."""
        asked = self.live.ask(method, f"{ROOT}/{path}", body=body, key=people[0]).json
        assert "PROPOSED" == asked["state"], asked
        approve = f"/v1/approvals/{asked['subject']}/approve"
        return self.live.post(approve, {"shown": asked["details"]["shown"]}, key=people[1]).json

    def post(self, path, body=None, key=GHAF):
        return self.live.post(f"{ROOT}/{path}", body, key=key).json

    def get(self, path, key=GHAF):
        answer = self.live.get(f"{ROOT}/{path}", key=key)
        assert 200 == answer.status, answer
        return answer.json

    def margin(self, key=GHAF):
        (found,) = self.get("margin", key=key)["margins"]
        return found

    def order(self, owner, side, lots, price):
        fields = OrderFields(CODE, side, lots * LOT, price)
        builder = self.live.world.builder
        return self.live.run(builder.give("order.enter", fields, owner, f"k-t-{owner}"))

    def trade(self, buyer, seller, lots, price):
        self.order(seller, Side.SELL, lots, price)
        self.order(buyer, Side.BUY, lots, price)


def listed(live):
    """List the contract for trade, and let traders trade it."""
    builder = live.world.builder

    async def story():
        for bic in (GHAF, SIDR, FYNB, MRUL):
            key = KeyFields(f"k-t-{bic}", bic, (Role.TRADER,), f"p-{bic}-1", credential=b"k" * 32)
            await builder.operators("key.register", key)
        instrument = Instrument(code=CODE, tick=25, lot=LOT, currency="ZAR", ref_price=460_000)
        await builder.operators("instrument.list", ListFields(instrument, "WMF", Way.CLEARED, CODE, 1_000))
        for phase in (Phase.OPENING_CALL, Phase.CONTINUOUS):
            await builder.operators("instrument.phase", PhaseFields(CODE, phase, "test"))

    live.run(story())


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("clearing"))
    made = House(live)
    desk = {"currency": "ZAR", "sponsor": PROVIDER, "collect_seconds": 60, "grace_seconds": 60}
    assert "done" == made.two("PUT", "desks", desk)["outcome"]
    terms = {
        "contract": CODE, "commodity": "WHEAT", "currency": "ZAR", "unit_kg": 50_000, "tick": "0.25",
        "scan_range": "300.00", "spread": "40.00", "limit_lots": 500,
    }  # fmt: skip
    assert "done" == made.two("PUT", "contracts", terms)["outcome"]
    receipts = {
        "asset": "WHEAT-1-26.RUNVS", "kind": "receipt", "currency": "ZAR", "price": "4.5", "haircut_bp": 2_500,
        "cap_bp": 5_000,
    }  # fmt: skip
    assert "done" == made.two("PUT", "collateral", receipts)["outcome"]
    for bic in (GHAF, SIDR, FYNB, MRUL):
        joined = made.two("POST", "join", {"currency": "ZAR"}, (f"{bic} maker", f"{bic} checker"))
        assert "done" == joined["outcome"], joined
        assert "done" == made.post("collateral/deposit", money("200000.00"), bic)["outcome"]
    listed(live)
    yield made
    end()


def money(value, asset="ZAR"):
    return {"amount": {"asset": asset, "value": value}}


def test_terms_are_everybodys_to_read(house):
    (terms,) = house.get("contracts", GHAF)["items"]
    (receipts,) = house.get("collateral", GHAF)["items"]

    assert (CODE, "0.25", "300.00", None) == (
        terms["contract"], terms["tick"], terms["scan_range"], terms["delivery_from_on"],
    )  # fmt: skip
    assert ("receipt", "4.5", 5_000) == (receipts["kind"], receipts["price"], receipts["cap_bp"])


def test_faulty_bodies_say_where(house):
    """Too many decimals, a currency that is not booked, a price on cash: nothing is proposed."""
    live = house.live
    for method, path, body, pointer in (
        ("POST", "collateral/deposit", money("1.001"), "/amount/value"),
        ("POST", "runs", {"currency": "XXX"}, "/currency"),
        ("POST", "runs", {"currency": "ZAR", "prices": {CODE: "1.005"}}, f"/prices/{CODE}"),
        ("PUT", "collateral", {"asset": "ZAR", "kind": "cash", "currency": "ZAR", "price": "1"}, "/price"),
        ("PUT", "collateral", {"asset": "W", "kind": "receipt", "currency": "ZAR", "price": "x"}, "/price"),
    ):
        answer = live.ask(
            method, f"{ROOT}/{path}", body=body, key="operator" if path != "collateral/deposit" else GHAF
        )

        assert 422 == answer.status, (path, answer)
        assert pointer in [one["pointer"] for one in answer.json["errors"]], answer.json


def test_margin_says_what_is_held_needed_covered_and_short(house):
    """Four lots of 50 t at a range of 300.00 need 60,000.00."""
    house.trade(GHAF, SIDR, 4, 460_000)
    (told,) = house.live.get("/v1/own-trades", key=GHAF).json["items"]
    assert ("buy", 200, "4600.00", None, None) == (
        told["side"], told["quantity"], told["price"], told["pays"], told["gets"],
    )  # fmt: skip
    found = house.get("margin")
    (position,) = found["positions"]
    margin = house.margin()

    assert (4, None, None) == (position["lots"], position["settlement_price"], position["gain"])
    assert ("60000.00", "60000.00", "0.00", "200000.00") == tuple(
        margin[name]["value"] for name in ("required", "covered", "short", "cash")
    )
    assert 404 == house.live.get(f"{ROOT}/margin?participant={SIDR}", key=GHAF).status
    assert SIDR == house.get(f"margin?participant={SIDR}", "operator")["participant"]
    assert (None, []) == tuple(house.get("margin", PROVIDER)[name] for name in ("joined_on", "margins"))


def test_a_run_moves_what_prices_moved(house):
    """5.00 a tonne on 200 t: 1,000.00 from who sold to who bought, in one call as the money is there."""
    before = house.live.balance(GHAF, "ZAR")
    unpublished = house.post("runs", {"currency": "ZAR"}, "operator")
    assert "MARGIN_PRICE_IS_NOT_PUBLISHED" == unpublished["refusal"]["code"]
    by_hand = {"currency": "ZAR", "prices": {CODE: "4605.00"}, "reason": "within the day"}
    called = house.two("POST", "runs", by_hand)
    (run,) = house.get("runs", GHAF)["items"]

    assert called["subject"] == run["run_id"]
    assert ({CODE: "by_hand"}, "within the day") == (run["sources"], run["reason"])
    assert ("PAID", "1000.00", {CODE: "4605.00"}) == (run["state"], run["total"]["value"], run["prices"])
    assert [(GHAF, "1000.00")] == [(one["participant"], one["amount"]["value"]) for one in run["gain"]]
    assert [] == run["due"]
    assert 100_000 == house.live.balance(GHAF, "ZAR") - before
    assert ("4605.00", "0.00") == (
        house.get("margin")["positions"][0]["settlement_price"],
        house.get("margin")["positions"][0]["gain"]["value"],
    )
    assert 404 == house.live.post(f"{ROOT}/runs/{run['run_id']}/pay", key="operator").status
    assert 404 == house.live.post(f"{ROOT}/runs/{run['run_id']}/pay-in", key=GHAF).status


def test_what_covers_nothing_goes_back(house):
    assert "COLLATERAL_IS_NEEDED" == house.post("collateral/withdraw", money("150000.00"))["refusal"]["code"]
    assert "done" == house.post("collateral/withdraw", money("100000.00"))["outcome"]
    assert "MARGIN_NOTHING_IS_DUE" == house.post("claims/pay", {"currency": "ZAR"})["refusal"]["code"]
    assert (
        404 == house.live.post(f"{ROOT}/receipts/{'0' * 8}-0000-4000-8000-{'0' * 12}/lodge", key=GHAF).status
    )


def test_a_fund_is_sized_and_paid_in(house):
    sized = house.two("POST", "fund/size", {"currency": "ZAR", "stresses": [{CODE: "-600.00"}]})
    assert "done" == sized["outcome"]
    assert "done" == house.post("fund/contribute", money("50000.00"))["outcome"]
    capital = money("30000.00") | {"purpose": "clearing-capital"}
    assert "done" == house.post("fund/contribute", capital, PROVIDER)["outcome"]
    (own,), (whole,) = house.get("fund", GHAF)["items"], house.get("fund", "operator")["items"]

    assert [(GHAF, "50000.00")] == [(one["participant"], one["paid"]["value"]) for one in own["shares"]]
    assert {GHAF, SIDR, FYNB, MRUL} == {one["participant"] for one in whole["shares"]}
    assert ("30000.00", own["size"]) == (whole["capital"]["value"], whole["size"])
    assert (
        own["shares"][0]["required"]["value"] in ("0.00", own["size"]["value"]) or own["size"]["value"] > "0"
    )


def lodged(house, owner):
    """Let a member lodge 10 t of rye, which count for 3,375.00 ZAR a tonne."""
    trade = Trade(house.live)
    trade.site()
    trade.stock()
    terms = {
        "asset": RYE, "kind": "receipt", "currency": "ZAR", "price": "4.5", "haircut_bp": 2_500, "cap_bp": 5_000,
    }  # fmt: skip
    assert "done" == house.two("PUT", "collateral", terms)["outcome"]
    receipt = trade.issue(10_000, owner)
    assert "done" == house.post(f"receipts/{receipt}/lodge", None, owner)["outcome"]
    return receipt


def test_a_default_is_led_step_by_step(house):
    """FYNB is short six lots; MRUL bids for them and for his receipt, the case is covered and reported."""
    house.trade(MRUL, FYNB, 6, 460_500)
    receipt = lodged(house, FYNB)
    opened = house.two("POST", "cases", {"participant": FYNB, "report": REPORT})
    (case,) = house.get("cases", MRUL)["items"]
    path = f"cases/{case['case_id']}"

    assert (FYNB, "SUSPENDED", {CODE: -6}) == (case["participant"], case["state"], case["portfolio"])
    assert case["case_id"] == opened["subject"]
    assert house.get("margin", FYNB)["suspended"]
    bid = {"contract": CODE, "lots": -6, "price": "4620.00"}
    assert "done" == house.post(f"{path}/bids", bid, MRUL)["outcome"]
    assert [] == house.get("cases", GHAF)["items"][0]["bids"]
    (goods,) = house.get("cases", MRUL)["items"][0]["goods"]
    assert (receipt, RYE, 10_000, "3375.00") == (
        goods["receipt_id"], goods["code"], goods["kg"], goods["least"]["value"],
    )  # fmt: skip
    offer = {"receipt_id": receipt, "price": {"asset": "ZAR", "value": "3400.00"}}
    assert "done" == house.post(f"{path}/receipt-bids", offer, MRUL)["outcome"]
    less = house.post(f"{path}/receipt-bids", offer | {"price": {"asset": "ZAR", "value": "3374.99"}}, SIDR)
    assert "CLEARING_BID_OUT_OF_RANGE" == less["refusal"]["code"]
    assert (
        404
        == house.live.post(f"{ROOT}/{path}/receipt-bids", offer | {"receipt_id": UNKNOWN}, key=MRUL).status
    )
    assert [] == house.get("cases", GHAF)["items"][0]["goods_bids"]
    (own,) = house.get("cases", MRUL)["items"][0]["goods_bids"]
    assert ("3400.00", receipt) == (own["price"]["value"], own["receipt_id"])
    assert ["4620.00"] == [one["price"] for one in house.get("cases", MRUL)["items"][0]["bids"]]
    states = [
        house.two("POST", f"{path}/steps", {"step": step, "report": REPORT})["state"]
        for step in ("hedge", "auction", "cover")
    ]
    ends = {"step": "report", "report": REPORT, "ends": "expelled"}
    states.append(house.two("POST", f"{path}/steps", ends)["state"])
    assert ["HEDGED", "SOLD", "COVERED", "CLOSED"] == states  # his cash bears it: the receipt stays his
    assert house.get("margin", FYNB)["expelled"]
    back = house.two("POST", "readmissions", {"participant": FYNB, "report": REPORT})
    assert "done" == back["outcome"]
    assert (False, False) == tuple(house.get("margin", FYNB)[name] for name in ("suspended", "expelled"))
    (over,) = house.get("cases", GHAF)["items"]
    assert ("4500.00", "4500.00", "0.00") == tuple(
        over["losses"][0][name]["value"] for name in ("loss", "margin", "uncovered")
    )
    again = house.live.post(f"{ROOT}/{path}/bids", bid, key=MRUL)
    assert 404 == again.status


def test_who_stands_above_a_lowered_limit_reduces_or_is_sold(house):
    """Ghaf has four lots and the limit sinks to three: after his time a call auction sells one, to who bids for it."""
    terms = {
        "contract": CODE, "commodity": "WHEAT", "currency": "ZAR", "unit_kg": 50_000, "tick": "0.25",
        "scan_range": "300.00", "spread": "40.00", "limit_lots": 3,
    }  # fmt: skip
    assert "done" == house.two("PUT", "contracts", terms)["outcome"]
    asked = {"participant": GHAF, "contract": CODE, "report": REPORT, "step_seconds": 60}
    assert "done" == house.two("POST", "reductions", asked)["outcome"]
    case = house.get("cases", FYNB)["items"][0]
    path = f"cases/{case['case_id']}"
    assert (GHAF, CODE, "REDUCING") == (case["participant"], case["contract"], case["state"])
    assert (
        "done"
        == house.post(f"{path}/bids", {"contract": CODE, "lots": 2, "price": "4600.00"}, FYNB)["outcome"]
    )
    early = house.two("POST", f"{path}/reduce", {"report": REPORT})
    assert "CLEARING_STEP_HAS_NO_PLACE" == early["refusal"]["code"]
    house.live.post("/v1/sandbox/advance", {"to": "PT61S"}, key="operator")
    assert "CLOSED" == house.two("POST", f"{path}/reduce", {"report": REPORT})["state"]

    assert (3, 1) == tuple(house.get("margin", who)["positions"][0]["lots"] for who in (GHAF, FYNB))
