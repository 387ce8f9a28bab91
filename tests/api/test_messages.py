"""Messages through the XML door: settled, refused, repeated; and every bad input with its stated outcome."""

import uuid
from hashlib import sha256

import pytest

from tests.api.messages import message, transfer
from tests.api.world import BNYN, GHAF, SIDR, TAMR

JSON, XML = "application/json", "application/xml"


def one(amount="10.00", **more):
    """Give a message with one payment in AED from GHAF to SIDR."""
    return message(GHAF, transfer(GHAF, SIDR, target="AED", amount=amount, **more))


def quoted(live, send="10.00"):
    """Ask for a quote of AED to INR."""
    return live.post("/v1/quotes", {"sell": "AED", "buy": "INR", "send": send, "creditor_agent": TAMR}).json[
        "quotes"
    ][0]


def cross(quote, **more):
    """Give a message with one payment in two currencies by a quote."""
    given = {
        "source": "AED", "sent": quote["instructed"]["value"], "amount": quote["settlement"]["value"],
        "rate": quote["rate"], "quote": quote["quote_id"], **more,
    }  # fmt: skip
    return message(GHAF, transfer(GHAF, TAMR, **given))


def test_a_payment_settles_and_its_pacs_002_says_so(live):
    before = live.balance(GHAF, "AED"), live.balance(SIDR, "AED")

    answer = live.send(one())

    assert (200, "application/xml") == (answer.status, answer.headers["content-type"])
    assert b"<TxSts>ACSC</TxSts>" in answer.body
    assert (before[0] - 1000, before[1] + 1000) == (live.balance(GHAF, "AED"), live.balance(SIDR, "AED"))


def test_a_payment_in_two_currencies_settles_as_one_bundle(live):
    quote = quoted(live)
    before = live.balance(GHAF, "AED"), live.balance(TAMR, "INR")

    answer = live.send(cross(quote), accept=JSON).json["payments"][0]

    assert ("done", "SETTLED", "ACSC") == (answer["outcome"], answer["state"], answer["status"])
    assert (before[0] - 1000, before[1] + 22500) == (live.balance(GHAF, "AED"), live.balance(TAMR, "INR"))


@pytest.mark.parametrize("accept", [XML, JSON])
def test_the_answer_names_the_row_that_a_read_must_wait_for(live, accept):
    """So that a bank that speaks XML sees its own payment at once."""
    uetr = str(uuid.uuid4())
    seq = int(live.send(one(uetr=uetr), accept=accept).headers["steelyard-seq"])

    assert seq > 0
    assert seq == live.get(f"/v1/payments/{uetr}?wait_seq={seq}").json["seq"]


def test_the_answer_and_the_notice_are_one_message(live):
    """The pacs.002 over HTTP is byte-equal to the one that is fetched later."""
    uetr = str(uuid.uuid4())
    answer = live.send(one(uetr=uetr))

    notices = live.get(f"/v1/payments/{uetr}/messages").json

    assert answer.body == live.get(notices[0]["raw"]).body
    assert ["pacs.002", "camt.054"] == [item["message"] for item in notices]


def test_the_creditor_agent_gets_payment_status_and_credit(live):
    """With standing acceptance the forwarded payment, its status and the booking come together."""
    uetr = str(uuid.uuid4())
    live.send(one(uetr=uetr))

    items = live.get(f"/v1/payments/{uetr}/messages", key=SIDR).json
    bodies = [live.get(item["raw"], key=SIDR).body for item in items]

    assert ["pacs.008", "pacs.002", "camt.054"] == [item["message"] for item in items]
    assert all(uetr.encode() in body for body in bodies)
    assert b"<Nm>Layla Said</Nm>" in bodies[0]
    assert b"<CdtDbtInd>CRDT</CdtDbtInd>" in bodies[2]


def test_the_sender_reads_what_it_sent(live):
    raw, uetr = one(uetr=(id := str(uuid.uuid4()))), id
    live.send(raw)

    address = live.get(f"/v1/payments/{uetr}").json["message"]

    assert raw == live.get(f"{address}/raw").body
    assert 404 == live.get(f"{address}/raw", key=SIDR).status


