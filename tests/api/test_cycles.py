"""Netting cycles over HTTP: opened, cut by two people, paid in, settled; one's own rows and messages alone are seen."""

import time
from hashlib import sha256
from uuid import UUID

import pytest
from lxml import etree

from steelyard.iso20022.check import check
from steelyard.iso20022.context import Level, Outcome
from steelyard.iso20022.schema import Official, load_dir
from steelyard.liquidity import cycle_file
from tests.api.conftest import begin
from tests.api.test_liquidity import pay
from tests.api.world import GHAF, MRUL, SIDR, TAMR
from tests.iso20022.contexts import schema_context
from tests.shared import SHARED

OPERATORS = ("operator", "operator 2")
NOBODY = "01a207a2-3280-d03b-c267-1ae5d1ae88eb"
RING = ((GHAF, SIDR, "150.00"), (SIDR, TAMR, "150.00"), (TAMR, GHAF, "140.00"))


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """Three banks that settle AED by cycle, a cycle that has gathered a ring of theirs, and a solver."""
    live, end = begin(tmp_path_factory.mktemp("cycles"))
    for bank in (GHAF, SIDR, TAMR):
        at = f"/v1/participants/{bank}/settings"
        headers = {"if-match": live.get(at, key=bank).headers["etag"]}
        body = {"by_cycle": ["AED"], "pays_in": False}
        assert 200 == live.ask("PATCH", at, body=body, key=bank, headers=headers).status
    live.opened = live.post("/v1/cycles", {"currencies": ["AED"]}, key="operator").json
    live.cycle = live.opened["subject"]
    for payer, payee, value in RING:
        pay(live, payee, value, key=payer)
    live.desk = live.run(solver(live))
    yield live
    live.run(live.desk.end())
    end()


async def solver(live):
    return live.world.node.solve()


def by_two(live, path, body):
    """Give an order by both operators."""
    asked = live.post(path, body, key=OPERATORS[0])
    assert "PROPOSED" == asked.json["state"], asked
    live.project()
    shown = {"shown": asked.json["details"]["shown"]}
    done = live.post(f"/v1/approvals/{asked.json['subject']}/approve", shown, key=OPERATORS[1]).json
    return done["outcome"], (done["refusal"] or {}).get("code")


def shown(live, key="operator", cycle=None):
    return live.get(f"/v1/cycles/{cycle or live.cycle}", key=key).json


def until(live, *states):
    """Wait for the solver, move the clock, until the cycle is in one of these states."""
    end = time.monotonic() + 40
    while (found := shown(live))["cycle"]["state"] not in states:
        assert time.monotonic() < end, found
        time.sleep(0.05)
        if found["cycle"]["state"] != "CUT":
            live.post("/v1/sandbox/advance", {"to": "PT61S"}, key="operator")
    return found


def test_a_cycle_is_open_and_gathers(net):
    assert ("done", "OPEN") == (net.opened["outcome"], net.opened["state"])
    row = net.get("/v1/cycles?currency=AED&state=open", key=MRUL).json["items"][0]
    assert (net.cycle, "command", None) == (row["cycle_id"], row["trigger"], row["cut_at"])
    assert ("refused", "CYCLE_IS_OPEN") == (
        lambda told: (told["outcome"], told["refusal"]["code"])
    )(net.post("/v1/cycles", {"currencies": ["AED"]}, key="STAGAEA0").json)  # fmt: skip


def test_it_is_cut_planned_paid_in_and_settles(net):
    """150 there, 150 on, 140 back: GHAF owes 10, TAMR is owed 10."""
    assert ("done", None) == by_two(net, f"/v1/cycles/{net.cycle}/cut", {"reason": "EARLY"})
    found = until(net, "FUNDING")
    (aed,) = found["by_currency"]
    assert ("440.00", "440.00", 0) == (aed["gathered"]["value"], aed["bound"]["value"], aed["distance_bp"])
    assert {GHAF: ("150.00", "140.00", "-10.00", "10.00"), SIDR: ("150.00", "150.00", "0.00", "0.00"),
            TAMR: ("140.00", "150.00", "10.00", "0.00")} == {
        one["participant"]: tuple(one[name]["value"] for name in ("out", "back", "net", "called"))
        for one in found["participants"]
    }  # fmt: skip
    much = {"currency": "AED", "amount": {"asset": "AED", "value": "10.01"}}
    told = net.post(f"/v1/cycles/{net.cycle}/pay-in", much).json
    assert "PAY_IN_EXCEEDS_CALL" == told["refusal"]["code"]
    assert "done" == net.post(f"/v1/cycles/{net.cycle}/pay-in", {"currency": "AED"}).json["outcome"]
    found = until(net, "CLOSED", "STATEMENTS")
    (aed,) = found["by_currency"]

    assert (3, "440.00", "440.00", 0) == (
        aed["settles_count"], aed["settles"]["value"], aed["bound"]["value"], aed["distance_bp"]
    )  # fmt: skip
    assert found["cycle"]["closed_at"]
    assert found["bundle_id"]
    assert [] == net.get("/v1/queue").json["items"]


