"""`steelyard sim`: folders filled, refusals with their place and exit 2, expectations with exit 1."""

import csv
import json
from importlib.util import find_spec

import pytest

from steelyard.cli.sim import app

SCENARIO = """
[world]
banks = 8
[data]
trade = "invented"
payments = 300
[liquidity]
alpha = 0
[mechanism.queue]
entry = "fifo"
"""


def call(*words):
    """Run a command as the command line does, and give its exit code."""
    return app([str(word) for word in words], exit_on_error=False, result_action="return_value")


@pytest.fixture
def scenario(tmp_path):
    """Give a small scenario."""
    path = tmp_path / "s.toml"
    path.write_text(SCENARIO)
    return path


def test_a_day_is_drawn_and_replayed(tmp_path, capsys):
    """What `sim day` writes `sim replay` reads, by the scenario that lies beside it."""
    assert 0 == call("day", "--payments", 300, "--banks", 8, "--trade", "invented", "--out", tmp_path / "day")
    rows = list(csv.DictReader((tmp_path / "day" / "day.csv").open()))
    again = tmp_path / "day" / "scenario.toml"
    out = tmp_path / "out"

    assert 300 == len(rows)
    assert json.loads((tmp_path / "day" / "day.json").read_text())["digest"] in capsys.readouterr().out
    assert 0 == call("replay", tmp_path / "day" / "day.csv", "--columns", again, "--out", out, "--no-plots")
    assert 300 == json.loads((out / "result.json").read_text())["day"]["payments"]
    assert "place,reason\n" == (out / "refused.csv").read_text()


def test_a_file_with_a_wrong_row_is_refused_or_skipped(tmp_path, capsys):
    """Every refused row is named on standard error and listed."""
    path = tmp_path / "p.csv"
    path.write_text(
        "id,payer,payee,currency,amount_minor,at\n1,A,B,EUR,5,08:00\n2,A,A,EUR,5,08:00\n3,B,A,EUR,-1,08:00\n"
    )

    assert 2 == call("replay", path, "--out", tmp_path / "out", "--no-plots")
    *named, told = capsys.readouterr().err.splitlines()
    assert [
        "p.csv:3: payer and payee are the same: A",
        "p.csv:4: amount_minor: -1 is not above zero",
    ] == named
    assert (
        told
        == f"2 refused, all in {tmp_path / 'out' / 'refused.csv'}: nothing was run; --skip-refused leaves them out"
    )
    assert not (tmp_path / "out" / "result.json").exists()
    assert 0 == call("replay", path, "--skip-refused", "--out", tmp_path / "out", "--no-plots", "--quiet")
    assert "p.csv:3" in (tmp_path / "out" / "refused.csv").read_text()
    assert "" == capsys.readouterr().out


def test_of_many_wrong_rows_the_first_twenty_are_named(tmp_path, capsys):
    """A terminal is not filled with a million reasons; the file has them all."""
    path = tmp_path / "p.csv"
    path.write_text("id,payer,payee,currency,amount_minor,at\n" + "1,A,A,EUR,5,08:00\n" * 30)

    assert 2 == call("replay", path, "--out", tmp_path / "out", "--no-plots")
    assert 21 == len(capsys.readouterr().err.splitlines())
    assert 31 == len((tmp_path / "out" / "refused.csv").read_text().splitlines())


@pytest.mark.parametrize("command", ["run", "compare", "stress", "replay", "day"])
def test_a_folder_that_cannot_be_made_is_told_before_any_work(command, scenario, tmp_path, capsys):
    """Not after ten minutes, and in a line."""
    taken, data = tmp_path / "taken", tmp_path / "p.csv"
    taken.write_text("")
    data.write_text("id,payer,payee,currency,amount_minor,at\n1,A,B,EUR,5,08:00\n")
    given = {"replay": [data], "day": []}.get(command, [scenario])

    assert 2 == call(command, *given, "--out", taken)
    assert f"--out {taken}: cannot be made" in capsys.readouterr().err


def test_run_fills_a_folder_and_report_fills_it_again(scenario, tmp_path, capsys):
    """The page is written anew from result.json alone."""
    out = tmp_path / "out"

    assert 0 == call("run", scenario, "--out", out, "--jobs", 1, "--no-plots")
    before = (out / "report.html").read_text()
    (out / "report.html").unlink()
    assert 0 == call("report", out, "--no-plots")
    assert before == (out / "report.html").read_text()
    assert "queue" in capsys.readouterr().out


