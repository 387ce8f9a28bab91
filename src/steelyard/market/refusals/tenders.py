"""Why an order about a tender or a request for quotes is refused. Order is precedence: the first counts."""

from steelyard.values.refusal import Refusal


class TenderRefusal(Refusal):
    """The rules of buying without a book, in the order in which they are checked."""

    TENDER_NOT_FOUND = (
        920,
        "an order about a tender names one that is under way and that the sender may act in",
    )
    TENDER_STATE_FORBIDS = (
        921,
        "a tender is published, bid in, opened, awarded and signed in the states that allow it",
    )
    TENDER_TERMS_OUT_OF_RANGE = (
        922,
        "the terms of a tender lie within their bounds, its times ahead and in order",
    )
    TOO_MANY_TENDERS = (
        923,
        "tenders and requests under way, and bids and answers in one, stay within their bounds",
    )
    OFFER_OUT_OF_RANGE = 924, "an offer names its goods within the bounds, once each, and is still good"
    COMMITMENT_DIFFERS = 925, "what is revealed is what the bidder committed to"
    BOND_IS_NOT_THERE = 926, "a bid comes with its bond, out of money that its bidder may use"
    TENDER_RATE_IS_NOT_FIRM = 927, "foreign offers are counted at firm quotes of the buyer that are open"
    TENDER_NOT_ASKED = 928, "a proposal answers the question that a tender asked last"
    AWARD_IS_EMPTY = 929, "what is awarded is the award of an evaluation that found one"
    STANDSTILL_IS_NOT_OVER = 930, "a tender is awarded when its standstill is over"
    AWARD_NAMES_NO_PAIR = 915, "an award names pairs of offer and vessel that may load together, each once"
    AWARD_BREAKS_A_RULE = 916, "an award keeps every rule of its tender"
    AWARD_COST_IS_WRONG = 917, "an award says what it costs, to the minor unit"
    AWARD_BOUND_IS_WRONG = 918, "bound, second best and entry prices of an award do not contradict its cost"
    AWARD_IS_BEATEN = (
        919,
        "an award, or that there is none, does not stand where the machine itself finds better",
    )
    RFQ_NOT_FOUND = 931, "an order about a request for quotes names one that is open, and a part in it"
    RFQ_OUT_OF_RANGE = (
        932,
        "a request or an answer names what is asked for, within its bounds, for a time ahead",
    )
    RFQ_ANSWER_IS_OVER = 933, "an answer is taken once, before it ends"
    RFQ_TRADE_DOES_NOT_FIT = (
        934,
        "what is taken is a free receipt as both want it, paid by a quote for its very amount",
    )
