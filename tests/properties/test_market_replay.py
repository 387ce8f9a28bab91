"""The journal of a market day applied twice, and once from a snapshot in its middle, gives the same bytes."""

from random import Random

import pytest

from steelyard.flows.command import Command, encode
from steelyard.flows.machine import Machine
from steelyard.flows.market_money import MoneyFields
from steelyard.flows.market_quote import QuoteFields
from steelyard.flows.order import MassFields, OrderFields
from steelyard.flows.world import World
from steelyard.market.orders import Side, Tif, Type
from steelyard.market.phases import Phase
from steelyard.values.instants import DAY, HOUR, MINUTE
from tests.flows.goods import BUYER, OTHER, SELLER
from tests.flows.haul import DUE, Haul
from tests.flows.markets import SPOT, WIDE, Market
from tests.flows.payworld import ASSETS, LEVR, PONS

OWNERS = (SELLER, BUYER, OTHER)
Journal = list[tuple[int, Command]]


class Recorded(Market, Haul):
    """A market that keeps every command with its time."""

    def __init__(self) -> None:
        self.journal: Journal = []
        wide = {"ref_price": 10_000, "limit_bp": 3_000, "collar_bp": 200}
        super().__init__(ref_price=10_000, limit_bp=3_000, dyn_low=8_000, dyn_high=12_000, wide=wide)
        for owner in (*OWNERS, PONS, LEVR):
            for asset in ASSETS:
                self.ready(owner, asset, 2_000_000)
        for owner in OWNERS:
            for _ in range(6):
                self.stocked(20, owner)
        self.fund(BUYER, "OST", 9 * DUE)
        self.parcels = [self.issue(50_000) for _ in range(3)]

    def apply(self, command: Command):
        self.journal.append((self.at, command))
        return super().apply(command)


def order(rng: Random) -> OrderFields:
    """Draw an order of any kind, good or not."""
    code, kind = rng.choice((SPOT, WIDE)), rng.choice([Type.LIMIT] * 6 + [Type.MARKET, Type.MTL])
    return OrderFields(
        code, rng.choice((Side.BUY, Side.SELL)), rng.randrange(1, 12),
        0 if kind is Type.MARKET else 10_000 + rng.randrange(-300, 300), kind,
        rng.choice((Tif.GTC, Tif.GTC, Tif.DAY, Tif.IOC, Tif.FOK)), rng.choice(ASSETS) if code == WIDE else "",
        rng.choice((0, 0, 0, 10_100, 9_900)), rng.choice((0, 0, 2)), rng.random() < 0.1, rng.random() < 0.1,
    )  # fmt: skip


def day(net: Recorded, rng: Random) -> None:
    """Let a day pass: a call, trading in both books, quotes, deliveries, phases, deadlines."""
    for turn in range(260):
        draw, owner = rng.random(), rng.choice(OWNERS)
        if draw < 0.6:
            net.trader(owner, "order.enter", order(rng))
        elif draw < 0.7:
            net.many(owner, *(order(rng) for _ in range(8)))
        elif draw < 0.8:
            sell, buy = rng.sample(ASSETS, 2)
            terms = (rng.randrange(98, 103), 100, rng.randrange(10_000, 300_000), net.at + HOUR)
            net.trader(rng.choice((PONS, LEVR)), "firm_quote.put", QuoteFields(sell, buy, *terms))
        elif draw < 0.85:
            net.trader(owner, "order.cancel_all", MassFields(rng.choice(("", SPOT))))
        elif draw < 0.9:
            net.trader(owner, "trade_account.withdraw", MoneyFields(rng.choice(ASSETS), 10_000))
        else:
            net.wait(rng.choice((1, MINUTE, 10 * MINUTE)))
        if turn in (80, 150):
            net.phase(SPOT, Phase.HALT)
            net.phase(SPOT, Phase.OPENING_CALL)
        if turn in (100, 170):
            net.phase(SPOT, Phase.CONTINUOUS)
        if turn in (50, 120, 200):
            delivery = net.open()
            net.assign(delivery, net.parcels[turn % 3])
            net.certify(delivery)
            net.named("take", delivery, BUYER)
            if turn != 200:
                net.fund_delivery(delivery)
    net.wait(2 * DAY)


def applied(sections: dict[str, bytes], journal: Journal) -> tuple[World, list[bytes]]:
    """Apply a journal to a state; give the state after it and every answer with its legs."""
    machine = Machine(World.decode(sections))
    made = [machine.apply(command, at=at) for at, command in journal]
    return machine.world, [encode(one.outcome) + one.legs for one in made]


@pytest.mark.parametrize("seed", range(3))
def test_a_market_day_applied_twice_gives_the_same_bytes(seed: int) -> None:
    """Answers, legs and every section of the state; a snapshot in the middle changes nothing of what follows."""
    net = Recorded()
    begun, net.journal = dict(net.world.sections()), []
    first_outcome = len(net.outcomes)
    day(net, Random(seed))
    net.check()
    told = [
        encode(outcome) + legs
        for outcome, legs in zip(net.outcomes[first_outcome:], net.legs[-len(net.journal) :], strict=True)
    ]
    once, answers = applied(begun, net.journal)
    again, answers_again = applied(begun, net.journal)
    half = len(net.journal) // 2
    middle, before = applied(begun, net.journal[:half])
    last, after = applied(dict(middle.sections()), net.journal[half:])

    assert told == answers == answers_again == before + after
    assert dict(net.world.sections()) == dict(once.sections())
    assert once.state_hash() == again.state_hash() == last.state_hash()
    assert net.world.books.last_trade > 30
