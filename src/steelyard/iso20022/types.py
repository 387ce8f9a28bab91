"""The simple types of ISO 20022 messages: what one text value may look like.

Each entry mirrors the facets of the published type of that name exactly, no tighter and no
looser, so that a schema written from these accepts what the published one accepts. An amount
is the one type with an attribute: its currency. Narrower demands are rules, not types.

The names are the standard's. `External...Code` types bound only the length; which codes are
in use is a code set and a rule, since those lists change every quarter.
"""

from typing import NamedTuple


class Simple(NamedTuple):
    """One simple type: the XML Schema base and the facets on it. `currency`: carries a `Ccy` attribute."""

    base: str
    length_min: int | None = None
    length_max: int | None = None
    pattern: str | None = None
    enumeration: tuple[str, ...] = ()
    digits: int | None = None
    fraction: int | None = None
    at_least: str | None = None
    currency: bool = False


def _text(length_max: int) -> Simple:
    """Give a text of 1 to `length_max` characters."""
    return Simple("string", length_min=1, length_max=length_max)


def _codes(words: str) -> Simple:
    """Give a closed list of words."""
    return Simple("string", enumeration=tuple(words.split()))


def _pattern(pattern: str) -> Simple:
    """Give a text that a pattern describes wholly."""
    return Simple("string", pattern=pattern)


def _money(fraction: int) -> Simple:
    """Give an amount with its currency, not negative, 18 digits in all."""
    return Simple("decimal", digits=18, fraction=fraction, at_least="0", currency=True)


_BIC = r"[A-Z0-9]{4,4}[A-Z]{2,2}[A-Z0-9]{2,2}([A-Z0-9]{3,3}){0,1}"
_BIC_BEFORE_2014 = r"[A-Z]{6,6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3,3}){0,1}"
_EXTERNAL = (  # codes of published lists, one to four characters unless said otherwise below
    "AccountIdentification1 BalanceSubType1 BalanceType1 BankTransactionDomain1 BankTransactionFamily1 "
    "BankTransactionSubFamily1 CashAccountType1 CategoryPurpose1 ChargeType1 CreditLineType1 "
    "CreditorAgentInstruction1 CreditorReferenceType1 DateType1 DiscountAmountType1 DocumentAmountType1 "
    "DocumentType1 EntryStatus1 FinancialInstitutionIdentification1 OrganisationIdentification1 "
    "PaymentGroupStatus1 PaymentTransactionStatus1 PersonIdentification1 ProxyAccountType1 Purpose1 "
    "ReportingSource1 ReturnReason1 ServiceLevel1 StatusReason1 TaxAmountType1 TechnicalInputChannel1"
)

