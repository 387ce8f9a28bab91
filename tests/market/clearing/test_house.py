"""The house: what it refuses, what it asks for, its bytes."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from steelyard.market.clearing import positions, requirements
from steelyard.market.clearing.default import Bid, Case, Sale
from steelyard.market.clearing.house import CONTRACTS_MAX, MEMBERS_MAX, OWED_MAX, Clearing, Model
from steelyard.market.clearing.positions import Terms
from steelyard.market.clearing.variation import Owed, Run
from steelyard.market.refusals.clearing import ClearingRefusal as No

SEP = Terms(
    "SEP", "WHEAT", "NOR", 50_000, 2, 1_100, 250, limit_lots=100, delivery_limit_lots=20, delivery_from_on=50,
    delivery_bp=2_500,
)  # fmt: skip
DEC = structs.replace(SEP, contract="DEC", delivery_from_on=140)
ON = 10


def house(*members: str) -> Clearing:
    made = Clearing()
    for terms in (SEP, DEC):
        assert made.put_terms(terms) is None
    for bic in members or ("A", "B", "C"):
        assert made.join(bic, "", ON) is None
    return made


def test_a_house_full_of_claims_adds_to_the_last_of_a_payer():
    made = house()
    made.owed = [Owed(b"r", "A", "NOR", ON, 1, {"B": 1}) for _ in range(OWED_MAX)]
    made.owe(Owed(b"s", "A", "NOR", ON, 2, {"B": 3, "C": 4}))

    assert OWED_MAX == len(made.owed)
    assert (3, {"B": 4, "C": 4}) == (made.owed[-1].advanced_minor, made.owed[-1].unpaid)


def test_terms_lie_within_their_bounds():
    made = house()

    for wrong in (
        {"unit_kg": 0}, {"tick_minor": 0}, {"scan_range_minor": 0}, {"spread_minor": -1}, {"limit_lots": 19},
        {"delivery_bp": -1}, {"contract": ""}, {"unit_kg": 10_000}, {"median_lots": -1},
    ):  # fmt: skip
        assert No.CLEARING_TERMS_OUT_OF_RANGE is made.put_terms(structs.replace(SEP, **wrong))


def test_currency_and_commodity_stay_while_lots_are_held():
    made = house()
    made.novate("SEP", "A", "B", 1, 210)

    for change in ({"asset": "SUD"}, {"commodity": "MAIZE"}):
        assert No.CLEARING_CONTRACT_HAS_POSITIONS is made.put_terms(structs.replace(SEP, **change))
    assert None is made.put_terms(structs.replace(SEP, scan_range_minor=1_500))


def test_it_keeps_so_many_and_no_more():
    made = house()
    made.members |= dict.fromkeys(map(str, range(MEMBERS_MAX)), made.members["A"])
    made.terms |= dict.fromkeys(map(str, range(CONTRACTS_MAX)), structs.replace(SEP, commodity="X"))

    assert No.CLEARING_IS_FULL is made.join("Z", "", ON)
    assert No.CLEARING_IS_FULL is made.put_terms(structs.replace(SEP, contract="NEW"))
    assert None is made.join("A", "g", ON)


def test_a_trade_is_refused_for_its_first_reason():
    made = house()
    made.suspend("C", suspended=True)

    def no(contract="SEP", buyer="A", seller="B", lots=1, price=210, on=ON):
        return made.refuse_trade(contract, buyer, seller, lots, price, on)

    assert None is no()
    assert No.CLEARING_CONTRACT_UNKNOWN is no("JUL", "Z")
    assert No.CLEARING_MEMBER_NOT_FOUND is no(buyer="Z", lots=0)
    assert No.CLEARING_LOTS_OUT_OF_RANGE is no(lots=0, seller="C")
    assert No.CLEARING_LOTS_OUT_OF_RANGE is no(lots=10**8, price=2 * 10**8)
    assert No.CLEARING_MEMBER_IS_SUSPENDED is no(seller="C", lots=101)
    assert No.CLEARING_POSITION_LIMIT is no(lots=101)
    assert None is no(lots=100)
    assert No.CLEARING_POSITION_LIMIT is no(lots=21, on=50)


def test_a_suspended_member_may_lessen_what_it_holds():
    made = house()
    made.novate("SEP", "C", "B", 5, 210)
    made.suspend("C", suspended=True)

    assert None is made.refuse_trade("SEP", "A", "C", 5, 210, ON)
    assert No.CLEARING_MEMBER_IS_SUSPENDED is made.refuse_trade("SEP", "A", "C", 11, 210, ON)


def test_a_group_counts_together_and_reduces_where_its_limit_sinks():
    made = house()
    made.regroup("A", "g")
    made.regroup("C", "g")
    made.novate("SEP", "A", "B", 60, 210)

    assert No.CLEARING_POSITION_LIMIT is made.refuse_trade("SEP", "C", "B", 41, 210, ON)
    assert None is made.refuse_trade("SEP", "A", "C", 90, 210, ON)  # within the group
    assert [] == made.above_limit(49)
    assert [("SEP", "B", 40), ("SEP", "g", 40)] == made.above_limit(50)


def test_margins_of_the_rulebook_and_their_add_ons():
    made = house()
    made.novate("SEP", "A", "B", 8, 210)

    assert 440_000 == requirements.required(made, "A", "NOR", ON).minor
    assert 110_000 == requirements.required(made, "A", "NOR", 50).delivery
    assert 100_000 == requirements.required(made, "A", "NOR", ON, {"DEC": -8}).minor
    assert 0 == requirements.required(made, "A", "NOR", ON, {"SEP": -8}).minor
    assert 0 == requirements.required(made, "A", "SUD", ON).minor
    made.put_terms(structs.replace(SEP, median_lots=4))  # 8 days to sell 8 lots: sqrt(8 / 2) - 1
    assert 440_000 == requirements.required(made, "A", "NOR", ON).concentration


def test_a_model_counts_for_the_positions_it_was_asked_of():
    made = house()
    made.novate("SEP", "A", "B", 8, 210)
    model = Model("fhs/1", bytes(32), ON)

    for wrong in (
        {"A": 400_000},
        {"A": 400_000, "B": 219_999},
        {"A": 400_000, "B": 8_800_001},
        {"A": 1, "C": 1},
    ):
        assert No.MARGIN_MODEL_DOES_NOT_FIT is requirements.accept_model(made, "NOR", model, wrong)
    assert None is requirements.accept_model(made, "NOR", model, {"A": 400_000, "B": 520_000})
    assert (400_000, True) == (requirements.required(made, "A", "NOR", ON).base, True)
    made.novate("SEP", "A", "C", 1, 210)
    assert not requirements.required(made, "A", "NOR", ON).modelled
    assert requirements.required(made, "B", "NOR", ON).modelled


def test_a_run_has_a_price_for_each_contract_that_is_held():
    made = house()
    made.novate("SEP", "A", "B", 1, 210)

    for prices in ({}, {"DEC": 1}, {"SEP": 1, "DEC": 1}, {"SEP": 10**16}, {"SEP": 211}):
        assert No.MARGIN_PRICES_INCOMPLETE is made.refuse_prices("NOR", prices)
    assert None is made.refuse_prices("NOR", {"SEP": 212})
    made.runs["NOR"] = Run(b"", 1, "NOR", ON, 0, 1, {}, {}, {})
    assert No.MARGIN_RUN_IS_OPEN is made.refuse_prices("NOR", {"SEP": 212})


def test_average_margins_are_of_the_days_that_were_counted():
    made = house()
    requirements.count_margins(made, "NOR", ON)
    made.novate("SEP", "A", "B", 8, 210)
    requirements.count_margins(made, "NOR", ON)

    assert {"A": 220_000, "B": 220_000} == requirements.average_margins(made, "NOR")
    assert {} == requirements.average_margins(made, "SUD")


def test_lots_taken_over_leave_the_book_closed():
    made = house()
    made.novate("SEP", "A", "B", 8, 210)
    made.take_over("A", Sale("SEP", "C", 8, 190))

    assert positions.closed(made.book)
    assert (0, 8 * 20) == (positions.of(made.book, "SEP", "A").lots, positions.of(made.book, "SEP", "A").cost)
    assert {"A": -8_000, "B": 8_000, "C": 0} == made.gains({"SEP": 190})


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from("ABC"), st.integers(1, 9), st.integers(1, 99)),
        max_size=9,
    )
)
def test_its_bytes_say_everything_and_only_that(trades):
    """Decoded and encoded they are the same, and the order of trades that come to one state does not show."""
    one, other = house(), house("C", "B", "A")
    for made, order in ((one, trades), (other, trades[::-1])):
        for buyer, seller, lots, price in order:
            made.novate("SEP", buyer, seller, lots, price)

    assert one.encode() == other.encode() == Clearing.decode(one.encode()).encode()


def test_every_part_of_it_is_in_its_bytes():
    made = house()
    made.novate("SEP", "A", "B", 8, 210)
    made.mark({"SEP": 212})
    requirements.accept_model(made, "NOR", Model("fhs/1", bytes(32), ON), {"A": 400_000, "B": 520_000})
    requirements.count_margins(made, "NOR", ON)
    made.runs["NOR"] = Run(b"r", made.number(), "NOR", ON, 0, 1, {"A": 1}, {"B": 1}, {"SEP": 1})
    made.owed.append(Owed(b"r", "A", "NOR", ON, 1, {"B": 2}))
    made.fund["NOR"], made.cover["NOR"] = {"A": 5}, 7
    made.cases["A"] = Case(b"c", made.number(), "A", 0, 9, 1, bids=[Bid(1, "B", "SEP", 1, 2)])
    again = Clearing.decode(made.encode())

    assert made.encode() == again.encode()
    for name in Clearing.__slots__:
        assert getattr(made, name) == getattr(again, name), name
    again.end_run(again.runs["NOR"])
    again.end_case(again.cases["A"])
    assert ([1], [2]) == ([one.number for one in again.over_runs], [one.number for one in again.over_cases])
    assert made.encode() != again.encode()
