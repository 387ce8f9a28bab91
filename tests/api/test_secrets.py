"""Canaries: what is secret is in no answer, log, traceback, figure, journal row or name of anything."""

import io
import json
import pickle
import traceback

import msgspec
import pytest
import structlog

from steelyard.api import door
from steelyard.api.auth import keys
from steelyard.api.auth.secret import Secret
from steelyard.api.auth.vault import Vault
from steelyard.node.logs import set_up_logs
from steelyard.storage.access import Login, Session
from tests.api.world import GHAF

CANARY = "canary-5f1c0e-horse-battery"


@pytest.fixture
def lines(live):
    """What is logged, at the lowest level."""
    stream = io.StringIO()
    set_up_logs(
        msgspec.structs.replace(live.world.node.config, logs_level="debug"), process="test", stream=stream
    )
    yield stream
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def hostile(live):
    """Send a canary wherever a secret could be, right and wrong; gives all answers."""
    asks = [
        ("POST", "/v1/sessions", {"body": {"person": CANARY, "password": CANARY, "code": CANARY}, "key": None}),
        ("POST", "/v1/sessions", {"raw": b'{"person":"x","password":"%s' % CANARY.encode(), "key": None,
                                  "headers": {"content-type": "application/json"}}),
        ("POST", "/v1/enrolments", {"body": {"code": CANARY, "password": CANARY}, "key": None}),
        ("POST", "/v1/enrolments", {"body": {"code": CANARY[:7], "password": CANARY[:7]}, "key": None}),
        ("POST", "/v1/sessions/current/step-up", {"body": {"password": CANARY, "code": CANARY}}),
        ("GET", "/v1/me", {"key": f"sk_test_0123456789abcdef_{CANARY}"}),
        ("GET", "/v1/me", {"key": CANARY}),
        ("GET", "/v1/me", {"key": None, "headers": {"authorization": f"Basic {CANARY}"}}),
        ("GET", "/v1/me", {"key": None, "headers": {"cookie": f"__Host-steelyard={CANARY}"}}),
        ("POST", "/v1/api-keys", {"body": {"label": "x"}, "headers": {"steelyard-csrf": CANARY}}),
    ]  # fmt: skip
    return [live.ask(method, path, **how) for method, path, how in asks]


def test_what_is_sent_in_confidence_comes_back_in_no_answer_and_no_log(live, lines):
    answers = hostile(live)
    figures = live.ask("GET", "/metrics").body + live.ask("GET", "/health").body

    told = b"".join(answer.body + repr(answer.headers).encode() for answer in answers) + figures

    assert {401, 403, 422, 400, 201} >= {answer.status for answer in answers}
    for part in (CANARY, CANARY[:7]):
        assert part.encode() not in told
        assert part not in lines.getvalue()


def test_a_fault_of_ours_says_nothing_of_what_it_held(live, lines, monkeypatch):
    """An exception whose words and locals hold secrets: the caller gets an id, the log gets a place."""

    def break_down(*values, **named):
        secret = CANARY
        raise RuntimeError(f"cannot open {secret} for {values} {named}")

    monkeypatch.setattr(live.world.app.gateway.sessions, "log_in", break_down)

    answer = live.post("/v1/sessions", {"person": "p-ana", "password": CANARY, "code": CANARY}, key=None)

    assert (500, "internal") == (answer.status, answer.json["code"])
    assert CANARY not in answer.body.decode()
    written = lines.getvalue()
    assert CANARY not in written
    (line,) = [each for each in map(json.loads, written.splitlines()) if each["event"] == "request failed"]
    assert answer.json["instance"].endswith(line["request_id"])
    assert line["why"].startswith("RuntimeError at test_secrets.py:")


def test_keys_that_work_are_nowhere_either(live, lines):
    """A right key, through a request that succeeds and one that fails within."""
    text = live.keys[GHAF]
    secret = text.rpartition("_")[2]

    answers = [
        live.get("/v1/me"),
        live.get("/v1/payments"),
        live.get("/v1/api-keys?limit=1000"),
        live.post("/v1/fund", {}),
    ]

    for answer in answers:
        assert secret not in answer.body.decode() + repr(answer.headers)
    assert secret not in lines.getvalue()
    assert secret not in live.ask("GET", "/metrics").body.decode()


def test_a_traceback_shows_no_secret():
    """Frames that are printed with their values show stars."""
    held = Secret(CANARY)
    made = keys.make(env="test", owner=GHAF, holder="k-x", at=0, days=1)
    try:
        raise ValueError(held, made, [held], {"key": held}, Vault(CANARY.encode()))
    except ValueError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())

    shown = "\n".join(line for line in shown.splitlines() if "CANARY" not in line)
    assert CANARY not in shown
    assert made.text.reveal() not in shown
    assert made.text.reveal().rpartition("_")[2] not in shown


def test_a_secret_is_written_by_nothing():
    held = Secret(CANARY)

    assert {"***"} == {str(held), repr(held), f"{held}", f"{held:>40}".strip()}
    for write in (json.dumps, msgspec.json.encode, msgspec.msgpack.encode, pickle.dumps):
        with pytest.raises((TypeError, NotImplementedError)):
            write(held)
    assert not hasattr(held, "__dict__")


@pytest.mark.parametrize("kind", [Login, Session])
def test_rows_of_the_store_hold_hashes_alone(kind):
    names = set(kind.__struct_fields__)

    assert not names & {"password", "cookie", "code", "secret", "token", "key"}


def test_the_journal_and_its_evidence_hold_no_secret(own):
    """Whatever is journalled is there for ten years: none of it opens a door."""
    made = own.post("/v1/api-keys", {"label": "a system"}).json["key"]
    hostile(own)
    own.post("/v1/persons", {"actor": "p-layla", "owner": GHAF, "roles": ["maker"]}, key="operator")
    own.project()

    folder = own.world.node.config.folder
    kept = b"".join(
        path.read_bytes() for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(("access", "gateway", "node.key"))
    )  # fmt: skip

    assert len(kept) > 10_000
    for secret in (CANARY, made, made.rpartition("_")[2], own.keys[GHAF].rpartition("_")[2]):
        assert secret.encode() not in kept


def test_an_enrolment_code_of_a_person_is_told_once(own):
    idem = own.world.new_key()
    body = {"actor": "p-layla", "owner": GHAF, "roles": ["maker"]}

    first = own.post("/v1/persons", body, key="operator", idem=idem)
    again = own.post("/v1/persons", body, key="operator", idem=idem)

    assert first.json["code"]
    assert first.json["code"] not in again.body.decode()
    own.project()
    for path in ("/v1/persons", "/v1/approvals", "/v1/events"):
        assert first.json["code"] not in own.get(path, key="operator").body.decode()


def test_nothing_of_the_inside_is_in_a_header(live):
    for answer in (live.get("/v1/me"), live.get("/nowhere"), live.ask("PUT", "/v1/me")):
        assert not {"server", "x-powered-by", "via"} & set(answer.headers)
        assert {"nosniff"} == {answer.headers["x-content-type-options"]}
        assert {"no-store"} == {answer.headers["cache-control"]}


def test_the_door_names_a_route_and_no_address_in_its_log(live, lines, monkeypatch):
    """Addresses may hold names of accounts; the log has the route's pattern."""

    async def break_down(*values):
        raise RuntimeError

    monkeypatch.setattr(door, "open_call", break_down)
    live.ask("GET", "/v1/accounts/GHAFAEA0%2FAED")

    (line,) = [
        each for each in map(json.loads, lines.getvalue().splitlines()) if each["event"] == "request failed"
    ]
    assert "/v1/accounts/{account}" == line["path"]
