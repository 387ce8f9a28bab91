"""Files of payments, line by line, and batches of packed legs."""

import asyncio
import csv
import io
import json
import uuid

import numpy as np
import pytest

from steelyard.api import bulk, idempotency
from steelyard.engine.records import LEG, MOVE, OUTCOME
from tests.api.test_payments import BODY, quote
from tests.api.world import GHAF, SIDR, TAMR

NDJSON, LEGS = {"content-type": "application/x-ndjson"}, {"content-type": "application/vnd.steelyard.legs"}
CSV = {"content-type": "text/csv"}
SMALL = {**BODY, "settlement": {"asset": "AED", "value": "1.00"}}


def lines(*bodies):
    return b"\n".join(body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies)


def send(live, raw, headers=NDJSON, **how):
    """Send a file; gives the answers by line."""
    answer = live.ask("POST", "/v1/payments/bulk", raw=raw, headers=headers, **how)
    if answer.status != 200:
        return answer
    assert "application/x-ndjson" == answer.headers["content-type"]
    return [json.loads(line) for line in answer.body.splitlines()]


def test_every_line_has_its_answer_in_the_order_of_the_file(live):
    before = live.balance(SIDR, "AED")

    answers = send(
        live, lines(SMALL, {**SMALL, "purpose": "QQQQ"}, b"", b"{", SMALL, b'{"a":1}', b"\xff", SMALL)
    )

    assert [1, 2, 4, 5, 6, 7, 8] == [one["line"] for one in answers]
    assert ["done", "refused", "refused", "done", "refused", "refused", "done"] == [
        one["outcome"] for one in answers
    ]
    codes = [one["refusal"]["code"] if one["refusal"] else one["state"] for one in answers]
    assert ["malformed-body", "SETTLED"] == codes[2:4]
    assert "malformed-body" == codes[5]
    assert {"/creditor_agent", "/a"} == {fault["pointer"] for fault in answers[4]["refusal"]["errors"]}
    assert before + 300 == live.balance(SIDR, "AED")


def test_a_file_that_comes_again_books_nothing_anew(own):
    """The same key, the same lines: each is answered as before; a line more is a line more."""
    idem = own.world.new_key()
    first = send(own, lines(SMALL, SMALL), idem=idem)
    balance = own.balance(SIDR, "AED")

    again = send(own, lines(SMALL, SMALL), idem=idem)

    assert [one["uetr"] for one in first] == [one["uetr"] for one in again]
    assert [True, True] == [one["replayed"] for one in again]
    assert balance == own.balance(SIDR, "AED")


def test_a_file_under_any_key_is_answered_again_at_once(own):
    """The answer is kept as it was given, and another file under its key is turned away."""
    idem = f"file of today {uuid.uuid4()}".replace(" ", "-")
    asked = {"raw": lines(SMALL, SMALL), "headers": NDJSON, "idem": idem}
    first = own.ask("POST", "/v1/payments/bulk", **asked)
    balance = own.balance(SIDR, "AED")

    again = own.ask("POST", "/v1/payments/bulk", **asked)
    other = own.ask("POST", "/v1/payments/bulk", **asked | {"raw": lines(SMALL)})

    assert (200, first.body, "true") == (again.status, again.body, again.headers["idempotency-replayed"])
    assert (409, "idempotency-key-reused") == (other.status, other.json["code"])
    assert balance == own.balance(SIDR, "AED")


def test_an_answer_too_long_to_be_kept_is_made_anew_at_once(own, monkeypatch):
    """Under the same ids: every line says that it was done before."""
    monkeypatch.setattr(idempotency, "KEPT_MAX", 1_000)
    idem = f"long-{uuid.uuid4()}"
    first = send(own, lines(*[SMALL] * 10), idem=idem)
    balance = own.balance(SIDR, "AED")

    again = send(own, lines(*[SMALL] * 10), idem=idem)

    assert [one["uetr"] for one in first] == [one["uetr"] for one in again]
    assert {True} == {one["replayed"] for one in again}
    assert balance == own.balance(SIDR, "AED")


def test_two_thousand_payments_in_one_file(own):
    before = own.balance(SIDR, "AED")

    answers = send(own, lines(*[SMALL] * 2_000))

    assert 2_000 == len({one["uetr"] for one in answers})
    assert {"SETTLED"} == {one["state"] for one in answers}
    assert before + 2_000_00 == own.balance(SIDR, "AED")


def test_two_currencies_in_a_file(own):
    """Each line with its own quote, at once."""
    before = own.balance(TAMR, "INR")
    bodies = []
    for _ in range(20):
        given = quote(own)
        body = {key: value for key, value in BODY.items() if key != "settlement"}
        bodies.append({**body, "creditor_agent": TAMR, "quote_id": given["quote_id"],
                       "disclosure": given["disclosure"]})  # fmt: skip

    answers = send(own, lines(*bodies))

    assert {"SETTLED"} == {one["state"] for one in answers}
    assert before + 20 * 735_000 == own.balance(TAMR, "INR")


