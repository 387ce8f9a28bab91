"""Energy contracts through the Machine: agreed, nominated, taken, paid by the month, settled by the year."""

from fractions import Fraction
from hashlib import sha256

import pytest
from msgspec import structs

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows.approve import ApproveFields, ProposeFields
from steelyard.flows.command import NO_FIELDS, Code, Command, encode, raw
from steelyard.flows.energy import (
    GiveUpFields,
    IndexFields,
    MonthFields,
    NamedFields,
    NominateFields,
    RegisterFields,
    TakeFields,
)
from steelyard.flows.energy_bill import PayFields
from steelyard.flows.energy_facts import SupplyMonth, SupplyYear
from steelyard.market.assessment import Assessed, Method, Rung
from steelyard.market.basis import Basis, Source
from steelyard.market.energy import supplies
from steelyard.market.energy.supplies import Supplies, SupplyState, SupplyTerms, month_begins
from steelyard.market.prices import Price
from steelyard.market.refusals.energy import EnergyRefusal as No
from steelyard.members.people import PERSON, Actor
from steelyard.members.roles import Role
from steelyard.values.instants import DAY, civil
from tests.flows.payworld import ANNA, BRAM, CLEO, PONS, START, Network, facts, is_refused

YEAR, MONTH, _ = civil(START // DAY)
FIRST = (YEAR - 1970) * 12 + MONTH  # the month after the present one
TERMS = SupplyTerms(
    BRAM, "NOR", "MWh", 2_000, (4, 5), FIRST, 2, (("hub", 200), ("coast", 50)), "gas", (50, 1), (3, 1),
    above=(1, 10), tolerance=(1, 10), notice_ns=10 * DAY,
)  # fmt: skip


class Gas(Network):
    """ANNA sells to BRAM; the index is 200 in every month, so a unit costs 650."""

    def __init__(self, terms=TERMS, *, agreed=True, money=10**9):
        super().__init__()
        if money:
            self.fund(BRAM, "NOR", money)
        self.outcome = self.give("energy.register", RegisterFields(terms), ANNA)
        self.id = next(iter(self.world.supplies.live), b"")
        if agreed:
            assert self.do("agree", BRAM).code == Code.DONE

    @property
    def contract(self):
        return self.world.supplies.live[self.id]

    def do(self, verb, sender):
        return self.give(f"energy.{verb}", NamedFields(self.id), sender)

    def nominate(self, month, *points):
        return self.give("energy.nominate", NominateFields(self.id, FIRST + month, points), BRAM)

    def take(self, month, taken, shortfall=0, force_majeure=0):
        return self.give(
            "energy.take", TakeFields(self.id, FIRST + month, taken, shortfall, force_majeure), ANNA
        )

    def confirm(self, month):
        return self.give("energy.confirm", MonthFields(self.id, FIRST + month), BRAM)

    def index(self, month, num=200, den=1, sender="operator"):
        """Enter the index's value by two persons."""
        fields = IndexFields("gas", FIRST + month, num, den, "the exchange's report")
        if sender != "operator":
            return self.give("energy.index", fields, sender)
        for person in ("p-op-1", "p-op-2"):
            if self.world.members.actors.get(person) is None:
                self.world.members.put_actor(Actor(person, "operator", PERSON, (Role.OPERATOR,)))
        self._number += 1
        inner_id = (self.at // 1_000_000).to_bytes(6, "big") + sha256(b"i%d" % self._number).digest()[:10]
        inner = encode(
            Command("energy.index", 1, inner_id, sender, "p-op-1", 0, raw(fields), NO_FIELDS, inner_id)
        )
        (one,) = facts(self.give("propose", ProposeFields(inner), sender, actor="p-op-1"))
        return self.give("approve", ApproveFields(one.proposal, one.shown), sender, actor="p-op-2")

    def reach(self, month):
        """Let the first instant of a month come."""
        self.at = max(self.at, month_begins(FIRST + month))

    def month(self, month, taken, nominated=0, shortfall=0, force_majeure=0):
        """Do all of a month."""
        if nominated:
            assert self.nominate(month, ("hub", nominated)).code == Code.DONE
        self.reach(month + 1)
        for one in range(month - 3, month + 1):
            self.index(one)
        assert self.take(month, taken, shortfall, force_majeure).code == Code.DONE
        assert self.confirm(month).code == Code.DONE

    def year(self, start, taken, **first):
        """Do a whole year; the quantity falls into its first months, 150 each."""
        left = taken
        for month in range(start, start + 12):
            part = min(left, 150)
            left -= part
            self.month(month, part, **(first if month == start else {}))
        assert not left
        return self.do("settle_year", ANNA)


def settled(outcome):
    """Give the fact of a settled year."""
    (found,) = [one for one in facts(outcome) if isinstance(one, SupplyYear)]
    return found


def test_a_short_year_is_paid_and_recovered_in_the_next():
    """2,000 a year, 80 %: 100 the seller's shortfall and 50 force majeure leave 1,480; 1,300 taken, 180 paid."""
    gas = Gas()
    gas.nominate(0, ("hub", 200))
    for _ in (1,):  # of 200 nominated 50 were taken
        gas.reach(1)
        for one in range(-3, 1):
            gas.index(one)
        assert is_refused(gas.take(0, 50, 100, 51), No.TAKE_OUT_OF_RANGE)
        assert gas.take(0, 50, 100, 50).code == Code.DONE
        assert gas.confirm(0).code == Code.DONE
    for month in range(1, 12):
        gas.month(month, 125 if month < 11 else 0)
    before = gas.balance(ANNA, "NOR")
    one = settled(gas.do("settle_year", BRAM))

    assert (1_300, "1480", "180", "650", 117_000) == (
        one.taken, one.top_quantity, one.deficiency, one.price, one.payment_minor,
    )  # fmt: skip
    assert (before - 1_300 * 650, gas.balance(ANNA, "NOR") - before) == (0, 117_000)
    before = gas.balance(ANNA, "NOR") + gas.balance(BRAM, "NOR"), gas.balance(ANNA, "NOR")
    two = settled(gas.year(12, 1_700))
    assert ("1600", "100", "80", 0) == (two.top_quantity, two.recovered, two.bank, two.payment_minor)
    assert two.repaid_minor == 65_000  # recovered at 650: paid the year before, and again as it was taken
    assert gas.balance(ANNA, "NOR") == before[1] + 1_700 * 650 - 65_000
    assert gas.balance(ANNA, "NOR") + gas.balance(BRAM, "NOR") == before[0]
    assert gas.world.supplies.live == {}
    gas.again()


def test_a_month_is_paid_when_the_buyer_confirms_it():
    """Once, when the month is over, at the price of its index; to the minor unit, half-even."""
    gas = Gas(structs.replace(TERMS, base=(1, 2), slope=(1, 1)))
    assert is_refused(gas.take(0, 5), No.TAKE_OUT_OF_RANGE)  # not begun
    gas.reach(0)
    assert gas.take(0, 5).code == Code.DONE
    assert is_refused(gas.confirm(0), No.TAKE_OUT_OF_RANGE)  # not over
    gas.reach(1)
    assert is_refused(gas.confirm(0), No.INDEX_IS_NOT_KNOWN)
    for month in range(-3, 0):
        gas.index(month, 1)
    outcome = gas.confirm(0)  # 5 x 1.5 = 7.5

    assert gas.balance(ANNA, "NOR") == 8
    (fact,) = [one for one in facts(outcome) if isinstance(one, SupplyMonth)]
    assert ("3/2", 8, "CONFIRMED") == (fact.price, fact.amount_minor, fact.event)
    assert is_refused(gas.confirm(0), No.TAKE_OUT_OF_RANGE)
    assert is_refused(gas.take(0, 6), No.TAKE_OUT_OF_RANGE)


def test_without_money_nothing_is_confirmed():
    """The month waits; with money it is confirmed."""
    gas = Gas(money=100)
    gas.reach(1)
    for month in range(-3, 0):
        gas.index(month)
    gas.take(0, 5)

    assert is_refused(gas.confirm(0), EngineRefusal.LIQUIDITY_IS_SHORT)
    assert not gas.contract.months[FIRST].confirmed
    gas.fund(BRAM, "NOR", 10_000)
    assert gas.confirm(0).code == Code.DONE


def test_a_month_may_be_paid_later_or_by_a_quote():
    """Without money the month makes a bill, which a payment of its UETR pays; or SUD pay it at a firm rate."""
    gas = Gas(money=0)
    gas.reach(2)
    for month in range(-3, 1):
        gas.index(month)
    assert gas.take(0, 5).code == gas.take(1, 4).code == Code.DONE
    assert gas.give("energy.confirm", MonthFields(gas.id, FIRST, later=True), BRAM).code == Code.DONE
    (bill,) = gas.world.deals.bills.values()
    assert (BRAM, ANNA, 3_250, "month") == (bill.debtor, bill.creditor, bill.amount_minor, bill.what)
    gas.pay(BRAM, ANNA, "NOR", 3_250, uetr=bill.uetr)
    gas.fund(BRAM, "NOR", 3_250)  # it waited for money, and goes now
    gas.take(2, 0)  # any command tells of it
    assert {} == gas.world.deals.bills
    gas.fund(PONS, "NOR", 10**6, "fx")
    gas.fund(BRAM, "SUD", 10**6)
    gas.sheet(PONS, "SUD", "NOR", (1, 2, 1))
    (quote,) = gas.quote(BRAM, "SUD", "NOR", 2_600, send=False)
    wrong = MonthFields(gas.id, FIRST + 1, bytes(16))
    assert gas.give("energy.confirm", wrong, BRAM).code == Code.REFUSED
    assert gas.give("energy.confirm", MonthFields(gas.id, FIRST + 1, quote.quote_id), BRAM).code == Code.DONE

    assert (5_850, 10**6 - 1_300) == (gas.balance(ANNA, "NOR"), gas.balance(BRAM, "SUD"))
    gas.check()


def test_a_year_is_settled_without_money_and_its_bill_stays_open():
    """The buyer owes what he did not take; the next year begins all the same."""
    gas = Gas(money=0)
    for month in range(12):
        gas.month(month, 0)
    one = settled(gas.do("settle_year", ANNA))
    (bill,) = gas.world.deals.bills.values()

    assert (1_600 * 650, b"") == (one.payment_minor, one.bundle_id)
    assert ("deficiency", 1_600 * 650, BRAM) == (bill.what, bill.amount_minor, bill.debtor)
    assert gas.contract.year == 1
    assert is_refused(gas.give("energy.pay", PayFields(bill.bill_id), BRAM), EngineRefusal.LIQUIDITY_IS_SHORT)
    gas.fund(BRAM, "NOR", 1_600 * 650)
    assert gas.give("energy.pay", PayFields(bill.bill_id), BRAM).code == Code.DONE
    gas.check()


def test_no_year_takes_more_than_the_line_of_who_owes_it():
    """The seller alone settles the year: the buyer's money stays where it is until two of his people pay the bill."""
    gas = Gas()
    for month in range(12):
        gas.month(month, 0)
    gas.set(BRAM, lines_minor={"NOR": 1_600 * 650 - 1})
    one = settled(gas.do("settle_year", ANNA))
    (bill,) = gas.world.deals.bills.values()

    assert (b"", 10**9, 0) == (one.bundle_id, gas.balance(BRAM, "NOR"), gas.balance(ANNA, "NOR"))
    alone = gas.give("energy.pay", PayFields(bill.bill_id), BRAM)
    assert is_refused(alone, SettingRefusal.TWO_PEOPLE_NEEDED)
    gas.set(BRAM, lines_minor={"NOR": 1_600 * 650})
    assert gas.give("energy.pay", PayFields(bill.bill_id), BRAM).code == Code.DONE


def test_where_no_bill_has_room_what_is_paid_at_once_is_paid(monkeypatch):
    """Open bills of others keep nobody from paying; a month to be paid later, and a year without money, wait."""
    monkeypatch.setattr("steelyard.market.energy.deals.BILLS_MAX", 0)
    gas = Gas(money=650)
    gas.month(0, 1)
    for month in range(1, 12):
        gas.month(month, 0)
    assert gas.balance(ANNA, "NOR") == 650
    before = gas.world.supplies.encode()

    assert is_refused(gas.do("settle_year", ANNA), No.TOO_MANY_SUPPLIES)
    assert gas.world.supplies.encode() == before
    gas.fund(BRAM, "NOR", 1_599 * 650)
    assert settled(gas.do("settle_year", ANNA)).bundle_id
    gas.reach(13)
    gas.take(12, 1)
    later = MonthFields(gas.id, FIRST + 12, later=True)
    assert is_refused(gas.give("energy.confirm", later, BRAM), No.TOO_MANY_SUPPLIES)


def test_a_nomination_comes_in_time_and_within_the_points():
    """Ten days before the month; a point's most; the year's quantity and a tenth above it; no month of next year."""
    gas = Gas()
    assert gas.nominate(0, ("hub", 200), ("coast", 50)).code == Code.DONE
    for bad in (
        (0, ("hub", 201)),
        (0, ("moon", 1)),
        (0, ("hub", 1), ("hub", 1)),
        (12, ("hub", 1)),
        (-1, ("hub", 1)),
    ):
        assert is_refused(gas.nominate(*bad), No.NOMINATION_OUT_OF_RANGE)
    for month in range(1, 8):
        assert gas.nominate(month, ("hub", 200), ("coast", 50)).code == Code.DONE
    assert is_refused(gas.nominate(8, ("hub", 200), ("coast", 1)), No.NOMINATION_OUT_OF_RANGE)  # 2,201
    assert gas.nominate(8, ("hub", 200)).code == Code.DONE
    gas.at = month_begins(FIRST) - 10 * DAY
    assert is_refused(gas.nominate(0, ("hub", 1)), No.NOMINATION_OUT_OF_RANGE)


def test_a_year_is_settled_when_it_is_complete_and_by_its_parties():
    """Eleven months are no year; a stranger settles nothing."""
    gas = Gas()
    for month in range(11):
        gas.month(month, 1)
    assert is_refused(gas.do("settle_year", ANNA), No.YEAR_IS_NOT_COMPLETE)
    gas.month(11, 1)

    assert is_refused(gas.do("settle_year", CLEO), No.SUPPLY_NOT_FOUND)
    assert gas.do("settle_year", ANNA).code == Code.DONE
    assert (gas.contract.year, gas.contract.months) == (1, {})


def test_the_buyer_gives_up_within_the_tolerance_before_the_year():
    """A tenth; it lowers the take-or-pay quantity by its share."""
    gas = Gas()
    assert is_refused(gas.give("energy.give_up", GiveUpFields(gas.id, 201), BRAM), No.NOMINATION_OUT_OF_RANGE)
    assert gas.give("energy.give_up", GiveUpFields(gas.id, 200), BRAM).code == Code.DONE
    gas.reach(0)
    assert is_refused(gas.give("energy.give_up", GiveUpFields(gas.id, 1), BRAM), No.NOMINATION_OUT_OF_RANGE)

    assert settled(gas.year(0, 1_440)).top_quantity == "1440"


def test_a_contract_is_agreed_by_its_buyer_or_taken_back():
    """Nothing is nominated before, nothing taken back after."""
    gas = Gas(agreed=False)
    assert is_refused(gas.nominate(0, ("hub", 1)), No.SUPPLY_STATE_FORBIDS)
    assert is_refused(gas.do("agree", CLEO), No.SUPPLY_NOT_FOUND)
    assert is_refused(gas.do("withdraw", BRAM), No.SUPPLY_NOT_FOUND)
    assert gas.do("agree", BRAM).code == Code.DONE
    assert is_refused(gas.do("agree", BRAM), No.SUPPLY_STATE_FORBIDS)
    assert is_refused(gas.do("withdraw", ANNA), No.SUPPLY_STATE_FORBIDS)
    other = Gas(agreed=False)

    assert other.do("withdraw", ANNA).code == Code.DONE
    assert other.world.supplies.live == {}


def test_an_index_has_one_value_in_a_month_that_is_over():
    """By two persons of the operator; no other, no zero below the line, no month of the future."""
    gas = Gas()
    assert gas.index(-2).code == Code.DONE
    for bad in ({"month": -2, "num": 7}, {"month": 0}, {"month": -3, "den": 0}, {"month": -3, "num": 10**12}):
        assert is_refused(gas.index(**bad), No.INDEX_OUT_OF_RANGE)
    assert gas.index(-3, sender=ANNA).code == Code.REFUSED
    alone = IndexFields("gas", FIRST - 3, 200, 1, "the exchange's report")
    assert is_refused(gas.give("energy.index", alone, "operator"), SettingRefusal.TWO_PEOPLE_NEEDED)

    assert {FIRST - 2: (200, 1)} == gas.world.supplies.indices["gas"]


def test_indices_stay_within_their_bounds():
    """A hundred names; of each the latest months."""
    kept = Supplies()
    for month in range(200):
        assert kept.put_index("gas", month, (1, 1))
    assert not kept.put_index("gas", 3, (1, 1))
    assert list(kept.indices["gas"]) == list(range(80, 200))
    for name in range(99):
        assert kept.put_index(f"i{name}", 1, (1, 1))

    assert not kept.put_index("one more", 1, (1, 1))


@pytest.mark.parametrize(
    "changes",
    [
        {"buyer": ANNA}, {"buyer": "NOBODY00"}, {"asset": "XXX"}, {"unit": ""}, {"acq": 0}, {"share": (6, 5)},
        {"share": (1, 0)}, {"share": (-1, 1)}, {"years": 0}, {"years": 31}, {"first_month": FIRST - 1}, {"points": ()},
        {"points": (("hub", 1), ("hub", 2))}, {"points": (("hub", 0),)}, {"index": ""}, {"base": (1, 0)},
        {"above": (2, 1)}, {"makeup_years": -1}, {"notice_ns": -1},
    ],
)  # fmt: skip
def test_terms_lie_within_their_bounds(changes):
    """Terms that are none make no contract."""
    gas = Gas(structs.replace(TERMS, **changes), agreed=False)

    assert is_refused(gas.outcome, No.SUPPLY_TERMS_OUT_OF_RANGE)
    assert gas.world.supplies.live == {}


def test_contracts_under_way_stay_within_their_bounds(monkeypatch):
    """One more of a seller is refused until one is over."""
    monkeypatch.setattr("steelyard.flows.energy.OF_SELLER_MAX", 1)
    gas = Gas(agreed=False)

    assert is_refused(gas.give("energy.register", RegisterFields(TERMS), ANNA), No.TOO_MANY_SUPPLIES)
    gas.do("withdraw", ANNA)
    assert gas.give("energy.register", RegisterFields(TERMS), ANNA).code == Code.DONE


def test_above_the_buyers_line_two_people_confirm():
    """A month of 3,250 with a line of 3,000 is no one's alone."""
    gas = Gas()
    gas.set(BRAM, lines_minor={"NOR": 3_000})
    gas.reach(1)
    for month in range(-3, 0):
        gas.index(month)
    gas.take(0, 5)
    assert gas.confirm(0).code == Code.REFUSED
    gas.take(0, 4)

    assert gas.confirm(0).code == Code.DONE


def test_a_snapshot_holds_contracts_and_indices():
    """Fractions of a bank included."""
    gas = Gas(structs.replace(TERMS, share=(2, 3)))
    settled(gas.year(0, 1_000))
    data = gas.world.supplies.encode()

    assert data == Supplies.decode(data).encode()
    assert gas.contract.makeup == ((0, 1_000, 3),)
    assert gas.contract.settle(Fraction(1)).balance.bank > 333
    assert gas.contract.state is SupplyState.RUNNING
    assert supplies.step(SupplyState.RUNNING, supplies.SupplyEvent.WITHDRAWN) is None
    gas.again()


class Published(Gas):
    """The index is a series of this system: a benchmark whose days are 200 NOR on odd days, 202 on even ones."""

    def __init__(self, **terms):
        self.terms = structs.replace(TERMS, index="GAS-MARK", is_published=True, **terms)
        super().__init__(agreed=False)
        basis = Basis((Source("GAS"),), (("OST", 100),), 1)
        first = month_begins(FIRST - 3) // DAY
        self.world.prices.set_method("GAS-MARK", Method(days_min=3), from_on=first, basis=basis)
        for on in range(first, month_begins(FIRST) // DAY):
            worth = ("NOR", str(202 - on % 2 * 2))
            self.day(on, "9" if on % 7 else "", (worth,) if on % 7 else ())

    def day(self, on, value, currencies):
        made = Assessed(value, Rung.TRADES, 4, 9, 1, (), bytes(32))
        assert isinstance(self.world.prices.publish("GAS-MARK", on, made, at=1, currencies=currencies), Price)

    def offered(self):
        self.do("withdraw", ANNA)
        self.outcome = self.give("energy.register", RegisterFields(self.terms), ANNA)
        self.id = next(iter(self.world.supplies.live), b"")
        return self.outcome


def test_a_contract_is_priced_by_the_monthly_means_of_a_published_series():
    """Exactly: every day with a value counts once, by its newest version, in the contract's currency."""
    gas = Published()
    assert gas.offered().code == Code.DONE
    assert gas.do("agree", BRAM).code == Code.DONE
    corrected = month_begins(FIRST - 1) // DAY
    gas.world.prices.correct(
        "GAS-MARK", corrected, "9", source="override", digest=bytes(32), reason="why", at=2,
        currencies=(("NOR", "402"),),
    )  # fmt: skip
    gas.reach(1)
    gas.take(0, 5)
    outcome = gas.confirm(0)

    (month,) = [fact for fact in facts(outcome) if isinstance(fact, SupplyMonth)]
    means = []
    for number in (-3, -2, -1):
        days = range(month_begins(FIRST + number) // DAY, month_begins(FIRST + number + 1) // DAY)
        values = [402 if on == corrected else 202 - on % 2 * 2 for on in days if on % 7 or on == corrected]
        means.append(Fraction(sum(values), len(values)))
    assert str(50 + 3 * sum(means) / 3) == month.price
    assert round(5 * Fraction(month.price)) == month.amount_minor


def test_a_month_with_too_few_days_has_no_mean_and_nothing_is_entered_instead():
    gas = Published()
    gas.world.prices.series["GAS-MARK"].methods[0] = structs.replace(
        gas.world.prices.series["GAS-MARK"].methods[0], method=Method(days_min=31)
    )
    gas.offered()
    gas.do("agree", BRAM)
    gas.reach(1)
    gas.take(0, 5)

    assert is_refused(gas.confirm(0), No.INDEX_IS_NOT_KNOWN)


@pytest.mark.parametrize("changes", [{"index": "NO-SERIES"}, {"index": "HANDED"}], ids=str)
def test_a_published_index_is_a_series_that_the_machine_makes(changes):
    gas = Published()
    gas.world.prices.set_method("HANDED", Method(), from_on=0)
    gas.terms = structs.replace(gas.terms, **changes)

    assert is_refused(gas.offered(), No.SUPPLY_TERMS_OUT_OF_RANGE)
