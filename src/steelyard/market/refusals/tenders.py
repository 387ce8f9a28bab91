"""Why an order about a tender or a request for quotes is refused. Order is precedence: the first counts."""

from steelyard.values.refusal import Refusal


class TenderRefusal(Refusal):
    """The rules of buying without a book, in the order in which they are checked."""

    AWARD_NAMES_NO_PAIR = 915, "an award names pairs of offer and vessel that may load together, each once"
    AWARD_BREAKS_A_RULE = 916, "an award keeps every rule of its tender"
    AWARD_COST_IS_WRONG = 917, "an award says what it costs, to the minor unit"
    AWARD_BOUND_IS_WRONG = 918, "bound, second best and entry prices of an award do not contradict its cost"
    AWARD_IS_BEATEN = (
        919,
        "an award, or that there is none, does not stand where the machine itself finds better",
    )
