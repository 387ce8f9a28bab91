"""Rules about money, parties, dates, rates, codes and text: edges that the cases do not show."""

from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.iso20022.check import check
from steelyard.iso20022.context import OpenDays
from steelyard.iso20022.lexical import Decimal
from steelyard.iso20022.rules.rate import agree
from tests.iso20022.contexts import rules_context, with_fields
from tests.iso20022.messages import (
    CREDITOR,
    DEBTOR,
    agent,
    bank_message,
    bank_transaction,
    document,
    header,
    message,
    transaction,
)
from tests.iso20022.own_cases import REFERENCE, amounts, charge, iban, one, remitted, sent, typed

CONTEXT = rules_context()


def codes(raw: bytes, context=CONTEXT) -> list[str]:
    """Give the codes of a message."""
    return check(raw, context).codes


def names(raw: bytes, context=CONTEXT) -> list[tuple[str, str]]:
    """Give rule and code of every finding."""
    return [(found.rule, found.code) for found in check(raw, context).findings]


def profiled(**changes):
    """Give the context with a changed profile."""
    return with_fields(CONTEXT, profile=msgspec.structs.replace(CONTEXT.profile, **changes))


@pytest.mark.parametrize(
    ("currency", "text", "expected"),
    [
        ("INR", "10.50", []),
        ("INR", "10.500", ["CH20"]),
        ("IRR", "10.05", []),
        ("AED", "999999999999999.99", []),
        ("INR", "0", ["AM01"]),
        ("INR", "+0000000010.50", []),
        ("INR", " 10.50 ", []),
        ("INR", "10.", []),
    ],
)
def test_amounts_are_read_exactly(currency, text, expected):
    """Trailing zeros count as decimals; every legal form is read."""
    assert codes(sent(one(amounts=amounts(currency, text)))) == expected


@pytest.mark.parametrize(("currency", "digits"), [("JPY", 0), ("KRW", 0), ("IRR", 2), ("KWD", 3), ("TND", 3)])
def test_decimals_are_those_of_the_standard(currency, digits):
    """As many as the currency has pass, one more does not."""
    context = with_fields(CONTEXT, settled_currencies=None)
    exact = "7" + ("." + "1" * digits if digits else "")
    more = "7." + "1" * (digits + 1)

    assert codes(sent(one(amounts=amounts(currency, exact))), context) == []
    assert codes(sent(one(amounts=amounts(currency, more))), context) == ["CH20"]


def test_an_amount_of_10_to_the_18_minor_units_is_too_large():
    """Eighteen digits in whole units are a hundred times that."""
    assert names(sent(one(amounts=amounts("INR", "999999999999999999")))) == [("amount", "AM12")]
    assert codes(sent(one(amounts=amounts("INR", "9999999999999999")))) == []


def test_metals_and_funds_are_no_money_here():
    """Whatever the settled currencies say."""
    context = with_fields(CONTEXT, settled_currencies=frozenset({"XAU", "CLF", "INR"}))

    assert codes(sent(one(amounts=amounts("XAU", "1"))), context) == ["AM03"]
    assert codes(sent(one(amounts=amounts("CLF", "1"))), context) == ["AM03"]


@pytest.mark.parametrize(
    ("bearer", "instructed", "settled", "charges", "expected"),
    [
        ("SHAR", "100.00", "99.00", charge("1.00"), []),
        ("SHAR", "100.00", "99.00", charge("0.40") + charge("0.60"), []),
        ("SHAR", "100.00", "99.00", "", ["CH21"]),
        ("SHAR", "100.00", "99.00", charge("2.00"), ["AM09"]),
        ("CRED", "100.00", "99.00", charge("1.00"), []),
        ("CRED", "100.00", "100.00", charge("0.00"), []),
        ("CRED", "100.00", "100.00", "", ["CH21"]),
        ("DEBT", "100.00", "101.00", charge("1.00"), []),
        ("DEBT", "100.00", "99.00", charge("1.00"), ["AM09"]),
        ("DEBT", "100.00", "100.00", charge("1.00") * 2, ["CH17"]),
        ("SLEV", "100.00", "100.00", "", []),
    ],
)
def test_charges_explain_the_difference_exactly(bearer, instructed, settled, charges, expected):
    """Less what is deducted; plus what the debtor pays on top."""
    money = amounts("INR", settled) + f'<InstdAmt Ccy="INR">{instructed}</InstdAmt>'

    assert codes(sent(one(amounts=money, bearer=f"<ChrgBr>{bearer}</ChrgBr>", between=charges))) == expected


