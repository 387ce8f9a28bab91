"""The market's day: an opening auction, trading, prices, a margin run, a delivery, and the default of one house.

It runs after the payments, over the same link as the founding. Who orders what is drawn from a seed, so that the day
is the same at every run; what it decides later it takes from what the node answered.
"""

from collections.abc import Iterator
from fractions import Fraction
from hashlib import sha256
from typing import Any

from steelyard.flows.clearing_default import BidFields, OpenFields, StepFields
from steelyard.flows.clearing_facts import BidPut, CaseMoved, MarginCalled
from steelyard.flows.clearing_margin import CallFields
from steelyard.flows.delivery import AssignFields, CertifyFields, NamedFields
from steelyard.flows.delivery import OpenFields as DeliveryFields
from steelyard.flows.delivery_pay import FundFields
from steelyard.flows.market_facts import MarketTraded
from steelyard.flows.market_phase import PhaseFields
from steelyard.flows.order import ManyFields, MassFields, OrderFields
from steelyard.flows.price import PublishFields, SettleFields
from steelyard.flows.tender import DraftFields
from steelyard.flows.tender import NamedFields as TenderNamed
from steelyard.flows.tender_bid import BidFields as BidOf
from steelyard.flows.tender_bid import OfferFields, RevealFields, sealed
from steelyard.flows.tender_facts import BidMoved
from steelyard.market.assessment import Trade
from steelyard.market.clearing.default import CaseState
from steelyard.market.orders import Side
from steelyard.market.phases import Phase
from steelyard.market.tender import ALWAYS, FOREVER, Vessel
from steelyard.market.tenders import Terms
from steelyard.packs.worlds import WorldPack
from steelyard.sim.demo.founding import OPERATOR, OPERATORS, Scribe
from steelyard.sim.demo.household import Household
from steelyard.sim.demo.market import founding
from steelyard.sim.demo.market.founding import BENCHMARK, BOND_MINOR, KG, RECEIPT_TONNES, pair, paper, trader
from steelyard.sim.demo.market.pack import MarketPack, goods, price, worth
from steelyard.values.instants import DAY, HOUR, MINUTE, SECOND

ROUNDS = 48
STEP = 10 * SECOND
DRIFT_PERMILLE = 55
"""How far the future rises over the day: nearly to its daily limit"""
QUIET = 10
"""Rounds before it begins to rise; in them the failing house sells"""
FAILING_LOTS = 14
"""What it sells at each"""
PRICE_PARTS = 10_000
"""To which part of a hundredth of the basket a price is handed to the benchmark"""
BID_LOTS = 60
CARGOES, CARGO_T, FREIGHT_PERMILLE = 4, 30_000, 90
"""What the tender asks for, and the dearness of its nearest port"""
CASE_STEPS = ("hedge", "auction", "tear_up", "cover", "report")
DELIVERY_TOLERANCE_BP = 50
CERTIFIED = (
    ("falling_number", 265_000_000), ("impurities", 1_800_000), ("moisture", 13_400_000), ("protein", 11_900_000),
    ("test_weight", 78_000_000),
)  # fmt: skip


