"""What a client can ask of a node, group by group; each method is written once for both clients."""

from steelyard.client.groups.accounts import Accounts, Statements
from steelyard.client.groups.approvals import Approvals
from steelyard.client.groups.auctions import Auctions
from steelyard.client.groups.clearing import Clearing
from steelyard.client.groups.corridor import Bills, Voyages
from steelyard.client.groups.credit import CreditLines
from steelyard.client.groups.cycles import Cycles
from steelyard.client.groups.deliveries import Deliveries
from steelyard.client.groups.directory import Directory
from steelyard.client.groups.energy import Energy
from steelyard.client.groups.events import Events
from steelyard.client.groups.forwards import Forwards
from steelyard.client.groups.fx import FxOrders, FxTrades, Quotes, Rates, Sheets
from steelyard.client.groups.keys import ApiKeys
from steelyard.client.groups.liquidity import Batches, Liquidity
from steelyard.client.groups.market import FirmQuotes, Market, Orders
from steelyard.client.groups.messages import Messages
from steelyard.client.groups.money import Currencies, Funds, Redemptions
from steelyard.client.groups.network import Network
from steelyard.client.groups.otc import OtcTrades
from steelyard.client.groups.pace import Pace
from steelyard.client.groups.payments import Offers, Payments
from steelyard.client.groups.prices import Prices
from steelyard.client.groups.pvp import Pvp
from steelyard.client.groups.rfq import Rfqs
from steelyard.client.groups.rings import Rings
from steelyard.client.groups.service import Sandbox, Service
from steelyard.client.groups.set_off import SetOff
from steelyard.client.groups.tenders import Tenders
from steelyard.client.groups.titles import Sites, WarehouseReceipts
from steelyard.client.verbs import F, Face


class Groups(Service[F]):
    """All groups of one client; status and health are its own methods."""

    def __init__(self, face: Face) -> None:
        super().__init__(face)
        self.payments: Payments[F] = Payments(face)
        self.offers: Offers[F] = Offers(face)
        self.messages: Messages[F] = Messages(face)
        self.quotes: Quotes[F] = Quotes(face)
        self.sheets: Sheets[F] = Sheets(face)
        self.fx_trades: FxTrades[F] = FxTrades(face)
        self.fx_orders: FxOrders[F] = FxOrders(face)
        self.market: Market[F] = Market(face)
        self.orders: Orders[F] = Orders(face)
        self.firm_quotes: FirmQuotes[F] = FirmQuotes(face)
        self.tenders: Tenders[F] = Tenders(face)
        self.rfq: Rfqs[F] = Rfqs(face)
        self.otc_trades: OtcTrades[F] = OtcTrades(face)
        self.energy: Energy[F] = Energy(face)
        self.auctions: Auctions[F] = Auctions(face)
        self.prices: Prices[F] = Prices(face)
        self.pvp: Pvp[F] = Pvp(face)
        self.accounts: Accounts[F] = Accounts(face)
        self.statements: Statements[F] = Statements(face)
        self.liquidity: Liquidity[F] = Liquidity(face)
        self.batches: Batches[F] = Batches(face)
        self.cycles: Cycles[F] = Cycles(face)
        self.credit_lines: CreditLines[F] = CreditLines(face)
        self.clearing: Clearing[F] = Clearing(face)
        self.pace: Pace[F] = Pace(face)
        self.rings: Rings[F] = Rings(face)
        self.set_off: SetOff[F] = SetOff(face)
        self.sites: Sites[F] = Sites(face)
        self.warehouse_receipts: WarehouseReceipts[F] = WarehouseReceipts(face)
        self.deliveries: Deliveries[F] = Deliveries(face)
        self.forwards: Forwards[F] = Forwards(face)
        self.voyages: Voyages[F] = Voyages(face)
        self.bills: Bills[F] = Bills(face)
        self.rates: Rates[F] = Rates(face)
        self.funds: Funds[F] = Funds(face)
        self.redemptions: Redemptions[F] = Redemptions(face)
        self.currencies: Currencies[F] = Currencies(face)
        self.network: Network[F] = Network(face)
        self.directory: Directory[F] = Directory(face)
        self.approvals: Approvals[F] = Approvals(face)
        self.events: Events[F] = Events(face)
        self.api_keys: ApiKeys[F] = ApiKeys(face)
        self.sandbox: Sandbox[F] = Sandbox(face)
