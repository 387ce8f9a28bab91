"""The columns of the what-if table: what a run settled, with how much money, how late, how near to the optimum.

All figures are integers: amounts in minor units, shares in basis points of ten-thousandths (`_bp`), ratios in
thousandths (`_milli`), times in seconds. Nothing here depends on the platform's floats.

Delay counts a payment from the instant it is sent. The delay index is the delay of value over the longest it
could have been: what never settles waited until the close (Leinonen and Soramaki's index: 0 all at once, 1
nothing before the close). The least of both is what no rule undercuts with the money of the run (`frame`).
"""

from collections.abc import Iterator

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from steelyard.liquidity.algorithms.bounds import delay_index
from steelyard.sim.book import Accounts
from steelyard.sim.draws import Ints
from steelyard.sim.frame import Frame
from steelyard.sim.loop import Run
from steelyard.sim.sending import NEVER, Sending
from steelyard.sim.synthetic import Day


class Row(Struct, frozen=True):
    """One mechanism at one level of money."""

    mechanism: str
    alpha: str
    payments: int
    gross_minor: int
    settled_minor: int
    value_settled_bp: int
    count_settled_bp: int
    liquidity_minor: int
    liquidity_bp: int
    used_minor: int
    used_bp: int
    lower_minor: int
    upper_minor: int
    index_milli: int | None
    delay_index_milli: int
    least_delay_index_milli: int | None
    delay_s: int
    least_delay_s: int | None
    turnover_milli: int | None
    bound_minor: int | None
    distance_bp: int | None
    gridlocks: int
    part_settlements: int
    unsettled: int
    unsettled_minor: int
    refused: int
    not_sent: int
    residue_minor: int
    residue_bp: int
    batches: int


def row(
    name: str, alpha: str, day: Day, run: Run, sending: Sending, *,
    lower: Ints, upper: Ints, funded: bool, gridlocked_at_close: bool,
) -> Row:  # fmt: skip
    """Measure a run; what no rule passes is for `framed` to put beside it."""
    gross, settled = day.gross_minor, int(run.amount_minor.sum())
    whole = int(np.count_nonzero(run.open_minor == 0))
    used = int(np.maximum(run.opening - run.lowest, 0).sum())
    liquidity = used if funded else int(run.opening.sum())
    low, high = int(lower.sum()), int(upper.sum())
    sent = sending.sent_s != NEVER
    index = delay_index(delays(day, run, sending))
    residue = country_residue(day, run)
    return Row(
        mechanism=name, alpha=alpha, payments=len(day), gross_minor=gross, settled_minor=settled,
        value_settled_bp=ratio(settled, gross, 10_000), count_settled_bp=ratio(whole, len(day), 10_000),
        liquidity_minor=liquidity, liquidity_bp=ratio(liquidity, gross, 10_000),
        used_minor=used, used_bp=ratio(used, gross, 10_000), lower_minor=low, upper_minor=high,
        index_milli=(liquidity - low) * 1000 // (high - low) if high > low else None,
        delay_index_milli=ratio(index.numerator, index.denominator, 1000),
        least_delay_index_milli=None, least_delay_s=None,
        delay_s=ratio(weigh(run.amount_minor, run.at_s - sending.sent_s[run.payment]), settled, 1),
        turnover_milli=settled * 1000 // liquidity if liquidity else None,
        bound_minor=None, distance_bp=None,
        gridlocks=run.offsets + sum(batch.settled > 0 for batch in run.batches) + gridlocked_at_close,
        part_settlements=int(np.count_nonzero(_is_part(day, run))),
        unsettled=int(np.count_nonzero(run.open_minor[sent])), unsettled_minor=int(run.open_minor[sent].sum()),
        refused=run.refused, not_sent=int(np.count_nonzero(~sent)),
        residue_minor=residue, residue_bp=ratio(residue, settled, 10_000), batches=len(run.batches),
    )  # fmt: skip


def framed(row: Row, frame: Frame) -> Row:
    """Put beside a run what no rule passes; seconds of delay only where all that was sent has settled.

    Both kinds of delay are rounded alike, so none is ever shown below its bound.
    """
    bound_minor, waited = frame.bound_minor, frame.waited
    return replace(
        row, bound_minor=bound_minor,
        distance_bp=ratio(max(bound_minor - row.settled_minor, 0), bound_minor, 10_000),
        least_delay_index_milli=None if waited is None else ratio(waited, frame.could, 1000),
        least_delay_s=None if waited is None or row.unsettled else ratio(waited, row.settled_minor, 1),
    )  # fmt: skip


