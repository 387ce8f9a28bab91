"""Accounts, money, sheets, trades, members, participants, people, approvals: each command against a real node."""

import json

from steelyard.values.instants import DAY, format_instant
from tests.api.world import BNYN, FYNB, GHAF, PROVIDER, SIDR, START, TAMR

UNKNOWN = "00000000-0000-4000-8000-00000000abcd"
AGENT = {"first": "STAGAEA0 1", "second": "STAGAEA0 2"}
OPERATORS = {"first": "operator", "second": "operator 2"}


def test_accounts_are_listed_shown_and_followed(at):
    """By name and by number, one's own alone."""
    rows = at("account", "list").rows
    assert {f"{GHAF}/AED", f"{GHAF}/INR", f"{GHAF}/ZAR"} <= {row["name"] for row in rows}
    shown = at("account", "show", f"{GHAF}/AED", "--json").json[0]
    assert shown == at("account", "show", shown["account_no"], "--json").json[0]
    assert 0 == at("account", "legs", f"{GHAF}/AED", "-n", "3").code
    assert [] == at("account", "reservations", f"{GHAF}/AED").rows
    assert 2 == at("account", "show", f"{SIDR}/AED").code


def test_a_further_account_is_opened_filled_and_closed(at):
    """What is set aside for a purpose."""
    opened = at("account", "open", "AED", "reserved", "salaries", who=f"{GHAF} maker")
    assert 0 == opened.code, opened
    name = opened.fields["subject"]
    moved = at("account", "move", f"{GHAF}/AED", name, "AED 25.00")
    assert 0 == moved.code, moved
    assert "AED 25.00" == at("account", "show", name).fields["balance"]
    assert 1 == at("account", "close", name).code
    assert 0 == at("account", "move", name, f"{GHAF}/AED", "AED 25.00").code
    assert 0 == at("account", "close", name).code


def test_a_settlement_agent_blocks_and_unblocks_an_account(at, approved):
    """The block by one, its lift by two."""
    blocked = at("account", "block", f"{SIDR}/AED", "--credits-only", who="STAGAEA0 1")
    assert 0 == blocked.code, blocked
    lifted = approved("account", "unblock", f"{SIDR}/AED", **AGENT)
    assert 0 == lifted.code, lifted
    bounded = approved("account", "bounds", f"{SIDR}/AED", "--ceiling", "900000000.00", **AGENT)
    assert 0 == bounded.code, bounded
    assert 6 == at("account", "block", f"{SIDR}/AED", who=GHAF).code


def test_a_statement_is_fetched_in_three_forms_once_the_day_has_ended(at, tmp_path):
    """Before, there is none."""
    assert 2 == at("statement", f"{GHAF}/AED", "2026-11-23").code
    file = tmp_path / "statement.xml"
    for form in ("table", "csv", "camt.053"):
        assert 2 == at("statement", f"{GHAF}/AED", "2026-11-23", "--form", form, "--out", file).code
    assert not file.exists()


def test_money_is_asked_in_and_taken_out(at):
    """Each comes back with its id and state."""
    funded = at("fund", "AED 500.00")
    assert (0, "ASKED") == (funded.code, funded.fields["state"])
    redeemed = at("redeem", "AED 40.00")
    assert 0 == redeemed.code, redeemed
    assert 1 == at("redeem", "AED 999999999999.00").code
    assert 2 == at("fund", "500.00").code


def test_a_funding_is_advised_refused_and_listed(at):
    """By the settlement agent; what is advised is issued by its rule or listed for a ruling."""
    first = at("fund", "AED 61.00").fields["subject"]
    second = at("fund", "AED 62.00").fields["subject"]
    advised = at(
        "funding", "advise", GHAF, "AED 61.00", "--advice", "A-61", "--funding", first, who="STAGAEA0"
    )
    assert 0 == advised.code, advised
    refused = at("funding", "refuse", second, "--reason", "no lock", who="STAGAEA0")
    assert (0, "REFUSED") == (refused.code, refused.fields["state"])
    rows = {row["funding"]: row for row in at("funding", "list").rows}
    assert ("AED 62.00", "REFUSED") == (rows[second]["amount"], rows[second]["state"])
    assert second in [row["funding"] for row in at("funding", "list", "--state", "refused").rows]
    assert 2 == at("funding", "rule", first, who="STAGAEA0 1").code
    assert 2 == at("funding", "rule", first, "--issue", "--pay-back", who="STAGAEA0 1").code
    assert at("funding", "rule", first, "--issue", who="STAGAEA0 1").code in (0, 1)


