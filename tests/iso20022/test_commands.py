"""From a message to a command: exact numbers, keys instead of texts, nothing personal in the fields."""

from hashlib import sha256

import msgspec
import pytest

from steelyard.flows.command import encode
from steelyard.flows.fields import Bearer, PaymentKind, Present, Service
from steelyard.iso20022.check import check
from steelyard.iso20022.commands import to_pay
from tests.iso20022.contexts import rules_context
from tests.iso20022.messages import UETR, document, header, message, transaction

TWO = (
    '<IntrBkSttlmAmt Ccy="INR">1488.00</IntrBkSttlmAmt><IntrBkSttlmDt>2026-11-25</IntrBkSttlmDt>'
    '<InstdAmt Ccy="BRL">100.00</InstdAmt><XchgRate>14.8800</XchgRate>'
)


def paid(raw: bytes):
    """Give the commands of a message that is accepted."""
    verdict = check(raw, rules_context())
    assert verdict.findings == ()
    digits = rules_context().reference.currencies
    return [to_pay(transfer, verdict.envelope, digits=digits) for transfer in verdict.envelope.body]


def test_amounts_rate_date_and_references_are_exact():
    """Source is what leaves the debtor agent, target what reaches the creditor agent."""
    tail = (
        "<Purp><Cd>GDDS</Cd></Purp><RmtInf><Ustrd>QUOTE 3f1c5a52-7f0e-4d2b-9b55-0c8f6a1e2d3c</Ustrd></RmtInf>"
    )
    raw = message(
        document(
            transaction(
                amounts=TWO,
                tail=tail,
                payment_type="<PmtTpInf><InstrPrty>HIGH</InstrPrty></PmtTpInf>",
                bearer="<ChrgBr>DEBT</ChrgBr>",
            )
        ),
        head=header(),
    )
    fields = paid(raw)[0].fields

    assert fields.uetr.hex() == (UETR[:-4] + "0001").replace("-", "")
    assert (fields.source, fields.source_minor, fields.target, fields.target_minor) == (
        "BRL",
        10_000,
        "INR",
        148_800,
    )
    assert fields.rate_num * 25 == fields.rate_den * 372
    assert (fields.kind, fields.service, fields.bearer) == (
        PaymentKind.CUSTOMER,
        Service.INSTANT,
        Bearer.DEBT,
    )
    assert (fields.debtor_agent, fields.creditor_agent) == ("AAAABRSP", "BBBBINBB")
    assert fields.message_key == sha256(b"M1").digest()[:16]
    assert fields.instruction_key == sha256(b"I1").digest()[:16]
    assert fields.quote_id.hex() == "3f1c5a527f0e4d2b9b550c8f6a1e2d3c"
    assert (fields.settlement_on, fields.purpose) == (20_782, "GDDS")


def test_no_personal_data_is_in_the_fields():
    """Names, towns, accounts, end-to-end ids and texts are in the party block alone."""
    pay = paid(message())[0]
    command = encode(pay.fields) + encode(pay.added)
    planted = (b"Planalto", b"Deccan", b"Janeiro", b"Pune", b"0001-123456", b"50210077", b"E1", b"Invoice")

    assert [text for text in planted if text in command] == []
    assert [text for text in planted if text not in pay.party.raw] == []
    assert pay.party.digest == sha256(pay.party.raw).digest() == pay.added.party_digest


def test_what_is_there_is_said_without_the_data():
    """Flags and countries for rule packs."""
    added = paid(message())[0].added
    expected = (
        Present.DEBTOR_NAME | Present.DEBTOR_ADDRESS | Present.DEBTOR_ACCOUNT
        | Present.CREDITOR_NAME | Present.CREDITOR_ADDRESS | Present.CREDITOR_ACCOUNT | Present.REMITTANCE
    )  # fmt: skip

    assert (added.debtor_country, added.creditor_country, added.present) == ("BR", "IN", int(expected))


def test_a_resend_in_another_message_has_the_same_content_and_a_changed_one_has_not():
    """The content digest does not see the message id; it sees the name."""
    one = paid(message())[0].fields
    other = paid(message(document(transaction(), message_id="M2"), head=header(message_id="M2")))[0].fields
    changed = paid(message().replace(b"Planalto", b"Planalta"))[0].fields

    assert one.content == other.content != changed.content
    assert one.message_content != other.message_content


def test_a_payment_in_one_currency_has_one_amount_and_no_rate():
    """Source and target are the settlement amount."""
    fields = paid(message())[0].fields

    assert (fields.source, fields.source_minor) == (fields.target, fields.target_minor) == ("INR", 100_000)
    assert (fields.rate_num, fields.rate_den, fields.provider) == (0, 1, "")


def test_a_notice_has_no_command():
    """It is kept and moves nothing."""
    verdict = check(message(), rules_context())
    notice = msgspec.structs.replace(verdict.envelope.body[0], kind="notice")

    with pytest.raises(ValueError, match="notice"):
        to_pay(notice, verdict.envelope, digits=rules_context().reference.currencies)


@pytest.mark.parametrize(("word", "priority"), [("URGT", 0), ("HIGH", 1), ("NORM", 2), (None, 2)])
def test_the_settlement_priority_is_the_class_in_the_queue(word, priority):
    """SttlmPrty is another thing than InstrPrty: it says who goes first where money is short."""
    element = f"<SttlmPrty>{word}</SttlmPrty>" if word else ""
    amounts = f'<IntrBkSttlmAmt Ccy="INR">1000.00</IntrBkSttlmAmt><IntrBkSttlmDt>2026-11-25</IntrBkSttlmDt>{element}'
    fields = paid(message(document(transaction(amounts=amounts)), head=header()))[0].fields

    assert (priority, Service.STANDARD) == (fields.priority, fields.service)
    assert fields.may_split is None
