"""Coming in: enrolment, log-in with an authenticator, sessions and their ends, keys, limits."""

import base64
import time
import uuid

import pytest

from steelyard.api.auth import limits, sessions, totp
from steelyard.api.auth.secret import Secret
from steelyard.api.routes import access
from steelyard.node.init import code_hash, new_code
from steelyard.storage.access import Enrolment
from steelyard.values.instants import DAY, HOUR, MINUTE, SECOND
from tests.api.conftest import begin
from tests.api.world import GHAF, SIDR

PASSWORD = "correct horse battery"
MAKER, CHECKER = f"p-{GHAF}-1", f"p-{GHAF}-2"


class Clocks:
    """Time on the wall and time that passes, moved by hand."""

    def __init__(self):
        self.ns = 1_800_000_000 * SECOND

    def pass_by(self, ns):
        self.ns += ns

    def wall(self):
        return self.ns

    def monotonic(self):
        return self.ns / SECOND


class People:
    """Persons of a world who enrol and log in."""

    def __init__(self, live, clocks):
        self.live, self.clocks = live, clocks
        self.secrets, self.recovery = {}, {}

    def enrolment(self, person, owner, hours=24):
        code = new_code()
        row = Enrolment(code_hash(code), person, owner, self.clocks.wall(), self.clocks.wall() + hours * HOUR)
        self.live.world.app.gateway.stores.access.add_enrolment(row)
        return code

    def enrol(self, person=MAKER, owner=GHAF):
        body = {"code": self.enrolment(person, owner), "password": PASSWORD}
        answer = self.live.post("/v1/enrolments", body, key=None)
        assert 201 == answer.status, answer
        self.secrets[person] = answer.json["totp_secret"]
        self.recovery[person] = answer.json["recovery_codes"]
        self.clocks.pass_by(15 * SECOND)
        return answer.json

    def code(self, person=MAKER, steps=0):
        return totp.code(base64.b32decode(self.secrets[person]), self.clocks.ns // SECOND // 30 + steps)

    def log_in(self, person=MAKER, password=PASSWORD, code=None):
        body = {"person": person, "password": password, "code": self.code(person) if code is None else code}
        return self.live.post("/v1/sessions", body, key=None)

    def ask(self, session, method, path, body=None, *, csrf=True, **headers):
        sent = {"cookie": session.cookie, **headers} | ({"steelyard-csrf": session.csrf} if csrf else {})
        return self.live.ask(method, path, key=None, body=body, headers=sent)

    def session(self, person=MAKER):
        return Held(self.log_in(person))


class Held:
    """A session as a browser holds it."""

    def __init__(self, answer):
        assert 201 == answer.status, answer
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        self.csrf = answer.json["csrf"]


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    """Failures need not take their time here."""
    monkeypatch.setattr(access, "FAILURE_SECONDS", 0.0)


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    clocks = Clocks()
    live, end = begin(tmp_path_factory.mktemp("people"), wall=clocks.wall, monotonic=clocks.monotonic)
    yield live, clocks
    end()


@pytest.fixture
def people(network):
    live, clocks = network
    clocks.pass_by(DAY)
    return People(live, clocks)


def why(answer):
    return answer.status, answer.json["code"]


# enrolment


def test_a_person_comes_in_with_a_code_once(people):
    code = people.enrolment(MAKER, GHAF)

    first = people.live.post("/v1/enrolments", {"code": code.lower(), "password": PASSWORD}, key=None)
    again = people.live.post("/v1/enrolments", {"code": code, "password": PASSWORD}, key=None)

    assert (201, MAKER, GHAF) == (first.status, first.json["person"], first.json["owner"])
    assert 10 == len(set(first.json["recovery_codes"]))
    assert first.json["totp_address"].startswith("otpauth://totp/Steelyard%20small:")
    assert (401, "enrolment-failed") == why(again)


def test_a_code_is_over_after_a_day(people):
    code = people.enrolment(MAKER, GHAF)
    people.clocks.pass_by(24 * HOUR)

    assert (401, "enrolment-failed") == why(
        people.live.post("/v1/enrolments", {"code": code, "password": PASSWORD}, key=None)
    )


def test_a_new_enrolment_ends_all_that_was(people):
    people.enrol()
    session, old = people.session(), people.code(steps=1)

    people.enrol()

    assert (401, "session-over") == why(people.ask(session, "GET", "/v1/me"))
    assert (401, "log-in-failed") == why(people.log_in(code=old))


def test_a_short_password_is_refused(people):
    code = people.enrolment(MAKER, GHAF)

    answer = people.live.post("/v1/enrolments", {"code": code, "password": "elevenchars"}, key=None)

    assert (422, "/password") == (answer.status, answer.json["errors"][0]["pointer"])


# log-in


def test_a_session_is_a_cookie_that_scripts_and_other_sites_never_see(people):
    people.enrol()

    answer = people.log_in()

    name, *flags = answer.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-steelyard=")
    assert {"Path=/", "Max-Age=28800", "Secure", "HttpOnly", "SameSite=Strict"} == set(flags)
    assert len(name.partition("=")[2]) >= 43
    assert (MAKER, GHAF, ["maker"]) == tuple(answer.json[field] for field in ("person", "owner", "roles"))
    assert name.partition("=")[2] not in answer.body.decode()


def test_all_failures_look_alike(people):
    """Wrong person, password, code, and a person who never enrolled: one answer."""
    people.enrol()
    tries = [
        people.log_in(person="p-nobody", code="123456"), people.log_in(password="wrong horse battery"),
        people.log_in(code="000000"), people.log_in(code=""), people.log_in(person=CHECKER, code="123456"),
    ]  # fmt: skip

    def told(answer):
        return {name: value for name, value in answer.json.items() if name != "instance"}

    assert [(401, "log-in-failed")] * 5 == [why(answer) for answer in tries]
    assert all(told(answer) == told(tries[0]) for answer in tries)
    assert "set-cookie" not in tries[0].headers


def test_failures_take_their_time(people, monkeypatch):
    """Who never was, and who gave a wrong password, wait alike."""
    monkeypatch.setattr(access, "FAILURE_SECONDS", 0.3)
    people.enrol()
    for person in ("p-nobody", MAKER):
        begun = time.monotonic()
        people.log_in(person=person, password="wrong horse battery", code="000000")

        assert time.monotonic() - begun >= 0.3


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 201), (0, 201), (1, 201), (2, 401)])
def test_a_code_is_good_one_step_before_and_after(people, steps, status):
    people.enrol()

    assert status == people.log_in(code=people.code(steps=steps)).status