def test_a_redemption_is_advised_withdrawn_and_listed(at):
    """What the RTGS paid leaves the network; one that is ordered cannot be taken back."""
    redeemed = at("redeem", "AED 71.00").fields
    name = redeemed["subject"]
    assert at("redemption", "withdraw", name).code in (0, 1)
    other = at("redeem", "AED 72.00").fields["subject"]
    paid = at("redemption", "advise", other, "AED 72.00", "--paid", "--payout", "P-72", who="STAGAEA0")
    assert paid.code in (0, 1), paid
    assert {name, other} <= {row["redemption"] for row in at("redemption", "list").rows}
    assert 2 == at("redemption", "advise", other, "AED 72.00", who="STAGAEA0").code
    assert 2 == at("redemption", "rule", other, "--statement", "S-1", who="STAGAEA0 1").code
    assert at("redemption", "rule", other, "--statement", "S-1", "--unpaid", who="STAGAEA0 1").code in (0, 1)


def test_a_currency_is_shown_and_ruled(at, tmp_path, approved):
    """By its settlement agent, two people of it."""
    assert "AED 1000000000000000.00" == at("currency", "show", "AED").fields["cap"]
    assert (
        0
        == approved("currency", "cap", "ZAR 900000000000000.00", first="STAGZAJ0 1", second="STAGZAJ0 2").code
    )
    assert "ZAR 900000000000000.00" == at("currency", "show", "ZAR").fields["cap"]
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"open_to_all": True, "issue_line": "5.00", "fund_on_advice": True}))
    assert 0 == approved("currency", "rules", "ZAR", file, first="STAGZAJ0 1", second="STAGZAJ0 2").code
    assert "ZAR 5.00" == at("currency", "show", "ZAR").fields["issue_line"]
    at_text = format_instant(START)
    file.write_text(json.dumps({"asset": "ZAR", "statement": "S-1", "until_at": at_text, "closing": "0.00"}))
    assert at("currency", "reconcile", file, who="STAGZAJ0").code in (0, 1)
    assert at("currency", "clear", "ZAR", "--reason", "looked", who="STAGZAJ0 1").code in (0, 1)
    assert at("currency", "ask", "AED").code in (0, 1)
    assert 2 == at("currency", "rules", "ZAR", tmp_path / "none", who="STAGZAJ0 1").code


def test_reference_rates_are_entered_and_listed(at, tmp_path):
    """By a settlement agent, of its own currency."""
    file = tmp_path / "rates.json"
    rate = {"base": "ZAR", "quote": "INR", "rate": "4.7"}
    file.write_text(json.dumps({"source": "test", "at": format_instant(START), "rates": [rate]}))

    put = at("fx", "put", file, who="STAGZAJ0")

    assert 0 == put.code, put
    assert ("ZAR", "INR", "4.7") in {
        (row["base"], row["quote"], row["rate"]) for row in at("fx", "rates").rows
    }


def test_a_settlement_agent_confirms_a_rate_and_says_how_rates_are_judged(at, tmp_path):
    """It alone; a kind that the currency does not use is turned away."""
    file, as_of = tmp_path / "rates.json", format_instant(START)
    rate = {"base": "ZAR", "quote": "AED", "rate": "0.2"}
    file.write_text(json.dumps({"source": "test", "at": as_of, "rates": [rate], "kind": "interbank"}))
    assert 0 == at("fx", "put", file, who="STAGZAJ0").code

    sure = at("fx", "confirm", "ZAR", "AED", "interbank", as_of, who="STAGZAJ0")
    file.write_text(json.dumps({"choices": [{"flow": "pool", "kind": "interbank"}]}))
    judged = at("fx", "rules", "ZAR", file, who="STAGZAJ0")
    file.write_text(json.dumps({"kinds": ["market"], "choices": [{"flow": "pool", "kind": "interbank"}]}))
    wrong = at("fx", "rules", "ZAR", file, who="STAGZAJ0")

    assert (0, 0, 1) == (sure.code, judged.code, wrong.code)
    assert ("ZAR", "AED", "interbank") in {
        (row["base"], row["quote"], row["kind"]) for row in at("fx", "rates").rows
    }


def test_money_is_issued_by_hand_by_two(at, approved):
    """One alone proposes; who is no settlement agent may not at all."""
    before = at("account", "show", f"{SIDR}/AED", "--json", who=SIDR).json[0]["balance"]["amount_minor"]

    issued = approved("issue", SIDR, "AED 7.00", "--reference", "lock 4711", **AGENT)

    assert 0 == issued.code, issued
    after = at("account", "show", f"{SIDR}/AED", "--json", who=SIDR).json[0]["balance"]["amount_minor"]
    assert 700 == int(after) - int(before)
    assert 6 == at("issue", GHAF, "AED 7.00", "--reference", "x", who=GHAF).code