def test_the_same_bytes_again_book_nothing(live):
    """A resend is answered by the stored state (rule 11)."""
    raw = one()
    first = live.send(raw, accept=JSON).json["payments"][0]
    before = live.balance(GHAF, "AED")

    again = live.send(raw, accept=JSON).json["payments"][0]

    assert (first["uetr"], "SETTLED", True) == (again["uetr"], again["state"], again["replayed"])
    assert before == live.balance(GHAF, "AED")


def test_a_thousand_parallel_equal_messages_are_one_booking(live):
    raw = one(amount="7.00")
    before = live.balance(GHAF, "AED")

    answers = live.all(
        [("POST", "/v1/messages", {"raw": raw, "headers": {"content-type": "application/xml"}})] * 1000
    )

    assert {200} == {answer.status for answer in answers}
    assert all(b"<TxSts>ACSC</TxSts>" in answer.body for answer in answers)
    assert before - 700 == live.balance(GHAF, "AED")


def test_the_same_message_id_with_other_content_is_du01(live):
    id = f"M{uuid.uuid4().hex[:20]}"
    live.send(message(GHAF, transfer(GHAF, SIDR, target="AED", amount="1.00"), message_id=id))

    answer = live.send(
        message(GHAF, transfer(GHAF, SIDR, target="AED", amount="2.00"), message_id=id), accept=JSON
    )

    assert ("MESSAGE_ID_IS_TAKEN", "DU01") == refusal(answer)


def test_a_rejected_uetr_that_comes_again_is_said_to_be_one(live):
    """The corrected message has a free id; it is the UETR that was rejected, and why stands beside the code."""
    id, uetr = f"M{uuid.uuid4().hex[:20]}", str(uuid.uuid4())
    live.send(message(GHAF, transfer(GHAF, SIDR, target="AED", amount="1.00"), message_id=id))
    body = transfer(GHAF, SIDR, target="AED", amount="2.00", uetr=uetr)

    first = live.send(message(GHAF, body, message_id=id)).body
    again = live.send(message(GHAF, body)).body
    as_json = live.send(message(GHAF, body), accept=JSON).json["payments"][0]

    reason = b"<Rsn><Cd>DU01</Cd></Rsn><AddtlInf>MESSAGE_ID_IS_TAKEN</AddtlInf>"
    assert reason + b"</StsRsnInf>" in first
    assert reason + b"<AddtlInf>UETR was rejected before</AddtlInf></StsRsnInf>" in again
    assert as_json["replayed"]
    assert as_json["refusal"]["detail"].endswith("(UETR was rejected before)")


def test_the_same_uetr_in_a_new_message_is_du03(live):
    uetr = str(uuid.uuid4())
    live.send(one(uetr=uetr))

    answer = live.send(one(amount="11.00", uetr=uetr), accept=JSON)

    assert ("UETR_IS_TAKEN", "DU03") == refusal(answer)


def refusal(answer):
    """Give name and ISO code of a single payment's refusal."""
    paid = answer.json["payments"][0]
    assert "refused" == paid["outcome"]
    return paid["refusal"]["code"], paid["iso"]


def test_five_ways_to_have_no_quote(live):
    """Unknown, another's, used, wrong amount, wrong side: each its own refusal (B23)."""
    used, wrong, turned = quoted(live), quoted(live), quoted(live)
    live.send(cross(used))
    anothers = live.post(
        "/v1/quotes", {"sell": "AED", "buy": "INR", "send": "10.00", "creditor_agent": TAMR}, key=SIDR
    ).json["quotes"][0]
    unknown = {**used, "quote_id": str(uuid.uuid4())}
    back = message(
        GHAF, transfer(GHAF, TAMR, source="INR", sent="225.00", target="AED", amount="10.00", rate="0.0444444444",
                       quote=turned["quote_id"]),
    )  # fmt: skip

    assert ("QUOTE_NOT_FOUND", "AB04") == refusal(live.send(cross(unknown), accept=JSON))
    assert ("QUOTE_IS_ANOTHERS", "AB04") == refusal(live.send(cross(anothers), accept=JSON))
    assert ("QUOTE_IS_USED", "AB04") == refusal(live.send(cross(used), accept=JSON))
    assert ("QUOTE_AMOUNT_DIFFERS", "AM09") == refusal(
        live.send(cross(wrong, sent="20.00", amount="450.00"), accept=JSON)
    )
    assert ("QUOTE_PAIR_DIFFERS", "AM09") == refusal(live.send(back, accept=JSON))


