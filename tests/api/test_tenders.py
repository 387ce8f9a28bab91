"""Tenders over HTTP: sealed bids that nobody sees before the opening, an award that anybody recomputes."""

import msgspec
import pytest

from steelyard.api.routes.energy import ACTS as ENERGY
from steelyard.api.routes.rfq import ACTS as RFQ
from steelyard.api.routes.tenders import ACTS
from steelyard.client.sealing import Sealed, seal
from steelyard.client.tenders import OfferAsked
from steelyard.flows import tender_file
from steelyard.flows.registry import BY_NAME
from steelyard.solve.tender import CpSatTender
from steelyard.values.instants import HOUR, format_instant, parse_instant
from tests.api.conftest import begin
from tests.api.world import BNYN, FYNB, GHAF, SIDR, TAMR

UNKNOWN = "00000000-0000-4000-8000-000000000000"
SCALES = {"AED": 2, "INR": 2, "ZAR": 2}
OFFERS = {
    SIDR: OfferAsked(id="a", origin="ONE", port="NOVOROSSIYSK", price="244.20", cargoes_max=3, cargoes_min=2),
    TAMR: OfferAsked(id="b", origin="ONE", port="NOVOROSSIYSK", price="245.00", cargoes_max=3),
    FYNB: OfferAsked(id="c", origin="TWO", port="NOVOROSSIYSK", price="246.50", cargoes_max=3, pay_days=0),
}
TERMS = {
    "asset": "AED", "cargoes": 3, "cargo_t": 50, "close_at": "2026-11-23T10:00:00Z",
    "open_at": "2026-11-23T10:10:00Z", "standstill_s": 60, "decide_s": 86_400, "sign_s": 3_600, "origin_max": 2,
    "budget": "40000.00", "vessels": [{"id": "Blue Line", "port": "NOVOROSSIYSK", "rate": "0", "count": 9}],
}  # fmt: skip

FAR = {**TERMS, "close_at": "2027-11-23T10:00:00Z", "open_at": "2027-11-23T11:00:00Z"}


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("tenders"))
    yield live
    end()


def advance(net, to):
    assert 200 == net.post("/v1/sandbox/advance", {"to": to}, key="operator").status


def do(net, tender_id, word, key=GHAF, body=None):
    return net.post(f"/v1/tenders/{tender_id}/{word}", body, key=key)


def show(net, tender_id, key):
    return net.get(f"/v1/tenders/{tender_id}", key=key)


@pytest.mark.parametrize("act", [*ACTS, *RFQ, *ENERGY], ids=lambda act: act.command)
def test_route_and_command_need_the_same_right(act):
    """What the door of the gateway asks for is what the door of the state asks for."""
    assert BY_NAME[(act.command, 1)].action == act.action


