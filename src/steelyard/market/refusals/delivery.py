"""Why a certificate, a notice or a step of a delivery is refused. Order is precedence."""

from steelyard.values.refusal import Refusal


class DeliveryRefusal(Refusal):
    """The rules of deliveries."""

    QUALITY_OUTSIDE_CONTRACT = 870, "every factor of a certificate lies within what the contract accepts"
    QUALITY_FACTOR_IS_MISSING = 871, "a certificate states every factor that the contract's schedule names"
    DELIVERY_NOT_FOUND = 872, "the delivery is under way"
    DELIVERY_IS_ANOTHERS = (
        873,
        "each side acts for itself, the inspector and the warehouse for the site named",
    )
    DELIVERY_TERMS_OUT_OF_RANGE = (
        874,
        "terms name two active parties, goods, a price, a currency and later deadlines",
    )
    DELIVERY_STATE_FORBIDS = 875, "the delivery is in a state from which this follows"
    DELIVERY_DEADLINE_HAS_PASSED = 876, "a step is taken before the deadline of its state"
    DELIVERY_GOODS_DO_NOT_FIT = (
        877,
        "what is named is of the site and grade agreed, and within the tolerance of its kg",
    )
    DELIVERY_LONGS_ARE_SHORT = 878, "the longs take all that is to be delivered"
    DELIVERY_CERTIFICATE_OUT_OF_RANGE = 879, "a certificate has a weight above zero and each factor once"
    DELIVERY_QUOTE_DOES_NOT_FIT = (
        880,
        "a quote for a delivery pays what is due, in its currency, to its seller",
    )
    DELIVERY_ACCOUNT_NOT_FOUND = 881, "buyer and seller have an account in the currency that they pay and get"
    DELIVERY_IS_NOT_ACCEPTED = 882, "the buyer has accepted what the seller alone has offered"
    FORCE_MAJEURE_WAS_USED = 883, "force majeure extends a delivery once"
    DELIVERY_RULING_OUT_OF_RANGE = (
        884,
        "a ruling names its end, and the price of the market where a side has failed",
    )
    DELIVERY_GOODS_ARE_NOT_OUT = 885, "goods are loaded once all their receipts are released"
    DELIVERY_STEP_IS_MISSING = 886, "what waits for a step of a voyage is not paid before it"
    DELIVERIES_ARE_FULL = 887, "there is room for another delivery"
    DELIVERY_AUCTION_COMES_FIRST = (
        889,
        "a price by hand ends a failed delivery where an auction has found nobody for its lots",
    )
    DELIVERY_LOTS_ARE_NOT_HELD = (
        888,
        "a cleared delivery is for lots that its sides hold, in their size, and that no other delivery is for",
    )
