"""Deliveries of a cleared contract: longs by the days of their positions, lots that end with them, no lot twice."""

import pytest

from steelyard.flows import clearing_cover
from steelyard.flows.clearing_receipts import NamedFields, SeizeFields
from steelyard.flows.delivery_notice import NoticeFields
from steelyard.market.clearing import positions
from steelyard.market.delivery import DeliveryState
from steelyard.market.quality import QualitySchedule
from steelyard.market.receipts import ReceiptState
from steelyard.market.refusals.clearing import ClearingRefusal
from steelyard.market.refusals.delivery import DeliveryRefusal as No
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.members.people import PERSON, Actor
from steelyard.members.roles import Role
from steelyard.values.instants import DAY
from tests.flows.clearings import House
from tests.flows.goods import BUYER, JUDGE, OTHER, RYE, SELLER, done
from tests.flows.haul import Haul, moves, opened
from tests.flows.payworld import PONS, is_refused

S = DeliveryState
SEP = "WHEAT.SEP"


class Pit(House):
    """A house that clears in NOR, in a network that handles grain."""

    def __init__(self) -> None:
        self.haul = Haul()
        super().__init__(self.haul)
        self.begin(cash=40_000_000, margin=5_000_000)
        for number in (1, 2):
            person = Actor(
                f"p-{JUDGE}-{number}", JUDGE, PERSON, (Role.INSPECTOR,), public_key=bytes([number]) * 32
            )
            self.world.members.put_actor(person)

    def settle(self, price: int = 24_000) -> None:
        self.ok(self.call((SEP, price)))
        assert not self.house.runs

    def open(self, lots: int, **more: object) -> object:
        terms = self.haul.terms(instrument=SEP, currency="NOR", lots=lots, **more)
        return self.haul.two("delivery.open", terms, "operator")

    def notice(self, *longs: tuple[str, int, int]) -> object:
        return self.haul.two("delivery.notice", NoticeFields(SEP, longs), "operator")

    def lots(self, owner: str) -> int:
        assert positions.closed(self.house.book)
        return positions.of(self.house.book, SEP, owner).lots

    def deliver(self, delivery: bytes, owner: str) -> object:
        """Certify, take and pay a delivery that is notified."""
        kg = self.haul.delivery(delivery).terms.kg
        done(self.haul.certify(delivery, kg))
        done(self.haul.named("take", delivery, owner))
        return self.haul.fund_delivery(delivery, owner=owner)


@pytest.fixture
def pit() -> Pit:
    return Pit()


def test_notices_go_to_the_oldest_longs_that_the_clearing_knows(pit: Pit) -> None:
    """P of day 1 with ten lots, Q and R of day 2 with nine and six: of eighteen P gets 10, Q 5, R 3."""
    assert pit.trade(BUYER, SELLER, 10, 24_000) is None
    pit.net.at += DAY
    assert pit.trade(JUDGE, SELLER, 9, 24_000) is None
    assert pit.trade(OTHER, SELLER, 6, 24_000) is None
    pit.settle()
    delivery = opened(pit.open(18, buyer=""))
    done(pit.haul.assign(delivery, pit.haul.issue(900_000)))
    assert is_refused(pit.notice((BUYER, 1, 18)), No.DELIVERY_TERMS_OUT_OF_RANGE)

    dealt = {moved.buyer: moved.lots for moved in moves(done(pit.notice()))}
    assert {BUYER: 10, JUDGE: 5, OTHER: 3} == dealt
    pit.net.check()


def test_what_closes_lots_closes_the_oldest_and_what_was_dealt_out_is_not_dealt_again(pit: Pit) -> None:
    """Bram sells his two of day 1 and has three of day 2; then Arne, of day 1 still, is first."""
    assert pit.trade(BUYER, SELLER, 2, 24_000) is None
    assert pit.trade(OTHER, SELLER, 2, 24_000) is None
    pit.net.at += DAY
    assert pit.trade(BUYER, SELLER, 3, 24_000) is None
    assert pit.trade(SELLER, BUYER, 2, 24_000) is None
    pit.settle()
    for buyer, lots in ((OTHER, 2), (BUYER, 3)):
        delivery = opened(pit.open(lots, buyer=""))
        done(pit.haul.assign(delivery, pit.haul.issue(lots * 50_000)))
        assert {buyer: lots} == {moved.buyer: moved.lots for moved in moves(done(pit.notice()))}
    assert is_refused(pit.open(1, buyer=""), No.DELIVERY_LOTS_ARE_NOT_HELD)


