"""Streams of events of every kind, and both books fed with them."""

from random import Random

from hypothesis import strategies as st

from steelyard.market.book import Book
from steelyard.market.instruments import Instrument, SelfTrade
from steelyard.market.orders import (
    Bands,
    Cancel,
    MassCancel,
    NewOrder,
    PhaseTo,
    Replace,
    Settlement,
    Side,
    Tif,
    Type,
    Uncross,
)
from steelyard.market.phases import Phase
from steelyard.market.refusals.orders import OrderRefusal

SIDES = {"buy": Side.BUY, "sell": Side.SELL}
CODES = {refusal.code: refusal.name for refusal in OrderRefusal}
LOW, HIGH = 95, 105


def book_of(instrument):
    """Make the book of an instrument that is written as in the files of cases."""
    terms = {"code": "X", **instrument}
    phase = terms.pop("phase", "continuous")
    if "stp" in terms:
        terms["stp"] = SelfTrade[terms["stp"].upper()]
    return Book(Instrument(**terms), Phase["OPENING_CALL" if phase == "call" else phase.upper()])


def event_of(event):
    """Make the event of one that is written as an object of one key."""
    ((name, f),) = event.items()
    if name == "new":
        return NewOrder(
            order_id=f["id"], side=SIDES[f["side"]], quantity=f["qty"], price=f.get("price"),
            type=Type[f.get("type", "limit").upper()], tif=Tif[f.get("tif", "gtc").upper()],
            stop=f.get("stop"), peak=f.get("peak"), post_only=f.get("post_only", False), aon=f.get("aon", False),
            member=f.get("member", 0), group=f.get("group", 0),
            stp=SelfTrade[f["stp"].upper()] if f.get("stp") else None, until_on=f.get("until", 0),
        )  # fmt: skip
    if name == "cancel":
        return Cancel(f["id"])
    if name == "replace":
        return Replace(
            f["id"], f.get("qty"), f.get("price"), f.get("of_open", False), f.get("to_back", False)
        )
    if name == "mass_cancel":
        side = f.get("side")
        return MassCancel(f.get("member"), f.get("group"), None if side is None else SIDES[side])
    if name == "phase":
        return PhaseTo(Phase[f["to"].upper()], on=f.get("on", 0))
    if name == "uncross":
        return Uncross(Phase[f["to"].upper()] if f.get("to") else None, f.get("forced", False))
    if name == "bands":
        return Bands(**f)
    return Settlement(f["price"])


def told(fact):
    """Write a fact as the naive book does."""
    match type(fact).__name__:
        case "Accepted":
            return ("accepted", fact.order_id)
        case "Refused":
            return ("refused", fact.order_id, CODES[fact.code])
        case "Trade":
            return ("trade", fact.buy, fact.sell, fact.quantity, fact.price)
        case "Cancelled":
            return ("cancelled", fact.order_id, fact.left)
        case "CancelRejected":
            return ("cancel_rejected", fact.order_id)
        case "Replaced":
            return ("replaced", fact.order_id, fact.left)
        case "ReplaceRejected":
            return ("replace_rejected", fact.order_id)
        case "Decremented":
            return ("decremented", fact.taker, fact.maker, fact.quantity)
        case "Released":
            return ("released", fact.order_id)
        case "PhaseChanged":
            return ("phase", fact.phase.name.lower())
        case "PhaseRejected":
            return ("phase_rejected", fact.phase.name.lower())
        case "VolatilityCall":
            return ("volatility_call", fact.price)
        case "Auction":
            return ("auction", fact.price, fact.volume, fact.surplus)
        case "CallExtended":
            return ("call_extended", fact.price, fact.operator)
    raise AssertionError(fact)


MODES = [mode.name.lower() for mode in SelfTrade]
START = ["continuous", "continuous", "call", "pre_open", "delivery_month", "closed"]