def test_figures_are_public_and_rows_ones_own(net):
    for key, rows in ((GHAF, [GHAF]), (MRUL, []), ("STAGAEA0 overseer", [GHAF, SIDR]),
                      ("auditor", [GHAF, SIDR, TAMR])):  # fmt: skip
        found = shown(net, key)

        assert "440.00" == found["by_currency"][0]["settles"]["value"], key
        assert rows == sorted(one["participant"] for one in found["participants"]), key


# Messages


def letters(net, key, *events):
    """Give a bank's messages about these events of the cycle, oldest first: (event, id, tree)."""
    rows = net.get("/v1/messages?limit=500", key=key).json["items"]
    mine = [row for row in rows if row["subject"] == net.cycle and row["event"] in events]
    return [(row["event"], row["message"], net.get(row["raw"], key=key).body) for row in reversed(mine)]


def texts(raw, path):
    """Give the texts at a path of local names that begins anywhere in a message."""
    steps = "/".join(f"{{*}}{name}" for name in path.split("/"))
    return [one.text for one in etree.fromstring(raw).iterfind(f".//{steps}")]


def test_a_call_for_a_pay_in_is_a_pending_debit_with_its_last_instant(net):
    """GHAF is called for 10.00; TAMR is told that it will get as much; SIDR, who is even, has no entry."""
    for key, entries, account in ((GHAF, [("10.00", "DBIT", "PDNG")], f"{GHAF}/AED"),
                                  (TAMR, [("10.00", "CRDT", "PDNG")], f"{TAMR}/AED"),
                                  (SIDR, [], f"{SIDR}/AED")):  # fmt: skip
        ((_, message, raw),) = letters(net, key, "cycle.notified")
        columns = (texts(raw, f"Ntry/{name}") for name in ("Amt", "CdtDbtInd", "Sts/Cd"))
        found = list(zip(*columns, strict=True))

        assert ("camt.054", entries) == (message, found)
        assert [account] == texts(raw, "Acct/Id/Othr/Id")
        cycle = shown(net)["cycle"]
        (due_at,) = texts(raw, "ValDt/DtTm") if entries else [cycle["deadline_at"]]
        assert cycle["cut_at"] < due_at <= cycle["deadline_at"]
        assert shown(net)["certificate"] in texts(raw, "AddtlNtfctnInf")[0]


def test_a_pay_in_is_booked_on_both_accounts_and_comes_back_with_the_bundle(net):
    """Out of the settlement account and onto the one for pay-ins; then the other way."""
    until(net, "STATEMENTS")
    net.project()
    (_, _, paid), (_, _, back) = letters(net, GHAF, "cycle.paid") + [
        one for one in letters(net, GHAF, "cycle.statement") if one[1] == "camt.054"
    ]

    assert (
        [f"{GHAF}/AED", f"{GHAF}/AED/cycle"]
        == texts(paid, "Acct/Id/Othr/Id")
        == texts(back, "Acct/Id/Othr/Id")
    )
    assert ["10.00", "10.00"] == texts(paid, "Ntry/Amt") == texts(back, "Ntry/Amt")
    assert ["DBIT", "CRDT"] == [
        one.findtext("{*}CdtDbtInd") for one in etree.fromstring(paid).iter("{*}Ntry")
    ]
    assert ["CRDT", "DBIT"] == [
        one.findtext("{*}CdtDbtInd") for one in etree.fromstring(back).iter("{*}Ntry")
    ]
    assert [] == letters(net, TAMR, "cycle.paid")


def minor(text):
    return int(text.replace(".", ""))


def booked(one):
    """Give the entries of a statement: signed minor units, UETR or None."""
    return [
        (minor(entry.findtext("{*}Amt")) * (1 if entry.findtext("{*}CdtDbtInd") == "CRDT" else -1),
         entry.findtext(".//{*}UETR"))
        for entry in one.iter("{*}Ntry")
    ]  # fmt: skip


def around(one):
    """Give opening and closing balance of a statement, signed minor units."""
    rows = {bal.findtext(".//{*}CdOrPrtry/{*}Cd"): bal for bal in one.iter("{*}Bal")}
    assert {"OPBD", "CLBD"} <= set(rows)
    return [
        minor(rows[code].findtext("{*}Amt")) * (1 if rows[code].findtext("{*}CdtDbtInd") == "CRDT" else -1)
        for code in ("OPBD", "CLBD")
    ]


