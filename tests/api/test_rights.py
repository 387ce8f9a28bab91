"""The rights matrix, generated from the table of routes: who has no key, a wrong one, a lesser role, is another."""

import uuid

import pytest

from steelyard.api.app import exists
from steelyard.api.route import ANYONE, PUBLIC
from steelyard.api.routes import clearing
from steelyard.api.routes.acts import ACTS
from steelyard.api.table import ROUTES
from steelyard.flows.registry import BY_NAME
from steelyard.members.rights import ACTIONS, BY_ROLE
from steelyard.members.roles import Role
from tests.api.conftest import begin
from tests.api.world import BANKS, GHAF, PROVIDER, SIDR, TAMR

MINE = [line for line in ROUTES if exists(line, "test")]
GUARDED = [line for line in MINE if line.action != PUBLIC]
RIGHTED = [line for line in GUARDED if line.action != ANYONE]
CHANGES = [line for line in RIGHTED if line.method != "GET"]
WHO = {
    "maker": (GHAF, Role.MAKER), "checker": (f"{GHAF} checker", Role.CHECKER), "provider": (PROVIDER, Role.FX_PROVIDER),
    "settlement agent": ("STAGAEA0", Role.SETTLEMENT_AGENT), "operator": ("operator", Role.OPERATOR),
    "auditor": ("auditor", Role.AUDITOR), "overseer": ("STAGAEA0 overseer", Role.OVERSEER),
}  # fmt: skip
PLACES = {
    "uetr": "eb6305c9-1f7f-49de-aed0-16487c27b42d", "id": "01a207a2-3280-d03b-c267-1ae5d1ae88eb", "bic": SIDR,
    "asset": "AED", "code": "AE", "actor": "p-nobody", "account": "SIDRAEA0%2FAED", "on": "2026-11-23",
    "proposal": "01a207a2-3280-d03b-c267-1ae5d1ae88eb", "bundle": "01a207a2-3280-d03b-c267-1ae5d1ae88eb",
    "sell": "AED", "buy": "INR", "instrument": "WHEAT", "session": "one", "series": "WHEAT", "number": "1",
    "site": "PORT",
}  # fmt: skip


@pytest.fixture(scope="module")
def spare(tmp_path_factory):
    """A network to be wrecked: the matrix really orders what a role may order."""
    made, end = begin(tmp_path_factory.mktemp("spare"))
    yield made
    end()


def name(line):
    return f"{line.method} {line.path}"


def address(line):
    """Give an address of a route with something in every place."""
    return line.path.format(**PLACES)


def ask(live, line, key):
    """Ask a route with the least that it takes."""
    media = line.asks[0]
    body = b"{}" if media == "application/json" else b"x"
    raw = b"" if line.method in ("GET", "DELETE") else body
    answer = live.ask(line.method, address(line), key=key, raw=raw, headers={"content-type": media})
    assert answer.status < 500, (name(line), answer)
    return answer


def test_every_route_names_a_right():
    """A new route says which right it needs, or that it needs none."""
    assert [] == [name(one) for one in ROUTES if one.action not in (*ACTIONS, PUBLIC, ANYONE)]


def test_no_address_stands_twice():
    found = [name(line) for line in ROUTES]

    assert sorted(set(found)) == sorted(found)


def test_route_and_command_need_the_same_right():
    """What the door of the gateway asks for is what the door of the state asks for."""
    for act in (*ACTS, *clearing.ACTS):
        assert BY_NAME[(act.command, 1)].action == act.action, act.command


def test_nobody_gets_in_without_a_key(live):
    for line in GUARDED:
        answer = ask(live, line, None)

        assert (401, "no-credentials") == (answer.status, answer.json["code"]), name(line)


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("Bearer", "key-malformed"),
        ("sk_test_0123456789abcdef_" + "0" * 64, "key-unknown"),
        ("sk_prod_0123456789abcdef_" + "0" * 64, "key-of-another-environment"),
        ("sk_test_0123456789abcdef_" + "0" * 63, "key-malformed"),
    ],
)
def test_a_wrong_key_opens_no_route(live, key, code):
    for line in GUARDED:
        answer = ask(live, line, key)

        assert (401, code) == (answer.status, answer.json["code"]), name(line)


def test_a_key_with_anothers_secret_is_unknown(live):
    mine, other = live.keys[GHAF].split("_"), live.keys[SIDR].split("_")

    answer = live.get("/v1/me", key="_".join([*mine[:3], other[3]]))

    assert "key-unknown" == answer.json["code"]


def test_a_revoked_key_opens_no_route(live):
    made = live.post("/v1/api-keys", {"label": "soon over"}).json
    assert 200 == live.get("/v1/me", key=made["key"]).status
    assert "revoked" == live.ask("DELETE", f"/v1/api-keys/{made['id']}").json["state"]

    for line in GUARDED:
        answer = ask(live, line, made["key"])

        assert (401, "key-revoked") == (answer.status, answer.json["code"]), name(line)


@pytest.mark.parametrize("who", WHO)
def test_each_role_gets_through_what_the_table_gives_it_and_nothing_else(spare, who):
    """For every route and role: 403 exactly where no row of the rights table has the action."""
    key, role = WHO[who]
    for line in RIGHTED:
        answer = ask(spare, line, key)

        barred = answer.status == 403 and answer.json.get("detail", "").startswith("the right")

        assert (line.action not in BY_ROLE[role]) == barred, (name(line), answer)