class MarketDay:
    """One market day on a node that runs."""

    def __init__(self, pack: MarketPack, world: WorldPack, house: Household, *, begins_at: int) -> None:
        self.pack, self.world, self.house = pack, world, house
        self.goods = goods(pack)
        self.at = begins_at
        self.scribe = Scribe("demo/market", begins_at)
        self.trades: dict[str, list[MarketTraded]] = {}
        self.kept: dict[str, bytes] = {}
        """The receipt that a seller keeps off the book"""
        self.draws = 0

    async def run(self) -> None:
        """Let the market come in, and run its day."""
        pack, world, scribe, found = self.pack, self.world, self.scribe, self.goods
        on = self.at // DAY
        await self.house.advance(self.at)
        await self.house.give(founding.members(pack, world, scribe))
        await self.house.give(founding.clearing(pack, world, found, scribe))
        await self.house.give(founding.accounts(pack, world, scribe))
        await self.house.give(founding.wheat(pack, scribe, on, self.kept))
        await self.house.give(founding.listings(pack, world, found, scribe))
        await self._phase(Phase.OPENING_CALL, "opening auction")
        await self._auction()
        await self._pass(2 * MINUTE)
        await self._phase(Phase.CONTINUOUS, "trading")
        for number in range(ROUNDS):
            await self._pass(STEP)
            await self._round(number)
            if number == ROUNDS // 2:
                lasts = {code: self._last(code) for code in found.codes[:2]}
                await self._margin(lasts, "within the day, at the last trades")
        await self._close(on)
        await self._delivery()
        await self._tender()
        await self._default()

    async def _tell(self, *commands: Any) -> list[Any]:
        """Give commands and keep the trades they made."""
        facts = await self.house.tell(commands)
        for fact in facts:
            if isinstance(fact, MarketTraded):
                self.trades.setdefault(fact.instrument, []).append(fact)
        return facts

    async def _two(self, sender: str, people: tuple[str, str], name: str, fields: Any) -> list[Any]:
        """Let two people give a command; gives what is told."""
        return await self._tell(*self.scribe.two(sender, people, name, fields))

    async def _pass(self, span: int) -> None:
        self.at += span
        self.scribe.at = self.at
        await self.house.advance(self.at)

    async def _phase(self, phase: Phase, reason: str) -> None:
        for code in (self.goods.spot_code, *self.goods.codes):
            await self._two(OPERATOR, OPERATORS, "instrument.phase", PhaseFields(code, phase, reason))

    def _draw(self, below: int) -> int:
        """Give a number from 0 on, below another, that follows from the seed and its place alone."""
        self.draws += 1
        digest = sha256(f"market/{self.world.network.seed}/{self.draws}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % below

    # orders

    async def _auction(self) -> None:
        """Enter what waits for the opening: wheat from sellers and bids of buyers, and the future's both sides."""
        for number in range(3):
            for house in self.pack.house:
                await self._order(house.bic, [self._spot(house, number * 4 - 4)])
            for bic in self.pack.clearing:
                lots = 1 + self._draw(6)
                side = Side.SELL if bic == self.pack.failing.bic else Side(self._draw(2))
                orders = [
                    self._lots(code, side, lots, 1_000, 10 - self._draw(20)) for code in self.goods.codes[:2]
                ]
                await self._order(bic, orders)

    async def _round(self, number: int) -> None:
        """Let each house order something."""
        level = 1_000 + DRIFT_PERMILLE * max(0, number - QUIET) // (ROUNDS - QUIET)
        for house in self.pack.house:
            if self._draw(3):
                await self._order(house.bic, [self._spot(house, 6 - self._draw(12))])
        for bic in self.pack.clearing:
            if bic == self.pack.failing.bic:
                if number < QUIET:
                    await self._order(
                        bic, [self._lots(self.goods.codes[0], Side.SELL, FAILING_LOTS, level, 12)]
                    )
                continue
            near = self._draw(4) < 3
            side = Side.BUY if self._draw(100) < 52 else Side.SELL
            code = self.goods.codes[0 if near else 1]
            await self._order(bic, [self._lots(code, side, 1 + self._draw(6), level, self._draw(26) - 12)])

    def _spot(self, house: Any, eager_permille: int) -> OrderFields:
        """Give an order for wheat on the spot: sellers sell, buyers buy, the more eager the nearer the others."""
        side = Side.SELL if house.tonnes else Side.BUY
        tick = self.goods.spot.tick_minor
        permille = 1_000 + (eager_permille if side is Side.BUY else -eager_permille)
        tonnes = (1 + self._draw(8)) * 5 * self.goods.spot.unit // KG
        minor = price(self.pack, self.world, house.currency, tick, permille=permille)
        return OrderFields(self.goods.spot_code, side, tonnes, minor, currency=house.currency)

    def _lots(self, code: str, side: Side, lots: int, level: int, eager_ticks: int) -> OrderFields:
        tick = self.goods.future.tick_minor
        middle = price(self.pack, self.world, self.pack.cleared_in, tick, permille=level)
        middle += self.goods.codes.index(code) * middle // 100 // tick * tick
        minor = middle + (eager_ticks if side is Side.BUY else -eager_ticks) * tick
        return OrderFields(code, side, lots * self.goods.future.unit // KG, minor)

    async def _order(self, bic: str, orders: list[OrderFields]) -> None:
        command = self.scribe.one(bic, trader(bic), "order.enter_many", ManyFields(tuple(orders)))
        await self._tell(command)

    # prices and margin

    def _last(self, code: str) -> int:
        return self.trades[code][-1].price

    async def _close(self, on: int) -> None:
        """Close the books, publish settlement prices and the benchmark, call margin at them."""
        await self._phase(Phase.CLOSED, "close")
        for bic in self.pack.clearing:
            await self._tell(self.scribe.one(bic, trader(bic), "order.cancel_all", MassFields()))
        for code in self.goods.codes:
            await self._operator("price.settle", SettleFields(code, on))
        await self._operator("price.publish", PublishFields(BENCHMARK, on, tuple(self._prints())))
        await self._margin()

    def _prints(self) -> Iterator[Trade]:
        """Give the day's trades on the spot in the basket: at the price in the seller's currency."""
        rates = worth(self.pack, self.world)
        for one in self.trades.get(self.goods.spot_code, []):
            paid = Fraction(one.seller_minor, one.quantity) * rates[one.seller_currency]
            told = Fraction(round(paid * PRICE_PARTS), PRICE_PARTS)
            yield Trade(one.trade_id.hex(), str(told), one.quantity, one.buyer, one.seller)

    async def _operator(self, name: str, fields: Any) -> list[Any]:
        return await self._tell(self.scribe.one(OPERATOR, OPERATORS[0], name, fields))

    async def _margin(self, by_hand: dict[str, int] | None = None, reason: str = "") -> None:
        """Call variation margin at the published prices, or at others by two people who say why."""
        fields = CallFields(self.pack.cleared_in, tuple(sorted((by_hand or {}).items())), reason)
        if by_hand:
            facts = await self._two(OPERATOR, OPERATORS, "clearing.margin.call", fields)
        else:
            facts = await self._operator("clearing.margin.call", fields)
        assert any(isinstance(fact, MarginCalled) for fact in facts)
        await self._pass(2 * MINUTE)

    # a delivery, a default

    async def _delivery(self) -> None:
        """Let a seller deliver what he kept to a buyer of his choice: certified, and title against money."""
        seller, buyer, judge = self.pack.sellers[0], self.pack.buyers[0], self.pack.inspector.bic
        spot = self.goods.spot
        tonnes = RECEIPT_TONNES
        minor = price(self.pack, self.world, buyer.currency, spot.tick_minor)
        fields = DeliveryFields(
            self.goods.spot_code, self.pack.site, self.pack.grade, tonnes * KG // spot.unit, spot.unit,
            DELIVERY_TOLERANCE_BP, minor, buyer.currency, spot.quality, seller.bic, buyer.bic, self.at + HOUR,
            self.at + 2 * HOUR, self.at + 3 * HOUR, self.at + 4 * HOUR, HOUR,
        )  # fmt: skip
        offer = self.scribe.one(seller.bic, trader(seller.bic), "delivery.offer", fields)
        named = NamedFields(offer.id)
        one, bought, sold = self.scribe.one, trader(buyer.bic), trader(seller.bic)
        await self._tell(
            offer,
            one(buyer.bic, bought, "delivery.accept", named),
            one(seller.bic, sold, "delivery.assign", AssignFields(offer.id, (self.kept[seller.bic],))),
            one(
                judge, f"p-{judge}-1", "delivery.certify",
                CertifyFields(offer.id, tonnes * KG, CERTIFIED, paper("delivery")),
            ),
            one(buyer.bic, bought, "delivery.take", named),
            one(buyer.bic, bought, "delivery.fund", FundFields(offer.id)),
        )  # fmt: skip

    async def _tender(self) -> None:
        """Let the first buyer ask for cargoes: sealed offers, opened together, the cheapest lawful award, signed."""
        buyer, at = self.pack.buyers[0], self.at
        tick = self.goods.spot.tick_minor
        freight = price(self.pack, self.world, buyer.currency, tick, permille=FREIGHT_PERMILLE)
        ports = [(one.bic, f"{one.bic[4:6]}-PORT") for one in self.pack.bidders]
        vessels = tuple(
            Vessel(port, port, freight * (4 + place) // 4, CARGOES) for place, (_, port) in enumerate(ports)
        )
        terms = Terms(
            buyer.currency, CARGOES, CARGO_T, vessels, at + MINUTE, at + 2 * MINUTE, MINUTE, HOUR, HOUR, BOND_MINOR,
            origin_max=CARGOES - 1,
        )  # fmt: skip
        draft = self.scribe.one(buyer.bic, trader(buyer.bic), "tender.draft", DraftFields(terms))
        named = TenderNamed(draft.id)
        await self._tell(draft, self.scribe.one(buyer.bic, trader(buyer.bic), "tender.publish", named))
        sealed_offers = {}
        for place, (bic, port) in enumerate(ports):
            minor = price(self.pack, self.world, buyer.currency, tick, permille=1_004 - 2 * place)
            origin = bic[4:6]
            offers = (
                OfferFields(f"offer-{origin}", origin, port, minor, CARGOES, 1, "", ALWAYS, FOREVER, 0),
            )
            salt = paper(f"salt/{bic}")[:16]
            sealed_offers[bic] = (offers, salt)
            await self._trader(bic, "tender.bid", BidOf(draft.id, sealed(draft.id, bic, offers, salt)))
        await self._pass(MINUTE)
        for bic, (offers, salt) in sealed_offers.items():
            await self._trader(bic, "tender.reveal", RevealFields(draft.id, offers, salt))
        await self._pass(2 * MINUTE)
        await self._trader(buyer.bic, "tender.stand", named)
        await self._pass(2 * MINUTE)
        facts = await self._trader(buyer.bic, "tender.award", named)
        lost = {fact.bidder for fact in facts if isinstance(fact, BidMoved) and fact.event == "BOND_RETURNED"}
        for bic in sealed_offers:
            if bic not in lost:
                await self._trader(bic, "tender.sign", named)

    async def _trader(self, bic: str, name: str, fields: Any) -> list[Any]:
        return await self._tell(self.scribe.one(bic, trader(bic), name, fields))

    async def _default(self) -> None:
        """Lead the default of the house that could not pay: others bid for its lots, the waterfall bears the loss."""
        failing = self.pack.failing.bic
        opening = OpenFields(failing, paper("report/open"))
        facts = await self._two(OPERATOR, OPERATORS, "clearing.default.open", opening)
        case_id = next(fact.case_id for fact in facts if isinstance(fact, CaseMoved))
        code, tick = self.goods.codes[0], self.goods.future.tick_minor
        for number, house in enumerate(self.pack.house):
            if number % 2:
                continue  # these do not bid: their shares are used first
            bid = BidFields(case_id, code, -BID_LOTS, self._last(code) + (24 + 4 * number) * tick)
            facts = await self._tell(
                self.scribe.one(house.bic, pair(house.bic)[0], "clearing.default.bid", bid)
            )
            assert any(isinstance(fact, BidPut) for fact in facts)
        state = ""
        for step in CASE_STEPS:
            if step == "tear_up" and state != CaseState.UNSOLD:
                continue
            fields = StepFields(case_id, step, paper(f"report/{step}"))
            facts = await self._two(OPERATOR, OPERATORS, "clearing.default.step", fields)
            state = [fact.after for fact in facts if isinstance(fact, CaseMoved)][-1]
        await self._margin()