def test_settling_a_delivery_ends_the_lots_of_both_sides(pit: Pit) -> None:
    assert pit.trade(BUYER, SELLER, 4, 23_900) is None
    pit.settle()
    delivery = opened(pit.open(3, buyer=""))
    done(pit.haul.assign(delivery, pit.haul.issue(150_000)))
    done(pit.notice())
    assert (4, -4) == (pit.lots(BUYER), pit.lots(SELLER))
    before = pit.net.balance(SELLER, "NOR")
    done(pit.deliver(delivery, BUYER))

    assert S.SETTLED is pit.haul.state(delivery)
    assert (1, -1) == (pit.lots(BUYER), pit.lots(SELLER))
    assert 3 * 1_200_000 == pit.net.balance(SELLER, "NOR") - before
    assert 150_000 == pit.haul.kg(BUYER)
    pit.settle(24_100)
    assert (1, -1) == (pit.lots(BUYER), pit.lots(SELLER))
    pit.net.check()


@pytest.mark.parametrize("later", [22_000, 24_000, 26_000])
def test_goods_and_margin_come_to_the_price_of_the_trade_wherever_the_market_goes(
    pit: Pit, later: int
) -> None:
    """Bought at 239.00, opened at 240.00 and paid after another run: never is a move of the market paid twice."""
    before = {owner: pit.net.balance(owner, "NOR") for owner in (BUYER, SELLER)}
    assert pit.trade(BUYER, SELLER, 3, 23_900) is None
    pit.settle()
    delivery = opened(pit.open(3, buyer=BUYER))
    done(pit.haul.assign(delivery, pit.haul.issue(150_000)))
    pit.settle(later)
    done(pit.deliver(delivery, BUYER))
    if later != 24_000:
        pit.settle(later)

    assert {} == pit.house.book
    paid = 3 * 50 * 23_900
    assert {BUYER: -paid, SELLER: paid} == {
        owner: pit.net.balance(owner, "NOR") - before[owner] for owner in before
    }
    pit.net.check()


def test_a_failed_delivery_makes_up_for_the_price_of_the_trade_too(pit: Pit) -> None:
    """The seller fails, the goods cost 260.00 now: the buyer has them for 239.00 all in all, and 5 % of 240.00."""
    before = pit.net.balance(BUYER, "NOR")
    assert pit.trade(BUYER, SELLER, 1, 23_900) is None
    pit.settle()
    short = opened(pit.open(1, buyer=BUYER))
    pit.settle(26_000)
    pit.net.wait(2 * DAY)
    pit.haul.unsold(short)
    done(pit.haul.rule(short, 2, market_minor=26_000))
    pit.settle(26_000)

    assert 50 * (26_000 - 23_900 + 1_200) == pit.net.balance(BUYER, "NOR") - before


@pytest.mark.parametrize(("in_default", "paid"), [(False, 600_000), (True, 0)])
def test_a_delivery_that_is_not_cleared_takes_no_margin_that_clearing_needs(
    pit: Pit, in_default: bool, paid: int
) -> None:
    """Of 50,000.00 on the margin account 80 lots need 44,000.00: a side deal that fails takes the rest at most."""
    assert pit.trade(BUYER, SELLER, 80, 24_000) is None
    pit.settle()
    beside = done(pit.haul.two("delivery.open", pit.haul.terms(buyer=OTHER, currency="NOR"), "operator"))
    delivery = moves(beside)[0].delivery_id
    pit.net.wait(2 * DAY)
    pit.haul.unsold(delivery)
    if in_default:
        pit.ok(pit.open_case(SELLER))
    (over,) = moves(done(pit.haul.rule(delivery, 2, market_minor=64_000)))

    assert (paid, 2_060_000 - paid) == (over.amount_minor, over.owed_minor)
    pit.check()


