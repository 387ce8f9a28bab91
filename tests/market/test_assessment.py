"""What a day's value rests on."""

from dataclasses import dataclass
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.market.assessment import HELD_MIN, RUNGS, Day, FirmQuote, Method, Rung, Trade, assess

METHOD = Method(volume_min=100)


def trades(*, otc=False, proof="", count=2, volume=50, price="100"):
    """Trades between pairs of their own."""
    kind = "o" if otc else "t"
    return tuple(
        Trade(f"{kind}{at}", price, volume, f"{kind}B{at}", f"{kind}S{at}", otc, proof) for at in range(count)
    )


def test_the_first_rung_with_enough_gives_the_value():
    """Data of a lower rung does not touch a value that trades alone can give."""
    outside = trades(otc=True, proof="bundle 7", price="900")
    found = assess(Day(trades() + outside, previous="5", related_move="1"), METHOD)

    assert ("100", Rung.TRADES, 4, 100) == (found.value, found.rung, found.participants, found.volume)
    assert len(found.inputs) == 2


def test_trades_outside_the_book_count_with_proof_only():
    thin = trades(count=1)

    assert Rung.OTC == assess(Day(thin + trades(otc=True, proof="bundle 7")), METHOD).rung
    assert Rung.NONE == assess(Day(thin + trades(otc=True)), METHOD).rung


@pytest.mark.parametrize(("stood", "rung"), [(HELD_MIN, Rung.QUOTES), (HELD_MIN - 1, Rung.NONE)])
def test_quotes_count_when_they_stood_long_enough(stood, rung):
    """Bids and asks in balance: the value is the middle of the best of each."""
    quotes = tuple(
        FirmQuote(f"q{at}", price, 30, f"M{at}", stood) for at, price in enumerate(["98", "99", "101", "105"])
    )
    found = assess(Day(quotes=quotes), METHOD)

    assert rung is found.rung
    assert ("100" if rung is Rung.QUOTES else "") == found.value


def test_a_thin_day_moves_as_a_related_contract_did():
    found = assess(Day(trades(count=1), previous="1000/3", related_move="-1/3"), METHOD)

    assert ("333", Rung.RELATED, ()) == (found.value, found.rung, found.inputs)


def test_a_value_does_not_move_below_zero():
    assert "0" == assess(Day(previous="10", related_move="-25"), METHOD).value


def test_a_value_that_only_moves_stays_short_for_years():
    """Each day's move has another denominator: exact for ever they would have a hundred thousand digits."""
    value = "26160"
    for more in range(500):
        value = assess(Day(previous=value, related_move=f"1/{10**22 + 2 * more + 1}"), METHOD).value

    assert len(value) < 60
    assert 26_160 <= Fraction(value) < 26_161


@pytest.mark.parametrize("day", [Day(), Day(previous="9"), Day(related_move="9")])
def test_nothing_is_published_from_nothing(day):
    """An old value alone is no value of today."""
    found = assess(day, METHOD)

    assert ("", Rung.NONE) == (found.value, found.rung)


def test_a_wash_trade_does_not_count():
    """Who sells to himself adds neither volume nor participants."""
    wash = Trade("w", "900", 10_000, "A", "A")

    assert assess(Day(trades()), METHOD) == assess(Day((*trades(), wash)), METHOD)
    assert Rung.NONE is assess(Day((wash,)), METHOD).rung


@dataclass
class Changed:
    field: str
    value: object


CHANGES = [
    Changed("trade_id", "other"),
    Changed("price", "101"),
    Changed("volume", 51),
    Changed("buyer", "other"),
    Changed("seller", "other"),
    Changed("origin", "ZA"),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.field)
def test_another_input_has_another_hash(change):
    """Even where the value stays."""
    first, second = trades()
    other = msgspec.structs.replace(second, **{change.field: change.value})
    before, after = assess(Day((first, second)), METHOD), assess(Day((first, other)), METHOD)

    assert before.inputs[0] == after.inputs[0]
    assert before.inputs[1] != after.inputs[1]
    assert before.digest != after.digest


def test_another_method_has_another_hash():
    before, after = assess(Day(trades()), METHOD), assess(Day(trades()), Method(2, volume_min=100))

    assert before.value == after.value
    assert before.digest != after.digest


def test_every_rung_is_said_in_words():
    assert list(Rung) == list(RUNGS)


def test_values_are_exact():
    """Two prices of equal weight: their middle is kept as a ratio."""
    day = Day(
        (*trades(count=1, volume=100), *trades(otc=True, proof="x", count=1, volume=100, price="301/3"))
    )

    assert Fraction(601, 6) == Fraction(assess(day, METHOD).value)


def test_a_day_without_a_value_says_why():
    assert (
        "2 of 4 participants, volume 50 of 100, no value before"
        == assess(Day(trades(count=1)), METHOD).reason
    )
    assert "0 of 4 participants, volume 0 of 100, no move of a related contract" == (
        assess(Day(previous="5"), METHOD).reason
    )
    assert "" == assess(Day(trades()), METHOD).reason


def test_to_and_fro_outside_the_book_shows_no_price():
    """Neither way counts, whatever the sizes; a pair that trades one way only does."""
    ring = (Trade("1", "900", 500, "A", "B", True, "x"), Trade("2", "900", 40, "B", "A", True, "y"))
    found = assess(Day((*ring, *trades(otc=True, proof="z"))), METHOD)

    assert ("100", Rung.OTC, 4) == (found.value, found.rung, found.participants)


PRICES = st.integers(26_100, 26_139)
VOLUMES = st.lists(st.integers(10, 40), min_size=8, max_size=8)


def honest(rung, prices, volumes):
    """Eight houses that agree within 0.15 %, none of them in most of the volume."""
    both = [(f"H{at}", f"H{(at + 1) % 8}") for at in range(8)]
    if rung is Rung.QUOTES:
        rows = zip(prices, volumes, both, strict=True)
        return (), tuple(
            FirmQuote(f"h{at}", str(price), volume, maker, HELD_MIN)
            for at, (price, volume, (maker, _)) in enumerate(rows)
        )
    return tuple(
        Trade(f"h{at}", str(price), volume, *sides, rung is Rung.OTC, "proof")
        for at, (price, volume, sides) in enumerate(zip(prices, volumes, both, strict=True))
    ), ()


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from([Rung.TRADES, Rung.OTC, Rung.QUOTES]),
    st.lists(PRICES, min_size=8, max_size=8),
    VOLUMES,
    st.integers(1, 65),
    st.tuples(*[st.integers(0, 9)] * 3).filter(any),
    st.sampled_from([1, 20_000, 40_000]),
)
def test_a_pair_with_up_to_65_percent_moves_no_rung_by_a_fifth_of_a_percent(
    rung, prices, volumes, share, split, aim
):
    """It trades, registers, or stands firm with quotes, in any proportion, at whatever price it likes."""
    made, stood = honest(rung, prices, volumes)
    whole = sum(volumes) * share // (100 - share)
    between, one, other = (whole * part // sum(split) for part in split)
    attack = (Trade("x", str(aim), between, "X", "Y", rung is not Rung.TRADES, "proof"),)
    quotes = tuple(
        FirmQuote(f"x{maker}", str(aim), volume, maker, HELD_MIN)
        for maker, volume in (("X", one), ("Y", other))
    )
    fair = assess(Day(made, stood), Method())
    found = assess(Day((*made, *attack), (*stood, *quotes)), Method())

    assert rung is fair.rung is found.rung
    assert abs(Fraction(found.value) - Fraction(fair.value)) * 500 < Fraction(fair.value)
