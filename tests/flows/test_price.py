"""Prices through the Machine: made from what is handed in, corrected by two, disputed; replayed to the byte."""

from hashlib import sha256

import msgspec
import pytest

from steelyard.engine.refusals import Refusal, SettingRefusal
from steelyard.flows.approve import ApproveFields, ProposeFields
from steelyard.flows.command import NO_FIELDS, Code, Command, encode, raw
from steelyard.flows.market_facts import SettlementPriced
from steelyard.flows.price import (
    ComplainFields,
    CorrectFields,
    MethodFields,
    PublishFields,
    SettleFields,
    StepFields,
)
from steelyard.flows.price_facts import ComplaintMoved, MethodSet, PricePublished
from steelyard.market.assessment import FirmQuote, Method, Trade
from steelyard.market.refusals.prices import PriceRefusal as No
from steelyard.members.people import PERSON, Actor
from steelyard.members.roles import Role
from steelyard.values.instants import DAY, MINUTE
from tests.flows.payworld import ANNA, BRAM, START, Network, facts, is_refused, told

TODAY = START // DAY
WHEAT, MARK = "WHT-2027-03", "WHEAT-FOB"
WORDS = sha256(b"words").digest()
FIRST, SECOND = "p-op-1", "p-op-2"
TRADES = tuple(
    Trade(str(at), price, volume, *parties)
    for at, (price, volume, *parties) in enumerate(
        [
            ("26150", 60, "A", "B"), ("26210", 50, "C", "D"), ("26180", 70, "E", "F"), ("26240", 40, "G", "H"),
            ("26160", 80, "C", "F"),
        ]
    )
)  # fmt: skip


