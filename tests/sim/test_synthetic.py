"""The standard day: the same for one seed on every platform, true to the trade and to the law of sizes."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.sim.draws import Stream, lognormal, root, shares
from steelyard.sim.synthetic import DOUBLE_HUMP, standard_day
from steelyard.sim.trade import MEMBERS, TradeIsWrong, invented, read, shipped

DAY = standard_day(1, 20_000)


def test_the_same_seed_makes_the_same_day():
    """The digest is written down: another platform, numpy or process must reach it too."""
    assert DAY.digest == standard_day(1, 20_000).digest
    assert "78f517daf4b6ae10e9319792e9ef68d3acd8432acb7bbcec6383608a93555b4d" == standard_day(1, 2_000).digest
    assert DAY.digest != standard_day(2, 20_000).digest


def test_the_day_has_ten_members_of_twenty_banks_and_every_payment():
    """Nobody pays a bank of its own member; amounts are whole cents above zero; order is that of time."""
    assert MEMBERS == DAY.members
    assert 200 == len(DAY.banks) == len(set(DAY.banks))
    assert 20_000 == len(DAY)
    assert (DAY.bank_member[DAY.payer] != DAY.bank_member[DAY.payee]).all()
    assert DAY.amount_minor.min() >= 1
    assert (np.diff(DAY.at_s) >= 0).all()
    assert DAY.at_s.max() < DAY.close_s == 36_000


def test_a_pair_carries_its_trade():
    """Without random direction each pair carries its yearly trade / 250, to a cent a payment."""
    day, table = standard_day(3, 20_000, fin=0), shipped()
    for number, importer in enumerate(day.members):
        for other, exporter in enumerate(day.members):
            if number != other:
                mine = (day.bank_member[day.payer] == number) & (day.bank_member[day.payee] == other)
                wanted = table.cents[exporter, importer] // 250

                assert abs(int(day.amount_minor[mine].sum()) - wanted) <= mine.sum()


def test_about_half_of_the_random_share_is_turned():
    """With every payment of random direction, what flows one way equals what flows back within chance."""
    straight, tossed = standard_day(1, 20_000, fin=0), standard_day(1, 20_000, fin=1)

    def net(day, a, b):
        there = (day.bank_member[day.payer] == a) & (day.bank_member[day.payee] == b)
        back = (day.bank_member[day.payer] == b) & (day.bank_member[day.payee] == a)
        return abs(int(there.sum()) - int(back.sum())) / int(there.sum() + back.sum())

    china, brazil = straight.members.index("CHN"), straight.members.index("BRA")
    assert net(straight, china, brazil) > 0.1
    assert net(tossed, china, brazil) < 0.1


def test_sizes_are_lognormal():
    """Quantiles of the logarithm lie where the bell of sigma 2.2 has them."""
    sizes = np.log(lognormal(Stream("a test"), 200_000, sigma_milli=2200) / 2**24)
    for share in (0.001, 0.1, 0.5, 0.9, 0.999):
        assert float(np.quantile(sizes, share)) == pytest.approx(2.2 * NormalDist().inv_cdf(share), abs=0.12)


def test_the_first_bank_of_a_member_is_used_most_by_zipf():
    """The first of twenty is used 2^0.9 times as often as the second."""
    used = np.bincount(DAY.payer, minlength=200)[20:40] + np.bincount(DAY.payee, minlength=200)[20:40]

    assert used[0] / used[1] == pytest.approx(2**0.9, rel=0.2)


def test_double_hump_and_zones_move_payments_and_nothing_else():
    """The curve has two humps; with zones the easternmost member opens first and the day is longer."""
    humped = standard_day(1, 20_000, curve="double_hump", zones=True)
    ahead = humped.members.index("CHN")
    behind = humped.members.index("BRA")
    first = [humped.at_s[humped.bank_member[humped.payer] == member].min() for member in (ahead, behind)]

    assert humped.close_s == 36_000 + 11 * 3600
    assert first[0] < 3600
    assert first[1] >= 11 * 3600
    flat_hump = standard_day(1, 20_000, curve="double_hump")
    by_half_hour = np.bincount(flat_hump.at_s // 1800, minlength=20)
    assert by_half_hour[5] > 2 * by_half_hour[0]
    assert [n / sum(DOUBLE_HUMP) for n in DOUBLE_HUMP] == pytest.approx(by_half_hour / 20_000, abs=0.01)


def test_the_top_one_in_a_hundred_may_be_split():
    """Counted within a currency, or over all where there is one unit of account."""
    for split, low, high in (("none", 0, 0), ("top1", 150, 200), ("all", 20_000, 20_000)):
        assert low <= DAY.divisible(split).sum() <= high
        assert low <= DAY.divisible(split, by_currency=False).sum() <= high


def test_queued_payments_carry_the_columns():
    """Of one currency, or all as if there were one."""
    all_of_them, some = DAY.queued(), DAY.queued("CNY", split="none")

    assert len(DAY) == len(all_of_them)
    assert sum(one.amount_minor for one in all_of_them) == DAY.gross_minor
    assert 0 < len(some) < len(DAY)
    assert (some[0].id, some[0].seq, some[0].may_split) == (f"p{some[0].seq}", some[0].seq, False)


def test_a_day_of_no_payments_is_a_day():
    """Nothing sent, nothing owed."""
    empty = standard_day(1, 0)

    assert (0, 0, 0) == (len(empty), empty.gross_minor, empty.top_minor())
    assert [] == empty.queued()


def test_the_invented_table_needs_no_other_data():
    """Four members, four currencies, marked invented."""
    day = standard_day(1, 500, banks=8, trade=invented())

    assert ("NOR", "OST", "SUD", "WES") == day.members
    assert 8 == len(day.banks)
    assert "invented" in day.source


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exporter,importer,value_usd_bn\nNOR,SUD,1.5", "no currency is known of NOR, SUD"),
        ("exporter,importer,value_usd_bn\nBRA,CHN,-1", "row 2"),
        ("exporter,importer\nBRA,CHN", "row 2"),
        ("exporter,importer,value_usd_bn\n", "no trade of anybody"),
    ],
)
def test_a_wrong_table_is_refused_with_its_place(text, said):
    """The refusal names the file and the row."""
    with pytest.raises(TradeIsWrong, match=said):
        read(text, name="t.csv")


@given(value=st.integers(0, 10**40), degree=st.integers(1, 12))
def test_a_root_is_the_largest_that_fits(value, degree):
    """Its power fits, the next one's does not."""
    found = root(value, degree)

    assert found**degree <= value < (found + 1) ** degree


@given(total=st.integers(0, 10**6), weights=st.lists(st.integers(1, 10**9), min_size=1, max_size=20))
def test_shares_sum_to_the_whole(total, weights):
    """No share is further than one from its exact part."""
    parts = shares(total, weights)

    assert total == sum(parts)
    assert all(
        abs(part * sum(weights) - total * weight) < sum(weights)
        for part, weight in zip(parts, weights, strict=True)
    )
