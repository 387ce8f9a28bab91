"""Paying, quoting, looking, taking back: each command against a real node."""

import json

import pytest

from tests.api.world import BNYN, FYNB, GHAF, SIDR, TAMR

UUID = "00000000-0000-4000-8000-0000000000fd"
PAYER = ("--payer", "Layla Haddad", "--payer-account", "AE070331234567890123456")
PAYEE = ("--payee", "Ravi Nair", "--payee-account", "IFSC:0012345678")


def pay(*more):
    """Give the words of a payment to Tamarind."""
    return ("pay", "--to", TAMR, *PAYER, *PAYEE, "--purpose", "GDDS", "--remittance", "Invoice 17", *more)


def test_a_payment_with_the_best_quote_settles_and_can_be_followed(at):
    """The one command that does it all, and what one looks at afterwards."""
    paid = at(*pay("--amount", "INR 7350.00", "--sell", "AED", "--yes"))

    assert (0, "SETTLED", "INR 7350.00") == (paid.code, paid.fields["state"], paid.fields["credit"])
    uetr = paid.fields["uetr"]
    assert ("SETTLED", TAMR) == (at("status", uetr).fields["state"], at("status", uetr).fields["to"])
    steps = at("payments", "timeline", uetr)
    assert "SETTLED" == steps.rows[-1]["after"].upper()
    assert {"AED"} == {row["amount"][:3] for row in at("payments", "legs", uetr).rows}
    assert uetr in [row["uetr"] for row in at("payments", "list", "--state", "settled", "-n", "5").rows]
    assert uetr in [row["uetr"] for row in at("payments", "list", who=TAMR).rows]
    csv = at("payments", "list", "--csv")
    assert csv.out.startswith("uetr,") or ",uetr," in csv.out.splitlines()[0]
    assert "# rows=" in csv.out.splitlines()[-1]


def test_a_quote_is_asked_first_and_taken_by_its_id(at):
    """What it costs is seen before it is agreed to."""
    quoted = at("quote", "--sell", "AED", "--buy", "INR", "--send", "100.00", "--to", TAMR)

    assert (0, "AED 100.00") == (quoted.code, quoted.rows[0]["debit"])
    paid = at(*pay("--quote", quoted.rows[0]["quote"], "--json"))
    assert (0, quoted.rows[0]["quote"]) == (paid.code, paid.json[0]["quote_id"])
    again = at(*pay("--quote", quoted.rows[0]["quote"]))
    assert 1 == again.code
    assert again.err.startswith(
        "steelyard: refused: QUOTE_IS_USED: Quote is used. The rule that does not hold: "
    )


def test_nobody_agrees_to_a_cost_without_being_asked(at):
    """In a pipe there is nobody to ask."""
    paid = at(*pay("--amount", "INR 10.00", "--sell", "AED"))

    assert (2, "") == (paid.code, paid.out)
    assert "--yes" in paid.err


def test_a_whole_payment_comes_from_a_file_and_flags_go_before_it(at, tmp_path):
    """The shape of the API."""
    file = tmp_path / "payment.json"
    file.write_text(
        json.dumps(
            {
                "creditor_agent": SIDR,
                "settlement": {"asset": "AED", "value": "12.00"},
                "debtor": {"name": "Layla Haddad"},
                "debtor_account": {"iban": "AE070331234567890123456"},
                "creditor": {"name": "Omar Said"},
                "creditor_account": {"id": "0012345678"},
            }
        )
    )

    paid = at("pay", "--file", file, "--amount", "13.50 AED")

    assert (0, "AED 13.50") == (paid.code, paid.fields["credit"])
    assert at("pay", "--file", file, "--quiet").out.strip() in at("payments", "list").out


@pytest.mark.parametrize(
    ("tokens", "code", "words"),
    [
        (("--amount", "7350"), 2, "no amount"),
        (("--amount", "INR 1", "--sell", "AED", "--quote", UUID), 2, "no --quote"),
        (("--sell", "AED"), 2, "--amount"),
        (("--amount", "INR 1.00", "--uetr", "x"), 2, "uetr"),
        (("--amount", "XXX 1.00"), 2, "--amount: no asset"),
        (("--amount", "INR 1.001"), 2, "--amount: more fraction digits"),
        (("--bogus",), 2, "--bogus"),
    ],
)
def test_what_cannot_be_paid_says_why_in_one_line(at, tokens, code, words):
    """Bad input is 2, a rule is 1; nothing goes to standard output."""
    paid = at(*pay(*tokens))

    assert (code, "", 1) == (paid.code, paid.out, len(paid.err.splitlines()))
    assert words in paid.err


def test_a_payment_can_be_taken_back_while_it_waits(at):
    """And cannot once it is settled."""
    queued = at(*pay("--amount", "INR 5.00", "--sell", "AED", "--yes", "--on", "2026-11-25"))
    if queued.code == 0 and queued.fields["state"] != "SETTLED":
        back = at("payments", "cancel", queued.fields["uetr"], "--reason", "CUST")
        assert (0, "CANCELLED") == (back.code, back.fields["state"])
    paid = at(*pay("--amount", "INR 5.00", "--sell", "AED", "--yes"))
    assert 1 == at("payments", "cancel", paid.fields["uetr"]).code


