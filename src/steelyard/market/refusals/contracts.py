"""Why an order about terms of trade, their costs or a bilateral contract is refused. Order is precedence."""

from steelyard.values.refusal import Refusal


class ContractRefusal(Refusal):
    """The rules of terms of trade."""

    CONTRACT_TERMS_DIFFER = (
        1000,
        "a delivery of an instrument that is listed by a contract is on the terms of that contract",
    )
    CONTRACT_MARKET_IS_MISSING = (
        1001,
        "goods beyond the tolerance are priced by a published series, which the terms name",
    )
    QUALITY_IS_FINAL_AT_DISCHARGE = (
        1002,
        "quality that is final at discharge is certified where a voyage ends, once it has discharged",
    )
    COST_HAS_NO_TERM = 1003, "costs are shared by a delivery term that was agreed on"
    COST_IS_ONES_OWN = 1004, "a cost is declared by the side that paid it for the other"
    COST_IS_DECLARED = 1005, "each cost is declared once"
    COST_COMES_TOO_LATE = 1006, "costs are declared once both sides stand and before the goods are certified"
    COST_HAS_NO_RATE = 1007, "a cost in another currency is worth what a rate says that is not in doubt"
    COST_OUT_OF_RANGE = 1008, "the costs that a side declares come to no more than the goods agreed on"
    COST_MAY_BE_OBJECTED_TO = (
        1009,
        "a buyer who has declared costs leaves the seller the time to object to them",
    )
    COSTS_EXCEED_GOODS = 1010, "what is due after the costs that the buyer has paid is more than nothing"
    FORWARD_NOT_FOUND = (
        1011,
        "an order about a forward names one that is under way and that the sender is a side of",
    )
    FORWARD_STATE_FORBIDS = (
        1012,
        "a forward is in a state from which this follows, and each side acts for itself",
    )
    FORWARD_DEADLINE_HAS_PASSED = 1013, "a step is taken before the deadline of its state"
    FORWARD_TERMS_OUT_OF_RANGE = (
        1014,
        "a forward names two active parties, a contract that is not cleared and one of its places, within bounds",
    )
    FORWARDS_ARE_FULL = 1015, "there is room for another forward, and for another offer of the sender"
    SHIPMENT_OUTSIDE_PERIOD = 1016, "goods are shipped within the period agreed"
    APPROPRIATION_IS_LATE = (
        1017,
        "the cargo is named within the business days agreed after its bill of lading",
    )
    HINDRANCE_WAS_USED = 1018, "what stands between puts a shipment off once"
    CIRCLE_NOT_ALLOWED = (
        1019,
        "a circle is of forwards whose contract lets it, between active parties whose members allow set-off",
    )
    CIRCLE_NOT_FOUND = 1020, "agreed forwards of the same goods and terms go round in a ring"
    FORWARD_RULING_OUT_OF_RANGE = 1021, "a ruling on a failure names the price of the market"
    APPROPRIATION_IS_TOO_LARGE = 1022, "a cargo is named for no more lots than are left of its forward"
