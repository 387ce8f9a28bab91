"""The corridor over HTTP: a voyage step by step, a slot in time, a bill of lading with a chain that can be followed."""

import pytest

from steelyard.corridor.bill_of_lading import Link, chain_of
from tests.api.conftest import begin
from tests.api.goods import CARRIER, FAR, GRADE, HOUSE, JUDGE, PAPER, Trade
from tests.api.world import BNYN, FYNB, GHAF, MRUL, SIDR, TAMR

VOYAGES, BILLS = "/v1/voyages", "/v1/bills"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
VOYAGE = {
    "vessel": "9074729", "origin": "PORT", "target": "QUAY", "cargo": GRADE, "kg": 80_000, "crew": 21,
    "arrives_at": "2026-11-25T18:00:00Z", "document": PAPER,
}  # fmt: skip


class Sea(Trade):
    """A trade by sea."""

    def register(self, **changes):
        return self.one(VOYAGES, VOYAGE | changes, CARRIER, state="REGISTERED")["subject"]

    def tell(self, voyage, event, key=CARRIER, **expected):
        return self.one(f"{VOYAGES}/{voyage}/tell", {"event": event}, key, **expected)

    def report(self, voyage, event, key, **expected):
        return self.one(f"{VOYAGES}/{voyage}/report", {"event": event, "document": PAPER}, key, **expected)

    def let_in(self):
        voyage = self.register()
        self.tell(voyage, "REQUESTED", state="REQUESTED")
        self.report(voyage, "PASSED_IN", JUDGE, state="INSPECTED_IN")
        return voyage

    def plan(self, voyage, berth="A", key=CARRIER):
        slot = {"berth": berth, "from_at": "2026-11-24T08:00:00Z", "until_at": "2026-11-24T20:00:00Z"}
        return self.live.post(f"{VOYAGES}/{voyage}/slots", slot, key=key)

    def loading(self, berth):
        voyage = self.let_in()
        slot = self.done(self.plan(voyage, berth), state="PLANNED")["subject"]
        self.one(f"/v1/slots/{slot}/approve", None, HOUSE, state="APPROVED", subject=slot)
        self.report(voyage, "LOADING", HOUSE, state="LOADING")
        return voyage

    def bill(self, voyage, holder=GHAF):
        body = {"voyage": voyage, "holder": holder, "kg": 50_000, "document": PAPER}
        bill = self.one(BILLS, body, CARRIER, state="DRAFT")["subject"]
        self.two(f"{BILLS}/{bill}/issue", {}, CARRIER)
        return bill

    def act(self, bill, word, body, key, **expected):  # type: ignore[override]
        return self.one(f"{BILLS}/{bill}/{word}", body, key, **expected)


@pytest.fixture(scope="module")
def sea(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("corridor"))
    made = Sea(live)
    made.site()
    made.site("QUAY", MRUL)
    yield made
    end()


def test_a_voyage_goes_from_step_to_step_and_says_who_gives_the_next(sea):
    voyage = sea.register()
    told = []
    for event, key, path in (
        ("REQUESTED", CARRIER, "tell"), ("PASSED_IN", JUDGE, "report"), ("SLOT", HOUSE, ""),
        ("LOADING", HOUSE, "report"), ("STOPPED", CARRIER, "tell"), ("PASSED_OUT", JUDGE, "report"),
        ("CLEARED", JUDGE, "report"), ("DISCHARGED", FAR, "report"),
    ):  # fmt: skip
        told.append(sea.get(f"{VOYAGES}/{voyage}", CARRIER).json["next_by"])
        if path:
            sea.one(f"{VOYAGES}/{voyage}/{path}", {"event": event}, key)
        else:
            slot = sea.done(sea.plan(voyage, "Z"), state="PLANNED")["subject"]
            sea.one(f"/v1/slots/{slot}/approve", None, key)
    shown = sea.get(f"{VOYAGES}/{voyage}", FAR).json

    assert [FYNB, BNYN, FYNB, SIDR, BNYN, BNYN, BNYN, MRUL] == told
    assert ("DISCHARGED", None, 80_000, 21) == tuple(
        shown[name] for name in ("state", "next_by", "kg", "crew")
    )
    assert ["REGISTERED", "REQUESTED", "PASSED_IN", "SLOTTED", "LOADING", "STOPPED", "PASSED_OUT", "CLEARED",
            "DISCHARGED"] == [one["event"] for one in shown["moves"]]  # fmt: skip
    assert 404 == sea.get(f"{VOYAGES}/{voyage}", GHAF).status
    assert [] == sea.items(VOYAGES, GHAF)
    for key in (CARRIER, HOUSE, JUDGE, FAR, "auditor"):
        assert voyage in [one["voyage_id"] for one in sea.items(VOYAGES, key)], key


def test_a_berth_is_given_to_one_voyage_at_a_time(sea):
    first, second = sea.let_in(), sea.let_in()
    slot = sea.done(sea.plan(first, "B"))["subject"]
    assert "SLOT_IS_TAKEN" == sea.plan(second, "B").json["refusal"]["code"]
    (shown,) = [one for one in sea.items("/v1/slots?site=PORT", HOUSE) if one["slot_id"] == slot]
    assert ("B", "PLANNED", "2026-11-23T16:00:00Z", FYNB) == tuple(
        shown[name] for name in ("berth", "state", "approve_by", "carrier")
    )
    assert [] == sea.items("/v1/slots", GHAF)
    assert 404 == sea.live.post(f"/v1/slots/{UNKNOWN}/approve", None, key=HOUSE).status
    sea.one(f"/v1/slots/{slot}/free", None, CARRIER, state="FREED")
    sea.done(sea.plan(second, "B"))
    sea.tell(second, "CANCELLED", state="CANCELLED")
    assert [] == sea.items("/v1/slots?state=PLANNED", CARRIER)


