"""Grain by command: sites, receipts, deliveries, voyages, bills and money that waits, each against a real node."""

import json
import shlex
from pathlib import Path

import pytest

from steelyard.cli import bill, delivery, forward, site, voyage, warehouse_receipt
from steelyard.cli.__main__ import build
from steelyard.client import corridor, deliveries, forwards, titles
from tests.api.goods import CARRIER, FAR, HOUSE, JUDGE, PAPER, enter
from tests.api.world import BNYN, FYNB, GHAF, MRUL, SIDR, TAMR

CODE, GRADE = "OATS-26.DOCK", "OATS"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
OPERATORS = {"first": "operator", "second": "operator 2"}


@pytest.fixture(scope="module")
def handled(network):
    """Let the people in who handle goods."""
    network.do(enter(network.world))
    return network


@pytest.fixture
def run(at, handled):
    """Give a function that runs a command and gives what it said, as JSON; it must have been done."""

    def ran(*tokens, who=GHAF):
        found = at(*tokens, "--json", who=who)
        assert found.code == 0, found
        return found.json

    return ran


@pytest.fixture
def place(at, approved, handled):
    """Give two sites, a class and a stock, made once."""
    terms = ("--capacity-kg", "9000000", "--capital-kg", "9000000", "--currency", "AED", "--storage", "0.03")
    known = [row["site"] for row in at("site", "list").rows]
    for name, warehouse in (("DOCK", SIDR), ("MOLE", MRUL)):
        if name not in known:
            assert 0 == approved("site", "put", name, warehouse, BNYN, *terms, **OPERATORS).code
    if "DOCK" not in known:
        assert 0 == at("site", "open-class", CODE, "DOCK", GRADE, "--crop", "2026", who=HOUSE).code
        assert 0 == at("site", "certify", "DOCK", GRADE, "1000000", PAPER, who=JUDGE).code


@pytest.fixture
def issue(run, approved, place):
    """Give a function that issues a receipt."""

    def made(kg, holder=GHAF):
        words = ("--taken-in", "2026-11-20", "--document", PAPER)
        (draft,) = run("warehouse-receipt", "draft", CODE, holder, kg, *words, who=HOUSE)
        done = approved("warehouse-receipt", "issue", draft["subject"], first=HOUSE, second=f"{HOUSE} 2")
        assert done.code == 0, done
        return draft["subject"]

    return made


def test_sites_and_their_stock(at, approved, place):
    assert {"DOCK", "MOLE"} <= {row["site"] for row in at("site", "list").rows}
    assert [CODE] == [row["code"] for row in at("site", "classes", "--site", "DOCK").rows]
    assert [] == at("site", "stocks").rows
    (stock,) = at("site", "stocks", "--site", "DOCK", who=HOUSE).rows
    assert 0 == at("site", "compare", "DOCK", GRADE, "1", "1", PAPER, who=JUDGE).code
    assert [GRADE] == [row["grade"] for row in at("site", "cases", who=HOUSE).rows]
    assert 0 == approved("site", "decide", "DOCK", GRADE, PAPER, **OPERATORS).code
    assert 0 == approved("site", "freeze", "DOCK", PAPER, **OPERATORS).code
    assert 0 == approved("site", "thaw", "DOCK", PAPER, **OPERATORS).code
    assert 6 == at("site", "certify", "DOCK", GRADE, "1", PAPER).code
    assert "certified kg" in stock


