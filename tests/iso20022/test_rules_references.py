"""Rules about header, group, references and usage: edges that the cases do not show."""

import msgspec
import pytest

from steelyard.iso20022.check import check
from steelyard.iso20022.context import Outcome, Participant
from steelyard.iso20022.profiles import Demand
from steelyard.iso20022.rules import RULES
from tests.iso20022.contexts import rules_context, with_fields
from tests.iso20022.messages import (
    agent,
    bank_message,
    bank_transaction,
    document,
    header,
    message,
    transaction,
)

CONTEXT = rules_context()


def codes(raw: bytes, context=CONTEXT) -> list[str]:
    """Give the codes of a message."""
    return check(raw, context).codes


def names(raw: bytes, context=CONTEXT) -> list[tuple[str, str]]:
    """Give rule and code of every finding."""
    return [(one.rule, one.code) for one in check(raw, context).findings]


def profiled(**changes):
    """Give the context with a changed profile."""
    return with_fields(CONTEXT, profile=msgspec.structs.replace(CONTEXT.profile, **changes))


def test_rules_stand_in_the_order_of_their_numbers_and_names_are_unique():
    """The first finding is the cause, so the order is part of the contract."""
    numbers = [rule.number for rule in RULES]

    assert numbers == sorted(set(numbers))
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_a_bic_of_eight_and_the_same_with_xxx_are_one():
    """In the header, among agents, in the directory."""
    raw = message().replace(b"AAAABRSPXXX", b"AAAABRSP", 1)
    assert codes(raw) == []
    assert codes(message().replace(b"AAAABRSPXXX", b"AAAABRSP")) == []
    assert codes(message(head=header(receiver="BBBBINBB"))) == []


@pytest.mark.parametrize(
    ("sender", "expected"), [("AAAABRSP", []), ("BBBBINBBXXX", ["SIG03"]), ("AAAABRSP001", ["SIG03"])]
)
def test_the_authenticated_party_is_the_headers_sender_or_it_is_refused(sender, expected):
    """Level A, whatever else the message says."""
    verdict = check(message(), with_fields(CONTEXT, sender=sender))

    assert verdict.codes == expected
    assert (verdict.outcome is Outcome.REFUSED) == bool(expected)


def test_the_sender_must_instruct_every_transaction():
    """One of two is enough to reject the message, and the stranger's BIC is not named again."""
    start = "<InstgAgt><FinInstnId><BICFI>"
    other = transaction(number=2).replace(start + "AAAABRSP", start + "CCCCZAJJ")

    assert names(message(document(transaction() + other, count=2))) == [("from_is_instructing_agent", "AGNT")]


def test_agents_and_date_may_stand_in_the_group_instead():
    """Read from there; in both it is one too many."""
    agents = agent("InstgAgt", "AAAABRSPXXX") + agent("InstdAgt", "BBBBINBBXXX")
    bare = transaction().replace(agents, "").replace("<IntrBkSttlmDt>2026-11-25</IntrBkSttlmDt>", "")
    dated = (
        '<TtlIntrBkSttlmAmt Ccy="INR">1000.00</TtlIntrBkSttlmAmt><IntrBkSttlmDt>2026-11-25</IntrBkSttlmDt>'
    )
    in_group = message(document(bare, sums=dated, tail=agents))
    in_both = message(document(transaction(), sums=dated, tail=agents))
    in_neither = message(document(bare))

    assert codes(in_group) == []
    assert names(in_both) == [("usage", "CH17")] * 3
    assert names(in_neither) == [("usage", "CH21")] * 3


def test_a_stranger_in_the_group_is_found_there():
    """The path leads to the group."""
    agents = agent("InstgAgt", "AAAABRSPXXX") + agent("InstdAgt", "BBBBINBBXXX")
    bare = transaction().replace(agents, "")
    found = check(
        message(document(bare, tail=agents.replace("BBBBINBBXXX", "CCCCINBBXXX"))), CONTEXT
    ).findings

    assert [(one.code, one.path) for one in found] == [
        ("CNOR", "/Document/FIToFICstmrCdtTrf/GrpHdr/InstdAgt/FinInstnId/BICFI")
    ]


