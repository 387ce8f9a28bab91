"""What messages share: party, agent, account, address, charges, remittance, each written once.

A component is a tuple of rows with paths below it; a row of a message whose type names a component stands
for all of them. Three forms of type are not names of a simple type or a component:

- `group`: an element with children, whose rows follow under its own path;
- `code:X`: the pair found everywhere, a code of type X or an own word of at most 35 characters;
- `opaque:target`, `opaque:any`, `opaque:signature`: content is checked for its namespace only and
  carried, never read (one component of at most 64 KiB).

The tables give the generation of 2019, which the .08 messages use. What differs in the generations of 2022
(.11), 2023 (.12 and .13) or 2013 (head.001.001.01) stands in `GENERATIONS` as steps on the components.
"""

from typing import Final, NamedTuple

Cells = tuple[str, str | None, str, str, str, str]  # path, ours, type, occurs, use, meaning

# A step is ("add", the path it follows or "", row), ("drop", path), ("retype", path, type) or
# ("reoccur", path, occurs). A row goes and comes with the rows below it.
Step = tuple[str, str] | tuple[str, str, str] | tuple[str, str, Cells]


class Version(NamedTuple):
    """A published version of a message: the generation of its components and its steps from the table."""

    generation: str
    steps: tuple[Step, ...] = ()


def under(path: str, rows: tuple[Cells, ...]) -> tuple[Cells, ...]:
    """Give the rows with their paths put below another."""
    return tuple((f"{path}/{row[0]}", *row[1:]) for row in rows)


R: Final = "read"
C: Final = "carried"

