"""Accounts as payments may use them, queues, limits, caps, pools: each by its owner, seen by nobody else."""

import pytest

from tests.api.conftest import begin
from tests.api.world import BNYN, GHAF, SIDR, TAMR

NOBODY = "eb6305c9-1f7f-49de-aed0-16487c27b42d"
PERSON = {"name": "Layla Said", "address": {"town": "Dubai", "country": "AE"}}


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """A network where GHAF has two payments waiting, to SIDR and to TAMR, each larger than all it has."""
    live, end = begin(tmp_path_factory.mktemp("liquidity"))
    live.first, live.second = pay(live, SIDR, "150000000.00"), pay(live, TAMR, "130000000.00")
    yield live
    end()


def pay(live, creditor, value, *, key=GHAF, asset="AED", **more):
    """Send a payment and give its UETR."""
    sent = live.post(
        "/v1/payments",
        {"creditor_agent": creditor, "settlement": {"asset": asset, "value": value}, "debtor": PERSON,
         "creditor": PERSON, "debtor_account": {"id": "1"}, "creditor_account": {"id": "2"}} | more,
        key=key,
    )  # fmt: skip
    assert 200 == sent.status, sent
    return sent.json["uetr"]


def ordered(live, method, path, body=None, *, key=GHAF):
    """Give (outcome, rule) of an order."""
    answer = live.ask(method, path, body=body, key=key)
    assert 200 == answer.status, answer
    return answer.json["outcome"], (answer.json["refusal"] or {}).get("code")


def queue(live, key=GHAF, **query):
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return live.get(f"/v1/queue?{asked}", key=key).json["items"]


def account(live, currency="AED", *, owner=GHAF):
    (row,) = live.get(f"/v1/liquidity/accounts/{owner}?currency={currency}", key=owner).json
    return row


def test_an_account_shows_what_each_class_may_use_and_what_waits(net):
    row = account(net)

    assert ("AED", "100000000.00", "guarded") == (row["currency"], row["balance"]["value"], row["mode"])
    assert "100000000.00" == row["usable"]["normal"]["value"]
    assert (2, "280000000.00") == (
        row["outgoing"]["normal"]["count"],
        row["outgoing"]["normal"]["amount"]["value"],
    )
    assert (1, "150000000.00") == (lambda one: (one["count"], one["amount"]["value"]))(
        account(net, owner=SIDR)["incoming"]
    )
    assert ["AED", "INR", "ZAR"] == [
        one["currency"] for one in net.get(f"/v1/liquidity/accounts/{GHAF}").json
    ]


def test_a_queue_stands_in_order_with_the_rule_that_keeps_each(net):
    rows = queue(net)

    assert [net.first, net.second] == [row["uetr"] for row in rows]
    assert [(1, "normal", "LIQUIDITY_IS_SHORT"), (2, "normal", "LIQUIDITY_IS_SHORT")] == [
        (row["place"], row["priority"], row["reason"]) for row in rows
    ]
    assert rows[1] == net.get(f"/v1/queue/{net.second}").json
    assert [] == queue(net, currency="INR")
    assert net.first in net.get("/v1/queue.csv").body.decode()


def test_a_sender_orders_its_queue_anew(net):
    """To the front, to the back, into another class and back."""
    at = f"/v1/queue/{net.second}"
    for body, first in (
        ({"place": "front"}, net.second), ({"place": "back"}, net.first), ({"priority": "high"}, net.second),
        ({"priority": "normal"}, net.first),
    ):  # fmt: skip
        assert ("done", None) == ordered(net, "PATCH", at, body), body
        assert first == queue(net)[0]["uetr"], body
    assert ("refused", "PAYMENT_NOT_QUEUED") == ordered(net, "PATCH", at, {"place": "front"}, key=SIDR)


