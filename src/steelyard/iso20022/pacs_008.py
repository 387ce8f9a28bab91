"""pacs.008, customer credit transfer between institutions."""

from steelyard.iso20022.components import C, Cells, R, Step, Version

NAME = "pacs.008"
ROOT = "FIToFICstmrCdtTrf"
MEANING = "A bank asks the next one to pay its customer's money on to another customer."
UNITS: tuple[tuple[str, ...], ...] = (("CdtTrfTxInf",),)

GROUP_HEADER: tuple[Cells, ...] = (
    ("GrpHdr", "group", "group", "1", R, "What holds for all transactions of the message."),
    ("GrpHdr/MsgId", "message_id", "Max35Text", "1", R, "Identifier of the message, unique for its sender."),
    ("GrpHdr/CreDtTm", "created_at", "ISODateTime", "1", R, "When the message was made."),
    (
        "GrpHdr/BtchBookg",
        "batch_booking",
        "BatchBookingIndicator",
        "?",
        R,
        "Whether one booking for all is wished.",
    ),
    ("GrpHdr/NbOfTxs", "count", "Max15NumericText", "1", R, "Number of transactions that follow."),
    (
        "GrpHdr/CtrlSum",
        "control_sum",
        "DecimalNumber",
        "?",
        R,
        "Sum of the settlement amounts, whatever currency.",
    ),
    (
        "GrpHdr/TtlIntrBkSttlmAmt",
        "total",
        "ActiveCurrencyAndAmount",
        "?",
        R,
        "Sum, where all share a currency.",
    ),
    ("GrpHdr/IntrBkSttlmDt", "settlement_on", "ISODate", "?", R, "Date on which all settle."),
    ("GrpHdr/SttlmInf", None, "Settlement", "1", R, "How the two banks settle."),
    ("GrpHdr/PmtTpInf", None, "PaymentType", "?", R, "What kind of payments these are."),
    ("GrpHdr/InstgAgt", "instructing_agent", "Agent", "?", R, "Who sends the payments, for all of them."),
    ("GrpHdr/InstdAgt", "instructed_agent", "Agent", "?", R, "Who gets the payments, for all of them."),
)
IDENTIFICATION: tuple[Cells, ...] = (
    ("CdtTrfTxInf/PmtId", None, "group", "1", R, "References of the payment."),
    (
        "CdtTrfTxInf/PmtId/InstrId",
        "instruction_id",
        "Max35Text",
        "?",
        R,
        "Reference between these two banks.",
    ),
    (
        "CdtTrfTxInf/PmtId/EndToEndId",
        "end_to_end_id",
        "Max35Text",
        "1",
        R,
        "Reference of payer to payee, unchanged.",
    ),
    (
        "CdtTrfTxInf/PmtId/TxId",
        "transaction_id",
        "Max35Text",
        "?",
        R,
        "Reference of the first bank of the chain.",
    ),
    ("CdtTrfTxInf/PmtId/UETR", "uetr", "UUIDv4Identifier", "?", R, "Unique reference along the whole chain."),
    (
        "CdtTrfTxInf/PmtId/ClrSysRef",
        "clearing_reference",
        "Max35Text",
        "?",
        R,
        "Reference of the clearing system.",
    ),
    ("CdtTrfTxInf/PmtTpInf", None, "PaymentType", "?", R, "What kind of payment it is."),
    (
        "CdtTrfTxInf/IntrBkSttlmAmt",
        "settlement",
        "ActiveCurrencyAndAmount",
        "1",
        R,
        "Amount the banks settle.",
    ),
    ("CdtTrfTxInf/IntrBkSttlmDt", "settlement_on", "ISODate", "?", R, "Date on which they settle."),
    ("CdtTrfTxInf/SttlmPrty", "settlement_priority", "Priority3Code", "?", R, "How soon it shall settle."),
    ("CdtTrfTxInf/SttlmTmIndctn", "settled", "group", "?", R, "When it was settled elsewhere."),
    (
        "CdtTrfTxInf/SttlmTmIndctn/DbtDtTm",
        "debited_at",
        "ISODateTime",
        "?",
        R,
        "When the payer's bank was debited.",
    ),
    (
        "CdtTrfTxInf/SttlmTmIndctn/CdtDtTm",
        "credited_at",
        "ISODateTime",
        "?",
        R,
        "When the payee's bank was credited.",
    ),
    ("CdtTrfTxInf/SttlmTmReq", "times", "group", "?", R, "When it shall settle on the day."),
    ("CdtTrfTxInf/SttlmTmReq/CLSTm", "cls", "ISOTime", "?", R, "Time by which a PvP system must be funded."),
    ("CdtTrfTxInf/SttlmTmReq/TillTm", "till", "ISOTime", "?", R, "Time until which it may settle."),
    ("CdtTrfTxInf/SttlmTmReq/FrTm", "from", "ISOTime", "?", R, "Time before which it may not settle."),
    (
        "CdtTrfTxInf/SttlmTmReq/RjctTm",
        "reject",
        "ISOTime",
        "?",
        R,
        "Time at which it is rejected if not settled.",
    ),
)


