"""The demonstration's day as the simulator sees it: the same money on the same ways, at every number of processes."""

from collections import Counter

import pytest

from steelyard.packs import worlds
from steelyard.sim.day import needs, plan
from steelyard.sim.demo.saving import ALPHAS, TITLES, compare, worth, write_day
from steelyard.sim.files import read
from steelyard.sim.scenario import load

OPENS_S = 13_500


@pytest.fixture(scope="module")
def world():
    return worlds.load()


@pytest.fixture(scope="module")
def payments(world):
    return plan(world, 400)


@pytest.fixture(scope="module")
def scenario(world, payments, tmp_path_factory):
    return write_day(tmp_path_factory.mktemp("day"), world, payments, opens_s=OPENS_S)


@pytest.fixture(scope="module")
def saving(scenario):
    return compare(scenario, jobs=1)


def test_the_legs_move_what_the_payments_move(payments, scenario):
    """Who pays out more than it takes in of a currency does so in the file, by the same amount."""
    found: Counter[tuple[str, str]] = Counter()
    for row in (scenario.parent / "payments.csv").read_text("utf-8").splitlines()[1:]:
        _, _, payer, payee, currency, amount = row.split(",")
        found[payer, currency] += int(amount)
        found[payee, currency] -= int(amount)

    assert needs(payments) == {key: minor for key, minor in sorted(found.items()) if minor > 0}


def test_the_simulator_reads_the_day_whole(payments, scenario, world):
    data = load(scenario).data
    day = read(scenario.parent / "payments.csv", data.columns, data.rates)

    assert [] == day.refused
    assert len(day.day) >= len(payments)
    assert set(worth(world)) == set(data.rates)


def test_every_mechanism_has_a_row_at_both_levels_of_money(saving):
    assert {(name, alpha) for name in TITLES for alpha in ALPHAS} == {
        (row.mechanism, row.alpha) for row in saving.rows
    }
    assert set(TITLES) == set(saving.waiting_bp)


def test_a_pool_needs_less_money_and_settles_more_of_the_same_day(saving):
    rows = {(row.mechanism, row.alpha): row for row in saving.rows}

    assert rows["pool", "0"].liquidity_bp * 3 < rows["queue", "0"].liquidity_bp * 2
    assert rows["pool", "0"].value_settled_bp == rows["split", "0"].value_settled_bp == 10_000
    assert rows["split", "-0.5"].value_settled_bp > rows["queue", "-0.5"].value_settled_bp
    assert rows["pool-split", "-0.5"].value_settled_bp > rows["pool", "-0.5"].value_settled_bp


def test_the_table_does_not_depend_on_the_number_of_processes(saving, scenario):
    assert saving == compare(scenario, jobs=2)