def test_a_receipt_from_the_draft_until_goods_leave(at, run, approved, issue):
    receipt = issue("50000")
    assert ["50000"] == [row["kg"] for row in at("warehouse-receipt", "list", "--state", "ISSUED").rows][:1]
    (split,) = run("warehouse-receipt", "split", receipt, "20000", "30000")
    (merged,) = run("warehouse-receipt", "merge", *split["details"]["receipts"])
    whole = merged["subject"]
    run("warehouse-receipt", "attach", whole, "--document", "0" * 64)
    run("warehouse-receipt", "pledge", whole, TAMR)
    run("warehouse-receipt", "release", whole, who=TAMR)
    run("warehouse-receipt", "pledge", whole, TAMR)
    run("warehouse-receipt", "invoke", whole, who=TAMR)
    run("warehouse-receipt", "transfer", whole, GHAF, who=TAMR)
    run("warehouse-receipt", "load-out", whole)
    run("warehouse-receipt", "left", whole, "10000", PAPER, who=HOUSE)
    run("warehouse-receipt", "stay", whole)
    shown = at("warehouse-receipt", "show", whole)
    assert "PART_LEFT" in shown.out
    assert "40000" == shown.fields["kg"]
    (row,) = run("warehouse-receipt", "show", whole)
    assert "WITHDRAWN" == row["moves"][-1]["event"]
    assert 0 == approved("warehouse-receipt", "freeze", whole, PAPER, **OPERATORS).code
    frozen = at("warehouse-receipt", "transfer", whole, TAMR)
    assert 1 == frozen.code
    assert "RECEIPT_IS_FROZEN" in frozen.err
    assert 0 == approved("warehouse-receipt", "thaw", whole, PAPER, **OPERATORS).code
    (draft,) = run(
        "warehouse-receipt",
        "draft",
        CODE,
        GHAF,
        "1",
        "--taken-in",
        "2026-11-20",
        "--document",
        PAPER,
        who=HOUSE,
    )
    run("warehouse-receipt", "drop", draft["subject"], who=HOUSE)
    judges = {"first": JUDGE, "second": f"{JUDGE} 2"}
    assert 0 == approved("warehouse-receipt", "regrade", whole, CODE, PAPER, **judges).code
    sold = approved("warehouse-receipt", "auction", whole, TAMR, "AED 5.00", PAPER, **OPERATORS)
    assert (1, True) == (sold.code, "RECEIPT_STATE_FORBIDS" in sold.err)
    assert 1 == at("warehouse-receipt", "buy", whole).code
    assert 2 == at("warehouse-receipt", "buy", UNKNOWN).code


@pytest.fixture
def terms(tmp_path):
    """Give a function that writes terms of a delivery into a file."""

    def written(**changes):
        found = {
            "instrument": "OATS-DEC", "site": "DOCK", "grade": GRADE, "lots": 1, "unit_kg": 50_000,
            "price": {"asset": "AED", "value": "240.00"}, "seller": GHAF, "buyer": TAMR,
            "assign_by": "2026-11-24T12:00:00Z", "certify_by": "2026-11-25T12:00:00Z",
            "object_by": "2026-11-26T12:00:00Z", "fund_by": "2026-11-27T12:00:00Z", "extension_hours": 24,
            "factors": [{"name": "moisture", "rule": "shrink", "basis": "14", "most": "16"}],
        } | changes  # fmt: skip
        path = tmp_path / "terms.json"
        path.write_text(json.dumps({name: value for name, value in found.items() if value is not None}))
        return path

    return written


@pytest.fixture
def notified(run, issue, terms):
    """Give a function that brings a delivery to its certificate."""

    def made(**changes):
        (offered,) = run("delivery", "offer", terms(**changes))
        delivery = offered["subject"]
        run("delivery", "accept", delivery, who=TAMR)
        (done,) = run("delivery", "assign", delivery, issue("50000"))
        assert "NOTIFIED" == done["state"]
        return delivery

    return made


def test_a_delivery_from_the_offer_until_the_goods_have_come(at, run, notified):
    delivery = notified(incoterm="FOB")
    (row,) = [row for row in at("delivery", "list").rows if row["delivery"] == delivery]
    assert ("certify weight and quality", BNYN, "2026-11-25T12:00:00Z") == (
        row["next"],
        row["by whom"],
        row["before"],
    )
    run("delivery", "cost", delivery, "freight", "AED 300.00", PAPER)
    assert 2 == at("delivery", "cost", delivery, "tips", "AED 300.00", PAPER).code
    run("delivery", "certify", delivery, "50000", PAPER, "moisture=15.5", who=JUDGE)
    assert 2 == at("delivery", "certify", delivery, "50000", PAPER, "moisture", who=JUDGE).code
    run("delivery", "take", delivery, who=TAMR)
    shown = at("delivery", "show", delivery, who=TAMR)
    assert ("pay", TAMR) == (shown.fields["next"], shown.fields["owed by"])
    (cost,) = run("delivery", "show", delivery)[0]["costs"]
    assert ("freight", "seller", "300.00") == (cost["cost"], cost["paid_by"], cost["amount"]["value"])
    (paid,) = run("delivery", "fund", delivery, who=TAMR)
    assert "SETTLED" == paid["state"]
    run("delivery", "load-out", delivery, who=TAMR)
    (whole,) = run("delivery", "show", delivery, who=TAMR)
    run("warehouse-receipt", "left", whole["receipts"][0], "50000", PAPER, who=HOUSE)
    run("delivery", "loaded", delivery, who=HOUSE)
    (over,) = run("delivery", "receive", delivery, who=TAMR)
    assert "CLOSED" == over["state"]
    assert 2 == at("delivery", "take", delivery, who=FYNB).code


