"""`steelyard statement` after a day has ended: a network of its own, whose clock moves on."""

import csv
import tempfile
from pathlib import Path

import pytest

from tests.api.world import GHAF, TAMR
from tests.client.live import live

ACCOUNT, DAY = f"{GHAF}/AED", "2026-11-23"


@pytest.fixture(scope="module")
def ended():
    """Give a network whose first day is over."""
    with (
        tempfile.TemporaryDirectory(prefix="sy") as place,
        live(Path(place) / "node", place=Path(place)) as here,
    ):
        yield here


@pytest.fixture
def fetch(alone, ended, monkeypatch):
    """Give a function that fetches a statement, as an owner."""
    monkeypatch.setenv("STEELYARD_URL", ended.address)

    def run(*tokens, who=GHAF):
        monkeypatch.setenv("STEELYARD_KEY", ended.keys[who])
        return alone(*tokens)

    assert 0 == run("sandbox", "advance", "PT24H", who="operator").code
    return run


def test_a_statement_comes_as_table_json_csv_and_message(fetch, tmp_path):
    """The same movements in each; a file is never overwritten."""
    (one,) = fetch("statement", ACCOUNT, DAY, "--json").json
    assert (ACCOUNT, DAY, True) == (one["account"], one["on"], one["final"])
    table = fetch("statement", ACCOUNT, DAY)
    assert f"opening\t{one['opening']['asset']} {one['opening']['value']}" in table.out
    lines = fetch("statement", ACCOUNT, DAY, "--form", "csv").out.splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert [entry["balance"]["value"] for entry in one["entries"]] == [row["balance.value"] for row in rows]
    file = tmp_path / "statement.xml"
    assert (0, "") == (fetch("statement", ACCOUNT, DAY, "--form", "camt.053", "--out", file).code, "")
    assert b"camt.053" in file.read_bytes()
    again = fetch("statement", ACCOUNT, DAY, "--form", "camt.053", "--out", file)
    assert 2 == again.code
    assert "cannot be written" in again.err
    assert 2 == fetch("statement", ACCOUNT, DAY, who=TAMR).code
