"""Status, messages, events, keys, sandbox, and how trouble with a node ends a command."""

import uuid

import pytest

from steelyard.client import Key
from steelyard.client.types import Trade
from tests.api import messages
from tests.api.world import FYNB, GHAF, SIDR, TAMR
from tests.client.server import STATUS, Break, in_turn, problem, says, serving


def test_status_needs_no_key(alone, network):
    """The node, and each member."""
    shown = alone("status", "--url", network.address)

    assert 0 == shown.code, shown
    assert ("small", "simulated") == (shown.fields["network"], shown.fields["clock"])
    assert "\nAE\tAED\tACTIVE\tyes\t" in shown.out
    (one,) = alone("status", "--url", network.address, "--json").json
    assert {"AE", "IN", "ZA"} <= {member["code"] for member in one["members"]}


def test_a_key_of_ones_own_is_made_used_and_revoked(at, alone, network, tmp_path):
    """Shown once, or written to a file of one's own."""
    made = at("api-key", "new", "--label", "nightly", "--scope", "read", "--days", "7")
    assert 0 == made.code, made
    assert "read" == made.fields["scopes"]
    file = tmp_path / "ghaf.key"
    saved = at("api-key", "new", "--save", file)
    assert (0, str(file)) == (saved.code, saved.fields["saved"])
    assert "sk_" not in saved.out
    used = alone("user", "me", "--url", network.address, "--key-file", file, "--json")
    assert GHAF == used.json[0]["owner"]
    assert {made.fields["id"], Key.load(file).id} <= {row["id"] for row in at("api-key", "list").rows}
    assert "revoked" == at("api-key", "revoke", Key.load(file).id).fields["state"]
    assert 2 == at("api-key", "revoke", "0" * 16).code
    barred = alone(
        "pay", "--to", TAMR, "--amount", "INR 1.00", "--url", network.address, "--key", made.fields["key"]
    )
    assert (6, "") == (barred.code, barred.out)


def test_a_key_is_made_in_the_folder_of_a_node(alone, network, monkeypatch):
    """For the first of all; the node takes it at once."""
    folder = network.folder
    made = alone("api-key", "new", "--node", folder, "--owner", FYNB, "--holder", f"k-{FYNB}", "--json")
    assert 0 == made.code, made
    (key,) = made.json
    monkeypatch.setenv("STEELYARD_KEY", key["key"])
    assert FYNB == alone("user", "me", "--url", network.address).fields["owner"]
    assert key["id"] in [
        row["id"] for row in alone("api-key", "list", "--node", folder, "--owner", FYNB).rows
    ]
    assert "revoked" == alone("api-key", "revoke", key["id"], "--node", folder).fields["state"]
    assert 1 == alone("api-key", "revoke", key["id"], "--node", folder).code
    for tokens in (
        ("new", "--node", folder), ("new", "--owner", FYNB), ("list", "--node", folder),
        ("new", "--node", folder, "--owner", FYNB, "--holder", "k-x", "--days", "900"),
        ("list", "--node", folder / "none", "--owner", FYNB),
    ):  # fmt: skip
        assert 2 == alone("api-key", *tokens).code


def test_messages_are_sent_checked_listed_and_fetched(at, network, tmp_path):
    """One good, one that breaks a rule."""
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    uetr = str(uuid.uuid4())
    good.write_bytes(messages.message(GHAF, messages.transfer(GHAF, SIDR, target="AED", uetr=uetr)))
    bad.write_bytes(b"<a/>")

    sent = at("message", "send", good)

    assert 0 == sent.code, sent
    assert ["SETTLED"] == [row["state"] for row in sent.rows]
    xml = at("message", "send", "--xml", good)
    assert (0, True) == (xml.code, "pacs.002" in xml.out)
    refused = at("message", "send", "--xml", bad)
    assert (1, True) == (refused.code, "admi.002" in refused.out)
    dear = tmp_path / "dear.xml"
    dear.write_bytes(messages.message(GHAF, messages.transfer(GHAF, SIDR, target="AED", amount="0.00")))
    rejected = at("message", "send", "--xml", dear)
    assert (1, True) == (rejected.code, "<TxSts>RJCT<" in rejected.out)
    assert (0, "accepted") == (
        at("message", "check", good).code,
        at("message", "check", good, "--json").json[0]["outcome"],
    )
    assert 1 == at("message", "check", bad).code
    assert at("message", "send", bad).code in (1, 2)
    assert 2 == at("message", "send", tmp_path / "none.xml").code
    one = at("message", "list", "-n", "1", who=SIDR).rows[0]
    assert uetr == one["subject"]
    assert one["id"] == at("message", "show", one["id"], who=SIDR).fields["id"]
    assert uetr in at("message", "show", one["id"], "--raw", who=SIDR).out


def test_events_are_followed(at):
    """From one that is known; the stream ends after as many as one wants."""
    at("fund", "AED 1.00")
    pay = ("pay", "--to", TAMR, "--payer", "A B", "--payer-account", "AE070331234567890123456", "--payee", "C D",
           "--payee-account", "IFSC:1", "--amount", "INR 2.00", "--sell", "AED", "--yes")  # fmt: skip
    assert 0 == at(*pay).code

    seen = at("events", "--after", "1-0-0", "-n", "1", "--type", "payment.settled")
    assert (0, "payment.settled") == (seen.code, seen.out.split("\t")[2])
    (one,) = at("events", "--after", "1-0-0", "-n", "1", "--json", "--type", "payment.settled").json
    assert "payment.settled" == one["type"]


