"""The market from the command line: listed by two persons, traded, seen, and what is refused."""

import json
from fractions import Fraction

import msgspec
import pytest

from steelyard.cli.market.public import in_one, worth
from steelyard.client.market import FeedItem
from steelyard.sim.market_pictures import book
from tests.api.markets import LISTED, found, receipt
from tests.api.world import FYNB, GHAF, PROVIDER

CODE = "WHEAT-CLI"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def goods(network):
    """Give a receipt of 20 t that GHAF holds."""
    network.do(found(network.world))
    return network.do(receipt(network.world, GHAF, 20))


def both(at, *tokens):
    """Let one operator order and the other approve."""
    asked = at(*tokens, "--json", who="operator")
    assert 0 == asked.code, asked
    told = asked.json[0]
    shown = told["details"]["shown"]
    done = at("approval", "approve", told["subject"], "--shown", shown, who="operator 2")
    assert 0 == done.code, done


@pytest.mark.parametrize(
    ("unit", "scale", "words"),
    [("485878279/5000000", 2, "0.971757"), ("100", 2, "1.000000"), ("1/3", 0, "0.333333"), (None, 2, None)],
)
def test_what_a_unit_is_worth_is_rounded_for_people(unit, scale, words):
    assert words == worth(unit, scale)


def test_a_book_is_put_into_one_currency_and_its_order():
    """At 3.40 ZAR for a BRL, 1,200 BRL are 4,080 ZAR: above a sale at 4,000 ZAR. EGP has no rate."""
    rows = [
        {"side": side, "currency": code, "price": minor, "quantity": 10, "minor": minor}
        for side, code, minor in (
            ("sell", "EGP", "900000"), ("sell", "ZAR", "400000"), ("sell", "BRL", "120000"), ("buy", "ZAR", "399000"),
        )
    ]  # fmt: skip

    shown = in_one(rows, "ZAR", {"BRL": Fraction(100), "ZAR": Fraction(340)}, 2)

    assert [("BRL", "ZAR 4080.00"), ("ZAR", "ZAR 4000.00"), ("EGP", ""), ("ZAR", "ZAR 3990.00")] == [
        (row["currency"], row["about"]) for row in shown
    ]
    assert all("minor" not in row for row in shown)


def test_grain_is_listed_bought_and_seen(at, goods, tmp_path):
    terms = tmp_path / "terms.json"
    terms.write_text(json.dumps({"code": CODE, **LISTED, "currency": "ZAR", "reference": "4600.00"}))
    both(at, "market", "list-instrument", str(terms))
    for phase in ("opening_call", "continuous"):
        both(at, "market", "phase", CODE, phase, "test")
    for owner in (GHAF, FYNB):
        assert 0 == at("market", "open-account", "ZAR", who=owner).code
    assert 0 == at("market", "commit", goods).code
    assert 0 == at("market", "deposit", "ZAR 100000.00", who=FYNB).code

    (sold,) = at("market", "sell", CODE, 20, "4600.00").rows
    (bought,) = at("market", "buy", CODE, 15, "4650.00", who=FYNB).rows

    assert ("open", "20") == (sold["state"], sold["open"])
    assert ("filled", "15") == (bought["state"], bought["traded"])
    assert [(CODE, "continuous")] == [
        (row["instrument"], row["phase"]) for row in at("market", "list").rows if row["instrument"] == CODE
    ]
    (limit,) = at("market", "limits", CODE).rows
    assert ("ZAR", "4278.00", "4922.00") == (limit["currency"], limit["low"], limit["high"])
    (level,) = at("market", "book", CODE, who=FYNB).rows
    assert ("sell", "4600.00", "5") == (level["side"], level["price"], level["quantity"])
    (level,) = at("market", "book", CODE, "--currency", "ZAR").rows
    assert ("4600.00", "ZAR 4600.00") == (level["price"], level["about"])
    assert 1 == at("market", "book", CODE, "--currency", "INR").code
    (trade,) = at("market", "own-trades", who=FYNB).rows
    assert "ZAR 69000.00" in trade["pays"] or "69000.00" in trade["pays"]
    (told,) = at("market", "trades", CODE).rows
    assert ("15", "ZAR 4600.00", "ZAR 69000.00", "ZAR 69000.00") == (
        told["quantity"], told["price"], told["paid"], told["got"],
    )  # fmt: skip
    assert [1, 2] == [one["seq"] for one in at("market", "feed", CODE).json][:2]
    followed = at("market", "feed", CODE, "--follow", "--after", 1, "--count", 2).json
    assert [2, 3] == [one["seq"] for one in followed]
    drawn = [
        at("market", "picture", kind, CODE, "--out", tmp_path / f"{kind}.svg")
        for kind in ("depth", "candles")
    ]
    assert [0, 0] == [one.code for one in drawn]
    nothing = at("market", "picture", "auction", CODE, "--out", tmp_path / "auction.svg")
    assert (1, True) == (nothing.code, "no auction came to a price" in nothing.err)
    day = at("market", "day", CODE, "2026-11-23")
    assert (0, True) == (day.code, '"kind":"trade"' in day.out)
    assert 0 == at("market", "day", CODE, "2026-11-23", "--out", tmp_path / "day.jsonl").code
    of_file = ("--out", tmp_path / "file.svg", "--file", tmp_path / "day.jsonl")
    assert 0 == at("market", "picture", "depth", CODE, *of_file).code
    kept = [
        msgspec.json.decode(line, type=FeedItem)
        for line in (tmp_path / "day.jsonl").read_bytes().splitlines()
    ]
    assert {("ZAR", 1, 460_000): 5} == book(kept)
    drawn_of = {name: (tmp_path / f"{name}.svg").read_text() for name in ("depth", "file")}
    assert {"depth": "tonne", "file": "unit"} == {
        name: of
        for name, text in drawn_of.items()
        for of in ("tonne", "unit")
        if f"<!-- ZAR a {of} -->" in text
    }
    (changed,) = at("market", "change", sold["order"], "--price", "4700.00").rows
    assert ("open", "4700.00") == (changed["state"], changed["price"])
    assert 0 == at("market", "agree-reversal", trade["trade"]).code
    (gone,) = at("market", "cancel", sold["order"]).rows
    assert ("cancelled", "0", changed["open"]) == (gone["state"], gone["open"], gone["cancelled"])
    assert 0 == at("market", "withdraw", "ZAR 1.00", who=FYNB).code


