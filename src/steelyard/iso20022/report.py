"""What statements, reports and notifications share: header, balances, totals, entries and their details.

camt.052, camt.053 and camt.054 differ in their root, in the name of one report and in whether balances
stand in it. Card, securities and cash-deposit details of an entry are opaque: no payment system fills them.
"""

from typing import Final

from steelyard.iso20022.components import C, Cells, R, Step, under

_AMOUNT: Final = "ActiveOrHistoricCurrencyAndAmount"


def _bank_code(path: str, ours: str, occurs: str, meaning: str) -> tuple[Cells, ...]:
    """Give the rows of a bank transaction code."""
    return (
        (path, ours, "group", occurs, R, meaning),
        (f"{path}/Domn", "domain", "group", "?", R, "Code of the standard's tree."),
        (f"{path}/Domn/Cd", "code", "ExternalBankTransactionDomain1Code", "1", R, "Domain."),
        (f"{path}/Domn/Fmly", None, "group", "1", R, "Family within the domain."),
        (f"{path}/Domn/Fmly/Cd", "family", "ExternalBankTransactionFamily1Code", "1", R, "Family."),
        (
            f"{path}/Domn/Fmly/SubFmlyCd",
            "sub_family",
            "ExternalBankTransactionSubFamily1Code",
            "1",
            R,
            "Sub-family.",
        ),
        (f"{path}/Prtry", "proprietary", "group", "?", R, "Code of a private list."),
        (f"{path}/Prtry/Cd", "code", "Max35Text", "1", R, "The code."),
        (f"{path}/Prtry/Issr", "issuer", "Max35Text", "?", R, "Who keeps the list."),
    )


def _availability(path: str) -> tuple[Cells, ...]:
    """Give the rows of when which part of an amount may be used."""
    return (
        (path, "availability", "group", "*", R, "When a part of the amount may be used."),
        (f"{path}/Dt", None, "group", "1", R, "When."),
        (
            f"{path}/Dt/NbOfDays",
            "days",
            "Max15PlusSignedNumericText",
            "choice:kind",
            R,
            "Days after the value date.",
        ),
        (f"{path}/Dt/ActlDt", "on", "ISODate", "choice:kind", R, "The date."),
        (f"{path}/Amt", "amount", _AMOUNT, "1", R, "That part."),
        (f"{path}/CdtDbtInd", "direction", "CreditDebitCode", "1", R, "Credit (CRDT) or debit (DBIT)."),
    )


def _totals(path: str, ours: str, whose: str, *, net: bool) -> tuple[Cells, ...]:
    """Give the rows of a count and a sum of entries."""
    rows: tuple[Cells, ...] = (
        (path, ours, "group", "?", R, f"Count and sum of {whose}."),
        (f"{path}/NbOfNtries", "count", "Max15NumericText", "?", R, "How many."),
        (f"{path}/Sum", "sum", "DecimalNumber", "?", R, "Sum of the amounts without sign."),
    )
    return (*rows, *_net(path)) if net else rows


def _net(path: str) -> tuple[Cells, ...]:
    return (
        (f"{path}/TtlNetNtry", "net", "group", "?", R, "Credits less debits."),
        (
            f"{path}/TtlNetNtry/Amt",
            "amount",
            "NonNegativeDecimalNumber",
            "1",
            R,
            "The difference without sign.",
        ),
        (f"{path}/TtlNetNtry/CdtDbtInd", "direction", "CreditDebitCode", "1", R, "Its sign."),
    )


def _tax(path: str) -> tuple[Cells, ...]:
    return (
        (path, "tax", "group", "?", R, "Tax on it."),
        (f"{path}/Id", "id", "Max35Text", "?", R, "Reference of the tax."),
        (f"{path}/Rate", "rate", "PercentageRate", "?", R, "Rate in percent."),
        (f"{path}/Amt", "amount", _AMOUNT, "?", R, "The tax."),
    )


