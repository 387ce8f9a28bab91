"""Payments as JSON: the same rules, the same books; keys, deadlines, arrays and bad inputs."""

import uuid

import pytest

from tests.api.world import GHAF, MRUL, SIDR, TAMR

PERSON = {"name": "Layla Said", "address": {"town": "Dubai", "country": "AE"}}
BODY = {
    "creditor_agent": SIDR, "settlement": {"asset": "AED", "value": "10.00"}, "debtor": PERSON, "creditor": PERSON,
    "debtor_account": {"id": "1"}, "creditor_account": {"id": "2"}, "purpose": "GDDS",
}  # fmt: skip


def quote(live, **more):
    asked = {"sell": "AED", "buy": "INR", "receive": "7350.00", "creditor_agent": TAMR, **more}
    return live.post("/v1/quotes", asked).json["quotes"][0]


def test_a_payment_settles(live):
    before = live.balance(GHAF, "AED"), live.balance(SIDR, "AED")

    answer = live.post("/v1/payments", BODY)

    assert ("done", "SETTLED", "ACSC") == tuple(answer.json[name] for name in ("outcome", "state", "status"))
    assert f"/v1/payments/{answer.json['uetr']}" == answer.headers["location"]
    assert (before[0] - 1000, before[1] + 1000) == (live.balance(GHAF, "AED"), live.balance(SIDR, "AED"))


def test_a_payment_that_waits_says_its_class_and_what_it_lacks(live):
    body = {**BODY, "settlement": {"asset": "AED", "value": "990000000.00"}, "settlement_priority": "URGT",
            "may_split": False}  # fmt: skip
    uetr = live.post("/v1/payments", body).json["uetr"]
    shown = live.get(f"/v1/payments/{uetr}").json

    assert ("QUEUED", "funds", "URGT") == tuple(
        shown[name] for name in ("state", "waits", "settlement_priority")
    )
    assert "LIQUIDITY_IS_SHORT" == shown["reason"]
    assert 200 == live.post(f"/v1/payments/{uetr}/cancel", {}).status


def test_a_quote_alone_says_the_amounts(live):
    """The payer names the quote and consents to what it disclosed; what settles is what was disclosed."""
    given = quote(live)
    before = live.balance(TAMR, "INR")
    body = {**BODY, "creditor_agent": TAMR, "settlement": None, "quote_id": given["quote_id"],
            "disclosure": given["disclosure"]}  # fmt: skip

    answer = live.post("/v1/payments", {k: v for k, v in body.items() if v is not None}).json

    assert "SETTLED" == answer["state"]
    assert (given["debit"], given["credit"]) == (answer["debit"], answer["credit"])
    assert before + 735_000 == live.balance(TAMR, "INR")


def test_a_disclosure_that_differs_is_refused(live):
    given = quote(live)
    body = {**BODY, "creditor_agent": TAMR, "quote_id": given["quote_id"], "disclosure": "0" * 64,
            "settlement": {"asset": "INR", "value": "7350.00"}}  # fmt: skip

    answer = live.post("/v1/payments", body).json

    assert ("refused", "DISCLOSURE_DIFFERS", "AM09") == (
        answer["outcome"],
        answer["refusal"]["code"],
        answer["iso"],
    )


def test_a_quote_of_another_is_as_unknown(live):
    given = live.post("/v1/quotes", {"sell": "AED", "buy": "INR", "send": "10"}, key=SIDR).json["quotes"][0]
    body = {**BODY, "creditor_agent": TAMR, "quote_id": given["quote_id"]}
    del body["settlement"]

    answer = live.post("/v1/payments", body)

    assert (422, "/settlement") == (answer.status, answer.json["errors"][0]["pointer"])


def test_a_refusal_says_the_rule_as_one_that_is_broken(live):
    answer = live.post("/v1/quotes", {"sell": "AED", "buy": "INR", "send": "9999999999.00"}).json

    assert "All out of funds" == answer["refusal"]["title"]
    assert answer["refusal"]["detail"].startswith("The rule that does not hold: a provider has the money")


