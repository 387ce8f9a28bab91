"""Deliveries for tests: Anna sells Bram 50 t of rye at the port, at 240.00 OST a tonne, by a short schedule."""

from typing import Any

from steelyard.flows.command import Outcome
from steelyard.flows.delivery import AssignFields, CertifyFields, NamedFields, OpenFields, PaperFields
from steelyard.flows.delivery_cover import BackFields, OfferFields
from steelyard.flows.delivery_cover import OpenFields as CoverFields
from steelyard.flows.delivery_notice import NoticeFields
from steelyard.flows.delivery_pay import FundFields
from steelyard.flows.delivery_rule import RuleFields
from steelyard.flows.title_facts import DeliveryMoved
from steelyard.market.deliveries import Delivery
from steelyard.market.delivery import DeliveryState
from steelyard.market.quality import Factor, FactorRule, QualitySchedule, millionths
from steelyard.values.instants import DAY, HOUR
from tests.flows.goods import BUYER, GRADE, JUDGE, PAPER, SELLER, SITE, Goods, done
from tests.flows.payworld import facts

SCHEDULE = QualitySchedule(
    (
        Factor("moisture", FactorRule.SHRINK, basis=millionths("14"), most=millionths("16")),
        Factor("protein", FactorRule.STEP, basis=millionths("11.5"), step_minor=50, least=millionths("10")),
    )
)
FOUND = (("moisture", millionths("14")), ("protein", millionths("11.5")))
DUE = 1_200_000
"""50 t at 240.00"""


class Haul(Goods):
    """Goods on their way from a seller to a buyer."""

    def terms(self, **changes: Any) -> OpenFields:
        """Give the terms of a delivery with a day for each step."""
        fields = {
            "instrument": "RYE-DEC", "site": SITE, "grade": GRADE, "lots": 1, "unit_kg": 50_000,
            "tolerance_bp": 500, "price_minor": 24_000, "currency": "OST", "schedule": SCHEDULE,
            "seller": SELLER, "buyer": BUYER, "assign_by": self.at + DAY, "certify_by": self.at + 2 * DAY,
            "object_by": self.at + 3 * DAY, "fund_by": self.at + 4 * DAY, "extension_ns": 10 * DAY,
        } | changes  # fmt: skip
        return OpenFields(**fields)

    def open(self, **changes: Any) -> bytes:
        """Let the operator open a delivery, and give its id."""
        return opened(self.two("delivery.open", self.terms(**changes), "operator"))

    def assign(self, delivery: bytes, *receipts: bytes, bill: bytes = b"", owner: str = SELLER) -> Outcome:
        return self.give("delivery.assign", AssignFields(delivery, receipts, bill), owner)

    def certify(self, delivery: bytes, weight_kg: int = 50_000, found: Any = FOUND) -> Outcome:
        return self.one("delivery.certify", CertifyFields(delivery, weight_kg, found, PAPER), JUDGE)

    def notice(self, *longs: tuple[str, int, int]) -> Outcome:
        return self.two("delivery.notice", NoticeFields("RYE-DEC", longs), "operator")

    def named(self, name: str, delivery: bytes, owner: str) -> Outcome:
        return self.give(f"delivery.{name}", NamedFields(delivery), owner)

    def paper(self, name: str, delivery: bytes, owner: str, document: bytes = PAPER) -> Outcome:
        return self.give(f"delivery.{name}", PaperFields(delivery, document), owner)

    def ordered(self, name: str, delivery: bytes) -> Outcome:
        return self.two(f"delivery.{name}", PaperFields(delivery, PAPER), "operator")

    def fund_delivery(self, delivery: bytes, quote_id: bytes = b"", owner: str = BUYER) -> Outcome:
        return self.give("delivery.fund", FundFields(delivery, quote_id), owner)

    def rule(self, delivery: bytes, ruling: int, **more: Any) -> Outcome:
        if more.get("market_minor"):
            more.setdefault("reason", "nobody has offered")
        return self.two("delivery.rule", RuleFields(delivery, ruling, PAPER, **more), "operator")

    def auction(self, delivery: bytes, limit: int, span: int = HOUR) -> Outcome:
        """Open the auction of a delivery in which a side has failed."""
        return self.two("delivery.auction", CoverFields(delivery, self.at + span, limit, PAPER), "operator")

    def bid(self, delivery: bytes, owner: str, lots: int, price: int, *receipts: bytes) -> Outcome:
        return self.give("delivery.bid", OfferFields(delivery, lots, price, receipts), owner)

    def back(self, delivery: bytes, owner: str, price: int) -> Outcome:
        return self.give("delivery.back", BackFields(delivery, price), owner)

    def unsold(self, delivery: bytes) -> None:
        """Let the auction of a failed delivery find nobody."""
        done(self.auction(delivery, self.delivery(delivery).terms.price_minor))
        self.wait(HOUR)

    def delivery(self, delivery: bytes) -> Delivery:
        found = self.world.deliveries.get(delivery)
        assert isinstance(found, Delivery), found
        return found

    def state(self, delivery: bytes) -> DeliveryState:  # type: ignore[override]
        return self.delivery(delivery).state

    def until(self, state: DeliveryState, **changes: Any) -> tuple[bytes, bytes]:
        """Bring a delivery of one new receipt to a state before settlement; give both ids."""
        receipt = self.issue(50_000)
        delivery = self.open(**changes)
        steps = {
            DeliveryState.NOTIFIED: lambda: self.assign(delivery, receipt),
            DeliveryState.CERTIFIED: lambda: self.certify(delivery),
            DeliveryState.INVOICED: lambda: self.named("take", delivery, BUYER),
        }
        for after, act in steps.items():
            if self.state(delivery) is state:
                break
            done(act())
            assert after is self.state(delivery)
        assert state is self.state(delivery)
        return delivery, receipt

    def holds_nothing(self, delivery: bytes) -> None:
        """Demand that a delivery that is over has left no lock, no reservation and no clock."""
        assert not isinstance(self.world.deliveries.get(delivery), Delivery)
        assert all(one.bound_to != delivery for one in self.world.titles.receipts.values())
        assert all(one.bound_to != delivery for one in self.world.voyages.bills.values())
        assert not self.world.engine.reservations
        self.check()


def moves(outcome: Outcome) -> list[DeliveryMoved]:
    return [fact for fact in facts(outcome) if isinstance(fact, DeliveryMoved)]


def opened(outcome: Outcome) -> bytes:
    (moved,) = moves(done(outcome))
    return moved.delivery_id
