"""Group `delivery_assignment`: which longs take what is to be delivered."""

from typing import Any

from steelyard.cli.vectors.compare import Failure, judged
from steelyard.cli.vectors.market.values import number, numbers, unknown_inputs, whole
from steelyard.market.delivery import assign_deliveries

INPUTS = frozenset({"notices", "longs"})


def judge(given: dict[str, Any], expect: dict[str, Any]) -> list[Failure]:
    """Check a case."""
    notices = whole(given["notices"])
    longs = [(str(who), whole(day), whole(lots)) for who, day, lots in given["longs"]]
    assigned = assign_deliveries(notices, longs)
    return unknown_inputs(given, INPUTS) + judged(
        expect,
        {
            "assigned": lambda one: numbers("assigned", one, assigned),
            "unassigned": lambda one: number("unassigned", one, notices - sum(assigned.values())),
        },
    )