def test_statements_of_a_cycle_add_up_to_the_ledger_leg_by_leg(net):
    """OPBD and the entries make CLBD, which the account holds; the legs have the hash that the member was told."""
    for key, own in ((GHAF, True), (SIDR, False), (TAMR, False)):
        ((raw),) = [raw for _, message, raw in letters(net, key, "cycle.statement") if message == "camt.053"]
        first, *more = etree.fromstring(raw).iter("{*}Stmt")
        opening, closing = around(first)
        entries = booked(first)

        assert closing == opening + sum(amount for amount, _ in entries)
        assert closing == net.balance(key, "AED")
        assert 2 + own == len(entries)
        digest = sha256()
        for amount, uetr in entries:
            if uetr:
                digest.update(UUID(uetr).bytes + abs(amount).to_bytes(16, "big") + bytes([amount > 0]))
        assert digest.hexdigest() in first.findtext("{*}AddtlStmtInf")
        assert [[1000, 0]] * own == [around(one) for one in more]
        assert [[(-1000, None)]] * own == [booked(one) for one in more]
        assert {"INTM"} == {one.text for one in etree.fromstring(raw).iterfind(".//{*}SubTp/{*}Cd")}


def test_messages_about_a_cycle_are_valid_ones_own_and_the_same_for_ever(net):
    events = ("cycle.notified", "cycle.pay_in_is_due", "cycle.paid", "cycle.returned", "cycle.statement")
    found = [one for key in (GHAF, SIDR, TAMR) for one in letters(net, key, *events)]
    assert found == [one for key in (GHAF, SIDR, TAMR) for one in letters(net, key, *events)]
    assert {"camt.053", "camt.054"} == {message for _, message, _ in found}
    for _, _, raw in found:
        assert check(raw, schema_context(), level=Level.SCHEMA).outcome is Outcome.ACCEPTED
    rows = net.get("/v1/messages?limit=500", key=GHAF).json["items"]
    about = next(row for row in rows if row["event"] == "cycle.statement")
    assert [200, 404] == [net.get(about["raw"], key=key).status for key in (GHAF, TAMR)]
    assert about == net.get(f"/v1/messages/{about['id']}", key=GHAF).json
    assert 404 == net.get(f"/v1/messages/{about['id']}-2/raw", key=GHAF).status


@pytest.mark.skipif(SHARED is None, reason="the shared data is not here")
def test_messages_about_a_cycle_pass_the_published_schemas(net):
    names = ("camt.053.001.08", "camt.054.001.08")
    official = load_dir({name: (SHARED / "iso20022" / "xsd" / f"{name}.xsd").read_bytes() for name in names})
    assert isinstance(official, Official)
    for _, message, raw in letters(net, GHAF, "cycle.notified", "cycle.paid", "cycle.statement"):
        (body,) = etree.fromstring(raw).iter("{*}Document")

        assert official[f"{message}.001.08"].accepts(body)


def test_the_file_of_a_cycle_is_for_those_who_audit_and_proves_it(net):
    path = f"/v1/cycles/{net.cycle}/certificate"
    answer = net.get(path, key="auditor")
    found = cycle_file.read(answer.body)

    assert [GHAF, SIDR, TAMR] == sorted(one.participant for one in found.report.participants)
    assert [15_000, 15_000, 14_000] == [one.settled_minor for one in found.obligations]
    assert [GHAF, SIDR, TAMR] == sorted(one.participant for one in found.told)
    assert cycle_file.Verdict(1, 3, 3, ()) == cycle_file.verify(found)
    assert shown(net)["certificate"] == found.report.certificate
    assert [200, 403, 404] == [
        net.get(path, key=key).status for key in ("STAGAEA0 overseer", GHAF, "STAGINB0 overseer")
    ]


def test_one_is_cancelled_and_everything_queued_again(net):
    told = net.post(
        "/v1/cycles", {"currencies": ["AED"], "cut_at": "2030-01-01T00:00:00Z"}, key="STAGAEA0"
    ).json
    cycle = told["subject"]
    assert "CYCLE_STATE_FORBIDS" == by_two(net, f"/v1/cycles/{cycle}/extend", {"by_ms": 1_000})[1]
    assert ("done", None) == by_two(net, f"/v1/cycles/{cycle}/exclude", {"participant": TAMR})
    assert ("done", None) == by_two(net, f"/v1/cycles/{cycle}/cancel", {"reason": "TEST"})
    found = shown(net, cycle=cycle)["cycle"]

    assert ("CANCELLED", "TEST") == (found["state"], found["reason"])
    assert cycle not in [one["cycle_id"] for one in net.get("/v1/cycles?state=open").json["items"]]