def test_a_code_is_good_once(people):
    """Neither the same code again nor an older one, as one seen over a shoulder would be."""
    people.enrol()
    code, older = people.code(), people.code(steps=-1)

    assert 201 == people.log_in(code=code).status
    assert 401 == people.log_in(code=code).status
    assert 401 == people.log_in(code=older).status


def test_the_same_code_at_the_same_moment_lets_one_in(people):
    people.enrol()
    body = {"person": MAKER, "password": PASSWORD, "code": people.code()}

    answers = people.live.all([("POST", "/v1/sessions", {"key": None, "body": body})] * 6)

    assert [201, *[401] * 5] == sorted(answer.status for answer in answers)


def test_a_recovery_code_is_good_once(people):
    people.enrol()
    code = people.recovery[MAKER][3]

    assert 201 == people.log_in(code=code).status
    assert 401 == people.log_in(code=code).status
    assert 201 == people.log_in(code=people.recovery[MAKER][4]).status


def test_five_failures_are_a_pause(people):
    people.enrol()
    for _ in range(sessions.FAILURES):
        assert 401 == people.log_in(password="wrong horse battery").status

    assert (401, "log-in-failed") == why(people.log_in())
    people.clocks.pass_by(sessions.PAUSE_NS - MINUTE)
    assert 401 == people.log_in().status
    people.clocks.pass_by(MINUTE)
    assert 201 == people.log_in().status


def test_four_failures_are_none_and_success_forgets_them(people):
    people.enrol()
    for _ in range(3):
        for _ in range(sessions.FAILURES - 1):
            people.log_in(password="wrong horse battery")
        people.clocks.pass_by(MINUTE)

        assert 201 == people.log_in().status


def test_a_person_who_left_does_not_come_in(people):
    """The state says who may act; a log-in that is left over opens nothing."""
    actor = f"p-{uuid.uuid4().hex[:8]}"
    body = {"actor": actor, "owner": GHAF, "roles": ["maker"]}
    asked = people.live.post("/v1/persons", body, key="operator").json
    approve(people.live, asked, "operator 2")
    people.enrol(actor)
    session = people.session(actor)
    asked = people.live.post(f"/v1/persons/{actor}/revoke", {}, key="operator").json
    approve(people.live, asked, "operator 2")

    people.clocks.pass_by(MINUTE)

    assert (401, "holder-may-not-act") == why(people.ask(session, "GET", "/v1/me"))
    assert (401, "log-in-failed") == why(people.log_in(actor))


