"""Scenarios: defaults are the standard day, and what is wrong is refused with its place."""

import doctest
from decimal import Decimal
from pathlib import Path

import pytest

from steelyard.sim import faults
from steelyard.sim.mechanisms import STANDARD
from steelyard.sim.scenario import ScenarioIsWrong, load, read
from steelyard.sim.simulate import simulate


def test_an_empty_scenario_is_the_standard_day():
    """Every mechanism of the table, at three levels of money."""
    scenario = read("")

    assert STANDARD == scenario.mechanisms
    assert ["-0.5", "0", "0.25"] == [str(alpha) for alpha in scenario.alphas]
    assert (200, 100_000, 1) == (scenario.world.banks, scenario.data.payments, scenario.world.seed)


def test_what_is_said_replaces_what_is_not():
    """Fractions stay exact."""
    scenario = read('[liquidity]\nalpha = 0.1\n[data]\nfin = 0.25\n[mechanism.mine]\nentry = "fifo"\n')

    assert (Decimal("0.1"),) == scenario.alphas
    assert Decimal("0.25") == scenario.data.fin
    assert ["mine"] == list(scenario.mechanisms)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[liquidity]\nalhpa = 1", r"s.toml:2: \[liquidity\] unknown key alhpa; did you mean alpha\?"),
        ("sead = 1", r"s.toml:1: unknown key sead; known are name, world"),
        ("[world]\n\nbanks = 2.5", r"s.toml:3: \[world.banks\] expected `int`"),
        ("[limits]\nbilateral_minor = 1.5", r"s.toml:2: \[limits.bilateral_minor\] expected `int"),
        ("[limits]\nbilateral_minor = -1", r"\[limits\]: not below 0"),
        ("[credit]\ncap_minor = -1", r"\[credit\] cap_minor: not below 0"),
        ("[data]\npayments = -1", r"\[data\] payments: not below 0"),
        ("[data]\nfin = 1.5", r"\[data\] fin: a share between 0 and 1"),
        ('[data]\nsource = "file"', r"\[data\] path: for source file"),
        ("[data.rates]\neuro = 1", r"\[data.rates\] euro: three capitals"),
        ("[liquidity]\nalpha = -2", r"\[liquidity\] alpha: not below -1"),
        ('[mechanism.a]\nentry = "rtgs"\nbilateral = true', r"\[mechanism.a\] rtgs queues nothing"),
        ('[mechanism.a]\nentry = "cycle"', r"\[mechanism.a\] entry cycle and cycles_per_day go together"),
        ("[mechanism.a]\nbatch_minutes = 0", r"\[mechanism.a\] batch_minutes is 1 to 1440"),
        ('[[event]]\nat = "25:00"\nkind = "outage"\nwho = "x"', r"\[\[event\]\] 1: at: HH:MM"),
        ('[[event]]\nat = "11:00"\nuntil = "10:00"\nkind = "outage"\nwho = "x"', "until is after at"),
        ('[[event]]\nat = "11:00"\nkind = "storm"\nwho = "x"', "s.toml:3: .*invalid enum value 'storm'"),
        ('[[expect]]\nkey = "refused"\nop = "<"\nvalue = 1\nmechanism = "no"', "there is no mechanism no"),
        (
            '[mechanism.a]\nentry = "fifo"\n[mechanism.b]\nentry = "fofi"',
            r"s.toml:4: \[mechanism.b.entry\] invalid enum value 'fofi'; known are rtgs",
        ),
        (
            '[[event]]\nat = "11:00"\nkind = "outage"\nwho = "x"\n[[event]]\nat = "12:00"\nkind = "outage"\nwho = 3',
            r"s.toml:8: \[event\[1\].who\] expected `str`",
        ),
        ("[liquidity]\nalpha = nan", "s.toml: nan is no number to count with"),
        ("[data]\nfin = -inf", "s.toml: -inf is no number"),
        ("[data.rates]\nEUR = 1e999999999", "s.toml: 1e999999999 is no number"),
        ("a = [", "s.toml: "),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(text, said):
    """The line where the key stands, else its table."""
    with pytest.raises(ScenarioIsWrong, match=said):
        read(text, name="s.toml")


def test_places_are_found_in_the_table_they_belong_to():
    """The docstring's two mechanisms."""
    assert doctest.testmod(faults).failed == 0


def test_a_scenario_that_is_not_there_is_refused(tmp_path):
    """The refusal names the file."""
    with pytest.raises(ScenarioIsWrong, match=r"none.toml: cannot be read"):
        load(tmp_path / "none.toml")


def test_the_file_of_a_scenario_lies_beside_it(tmp_path):
    """A relative path counts from the scenario."""
    (tmp_path / "s.toml").write_text('[data]\nsource = "file"\npath = "day.csv"\n')

    assert str(tmp_path / "day.csv") == load(tmp_path / "s.toml").data.path


def test_the_scenario_of_the_guide_is_one():
    """What the guide shows can be run, small; every key in it is known."""
    guide = Path(__file__).parents[2] / "docs" / "guides" / "simulate.md"
    text = guide.read_text("utf-8").split("```toml\n")[1].split("```")[0]
    scenario = read(text.replace("payments = 20_000", "payments = 400"))

    assert ["plain", "tranches", "evening"] == list(scenario.mechanisms)
    assert 7 == len(simulate(scenario)[0].outcomes)