def _interest_record(path: str) -> tuple[Cells, ...]:
    return (
        (f"{path}/Tp", "type", "group", "?", R, "Kind of interest."),
        (f"{path}/Tp/Cd", "code", "InterestType1Code", "choice:kind", R, "Within the day or overnight."),
        (f"{path}/Tp/Prtry", "proprietary", "Max35Text", "choice:kind", R, "A kind of a private list."),
        (f"{path}/Rate", None, "opaque:target", "?", C, "Rate and the range of amounts it holds for."),
        (f"{path}/FrToDt", "period", "Period", "?", R, "Time it is for."),
        (f"{path}/Rsn", "reason", "Max35Text", "?", R, "Why it is charged or paid."),
        *_tax(f"{path}/Tax"),
    )


def _exchanged(path: str, ours: str, occurs: str, meaning: str, *, typed: bool = False) -> tuple[Cells, ...]:
    """Give the rows of an amount and the exchange it came from."""
    kind: tuple[Cells, ...] = (
        ((f"{path}/Tp", "type", "Max35Text", "1", R, "Kind of amount."),) if typed else ()
    )
    return (
        (path, ours, "group", occurs, R, meaning),
        *kind,
        (f"{path}/Amt", "amount", _AMOUNT, "1", R, "The amount."),
        (f"{path}/CcyXchg", "exchange", "Exchange", "?", R, "The exchange that led to it."),
    )


