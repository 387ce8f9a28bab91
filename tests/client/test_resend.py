"""Sent again until the outcome is certain: both clients, over a real connection."""

import pytest

from steelyard.client import OutcomeUnknown, ProblemError, Refused, Settled, Unknown, Unreachable
from steelyard.client.types import Money
from steelyard.values.instants import MILLISECOND, parse_instant
from tests.client.clients import KEY
from tests.client.server import NODE_TIME, Break, Silence, in_turn, problem, says

UETR = "7a2c0f5e-9d1b-4c33-8a44-2f6d1b0c9e77"
SETTLED = {
    "outcome": "done",
    "uetr": UETR,
    "seq": 41,
    "state": "SETTLED",
    "status": "ACSC",
    "at": NODE_TIME,
    "credit": {"asset": "INR", "value": "7350.00", "amount_minor": "735000"},
}
REFUSED = {
    "outcome": "refused",
    "uetr": UETR,
    "seq": 42,
    "state": "REJECTED",
    "iso": "AM04",
    "refusal": {
        "type": "/problems/refusals/LIQUIDITY_IS_SHORT",
        "title": "an account would fall below its reserve",
        "status": 200,
        "code": "LIQUIDITY_IS_SHORT",
    },
}


def send(client, **fields):
    """Send the payment of these tests."""
    return client.do("payments.send", creditor_agent="TAMRINB0", uetr=UETR, **fields)


def test_a_settled_payment_says_so(against):
    """The answer's parts are where one looks for them."""
    client, server = against(in_turn(says(SETTLED)))

    found = send(client, purpose="GDDS")

    assert isinstance(found, Settled)
    assert (UETR, 41, 735_000) == (found.uetr, found.seq, found.credit.minor)
    (asked,) = server.asked
    assert ("POST", "/v1/payments", f"Bearer {KEY}") == (
        asked.method,
        asked.target,
        asked.headers["authorization"],
    )
    assert b'{"creditor_agent":"TAMRINB0","uetr":"%b","purpose":"GDDS"}' % UETR.encode() == asked.body


def test_a_lost_answer_is_asked_for_again_under_the_same_key_and_bytes(against):
    """The node did it, the connection broke: sending the same again gives the stored answer."""
    client, server = against(in_turn(Break(), Break(says(SETTLED)[:60]), says(SETTLED)))

    assert isinstance(send(client), Settled)
    assert 3 == len(server.asked)
    assert 1 == len({(one.headers["idempotency-key"], one.body) for one in server.asked})


@pytest.mark.parametrize(
    "first",
    [
        problem("node-is-busy", 503, retryable=True),
        problem("outcome-unknown", 504, retryable=True),
        problem("request-in-progress", 409, retryable=True),
        problem("too-many-requests", 429, retryable=True),
        problem("internal", 500),
    ],
    ids=["busy", "unknown", "in progress", "too many", "internal"],
)
def test_what_is_not_decided_is_sent_again(against, first):
    """Every status that leaves the request undecided."""
    client, server = against(in_turn(first, says(SETTLED)))

    assert isinstance(send(client), Settled)
    assert 2 == len(server.asked)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 413, 415, 422, 428])
def test_a_problem_that_lasts_is_raised_at_once(against, status):
    """Sending it again would not change it."""
    client, server = against(in_turn(problem("some-problem", status, detail="why")))

    with pytest.raises(ProblemError) as raised:
        send(client)

    assert ("some-problem", status, False) == (raised.value.code, raised.value.status, raised.value.in_doubt)
    assert 1 == len(server.asked)


def test_a_problem_after_a_lost_answer_leaves_the_first_try_in_doubt(against):
    """The key was revoked meanwhile, say: the payment may have been done."""
    client, _ = against(in_turn(Break(), problem("not-authenticated", 401)))

    with pytest.raises(ProblemError) as raised:
        send(client)

    assert raised.value.in_doubt


def test_a_payment_nobody_answers_for_is_unknown(against):
    """The result names the UETR and the key, so that both ways of finding out are open."""
    client, server = against(in_turn(Break()))

    found = send(client)

    assert isinstance(found, Unknown)
    assert (UETR, server.asked[0].headers["idempotency-key"]) == (found.uetr, found.key)
    assert 3 <= len(server.asked)


def test_an_answer_that_does_not_come_in_time_is_a_lost_one(against):
    """The connection is given up and the request sent again on another."""
    client, server = against(in_turn(Silence(), says(SETTLED)), timeout_s=0.1)

    assert isinstance(send(client), Settled)
    assert [1, 2] == [one.connection - server.asked[0].connection + 1 for one in server.asked]


def test_other_changes_raise_or_say_that_they_are_unknown(against):
    """Answers with an outcome say unknown; those without have nothing to say it with."""
    client, _ = against(in_turn(Break()))

    assert "unknown" == client.do("funds.ask", Money("INR", "1.00")).outcome
    with pytest.raises(OutcomeUnknown) as raised:
        client.do("sandbox.advance", "PT15M")
    assert 36 == len(raised.value.key)


def test_a_read_that_never_succeeds_raises(against):
    """Nothing is in doubt where nothing was to change."""
    client, _ = against(in_turn(Break()))

    with pytest.raises(Unreachable):
        client.do("status")


