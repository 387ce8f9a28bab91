"""The market's day: an opening auction, trading, prices, a margin run, a delivery, and the default of one house.

It runs after the payments, over the same link as the founding. Who orders what is drawn from a seed, so that the day
is the same at every run; what it decides later it takes from what the node answered.
"""

from steelyard.flows.clearing_default import BidFields, OpenFields, StepFields
from steelyard.flows.clearing_facts import BidPut, CaseMoved
from steelyard.flows.delivery import CertifyFields, NamedFields
from steelyard.flows.delivery_pay import FundFields
from steelyard.flows.order import OrderFields
from steelyard.flows.tender import NamedFields as TenderNamed
from steelyard.flows.tender_bid import BidFields as BidOf
from steelyard.flows.tender_bid import OfferFields, RevealFields, sealed
from steelyard.flows.tender_facts import BidMoved
from steelyard.market.clearing.default import CaseState
from steelyard.market.orders import Side
from steelyard.market.phases import Phase
from steelyard.market.tender import ALWAYS, FOREVER
from steelyard.packs.worlds import WorldPack
from steelyard.sim.demo.founding import OPERATOR, OPERATORS, Scribe
from steelyard.sim.demo.household import Household
from steelyard.sim.demo.market.founding import KG, RECEIPT_TONNES, pair, paper, trader
from steelyard.sim.demo.market.pack import MarketPack, price
from steelyard.sim.demo.market.trading import CARGOES, Spans, Trading
from steelyard.values.instants import DAY, HOUR, MINUTE, SECOND

ROUNDS = 48
STEP = 10 * SECOND
DRIFT_PERMILLE = 55
"""How far the future rises over the day: nearly to its daily limit"""
QUIET = 10
"""Rounds before it begins to rise; in them the failing house sells"""
FAILING_LOTS = 14
"""What it sells at each"""
BID_LOTS = 60
CASE_STEPS = ("hedge", "auction", "tear_up", "cover", "report")
CERTIFIED = (
    ("falling_number", 265_000_000), ("impurities", 1_800_000), ("moisture", 13_400_000), ("protein", 11_900_000),
    ("test_weight", 78_000_000),
)  # fmt: skip


class MarketDay(Trading):
    """One market day on a node that runs."""

    def __init__(self, pack: MarketPack, world: WorldPack, house: Household, *, begins_at: int) -> None:
        super().__init__(pack, world, house, Scribe("demo/market", begins_at))
        self.number = 0

    async def run(self) -> None:
        """Let the market come in, and run its day."""
        await self.come_in(quotes_until=self.on * DAY + DAY - HOUR)
        await self.phase(Phase.OPENING_CALL, "opening auction")
        await self.opening()
        await self.wait(2 * MINUTE)
        await self.phase(Phase.CONTINUOUS, "trading")
        for self.number in range(ROUNDS):
            await self.wait(STEP)
            await self.round(1_000 + DRIFT_PERMILLE * max(0, self.number - QUIET) // (ROUNDS - QUIET))
            if self.number == ROUNDS // 2:
                lasts = {code: self.last(code) for code in self.goods.codes[:2]}
                await self.margin(lasts, "within the day, at the last trades")
        await self.close()
        await self._deliver()
        await self._award()
        await self._default()
        await self.fixing()

    def weak(self, level: int) -> list[OrderFields]:
        """Let the failing house sell, as long as it is quiet."""
        if self.number >= QUIET:
            return []
        return [self.lots(self.goods.codes[0], Side.SELL, FAILING_LOTS, level, 12)]

    async def _deliver(self) -> None:
        """Deliver what a seller kept: certified, and title against money."""
        buyer, judge = self.pack.buyers[0].bic, self.pack.inspector.bic
        id = await self.delivery(Spans((HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR), HOUR))
        certified = CertifyFields(id, RECEIPT_TONNES * KG, CERTIFIED, paper("delivery"))
        await self.tell(
            self.scribe.one(judge, f"p-{judge}-1", "delivery.certify", certified),
            self.scribe.one(buyer, trader(buyer), "delivery.take", NamedFields(id)),
            self.scribe.one(buyer, trader(buyer), "delivery.fund", FundFields(id)),
        )

    async def _award(self) -> None:
        """Hold the tender: sealed offers, opened together, the cheapest lawful award, signed."""
        buyer, tick = self.pack.buyers[0], self.goods.spot.tick_minor
        spans = (MINUTE, HOUR, HOUR)
        id, ports = await self.tender(close=MINUTE, open_=2 * MINUTE, spans=spans)
        named = TenderNamed(id)
        sealed_offers = {}
        for place, (bic, port) in enumerate(ports.items()):
            minor = price(self.pack, self.world, buyer.currency, tick, permille=1_004 - 2 * place)
            origin = bic[4:6]
            offers = (
                OfferFields(f"offer-{origin}", origin, port, minor, CARGOES, 1, "", ALWAYS, FOREVER, 0),
            )
            salt = paper(f"salt/{bic}")[:16]
            sealed_offers[bic] = (offers, salt)
            await self.trader(bic, "tender.bid", BidOf(id, sealed(id, bic, offers, salt)))
        await self.wait(MINUTE)
        for bic, (offers, salt) in sealed_offers.items():
            await self.trader(bic, "tender.reveal", RevealFields(id, offers, salt))
        await self.wait(2 * MINUTE)
        await self.trader(buyer.bic, "tender.stand", named)
        await self.wait(2 * MINUTE)
        facts = await self.trader(buyer.bic, "tender.award", named)
        lost = {fact.bidder for fact in facts if isinstance(fact, BidMoved) and fact.event == "BOND_RETURNED"}
        for bic in sealed_offers:
            if bic not in lost:
                await self.trader(bic, "tender.sign", named)

    async def _default(self) -> None:
        """Lead the default of the house that could not pay: others bid for its lots, the waterfall bears the loss."""
        failing = self.pack.failing.bic
        opening = OpenFields(failing, paper("report/open"))
        facts = await self.two(OPERATOR, OPERATORS, "clearing.default.open", opening)
        case_id = next(fact.case_id for fact in facts if isinstance(fact, CaseMoved))
        code, tick = self.goods.codes[0], self.goods.future.tick_minor
        for number, house in enumerate(self.pack.house):
            if number % 2:
                continue  # these do not bid: their shares are used first
            bid = BidFields(case_id, code, -BID_LOTS, self.last(code) + (24 + 4 * number) * tick)
            facts = await self.tell(
                self.scribe.one(house.bic, pair(house.bic)[0], "clearing.default.bid", bid)
            )
            assert any(isinstance(fact, BidPut) for fact in facts)
        state = ""
        for step in CASE_STEPS:
            if step == "tear_up" and state != CaseState.UNSOLD:
                continue
            ends = "expelled" if step == "report" else ""
            fields = StepFields(case_id, step, paper(f"report/{step}"), ends=ends)
            facts = await self.two(OPERATOR, OPERATORS, "clearing.default.step", fields)
            state = [fact.after for fact in facts if isinstance(fact, CaseMoved)][-1]
        await self.margin()