def ratio(part: int, whole: int, scale: int) -> int:
    """Give part x scale / whole, rounded half up; 0 where there is no whole.

    >>> ratio(1, 3, 10_000), ratio(5, 0, 10_000)
    (3333, 0)
    """
    return (2 * part * scale + whole) // (2 * whole) if whole else 0


def delays(day: Day, run: Run, sending: Sending) -> Iterator[tuple[int, int, int]]:
    """Give what A8 asks: amount, wait and time to the close of all that settled, and of what never did."""
    sent_s = sending.sent_s[run.payment]
    yield from zip(
        run.amount_minor.tolist(), (run.at_s - sent_s).tolist(), (day.close_s - sent_s).tolist(), strict=True
    )
    left = np.flatnonzero((run.open_minor > 0) & (sending.sent_s != NEVER))
    open_s = (day.close_s - sending.sent_s[left]).tolist()
    yield from zip(run.open_minor[left].tolist(), open_s, open_s, strict=True)


def weigh(amounts: Ints, seconds: Ints) -> int:
    """Give the exact sum of products, however many: 64 bits hold not even that of the lower halves of a long day."""
    return int(amounts.astype(object) @ seconds.astype(object))


def _is_part(day: Day, run: Run) -> "np.typing.NDArray[np.bool_]":
    return run.amount_minor < day.amount_minor[run.payment]


def country_residue(day: Day, run: Run) -> int:
    """Give what members owe in sum after all that settled: no rule of settlement makes this less."""
    net = np.zeros(len(day.members), dtype=np.int64)
    np.add.at(net, day.bank_member[day.payer[run.payment]], run.amount_minor)
    np.subtract.at(net, day.bank_member[day.payee[run.payment]], run.amount_minor)
    return int(net[net > 0].sum())


def curve(day: Day, run: Run, sending: Sending, points: int) -> tuple[list[int], list[int], list[int]]:
    """Give instants of the day with the value sent and the value settled up to each."""
    at_s = [day.close_s * n // points for n in range(points + 1)]
    order = sending.order
    return (
        at_s,
        _running(sending.sent_s[order], day.amount_minor[order], at_s),
        _running(run.at_s, run.amount_minor, at_s),
    )


def _running(times: Ints, amounts: Ints, at_s: list[int]) -> list[int]:
    sums = np.concatenate(([0], np.cumsum(amounts)))
    found: list[int] = sums[np.searchsorted(times, at_s, side="right")].tolist()
    return found


FAN = (0, 10, 25, 50, 75, 90, 100)


def fan(accounts: Accounts, run: Run, at_s: list[int]) -> list[list[int]]:
    """Give, per instant, percentiles over banks of balance in thousandths of opening money.

    Only banks with money of their own in the morning take part; all accounts of a bank count together.
    """
    banks = np.array(accounts.bank, dtype=np.int64)
    if not len(banks):
        return [[0] * len(FAN) for _ in at_s]
    payer, payee = (
        banks[np.array(accounts.payer, dtype=np.int64)],
        banks[np.array(accounts.payee, dtype=np.int64)],
    )
    balance = np.zeros(int(banks.max()) + 1, dtype=np.int64)
    np.add.at(balance, banks, run.opening)
    opening = balance.copy()
    with_money = np.flatnonzero(opening > 0)
    ends = np.searchsorted(run.at_s, at_s, side="right").tolist()
    fans, first = [], 0
    for last in ends:
        some = slice(first, last)
        np.subtract.at(balance, payer[run.payment[some]], run.amount_minor[some])
        np.add.at(balance, payee[run.payment[some]], run.amount_minor[some])
        first = last
        shares = sorted(
            int(now) * 1000 // int(before)
            for now, before in zip(balance[with_money], opening[with_money], strict=True)
        )
        fans.append(
            [shares[(len(shares) - 1) * percent // 100] for percent in FAN] if shares else [0] * len(FAN)
        )
    return fans


def corridors(day: Day, run: Run) -> list[list[int]]:
    """Give the settled value from each member (down) to each (across)."""
    size = len(day.members)
    found = np.zeros(size * size, dtype=np.int64)
    place = day.bank_member[day.payer[run.payment]] * size + day.bank_member[day.payee[run.payment]]
    np.add.at(found, place, run.amount_minor)
    table: list[list[int]] = found.reshape(size, size).tolist()
    return table


def unpaid(day: Day, run: Run) -> list[int]:
    """Give, per bank, the value that was to come to it and did not: unsettled, refused or never sent."""
    found = np.zeros(len(day.banks), dtype=np.int64)
    np.add.at(found, day.payee, run.open_minor)
    amounts: list[int] = found.tolist()
    return amounts