def test_a_node_that_is_busy_all_the_time_raises_its_problem(against):
    """Not recorded, so not unknown."""
    client, server = against(in_turn(problem("node-is-busy", 503, retryable=True)))

    with pytest.raises(ProblemError) as raised:
        send(client)

    assert ("node-is-busy", False) == (raised.value.code, raised.value.in_doubt)
    assert 3 <= len(server.asked)


def test_a_fault_of_the_node_is_tried_three_times(against):
    """A fault that lasts is not hammered on, and what it did is in doubt."""
    client, server = against(in_turn(problem("internal", 500)))

    with pytest.raises(ProblemError) as raised:
        send(client)

    assert (3, True) == (len(server.asked), raised.value.in_doubt)


def test_retry_after_is_waited_for(against):
    """What the node asks for goes before our own pause; past the deadline there is no other try."""
    client, server = against(in_turn(problem("node-is-busy", 503, retryable=True, retry_after="9")))

    with pytest.raises(ProblemError):
        send(client)

    assert 1 == len(server.asked)


def test_nobody_listening_is_unreachable(face):
    """Nothing was sent, and that is certain."""
    client = face("http://127.0.0.1:9")
    try:
        with pytest.raises(Unreachable):
            send(client)
    finally:
        client.close()


def test_no_socket_is_unreachable(face, tmp_path):
    """The same over a path that is not there."""
    client = face(f"unix:{tmp_path}/none.sock")
    try:
        with pytest.raises(Unreachable):
            client.do("status")
    finally:
        client.close()


def test_a_refusal_is_an_answer(against):
    """It names the rule and its ISO code."""
    client, server = against(in_turn(says(REFUSED)))

    found = send(client)

    assert isinstance(found, Refused)
    assert ("LIQUIDITY_IS_SHORT", "AM04", UETR, 42) == (found.code, found.iso, found.uetr, found.seq)
    assert 1 == len(server.asked)


def test_a_refusal_is_raised_where_one_asks_for_it(against):
    """For payments and for every other command."""
    client, _ = against(in_turn(says(REFUSED), says(REFUSED | {"subject": "x"})), raise_refused=True)

    with pytest.raises(Refused) as raised:
        send(client)
    assert "LIQUIDITY_IS_SHORT" == raised.value.code
    with pytest.raises(Refused):
        client.do("redemptions.ask", Money("INR", "1.00"))


def test_the_time_of_keys_is_the_nodes(against):
    """It is asked for once, before the first key; a key is never ahead of the node, which stands still here."""
    client, server = against(in_turn(says(SETTLED)))

    for _ in range(3):
        send(client)

    keys = [one.headers["idempotency-key"] for one in server.asked]
    stamp = f"{parse_instant(NODE_TIME) // MILLISECOND:012x}"
    assert {f"{stamp[:8]}-{stamp[8:]}"} == {key[:13] for key in keys}
    assert 3 == len(set(keys))
    assert 1 == len(server.all) - len(server.asked)


def test_a_key_of_ones_own_goes_as_it_is(against):
    """No time is asked for then."""
    client, server = against(in_turn(says(SETTLED)))

    send(client, key="order-4711")

    assert "order-4711" == server.all[0].headers["idempotency-key"]
    with pytest.raises(ValueError, match="visible ASCII"):
        send(client, key="two\r\nlines: bad")


def test_a_read_after_a_change_waits_for_it(against):
    """Until an answer shows that the tables have it; another client's reads do not wait."""
    page = {"items": [], "next": None, "prev": None, "applied_seq": 41}
    later = says(page, steelyard_applied_seq="41")
    client, server = against(in_turn(says(page), says(SETTLED), later, later))

    client.all("payments.list", limit=5)
    send(client)
    client.all("payments.list", limit=5)
    client.all("payments.list")

    assert [
        "/v1/payments?limit=5",
        "/v1/payments?limit=5&wait_seq=41&wait_ms=5000",
        "/v1/payments",
    ] == [one.target for one in server.asked if one.method == "GET"]


def test_a_read_after_a_message_answered_in_xml_waits_for_it(against):
    """A pacs.002 has no place for the row of the journal: it comes in a header."""
    page = {"items": [], "next": None, "prev": None, "applied_seq": 77}
    answered = says(b"<BizMsg/>", media="application/xml", steelyard_seq="77")
    client, server = against(in_turn(answered, says(page, steelyard_applied_seq="77")))

    client.do("messages.send_for_xml", b"<BizMsg/>")
    client.all("payments.list")

    assert "/v1/payments?wait_seq=77&wait_ms=5000" == server.asked[-1].target


def test_a_fresh_client_sees_what_others_have_written(against):
    """It asks for the last row first, once."""
    status = {
        "network_id": "n", "hub_bic": "h", "profile": "test", "at": NODE_TIME, "seq": 99, "applied_seq": 90,
        "clock": "system", "members": [],
    }  # fmt: skip
    page = {"items": [], "next": None, "prev": None, "applied_seq": 99}
    client, server = against(
        in_turn(says(status), says(page, steelyard_applied_seq="99"), says(page)), fresh=True
    )

    client.all("payments.list")
    client.all("payments.list")

    targets = [one.target for one in server.asked]
    assert ["/v1/status", "/v1/payments?wait_seq=99&wait_ms=5000", "/v1/payments"] == targets
