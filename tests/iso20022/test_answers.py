"""Our answers: every status and every code writes a valid message; ids are derived; hostile text is harmless."""

import msgspec
import pytest

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.fx.refusals import FxRefusal
from steelyard.iso20022 import reasons
from steelyard.iso20022.answers import (
    Status,
    answer,
    answer_kind,
    desk_of,
    group_report,
    original_of_verdict,
    own_id,
    status_report,
)
from steelyard.iso20022.check import check
from steelyard.iso20022.context import Level, Outcome
from steelyard.iso20022.desk import OwnMessageIsInvalid, checked
from steelyard.iso20022.profiles import builtin
from steelyard.packs.reference import reference
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.states import State
from tests.iso20022.contexts import rules_context, schema_context, with_fields
from tests.iso20022.messages import agent, document, header, message, transaction

AT = rules_context().now_at
REASONS = reference().code_sets["status_reason"]
HOSTILE = "]]>&<!--\"'</AddtlInf>\x07é\u202e"


def verdict_of(raw: bytes):
    """Judge a message under the rules."""
    return check(raw, rules_context())


def report(status: Status, raw: bytes | None = None) -> str:
    """Write the report about the first payment of a message, schema checked."""
    original = original_of_verdict(verdict_of(raw or message()))
    return status_report(original, status, desk_of(rules_context()), at=AT, item=b"item").decode()


@pytest.mark.parametrize("status", sorted(reference().code_sets["transaction_status"]))
def test_every_status_writes_a_valid_message(status):
    """A rejection with its reason, a settled one with its date, others without either."""
    code = "AM04" if status == "RJCT" else None
    text = report(Status(1, status, code, effective_on=20_782))

    assert f"<TxSts>{status}</TxSts>" in text
    assert ("<FctvIntrBkSttlmDt>" in text) == (status in reasons.DATED)
    assert text.count("AM04") == (status == "RJCT")


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_writes_a_valid_message(code):
    """The code as the cause, with its line."""
    text = report(Status(1, "RJCT", code, (f"{code} because",)))

    assert f"<Rsn><Cd>{code}</Cd></Rsn><AddtlInf>{code} because</AddtlInf>" in text


def test_a_rejection_without_a_reason_cannot_be_built():
    """Neither about one payment nor about a message."""
    original = original_of_verdict(verdict_of(message()))
    with pytest.raises(ValueError, match="reason"):
        report(Status(1, "RJCT"))
    with pytest.raises(ValueError, match="reason"):
        group_report(original, desk_of(rules_context()), "RJCT", [Status(1, "RJCT")], at=AT, item=b"i")


def test_a_report_carries_all_references_of_the_original():
    """UETR, end-to-end id and instruction id, and the message they came in."""
    text = report(Status(1, "ACSP"))

    for part in (
        "<OrgnlMsgId>M1</OrgnlMsgId>",
        "<OrgnlInstrId>I1</OrgnlInstrId>",
        "<OrgnlEndToEndId>E1</OrgnlEndToEndId>",
        "<OrgnlUETR>7a1c2b3d-4e5f-4a6b-8c7d-9e0f1a2b0001</OrgnlUETR>",
    ):
        assert part in text


def test_ids_are_derived_and_a_second_writing_is_byte_equal():
    """The same item gives the same bytes, another item another id; at most 35 characters."""
    original, desk = original_of_verdict(verdict_of(message())), desk_of(rules_context())
    one, again, other = (
        status_report(original, Status(1, "ACTC"), desk, at=AT, item=item) for item in (b"a", b"a", b"b")
    )

    assert one == again != other
    assert len(own_id("PREFIXLONG", AT, b"a")) == 34


def test_hostile_text_and_ids_never_break_the_answer():
    """Markup in an end-to-end id, a CDATA end in a name, a control character in a line."""
    raw = message(document(transaction(end_to_end_id="]]&gt;&amp;&lt;b&gt;", instruction_id="a&quot;b")))
    verdict = verdict_of(raw)
    written = answer(verdict, rules_context(), at=AT)
    text = report(Status(1, "RJCT", "CH16", (HOSTILE * 9, HOSTILE)), raw)

    assert verdict.codes == ["RR10"]
    assert b"<OrgnlEndToEndId>]]&gt;&amp;&lt;b&gt;</OrgnlEndToEndId>" in written
    assert "]]&gt;&amp;&lt;!--&quot;'&lt;/AddtlInf&gt;???" in text