def test_times_are_set_and_taken_away(net):
    at = f"/v1/queue/{net.second}"

    assert ("done", None) == ordered(net, "PATCH", at, {"times": {"not_after_at": "2026-11-23T15:00:00Z"}})
    assert net.get(at).json["not_after_at"].startswith("2026-11-23T15:00:00")
    late = {"times": {"not_after_at": "2026-11-22T15:00:00Z"}}
    assert ("refused", "TIME_WINDOW_CLOSED") == ordered(net, "PATCH", at, late)
    assert ("done", None) == ordered(net, "PATCH", at, {"times": {}})
    assert net.get(at).json["not_after_at"] is None


@pytest.mark.parametrize(
    "body", [{}, {"priority": "high", "place": "front"}, {"times": {"not_after_at": "soon"}}, {"place": "up"}]
)
def test_a_body_that_asks_for_no_one_change_is_unfit(net, body):
    answer = net.ask("PATCH", f"/v1/queue/{net.first}", body=body)

    assert (422, 1) == (answer.status, len(answer.json["errors"])), answer


def test_a_payment_is_taken_back_out_of_the_queue(net):
    uetr = pay(net, TAMR, "120000000.00")

    assert ("done", None) == ordered(net, "DELETE", f"/v1/queue/{uetr}")
    assert 404 == net.get(f"/v1/queue/{uetr}").status
    assert 404 == net.ask("DELETE", f"/v1/queue/{NOBODY}").status


def test_limits_are_set_listed_with_their_use_and_taken_away(net):
    """Per counterparty, and for all others."""
    pay(net, BNYN, "40.00", key=TAMR, asset="INR")
    for other in (BNYN, "*"):
        body = {"currency": "INR", "counterparty": other, "limit": "100.00"}
        assert ("done", None) == ordered(net, "PUT", "/v1/liquidity/limits", body, key=TAMR)
    pay(net, BNYN, "30.00", key=TAMR, asset="INR")
    rows = net.get("/v1/liquidity/limits", key=TAMR).json["items"]

    assert [("*", "100.00", "0.00", "100.00"), (BNYN, "100.00", "70.00", "30.00")] == [
        (row["counterparty"], *(row[name]["value"] for name in ("limit", "net", "room"))) for row in rows
    ]
    uetr = pay(net, BNYN, "31.00", key=TAMR, asset="INR")
    assert "BILATERAL_LIMIT_WOULD_BE_EXCEEDED" == net.get(f"/v1/queue/{uetr}", key=TAMR).json["reason"]
    for other in (BNYN, "*"):
        assert "done" == ordered(
            net, "PUT", "/v1/liquidity/limits", {"currency": "INR", "counterparty": other}, key=TAMR
        )[0]  # fmt: skip
    assert 404 == net.get(f"/v1/queue/{uetr}", key=TAMR).status
    assert [] == net.get("/v1/liquidity/limits", key=TAMR).json["items"]


def test_money_is_kept_for_a_class_as_far_as_it_goes(net):
    """Both numbers are shown: what was asked for, and what is there."""
    for priority, value in (("urgent", "99999990.00"), ("high", "50.00")):
        body = {"amount": {"asset": "AED", "value": value}, "priority": priority}
        assert ("done", None) == ordered(net, "PUT", "/v1/liquidity/reservations", body)
    rows = net.get("/v1/liquidity/reservations").json["items"]

    assert [("high", "50.00", "10.00"), ("urgent", "99999990.00", "99999990.00")] == [
        (row["priority"], row["asked"]["value"], row["held"]["value"]) for row in rows
    ]
    assert "0.00" == account(net)["usable"]["normal"]["value"]
    for priority in ("urgent", "high"):
        body = {"amount": {"asset": "AED", "value": "0"}, "priority": priority}
        assert ("done", None) == ordered(net, "PUT", "/v1/liquidity/reservations", body)
    assert [] == net.get("/v1/liquidity/reservations").json["items"]