decimals = st.builds(Decimal, st.integers(1, 10**18), st.integers(0, 5))


@given(settlement=decimals, instructed=decimals, rate=decimals, ppm=st.integers(0, 10_000))
def test_a_rate_agrees_exactly_when_fractions_say_so(settlement, instructed, rate, ppm):
    """Against the definition in exact fractions."""
    s, i, r = (Fraction(one.unscaled, 10**one.digits) for one in (settlement, instructed, rate))

    assert agree(settlement, instructed, rate, ppm=ppm) == (abs(s - i * r) * 1_000_000 <= ppm * i * r)


def test_the_edge_of_the_tolerance_is_inside():
    """100 ppm of 1,000,000 is 100; a hundredth more is not."""
    million = Decimal(1_000_000, 0)

    assert agree(Decimal(1_000_100, 0), million, Decimal(1, 0), ppm=100)
    assert not agree(Decimal(100_010_001, 2), million, Decimal(1, 0), ppm=100)


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (iban("AE", "0331234567890123456"), []),
        (iban("EG", "0019000500000000263180002"), []),
        (iban("IN", "0019000500000000"), ["AC03"]),
        (iban("AE", "033123456789012345"), ["AC03"]),
    ],
)
def test_an_iban_has_its_countrys_length_and_a_country_that_has_any(account, expected):
    """India has none: a fault on the creditor's side is AC03."""
    assert codes(sent(one(creditor_account=f"<Id><IBAN>{account}</IBAN></Id>"))) == expected


def test_the_same_account_cannot_pay_itself():
    """An IBAN, or one number at one bank; the same number at two banks is two accounts."""
    own = iban("AE", "0331234567890123456")
    held = f"<Id><IBAN>{own}</IBAN></Id>"

    assert codes(sent(one(debtor_account=held, creditor_account=held))) == ["CH16"]
    number = "<Id><Othr><Id>7</Id></Othr></Id>"
    assert codes(sent(one(debtor_account=number, creditor_account=number))) == []
    same_bank = one(debtor_account=number, creditor_account=number).replace(
        agent("DbtrAgt", "AAAABRSPXXX"), agent("DbtrAgt", "BBBBINBBXXX")
    )
    assert codes(sent(same_bank)) == ["CH16"]


def test_a_profile_may_ask_that_an_iban_is_of_its_banks_country():
    """An account of the Emirates at a bank in India; silent where the account is wrong anyway."""
    context = profiled(iban_country=True)
    foreign = f"<Id><IBAN>{iban('AE', '0331234567890123456')}</IBAN></Id>"

    assert codes(sent(one(creditor_account=foreign)), context) == ["AC03"]
    assert names(sent(one(creditor_account=foreign.replace("0331", "0332"))), context) == [("iban", "AC03")]
    assert codes(sent(one(creditor_account=foreign))) == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("<TwnNm>Pune</TwnNm><Ctry>IN</Ctry>", []),
        ("<TwnNm>Pune</TwnNm>", ["BE04"]),
        ("<Ctry>IN</Ctry>", ["BE04"]),
        ("<TwnNm>Pune</TwnNm><Ctry>IN</Ctry><AdrLine>Punekar House</AdrLine>", []),
        ("<TwnNm>Pune</TwnNm><Ctry>IN</Ctry><AdrLine>Old pune, east</AdrLine>", ["BE04"]),
        ("<StrtNm>M G</StrtNm><TwnNm>Pune</TwnNm><Ctry>IN</Ctry><AdrLine>M G Road</AdrLine>", ["BE04"]),
        ("<BldgNb>4</BldgNb><TwnNm>Pune</TwnNm><Ctry>IN</Ctry><AdrLine>4 Mill Road</AdrLine>", []),
        ("<TwnNm>Pune</TwnNm><Ctry>IN</Ctry><AdrLine>IN</AdrLine>", []),
    ],
)
def test_an_address_has_town_and_country_and_lines_that_add_something(address, expected):
    """Whole words of three characters or more are not repeated."""
    creditor = f"<Cdtr><Nm>Deccan Looms</Nm><PstlAdr>{address}</PstlAdr></Cdtr>"

    assert codes(sent(one(creditor=creditor))) == expected


