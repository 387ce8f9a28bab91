"""The market of the world that is served: what stands on it in the morning, and houses that go on trading.

On the last day before, everybody comes in, the opening auction and half an hour of trading make prices, the books
close, settlement prices are published and margin is paid; at the fixing the machine publishes the benchmark, index and
curve that it makes by itself. On the morning books are open with orders in every currency; a
tender, a request for quotes, a contract for energy and a delivery wait for who does the next step. When tender and
request are over, others take their place.
"""

import contextlib
from collections.abc import Iterator
from random import Random
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from steelyard.client import AsyncSteelyard
from steelyard.flows.command import Command
from steelyard.flows.energy import IndexFields, RegisterFields
from steelyard.flows.energy_match import AskFields
from steelyard.flows.order import MassFields, OrderFields
from steelyard.flows.price import MethodFields, SettleFields
from steelyard.flows.rfq import RequestFields
from steelyard.market.assessment import Method
from steelyard.market.basis import Basis
from steelyard.market.energy.network import Node, Route
from steelyard.market.energy.supplies import SupplyTerms
from steelyard.market.orders import Side, Tif
from steelyard.market.phases import Phase
from steelyard.packs.worlds import WorldPack
from steelyard.sim.demo.founding import OPERATOR, OPERATORS, Scribe
from steelyard.sim.demo.household import Household, NodeFailed
from steelyard.sim.demo.market import founding
from steelyard.sim.demo.market.founding import KG, trader
from steelyard.sim.demo.market.pack import Goods, House, MarketPack, goods, price
from steelyard.sim.demo.market.trading import Spans, Trading
from steelyard.values.instants import DAY, HOUR, MINUTE

EVE_BEFORE = 3 * DAY - 8 * HOUR
"""Friday afternoon, before a Monday's morning"""
ROUNDS, STEP = 12, 2 * MINUTE
QUOTES_FOR = 30 * DAY
AWAY = (2, 5, 9)
"""How many thousandths from the middle a ladder of spot orders stands"""
TICKS_AWAY = ((2, 5), (6, 10), (11, 18))
"""and how many ticks one of a future's, from and to"""
TENDER: Any = {"close": DAY, "open_": DAY + 4 * HOUR, "spans": (4 * HOUR, 3 * DAY, 2 * DAY)}
"""How long its bids come, until when they are revealed, and the spans of what follows"""
INDEX = "gas"
INDEX_MONTHS = ((2026, 8, 2_180), (2026, 9, 2_215), (2026, 10, 2_240))
EPOCH = 1970


class Line(Struct):
    """A future's month on the books: its tick, its lot in tonnes, the middle of its prices in minor units."""

    code: str
    tick: int
    lot: int
    middle: int
    begun: int


