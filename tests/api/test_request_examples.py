"""Every request body has an example: of its own shape, and answered by a node for business reasons alone."""

import asyncio
import re

import msgspec
import pytest

from steelyard.api import shape
from steelyard.api.route import JSON
from steelyard.api.shape_examples import SHAPES, asked
from steelyard.api.table import ROUTES
from tests.api.markets import found
from tests.api.world import FYNB, GHAF, PROVIDER, TAMR, running

BODIES = [
    line
    for line in ROUTES
    if line.method in ("POST", "PUT", "PATCH") and (line.asked is not None or line.asks != (JSON,))
]
OF_BYTES = {"/v1/bulk/legs"}
"""What takes bytes that no text can show"""
PLACES = {
    "bic": GHAF, "asset": "AED", "code": "AE", "actor": "p-GHAFAEA0-1", "account": "GHAFAEA0%2FAED", "site": "QUAY",
    "instrument": "WHT-SPOT", "series": "WHEAT-ALY", "number": "1", "session": "s",
}  # fmt: skip
UUID = "eb6305c9-1f7f-49de-aed0-16487c27b42d"
GONE = {"/v1/sessions", "/v1/sessions/current/step-up", "/v1/enrolments"}
"""What logs people in: the small world's persons have no password"""
FINE = {200, 201, 403, 404, 409, 412, 428}
"""Done, refused by a rule, or about something that is not there"""
ABSENT = {"asset-unknown", "contract-unknown", "instrument-unknown"}
"""What a body may name that this small world does not have"""


def test_every_request_body_has_an_example():
    """In every media type that a route takes."""
    without = [
        (line.method, line.path, media)
        for line in BODIES
        for media in line.asks
        if line.path not in OF_BYTES and asked(line, media) is None
    ]

    assert [] == without


def test_every_example_is_of_its_own_shape():
    wrong = []
    for line in BODIES:
        if JSON in line.asks and asked(line, JSON) is not None:
            body = msgspec.json.encode(asked(line, JSON))
            if not isinstance(shape.read(body, line.asked), line.asked):
                wrong.append(line.path)

    assert [] == wrong


def test_no_shape_has_an_example_in_vain():
    """One that no route takes any more goes, and so does one that every route has of its own."""
    used = {
        f"{line.asked.__module__.rpartition('.')[2]}.{line.asked.__name__}"
        for line in BODIES
        if line.asked is not None and asked(line, JSON) is not None
    }

    assert set() == set(SHAPES) - used


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Send each example to a node of its own, by the first of some callers who may; gives the answers by route."""

    async def story():
        told = {}
        async with running(tmp_path_factory.mktemp("examples") / "node") as world:
            await found(world)
            who = [GHAF, "operator", "STAGAEA0", f"{GHAF} checker", PROVIDER, FYNB, TAMR]
            for line in BODIES:
                if line.path in GONE | OF_BYTES:
                    continue
                path = re.sub(r"\{(\w+)\}", lambda name: PLACES.get(name[1], UUID), line.path)
                for media in line.asks:
                    example = asked(line, media)
                    raw = example.encode() if isinstance(example, str) else msgspec.json.encode(example)
                    for key in who:
                        answer = await world.ask(
                            line.method, path, key=key, raw=raw, headers={"content-type": media}
                        )
                        if answer.status != 403:
                            break
                    told[line.method, line.path, media] = answer
        return told

    return asyncio.run(story())


def test_every_example_is_answered_for_business_reasons(answers):
    """None has the wrong shape, none is our fault; one that a rule refuses says which."""
    wrong = [f"{of}: {answer}" for of, answer in answers.items() if not fits(answer)]
    refused = [
        answer.json["refusal"]["code"]
        for (_, _, media), answer in answers.items()
        if media == JSON and answer.status == 200 and answer.json.get("outcome") == "refused"
    ]

    assert not wrong, "\n".join(wrong)
    assert all(re.fullmatch("[A-Z][A-Z0-9_]+", code) for code in refused)
    assert len([one for one in answers.values() if one.status in (200, 201)]) > len(answers) // 3


def fits(answer):
    if answer.status != 422:
        return answer.status in FINE
    faults = answer.json["errors"]
    return all(one["code"] in ABSENT or "a quote of yours" in one["message"] for one in faults)


def test_a_payment_of_each_kind_is_taken_as_its_example_has_it(answers):
    for media in ("application/x-ndjson", "text/csv"):
        lines = [
            msgspec.json.decode(one) for one in answers["POST", "/v1/payments/bulk", media].body.splitlines()
        ]
        assert ["SETTLED", "SETTLED"] == [one.get("state") for one in lines if "state" in one][:2], lines
    assert b"ACSC" in answers["POST", "/v1/messages", "application/xml"].body
