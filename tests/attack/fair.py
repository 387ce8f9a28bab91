"""A world in which everything of the market is under way at once, and fields that mostly name what is there."""

from msgspec.msgpack import encode

from steelyard.flows import auction
from steelyard.flows.delivery_cover import OfferFields as CoverOffer
from steelyard.flows.delivery_cover import OpenFields as CoverFields
from steelyard.flows.energy import IndexFields, RegisterFields
from steelyard.flows.energy import NamedFields as SupplyNamed
from steelyard.flows.market_beat import BeatFields
from steelyard.flows.market_list import ListFields
from steelyard.flows.otc import NamedFields as OtcNamed
from steelyard.flows.otc import RegisterFields as OtcFields
from steelyard.flows.receipt import TransferFields
from steelyard.flows.registry import COMMANDS
from steelyard.flows.rfq import AnswerFields, RequestFields
from steelyard.flows.tender import DraftFields
from steelyard.flows.tender import NamedFields as TenderNamed
from steelyard.flows.tender_bid import BidFields, OfferFields, sealed
from steelyard.flows.world import World
from steelyard.market.books import Way
from steelyard.market.delivery import DeliveryState
from steelyard.market.energy.supplies import SupplyTerms
from steelyard.market.instruments import Instrument
from steelyard.market.orders import Side
from steelyard.market.phases import Phase
from steelyard.market.rfq import BUY
from steelyard.market.tender import ALWAYS, FOREVER, Vessel
from steelyard.market.tenders import Terms
from steelyard.values.instants import DAY, HOUR, MINUTE, civil
from tests.attack.hostile import NUMBERS
from tests.flows.clearings import FOUR, House
from tests.flows.forwards import Ahead
from tests.flows.goods import BUYER, GRADE, HOUSE, JUDGE, LENDER, OTHER, PAPER, RYE, SELLER, SITE, done
from tests.flows.haul import Haul, opened
from tests.flows.markets import SPOT, WIDE, Market
from tests.flows.payworld import ASSETS, LEVR, PONS
from tests.flows.sea import CARRIER, QUAY, VESSEL
from tests.flows.test_market_due import CONTRACT

NOUNS = (
    "auction", "bill", "clearing", "delivery", "energy", "firm_quote", "forward", "instrument", "market", "order",
    "otc", "price", "receipt", "rfq", "site", "slot", "stock", "tender", "trade", "trade_account", "voyage",
)  # fmt: skip
LINES = {line.name: line for line in COMMANDS if line.name.split(".")[0] in NOUNS}
CLEARED, NEXT_DAY = "WHEAT-FUT", "RYE-NEXT"
SENDERS = ("operator", SELLER, BUYER, LENDER, OTHER, HOUSE, JUDGE, PONS, LEVR)


class Fair(Market, Ahead):
    """Grain, ships and everything that is traded and cleared."""


def fair() -> Fair:
    """Give a market in which every noun has something under way."""
    net = Fair(ref_price=10_000, limit_bp=5_000, dyn_low=7_000, dyn_high=13_000)
    _books(net)
    _goods(net)
    _cleared(net)
    _asked(net)
    net.check()
    return net


