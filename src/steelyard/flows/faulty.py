"""What is wrong with the terms of an order, all of it at once: which fields, and the rule that each breaks.

Fields are named as the body of the order names them, with their places in it ("price/value"); what concerns no single
field has the name "". An order whose terms are faulty is refused by one number; a fact beside it holds the list.
"""

from enum import Enum

from steelyard.flows.command import Outcome
from steelyard.flows.diary import Diary
from steelyard.flows.fact import Fact
from steelyard.values.refusal import Refusal


class Rule(Enum):
    """What the terms of an order keep to. The name is recorded, so it never changes its meaning; the words may."""

    SIDE = "must be one of the sides that there are"
    ANSWERED_SIDE = "must be on the side that was asked"
    PARTY = "must be another participant who may trade"
    SELF = "must come from one of the two sides, and who trades"
    TWICE = "must name each once"
    CLASS = "must be a class of receipts that is there"
    GOODS = "must be a class of receipts, or an instrument that is listed"
    CURRENCY = "must be a currency that is booked here"
    ACCOUNTS = "must be a currency in which both sides have an account"
    SITE = "must be a site that is there"
    SERIES = "must be a series of published prices that is there"
    CONTRACT = "must be a contract that is not cleared, within the bounds of this node and with its calendars"
    PLACE = "must be a place of the contract"
    SHIPMENT = "must begin after the trade, and be no longer and end no later than the contract lets it"
    KG = "must be more than 0 kg and less than a billion tonnes"
    LOTS = "must be more than 0 lots, within bounds"
    PRICE = "must be more than 0, within bounds"
    AMOUNT = "must be more than 0 in all, and within what an account holds"
    NO_PRICE = "must name a price to buy at, a price to sell at, or both"
    TIME_AHEAD = "must lie ahead, within the time that the order may run"
    WAIT = "must be more than 0 and at most 400 days"
    PROOF = "must be an id of 16 bytes or a SHA-256 of 32"
    RECEIPT = "must be a free receipt of the seller, of the class"
    TOO_MUCH = "must be no more than the receipt has, and no more than is wanted or bid for"
    QUOTE = "must be of one provider without fees, and buy the very amount in the currency asked for"
    CODE = "must be of capitals, digits, dots, hyphens and underscores, at most 64, no mark first"
    TICK = "must be at least 1 minor unit"
    QUANTITY = "must be at least 1"
    SHARE = "must be 1 to 9,999 basis points"
    SECONDS = "must be 1 to 3,600 seconds"
    PEAKS = "must be 1 to 1,000,000"


class TermsFaulted(Fact, frozen=True, tag="order.faulted"):
    """Why an order was refused, in full: each field with the name of the rule that it breaks."""

    faults: tuple[tuple[str, str], ...]


class Faults:
    """Gathers what is wrong with the terms of an order.

    >>> found = Faults()
    >>> found.unless(2 > 1, "kg", Rule.KG) and found.unless(1 > 2, "side", Rule.SIDE)
    False
    >>> found.found
    [('side', 'SIDE')]
    """

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def unless(self, holds: bool, field: str, rule: Rule) -> bool:
        """Note a fault unless the rule holds; give back whether it does."""
        if not holds:
            self.found.append((field, rule.name))
        return holds

    def refused(self, refusal: Refusal) -> Outcome:
        """Give the outcome of an order that was refused for its terms and changed nothing."""
        diary = Diary()
        diary.fact(TermsFaulted(tuple(dict.fromkeys(self.found))))
        return diary.refused(refusal)