def as_csv(rows, names=None):
    """Write rows as people export them."""
    out = io.StringIO()
    writer = csv.DictWriter(out, names or list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


ROW = {
    "creditor_agent": SIDR, "settlement.asset": "AED", "settlement.value": "1.00", "debtor.name": "Layla Said",
    "debtor.address.town": "Dubai", "debtor.address.country": "AE", "creditor.name": "Omar Said",
    "creditor.address.town": "Sharjah", "creditor.address.country": "AE", "debtor_account.id": "1",
    "creditor_account.id": "2", "purpose": "GDDS", "remittance": "Invoice 4711, part 2", "message_id": "",
}  # fmt: skip


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_spreadsheets_file(live, mark):
    answers = send(live, mark + as_csv([ROW, {**ROW, "remittance": "'=1+1"}, ROW]), CSV)

    assert ["SETTLED"] * 3 == [one["state"] for one in answers], answers
    live.project()
    shown = live.get(f"/v1/payments/{answers[1]['uetr']}").json
    raw = live.get(f"{shown['message']}/raw").body
    assert b"=1+1" in raw


def test_rows_with_too_many_or_few_columns_are_answered_as_such(live):
    text = as_csv([ROW, ROW, ROW]).splitlines()
    text[2] += b",more"
    text[3] = b"SIDRAEA0,AED"

    answers = send(live, b"\r\n".join(text), CSV)

    assert ["done", "refused", "refused"] == [one["outcome"] for one in answers]
    assert {"schema-violation"} == {one["refusal"]["code"] for one in answers[1:]}


@pytest.mark.parametrize(
    ("raw", "headers", "status", "code"),
    [
        (b"", NDJSON, 422, "schema-violation"),
        (b"\n\n \n", NDJSON, 422, "schema-violation"),
        (b"", CSV, 422, "schema-violation"),
        (b"a,b\n", CSV, 422, "schema-violation"),
        (b"a,a\n1,2\n", CSV, 400, "malformed-body"),
        (b"a,\n1,2\n", CSV, 400, "malformed-body"),
        ("ä".encode("latin-1"), CSV, 400, "malformed-body"),
        (b'a\n"open\n', CSV, 400, "malformed-body"),
        (lines(SMALL), {"content-type": "application/json"}, 415, "media-type-not-supported"),
        (lines(SMALL), {**NDJSON, "content-encoding": "gzip"}, 415, "media-type-not-supported"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(live, raw, headers, status, code):
    answer = send(live, raw, headers)

    assert (status, code) == (answer.status, answer.json["code"])


def test_dotted_columns_that_cross_are_faults_of_their_line(live):
    """A column and one inside it, or a place that is a list: no server error."""
    for names in ("debtor,debtor.name", "debtor.name,debtor", "remittance.x,remittance", "a.b.c.d.e.f,a"):
        answers = send(live, f"{names}\n1,2\n".encode(), CSV)

        assert ["refused"] == [one["outcome"] for one in answers]


def test_a_file_has_a_bound(live, monkeypatch):
    monkeypatch.setattr(bulk, "LINES_MAX", 3)

    answer = send(live, lines(*[SMALL] * 4))

    assert (413, "body-too-large") == (answer.status, answer.json["code"])


def test_a_file_of_33_mebibytes_is_refused_by_its_length(live):
    answer = send(live, b" " * (33 << 20))

    assert (413, "body-too-large") == (answer.status, answer.json["code"])


def test_an_owner_has_two_files_under_way(own):
    """The third is told to come again; when one has ended there is room."""
    raw = lines(*[SMALL] * 1_200)
    asks = [("POST", "/v1/payments/bulk", {"raw": raw, "headers": NDJSON}) for _ in range(3)]

    answers = own.all(asks)

    assert [200, 200, 429] == sorted(answer.status for answer in answers)
    assert 2 == len(send(own, lines(SMALL, SMALL)))


@pytest.mark.parametrize("any_text", [False, True])
def test_a_reader_who_goes_leaves_lines_that_were_handed_in_and_no_file_under_way(own, any_text):
    """What was taken stays taken; the same file again goes on at once, under the same ids."""
    gateway = own.world.app.gateway
    idem = f"gone-{uuid.uuid4()}" if any_text else own.world.new_key()
    raw = lines(*[SMALL] * 2_500)

    async def story():
        gone = asyncio.Event()
        first = True

        async def receive():
            nonlocal first
            if first:
                first = False
                return {"type": "http.request", "body": raw, "more_body": False}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send_one(message):
            if message.get("body"):
                gone.set()

        headers = {"authorization": f"Bearer {own.keys[GHAF]}", "idempotency-key": idem, **NDJSON}
        scope = {
            "type": "http", "method": "POST", "path": "/v1/payments/bulk", "raw_path": b"", "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1), "state": {}, "extensions": {}, "root_path": "", "http_version": "1.1",
        }  # fmt: skip
        await own.world.app(scope, receive, send_one)

    own.run(story())
    assert not gateway._bulk[GHAF]
    answers = send(own, raw, idem=idem)
    assert 2_500 == len(answers)
    assert {"SETTLED"} == {one["state"] for one in answers}
    assert any(one["replayed"] for one in answers)


# legs


def accounts(live):
    """Give the numbers of GHAF's and SIDR's accounts and of the asset."""
    live.project()
    mine = {row["name"]: row for row in live.get("/v1/accounts").json["items"]}
    theirs = {row["name"]: row for row in live.get("/v1/accounts", key=SIDR).json["items"]}
    return mine[f"{GHAF}/AED"]["account_no"], theirs[f"{SIDR}/AED"]["account_no"]


def batch(live, count, amount=1):
    """Make a batch of single legs, each a bundle of its own."""
    source, target = accounts(live)
    rows = np.zeros(count, LEG)
    ids = [uuid.uuid4().int for _ in range(count)]
    now = live.world.node.sequencer.clock.now() // 1_000_000
    for n, id in enumerate(ids):
        whole = (now << 80 | id & (1 << 80) - 1).to_bytes(16, "big")
        rows["id_low"][n] = int.from_bytes(whole, "big") & (1 << 64) - 1
        rows["id_high"][n] = int.from_bytes(whole, "big") >> 64
    rows["source"], rows["target"], rows["amount_minor"] = source, target, amount
    rows["asset_no"], rows["act"], rows["kind"] = asset_no(live), MOVE, 1
    return rows


def asset_no(live):
    return next(row["asset_no"] for row in live.get("/v1/assets").json["items"] if row["asset"] == "AED")


def send_legs(live, rows, **how):
    return live.ask("POST", "/v1/bulk/legs", raw=rows if isinstance(rows, bytes) else rows.tobytes(),
                    headers=LEGS, **how)  # fmt: skip


def test_a_batch_of_legs_has_eight_bytes_back_for_each(own):
    before = own.balance(SIDR, "AED")

    answer = send_legs(own, batch(own, 1_000))

    outcomes = np.frombuffer(answer.body, OUTCOME)
    assert (200, 1_000) == (answer.status, len(outcomes))
    assert not outcomes["refusal"].any()
    assert before + 1_000 == own.balance(SIDR, "AED")
    assert int(answer.headers["steelyard-seq"]) > 0


def test_a_batch_that_comes_again_is_answered_as_before(own):
    rows, idem = batch(own, 10), own.world.new_key()

    first, again = send_legs(own, rows, idem=idem), send_legs(own, rows, idem=idem)

    assert first.body == again.body
    assert first.headers["steelyard-seq"] == again.headers["steelyard-seq"]


def test_legs_that_do_not_fit_are_refused_one_by_one(own):
    rows = batch(own, 3)
    rows["amount_minor"][1] = 1 << 60

    outcomes = np.frombuffer(send_legs(own, rows).body, OUTCOME)

    assert [False, True, False] == [bool(refusal) for refusal in outcomes["refusal"]]


def test_legs_from_anothers_account_are_refused(own):
    rows = batch(own, 2)
    rows["source"], rows["target"] = rows["target"].copy(), rows["source"].copy()
    before = own.balance(SIDR, "AED")

    answer = send_legs(own, rows)

    assert np.frombuffer(answer.body, OUTCOME)["refusal"].all()
    assert before == own.balance(SIDR, "AED")


@pytest.mark.parametrize("fault", ["empty", "cut", "reserved", "linked", "act", "large"])
def test_a_batch_of_the_wrong_form_is_refused_whole(own, fault):
    rows = batch(own, 2)
    raw = bytearray(rows.tobytes())
    if fault == "empty":
        raw = bytearray()
    elif fault == "cut":
        del raw[-1]
    elif fault == "reserved":
        raw[127] = 1
    elif fault == "linked":
        raw[-8] = 1
    elif fault == "act":
        rows["act"] = 9
        raw = bytearray(rows.tobytes())
    elif fault == "large":
        raw *= 4_001

    answer = send_legs(own, bytes(raw))

    assert answer.status == (413 if fault == "large" else 400), answer
    assert answer.json["code"] in ("batch-is-malformed", "body-too-large")
