"""How long each state of a payment may last: figures of the rulebook, by service.

Pairs are (STANDARD, INSTANT). A deadline is exclusive: what comes at it is late.
"""

from msgspec import Struct

from steelyard.values.instants import DAY, HOUR, SECOND, Day, Instant

STANDARD, INSTANT = 0, 1


class Clocks(Struct, frozen=True):
    """The figures, in nanoseconds. A standard payment may queue until the cut-off of its settlement date."""

    queue_instant: int = 5 * SECOND
    final_instant: int = 30 * SECOND
    offer: tuple[int, int] = (60 * SECOND, 20 * SECOND)
    chain: tuple[int, int] = (90 * SECOND, 25 * SECOND)
    credited: tuple[int, int] = (2 * HOUR, 10 * SECOND)
    requote: int = HOUR
    unposted_days: int = 2
    message_age: int = 2 * DAY


DEFAULT = Clocks()


def queue_ends(
    clocks: Clocks, service: int, *, entered_at: Instant, cut_off_at: Instant, not_after_at: Instant
) -> Instant:
    """Give when a payment that waits in a queue is over: its own clock, the cut-off or its sender's time."""
    ends = min(cut_off_at, entered_at + clocks.queue_instant) if service == INSTANT else cut_off_at
    return min(ends, not_after_at) if not_after_at else ends


def chain_ends(clocks: Clocks, service: int, *, at: Instant, lock_until: Instant) -> Instant:
    """Give the one deadline of all legs reserved at `at`; a quote's lock may cut it short (0: no quote)."""
    ends = at + clocks.chain[service]
    return min(ends, lock_until) if lock_until else ends


def offer_ends(clocks: Clocks, service: int, *, at: Instant, chain_deadline_at: Instant) -> Instant:
    """Give when an offer made at `at` is over: its own clock or the chain's, whichever is earlier."""
    return min(at + clocks.offer[service], chain_deadline_at)


def unposted_ends(clocks: Clocks, *, at: Instant, days: tuple[tuple[Day, Instant], ...]) -> Instant:
    """Give when money kept back must be credited: at the start of the business day after so many of them.

    `days` are business days of the currency after today with their starts; without enough of them two
    calendar days each are allowed.
    """
    if len(days) > clocks.unposted_days:
        return days[clocks.unposted_days][1]
    return at + 2 * clocks.unposted_days * DAY
