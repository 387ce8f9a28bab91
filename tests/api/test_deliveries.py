"""Deliveries over HTTP: from the offer until the goods have come, what is next by whom, and who sees it."""

import pytest

from steelyard.packs import contracts as packs
from steelyard.values.instants import MINUTE, format_instant
from tests.api.conftest import begin
from tests.api.goods import CARRIER, GRADE, HOUSE, JUDGE, PAPER, RYE, Trade
from tests.api.world import BNYN, FYNB, GHAF, SIDR, TAMR

ALL = "/v1/deliveries"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
GOOD = {"moisture": "14", "protein": "11.5"}
TERMS = {
    "instrument": "RYE-DEC", "site": "PORT", "grade": GRADE, "lots": 1, "unit_kg": 50_000, "tolerance_bp": 500,
    "price": {"asset": "AED", "value": "240.00"}, "seller": GHAF, "buyer": TAMR,
    "assign_by": "2026-11-24T12:00:00Z", "certify_by": "2026-11-25T12:00:00Z", "object_by": "2026-11-26T12:00:00Z",
    "fund_by": "2026-11-27T12:00:00Z", "extension_hours": 240,
    "factors": [
        {"name": "moisture", "rule": "shrink", "basis": "14", "most": "16"},
        {"name": "protein", "rule": "step", "basis": "11.5", "step_value": "0.50", "least": "10"},
    ],
}  # fmt: skip


class Deliveries(Trade):
    """A trade in which Ghaf delivers to Tamr."""

    def offer(self, **changes):
        return self.one(ALL, TERMS | changes, GHAF, state="INTENDED")["subject"]

    def step(self, delivery, word, body=None, key=GHAF, **expected):
        return self.one(f"{ALL}/{delivery}/{word}", body, key, **expected)

    def refused(self, delivery, word, body=None, key=GHAF):
        return self.live.post(f"{ALL}/{delivery}/{word}", body, key=key).json["refusal"]["code"]

    def show(self, delivery, key=GHAF):
        found = self.get(f"{ALL}/{delivery}", key)
        assert found.status == 200, found
        return found.json

    def notified(self, **changes):
        delivery = self.offer(**changes)
        self.step(delivery, "accept", None, TAMR)
        receipt = self.issue(50_000, GHAF)
        self.step(delivery, "assign", {"receipts": [receipt]}, state="NOTIFIED")
        return delivery, receipt

    def invoiced(self, figures=GOOD, **changes):
        delivery, receipt = self.notified(**changes)
        found = {"weight_kg": 50_000, "factors": figures, "document": PAPER}
        self.step(delivery, "certify", found, JUDGE, state="CERTIFIED")
        self.step(delivery, "take", None, TAMR, state="INVOICED")
        return delivery, receipt


@pytest.fixture(scope="module")
def trade(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("deliveries"))
    made = Deliveries(live)
    made.site()
    made.stock()
    yield made
    end()


def next_of(found):
    return found["state"], found["next_step"], found["next_by"], found["due_at"]


def test_goods_go_against_money_and_each_step_says_what_is_next(trade):
    delivery = trade.offer()
    assert ("INTENDED", "accept or decline", TAMR, "2026-11-24T12:00:00Z") == next_of(trade.show(delivery))
    trade.step(delivery, "accept", None, TAMR)
    assert ("INTENDED", "name the goods", GHAF) == next_of(trade.show(delivery))[:3]
    receipt = trade.issue(50_000, GHAF)
    trade.step(delivery, "assign", {"receipts": [receipt]}, state="NOTIFIED")
    assert (
        "RECEIPT_IS_LOCKED"
        == (
            trade.live.post(f"/v1/warehouse-receipts/{receipt}/transfer", {"to": FYNB}, key=GHAF).json[
                "refusal"
            ]["code"]
        )
    )
    assert ("NOTIFIED", "certify weight and quality", BNYN, "2026-11-25T12:00:00Z") == next_of(
        trade.show(delivery)
    )

    figures = {"moisture": "15.5", "protein": "11.9"}
    found = {"weight_kg": 50_000, "factors": figures, "document": PAPER}
    trade.step(delivery, "certify", found, JUDGE, state="CERTIFIED")
    shown = trade.show(delivery)
    # 50,000 kg x 84.5/86 = 49,127 kg; 240.00 + 4 x 0.50 = 242.00 a tonne
    assert (49_127, "11888.73", figures) == (shown["net_kg"], shown["amount"]["value"], shown["factors"])
    assert None is shown["owed"]
    trade.step(delivery, "take", None, TAMR, state="INVOICED")
    shown = trade.show(delivery, TAMR)
    assert ("INVOICED", "pay", TAMR, "2026-11-27T12:00:00Z") == next_of(shown)
    assert ("11888.73", TAMR) == (shown["owed"]["value"], shown["owed_by"])

    before = trade.live.balance(GHAF, "AED")
    trade.step(delivery, "fund", {}, TAMR, state="SETTLED", subject=delivery)
    assert 1_188_873 == trade.live.balance(GHAF, "AED") - before
    assert TAMR == trade.get(f"/v1/warehouse-receipts/{receipt}", TAMR).json["holder"]
    trade.step(delivery, "load-out", None, TAMR, state="LOADING")
    assert ("load", SIDR) == next_of(trade.show(delivery))[1:3]
    assert "DELIVERY_GOODS_ARE_NOT_OUT" == trade.refused(delivery, "loaded", None, HOUSE)
    trade.one(
        f"/v1/warehouse-receipts/{receipt}/load-out/left",
        {"kg": 50_000, "document": PAPER},
        state="CANCELLED",
    )
    trade.step(delivery, "loaded", None, HOUSE, state="LOADED")
    trade.step(delivery, "receive", None, TAMR, state="CLOSED")
    over = trade.show(delivery)
    assert (None, None, None) == (over["next_step"], over["due_at"], over["owed"])
    assert [
        "OPENED", "ACCEPTED", "ASSIGNED", "NOTICED", "CERTIFIED", "INVOICED", "FUNDED", "APPLIED", "ORDERED_OUT",
        "LOADED", "RECEIVED",
    ] == [one["event"] for one in over["moves"]]  # fmt: skip