def test_an_array_has_an_answer_for_each(live):
    before = live.balance(SIDR, "AED")
    bad = {**BODY, "settlement": {"asset": "AED", "value": "1.00"}, "purpose": "QQQQ"}

    answer = live.post("/v1/payments", [BODY, bad, BODY])

    assert ["SETTLED", "REJECTED", "SETTLED"] == [one["state"] for one in answer.json]
    assert ("message-breaks-rules", "FF07", "/1/purpose") == (
        answer.json[1]["refusal"]["type"].rpartition("/")[2],
        answer.json[1]["iso"],
        answer.json[1]["refusal"]["errors"][0]["pointer"],
    )
    assert before + 2000 == live.balance(SIDR, "AED")


def test_one_fault_of_shape_in_an_array_stops_all_of_it(live):
    before = live.balance(SIDR, "AED")

    answer = live.post("/v1/payments", [BODY, {**BODY, "settlement": {"asset": "AED", "value": "1e3"}}])

    assert (422, "/1/settlement/value") == (answer.status, answer.json["errors"][0]["pointer"])
    assert before == live.balance(SIDR, "AED")


@pytest.mark.parametrize("count", [0, 1001])
def test_an_array_has_1_to_1000_items(live, count):
    before = live.balance(SIDR, "AED")

    answer = live.post("/v1/payments", [BODY] * count)

    assert 422 == answer.status
    assert before == live.balance(SIDR, "AED")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("0", "AM01"), ("0.00", "AM01"), ("-1", "AM12"), ("+1", "AM12"), ("1e3", "CH20"), ("1,000.00", "CH20"),
        ("10.001", "CH20"), ("١٠", "CH20"), ("１０", "CH20"), ("1000000000000000000", "AM12"), (".5", "CH20"),
        ("1.", "CH20"), (" 1", "CH20"), ("NaN", "CH20"), ("0x10", "CH20"),
    ],
)  # fmt: skip
def test_amounts_are_plain_decimals(live, value, code):
    answer = live.post("/v1/payments", {**BODY, "settlement": {"asset": "AED", "value": value}})

    assert (422, code) == (answer.status, answer.json["errors"][0]["code"])


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"settlement": {"asset": "AED", "value": 10}}, "/settlement/value"),
        ({"settlement": {"asset": "XYZ", "value": "10"}}, "/settlement/asset"),
        ({"uetr": str(uuid.uuid4()).upper()}, "/uetr"),
        ({"uetr": str(uuid.uuid1())}, "/uetr"),
        ({"creditor_agent": "sidraea0"}, "/creditor_agent"),
        ({"settlement_on": "2026-02-30"}, "/settlement_on"),
        ({"not_before_at": "2026-11-23 09:00"}, "/not_before_at"),
        ({"creditor_account": {}}, "/creditor_account"),
        ({"colour": "red"}, "/colour"),
    ],
)  # fmt: skip
def test_shapes_are_told_with_their_place(live, change, pointer):
    answer = live.post("/v1/payments", {**BODY, **change})

    assert (422, pointer) == (answer.status, answer.json["errors"][0]["pointer"])


@pytest.mark.parametrize(
    ("change", "iso", "pointer"),
    [
        ({"creditor_account": {"iban": "AE080331234567890123456"}}, "AC03", "/creditor_account"),
        ({"debtor": {**PERSON, "lei": "529900T8BM49AURSDO56"}}, "BE16", "/debtor/lei"),
        ({"creditor_agent": "NOBOAEA0"}, "CNOR", "/creditor_agent"),
        ({"debtor": {"name": "x", "address": {"town": "T", "country": "XX"}}}, "BE10", "/debtor/address/country"),
        ({"settlement_on": "2026-11-20"}, "DT01", "/settlement_on"),
        ({"debtor": None}, "BE08", "/debtor"),
        ({"creditor_reference": "RF19539007547034"}, "RR09", "/remittance"),
    ],
)  # fmt: skip
def test_rules_are_judged_as_in_messages(live, change, iso, pointer):
    body = {name: value for name, value in {**BODY, **change}.items() if value is not None}

    answer = live.post("/v1/payments", body).json

    assert ("refused", iso) == (answer["outcome"], answer["iso"])
    assert answer["refusal"]["errors"][0]["pointer"].startswith(pointer)


