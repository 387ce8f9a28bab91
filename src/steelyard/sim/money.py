"""How much money a day needs and how much each account is given: between the bounds of A8.

Lower is what an account pays more than it receives by the end of the day: without it not all can settle,
whatever the rule. Upper is the most it ever has paid more than received: with it nothing ever waits.
"""

from fractions import Fraction

import numpy as np

from steelyard.liquidity.solver import MOST
from steelyard.sim.book import Accounts, Money
from steelyard.sim.draws import Ints
from steelyard.sim.scenario import Scenario, ScenarioIsWrong, exact
from steelyard.sim.synthetic import Day


def bounds(day: Day, accounts: Accounts) -> tuple[Ints, Ints]:
    """Give (lower, upper) per account for the day as planned, payments in their order."""
    size, payments = len(accounts.names), len(day)
    account = np.empty(2 * payments, dtype=np.int64)
    change = np.empty(2 * payments, dtype=np.int64)
    account[0::2], account[1::2] = accounts.payer, accounts.payee
    change[0::2], change[1::2] = day.amount_minor, -day.amount_minor
    by_account = np.argsort(account, kind="stable")
    account, running = account[by_account], np.cumsum(change[by_account])
    ends = np.searchsorted(account, np.arange(size), side="right")
    starts = np.concatenate(([0], ends[:-1]))
    running = np.concatenate((running, [0]))  # one more, so that an account without payments has a place
    before = np.where(starts > 0, running[starts - 1], 0)
    lower, upper = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for number in np.flatnonzero(ends > starts).tolist():
        mine = running[starts[number] : ends[number]] - before[number]
        lower[number], upper[number] = max(int(mine[-1]), 0), max(int(mine.max()), 0)
    return lower, upper


def endow(
    day: Day, scenario: Scenario, accounts: Accounts, lower: Ints, upper: Ints, alpha: Fraction
) -> Money:
    """Give each account its opening money, its line and what it keeps back, as the scenario says."""
    liquidity = scenario.liquidity
    if liquidity.start == "alpha":
        own = [at_alpha(low, high, alpha) for low, high in zip(lower.tolist(), upper.tolist(), strict=True)]
    elif liquidity.start == "share":
        share = exact(liquidity.share)
        own = [-(-low * share.numerator // share.denominator) for low in lower.tolist()]
    elif liquidity.start == "absolute":
        own = [liquidity.absolute_minor] * len(accounts.names)
        _set(own, liquidity.accounts, accounts, "[liquidity.accounts]")
    else:
        own = upper.tolist()
    line = [scenario.credit.cap_minor] * len(accounts.names)
    _set(line, scenario.credit.accounts, accounts, "[credit.accounts]")
    if sum(own) + sum(line) >= MOST:
        raise ScenarioIsWrong("[liquidity], [credit]: all accounts together have more than is counted with")
    kept = [0] * len(own)
    if scenario.behaviour.kind == "threshold":
        share = exact(scenario.behaviour.share)
        kept = [minor * share.numerator // share.denominator for minor in own]
    return Money(own, line, kept)


def at_alpha(lower: int, upper: int, alpha: Fraction) -> int:
    """Give lower + alpha x (upper - lower), or lower x (1 + alpha) below 0; rounded up.

    >>> at_alpha(100, 200, Fraction(1, 4)), at_alpha(100, 200, Fraction(-1, 2)), at_alpha(100, 200, Fraction(0))
    (125, 50, 100)
    """
    exactly = lower + alpha * (upper - lower) if alpha >= 0 else lower * (1 + alpha)
    return -(-exactly.numerator // exactly.denominator)


def _set(amounts: list[int], named: dict[str, int], accounts: Accounts, place: str) -> None:
    """Put what is said of single accounts in its place; "BANK" alone is every account of the bank."""
    for name, minor in named.items():
        mine = [n for n, one in enumerate(accounts.names) if one == name or one.startswith(f"{name}/")]
        if not mine:
            raise ScenarioIsWrong(f"{place} {name}: there is no such account in this day")
        for number in mine:
            amounts[number] = minor
