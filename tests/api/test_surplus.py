"""Surplus and throughput over HTTP: figures for all, rows of one's own; sums that follow from the payments."""

import pytest

from steelyard.flows.packs import PackFields
from steelyard.members.packs import digest_of
from steelyard.members.rulebook import content_of
from tests.api.conftest import begin
from tests.api.test_credit import lines, order
from tests.api.test_liquidity import pay
from tests.api.world import GHAF, MRUL, SIDR, TAMR


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """AE pays IN 100 and gets 60 back, both in AED; ZA pays AE 30 and gets nothing; SIDR waits for money."""
    live, end = begin(tmp_path_factory.mktemp("surplus"))
    pay(live, TAMR, "70.00")
    pay(live, TAMR, "30.00", key=SIDR)
    pay(live, SIDR, "60.00", key=TAMR)
    pay(live, GHAF, "30.00", key=MRUL)
    pay(live, GHAF, "999999999.00", key=SIDR)
    body = {"currency": "AED", "cap": "100000040.00"}
    assert 200 == live.ask("PUT", "/v1/liquidity/holding-caps", body=body, key=TAMR).status
    yield live
    end()


def row(live, key, holder, currency, *, of="banks", other=None):
    found = live.get("/v1/surplus", key=key).json[of]
    return next(
        one for one in found
        if (one["holder"], one["currency"]) == (holder, currency) and other in (None, one["other"])
    )  # fmt: skip


def test_what_stays_with_a_bank_is_told_by_age(net):
    """It had 100 million to begin with, came by 100 and spent 60, oldest money first."""
    one = row(net, TAMR, TAMR, "AED")

    assert "100000040.00" == one["balance"]["value"]
    assert ["100.00"] * 4 == [each["value"] for each in one["inflow"]]
    assert ["60.00"] * 4 == [each["value"] for each in one["outflow"]]
    assert 100_000_040_00 == sum(int(each["amount_minor"]) for each in one["ages"])
    assert ("100.00", "99999940.00") == (one["ages"][0]["value"], one["ages"][4]["value"])
    assert ("reached", 10_000) == (one["cap_is"], one["holding"]["share_bp"])


def test_netting_cures_a_part_and_the_report_says_which(net):
    """Of 190, pairs clear 2 x 60; the network no more: ZA has nothing coming."""
    (aed,) = net.get("/v1/surplus", key=MRUL).json["clearing"]

    assert ("190.00", "120.00", "120.00", "70.00", 6315) == (
        aed["total"]["value"], aed["pairs"]["value"], aed["network"]["value"], aed["rest"]["value"], aed["pairs_bp"]
    )  # fmt: skip
    assert "needs trade, lines or investment" in aed["words"]


def test_members_rows_are_for_who_oversees_them(net):
    one = row(net, "STAGAEA0 overseer", "AE", "AED", of="members", other="IN")
    assert ("-40.00", "60.00", "100.00") == (
        one["balance"]["value"], one["inflow"][0]["value"], one["outflow"][0]["value"]
    )  # fmt: skip
    assert [] == net.get("/v1/surplus", key=GHAF).json["members"]
    assert {"AE", "IN", "ZA"} == {
        one["holder"] for one in net.get("/v1/surplus", key="operator").json["members"]
    }


def test_a_bank_sees_its_own_rows_alone(net):
    for path, name in (("/v1/surplus", "banks"), ("/v1/throughput?currency=AED", "participants")):
        for key in (TAMR, MRUL):
            rows = net.get(path, key=key).json[name]
            assert {key} == {one.get("holder") or one["participant"] for one in rows}, (path, key)
    assert {GHAF, SIDR} <= {one["participant"] for one in net.get(
        "/v1/throughput?currency=AED", key="STAGAEA0").json["participants"]}  # fmt: skip


def test_who_sends_and_who_waits_is_shown(net):
    found = net.get("/v1/throughput?currency=AED", key=SIDR).json
    (one,) = found["participants"]

    assert (5, 4, "190.00") == (
        found["total"]["submitted_count"], found["total"]["settled_count"], found["total"]["settled"]["value"]
    )  # fmt: skip
    assert (2, 1, "30.00", 0) == (
        one["submitted_count"], one["settled_count"], one["settled"]["value"], one["used_bp"]
    )  # fmt: skip
    assert ["2026-11-23T10:00:00Z", "2026-11-23T13:00:00Z", "2026-11-23T16:00:00Z"] == found["checkpoints"]
    assert [] == one["missed"]


def test_another_date_has_other_figures(net):
    assert [] == net.get("/v1/surplus?on=2026-11-22").json["clearing"]
    assert 0 == net.get("/v1/throughput?currency=AED&on=2026-11-22").json["total"]["submitted_count"]
    assert 404 == net.get("/v1/surplus?on=2027-01-01").status
    assert [422] * 3 == [
        net.get(path).status
        for path in ("/v1/throughput", "/v1/throughput?currency=XXX", "/v1/surplus?on=2026-02-30")
    ]


def test_what_a_surplus_may_go_into_is_what_the_rulebook_lists(net):
    """It is data: nothing until somebody lists it, then the same for everybody, by currency."""
    assert [] == net.get("/v1/surplus", key=GHAF).json["uses"]
    uses = {
        "INR": [{"kind": "security", "name": "GOI 7.1% 2034", "note": "from 10,000.00 up"}],
        "AED": [{"kind": "import", "name": "urea"}, {"kind": "line", "name": "STAGINB0 member line"}],
    }
    content = content_of({"version": "uses", "liquidity": {"surplus_uses": uses}})
    fields = PackFields("rulebook", "rulebook", "uses", digest_of(content), content)
    net.run(net.world.builder.operators("pack.load", fields))

    for key in (GHAF, MRUL, "auditor"):
        assert [
            ("AED", "import", "urea", ""),
            ("AED", "line", "STAGINB0 member line", ""),
            ("INR", "security", "GOI 7.1% 2034", "from 10,000.00 up"),
        ] == [
            (one["currency"], one["kind"], one["name"], one["note"])
            for one in net.get("/v1/surplus", key=key).json["uses"]
        ]


def test_a_draw_as_old_as_its_line_allows_is_listed(net):
    """To lender and borrower; here the line lets nothing be a day old."""
    terms = {"kind": "member", "currency": "AED", "partner": "STAGINB0", "cap": "9.00", "age_limit_days": 1}
    order(net, ("STAGAEA0 1", "STAGAEA0 2"), "PUT", "/v1/credit-lines", terms)
    (line,) = lines(net, "STAGINB0", kind="member")
    body = {"participant": TAMR, "amount": {"asset": "AED", "value": "4.00"}}
    assert (
        "done" == net.post(f"/v1/credit-lines/{line['line_id']}/draw", body, key="STAGINB0").json["outcome"]
    )
    assert [] == net.get("/v1/surplus", key="STAGAEA0").json["old_lots"]
    for _ in range(3):
        net.post("/v1/sandbox/advance", {"to": "next_business_day"}, key="operator")
    for key, count in (("STAGAEA0", 1), ("STAGINB0", 1), ("auditor", 1), (GHAF, 0), ("STAGZAJ0", 0)):
        found = net.get("/v1/surplus", key=key).json["old_lots"]
        assert [(line["line_id"], "4.00")] * count == [
            (one["line_id"], one["open"]["value"]) for one in found
        ], key
