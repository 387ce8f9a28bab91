"""Terms of trade of deliveries: who bears which cost, more or less than agreed, where it is final, differentials."""

from typing import Any

import msgspec
import pytest

from steelyard.flows.command import Code, Outcome
from steelyard.flows.delivery_terms import CostFields
from steelyard.flows.market_list import ListFields
from steelyard.market.assessment import Method
from steelyard.market.books import Way
from steelyard.market.contracts.spot_receipt import SpotReceipt
from steelyard.market.contracts.terms import Final, Limits, MarginTerms, Measure, Options, Place
from steelyard.market.delivery import DeliveryState
from steelyard.market.incoterms import TERMS, Cost, Party, pays
from steelyard.market.instruments import Instrument
from steelyard.market.prices import Price
from steelyard.market.quality import QualitySchedule
from steelyard.market.refusals.contracts import ContractRefusal as No
from steelyard.market.refusals.delivery import DeliveryRefusal
from steelyard.market.trade_terms import TradeTerms
from steelyard.members.refusals import MemberRefusal
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import DAY
from tests.flows.goods import BUYER, GRADE, HOUSE, JUDGE, LENDER, OTHER, PAPER, RYE, SELLER, SITE, done
from tests.flows.haul import DUE, FOUND, SCHEDULE, moves
from tests.flows.payworld import is_refused, told
from tests.flows.sea import QUAY, Sea

S = DeliveryState
CIF, FOB = TradeTerms("CIF"), TradeTerms("FOB")
PLAIN = QualitySchedule(())


class Trade(Sea):
    """Deliveries on terms of trade."""

    def cost(
        self, delivery: bytes, cost: Cost, minor: int, owner: str = SELLER, currency: str = "OST"
    ) -> Outcome:
        return self.give("delivery.cost", CostFields(delivery, cost, currency, minor, PAPER), owner)

    def published(self, value: str, on: int) -> None:
        """Publish what rye is worth on a day."""
        if "RYE" not in self.world.prices.series:
            assert self.world.prices.set_method("RYE", Method(), from_on=on - 100) is None
        made = self.world.prices.settle("RYE", on, value, source="vwap", digest=PAPER, at=self.at)
        assert isinstance(made, Price), made

    def weighed(self, kg: int, **terms: Any) -> bytes:
        """Bring a delivery of a receipt of so many kg to its invoice; weighed as the receipt says."""
        receipt = self.issue(kg)
        delivery = self.open(schedule=PLAIN, **terms)
        done(self.assign(delivery, receipt))
        done(self.certify(delivery, kg, ()))
        done(self.named("take", delivery, BUYER))
        return delivery


@pytest.fixture
def net() -> Trade:
    return Trade()


def test_costs_are_on_the_invoice_of_who_bears_them_and_paid_with_the_goods(net: Trade) -> None:
    """FOB: the seller has paid freight, 300.00, for the buyer, who has paid export duty, 50.00, for him."""
    delivery, receipt = net.until(S.NOTIFIED, trade=FOB)
    outcome = done(net.cost(delivery, Cost.FREIGHT, 30_000))
    assert [(BUYER, "delivery.cost")] == told(outcome)
    done(net.cost(delivery, Cost.EXPORT_DUTY, 5_000, BUYER))
    done(net.certify(delivery))
    assert is_refused(net.named("take", delivery, BUYER), No.COST_MAY_BE_OBJECTED_TO)
    net.wait(3 * DAY)

    held = net.delivery(delivery)
    assert (S.INVOICED, DUE, DUE + 25_000) == (held.state, held.goods_minor, held.amount_minor)
    net.fund(BUYER, "OST", DUE + 24_999)
    before = net.titles_and_money()
    assert Code.REFUSED == net.fund_delivery(delivery).code
    assert before == net.titles_and_money()
    net.fund(BUYER, "OST", 1)
    outcome = done(net.fund_delivery(delivery))
    assert (0, DUE + 25_000) == (net.balance(BUYER, "OST"), net.balance(SELLER, "OST"))
    assert BUYER == net.receipt(receipt).holder
    assert [("freight", "seller", 30_000), ("export_duty", "buyer", 5_000)] == [
        (cost, by, minor) for cost, by, _, _, minor, _ in moves(outcome)[-1].costs
    ]
    net.check()


