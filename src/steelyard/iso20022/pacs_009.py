"""pacs.009, credit transfer between financial institutions: their own money, or the cover of a customer's.

A cover names the customer payment in `UndrlygCstmrCdtTrf`; there is no other difference in form.
"""

from steelyard.iso20022.components import C, Cells, R, Step, Version
from steelyard.iso20022.pacs_008 import (
    GROUP_HEADER,
    IDENTIFICATION,
    customers,
    instructions,
    intermediary_agents,
    payees,
    previous_agents,
)

NAME = "pacs.009"
ROOT = "FICdtTrf"
MEANING = "A bank asks the next one to pay a bank's money on to another bank."
UNITS: tuple[tuple[str, ...], ...] = (("CdtTrfTxInf",),)

_UNDERLYING = "CdtTrfTxInf/UndrlygCstmrCdtTrf"

ROWS: tuple[Cells, ...] = (
    *GROUP_HEADER,
    ("CdtTrfTxInf", "transactions", "group", "1..*", R, "One payment."),
    *IDENTIFICATION,
    *previous_agents("CdtTrfTxInf"),
    ("CdtTrfTxInf/InstgAgt", "instructing_agent", "Agent", "?", R, "Who sends this payment."),
    ("CdtTrfTxInf/InstdAgt", "instructed_agent", "Agent", "?", R, "Who gets this payment."),
    *intermediary_agents("CdtTrfTxInf"),
    ("CdtTrfTxInf/UltmtDbtr", "ultimate_debtor", "Agent", "?", R, "Bank that owes the money in the end."),
    ("CdtTrfTxInf/Dbtr", "debtor", "Agent", "1", R, "Bank that pays."),
    ("CdtTrfTxInf/DbtrAcct", "debtor_account", "Account", "?", R, "Account that is debited for it."),
    ("CdtTrfTxInf/DbtrAgt", "debtor_agent", "Agent", "?", R, "Bank that keeps that account."),
    (
        "CdtTrfTxInf/DbtrAgtAcct",
        "debtor_agent_account",
        "Account",
        "?",
        R,
        "Account of that bank at the next.",
    ),
    ("CdtTrfTxInf/CdtrAgt", "creditor_agent", "Agent", "?", R, "Bank that keeps the account to credit."),
    (
        "CdtTrfTxInf/CdtrAgtAcct",
        "creditor_agent_account",
        "Account",
        "?",
        R,
        "Account of it at the bank before.",
    ),
    ("CdtTrfTxInf/Cdtr", "creditor", "Agent", "1", R, "Bank that is paid."),
    ("CdtTrfTxInf/CdtrAcct", "creditor_account", "Account", "?", R, "Account that is credited."),
    ("CdtTrfTxInf/UltmtCdtr", "ultimate_creditor", "Agent", "?", R, "Bank the money is for in the end."),
    *instructions("CdtTrfTxInf", "Instruction5Code"),
    ("CdtTrfTxInf/Purp", "purpose", "code:ExternalPurpose1Code", "?", R, "What the payment is for."),
    (
        "CdtTrfTxInf/RmtInf",
        "remittance",
        "FreeRemittance",
        "?",
        R,
        "What the creditor shall match the money with.",
    ),
    (_UNDERLYING, "underlying", "group", "?", R, "The customer payment that this one covers."),
    *customers(_UNDERLYING),
    *previous_agents(_UNDERLYING),
    *intermediary_agents(_UNDERLYING),
    *payees(_UNDERLYING),
    *instructions(_UNDERLYING, "Instruction3Code"),
    (f"{_UNDERLYING}/Tax", None, "opaque:target", "?", C, "Tax paid with that payment."),
    (
        f"{_UNDERLYING}/RmtInf",
        "remittance",
        "Remittance",
        "?",
        R,
        "What its payee shall match the money with.",
    ),
    (
        f"{_UNDERLYING}/InstdAmt",
        "instructed",
        "ActiveOrHistoricCurrencyAndAmount",
        "?",
        R,
        "Amount and currency its payer ordered.",
    ),
    ("CdtTrfTxInf/SplmtryData", None, "Supplement", "*", C, "Additions to this payment."),
    ("SplmtryData", None, "Supplement", "*", C, "Additions to the message."),
)
_11: tuple[Step, ...] = (
    ("retype", "CdtTrfTxInf/InstrForCdtrAgt/Cd", "ExternalCreditorAgentInstruction1Code"),
    ("retype", f"{_UNDERLYING}/InstrForCdtrAgt/Cd", "ExternalCreditorAgentInstruction1Code"),
    (
        "add",
        "CdtTrfTxInf/RmtInf",
        ("CdtTrfTxInf/UndrlygAllcn", None, "opaque:target", "*", C, "How the amount divides over accounts."),
    ),
)
VERSIONS: dict[str, Version] = {"08": Version("2019"), "11": Version("2023", _11)}
