"""pacs.002, payment status report: what became of a message or of single payments of it."""

from steelyard.iso20022.components import C, Cells, R, Step, Version

NAME = "pacs.002"
ROOT = "FIToFIPmtStsRpt"
MEANING = "A bank or system tells the sender how its payments stand."
UNITS: tuple[tuple[str, ...], ...] = (("TxInfAndSts",),)

_REFERENCE = "TxInfAndSts/OrgnlTxRef"


def _reasons(above: str) -> tuple[Cells, ...]:
    """Give the rows of why the status is what it is."""
    return (
        (f"{above}/StsRsnInf", "reasons", "group", "*", R, "A reason for the status."),
        (f"{above}/StsRsnInf/Orgtr", "originator", "Party", "?", R, "Who gave the status."),
        (f"{above}/StsRsnInf/Rsn", "reason", "code:ExternalStatusReason1Code", "?", R, "The reason."),
        (f"{above}/StsRsnInf/AddtlInf", "text", "Max105Text", "*", R, "The reason in words, line by line."),
    )


ROWS: tuple[Cells, ...] = (
    ("GrpHdr", "group", "group", "1", R, "What holds for the whole report."),
    ("GrpHdr/MsgId", "message_id", "Max35Text", "1", R, "Identifier of the report, unique for its sender."),
    ("GrpHdr/CreDtTm", "created_at", "ISODateTime", "1", R, "When the report was made."),
    ("GrpHdr/InstgAgt", "instructing_agent", "Agent", "?", R, "Who sends the report."),
    ("GrpHdr/InstdAgt", "instructed_agent", "Agent", "?", R, "Who gets the report."),
    ("OrgnlGrpInfAndSts", "groups", "group", "*", R, "How a whole message stands."),
    ("OrgnlGrpInfAndSts/OrgnlMsgId", "original_message_id", "Max35Text", "1", R, "Its identifier."),
    (
        "OrgnlGrpInfAndSts/OrgnlMsgNmId",
        "original_definition",
        "Max35Text",
        "1",
        R,
        "Its message and version.",
    ),
    ("OrgnlGrpInfAndSts/OrgnlCreDtTm", "original_created_at", "ISODateTime", "?", R, "When it was made."),
    (
        "OrgnlGrpInfAndSts/OrgnlNbOfTxs",
        "original_count",
        "Max15NumericText",
        "?",
        R,
        "How many payments it had.",
    ),
    (
        "OrgnlGrpInfAndSts/OrgnlCtrlSum",
        "original_control_sum",
        "DecimalNumber",
        "?",
        R,
        "Its sum of amounts.",
    ),
    ("OrgnlGrpInfAndSts/GrpSts", "status", "ExternalPaymentGroupStatus1Code", "?", R, "Status of the whole."),
    *_reasons("OrgnlGrpInfAndSts"),
    ("OrgnlGrpInfAndSts/NbOfTxsPerSts", "counts", "group", "*", R, "How many payments have one status."),
    ("OrgnlGrpInfAndSts/NbOfTxsPerSts/DtldNbOfTxs", "count", "Max15NumericText", "1", R, "How many."),
    (
        "OrgnlGrpInfAndSts/NbOfTxsPerSts/DtldSts",
        "status",
        "ExternalPaymentTransactionStatus1Code",
        "1",
        R,
        "Which status.",
    ),
    ("OrgnlGrpInfAndSts/NbOfTxsPerSts/DtldCtrlSum", "control_sum", "DecimalNumber", "?", R, "Sum of them."),
    ("TxInfAndSts", "transactions", "group", "*", R, "How one payment stands."),
    ("TxInfAndSts/StsId", "status_id", "Max35Text", "?", R, "Identifier of this statement."),
    ("TxInfAndSts/OrgnlGrpInf", "original_group", "group", "?", R, "The message the payment came in."),
    ("TxInfAndSts/OrgnlGrpInf/OrgnlMsgId", "message_id", "Max35Text", "1", R, "Its identifier."),
    ("TxInfAndSts/OrgnlGrpInf/OrgnlMsgNmId", "definition", "Max35Text", "1", R, "Its message and version."),
    ("TxInfAndSts/OrgnlGrpInf/OrgnlCreDtTm", "created_at", "ISODateTime", "?", R, "When it was made."),
    ("TxInfAndSts/OrgnlInstrId", "original_instruction_id", "Max35Text", "?", R, "The payment's InstrId."),
    (
        "TxInfAndSts/OrgnlEndToEndId",
        "original_end_to_end_id",
        "Max35Text",
        "?",
        R,
        "The payment's EndToEndId.",
    ),
    ("TxInfAndSts/OrgnlTxId", "original_transaction_id", "Max35Text", "?", R, "The payment's TxId."),
    ("TxInfAndSts/OrgnlUETR", "original_uetr", "UUIDv4Identifier", "?", R, "The payment's UETR."),
    (
        "TxInfAndSts/TxSts",
        "status",
        "ExternalPaymentTransactionStatus1Code",
        "?",
        R,
        "Status of the payment.",
    ),
    *_reasons("TxInfAndSts"),
    ("TxInfAndSts/ChrgsInf", "charges", "Charge", "*", R, "A charge taken."),
    (
        "TxInfAndSts/AccptncDtTm",
        "accepted_at",
        "ISODateTime",
        "?",
        R,
        "When the payment was taken to process.",
    ),
    ("TxInfAndSts/FctvIntrBkSttlmDt", "settled", "Dated", "?", R, "Date or instant at which it settled."),
    (
        "TxInfAndSts/AcctSvcrRef",
        "servicer_reference",
        "Max35Text",
        "?",
        R,
        "Reference of the reporting bank.",
    ),
    ("TxInfAndSts/ClrSysRef", "clearing_reference", "Max35Text", "?", R, "Reference of the clearing system."),
    ("TxInfAndSts/InstgAgt", "instructing_agent", "Agent", "?", R, "Who sent the payment."),
    ("TxInfAndSts/InstdAgt", "instructed_agent", "Agent", "?", R, "Who got the payment."),
    (_REFERENCE, None, "group", "?", C, "Key elements of the payment, as it was."),
    (
        f"{_REFERENCE}/IntrBkSttlmAmt",
        None,
        "ActiveOrHistoricCurrencyAndAmount",
        "?",
        C,
        "Its settlement amount.",
    ),
    (f"{_REFERENCE}/Amt", None, "group", "?", C, "Its ordered amount."),
    (
        f"{_REFERENCE}/Amt/InstdAmt",
        None,
        "ActiveOrHistoricCurrencyAndAmount",
        "choice:kind",
        C,
        "As ordered.",
    ),
    (f"{_REFERENCE}/Amt/EqvtAmt", None, "group", "choice:kind", C, "As the worth of another amount."),
    (f"{_REFERENCE}/Amt/EqvtAmt/Amt", None, "ActiveOrHistoricCurrencyAndAmount", "1", C, "That amount."),
    (
        f"{_REFERENCE}/Amt/EqvtAmt/CcyOfTrf",
        None,
        "ActiveOrHistoricCurrencyCode",
        "1",
        C,
        "Currency to pay in.",
    ),
    (f"{_REFERENCE}/IntrBkSttlmDt", None, "ISODate", "?", C, "Its settlement date."),
    (f"{_REFERENCE}/ReqdColltnDt", None, "ISODate", "?", C, "Date for collection, of a direct debit."),
    (f"{_REFERENCE}/ReqdExctnDt", None, "Dated", "?", C, "Date wished for execution."),
    (f"{_REFERENCE}/CdtrSchmeId", None, "Party", "?", C, "Creditor identifier, of a direct debit."),
    (f"{_REFERENCE}/SttlmInf", None, "Settlement", "?", C, "How the banks settled."),
    (f"{_REFERENCE}/PmtTpInf", None, "PaymentTypeAndSequence", "?", C, "What kind of payment it was."),
    (f"{_REFERENCE}/PmtMtd", None, "PaymentMethod4Code", "?", C, "Transfer, cheque or direct debit."),
    (f"{_REFERENCE}/MndtRltdInf", None, "opaque:target", "?", C, "Mandate it was made under."),
    (f"{_REFERENCE}/RmtInf", None, "Remittance", "?", C, "Its remittance information."),
    (f"{_REFERENCE}/UltmtDbtr", None, "PartyOrAgent", "?", C, "Who owed the money in the end."),
    (f"{_REFERENCE}/Dbtr", None, "PartyOrAgent", "?", C, "Who paid."),
    (f"{_REFERENCE}/DbtrAcct", None, "Account", "?", C, "Account that was debited."),
    (f"{_REFERENCE}/DbtrAgt", None, "Agent", "?", C, "Bank of who paid."),
    (f"{_REFERENCE}/DbtrAgtAcct", None, "Account", "?", C, "Account of that bank."),
    (f"{_REFERENCE}/CdtrAgt", None, "Agent", "?", C, "Bank of who was paid."),
    (f"{_REFERENCE}/CdtrAgtAcct", None, "Account", "?", C, "Account of that bank."),
    (f"{_REFERENCE}/Cdtr", None, "PartyOrAgent", "?", C, "Who was paid."),
    (f"{_REFERENCE}/CdtrAcct", None, "Account", "?", C, "Account that was credited."),
    (f"{_REFERENCE}/UltmtCdtr", None, "PartyOrAgent", "?", C, "Who the money was for in the end."),
    (f"{_REFERENCE}/Purp", None, "code:ExternalPurpose1Code", "?", C, "What it was for."),
    ("TxInfAndSts/SplmtryData", None, "Supplement", "*", C, "Additions to this status."),
    ("SplmtryData", None, "Supplement", "*", C, "Additions to the report."),
)
_14: tuple[Step, ...] = (
    ("add", "GrpHdr/InstdAgt", ("GrpHdr/OrgnlBizQry", "query", "Query", "?", R, "The question it answers.")),
    (
        "add",
        "TxInfAndSts/AccptncDtTm",
        ("TxInfAndSts/PrcgDt", "processed", "Dated", "?", R, "When it was processed."),
    ),
)
_15: tuple[Step, ...] = (
    *_14,
    (
        "add",
        "TxInfAndSts/ClrSysRef",
        (
            "TxInfAndSts/CdtSttlmKey",
            "settlement_key",
            "SHA256SignatureText",
            "?",
            R,
            "SHA-256 that releases it, in hex.",
        ),
    ),
)
VERSIONS: dict[str, Version] = {
    "10": Version("2019"),
    "13": Version("2022", _14),
    "14": Version("2023", _14),
    "15": Version("2023", _15),
}
