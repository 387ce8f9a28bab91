"""Why an order about energy is refused. Order is precedence: the first counts."""

from steelyard.values.refusal import Refusal


class EnergyRefusal(Refusal):
    """The rules of energy, in the order in which they are checked."""

    MATCH_IS_NOT_FEASIBLE = 935, "flows are whole, within what routes carry, nodes have and nodes need"
    MATCH_COST_IS_WRONG = 936, "a match says what it costs, to the minor unit"
    PRICES_LEAVE_A_GAP = 937, "prices of nodes prove that nothing costs less: they leave no gap to the cost"
    MATCH_IS_NOT_FIRST = 938, "of flows of the same cost the one counts that uses earlier routes"
    PRICES_ARE_NOT_SMALLEST = 939, "of the prices that prove a match the smallest count"