def test_a_proposal_is_shown_declined_and_gone(at):
    """With every field of what is proposed; a wrong digest changes nothing."""
    proposed = at("issue", SIDR, "AED 8.00", "--reference", "lock 4712", "--json", who="STAGAEA0 1").json[0]
    shown = at("approval", "show", proposed["subject"], "--json", who="STAGAEA0 2").json[0]
    assert ("PROPOSED", "issue", 800) == (shown["state"], shown["command"], shown["fields"]["amount_minor"])
    listed = at("approval", "list", "--state", "proposed", who="STAGAEA0 2").rows
    assert shown["shown"] in {row["shown"] for row in listed}
    assert 1 == at("approval", "approve", shown["proposal"], "--shown", "0" * 64, who="STAGAEA0 2").code
    assert 1 == at("approval", "approve", shown["proposal"], "--shown", shown["shown"], who="STAGAEA0 1").code
    declined = at("approval", "decline", shown["proposal"], "--shown", shown["shown"], who="STAGAEA0 2")
    assert 0 == declined.code, declined
    assert 0 < at("approval", "approve", shown["proposal"], "--shown", shown["shown"], who="STAGAEA0 2").code


def test_a_limit_is_set(at):
    """A pair names its other side, the rest does not."""
    assert 0 == at("limit", "set", "net_debit", "AED 50000000.00").code
    assert 0 == at("limit", "set", "pair", "AED 50000000.00", "--other", SIDR).code
    assert 2 == at("limit", "set", "pair", "AED 1.00").code
    assert 2 == at("limit", "set", "flow", "AED 1.00", "--other", SIDR).code


def test_sheets_are_published_listed_and_withdrawn(at, tmp_path):
    """From flags or from a file; by a provider alone."""
    until = format_instant(START + 20 * DAY)
    flags = (
        "--sell", "AED", "--buy", "ZAR", "--tier", "0:4.78", "--tier", "1000:4.79", "--min", "1.00",
        "--max", "100000.00", "--valid-until", until,
    )  # fmt: skip

    put = at("sheet", "put", *flags, who=PROVIDER)

    assert (0, "AED/ZAR") == (put.code, put.fields["subject"])
    rows = at("sheet", "list", "--sell", "AED", "--buy", "ZAR").rows
    assert [PROVIDER] == [row["provider"] for row in rows]
    file = tmp_path / "sheet.json"
    sheet = {
        "sell": "AED", "buy": "ZAR", "tiers": [{"from_value": "0", "rate": "4.8"}], "min": "1.00", "max": "9.00",
        "valid_until": until,
    }  # fmt: skip
    file.write_text(json.dumps(sheet))
    assert 0 == at("sheet", "put", "--file", file, who=PROVIDER).code
    assert 0 == at("sheet", "withdraw", "AED", "ZAR", who=PROVIDER).code
    assert [] == at("sheet", "list", "--sell", "AED", "--buy", "ZAR").rows
    assert 6 == at("sheet", "put", "--file", file, who=GHAF).code
    assert 2 == at("sheet", "put", "--tier", "4.78", who=PROVIDER).code
    assert 2 == at("sheet", "put", "--sell", "AED", who=PROVIDER).code


def test_a_trade_of_two_sides_is_entered_and_taken_back(at):
    """One side alone waits; the other enters its own."""
    words = ("trade", "enter", TAMR, "--pays", "AED 100.00", "--gets", "INR 2250.00", "--on", "2026-11-24")

    entered = at(*words)

    assert 0 == entered.code, entered
    trade = entered.fields["subject"]
    assert trade in [row["trade"] for row in at("trade", "list").rows]
    assert 0 == at("trade", "cancel", trade).code
    assert 2 == at("trade", "cancel", UNKNOWN).code


def test_members_and_participants_are_listed(at):
    """By whoever takes part."""
    assert {"AE", "IN", "ZA"} <= {row["code"] for row in at("member", "list").rows}
    rows = at("participant", "list", "--member", "IN", who=FYNB).rows
    assert {TAMR, BNYN} <= {row["bic"] for row in rows}
    assert "ACTIVE" == at("participant", "show", TAMR, who=FYNB).fields["state"]


def test_a_member_is_entered_by_two(at, approved):
    """Configured only once its calendar is there: a refusal by rule comes out of the approval."""
    entered = approved(
        "member",
        "add",
        "EG",
        "--name",
        "Egypt",
        "--asset",
        "EGP",
        "--settlement-agent",
        "STAGEGC0",
        **OPERATORS,
    )
    assert 0 == entered.code, entered
    assert "EG" in [row["code"] for row in at("member", "list").rows]
    moved = approved("member", "move", "EG", "configure", **OPERATORS)
    assert 1 == moved.code, moved
    assert 2 == at("member", "move", "EG", "dance", who="operator").code