def test_a_receipt_goes_into_trade_and_out(at, network, goods):
    other = network.do(receipt(network.world, GHAF, 5))

    assert 0 == at("market", "commit", other).code
    assert 1 == at("market", "commit", other).code
    assert 0 == at("market", "take-out", other).code


def test_what_is_refused_ends_with_one(at, goods):
    ended = at("market", "buy", CODE, 5, "1.00", who=FYNB)

    assert 1 == ended.code
    assert "PRICE_OUTSIDE_DAILY_LIMIT" in ended.err


def test_a_file_of_messages_is_sent_once(at, goods, tmp_path):
    """Of four lines one is refused; the same file again does nothing, and answers the same."""
    new = {"instrument": CODE, "side": "buy", "quantity": 5, "price": "4310.00"}
    messages = [
        {"new": new},
        {"new": new | {"quantity": 7}},
        {"order_id": UNKNOWN, "cancel": True},
        {"new": new},
    ]
    file = tmp_path / "orders.ndjson"
    file.write_text("\n".join(map(json.dumps, messages)))

    at("market", "deposit", "ZAR 50000.00", who=FYNB)
    sent = at("market", "send", file, who=FYNB)
    assert 1 == sent.code
    assert ["open", "refused", "refused", "open"] == [row["state"] for row in sent.rows]
    assert ["", "QUANTITY_NOT_IN_LOTS", "ORDER_NOT_OPEN", ""] == [row["refusal"] for row in sent.rows]
    assert sent.rows == at("market", "send", file, who=FYNB).rows

    mine = [row["order"] for row in sent.rows if row["state"] == "open"]
    file.write_text("\n".join(json.dumps({"order_id": one, "cancel": True}) for one in mine))
    gone = at("market", "send", file, "--json", who=FYNB)
    assert (0, ["cancelled", "cancelled"]) == (gone.code, [one["state"] for one in gone.json])
    file.write_text("{}\n[]")
    wrong = at("market", "send", file, who=FYNB)
    assert 2 == wrong.code
    assert "line 2" in wrong.err
    file.write_text(json.dumps({"order_id": "x", "cancel": True}))
    assert "line 1: order_id: is not a UUID in small letters" in at("market", "send", file, who=FYNB).err


def test_what_is_not_there_or_not_allowed(at, goods):
    assert 2 == at("market", "show", "NOTHING").code
    ended = at("market", "cancel", UNKNOWN)
    assert (2, True) == (ended.code, "no open order of one's own" in ended.err)
    assert 6 == at("market", "phase", CODE, "halt", "me").code
    assert 2 == at("market", "buy", CODE, "five", "1.00").code


def test_a_provider_quotes_and_takes_it_back(at, goods):
    assert [] == at("market", "quotes", who=PROVIDER).rows
    until = ("--until", "2026-12-01T00:00:00Z")
    assert 1 == at("market", "quote", "INR 10.00", "ZAR", "0.21", *until, who=PROVIDER).code
    assert 0 == at("market", "open-account", "INR", who=PROVIDER).code
    assert 0 == at("market", "deposit", "INR 10.00", who=PROVIDER).code
    assert 0 == at("market", "quote", "INR 10.00", "ZAR", "0.21", *until, who=PROVIDER).code

    (quote,) = at("market", "quotes", who=PROVIDER).rows

    assert ("ZAR", "0.21", "put") == (quote["buy"], quote["rate"], quote["state"])
    assert 0 == at("market", "unquote", quote["quote"], who=PROVIDER).code
    assert 2 == at("market", "unquote", UNKNOWN, who=PROVIDER).code


def test_one_s_orders_are_listed_and_taken_out(at, goods):
    assert CODE in [row["instrument"] for row in at("market", "orders").rows]
    assert 0 == at("market", "cancel-all").code
    assert [] == at("market", "orders", "--state", "open").rows


def test_the_operator_runs_it_with_a_second_person(at, goods):
    both(at, "market", "reference", CODE, "4610.00")
    both(at, "market", "group", FYNB, GHAF)
    both(at, "market", "group", FYNB)
    assert 0 == at("market", "seed", CODE, "0" * 64, who="operator").code
    assert 1 == at("market", "end-call", CODE, "0" * 32, who="operator").code
    proposed = at("market", "reverse", UNKNOWN, "a slip", "--json", who="operator").json[0]
    assert "PROPOSED" == proposed["state"]