def test_all_rules_that_break_are_told(live):
    body = {**BODY, "purpose": "QQQQ", "creditor_account": {"iban": "AE080331234567890123456"},
            "debtor": {"name": "xxx", "address": {"country": "AE"}}}  # fmt: skip

    answer = live.post("/v1/payments", body).json

    assert {"FF07", "AC03", "BE07"} == {fault["code"] for fault in answer["refusal"]["errors"]}


def test_injected_texts_are_kept_as_they_are(live):
    """B35: stored literally, and given back literally."""
    nasty = "x'; DROP TABLE payment; -- ${jndi} {{7*7}} <script>alert(1)</script>"
    answer = live.post("/v1/payments", {**BODY, "remittance": [nasty]}).json

    assert "SETTLED" == answer["state"]
    message = live.get(live.get(f"/v1/payments/{answer['uetr']}").json["message"] + "/raw")
    assert nasty in message.json["remittance"][0]


def test_a_json_payment_is_forwarded_as_the_message_it_would_have_been(live):
    answer = live.post(
        "/v1/payments", {**BODY, "end_to_end_id": "E2E-77", "remittance": ["Invoice 4711"]}
    ).json

    items = live.get(f"/v1/payments/{answer['uetr']}/messages", key=SIDR).json
    forwarded = live.get(items[0]["raw"], key=SIDR).body

    assert "pacs.008" == items[0]["message"]
    for part in (b"E2E-77", b"Invoice 4711", answer["uetr"].encode(), b"<Nm>Layla Said</Nm>"):
        assert part in forwarded


def test_a_bank_payment_moves_the_banks_own_money(live):
    before = live.balance(SIDR, "AED")

    answer = live.post(
        "/v1/payments",
        {"kind": "bank", "creditor_agent": SIDR, "settlement": {"asset": "AED", "value": "5.00"}},
    ).json

    assert "SETTLED" == answer["state"]
    assert before + 500 == live.balance(SIDR, "AED")


def test_what_happened_can_be_read_back(live):
    answer = live.post("/v1/payments", BODY).json

    shown = live.get(f"/v1/payments/{answer['uetr']}").json
    steps = live.get(f"/v1/payments/{answer['uetr']}/timeline").json
    legs = live.get(f"/v1/payments/{answer['uetr']}/legs").json

    assert ("SETTLED", "debtor", "10.00") == (shown["state"], shown["role"], shown["settlement"]["value"])
    assert ["SETTLED"] == [step["after"] for step in steps]
    assert [("GHAFAEA0/AED", "SIDRAEA0/AED", "1000")] == [
        (leg["source"], leg["target"], leg["amount"]["amount_minor"]) for leg in legs
    ]


def test_ones_own_writes_can_be_waited_for(live):
    """`wait_seq` makes the answer wait for the projection; a row that never comes is 503."""
    seq = live.post("/v1/payments", BODY).json["seq"]

    assert seq <= int(live.ask("GET", f"/v1/payments?wait_seq={seq}").headers["steelyard-applied-seq"])
    late = live.ask("GET", f"/v1/payments?wait_seq={seq + 1_000_000}&wait_ms=30")
    assert (503, "projection-lags") == (late.status, late.json["code"])


def offered(own, **more):
    """Make TAMR ask to be asked, and send it a payment that waits for its answer."""
    tag = own.get(f"/v1/participants/{TAMR}/settings", key=TAMR).headers["etag"]
    changed = own.ask(
        "PATCH",
        f"/v1/participants/{TAMR}/settings",
        key=TAMR,
        body={"accepts": {"AED": None}},
        headers={"if-match": tag},
    )
    assert "done" == changed.json["outcome"]
    return own.post("/v1/payments", {**BODY, "creditor_agent": TAMR, **more}).json


def test_an_offer_is_shown_answered_and_settled(own):
    paid = offered(own)
    assert ("OFFERED", "ACSP") == (paid["state"], paid["status"])
    offers = own.get("/v1/offers", key=TAMR).json["items"]
    assert [paid["uetr"]] == [offer["uetr"] for offer in offers]
    assert 404 == own.get(f"/v1/payments/{paid['uetr']}", key=SIDR).status

    answer = own.post(f"/v1/offers/{paid['uetr']}", {"answer": "accept"}, key=TAMR).json

    assert ("done", "SETTLED") == (answer["outcome"], answer["state"])
    kinds = [item["message"] for item in own.get(f"/v1/payments/{paid['uetr']}/messages", key=TAMR).json]
    assert ["pacs.008", "pacs.002", "camt.054"] == kinds
    steps = own.get(f"/v1/payments/{paid['uetr']}/timeline").json
    assert ["QUEUED", "PREPARED", "OFFERED", "DECIDED", "SETTLED"] == [step["after"] for step in steps]
    seen = own.get(f"/v1/payments/{paid['uetr']}/timeline", key=TAMR).json
    assert ["OFFERED", "DECIDED", "SETTLED"] == [step["after"] for step in seen]