def test_a_delivery_is_seen_by_its_sides_and_its_site_alone(trade):
    delivery, _ = trade.notified()
    for key in (GHAF, TAMR, HOUSE, JUDGE, "operator", "auditor", "STAGINB0"):
        assert 200 == trade.get(f"{ALL}/{delivery}", key).status, key
        assert delivery in [one["delivery_id"] for one in trade.items(ALL, key)], key
    for key in (FYNB, CARRIER, "STAGZAJ0"):
        assert 404 == trade.get(f"{ALL}/{delivery}", key).status, key
        assert [] == trade.items(ALL, key), key
    assert 404 == trade.live.post(f"{ALL}/{delivery}/take", None, key=FYNB).status
    assert 404 == trade.live.post(f"{ALL}/{UNKNOWN}/take", None, key=TAMR).status
    assert "DELIVERY_IS_ANOTHERS" == trade.refused(delivery, "take", None, GHAF)
    assert [delivery] == [one["delivery_id"] for one in trade.items(f"{ALL}?state=NOTIFIED", TAMR)]


def test_a_dispute_is_ruled_by_two_and_goes_on_with_a_new_certificate(trade):
    delivery, _ = trade.notified()
    found = {"weight_kg": 50_000, "factors": GOOD, "document": PAPER}
    trade.step(delivery, "certify", found, JUDGE)
    trade.step(delivery, "object", {"document": PAPER}, TAMR, state="DISPUTED")
    assert ("DISPUTED", "rule", "operator") == next_of(trade.show(delivery))[:3]
    ruling = {"ruling": "certified", "document": PAPER, "weight_kg": 49_000, "factors": GOOD}
    trade.two(f"{ALL}/{delivery}/rule", ruling, "operator")

    shown = trade.show(delivery)
    assert ("CERTIFIED", 49_000) == (shown["state"], shown["weight_kg"])


def failed(trade):
    """Let goods be outside the contract, and the operator open the auction; gives the delivery and its receipt."""
    delivery, receipt = trade.notified()
    bad = {"weight_kg": 50_000, "factors": {"moisture": "17", "protein": "11.5"}, "document": PAPER}
    trade.step(delivery, "certify", bad, JUDGE, state="SELLER_FAILED")
    assert "QUALITY_OUTSIDE_CONTRACT" == trade.show(delivery)["refusal"]
    now = trade.live.world.node.sequencer.clock.now()
    terms = {"closes_at": format_instant(now + 15 * MINUTE), "limit": aed("260.00"), "document": PAPER}
    trade.two(f"{ALL}/{delivery}/auction", terms, "operator")
    return delivery, receipt


def aed(value):
    return {"asset": "AED", "value": value}


def closed(trade):
    trade.live.post("/v1/sandbox/advance", {"to": "PT901S"}, key="operator")
    trade.live.project()