SUPPLEMENT = (
    ("PlcAndNm", None, "Max350Text", "?", C, "Where in the message the addition belongs."),
    ("Envlp", None, "opaque:any", "1", C, "The addition itself, one element of any namespace."),
)
ADDRESS = (
    ("AdrTp", "type", "AddressType", "?", R, "What kind of address this is."),
    ("Dept", "department", "Max70Text", "?", R, "Department of a large organisation."),
    ("SubDept", "sub_department", "Max70Text", "?", R, "Part of that department."),
    ("StrtNm", "street", "Max70Text", "?", R, "Street without the number."),
    ("BldgNb", "building", "Max16Text", "?", R, "Number of the building in its street."),
    ("BldgNm", "building_name", "Max35Text", "?", R, "Name by which the building is known."),
    ("Flr", "floor", "Max70Text", "?", R, "Floor or storey."),
    ("PstBx", "post_box", "Max16Text", "?", R, "Number of a box in a post office."),
    ("Room", "room", "Max70Text", "?", R, "Room or flat."),
    ("PstCd", "post_code", "Max16Text", "?", R, "Post code as the country writes it."),
    ("TwnNm", "town", "Max35Text", "?", R, "Town or city."),
    ("TwnLctnNm", "location", "Max35Text", "?", R, "Named part of the town."),
    ("DstrctNm", "district", "Max35Text", "?", R, "District within the subdivision."),
    ("CtrySubDvsn", "subdivision", "Max35Text", "?", R, "State, province or region."),
    ("Ctry", "country", "CountryCode", "?", R, "Country, ISO 3166 alpha-2."),
    ("AdrLine", "lines", "Max70Text", "0..7", R, "One line of an address that is not split into parts."),
)
ADDRESS_TYPE = (
    ("Cd", "code", "AddressType2Code", "choice:kind", R, "Kind of address by the closed list."),
    ("Prtry", "proprietary", "group", "choice:kind", R, "Kind of address by a private list."),
    ("Prtry/Id", "id", "Exact4AlphaNumericText", "1", R, "The word in that list."),
    ("Prtry/Issr", "issuer", "Max35Text", "1", R, "Who keeps that list."),
    ("Prtry/SchmeNm", "scheme", "Max35Text", "?", R, "Name of that list."),
)
CONTACT = (
    ("NmPrfx", "name_prefix", "NamePrefix2Code", "?", R, "How the person is addressed."),
    ("Nm", "name", "Max140Text", "?", R, "Name of the person or desk to ask."),
    ("PhneNb", "phone", "PhoneNumber", "?", R, "Telephone number, +country-number."),
    ("MobNb", "mobile", "PhoneNumber", "?", R, "Mobile number, +country-number."),
    ("FaxNb", "fax", "PhoneNumber", "?", R, "Fax number, +country-number."),
    ("EmailAdr", "email", "Max2048Text", "?", R, "Address for e-mail."),
    ("EmailPurp", "email_purpose", "Max35Text", "?", R, "What that e-mail address may be used for."),
    ("JobTitl", "job_title", "Max35Text", "?", R, "Title of the person's post."),
    ("Rspnsblty", "responsibility", "Max35Text", "?", R, "What the person answers for."),
    ("Dept", "department", "Max70Text", "?", R, "Department the person works in."),
    ("Othr", "other", "OtherContact", "*", R, "A further way to reach the person."),
    ("PrefrdMtd", "preferred", "PreferredContactMethod1Code", "?", R, "Way the person likes to be reached."),
)
OTHER_CONTACT = (
    ("ChanlTp", "channel", "Max4Text", "1", R, "Kind of channel."),
    ("Id", "id", "Max128Text", "?", R, "Name or number on that channel."),
)
PARTY = (
    ("Nm", "name", "Max140Text", "?", R, "Name by which the party is known in law."),
    ("PstlAdr", "address", "Address", "?", R, "Where the party lives or has its seat."),
    ("Id", None, "group", "?", R, "What identifies the party."),
    ("Id/OrgId", None, "group", "choice:kind", R, "Identifiers of an organisation."),
    ("Id/OrgId/AnyBIC", "bic", "AnyBICDec2014Identifier", "?", R, "BIC of the organisation, bank or not."),
    ("Id/OrgId/LEI", "lei", "LEIIdentifier", "?", R, "Legal entity identifier, ISO 17442."),
    ("Id/OrgId/Othr", "other_ids", "OrganisationId", "*", R, "Another identifier of the organisation."),
    ("Id/PrvtId", None, "group", "choice:kind", R, "Identifiers of a person."),
    ("Id/PrvtId/DtAndPlcOfBirth", "birth", "Birth", "?", R, "When and where the person was born."),
    ("Id/PrvtId/Othr", "person_ids", "PersonId", "*", R, "A document or number that identifies the person."),
    ("CtryOfRes", "residence", "CountryCode", "?", R, "Country of residence, ISO 3166 alpha-2."),
    ("CtctDtls", "contact", "Contact", "?", R, "Whom to ask at the party."),
)
BIRTH = (
    ("BirthDt", "born_on", "ISODate", "1", R, "Date of birth."),
    ("PrvcOfBirth", "province", "Max35Text", "?", R, "Province of birth."),
    ("CityOfBirth", "town", "Max35Text", "1", R, "Town of birth."),
    ("CtryOfBirth", "country", "CountryCode", "1", R, "Country of birth, ISO 3166 alpha-2."),
)


def _identifier(length: str, scheme: str) -> tuple[Cells, ...]:
    """Give the rows of an identifier with the scheme it belongs to and who gave it out."""
    return (
        ("Id", "id", length, "1", R, "The identifier as its issuer writes it."),
        ("SchmeNm", "scheme", f"code:{scheme}", "?", R, "Which kind of identifier it is."),
        ("Issr", "issuer", "Max35Text", "?", R, "Who gave the identifier out."),
    )


