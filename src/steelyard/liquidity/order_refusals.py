"""Why an order to exchange currencies, or a proposal to fill orders, is refused. Order is precedence."""

from steelyard.values.refusal import Refusal


class OrderRefusal(Refusal):
    """The rules of FX orders and of the batches that fill them."""

    FX_ORDER_CURRENCIES_MUST_DIFFER = 710, "an order exchanges two currencies that are settled here"
    FX_ORDER_OWNER_MAY_NOT_TRADE = 711, "who enters an order is active and has an account in both currencies"
    FX_ORDER_AMOUNT_OUT_OF_RANGE = 712, "what an order sells, and a cap, are above zero and below 10^18"
    FX_ORDER_LIMIT_OUT_OF_RANGE = (
        713,
        "a limit is a ratio above zero with both parts below 2^63, or 0/1 for any rate",
    )
    FX_ORDER_TIME_OUT_OF_RANGE = 714, "an order is good until a time ahead, within 400 days"
    TOO_MANY_FX_ORDERS = 715, "the standing orders of one participant stay within the rulebook's bound"
    FX_ORDER_LACKS_MONEY = 716, "what an order sells is there, and is set aside when the order is entered"
    FX_ORDER_NOT_FOUND = 717, "an order that is withdrawn is one of the sender's own that stands"
    FX_BATCH_HAS_NO_ORDERS = 718, "an FX batch takes orders in currencies whose rates are beyond doubt"

    FX_ORDER_NOT_IN_BATCH = 719, "a proposal fills orders that its batch has taken and that may still trade"
    FX_ORDER_TWICE = 720, "a proposal names each order once"
    FX_FILL_EXCEEDS_ORDER = 721, "a fill is above zero and at most what is open of its order"
    FX_CAP_WOULD_BE_EXCEEDED = 722, "nobody sells more of a currency in one batch than the cap it has set"
    FX_PRICES_OUTSIDE_BAND = (
        723,
        "prices of an auction name each of its currencies, within the band round its rates",
    )
    FX_FILL_OUTSIDE_LIMIT = 724, "no order is filled at a rate below its limit"
    FX_FILL_BUYS_NOTHING = 730, "a fill buys a minor unit or more"
    FX_FILL_NOT_AT_THE_RATE = (
        725,
        "what a fill gives is what the rate makes of it, and its share of what rounding leaves",
    )
    FX_FILL_IS_NOT_ITS_SHARE = (
        726,
        "at reference rates all orders of a pair are filled in the same proportion",
    )
    FX_FILL_OUT_OF_ORDER = (
        731,
        "at an auction's prices the orders furthest within their limits are filled first, those of one limit alike",
    )
    FX_FILLS_DO_NOT_BALANCE = (
        734,
        "fills sell as much of each currency as they buy, but for less than a minor unit per pair",
    )
    FX_RATE_IS_IN_DOUBT = 727, "the rates a batch has used are still beyond doubt when it is booked"

    PVP_TERMS_OUT_OF_RANGE = 728, "terms of the PvP queue lie within their bounds, steps ascend to the whole"
    PVP_TESTS_DO_NOT_HOLD = (
        729,
        "after a run of the PvP queue every member stands within its limits, none with an overdue pay-in",
    )
    PVP_PAY_OUT_IS_COVER = 732, "what covers a member's shorts in the PvP queue stays until they are paid in"

    RESIDUAL_HAS_NOTHING = 733, "what is swept stands on residual accounts, each currency named once"