def test_a_cleared_delivery_has_a_whole_price_a_tonne(pit: Pit) -> None:
    assert pit.trade(BUYER, SELLER, 3, 23_900) is None
    pit.settle()
    for wrong in ({"schedule": QualitySchedule((), price_kg=7_001)}, {"price_minor": 10**17}):
        assert is_refused(pit.open(3, buyer=BUYER, **wrong), No.DELIVERY_TERMS_OUT_OF_RANGE)


def test_no_lot_is_delivered_twice(pit: Pit) -> None:
    """Neither by a second delivery of the same short, nor by selling what is on its way."""
    assert pit.trade(BUYER, SELLER, 4, 24_000) is None
    assert is_refused(pit.open(4, buyer=""), No.DELIVERY_LOTS_ARE_NOT_HELD)  # no settlement price yet
    pit.settle()
    first = opened(pit.open(3, buyer=""))
    assert is_refused(pit.open(2, buyer=""), No.DELIVERY_LOTS_ARE_NOT_HELD)
    assert is_refused(pit.open(1, buyer=OTHER), No.DELIVERY_LOTS_ARE_NOT_HELD)
    assert is_refused(pit.open(1, buyer="", unit_kg=49_999), No.DELIVERY_LOTS_ARE_NOT_HELD)
    receipt = pit.haul.issue(150_000)
    done(pit.haul.assign(first, receipt))
    done(pit.notice())
    second = opened(pit.open(1, buyer=BUYER))
    assert is_refused(pit.haul.assign(second, receipt), TitleRefusal.RECEIPT_IS_LOCKED)
    assert ClearingRefusal.CLEARING_LOTS_ARE_IN_DELIVERY is pit.trade(OTHER, BUYER, 1, 24_000)
    assert ClearingRefusal.CLEARING_LOTS_ARE_IN_DELIVERY is pit.trade(SELLER, OTHER, 1, 24_000)
    assert pit.trade(BUYER, OTHER, 1, 24_000) is None
    assert pit.trade(OTHER, BUYER, 1, 24_000) is None
    done(pit.deliver(first, BUYER))
    assert (1, -1) == (pit.lots(BUYER), pit.lots(SELLER))
    pit.net.check()


def test_a_seller_who_is_cornered_pays_from_his_margin_and_nobodys_lots_stay(pit: Pit) -> None:
    """Ten lots sold, goods for four to be had: the six fail, 20.00 a tonne dearer and 5 % of 240.00."""
    assert pit.trade(BUYER, SELLER, 10, 24_000) is None
    pit.settle()
    good = opened(pit.open(4, buyer=BUYER))
    short = opened(pit.open(6, buyer=BUYER))
    done(pit.haul.assign(good, pit.haul.issue(200_000)))
    done(pit.deliver(good, BUYER))
    assert (6, -6) == (pit.lots(BUYER), pit.lots(SELLER))
    pit.net.wait(2 * DAY)
    assert S.SELLER_FAILED is pit.haul.state(short)
    pit.haul.unsold(short)
    before = pit.net.balance(BUYER, "NOR")
    (over,) = moves(done(pit.haul.rule(short, 2, market_minor=26_000)))

    assert ("CANCELLED", 960_000, 0) == (over.state, over.amount_minor, over.owed_minor)
    assert 960_000 == pit.net.balance(BUYER, "NOR") - before
    assert (0, 0) == (pit.lots(BUYER), pit.lots(SELLER))
    pit.haul.holds_nothing(short)


def test_a_dispute_that_is_cancelled_leaves_the_lots_to_be_delivered_anew(pit: Pit) -> None:
    assert pit.trade(BUYER, SELLER, 1, 24_000) is None
    pit.settle()
    delivery = opened(pit.open(1, buyer=BUYER))
    done(pit.haul.assign(delivery, pit.haul.issue(50_000)))
    done(pit.haul.certify(delivery))
    done(pit.haul.paper("object", delivery, BUYER))
    done(pit.haul.rule(delivery, 2))

    assert (1, -1) == (pit.lots(BUYER), pit.lots(SELLER))
    opened(pit.open(1, buyer=BUYER))
    pit.net.check()


