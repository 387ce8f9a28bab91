"""Contracts that have a pack: listed without a node, made into instruments, found malformed by file and line."""

import asyncio
import shutil
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest

from steelyard.cli import doctor
from steelyard.cli.market.contracts import read, terms
from steelyard.client.market import InstrumentAsked
from steelyard.node.assembly import Node
from steelyard.node.config import load_config
from steelyard.node.exits import StartCheck
from steelyard.node.init import init
from steelyard.packs import contracts

PACKS = read(None)


def made(code, scale=2, **given):
    """Give the terms of a contract as the API takes them."""
    return msgspec.convert(
        terms(PACKS[code], scale, **({"month": "", "currency": ""} | given)), InstrumentAsked
    )


def test_contracts_are_listed_without_a_node(alone):
    ran = alone("market", "contracts")
    rows = {row["contract"]: row for row in ran.rows}

    assert (0, set(contracts.load_all())) == (ran.code, set(rows))
    assert ("future", "3 5 9 12", "50000 kg") == tuple(
        rows["WHT"][name] for name in ("type", "months", "unit")
    )
    assert ["yes", "yes", "no", "no"] == [
        rows[code]["cleared"] for code in ("WHT", "WHT-FWD", "WHU-FWD", "WHT-SPOT")
    ]


def test_a_spot_contract_is_traded_in_what_its_price_is_for():
    """10 t lots priced a tonne: 1,000 kg units, ten to a lot, tick 0.10 of the basket."""
    found = made("WHT-SPOT", asset="WHEAT-1-26.PORT")

    assert ("WHT-SPOT", "spot", 1_000, 10, "0.10", None, "BASKET", "WHEAT-1-26.PORT") == (
        found.code, found.way, found.unit_kg, found.lot, found.tick, found.currency, found.basket, found.asset,
    )  # fmt: skip
    held = made("WHT-SPOT", asset="WHEAT-1-26.PORT", basket_holds={"ZAR": "8.50"})
    assert {"ZAR": "8.50"} == held.basket_holds
    assert (700, "0.10", 300) == (found.limit_bp, found.limit_step, found.collar_bp)


def test_a_future_is_listed_by_its_month_in_one_currency():
    found = made("WHT", month="2027-03", currency="ZAR", reference="4600.00")

    assert ("WHT-2027-03", "cleared", "WHT-2027-03", "ZAR", None, 50, "4600.00") == (
        found.code, found.way, found.asset, found.currency, found.basket, found.lot, found.reference,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "given", "words"),
    [
        ("WHT", {"currency": "ZAR"}, "--month"),
        ("WHT", {"month": "2027-03"}, "--currency"),
        ("WHT-SPOT", {"month": "2027-03"}, "--month"),
    ],
)
def test_what_does_not_go_together_is_said(capsys, code, given, words):
    with pytest.raises(SystemExit):
        made(code, **given)

    assert words in capsys.readouterr().err


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """Let one pack of the release be malformed: a tick of none, on a line that it names."""
    folder = tmp_path / "packs"
    shutil.copytree(Path(str(files(contracts))), folder)
    pack = folder / "wheat_milling" / contracts.FILE
    text = pack.read_text()
    line = text.splitlines().index("tick_minor = 25") + 1
    pack.write_text(text.replace("tick_minor = 25", "tick_minor = 0"))
    found = contracts.load_all
    monkeypatch.setattr(contracts, "load_all", lambda root=None: found(root or folder))
    return folder, f"wheat_milling/{contracts.FILE}:{line}"


def test_a_malformed_pack_is_named_by_file_and_line(alone, broken):
    folder, place = broken
    ran = alone("market", "contracts", "--packs", folder)

    assert 2 == ran.code
    assert place in ran.err


async def _open(folder):
    config, _ = load_config(folder, environment={}, flags={"gateways": 0})
    await Node.open(config, on_stop=print)


def test_a_malformed_pack_stops_the_node_before_anything_is_opened(broken, tmp_path):
    _, place = broken
    init(tmp_path / "node", network_id="x", hub_bic="STEEXX00", profile="test", passphrase="x" * 12)
    before = {path.name for path in (tmp_path / "node").iterdir()}
    with pytest.raises(StartCheck, match=place):
        asyncio.run(_open(tmp_path / "node"))

    assert before == {path.name for path in (tmp_path / "node").iterdir()}


def test_the_doctor_finds_it_too(broken):
    _, place = broken
    (found,) = doctor.packs(None)

    assert doctor.FAIL == found.verdict
    assert place in found.found
