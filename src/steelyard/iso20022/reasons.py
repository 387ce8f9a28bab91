"""The words of ISO 20022 for what happened: status of a payment, code of a refusal. One table each.

Sources: external code sets of ISO 20022 (transaction status, status reason); the states are those of
`payments.states`. A house test fails where a refusal that can end a payment has no line here.
"""

from typing import Final

from steelyard.engine.refusals import Refusal as E
from steelyard.fx.refusals import FxRefusal as F
from steelyard.iso20022.profiles import Profile
from steelyard.liquidity.refusals import LiquidityRefusal as L
from steelyard.payments.refusals import PaymentRefusal as P
from steelyard.payments.states import State
from steelyard.values.refusal import Refusal

ADMI_WORDS: Final = {
    "XML01": "not well-formed or not XML 1.0",
    "XML02": "document type or entity declaration",
    "XML03": "not UTF-8",
    "XML04": "over a limit",
    "BAH01": "header or Document missing, double or not ISO",
    "BAH02": "message version not listed here",
    "BAH03": "MsgDefIdr is not the Document's",
    "BAH04": "BizMsgIdr is not the message's own id",
    "XSD01": "schema",
    "SIG01": "signature missing",
    "SIG02": "signature invalid",
    "SIG03": "not the sender's key",
    "SYS01": "not possible now, send again",
}

STATUS: Final[dict[State, str]] = {
    State.RECEIVED: "RCVD",
    State.VALIDATED: "ACTC",
    State.SCREENING: "ACTC",
    State.HELD: "PDNG",
    State.QUEUED: "PDNG",
    State.RESERVED: "ACSP",
    State.PREPARED: "ACSP",
    State.OFFERED: "ACSP",
    State.DECIDED: "ACSP",
    State.SETTLED: "ACSC",
    State.CREDITED: "ACCC",
    State.UNPOSTED: "ACWP",
    State.REJECTED: "RJCT",
    State.FROZEN: "BLCK",
    State.CANCELLED: "RJCT",
}
PARTLY: Final = "ACSP"
"""Of a queued payment of which parts have settled: its settlement is in process."""
WITHDRAWN, REGULATORY, UNSPECIFIED = "DS02", "RR04", "MS03"
DATED: Final = frozenset({"ACSC", "ACCC", "ACWC"})
"""Statuses that may carry the effective settlement date."""