def test_the_clock_of_a_sandbox_moves(at, alone, network):
    """A span on; what cannot be read is bad input, going back is refused."""
    before = alone("status", "--url", network.address).fields["time"]

    moved = at("sandbox", "advance", "PT1S", who="operator")

    assert 0 == moved.code, moved
    assert before < moved.fields["at"]
    assert 2 == at("sandbox", "advance", "soon", who="operator").code
    assert 1 == at("sandbox", "advance", "2020-01-01T00:00:00Z", who="operator").code


def test_no_key_is_not_allowed_in(alone, network):
    """With a hint; so with a wrong one, which is never repeated."""
    nobody = alone("payments", "list", "--url", network.address)
    assert (6, "") == (nobody.code, nobody.out)
    assert "STEELYARD_KEY_FILE" in nobody.err
    wrong = "sk_test_" + "0" * 16 + "_" + "c0ffee11" * 8
    denied = alone("payments", "list", "--url", network.address, "--key", wrong)
    assert 6 == denied.code
    assert "the node that made it alone" in denied.err
    malformed = alone("payments", "list", "--url", network.address, "--key", wrong[:-1])
    assert 2 == malformed.code
    assert "c0ffee" not in denied.err + malformed.err


def test_a_profile_names_address_and_key(alone, network, tmp_path):
    """A flag goes before it; what is no part of a profile is said."""
    place = tmp_path / "config" / "steelyard"
    place.mkdir(parents=True)
    Key(network.keys[GHAF]).save(place / "ghaf.key")
    profiles = place / "profiles.toml"
    profiles.write_text(f'[ghaf]\nurl = "{network.address}"\nkey_file = "ghaf.key"\n[bad]\nport = 1\n')

    assert GHAF == alone("user", "me", "--profile", "ghaf").fields["owner"]
    assert 6 == alone("user", "me", "--profile", "ghaf", "--url", "http://127.0.0.1:9").code
    assert 2 == alone("user", "me", "--profile", "none").code
    assert "port" in alone("user", "me", "--profile", "bad").err
    profiles.write_text("[")
    assert 2 == alone("user", "me").code


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        (problem("not-found", 404), 2, "not-found"),
        (problem("state-forbids", 409, detail="settled"), 1, "settled"),
        (problem("too-many-requests", 429, retryable=True, retry_after="60"), 6, "too-many-requests"),
        (problem("node-is-busy", 503, retryable=True, retry_after="60"), 6, "try again"),
        (problem("outcome-unknown", 504, retryable=True, retry_after="60"), 5, "idempotency-key"),
        (problem("schema-violation", 422, errors=[{"pointer": "/a", "code": "c", "message": "bad"}]), 2, "/a bad"),
        (says({"outcome": "refused", "seq": 3, "iso": "AM04", "refusal": {
            "type": "t", "title": "a rule", "status": 200, "code": "LIQUIDITY_IS_SHORT"}}), 1, "LIQUIDITY_IS_SHORT"),
        (says({"hello": 1}), 6, "no Done"),
    ],
)  # fmt: skip
def test_each_kind_of_trouble_has_its_exit_code_and_one_line(alone, said, code, words):
    """Nothing of it goes to standard output."""
    with serving(in_turn(said)) as server:
        ended = alone("fund", "AED 1.00", "--url", server.address)

    assert (code, "", 1) == (ended.code, ended.out, len(ended.err.splitlines()))
    assert words in ended.err


def test_an_unknown_payment_says_how_to_find_out(alone, monkeypatch):
    """By its UETR, or by the same again under its key."""
    monkeypatch.setattr("steelyard.client.core.Resend.__new__.__defaults__", (0.2, 0.01, 0.05, 0.05))
    with serving(in_turn(problem("outcome-unknown", 504, retryable=True, retry_after="60"))) as server:
        ended = alone("pay", "--to", TAMR, "--amount", "INR 1.00", "--url", server.address)

    assert 5 == ended.code
    assert "steelyard status" in ended.err
    assert "--idempotency-key" in ended.err


def test_a_refusal_as_json_is_on_standard_output(alone):
    """So that a program sees the rule; the line for people stays on the other."""
    refused = {
        "outcome": "refused",
        "seq": 3,
        "refusal": {"type": "t", "title": "x", "status": 200, "code": "NO"},
    }
    with serving(in_turn(says(refused))) as server:
        ended = alone("fund", "AED 1.00", "--url", server.address, "--json")

    assert (1, "NO") == (ended.code, ended.json[0]["refusal"]["code"])


def test_nobody_there_is_exit_code_6(alone):
    """At once, not after half a minute."""
    ended = alone("status", "--url", "http://127.0.0.1:9")

    assert (6, "") == (ended.code, ended.out)
    assert "--url" in ended.err
    assert 2 == alone("status", "--url", "ftp://x").code


def test_a_connection_that_breaks_in_a_read_is_not_reached(alone):
    """Nothing is in doubt where nothing was to change."""
    with serving(in_turn(Break())) as server:
        ended = alone("participant", "list", "--url", server.address)

    assert ended.code == 6


def test_what_a_node_says_cannot_move_the_cursor(alone):
    """Control characters of names are shown, not obeyed."""
    one = dict.fromkeys(Trade.__struct_fields__, "x") | {"state": "Ev\x1b[2Jil\t\u202ex"}
    amount = {"asset": "AED", "value": "1.00", "amount_minor": "100"}
    one |= {"first_pays": amount, "second_pays": amount}
    page = {"items": [one], "next": None, "prev": None, "applied_seq": 1}
    with serving(lambda asked: says(STATUS if asked.target == "/v1/status" else page)) as server:
        ended = alone("trade", "list", "--url", server.address)

    assert "Ev\\x1b[2Jil\\x09\\u202ex" == ended.rows[0]["state"]
