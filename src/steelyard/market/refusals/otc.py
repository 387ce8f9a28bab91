"""Why a trade made outside the book is not registered. Order is precedence: the first counts."""

from steelyard.values.refusal import Refusal


class OtcRefusal(Refusal):
    """The rules of registering trades made outside the book, in the order in which they are checked."""

    OTC_TRADE_NOT_FOUND = 1050, "a registration is one of one's own that is kept"
    OTC_STEP_NOT_ALLOWED = (
        1051,
        "the other side confirms what is offered; both together take back what counts",
    )
    OTC_OUT_OF_RANGE = 1052, "a trade is between two who trade, in goods and a currency that are known here"
    OTC_IS_TOO_OLD = 1053, "a trade is registered by both while it is as fresh as the rules say"
    OTC_IS_A_WASH = 1054, "a trade changes hands: not within a group, nor to and fro on one day"
    OTC_IS_THERE = 1055, "a trade is registered once"
    OTC_PROOF_IS_USED = 1056, "what shows that a trade was settled shows it of one trade"
    OTC_PROOF_DOES_NOT_FIT = (
        1057,
        "an id is of what was settled here between these two, for these goods and this money",
    )
    OTC_DAY_IS_FIXED = 1058, "a trade is taken back before the fixing that it counts towards"
    TOO_MANY_OTC_TRADES = 1059, "there are at most so many registrations, and so many of one owner"
