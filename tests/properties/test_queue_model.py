"""The machine's queues against a naive model: plain lists, every queue sorted and scanned anew each time.

The model knows one currency, no clocks and no offers; pairs are set off by the pure function. After every step
the machine has the same balances, the same payments waiting in the same order, and the same reservations left.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.flows.own_rules import NONE, LimitFields, ReservationFields
from steelyard.flows.queue import NamedFields, PriorityFields
from steelyard.liquidity.algorithms.bilateral import offset_queues
from steelyard.liquidity.queue import ALL, Queued, Room
from tests.flows.payworld import ANNA, ARNE, BRAM, CLEO, Network

PEOPLE = (ANNA, ARNE, BRAM, CLEO)
VERBS = ("pay",) * 8 + ("fund",) * 2 + ("limit", "reserve", "front", "back", "class", "cancel")
OPS = st.lists(
    st.tuples(
        st.sampled_from(VERBS), st.integers(0, 3), st.integers(1, 3), st.integers(1, 30), st.integers(0, 2)
    ),
    max_size=40,
)


class Naive:
    """What should happen, written as plainly as may be."""

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.balances = dict.fromkeys(PEOPLE, 0)
        self.kept = {bic: [0, 0] for bic in PEOPLE}
        self.limits: dict[tuple[str, str], int] = {}
        self.moved: list[tuple[str, str, int]] = []  # normal payments that settled
        self.waiting: list[dict[str, Any]] = []
        self.todo: list[str] = []

    def queue(self, payer: str) -> list[dict[str, Any]]:
        mine = [one for one in self.waiting if one["payer"] == payer]
        return sorted(mine, key=lambda one: (one["priority"], one["rank"], one["seq"]))

    def room(self, owner: str, other: str) -> int | None:
        if (owner, other) not in self.limits:
            return None
        own = {counterparty for who, counterparty in self.limits if who == owner}
        counts = [bic for bic in PEOPLE if bic not in own] if other == ALL else [other]
        out = sum(minor for payer, payee, minor in self.moved if payer == owner and payee in counts)
        into = sum(minor for payer, payee, minor in self.moved if payee == owner and payer in counts)
        return max(0, self.limits[owner, other] - out + into)

    def fits(self, one: dict[str, Any]) -> bool:
        payer, priority = one["payer"], one["priority"]
        if priority == 2:
            room = self.room(payer, one["payee"])
            room = self.room(payer, ALL) if room is None else room
            if room is not None and one["minor"] > room:
                return False
        return one["minor"] <= self.balances[payer] - sum(self.kept[payer][:priority])

    def settle(self, one: dict[str, Any]) -> None:
        payer, priority, minor = one["payer"], one["priority"], one["minor"]
        self.waiting = [other for other in self.waiting if other is not one]
        self.balances[payer] -= minor
        self.balances[one["payee"]] += minor
        if priority == 2:
            self.moved.append((payer, one["payee"], minor))
        else:
            self.kept[payer][priority] = max(0, self.kept[payer][priority] - minor)
        self.push(one["payee"])

    def push(self, account: str) -> None:
        if account not in self.todo:
            self.todo.append(account)

    def work(self) -> None:
        while self.todo:
            account = self.todo.pop(0)
            stopped: set[int] = set()
            for one in self.queue(account):
                if one["priority"] in stopped:
                    continue
                if self.fits(one):
                    self.settle(one)
                elif self.mode == "fifo":
                    break
                elif self.mode == "guarded" and one["priority"] < 2:
                    stopped.add(one["priority"])

    def pay(self, one: dict[str, Any]) -> None:
        ahead = [other["priority"] for other in self.queue(one["payer"])]
        if self.mode == "fifo":
            waits = any(priority <= one["priority"] for priority in ahead)
        else:
            waits = self.mode == "guarded" and one["priority"] < 2 and one["priority"] in ahead
        if not waits and self.fits(one):
            self.settle(one)
        else:
            self.waiting.append(one)
            self.offset(one["payer"], one["payee"])
        self.work()

    def offset(self, u: str, v: str) -> None:
        between = [one for one in self.waiting if {one["payer"], one["payee"]} == {u, v}]
        queued = [
            Queued(str(one["seq"]), one["payer"], one["payee"], one["minor"], one["priority"],
                   one["seq"] + (one["rank"] << 40))
            for one in between
        ]  # fmt: skip
        rooms = [
            Room(owner, other, room)
            for owner, others in ((u, (v, ALL)), (v, (u, ALL)))
            for other in others
            if (room := self.room(owner, other)) is not None
        ]
        held = {}
        for bic in (u, v):
            urgent = min(self.kept[bic][0], self.balances[bic])
            held[bic] = (urgent, min(self.kept[bic][1], self.balances[bic] - urgent))
        balances = {bic: self.balances[bic] for bic in (u, v)}
        settled = offset_queues(balances, queued, u, v, limits=rooms, reserved=held)
        for seq in settled:
            self.settle(next(one for one in between if str(one["seq"]) == seq))


class Play:
    """The machine and the model side by side."""

    def __init__(self, mode: Any) -> None:
        self.net, self.naive = Network(), Naive(mode)
        self.net.mode("NOR", mode)
        self.uetrs: dict[int, bytes] = {}

    def do(self, verb: str, one: int, step: int, minor: int, priority: int) -> None:
        owner, other = PEOPLE[one], PEOPLE[(one + step) % 4]
        getattr(self, verb)(owner, other, minor, priority)
        self.naive.work()

    def pay(self, owner: str, other: str, minor: int, priority: int) -> None:
        seq = len(self.uetrs)
        self.uetrs[seq] = self.net.pay(owner, other, "NOR", minor, priority=priority)
        self.naive.pay(
            {"seq": seq, "payer": owner, "payee": other, "minor": minor, "priority": priority, "rank": 0}
        )

    def fund(self, owner: str, other: str, minor: int, priority: int) -> None:
        self.net.fund(owner, "NOR", minor)
        self.naive.balances[owner] += minor
        self.naive.push(owner)

    def limit(self, owner: str, other: str, minor: int, priority: int) -> None:
        name = ALL if priority == 0 else other
        cap = NONE if minor > 25 else minor
        self.net.give("limit.own", LimitFields("NOR", name, cap), owner)
        self.naive.limits.pop((owner, name), None)
        if cap != NONE:
            self.naive.limits[owner, name] = cap
        self.naive.push(owner)

    def reserve(self, owner: str, other: str, minor: int, priority: int) -> None:
        cap = 0 if minor > 20 else minor
        self.net.give("reservation.set", ReservationFields("NOR", priority % 2, cap), owner)
        self.naive.kept[owner][priority % 2] = cap
        self.naive.push(owner)

    def _one(self, owner: str, minor: int) -> dict[str, Any] | None:
        mine = self.naive.queue(owner)
        return mine[minor % len(mine)] if mine else None

    def front(self, owner: str, other: str, minor: int, priority: int) -> None:
        self._move(owner, minor, "queue.to_front")

    def back(self, owner: str, other: str, minor: int, priority: int) -> None:
        self._move(owner, minor, "queue.to_back")

    def _move(self, owner: str, minor: int, verb: str) -> None:
        one = self._one(owner, minor)
        if one is None:
            return
        self.net.give(verb, NamedFields(self.uetrs[one["seq"]]), owner)
        others = [
            each["rank"]
            for each in self.naive.queue(owner)
            if each is not one and each["priority"] == one["priority"]
        ]
        front = verb == "queue.to_front"
        mine = [each for each in self.naive.queue(owner) if each["priority"] == one["priority"]]
        if others and mine[0 if front else -1] is not one:
            one["rank"] = min(others) - 1 if front else max(others) + 1
        self.naive.push(owner)

    def cancel(self, owner: str, other: str, minor: int, priority: int) -> None:
        one = self._one(owner, minor)
        if one is not None:
            self.net.cancel(owner, self.uetrs[one["seq"]])
            self.naive.waiting = [each for each in self.naive.waiting if each is not one]
            self.naive.push(owner)

    def check(self) -> None:
        world = self.net.world
        for bic in PEOPLE:
            account_no = world.members.accounts.settlement(bic, "NOR") or 0
            expected = [self.uetrs[one["seq"]] for one in self.naive.queue(bic)]
            assert expected == [item.uetr for item in world.queues.of(account_no)]
            assert self.naive.balances[bic] == self.net.balance(bic, "NOR")
            assert tuple(self.naive.kept[bic]) == world.reservations.asked(account_no)
        self.net.check()


def reclass(play: Play, owner: str, other: str, minor: int, priority: int) -> None:
    one = play._one(owner, minor)
    if one is not None:
        play.net.give("queue.reprioritise", PriorityFields(play.uetrs[one["seq"]], priority), owner)
        if one["priority"] != priority:
            one["priority"], one["rank"] = priority, 0
        play.naive.push(owner)


setattr(Play, "class", reclass)


@pytest.mark.parametrize("mode", ["fifo", "bypass", "guarded"])
@settings(max_examples=80, deadline=None)
@given(ops=OPS)
def test_the_machine_does_what_the_model_does(mode: str, ops: list[tuple[str, int, int, int, int]]) -> None:
    play = Play(mode)
    for op in ops:
        play.do(*op)
        play.check()


@pytest.mark.parametrize("mode", ["fifo", "bypass", "guarded"])
@settings(max_examples=30, deadline=None)
@given(before=OPS, after=OPS)
def test_a_snapshot_mid_queue_goes_on_with_the_same_bytes(
    mode: str, before: list[Any], after: list[Any]
) -> None:
    play = Play(mode)
    for op in before:
        play.do(*op)
    other = Play(mode)
    other.net, other.naive, other.uetrs = play.net.again(), play.naive, dict(play.uetrs)
    done = len(play.net.outcomes)
    given = []
    give = play.net.apply
    play.net.apply = lambda command: (given.append(command), give(command))[1]  # type: ignore[assignment,method-assign]
    for op in after:
        if op[0] != "fund":
            play.do(*op)
    for command in given:
        other.net.at = command.at_ns
        other.net.apply(command)

    assert play.net.outcomes[done:] == other.net.outcomes
    assert play.net.world.state_hash() == other.net.world.state_hash()
