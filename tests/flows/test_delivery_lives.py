"""Deliveries under any sequence of acts: titles and accounts agree, every lock and reservation serves one alive."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from steelyard.flows.receipt import NamedFields, SplitFields, TransferFields
from steelyard.flows.receipt_orders import OrderFields
from steelyard.flows.receipt_out import LeaveFields
from steelyard.market.deliveries import Delivery
from steelyard.market.delivery import AUCTIONS, FAILURES, DeliveryState
from steelyard.market.quality import millionths
from steelyard.node.title_sweeps import SWEEPS
from steelyard.values.instants import DAY, HOUR
from tests.flows.goods import BUYER, HOUSE, LENDER, OTHER, PAPER, RYE, SELLER
from tests.flows.haul import FOUND, Haul

OWNERS = (SELLER, BUYER, OTHER, LENDER)
owners = st.sampled_from(OWNERS)
MONEY = 6_000_000
picks = st.integers(0, 50)
PEOPLE = (
    DeliveryState.DISPUTED,
    DeliveryState.ALTERNATIVE,
    DeliveryState.SELLER_FAILED,
    DeliveryState.BUYER_FAILED,
    DeliveryState.FORCE_MAJEURE,
)
"""Where people must decide."""
WET = (("moisture", millionths("17")), FOUND[1])


class Lives(RuleBasedStateMachine):
    """Everything that anybody may try, in any order, at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.net = Haul(certified_kg=4_000_000)
        for owner in OWNERS:
            self.net.fund(owner, "OST", MONEY)

    @initialize()
    def begin(self) -> None:
        for state in (DeliveryState.INTENDED, DeliveryState.NOTIFIED, DeliveryState.INVOICED):
            self.net.until(state)

    def receipt(self, pick: int) -> bytes:
        found = sorted(self.net.world.titles.receipts)
        return found[pick % len(found)] if found else b"n" * 16

    def delivery(self, pick: int, *states: DeliveryState) -> bytes:
        """Pick a delivery, one in some states where there is one."""
        each = list(self.net.world.deliveries.each())
        found = [one.delivery_id for one in each if one.state in states] or [one.delivery_id for one in each]
        return found[pick % len(found)] if found else b"n" * 16

    @rule(state=st.sampled_from([DeliveryState.NOTIFIED, DeliveryState.CERTIFIED, DeliveryState.INVOICED]))
    def come_to(self, state: DeliveryState) -> None:
        """Bring one more delivery into the middle of its life."""
        titles = self.net.world.titles
        if titles.issue_refusal(RYE, 50_000) is None:
            self.net.until(state)

    @rule(owner=owners, kg=st.sampled_from([25_000, 50_000, 100_000]), days=st.sampled_from([0, 0, 2]))
    def issue(self, owner: str, kg: int, days: int) -> None:
        receipt = self.net.draft(kg, owner, valid_until=self.net.at + days * DAY if days else 0)
        self.net.two("receipt.issue", NamedFields(receipt), HOUSE)

    @rule(seller=owners, buyer=st.sampled_from([*OWNERS, ""]), lots=st.sampled_from([1, 1, 2]))
    def open(self, seller: str, buyer: str, lots: int) -> None:
        self.net.two("delivery.open", self.net.terms(seller=seller, buyer=buyer, lots=lots), "operator")

    @rule(pick=picks, one=picks, two=picks, both=st.booleans())
    def assign(self, pick: int, one: int, two: int, both: bool) -> None:
        delivery = self.net.world.deliveries.get(self.delivery(pick))
        owner = getattr(delivery, "seller", SELLER)
        mine = [held.receipt_id for held in self.net.world.titles.of_holder(owner)] or [b"n" * 16]
        goods = dict.fromkeys([mine[one % len(mine)], *([mine[two % len(mine)]] if both else [])])
        self.net.assign(self.delivery(pick), *goods, owner=owner)

    @rule(longs=st.lists(st.tuples(owners, st.integers(1, 3), st.integers(1, 3)), max_size=4))
    def notice(self, longs: list[tuple[str, int, int]]) -> None:
        self.net.notice(*longs)

    @rule(pick=picks, kg=st.sampled_from([50_000, 50_000, 100_000, 60_000]), wet=st.booleans())
    def certify(self, pick: int, kg: int, wet: bool) -> None:
        self.net.certify(self.delivery(pick), kg, WET if wet else FOUND)

    @rule(
        pick=picks, act=st.sampled_from(["take", "fund", "fund", "order_out", "object", "agree", "receive"])
    )
    def buyer_acts(self, pick: int, act: str) -> None:
        found = self.net.world.deliveries.get(self.delivery(pick))
        owner = getattr(found, "buyer", "") or BUYER
        if act == "fund":
            self.net.fund_delivery(self.delivery(pick), owner=owner)
        elif act in ("object", "agree"):
            self.net.paper(act, self.delivery(pick), owner)
        else:
            self.net.named(act, self.delivery(pick), owner)

    @rule(pick=picks, frozen=st.booleans())
    def pay(self, pick: int, frozen: bool) -> None:
        """Pay what is invoiced, now and then for goods that were frozen meanwhile."""
        found = self.net.world.deliveries.get(self.delivery(pick, DeliveryState.INVOICED))
        if isinstance(found, Delivery):
            if frozen and found.receipts:
                self.net.two("receipt.freeze", OrderFields(found.receipts[0], PAPER), "operator")
            self.net.fund_delivery(found.delivery_id, owner=found.buyer or BUYER)

    @rule(pick=picks, act=st.sampled_from(["force_majeure", "resume"]))
    def ordered(self, pick: int, act: str) -> None:
        self.net.ordered(act, self.delivery(pick))

    @rule(pick=picks, ruling=st.integers(0, 2))
    def ruled(self, pick: int, ruling: int) -> None:
        self.net.rule(
            self.delivery(pick, *PEOPLE), ruling, market_minor=25_000, weight_kg=50_000, found=FOUND
        )

    @rule(pick=picks, limit=st.sampled_from([24_000, 26_000]))
    def auctioned(self, pick: int, limit: int) -> None:
        """Open the auction of a failed delivery: a ceiling for a buy-in, a floor for a sell-out."""
        found = self.net.world.deliveries.get(self.delivery(pick, *FAILURES))
        if isinstance(found, Delivery):
            sells = found.state is DeliveryState.BUYER_FAILED
            self.net.auction(found.delivery_id, 48_000 - limit if sells else limit)

    @rule(
        pick=picks, goods=picks, owner=owners, price=st.sampled_from([23_000, 24_500]), lots=st.integers(1, 2)
    )
    def offers(self, pick: int, goods: int, owner: str, price: int, lots: int) -> None:
        mine = [one.receipt_id for one in self.net.world.titles.of_holder(owner) if one.kg == lots * 50_000]
        named = [mine[goods % len(mine)]] if mine else []
        self.net.bid(self.delivery(pick, *AUCTIONS), owner, lots, price, *named)

    @rule(pick=picks, price=st.sampled_from([23_500, 25_000]))
    def backs(self, pick: int, price: int) -> None:
        found = self.net.world.deliveries.get(self.delivery(pick, *AUCTIONS))
        if isinstance(found, Delivery):
            self.net.back(
                found.delivery_id, found.buyer if found.state is DeliveryState.BUY_IN else found.seller, price
            )

    @rule(pick=picks, owner=owners, act=st.sampled_from(["transfer", "pledge", "invoke", "release"]))
    def receipt_moves(self, pick: int, owner: str, act: str) -> None:
        receipt = self.receipt(pick)
        held = self.net.world.titles.receipts.get(receipt)
        if act in ("transfer", "pledge"):
            self.net.give(f"receipt.{act}", TransferFields(receipt, owner), getattr(held, "holder", owner))
        else:
            self.net.give(f"receipt.{act}", NamedFields(receipt), getattr(held, "pledgee", "") or owner)

    @rule(pick=picks, kg=st.sampled_from([10_000, 25_000]))
    def split(self, pick: int, kg: int) -> None:
        held = self.net.world.titles.receipts.get(self.receipt(pick))
        if held is not None and held.kg > kg:
            self.net.give("receipt.split", SplitFields(held.receipt_id, (kg, held.kg - kg)), held.holder)

    @rule(pick=picks, freeze=st.booleans())
    def freeze(self, pick: int, freeze: bool) -> None:
        name = "receipt.freeze" if freeze else "receipt.thaw"
        self.net.two(name, OrderFields(self.receipt(pick), PAPER), "operator")

    @rule(pick=picks, kg=st.sampled_from([10_000, 50_000]))
    def leave(self, pick: int, kg: int) -> None:
        self.net.one("receipt.leave", LeaveFields(self.receipt(pick), kg, PAPER), HOUSE)

    @rule(hours=st.sampled_from([1, 20, 30, 200]))
    def time_passes(self, hours: int) -> None:
        self.net.wait(hours * HOUR)

    @invariant()
    def everything_held_serves_something(self) -> None:
        world = self.net.world
        for sweep in SWEEPS:
            assert sweep(world) is None, sweep(world)
        assert sum(self.net.balance(owner, "OST") for owner in (*OWNERS, HOUSE)) == 4 * MONEY
        assert all(one.state is not DeliveryState.FUNDED for one in world.deliveries.each())

    def teardown(self) -> None:
        self.net.check()


Lives.TestCase.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLives = Lives.TestCase
