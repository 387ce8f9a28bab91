"""A day of queues, own rules, batches and pools, drawn at random: any place of it goes on the same from a snapshot.

Nothing depends on the order in which a snapshot is read back, nor on how this process hashes text.
"""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest

from steelyard.flows import limits, pool
from steelyard.flows.batch import RequestFields
from steelyard.flows.cancel import CancelFields
from steelyard.flows.command import NO_FIELDS, Command, encode, raw
from steelyard.flows.limits import LimitFields as EngineLimit
from steelyard.flows.own_rules import HoldingFields, LimitFields, ReservationFields
from steelyard.flows.pool import PoolFields
from steelyard.flows.queue import NamedFields, PriorityFields
from steelyard.values.instants import SECOND
from tests.flows.batches import Solver, splitting
from tests.flows.payworld import ANNA, ARNE, ASSETS, BIRK, BRAM, CLEO, Network

BANKS = (ANNA, ARNE, BRAM, BIRK, CLEO)
VERBS = ("pay",) * 12 + ("answer",) * 5 + ("wait",) * 3 + (
    "fund", "request", "again", "limit", "reserve", "cap", "engine", "choose", "front", "class", "cancel", "bar",
)  # fmt: skip


class Day:
    """Draws what happens and lets it happen; `log` is what another network needs to do the same."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed)
        self.net = splitting()
        self.net.rate("SUD", "NOR", 2, 1)
        self.net.rate("OST", "NOR", 20, 1)
        self.solver = Solver(self.net)
        self.log: list[tuple[str, tuple[Any, ...]]] = []
        self.uetrs: list[tuple[str, bytes]] = []
        apply = self.net.apply

        def logged(command: Command) -> Any:
            self.log.append(("apply", (self.net.at, self.net._number, command)))
            return apply(command)

        self.net.apply = logged  # type: ignore[method-assign]

    def do(self) -> None:
        """Let one thing happen and hold every invariant."""
        getattr(self, "_" + self.draw.choice(VERBS))()
        self.net.check()

    def _bank(self) -> str:
        return self.draw.choice(BANKS)

    def _pay(self) -> None:
        payer, payee = self.draw.sample(BANKS, 2)
        more = {"priority": self.draw.choice((0, 1, 2, 2, 2)), "may_split": self.draw.random() < 0.7}
        uetr = self.net.pay(payer, payee, self.draw.choice(ASSETS), self.draw.randint(1, 120), **more)
        self.uetrs.append((payer, uetr))

    def _answer(self) -> None:
        if self.solver.asked:
            self.solver.give(self.solver.fields())

    def _again(self) -> None:
        if self.solver.asked:
            self.solver.again()

    def _wait(self) -> None:
        self.net.wait(self.draw.choice((1, 10, 31, 500)) * SECOND)

    def _request(self) -> None:
        self.net.give("batch.request", RequestFields(self.draw.choice(("", *ASSETS))), "operator")

    def _fund(self) -> None:
        self._both(_fund, self._bank(), self.draw.choice(ASSETS), self.draw.randint(1, 60))

    def _limit(self) -> None:
        owner, other = self.draw.sample(BANKS, 2)
        fields = LimitFields("NOR", self.draw.choice((other, "*")), self.draw.randint(-1, 200))
        self.net.give("limit.own", fields, owner)

    def _reserve(self) -> None:
        self.net.give(
            "reservation.set",
            ReservationFields("NOR", self.draw.randint(0, 1), self.draw.randint(0, 60)),
            self._bank(),
        )

    def _cap(self) -> None:
        self.net.give(
            "holding.set", HoldingFields(self.draw.choice(ASSETS), self.draw.randint(-1, 150)), self._bank()
        )

    def _engine(self) -> None:
        self._both(_limit, *self.draw.sample(BANKS, 2), self.draw.randint(0, 200))

    def _choose(self) -> None:
        self._both(_choose, self._bank(), self.draw.choice(ASSETS), self.draw.randint(1, 5_000))

    def _front(self) -> None:
        if self.uetrs:
            payer, uetr = self.draw.choice(self.uetrs)
            self.net.give("queue." + self.draw.choice(("to_front", "to_back")), NamedFields(uetr), payer)

    def _class(self) -> None:
        if self.uetrs:
            payer, uetr = self.draw.choice(self.uetrs)
            self.net.give("queue.reprioritise", PriorityFields(uetr, self.draw.randint(0, 2)), payer)

    def _cancel(self) -> None:
        if self.uetrs:
            payer, uetr = self.draw.choice(self.uetrs)
            self.net.give("pay.cancel", CancelFields(uetr), payer)

    def _bar(self) -> None:
        bic = self._bank()
        self._both(_bar, bic)

    def _both(self, act: Any, *values: Any) -> None:
        self.log.append((act.__name__, (self.net.at, self.net._number, *values)))
        act(self.net, *values)


def _fund(net: Network, bic: str, asset: str, minor: int) -> None:
    net.fund(bic, asset, minor)


def _limit(net: Network, owner: str, other: str, cap: int) -> None:
    fields = EngineLimit("pair", "NOR", cap, other)
    limits.set_limit(net.world, _command(net, "limit.set", owner, fields), fields, net.at)


def _choose(net: Network, bic: str, home: str, cap: int) -> None:
    fields = PoolFields(ASSETS, home, cap)
    pool.choose(net.world, _command(net, "pool.choose", bic, fields), fields, net.at)


def _bar(net: Network, bic: str) -> None:
    net.suspend(bic)
    while net.end_waiting(bic, 2):
        pass
    net.lift(bic)


def _command(net: Network, name: str, sender: str, fields: Any) -> Command:
    return Command(name, 1, bytes(16), sender, f"k-{sender}", net.at, raw(fields), NO_FIELDS, bytes(16))


ACTS = {act.__name__: act for act in (_fund, _limit, _choose, _bar)}


def done_again(net: Network, log: list[tuple[str, tuple[Any, ...]]]) -> None:
    """Let the same happen to another network, without a solver."""
    for name, (at, number, *values) in log:
        net.at, net._number = at, number
        if name == "apply":
            net.apply(*values)
        else:
            ACTS[name](net, *values)


def figures(net: Network, done: int = 0) -> tuple[str, str]:
    return net.world.state_hash().hex(), sha256(encode(net.outcomes[done:])).hexdigest()


@pytest.mark.parametrize("seed", range(12))
def test_a_day_goes_on_the_same_from_a_snapshot_and_without_a_solver(seed: int) -> None:
    day = Day(seed)
    for _ in range(60):
        day.do()
    done, begun = len(day.net.outcomes), len(day.log)
    other = day.net.again()
    for _ in range(60):
        day.do()
    done_again(other, day.log[begun:])

    assert figures(day.net, done) == figures(other)
    assert sum(day.net.balance(bic, "NOR") for bic in BANKS) == sum(
        other.balance(bic, "NOR") for bic in BANKS
    )


def test_a_day_is_the_same_however_text_is_hashed() -> None:
    program = (
        "from tests.properties.test_batches_random import Day, figures;"
        "day = Day(5); [day.do() for _ in range(150)];"
        "print(*figures(day.net))"
    )
    root = Path(__file__).resolve().parents[2]
    said = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{root / 'src'}:{root}"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "random")
    ]

    assert len(said[0].split()) == 2
    assert {said[0]} == set(said)
