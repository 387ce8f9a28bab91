"""Schemathesis over every route: no server error, documented statuses and forms alone, answers of their shape.

Drawn values here; `make test-fuzz` adds the edges of every field and what must be refused, about seventy requests a
route, whose making alone takes half a minute.
"""

import json
import os
from functools import cache

import jsonschema_rs
import msgspec
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from steelyard.api import gateway, openapi
from steelyard.api.app import exists
from steelyard.api.route import ANYONE, PUBLIC
from steelyard.api.table import ROUTES
from steelyard.members.rights import BY_ROLE
from tests.api.conftest import begin
from tests.api.test_rights import WHO

EXAMPLES = int(os.environ.get("STEELYARD_FUZZ_EXAMPLES", "6"))
WHOLE = os.environ.get("STEELYARD_FUZZ_WHOLE", "") == "1"
MINE = [line for line in ROUTES if exists(line, "test")]
BY_PLACE = {(line.method, line.path): line for line in MINE}
DOCUMENT = msgspec.json.decode(openapi.encoded(MINE))
_CONFIG = schemathesis.Config.from_dict(
    {
        "generation": {"mode": "all", "with-security-parameters": False},
        "phases": {"coverage": {"enabled": WHOLE}},
    }
)
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT, config=_CONFIG)
# a network that was moved on stays moved on, so the clock is left alone; the log-in's cost is argon2
SLOW = {"/v1/sandbox/advance", "/v1/sessions", "/v1/enrolments", "/v1/sessions/current/step-up"}


@schemathesis.serializer("application/x-ndjson", "application/vnd.steelyard.legs", "text/csv")
def as_bytes(context, value):
    """Give whatever was drawn as bytes: the forms of these bodies are not schemas."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def spare(tmp_path_factory):
    """A network that is wrecked."""
    made, end = begin(tmp_path_factory.mktemp("fuzz"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gateway, "WAIT_MS_MAX", 5)  # rows that never come are waited for otherwise
        yield made
    end()


def key_for(live, line):
    """Give the key of somebody whose role may use a route."""
    for owner, role in WHO.values():
        if line.action in (ANYONE, PUBLIC) or line.action in BY_ROLE[role]:
            return live.keys[owner]
    return live.keys["operator"]


@cache
def validator(place):
    """Give what checks a body against the schema that stands at a place of the document, made once."""
    schema = DOCUMENT
    for step in place:
        schema = schema[step]
    return jsonschema_rs.Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def check(line, answer, sent):
    """Hold an answer to the document."""
    assert answer.status < 500 or answer.json["code"] == "projection-lags", (sent, answer)
    place = ("paths", line.path, line.method.lower(), "responses", str(answer.status))
    told = DOCUMENT["paths"][line.path][line.method.lower()]["responses"].get(str(answer.status))
    assert told is not None or answer.status == 304, (sent, answer)
    if answer.status in (204, 304):
        return
    if "$ref" in told:
        place = ("components", "responses", str(answer.status))
        told = DOCUMENT["components"]["responses"][str(answer.status)]
    media = answer.headers["content-type"].partition(";")[0]
    assert media in told["content"] or not answer.body, (sent, answer)
    if media in ("application/json", "application/problem+json") and answer.body:
        body = json.loads(answer.body)
        faults = list(validator((*place, "content", media, "schema")).iter_errors(body))
        assert not faults, (sent, answer, faults[:2])


def hold(spare, case):
    """Send a drawn request and hold its answer to the document."""
    line = BY_PLACE[(case.operation.method.upper(), case.operation.path)]
    method = case.method.upper()
    if line.path in SLOW and case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE:
        return
    sent = requests.Request(**case.as_transport_kwargs(base_url="http://node")).prepare()
    path = sent.path_url
    headers = {
        name: value if isinstance(value, str) else value.decode("latin-1")
        for name, value in sent.headers.items()
        if name.lower() != "authorization"
    }
    body = sent.body.encode() if isinstance(sent.body, str) else bytes(sent.body or b"")
    has_key = any(name.lower() == "idempotency-key" for name in headers)

    answer = spare.ask(
        method, path, raw=body, headers=headers, key=key_for(spare, line), idem=False if has_key else None
    )

    other = BY_PLACE.get((method, line.path))
    if other is not None:
        check(other, answer, (method, path, headers, body[:500]))
    elif method != "HEAD":
        assert answer.status in (404, 405), (method, path, answer)


DRAWN = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
"""How many requests a route gets, the same at every run"""


@pytest.mark.parametrize("line", MINE, ids=lambda line: f"{line.method} {line.path}")
def test_whatever_is_sent_is_answered_as_documented(spare, line):
    operation = SCHEMA[line.path][line.method]
    modes = [GenerationMode.POSITIVE]
    if line.asked is not None or line.query or "{" in line.path:
        modes.append(GenerationMode.NEGATIVE)

    @DRAWN
    @given(st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes]))
    def each(case):
        hold(spare, case)

    each()


if WHOLE:

    @SCHEMA.parametrize()
    @DRAWN
    def test_the_edges_of_every_field_are_answered_as_documented(spare, case):
        hold(spare, case)