def test_lines_have_105_characters_and_the_last_says_what_is_missing():
    """Many faults of one payment: one code, one line each, as many as the profile takes."""
    bad = transaction(
        uetr="", instruction_id="/a//", end_to_end_id="_", tail="<Purp><Cd>QQQQ</Cd></Purp>"
    ).replace("BBBBINBBXXX", "QQQQINBBXXX")
    verdict = verdict_of(message(document(bad, count=2)))
    for profile in ("hub", "cbpr"):
        context = with_fields(rules_context(), profile=builtin(profile))
        text = answer(verdict, context, at=AT).decode()
        lines = [part.partition("</AddtlInf>")[0] for part in text.split("<AddtlInf>")[1:]]

        assert max(map(len, lines)) <= 105
        assert text.count("<Rsn>") == 2
        assert len(lines) <= 2 * builtin(profile).narrative_lines
        assert any("not shown" in line for line in lines) == (profile == "cbpr")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (message(), ("pacs.002", b"<TxSts>ACTC</TxSts>")),
        (message(document(transaction(uetr=""))), ("pacs.002", b"<Rsn><Cd>CH21</Cd></Rsn>")),
        (message(document(transaction(), count=3)), ("pacs.002", b"<GrpSts>RJCT</GrpSts>")),
        (b"<a>", ("admi.002", b"<RjctgPtyRsn>XML01</RjctgPtyRsn>")),
        (message(head=header(message_id="M2")), ("admi.002", b"<Ref>M2</Ref>")),
    ],
)
def test_which_answer_is_due_and_what_it_says(raw, expected):
    """pacs.002 for what is a payment, admi.002 for what is not."""
    verdict = verdict_of(raw)
    written = answer(verdict, rules_context(), at=AT)

    assert (answer_kind(verdict), expected[1] in written) == (expected[0], True)
    assert check(written, schema_context(), level=Level.SCHEMA).outcome is Outcome.ACCEPTED


def test_faultless_transactions_of_a_message_go_on():
    """Group status PART, counts per status; under the policy `all` none goes on."""
    raw = message(document(transaction() + transaction(number=2, uetr=""), count=2))
    each = verdict_of(raw)
    all_ = check(raw, with_fields(rules_context(), profile=_with_policy(rules_context().profile, "all")))
    written = answer(each, rules_context(), at=AT)

    assert (each.transactions, [tx.ordinal for tx in each.envelope.body]) == ((1, 1), [1])
    assert b"<GrpSts>PART</GrpSts>" in written
    assert b"<DtldNbOfTxs>1</DtldNbOfTxs><DtldSts>ACTC</DtldSts>" in written
    assert (all_.transactions, all_.codes, all_.envelope) == ((0, 2), ["CH21", "NARR"], None)


def test_a_broken_header_gets_an_answer_to_nobody_known():
    """A BIC that is none is not written; the reference is the hash of the bytes."""
    raw = message(head=header(sender="broken"))
    written = answer(verdict_of(raw), rules_context(), at=AT)

    assert b"<To><OrgId><Nm>UNKNOWN</Nm></OrgId></To>" in written
    assert b"broken" not in written.partition(b"</AppHdr>")[0]


def test_an_own_message_that_is_not_valid_is_a_bug_and_raises():
    """The self-check."""
    with pytest.raises(OwnMessageIsInvalid):
        checked(message().replace(b"<ChrgBr>SHAR", b"<ChrgBr>SHAX"), desk_of(rules_context()))


def test_every_refusal_that_can_end_a_payment_has_a_code_of_the_published_set():
    """No flow can end a payment without a word for it."""
    ending = [one for one in PaymentRefusal if one.code <= 360] + [
        one for one in FxRefusal if 430 <= one.code <= 439
    ]

    assert [one for one in ending if one not in reasons.REFUSAL_CODES] == []
    assert set(reasons.REFUSAL_CODES.values()) <= set(REASONS)
    assert reasons.code_of(EngineRefusal.LIQUIDITY_IS_SHORT) == "AM04"
    assert reasons.code_of_number(PaymentRefusal.OFFER_TIMED_OUT.code) == "AB05"
    assert reasons.code_of_number(9_999) == "MS03"


def test_every_state_has_a_status_and_each_profile_says_which_it_sends():
    """Held and queued never say why; a frozen one may have to look rejected."""
    hub, cbpr = builtin("hub"), builtin("cbpr")
    sent = {state: reasons.status_of(state, "AM04", hub) for state in State}

    assert sent[State.HELD] == sent[State.QUEUED] == ("PDNG", None)
    assert sent[State.REJECTED] == ("RJCT", "AM04")
    assert sent[State.CANCELLED] == ("RJCT", "DS02")
    assert reasons.status_of(State.VALIDATED, None, hub, moved=True) == ("ACWC", None)
    assert reasons.status_of(State.FROZEN, None, cbpr) == ("RJCT", "RR04")
    assert reasons.status_of(State.FROZEN, None, hub) == ("BLCK", None)
    assert reasons.status_of(State.RECEIVED, None, cbpr) is None
    assert {status for status, _ in sent.values()} <= set(reference().code_sets["transaction_status"])


def test_a_creditor_agents_own_code_is_passed_on_if_it_is_one():
    """Else the reason is not specified."""
    known = frozenset(REASONS)

    assert (reasons.declined("AC04", known), reasons.declined("XX99", known)) == ("AC04", "MS03")


def test_a_report_goes_from_the_hub_to_the_sender():
    """The group names both as agents."""
    text = report(Status(1, "ACTC"))

    assert agent("InstgAgt", "HUBXZAJJXXX") + agent("InstdAgt", "AAAABRSPXXX") in text


def _with_policy(profile, policy):
    return msgspec.structs.replace(profile, group_policy=policy)


def test_a_line_says_what_is_wrong_before_it_says_where():
    """So that what is cut off is the place, at a word."""
    bad = message(document(transaction(tail="<Purp><Cd>QQQQ</Cd></Purp>")))
    text = answer(verdict_of(bad), rules_context(), at=AT).decode()
    line = text.partition("<AddtlInf>")[2].partition("</AddtlInf>")[0]

    assert line.startswith("FF07 ")
    assert not line.startswith("FF07 /")
    assert line.endswith((")", " ..."))
