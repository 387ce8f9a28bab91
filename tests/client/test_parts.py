"""The client's parts alone: addresses, keys, results, what a payment is put together from."""

import pickle
import subprocess
import sys

import msgspec
import pytest

from steelyard.client import (
    AddressError,
    Cancelled,
    Customer,
    Held,
    Key,
    KeyFault,
    Offered,
    Proposed,
    Queued,
    Refused,
    Settled,
    Steelyard,
    Unknown,
    payment,
)
from steelyard.client.address import parse_address
from steelyard.client.results import result_of
from steelyard.client.sse import Frames
from steelyard.client.types import Account, Party, PaymentAnswer, PaymentAsked, Problem, Quote
from steelyard.payments.states import State
from tests.client.clients import KEY


@pytest.mark.parametrize(
    ("text", "shown", "host"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", b"127.0.0.1:8080"),
        ("http://node", "http://node", b"node"),
        ("https://node.example:8443/steelyard/", "https://node.example:8443/steelyard", b"node.example:8443"),
        ("http://[::1]:80", "http://[::1]", b"[::1]"),
        ("http+unix:///run/a%20b.sock", "unix:/run/a b.sock", b"localhost"),
        ("unix:/run/api.sock", "unix:/run/api.sock", b"localhost"),
    ],
)
def test_addresses_are_read_and_shown(text, shown, host):
    """Every form there is."""
    address = parse_address(text)

    assert (shown, host) == (str(address), address.host_header)


@pytest.mark.parametrize(
    "text",
    [
        "", "node:8080", "ftp://node", "http://", "http://node:99999", "http://node?x=1", "unix:api.sock",
        "http://user:word@node", "unix:/" + "x" * 200, "http://nöde",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text):
    """With one line that says so."""
    with pytest.raises(AddressError):
        parse_address(text)


def test_a_key_shows_its_id_and_no_more(tmp_path):
    """It goes into a file of its owner's and comes back; whoever prints or pickles it gets nothing."""
    key, file = Key(KEY), tmp_path / "ghaf.key"

    key.save(file)

    assert (f"Key({'0' * 16} ***)", "test") == (repr(key), key.profile)
    assert key.header == Key.load(file).header
    assert "aaaa" not in f"{key} {key!r}"
    with pytest.raises(TypeError):
        pickle.dumps(key)
    with pytest.raises(FileExistsError):
        key.save(file)
    file.chmod(0o640)
    with pytest.raises(KeyFault, match="chmod 600"):
        Key.load(file)


@pytest.mark.parametrize("text", ["", "sk_test_1_2", KEY + "0", "Bearer " + KEY])
def test_what_is_no_key_is_refused_without_being_repeated(text):
    """The message must not hold what may be a real key with a slip."""
    with pytest.raises(KeyFault) as raised:
        Key(text)

    assert "aaaa" not in str(raised.value)


ENDS = {
    "SETTLED": Settled, "CREDITED": Settled, "UNPOSTED": Settled, "CANCELLED": Cancelled, "REJECTED": Refused,
    "OFFERED": Offered, "DECIDED": Offered, "HELD": Held, "SCREENING": Held, "FROZEN": Held,
    "RECEIVED": Queued, "VALIDATED": Queued, "QUEUED": Queued, "RESERVED": Queued, "PREPARED": Queued,
}  # fmt: skip


@pytest.mark.parametrize("state", [state.name for state in State])
def test_every_state_of_a_payment_has_its_result(state):
    """A state that comes to the table must find its class here."""
    problem = Problem("/problems/refusals/X", "x", 200, "X") if state in ("REJECTED", "CANCELLED") else None

    found = result_of(PaymentAnswer(outcome="done", uetr="u", state=state, refusal=problem))

    assert type(found) is ENDS[state]


def test_what_waits_says_for_what():
    """The word the node gave, or the state itself."""
    waiting = result_of(PaymentAnswer(outcome="done", uetr="u", state="QUEUED", waits="funds"))

    assert isinstance(waiting, Queued)
    assert "funds" == waiting.reason
    assert "held" == result_of(PaymentAnswer(outcome="done", uetr="u", state="HELD")).reason


def test_other_answers_are_told_apart_too():
    """A proposal waits for a person; what cannot be understood is unknown, never settled."""
    proposed = PaymentAnswer(outcome="done", uetr="u", state="PROPOSED")

    assert isinstance(result_of(proposed), Proposed)
    assert isinstance(result_of(PaymentAnswer(outcome="unknown", uetr="u")), Unknown)
    assert isinstance(result_of(PaymentAnswer(outcome="done", uetr="u", state="NEWER")), Unknown)


def quote():
    """Give a quote."""
    amount = {"asset": "INR", "value": "1.00", "amount_minor": "100"}
    fields = dict.fromkeys(Quote.__struct_fields__, "x") | {
        "rank": 1, "providers": [], "hops": [], "fees": [], "reference": None, "margin_bp": None,
        "quote_id": "q", "disclosure": "d", **dict.fromkeys(("debit", "instructed", "settlement", "credit"), amount),
    }  # fmt: skip
    return msgspec.convert(fields, Quote)


def test_a_payment_is_put_together_from_its_parts():
    """Quote, payer and payee bring their own fields; a field given by name goes before them."""
    payer = Customer(party=Party(name="Amina"), account=Account(iban="AE1"), agent="GHAFAEA0")
    payee = Customer(party=Party(name="Ravi"), agent="TAMRINB0")

    made = payment(quote=quote(), payer=payer, payee=payee, purpose="GDDS", creditor_agent="BNYNIND0")

    assert (
        PaymentAsked(
            creditor_agent="BNYNIND0",
            quote_id="q",
            disclosure="d",
            debtor=Party(name="Amina"),
            debtor_account=Account(iban="AE1"),
            debtor_agent="GHAFAEA0",
            creditor=Party(name="Ravi"),
            purpose="GDDS",
        )
        == made
    )
    assert "SALA" == payment(made, purpose="SALA").purpose
    with pytest.raises(TypeError):
        payment(creditor_agent="X", purpos="GDDS")


def test_a_stream_may_be_cut_anywhere():
    """Events come out the same however their bytes are cut."""
    text = "id: 1\r\ndata: a\r\ndata: ü\r\n\r\n: beat\r\n\r\nid: 2\rdata\r\revent: e\ndata:b\n\n".encode()
    whole = Frames().feed(text)

    for at in range(len(text)):
        frames = Frames()
        assert whole == frames.feed(text[:at]) + frames.feed(text[at:])
    assert [("message", "a\nü", "1"), ("message", "", "2"), ("e", "b", "2")] == whole


def test_importing_the_client_brings_nothing_of_the_server():
    """A bank's program needs none of it."""
    barred = (
        "litestar uvicorn lxml numpy sqlalchemy cryptography steelyard.api steelyard.node steelyard.flows"
    )
    program = (
        "import sys; from steelyard.client import Steelyard, AsyncSteelyard;"
        f"print(*[name for name in '{barred}'.split() if name in sys.modules])"
    )

    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert "" == out.strip()


def test_methods_show_their_text_and_arguments():
    """What help() and editors read."""
    with Steelyard() as client:
        assert "Send a payment" in (client.payments.send.__doc__ or "")
        assert client.payments.get is client.payments.get
        with pytest.raises(TypeError):
            client.payments.get()
