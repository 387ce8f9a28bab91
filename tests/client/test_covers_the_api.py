"""Every route of the API has its method here, which asks for it and reads what it answers: no copy drifts."""

import re

from steelyard.api.table import ROUTES
from steelyard.client import acts, credit, liquidity, market, pace, set_off, types
from steelyard.client.ask import Ask, Listing
from steelyard.client.clock import NodeClock
from steelyard.client.groups import Groups
from steelyard.client.types import Money

MONEY = Money("AED", "1.00")
BODY: dict[str, str] = {}
"""Stands for a shape: these methods hand on what they are given"""
WORDS = {
    "payments.send": ((), {"creditor_agent": "TAMRINB0"}),
    "payments.send_many": (([],), {}),
    "payments.send_file": ((b"{}",), {}),
    "payments.consent": (("x", None), {}),
    "offers.answer": (("x", "accept"), {}),
    "messages.send": ((b"",), {}),
    "messages.send_for_xml": ((b"",), {}),
    "messages.check": ((b"",), {}),
    "quotes.ask": ((), {"sell": "AED", "buy": "INR"}),
    "accounts.open": (("AED", "reserved", "x"), {}),
    "accounts.move": (("a/A", "b/A", MONEY), {}),
    "accounts.sweep_residuals": ((["AED"],), {}),
    "accounts.reserve": (("a/A", "b/A", MONEY, "now"), {}),
    "accounts.set_limit": (("flow", MONEY), {}),
    "liquidity.reserve": ((liquidity.KeptAsked(amount=MONEY, priority="high"),), {}),
    "liquidity.set_times": (("x", liquidity.QueueTimes()), {}),
    "credit_lines.put": (
        (credit.CreditLineAsked(kind="member", currency="AED", partner="STAGINB0", cap="1"),), {}
    ),
    "credit_lines.draw": (("x", "SIDRAEA0", MONEY), {}),
    "credit_lines.repay": (("x", MONEY), {}),
    "fx_orders.cap": (("AED", None), {}),
    "fx_orders.ask_batch": (("fx_reference",), {}),
    "market.put": ((market.InstrumentAsked(
        code="X", contract="X", way="spot", asset="X", unit_kg=1, tick="1"
    ),), {}),
    "market.phase": (("X", "halt", "r"), {}),
    "market.reference": (("X", "1.00"), {}),
    "market.commit_seed": (("X", "0" * 64), {}),
    "market.end_call": (("X", "0" * 32), {}),
    "market.reverse": (("x", "r"), {}),
    "market.group": (("x", None), {}),
    "orders.enter": ((), {"instrument": "X", "side": "buy", "quantity": 1}),
    "orders.send": (([],), {}),
    "orders.cancel_many": (([],), {}),
    "orders.deposit": ((MONEY,), {}),
    "orders.withdraw": ((MONEY,), {}),
    "firm_quotes.put": ((market.FirmQuoteAsked(size=MONEY, buy="INR", rate="1", valid_until="now"),), {}),
    "pace.set_rule": (("AED", pace.PaceRuleAsked()), {}),
    "rings.offer": ((MONEY, "INR"), {}),
    "tenders.draft": ((BODY,), {}),
    "tenders.rate": (("x", ["y"]), {}),
    "tenders.reveal": (("x", BODY), {}),
    "rfq.ask": ((BODY,), {}),
    "rfq.answer": (("x", BODY), {}),
    "rfq.accept": (("x", BODY), {}),
    "energy.register": ((BODY,), {}),
    "energy.nominate": (("x", BODY), {}),
    "energy.give_up": (("x", 1), {}),
    "energy.take": (("x", BODY), {}),
    "energy.ask_match": ((BODY,), {}),
    "energy.bring_match": ((BODY,), {}),
    "set_off.file": (
        (set_off.ClaimAsked(debtor="x", creditor="y", amount=MONEY, due_on="2026-12-31", document_hash="0" * 64),), {}
    ),
    "cycles.open": ((["AED"],), {}),
    "cycles.schedule": ((["AED"], ["10:00"]), {}),
    "cycles.extend": (("x", 1_000), {}),
    "funds.rule": (("x",), {"issue": True}),
    "funds.ask": ((MONEY,), {}),
    "funds.issue": (("X", MONEY, "r"), {}),
    "funds.advise": (("X", MONEY, "r"), {}),
    "redemptions.ask": ((MONEY,), {}),
    "redemptions.rule": (("x",), {"paid": True, "statement": "s"}),
    "redemptions.advise": (("x",), {"paid": True, "amount": MONEY}),
    "currencies.cap": ((MONEY, "v"), {}),
    "currencies.ask": ((["AED"],), {}),
    "directory.common_window": ((["AED"],), {}),
    "network.enter_member": ((acts.MemberAsked(code="X", name="x", asset="X", scale=2, settlement_agent="x"),), {}),
    "network.enter_participant": ((acts.ParticipantAsked(bic="x", member="x", name="x"),), {}),
    "network.change_settings": (("x", acts.Settings(), "v"), {}),
    "network.add_person": (("x", "x", ["maker"]), {}),
    "network.add_system_key": (("x", "x", ["maker"], "p"), {}),
    "network.set_roles": (("x", ["maker"]), {}),
    "network.load_pack": ((acts.PackAsked(kind="", id="", version="", content="", digest=""),), {}),
    "network.load_rule_pack": ((acts.PackAsked(kind="", id="", version="", content="", digest=""),), {}),
    "network.amend_calendar": (("AED", acts.CalendarAsked(revision=1)), {}),
}  # fmt: skip
"""What a method is called with where it needs more than texts"""
STEPS = {
    "network.move_member": ["configure", "activate", "suspend", "lift", "leave", "close"],
    "network.move_participant": ["admit", "refuse", "let_in", "withdraw", "leave", "lift"],
}
WITHOUT_A_METHOD = {
    "GET /health/live", "GET /health/ready", "GET /metrics", "GET /problems", "GET /problems/{slug}",
    "GET /problems/refusals/{name}", "GET /openapi.json", "GET /explorer", "GET /", "GET /favicon.ico",
    "POST /v1/bulk/legs",
    "POST /v1/enrolments", "POST /v1/sessions", "GET /v1/sessions/current", "DELETE /v1/sessions/current",
    "POST /v1/sessions/current/step-up",
}  # fmt: skip
"""What supervisors, browsers and engines ask for, and the log-in of people"""