class Dice:
    """Draws events out of one number, many times faster than strategies of strategies would."""

    def __init__(self, seed):
        self.random = Random(seed)
        self.one_of, self.between = self.random.choice, self.random.randint

    def maybe(self, draw, *, once_in=5):
        return draw() if self.between(1, once_in) == 1 else None

    def chance(self, *, once_in):
        return self.between(1, once_in) == 1

    def price(self):
        return self.between(LOW, HIGH)

    def quantity(self):
        return self.between(0, 40) if self.chance(once_in=4) else self.between(1, 12)

    def instrument(self):
        """Draw an instrument; half of the bands and prices are not there."""
        terms = {
            "stp": self.one_of(MODES), "rest_market": self.chance(once_in=2), "post_close": True,
            "phase": self.one_of(START), "tick": self.one_of([1, 1, 1, 2]), "lot": self.one_of([1, 1, 1, 2]),
            "ref_price": self.maybe(self.price, once_in=2), "last_price": self.maybe(self.price, once_in=2),
            "limit_low": self.maybe(lambda: self.between(94, 97), once_in=2),
            "limit_high": self.maybe(lambda: self.between(103, 106), once_in=2),
            "dyn_low": self.maybe(lambda: self.between(96, 99), once_in=2),
            "dyn_high": self.maybe(lambda: self.between(101, 104), once_in=2),
        }  # fmt: skip
        return {name: value for name, value in terms.items() if value is not None}

    def event(self, number):
        """Draw an event; most are new orders."""
        return self.other() if self.chance(once_in=4) else self.new(number)

    def new(self, number):
        """Draw a new order; most are plain limit orders, so that something rests."""
        kind = self.one_of(["limit"] * 6 + ["market", "mtl"])
        tif = self.one_of(["gtc"] * 6 + ["day", "gtd", "ioc", "fok", "gfa"])
        new = {
            "id": self.between(1, 14) if self.chance(once_in=5) else number,
            "side": self.one_of(["buy", "sell"]), "qty": self.quantity(), "type": kind, "tif": tif,
            "price": self.price() if kind == "limit" else self.maybe(self.price, once_in=20),
            "until": self.between(0, 3) if tif == "gtd" else None, "stop": self.maybe(self.price),
            "peak": self.maybe(lambda: self.between(0, 6)), "post_only": self.chance(once_in=8),
            "aon": self.chance(once_in=6), "member": self.between(0, 3), "group": self.one_of([0, 0, 0, 1]),
            "stp": self.maybe(lambda: self.one_of(MODES)),
        }  # fmt: skip
        return {"new": {name: value for name, value in new.items() if value is not None}}

    def other(self):
        """Draw an event that is no new order."""
        kinds = [
            "cancel",
            "replace",
            "replace",
            "mass_cancel",
            "phase",
            "uncross",
            "uncross",
            "bands",
            "settlement",
        ]
        kind = self.one_of(kinds)
        return {kind: {name: value for name, value in getattr(self, kind)().items() if value is not None}}

    def cancel(self):
        return {"id": self.between(1, 30)}

    def replace(self):
        return {
            "id": self.between(1, 30), "qty": self.maybe(self.quantity, once_in=2), "of_open": self.chance(once_in=4),
            "price": self.maybe(self.price, once_in=2), "to_back": self.chance(once_in=4),
        }  # fmt: skip

    def mass_cancel(self):
        fields = {
            "member": lambda: self.between(0, 3),
            "group": lambda: 1,
            "side": lambda: self.one_of(["buy", "sell"]),
        }
        name = self.one_of(sorted(fields))
        return {name: fields[name](), "side": self.maybe(fields["side"])}

    def phase(self):
        return {"to": self.one_of([phase.name.lower() for phase in Phase]), "on": self.between(0, 3)}

    def uncross(self):
        to = self.maybe(lambda: self.one_of(["closed", "post_close", "continuous", "halt"]))
        return {"forced": self.chance(once_in=2), "to": to}

    def bands(self):
        return {
            "reference": self.maybe(self.price, once_in=2),
            "limit_low": self.maybe(lambda: self.between(94, 99)),
            "limit_high": self.maybe(lambda: self.between(101, 106)),
            "dyn_low": self.maybe(lambda: self.between(96, 100)),
            "dyn_high": self.maybe(lambda: self.between(100, 104)),
        }  # fmt: skip

    def settlement(self):
        return {"price": self.price()}


def stream(seed, length):
    """Draw an instrument and events for it."""
    dice = Dice(seed)
    return dice.instrument(), [dice.event(number) for number in range(1, length + 1)]


streams = st.builds(stream, st.integers(0, 2**32), st.integers(1, 60))
