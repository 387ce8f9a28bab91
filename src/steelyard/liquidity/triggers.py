"""What brings a batch about between its turns, and when it may begin: the machine and the simulator ask alike.

An urgent payment that queues, a credit line that opens, queued value that doubled since the last batch, and money
that comes in. Two batches of one currency that events bring about stand a gap apart; what happens within it waits.
"""

from steelyard.liquidity.batches import Trigger

DOUBLE = 2
PAYMENTS_MIN = 2
"""Fewer queued payments are no reason to hurry."""
WHOLE_BP = 10_000


def trigger(
    *, count: int, queued_minor: int, base_minor: int, inflow_minor: int, inflow_bp: int,
    urgent: bool = False, credit: bool = False,
) -> Trigger | None:  # fmt: skip
    """Give what of all that has just happened brings about a batch, the first that does; None where nothing does.

    `count` payments of `queued_minor` wait, `base_minor` were left by the last batch. `inflow_minor` has come in
    since that one was asked for, 0 where nothing came in just now; it counts above `inflow_bp` of what waits.

    >>> trigger(count=2, queued_minor=80, base_minor=40, inflow_minor=0, inflow_bp=500)
    <Trigger.DOUBLED: 'doubled'>
    >>> trigger(count=2, queued_minor=79, base_minor=40, inflow_minor=3, inflow_bp=500) is None
    True
    >>> trigger(count=2, queued_minor=79, base_minor=40, inflow_minor=4, inflow_bp=500)
    <Trigger.INFLOW: 'inflow'>
    """
    if not count:
        return None
    if urgent:
        return Trigger.URGENT
    if credit:
        return Trigger.CREDIT
    if count >= PAYMENTS_MIN and queued_minor >= DOUBLE * base_minor:
        return Trigger.DOUBLED
    if inflow_minor * WHOLE_BP > queued_minor * inflow_bp:
        return Trigger.INFLOW
    return None
