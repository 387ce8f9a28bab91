"""Why a payment is refused, rejected or not changed. Order is precedence: the first that applies counts.

Words of ISO 20022 are given to these in `iso20022/reasons.py` alone.
"""

from steelyard.values.refusal import Refusal


class PaymentRefusal(Refusal):
    """The rules of payments, in the order in which they are checked; then how an accepted one can end."""

    COVER_HAS_SETTLED_IT = 300, "a payment that a cover settles here does not settle here too"
    UETR_IS_TAKEN = 301, "a UETR names one payment"
    UETR_WAS_SEEN = 302, "a UETR older than the payment memory is not used again"
    MESSAGE_ID_IS_TAKEN = 303, "a message id of a sender names one message"
    INSTRUCTION_ID_IS_TAKEN = 304, "an instruction id of a sender is used once a day"
    MESSAGE_IS_TOO_OLD = 305, "a message was made within the last two days"

    DEBTOR_AGENT_IS_NOT_SENDER = 310, "a payment is sent by its debtor agent"
    DEBTOR_AGENT_UNKNOWN = 311, "the debtor agent is a participant"
    DEBTOR_AGENT_IS_BARRED = 312, "the debtor agent may send"
    CREDITOR_AGENT_UNKNOWN = 313, "the creditor agent is a participant"
    CREDITOR_AGENT_IS_SUSPENDED = 314, "the creditor agent may receive"
    AGENTS_MUST_DIFFER = 315, "debtor agent and creditor agent are two"
    CURRENCY_IS_NOT_SETTLED = 316, "both currencies are settled here"
    DEBTOR_HAS_NO_ACCOUNT = 317, "the debtor agent has an account in the currency it pays"
    DEBTOR_ACCOUNT_IS_CLOSED = 318, "the debtor agent's account is not closed"
    DEBTOR_ACCOUNT_IS_BLOCKED = 319, "the debtor agent's account may be debited"
    CREDITOR_HAS_NO_ACCOUNT = 320, "the creditor agent has an account in the currency it is paid"
    CREDITOR_ACCOUNT_IS_CLOSED = 321, "the creditor agent's account is not closed"
    CREDITOR_ACCOUNT_IS_BLOCKED = 322, "the creditor agent's account may be credited"

    AMOUNT_IS_ZERO = 325, "an amount is more than zero"
    AMOUNT_IS_TOO_LARGE = 326, "an amount is less than 10^18 minor units"
    AMOUNTS_MUST_BE_EQUAL = 327, "what leaves and what arrives is equal in one currency"
    SCHEME_LIMIT = 330, "a payment stays within the scheme's limit for its currency"
    TOO_MANY_PAYMENTS = 331, "the payments of one payer that are under way stay within the rulebook's bound"
    PARTY_LIMIT = 332, "a payment stays within the limits of its participants"
    HOLDING_LIMIT = 333, "the payee's holding of the currency stays within its limit"

    DATE_HAS_PASSED = 335, "the settlement date is today or later in every currency"
    DATE_IS_NO_BUSINESS_DAY = 336, "the settlement date is a business day of every currency"
    DATE_IS_TOO_FAR = 337, "the settlement date lies within the horizon"
    CUT_OFF_HAS_PASSED = 338, "the currencies are open together when the payment must settle"
    NOT_AFTER_HAS_PASSED = 339, "the payment settles before the time its sender set"

    DISCLOSURE_DIFFERS = 342, "the payment is what was disclosed, to the minor unit"
    REQUOTE_WAS_REFUSED = 343, "the sender agrees to a new quote where the first one died"
    REQUOTE_TIMED_OUT = 344, "the sender agrees in time to a new quote where the first one died"
    PURPOSE_IS_MALFORMED = 345, "a purpose is a code of at most four letters and digits"
    SCREENING_REFUSED = 348, "screening and rule packs let the payment through"

    FUNDS_DID_NOT_COME = 350, "the payer's money is there in time"
    PROVIDER_IS_SHORT = 351, "the provider's money is there in time"
    LEDGER_TIMED_OUT = 352, "a ledger outside acknowledges its leg in time"
    CHAIN_TIMED_OUT = 353, "all legs are settled before the chain's deadline"
    OFFER_TIMED_OUT = 354, "the creditor agent answers in time"
    CREDITOR_AGENT_ERRED = 355, "the creditor agent is able to take the payment"
    CREDITOR_AGENT_DECLINED = 356, "the creditor agent takes the payment"
    DEBTOR_AGENT_WAS_SUSPENDED = 357, "the debtor agent is not suspended while the payment waits"
    CREDITOR_AGENT_WAS_SUSPENDED = 358, "the creditor agent is not suspended while the payment waits"
    PROVIDER_WAS_SUSPENDED = 359, "the provider is not suspended while the payment waits"
    SENDER_WITHDREW = 360, "the sender stands by its payment"

    UNKNOWN_UETR = 370, "a payment of this UETR is known to the party that names it"
    OFFER_IS_OVER = 371, "an offer is answered while it is open"
    OFFER_WAS_ANSWERED = 372, "an offer is answered once"
    ANSWER_IS_UNKNOWN = 373, "an answer to an offer is accept, accept_unposted or decline"
    PAYMENT_IS_FINAL = 374, "a payment that has settled or ended is not cancelled"
    PAYMENT_STATE_FORBIDS = 375, "the payment's state has a place for this act"
    REASON_IS_MALFORMED = 376, "a reason is a code of at most four letters and digits"
    PAYMENT_IS_NOT_UNPRICED = 377, "consent to a new quote is asked for where the first one died"