def test_lines_alone_pass_until_the_profiles_last_day():
    """That day included, the next one not."""
    lines = "<Cdtr><Nm>D</Nm><PstlAdr><Ctry>IN</Ctry><AdrLine>4 Mill Road, Pune</AdrLine></PstlAdr></Cdtr>"
    raw = sent(one(creditor=lines))
    today = CONTEXT.business_on

    assert codes(raw, profiled(unstructured_address_until=today)) == []
    assert codes(raw, profiled(unstructured_address_until=None)) == []
    assert codes(raw, profiled(unstructured_address_until=today - 1)) == ["BE04"]


def test_names_are_there_unless_a_bic_stands_for_them():
    """An organisation by its BIC has no name; with an address it has one."""
    by_bic = "<Cdtr><Id><OrgId><AnyBIC>DECCINBBXXX</AnyBIC></OrgId></Id></Cdtr>"
    with_address = by_bic.replace("<Cdtr>", "<Cdtr><PstlAdr><TwnNm>Pune</TwnNm><Ctry>IN</Ctry></PstlAdr>")

    assert codes(sent(one(creditor=by_bic))) == []
    assert codes(sent(one(creditor=with_address))) == ["BE22"]


def test_an_agents_name_and_address_come_together():
    """One alone is incomplete."""
    ends = b"</FinInstnId></CdtrAgt>"
    named = message().replace(ends, b"<Nm>B</Nm>" + ends)

    assert names(named) == [("name", "CH21")]


def test_reporting_countries_are_judged_as_nobodys():
    """An authority of a country that does not exist: BE09."""
    report = "<RgltryRptg><Authrty><Ctry>QX</Ctry></Authrty></RgltryRptg>"

    assert codes(sent(one(tail=report))) == ["BE09"]


@pytest.mark.parametrize(
    ("text", "is_reference", "expected"),
    [
        ("plain text", False, []),
        ("a_b @ c # d", False, []),
        ("a\tb", False, ["RR10"]),
        ("line\nbreak", False, ["RR10"]),
        ("naïve", False, ["RR10"]),
        ("a_b", True, ["RR10"]),
        ("a&amp;b", True, ["RR10"]),
        ("A-1/b?:().,'+ c", True, []),
    ],
)
def test_references_take_a_small_set_and_text_printable_ascii(text, is_reference, expected):
    """No line break in either."""
    changed = one(end_to_end_id=text) if is_reference else one(tail=remitted(f"<Ustrd>{text}</Ustrd>"))

    assert codes(sent(changed)) == expected


def test_native_text_passes_in_a_listed_script_with_a_latin_twin():
    """The profile lists Cyrillic; without a twin, or in another script, it is refused."""
    path = "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[1]/Cdtr/Nm"
    twin = (
        '<SplmtryData><Envlp><Latin xmlns="urn:steelyard:latin:01">'
        f'<Txt path="{path}">Dekan</Txt></Latin></Envlp></SplmtryData>'
    )
    native = CREDITOR.replace("Deccan Looms Private Limited", "Декан")
    context = profiled(scripts=("Latn", "Cyrl"))

    assert codes(sent(one(creditor=native, tail=twin)), context) == []
    assert codes(sent(one(creditor=native)), context) == ["RR10"]
    assert codes(sent(one(creditor=native, tail=twin))) == ["RR10"]
    assert codes(sent(one(creditor=native.replace("Декан", "デカン"), tail=twin)), context) == ["RR10"]


@pytest.mark.parametrize(
    ("remittance", "expected"),
    [
        (f"<Strd><CdtrRefInf><Ref>{REFERENCE}</Ref></CdtrRefInf></Strd>", []),
        ("<Strd><CdtrRefInf><Ref>RF00X</Ref></CdtrRefInf></Strd>", ["RR09"]),
        ("<Strd><CdtrRefInf><Ref>INV 7</Ref></CdtrRefInf></Strd>", []),
        (
            "<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>PUOR</Cd></CdOrPrtry></Tp><Ref>RF1</Ref></CdtrRefInf></Strd>",
            [],
        ),
        ("<Strd><AddtlRmtInf>" + "x" * 140 + "</AddtlRmtInf></Strd>", []),
        ("".join("<Strd><AddtlRmtInf>" + "x" * 140 + "</AddtlRmtInf></Strd>" for _ in range(65)), ["RR07"]),
    ],
)
def test_remittance_is_structured_or_free_and_not_too_long(remittance, expected):
    """A reference that says it is one of ISO 11649 is one."""
    assert codes(sent(one(tail=remitted(remittance)))) == expected


