"""Why something about published prices is refused. Order is precedence: the first counts."""

from steelyard.values.refusal import Refusal


class PriceRefusal(Refusal):
    """The rules of publishing, correcting and disputing prices, in the order in which they are checked."""

    PRICE_SERIES_NOT_FOUND = 970, "a price is of a series that has a method"
    PRICE_DAY_IS_OVER = 971, "the days of a series follow one another"
    PRICE_STANDS_ALREADY = 972, "a day is published once; after that it is corrected"
    PRICE_NOT_FOUND = 973, "what is corrected or disputed was published, and is still kept"
    REASON_IS_MISSING = 974, "who corrects, overrides or disputes a price says why"
    SETTLEMENT_PRICE_NOT_ON_TICK = 975, "a settlement price lies on the tick of its instrument"
    METHOD_OUT_OF_RANGE = 983, "a method has a cap above 0, up to 1, and minimum data that is not negative"
    METHOD_NOT_NEXT = 976, "the versions of a method follow one another by one"
    METHOD_REACHES_BACK = 977, "a method applies from a day that is not published yet"
    COMPLAINT_NOT_FOUND = 978, "an answer names a complaint that is kept"
    COMPLAINT_STEP_NOT_ALLOWED = 979, "a complaint is answered, appealed and closed in this order"
    PRICES_ARE_FULL = 980, "there are at most so many series, methods and open complaints"
    PRICE_DAY_IS_AHEAD = 981, "a price is of today or of a day before"
    FIRST_PRICE_IS_MISSING = (
        982,
        "the first settlement price of a series is named with its price of the day before",
    )
    PRICE_IS_MADE_FROM_THE_BOOK = 986, "the settlement price of what is listed is made from its book alone"
    BOOK_HAS_NOT_CLOSED = (
        987,
        "a settlement price is made after the day's close, while the days of its book are kept",
    )
    MARGIN_PRICE_IS_NOT_PUBLISHED = (
        988,
        "a contract is marked to its published settlement price of the day, or by two persons to another",
    )
    BENCHMARK_IS_BEFORE_ITS_TIME = (
        989,
        "a series that the machine makes is made by hand at the fixing's time or later",
    )
    PRICE_IS_MADE_BY_ITSELF = (
        1060,
        "what the machine makes by itself is not handed in, nor a curve set by hand",
    )