class Recording:
    """A face that sends nothing and keeps what was asked."""

    def __init__(self):
        self.clock = NodeClock()

    def run(self, ask):
        return ask

    def listed(self, listing):
        return listing

    def streamed(self, last_id, fields):
        return Ask("GET", "/v1/events", None)


def asked():
    """Give (name, method, path, shape or None) of everything the client can ask."""
    whole = Groups(Recording())
    groups = {"": whole} | {name: one for name, one in vars(whole).items() if not name.startswith("_")}
    for group, one in groups.items():
        for word in dir(type(one)):
            verb = getattr(type(one), word)
            if word.startswith("_") or type(verb).__name__ not in ("Verb", "Lists", "Streams"):
                continue
            name = f"{group}.{word}".strip(".")
            for values, named in calls(name, verb):
                found = getattr(one, word)(*values, **named)
                if isinstance(found, Listing):
                    yield name, "GET", found.path, types.Page[found.kind], found.filters
                else:
                    yield name, found.method, found.path.partition("?")[0], None, {}


def calls(name, verb):
    """Give the ways to call a method."""
    if name in STEPS:
        return [(("x", step), {}) for step in STEPS[name]]
    if name in WORDS:
        return [WORDS[name]]
    written = getattr(verb, "_ask", None) or getattr(verb, "_listing", None) or verb._fields
    code = written.__code__
    count = code.co_argcount - 1 - len(written.__defaults__ or ())
    return [(("x",) * count, {})]


def route_of(method, path):
    """Give the route that a request goes to: the one with the fewest parameters of those that fit."""
    fits = [
        one
        for one in ROUTES
        if one.method == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one.path), path)
    ]
    return min(fits, key=lambda one: one.path.count("{"), default=None)


ASKED = list(asked())


def test_every_method_asks_for_a_route_that_there_is():
    """Lists read the shape the route tells, and filter by what it filters by."""
    for name, method, path, kind, filters in ASKED:
        route = route_of(method, path)

        assert route is not None, (method, path)
        if kind is not None:
            assert route.told == kind, name
            known = {param.name for param in route.query}
            assert set(filters) - {"order"} <= known, name


def test_every_route_has_a_method():
    """But those that no program of a bank asks for."""
    reached = {f"{one.method} {one.path}" for one in (route_of(each[1], each[2]) for each in ASKED) if one}

    assert {f"{one.method} {one.path}" for one in ROUTES} - reached == WITHOUT_A_METHOD


MADE_OF_IT = {
    "payments.send", "payments.send_many", "payments.send_file", "network.settings", "currencies.get",
    "messages.send_for_xml", "statements.csv", "statements.camt_053", "market.day",
}  # fmt: skip
"""Methods that give something made of the route's answer, or another form of it"""


def test_every_method_reads_the_shape_its_route_tells():
    """The very same class, so that what one of them gains the other has too."""
    whole = Groups(Recording())
    for name in sorted({one[0] for one in ASKED if one[3] is None} - MADE_OF_IT):
        group, _, word = name.rpartition(".")
        verb = getattr(type(getattr(whole, group) if group else whole), word)
        if type(verb).__name__ == "Streams":
            continue
        values, named = calls(name, verb)[0]
        ask = getattr(getattr(whole, group) if group else whole, word)(*values, **named)
        told = route_of(ask.method, ask.path.partition("?")[0]).told

        assert told is None or verb._ask.__annotations__["return"] == Ask[told], name
