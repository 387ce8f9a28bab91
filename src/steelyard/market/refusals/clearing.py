"""Why clearing says no: terms, members, trades, margin, collateral, fund and default. Order is precedence."""

from steelyard.values.refusal import Refusal


class ClearingRefusal(Refusal):
    """The rules of the central counterparty, in the order in which they are checked."""

    CLEARING_CONTRACT_UNKNOWN = 890, "a cleared contract has terms here"
    CLEARING_TERMS_OUT_OF_RANGE = 891, "the terms of a cleared contract lie within their bounds"
    CLEARING_CONTRACT_HAS_POSITIONS = (
        892,
        "currency and size of a contract stay as they are while anybody holds lots of it",
    )
    CLEARING_MEMBER_NOT_FOUND = 893, "a cleared trade, a call and a case name members of the clearing house"
    CLEARING_MEMBER_IS_SUSPENDED = 894, "a member that is suspended from clearing adds no position"
    CLEARING_IS_FULL = 895, "the house keeps so many members, contracts, receipts and cases at most"
    CLEARING_LOTS_OUT_OF_RANGE = 896, "a cleared trade is for a whole number of lots above zero, at a price"
    CLEARING_POSITION_LIMIT = (
        897,
        "a group's lots of a month stay within their limit, unless the trade lessens them",
    )
    CLEARING_MARGIN_IS_SHORT = 898, "margin and collateral cover what the positions need"
    MARGIN_RUN_IS_OPEN = 899, "a currency has one run of variation margin at a time"
    MARGIN_RUN_UNKNOWN = 900, "an order about a margin run names one that is open"
    MARGIN_PRICES_INCOMPLETE = (
        901,
        "a run has one settlement price for each contract with positions, and no other",
    )
    MARGIN_NOTHING_IS_DUE = 902, "who pays in a margin run or a claim owes something there"
    MARGIN_MODEL_DOES_NOT_FIT = (
        903,
        "a model's margins are for the positions as they stand, each within its bounds",
    )
    COLLATERAL_IS_NEEDED = 904, "what is taken out of margin or fund leaves what is required"
    COLLATERAL_NOT_ACCEPTED = 905, "collateral is an asset that the house takes, in an amount above zero"
    COLLATERAL_IS_LOCKED = 906, "a receipt that is locked for a delivery is no collateral for it"
    CLEARING_CASE_UNKNOWN = 907, "an order about a default names a case that is open"
    CLEARING_CASE_IS_OPEN = 908, "a member has one open case at a time"
    CLEARING_STEP_HAS_NO_PLACE = 909, "a step of a default follows the one before it"
    CLEARING_BID_OUT_OF_RANGE = (
        910,
        "a bid in a default auction is a member's, for lots that are sold, at a price",
    )
    CLEARING_NOT_SET_UP = 911, "a member joins clearing of a currency that has cleared contracts and accounts"
    CLEARING_IS_NOT_OVER = (
        912,
        "a participant that closes holds no lots, owes and waits for nothing in clearing",
    )
    CLEARING_LOTS_ARE_IN_DELIVERY = 913, "lots that a delivery under way is for are not traded away"
    MARGIN_DEADLINE_IS_AHEAD = 914, "gainers are paid when all have paid, or at the deadline"