def test_a_seller_who_fails_is_bought_in_by_an_auction(trade):
    """Fynb offers at 245.00: Tamr gets the goods, and Ghaf owes 5.00 a tonne more and 5 % of 12,000.00."""
    delivery, receipt = failed(trade)
    trade.live.project()
    assert ("BUY_IN", TAMR) == (trade.show(delivery)["state"], trade.show(delivery)["next_by"])
    (seen,) = trade.items("/v1/delivery-auctions", FYNB)
    assert (delivery, "buy_in", 1, "240.00", "260.00", []) == (
        seen["delivery_id"], seen["way"], seen["lots"], seen["agreed"]["value"], seen["limit"]["value"], seen["offers"],
    )  # fmt: skip
    goods = trade.issue(50_000, FYNB)
    at = f"/v1/delivery-auctions/{delivery}"
    offer = {"lots": 1, "price": aed("245.00"), "receipts": [goods]}
    assert (
        422
        == trade.live.post(
            f"{at}/bids", offer | {"price": {"asset": "ZAR", "value": "1.00"}}, key=FYNB
        ).status
    )
    own = trade.live.post(f"{at}/bids", offer, key=GHAF).json
    assert "BIDDER_NOT_INVITED" == own["refusal"]["code"]
    trade.one(f"{at}/bids", offer, FYNB, subject=delivery, state="BUY_IN")
    trade.one(f"{at}/back", {"price": aed("250.00")}, TAMR, subject=delivery)
    assert (
        "DELIVERY_IS_ANOTHERS"
        == trade.live.post(f"{at}/back", {"price": aed("250.00")}, key=FYNB).json["refusal"]["code"]
    )
    shown = {who: trade.items("/v1/delivery-auctions", who)[0] for who in (FYNB, TAMR, GHAF)}
    assert [1, 0, 0] == [len(shown[who]["offers"]) for who in (FYNB, TAMR, GHAF)]
    assert (None, "250.00", None) == tuple(
        (shown[who]["backed"] or {}).get("value") for who in (FYNB, TAMR, GHAF)
    )
    closed(trade)

    over = trade.show(delivery)
    assert ("CLOSED", "850.00", GHAF) == (over["state"], over["owed"]["value"], over["owed_by"])
    (award,) = [one for one in over["moves"] if one["event"] == "AWARDED"]
    assert (FYNB, 1, "245.00", "12250.00") == (
        award["bidder"], award["lots"], award["price"]["value"], award["amount"]["value"],
    )  # fmt: skip
    assert "ISSUED" == trade.get(f"/v1/warehouse-receipts/{receipt}", GHAF).json["state"]
    assert TAMR == trade.get(f"/v1/warehouse-receipts/{goods}", TAMR).json["holder"]
    assert [] == trade.items("/v1/delivery-auctions", FYNB)


def test_where_nobody_offers_two_people_give_a_price_and_say_why(trade):
    """No margin account: all of it is a claim, 10.00 a tonne more and 5 % of 12,000.00."""
    delivery, _ = failed(trade)
    closed(trade)
    ruling = {
        "ruling": "cancelled",
        "document": PAPER,
        "market": aed("250.00"),
        "reason": "nobody has offered",
    }
    trade.two(f"{ALL}/{delivery}/rule", ruling, "operator")

    shown = trade.show(delivery)
    assert ("CANCELLED", "1100.00", GHAF) == (shown["state"], shown["owed"]["value"], shown["owed_by"])
    (by_hand,) = [one for one in shown["moves"] if one["event"] == "BY_HAND"]
    assert ("250.00", "nobody has offered") == (by_hand["price"]["value"], by_hand["reason"])


def test_force_majeure_extends_once_and_is_resumed(trade):
    delivery, _ = trade.notified()
    trade.two(f"{ALL}/{delivery}/force-majeure", {"document": PAPER}, "operator")
    shown = trade.show(delivery)
    assert ("FORCE_MAJEURE", "2026-12-05T12:00:00Z") == (shown["state"], shown["certify_by"])
    trade.two(f"{ALL}/{delivery}/resume", {"document": PAPER}, "operator")
    assert "NOTIFIED" == trade.show(delivery)["state"]


def test_both_sides_may_agree_on_another_way_and_the_operator_closes_it(trade):
    delivery, _ = trade.notified()
    trade.step(delivery, "agree", {"document": "0" * 64})
    assert GHAF == trade.show(delivery)["agreed_by"]
    trade.step(delivery, "agree", {"document": "0" * 64}, TAMR, state="ALTERNATIVE")
    trade.two(f"{ALL}/{delivery}/rule", {"ruling": "closed", "document": PAPER}, "operator")
    assert "CLOSED" == trade.show(delivery)["state"]


def test_a_buyer_pays_in_his_own_currency_by_a_quote(trade):
    delivery, _ = trade.invoiced()
    asked = {"sell": "INR", "buy": "AED", "receive": "12000.00"}
    quote = trade.live.post("/v1/quotes", asked, key=TAMR).json["quotes"][0]["quote_id"]
    before = trade.live.balance(TAMR, "INR")
    trade.step(delivery, "fund", {"quote_id": quote}, TAMR, state="SETTLED")
    assert before > trade.live.balance(TAMR, "INR")