def test_a_cap_on_what_is_held_lets_payments_wait(net):
    body = {"currency": "ZAR", "cap": "100000001.00"}
    assert ("done", None) == ordered(net, "PUT", "/v1/liquidity/holding-caps", body, key=SIDR)
    (row,) = net.get("/v1/liquidity/holding-caps", key=SIDR).json["items"]
    assert (SIDR, "100000000.00", 9_999) == (row["holder"], row["held"]["value"], row["share_bp"])
    uetr = pay(net, SIDR, "2.00", asset="ZAR")
    waiting = net.get(f"/v1/queue/{uetr}").json

    assert "HOLDING_CAP_WOULD_BE_EXCEEDED" == waiting["reason"]
    assert ("done", None) == ordered(net, "PUT", "/v1/liquidity/holding-caps", {"currency": "ZAR"}, key=SIDR)
    assert [] == net.get("/v1/liquidity/holding-caps", key=SIDR).json["items"]
    assert 404 == net.get(f"/v1/queue/{uetr}").status


def test_a_settlement_agent_caps_its_member(net):
    body = {"currency": "INR", "cap": "900000000.00", "member": True}

    assert ("done", None) == ordered(net, "PUT", "/v1/liquidity/holding-caps", body, key="STAGAEA0")
    assert ["AE"] == [
        one["holder"] for one in net.get("/v1/liquidity/holding-caps", key="STAGAEA0").json["items"]
    ]


def test_a_pool_is_chosen_by_two_people_and_left_by_one(net):
    body = {"currencies": ["AED", "INR"], "cap": {"asset": "AED", "value": "1000.00"}}
    asked = net.ask("PUT", "/v1/liquidity/pool", body=body, key=f"{SIDR} maker").json
    assert "PROPOSED" == asked["state"]
    shown = {"shown": asked["details"]["shown"]}
    net.project()
    done = net.post(f"/v1/approvals/{asked['subject']}/approve", shown, key=f"{SIDR} checker")
    assert "done" == done.json["outcome"], done
    found = net.get(f"/v1/liquidity/pool/{SIDR}", key=SIDR).json

    assert (["AED", "INR"], "AED", "1000.00") == (found["currencies"], found["home"], found["cap"]["value"])
    assert ("done", None) == ordered(net, "PUT", "/v1/liquidity/pool", {}, key=SIDR)
    assert [] == net.get(f"/v1/liquidity/pool/{SIDR}", key=SIDR).json["currencies"]
    assert 422 == net.ask("PUT", "/v1/liquidity/pool", body={"currencies": ["AED", "INR"]}, key=SIDR).status


def test_amounts_and_currencies_that_are_none_are_unfit(net):
    for path, body in (
        ("limits", {"currency": "XXX", "counterparty": SIDR, "limit": "1"}),
        ("limits", {"currency": "AED", "counterparty": SIDR, "limit": "-1"}),
        ("reservations", {"amount": {"asset": "AED", "value": "1.001"}, "priority": "high"}),
        ("holding-caps", {"currency": "AED", "cap": "many"}),
    ):
        answer = net.ask("PUT", f"/v1/liquidity/{path}", body=body)

        assert (422, 1) == (answer.status, len(answer.json["errors"])), (path, body, answer)


def test_nobody_else_sees_a_banks_liquidity(net):
    """Another bank finds nothing there; who oversees the member, and the operator, see it."""
    ones = [f"/v1/liquidity/accounts/{GHAF}", f"/v1/queue/{net.first}", f"/v1/liquidity/pool/{GHAF}"]
    some = [f"/v1/queue?participant={GHAF}"]
    for stranger in (SIDR, "STAGZAJ0", "STAGZAJ0 overseer"):
        assert [404] * 3 == [net.get(path, key=stranger).status for path in ones], stranger
        lists = [
            f"/v1/liquidity/{name}?participant={GHAF}" for name in ("limits", "reservations", "holding-caps")
        ]
        for path in (*some, *lists):
            assert [] == net.get(path, key=stranger).json["items"], (stranger, path)
    for reader in (GHAF, "STAGAEA0", "STAGAEA0 overseer", "operator", "auditor"):
        assert [200] * 3 == [net.get(path, key=reader).status for path in ones], reader
        assert net.get(some[0], key=reader).json["items"], reader