class Desk(Network):
    """A network whose operator has two persons, a contract month and a benchmark."""

    def __init__(self) -> None:
        super().__init__()
        for person in (FIRST, SECOND):
            self.world.members.put_actor(Actor(person, "operator", PERSON, (Role.OPERATOR,)))
        self.by_two("price.method", MethodFields(WHEAT, TODAY - 5, Method(), "25"))
        self.by_two("price.method", MethodFields(MARK, TODAY - 5, Method(volume_min=100)))

    def by_two(self, name, fields):
        """Let one person propose a command and the other approve it."""
        self._number += 1
        inner_id = (self.at // 1_000_000).to_bytes(6, "big") + sha256(b"i%d" % self._number).digest()[:10]
        inner = encode(Command(name, 1, inner_id, "operator", FIRST, 0, raw(fields), NO_FIELDS, inner_id))
        proposed = self.give("propose", ProposeFields(inner), "operator", actor=FIRST)
        if proposed.code != Code.DONE:
            return proposed
        (one,) = facts(proposed)
        return self.give("approve", ApproveFields(one.proposal, one.shown), "operator", actor=SECOND)

    def settle(self, on=TODAY, **data):
        return self.by_two("price.settle", SettleFields(WHEAT, on, **data))

    def publish(self, on=TODAY, trades=TRADES, **data):
        return self.by_two("price.publish", PublishFields(MARK, on, trades, **data))


def published(outcome):
    (price,) = [one for one in facts(outcome) if isinstance(one, PricePublished)]
    return price


def test_a_settlement_price_is_made_from_the_window():
    """Half a tick goes to the side of the price before, which the second day takes from the first."""
    desk = Desk()
    first = published(desk.settle(TODAY - 1, trades=((21_025, 2), (21_050, 2)), previous=20_975))
    second = published(desk.settle(TODAY, trades=((21_025, 2), (21_050, 2)), previous=99_999))

    assert ("21025", "vwap", 1) == (first.value, first.source, first.version)
    assert ("21025", "vwap") == (second.value, second.source)
    assert first.digest != second.digest


def test_a_day_without_trades_falls_down_the_tiers():
    desk = Desk()
    desk.settle(TODAY - 3, trades=((21_000, 1),), previous=21_000)

    assert ("21050", "last") == _of(desk.settle(TODAY - 2, last=21_100, bid=21_000, ask=21_050))
    assert ("21075", "prior") == _of(desk.settle(TODAY - 1, bid=21_075, ask=21_100))
    assert ("21000", "neighbour") == _of(desk.settle(TODAY, neighbour_change=-75))


def _of(outcome):
    return published(outcome).value, published(outcome).source


def test_a_benchmark_is_published_in_every_currency():
    """261.60 as worked out by hand; the basket is 8.5 ZAR and 3 AED."""
    price = published(Desk().publish(medians=(("ZAR", 17, 2), ("AED", 3, 1))))

    assert ("26160", "trades") == (price.value, price.source)
    assert (("AED", "78480"), ("ZAR", "222360")) == price.currencies
    assert 5 == len(price.inputs)


def test_a_thin_day_moves_from_the_value_before():
    desk = Desk()
    desk.publish(TODAY - 1)

    assert ("26145", "related") == _of(desk.publish(TODAY, (), related_move="-15"))
    assert ("", "none") == _of(Desk().publish(TODAY, (), related_move="-15"))


def test_quotes_that_stood_count():
    quotes = tuple(
        FirmQuote(str(at), price, 30, f"M{at}", 5 * MINUTE)
        for at, price in enumerate(["98", "99", "101", "105"])
    )

    assert ("100", "quotes") == _of(Desk().publish(TODAY, (), quotes=quotes))


def test_two_colluders_hardly_move_it():
    wash = Trade("w", "27900", 600, "X", "Y")

    assert ("26180", "trades") == _of(Desk().publish(TODAY, (*TRADES, wash)))


def test_a_correction_takes_two_persons_and_a_reason():
    desk = Desk()
    desk.settle(trades=((21_000, 1),), previous=21_000)
    fields = CorrectFields(WHEAT, TODAY, "21050", "a trade of the window was cancelled", (("AED", 3, 1),))

    alone = desk.give("price.correct", fields, "operator", actor=FIRST)
    assert is_refused(alone, SettingRefusal.TWO_PEOPLE_NEEDED)
    price = published(desk.by_two("price.correct", fields))
    assert (2, "override", "21050", (("AED", "63150"),)) == (
        price.version, price.source, price.value, price.currencies,
    )  # fmt: skip
    assert ["21000", "21050"] == [one.value for one in desk.world.prices.series[WHEAT].day(TODAY)]


def test_a_settlement_price_is_told_to_its_instrument():
    """Corrections too; a benchmark is of no instrument, and a price that is taken back is none."""
    desk = Desk()
    first = desk.settle(trades=((21_000, 1),), previous=21_000)
    again = desk.by_two("price.correct", CorrectFields(WHEAT, TODAY, "21050", "a late cancellation"))
    none = desk.by_two("price.correct", CorrectFields(WHEAT, TODAY, "", "no price at all"))

    def priced(outcome):
        return [
            (one.price, one.tier, one.reason) for one in facts(outcome) if isinstance(one, SettlementPriced)
        ]

    assert [(21_000, "vwap", "")] == priced(first)
    assert [(21_050, "override", "a late cancellation")] == priced(again)
    assert [] == priced(none) == priced(desk.publish())
    assert ["settlement", "settlement", "settlement"] == [published(one).kind for one in (first, again, none)]


def test_a_price_may_be_taken_back():
    desk = Desk()
    desk.publish()
    desk.by_two("price.correct", CorrectFields(MARK, TODAY, "", "two of the trades were one"))

    assert "" == desk.world.prices.series[MARK].last().value


def test_a_method_takes_two_persons():
    desk = Desk()
    fields = MethodFields(MARK, TODAY + 1, Method(2, cap="1/5"))
    assert is_refused(
        desk.give("price.method", fields, "operator", actor=FIRST), SettingRefusal.TWO_PEOPLE_NEEDED
    )
    outcome = desk.by_two("price.method", fields)
    (told_of,) = [one for one in facts(outcome) if isinstance(one, MethodSet)]

    assert (MARK, 2, "1/5") == (told_of.series, told_of.version, told_of.cap)
    assert 1 == desk.world.prices.series[MARK].method_on(TODAY).version


def test_a_complaint_is_answered_appealed_and_decided():
    desk = Desk()
    desk.settle(trades=((21_000, 1),), previous=21_000)
    opened = desk.give("price.complain", ComplainFields(WHEAT, TODAY, WORDS), ANNA)
    answered = desk.give("price.answer", StepFields(1, "ANSWERED", WORDS), "operator")
    appealed = desk.give("price.pursue", StepFields(1, "APPEALED", WORDS), ANNA)
    decided = desk.give("price.answer", StepFields(1, "DECIDED", WORDS), "operator")

    assert ["OPEN", "ANSWERED", "APPEALED", "CLOSED"] == [
        one.state
        for outcome in (opened, answered, appealed, decided)
        for one in facts(outcome)
        if isinstance(one, ComplaintMoved)
    ]
    assert [("operator", "price.complaint"), (ANNA, "price.complaint")] == told(opened) + told(answered)


REFUSED = [
    (lambda d: d.give("price.settle", SettleFields("X", TODAY), "operator"), No.PRICE_SERIES_NOT_FOUND),
    (lambda d: d.by_two("price.publish", PublishFields("X", TODAY)), No.PRICE_SERIES_NOT_FOUND),
    (lambda d: d.by_two("price.publish", PublishFields(MARK, TODAY - 6)), No.PRICE_SERIES_NOT_FOUND),
    (lambda d: d.settle(TODAY + 1, previous=1), No.PRICE_DAY_IS_AHEAD),
    (lambda d: d.publish(TODAY + 1), No.PRICE_DAY_IS_AHEAD),
    (lambda d: d.settle(trades=((21_000, 1),)), No.FIRST_PRICE_IS_MISSING),
    (lambda d: d.settle(last=21_001, previous=21_000), No.SETTLEMENT_PRICE_NOT_ON_TICK),
    (lambda d: d.publish(TODAY - 1), No.PRICE_STANDS_ALREADY),
    (lambda d: d.publish(TODAY - 2), No.PRICE_DAY_IS_OVER),
    (lambda d: d.by_two("price.correct", CorrectFields(MARK, TODAY, "1", "r")), No.PRICE_NOT_FOUND),
    (lambda d: d.by_two("price.correct", CorrectFields(MARK, TODAY - 1, "1", "")), No.REASON_IS_MISSING),
    (lambda d: d.by_two("price.method", MethodFields(MARK, TODAY + 1, Method(3))), No.METHOD_NOT_NEXT),
    (lambda d: d.by_two("price.method", MethodFields(MARK, TODAY - 1, Method(2))), No.METHOD_REACHES_BACK),
    (lambda d: d.give("price.complain", ComplainFields(MARK, TODAY, WORDS), ANNA), No.PRICE_NOT_FOUND),
    (lambda d: d.give("price.answer", StepFields(9, "ANSWERED", WORDS), "operator"), No.COMPLAINT_NOT_FOUND),
    (lambda d: d.give("price.answer", StepFields(1, "APPEALED", WORDS), "operator"), No.COMPLAINT_STEP_NOT_ALLOWED),
    (lambda d: d.give("price.answer", StepFields(1, "NaN", WORDS), "operator"), No.COMPLAINT_STEP_NOT_ALLOWED),
    (lambda d: d.give("price.pursue", StepFields(1, "APPEALED", WORDS), BRAM), No.COMPLAINT_NOT_FOUND),
    (lambda d: d.give("price.pursue", StepFields(1, "DECIDED", WORDS), ANNA), No.COMPLAINT_STEP_NOT_ALLOWED),
    (lambda d: d.give("price.pursue", StepFields(1, "APPEALED", WORDS), ANNA), No.COMPLAINT_STEP_NOT_ALLOWED),
]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "refusal"), REFUSED, ids=[f"{at}-{one[1].name}" for at, one in enumerate(REFUSED)]
)
def test_a_refusal_changes_nothing(act, refusal):
    desk = Desk()
    desk.publish(TODAY - 1)
    desk.give("price.complain", ComplainFields(MARK, TODAY - 1, WORDS), ANNA)
    before = desk.world.prices.encode()

    assert is_refused(act(desk), refusal)
    assert before == desk.world.prices.encode()