def test_lots_that_a_default_has_taken_cannot_be_paid_for(pit: Pit) -> None:
    assert pit.trade(BUYER, SELLER, 1, 24_000) is None
    pit.settle()
    delivery = opened(pit.open(1, buyer=BUYER))
    done(pit.haul.assign(delivery, pit.haul.issue(50_000)))
    positions.tear_up(pit.house.book, SEP, SELLER, 24_000)
    assert is_refused(pit.deliver(delivery, BUYER), ClearingRefusal.CLEARING_LOTS_OUT_OF_RANGE)
    assert S.INVOICED is pit.haul.state(delivery)


def test_a_lodged_receipt_stays_while_its_holder_owes_in_an_open_run(pit: Pit) -> None:
    """As cash does; when the run is over it goes back, for it covers nothing."""
    pit.ok(pit.accept(RYE, "receipt", "NOR", 2_500, 0, 20, 1, 5_000))
    lodged = NamedFields(pit.haul.issue(50_000))
    pit.ok(pit.net.give("clearing.receipt.lodge", lodged, SELLER))
    assert pit.trade(BUYER, SELLER, 1, 24_000) is None
    pit.drain(SELLER)
    pit.ok(pit.call((SEP, 24_025)))
    assert is_refused(
        pit.net.give("clearing.receipt.return", lodged, SELLER), ClearingRefusal.COLLATERAL_IS_NEEDED
    )
    pit.wait(60_000)

    pit.ok(pit.net.give("clearing.receipt.return", lodged, SELLER))
    assert ReceiptState.ISSUED is pit.haul.receipt(lodged.receipt_id).state
    pit.net.check()


def test_a_lodged_receipt_covers_its_share_and_nothing_once_it_is_no_longer_valid(pit: Pit) -> None:
    """50 t count 7,500.00, ten lots need 5,500.00, and receipts cover half of that at most."""
    pit.ok(pit.accept(RYE, "receipt", "NOR", 2_500, 0, 20, 1, 5_000))
    end = pit.net.at + DAY
    lodged = NamedFields(pit.haul.issue(50_000, valid_until=end))
    pit.ok(pit.net.give("clearing.receipt.lodge", lodged, SELLER))
    assert pit.trade(BUYER, SELLER, 10, 24_000) is None

    def covered() -> int:
        (one,) = clearing_cover.covers(pit.world, SELLER, pit.net.at, less={"NOR": 5_000_000})
        return one.covered_minor

    assert 275_000 == covered()
    pit.net.at = end - 1
    assert 275_000 == covered()
    pit.net.at = end
    assert 0 == covered()


def test_a_defaulters_receipt_goes_to_the_sponsor_once(pit: Pit) -> None:
    pit.ok(pit.accept(RYE, "receipt", "NOR", 2_500, 0, 20, 1, 5_000))
    lodged = NamedFields(pit.haul.issue(50_000))
    pit.ok(pit.net.give("clearing.receipt.lodge", lodged, SELLER))
    seizing = SeizeFields(lodged.receipt_id, "NOR")
    assert is_refused(pit.operator("clearing.receipt.seize", seizing), ClearingRefusal.CLEARING_CASE_UNKNOWN)
    pit.ok(pit.open_case(SELLER))
    assert is_refused(
        pit.net.give("clearing.receipt.return", lodged, SELLER), ClearingRefusal.COLLATERAL_IS_NEEDED
    )
    pit.ok(pit.operator("clearing.receipt.seize", seizing))
    assert (PONS, ReceiptState.ISSUED) == (
        pit.haul.receipt(lodged.receipt_id).holder, pit.haul.receipt(lodged.receipt_id).state,
    )  # fmt: skip
    assert is_refused(pit.operator("clearing.receipt.seize", seizing), ClearingRefusal.CLEARING_CASE_UNKNOWN)
    pit.net.check()
