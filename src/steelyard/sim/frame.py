"""What no rule whatsoever passes on a day, with the money it is given: most value settled, least delay.

Both are flows through the network of accounts, in parts, priority ignored, without limits and without what a
threshold keeps back: those, like events, only take possibilities away. The delay asks what could have settled by each
time of what was sent by then, with the money that had come by then. Where banks exchange currencies their accounts
count together: some exchange of the money that is there brings any such settlement about.
"""

from collections.abc import Iterator
from typing import Literal

import numpy as np
from msgspec import Struct

from steelyard.sim import plans
from steelyard.sim.book import Accounts, Money
from steelyard.sim.draws import Ints
from steelyard.sim.mechanisms import Mechanism
from steelyard.sim.sending import NEVER, Sending
from steelyard.sim.synthetic import Day

Money_of = Literal["currency", "pool", "exchange"]


class Frame(Struct, frozen=True):
    """The most value that settles of a whole day, and the least that waits, in amount x seconds.

    `could` is what waits where nothing settles before the close. Nothing is said of waiting (None) where amounts
    sum to more than a solver takes.
    """

    bound_minor: int
    waited: int | None
    could: int


def money_of(mechanism: Mechanism) -> Money_of:
    """Tell what a mechanism can make of money: those that can make the same of it have the same frame."""
    return "pool" if mechanism.pool else "exchange" if mechanism.fx else "currency"


def frame(day: Day, accounts: Accounts, money: Money, sending: Sending, *, exchanged: bool = False) -> Frame:
    """Give the frame of a day; `exchanged` where the accounts of a bank count together."""
    from steelyard.liquidity.algorithms.delay_bound import Inflow, least_waiting
    from steelyard.liquidity.algorithms.flow import Packed, prove_bound, too_large
    from steelyard.liquidity.algorithms.network import Rooms

    own, line, payer, payee = (
        np.array(column, dtype=np.int64) for column in (money.own, money.line, accounts.payer, accounts.payee)
    )
    owner, names = np.arange(len(own)), tuple(accounts.names)
    if exchanged:
        owner, names = np.array(accounts.bank, dtype=np.int64), day.banks
        payer, payee = day.payer, day.payee
    if not len(day) or too_large(money.own + money.line, [day.gross_minor]):
        return Frame(day.gross_minor, None if len(day) else 0, 0)
    whole = Packed(
        names, _by_owner(own + line, owner, len(names)), payer, payee, day.amount_minor, day.priority
    )
    bound_minor = prove_bound(whole, Rooms(), solver=plans.solver()).value
    late = list(_late(accounts, own, sending))
    inflows = [Inflow(at_s, int(owner[account]), int(own[account])) for at_s, account in late]
    own[[account for _, account in late]] = 0
    sent = np.flatnonzero(sending.sent_s != NEVER)
    begins = Packed(
        names, _by_owner(own + line, owner, len(names)), payer[sent], payee[sent], day.amount_minor[sent],
        day.priority[sent],
    )  # fmt: skip
    found = least_waiting(
        begins, sending.sent_s[sent], close_at=day.close_s, solver=plans.solver(), inflows=inflows
    )
    return Frame(bound_minor, None, 0) if found is None else Frame(bound_minor, found.waited, found.could)


def _by_owner(minor: Ints, owner: Ints, count: int) -> Ints:
    sums = np.zeros(count, dtype=np.int64)
    np.add.at(sums, owner, minor)
    return sums


def _late(accounts: Accounts, own: Ints, sending: Sending) -> Iterator[tuple[int, int]]:
    """Give the accounts whose money comes late, with the time."""
    coming = {bank: at_s for at_s, bank in sending.late}
    for account, bank in enumerate(accounts.bank):
        if bank in coming and own[account]:
            yield coming[bank], account