REFUSAL_CODES: Final[dict[Refusal, str]] = {
    P.COVER_HAS_SETTLED_IT: "AM05",
    P.UETR_IS_TAKEN: "DU03",
    P.UETR_WAS_SEEN: "DU03",
    P.MESSAGE_ID_IS_TAKEN: "DU01",
    P.INSTRUCTION_ID_IS_TAKEN: "DU05",
    P.MESSAGE_IS_TOO_OLD: "DT02",
    P.DEBTOR_AGENT_IS_NOT_SENDER: "AGNT",
    P.DEBTOR_AGENT_UNKNOWN: "DNOR",
    P.DEBTOR_AGENT_IS_BARRED: "AG10",
    P.CREDITOR_AGENT_UNKNOWN: "CNOR",
    P.CREDITOR_AGENT_IS_SUSPENDED: "AG11",
    P.AGENTS_MUST_DIFFER: "AG12",
    P.CURRENCY_IS_NOT_SETTLED: "AM03",
    P.DEBTOR_HAS_NO_ACCOUNT: "AC02",
    P.DEBTOR_ACCOUNT_IS_CLOSED: "AC05",
    P.DEBTOR_ACCOUNT_IS_BLOCKED: "AC06",
    P.CREDITOR_HAS_NO_ACCOUNT: "AC03",
    P.CREDITOR_ACCOUNT_IS_CLOSED: "AC07",
    P.CREDITOR_ACCOUNT_IS_BLOCKED: "AC06",
    P.AMOUNT_IS_ZERO: "AM01",
    P.AMOUNT_IS_TOO_LARGE: "AM12",
    P.AMOUNTS_MUST_BE_EQUAL: "AM09",
    P.SCHEME_LIMIT: "AM02",
    P.PARTY_LIMIT: "AM14",
    P.HOLDING_LIMIT: "AM23",
    P.TOO_MANY_PAYMENTS: "AM18",
    P.DATE_HAS_PASSED: "DT01",
    P.DATE_IS_NO_BUSINESS_DAY: "DT03",
    P.DATE_IS_TOO_FAR: "DT04",
    P.CUT_OFF_HAS_PASSED: "TM01",
    P.NOT_AFTER_HAS_PASSED: "AB03",
    P.DISCLOSURE_DIFFERS: "AM09",
    P.REQUOTE_WAS_REFUSED: "AB04",
    P.REQUOTE_TIMED_OUT: "AB04",
    P.PURPOSE_IS_MALFORMED: "FF07",
    P.SCREENING_REFUSED: "RR04",
    P.FUNDS_DID_NOT_COME: "AM04",
    P.PROVIDER_IS_SHORT: "AM04",
    P.LEDGER_TIMED_OUT: "AB06",
    P.CHAIN_TIMED_OUT: "AB03",
    P.OFFER_TIMED_OUT: "AB05",
    P.CREDITOR_AGENT_ERRED: "AB09",
    P.CREDITOR_AGENT_DECLINED: "MS03",
    P.DEBTOR_AGENT_WAS_SUSPENDED: "AG10",
    P.CREDITOR_AGENT_WAS_SUSPENDED: "AG11",
    P.PROVIDER_WAS_SUSPENDED: "AG10",
    P.SENDER_WITHDREW: "DS02",
    P.UNKNOWN_UETR: "AG09",
    P.OFFER_IS_OVER: "AB05",
    P.OFFER_WAS_ANSWERED: "DU03",
    P.REASON_IS_MALFORMED: "CH16",
    L.NOT_AFTER_PASSED: "AM04",
    F.CURRENCY_IS_UNKNOWN: "AM03",
    F.OUTSIDE_HOURS: "TM01",
    F.NO_PROVIDER: "AB04",
    F.ALL_OUT_OF_FUNDS: "AM04",
    F.FEES_EXCEED_AMOUNT: "AM06",
    F.QUOTE_IS_MISSING: "CH21",
    F.QUOTE_NOT_FOUND: "AB04",
    F.QUOTE_IS_ANOTHERS: "AB04",
    F.QUOTE_IS_USED: "AB04",
    F.QUOTE_WAS_WITHDRAWN: "AB04",
    F.QUOTE_HAS_EXPIRED: "AB04",
    F.QUOTE_IS_FOR_ANOTHER_USE: "AB04",
    F.QUOTE_PAIR_DIFFERS: "AM09",
    F.QUOTE_CREDITOR_AGENT_DIFFERS: "AM09",
    F.QUOTE_AMOUNT_DIFFERS: "AM09",
    F.QUOTE_PROVIDER_DIFFERS: "RC11",
    E.ID_REUSED_WITH_OTHER_CONTENT: "DU03",
    E.SENDER_HAS_NO_RIGHT: "AG08",
    E.LEG_AMOUNT_MUST_BE_POSITIVE: "AM01",
    E.LEG_AMOUNT_IS_TOO_LARGE: "AM12",
    E.CONVERTED_AMOUNT_IS_ZERO: "AM01",
    E.LEG_ACCOUNTS_MUST_DIFFER: "AG12",
    E.ACCOUNT_NOT_FOUND: "AC01",
    E.ASSET_IS_CLOSED: "AM03",
    E.ASSETS_MUST_MATCH: "AC09",
    E.ACCOUNT_NEEDS_OTHER_AUTHORITY: "AG08",
    E.ACCOUNT_IS_CLOSED: "AC04",
    E.ACCOUNT_DEBITS_ARE_BLOCKED: "AC06",
    E.ACCOUNT_CREDITS_ARE_BLOCKED: "AC06",
    E.RESERVATION_HAS_EXPIRED: "AB03",
    E.DEADLINE_HAS_PASSED: "AB03",
    E.CEILING_WOULD_BE_EXCEEDED: "AM23",
    E.LIMIT_WOULD_BE_EXCEEDED: "AM14",
    E.LIQUIDITY_IS_SHORT: "AM04",
}
_BY_NUMBER = {refusal.code: code for refusal, code in REFUSAL_CODES.items()}


def code_of(refusal: Refusal) -> str:
    """Give the reason code of a refusal; one without a word of its own is "not specified".

    >>> code_of(P.FUNDS_DID_NOT_COME)
    'AM04'
    """
    return REFUSAL_CODES.get(refusal, UNSPECIFIED)


def code_of_number(number: int) -> str:
    """Give the reason code of a refusal by its stable number."""
    return _BY_NUMBER.get(number, UNSPECIFIED)


def declined(code: str, known: frozenset[str]) -> str:
    """Give the code with which a creditor agent declined: its own if it is in the set, else "not specified"."""
    return code if code in known else UNSPECIFIED


def status_of(
    state: State,
    code: str | None,
    profile: Profile,
    *,
    settled: bool = False,
    moved: bool = False,
    partly: bool = False,
) -> tuple[str, str | None] | None:
    """Give status and reason code for a payment's state; None where the profile does not send the status.

    `settled` says of a frozen payment that its money had moved, `moved` of a validated one that its date
    was changed, `partly` of a queued one that parts of it have settled. A held or queued payment never says why.
    """
    status = STATUS[state]
    if state is State.FROZEN and not settled and profile.frozen_is_rejected:
        return ("RJCT", REGULATORY) if "RJCT" in profile.statuses else None
    if state is State.CANCELLED:
        code = WITHDRAWN
    if status == "ACTC" and moved:
        status = "ACWC"
    if partly and state is State.QUEUED and PARTLY in profile.statuses:
        status = PARTLY
    if status not in profile.statuses:
        return None
    return status, (code or UNSPECIFIED) if status == "RJCT" else None