def previous_agents(above: str) -> tuple[Cells, ...]:
    """Give the rows of the banks it passed before the instructing agent, with their accounts."""
    return tuple(
        row
        for n in (1, 2, 3)
        for row in (
            (f"{above}/PrvsInstgAgt{n}", f"previous_agent_{n}", "Agent", "?", R, "A bank it has passed."),
            (
                f"{above}/PrvsInstgAgt{n}Acct",
                f"previous_agent_{n}_account",
                "Account",
                "?",
                R,
                "Its account.",
            ),
        )
    )


def intermediary_agents(above: str) -> tuple[Cells, ...]:
    """Give the rows of the banks it is yet to pass before the creditor agent, with their accounts."""
    return tuple(
        row
        for n in (1, 2, 3)
        for row in (
            (
                f"{above}/IntrmyAgt{n}",
                f"intermediary_agent_{n}",
                "Agent",
                "?",
                R,
                "A bank it is yet to pass.",
            ),
            (
                f"{above}/IntrmyAgt{n}Acct",
                f"intermediary_agent_{n}_account",
                "Account",
                "?",
                R,
                "Its account.",
            ),
        )
    )


def instructions(above: str, code: str) -> tuple[Cells, ...]:
    """Give the rows of what the next banks are asked to do; `code` is the list for the creditor agent."""
    creditor, following = f"{above}/InstrForCdtrAgt", f"{above}/InstrForNxtAgt"
    return (
        (creditor, "creditor_agent_instructions", "group", "*", R, "What the creditor agent shall do."),
        (f"{creditor}/Cd", "code", code, "?", R, "The instruction as a code."),
        (f"{creditor}/InstrInf", "text", "Max140Text", "?", R, "The instruction in words."),
        (following, "next_agent_instructions", "group", "*", R, "What the next bank shall do."),
        (f"{following}/Cd", "code", "Instruction4Code", "?", R, "The instruction as a code."),
        (f"{following}/InstrInf", "text", "Max140Text", "?", R, "The instruction in words."),
    )


def customers(above: str) -> tuple[Cells, ...]:
    """Give the rows from the ultimate debtor to the debtor agent's account."""
    return (
        (f"{above}/UltmtDbtr", "ultimate_debtor", "Party", "?", R, "Who owes the money in the end."),
        (f"{above}/InitgPty", "initiating", "Party", "?", R, "Who asked for the payment."),
        (f"{above}/Dbtr", "debtor", "Party", "1", R, "Who pays."),
        (f"{above}/DbtrAcct", "debtor_account", "Account", "?", R, "Account that is debited for it."),
        (f"{above}/DbtrAgt", "debtor_agent", "Agent", "1", R, "Bank of who pays."),
        (
            f"{above}/DbtrAgtAcct",
            "debtor_agent_account",
            "Account",
            "?",
            R,
            "Account of that bank at the next.",
        ),
    )