AGENT = (
    ("FinInstnId", None, "group", "1", R, "What identifies the institution."),
    ("FinInstnId/BICFI", "bic", "BICFIDec2014Identifier", "?", R, "BIC of the institution, ISO 9362."),
    ("FinInstnId/ClrSysMmbId", None, "group", "?", R, "Membership of a clearing system."),
    (
        "FinInstnId/ClrSysMmbId/ClrSysId",
        "clearing_system",
        "code:ExternalClearingSystemIdentification1Code",
        "?",
        R,
        "Clearing system whose code follows.",
    ),
    (
        "FinInstnId/ClrSysMmbId/MmbId",
        "clearing_code",
        "Max35Text",
        "1",
        R,
        "The institution's code in that system.",
    ),
    ("FinInstnId/LEI", "lei", "LEIIdentifier", "?", R, "Legal entity identifier, ISO 17442."),
    ("FinInstnId/Nm", "name", "Max140Text", "?", R, "Name of the institution."),
    ("FinInstnId/PstlAdr", "address", "Address", "?", R, "Address of the institution."),
    ("FinInstnId/Othr", "other", "AgentId", "?", R, "Another identifier of the institution."),
    ("BrnchId", "branch", "group", "?", R, "The branch meant, if one is."),
    ("BrnchId/Id", "id", "Max35Text", "?", R, "Number of the branch."),
    ("BrnchId/LEI", "lei", "LEIIdentifier", "?", R, "Legal entity identifier of the branch."),
    ("BrnchId/Nm", "name", "Max140Text", "?", R, "Name of the branch."),
    ("BrnchId/PstlAdr", "address", "Address", "?", R, "Address of the branch."),
)
ACCOUNT = (
    ("Id", None, "group", "1", R, "What identifies the account."),
    ("Id/IBAN", "iban", "IBAN2007Identifier", "choice:kind", R, "International account number, ISO 13616."),
    ("Id/Othr", "other", "AccountId", "choice:kind", R, "Account number of a national or private scheme."),
    ("Tp", "type", "code:ExternalCashAccountType1Code", "?", R, "Kind of account."),
    ("Ccy", "currency", "ActiveOrHistoricCurrencyCode", "?", R, "Currency of the account, ISO 4217."),
    ("Nm", "name", "Max70Text", "?", R, "Name the account holder gave the account."),
    ("Prxy", "proxy", "group", "?", R, "An alias that stands for the account."),
    ("Prxy/Tp", "type", "code:ExternalProxyAccountType1Code", "?", R, "Kind of alias."),
    ("Prxy/Id", "id", "Max2048Text", "1", R, "The alias: a phone number, an e-mail address or the like."),
)
OWNED_ACCOUNT = (
    *ACCOUNT,
    ("Ownr", "owner", "Party", "?", R, "Who owns the account."),
    ("Svcr", "servicer", "Agent", "?", R, "Institution that keeps the account."),
)
PARTY_OR_AGENT = (
    ("Pty", "party", "Party", "choice:kind", R, "A party that is no bank."),
    ("Agt", "agent", "Agent", "choice:kind", R, "A financial institution."),
)
PAYMENT_TYPE = (
    ("InstrPrty", "priority", "Priority2Code", "?", R, "How soon the sender wants it processed."),
    ("ClrChanl", "clearing_channel", "ClearingChannel2Code", "?", R, "Channel over which it shall clear."),
    (
        "SvcLvl",
        "service_levels",
        "code:ExternalServiceLevel1Code",
        "*",
        R,
        "Rules under which it is processed.",
    ),
    ("LclInstrm", "local_instrument", "code:ExternalLocalInstrument1Code", "?", R, "Scheme product used."),
    (
        "CtgyPurp",
        "category_purpose",
        "code:ExternalCategoryPurpose1Code",
        "?",
        R,
        "Kind of payment, for processing.",
    ),
)
PAYMENT_TYPE_AND_SEQUENCE = (
    *PAYMENT_TYPE[:4],
    ("SeqTp", "sequence", "SequenceType3Code", "?", R, "Place in a series of direct debits."),
    PAYMENT_TYPE[4],
)
SETTLEMENT = (
    ("SttlmMtd", "settlement_method", "SettlementMethod1Code", "1", R, "How the banks settle between them."),
    ("SttlmAcct", "settlement_account", "Account", "?", R, "Account over which they settle."),
    (
        "ClrSys",
        "clearing_system",
        "code:ExternalCashClearingSystem1Code",
        "?",
        R,
        "Clearing system that settles.",
    ),
    ("InstgRmbrsmntAgt", "sender_correspondent", "Agent", "?", R, "Correspondent that pays for the sender."),
    (
        "InstgRmbrsmntAgtAcct",
        "sender_correspondent_account",
        "Account",
        "?",
        R,
        "The sender's account there.",
    ),
    (
        "InstdRmbrsmntAgt",
        "receiver_correspondent",
        "Agent",
        "?",
        R,
        "Correspondent that collects for the receiver.",
    ),
    (
        "InstdRmbrsmntAgtAcct",
        "receiver_correspondent_account",
        "Account",
        "?",
        R,
        "The receiver's account there.",
    ),
    ("ThrdRmbrsmntAgt", "third_correspondent", "Agent", "?", R, "Correspondent between those two."),
    (
        "ThrdRmbrsmntAgtAcct",
        "third_correspondent_account",
        "Account",
        "?",
        R,
        "Account at that correspondent.",
    ),
)
CHARGE = (
    ("Amt", "amount", "ActiveOrHistoricCurrencyAndAmount", "1", R, "The charge, zero allowed."),
    ("Agt", "agent", "Agent", "1", R, "Who took the charge or is owed it."),
)
CHARGE_TYPE = (
    ("Cd", "code", "ExternalChargeType1Code", "choice:kind", R, "Kind of charge by the published list."),
    ("Prtry", "proprietary", "group", "choice:kind", R, "Kind of charge by a private list."),
    ("Prtry/Id", "id", "Max35Text", "1", R, "The word in that list."),
    ("Prtry/Issr", "issuer", "Max35Text", "?", R, "Who keeps that list."),
)
REGULATORY = (
    (
        "DbtCdtRptgInd",
        "direction",
        "RegulatoryReportingType1Code",
        "?",
        R,
        "Whether payer, payee or both report.",
    ),
    ("Authrty", "authority", "group", "?", R, "Authority the report is for."),
    ("Authrty/Nm", "name", "Max140Text", "?", R, "Name of the authority."),
    ("Authrty/Ctry", "country", "CountryCode", "?", R, "Country of the authority."),
    ("Dtls", "details", "group", "*", R, "One statement of the report."),
    ("Dtls/Tp", "type", "Max35Text", "?", R, "Kind of statement."),
    ("Dtls/Dt", "on", "ISODate", "?", R, "Date the statement is about."),
    ("Dtls/Ctry", "country", "CountryCode", "?", R, "Country the statement is about."),
    ("Dtls/Cd", "code", "Max10Text", "?", R, "Purpose or reporting code of that country."),
    ("Dtls/Amt", "amount", "ActiveOrHistoricCurrencyAndAmount", "?", R, "Amount to report."),
    ("Dtls/Inf", "text", "Max35Text", "*", R, "More about it, in words."),
)
REMITTANCE_LOCATION = (
    ("RmtId", "id", "Max35Text", "?", R, "Reference of the advice sent elsewhere."),
    ("RmtLctnDtls", "locations", "group", "*", R, "Where the advice was or will be sent."),
    ("RmtLctnDtls/Mtd", "method", "RemittanceLocationMethod2Code", "1", R, "Way in which it is sent."),
    ("RmtLctnDtls/ElctrncAdr", "electronic_address", "Max2048Text", "?", R, "Electronic address it goes to."),
    ("RmtLctnDtls/PstlAdr", "postal", "group", "?", R, "Postal address it goes to."),
    ("RmtLctnDtls/PstlAdr/Nm", "name", "Max140Text", "1", R, "Name on the letter."),
    ("RmtLctnDtls/PstlAdr/Adr", "address", "Address", "1", R, "Address on the letter."),
)
REMITTANCE = (
    ("Ustrd", "free", "Max140Text", "*", R, "One line of free remittance text."),
    ("Strd", "structured", "StructuredRemittance", "*", R, "Remittance in parts a program can match."),
)
FREE_REMITTANCE = (REMITTANCE[0],)
STRUCTURED_REMITTANCE = (
    ("RfrdDocInf", "documents", "ReferredDocument", "*", R, "A document that the payment is for."),
    ("RfrdDocAmt", "amounts", "RemittanceAmounts", "?", R, "How the amount paid comes about."),
    ("CdtrRefInf", "creditor_reference", "group", "?", R, "The payee's own reference."),
    ("CdtrRefInf/Tp", "type", "group", "?", R, "Kind of reference."),
    ("CdtrRefInf/Tp/CdOrPrtry", None, "group", "1", R, "Kind of reference, by a list."),
    (
        "CdtrRefInf/Tp/CdOrPrtry/Cd",
        "code",
        "DocumentType3Code",
        "choice:kind",
        R,
        "Kind by the standard's list.",
    ),
    (
        "CdtrRefInf/Tp/CdOrPrtry/Prtry",
        "proprietary",
        "Max35Text",
        "choice:kind",
        R,
        "Kind by a private list.",
    ),
    ("CdtrRefInf/Tp/Issr", "issuer", "Max35Text", "?", R, "Who keeps that list."),
    ("CdtrRefInf/Ref", "reference", "Max35Text", "?", R, "The reference itself, ISO 11649 under SCOR."),
    ("Invcr", "invoicer", "Party", "?", R, "Who wrote the invoice."),
    ("Invcee", "invoicee", "Party", "?", R, "Whom the invoice was for."),
    ("TaxRmt", None, "opaque:target", "?", C, "Tax paid with this payment."),
    ("GrnshmtRmt", None, "opaque:target", "?", C, "Garnishment paid with this payment."),
    ("AddtlRmtInf", "text", "Max140Text", "0..3", R, "More about it, in words."),
)
REFERRED_DOCUMENT = (
    ("Tp", "type", "group", "?", R, "Kind of document."),
    ("Tp/CdOrPrtry", None, "group", "1", R, "Kind of document, by a list."),
    ("Tp/CdOrPrtry/Cd", "code", "DocumentType6Code", "choice:kind", R, "Kind by the standard's list."),
    ("Tp/CdOrPrtry/Prtry", "proprietary", "Max35Text", "choice:kind", R, "Kind by a private list."),
    ("Tp/Issr", "issuer", "Max35Text", "?", R, "Who keeps that list."),
    ("Nb", "number", "Max35Text", "?", R, "Number of the document."),
    ("RltdDt", "on", "ISODate", "?", R, "Date of the document."),
    ("LineDtls", None, "opaque:target", "*", C, "One line of the document."),
)
REMITTANCE_AMOUNTS = (
    ("DuePyblAmt", "due", "ActiveOrHistoricCurrencyAndAmount", "?", R, "Amount of the document."),
    ("DscntApldAmt", "discounts", "group", "*", R, "A discount taken off."),
    ("DscntApldAmt/Tp", "type", "code:ExternalDiscountAmountType1Code", "?", R, "Kind of discount."),
    ("DscntApldAmt/Amt", "amount", "ActiveOrHistoricCurrencyAndAmount", "1", R, "The discount."),
    (
        "CdtNoteAmt",
        "credit_note",
        "ActiveOrHistoricCurrencyAndAmount",
        "?",
        R,
        "Amount of a credit note taken off.",
    ),
    ("TaxAmt", "taxes", "group", "*", R, "A tax within the amount."),
    ("TaxAmt/Tp", "type", "code:ExternalTaxAmountType1Code", "?", R, "Kind of tax."),
    ("TaxAmt/Amt", "amount", "ActiveOrHistoricCurrencyAndAmount", "1", R, "The tax."),
    ("AdjstmntAmtAndRsn", "adjustments", "group", "*", R, "A correction up or down."),
    ("AdjstmntAmtAndRsn/Amt", "amount", "ActiveOrHistoricCurrencyAndAmount", "1", R, "The correction."),
    ("AdjstmntAmtAndRsn/CdtDbtInd", "direction", "CreditDebitCode", "?", R, "Whether it adds or takes off."),
    ("AdjstmntAmtAndRsn/Rsn", "reason", "Max4Text", "?", R, "Why, as a code of the parties."),
    ("AdjstmntAmtAndRsn/AddtlInf", "text", "Max140Text", "?", R, "Why, in words."),
    (
        "RmtdAmt",
        "remitted",
        "ActiveOrHistoricCurrencyAndAmount",
        "?",
        R,
        "What is paid of it with this payment.",
    ),
)
DATED = (
    ("Dt", "on", "ISODate", "choice:kind", R, "A date."),
    ("DtTm", "at", "ISODateTime", "choice:kind", R, "An instant."),
)
PERIOD = (
    ("FrDtTm", "from", "ISODateTime", "1", R, "First instant."),
    ("ToDtTm", "to", "ISODateTime", "1", R, "Last instant."),
)
QUERY = (
    ("MsgId", "message_id", "Max35Text", "1", R, "Identifier of the question."),
    ("MsgNmId", "definition", "Max35Text", "?", R, "Message and version of the question."),
    ("CreDtTm", "created_at", "ISODateTime", "?", R, "When the question was made."),
)