def test_remittance_sent_elsewhere_excludes_remittance_here():
    """One or the other."""
    elsewhere = "<RltdRmtInf><RmtId>7</RmtId></RltdRmtInf>"

    assert codes(sent(one(tail=elsewhere + remitted("<Ustrd>x</Ustrd>")))) == ["RR07"]
    assert codes(sent(one(tail=elsewhere))) == []


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-11-23", []),
        ("2027-11-23", []),
        ("2027-11-24", ["DT04"]),
        ("2026-11-22", ["DT01"]),
        ("12026-11-25", ["CH16"]),
        ("2026-11-25+05:30", []),
    ],
)
def test_settlement_dates_from_today_to_the_horizon(day, expected):
    """Both ends included; the calendar date is what is written."""
    assert codes(sent(one(amounts=amounts("INR", "1.00").replace("2026-11-25", day)))) == expected


def test_the_day_is_open_for_both_currencies():
    """A holiday of the instructed currency counts as one of the settlement currency does."""
    days = {"": OpenDays(), "BRL": OpenDays(closed_on=frozenset({20_782}))}
    context = with_fields(CONTEXT, calendars=days)

    found = check(sent(), context).findings
    assert [(one.code, "BRL" in one.text, "INR" in one.text) for one in found] == [("DT03", True, False)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T12:05:00Z", []),
        ("2026-11-23T12:05:00.001Z", ["DT02"]),
        ("2026-11-21T12:00:00Z", []),
        ("2026-11-21T11:59:59.999999999Z", ["DT02"]),
        ("2026-11-23T17:00:00+05:30", []),
        ("2026-11-22T24:00:00Z", []),
        ("2026-11-23T11:00:00.0000000000Z", []),
        ("2026-11-23T11:00:00.0000000001Z", ["DT02"]),
        ("2026-11-23T11:00:00", ["DT02"]),
        ("12026-11-23T11:00:00Z", ["DT02"]),
    ],
)
def test_creation_times_lie_near_the_clock(text, expected):
    """300 seconds ahead, two days behind, both included; header and group alike."""
    assert codes(message(document(transaction(), created_at=text))) == expected
    assert codes(message(head=header(created_at=text))) == expected


@pytest.mark.parametrize(
    ("level", "bank", "expected"),
    [
        ("G001", False, []),
        ("G004", False, ["FF04"]),
        ("G004", True, []),
        ("G001", True, ["FF04"]),
        ("URGP", True, []),
    ],
)
def test_service_levels_fit_the_kind_of_payment(level, bank, expected):
    """Customer levels on customer payments."""
    kind = typed(f"<SvcLvl><Cd>{level}</Cd></SvcLvl>")
    raw = bank_message(bank_transaction(payment_type=kind)) if bank else sent(one(payment_type=kind))

    assert codes(raw) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["HOLD"], []),
        (["HOLD", "PHOB"], []),
        (["HOLD", "HOLD"], ["CH16"]),
        (["HOLD", "CHQB"], ["CH16"]),
        (["TELB", "PHOB"], ["CH16"]),
    ],
)
def test_instructions_do_not_contradict_each_other(rows, expected):
    """Each once."""
    tail = "".join(f"<InstrForCdtrAgt><Cd>{row}</Cd></InstrForCdtrAgt>" for row in rows)

    assert codes(sent(one(tail=tail))) == expected


def test_all_findings_are_collected_in_order():
    """By rule, then transaction, then place; what follows from another is left out."""
    stateless = DEBTOR.replace("BR</Ctry>", "QX</Ctry>")
    bad = transaction(number=2, uetr="", debtor=stateless, tail="<Purp><Cd>QQQQ</Cd></Purp>")
    raw = message(document(transaction(uetr="") + bad, count=3, sums="<CtrlSum>1</CtrlSum>"))
    found = [(one.rule, one.ordinal) for one in check(raw, CONTEXT).findings]

    assert found == [
        ("count", None),
        ("control_sum", None),
        ("uetr_present", 1),
        ("uetr_present", 2),
        ("country", 2),
        ("code_sets", 2),
    ]
