"""Bad input: how long the slowest refusals take. A refusal is asked within a second, whatever the bytes are."""

import time
from collections.abc import Callable, Iterator

from bench.figures import Figure, main
from steelyard.flows.reconcile import StatementFields
from steelyard.iso20022.check import check
from tests.iso20022.bad_bytes import TABLE
from tests.iso20022.contexts import rules_context
from tests.members.network import ready

REPEATS = 3
SHOWN = 5


def rows() -> Iterator[Figure]:
    """Give the slowest of the bad messages, a body of 50 MB, and a statement of items that nobody knows."""
    context = rules_context()
    taken = {name: _seconds(lambda raw=raw: check(raw, context)) for name, (raw, _) in TABLE.items()}  # type: ignore[misc]
    for name in sorted(taken, key=lambda name: -taken[name])[:SHOWN]:
        yield Figure(f"bad input refused: {name}", taken[name], "s", 1, at_most=True)
    large = b"<a>" + b"x" * 50_000_000
    yield Figure(
        "bad input refused: 50 MB on the message route",
        _seconds(lambda: check(large, context)),
        "s",
        1,
        at_most=True,
    )
    yield Figure(
        "statement of 8,000 items that nobody knows",
        min(_statement() for _ in range(REPEATS)),
        "s",
        1,
        at_most=True,
    )


def _seconds(call: Callable[[], object]) -> float:
    """Give the quickest of the repeats."""
    return min(_once(call) for _ in range(REPEATS))


def _once(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _statement() -> float:
    net = ready()
    items = tuple((f"item-{number}", number + 1) for number in range(8_000))
    fields = StatementFields("NOR", "S1", net.at, sum(amount for _, amount in items), items)
    return _once(lambda: net.do("k-nor", "reconcile", fields))


if __name__ == "__main__":
    main(rows)
