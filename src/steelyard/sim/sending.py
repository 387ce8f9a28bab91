"""When each payment of a day is sent: as planned, or as behaviour and events have it.

Behaviour and events only move, stop or withdraw payments and money; how a payment settles is not theirs. What is
never sent has a reason.
"""

from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from steelyard.sim.draws import Ints
from steelyard.sim.scenario import Event, Scenario, ScenarioIsWrong, exact
from steelyard.sim.synthetic import Day

NEVER = -1
LARGEST = "largest_net_payer"
Mask = NDArray[np.bool_]


@dataclass(slots=True)
class Withdrawal:
    """At a time, these payments leave the queue; they come back at `until_s`, or never where it is below 0."""

    at_s: int
    payments: Mask
    until_s: int


@dataclass(slots=True)
class Sending:
    """`sent_s` per payment (NEVER: not at all, for `reason`), and what happens to money and queues meanwhile.

    `late` gives banks whose money comes at a time, `gone` banks whose credit line ends at one, `freed_s` when
    money kept back by a threshold may be used.
    """

    sent_s: Ints
    reason: list[str]
    withdrawals: list[Withdrawal] = field(default_factory=list)
    late: list[tuple[int, int]] = field(default_factory=list)
    gone: list[tuple[int, int]] = field(default_factory=list)
    freed_s: int = NEVER

    @property
    def order(self) -> Ints:
        """Places of the payments that are sent, in the order of sending."""
        places: Ints = np.argsort(self.sent_s, kind="stable")
        found: Ints = places[self.sent_s[places] != NEVER]
        return found


def sending(day: Day, scenario: Scenario, *, pool: bool = False) -> Sending:
    """Work out when what is sent. A currency whose rate jumped waits outside a pool and nowhere else."""
    plan = Sending(day.at_s.copy(), [""] * len(day))
    behaviour = scenario.behaviour
    if behaviour.kind == "hold_back":
        holding = _holders(
            day, exact(behaviour.share).numerator, exact(behaviour.share).denominator, scenario
        )
        mine = holding[day.payer]
        plan.sent_s[mine] = (day.close_s * 3 + plan.sent_s[mine]) // 4
    elif behaviour.kind == "threshold":
        plan.freed_s = max(day.close_s - 3600, 0)
    for number, event in enumerate(scenario.event, 1):
        _check_times(day, event, f"[[event]] {number}")
        if event.kind == "rate_jump" and not pool:
            _named(day.currencies, event.who, f"[[event]] {number}: who")
            continue
        _happen(day, plan, event, f"[[event]] {number}: who")
    plan.late = sorted((at_s, bank) for bank, at_s in _latest(plan.late).items())
    return plan


def _check_times(day: Day, event: Event, place: str) -> None:
    for what, text in (("at", event.at), ("until", event.until)):
        if text and clock(day, text) > day.close_s:
            closes = (day.opens_s + day.close_s) // 60
            raise ScenarioIsWrong(
                f"{place}: {what}: {text} is after the close of the day at {closes // 60:02d}:{closes % 60:02d}"
                f"{'; leave it out where it does not end on this day' if what == 'until' else ''}"
            )


def _latest(late: list[tuple[int, int]]) -> dict[int, int]:
    """Give when the money of each bank comes: where several events keep it, when the last of them ends."""
    found: dict[int, int] = {}
    for at_s, bank in late:
        found[bank] = max(at_s, found.get(bank, at_s))
    return found


def _holders(day: Day, share: int, of: int, scenario: Scenario) -> Mask:
    """Choose the banks that hold back: by a digest of their names, so that a larger share holds those of a smaller."""
    ranked = sorted(
        range(len(day.banks)),
        key=lambda bank: sha256(f"{scenario.world.seed}/{day.banks[bank]}".encode()).digest(),
    )
    holding = np.zeros(len(day.banks), dtype=np.bool_)
    holding[ranked[: len(ranked) * share // of]] = True
    return holding


def clock(day: Day, text: str) -> int:
    """Give HH:MM as seconds after the opening; what is before it counts as the opening."""
    hours, minutes = text.split(":")
    return max(int(hours) * 3600 + int(minutes) * 60 - day.opens_s, 0)


def _happen(day: Day, plan: Sending, event: Event, place: str) -> None:
    at_s = clock(day, event.at)
    until_s = clock(day, event.until) if event.until else NEVER
    if event.kind == "outage":
        _stop(plan, _banks(day, event.who, place)[day.payer], at_s, until_s, "outage")
    elif event.kind == "member_exits":
        out = np.zeros(len(day.members), dtype=np.bool_)
        out[_named(day.members, event.who, place)] = True
        touched = out[day.bank_member[day.payer]] | out[day.bank_member[day.payee]]
        _stop(plan, touched, at_s, NEVER, "member_exited", withdraw=True)
    elif event.kind == "corridor_closed":
        one, dash, other = event.who.partition("-")
        if not dash:
            raise ScenarioIsWrong(f"{place}: a corridor is written like BRA-CHN")
        a, b = _named(day.members, one, place), _named(day.members, other, place)
        payer, payee = day.bank_member[day.payer], day.bank_member[day.payee]
        closed = ((payer == a) & (payee == b)) | ((payer == b) & (payee == a))
        _stop(plan, closed, at_s, until_s, "corridor_closed", withdraw=True)
    elif event.kind == "rate_jump":
        code = _named(day.currencies, event.who, place)
        _stop(plan, day.currency == code, at_s, until_s, "rate_jump", withdraw=True)
    else:
        banks = np.flatnonzero(_banks(day, event.who, place)).tolist()
        if event.kind == "late_funds":
            plan.late.extend((until_s if until_s != NEVER else day.close_s, bank) for bank in banks)
        else:
            plan.gone.extend((at_s, bank) for bank in banks)


def _stop(plan: Sending, mine: Mask, at_s: int, until_s: int, reason: str, *, withdraw: bool = False) -> None:
    stopped = mine & (plan.sent_s >= at_s)
    if until_s != NEVER:
        stopped &= plan.sent_s < until_s
    plan.sent_s[stopped] = until_s
    if until_s == NEVER:
        for place in np.flatnonzero(stopped).tolist():
            plan.reason[place] = plan.reason[place] or reason
    if withdraw:
        plan.withdrawals.append(Withdrawal(at_s, mine, until_s))


def _banks(day: Day, who: str, place: str) -> Mask:
    """Give the banks that a name means: one, all of a member, or the one that pays most on balance."""
    if who in day.members:
        mine: Mask = day.bank_member == day.members.index(who)
        return mine
    found = np.zeros(len(day.banks), dtype=np.bool_)
    if who == LARGEST:
        found[largest_net_payers(day, 1)] = True
    else:
        found[_named(day.banks, who, place)] = True
    return found


def largest_net_payers(day: Day, count: int) -> list[int]:
    """Give the banks that pay most more than they are paid, over all currencies; ties by place."""
    net = np.zeros(len(day.banks), dtype=np.int64)
    np.add.at(net, day.payer, day.amount_minor)
    np.subtract.at(net, day.payee, day.amount_minor)
    ranked: list[int] = np.argsort(-net, kind="stable").tolist()
    return ranked[:count]


def _named(names: tuple[str, ...], name: str, place: str) -> int:
    try:
        return names.index(name)
    except ValueError:
        raise ScenarioIsWrong(f"{place}: there is no {name!r} in this day") from None
