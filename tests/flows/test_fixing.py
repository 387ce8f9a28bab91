"""The fixing: benchmarks, indices and curves that the machine makes by itself, at a time that is data."""

from hashlib import sha256

import pytest
from msgspec.msgpack import encode

from steelyard.flows.command import Outcome
from steelyard.flows.market_list import GroupFields, ListFields
from steelyard.flows.market_reverse import NamedFields as TradeNamed
from steelyard.flows.market_reverse import ReverseFields
from steelyard.flows.order import ReplaceFields
from steelyard.flows.otc import RegisterFields
from steelyard.flows.packs import PackFields
from steelyard.flows.price import CorrectFields, MethodFields, PublishFields, SettleFields
from steelyard.flows.price_facts import PricePublished
from steelyard.flows.rfq import AnswerFields, RequestFields
from steelyard.market.assessment import Method, Trade
from steelyard.market.basis import Basis, Source
from steelyard.market.books import Way
from steelyard.market.instruments import Instrument
from steelyard.market.orders import Side
from steelyard.market.refusals.prices import PriceRefusal as No
from steelyard.market.rfq import BUY as WANTED
from steelyard.members.packs import digest_of
from steelyard.members.rulebook import content_of
from steelyard.values.instants import DAY, HOUR, MINUTE
from tests.flows.goods import BUYER, LENDER, OTHER, RYE, SELLER, done
from tests.flows.markets import KG, SPOT, WIDE, Market
from tests.flows.payworld import LEVR, PONS, is_refused
from tests.flows.test_benchmark_day import FIXING, MARK, published
from tests.flows.test_settlement import CODE, NEXT, Phase
from tests.flows.test_settlement import Day as Pit

BUY, SELL = Side.BUY, Side.SELL
ONE = (("OST", 100),)
"""A basket of one OST, so that prices are the book's"""


