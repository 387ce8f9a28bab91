"""Orders about the network: each one once over its address, by whom it takes, with what it must answer."""

from hashlib import sha256

import msgspec
import pytest

from steelyard.api.auth import keys
from steelyard.api.routes.acts import ACTS
from tests.api.conftest import begin
from tests.api.world import GHAF, SIDR

OPERATOR, AGENT = ("operator", "operator 2"), ("STAGAEA0 1", "STAGAEA0 2")
NORLAND, BANK, FJORD = ("no 1", "no 2"), (f"{GHAF} maker", f"{GHAF} checker"), ("fj 1", "fj 2")
CONTENT = "{}"
DIGEST = sha256(CONTENT.encode()).hexdigest()
PACK = {"id": "purposes", "version": "2026-11", "content": CONTENT, "digest": DIGEST}


def aed(value):
    return {"asset": "AED", "value": value}


class Story:
    """Gives orders and remembers what they made."""

    def __init__(self, live):
        self.live = live
        self.made = {}
        self.ordered = set()

    def order(self, who, act, body=None, *, keep="", seen="", **places):
        """Give an order, let a second person approve it where it takes two; gives (outcome, state or rule)."""
        method, _, path = act.partition(" ")
        self.ordered.add(act)
        path = path.format(**self.made | places).replace("GHAFAEA0/AED", "GHAFAEA0%2FAED")
        headers = {}
        if seen:
            headers["if-match"] = self.live.get(seen, key=who[0]).headers["etag"]
        answer = self.live.ask(method, path, body=body or {}, key=who[0], headers=headers)
        assert 200 == answer.status, (act, answer)
        told = answer.json
        if "proposal" in told["details"]:
            told = self.approve(who[1], told["details"])
        if keep:
            self.made[keep] = told["subject"]
        return told["outcome"], told["refusal"]["code"] if told["refusal"] else told["state"]

    def approve(self, key, details):
        self.live.project()
        body = {"shown": details["shown"]}
        answer = self.live.post(f"/v1/approvals/{details['proposal']}/approve", body, key=key)
        assert 200 == answer.status, answer
        return answer.json

    def person(self, name, actor, owner, role):
        """Enter a person and let it have a key."""
        asked = {"actor": actor, "owner": owner, "roles": [role]}
        assert ("done", "active") == self.order(OPERATOR, "POST /v1/persons", asked)
        made = keys.make(env="test", owner=owner, holder=actor, at=0, days=400)
        row = msgspec.structs.replace(made.key, expires_at=1 << 62)
        self.live.world.app.gateway.stores.access.add_key(row)
        self.live.keys[name] = made.text.reveal()


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("acts"))
    yield Story(live)
    end()


def test_a_member_enters_changes_and_leaves(story):
    agent = "STAGNOO0"
    asked = {"code": "NO", "name": "Norland", "asset": "NOK", "scale": 2, "settlement_agent": agent}
    assert ("done", "PROPOSED") == story.order(OPERATOR, "POST /v1/members", asked)
    for n in (1, 2):
        story.person(f"no {n}", f"p-no-{n}", agent, "settlement_agent")
    key = {"actor": "k-no", "owner": agent, "roles": ["settlement_agent"], "holder": "p-no-1"}
    assert ("done", "active") == story.order(OPERATOR, "POST /v1/system-keys", key)
    calendar = {"revision": 1, "always_open": True}
    assert "done" == story.order(NORLAND, "POST /v1/calendars/{asset}", calendar, asset="NOK")[0]
    steps = [("configure", "CONFIGURED")]
    for word, state in steps:
        assert ("done", state) == story.order(OPERATOR, f"POST /v1/members/{{code}}/{word}", code="NO")
    cap = {"cap": {"asset": "NOK", "value": "1000000.00"}}
    assert "done" == story.order(
        NORLAND, "PUT /v1/currencies/{asset}/cap", cap, seen="/v1/currencies/NOK", asset="NOK"
    )[0]  # fmt: skip
    for word, state in (("activate", "ACTIVE"), ("suspend", "SUSPENDED"), ("lift", "ACTIVE"), ("leave", "LEAVING"),
                        ("close", "CLOSED")):  # fmt: skip
        assert ("done", state) == story.order(OPERATOR, f"POST /v1/members/{{code}}/{word}", code="NO"), word


