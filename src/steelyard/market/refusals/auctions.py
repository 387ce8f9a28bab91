"""Why a bid, a take or a sealed order of an auction is refused. Order is precedence: the first counts."""

from steelyard.values.refusal import Refusal


class AuctionRefusal(Refusal):
    """The rules of all auction formats beside the call, in the order in which they are checked."""

    AUCTION_TERMS_OUT_OF_RANGE = (
        984,
        "the terms of an auction can be met: times ahead and rising, prices on its tick",
    )
    AUCTION_DOES_NOT_ALLOW_IT = 840, "an auction takes what its state and its times allow"
    BID_ID_USED = 841, "every bid, take and commitment of an auction has an id of its own"
    BIDDER_NOT_INVITED = (
        842,
        "who bids may: not the owner himself, and in a later round only who is still in it",
    )
    BID_LOTS_OUT_OF_RANGE = 843, "a bid is for one lot or more, and for no more than there are"
    BID_PRICE_NOT_ON_TICK = 844, "the price of a bid is above zero, on the tick, and below 10^18"
    BID_BEYOND_RESERVE = 845, "a bid is at the reserve or better, where the reserve is open"
    BID_DOES_NOT_IMPROVE = 846, "a bid beats what stands, by the step or more"
    COMMITMENT_TWICE = 847, "a commitment is 32 bytes that nobody has entered before"
    REVEAL_DOES_NOT_MATCH = 848, "what is revealed has the hash that was committed"
    DEPOSIT_IS_NOT_THERE = 985, "the deposit for a sealed order is on the account of who commits to it"
    AUCTION_IS_FULL = 849, "an auction takes at most so many bids"