def test_a_reminder_and_a_returned_pay_in_are_messages_too(net):
    """GHAF owes 15, pays 5, is told of the other 10 as pending, and gets its 5 back when the cycle is cancelled."""
    opened = net.post("/v1/cycles", {"currencies": ["AED"]}, key="operator").json
    net.cycle, before = opened["subject"], net.cycle
    pay(net, SIDR, "20.00", key=GHAF)
    pay(net, GHAF, "5.00", key=SIDR)
    assert ("done", None) == by_two(net, f"/v1/cycles/{net.cycle}/cut", {"reason": "EARLY"})
    until(net, "FUNDING")
    part = {"currency": "AED", "amount": {"asset": "AED", "value": "5.00"}}
    assert "done" == net.post(f"/v1/cycles/{net.cycle}/pay-in", part).json["outcome"]
    net.post("/v1/sandbox/advance", {"to": "PT20M"}, key="operator")
    assert ("done", None) == by_two(net, f"/v1/cycles/{net.cycle}/cancel", {"reason": "TEST"})
    net.project()

    (_, _, due), *_ = letters(net, GHAF, "cycle.pay_in_is_due")
    assert [("10.00", "DBIT", "PDNG")] == list(
        zip(*(texts(due, f"Ntry/{name}") for name in ("Amt", "CdtDbtInd", "Sts/Cd")), strict=True)
    )
    ((_, _, back),) = letters(net, GHAF, "cycle.returned")
    assert [f"{GHAF}/AED", f"{GHAF}/AED/cycle"] == texts(back, "Acct/Id/Othr/Id")
    assert [("5.00", "CRDT"), ("5.00", "DBIT")] == list(
        zip(texts(back, "Ntry/Amt"), texts(back, "Ntry/CdtDbtInd"), strict=True)
    )
    for raw in (due, back):
        assert check(raw, schema_context(), level=Level.SCHEMA).outcome is Outcome.ACCEPTED
    file = cycle_file.read(net.get(f"/v1/cycles/{net.cycle}/certificate", key="auditor").body)
    assert any("has not settled" in fault for fault in cycle_file.verify(file).faults)
    net.cycle = before


def test_cuts_have_a_calendar(net):
    body = {"currencies": ["INR", "ZAR"], "cuts": ["16:30", "09:00"]}
    assert "done" == net.ask("PUT", "/v1/cycle-schedules", body=body, key="operator").json["outcome"]
    (row,) = net.get("/v1/cycle-schedules", key=MRUL).json["items"]

    assert (["INR", "ZAR"], ["09:00", "16:30"]) == (row["currencies"], row["cuts"])
    bad = net.ask("PUT", "/v1/cycle-schedules", body=body | {"cuts": ["24:00"]}, key="operator")
    assert (422, "/cuts/0") == (bad.status, bad.json["errors"][0]["pointer"])
    assert "done" == net.ask(
        "PUT", "/v1/cycle-schedules", body={"currencies": ["INR", "ZAR"]}, key="operator"
    ).json["outcome"]  # fmt: skip
    assert [] == net.get("/v1/cycle-schedules").json["items"]


def test_a_cycle_that_is_none_is_not_found(net):
    assert 404 == net.get(f"/v1/cycles/{NOBODY}").status
    assert 404 == net.post(f"/v1/cycles/{NOBODY}/pay-in", {"currency": "AED"}).status
    assert 403 == net.post(f"/v1/cycles/{net.cycle}/cancel", {}, key=GHAF).status
    wrong = {"currency": "AED", "amount": {"asset": "INR", "value": "1.00"}}
    assert 422 == net.post(f"/v1/cycles/{net.cycle}/pay-in", wrong).status


def test_the_days_statement_holds_the_legs_of_the_cycle(net):
    """After midnight: the day's camt.053 of both accounts of GHAF ends with what they hold."""
    on = net.get(f"/v1/cycles/{net.cycle}").json["cycle"]["closed_at"][:10]
    balance = net.balance(GHAF, "AED")
    net.post("/v1/sandbox/advance", {"to": "PT48H"}, key="operator")
    for account, closing in ((f"{GHAF}~AED", balance), (f"{GHAF}~AED~cycle", 0)):
        raw = net.ask("GET", f"/v1/statements/{account}/{on}", headers={"accept": "application/xml"}).body
        (one,) = etree.fromstring(raw).iter("{*}Stmt")
        opened, closed = around(one)
        own = [amount for amount, _ in booked(one) if abs(amount) == 1000]

        assert (closed, 0) == (closing, opened + sum(amount for amount, _ in booked(one)) - closed)
        assert sorted(own) == [-1000, 1000]