@pytest.mark.parametrize("term", sorted(TERMS))
def test_each_side_declares_what_the_other_bears_and_nothing_else(net: Trade, term: str) -> None:
    delivery, _ = net.until(S.NOTIFIED, trade=TradeTerms(term))
    for cost in Cost:
        bearer, payer = (SELLER, BUYER) if pays(term, cost) is Party.SELLER else (BUYER, SELLER)
        assert is_refused(net.cost(delivery, cost, 10, bearer), No.COST_IS_ONES_OWN)
        done(net.cost(delivery, cost, 10, payer))
        assert is_refused(net.cost(delivery, cost, 10, payer), No.COST_IS_DECLARED)
    assert len(Cost) == len(net.delivery(delivery).costs)


def test_a_cost_comes_in_time_from_a_side_under_a_term(net: Trade) -> None:
    bare, _ = net.until(S.NOTIFIED)
    assert is_refused(net.cost(bare, Cost.FREIGHT, 1), No.COST_HAS_NO_TERM)
    delivery, _ = net.until(S.CERTIFIED, trade=FOB)
    assert is_refused(net.cost(delivery, Cost.FREIGHT, 1), No.COST_COMES_TOO_LATE)
    done(net.named("take", delivery, BUYER))
    assert is_refused(net.cost(delivery, Cost.FREIGHT, 1), No.COST_COMES_TOO_LATE)
    assert is_refused(net.cost(delivery, Cost.FREIGHT, 1, OTHER), DeliveryRefusal.DELIVERY_IS_ANOTHERS)
    assert is_refused(net.cost(b"n" * 16, Cost.FREIGHT, 1), DeliveryRefusal.DELIVERY_NOT_FOUND)
    assert is_refused(net.cost(net.open(trade=FOB, buyer=""), Cost.FREIGHT, 1), No.COST_COMES_TOO_LATE)
    late, _ = net.until(S.NOTIFIED, trade=FOB)
    net.at = net.delivery(late).due_at  # not swept yet, and late all the same
    assert is_refused(net.cost(late, Cost.FREIGHT, 1), DeliveryRefusal.DELIVERY_DEADLINE_HAS_PASSED)


def test_costs_come_to_no_more_than_the_goods(net: Trade) -> None:
    delivery, _ = net.until(S.NOTIFIED, trade=FOB)
    for minor in (0, DUE + 1, AMOUNT_END, 2**62):
        assert is_refused(net.cost(delivery, Cost.FREIGHT, minor), No.COST_OUT_OF_RANGE)
    done(net.cost(delivery, Cost.FREIGHT, DUE))
    assert is_refused(net.cost(delivery, Cost.DUTY, 1), No.COST_OUT_OF_RANGE)
    done(net.cost(delivery, Cost.LOADING, DUE, BUYER))


def test_a_cost_in_another_currency_counts_at_the_rate_of_the_moment(net: Trade) -> None:
    """Two NOR for one OST: 101 minor units are 50.5, half to even 50."""
    delivery, _ = net.until(S.NOTIFIED, trade=FOB)
    net.world.fx.rate_book = type(net.world.fx.rate_book)()  # nothing was ever published
    assert is_refused(net.cost(delivery, Cost.FREIGHT, 101, currency="NOR"), No.COST_HAS_NO_RATE)
    net.rate("OST", "NOR", 2, 1)
    assert is_refused(net.cost(delivery, Cost.FREIGHT, 1, currency="XXX"), MemberRefusal.CURRENCY_NOT_FOUND)
    assert is_refused(net.cost(delivery, Cost.FREIGHT, 1, currency="NOR"), No.COST_OUT_OF_RANGE)
    done(net.cost(delivery, Cost.FREIGHT, 101, currency="NOR"))
    (cost,) = net.delivery(delivery).costs
    assert ("NOR", 101, 50) == (cost.currency, cost.paid_minor, cost.amount_minor)


def test_people_rule_where_the_buyers_costs_eat_up_the_goods(net: Trade) -> None:
    """Wet goods are worth less than the loading that the buyer says he has paid: the ruling leaves it out."""
    delivery, _ = net.until(S.NOTIFIED, trade=FOB)
    done(net.cost(delivery, Cost.LOADING, DUE, BUYER))
    wet = (("moisture", 15_000_000), ("protein", 11_500_000))
    outcome = done(net.certify(delivery, 50_000, wet))
    assert ["CERTIFIED", "DISPUTED"] == [one.state for one in moves(outcome)]
    assert No.COSTS_EXCEED_GOODS.code == moves(outcome)[-1].refusal
    assert is_refused(net.rule(delivery, 0), No.COSTS_EXCEED_GOODS)
    done(net.rule(delivery, 0, without=(Cost.LOADING,)))
    held = net.delivery(delivery)
    assert (S.CERTIFIED, (), 1_186_032) == (held.state, held.costs, held.amount_minor)  # 49.418 t x 240.00