def test_what_people_decide_about_deliveries(at, run, approved, notified, terms):
    one = notified()
    run("delivery", "certify", one, "50000", PAPER, "moisture=14", who=JUDGE)
    run("delivery", "object", one, PAPER, who=TAMR)
    assert 0 == approved("delivery", "rule", one, "cancelled", PAPER, **OPERATORS).code
    assert [] == at("delivery", "auctions").rows
    late = "2026-11-23T12:00:00Z"
    early = approved("delivery", "auction", notified(), "AED 260.00", late, PAPER, **OPERATORS)
    assert "DELIVERY_STATE_FORBIDS" == early.json[0]["refusal"]["code"]
    assert 1 == at("delivery", "back", notified(), "AED 250.00", who=TAMR).code
    assert 1 == at("delivery", "bid", notified(), "1", "AED 250.00", who=FYNB).code
    two = notified()
    assert 0 == approved("delivery", "force-majeure", two, PAPER, **OPERATORS).code
    assert 0 == approved("delivery", "resume", two, PAPER, **OPERATORS).code
    run("delivery", "agree", two, PAPER)
    (both,) = run("delivery", "agree", two, PAPER, who=TAMR)
    assert "ALTERNATIVE" == both["state"]
    assert 2 == at("delivery", "rule", two, "otherwise", PAPER, who="operator").code
    (offered,) = run("delivery", "offer", terms())
    run("delivery", "decline", offered["subject"], who=TAMR)
    file = terms(buyer=None, instrument="OATS-JAN")
    assert 0 == approved("delivery", "open", file, **OPERATORS).code
    nothing = approved("delivery", "notice", "OATS-JAN", f"{TAMR}:2026-11-20:1", **OPERATORS)
    assert (1, True) == (nothing.code, "DELIVERY_NOT_FOUND" in nothing.err)
    assert 2 == at("delivery", "notice", "OATS-JAN", "x", who="operator").code


def test_a_forward_from_the_offer_until_people_decide(at, run, approved, place, tmp_path):
    assert 0 == approved("price", "method", "DURUM", 1, "--since", "2026-11-20", **OPERATORS).code
    terms = tmp_path / "forward.json"
    terms.write_text(
        json.dumps({
            "contract": "WHU-FWD", "side": "sell", "other": TAMR, "lots": 1, "site": "DOCK", "benchmark": "DURUM",
            "price": {"asset": "AED", "value": "300.00"}, "from_on": "2026-11-25", "to_on": "2026-12-10",
            "accept_by": "2026-11-24T12:00:00Z",
        })
    )  # fmt: skip
    (spare,) = run("forward", "offer", terms)
    run("forward", "decline", spare["subject"], who=TAMR)
    (offered,) = run("forward", "offer", terms)
    forward = offered["subject"]
    run("forward", "accept", forward, who=TAMR)
    (row,) = at("forward", "list", "--state", "AGREED").rows
    assert (forward, "name the cargo", GHAF) == (row["forward"], row["next"], row["by whom"])
    early = at("forward", "appropriate", forward, UNKNOWN)
    assert (1, True) == (early.code, "SHIPMENT_OUTSIDE_PERIOD" in early.err)
    alone = at("forward", "circle", forward)
    assert (1, True) == (alone.code, "CIRCLE_NOT_ALLOWED" in alone.err)
    assert 0 == approved("forward", "hinder", forward, "prohibition", PAPER, **OPERATORS).code
    assert "HINDERED" in at("forward", "show", forward, who=TAMR).out
    assert 0 == approved("forward", "resume", forward, PAPER, **OPERATORS).code
    early = approved("forward", "rule", forward, "AED 310.00", PAPER, **OPERATORS)
    assert (1, True) == (early.code, "FORWARD_STATE_FORBIDS" in early.err)
    assert "PROPOSED" in at("forward", "renounce", forward, PAPER).out
    assert 2 == at("forward", "show", forward, who=FYNB).code


