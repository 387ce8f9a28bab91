"""Both clients against a real node: what the tests with scripted answers take for granted."""

import asyncio
import tempfile
from pathlib import Path

import pytest

from steelyard.client import (
    AsyncSteelyard,
    Customer,
    ProblemError,
    Refused,
    Resend,
    Settled,
    Steelyard,
    payment,
)
from steelyard.client.types import Account, Money, Party
from tests.api import messages
from tests.api.world import GHAF, SIDR, TAMR
from tests.client.clients import Async, Sync
from tests.client.live import live

PAYER = Customer(party=Party(name="Layla Haddad"), account=Account(iban="AE070331234567890123456"))
PAYEE = Customer(party=Party(name="Ravi Nair"), account=Account(id="0012345678"), agent=TAMR)


@pytest.fixture(scope="module")
def network():
    """Give the small network behind its socket."""
    with (
        tempfile.TemporaryDirectory(prefix="sy") as place,
        live(Path(place) / "node", place=Path(place)) as here,
    ):
        yield here


@pytest.fixture(params=[Sync, Async], ids=["sync", "async"])
def bank(request, network):
    """Give one client of Ghaf Bank, then the other."""
    client = request.param(network.address, key=network.keys[GHAF], resend=Resend(), timeout_s=15.0)
    yield client
    client.close()


def test_the_example_of_the_package_runs(network):
    """Quote, payment, and what the payee gets."""
    with Steelyard(network.address, key=network.keys[GHAF]) as bank:
        quotes = bank.quotes.ask(sell="AED", buy="INR", receive="7350.00")
        match bank.payments.send(quote=quotes.quotes[0], payer=PAYER, payee=PAYEE, purpose="GDDS"):
            case Settled(uetr=uetr):
                assert "7350.00" == bank.payments.get(uetr).credit.value
            case other:
                raise AssertionError(other)


def test_a_payment_is_sent_seen_and_listed_at_once(bank):
    """Reads wait for what the same client has written."""
    for _ in range(5):
        found = bank.do(
            "payments.send", payer=PAYER, payee=PAYEE, creditor_agent=SIDR, settlement=Money("AED", "3.00")
        )

        assert isinstance(found, Settled), found
        assert "SETTLED" == bank.do("payments.get", found.uetr).state
        assert found.uetr == bank.all("payments.list", limit=1000)[0].uetr
        assert {"SETTLED"} <= {step.after for step in bank.do("payments.timeline", found.uetr)}


def test_the_same_key_and_content_is_done_once(bank):
    """And the answer says that it is a repeat."""
    key = bank.client.clock.key()
    fields = {"payer": PAYER, "payee": PAYEE, "creditor_agent": SIDR, "settlement": Money("AED", "4.00")}
    uetr = bank.client.clock.uetr()

    first, second = (bank.do("payments.send", key=key, uetr=uetr, **fields) for _ in range(2))

    assert isinstance(first, Settled)
    assert (first.seq, first.state) == (second.seq, second.state)
    with pytest.raises(ProblemError) as raised:
        bank.do("payments.send", key=key, uetr=bank.client.clock.uetr(), **fields)
    assert "idempotency-key-reused" == raised.value.code


def test_many_payments_have_a_result_each(bank):
    """In one request; a refusal by rule is a result among them."""
    uetr = bank.client.clock.uetr()
    asked = [
        payment(payer=PAYER, payee=PAYEE, creditor_agent=SIDR, settlement=Money("AED", value), uetr=name)
        for value, name in (("1.00", uetr), ("7.00", uetr), ("2.00", None))
    ]

    found = bank.do("payments.send_many", asked)

    assert [Settled, Refused, Settled] == [type(one) for one in found], found


def test_messages_are_answered_as_json_and_as_xml(bank):
    """The same message again gives the same answer and moves nothing."""
    raw = messages.message(GHAF, messages.transfer(GHAF, SIDR, target="AED", amount="5.00"))

    assert "SETTLED" == bank.do("messages.send", raw).payments[0].state
    assert b"pacs.002" in bank.do("messages.send_for_xml", raw)
    assert "accepted" == bank.do("messages.check", raw).outcome
    assert b"admi.002" in bank.do("messages.send_for_xml", b"<a/>")


def test_events_are_polled_and_streamed_alike(bank):
    """From a known one on."""
    sent = bank.do(
        "payments.send", payer=PAYER, payee=PAYEE, creditor_agent=SIDR, settlement=Money("AED", "6.00")
    )

    polled = bank.all("events.list", after="1-0-0", types="payment.settled", limit=1000)

    assert polled[-1].seq == sent.seq
    streamed = bank.first(len(polled), "events.stream", after="1-0-0", types="payment.settled")
    assert [one.id for one in polled] == [one.id for one in streamed]


def test_lists_come_page_by_page_and_as_csv(bank):
    """Every page once, whatever its size."""
    whole = [one.bic for one in bank.all("directory.participants", limit=1000)]

    assert whole == [one.bic for one in bank.all("directory.participants", limit=2)]
    assert len(whole) > 5


def test_several_tasks_share_one_async_client(network):
    """Two hundred payments, sixteen at a time, each booked once."""

    async def story():
        async with AsyncSteelyard(network.address, key=network.keys[GHAF], connections=8) as bank:
            before = int((await bank.accounts.get(f"{GHAF}/AED")).balance.amount_minor)
            gate = asyncio.Semaphore(16)

            async def send():
                async with gate:
                    return await bank.payments.send(
                        payer=PAYER, payee=PAYEE, creditor_agent=SIDR, settlement=Money("AED", "0.01")
                    )

            found = await asyncio.gather(*(send() for _ in range(200)))
            after = int((await bank.accounts.get(f"{GHAF}/AED")).balance.amount_minor)
            return found, before - after

    found, spent = asyncio.run(asyncio.wait_for(story(), 30))

    assert {Settled} == {type(one) for one in found}
    assert 200 == spent