def test_a_bank_enters_changes_and_leaves(story):
    bic = "FJORAEA0"
    asked = {"bic": bic, "member": "AE", "name": "Fjord Bank", "currencies": ["AED"]}
    assert ("done", "APPLIED") == story.order(OPERATOR, "POST /v1/participants", asked)
    for n, role in ((1, "maker"), (2, "checker")):
        story.person(f"fj {n}", f"p-fj-{n}", bic, role)
    key = {"actor": "k-fj", "owner": bic, "roles": ["maker"], "holder": "p-fj-1"}
    assert ("done", "active") == story.order(OPERATOR, "POST /v1/system-keys", key)
    for word, state in (
        ("admit", "TESTING"),
        ("let_in", "ACTIVE"),
        ("suspend", "SUSPENDED"),
        ("lift", "ACTIVE"),
    ):
        assert ("done", state) == story.order(OPERATOR, f"POST /v1/participants/{{bic}}/{word}", bic=bic), (
            word
        )
    assert "done" == story.order(FJORD, "POST /v1/currencies", {"currencies": ["INR"]})[0]
    roles = {"roles": ["maker", "checker"]}
    assert ("done", "active") == story.order(
        OPERATOR, "POST /v1/persons/{actor}/roles", roles, actor="p-fj-1"
    )
    assert ("done", "revoked") == story.order(OPERATOR, "POST /v1/persons/{actor}/revoke", actor="k-fj")
    assert ("done", "LEAVING") == story.order(FJORD, "POST /v1/participants/{bic}/leave", bic=bic)
    closing = {"statement": DIGEST}
    assert ("done", "CLOSED") == story.order(OPERATOR, "POST /v1/participants/{bic}/close", closing, bic=bic)


@pytest.mark.parametrize(("bic", "word"), [("FJAAAEA0", "refuse"), ("FJABAEA0", "withdraw")])
def test_an_applicant_goes_again(story, bic, word):
    asked = {"bic": bic, "member": "AE", "name": "Fjord Bank", "currencies": ["AED"]}
    story.order(OPERATOR, "POST /v1/participants", asked)
    if word == "withdraw":
        story.person("fw 1", "p-fw-1", bic, "maker")
        key = {"actor": "k-fw", "owner": bic, "roles": ["maker"], "holder": "p-fw-1"}
        story.order(OPERATOR, "POST /v1/system-keys", key)
        story.order(OPERATOR, "POST /v1/participants/{bic}/admit", bic=bic)

    assert ("done", "CLOSED") == story.order(OPERATOR, f"POST /v1/participants/{{bic}}/{word}", bic=bic)


def test_money_comes_in_and_goes_out(story):
    held = story.live.balance(GHAF, "AED")
    fund = {"amount": aed("1000.00")}
    advice = {"participant": GHAF, "amount": aed("1000.00"), "advice": "A1"}
    payout = {"paid": True, "amount": aed("40.00"), "payout": "P1"}
    assert ("done", "ASKED") == story.order(BANK, "POST /v1/fund", fund, keep="first")
    assert ("done", "ISSUED") == story.order(
        AGENT, "POST /v1/advices", advice | {"funding": story.made["first"]}
    )
    assert ("done", "ASKED") == story.order(BANK, "POST /v1/fund", fund, keep="id")
    assert ("done", "REFUSED") == story.order(AGENT, "POST /v1/fundings/{id}/refuse")
    assert ("refused", "FUNDING_STATE_FORBIDS") == story.order(
        AGENT, "POST /v1/fundings/{id}/rule", {"issue": True}
    )
    hand = {"participant": GHAF, "amount": aed("10.00"), "reference": "LOCK-1"}
    assert ("done", "ISSUED") == story.order(AGENT, "POST /v1/issue", hand)
    redeem = {"amount": aed("40.00")}
    assert ("done", "INSTRUCTED") == story.order(BANK, "POST /v1/redeem", redeem, keep="id")
    assert ("refused", "REDEMPTION_STATE_FORBIDS") == story.order(BANK, "POST /v1/redemptions/{id}/withdraw")
    assert ("done", "SETTLED") == story.order(AGENT, "POST /v1/redemptions/{id}/advise", payout)
    ruling = {"paid": True, "statement": "S1"}
    assert "refused" == story.order(AGENT, "POST /v1/redemptions/{id}/rule", ruling)[0]

    assert held + 1000_00 + 10_00 - 40_00 == story.live.balance(GHAF, "AED")
    rows = story.live.get("/v1/fundings?limit=10").json["items"]
    assert {"ISSUED", "REFUSED"} <= {row["state"] for row in rows}
    assert "SETTLED" == story.live.get("/v1/redemptions").json["items"][0]["state"]


def test_a_reserve_is_reconciled(story):
    body = {"asset": "AED", "statement": "S1", "until_at": "2026-11-23T08:00:00Z", "closing": "1.00",
            "items": [{"reference": "LOCK-X", "value": "-3.00"}]}  # fmt: skip
    assert "done" == story.order(AGENT, "POST /v1/reserve-statements", body)[0]
    assert (
        "done" == story.order(AGENT, "POST /v1/currencies/{asset}/clear", {"reason": "seen"}, asset="AED")[0]
    )