def _books(net: Fair) -> None:
    """Let orders of all kinds rest, trades be fresh, quotes stand and a session beat."""
    for owner in (SELLER, BUYER, OTHER):
        for asset in ASSETS:
            net.ready(owner, asset, 3_000_000)
        net.stocked(100, owner)
    for provider in (PONS, LEVR):
        for sell, buy in (("NOR", "OST"), ("OST", "SUD"), ("SUD", "NOR")):
            net.ready(provider, sell, 900_000)
            done(net.firm(provider, sell, buy, 1, 1, 400_000))
    net.entered(SELLER, Side.SELL, 20, 10_100)
    net.entered(SELLER, Side.SELL, 30, 10_200, peak=5)
    net.entered(BUYER, Side.BUY, 20, 9_900, session="s1")
    net.entered(BUYER, Side.BUY, 5, 10_500, stop=10_300)
    net.entered(OTHER, Side.BUY, 3, 10_100)
    net.entered(SELLER, Side.SELL, 20, 10_000, WIDE, currency="NOR")
    net.entered(OTHER, Side.BUY, 6, 10_000, WIDE, currency="SUD")
    net.entered(BUYER, Side.BUY, 10, 9_000, WIDE, currency="OST")
    done(net.trader(BUYER, "order.beat", BeatFields("s1")))
    later = ListFields(
        Instrument(code=NEXT_DAY, currency="OST"), "RYE-C", Way.SPOT, RYE, 1_000, terms=encode(CONTRACT)
    )
    done(net.two("instrument.list", later, "operator"))
    net.phase(NEXT_DAY, Phase.OPENING_CALL)
    net.phase(NEXT_DAY, Phase.CONTINUOUS)
    net.entered(OTHER, Side.SELL, 4, 10_000, NEXT_DAY)
    done(net.order(SELLER, Side.BUY, 4, 10_000, NEXT_DAY))


def _goods(net: Fair) -> None:
    """Bring receipts and deliveries into their states, and a ship under way."""
    net.issue(40_000)
    net.draft(20_000)
    pledged = net.issue(10_000)
    done(net.give("receipt.pledge", TransferFields(pledged, LENDER), SELLER))
    net.open()
    for state in (DeliveryState.NOTIFIED, DeliveryState.CERTIFIED, DeliveryState.INVOICED):
        net.until(state)
    net.fund(BUYER, "OST", 3_000_000)
    for seller, buyer in ((SELLER, BUYER), (BUYER, SELLER), (SELLER, LENDER)):
        net.agreed(seller, buyer, lots=2)
    done(net.hinder(net.agreed()))
    done(net.offered())
    voyage = net.loading()
    net.bill(voyage, 50_000)
    net.plan(net.let_in())


def _cleared(net: Fair) -> None:
    """Open a counterparty with positions, and the book of its contract."""
    house = House(net).begin(cash=2_000_000, margin=900_000)
    house.sponsor(liquidity=50_000, capital=60_000)
    for bic in FOUR:
        house.ok(house.contribute(bic, 70_000))
    assert house.trade(FOUR[0], FOUR[2], 4, 21_000) is None
    future = Instrument(code=CLEARED, currency="NOR", ref_price=21_000, tick=25, lot=50)
    done(net.two("instrument.list", ListFields(future, "WHEAT", Way.CLEARED, "WHEAT.SEP", 1_000), "operator"))
    net.phase(CLEARED, Phase.OPENING_CALL)
    net.phase(CLEARED, Phase.CONTINUOUS)
    net.entered(SELLER, Side.SELL, 100, 21_100, CLEARED)


