"""Legs as they cross the wire: accounts by name, acts and kinds in words."""

from steelyard.api import wire
from steelyard.api.auth.visibility import View
from steelyard.api.directory import Directory
from steelyard.client.types import LegRow
from steelyard.engine.bundles import Kind
from steelyard.storage.queries import Found, Reader

ACTS = {1: "move", 2: "reserve", 3: "settle", 4: "release", 5: "expire", 6: "pin"}


class Names:
    """Account names by number, looked up once for a list."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[int, tuple[str, str]] = {}

    def of(self, account_no: int) -> tuple[str, str]:
        """Give (name, owner) of an account."""
        found = self._known.get(account_no)
        if found is None:
            row = self._reader.one("account", account_no=account_no)
            found = self._known[account_no] = (row["name"], row["owner"]) if row else ("", "")
        return found


def leg(row: Found, directory: Directory, names: Names) -> LegRow:
    """Give one leg."""
    asset = directory.by_no[row["asset_no"]].code if row["asset_no"] in directory.by_no else ""
    return LegRow(
        seq=row["seq"],
        position=row["position"],
        leg_no=row["leg_no"],
        at=wire.at_text(row["at_ns"]),
        act=ACTS.get(row["act"], str(row["act"])),
        bundle_id=wire.uuid_text(row["bundle_id"]),
        kind=kind_name(row["kind"]),
        source=names.of(row["source"])[0],
        target=names.of(row["target"])[0],
        amount=wire.amount(row["amount_minor"], asset, directory),
        reference=wire.uuid_or_none(row["reference"]),
    )


def kind_name(number: int) -> str:
    """Give the word for a bundle's kind."""
    try:
        return Kind(number).name.lower()
    except ValueError:
        return str(number)


def seen_legs(rows: list[Found], view: View, directory: Directory, reader: Reader) -> list[LegRow]:
    """Give those legs of which the caller sees a side; of the other side it learns the account's name."""
    names = Names(reader)
    return [
        leg(row, directory, names)
        for row in rows
        if view.sees(names.of(row["source"])[1], names.of(row["target"])[1])
    ]
