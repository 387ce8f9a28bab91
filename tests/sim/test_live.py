"""A day through a node that runs: sent by the payers' own keys over a socket, answered by the real thing."""

import csv
import json
import tempfile
from pathlib import Path

import pytest

from steelyard.cli.sim import app
from steelyard.sim.live import read_keys, stand_ins
from steelyard.sim.scenario import ScenarioIsWrong
from steelyard.sim.synthetic import standard_day
from tests.api.world import BANKS, GHAF, SIDR, TAMR
from tests.client.live import live

ROWS = (
    f"1,{GHAF},{TAMR},AED,150000,08:00",
    f"2,{TAMR},{GHAF},AED,50000,08:10",
    f"3,{TAMR},{SIDR},AED,999999999999,08:20",
    f"4,{SIDR},{TAMR},AED,70000,08:30",
)


def test_a_day_is_sent_to_a_node_and_told(tmp_path, capsys):
    """What money allows settles, what it does not waits in the node's queue; a row says what became of each."""
    (tmp_path / "day.csv").write_text("id,payer,payee,currency,amount_minor,at\n" + "\n".join(ROWS) + "\n")
    scenario, keys, out = tmp_path / "s.toml", tmp_path / "k.toml", tmp_path / "out"
    scenario.write_text('[data]\nsource = "file"\npath = "day.csv"\n')
    with (
        tempfile.TemporaryDirectory(prefix="sy") as place,
        live(Path(place) / "node", place=Path(place)) as here,
    ):
        keys.write_text("".join(f'{name} = "{here.keys[name]}"\n' for name in BANKS))
        words = ["run", scenario, "--node", here.address, "--keys", keys, "--speed", "100000", "--out", out]
        code = app([str(word) for word in words], exit_on_error=False, result_action="return_value")
    rows = {row["id"]: row for row in csv.DictReader((out / "live.csv").open())}
    told = json.loads((out / "live.json").read_text())

    assert 0 == code
    assert ["p1", "p2", "p3", "p4"] == sorted(rows)
    assert "Settled" == rows["p1"]["answer"] == rows["p4"]["answer"]
    assert "Queued" == rows["p3"]["answer"]
    assert (4, 3, 0, 0) == (told["payments"], told["settled"], told["refused"], told["lost"])
    assert "settled 3" in capsys.readouterr().out


def test_drawn_banks_stand_for_banks_of_their_country():
    """First for first, round and round; a country nobody has a key of is named."""
    day = standard_day(1, 50)
    known = [
        f"{letter}ANK{country}A0"
        for country in ("AE", "BR", "CN", "EG", "ET", "ID", "IN", "IR", "RU", "ZA")
        for letter in "AB"
    ]
    found = stand_ins(day, known)

    assert ["AANKAEA0", "BANKAEA0", "AANKAEA0"] == found[:3]
    assert len(day.banks) == len(found)
    with pytest.raises(ScenarioIsWrong, match="no key is of a bank in ZA"):
        stand_ins(day, known[:-2])


def test_keys_are_read_or_refused(tmp_path):
    """A table of texts."""
    path = tmp_path / "k.toml"
    path.write_text("GHAFAEA0 = 5\n")

    with pytest.raises(ScenarioIsWrong, match="a key as text"):
        read_keys(path)
    with pytest.raises(ScenarioIsWrong, match="cannot be read"):
        read_keys(tmp_path / "none.toml")


def test_a_node_needs_keys(tmp_path):
    """Refused as wrong use, before anything is sent."""
    (tmp_path / "s.toml").write_text("")
    words = ["run", str(tmp_path / "s.toml"), "--node", "http://127.0.0.1:9", "--out", str(tmp_path / "out")]

    assert 2 == app(words, exit_on_error=False, result_action="return_value")