@pytest.mark.parametrize(
    "name", ["price.settle", "price.publish", "price.correct", "price.method", "price.answer"]
)
def test_a_bank_publishes_no_price(name):
    fields = {
        "price.settle": SettleFields(WHEAT, TODAY), "price.publish": PublishFields(MARK, TODAY),
        "price.correct": CorrectFields(MARK, TODAY, "1", "r"), "price.method": MethodFields(MARK, TODAY, Method(2)),
        "price.answer": StepFields(1, "ANSWERED", WORDS),
    }[name]  # fmt: skip

    assert is_refused(Desk().give(name, fields, ANNA), Refusal.SENDER_HAS_NO_RIGHT)


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (2, [[1.5, 1]]), (2, [["1", 1]]), (2, [[-1, 1]]), (2, [[1, 0]]), (2, [[10**18, 1]]), (2, [[1, float("nan")]]),
        (3, 1.0), (3, -1), (1, -1), (1, "20000"), (0, "x" * 65), (6, 10**18),
    ],
)  # fmt: skip
def test_malformed_numbers_do_not_get_in(place, wrong):
    data = [WHEAT, TODAY, [], None, None, None, None, 1]
    data[place] = wrong
    desk = Desk()
    before = desk.world.prices.encode()
    outcome = desk.give("price.settle", data, "operator")

    assert outcome.refusal not in (None, SettingRefusal.TWO_PEOPLE_NEEDED.code)
    assert outcome.code == Code.REFUSED
    assert before == desk.world.prices.encode()


@pytest.mark.parametrize("price", ["", "NaN", "1.5", "-1", "1/0", "1/", "1\n", "٣", "1" * 25])
def test_a_price_that_is_no_ratio_does_not_get_in(price):
    trade = list(msgspec.to_builtins(TRADES[0]))
    trade[1] = price
    desk = Desk()
    outcome = desk.by_two("price.publish", [MARK, TODAY, [trade]])

    assert outcome.refusal not in (None, SettingRefusal.TWO_PEOPLE_NEEDED.code)
    assert outcome.code == Code.REFUSED
    assert [] == desk.world.prices.series[MARK].days


@pytest.mark.parametrize("cap", ["0", "1/0", "5/4", "x", "-1/4", "1e3", ""])
def test_a_cap_that_is_no_share_does_not_get_in(cap):
    method = list(msgspec.to_builtins(Method(1)))
    method[1] = cap
    desk = Desk()

    assert desk.by_two("price.method", ["NEW", TODAY, method]).code == Code.REFUSED
    assert "NEW" not in desk.world.prices.series


def test_the_state_is_rebuilt_from_its_snapshot():
    desk = Desk()
    desk.publish(TODAY - 1)
    desk.settle(trades=((21_000, 1),), previous=21_000)
    desk.give("price.complain", ComplainFields(MARK, TODAY - 1, WORDS), ANNA)
    other = desk.again()

    assert desk.world.prices.encode() == other.world.prices.encode()
    assert published(desk.publish()) == published(
        Desk.by_two(other, "price.publish", PublishFields(MARK, TODAY, TRADES))
    )