def test_a_payment_type_may_stand_in_the_group_and_its_codes_are_judged_there():
    """Neither lost nor read twice."""
    bare = transaction(payment_type="")
    typed = "<PmtTpInf><SvcLvl><Cd>QQ01</Cd></SvcLvl></PmtTpInf>"
    found = check(message(document(bare, tail=typed)), CONTEXT).findings

    assert [(one.code, one.path) for one in found] == [
        ("FF04", "/Document/FIToFICstmrCdtTrf/GrpHdr/PmtTpInf/SvcLvl[1]/Cd")
    ]


@pytest.mark.parametrize("where", ["Fr", "To"])
def test_a_header_without_a_bic_misses_a_usage(where):
    """CH21 on the element, the message is rejected as a whole."""
    bic = "AAAABRSPXXX" if where == "Fr" else "HUBXZAJJXXX"
    head = header().replace(f"<BICFI>{bic}</BICFI>", "<Nm>A bank</Nm>")
    found = check(message(head=head), CONTEXT).findings

    assert [(one.rule, one.code, one.scope) for one in found] == [("usage", "CH21", "group")]


def test_an_agent_without_a_bic_misses_a_usage():
    """The debtor agent by its name alone."""
    raw = message().replace(
        agent("DbtrAgt", "AAAABRSPXXX").encode(),
        b"<DbtrAgt><FinInstnId><Nm>A</Nm><PstlAdr><TwnNm>T</TwnNm><Ctry>BR</Ctry></PstlAdr></FinInstnId></DbtrAgt>",
    )

    assert names(raw) == [("usage", "CH21")]


def test_a_profile_can_require_and_forbid_any_element():
    """In header, group and transaction."""
    forbidden = {
        "pacs.008": (Demand(("purpose",)), Demand(("control_sum",), "group"), Demand(("service",), "header"))
    }
    raw = message(document(transaction(), sums="<CtrlSum>1000.00</CtrlSum>"))

    assert codes(raw, profiled(forbidden=forbidden)) == ["CH17"]
    assert len(names(raw, profiled(forbidden=forbidden))) == 3
    required = {"pacs.008": (Demand(("local_instrument",)), Demand(("batch_booking",), "group"))}
    assert names(raw, profiled(required=required)) == [("usage", "CH21")] * 2


@pytest.mark.parametrize(
    ("sums", "expected"),
    [
        ("<CtrlSum>2000</CtrlSum>", []),
        ("<CtrlSum>2000.000</CtrlSum>", []),
        ("<CtrlSum>2000.001</CtrlSum>", ["AM16"]),
        ('<TtlIntrBkSttlmAmt Ccy="INR">2000.00</TtlIntrBkSttlmAmt>', []),
        ('<TtlIntrBkSttlmAmt Ccy="INR">1999.99</TtlIntrBkSttlmAmt>', ["AM10"]),
        ('<TtlIntrBkSttlmAmt Ccy="BRL">2000.00</TtlIntrBkSttlmAmt>', ["AM10"]),
    ],
)
def test_sums_are_exact_decimals(sums, expected):
    """No float, no rounding, trailing zeros do not matter."""
    assert codes(message(document(transaction() + transaction(number=2), count=2, sums=sums))) == expected


def test_a_profile_bounds_the_transactions_of_a_message():
    """AM18, beside a wrong count."""
    raw = message(document(transaction() + transaction(number=2), count=2))

    assert codes(raw, profiled(transactions_max=1)) == ["AM18"]


