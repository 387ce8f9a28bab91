"""Why a certificate, a notice or a step of a delivery is refused. Order is precedence."""

from steelyard.values.refusal import Refusal


class DeliveryRefusal(Refusal):
    """The rules of deliveries."""

    QUALITY_OUTSIDE_CONTRACT = 870, "every factor of a certificate lies within what the contract accepts"
    QUALITY_FACTOR_IS_MISSING = 871, "a certificate states every factor that the contract's schedule names"