def test_a_place_differs_by_its_differential(net: Trade) -> None:
    """50 t at 240.00 + 1.50, and at 240.00 - 239.99."""
    delivery, _ = net.until(S.INVOICED, trade=TradeTerms(place="ROCND", differential_minor=150))
    assert 50 * 24_150 == net.delivery(delivery).amount_minor
    least, _ = net.until(S.INVOICED, trade=TradeTerms(place="ROCND", differential_minor=-23_999))
    assert 50 == net.delivery(least).amount_minor


@pytest.mark.parametrize(
    ("kg", "due"),
    [
        (45_000, 45 * 24_000),
        (52_500, 525 * 2_400),  # all of it within 5 %
        (52_501, 525 * 2_400 + 26),
        (55_000, 525 * 2_400 + 25 * 2_600),
    ],
)
def test_a_full_cargo_beyond_the_tolerance_is_paid_at_the_market(net: Trade, kg: int, due: int) -> None:
    """50 t agreed at 240.00, the market is at 260.00: what is above 52.5 t is paid at that."""
    net.published("26000", net.at // DAY)
    delivery = net.weighed(kg, trade=TradeTerms(full_cargo_bp=1_000), benchmark="RYE")

    assert due == net.delivery(delivery).amount_minor
    assert (kg > 52_500) is (due != kg * 24)


@pytest.mark.parametrize("kg", [44_999, 55_001])
def test_no_cargo_differs_by_more_than_ten_per_cent(net: Trade, kg: int) -> None:
    delivery = net.open(
        schedule=PLAIN, trade=TradeTerms(full_cargo_bp=1_000), benchmark=net.published("1", 1) or "RYE"
    )
    assert is_refused(net.assign(delivery, net.issue(kg)), DeliveryRefusal.DELIVERY_GOODS_DO_NOT_FIT)
    done(net.assign(delivery, net.issue(50_000)))
    done(net.certify(delivery, kg, ()))
    assert S.SELLER_FAILED is net.state(delivery)


def test_the_market_is_that_of_the_day_of_the_bill_of_lading(net: Trade) -> None:
    """Loaded at 260.00, certified a day later at 300.00; a correction of the day counts."""
    bill = net.bill(net.loading(), 55_000)
    loaded_on = net.at // DAY
    net.published("25000", loaded_on - 3)
    net.published("25500", loaded_on)
    net.world.prices.correct("RYE", loaded_on, "26000", source="vwap", digest=PAPER, reason="late", at=net.at)
    net.wait(DAY)
    net.published("30000", loaded_on + 1)
    delivery = net.open(schedule=PLAIN, trade=TradeTerms("CIF", full_cargo_bp=1_000), benchmark="RYE")
    done(net.assign(delivery, bill=bill))
    done(net.certify(delivery, 55_000, ()))

    assert loaded_on == net.delivery(delivery).loaded_on
    assert 525 * 2_400 + 25 * 2_600 == net.delivery(delivery).amount_minor


def test_what_is_final_at_discharge_is_certified_after_it(net: Trade) -> None:
    voyage = net.loading()
    bill = net.bill(voyage, 50_000)
    final = TradeTerms("CIF", final_at=Final.DISCHARGE)
    for wrong in ({}, {"voyage": voyage, "after_step": "CLEARED"}, {"site": QUAY}):
        refused = net.two("delivery.open", net.terms(trade=final, **wrong), "operator")
        assert is_refused(refused, No.QUALITY_IS_FINAL_AT_DISCHARGE)
    delivery = net.open(trade=final, site=QUAY, voyage=voyage, after_step="CLEARED")
    done(net.assign(delivery, bill=bill))
    assert is_refused(net.certify(delivery), No.QUALITY_IS_FINAL_AT_DISCHARGE)
    for step, owner in (("PASSED_OUT", JUDGE), ("CLEARED", JUDGE)):
        done(net.report(voyage, step, owner))
    assert is_refused(net.certify(delivery), No.QUALITY_IS_FINAL_AT_DISCHARGE)
    done(net.report(voyage, "DISCHARGED", LENDER))
    done(net.certify(delivery))
    assert S.CERTIFIED is net.state(delivery)


CONTRACT = SpotReceipt(
    code="RYE-C", commodity="rye", grade=GRADE, measure=Measure.KG, unit=50_000, price_per=1_000, tick_minor=1,
    currency="OST", places=(Place(SITE), Place(QUAY, 150)), quality=SCHEDULE, incoterm="FCA", options=Options(),
    limits=Limits(), margin=MarginTerms(1), calendars=("OST",), from_on=20_000, source="own",
)  # fmt: skip
FITS = {"trade": TradeTerms("FCA", QUAY, 150), "instrument": "RYE-C", "benchmark": "RYE"}


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"trade": TradeTerms("FCA", SITE)}, True),
        ({"trade": TradeTerms("FCA", QUAY, 150, 1_000)}, True),
        ({"trade": TradeTerms("FCA", QUAY, 151)}, False),
        ({"trade": TradeTerms("FOB", QUAY, 150)}, False),
        ({"trade": TradeTerms("FCA", HOUSE)}, False),
        ({"trade": TradeTerms("FCA", QUAY, 150, 999)}, False),
        ({"trade": TradeTerms("FCA", QUAY, 150, 0, Final.DISCHARGE)}, False),
        ({"tolerance_bp": 499}, False),
        ({"unit_kg": 49_999}, False),
        ({"schedule": PLAIN}, False),
        ({"schedule": QualitySchedule((SCHEDULE.factors[0],))}, False),
        (
            {"trade": TradeTerms("FCA", QUAY, 301), "currency": "NOR"},
            True,
        ),  # in other money they say it themselves
        ({"trade": TradeTerms("FCA", HOUSE, 301), "currency": "NOR"}, False),
        ({"trade": TradeTerms("FCA", QUAY, 301), "currency": "NOR", "schedule": PLAIN}, False),
    ],
)
def test_a_listed_contract_binds_its_deliveries(net: Trade, changes: dict[str, Any], fits: bool) -> None:
    net.published("1", net.at // DAY)
    instrument = Instrument(code="RYE-C", currency="OST")
    fields = ListFields(instrument, "RYE-C", Way.SPOT, RYE, 1_000, terms=msgspec.msgpack.encode(CONTRACT))
    done(net.two("instrument.list", fields, "operator"))
    outcome = net.two("delivery.open", net.terms(**FITS | changes), "operator")

    assert fits is (outcome.code == Code.DONE)
    assert fits or is_refused(outcome, No.CONTRACT_TERMS_DIFFER)


@pytest.mark.parametrize(
    "trade",
    [TradeTerms("FAS"), TradeTerms(differential_minor=1), TradeTerms(place="A", differential_minor=-24_000),
     TradeTerms(place="A", differential_minor=AMOUNT_END), TradeTerms(full_cargo_bp=10_000)],
)  # fmt: skip
def test_terms_of_trade_that_cannot_be_are_refused(net: Trade, trade: TradeTerms) -> None:
    outcome = net.two("delivery.open", net.terms(trade=trade), "operator")
    assert is_refused(outcome, DeliveryRefusal.DELIVERY_TERMS_OUT_OF_RANGE)


def test_a_full_cargo_names_the_series_that_prices_it(net: Trade) -> None:
    outcome = net.two("delivery.open", net.terms(trade=TradeTerms(full_cargo_bp=501)), "operator")
    assert is_refused(outcome, No.CONTRACT_MARKET_IS_MISSING)


def test_the_certificate_of_a_full_cargo_counts_moisture_for_both_prices(net: Trade) -> None:
    """55 t at 15 %: 54,360 kg; 525 of 550 parts at 240.00, 25 at 260.00 = 240.909..; 13,095.8181.. is rounded once."""
    net.published("26000", net.at // DAY)
    delivery = net.open(trade=TradeTerms(full_cargo_bp=1_000), benchmark="RYE")
    done(net.assign(delivery, net.issue(55_000)))
    done(net.certify(delivery, 55_000, (("moisture", 15_000_000), FOUND[1])))

    assert (54_360, 1_309_582) == (net.delivery(delivery).net_kg, net.delivery(delivery).goods_minor)