def test_entry_is_asked_for_44_hours_before_arrival_and_by_the_carrier(sea):
    voyage = sea.register(arrives_at="2026-11-24T09:00:00Z")
    late = sea.live.post(f"{VOYAGES}/{voyage}/tell", {"event": "REQUESTED"}, key=CARRIER).json
    assert "ARRIVAL_IS_TOO_NEAR" == late["refusal"]["code"]
    assert (
        "VOYAGE_IS_ANOTHERS"
        == (
            sea.live.post(f"{VOYAGES}/{voyage}/tell", {"event": "STOPPED"}, key=HOUSE).json["refusal"]["code"]
        )
    )
    assert 422 == sea.live.post(f"{VOYAGES}/{voyage}/tell", {"event": "LOADING"}, key=CARRIER).status
    assert 422 == sea.live.post(VOYAGES, VOYAGE | {"vessel": "x"}, key=CARRIER).status


def test_a_bill_has_one_holder_and_a_chain_that_its_holder_can_follow(sea):
    voyage = sea.loading("C")
    bill = sea.bill(voyage)
    sea.act(bill, "transfer", {"to": TAMR}, GHAF, state="ISSUED")
    assert 404 == sea.get(f"{BILLS}/{bill}", GHAF).status
    assert 404 == sea.live.post(f"{BILLS}/{bill}/transfer", {"to": GHAF}, key=GHAF).status
    sea.act(bill, "pledge", {"to": GHAF}, TAMR, state="PLEDGED")
    assert (
        "BILL_IS_PLEDGED"
        == (sea.live.post(f"{BILLS}/{bill}/transfer", {"to": FYNB}, key=TAMR).json["refusal"]["code"])
    )
    sea.act(bill, "release", {}, GHAF, state="ISSUED")
    sea.two(f"{BILLS}/{bill}/amend", {"kg": 49_000, "document": "0" * 64}, CARRIER)
    shown = sea.get(f"{BILLS}/{bill}", TAMR).json
    links = [
        Link(
            _bytes(bill), _bytes(voyage), FYNB, one["number"], one["event"], one["state"], one["holder"],
            one["pledgee"], one["cargo"], one["kg"], bytes.fromhex(one["document"] or ""),
        )
        for one in shown["chain_links"]
    ]  # fmt: skip

    assert (49_000, 6) == (shown["kg"], shown["links"])
    assert shown["chain"] == chain_of(links).hex() == shown["chain_links"][-1]["chain"]
    assert (
        "VOYAGE_STATE_FORBIDS"
        == (sea.live.post(f"{BILLS}/{bill}/surrender", {}, key=TAMR).json["refusal"]["code"])
    )
    sea.act(bill, "convert", {"document": PAPER}, TAMR, state="CONVERTED_TO_PAPER")
    for key in (CARRIER, TAMR, "auditor"):
        assert bill in [one["bill_id"] for one in sea.items(BILLS, key)], key
    assert [] == sea.items(BILLS, GHAF)


def test_a_draft_is_taken_back_and_a_bill_is_for_no_more_than_the_cargo(sea):
    voyage = sea.loading("D")
    body = {"voyage": voyage, "holder": GHAF, "kg": 80_001, "document": PAPER}
    assert "BILL_OUT_OF_RANGE" == sea.live.post(BILLS, body, key=CARRIER).json["refusal"]["code"]
    bill = sea.one(BILLS, body | {"kg": 80_000}, CARRIER)["subject"]
    sea.act(bill, "void", {}, CARRIER, state="VOID")


def test_money_set_aside_settles_once_the_voyage_has_taken_its_step(sea):
    voyage = sea.let_in()
    asked = {
        "source": f"{GHAF}/AED", "target": f"{TAMR}/AED", "amount": {"asset": "AED", "value": "5.00"},
        "deadline_at": "2026-11-30T12:00:00Z", "voyage": voyage, "after_step": "LOADING",
    }  # fmt: skip
    bundle = sea.one("/v1/reservations", asked, GHAF)["subject"]
    early = sea.live.post(f"/v1/reservations/{bundle}/settle", {}, key=GHAF).json
    assert "VOYAGE_STEP_IS_MISSING" == early["refusal"]["code"]
    (held,) = sea.get(f"/v1/accounts/{GHAF}%2FAED/reservations", GHAF).json
    assert (voyage, "LOADING") == (held["voyage"], held["after_step"])
    slot = sea.done(sea.plan(voyage, "E"))["subject"]
    sea.one(f"/v1/slots/{slot}/approve", None, HOUSE)
    sea.report(voyage, "LOADING", HOUSE)
    before = sea.live.balance(TAMR, "AED")
    sea.one(f"/v1/reservations/{bundle}/settle", {}, GHAF)

    assert 500 == sea.live.balance(TAMR, "AED") - before


def _bytes(text):
    return bytes.fromhex(text.replace("-", ""))