def test_terms_left_out_are_those_of_the_listed_contract(trade):
    """The unit, EXW, the schedule, and a place that costs 8.50 more."""
    wheat = packs.load_all()["WHT-SPOT"]
    listed = {
        "code": "WHT-SPOT", "contract": "WHT-SPOT", "way": "spot", "asset": RYE, "unit_kg": 1000, "tick": "0.25",
        "currency": "AED",
    }  # fmt: skip
    trade.two("/v1/market", listed, "operator")
    trade.live.project()
    place = wheat.places[-1]
    own = {name: TERMS[name] for name in TERMS if name not in ("unit_kg", "tolerance_bp", "factors")}
    asked = own | {"instrument": "WHT-SPOT", "place": place.place, "full_cargo": True, "benchmark": None}
    full = trade.live.post(ALL, asked, key=GHAF)
    assert "refusal" in full.json, full
    assert "CONTRACT_MARKET_IS_MISSING" == full.json["refusal"]["code"]
    other = trade.live.post(ALL, asked | {"full_cargo": False, "incoterm": "DAP"}, key=GHAF)
    assert "CONTRACT_TERMS_DIFFER" == other.json["refusal"]["code"]
    delivery = trade.one(ALL, asked | {"full_cargo": False}, GHAF, state="INTENDED")["subject"]

    shown = trade.show(delivery)
    assert (wheat.incoterm, place.place, wheat.unit) == (shown["incoterm"], shown["place"], shown["kg"])
    assert place.differential_minor == round(100 * float(shown["differential"]))


def test_costs_are_shown_with_what_they_come_to_on_the_invoice(trade):
    delivery, _ = trade.notified(incoterm="CIF", place="PORT", differential="-1.50")
    cost = {"cost": "duty", "amount": {"asset": "AED", "value": "10.00"}, "document": PAPER}
    assert "COST_IS_ONES_OWN" == trade.refused(delivery, "costs", cost, TAMR)
    trade.step(delivery, "costs", cost, state="NOTIFIED")
    found = {"weight_kg": 50_000, "factors": GOOD, "document": PAPER}
    trade.step(delivery, "certify", found, JUDGE, state="CERTIFIED")
    shown = trade.show(delivery, TAMR)
    assert ("11925.00", "11935.00", "-1.50") == (
        shown["goods"]["value"],
        shown["amount"]["value"],
        shown["differential"],
    )
    (row,) = shown["costs"]
    assert ("duty", "seller", "10.00", PAPER) == (
        row["cost"],
        row["paid_by"],
        row["amount"]["value"],
        row["document"],
    )
    assert 422 == trade.live.post(f"{ALL}/{delivery}/costs", cost | {"cost": "bribes"}, key=GHAF).status


def test_an_offer_is_declined_and_what_is_not_sound_is_refused(trade):
    delivery = trade.offer()
    trade.step(delivery, "decline", None, TAMR, state="CANCELLED")
    early = TERMS | {"fund_by": "2026-11-23T12:00:00Z"}
    assert "DELIVERY_TERMS_OUT_OF_RANGE" == (trade.live.post(ALL, early, key=GHAF).json["refusal"]["code"])
    wrong = TERMS | {"price": {"asset": "AED", "value": "1.234"}, "factors": [{"name": "x", "basis": "a"}]}
    assert 422 == trade.live.post(ALL, wrong, key=GHAF).status


def test_goods_without_a_buyer_are_dealt_out_to_the_longs(trade):
    terms = {name: value for name, value in TERMS.items() if name != "buyer"} | {
        "lots": 2,
        "instrument": "RYE-JAN",
    }
    trade.two(f"{ALL}/cleared", terms, "operator")
    (delivery,) = [one["delivery_id"] for one in trade.items(f"{ALL}?instrument=RYE-JAN", GHAF)]
    trade.step(delivery, "assign", {"receipts": [trade.issue(100_000, GHAF)]}, state="MATCHED")
    longs = [
        {"participant": TAMR, "since_on": "2026-11-20", "lots": 1},
        {"participant": FYNB, "since_on": "2026-11-20", "lots": 1},
    ]
    trade.two(f"{ALL}/notices", {"instrument": "RYE-JAN", "longs": longs}, "operator")

    rows = trade.items(f"{ALL}?instrument=RYE-JAN", GHAF)
    assert {(TAMR, 50_000, "NOTIFIED"), (FYNB, 50_000, "NOTIFIED")} == {
        (one["buyer"], one["kg"], one["state"]) for one in rows
    }
    assert {"delivery.notified", "delivery.settled"} <= {
        one["type"] for one in trade.items("/v1/events?type=delivery&limit=1000", TAMR)
    }