def line(uetr, value="1.00", to=SIDR):
    """Give a line of a file of payments."""
    account = {"iban": "AE070331234567890123456"}
    return json.dumps(
        {
            "creditor_agent": to,
            "settlement": {"asset": "AED", "value": value},
            "debtor": {"name": "Layla Haddad"},
            "debtor_account": account,
            "creditor": {"name": "Omar Said"},
            "creditor_account": {"id": "0012345678"},
            "uetr": uetr,
        }
    )


def test_a_file_of_payments_has_a_result_for_each_line_and_is_done_once(at, tmp_path, monkeypatch):
    """Over several requests; a line that is refused does not stop the others."""
    monkeypatch.setattr("steelyard.cli.payments.EACH", 2)
    monkeypatch.setattr("steelyard.api.idempotency.RUNNING_NS", 0)  # as if the first had long gone
    file = tmp_path / "many.ndjson"
    uetrs = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(5)]
    lines = [line(uetr) for uetr in uetrs[:3]] + [line(uetrs[3], to="NOBODYXX"), line(uetrs[4])]
    file.write_text("\n".join(lines) + "\n")

    first = at("payments", "bulk", file)

    assert 1 == first.code
    assert ["settled", "settled", "settled", "refused", "settled"] == [row["result"] for row in first.rows]
    assert ["1", "2", "3", "4", "5"] == [row["line"] for row in first.rows]
    before = at("account", "show", f"{GHAF}/AED", "--json").json[0]["balance"]
    assert first.rows == at("payments", "bulk", file).rows
    assert before == at("account", "show", f"{GHAF}/AED", "--json").json[0]["balance"]
    (tmp_path / "none").write_text("\n")
    assert 3 == at("payments", "bulk", tmp_path / "none").code


def test_a_line_that_is_refused_says_what_is_wrong_in_it_and_where(at, tmp_path):
    file = tmp_path / "wrong.ndjson"
    file.write_text('{"creditor_agent": "SIDRAEA0"}\nno JSON\n')
    shape, body = at("payments", "bulk", file).rows

    assert ("schema-violation", "malformed-body") == (shape["reason"], body["reason"])
    assert shape["why"].startswith("/settlement must be given")
    assert body["why"].startswith("The body cannot be read")


def test_offers_are_answered_by_the_payees_bank(at):
    """Nothing waits in this network: every bank takes payments without an offer."""
    assert (0, []) == (at("offer", "list", who=TAMR).code, at("offer", "list", who=TAMR).rows)
    absent = at(
        "offer", "answer", "00000000-0000-4000-8000-0000000000ff", "decline", "--code", "MS03", who=TAMR
    )
    assert 2 == absent.code
    assert "not-found" in absent.err


def test_credit_is_reported_by_the_payees_bank_alone(at):
    """The sender may not."""
    uetr = at(*pay("--amount", "INR 4.00", "--sell", "AED", "--yes")).fields["uetr"]

    assert 0 == at("payments", "credited", uetr, who=TAMR).code
    assert at("payments", "credited", uetr, who=BNYN).code in (1, 2)


def test_consent_needs_a_quote_or_the_end(at):
    """Either, and not both."""
    uetr = "00000000-0000-4000-8000-0000000000fe"

    assert 2 == at("payments", "consent", uetr).code
    assert 2 == at("payments", "consent", uetr, "--quote", uetr, "--end-it").code
    assert 2 == at("payments", "consent", uetr, "--end-it").code


def test_payments_of_others_look_as_if_they_were_not_there(at):
    """Not found, and a hint that says so."""
    uetr = at(*pay("--amount", "INR 3.00", "--sell", "AED", "--yes")).fields["uetr"]

    other = at("status", uetr, who=FYNB)

    assert (2, "") == (other.code, other.out)
    assert "not-found" in other.err


def test_a_list_as_csv_holds_to_its_limit(at):
    for _ in range(3):
        at(*pay("--amount", "INR 1.00", "--sell", "AED", "--yes"))

    some, whole = at("payments", "list", "--csv", "-n", "2"), at("payments", "list", "--csv")

    assert whole.out.splitlines()[:3] == some.out.splitlines()
    assert whole.out == at("payments", "list", "--csv", "-n", "0").out


def test_faults_are_said_in_the_words_of_the_command_line(at, alone, tmp_path):
    """Options, not places in a body; all that is wrong at once; nothing of the reader of JSON."""
    nothing = alone("pay")
    wrong = alone("pay", "--to", "x", "--amount", "INR 1.00", "--uetr", "ABC")
    asked = alone("quote", "--sell", "aed", "--buy", "INR", "--send", "1")
    nobody = at("pay", "--to", SIDR, "--amount", "AED 1.00")
    file = tmp_path / "payment.json"
    file.write_text('{"settlement": {"asset": "AED"}, "colour": 1}')
    in_file = alone("pay", "--file", file)

    assert (2, True) == (nothing.code, nothing.err.startswith("steelyard: --amount is missing"))
    assert (2, True) == (wrong.code, "--to x is not a BIC" in wrong.err and "--uetr ABC is not" in wrong.err)
    assert (2, True) == (asked.code, asked.err.startswith("steelyard: --sell aed is not a currency"))
    assert (1, True) == (nobody.code, "--payer" in nobody.err and "--payee" in nobody.err)
    assert (2, True) == (in_file.code, "creditor_agent is missing" in in_file.err and "colour" in in_file.err)
    for ran in (nothing, wrong, asked, nobody, in_file):
        assert 1 == len(ran.err.splitlines())
        assert not any(leak in ran.err for leak in ("`", "$.", "regex", "/debtor", "^["))