def test_an_expired_quote_is_refused(own):
    quote = quoted(own)
    own.post("/v1/sandbox/advance", {"to": "PT11M"}, key="operator")
    stamp = own.get("/v1/status", key=None).json["at"][:23] + "Z"
    raw = cross(quote).replace(b"2026-11-23T09:00:00.000Z", stamp.encode())

    assert ("QUOTE_HAS_EXPIRED", "AB04") == refusal(own.send(raw, accept=JSON))


def test_faulty_payments_of_a_message_do_not_hold_up_the_others(live):
    """Group policy `each`: PART, with the reason at its transaction."""
    good, bad = (
        transfer(GHAF, SIDR, target="AED", amount="3.00"),
        transfer(GHAF, SIDR, target="AED", amount="0.00"),
    )

    answer = live.send(message(GHAF, good, bad))

    assert b"<GrpSts>PART</GrpSts>" in answer.body
    assert b"<TxSts>ACSC</TxSts>" in answer.body
    assert b"<Cd>AM01</Cd>" in answer.body


def test_many_payments_in_one_message_have_one_answer_each(live):
    before = live.balance(SIDR, "AED")
    raw = message(GHAF, *(transfer(GHAF, SIDR, target="AED", amount="1.00") for _ in range(1500)))

    answer = live.send(raw, accept=JSON).json

    assert 1500 == len(answer["payments"])
    assert {"SETTLED"} == {paid["state"] for paid in answer["payments"]}
    assert before + 150_000 == live.balance(SIDR, "AED")


def test_a_check_tells_every_finding_and_books_nothing(live):
    raw = one(amount="0.00", name="", iban="AE080331234567890123456")
    before, rows = live.balance(GHAF, "AED"), live.world.node.sequencer.watermark

    answer = live.ask("POST", "/v1/messages/check", raw=raw, headers={"content-type": "application/xml"}).json

    assert "refused" == answer["outcome"]  # an empty name is no name to the schema
    clean = raw.replace(b"<Nm></Nm>", b"")
    answer = live.ask(
        "POST", "/v1/messages/check", raw=clean, headers={"content-type": "application/xml"}
    ).json
    assert {"AM01", "AC03", "BE08"} <= set(answer["codes"])
    assert (before, rows) == (live.balance(GHAF, "AED"), live.world.node.sequencer.watermark)


def test_a_check_can_answer_as_the_message_would_be_answered(live):
    answer = live.ask(
        "POST",
        "/v1/messages/check",
        raw=one(),
        headers={"content-type": "application/xml", "accept": "application/xml"},
    )

    assert b"<TxSts>ACTC</TxSts>" in answer.body


