"""Forwards for tests: rye of a pack's shape, shipped within some days, between the houses of a small trade."""

from typing import Any

import msgspec

from steelyard.flows.command import Outcome
from steelyard.flows.forward import (
    AppropriateFields,
    HinderFields,
    NamedFields,
    OfferFields,
    PaperFields,
    RuleFields,
)
from steelyard.flows.forward_circle import CircleFields
from steelyard.flows.forward_facts import ForwardMoved
from steelyard.market.assessment import Method
from steelyard.market.contracts.forward import Forward
from steelyard.market.contracts.terms import Limits, MarginTerms, Measure, Options, Place
from steelyard.market.forwards import ForwardSale, ForwardState, ForwardTerms, Hinders
from steelyard.market.prices import Price
from steelyard.market.quality import QualitySchedule
from steelyard.members.people import PERSON, Actor
from steelyard.members.roles import Role
from steelyard.values.instants import DAY
from tests.flows.goods import BUYER, GRADE, PAPER, SELLER, SITE, done
from tests.flows.payworld import facts
from tests.flows.sea import QUAY, Sea

OPTIONS = Options(appropriation_days=2)
COMMON = {
    "code": "RYE-FWD", "commodity": "rye", "grade": GRADE, "measure": Measure.KG, "unit": 50_000, "price_per": 1_000,
    "tick_minor": 1, "basket": "BASKET", "places": (Place(SITE), Place(QUAY, 150)), "quality": QualitySchedule(()),
    "incoterm": "FOB", "options": OPTIONS, "limits": Limits(), "margin": MarginTerms(1), "calendars": ("OST",),
    "from_on": 20_000, "source": "own",
}  # fmt: skip


def packed(**changes: Any) -> bytes:
    """Give a contract as it comes with an offer."""
    return msgspec.msgpack.encode(Forward(**COMMON | changes))


class Ahead(Sea):
    """A network whose members let claims be set off, and in which rye has a published price, 250.00."""

    def __init__(self, world: Any = None) -> None:
        super().__init__(world)
        if world is not None:
            return
        for member in self.world.members.members.values():
            self.world.claims.allow(member.code, allowed=True)
        for owner in (SELLER, BUYER):
            for number in (1, 2):
                person = Actor(
                    f"p-{owner}-{number}", owner, PERSON, (Role.TRADER,), public_key=bytes([number]) * 32
                )
                self.world.members.put_actor(person)
        assert self.world.prices.set_method("RYE", Method(), from_on=self.at // DAY - 100) is None
        self.published("25000")

    def published(self, value: str) -> None:
        """Publish today's price."""
        made = self.world.prices.settle("RYE", self.at // DAY, value, source="vwap", digest=PAPER, at=self.at)
        assert isinstance(made, Price), made

    def forward_terms(self, **changes: Any) -> ForwardTerms:
        today = self.at // DAY
        fields = {
            "contract": packed(), "site": SITE, "place": SITE, "lots": 1, "price_minor": 24_000, "currency": "OST",
            "from_on": today + 1, "to_on": today + 5, "benchmark": "RYE", "full_cargo": False, "certify_ns": DAY,
            "object_ns": DAY, "fund_ns": DAY,
        } | changes  # fmt: skip
        return ForwardTerms(**fields)

    def offered(self, seller: str = SELLER, buyer: str = BUYER, by: str = "", **changes: Any) -> Outcome:
        fields = OfferFields(self.forward_terms(**changes), seller, buyer, (self.at // DAY + 1) * DAY)
        return self.give("forward.offer", fields, by or seller)

    def agreed(self, seller: str = SELLER, buyer: str = BUYER, **changes: Any) -> bytes:
        """Bring a forward to where both are bound, and give its id."""
        (moved,) = forwards(done(self.offered(seller, buyer, **changes)))
        done(self.on("accept", moved.forward_id, buyer))
        return moved.forward_id

    def on(self, name: str, forward: bytes, owner: str) -> Outcome:
        return self.give(f"forward.{name}", NamedFields(forward), owner)

    def appropriate(
        self, forward: bytes, *receipts: bytes, bill: bytes = b"", owner: str = SELLER, lots: int = 0
    ) -> Outcome:
        return self.give("forward.appropriate", AppropriateFields(forward, receipts, bill, lots), owner)

    def renounce(self, forward: bytes, owner: str) -> Outcome:
        return self.two("forward.renounce", PaperFields(forward, PAPER), owner)

    def hinder(self, forward: bytes, what: Hinders = Hinders.FORCE_MAJEURE) -> Outcome:
        return self.two("forward.hinder", HinderFields(forward, what, PAPER), "operator")

    def resume(self, forward: bytes) -> Outcome:
        return self.two("forward.resume", PaperFields(forward, PAPER), "operator")

    def rule_on(self, forward: bytes, market: int) -> Outcome:
        return self.two("forward.rule", RuleFields(forward, market, PAPER), "operator")

    def circle(self, forward: bytes, owner: str = SELLER) -> Outcome:
        return self.give("forward.circle", CircleFields(forward), owner)

    def sale(self, forward: bytes) -> ForwardSale:
        found = self.world.forwards.get(forward)
        assert isinstance(found, ForwardSale), found
        return found

    def stands(self, forward: bytes) -> ForwardState:
        return self.sale(forward).state


def forwards(outcome: Outcome) -> list[ForwardMoved]:
    return [fact for fact in facts(outcome) if isinstance(fact, ForwardMoved)]