def payees(above: str) -> tuple[Cells, ...]:
    """Give the rows from the creditor agent to the ultimate creditor."""
    return (
        (f"{above}/CdtrAgt", "creditor_agent", "Agent", "1", R, "Bank of who is paid."),
        (
            f"{above}/CdtrAgtAcct",
            "creditor_agent_account",
            "Account",
            "?",
            R,
            "Account of that bank at the one before.",
        ),
        (f"{above}/Cdtr", "creditor", "Party", "1", R, "Who is paid."),
        (f"{above}/CdtrAcct", "creditor_account", "Account", "?", R, "Account that is credited."),
        (f"{above}/UltmtCdtr", "ultimate_creditor", "Party", "?", R, "Who the money is for in the end."),
    )


ROWS: tuple[Cells, ...] = (
    *GROUP_HEADER,
    ("CdtTrfTxInf", "transactions", "group", "1..*", R, "One payment."),
    *IDENTIFICATION,
    (
        "CdtTrfTxInf/AccptncDtTm",
        "accepted_at",
        "ISODateTime",
        "?",
        R,
        "When the payer's bank took the order.",
    ),
    ("CdtTrfTxInf/PoolgAdjstmntDt", "pooled_on", "ISODate", "?", R, "Date for the pooling of balances."),
    (
        "CdtTrfTxInf/InstdAmt",
        "instructed",
        "ActiveOrHistoricCurrencyAndAmount",
        "?",
        R,
        "Amount and currency the payer ordered, before charges and exchange.",
    ),
    (
        "CdtTrfTxInf/XchgRate",
        "rate",
        "BaseOneRate",
        "?",
        R,
        "Factor from the instructed to the settlement amount.",
    ),
    ("CdtTrfTxInf/ChrgBr", "charge_bearer", "ChargeBearerType1Code", "1", R, "Who bears the charges."),
    ("CdtTrfTxInf/ChrgsInf", "charges", "Charge", "*", R, "A charge taken on the way or prepaid."),
    *previous_agents("CdtTrfTxInf"),
    ("CdtTrfTxInf/InstgAgt", "instructing_agent", "Agent", "?", R, "Who sends this payment."),
    ("CdtTrfTxInf/InstdAgt", "instructed_agent", "Agent", "?", R, "Who gets this payment."),
    *intermediary_agents("CdtTrfTxInf"),
    *customers("CdtTrfTxInf"),
    *payees("CdtTrfTxInf"),
    *instructions("CdtTrfTxInf", "Instruction3Code"),
    ("CdtTrfTxInf/Purp", "purpose", "code:ExternalPurpose1Code", "?", R, "What the payment is for."),
    ("CdtTrfTxInf/RgltryRptg", "regulatory", "Regulatory", "0..10", R, "What an authority must be told."),
    ("CdtTrfTxInf/Tax", None, "opaque:target", "?", C, "Tax paid with this payment."),
    (
        "CdtTrfTxInf/RltdRmtInf",
        "remittance_sent",
        "RemittanceLocation",
        "0..10",
        R,
        "Where the remittance advice is, if it is not in the message.",
    ),
    ("CdtTrfTxInf/RmtInf", "remittance", "Remittance", "?", R, "What the payee shall match the money with."),
    ("CdtTrfTxInf/SplmtryData", None, "Supplement", "*", C, "Additions to this payment."),
    ("SplmtryData", None, "Supplement", "*", C, "Additions to the message."),
)
_12: tuple[Step, ...] = (
    (
        "add",
        "CdtTrfTxInf/ChrgsInf",
        (
            "CdtTrfTxInf/MndtRltdInf",
            None,
            "opaque:target",
            "?",
            C,
            "Mandate under which the payment is made.",
        ),
    ),
    ("retype", "CdtTrfTxInf/InstrForCdtrAgt/Cd", "ExternalCreditorAgentInstruction1Code"),
)
_13: tuple[Step, ...] = (
    *_12,
    (
        "add",
        "GrpHdr/CreDtTm",
        ("GrpHdr/XpryDtTm", "expires_at", "ISODateTime", "?", R, "When the message lapses."),
    ),
    ("drop", "CdtTrfTxInf/AccptncDtTm"),
    ("drop", "CdtTrfTxInf/PoolgAdjstmntDt"),
    ("add", "CdtTrfTxInf/SttlmTmReq", ("CdtTrfTxInf/AddtlDtTm", None, "group", "?", R, "Further times.")),
    (
        "add",
        "CdtTrfTxInf/AddtlDtTm",
        (
            "CdtTrfTxInf/AddtlDtTm/AccptncDtTm",
            "accepted_at",
            "ISODateTime",
            "?",
            R,
            "When the order was taken.",
        ),
    ),
    (
        "add",
        "CdtTrfTxInf/AddtlDtTm/AccptncDtTm",
        (
            "CdtTrfTxInf/AddtlDtTm/PoolgAdjstmntDt",
            "pooled_on",
            "ISODate",
            "?",
            R,
            "Date for pooling of balances.",
        ),
    ),
    (
        "add",
        "CdtTrfTxInf/AddtlDtTm/PoolgAdjstmntDt",
        ("CdtTrfTxInf/AddtlDtTm/XpryDtTm", "expires_at", "ISODateTime", "?", R, "When the payment lapses."),
    ),
    (
        "add",
        "CdtTrfTxInf/XchgRate",
        ("CdtTrfTxInf/AgrdRate", "agreed_rate", "group", "?", R, "The exchange agreed beforehand."),
    ),
    *(
        (
            "add",
            f"CdtTrfTxInf/AgrdRate{after}",
            (f"CdtTrfTxInf/AgrdRate/{tag}", ours, kind, occurs, R, meaning),
        )
        for after, tag, ours, kind, occurs, meaning in (
            (
                "",
                "UnitCcy",
                "unit",
                "ActiveOrHistoricCurrencyCode",
                "?",
                "Currency of which one unit is priced.",
            ),
            (
                "/UnitCcy",
                "QtdCcy",
                "quoted",
                "ActiveOrHistoricCurrencyCode",
                "?",
                "Currency the price is in.",
            ),
            ("/QtdCcy", "PreAgrdXchgRate", "rate", "BaseOneRate", "1", "The price."),
            ("/PreAgrdXchgRate", "QtnDtTm", "quoted_at", "ISODateTime", "?", "When it was quoted."),
            ("/QtnDtTm", "QtId", "quote_id", "UUIDv4Identifier", "?", "The quote that the payment uses."),
            ("/QtId", "FXAgt", "provider", "Agent", "?", "Who gave the quote."),
        )
    ),
    (
        "add",
        "CdtTrfTxInf/MndtRltdInf",
        ("CdtTrfTxInf/PmtSgntr", "signature", "group", "?", R, "A key or signature made at the start."),
    ),
    (
        "add",
        "CdtTrfTxInf/PmtSgntr",
        (
            "CdtTrfTxInf/PmtSgntr/ILPV4",
            "ilp",
            "HexBinaryText",
            "choice:kind",
            R,
            "An Interledger packet, in hex.",
        ),
    ),
    (
        "add",
        "CdtTrfTxInf/PmtSgntr/ILPV4",
        (
            "CdtTrfTxInf/PmtSgntr/Sgntr",
            "sha256",
            "SHA256SignatureText",
            "choice:kind",
            R,
            "A SHA-256, in hex.",
        ),
    ),
)
VERSIONS: dict[str, Version] = {
    "08": Version("2019"),
    "11": Version("2022", _12),
    "12": Version("2023", _12),
    "13": Version("2023", _13),
}