def test_a_currency_has_rules_calendars_and_rates(story):
    rules = {"open_to_all": True, "issue_line": "5000.00", "advice_line": "100000.00", "fund_on_advice": True}
    assert "done" == story.order(
        AGENT, "PUT /v1/currencies/{asset}/rules", rules, seen="/v1/currencies/AED", asset="AED"
    )[0]  # fmt: skip
    assert "done" == story.order(
        AGENT, "POST /v1/calendars/{asset}", {"revision": 7, "always_open": True}, asset="AED"
    )[0]  # fmt: skip
    rates = {
        "source": "CB",
        "at": "2026-11-23T08:00:00Z",
        "rates": [{"base": "AED", "quote": "INR", "rate": "22.4"}],
    }
    assert "done" == story.order(AGENT, "POST /v1/fx/rates", rates)[0]
    judged = {"jump_bp": 200, "choices": [{"flow": "pool", "kind": "market"}]}
    assert "done" == story.order(AGENT, "PUT /v1/fx/rates/rules/{asset}", judged, asset="AED")[0]
    sure = {"base": "AED", "quote": "INR", "kind": "market", "at": rates["at"]}
    assert "done" == story.order(AGENT, "POST /v1/fx/rates/confirm", sure)[0]

    shown = story.live.get("/v1/currencies/AED").json
    listed = {row["rate"]: row for row in story.live.get("/v1/fx/rates").json["items"]}
    assert listed["22.4"]["kind"] == "market"
    assert listed["22.4"]["confirmed_at"]
    assert shown["open_to_all"]


def test_accounts_open_move_and_close(story):
    opened = {"asset": "AED", "kind": "reserved", "purpose": "salaries"}
    source, target = "GHAFAEA0/AED", "GHAFAEA0/AED/salaries"
    there, back = ({"source": source, "target": target}, {"source": target, "target": source})
    assert ("done", "open") == story.order(BANK, "POST /v1/accounts", opened)
    assert "done" == story.order(BANK, "POST /v1/moves", there | {"amount": aed("5.00")})[0]
    assert "done" == story.order(BANK, "POST /v1/moves", back | {"amount": aed("5.00")})[0]
    story.live.project()
    account = next(
        row for row in story.live.get("/v1/accounts?limit=100").json["items"] if row["name"] == target
    )
    number = account["account_no"]
    assert (
        "done" == story.order(AGENT, "PUT /v1/accounts/{account}/bounds", {"floor": "0"}, account=number)[0]
    )
    assert "done" == story.order(AGENT, "POST /v1/accounts/{account}/block", account=number)[0]
    assert "blocked" in story.live.get(f"/v1/accounts/{number}").body.decode()
    assert "done" == story.order(AGENT, "POST /v1/accounts/{account}/unblock", account=number)[0]
    assert "done" == story.order(BANK, "POST /v1/accounts/{account}/close", account=number)[0]


def test_a_limit_stops_what_is_above_it(story):
    limit = {"kind": "net_debit", "cap": aed("100.00")}
    assert "done" == story.order(BANK, "PUT /v1/limits", limit)[0]


def test_money_is_set_aside_settled_and_given_back(story):
    body = {"source": "GHAFAEA0/AED", "target": "SIDRAEA0/AED", "amount": aed("5.00"),
            "deadline_at": "2026-11-23T12:00:00Z"}  # fmt: skip
    before = story.live.balance(SIDR, "AED")
    assert "done" == story.order(BANK, "POST /v1/reservations", body, keep="bundle")[0]
    held = story.live.get("/v1/accounts/GHAFAEA0%2FAED/reservations").json
    assert story.made["bundle"] in {one["bundle_id"] for one in held}
    part = {"amount": aed("3.00")}
    assert "done" == story.order(BANK, "POST /v1/reservations/{bundle}/settle", part)[0]
    assert before + 3_00 == story.live.balance(SIDR, "AED")
    assert "done" == story.order(BANK, "POST /v1/reservations", body, keep="bundle")[0]
    assert "done" == story.order(BANK, "POST /v1/reservations/{bundle}/release")[0]
    assert before + 3_00 == story.live.balance(SIDR, "AED")
    outcome = story.order(BANK, "POST /v1/reservations/{bundle}/release")
    assert "refused" == outcome[0]


def test_own_rules_of_liquidity_are_set(story):
    limit = {"currency": "AED", "counterparty": SIDR, "limit": "5.00"}
    assert "done" == story.order(BANK, "PUT /v1/liquidity/limits", limit)[0]
    kept = {"amount": aed("5.00"), "priority": "high"}
    assert "done" == story.order(BANK, "PUT /v1/liquidity/reservations", kept)[0]
    assert "done" == story.order(BANK, "PUT /v1/liquidity/holding-caps", {"currency": "AED"})[0]
    pool = {"currencies": ["AED", "INR"], "cap": aed("1000.00")}
    assert "done" == story.order(BANK, "PUT /v1/liquidity/pool", pool)[0]