class ServedMarket(Trading):
    """The market of the world that is served; `opens_at` is the morning on which it is first seen (ns)."""

    def __init__(self, pack: MarketPack, world: WorldPack, house: Household, *, opens_at: int) -> None:
        super().__init__(pack, world, house, Scribe("demo/market/served", opens_at - EVE_BEFORE))
        self.opens_at = opens_at
        self.lines = _lines(pack, world)
        self.looks_at = 0
        """When it is looked next whether what was asked for is over (ns)"""

    @property
    def buyer(self) -> House:
        """Give who buys by tender."""
        return self.pack.buyers[0]

    @property
    def asker(self) -> House:
        """Give who asks for quotes."""
        return self.pack.buyers[-2]

    async def found(self) -> None:
        """Let the market come in on the day before, and bring it to the morning."""
        await self.come_in(quotes_until=self.opens_at + QUOTES_FOR)
        for pack, found in _others(self.pack):
            await self.house.give(founding.cleared(pack, self.world, found, self.scribe))
            await self.house.give(founding.futures(pack, self.world, found, self.scribe))
        await self.house.give(self._fixed())
        await self._eve()
        await self.fixing()
        await self.wait(self.opens_at - self.at)
        await self.phase(Phase.OPENING_CALL, "morning")
        await self.house.give(self._ladders())
        await self.phase(Phase.CONTINUOUS, "trading")
        await self.delivery(Spans((DAY, 2 * DAY, 3 * DAY, 4 * DAY), DAY))
        await self.tender(**TENDER)
        await self.house.give(self._asked())

    def _fixed(self) -> Iterator[Command]:
        """Define what is made at every fixing beside the benchmark: an index of its origin, the curve of the future."""
        origin, future = self.pack.site[:2], self.goods.future.code
        for series, basis, least in (
            (f"{founding.BENCHMARK}-{origin}", Basis(parent=founding.BENCHMARK, origin=origin), 2),
            (f"{future}-CURVE", Basis(contract=future), 1),
        ):
            fields = MethodFields(series, 0, Method(participants_min=least), "", basis)
            yield from self.scribe.two(OPERATOR, OPERATORS, "price.method", fields)

    async def _eve(self) -> None:
        """Hold the opening auction, trade, close and publish."""
        await self.phase(Phase.OPENING_CALL, "opening auction")
        await self.opening()
        await self.wait(2 * MINUTE)
        await self.phase(Phase.CONTINUOUS, "trading")
        for _ in range(ROUNDS):
            await self.wait(STEP)
            await self.round(1_000)
        await self.close()
        for code in self.more_codes:
            await self.operator("price.settle", SettleFields(code, self.on))
        for line in self.lines:
            line.middle = self.settled.get(line.code, line.middle)

    @property
    def more_codes(self) -> list[str]:
        """Give the months of the further future."""
        return [code for _, found in _others(self.pack) for code in found.codes]

    def _ladders(self) -> Iterator[Command]:
        """Let every house have orders in every book."""
        for house in self.pack.house:
            yield self.order(house.bic, self._spot_ladder(house))
            for line in self.lines:
                yield self.order(house.bic, self._ladder(line))

    def _spot_ladder(self, house: House) -> list[OrderFields]:
        """Give orders for wheat, each further from the middle than the one before."""
        return [replace(self.spot(house, -away), quantity=10 * (1 + self.draw(6))) for away in AWAY]

    def _ladder(self, line: Line) -> list[OrderFields]:
        """Give orders of both sides around the middle."""
        found = []
        for near, far in TICKS_AWAY:
            for side, sign in ((Side.BUY, -1), (Side.SELL, 1)):
                minor = line.middle + sign * (near + self.draw(far - near + 1)) * line.tick
                found.append(OrderFields(line.code, side, (1 + self.draw(8)) * line.lot, minor))
        return found

    def _asked(self) -> Iterator[Command]:
        """Give what waits for others: a request for quotes, energy that is offered, energy to be matched."""
        seller, buyer = self.pack.sellers[0], self.pack.visitor[0]
        yield self._request()
        for year, month, minor in INDEX_MONTHS:
            index = IndexFields(INDEX, (year - EPOCH) * 12 + month - 1, minor, 1, "an invented report")
            yield from self.scribe.two(OPERATOR, OPERATORS, "energy.index", index)
        terms = SupplyTerms(
            buyer.bic, self.pack.cleared_in, "MWh", 24_000, (4, 5), (2027 - EPOCH) * 12, 2, (("coast", 3_000),),
            INDEX, (50, 1), (3, 1), makeup_years=5, notice_ns=10 * DAY,
        )  # fmt: skip
        yield self.scribe.one(seller.bic, trader(seller.bic), "energy.register", RegisterFields(terms))
        ask = AskFields(*_network(), asset=self.pack.cleared_in)
        yield self.scribe.one(OPERATOR, OPERATORS[0], "energy.ask", ask)

    def _request(self) -> Command:
        """Ask everybody for a quote on wheat."""
        until = self.at + 2 * DAY
        request = RequestFields(self.pack.receipt_class, 2_000 * KG, "buy", self.asker.currency, until)
        return self.scribe.one(self.asker.bic, trader(self.asker.bic), "rfq.request", request)

    async def renew(self, client: AsyncSteelyard) -> None:
        """Ask anew, once in an hour, where nothing that was asked for waits any more: a tender, a request for quotes.

        `client` is the buyer's; it sees requests that are made to everybody.
        """
        self.scribe.at = self.at = await self.house.now()
        if self.at < self.looks_at:
            return
        self.looks_at = self.at + HOUR
        if not [one async for one in client.tenders.list(buyer=self.buyer.bic, state="PUBLISHED")]:
            with contextlib.suppress(NodeFailed):  # the buyer may have been suspended meanwhile
                await self.tender(**TENDER)
        if not [one async for one in client.rfq.list() if one.requester == self.asker.bic]:
            await self.house.attempt(self._request())

    async def go_on(self, random: Random, number: int) -> bool:
        """Let one house renew its orders in one book, and at times take what others offer; gives if all was done."""
        self.scribe.at = self.at = await self.house.now()
        house = self.pack.house[number % len(self.pack.house)]
        turn = number // len(self.pack.house)
        if turn % 3 == 2:
            code, orders = self.goods.spot_code, self._spot_ladder(house)
            taking = [replace(self.spot(house, 6), quantity=10, tif=Tif.IOC)]
        else:
            line = self.lines[0 if turn % 3 == 0 else turn // 3 % len(self.lines)]
            step = random.choice((-2, -1, 0, 1, 2)) * line.tick
            if abs(line.middle + step - line.begun) < line.begun // 50:
                line.middle += step
            code, orders = line.code, self._ladder(line)
            side, ticks = random.choice(((Side.BUY, 8), (Side.SELL, -8)))
            most = random.randint(1, 4) * line.lot
            taking = [OrderFields(code, side, most, line.middle + ticks * line.tick, tif=Tif.IOC)]
        out = self.scribe.one(house.bic, trader(house.bic), "order.cancel_all", MassFields(code))
        first = await self.house.attempt(out)
        many = (*taking, *orders) if random.random() < 0.4 else tuple(orders)
        return await self.house.attempt(self.order(house.bic, many)) and first


def _others(pack: MarketPack) -> list[tuple[MarketPack, Goods]]:
    """Give the further future as a pack of its own, with its goods."""
    if pack.other is None:
        return []
    own = replace(
        pack, future=pack.other.future, months=pack.other.months, dollars_a_tonne=pack.other.dollars_a_tonne
    )
    return [(own, goods(own))]


def _lines(pack: MarketPack, world: WorldPack) -> list[Line]:
    """Give every month that is listed, the nearest first, at the reference price of its listing."""
    lines = []
    for own, found in [(pack, goods(pack)), *_others(pack)]:
        tick, lot = found.future.tick_minor, found.future.unit // KG
        first = price(own, world, own.cleared_in, tick)
        for place, code in enumerate(found.codes):
            middle = first + place * first // 100 // tick * tick
            lines.append(Line(code, tick, lot, middle, middle))
    return lines


def _network() -> tuple[tuple[Node, ...], tuple[Route, ...]]:
    """Give who has gas and who needs it in a month, GWh, with routes and what a GWh costs on them."""
    nodes = (
        Node("RU", 420, product="gas", month="2027-01"), Node("IR", 260, product="gas", month="2027-01"),
        Node("AE", 0, product="gas", month="2027-01"), Node("CN", -300, product="gas", month="2027-01"),
        Node("IN", -220, product="gas", month="2027-01"), Node("ZA", -90, product="gas", month="2027-01"),
    )  # fmt: skip
    routes = (
        Route("RU-CN", "RU", "CN", 310, 280), Route("RU-IN", "RU", "IN", 540), Route("IR-AE", "IR", "AE", 60, 240),
        Route("AE-IN", "AE", "IN", 180), Route("AE-CN", "AE", "CN", 420), Route("AE-ZA", "AE", "ZA", 390, 80),
        Route("IR-IN", "IR", "IN", 260, 60),
    )  # fmt: skip
    return nodes, routes
