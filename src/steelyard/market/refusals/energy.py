"""Why an order about energy is refused. Order is precedence: the first counts."""

from steelyard.values.refusal import Refusal


class EnergyRefusal(Refusal):
    """The rules of energy, in the order in which they are checked."""

    MATCH_IS_NOT_FEASIBLE = 935, "flows are whole, within what routes carry, nodes have and nodes need"
    MATCH_COST_IS_WRONG = 936, "a match says what it costs, to the minor unit"
    PRICES_LEAVE_A_GAP = 937, "prices of nodes prove that nothing costs less: they leave no gap to the cost"
    MATCH_IS_NOT_FIRST = 938, "of flows of the same cost the one counts that uses earlier routes"
    PRICES_ARE_NOT_SMALLEST = 939, "of the prices that prove a match the smallest count"
    SUPPLY_NOT_FOUND = (
        940,
        "an order about a supply contract names one under way, and its sender's part in it",
    )
    SUPPLY_STATE_FORBIDS = 941, "a contract is agreed once, and nominated, taken and settled while it runs"
    SUPPLY_TERMS_OUT_OF_RANGE = 942, "the terms of a supply contract lie within their bounds"
    TOO_MANY_SUPPLIES = (
        943,
        "supply contracts under way, and networks to be matched, stay within their bounds",
    )
    NOMINATION_OUT_OF_RANGE = (
        944,
        "a nomination comes in time, for a month of the present year, within the points' most",
    )
    TAKE_OUT_OF_RANGE = 945, "a month is reported when it has begun, and confirmed once, when it is over"
    INDEX_IS_NOT_KNOWN = 946, "a price needs its index in the three months before"
    INDEX_OUT_OF_RANGE = 947, "an index has one value in a month that is over, a ratio within its bounds"
    YEAR_IS_NOT_COMPLETE = 948, "a contract year is settled when all its months are confirmed"
    NETWORK_IS_MALFORMED = 949, "a network has nodes and routes between them, each once, within their bounds"
    MATCH_NOT_ASKED = 990, "a solver's match answers a question that is still open"
    DEAL_NOT_FOUND = 991, "who accepts or declines a deal is one of its parties"
    DEAL_STATE_FORBIDS = (
        992,
        "a deal is accepted once by each party, in time, and declined before all have; what fails of it is told after",
    )
    DEAL_OUT_OF_RANGE = (
        993,
        "a match that is settled names months, and owners who can pay in its currency, and when it lapses",
    )
    SHORTFALL_OUT_OF_RANGE = (
        997,
        "what was not delivered reached another's node by the deal, in a month that has begun, and no more than that",
    )
    ENERGY_BILL_NOT_FOUND = 994, "who pays a bill is its debtor, and it is open"
    ENERGY_BILL_IS_BEING_PAID = 995, "a bill whose payment is under way is not paid another time"
    ENERGY_QUOTE_DOES_NOT_FIT = 996, "a quote that pays a bill brings its creditor just that amount"
