"""Why an order is refused. Order is precedence: the first rule that is broken is given."""

from steelyard.values.refusal import Refusal


class OrderRefusal(Refusal):
    """The rules of orders, in the order in which they are checked."""

    INSTRUMENT_UNKNOWN = 800, "an order names an instrument that is traded here"
    PHASE_DOES_NOT_ALLOW_IT = 801, "the phase of the instrument allows what is asked"
    ORDER_ID_USED = 802, "the id of an order is new in its book, also among the orders of the day that ended"
    QUANTITY_MUST_BE_POSITIVE = 803, "a quantity is more than zero and below 10^18"
    QUANTITY_NOT_IN_LOTS = 804, "a quantity, and the peak of it that is shown, is a number of whole lots"
    PRICE_NOT_ON_TICK = 805, "a price is more than zero, below 10^18, and on the tick"
    CURRENCY_HAS_NO_RATE = (
        829,
        "where daily limits bound a book in many currencies, firm quotes lead from an order's currency to its basket",
    )
    PRICE_OUTSIDE_DAILY_LIMIT = 806, "a price lies within the daily limits, or at one of them"
    TYPE_COMBINATION_NOT_ALLOWED = 807, "type, time in force and conditions of an order go together"
    POST_ONLY_WOULD_TRADE = 808, "an order that may only rest does not trade on entry"
    DATE_IS_PAST = 830, "the date until which an order is good is today or later"
    POSITION_LIMIT_WOULD_BE_EXCEEDED = (
        809,
        "the position of a group stays within its limit if all orders fill",
    )
    MARGIN_IS_SHORT = 810, "margin covers the order"
    FUNDS_ARE_SHORT = 811, "the trade account of a buyer covers all its open orders"
    RECEIPT_NOT_AVAILABLE = 812, "the trade account of a seller holds the receipt lots of all its open orders"
    ORDER_NOT_OPEN = 813, "an order that is cancelled or replaced is open, or waits for its stop"
    TOO_MANY_ORDERS = 814, "open orders stay within the bounds of a member and of the market"
    OUTCOME_IS_FULL = 815, "what the messages of one command bring about stays within the bound of an outcome"
    MARKET_ACCOUNT_NOT_FOUND = 820, "who trades a currency has opened a trade account for it"
    CURRENCY_NOT_TRADED = (
        821,
        "an order is in the currency of its instrument, or where it has a basket in any member's",
    )
    LISTING_OUT_OF_RANGE = (
        822,
        "code, tick, lot, bands and times of an instrument lie within their bounds",
    )
    LISTING_MONEY_UNKNOWN = (
        831,
        "an instrument is in one currency that is booked here, or on the spot in a basket that says what it holds",
    )
    LISTING_SETTLES_IN_NOTHING = (
        832,
        "an instrument settles in an open class of receipts, or in a cleared contract of its currency, unit and lot",
    )
    LISTING_SESSIONS_DO_NOT_FOLLOW = (
        833,
        "sessions stand in the order of their times within a day, and each phase may follow the one before",
    )
    LISTING_CALENDAR_UNKNOWN = 834, "the calendars of an instrument are of currencies that have one"
    LISTING_IS_IN_USE = 835, "an instrument is listed anew only while its book is closed and empty"
    FIRM_QUOTE_OUT_OF_RANGE = (
        823,
        "a firm quote is of two currencies, for more than nothing, and not over yet",
    )
    FIRM_QUOTE_NOT_FOUND = 824, "a firm quote that is withdrawn stands and is the sender's own"
    MARKET_TRADE_NOT_FOUND = 825, "a trade that is taken back is known, and the sender's own"
    TRADE_NOT_AGREED = 828, "a trade is taken back when all whose goods or money it moved have agreed"
    TRADE_IS_TOO_OLD = 826, "a trade is taken back within fifteen minutes"
    CALL_NOT_OVER = 827, "a call ends at its time, by the seed that was committed before it"


BY_CODE = {refusal.code: refusal for refusal in OrderRefusal}
