"""Idempotency keys: once done, answered alike for ever; another request under the same key is refused."""

import uuid

import msgspec
import pytest

from steelyard.api import idempotency
from tests.api.test_payments import BODY
from tests.api.world import GHAF, SIDR


def test_the_same_request_again_is_answered_alike(live):
    key, before = live.world.new_key(), live.balance(SIDR, "AED")
    first = live.post("/v1/payments", BODY, idem=key)

    again = live.post("/v1/payments", BODY, idem=key)

    assert "true" == again.headers["idempotency-replayed"]
    assert "idempotency-replayed" not in first.headers
    assert {**first.json, "replayed": True, "balances": []} == again.json
    assert before + 1000 == live.balance(SIDR, "AED")


def test_any_text_is_a_key(live):
    key, before = f"order 4711/{uuid.uuid4()}".replace(" ", "_"), live.balance(SIDR, "AED")
    first = live.post("/v1/payments", BODY, idem=key)

    again = live.post("/v1/payments", BODY, idem=key)

    assert (first.status, first.body, "true") == (
        again.status,
        again.body,
        again.headers["idempotency-replayed"],
    )
    assert before + 1000 == live.balance(SIDR, "AED")


@pytest.mark.parametrize("uuid_key", [True, False])
def test_another_request_under_a_key_is_refused(live, uuid_key):
    key = live.world.new_key() if uuid_key else uuid.uuid4().hex
    live.post("/v1/payments", BODY, idem=key)
    before = live.balance(SIDR, "AED")

    for body in ({**BODY, "settlement": {"asset": "AED", "value": "11.00"}}, {**BODY, "purpose": "SALA"}):
        answer = live.post("/v1/payments", body, idem=key)

        assert (409, "idempotency-key-reused") == (answer.status, answer.json["code"])
    live.project()
    broken = live.post("/v1/payments", {**BODY, "purpose": "QQQQ"}, idem=key)
    assert 409 == broken.status
    assert before == live.balance(SIDR, "AED")


def test_keys_are_each_owners_own(live):
    key = live.world.new_key()
    body = {**BODY, "creditor_agent": "TAMRINB0"}

    one, other = (
        live.post("/v1/payments", body, idem=key),
        live.post("/v1/payments", body, idem=key, key=SIDR),
    )

    assert one.json["uetr"] != other.json["uetr"]
    assert "SETTLED" == one.json["state"] == other.json["state"]


@pytest.mark.parametrize("uuid_key", [True, False])
def test_a_thousand_parallel_equal_requests_are_one_booking(live, uuid_key):
    """Whoever comes while the first is under way is told so, or gets its answer; nobody gets another."""
    key = live.world.new_key() if uuid_key else uuid.uuid4().hex
    before = live.balance(SIDR, "AED")

    answers = live.all([("POST", "/v1/payments", {"body": BODY, "idem": key})] * 1000)

    done = [answer.json for answer in answers if answer.status == 200]
    assert {200, 409} >= {answer.status for answer in answers}
    assert 1 == len({one["uetr"] for one in done})
    assert before + 1000 == live.balance(SIDR, "AED")


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "é", "a\tb"])
def test_a_change_needs_a_key_of_visible_ascii(live, key):
    headers = {"idempotency-key": key} if key else {}

    answer = live.post("/v1/payments", BODY, idem=False, headers=headers)

    assert (422, "idempotency-key-missing") == (answer.status, answer.json["code"])
    assert ["Idempotency-Key"] == [fault["pointer"] for fault in answer.json["errors"]]
    assert "UUID of version 7" in answer.json["detail"]


def test_a_missing_key_hides_no_fault_of_the_body(live):
    """All is told at once, of one payment, of an array, of another act, and of what is no JSON."""
    one = {**BODY, "colour": "red", "creditor_agent": "x"}
    told = {
        path: [fault["pointer"] for fault in live.post(path, body, idem=False).json["errors"]]
        for path, body in (("/v1/payments", one), ("/v1/quotes", {"sell": "AED"}))
    }
    array = live.post("/v1/payments", [BODY, one], idem=False).json
    broken = live.ask(
        "POST", "/v1/payments", raw=b"{", idem=False, headers={"content-type": "application/json"}
    ).json

    assert {"Idempotency-Key", "/creditor_agent", "/colour"} == set(told["/v1/payments"])
    assert {"Idempotency-Key", "/buy"} == set(told["/v1/quotes"])
    assert {"Idempotency-Key", "/1/creditor_agent", "/1/colour"} == {
        one["pointer"] for one in array["errors"]
    }
    assert "malformed-body" == broken["errors"][1]["code"]