def test_residual_accounts_are_emptied(story):
    assert story.order(OPERATOR, "POST /v1/residuals/sweep", {"currencies": ["AED"]})[0] in (
        "done",
        "refused",
    )


def test_packs_and_rules_come_into_force(story):
    assert ("done", "APPROVED") == story.order(OPERATOR, "POST /v1/packs", PACK | {"kind": "codes"})
    assert story.order(OPERATOR, "POST /v1/rules", {"rule": "none", "from_at": "2026-12-01T00:00:00Z"}) == (
        "refused",
        "RULE_IS_UNKNOWN",
    )


def test_every_order_has_been_given_once(story):
    """A new order gets a line above; whom the network has nobody for is named here."""
    without_a_person = {"POST /v1/rule-packs"}

    assert {f"{act.method} {act.path}" for act in ACTS} - without_a_person == {
        act.replace("/NO/", "/{code}/") for act in story.ordered if act != "POST /v1/persons"
    }


# two people


def test_one_person_does_not_approve_alone(story):
    asked = story.live.post("/v1/members", {"code": "XX", "name": "X", "asset": "XXA", "scale": 2,
                            "settlement_agent": "STAGXXX0"}, key="operator").json["details"]  # fmt: skip
    story.live.project()
    path = f"/v1/approvals/{asked['proposal']}"

    alone = story.live.post(f"{path}/approve", {"shown": asked["shown"]}, key="operator").json
    other = story.live.post(f"{path}/approve", {"shown": "00" * 32}, key="operator 2").json
    foreign = story.live.post(f"{path}/approve", {"shown": asked["shown"]}, key=f"{GHAF} checker")
    peeping = story.live.post(f"{path}/decline", {"shown": "00" * 32}, key=f"{GHAF} checker")
    wrong = story.live.post(f"{path}/decline", {"shown": "00" * 32}, key="operator 2")
    seen = story.live.get(path, key="operator 2").json
    ended = story.live.post(f"{path}/decline", {"shown": asked["shown"]}, key="operator 2").json
    late = story.live.post(f"{path}/approve", {"shown": asked["shown"]}, key="operator 2")

    assert ("refused", "refused") == (alone["outcome"], other["outcome"])
    assert 404 == foreign.status == peeping.status
    assert 409 == wrong.status
    assert ("PROPOSED", "member.propose") == (seen["state"], seen["command"])
    assert "XXA" in seen["fields"].values()
    assert ("done", "DECLINED") == (ended["outcome"], ended["state"])
    assert late.json.get("outcome", "refused") == "refused"


def test_a_maker_takes_its_own_proposal_back(story):
    asked = story.live.post("/v1/members/AE/suspend", {}, key="operator").json["details"]
    ended = story.live.post(
        f"/v1/approvals/{asked['proposal']}/decline", {"shown": asked["shown"]}, key="operator"
    )

    assert "WITHDRAWN" == ended.json["state"]


# settings


def test_settings_change_against_the_version_that_was_read(own):
    path = f"/v1/participants/{GHAF}/settings"
    first = own.get(path)
    change = {"outside_hours": "refuse", "lines": {"AED": "1000.00"}}

    bare = own.ask("PATCH", path, body=change)
    wrong = own.ask("PATCH", path, body=change, headers={"if-match": '"0"'})
    right = own.ask("PATCH", path, body=change, headers={"if-match": first.headers["etag"]})
    stale = own.ask("PATCH", path, body={}, headers={"if-match": first.headers["etag"]})

    assert (428, "precondition-missing") == (bare.status, bare.json["code"])
    assert (412, "version-is-stale") == (wrong.status, wrong.json["code"])
    assert (200, "done") == (right.status, right.json["outcome"])
    assert 412 == stale.status
    now = own.get(path)
    assert ("refuse", "1000.00") == (now.json["outside_hours"], now.json["lines"]["AED"])
    assert first.json["accepts"] == now.json["accepts"]


def test_the_same_change_under_its_key_is_answered_though_the_version_is_new(own):
    """A repeat is no second change: its If-Match was right when it was done."""
    path = f"/v1/participants/{GHAF}/settings"
    headers = {"if-match": own.get(path).headers["etag"]}
    idem = own.world.new_key()

    first = own.ask("PATCH", path, body={"best_quote": True}, headers=headers, idem=idem)
    again = own.ask("PATCH", path, body={"best_quote": True}, headers=headers, idem=idem)

    assert (200, first.body) == (again.status, again.body)
    assert "true" == again.headers["idempotency-replayed"]
