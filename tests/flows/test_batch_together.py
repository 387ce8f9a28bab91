"""What proposals settle, booked on columns or one payment after the other: the same outcomes, notices and state.

Days drawn at random: several currencies, a pool, fees, parts, own rules, payments withdrawn while a batch is open.
"""

from random import Random
from typing import Any

import pytest

from steelyard.flows import batch_snapshot, together
from steelyard.flows.batch_propose import ProposeFields
from steelyard.flows.command import encode
from steelyard.flows.facts import PaymentsSettled
from steelyard.flows.own_rules import HoldingFields, LimitFields
from steelyard.flows.settled_rows import each_fact, each_notice
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.solve.propose import propose
from steelyard.values.instants import SECOND
from tests.flows.batches import decode, request
from tests.flows.payworld import ANNA, ARNE, ASSETS, BIRK, BRAM, CLEO, Network, facts
from tests.flows.test_charged import ARRIVAL, SCHEME, charging
from tests.flows.test_pool import HOME, choose

BANKS = (ANNA, ARNE, BIRK, BRAM, CLEO)
Told = list[tuple[int, int, list[bytes], list[bytes]]]


class Day:
    """Draws what happens and lets it happen."""

    def __init__(self, seed: int) -> None:
        draw = self.draw = Random(seed)
        self.net = charging(*draw.choice(([], [SCHEME], [SCHEME, ARRIVAL])))
        self.asked: list[tuple[bytes, Any]] = []
        self.sent: list[tuple[str, bytes]] = []
        self.net.world.on_batch = lambda world, batch: self.asked.append(
            (batch.batch_id, batch_snapshot.of(world, batch, world.now))
        )
        self.scale = draw.choice((1, 10**15))
        for bic in draw.sample(BANKS, 2):
            self.net.set(bic, reports_credit=True)
        self.is_pooled = seed % 2 == 0
        if self.is_pooled:
            self.net.rate("SUD", "NOR", 2, 1)
            self.net.rate("OST", "NOR", 20, 1)
            for bic, home in HOME.items():
                choose(self.net, bic, home=home, cap=10**17)

    def send(self) -> None:
        draw, banks = self.draw, tuple(HOME) if self.is_pooled else BANKS
        for _ in range(draw.randint(8, 20)):
            payer, payee = draw.sample(banks, 2)
            asset = draw.choice(ASSETS if self.is_pooled else ASSETS[:2])
            minor, priority = draw.randint(1, 90) * self.scale, draw.choice((0, 1, 2, 2, 2))
            more = {"priority": priority, "may_split": draw.random() < 0.6, "kind": draw.choice((0, 0, 1))}
            self.sent.append((payer, self.net.pay(payer, payee, asset, minor, **more)))
        bound = draw.randint(50, 300) * self.scale
        self.net.give("limit.own", LimitFields("NOR", draw.choice(BANKS), bound), draw.choice(BANKS))
        if draw.random() < 0.6:
            self.net.give("holding.set", HoldingFields("NOR", bound // 3), draw.choice(banks))
        for _ in range(draw.randint(1, 4)):
            self.net.fund(draw.choice(banks), draw.choice(ASSETS), draw.randint(1, 60) * self.scale)

    def settle(self) -> None:
        self.net.wait(30 * SECOND)
        for asset in ("",) if self.is_pooled else ASSETS:
            request(self.net, asset)
        while self.asked:
            batch_id, snapshot = self.asked.pop()
            fields: ProposeFields = decode(propose(batch_id, snapshot, solver=SuccessivePaths()))
            if self.draw.random() < 0.3:
                self.net.cancel(*self.draw.choice(self.sent))
            self.net.give("batch.propose", fields, "operator", actor="node")
        self.net.check()


def day(seed: int, many: int) -> Network:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(together, "MANY", many)
        made = Day(seed)
        for _ in range(2):
            made.send()
            made.settle()
    return made.net


def told(net: Network) -> Told:
    return [
        (
            one.code,
            one.refusal,
            [encode(fact) for fact in each_fact(one.facts)],
            sorted(map(encode, each_notice(one.facts, one.notices))),
        )
        for one in net.outcomes
    ]


@pytest.mark.parametrize("first", [0, 8, 16])
def test_on_columns_is_as_one_by_one(first: int) -> None:
    packed = 0
    for seed in range(first, first + 8):
        alone, at_once = (day(seed, many) for many in (10**6, 1))
        packed += sum(isinstance(fact, PaymentsSettled) for one in at_once.outcomes for fact in facts(one))

        assert told(alone) == told(at_once), seed
        assert dict(alone.world.section_hashes()) == dict(at_once.world.section_hashes()), seed
    assert packed > 8
