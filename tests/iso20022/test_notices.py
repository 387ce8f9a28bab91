"""Notices and forwarded payments: valid, byte-equal again, and what must not change does not."""

import pytest
from lxml import etree

from steelyard.iso20022.check import check
from steelyard.iso20022.context import Level, Outcome
from steelyard.iso20022.desk import desk_of
from steelyard.iso20022.forward import forward_payment
from steelyard.iso20022.notices import Entry, notice
from tests.iso20022.contexts import rules_context, schema_context, with_fields
from tests.iso20022.messages import DOCUMENT, document, header, message, transaction
from tests.iso20022.own_cases import CASES

AT = rules_context().now_at
DESK = desk_of(rules_context())
UETR = "7a1c2b3d-4e5f-4a6b-8c7d-9e0f1a2b0001"
CHANGED = {"MsgId", "CreDtTm", "NbOfTxs", "CtrlSum", "TtlIntrBkSttlmAmt"}


def told(*entries: Entry) -> bytes:
    """Give a notice to the creditor agent."""
    return notice(
        DESK, entries, account="BBBBINBB/INR", currency="INR", owner="BBBBINBBXXX", at=AT, item=b"i"
    )


def leaves(raw: bytes) -> list[tuple[str, str, str]]:
    """Give every leaf of a Document but those that a forward changes."""
    root = etree.fromstring(raw)
    body = root if root.tag.endswith("Document") else root.find(f"{{{DOCUMENT}}}Document")
    return [
        (body.getroottree().getpath(one).partition("FIToFI")[2], one.text, one.get("Ccy", ""))
        for one in body.iter(etree.Element)
        if not len(one) and etree.QName(one).localname not in CHANGED
    ]


@pytest.mark.parametrize("is_credit", [True, False])
def test_a_notice_is_valid_and_reads_back_as_what_was_booked(is_credit):
    """The canonical statement has the entry's money, direction and references."""
    raw = told(Entry("1488.00", is_credit, 20_782, 20_783, "417", UETR, "E1", "I1", "M1", "AAAABRSPXXX"))
    verdict = check(raw, with_fields(rules_context(), hub_bic="BBBBINBBXXX"))
    statement = verdict.envelope.body[0]
    movement = statement.movements[0]

    assert verdict.findings == ()
    assert (statement.account, statement.currency) == ("BBBBINBB/INR", "INR")
    assert (movement.amount.amount_minor, movement.is_credit) == (148_800, is_credit)
    assert (movement.uetr, movement.end_to_end_id, movement.booked_on) == (UETR, "E1", 20_782)
    assert (movement.value_on, movement.status, movement.reference) == (20_783, "BOOK", "417")


def test_a_notice_of_many_entries_keeps_their_order_and_is_byte_equal_again():
    """The id comes from the item, the time from the outcome."""
    entries = [Entry(f"{n}.00", n % 2 == 0, 20_782, 20_782, str(n)) for n in range(1, 40)]

    raw = told(*entries)

    assert raw == told(*entries)
    assert [row.partition(b"<")[0] for row in raw.split(b"<NtryRef>")[1:]] == [
        b"%d" % n for n in range(1, 40)
    ]


def test_a_forwarded_payment_equals_what_came_in_but_for_header_ids_and_sums():
    """Parties, references, remittance and supplementary data are the same, element by element."""
    extra = '<SplmtryData><Envlp><x xmlns="urn:x">kept &amp; seen</x></Envlp></SplmtryData>'
    tail = f"<Purp><Cd>GDDS</Cd></Purp><RmtInf><Ustrd>Invoice 7</Ustrd></RmtInf>{extra}"
    raw = message(document(transaction(tail=tail), sums="<CtrlSum>1000.00</CtrlSum>"))
    verdict = check(raw, rules_context())

    sent = forward_payment(verdict, 1, DESK, at=AT, item=b"item")

    assert leaves(sent) == leaves(raw)
    assert b"<BICFI>HUBXZAJJXXX</BICFI></FinInstnId></FIId></Fr>" in sent
    assert b"<BICFI>BBBBINBBXXX</BICFI></FinInstnId></FIId></To>" in sent
    assert check(sent, schema_context(), level=Level.SCHEMA).outcome is Outcome.ACCEPTED


def test_one_of_several_goes_on_alone_with_its_own_count_and_sum():
    """Three came in; the second goes on."""
    raw = CASES["multi"][0]
    verdict = check(raw, rules_context())

    sent = forward_payment(verdict, 2, DESK, at=AT, item=b"item")

    assert b"<NbOfTxs>1</NbOfTxs><CtrlSum>1488.00</CtrlSum>" in sent
    assert b"<InstrId>I2</InstrId>" in sent
    assert b"<InstrId>I1</InstrId>" not in sent


def test_what_the_hub_took_stands_as_a_charge_beside_those_that_came():
    """Appended last, with the hub as its agent."""
    verdict = check(message(head=header()), rules_context())

    sent = forward_payment(verdict, 1, DESK, at=AT, item=b"item", charge=("INR", "2.50"))

    assert b'<ChrgsInf><Amt Ccy="INR">2.50</Amt><Agt><FinInstnId><BICFI>HUBXZAJJXXX</BICFI>' in sent