class Desk(Market):
    """The rye market with a benchmark in OST a tonne; what the spot book has is from A, the wide one's from B."""

    def __init__(self, world=None, *, least: int = 4, **method) -> None:
        super().__init__(world)
        if world is None:
            for owner in (SELLER, BUYER, LENDER, OTHER):
                self.stocked(100, owner)
                self.ready(owner, "OST", 5_000_000)
            sources = (Source(SPOT, "A"), Source(WIDE, "B", "FEED"))
            self.method(MARK, Basis(sources, ONE, KG), Method(participants_min=least, **method))

    def method(self, series: str, basis: Basis, method: Method | None = None) -> Outcome:
        fields = MethodFields(series, self.at // DAY, method or Method(), "", basis)
        return self.two("price.method", fields, "operator")

    def trade(self, buyer: str, seller: str, price: int, code: str = SPOT, units: int = 1) -> None:
        currency = {"currency": "OST"} if code == WIDE else {}
        self.entered(seller, SELL, units, price, code, **currency)
        self.entered(buyer, BUY, units, price, code, **currency)

    def day(self) -> dict[str, PricePublished]:
        """Wait until the next fixing is over, and give what it published."""
        left = FIXING - self.at % DAY
        return {one.series: one for one in published(self.wait((left if left > 0 else left + DAY) + MINUTE))}

    def until_fixing(self, before: int) -> None:
        """Wait until so long before the next fixing."""
        self.wait(FIXING - self.at % DAY - before)


# indices


def test_an_index_takes_its_part_of_the_benchmarks_data() -> None:
    """Each with minimum data of its own; the one of a grade follows the class where the source names none."""
    desk = Desk()
    two = Method(participants_min=2, cap="1")
    for series, origin, grade in (
        ("I-A", "A", ""),
        ("I-B", "B", ""),
        ("I-RYE", "", "RYE 1"),
        ("I-NONE", "C", ""),
    ):
        done(desk.method(series, Basis(parent=MARK, origin=origin, grade=grade), two))
    desk.trade(BUYER, SELLER, 50_000)
    desk.trade(OTHER, LENDER, 50_200)
    desk.trade(OTHER, SELLER, 51_000, WIDE, 5)
    found = desk.day()

    assert [MARK, "I-A", "I-B", "I-NONE", "I-RYE"] == list(found)
    assert ("50100", "51000", "50100", "") == tuple(
        found[f"I-{of}"].value for of in ("A", "B", "RYE", "NONE")
    )
    assert ("index", "B", "") == (found["I-B"].kind, found["I-B"].origin, found["I-B"].grade)
    assert ("benchmark", 3) == (found[MARK].kind, len(found[MARK].inputs))
    assert "0 of 2 participants, volume 0 of 0, no value before" == found["I-NONE"].reason
    desk.check()


# firm quotes


def quoted(desk: Desk, code: str = SPOT) -> None:
    """Four makers stand around 500.00: bids at 499.00 and 499.50, asks at 500.50 and 501.00."""
    for owner, side, price in (
        (BUYER, BUY, 49_900), (LENDER, BUY, 49_950), (SELLER, SELL, 50_050), (OTHER, SELL, 50_100),
    ):  # fmt: skip
        desk.entered(owner, side, 2, price, code, **({"currency": "OST"} if code == WIDE else {}))


@pytest.mark.parametrize("code", [SPOT, WIDE])
def test_orders_that_stand_are_the_third_rung(code: str) -> None:
    desk = Desk()
    quoted(desk, code)
    desk.until_fixing(5 * MINUTE)
    found = desk.day()[MARK]

    assert ("50000", "quotes", 4) == (found.value, found.source, len(found.inputs))


@pytest.mark.parametrize("held", [4 * MINUTE, 6 * MINUTE])
def test_a_quote_pulled_and_put_again_has_stood_since_then(held: int) -> None:
    """So has one that was moved, or made larger; one made smaller has not been pulled."""
    desk = Desk()
    quoted(desk)
    pulled = desk.entered(SELLER, SELL, 4, 50_060)
    moved, larger, smaller = (desk.entered(OTHER, SELL, 4, price) for price in (50_200, 50_070, 50_080))
    desk.until_fixing(held)
    desk.unorder(SELLER, pulled)
    again = desk.entered(SELLER, SELL, 4, 50_060)
    for order_id, quantity, price in ((moved, 0, 50_090), (larger, 5, 0), (smaller, 3, 0)):
        done(desk.trader(OTHER, "order.replace", ReplaceFields(order_id, quantity, price)))
    found = desk.day()[MARK]

    assert desk.world.books.by_key[again]
    assert (5 if held < 5 * MINUTE else 8) == len(found.inputs)


def test_quotes_far_from_the_middle_or_of_a_group_add_nothing() -> None:
    """More than 2 % away is no quote; two of one group are one maker, so there are three."""
    far, group = Desk(), Desk()
    for desk in (far, group):
        quoted(desk)
    far.entered(SELLER, SELL, 50, 51_100)
    group.two("market.group", GroupFields(OTHER, SELLER), "operator")

    assert ("50000", 4) == (far.day()[MARK].value, len(far.world.prices.series) + 3)
    assert "3 of 4 participants, volume 8000 of 0, no value before" == group.day()[MARK].reason


def test_a_book_that_is_shut_or_has_one_side_quotes_nothing() -> None:
    shut, one_sided = Desk(), Desk(least=2)
    quoted(shut)
    shut.until_fixing(MINUTE)
    shut.phase(SPOT, Phase.HALT)
    for owner in (SELLER, OTHER):
        one_sided.entered(owner, SELL, 2, 50_050)

    assert "none" == shut.day()[MARK].source
    assert "none" == one_sided.day()[MARK].source


def test_answers_to_requests_that_stand_are_quotes() -> None:
    """Money and goods of them are set aside; those of one's own group are none."""
    desk = Desk(least=2)
    until = desk.at + 9 * HOUR
    desk.two("market.group", GroupFields(LENDER, BUYER), "operator")
    done(desk.trader(BUYER, "rfq.request", RequestFields(RYE, 9 * KG, WANTED, "OST", until)))
    (rfq_id,) = desk.world.rfqs.live
    for dealer, ask in ((SELLER, 50_000), (OTHER, 50_200), (LENDER, 90_000)):
        receipt_id = desk.issue(2 * KG, dealer)
        done(desk.trader(dealer, "rfq.answer", AnswerFields(rfq_id, 0, ask, 0, receipt_id, until)))
    found = desk.day()[MARK]

    assert ("50100", "quotes", 2) == (found.value, found.source, len(found.inputs))


# related


def test_a_thin_day_moves_as_its_related_series_did() -> None:
    """The move since the value before was published; without a newer related price there is no move."""
    desk = Desk(least=3)
    done(desk.method("FEED", Basis((Source(WIDE),), ONE, 2 * KG), Method(participants_min=2, cap="1")))
    sources = (Source(SPOT, "A"),)
    desk.two(
        "price.method",
        MethodFields(
            MARK, desk.at // DAY, Method(2, participants_min=3), "", Basis(sources, ONE, KG, "FEED")
        ),
        "operator",
    )
    desk.trade(BUYER, SELLER, 50_000)
    desk.trade(OTHER, LENDER, 50_000)
    desk.trade(OTHER, SELLER, 48_000, WIDE)
    first = desk.day()
    desk.trade(OTHER, SELLER, 48_500, WIDE)
    second, third = desk.day(), desk.day()

    assert ("50000", "96000") == (first[MARK].value, first["FEED"].value)
    assert ("50500", "related", "97000") == (second[MARK].value, second[MARK].source, second["FEED"].value)
    assert ("", "no move of a related contract") == (third[MARK].value, third[MARK].reason[-29:])


def test_two_series_that_move_along_with_each_other_do_not_carry_themselves_away() -> None:
    """The one that traded moves the other once; what only moved along moves nothing."""
    desk = Desk(least=3)
    two = Method(participants_min=2, cap="1")
    done(desk.method("FEED", Basis((Source(WIDE),), ONE, KG), two))
    for series, of, other, least in ((MARK, SPOT, "FEED", 2), ("FEED", WIDE, MARK, 2)):
        basis = Basis((Source(of),), ONE, KG, other)
        fields = MethodFields(series, desk.at // DAY, Method(2, "1", least), "", basis)
        done(desk.two("price.method", fields, "operator"))
    desk.trade(BUYER, SELLER, 50_000)
    desk.trade(OTHER, LENDER, 40_000, WIDE)
    desk.day()
    desk.trade(BUYER, SELLER, 51_000)
    second, third, fourth = desk.day(), desk.day(), desk.day()

    assert ("51000", "trades") == (second[MARK].value, second[MARK].source)
    assert {"", "41000"} >= {second["FEED"].value, third["FEED"].value}
    assert ["", ""] == [third[MARK].value, fourth[MARK].value]
    assert "" == fourth["FEED"].value


# curve


class Months(Pit):
    """A pit with two months, closed, and a curve of their contract."""

    def begin(self) -> "Months":
        super().begin()
        fields = MethodFields(
            "CURVE", self.net.at // DAY, Method(participants_min=1), "", Basis(contract="WHEAT")
        )
        self.ok(self.operator("price.method", fields))
        return self

    def second(self) -> "Months":
        """List the other month too."""
        instrument = Instrument(code=NEXT, tick=25, lot=50, currency="NOR", ref_price=21_000)
        self.ok(self.operator("instrument.list", ListFields(instrument, "WHEAT", Way.CLEARED, NEXT, 1_000)))
        self.method(NEXT)
        self.phase(Phase.OPENING_CALL, NEXT)
        return self

    def settled(self, *codes: str) -> list[Outcome]:
        for code in codes:
            self.phase(Phase.CLOSED, code)
        return [self.ok(self.settle(code)) for code in codes]


def curves(outcomes: list[Outcome]) -> list[PricePublished]:
    return [one for one in published(outcomes) if one.kind == "curve"]


@pytest.fixture
def pit() -> Months:
    return Months().begin().second()


def test_a_curve_is_drawn_as_the_last_month_settles(pit: Months) -> None:
    """Before that there is none; the fixing finds it drawn."""
    (curve,) = curves(pit.settled(CODE, NEXT))

    assert ((NEXT, "21000", "prior"), (CODE, "20000", "prior")) == curve.points
    assert ("curve", "NOR", 1, 2) == (curve.source, curve.unit, curve.version, len(curve.inputs))
    assert [] == curves(pit.net.wait(DAY // 2))
    pit.net.check()


def test_at_the_fixing_it_has_what_has_settled_and_follows_later_months_and_corrections(pit: Months) -> None:
    pit.settled(CODE)
    (first,) = curves(pit.net.wait(9 * HOUR))
    (second,) = curves(pit.settled(NEXT))
    correction = CorrectFields(CODE, pit.net.at // DAY, "20025", "a trade was cancelled")
    (third,) = curves([pit.ok(pit.operator("price.correct", correction))])

    assert ((NEXT, "", ""), (CODE, "20000", "prior")) == first.points
    assert (2, f"{NEXT} has settled", (NEXT, "21000", "prior")) == (
        second.version,
        second.reason,
        second.points[0],
    )
    assert (3, f"{CODE} was corrected", (CODE, "20025", "override")) == (
        third.version, third.reason, third.points[1],
    )  # fmt: skip
    by_hand = pit.operator("price.correct", CorrectFields("CURVE", pit.net.at // DAY, "1", "why"))
    assert is_refused(by_hand, No.PRICE_IS_MADE_BY_ITSELF)


def test_a_curve_with_too_few_months_says_so(pit: Months) -> None:
    fields = MethodFields(
        "CURVE", pit.net.at // DAY, Method(2, participants_min=2), "", Basis(contract="WHEAT")
    )
    pit.ok(pit.operator("price.method", fields))
    pit.settled(CODE)
    (curve,) = curves(pit.net.wait(9 * HOUR))

    assert ((), "1 of 2 months have settled", 2) == (curve.points, curve.reason, curve.method)


def test_nobody_finds_who_traded_by_trying_hashes() -> None:
    """Data is hashed with a salt that follows from the ids of all orders, which nobody knows of others."""
    desk, other = Desk(least=2, cap="1"), Desk(least=2, cap="1")
    other.id()
    for one in (desk, other):
        one.trade(BUYER, SELLER, 50_000)
    salt, first, second = desk.world.books.prints.salt, desk.day()[MARK], other.day()[MARK]
    trade = encode(Trade(f"{SPOT}/0", "50000", KG, BUYER, SELLER, origin="A", grade="RYE 1"))

    assert [sha256(salt + trade).digest()] == list(first.inputs)
    assert sha256(trade).digest() != first.inputs[0] != second.inputs[0]
    assert first.value == second.value


# what is taken back


def test_a_trade_taken_back_after_the_fixing_is_taken_out_of_what_was_published() -> None:
    """At once, as a further version at the rates of the fixing; what was set by hand since stands."""
    desk = Desk(least=3)
    done(desk.method("I-A", Basis(parent=MARK, origin="A"), Method(participants_min=3)))
    desk.trade(BUYER, SELLER, 50_000)
    desk.until_fixing(MINUTE)
    desk.trade(OTHER, LENDER, 50_900)
    first = desk.day()
    outcome = taken_back(desk, OTHER, LENDER)
    found = {one.series: one for one in published([outcome])}

    assert "50450" == first[MARK].value == first["I-A"].value
    for series in (MARK, "I-A"):
        assert ("", 2, "none") == (found[series].value, found[series].version, found[series].source)
        assert found[series].reason.startswith("a trade was taken back; 2 of 3 participants")
    desk.check()


def test_what_was_corrected_by_hand_stands_when_a_trade_is_taken_back() -> None:
    desk = Desk(least=3)
    desk.trade(BUYER, SELLER, 50_000)
    desk.until_fixing(MINUTE)
    desk.trade(OTHER, LENDER, 50_900)
    desk.day()
    desk.two("price.correct", CorrectFields(MARK, desk.at // DAY, "50400", "a misprint"), "operator")

    assert [] == published([taken_back(desk, OTHER, LENDER)])


def taken_back(desk: Desk, *sides: str) -> Outcome:
    """Let both sides agree that their last trade is taken back, and two persons do it."""
    trade_id = list(desk.world.books.recent.trades)[-1]
    for side in sides:
        done(desk.trader(side, "trade.agree_reversal", TradeNamed(trade_id)))
    return done(desk.two("trade.reverse", ReverseFields(trade_id, "a typing error"), "operator"))


def test_who_is_found_to_be_of_one_group_counts_as_one_at_the_fixing() -> None:
    """Trades made before that between them are none."""
    desk = Desk(least=2, cap="1")
    desk.trade(OTHER, LENDER, 60_000, units=9)
    desk.trade(BUYER, SELLER, 50_000)
    desk.two("market.group", GroupFields(OTHER, LENDER), "operator")
    found = desk.day()[MARK]

    assert ("50000", 1) == (found.value, len(found.inputs))


# times that are data


def market_rules(desk: Desk, at: int, **figures: int) -> Outcome:
    version = f"{at}"
    content = content_of({"version": version, "market": figures})
    fields = PackFields("rulebook", "rulebook", version, digest_of(content), content, at)
    return done(desk.two("pack.load", fields, "operator"))


def test_the_time_of_the_fixing_is_a_rule_with_a_date() -> None:
    """From tomorrow on it is at 12:00; today still at 16:00."""
    desk = Desk()
    today = desk.at // DAY
    market_rules(desk, (today + 1) * DAY, fixing_ms=12 * HOUR // 1_000_000)
    first = published(desk.wait(DAY - desk.at % DAY))
    second = published(desk.wait(12 * HOUR + MINUTE))

    assert [(MARK, today)] == [(one.series, one.on) for one in first]
    assert [(MARK, today + 1)] == [(one.series, one.on) for one in second]


@pytest.mark.parametrize(("held_ms", "in_nor"), [(300_000, "100000"), (0, "1000000/7")])
def test_how_long_rates_have_stood_is_a_rule(held_ms: int, in_nor: str) -> None:
    """Of a provider's two quotes of a way the better one counts; one put a minute before, where the rule takes it."""
    desk = Desk()
    for provider in (PONS, LEVR):
        desk.ready(provider, "OST", 100_000)
    market_rules(desk, desk.at + MINUTE, rates_held_ms=held_ms)
    desk.firm(PONS, "OST", "NOR", 2, 1, 40_000)
    desk.firm(PONS, "OST", "NOR", 9, 1, 40_000)
    desk.method("N", Basis((Source(SPOT),), (("NOR", 100),), KG), Method(participants_min=2, cap="1"))
    desk.trade(BUYER, SELLER, 50_000)
    desk.until_fixing(MINUTE)
    desk.firm(LEVR, "OST", "NOR", 5, 1, 40_000)

    assert {"OST": "50000", "NOR": in_nor} == dict(desk.day()["N"].currencies)


# what is refused


@pytest.mark.parametrize(
    "basis",
    [
        Basis((Source("NONE"),), ONE, KG), Basis((Source(SPOT),), ONE), Basis((Source(SPOT),), (), KG),
        Basis(parent=MARK), Basis(parent="NONE", origin="A"), Basis((Source(SPOT),), ONE, KG, "NONE"),
        Basis((Source(SPOT),), ONE, KG, contract="RYE"), Basis(contract="RYE"), Basis(related=MARK),
        Basis((Source(SPOT), Source(SPOT)), ONE, KG), Basis((Source(SPOT),), (("X", 1),), KG),
        Basis((Source(SPOT),), (("OST", 1), ("NOR", 1)), KG),
    ],
    ids=lambda basis: str(basis)[:60],
)  # fmt: skip
def test_a_definition_names_what_is_there_and_makes_one_thing(basis: Basis) -> None:
    assert is_refused(Desk().method("NEW", basis), No.METHOD_OUT_OF_RANGE)


def test_what_the_machine_makes_has_no_tick() -> None:
    """Its values are exact; on a tick they would not be published at all."""
    desk = Desk()
    fields = MethodFields("NEW", desk.at // DAY, Method(), "25", Basis((Source(SPOT),), ONE, KG))

    assert is_refused(desk.two("price.method", fields, "operator"), No.METHOD_OUT_OF_RANGE)


def test_what_the_machine_makes_is_not_handed_in() -> None:
    desk = Desk()
    handed = desk.two("price.publish", PublishFields(MARK, desk.at // DAY), "operator")
    settled = desk.two("price.settle", SettleFields(MARK, desk.at // DAY), "operator")
    other_kind = desk.method(MARK, Basis(), Method(2))

    assert is_refused(handed, No.PRICE_IS_MADE_BY_ITSELF)
    assert is_refused(settled, No.PRICE_IS_MADE_BY_ITSELF)
    assert is_refused(other_kind, No.METHOD_OUT_OF_RANGE)


def test_many_series_are_made_over_several_ticks_at_the_same_rates(monkeypatch) -> None:
    """In between the state is whole: taken up from its bytes it goes on."""
    monkeypatch.setattr("steelyard.flows.fixing.STEP", 1)
    desk = Desk()
    for series in ("I-1", "I-2"):
        done(desk.method(series, Basis(parent=MARK, origin="A")))
    desk.at += FIXING - desk.at % DAY
    first = desk.give("tick", None, "operator", actor="node")
    other = Desk(type(desk.world).decode(dict(desk.world.sections())))
    other.at, other._number = desk.at, desk._number
    rest, rest_of_other = desk.tick(), other.tick()

    assert [MARK] == [one.series for one in published([first])]
    assert ["I-1", "I-2"] == [one.series for one in published(rest)]
    assert published(rest) == published(rest_of_other)
    assert desk.world.prices.fixing is None
    assert desk.world.state_hash() == other.world.state_hash()


@pytest.mark.parametrize("what", ["nothing", "an order", "a registered trade"])
def test_a_tick_looks_at_so_many_orders_and_registered_trades(monkeypatch, what: str) -> None:
    """One of them is all that a series may look at here, beside itself: then each tick makes one series."""
    monkeypatch.setattr("steelyard.flows.fixing.STEP", 101)
    desk = Desk()
    done(desk.method("I-1", Basis(parent=MARK, origin="A")))
    if what == "an order":
        desk.entered(SELLER, SELL, 1, 50_000)
    elif what == "a registered trade":
        fields = RegisterFields("sell", BUYER, RYE, KG, "OST", 50_000, desk.at, b"p" * 32)
        done(desk.trader(SELLER, "otc.register", fields))
    desk.at += FIXING - desk.at % DAY
    first = desk.give("tick", None, "operator", actor="node")

    assert ([MARK, "I-1"] if what == "nothing" else [MARK]) == [one.series for one in published([first])]


def test_a_node_that_was_down_makes_the_last_day_that_is_due() -> None:
    desk = Desk()
    desk.at += 3 * DAY
    (one,) = published(desk.tick())

    assert desk.at // DAY - 1 == one.on