def test_another_banks_message_is_refused(live):
    """Signer and sender differ: 403, and nothing is parsed into a payment (B27)."""
    raw = message(SIDR, transfer(SIDR, GHAF, target="AED", amount="1.00"))

    answer = live.send(raw)

    assert 403 == answer.status
    assert b"<RjctgPtyRsn>SIG03</RjctgPtyRsn>" in answer.body
    assert "SIG03" == live.send(raw, accept=JSON).json["code"]


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
ATTACKS = {
    "B01 nested entities": (BOMB, 400, "XML02"),
    "B02 external entity": (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', 400, "XML02"),
    "B03 quadratic": (b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 20_000 + b'">]><x>' + b"&a;" * 400 + b"</x>", 400, "XML02"),
    "doctype in CDATA": (b"<x><![CDATA[<!DOCTYPE y>]]></x>", 400, "XML02"),
    "B05 bad UTF-8": (b"<x>\xff</x>", 400, "XML03"),
    "B05 UTF-16": ("<x/>".encode("utf-16"), 400, "XML03"),
    "B05 false encoding": (b'<?xml version="1.0" encoding="ISO-8859-1"?><x>\xe9</x>', 400, "XML03"),
    "B05 NUL": (b"<x>\0</x>", 400, "XML03"),
    "B05 half a surrogate": (b"<x>\xed\xa0\x80</x>", 400, "XML03"),
    "not XML": (b"hello", 400, "XML01"),
    "empty": (b"", 400, "XML01"),
    "no end": (b"<x>", 400, "XML01"),
    "two roots": (b"<x/><y/>", 400, "XML01"),
    "nested 300,000 deep": (b"<a>" * 300_000 + b"</a>" * 300_000, 413, "XML04"),
    "a million attributes": (b"<x " + b" ".join(b'a%d="1"' % n for n in range(200_000)) + b"/>", 413, "XML04"),
    "no header": (b"<x/>", 422, "BAH01"),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_xml_is_refused(live, attack):
    raw, status, word = ATTACKS[attack]
    before = live.balance(GHAF, "AED")

    answer = live.send(raw)
    as_json = live.send(raw, accept=JSON)

    assert status == answer.status == as_json.status
    assert f"<RjctgPtyRsn>{word}</RjctgPtyRsn>".encode() in answer.body
    assert word == as_json.json["code"]
    assert "passwd" not in answer.body.decode()
    assert before == live.balance(GHAF, "AED")


def test_what_is_refused_is_evidence_all_the_same(live):
    """Each bad input leaves one evidence row with its bytes."""
    raw = b"<x>" + uuid.uuid4().hex.encode()
    live.send(raw)

    evidence = live.world.node.evidence

    assert raw == evidence.items(after=0, limit=1_000_000)[-2].raw()
    assert b"XML01" in evidence.items(after=0, limit=1_000_000)[-1].raw()


def test_another_who_sends_the_bytes_first_hides_nothing_from_their_owner(live):
    """He is turned away, his own page says so, and the owner's page and bytes are the owner's as ever."""
    raw = one()
    page = f"/v1/messages/{sha256(raw).hexdigest()}"
    assert 403 == live.send(raw, key=SIDR).status
    assert 404 == live.get(page, key=GHAF).status

    live.send(raw, key=GHAF)

    assert (200, GHAF) == (live.get(page, key=GHAF).status, live.get(page, key=GHAF).json["subject"])
    assert raw == live.get(f"{page}/raw", key=GHAF).body
    assert SIDR == live.get(page, key=SIDR).json["subject"]
    assert 404 == live.get(page, key=TAMR).status


def test_fifty_megabytes_are_refused_by_size(live):
    """B04: a body over the bound is refused by its stated length, and by its real one."""
    answer = live.send(b"<x>" + b" " * 50_000_000 + b"</x>")
    lying = live.ask(
        "POST", "/v1/messages", raw=b"<x>" + b" " * 40_000_000,
        headers={"content-type": "application/xml", "content-length": "10"},
    )  # fmt: skip

    assert (413, "body-too-large") == (answer.status, answer.json["code"])
    assert (413, "body-too-large") == (lying.status, lying.json["code"])


def test_a_small_body_with_too_many_payments_is_refused(live):
    """B04: 100,000 empty transactions."""
    raw = message(GHAF, "<CdtTrfTxInf/>" * 100_000)

    answer = live.send(raw, accept=JSON)

    assert answer.status in (413, 422)
    assert answer.json["code"] in ("XML04", "XSD01", "AM18", "AM19")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ((b"pacs.008.001.08", b"pacs.008.001.99"), "BAH02"),  # B06
        ((b"<MsgDefIdr>pacs.008.001.08", b"<MsgDefIdr>pacs.009.001.08"), "BAH03"),  # B07
        ((b'Ccy="AED">10.00', b'Ccy="AED">-10.00'), "XSD01"),  # B08
        ((b'Ccy="AED">10.00', b'Ccy="AED">1.0E1'), "XSD01"),
        ((b'Ccy="AED">10.00', b'Ccy="AED">1234567890123456789'), "XSD01"),  # B09
        ((b'Ccy="AED">10.00', b'Ccy="AED">\xd9\xa1\xd9\xa0.00'), "XSD01"),  # look-alike digits
        ((b"<BICFI>SIDRAEA0", b"<BICFI>sidraea0"), "XSD01"),  # B16
    ],
)
def test_bad_shapes_are_refused(live, change, code):
    answer = live.send(one().replace(*change), accept=JSON)

    assert (422, code) == (answer.status, answer.json["code"])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"amount": "0.00"}, "AM01"),
        ({"amount": "10.001"}, "CH20"),
        ({"amount": "10000000000000000.0"}, "AM12"),
        ({"target": "XAU"}, "AM03"),
        ({"target": "CHF"}, "AM03"),
        ({"iban": "AE080331234567890123456"}, "AC03"),  # B17
        ({"on": "2026-11-22"}, "DT01"),  # B22
        ({"on": "2030-01-01"}, "DT04"),
        ({"purpose": "QQQQ"}, "FF07"),
        ({"name": "Ольга"}, "RR10"),
    ],
)
def test_broken_rules_are_rejected_with_their_code(live, given, code):
    fields = {"target": "AED", "amount": "10.00", **given}
    before = live.balance(GHAF, "AED")

    answer = live.send(message(GHAF, transfer(GHAF, SIDR, **fields)))

    assert 200 == answer.status
    assert f"<Cd>{code}</Cd>".encode() in answer.body
    assert before == live.balance(GHAF, "AED")