EXCHANGE: tuple[Cells, ...] = (
    ("SrcCcy", "source", "ActiveOrHistoricCurrencyCode", "1", R, "Currency given."),
    ("TrgtCcy", "target", "ActiveOrHistoricCurrencyCode", "?", R, "Currency got."),
    ("UnitCcy", "unit", "ActiveOrHistoricCurrencyCode", "?", R, "Currency of which one unit is priced."),
    ("XchgRate", "rate", "BaseOneRate", "1", R, "Price of that unit."),
    ("CtrctId", "contract_id", "Max35Text", "?", R, "The deal or quote."),
    ("QtnDt", "quoted_at", "ISODateTime", "?", R, "When it was quoted."),
)
BANK_CODE: tuple[Cells, ...] = tuple(
    (row[0].removeprefix("X/"), *row[1:]) for row in _bank_code("X", "", "1", "")[1:]
)
AMOUNT_DETAILS: tuple[Cells, ...] = (
    *_exchanged("InstdAmt", "instructed", "?", "Amount the payer ordered."),
    *_exchanged("TxAmt", "settled", "?", "Amount that was settled."),
    *_exchanged("CntrValAmt", "counter_value", "?", "Worth in the account's currency."),
    *_exchanged("AnncdPstngAmt", "announced", "?", "Amount announced for booking."),
    *_exchanged("PrtryAmt", "other", "*", "Amount of a private kind.", typed=True),
)
CHARGES: tuple[Cells, ...] = (
    ("TtlChrgsAndTaxAmt", "total", _AMOUNT, "?", R, "Sum of charges and tax."),
    ("Rcrd", "records", "group", "*", R, "One charge."),
    ("Rcrd/Amt", "amount", _AMOUNT, "1", R, "The charge."),
    ("Rcrd/CdtDbtInd", "direction", "CreditDebitCode", "?", R, "Charged (DBIT) or paid back (CRDT)."),
    (
        "Rcrd/ChrgInclInd",
        "included",
        "ChargeIncludedIndicator",
        "?",
        R,
        "Whether the entry's amount holds it.",
    ),
    ("Rcrd/Tp", "type", "ChargeType", "?", R, "Kind of charge."),
    ("Rcrd/Rate", "rate", "PercentageRate", "?", R, "Rate in percent."),
    ("Rcrd/Br", "bearer", "ChargeBearerType1Code", "?", R, "Who bears it."),
    ("Rcrd/Agt", "agent", "Agent", "?", R, "Who took it."),
    *_tax("Rcrd/Tax"),
)
INTEREST: tuple[Cells, ...] = (
    ("TtlIntrstAndTaxAmt", "total", _AMOUNT, "?", R, "Sum of interest and tax."),
    ("Rcrd", "records", "group", "*", R, "One interest amount."),
    ("Rcrd/Amt", "amount", _AMOUNT, "1", R, "The interest."),
    ("Rcrd/CdtDbtInd", "direction", "CreditDebitCode", "1", R, "Paid (CRDT) or charged (DBIT)."),
    *_interest_record("Rcrd"),
)
_REFERENCES: tuple[Cells, ...] = tuple(
    (tag, ours, "UUIDv4Identifier" if tag == "UETR" else "Max35Text", "?", R, meaning)
    for tag, ours, meaning in (
        ("MsgId", "message_id", "Message in which the payment came."),
        ("AcctSvcrRef", "servicer_reference", "Reference of the bank that keeps the account."),
        ("PmtInfId", "batch_id", "Batch in which the payment came."),
        ("InstrId", "instruction_id", "Reference between the two banks."),
        ("EndToEndId", "end_to_end_id", "Reference of payer to payee."),
        ("UETR", "uetr", "Unique reference along the whole chain."),
        ("TxId", "transaction_id", "Reference of the first bank of the chain."),
        ("MndtId", "mandate_id", "Mandate of a direct debit."),
        ("ChqNb", "cheque", "Number of a cheque."),
        ("ClrSysRef", "clearing_reference", "Reference of the clearing system."),
        ("AcctOwnrTxId", "owner_id", "Reference the account owner gave."),
        ("AcctSvcrTxId", "servicer_id", "Reference the bank that keeps the account gave."),
        ("MktInfrstrctrTxId", "infrastructure_id", "Reference the market infrastructure gave."),
        ("PrcgId", "processing_id", "Reference of who processed it."),
    )
)
REFERENCES: tuple[Cells, ...] = (
    *_REFERENCES,
    ("Prtry", "other", "group", "*", R, "A reference of a private kind."),
    ("Prtry/Tp", "type", "Max35Text", "1", R, "Kind of reference."),
    ("Prtry/Ref", "reference", "Max35Text", "1", R, "The reference."),
)
PARTIES: tuple[Cells, ...] = (
    ("InitgPty", "initiating", "PartyOrAgent", "?", R, "Who asked for the payment."),
    ("Dbtr", "debtor", "PartyOrAgent", "?", R, "Who paid."),
    ("DbtrAcct", "debtor_account", "Account", "?", R, "Account that was debited."),
    ("UltmtDbtr", "ultimate_debtor", "PartyOrAgent", "?", R, "Who owed the money in the end."),
    ("Cdtr", "creditor", "PartyOrAgent", "?", R, "Who was paid."),
    ("CdtrAcct", "creditor_account", "Account", "?", R, "Account that was credited."),
    ("UltmtCdtr", "ultimate_creditor", "PartyOrAgent", "?", R, "Who the money was for in the end."),
    ("TradgPty", "trading", "PartyOrAgent", "?", R, "Who made the trade behind it."),
    ("Prtry", "other", "group", "*", R, "A party of a private kind."),
    ("Prtry/Tp", "type", "Max35Text", "1", R, "Kind of party."),
    ("Prtry/Pty", None, "PartyOrAgent", "1", R, "The party."),
)
AGENTS: tuple[Cells, ...] = (
    ("InstgAgt", "instructing_agent", "Agent", "?", R, "Who sent the payment."),
    ("InstdAgt", "instructed_agent", "Agent", "?", R, "Who got the payment."),
    ("DbtrAgt", "debtor_agent", "Agent", "?", R, "Bank of who paid."),
    ("CdtrAgt", "creditor_agent", "Agent", "?", R, "Bank of who was paid."),
    ("IntrmyAgt1", "intermediary_agent_1", "Agent", "?", R, "First bank between them."),
    ("IntrmyAgt2", "intermediary_agent_2", "Agent", "?", R, "Second bank between them."),
    ("IntrmyAgt3", "intermediary_agent_3", "Agent", "?", R, "Third bank between them."),
    ("RcvgAgt", "receiving_agent", "Agent", "?", R, "Who received securities."),
    ("DlvrgAgt", "delivering_agent", "Agent", "?", R, "Who delivered securities."),
    ("IssgAgt", "issuing_agent", "Agent", "?", R, "Who issued securities."),
    ("SttlmPlc", "settlement_place", "Agent", "?", R, "Where securities settled."),
    ("Prtry", "other", "group", "*", R, "A bank in a private role."),
    ("Prtry/Tp", "type", "Max35Text", "1", R, "The role."),
    ("Prtry/Agt", "agent", "Agent", "1", R, "The bank."),
)
DATES: tuple[Cells, ...] = (
    ("AccptncDtTm", "accepted_at", "ISODateTime", "?", R, "When the order was taken."),
    ("TradActvtyCtrctlSttlmDt", "contractual_on", "ISODate", "?", R, "Settlement date by contract."),
    ("TradDt", "traded_on", "ISODate", "?", R, "Date of the trade."),
    ("IntrBkSttlmDt", "settlement_on", "ISODate", "?", R, "Date on which the banks settled."),
    ("StartDt", "starts_on", "ISODate", "?", R, "First date it is for."),
    ("EndDt", "ends_on", "ISODate", "?", R, "Last date it is for."),
    ("TxDtTm", "transaction_at", "ISODateTime", "?", R, "When it happened."),
    ("Prtry", "other", "group", "*", R, "A date of a private kind."),
    ("Prtry/Tp", "type", "Max35Text", "1", R, "Kind of date."),
    ("Prtry/Dt", None, "Dated", "1", R, "The date."),
)
ENTRY_TRANSACTION: tuple[Cells, ...] = (
    ("Refs", "references", "References", "?", R, "References of the payment."),
    ("Amt", "amount", _AMOUNT, "?", R, "Amount of the payment."),
    ("CdtDbtInd", "direction", "CreditDebitCode", "?", R, "Credit (CRDT) or debit (DBIT)."),
    ("AmtDtls", "amounts", "AmountDetails", "?", R, "How the amount came about."),
    *_availability("Avlbty"),
    ("BkTxCd", "bank_code", "BankCode", "?", R, "What kind of booking it is."),
    ("Chrgs", "charges", "Charges", "?", R, "Charges on the payment."),
    ("Intrst", "interest", "Interest", "?", R, "Interest on the payment."),
    ("RltdPties", "parties", "Parties", "?", R, "Who had to do with it."),
    ("RltdAgts", "agents", "Agents", "?", R, "Which banks had to do with it."),
    ("LclInstrm", "local_instrument", "code:ExternalLocalInstrument1Code", "?", R, "Scheme product used."),
    ("Purp", "purpose", "code:ExternalPurpose1Code", "?", R, "What the payment was for."),
    ("RltdRmtInf", "remittance_sent", "RemittanceLocation", "0..10", R, "Where the remittance advice is."),
    ("RmtInf", "remittance", "Remittance", "?", R, "What the payee matches the money with."),
    ("RltdDts", "dates", "Dates", "?", R, "Dates of the payment."),
    ("RltdPric", None, "opaque:target", "?", C, "Price of securities."),
    ("RltdQties", None, "opaque:target", "*", C, "Quantity of securities."),
    ("FinInstrmId", None, "opaque:target", "?", C, "Which securities."),
    ("Tax", None, "opaque:target", "?", C, "Tax paid with the payment."),
    ("RtrInf", "return", "group", "?", R, "Why the money came back."),
    *_bank_code("RtrInf/OrgnlBkTxCd", "original_bank_code", "?", "Kind of the first booking."),
    ("RtrInf/Orgtr", "originator", "Party", "?", R, "Who sent it back."),
    ("RtrInf/Rsn", "reason", "code:ExternalReturnReason1Code", "?", R, "The reason."),
    ("RtrInf/AddtlInf", "text", "Max105Text", "*", R, "The reason in words, line by line."),
    ("CorpActn", "corporate_action", "group", "?", R, "Corporate action it belongs to."),
    ("CorpActn/EvtTp", "type", "Max35Text", "1", R, "Kind of event."),
    ("CorpActn/EvtId", "id", "Max35Text", "1", R, "Which event."),
    ("SfkpgAcct", None, "opaque:target", "?", C, "Securities account."),
    ("CshDpst", None, "opaque:target", "*", C, "Notes paid in."),
    ("CardTx", None, "opaque:target", "?", C, "Card transaction."),
    ("AddtlTxInf", "text", "Max500Text", "?", R, "More about it, in words."),
    ("SplmtryData", None, "Supplement", "*", C, "Additions to this payment."),
)
ENTRY: tuple[Cells, ...] = (
    ("NtryRef", "reference", "Max35Text", "?", R, "Reference of the entry."),
    ("Amt", "amount", _AMOUNT, "1", R, "Amount booked, without sign."),
    ("CdtDbtInd", "direction", "CreditDebitCode", "1", R, "Credit (CRDT) or debit (DBIT)."),
    ("RvslInd", "reversal", "TrueFalseIndicator", "?", R, "Whether it takes an earlier entry back."),
    ("Sts", "status", "code:ExternalEntryStatus1Code", "1", R, "Booked, pending or for information."),
    ("BookgDt", "booked", "Dated", "?", R, "When it was booked."),
    ("ValDt", "value", "Dated", "?", R, "From when it counts."),
    (
        "AcctSvcrRef",
        "servicer_reference",
        "Max35Text",
        "?",
        R,
        "Reference of the bank that keeps the account.",
    ),
    *_availability("Avlbty"),
    ("BkTxCd", "bank_code", "BankCode", "1", R, "What kind of booking it is."),
    ("ComssnWvrInd", "commission_waived", "YesNoIndicator", "?", R, "Whether the commission was waived."),
    ("AddtlInfInd", "told_in", "group", "?", R, "Message that tells more."),
    ("AddtlInfInd/MsgNmId", "definition", "Max35Text", "?", R, "Its message and version."),
    ("AddtlInfInd/MsgId", "message_id", "Max35Text", "?", R, "Its identifier."),
    ("AmtDtls", "amounts", "AmountDetails", "?", R, "How the amount came about."),
    ("Chrgs", "charges", "Charges", "?", R, "Charges in the entry."),
    (
        "TechInptChanl",
        "channel",
        "code:ExternalTechnicalInputChannel1Code",
        "?",
        R,
        "Channel the order came by.",
    ),
    ("Intrst", "interest", "Interest", "?", R, "Interest in the entry."),
    ("CardTx", None, "opaque:target", "?", C, "Card transactions."),
    ("NtryDtls", "details", "group", "*", R, "What makes up the entry."),
    ("NtryDtls/Btch", "batch", "group", "?", R, "The batch booked as one."),
    ("NtryDtls/Btch/MsgId", "message_id", "Max35Text", "?", R, "Message of the batch."),
    ("NtryDtls/Btch/PmtInfId", "batch_id", "Max35Text", "?", R, "Identifier of the batch."),
    ("NtryDtls/Btch/NbOfTxs", "count", "Max15NumericText", "?", R, "How many payments."),
    ("NtryDtls/Btch/TtlAmt", "total", _AMOUNT, "?", R, "Sum of them."),
    ("NtryDtls/Btch/CdtDbtInd", "direction", "CreditDebitCode", "?", R, "Credit (CRDT) or debit (DBIT)."),
    ("NtryDtls/TxDtls", "transactions", "EntryTransaction", "*", R, "One payment."),
    ("AddtlNtryInf", "text", "Max500Text", "?", R, "More about it, in words."),
)
BALANCE: tuple[Cells, ...] = (
    ("Tp", None, "group", "1", R, "Which balance it is."),
    ("Tp/CdOrPrtry", "type", "code:ExternalBalanceType1Code", "1", R, "Opening, closing, available."),
    ("Tp/SubTp", "sub_type", "code:ExternalBalanceSubType1Code", "?", R, "Part of a balance."),
    ("CdtLine", "credit_lines", "group", "*", R, "A credit line beside it."),
    ("CdtLine/Incl", "included", "TrueFalseIndicator", "1", R, "Whether the balance holds the line."),
    ("CdtLine/Tp", "type", "code:ExternalCreditLineType1Code", "?", R, "Kind of line."),
    ("CdtLine/Amt", "amount", _AMOUNT, "?", R, "The line."),
    ("CdtLine/Dt", "date", "Dated", "?", R, "When it holds."),
    ("Amt", "amount", _AMOUNT, "1", R, "The balance, without sign."),
    ("CdtDbtInd", "direction", "CreditDebitCode", "1", R, "Its sign: CRDT in favour of the owner."),
    ("Dt", "date", "Dated", "1", R, "When it stood so."),
    *_availability("Avlbty"),
)
SUMMARY: tuple[Cells, ...] = (
    *_totals("TtlNtries", "all", "all entries", net=True),
    *_totals("TtlCdtNtries", "credits", "the credits", net=False),
    *_totals("TtlDbtNtries", "debits", "the debits", net=False),
    ("TtlNtriesPerBkTxCd", "by_code", "group", "*", R, "The same for one kind of booking."),
    ("TtlNtriesPerBkTxCd/NbOfNtries", "count", "Max15NumericText", "?", R, "How many."),
    ("TtlNtriesPerBkTxCd/Sum", "sum", "DecimalNumber", "?", R, "Sum of the amounts without sign."),
    *_net("TtlNtriesPerBkTxCd"),
    *_totals("TtlNtriesPerBkTxCd/CdtNtries", "credits", "the credits", net=False),
    *_totals("TtlNtriesPerBkTxCd/DbtNtries", "debits", "the debits", net=False),
    (
        "TtlNtriesPerBkTxCd/FcstInd",
        "forecast",
        "TrueFalseIndicator",
        "?",
        R,
        "Whether the sums are forecast.",
    ),
    ("TtlNtriesPerBkTxCd/BkTxCd", "bank_code", "BankCode", "1", R, "Which kind of booking."),
    *_availability("TtlNtriesPerBkTxCd/Avlbty"),
    ("TtlNtriesPerBkTxCd/Dt", "date", "Dated", "?", R, "When the sums stood so."),
)
SEQUENCES: tuple[Cells, ...] = (
    ("FrSeq", "from", "Max35Text", "choice:kind", R, "From this number on."),
    ("ToSeq", "to", "Max35Text", "choice:kind", R, "Up to this number."),
    ("FrToSeq", "ranges", "group", "choice:kind 1..*", R, "A range of numbers."),
    ("FrToSeq/FrSeq", "from", "Max35Text", "1", R, "First number."),
    ("FrToSeq/ToSeq", "to", "Max35Text", "1", R, "Last number."),
    ("EQSeq", "only", "Max35Text", "choice:kind 1..*", R, "A number meant."),
    ("NEQSeq", "without", "Max35Text", "choice:kind 1..*", R, "A number left out."),
)