def test_a_key_with_scopes_may_what_they_say_alone(spare):
    made = spare.post("/v1/api-keys", {"scopes": ["read"]}).json["key"]
    for line in RIGHTED:
        answer = ask(spare, line, made)

        assert (line.action != "read") == (answer.status == 403), (name(line), answer)


def things(live):
    """Make one thing of each kind that belongs to GHAF, and give their addresses."""
    quote = live.post("/v1/quotes", {"sell": "AED", "buy": "INR", "send": "10.00"}).json["quotes"][0]
    person = {"name": "Layla Said", "address": {"town": "Dubai", "country": "AE"}}
    paid = live.post(
        "/v1/payments",
        {"creditor_agent": TAMR, "settlement": {"asset": "AED", "value": "1.00"}, "debtor": person,
         "creditor": person, "debtor_account": {"id": "1"}, "creditor_account": {"id": "2"}},
    ).json  # fmt: skip
    trade = live.post(
        "/v1/fx-trades",
        {"counterparty": TAMR, "pays": {"asset": "AED", "value": "5"}, "gets": {"asset": "INR", "value": "110"},
         "value_on": "2026-11-25"},
    ).json  # fmt: skip
    live.project()
    uetr = paid["uetr"]
    message = live.get(f"/v1/payments/{uetr}").json["message"]
    notice = live.get(f"/v1/payments/{uetr}/messages").json[0]["id"]
    return [
        f"/v1/quotes/{quote['quote_id']}", f"/v1/payments/{uetr}", f"/v1/payments/{uetr}/timeline",
        f"/v1/payments/{uetr}/legs", f"/v1/payments/{uetr}/messages", f"/v1/fx-trades/{trade['subject']}",
        "/v1/accounts/GHAFAEA0%2FAED", "/v1/accounts/GHAFAEA0%2FAED/legs", "/v1/accounts/GHAFAEA0%2FAED/reservations",
        f"/v1/participants/{GHAF}/settings", message, f"{message}/raw", f"/v1/messages/{notice}",
        f"/v1/messages/{notice}/raw",
    ]  # fmt: skip


def test_what_is_anothers_answers_as_if_it_were_not_there(live):
    """A bank that is no party gets 404; who oversees the member, and the operator, see it."""
    for path in things(live):
        assert 200 == live.get(path).status, path
        for stranger in (
            SIDR,
            "MRULZAC0" if "MRULZAC0" in BANKS else "MRULZAJ0",
            "STAGZAJ0",
            "STAGZAJ0 overseer",
        ):
            answer = live.get(path, key=stranger)

            assert 404 == answer.status, (path, stranger, answer)
        if "/fx-trades/" not in path:
            for reader in ("STAGAEA0", "STAGAEA0 overseer", "operator", "auditor"):
                assert 200 == live.get(path, key=reader).status, (path, reader)


def test_acts_on_anothers_payment_are_not_found(live):
    uetr = things(live)[1].rpartition("/")[2]
    for path, body in (("cancel", {}), ("credited", {}), ("consent", {})):
        answer = live.post(f"/v1/payments/{uetr}/{path}", body, key=SIDR)

        assert 404 == answer.status, (path, answer)


def test_lists_hold_what_is_the_callers_alone(live):
    """No list of another bank shows a row of GHAF's."""
    things(live)
    for path in ("/v1/payments", "/v1/quotes", "/v1/fx-trades", "/v1/accounts", "/v1/fundings", "/v1/messages",
                 "/v1/events", "/v1/approvals", "/v1/persons", "/v1/api-keys", "/v1/redemptions"):  # fmt: skip
        answer = live.get(f"{path}?limit=1000", key=SIDR)

        assert 200 == answer.status, (path, answer)
        assert GHAF not in answer.body.decode() or path == "/v1/payments", path
        assert all(
            GHAF != row.get("debtor_agent") or row["creditor_agent"] == SIDR for row in answer.json["items"]
        )


def test_a_bank_cannot_order_for_another(live):
    """The key is bound to its BIC, on both faces."""
    person = {"name": "Layla Said"}
    body = {"debtor_agent": SIDR, "creditor_agent": TAMR, "settlement": {"asset": "AED", "value": "1"},
            "debtor": person, "creditor": person}  # fmt: skip

    answer = live.post("/v1/payments", body)

    assert (403, "DS0H") == (answer.status, answer.json["iso_code"])


def test_an_unknown_id_and_a_text_that_is_none_are_not_found(live):
    for path in (
        "/v1/payments/{}",
        "/v1/quotes/{}",
        "/v1/fx-trades/{}",
        "/v1/messages/{}",
        "/v1/accounts/{}",
    ):
        for id in (uuid.uuid4(), "1", "'", "%00", "..%2F..", "x" * 500, "0" * 64, "9" * 40):
            answer = live.get(path.format(id))

            assert 404 == answer.status, (path, id, answer)


def test_the_clock_is_the_operators_to_move(own):
    """It is everybody's clock; what the next business day is, is so for all currencies at once."""
    refused = own.post("/v1/sandbox/advance", {"to": "PT1S"})
    moved = own.post("/v1/sandbox/advance", {"to": "next_business_day"}, key="operator")
    members = own.ask("GET", "/v1/status").json["members"]

    assert (403, "not-allowed") == (refused.status, refused.json["code"])
    assert 200 == moved.status
    assert {True} == {one["open"] for one in members if one["state"].upper() == "ACTIVE"}
