"""Contract packs: a folder for each contract, with one `pack.toml` of its terms.

Any folder of the same shape is another set of contracts. A pack that is malformed, or holds less than it says of
itself, stops whoever reads it, with file and line.
"""

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable

from steelyard.market.contracts import Contract
from steelyard.market.contracts.dates import Business
from steelyard.packs import calendars
from steelyard.packs.calendars import PackIsBroken
from steelyard.packs.contracts.build import PackFault, contract_of
from steelyard.packs.contracts.lines import line_of
from steelyard.values.calendars import is_business
from steelyard.values.instants import Day

FILE = "pack.toml"


def names() -> tuple[str, ...]:
    """Give the contracts that have a pack, sorted."""
    return tuple(_folders(files(__package__)))


def load(name: str) -> Contract:
    """Read the project's pack of a contract; raises PackIsBroken."""
    return read(_text(files(__package__).joinpath(name)), f"contracts/{name}/{FILE}")


def load_all(root: Traversable | None = None) -> dict[str, Contract]:
    """Read all packs of a folder, the project's own without an argument, by code; raises PackIsBroken."""
    folder = root or files(__package__)
    contracts: dict[str, Contract] = {}
    for name in _folders(folder):
        text = _text(folder.joinpath(name))
        contract = read(text, f"contracts/{name}/{FILE}")
        if contract.code in contracts:
            line = line_of(text, ("code",))
            raise PackIsBroken(f"contracts/{name}/{FILE}:{line}: {contract.code} stands in another pack too")
        contracts[contract.code] = contract
    if not contracts:
        raise PackIsBroken(f"{folder} holds no contract")
    return contracts


def read(text: str, name: str) -> Contract:
    """Read a pack from its text; `name` is its file, as a fault calls it. Raises PackIsBroken."""
    try:
        pack = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = found[1] if found else max(1, len(text.splitlines()))
        raise PackIsBroken(f"{name}:{line}: {error}") from error
    try:
        return contract_of(pack)
    except PackFault as fault:
        raise PackIsBroken(f"{name}:{line_of(text, fault.path)}: {fault.rule}") from fault


def business_days(currencies: Sequence[str]) -> Business:
    """Give the rule by which a date is a business day of all these calendar packs."""
    known = [calendars.load(currency) for currency in currencies]

    def is_open(on: Day) -> bool:
        return all(is_business(calendar, on) for calendar in known)

    return is_open


def _folders(folder: Traversable) -> list[str]:
    """Give the names of the folders in one that hold a pack."""
    return sorted(item.name for item in folder.iterdir() if item.is_dir() and item.joinpath(FILE).is_file())


def _text(folder: Traversable) -> str:
    try:
        return folder.joinpath(FILE).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PackIsBroken(f"contracts/{folder.name}/{FILE}:1: {error}") from error
