"""Why a sheet, a quote, a rate or a trade is refused. Order is precedence: the first that applies counts."""

from steelyard.values.refusal import Refusal


class FxRefusal(Refusal):
    """The rules of foreign exchange."""

    SHEET_PAIR_MUST_DIFFER = 400, "a sheet sells one asset for another"
    CURRENCY_IS_UNKNOWN = 401, "both currencies are settled here"
    PROVIDER_IS_NOT_ACTIVE = 402, "only an active participant with the role of FX provider publishes sheets"
    PROVIDER_HAS_NO_ACCOUNT = 403, "a provider has an account in both currencies of its sheet"
    SHEET_HAS_NO_TIERS = 404, "a sheet has between one and 32 tiers"
    TIERS_MUST_ASCEND = 405, "tiers start at rising amounts"
    TIER_RATE_WORSENS = 406, "a larger amount never gets a worse rate"
    RATE_IS_MALFORMED = 407, "a rate is a ratio above zero with at most 18 significant digits"
    RATE_OUT_OF_BAND = 408, "a rate stays within the rulebook's band around a reference rate of the last day"
    SHEET_IS_EMPTY = 409, "smallest amount, largest amount and times of a sheet leave room for a payment"
    SHEET_CLOCK_IS_OUT_OF_BOUNDS = 410, "a quote lives between a second and a day, its lock no shorter"
    SHEET_NOT_FOUND = 412, "the provider has a sheet for the pair"

    QUOTE_AMOUNT_MUST_BE_POSITIVE = 420, "a quote is asked for more than zero and less than 10^18 minor units"
    QUOTE_CREDITOR_AGENT_IS_UNKNOWN = 421, "the creditor agent of a request is an active participant"
    OUTSIDE_HOURS = 422, "the currencies are open together before a quote given now would end"
    TOO_MANY_QUOTES = 426, "the open quotes that one participant asked for stay within the rulebook's bound"
    NO_PROVIDER = 423, "a provider publishes a sheet for the pair, the amount and the service"
    ALL_OUT_OF_FUNDS = 424, "a provider has the money, less what its open quotes promise"
    FEES_EXCEED_AMOUNT = 425, "fees taken from an amount leave something of it"

    QUOTE_IS_MISSING = (
        430,
        "a payment in two currencies names a quote, or its sender lets the node take the best",
    )
    QUOTE_NOT_FOUND = 431, "the quote named is known here"
    QUOTE_IS_ANOTHERS = 432, "a quote belongs to the debtor agent that asked for it"
    QUOTE_IS_USED = 433, "a quote is good for one payment"
    QUOTE_WAS_WITHDRAWN = 434, "the provider has not withdrawn the quote"
    QUOTE_HAS_EXPIRED = 435, "a quote is accepted before it expires"
    QUOTE_PAIR_DIFFERS = 436, "payment and quote exchange the same currencies the same way round"
    QUOTE_CREDITOR_AGENT_DIFFERS = 437, "payment and quote name the same creditor agent"
    QUOTE_AMOUNT_DIFFERS = 438, "payment and quote have the same amounts"
    QUOTE_IS_FOR_ANOTHER_USE = 440, "payment and quote are of one kind, one service and one bearer of charges"
    QUOTE_PROVIDER_DIFFERS = 439, "the provider that the payment names gave the quote"

    REFERENCE_RATE_IS_IN_THE_FUTURE = 450, "a reference rate is not from the future"
    RATE_RULES_ARE_OUT_OF_BOUNDS = 451, "thresholds for rates are in bounds, kinds and flows known ones"
    RATE_NOT_FOUND = 452, "who confirms a rate names the newest one of its pair and kind"
    RATE_IS_MISSING = 453, "a currency is converted by a rate that somebody has published"
    RATE_IS_DUAL = 454, "where two kinds of rate differ, the settlement agent has named the one that applies"
    RATE_IS_STALE = 455, "a currency is converted by a rate that is fresh, or confirmed"
    RATE_HAS_JUMPED = 456, "a currency is converted by a rate near the last one, or confirmed"

    TRADE_PARTIES_MUST_DIFFER = 460, "a trade has two parties, and who enters it is one of them"
    TRADE_PARTY_IS_NOT_ACTIVE = 461, "both parties of a trade are active participants"
    TRADE_CURRENCIES_MUST_DIFFER = 462, "a trade exchanges two currencies that are settled here"
    TRADE_AMOUNT_MUST_BE_POSITIVE = 463, "both amounts of a trade are more than zero and less than 10^18"
    TRADE_ACCOUNT_NOT_FOUND = 464, "both parties have an account in both currencies of their trade"
    TRADE_VALUE_DATE_HAS_PASSED = 465, "the value date of a trade is today or later"
    TRADE_VALUE_DATE_IS_NO_BUSINESS_DAY = 466, "the value date is a business day of both currencies"
    TRADE_VALUE_DATE_IS_TOO_FAR = 467, "the value date lies within the calendars that are in force"
    TRADE_CUT_OFF_HAS_PASSED = 468, "a trade for today is entered before the close of both currencies"
    TOO_MANY_TRADES = 469, "the open trades that one participant entered stay within the rulebook's bound"
    TRADE_NOT_FOUND = 470, "a trade of this id is known to the party that names it"
    TRADE_STATE_FORBIDS = 471, "a trade that is over is not cancelled"
    TRADE_FUNDS_DID_NOT_COME = 472, "both sides of a trade are funded before the close of its value date"
    TRADE_WAS_NOT_MATCHED = 473, "the other side enters the same trade before the cut-off of its value date"
