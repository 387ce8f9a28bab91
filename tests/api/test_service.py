"""The node about itself, calendars, the sandbox, doctests of the package."""

import doctest
import importlib
import pkgutil
import re

import pytest

import steelyard.api
from steelyard.api.figures import Figures
from steelyard.api.table import ROUTES
from tests.api.conftest import begin
from tests.api.world import GHAF

MODULES = [name for _, name, _ in pkgutil.walk_packages(steelyard.api.__path__, "steelyard.api.")]


def test_who_asks_nothing_but_whether_it_lives_needs_no_key(live):
    for path in (
        "/health",
        "/health/live",
        "/health/ready",
        "/metrics",
        "/v1/status",
        "/problems",
        "/openapi.json",
    ):
        assert 200 == live.ask("GET", path, key=None).status, path


def test_a_wrong_key_does_not_close_what_is_open_to_all(live):
    assert 200 == live.ask("GET", "/v1/status", key="sk_test_0123456789abcdef_" + "0" * 64).status


def test_the_status_says_who_is_open(live):
    live.project()
    status = live.ask("GET", "/v1/status", key=None).json

    assert ("small", "STYDZAJ0", "test", "simulated") == tuple(
        status[name] for name in ("network_id", "hub_bic", "profile", "clock")
    )
    assert {"AE", "IN", "ZA"} <= {one["code"] for one in status["members"]}
    assert all(
        one["open"] == (one["closes_at"] is not None or one["opens_at"] is None) for one in status["members"]
    )
    assert status["seq"] >= status["applied_seq"] > 0


def test_a_node_that_stops_is_not_ready(own):
    assert own.ask("GET", "/health/ready", key=None).json["ready"]
    link = own.world.app.gateway.link
    type(link).stopping, before = property(lambda self: True), type(link).stopping
    try:
        answer = own.ask("GET", "/health/ready", key=None)
    finally:
        type(link).stopping = before

    assert (503, ["the node is stopping"]) == (answer.status, answer.json["why"])


def test_figures_count_requests_and_hold_no_party_data(own):
    own.get("/v1/accounts/GHAFAEA0%2FAED")
    before = re.findall(r'steelyard_http_seconds_count\{[^}]*get_account"[^}]*\} (\S+)', metrics(own))

    own.get("/v1/accounts/GHAFAEA0%2FAED")

    after = re.findall(r'steelyard_http_seconds_count\{[^}]*get_account"[^}]*\} (\S+)', metrics(own))
    assert float(before[0]) + 1 == float(after[0])
    assert "GHAF" not in metrics(own)


def test_figures_stay_within_their_bound():
    """Every route with every status it may end with."""
    figures = Figures()
    for line in ROUTES:
        for status in range(200, 220):
            figures.seen(line.name, status, 0.002)

    lines = [line for line in figures.text().splitlines() if not line.startswith("#")]
    assert len(lines) < 2_000
    assert any('route="other"' in line for line in lines)


def metrics(live):
    return live.ask("GET", "/metrics", key=None).body.decode()


def test_me_says_what_one_may(live):
    mine = live.get("/v1/me").json
    operator = live.get("/v1/me", key="operator").json

    assert (GHAF, f"k-{GHAF}") == (mine["owner"], mine["actor"])
    assert "pay" in str(mine)
    assert "operator" == operator["owner"]


def test_an_answer_tells_the_time_of_the_node_and_an_id_of_its_own(live):
    answers = [live.ask("GET", "/v1/me") for _ in range(20)]

    assert 20 == len({one.headers["steelyard-request-id"] for one in answers})
    assert all(one.headers["steelyard-time"].startswith("2026-11-23T") for one in answers)
    assert all("true" == one.headers["steelyard-sandbox"] for one in answers)


# calendars


def test_a_calendar_shows_its_days(live):
    shown = live.get("/v1/calendars/AED?from_on=2026-11-23&to_on=2026-11-27")

    assert 200 == shown.status, shown
    assert "AED" == shown.json["asset"]


def test_currencies_are_open_together(live):
    found = live.get("/v1/calendars/common?currencies=AED,INR,ZAR&on=2026-11-24")

    assert 200 == found.status, found
    assert 422 == live.get("/v1/calendars/common?currencies=AED,XXX").status


# the sandbox


def test_the_clock_moves_through_every_deadline(own):
    first = own.ask("GET", "/v1/status", key=None).json["at"]
    spans = [("PT15M", 200), ("PT0S", 409), ("cut_off", (200, 422)), ("2026-11-24T10:00:00+04:00", 200),
             ("2026-11-20T10:00:00Z", 409), ("yesterday", 422), ("PT", 422), ("PT99999H", 422)]  # fmt: skip
    for to, status in spans:
        answer = own.post("/v1/sandbox/advance", {"to": to}, key="operator")

        assert answer.status in (status if isinstance(status, tuple) else (status,)), (to, answer)
    assert own.ask("GET", "/v1/status", key=None).json["at"] > first


def test_a_system_clock_is_nobodys_to_move(tmp_path):
    live, end = begin(tmp_path / "world", clock="system", build=False)
    try:
        answer = live.post("/v1/sandbox/advance", {"to": "PT1S"}, key="operator")
    finally:
        end()

    assert (409, "CLOCK_IS_THE_SYSTEMS") == (answer.status, answer.json["code"])


def test_there_is_no_sandbox_in_other_profiles(tmp_path):
    live, end = begin(tmp_path / "world", clock="system", profile="embedded", build=False)
    try:
        answer = live.post("/v1/sandbox/advance", {"to": "PT1S"}, key="operator")
        document = live.ask("GET", "/openapi.json", key=None)
        page = live.ask("GET", "/explorer", key=None).body.decode()
        other = live.ask("GET", "/v1/me", key="operator")
    finally:
        end()

    assert 404 == answer.status
    assert "/v1/sandbox/advance" not in document.json["paths"]
    assert "sandbox" not in page
    assert "steelyard-sandbox" not in answer.headers
    assert 200 == other.status


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_words_of_a_module_hold(name):
    assert not doctest.testmod(importlib.import_module(name)).failed