TYPES: dict[str, Simple] = {
    # text by its longest length
    **{f"Max{n}Text": _text(n) for n in (4, 10, 16, 34, 35, 70, 105, 128, 140, 256, 350, 500, 2048, 20000)},
    # figures kept as text
    "Max5NumericText": _pattern("[0-9]{1,5}"),
    "Max15NumericText": _pattern("[0-9]{1,15}"),
    "Max15PlusSignedNumericText": _pattern(r"[\+]{0,1}[0-9]{1,15}"),
    "Exact4AlphaNumericText": _pattern("[a-zA-Z0-9]{4}"),
    # amounts, rates, numbers
    "ActiveCurrencyAndAmount": _money(5),
    "ActiveOrHistoricCurrencyAndAmount": _money(5),
    "ImpliedCurrencyAndAmount": Simple("decimal", digits=18, fraction=5, at_least="0"),
    "BaseOneRate": Simple("decimal", digits=11, fraction=10),
    "PercentageRate": Simple("decimal", digits=11, fraction=10),
    "DecimalNumber": Simple("decimal", digits=18, fraction=17),
    "NonNegativeDecimalNumber": Simple("decimal", digits=18, fraction=17, at_least="0"),
    "Number": Simple("decimal", digits=18, fraction=0),
    "PositiveNumber": Simple("decimal", digits=18, fraction=0, at_least="1"),
    # time
    "ISODate": Simple("date"),
    "ISODateTime": Simple("dateTime"),
    "ISONormalisedDateTime": Simple("dateTime", pattern=".*Z"),
    "ISOTime": Simple("time"),
    # identifiers
    "AnyBICDec2014Identifier": _pattern(_BIC),
    "AnyBICIdentifier": _pattern(_BIC_BEFORE_2014),
    "BICFIDec2014Identifier": _pattern(_BIC),
    "BICFIIdentifier": _pattern(_BIC_BEFORE_2014),
    "IBAN2007Identifier": _pattern("[A-Z]{2,2}[0-9]{2,2}[a-zA-Z0-9]{1,30}"),
    "LEIIdentifier": _pattern("[A-Z0-9]{18,18}[0-9]{2,2}"),
    "UUIDv4Identifier": _pattern("[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}"),
    "HexBinaryText": _pattern("[0-9a-fA-F]+"),
    "SHA256SignatureText": _pattern("([0-9A-F][0-9A-F]){32}"),
    "PhoneNumber": _pattern(r"\+[0-9]{1,3}-[0-9()+\-]{1,30}"),
    "CountryCode": _pattern("[A-Z]{2,2}"),
    "ActiveCurrencyCode": _pattern("[A-Z]{3,3}"),
    "ActiveOrHistoricCurrencyCode": _pattern("[A-Z]{3,3}"),
    # yes or no
    **{
        name: Simple("boolean")
        for name in (
            "BatchBookingIndicator",
            "ChargeIncludedIndicator",
            "TrueFalseIndicator",
            "YesNoIndicator",
        )
    },
    # closed lists
    "AddressType2Code": _codes("ADDR PBOX HOME BIZZ MLTO DLVY"),
    "ChargeBearerType1Code": _codes("DEBT CRED SHAR SLEV"),
    "ClearingChannel2Code": _codes("RTGS RTNS MPNS BOOK"),
    "CopyDuplicate1Code": _codes("CODU COPY DUPL"),
    "CreditDebitCode": _codes("CRDT DBIT"),
    "DocumentType3Code": _codes("RADM RPIN FXDR DISP PUOR SCOR"),
    "DocumentType6Code": _codes(
        "MSIN CNFA DNFA CINV CREN DEBN HIRI SBIN CMCN SOAC DISP BOLD VCHR AROI TSUT PUOR"
    ),
    "Instruction3Code": _codes("CHQB HOLD PHOB TELB"),
    "Instruction4Code": _codes("PHOA TELA"),
    "Instruction5Code": _codes("PHOB TELB"),
    "InterestType1Code": _codes("INDY OVRN"),
    "NamePrefix1Code": _codes("DOCT MIST MISS MADM"),
    "NamePrefix2Code": _codes("DOCT MADM MISS MIST MIKS"),
    "PaymentMethod4Code": _codes("CHK TRF DD TRA"),
    "PreferredContactMethod1Code": _codes("LETT MAIL PHON FAXX CELL"),
    "PreferredContactMethod2Code": _codes("MAIL FAXX LETT CELL ONLI PHON"),
    "Priority2Code": _codes("HIGH NORM"),
    "Priority3Code": _codes("URGT HIGH NORM"),
    "RegulatoryReportingType1Code": _codes("CRED DEBT BOTH"),
    "RemittanceLocationMethod2Code": _codes("FAXI EDIC URID EMAL POST SMSM"),
    "SequenceType3Code": _codes("FRST RCUR FNAL OOFF RPRE"),
    "SettlementMethod1Code": _codes("INDA INGA COVE CLRG"),
    # open lists
    "BusinessMessagePriorityCode": Simple("string"),
    "UnicodeChartsCode": Simple("string"),
    **{f"External{name}Code": _text(4) for name in _EXTERNAL.split()},
    "ExternalCashClearingSystem1Code": _text(3),
    "ExternalClearingSystemIdentification1Code": _text(5),
    "ExternalLocalInstrument1Code": _text(35),
}
