"""Group `benchmark`: the value of a day's trades, or that there are too few."""

from typing import Any

from steelyard.cli.vectors.compare import Failure, judged, same
from steelyard.cli.vectors.market.values import exact, number, unknown_inputs, whole
from steelyard.market.benchmark import CAP, benchmark

INPUTS = frozenset({"trades", "participant_cap", "min_participants", "min_volume"})


def judge(given: dict[str, Any], expect: dict[str, Any]) -> list[Failure]:
    """Check a case."""
    value = benchmark(
        [(exact(price), exact(volume), *parties) for price, volume, *parties in given["trades"]],
        cap=exact(given.get("participant_cap", CAP)),
        participants_min=whole(given.get("min_participants", 4)),
        volume_min=exact(given.get("min_volume", 0)),
    )
    status = "insufficient" if value is None else "ok"
    return unknown_inputs(given, INPUTS) + judged(
        expect,
        {
            "status": lambda one: same("status", one, status),
            "value": lambda one: number("value", one, value),
        },
    )