COMPONENTS: dict[str, tuple[Cells, ...]] = {
    "Account": ACCOUNT,
    "AccountId": _identifier("Max34Text", "ExternalAccountIdentification1Code"),
    "Address": ADDRESS,
    "AddressType": ADDRESS_TYPE,
    "Agent": AGENT,
    "AgentId": _identifier("Max35Text", "ExternalFinancialInstitutionIdentification1Code"),
    "Birth": BIRTH,
    "Charge": CHARGE,
    "ChargeType": CHARGE_TYPE,
    "Contact": CONTACT,
    "Dated": DATED,
    "FreeRemittance": FREE_REMITTANCE,
    "OrganisationId": _identifier("Max35Text", "ExternalOrganisationIdentification1Code"),
    "OtherContact": OTHER_CONTACT,
    "OwnedAccount": OWNED_ACCOUNT,
    "Party": PARTY,
    "PartyOrAgent": PARTY_OR_AGENT,
    "PaymentType": PAYMENT_TYPE,
    "PaymentTypeAndSequence": PAYMENT_TYPE_AND_SEQUENCE,
    "Period": PERIOD,
    "PersonId": _identifier("Max35Text", "ExternalPersonIdentification1Code"),
    "Query": QUERY,
    "ReferredDocument": REFERRED_DOCUMENT,
    "Regulatory": REGULATORY,
    "Remittance": REMITTANCE,
    "RemittanceAmounts": REMITTANCE_AMOUNTS,
    "RemittanceLocation": REMITTANCE_LOCATION,
    "Settlement": SETTLEMENT,
    "StructuredRemittance": STRUCTURED_REMITTANCE,
    "Supplement": SUPPLEMENT,
}