def approve(live, asked, key):
    """Let a second person approve what waits."""
    live.project()
    if asked.get("state") != "PROPOSED":
        return asked
    path, shown = asked["details"]["proposal"], asked["details"]["shown"]
    answer = live.post(f"/v1/approvals/{path}/approve", {"shown": shown}, key=key)
    assert "done" == answer.json["outcome"], answer
    return answer.json


# sessions


def test_a_session_ends_when_idle(people):
    people.enrol()
    session = people.session()
    for _ in range(4):
        people.clocks.pass_by(sessions.IDLE_NS - MINUTE)
        assert 200 == people.ask(session, "GET", "/v1/me").status

    people.clocks.pass_by(sessions.IDLE_NS)

    assert (401, "session-over") == why(people.ask(session, "GET", "/v1/me"))


def test_a_session_ends_after_eight_hours_of_work(people):
    people.enrol()
    session = people.session()
    for _ in range(47):
        people.clocks.pass_by(10 * MINUTE)
        assert 200 == people.ask(session, "GET", "/v1/me").status
    people.clocks.pass_by(10 * MINUTE)

    assert (401, "session-over") == why(people.ask(session, "GET", "/v1/me"))


def test_who_logs_out_is_out(people):
    people.enrol()
    session = people.session()

    answer = people.ask(session, "DELETE", "/v1/sessions/current")

    assert 204 == answer.status
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert (401, "session-over") == why(people.ask(session, "GET", "/v1/sessions/current"))


def test_a_change_by_a_session_brings_its_own_token(people):
    people.enrol()
    session, other = people.session(), people.live
    body = {"label": "mine"}
    people.clocks.pass_by(MINUTE)
    foreign = Held(people.log_in())

    bare = people.ask(session, "POST", "/v1/api-keys", body, csrf=False)
    wrong = people.ask(session, "POST", "/v1/api-keys", body, csrf=False, **{"steelyard-csrf": foreign.csrf})
    right = people.ask(session, "POST", "/v1/api-keys", body)

    assert (403, "csrf-token-missing") == why(bare) == why(wrong)
    assert 201 == right.status
    assert 200 == people.ask(session, "GET", "/v1/me", csrf=False).status
    assert 201 == other.post("/v1/api-keys", body).status


@pytest.mark.parametrize(
    "cookie",
    ["", "=", "__Host-steelyard=", "__Host-steelyard=x", "steelyard=y", "a=b; __Host-steelyard=" + "A" * 43],
)
def test_a_cookie_that_is_none_opens_nothing(people, cookie):
    answer = people.live.ask("GET", "/v1/me", key=None, headers={"cookie": cookie})

    assert 401 == answer.status


def test_sensitive_acts_ask_to_log_in_once_more(people):
    """An approval more than five minutes after log-in needs the password and a code anew."""
    people.enrol(CHECKER)
    session = people.session(CHECKER)
    path = f"/v1/approvals/{uuid.uuid4()}/approve"
    body = {"shown": "00" * 32}
    assert 404 == people.ask(session, "POST", path, body).status
    people.clocks.pass_by(sessions.STEP_UP_NS + SECOND)

    late = people.ask(session, "POST", path, body)
    wrong = people.ask(
        session, "POST", "/v1/sessions/current/step-up", {"password": "x", "code": people.code(CHECKER)}
    )
    stepped = people.ask(
        session, "POST", "/v1/sessions/current/step-up", {"password": PASSWORD, "code": people.code(CHECKER)}
    )

    assert (401, "step-up-needed") == why(late)
    assert (401, "log-in-failed") == why(wrong)
    anew = Held(stepped)
    assert anew.cookie != session.cookie
    assert (401, "session-over") == why(people.ask(session, "GET", "/v1/me"))
    assert 404 == people.ask(anew, "POST", path, body).status


def test_a_key_is_no_session(live):
    body = {"password": PASSWORD, "code": "123456"}
    assert 403 == live.post("/v1/sessions/current/step-up", body).status
    assert live.ask("GET", "/v1/sessions/current").status in (403, 404)


