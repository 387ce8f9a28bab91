"""A small grain market for tests: Anna sells rye, Bram buys, in currencies that Pons and Levr exchange."""

from collections.abc import Iterable
from hashlib import sha256
from itertools import count
from typing import Any

from steelyard.flows.command import Outcome
from steelyard.flows.market_facts import MarketTraded, OrderEntered, OrderMoved
from steelyard.flows.market_list import ListFields
from steelyard.flows.market_money import MoneyFields, OpenFields, ReceiptFields
from steelyard.flows.market_phase import PhaseFields
from steelyard.flows.market_quote import QuoteFields
from steelyard.flows.order import CancelFields, OrderFields
from steelyard.flows.order_many import MessagesFields, NewMessage
from steelyard.market.books import Session, Way
from steelyard.market.instruments import Instrument
from steelyard.market.orders import Side
from steelyard.market.phases import Phase
from steelyard.members.people import KEY, Actor
from steelyard.members.roles import Role
from steelyard.values.instants import DAY
from tests.flows.goods import BUYER, LENDER, OTHER, RYE, SELLER, Goods, done
from tests.flows.payworld import ASSETS, LEVR, PONS, facts

SPOT, WIDE = "RYE-SPOT", "RYE-WIDE"
KG = 1_000
UNIT = (("OST", 100),)
"""One unit of the wide book's basket is one OST"""
TRADERS = (SELLER, BUYER, LENDER, OTHER, PONS, LEVR)
RICH = 10_000_000


class Market(Goods):
    """Rye on the spot in OST (`RYE-SPOT`) and in all currencies (`RYE-WIDE`), both open; tonnes, price a tonne."""

    def __init__(
        self,
        world: Any = None,
        *,
        phase: Phase = Phase.CONTINUOUS,
        wide: dict[str, Any] | None = None,
        **terms: Any,
    ) -> None:
        super().__init__(world)
        if world is not None:
            return
        for bic in TRADERS:
            roles = (Role.TRADER, Role.FX_PROVIDER, Role.MAKER)
            self.world.members.put_actor(Actor(f"t-{bic}", bic, KEY, roles, public_key=b"t" * 32))
            for asset in ASSETS:
                done(self.trader(bic, "trade_account.open", OpenFields(asset)))
                self.fund(bic, asset, RICH)
        self.list(SPOT, currency="OST", **terms)
        self.list(WIDE, basket="UNIT", basket_holds=UNIT, **(wide or {}))
        for code in (SPOT, WIDE):
            self.phase(code, Phase.OPENING_CALL)
            if phase is not Phase.OPENING_CALL:
                self.phase(code, phase)

    def list(
        self, code: str, *, sessions: tuple[Session, ...] = (), limit_units: int = 0, **terms: Any
    ) -> None:
        instrument = Instrument(code=code, **terms)
        fields = ListFields(instrument, "RYE", Way.SPOT, RYE, KG, sessions, limit_units)
        done(self.two("instrument.list", fields, "operator"))

    def phase(self, code: str, phase: Phase) -> Outcome:
        return done(self.two("instrument.phase", PhaseFields(code, phase, "test"), "operator"))

    def trader(self, owner: str, name: str, fields: Any) -> Outcome:
        return self.give(name, fields, owner, actor=f"t-{owner}")

    def ready(self, owner: str, asset: str, minor: int) -> None:
        """Put money onto a trade account."""
        done(self.trader(owner, "trade_account.deposit", MoneyFields(asset, minor)))

    def stocked(self, tonnes: int, owner: str = SELLER) -> bytes:
        """Issue a receipt and commit it to trade."""
        receipt_id = self.issue(tonnes * KG, owner)
        done(self.trader(owner, "receipt.commit", ReceiptFields(receipt_id)))
        return receipt_id

    def order(
        self, owner: str, side: Side, quantity: int, price: int, code: str = SPOT, **more: Any
    ) -> Outcome:
        return self.trader(owner, "order.enter", OrderFields(code, side, quantity, price, **more))

    def entered(
        self, owner: str, side: Side, quantity: int, price: int, code: str = SPOT, **more: Any
    ) -> bytes:
        """Enter an order that is taken, and give its id."""
        outcome = done(self.order(owner, side, quantity, price, code, **more))
        return next(fact.order_id for fact in facts(outcome) if isinstance(fact, OrderEntered))

    def many(self, owner: str, *orders: OrderFields) -> Outcome:
        """Enter several orders in one command, under ids of this moment."""
        self._number += 1
        return self.trader(owner, "order.many", entering(orders, self.at, b"%d" % self._number))

    def unorder(self, owner: str, *order_ids: bytes) -> Outcome:
        return self.trader(owner, "order.cancel", CancelFields(order_ids))

    def firm(self, provider: str, sell: str, buy: str, num: int, den: int, size: int, **more: Any) -> Outcome:
        fields = QuoteFields(sell, buy, num, den, size, more.pop("until", self.at + DAY), **more)
        return self.trader(provider, "firm_quote.put", fields)

    def money(self, owner: str, asset: str) -> int:
        return self.balance(owner, asset, "trade")

    def check(self) -> None:
        super().check()
        again = Market(type(self.world).decode(dict(self.world.sections())))
        assert again.world.state_hash() == self.world.state_hash()


def entering(orders: Iterable[OrderFields], at: int, chance: bytes) -> MessagesFields:
    """Give messages that enter orders, under ids of a time (ns)."""
    ids = (sha256(b"%s/%d" % (chance, place)).digest()[:10] for place in count())
    at_ms = (at // 10**6).to_bytes(6, "big")
    return MessagesFields(tuple(NewMessage(at_ms + id, one) for id, one in zip(ids, orders, strict=False)))


def trades(outcome: Outcome) -> list[tuple[str, str, int, int, int]]:
    """Buyer, seller, quantity and both amounts of the trades of a command."""
    return [
        (fact.buyer, fact.seller, fact.quantity, fact.buyer_minor, fact.seller_minor)
        for fact in facts(outcome)
        if isinstance(fact, MarketTraded)
    ]


def moved(outcome: Outcome) -> list[tuple[bytes, str, int]]:
    return [(fact.order_id, fact.event, fact.left) for fact in facts(outcome) if isinstance(fact, OrderMoved)]