def test_an_offer_is_declined_with_its_code(own):
    paid = offered(own)

    own.post(f"/v1/offers/{paid['uetr']}", {"answer": "decline", "code": "AC04"}, key=TAMR)

    shown = own.get(f"/v1/payments/{paid['uetr']}").json
    assert ("REJECTED", "CREDITOR_AGENT_DECLINED") == (shown["state"], shown["refusal"]["code"])
    notices = own.get(f"/v1/payments/{paid['uetr']}/messages").json
    assert b"<Cd>AC04</Cd>" in own.get(notices[-1]["raw"]).body
    assert "REJECTED" == own.get(f"/v1/payments/{paid['uetr']}", key=TAMR).json["state"]


def test_an_offer_is_not_anothers_to_answer(own):
    paid = offered(own)

    assert 404 == own.post(f"/v1/offers/{paid['uetr']}", {"answer": "accept"}, key=MRUL).status


def test_a_payment_that_waits_is_taken_back(own):
    held = own.balance(GHAF, "AED")
    waiting = own.post(
        "/v1/payments", {**BODY, "settlement": {"asset": "AED", "value": f"{held / 100 + 1:.2f}"}}
    ).json
    assert ("QUEUED", "funds") == (waiting["state"], waiting["waits"])
    assert 404 == own.get(f"/v1/payments/{waiting['uetr']}", key=SIDR).status

    answer = own.post(f"/v1/payments/{waiting['uetr']}/cancel", {"reason": "CUST"}).json

    assert ("done", "CANCELLED") == (answer["outcome"], answer["state"])
    assert "CANC" == own.get(f"/v1/payments/{waiting['uetr']}").json["status"]


def test_a_settled_payment_is_not_taken_back(live):
    uetr = live.post("/v1/payments", BODY).json["uetr"]

    answer = live.post(f"/v1/payments/{uetr}/cancel", {}).json

    assert ("refused", "PAYMENT_IS_FINAL") == (answer["outcome"], answer["refusal"]["code"])


def test_a_creditor_agent_reports_the_credit(live):
    uetr = live.post("/v1/payments", BODY).json["uetr"]

    answer = live.post(f"/v1/payments/{uetr}/credited", {}, key=SIDR).json

    assert ("done", "CREDITED") == (answer["outcome"], answer["state"])
    assert "ACCC" == live.get(f"/v1/payments/{uetr}").json["status"]


def test_above_ones_line_two_people_are_needed(own):
    """The order becomes a proposal; the checker approves what was shown, and it settles."""
    tag = own.get(f"/v1/participants/{GHAF}/settings").headers["etag"]
    own.ask(
        "PATCH",
        f"/v1/participants/{GHAF}/settings",
        body={"lines": {"AED": "100.00"}},
        headers={"if-match": tag},
    )
    before = own.balance(SIDR, "AED")

    paid = own.post("/v1/payments", {**BODY, "settlement": {"asset": "AED", "value": "100.01"}}).json

    assert ("done", "RECEIVED", before) == (paid["outcome"], paid["state"], own.balance(SIDR, "AED"))
    (waiting,) = own.get("/v1/approvals?state=proposed", key=f"{GHAF} checker").json["items"]
    assert "APPROVER_IS_THE_MAKER" == own.post(
        f"/v1/approvals/{waiting['proposal']}/approve", {"shown": waiting["shown"]}, key=f"{GHAF} maker"
    ).json["refusal"]["code"]  # fmt: skip
    own.post(
        f"/v1/approvals/{waiting['proposal']}/approve", {"shown": waiting["shown"]}, key=f"{GHAF} checker"
    )
    assert before + 10_001 == own.balance(SIDR, "AED")