def test_a_key_from_the_future_is_kept_in_the_table(own):
    """It becomes past later; then it still stands for the same request."""
    at = own.world.node.sequencer.clock.now() // 1_000_000 + 3_600_000
    text = f"{at:012x}7000800000000000000001"
    key = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:32]}".ljust(36, "0")[:36]
    assert 7 == uuid.UUID(key).version
    before = own.balance(SIDR, "AED")
    first = own.post("/v1/payments", BODY, idem=key)
    own.post("/v1/sandbox/advance", {"to": "PT2H"}, key="operator")

    again = own.post("/v1/payments", BODY, idem=key)

    assert (first.body, "true") == (again.body, again.headers["idempotency-replayed"])
    assert before + 1000 == own.balance(SIDR, "AED")


def test_the_first_requests_gateway_may_have_fallen(live):
    """A key that was claimed and never answered is taken up again under the same command id."""
    key, access = uuid.uuid4().hex, live.world.app.gateway.stores.access
    before = live.balance(SIDR, "AED")
    digest = idempotency.sha256(key.encode()).digest()
    content = idempotency.sha256(b"POST /v1/payments\0" + msgspec.json.encode(BODY)).digest()
    now = live.world.node.sequencer.clock.now()
    claimed = (now // 1_000_000).to_bytes(6, "big") + b"0123456789"
    wall = live.world.app.gateway.wall()
    access.requests.claim(
        GHAF,
        digest,
        command_id=claimed,
        request_digest=content,
        at=wall - 60_000_000_000,
        expires_at=wall * 2,
    )

    answers = [live.post("/v1/payments", BODY, idem=key) for _ in range(2)]

    assert ["SETTLED"] * 2 == [answer.json["state"] for answer in answers]
    assert before + 1000 == live.balance(SIDR, "AED")


def test_one_under_way_is_told_to_wait(live):
    key, access = uuid.uuid4().hex, live.world.app.gateway.stores.access
    digest = idempotency.sha256(key.encode()).digest()
    content = idempotency.sha256(b"POST /v1/payments\0" + msgspec.json.encode(BODY)).digest()
    wall = live.world.app.gateway.wall()
    access.requests.claim(
        GHAF, digest, command_id=b"x" * 16, request_digest=content, at=wall, expires_at=wall * 2
    )

    answer = live.post("/v1/payments", BODY, idem=key)

    assert (409, "request-in-progress", "1") == (
        answer.status,
        answer.json["code"],
        answer.headers["retry-after"],
    )


def test_what_is_shown_once_is_not_kept(live):
    """A repeat of making a key gives all but the key."""
    key = live.world.new_key()
    first = live.post("/v1/api-keys", {"label": "once"}, idem=key)

    again = live.post("/v1/api-keys", {"label": "once"}, idem=key)

    assert first.json["key"].startswith("sk_test_")
    assert {**first.json, "key": None} == again.json


def test_a_refusal_is_replayed_too(live):
    key = live.world.new_key()
    body = {"amount": {"asset": "AED", "value": "9000000000000.00"}}
    first = live.post("/v1/redeem", body, idem=key)

    again = live.post("/v1/redeem", body, idem=key)

    assert "refused" == first.json["outcome"]
    assert (first.json, "true") == (again.json, again.headers["idempotency-replayed"])


def test_an_id_older_than_the_horizon_is_refused_for_certain(own):
    """Sent under a key of long ago that was never used: nothing is done, and that is said."""
    old = own.world.new_key()
    own.post("/v1/sandbox/advance", {"to": "PT6H"}, key="operator")
    before = own.balance(SIDR, "AED")

    answer = own.post("/v1/payments", BODY, idem=old)

    assert (409, "ID_IS_TOO_OLD") == (answer.status, answer.json["code"])
    assert before == own.balance(SIDR, "AED")
