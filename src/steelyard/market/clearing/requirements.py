"""What each member must have as initial margin, and what its share of the default fund follows from.

The base of a margin is a model's figure where one has spoken for these very positions, else the scan that anybody can
work out. On top come an add-on for lots in their delivery month and one for lots that take long to sell.
"""

from collections.abc import Mapping
from hashlib import sha256

from msgspec import Struct

from steelyard.market.clearing.house import Clearing, Model, Modelled
from steelyard.market.clearing.margin import WHOLE_BP, concentration_add_on, scan_margin
from steelyard.market.clearing.positions import KG_PER_PRICE
from steelyard.market.refusals.clearing import ClearingRefusal as No
from steelyard.values.instants import Day
from steelyard.values.refusal import Refusal

DAYS = 2
"""Days in which the margin reckons a position can be sold"""
MODEL_FLOOR_BP, MODEL_TOP = 5_000, 20
"""A model's margin is at least this share of the scan, and at most so many times the scan"""

DAYS_MAX, COUNTED_MAX = 500, 10**16
"""Days that averages are worked out from at most, and what of a margin counts on one"""


class Parts(Struct, frozen=True):
    """What a margin is made of, in minor units of one currency. `modelled` tells that the base is a model's."""

    base: int
    delivery: int
    concentration: int
    modelled: bool

    @property
    def minor(self) -> int:
        """Give the whole."""
        return self.base + self.delivery + self.concentration


def required(
    house: Clearing, member: str, asset: str, on: Day, changes: Mapping[str, int] | None = None
) -> Parts:
    """Give the initial margin of a member in a currency, with its lots changed by `changes`.

    The base is a model's where one has spoken for these very positions, else the scan, one for each commodity.
    """
    lots = lots_of(house, member, asset)
    for contract, change in (changes or {}).items():
        if house.terms[contract].asset == asset:
            lots[contract] = lots.get(contract, 0) + change
    spoken = house.modelled.get(asset, {}).get(member)
    modelled = spoken is not None and spoken.positions == digest(lots)
    base = spoken.minor if spoken is not None and modelled else scanned(house, lots)
    delivery = concentration = 0
    for contract in sorted(lots):
        terms = house.terms[contract]
        outright = abs(lots[contract]) * terms.scan_range_minor * terms.unit_kg  # in thousandths
        if terms.in_delivery_month(on):
            delivery += _divided_up(outright * terms.delivery_bp, KG_PER_PRICE * WHOLE_BP)
        if terms.median_lots:
            concentration += concentration_add_on(
                _divided_up(outright, KG_PER_PRICE), lots[contract], median_lots=terms.median_lots, days=DAYS
            )
    return Parts(base, delivery, concentration, modelled)


def scanned(house: Clearing, lots: Mapping[str, int]) -> int:
    """Give the scan margin of lots by contract, all of one currency."""
    books: dict[str, dict[str, int]] = {}
    for contract in sorted(lots):
        if lots[contract]:
            books.setdefault(house.terms[contract].commodity, {})[contract] = lots[contract]
    total = 0
    for held in books.values():
        terms = [house.terms[contract] for contract in held]
        thousandths = scan_margin(
            held,
            unit=terms[0].unit_kg,
            scan_range=max([one.scan_range_minor for one in terms]),
            spread_charge=max([one.spread_minor for one in terms]),
        )
        total += _divided_up(thousandths, KG_PER_PRICE)
    return total


def lots_of(house: Clearing, member: str, asset: str) -> dict[str, int]:
    """Give a member's lots by contract in one currency, none at zero."""
    return {
        contract: held[member].lots
        for contract, held in sorted(house.book.items())
        if house.terms[contract].asset == asset and member in held and held[member].lots
    }


def holders(house: Clearing, asset: str) -> list[str]:
    """Give who holds lots in a currency, by name; the house apart."""
    names = {
        member: None
        for contract, held in house.book.items()
        if house.terms[contract].asset == asset
        for member, one in held.items()
        if one.lots
    }
    return sorted(names)


def accept_model(house: Clearing, asset: str, model: Model, margins: Mapping[str, int]) -> Refusal | None:
    """Let a model's margins count for the positions as they stand: of every holder one, within its bounds."""
    if list(margins) != holders(house, asset):
        return No.MARGIN_MODEL_DOES_NOT_FIT
    for member, minor in margins.items():
        scan = scanned(house, lots_of(house, member, asset))
        if not scan * MODEL_FLOOR_BP <= minor * WHOLE_BP <= scan * MODEL_TOP * WHOLE_BP:
            return No.MARGIN_MODEL_DOES_NOT_FIT
    house.models[asset] = model
    house.modelled[asset] = {
        member: Modelled(minor, digest(lots_of(house, member, asset))) for member, minor in margins.items()
    }
    return None


def count_margins(house: Clearing, asset: str, on: Day) -> None:
    """Add a day's margins to what the shares of the fund are worked out from."""
    if house.days.get(asset, 0) >= DAYS_MAX:
        return
    sums = house.averages.setdefault(asset, {})
    for member in sorted(house.members):
        minor = required(house, member, asset, on).minor
        if minor:
            sums[member] = sums.get(member, 0) + min(minor, COUNTED_MAX)
    house.days[asset] = house.days.get(asset, 0) + 1


def average_margins(house: Clearing, asset: str) -> dict[str, int]:
    """Give each member's average margin since the fund was last sized, rounded down."""
    days = house.days.get(asset, 0)
    return (
        {member: minor // days for member, minor in sorted(house.averages.get(asset, {}).items())}
        if days
        else {}
    )


def _divided_up(number: int, by: int) -> int:
    """Divide and round up."""
    return -(-number // by)


def digest(lots: Mapping[str, int]) -> bytes:
    """Give 16 bytes of SHA-256 over lots by contract; those at zero do not count."""
    text = "\n".join(f"{contract} {lots[contract]}" for contract in sorted(lots) if lots[contract])
    return sha256(text.encode()).digest()[:16]