def test_an_instruction_id_that_stands_twice_rejects_both():
    """As a UETR does, by its own code."""
    raw = message(
        document(transaction(instruction_id="X") + transaction(number=2, instruction_id="X"), count=2)
    )

    assert names(raw) == [("transaction_unique", "DU05")] * 2


@pytest.mark.parametrize(
    ("priority", "typed", "expected"),
    [("HIGH", "HIGH", []), ("HIGH", "NORM", ["FF03"]), ("NORM", "", []), ("", "HIGH", [])],
)
def test_priorities_of_header_and_instruction_agree(priority, typed, expected):
    """Where both are given."""
    head = header(tail=f"<Prty>{priority}</Prty>" if priority else "")
    kind = f"<PmtTpInf><InstrPrty>{typed}</InstrPrty></PmtTpInf>" if typed else ""

    assert codes(message(document(transaction(payment_type=kind)), head=head)) == expected


@pytest.mark.parametrize("text", ["/M1", "M1/", "M//1"])
def test_a_message_id_with_stray_slashes_rejects_the_message(text):
    """Scope is the group."""
    verdict = check(message(document(transaction(), message_id=text), head=header(message_id=text)), CONTEXT)

    assert [(one.code, one.scope) for one in verdict.findings] == [("CH16", "group")]


def test_an_escaped_slash_is_a_slash():
    """Rules run on what the reference means."""
    assert codes(message(document(transaction(instruction_id="&#47;A")))) == ["CH16"]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"AAAABRSPXXX": Participant("AAAABRSPXXX", active=False)}, "AG10"),
        ({"BBBBINBBXXX": Participant("BBBBINBBXXX", active=False)}, "AG10"),
        ({"BBBBINBBXXX": Participant("BBBBINBBXXX", currencies=frozenset({"BRL"}))}, "CNOR"),
    ],
)
def test_an_agent_is_active_and_reachable(state, expected):
    """Suspended: AG10, the creditor agent AG11; not in the settlement currency: not registered."""
    found = names(message(), with_fields(CONTEXT, directory=CONTEXT.directory | state))

    assert found[0] == ("bic", expected)
    assert ("AG11" in {code for _, code in found}) == (expected == "AG10" and "BBBBINBBXXX" in state)


def test_previous_and_intermediary_agents_need_a_country_alone():
    """They need not take part here."""
    far = agent("PrvsInstgAgt1", "ZZZZNOKKXXX")
    raw = message(document(transaction(between=far)))
    nowhere = message(document(transaction(between=agent("PrvsInstgAgt1", "ZZZZQXKKXXX"))))

    assert (codes(raw), codes(nowhere)) == ([], ["RC06"])


def test_nothing_is_judged_by_a_directory_that_is_not_known():
    """A bare profile knows nobody."""
    context = with_fields(CONTEXT, directory=None, hub_bic="", settled_currencies=None)

    assert codes(message(head=header(receiver="CCCCZAJJXXX")), context) == []


def test_a_bank_payment_is_judged_by_the_same_rules():
    """Institutions stand for the agents they do without; a stranger is found."""
    stranger = agent("Dbtr", "AAAABRSPXXX") + agent("Cdtr", "CCCCINBBXXX")
    named = "<Nm>C</Nm><PstlAdr><TwnNm>T</TwnNm><Ctry>IN</Ctry></PstlAdr>"
    nameless = stranger.replace("<BICFI>CCCCINBBXXX</BICFI>", named)

    assert codes(bank_message()) == []
    assert names(bank_message(bank_transaction(agents=stranger))) == [("bic", "CNOR")]
    assert names(bank_message(bank_transaction(agents=nameless))) == [("usage", "CH21")]


def test_a_notice_is_kept_and_moves_nothing():
    """The business service names it."""
    kinds = [
        check(bank_message(service=service), CONTEXT).envelope.payments[0].kind
        for service in ("hub.xborder.01", "swift.cbprplus.adv.03", "hub.adv")
    ]

    assert kinds == ["bank", "notice", "notice"]