def test_a_tender_runs_from_its_draft_to_its_contract(net):
    """Drafted, seen by nobody; bid in under seal, revealed, opened, evaluated, awarded, signed by all winners."""
    wrong = net.post("/v1/tenders", {**TERMS, "asset": "XXX", "budget": "x"})
    assert {"/asset", "/budget"} == {one["pointer"] for one in wrong.json["errors"]}
    drafted = net.post("/v1/tenders", TERMS).json
    tender_id = drafted["subject"]
    assert ("done", "DRAFT") == (drafted["outcome"], drafted["state"])
    assert (200, 404) == (show(net, tender_id, GHAF).status, show(net, tender_id, SIDR).status)
    assert [] == net.get("/v1/tenders", key=SIDR).json["items"]
    assert 404 == do(net, tender_id, "publish", SIDR).status
    assert "PUBLISHED" == do(net, tender_id, "publish").json["state"]
    (seen,) = net.get(f"/v1/tenders?buyer={GHAF}&state=PUBLISHED", key=BNYN).json["items"]
    assert (tender_id, "800.00") == (seen["tender_id"], seen["bond"]["value"])  # 2 % of the budget
    secrets = {bank: seal(tender_id, bank, [one], asset="AED", scales=SCALES) for bank, one in OFFERS.items()}
    before = net.balance(SIDR, "AED")
    for bank, one in secrets.items():
        assert "COMMITTED" == do(net, tender_id, "bid", bank, {"commitment": one.commitment}).json["state"]
    nobody_sees_an_offer(net, tender_id)
    advance(net, TERMS["close_at"])
    copied = msgspec.to_builtins(secrets[SIDR].reveal())
    assert "COMMITMENT_DIFFERS" == do(net, tender_id, "reveal", TAMR, copied).json["refusal"]["code"]
    for bank, one in secrets.items():
        kept = Sealed.from_json(one.to_json())
        assert (
            "REVEALED" == do(net, tender_id, "reveal", bank, msgspec.to_builtins(kept.reveal())).json["state"]
        )
    nobody_sees_an_offer(net, tender_id)
    none = net.get(f"/v1/tenders/{tender_id}/file")
    assert (404, True) == (none.status, "what was committed to may be revealed" in none.json["detail"])
    advance(net, TERMS["open_at"])
    opened = show(net, tender_id, BNYN).json
    assert set(OFFERS) == {one["bidder"] for one in opened["bids"]}
    assert {"244.20", "245.00", "246.50"} == {one["offers"][0]["price"] for one in opened["bids"]}
    assert secrets[TAMR].salt in [one["salt"] for one in opened["bids"]]
    advance(net, "PT30S")  # no solver here: the machine evaluates by itself, without proof

    late = do(net, tender_id, "reveal", TAMR, copied).json["refusal"]
    assert ("TENDER_STATE_FORBIDS", True) == (
        late["code"],
        "(the tender is EVALUATED; until" in late["detail"],
    )
    early = do(net, tender_id, "award").json
    assert ("refused", "TENDER_STATE_FORBIDS") == (early["outcome"], early["refusal"]["code"])
    evaluated = show(net, tender_id, BNYN).json
    assert ("an award was found", "buyer") == (evaluated["happened"], evaluated["next_by"])
    award = evaluated["award"]
    assert "EVALUATED" == evaluated["state"]
    assert [(f"{SIDR}/a", "Blue Line", 2), (f"{FYNB}/c", "Blue Line", 1)] == [
        (one["offer"], one["vessel"], one["cargoes"]) for one in award["cargoes"]
    ]
    assert ("36745.00", False) == (award["cost"]["value"], award["proved"])
    assert [(f"{TAMR}/b", "dearer")] == [(one["offer"], one["why"]) for one in award["rejected"]]
    file = tender_file.read(net.get(f"/v1/tenders/{tender_id}/file", key=BNYN).body)
    assert () == tender_file.verify(file, solver=CpSatTender()).faults
    assert award["digest"] == file.award.digest
    assert "STANDSTILL" == do(net, tender_id, "stand").json["state"]
    advance(net, "PT60S")
    proposed = do(net, tender_id, "award").json
    assert "PROPOSED" == proposed["state"]  # without proof two people award
    approve = {"shown": proposed["details"]["shown"]}
    net.post(f"/v1/approvals/{proposed['subject']}/approve", approve, key=f"{GHAF} checker")
    assert "AWARDED" == show(net, tender_id, TAMR).json["state"]
    assert 404 == do(net, tender_id, "sign", TAMR).status
    assert "SIGNED" == do(net, tender_id, "sign", SIDR).json["state"]
    assert "CONTRACTED" == do(net, tender_id, "sign", FYNB).json["state"]
    assert before == net.balance(SIDR, "AED")
    assert "tender.contracted" in [one["type"] for one in net.get("/v1/events", key=FYNB).json["items"]]