@pytest.mark.parametrize(
    ("count", "system", "code"), [(7, "STYD", "AM19"), (None, "OTHR", "CH16"), (None, "STYD", None)]
)
def test_the_group_is_judged_too(live, count, system, code):
    """B11: a wrong count; another clearing system."""
    raw = message(GHAF, transfer(GHAF, SIDR, target="AED", amount="1.00"), count=count, system=system)

    answer = live.send(raw)

    assert (f"<Cd>{code}</Cd>".encode() if code else b"ACSC") in answer.body


def test_an_unknown_bank_is_cnor(live):
    answer = live.send(message(GHAF, transfer(GHAF, "NOBOAEA0", target="AED", amount="1.00")))

    assert b"<Cd>CNOR</Cd>" in answer.body


def test_comments_inside_an_amount_are_no_second_amount(live):
    """`1<!--x-->0.00` reads 10.00, never 1."""
    before = live.balance(GHAF, "AED")

    answer = live.send(one().replace(b">10.00<", b">1<!--x-->0.00<"))

    assert b"ACSC" in answer.body
    assert before - 1000 == live.balance(GHAF, "AED")


def test_five_hundred_debits_that_do_not_all_fit(own):
    """B21: exactly a fitting set is booked, the others wait; never negative."""
    held = own.balance(BNYN, "INR")
    each = held // 300
    raws = [
        message(BNYN, transfer(BNYN, TAMR, source="INR", target="INR", amount=f"{each / 100:.2f}"))
        for _ in range(500)
    ]

    answers = own.all(
        [
            (
                "POST",
                "/v1/messages",
                {"raw": raw, "key": BNYN, "headers": {"content-type": "application/xml"}},
            )
            for raw in raws
        ]
    )

    settled = sum(b"<TxSts>ACSC</TxSts>" in answer.body for answer in answers)
    assert 300 == settled
    assert 200 == sum(b"<TxSts>PDNG</TxSts>" in answer.body for answer in answers)
    assert held - 300 * each == own.balance(BNYN, "INR")


def test_one_minor_unit_too_little_waits(own):
    """B20: queued, never negative."""
    held = own.balance(TAMR, "AED")
    raw = message(TAMR, transfer(TAMR, SIDR, source="AED", target="AED", amount=f"{(held + 1) / 100:.2f}"))

    answer = own.send(raw, key=TAMR, accept=JSON).json["payments"][0]

    assert ("QUEUED", "funds", "PDNG") == (answer["state"], answer["waits"], answer["status"])
    assert held == own.balance(TAMR, "AED")


def test_a_wrong_kind_of_body_is_not_read(live):
    for headers in ({"content-type": "application/pdf"}, {"content-type": "application/xml; charset=latin-1"},
                    {"content-type": "application/xml", "content-encoding": "gzip"}):  # fmt: skip
        answer = live.ask("POST", "/v1/messages", raw=one(), headers=headers)

        assert (415, "media-type-not-supported") == (answer.status, answer.json["code"])


def test_the_list_of_messages_holds_to_its_limit(live):
    """One notice stands for up to three messages; pages of one show each once."""
    for _ in range(4):
        live.send(message(GHAF, transfer(GHAF, SIDR, target="AED", amount="1.00")))
    whole = live.get("/v1/messages?limit=7").json

    found, cursor = [], ""
    for _ in range(7):
        page = live.get(f"/v1/messages?limit=1{cursor}").json
        assert 1 == len(page["items"])
        found += page["items"]
        cursor = f"&after={page['next']}"

    assert whole["items"] == found
    assert 7 == len({item["id"] for item in found})