def _asked(net: Fair) -> None:
    """Put out a tender with a bid, a request with an answer, a contract of energy and every kind of auction."""
    terms = Terms(
        "OST",
        3,
        50,
        (Vessel("v", "P", 0, 9),),
        net.at + HOUR,
        net.at + 2 * HOUR,
        HOUR,
        10 * HOUR,
        HOUR,
        5_000,
    )
    done(net.give("tender.draft", DraftFields(terms), SELLER))
    (tender_id,) = net.world.tenders.live
    done(net.give("tender.publish", TenderNamed(tender_id), SELLER))
    offers = (OfferFields("a", "ONE", "P", 24_420, 3, 2, "", ALWAYS, FOREVER, 0),)
    done(net.give("tender.bid", BidFields(tender_id, sealed(tender_id, BUYER, offers, b"s" * 16)), BUYER))
    done(net.give("tender.draft", DraftFields(terms), OTHER))
    done(net.give("rfq.request", RequestFields(RYE, 40_000, BUY, "OST", net.at + 2 * HOUR), BUYER))
    (rfq_id,) = net.world.rfqs.live
    receipt = net.issue(30_000)
    done(net.give("rfq.answer", AnswerFields(rfq_id, 0, 24_000, 0, receipt, net.at + HOUR), SELLER))
    for proof in (b"1" * 32, b"2" * 32):
        trade = OtcFields("sell", BUYER, RYE, 1_000 + proof[0], "OST", 24_000, net.at, proof)
        done(net.give("otc.register", trade, SELLER))
    done(net.give("otc.confirm", OtcNamed(next(iter(net.world.otc.trades))), BUYER))
    year, month, _ = civil(net.at // DAY)
    first = (year - 1970) * 12 + month
    contract = SupplyTerms(
        BUYER, "OST", "MWh", 2_000, (4, 5), first, 2, (("hub", 200),), "gas", (50, 1), (3, 1), notice_ns=DAY
    )
    done(net.give("energy.register", RegisterFields(contract), SELLER))
    (supply_id,) = net.world.supplies.live
    done(net.give("energy.agree", SupplyNamed(supply_id), BUYER))
    done(net.two("energy.index", IndexFields("gas", first - 2, 200, 1, "report"), "operator"))
    opens, ends = net.at + MINUTE, net.at + HOUR
    for kind, fields in (
        ("english", auction.EnglishFields(3, 5, 10, 100, 0, opens, ends, MINUTE, 2)),
        ("dutch", auction.DutchFields(3, 5, 200, 120, 30, opens, MINUTE)),
        ("reverse", auction.ReverseFields(3, 1, 1, 300, opens, ends, ends + HOUR, ends + 2 * HOUR)),
        ("final", auction.FinalFields(3, 1, "SELLS", 100, opens, ends, ends + HOUR)),
        ("sealed", auction.SealedFields("WHT", 1, opens, ends, ends + HOUR, 510, "", "OST", 500)),
    ):
        done(net.give(f"auction.{kind}", fields, SELLER))
    late = Haul.terms(net, lots=2, unit_kg=10_000, assign_by=net.at + MINUTE)  # type: ignore[arg-type]
    failed = opened(net.two("delivery.open", late, "operator"))
    net.wait(2 * MINUTE)
    done(net.two("delivery.auction", CoverFields(failed, net.at + HOUR, 26_000, PAPER), "operator"))
    done(net.give("delivery.bid", CoverOffer(failed, 1, 25_000, (net.issue(10_000, OTHER),)), OTHER))


def ids(world: World) -> list[bytes]:
    """Give every kind of id that means something here."""
    return [
        *world.books.by_key, *world.books.quote_nos, *list(world.titles.receipts), *world.tenders.live,
        *(held.forward_id for held in world.forwards.each()),
        *(held.delivery_id for held in world.deliveries.each()), *world.rfqs.live, *world.supplies.live,
        *(answer.answer_id for one in world.rfqs.live.values() for answer in one.answers),
        *(bytes.fromhex(key) for key in world.auctions.live),
        *world.voyages.voyages, *world.voyages.bills, *world.otc.trades,
        *world.books.recent.trades, *(one.run_id for one in world.clearing.runs.values()),
    ]  # fmt: skip


def words(world: World) -> tuple[str, ...]:
    """Give names that mean something here, and some that do not."""
    return (
        *SENDERS, *ASSETS, SPOT, WIDE, CLEARED, NEXT_DAY, RYE, SITE, QUAY, GRADE, "WHEAT.SEP", "WHEAT", "UNIT", "s1",
        VESSEL, "gas", "hub", "", "NOBODY00", "é" * 4, "\x00", "x" * 32, "NaN", "1e9", "-1", "SELLS", "BUYS", "buy",
        "sell", "spot", CARRIER, "cash", "receipt", "fund", "report", "cure", "PORT", "P", "v",
    )  # fmt: skip


NUMBERS_HERE = (*NUMBERS, 5, 20, 10_000, 9_990, 10_000_000, 30_000)