def test_a_participant_is_entered_let_in_suspended_and_lifted(at, approved):
    """All by two people; another turned away."""
    words = ("--member", "AE", "--name", "Palm Bank", "--currency", "AED")
    assert 0 == approved("participant", "add", "PALMAEA0", *words, **OPERATORS).code
    for actor, role in (("p-palm-1", "maker"), ("p-palm-2", "checker")):
        added = approved("user", "add", actor, "--owner", "PALMAEA0", "--role", role, **OPERATORS)
        assert 0 == added.code, added
    key = ("--owner", "PALMAEA0", "--role", "maker", "--holder", "p-palm-1", "--public-key", "ab" * 32)
    assert 0 == approved("user", "add", "k-palm", *key, **OPERATORS).code
    for step in ("admit", "let-in"):
        moved = approved("participant", step, "PALMAEA0", **OPERATORS)
        assert 0 == moved.code, (step, moved)
    assert 0 == approved("participant", "suspend", "PALMAEA0", "--reason", "test", **OPERATORS).code
    assert "SUSPENDED" == at("participant", "show", "PALMAEA0").fields["state"]
    assert 0 == approved("participant", "lift", "PALMAEA0", **OPERATORS).code
    assert 0 == approved("participant", "add", "DATEAEA0", *words, **OPERATORS).code
    assert 0 == approved("participant", "refuse", "DATEAEA0", **OPERATORS).code
    assert 6 == at("participant", "suspend", "PALMAEA0", who=GHAF).code


def test_settings_are_changed_against_their_version(at):
    """What is left out stays."""
    before = at("participant", "show", BNYN, "--settings", "--json", who=BNYN).json[0]

    changed = at(
        "participant", "set", BNYN, "--accept", "AED:1000.00", "--requote-tolerance-bp", "25", who=BNYN
    )

    assert 0 == changed.code, changed
    after = at("participant", "show", BNYN, "--settings", "--json", who=BNYN).json[0]
    assert "1000.00" == after["accepts"]["AED"]
    assert 25 == after["requote_tolerance_bp"]
    assert before["outside_hours"] == after["outside_hours"]
    assert 2 == at("participant", "set", BNYN, "--outside-hours", "never", who=BNYN).code


def test_people_are_added_given_roles_and_revoked(at, approved):
    """A person's one-time code is shown to who proposed it, once."""
    added = at("user", "add", "p-ghaf-9", "--owner", GHAF, "--role", "maker", who="operator")
    assert 0 == added.code, added
    assert "enrolment code" in added.fields
    assert 0 == approved("user", "add", "p-ghaf-8", "--owner", GHAF, "--role", "maker", **OPERATORS).code
    assert 0 == approved("user", "roles", "p-ghaf-8", "--role", "checker", **OPERATORS).code
    assert "checker" == {row["actor"]: row["roles"] for row in at("user", "list").rows}["p-ghaf-8"]
    assert 0 == approved("user", "revoke", "p-ghaf-8", **OPERATORS).code
    assert "maker" in at("user", "me").fields["roles"]
    assert 2 == at("user", "add", "p-x", "--owner", GHAF, "--role", "king", who="operator").code
    assert 2 == at("user", "roles", "p-x", "--role", "king", who="operator").code
    assert 2 == at("user", "add", "k-x", "--owner", GHAF, "--role", "maker", who="operator").code


def test_calendars_are_shown_and_amended(at, tmp_path, approved):
    """Three currencies that are always open here."""
    assert {"AED", "INR", "ZAR"} <= {row["asset"] for row in at("calendar", "list").rows}
    days = at("calendar", "show", "AED", "--from-on", "2026-11-23", "--to-on", "2026-11-25").rows
    assert ["2026-11-23", "2026-11-24", "2026-11-25"] == [row["day"] for row in days]
    assert 0 == at("calendar", "common", "AED", "INR").code
    assert 2 == at("calendar", "common", "XYZ").code
    file = tmp_path / "calendar.json"
    file.write_text(json.dumps({"revision": 2, "always_open": True}))
    amended = at("calendar", "amend", "ZAR", file, "--json", who="STAGZAJ0 1")
    assert amended.code in (0, 1), amended
    file.write_text(json.dumps({"revision": 0}))
    assert 2 == at("calendar", "amend", "ZAR", file, who="STAGZAJ0 1").code


def test_a_participant_decides_about_itself_alone(at):
    """Not about another."""
    assert 2 == at("participant", "set", SIDR, "--best-quote", who=GHAF).code
    left = at("participant", "leave", SIDR, who=SIDR)
    assert (0, "PROPOSED") == (left.code, left.fields["state"])