def test_a_voyage_its_berth_its_bills_and_money_that_waits_for_it(at, run, approved, place):
    carriers = {"first": CARRIER, "second": f"{CARRIER} 2"}
    words = ("--crew", "21", "--arrives", "2026-11-25T18:00:00Z", "--document", PAPER)
    (made,) = run("voyage", "register", "9074729", "DOCK", "MOLE", GRADE, "80000", *words, who=CARRIER)
    voyage = made["subject"]
    run("voyage", "tell", voyage, "REQUESTED", who=CARRIER)
    run("voyage", "report", voyage, "PASSED_IN", who=JUDGE)
    held = ("account", "reserve", f"{GHAF}/AED", f"{TAMR}/AED", "AED 5.00", "--until", "2026-11-30T12:00:00Z")
    (waits,) = run(*held, "--voyage", voyage, "--after-step", "LOADING")
    early = at("account", "settle", waits["subject"])
    assert (1, True) == (early.code, "VOYAGE_STEP_IS_MISSING" in early.err)
    day = ("2026-11-24T08:00:00Z", "2026-11-24T20:00:00Z")
    (first,) = run("voyage", "plan", voyage, "A", *day, who=CARRIER)
    run("voyage", "free-slot", first["subject"], who=CARRIER)
    (slot,) = run("voyage", "plan", voyage, "A", *day, who=CARRIER)
    run("voyage", "approve-slot", slot["subject"], who=HOUSE)
    assert {"APPROVED", "FREED"} == {
        row["state"] for row in at("voyage", "slots", "--site", "DOCK", who=HOUSE).rows
    }
    run("voyage", "report", voyage, "LOADING", who=HOUSE)
    run("account", "settle", waits["subject"])
    (other,) = run(*held)
    run("account", "release", other["subject"])
    (row,) = at("voyage", "list", who=CARRIER).rows
    assert ("LOADING", "inspect outbound", BNYN) == (row["state"], row["next"], row["by whom"])
    assert "SLOTTED" in at("voyage", "show", voyage, who=FAR).out

    (drafted,) = run("bill", "draft", voyage, GHAF, "50000", PAPER, who=CARRIER)
    bill = drafted["subject"]
    assert 0 == approved("bill", "issue", bill, **carriers).code
    run("bill", "pledge", bill, TAMR)
    run("bill", "release", bill, who=TAMR)
    run("bill", "pledge", bill, TAMR)
    run("bill", "invoke", bill, who=TAMR)
    run("bill", "transfer", bill, GHAF, who=TAMR)
    assert 0 == approved("bill", "amend", bill, "49000", PAPER, **carriers).code
    assert ["49000"] == [row["kg"] for row in at("bill", "list").rows]
    assert "INVOKED" in at("bill", "show", bill).out
    for step, who in (("PASSED_OUT", JUDGE), ("CLEARED", JUDGE), ("DISCHARGED", FAR)):
        assert 1 == at("bill", "surrender", bill).code
        run("voyage", "report", voyage, step, who=who)
    run("bill", "surrender", bill)
    (spare,) = run("bill", "draft", voyage, GHAF, "1000", PAPER, who=CARRIER)
    run("bill", "void", spare["subject"], who=CARRIER)
    assert 2 == at("bill", "convert", UNKNOWN).code


TABLES = [
    (site.COLUMNS, titles.SiteShown), (site.CLASSES, titles.ReceiptClassShown), (site.STOCKS, titles.StockShown),
    (warehouse_receipt.COLUMNS, titles.ReceiptShown), (warehouse_receipt.FIELDS, titles.ReceiptWhole),
    (warehouse_receipt.MOVES, titles.ReceiptMove), (delivery.COLUMNS, deliveries.DeliveryShown),
    (delivery.FIELDS, deliveries.DeliveryWhole), (delivery.COSTS, deliveries.CostShown),
    (delivery.AUCTIONS, deliveries.DeliveryAuction), (delivery.MOVES, deliveries.DeliveryMove),
    (delivery.MOVES, deliveries.DeliveryMove),
    (voyage.COLUMNS, corridor.VoyageShown), (voyage.MOVES, corridor.VoyageMove), (voyage.SLOTS, corridor.SlotShown),
    (bill.COLUMNS, corridor.BillShown), (bill.LINKS, corridor.BillLink), (forward.COLUMNS, forwards.ForwardShown),
    (forward.FIELDS, forwards.ForwardWhole), (forward.MOVES, forwards.ForwardMove),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "kind"), TABLES, ids=[kind.__name__ for _, kind in TABLES])
def test_every_column_is_a_field_of_what_it_shows(columns, kind):
    assert set() == {path.split(".")[0] for _, path in columns} - set(kind.__struct_fields__)


GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "goods.md"
LINES = [line for line in GUIDE.read_text("utf-8").splitlines() if line.startswith("steelyard ")]


@pytest.mark.parametrize("line", LINES)
def test_the_guide_says_what_the_commands_take(line):
    """Every line of it parses: command, places and options."""
    command, bound, *_ = build().parse_args(shlex.split(line)[1:], exit_on_error=False, print_error=False)

    assert callable(command)
    assert bound.args