def _pages(path: str) -> tuple[Cells, ...]:
    return (
        (path, "page", "group", "?", R, "Which page of several this is."),
        (f"{path}/PgNb", "number", "Max5NumericText", "1", R, "Number of the page, from 1."),
        (f"{path}/LastPgInd", "last", "YesNoIndicator", "1", R, "Whether it is the last."),
    )


def report_rows(report: str, ours: str, word: str, *, balances: bool) -> tuple[Cells, ...]:
    """Give all rows of one of the three messages; `report` is the element, `word` its name in its tags."""
    inside: tuple[Cells, ...] = (
        ("Id", "id", "Max35Text", "1", R, "Identifier of the report on one account."),
        *_pages(f"{word}Pgntn"),
        ("ElctrncSeqNb", "sequence", "Number", "?", R, "Running number among the electronic ones."),
        ("RptgSeq", "reporting_sequence", "Sequences", "?", R, "Numbers of the entries meant."),
        ("LglSeqNb", "legal_sequence", "Number", "?", R, "Running number in law."),
        ("CreDtTm", "created_at", "ISODateTime", "?", R, "When the report was made."),
        ("FrToDt", "period", "Period", "?", R, "Time it covers."),
        ("CpyDplctInd", "copy", "CopyDuplicate1Code", "?", R, "Whether it is a copy, a duplicate or both."),
        ("RptgSrc", "source", "code:ExternalReportingSource1Code", "?", R, "Program that made it."),
        ("Acct", "account", "OwnedAccount", "1", R, "The account."),
        ("RltdAcct", "related_account", "Account", "?", R, "An account that belongs to it."),
        ("Intrst", "interest", "group", "*", R, "Interest on the account."),
        ("Intrst/Tp", "type", "group", "?", R, "Kind of interest."),
        ("Intrst/Tp/Cd", "code", "InterestType1Code", "choice:kind", R, "Within the day or overnight."),
        ("Intrst/Tp/Prtry", "proprietary", "Max35Text", "choice:kind", R, "A kind of a private list."),
        ("Intrst/Rate", None, "opaque:target", "*", C, "Rate and the range of amounts it holds for."),
        ("Intrst/FrToDt", "period", "Period", "?", R, "Time it is for."),
        ("Intrst/Rsn", "reason", "Max35Text", "?", R, "Why it is charged or paid."),
        *_tax("Intrst/Tax"),
        *(
            (("Bal", "balances", "Balance", "1..*" if word == "Stmt" else "*", R, "A balance."),)
            if balances
            else ()
        ),
        ("TxsSummry", "summary", "Summary", "?", R, "Counts and sums of the entries."),
        ("Ntry", "entries", "Entry", "*", R, "One booking."),
        (f"Addtl{word}Inf", "text", "Max500Text", "?", R, "More about the report, in words."),
    )
    return (
        ("GrpHdr", "group", "group", "1", R, "What holds for the whole message."),
        ("GrpHdr/MsgId", "message_id", "Max35Text", "1", R, "Identifier of the message."),
        ("GrpHdr/CreDtTm", "created_at", "ISODateTime", "1", R, "When the message was made."),
        ("GrpHdr/MsgRcpt", "recipient", "Party", "?", R, "Who gets it, where that is not the owner."),
        *_pages("GrpHdr/MsgPgntn"),
        ("GrpHdr/OrgnlBizQry", "query", "Query", "?", R, "The question it answers."),
        ("GrpHdr/AddtlInf", "text", "Max500Text", "?", R, "More about the message, in words."),
        (report, ours, "group", "1..*", R, "The report on one account."),
        *under(report, inside),
        ("SplmtryData", None, "Supplement", "*", C, "Additions to the message."),
    )


REPORT_COMPONENTS: dict[str, tuple[Cells, ...]] = {
    "Agents": AGENTS,
    "AmountDetails": AMOUNT_DETAILS,
    "Balance": BALANCE,
    "BankCode": BANK_CODE,
    "Charges": CHARGES,
    "Dates": DATES,
    "Entry": ENTRY,
    "EntryTransaction": ENTRY_TRANSACTION,
    "Exchange": EXCHANGE,
    "Interest": INTEREST,
    "Parties": PARTIES,
    "References": REFERENCES,
    "Sequences": SEQUENCES,
    "Summary": SUMMARY,
}
REPORT_STEPS_2023: dict[str, tuple[Step, ...]] = {
    "Exchange": (
        (
            "add",
            "QtnDt",
            ("XchgRateBase", "base", "PositiveNumber", "?", R, "How many units the rate prices."),
        ),
    ),
    "EntryTransaction": (
        (
            "add",
            "LclInstrm",
            ("PmtTpInf", "payment_type", "PaymentTypeAndSequence", "?", R, "What kind of payment it was."),
        ),
    ),
}