def test_compare_runs_every_mechanism_and_the_scenario_s_own(scenario, tmp_path, capsys):
    """Fifteen of the house at each level, five with money paid in, one of the scenario."""
    assert 0 == call("compare", scenario, "--out", tmp_path / "out", "--no-plots", "--jobs", 1)
    names = {row["mechanism"] for row in csv.DictReader((tmp_path / "out" / "table.csv").open())}

    assert {"rtgs", "fifo", "bypass", "bilateral", "multilateral", "split-top1", "split", "pooled"} < names
    assert {"pooled-split", "queue", *(f"net-{n}" for n in (1, 4, 12, 48, 120))} < names
    assert 21 == len(names)
    assert "pooled-split" in capsys.readouterr().out


def test_an_expectation_that_fails_makes_exit_1(scenario, tmp_path, capsys):
    """And says what was found."""
    scenario.write_text(SCENARIO + '[[expect]]\nkey = "unsettled"\nop = ">"\nvalue = 300\n')

    assert 1 == call("run", scenario, "--out", tmp_path / "out", "--no-plots", "--quiet", "--jobs", 1)
    assert "expected unsettled > 300 of every mechanism, found " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[wrld]\nbanks = 3", "s.toml:1: unknown key wrld; did you mean world?"),
        ("[data]\ntrade = 'nowhere.csv'", "[data] trade: nowhere.csv: cannot be read"),
        ("[world]\nbanks = 3", "[world] banks: at least one for each of 10 members"),
        (
            '[[event]]\nat = "09:00"\nkind = "outage"\nwho = "X"',
            "[[event]] 1: who: there is no 'X' in this day",
        ),
    ],
)
def test_bad_input_makes_exit_2_with_its_place(scenario, tmp_path, capsys, text, said):
    """One line, nothing written."""
    scenario.write_text(text)

    assert 2 == call("run", scenario, "--out", tmp_path / "out", "--jobs", 1)
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_stress_prints_a_line_for_each_case(scenario, tmp_path, capsys):
    """And leaves a page of them."""
    assert 0 == call("stress", scenario, "--largest", 1, "--out", tmp_path / "out", "--jobs", 1)
    assert "outage-" in capsys.readouterr().out
    assert "Against the base" in (tmp_path / "out" / "report.html").read_text()
    assert 2 == call("stress", scenario, "--at", "noon")


def test_several_seeds_run_side_by_side(scenario, tmp_path, capsys):
    """A folder for each, as if it had run alone; least, mean and most of every figure over all."""
    out = tmp_path / "out"
    assert 0 == call("run", scenario, "--seeds", "1-2,4", "--out", out, "--jobs", 1)
    assert "3 seeds" in capsys.readouterr().out
    scenario.write_text(SCENARIO.replace("banks = 8", "banks = 8\nseed = 4"))
    assert 0 == call("run", scenario, "--out", tmp_path / "alone", "--jobs", 1, "--no-plots", "--quiet")
    rows = {row["figure"]: row for row in csv.DictReader((out / "seeds.csv").open())}
    settled = [json.loads((out / f"seed-{n}" / "result.json").read_text()) for n in (1, 2, 4)]
    values = [one["outcomes"][0]["row"]["settled_minor"] for one in settled]

    assert (out / "seed-4" / "result.json").read_bytes() == (tmp_path / "alone" / "result.json").read_bytes()
    assert (str(min(values)), str(max(values))) == (
        rows["settled_minor"]["least"],
        rows["settled_minor"]["most"],
    )
    assert 2 == call("run", scenario, "--seeds", "5-1", "--out", out)
    assert 2 == call("run", scenario, "--seeds", "few", "--out", out)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ('[mechanism.x]\nentry = "fastest"', "known are rtgs, fifo, bypass, guarded, cycle"),
        ('[liquidity]\nstart = "much"', "known are alpha, share, absolute, unlimited"),
    ],
)
def test_a_word_that_nobody_knows_is_answered_with_those_that_are_known(tmp_path, capsys, words, said):
    path = tmp_path / "wrong.toml"
    path.write_text(words)

    assert 2 == call("run", path, "--out", tmp_path / "out")
    assert said in capsys.readouterr().err


def test_fewer_than_no_processes_are_refused(scenario, tmp_path, capsys):
    assert 2 == call("run", scenario, "--jobs", -1, "--out", tmp_path / "out")
    assert "--jobs -1" in capsys.readouterr().err


@pytest.mark.skipif(find_spec("pyarrow") is not None, reason="pyarrow is installed")
def test_parquet_without_its_library_is_refused_before_anything_runs(scenario, tmp_path, capsys):
    """Not after a long simulation."""
    assert 2 == call("run", scenario, "--out", tmp_path / "out", "--parquet")
    assert "--parquet: pyarrow is not installed\n" == capsys.readouterr().err
    assert not (tmp_path / "out").exists()