def test_the_store_holds_no_secret(people):
    """Neither password, authenticator secret, recovery codes, cookie nor enrolment code can be read from it."""
    enrolled = people.enrol()
    session = people.session()
    key = people.ask(session, "POST", "/v1/api-keys", {"label": "x"}).json["key"]
    database = people.live.world.app.gateway.stores.access.database
    tables = [name for (name,) in database.all("SELECT name FROM sqlite_master WHERE type = 'table'", ())]
    text = repr(
        [[tuple(row) for row in database.all(f"SELECT * FROM {name}", ())] for name in tables]
    ).encode()
    secrets = [PASSWORD, enrolled["totp_secret"], session.cookie.partition("=")[2], key.rpartition("_")[2]]
    assert len(text) > 1000
    for secret in (*secrets, *enrolled["recovery_codes"]):
        assert secret.encode() not in text


# keys


def test_a_key_ends_on_its_day(people):
    made = people.live.post("/v1/api-keys", {"days": 2}).json
    people.clocks.pass_by(2 * DAY - SECOND)
    assert 200 == people.live.get("/v1/me", key=made["key"]).status
    people.clocks.pass_by(2 * SECOND)

    assert (401, "key-expired") == why(people.live.get("/v1/me", key=made["key"]))
    states = {row["id"]: row["state"] for row in people.live.get("/v1/api-keys?limit=1000").json["items"]}
    assert "expired" == states[made["id"]]


def test_a_key_is_good_from_its_addresses_alone(people):
    near = people.live.post("/v1/api-keys", {"addresses": ["127.0.0.0/8"]}).json["key"]
    far = people.live.post("/v1/api-keys", {"addresses": ["10.0.0.0/8", "2001:db8::/32"]}).json["key"]

    assert 200 == people.live.get("/v1/me", key=near).status
    assert (401, "address-not-allowed") == why(people.live.get("/v1/me", key=far))


def test_a_proxy_is_believed_only_where_it_is_trusted(people):
    """Anybody can write X-Forwarded-For."""
    far = people.live.post("/v1/api-keys", {"addresses": ["10.0.0.0/8"]}).json["key"]

    answer = people.live.get("/v1/me", key=far, headers={"x-forwarded-for": "10.1.2.3"})

    assert (401, "address-not-allowed") == why(answer)


def test_a_key_is_revoked_within_a_second_in_every_gateway(people):
    """Another gateway on the same store remembers it for a second at most."""
    gateway = people.live.world.app.gateway
    members = gateway.known_directory.members
    made = people.live.post("/v1/api-keys", {}).json
    assert GHAF == gateway.keys.caller(made["key"], members, address="127.0.0.1").owner

    gateway.stores.access.revoke_key(made["id"], people.clocks.wall())
    assert 200 == people.live.get("/v1/me", key=made["key"]).status
    people.clocks.pass_by(SECOND)

    assert (401, "key-revoked") == why(people.live.get("/v1/me", key=made["key"]))


@pytest.mark.parametrize("days", [0, 401, -1, "x", None])
def test_a_key_is_good_for_at_most_its_bound(people, days):
    assert 422 == people.live.post("/v1/api-keys", {"days": days}).status


@pytest.mark.parametrize(
    ("who", "holder"),
    [
        (GHAF, f"k-{SIDR}"), (GHAF, f"p-{SIDR}-1"), (GHAF, "p-operator-1"), (GHAF, "k-nobody"), (GHAF, CHECKER),
        ("operator", f"k-{GHAF}"), ("operator", MAKER), ("operator", "p-operator-2"), ("STAGAEA0 1", "p-ae-2"),
        ("STAGAEA0 1", f"k-{GHAF}"), (f"{GHAF} checker", f"k-{GHAF}"),
    ],
)  # fmt: skip
def test_nobody_makes_a_key_for_another(people, who, holder):
    """Not even who may grant: two people would be one."""
    assert 404 == people.live.post("/v1/api-keys", {"holder": holder}, key=who).status


def test_a_system_keys_person_makes_its_keys(people):
    made = people.live.post("/v1/api-keys", {"holder": f"k-{GHAF}"}, key=f"{GHAF} maker")

    assert (201, f"k-{GHAF}") == (made.status, made.json["holder"])


