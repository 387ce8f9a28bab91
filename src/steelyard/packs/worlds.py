"""World packs: the members, banks and providers of a network, its rates and its trade, as plain data.

`load()` reads the demonstration's folder; any folder of the same shape is another world. Nothing here is
special for a country: a member is a file.
"""

import csv
import tomllib
from datetime import date, datetime
from fractions import Fraction
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import StringIO
from typing import Any

import msgspec

from steelyard.packs.calendars import PackIsBroken


class ParticipantPack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bank: its BIC, name and the clearing code in its customers' account numbers."""

    bic: str
    name: str
    clearing_code: str


class MemberPack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A country or union with one currency, its settlement agent and its banks."""

    code: str
    trade_code: str
    name: str
    currency: str
    scale: int
    account_scheme: str
    settlement_agent: str
    participant: tuple[ParticipantPack, ...]


class ProviderPack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A participant that makes prices between the currencies it names."""

    bic: str
    name: str
    member: str
    currencies: tuple[str, ...]


class Unquoted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pair of currencies that no provider quotes."""

    pair: tuple[str, str]


class NetworkPack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for the whole network; `opens_at` is where the simulated clock starts."""

    network_id: str
    hub_bic: str
    node_prefix: str
    seed: int
    business_on: date
    opens_at: datetime
    rates_on: str
    opening_share_permille: int
    margin_bp: tuple[int, ...]
    provider: tuple[ProviderPack, ...]
    unquoted: tuple[Unquoted, ...] = ()


class WorldPack(msgspec.Struct, frozen=True):
    """A network with its members, sorted by code, the rates of its day and the trade between members.

    `usd_rates` are units per dollar, exactly: the yardstick of the table they came from, settled nowhere.
    `trade` is USD million a year by (exporter, importer), member codes.
    """

    network: NetworkPack
    members: tuple[MemberPack, ...]
    usd_rates: dict[str, Fraction]
    trade: dict[tuple[str, str], int]


def load(folder: Traversable | None = None) -> WorldPack:
    """Read a world pack, the demonstration's without an argument; raises PackIsBroken on a gap in it."""
    packs = files("steelyard.packs")
    root = folder or packs.joinpath("demo")
    network = msgspec.convert(_toml(root.joinpath("world.toml")), NetworkPack)
    found = [item for item in root.joinpath("members").iterdir() if item.name.endswith(".toml")]
    members = [msgspec.convert(_toml(item), MemberPack) for item in sorted(found, key=lambda item: item.name)]
    rates = _usd_rates(packs.joinpath("fx", "usd_snapshots.csv"), network.rates_on)
    world = WorldPack(network, tuple(members), rates, _trade(packs.joinpath("trade"), members))
    _expect(world)
    return world


def _usd_rates(table: Traversable, on: str) -> dict[str, Fraction]:
    for row in csv.DictReader(StringIO(table.read_text("utf-8"))):
        if row["date"] == on:
            return {name.removeprefix("USD_"): Fraction(row[name]) for name in row if name != "date"}
    raise PackIsBroken(f"no rates on {on}")


def _trade(folder: Traversable, members: list[MemberPack]) -> dict[tuple[str, str], int]:
    code_of = {member.trade_code: member.code for member in members}
    rows = list(csv.DictReader(StringIO(folder.joinpath("goods_2023_usd_bn.csv").read_text("utf-8"))))
    if len(rows) < _toml(folder.joinpath("pack.toml"))["expect"]["rows_min"]:
        raise PackIsBroken("the trade table has fewer rows than its pack expects")
    return {
        (code_of[row["exporter"]], code_of[row["importer"]]): int(Fraction(row["value_usd_bn"]) * 1000)
        for row in rows
        if row["exporter"] in code_of and row["importer"] in code_of
    }


def _expect(world: WorldPack) -> None:
    currencies = {member.currency for member in world.members}
    missing = sorted(currencies - world.usd_rates.keys())
    if missing:
        raise PackIsBroken(f"no rate for {', '.join(missing)}")
    bics = [bank.bic for member in world.members for bank in member.participant]
    bics += [member.settlement_agent for member in world.members]
    bics += [provider.bic for provider in world.network.provider]
    if len(bics) != len(set(bics)):
        raise PackIsBroken("a BIC stands twice")
    if len(world.network.margin_bp) < len(world.network.provider):
        raise PackIsBroken("a provider has no margin")


def _toml(item: Traversable) -> dict[str, Any]:
    return tomllib.loads(item.read_text("utf-8"))