def test_a_tender_of_which_nothing_can_come_says_so(net):
    """Nothing revealed: over at its opening. Too few cargoes offered: no award, why not, and what may be done."""
    now = parse_instant(
        show(net, net.post("/v1/tenders", FAR).json["subject"], GHAF).headers["steelyard-time"]
    )
    times = {"close_at": format_instant(now + HOUR), "open_at": format_instant(now + 2 * HOUR)}
    silent, few = (net.post("/v1/tenders", {**TERMS, **times}).json["subject"] for _ in range(2))
    secrets = {}
    for tender_id in (silent, few):
        do(net, tender_id, "publish")
        one = secrets[tender_id] = seal(tender_id, SIDR, [OFFERS[SIDR]], asset="AED", scales=SCALES)
        assert "COMMITTED" == do(net, tender_id, "bid", SIDR, {"commitment": one.commitment}).json["state"]
    advance(net, "PT1H")
    do(net, few, "reveal", SIDR, msgspec.to_builtins(secrets[few].reveal()))
    advance(net, "PT1H")
    advance(net, "PT31S")
    over, open_ = show(net, silent, BNYN).json, show(net, few, BNYN).json

    assert ("CANCELLED", "NO_OFFERS", None) == (over["state"], over["reason"], over["next_step"])
    assert "it ended without an award: of 1 bid none was revealed before the opening" == over["happened"]
    late = do(net, silent, "reveal", SIDR, msgspec.to_builtins(secrets[silent].reveal()))
    assert (404, True) == (late.status, "none was revealed" in late.json["detail"])
    assert ("EVALUATED", None, "buyer") == (open_["state"], open_["award"]["cost"], open_["next_by"])
    assert "no award: the most of one origin cannot be kept" == open_["happened"] == open_["award"]["nothing"]
    empty = do(net, few, "stand").json["refusal"]
    assert ("AWARD_IS_EMPTY", True) == (
        empty["code"],
        "cancel it, or have it evaluated anew" in empty["detail"],
    )


def nobody_sees_an_offer(net, tender_id):
    """Not the buyer, nor another bidder, nor who reads the whole network; the bidder sees its own hash."""
    paths = (f"/v1/tenders/{tender_id}", "/v1/tenders", "/v1/events?limit=1000")
    for key in (GHAF, SIDR, TAMR, BNYN, "operator", "auditor", "STAGAEA0", "STAGAEA0 overseer"):
        for path in paths:
            answer = net.get(path, key=key)
            assert 200 == answer.status, (key, path, answer)
            assert not any(
                text in answer.body.decode() for text in ("244.20", "24420", "245.00", "246.50")
            ), key
        bids = show(net, tender_id, key).json["bids"]
        assert [key] * (key in OFFERS) == [one["bidder"] for one in bids]
        assert all((None, []) == (one["salt"], one["offers"]) for one in bids)


def test_what_is_no_tender_is_not_found(net):
    """Every order about it, whoever asks."""
    for word, body in (("publish", None), ("withdraw", None), ("stand", None), ("sign", None),
                       ("cancel", {"reason": "x"}), ("bid", {"commitment": "0" * 64}),
                       ("reveal", {"offers": [msgspec.to_builtins(OFFERS[SIDR])], "salt": "00" * 16})):  # fmt: skip
        assert 404 == do(net, UNKNOWN, word, SIDR, body).status, word
    for path in (UNKNOWN, f"{UNKNOWN}/file"):
        assert 404 == net.get(f"/v1/tenders/{path}").status
    assert 404 == net.ask("PUT", f"/v1/tenders/{UNKNOWN}/rates", body={"quote_ids": []}).status


def test_a_bid_is_taken_back_and_a_tender_cancelled(net):
    """The draft of another closing time; foreign offers need a firm rate."""
    late = {**TERMS, "close_at": "2026-11-24T10:00:00Z", "open_at": "2026-11-24T11:00:00Z", "forfeits": False}
    tender_id = net.post("/v1/tenders", {**late, "bond": "5.00"}).json["subject"]
    do(net, tender_id, "publish")
    sealed = seal(tender_id, TAMR, [OFFERS[TAMR]], asset="AED", scales=SCALES)
    do(net, tender_id, "bid", TAMR, {"commitment": sealed.commitment})
    rated = net.ask("PUT", f"/v1/tenders/{tender_id}/rates", body={"quote_ids": [UNKNOWN]})

    assert "TENDER_RATE_IS_NOT_FIRM" == rated.json["refusal"]["code"]
    assert "WITHDRAWN" == do(net, tender_id, "withdraw", TAMR).json["state"]
    assert "CANCELLED" == do(net, tender_id, "cancel", body={"reason": "harvest failed"}).json["state"]
    shown = show(net, tender_id, BNYN).json
    assert ("harvest failed", "5.00", False) == (shown["reason"], shown["bond"]["value"], shown["forfeits"])
    dropped = net.post("/v1/tenders", late).json["subject"]
    do(net, dropped, "cancel", body={"reason": "no need"})
    assert dropped in net.get("/v1/tenders").body.decode()
    assert dropped not in net.get("/v1/tenders", key=BNYN).body.decode()