@pytest.mark.parametrize("narrow", [{"scopes": ["read"]}, {"addresses": ["127.0.0.1/32"]}])
def test_a_narrowed_key_does_not_widen_itself(people, narrow):
    made = people.live.post("/v1/api-keys", narrow).json

    answer = people.live.post("/v1/api-keys", {}, key=made["key"])

    assert (403, "not-allowed") == why(answer)
    other = people.live.post("/v1/api-keys", {}).json["id"]
    assert 404 == people.live.ask("DELETE", f"/v1/api-keys/{other}", key=made["key"]).status
    assert 200 == people.live.ask("DELETE", f"/v1/api-keys/{made['id']}", key=made["key"]).status


def test_a_scope_that_is_no_right_is_told(people):
    answer = people.live.post("/v1/api-keys", {"scopes": ["read", "fly"]})

    assert (422, "/scopes/1") == (answer.status, answer.json["errors"][0]["pointer"])


def test_a_keys_text_is_shown_once(people):
    idem = people.live.world.new_key()
    first = people.live.post("/v1/api-keys", {"label": "once"}, idem=idem)
    again = people.live.post("/v1/api-keys", {"label": "once"}, idem=idem)

    assert first.json["key"].startswith("sk_test_")
    assert again.status in (200, 201)
    assert not again.json.get("key")
    listed = people.live.get("/v1/api-keys?limit=1000").body
    assert first.json["id"].encode() in listed
    assert first.json["key"].rpartition("_")[2].encode() not in listed


# limits


@pytest.fixture
def limited(tmp_path):
    clocks = Clocks()
    live, end = begin(tmp_path / "limited", wall=clocks.wall, monotonic=clocks.monotonic, limits_share=0.01)
    yield live, clocks
    end()


def test_too_many_reads_and_changes_are_told_when_to_come_again(limited):
    """A share of a hundredth: four reads at once, one a second; changes are counted apart."""
    live, clocks = limited
    answers = [live.ask("GET", "/v1/me") for _ in range(6)]

    assert [200] * 4 + [429] * 2 == [answer.status for answer in answers]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 2
    assert 201 == live.post("/v1/api-keys", {}).status
    assert 200 == live.ask("GET", "/v1/me", key=SIDR).status
    clocks.pass_by(2 * SECOND)
    assert 200 == live.ask("GET", "/v1/me").status


def test_log_ins_are_limited_by_address(limited):
    live, clocks = limited
    body = {"person": "p-nobody", "password": "x"}
    live.world.app.gateway.limits = limits.Limits(clocks.monotonic, share=1.0)

    answers = [live.post("/v1/sessions", body, key=None) for _ in range(7)]

    assert [401] * 5 + [429] * 2 == [answer.status for answer in answers]
    clocks.pass_by(12 * SECOND)
    assert 401 == live.post("/v1/sessions", body, key=None).status


def test_attempts_without_a_right_key_are_limited_by_address(limited):
    live, clocks = limited
    live.world.app.gateway.limits = limits.Limits(clocks.monotonic, share=1.0)
    wrong = "sk_test_0123456789abcdef_" + "0" * 64

    statuses = [live.ask("GET", "/v1/me", key=wrong).status for _ in range(62)]

    assert [401] * 60 + [429] * 2 == statuses
    assert 200 == live.ask("GET", "/v1/me").status


def test_many_callers_never_make_the_buckets_grow_without_end(monkeypatch):
    monkeypatch.setattr(limits, "BUCKETS_MAX", 100)
    made = limits.Limits(lambda: 0.0)
    for n in range(1_000):
        made.take(limits.READS, "reads", str(n))

    assert 100 == len(made._buckets)


def test_a_demonstration_may_have_log_ins_without_an_authenticator(people):
    people.live.world.app.gateway.sessions.put_password(CHECKER, GHAF, Secret(PASSWORD))

    assert 201 == people.log_in(CHECKER, code="").status


def test_a_network_has_none(people):
    gateway = people.live.world.app.gateway
    strict = sessions.Sessions(gateway.stores.access, gateway.vault, needs_totp=True, wall=people.clocks.wall)

    with pytest.raises(ValueError, match="authenticator"):
        strict.put_password(CHECKER, GHAF, Secret(PASSWORD))
    people.live.world.app.gateway.sessions.put_password(CHECKER, GHAF, Secret(PASSWORD))
    with pytest.raises(Exception, match="not-authenticated"):
        strict.log_in(CHECKER, Secret(PASSWORD), Secret(""), address="127.0.0.1")
