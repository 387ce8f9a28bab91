"""What houses of the market do on a node that runs: come in, order, deliver, ask for cargoes; prices and margin.

Who orders what is drawn from a seed, so that it is the same at every run. The demonstration's day and the world that
is served are made of these.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from hashlib import sha256
from typing import Any

from msgspec import Struct

from steelyard.flows.clearing_facts import MarginCalled
from steelyard.flows.clearing_margin import CallFields
from steelyard.flows.command import Command
from steelyard.flows.delivery import AssignFields, NamedFields
from steelyard.flows.delivery import OpenFields as DeliveryFields
from steelyard.flows.market_facts import MarketTraded
from steelyard.flows.market_phase import PhaseFields
from steelyard.flows.order import MassFields, OrderFields
from steelyard.flows.order_many import MessagesFields, NewMessage
from steelyard.flows.price import SettleFields
from steelyard.flows.price_facts import PricePublished
from steelyard.flows.tender import DraftFields
from steelyard.flows.tender import NamedFields as TenderNamed
from steelyard.market.orders import Side
from steelyard.market.phases import Phase
from steelyard.market.rules import MarketRules
from steelyard.market.tender import Vessel
from steelyard.market.tenders import Terms
from steelyard.market.trade_terms import TradeTerms
from steelyard.packs.worlds import WorldPack
from steelyard.sim.demo.founding import OPERATOR, OPERATORS, Scribe
from steelyard.sim.demo.household import Household
from steelyard.sim.demo.market import founding
from steelyard.sim.demo.market.founding import BOND_MINOR, KG, RECEIPT_TONNES, trader
from steelyard.sim.demo.market.pack import House, MarketPack, goods, price
from steelyard.values.instants import DAY, MILLISECOND, MINUTE, SECOND

CARGOES, CARGO_T, FREIGHT_PERMILLE = 4, 30_000, 90
"""What the tender asks for, and the dearness of its nearest port"""


class Spans(Struct, frozen=True):
    """How long the steps of a tender or a delivery may take, each from its begin, in ns."""

    steps: tuple[int, int, int, int]
    extension: int


class Trading:
    """The houses of a market pack, on a node that runs."""

    def __init__(self, pack: MarketPack, world: WorldPack, house: Household, scribe: Scribe) -> None:
        self.pack, self.world, self.house, self.scribe = pack, world, house, scribe
        self.goods = goods(pack)
        self.at = scribe.at
        self.trades: dict[str, list[MarketTraded]] = {}
        self.kept: dict[str, bytes] = {}
        """The receipt that a seller keeps off the book"""
        self.settled: dict[str, int] = {}
        self.draws = 0

    @property
    def on(self) -> int:
        """Give the day."""
        return self.at // DAY

    async def come_in(self, *, quotes_until: int) -> None:
        """Let everybody come in with money and wheat, and instruments be listed."""
        pack, world, scribe, found = self.pack, self.world, self.scribe, self.goods
        await self.house.advance(self.at)
        await self.house.give(founding.members(pack, world, scribe))
        await self.house.give(founding.clearing(pack, world, found, scribe))
        await self.house.give(founding.accounts(pack, world, scribe, until=quotes_until))
        await self.house.give(founding.wheat(pack, scribe, self.on, self.kept))
        await self.house.give(founding.listings(pack, world, found, scribe))

    async def tell(self, *commands: Command) -> list[Any]:
        """Give commands and keep the trades they made; gives what is told."""
        facts = await self.house.tell(commands)
        for fact in facts:
            if isinstance(fact, MarketTraded):
                self.trades.setdefault(fact.instrument, []).append(fact)
        return facts

    async def two(self, sender: str, people: tuple[str, str], name: str, fields: Any) -> list[Any]:
        """Let two people give a command; gives what is told."""
        return await self.tell(*self.scribe.two(sender, people, name, fields))

    async def operator(self, name: str, fields: Any) -> list[Any]:
        """Let one of the operator give a command; gives what is told."""
        return await self.tell(self.scribe.one(OPERATOR, OPERATORS[0], name, fields))

    async def trader(self, bic: str, name: str, fields: Any) -> list[Any]:
        """Let who trades for a house give a command; gives what is told."""
        return await self.tell(self.scribe.one(bic, trader(bic), name, fields))

    async def wait(self, span: int) -> None:
        """Let so much time pass (ns)."""
        self.at += span
        self.scribe.at = self.at
        await self.house.advance(self.at)

    async def phase(self, phase: Phase, reason: str) -> None:
        """Bring every book into a phase."""
        for code in (self.goods.spot_code, *self.goods.codes, *self.more_codes):
            await self.two(OPERATOR, OPERATORS, "instrument.phase", PhaseFields(code, phase, reason))

    @property
    def more_codes(self) -> Sequence[str]:
        """Give the instruments that are listed besides."""
        return ()

    def draw(self, below: int) -> int:
        """Give a number from 0 on, below another, that follows from the seed and its place alone."""
        self.draws += 1
        digest = sha256(f"market/{self.world.network.seed}/{self.draws}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % below

    # orders

    async def opening(self) -> None:
        """Enter what waits for the opening: wheat from sellers and bids of buyers, and the future's both sides."""
        await self.tell(*self._opening())

    def _opening(self) -> Iterator[Command]:
        for number in range(3):
            for house in self.pack.house:
                yield self.order(house.bic, [self.spot(house, number * 4 - 4)])
            for bic in self.pack.busy:
                lots = 1 + self.draw(6)
                side = Side.SELL if bic == self.pack.failing.bic else Side(self.draw(2))
                orders = [
                    self.lots(code, side, lots, 1_000, 10 - self.draw(20)) for code in self.goods.codes[:2]
                ]
                yield self.order(bic, orders)

    async def round(self, level: int) -> None:
        """Let each house order something, the future at so many thousandths of what it began at."""
        await self.tell(*self._round(level))

    def _round(self, level: int) -> Iterator[Command]:
        for house in self.pack.house:
            if self.draw(3):
                yield self.order(house.bic, [self.spot(house, 6 - self.draw(12))])
        for bic in self.pack.busy:
            if bic == self.pack.failing.bic:
                weak = self.weak(level)
                if weak:
                    yield self.order(bic, weak)
                continue
            near = self.draw(4) < 3
            side = Side.BUY if self.draw(100) < 52 else Side.SELL
            code = self.goods.codes[0 if near else 1]
            yield self.order(bic, [self.lots(code, side, 1 + self.draw(6), level, self.draw(26) - 12)])

    def weak(self, level: int) -> list[OrderFields]:
        """Give what the house with little behind it orders in a round: nothing."""
        return []

    def spot(self, house: House, eager_permille: int) -> OrderFields:
        """Give an order for wheat on the spot: sellers sell, buyers buy, the more eager the nearer the others."""
        side = Side.SELL if house.tonnes else Side.BUY
        tick = self.goods.spot.tick_minor
        permille = 1_000 + (eager_permille if side is Side.BUY else -eager_permille)
        tonnes = (1 + self.draw(8)) * 5 * self.goods.spot.unit // KG
        minor = price(self.pack, self.world, house.currency, tick, permille=permille)
        return OrderFields(self.goods.spot_code, side, tonnes, minor, currency=house.currency)

    def lots(self, code: str, side: Side, lots: int, level: int, eager_ticks: int) -> OrderFields:
        """Give an order for a month of the future, so many ticks beyond the level towards the other side."""
        tick = self.goods.future.tick_minor
        middle = price(self.pack, self.world, self.pack.cleared_in, tick, permille=level)
        middle += self.goods.codes.index(code) * middle // 100 // tick * tick
        minor = middle + (eager_ticks if side is Side.BUY else -eager_ticks) * tick
        return OrderFields(code, side, lots * self.goods.future.unit // KG, minor)

    def order(self, bic: str, orders: Sequence[OrderFields]) -> Command:
        """Give the command by which a house enters orders."""
        messages = tuple(NewMessage(self.scribe.part(place), one) for place, one in enumerate(orders))
        return self.scribe.one(bic, trader(bic), "order.many", MessagesFields(messages))

    # prices and margin

    def last(self, code: str) -> int:
        """Give the price of the last trade."""
        return self.trades[code][-1].price

    async def close(self) -> None:
        """Close the books, publish settlement prices, call margin at them."""
        await self.phase(Phase.CLOSED, "close")
        for bic in self.pack.busy:
            await self.trader(bic, "order.cancel_all", MassFields())
        for code in self.goods.codes:
            told = await self.operator("price.settle", SettleFields(code, self.on))
            price_of = next(Fraction(fact.value) for fact in told if isinstance(fact, PricePublished))
            self.settled[code] = int(price_of)
        await self.margin()

    async def fixing(self) -> None:
        """Let the day's fixing come, at which the machine makes what is made of trades and quotes."""
        await self.wait(max(0, MarketRules().fixing_ms * MILLISECOND - self.at % DAY) + SECOND)

    async def margin(self, by_hand: dict[str, int] | None = None, reason: str = "") -> None:
        """Call variation margin at the published prices, or at others by two people who say why.

        Who does not pay in time is paid for out of his margin.
        """
        fields = CallFields(self.pack.cleared_in, tuple(sorted((by_hand or {}).items())), reason)
        if by_hand:
            facts = await self.two(OPERATOR, OPERATORS, "clearing.margin.call", fields)
        else:
            facts = await self.operator("clearing.margin.call", fields)
        assert any(isinstance(fact, MarginCalled) for fact in facts)
        await self.wait(2 * MINUTE)

    # a delivery, a tender

    async def delivery(self, spans: Spans) -> bytes:
        """Let a seller offer what he kept to a buyer of his choice, who accepts, and name the receipt; gives its id."""
        seller, buyer, spot = self.pack.sellers[0], self.pack.buyers[0], self.goods.spot
        minor = price(self.pack, self.world, buyer.currency, spot.tick_minor)
        assign, certify, object_, fund = (self.at + span for span in spans.steps)
        site, options = self.pack.site, spot.options
        trade = TradeTerms(spot.incoterm, site, spot.differential(site) or 0, final_at=options.final_at)
        fields = DeliveryFields(
            self.goods.spot_code, site, self.pack.grade, RECEIPT_TONNES * KG // spot.unit, spot.unit,
            options.tolerance_bp, minor, buyer.currency, spot.quality, seller.bic, buyer.bic, assign, certify,
            object_, fund, spans.extension, trade=trade,
        )  # fmt: skip
        offer = self.scribe.one(seller.bic, trader(seller.bic), "delivery.offer", fields)
        await self.tell(
            offer,
            self.scribe.one(buyer.bic, trader(buyer.bic), "delivery.accept", NamedFields(offer.id)),
            self.scribe.one(
                seller.bic, trader(seller.bic), "delivery.assign",
                AssignFields(offer.id, (self.kept[seller.bic],)),
            ),
        )  # fmt: skip
        return offer.id

    async def tender(
        self, *, close: int, open_: int, spans: tuple[int, int, int]
    ) -> tuple[bytes, dict[str, str]]:
        """Let the first buyer ask for cargoes, until `close` and revealed until `open_` (ns from now).

        `spans` are of standstill, decision and signing. Gives the tender, and the port of each bidder.
        """
        buyer = self.pack.buyers[0]
        tick = self.goods.spot.tick_minor
        freight = price(self.pack, self.world, buyer.currency, tick, permille=FREIGHT_PERMILLE)
        ports = {one.bic: f"{one.bic[4:6]}-PORT" for one in self.pack.bidders}
        vessels = tuple(
            Vessel(port, port, freight * (4 + place) // 4, CARGOES)
            for place, port in enumerate(ports.values())
        )
        terms = Terms(
            buyer.currency, CARGOES, CARGO_T, vessels, self.at + close, self.at + open_, *spans, BOND_MINOR,
            origin_max=CARGOES - 1,
        )  # fmt: skip
        draft = self.scribe.one(buyer.bic, trader(buyer.bic), "tender.draft", DraftFields(terms))
        await self.tell(
            draft, self.scribe.one(buyer.bic, trader(buyer.bic), "tender.publish", TenderNamed(draft.id))
        )
        return draft.id, ports