_ACCOUNT_MAY_LACK_ID: tuple[Step, ...] = (("reoccur", "Id", "?"),)
_CHARGE_HAS_TYPE: tuple[Step, ...] = (
    ("add", "Agt", ("Tp", "type", "ChargeType", "?", R, "Kind of charge.")),
)

GENERATIONS: dict[str, dict[str, tuple[Step, ...]]] = {
    "2013": {
        "Address": (
            ("retype", "AdrTp", "AddressType2Code"),
            ("drop", "BldgNm"),
            ("drop", "Flr"),
            ("drop", "PstBx"),
            ("drop", "Room"),
            ("drop", "TwnLctnNm"),
            ("drop", "DstrctNm"),
        ),
        "Contact": (
            ("retype", "NmPrfx", "NamePrefix1Code"),
            ("drop", "EmailPurp"),
            ("drop", "JobTitl"),
            ("drop", "Rspnsblty"),
            ("drop", "Dept"),
            ("drop", "Othr"),
            ("drop", "PrefrdMtd"),
            (
                "add",
                "EmailAdr",
                ("Othr", "other_way", "Max35Text", "?", R, "A further way to reach the person."),
            ),
        ),
        "Party": (
            ("retype", "Id/OrgId/AnyBIC", "AnyBICIdentifier"),
            ("drop", "Id/OrgId/LEI"),
        ),
        "Agent": (
            ("retype", "FinInstnId/BICFI", "BICFIIdentifier"),
            ("drop", "FinInstnId/LEI"),
            ("drop", "BrnchId/LEI"),
        ),
    },
    "2019": {},
    "2022": {
        "Account": _ACCOUNT_MAY_LACK_ID,
        "OwnedAccount": _ACCOUNT_MAY_LACK_ID,
        "Charge": _CHARGE_HAS_TYPE,
    },
    "2023": {
        "Account": _ACCOUNT_MAY_LACK_ID,
        "OwnedAccount": _ACCOUNT_MAY_LACK_ID,
        "Address": (
            (
                "add",
                "AdrTp",
                ("CareOf", "care_of", "Max140Text", "?", R, "Who takes the post for the addressee."),
            ),
            ("retype", "StrtNm", "Max140Text"),
            ("retype", "BldgNm", "Max140Text"),
            ("add", "Flr", ("UnitNb", "unit", "Max16Text", "?", R, "Number of the unit in the building.")),
            ("retype", "TwnNm", "Max140Text"),
            ("retype", "TwnLctnNm", "Max140Text"),
            ("retype", "DstrctNm", "Max140Text"),
        ),
        "Contact": (
            ("add", "FaxNb", ("URLAdr", "url", "Max2048Text", "?", R, "Page of the person or desk.")),
            ("retype", "EmailAdr", "Max256Text"),
            ("retype", "PrefrdMtd", "PreferredContactMethod2Code"),
        ),
        "OrganisationId": (("retype", "Id", "Max256Text"),),
        "PersonId": (("retype", "Id", "Max256Text"),),
        "Charge": _CHARGE_HAS_TYPE,
        "StructuredRemittance": (
            ("retype", "CdtrRefInf/Tp/CdOrPrtry/Cd", "ExternalCreditorReferenceType1Code"),
        ),
        "ReferredDocument": (
            ("retype", "Tp/CdOrPrtry/Cd", "ExternalDocumentType1Code"),
            ("drop", "RltdDt"),
            ("add", "Nb", ("RltdDt", "dated", "group", "?", R, "A date of the document.")),
            (
                "add",
                "RltdDt",
                ("RltdDt/Tp", "type", "code:ExternalDateType1Code", "1", R, "What the date is."),
            ),
            ("add", "RltdDt/Tp", ("RltdDt/Dt", "on", "ISODate", "1", R, "The date.")),
        ),
        "RemittanceAmounts": (
            ("drop", "DuePyblAmt"),
            ("drop", "DscntApldAmt"),
            ("drop", "CdtNoteAmt"),
            ("drop", "TaxAmt"),
            ("drop", "RmtdAmt"),
            ("add", "", ("RmtAmtAndTp", "typed", "group", "*", R, "One amount with its kind.")),
            (
                "add",
                "RmtAmtAndTp",
                ("RmtAmtAndTp/Tp", "type", "code:ExternalDocumentAmountType1Code", "1", R, "Kind of amount."),
            ),
            (
                "add",
                "RmtAmtAndTp/Tp",
                ("RmtAmtAndTp/Amt", "amount", "ActiveOrHistoricCurrencyAndAmount", "1", R, "The amount."),
            ),
        ),
    },
}
