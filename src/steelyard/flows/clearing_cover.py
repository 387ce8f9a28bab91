"""What a member's collateral covers of its margins, now or after a change.

Cash of a currency covers that currency's margin first, at its full amount. What is left of it then covers others as
foreign cash does: less a haircut and less the mismatch, at today's reference rate. Receipts count that are pledged to
the operator and valid; one that is locked for a delivery is not pledged, so it counts nothing. Of what is required in
a currency the desk's terms let one asset cover a share at most. No unit of collateral counts twice.
"""

from collections.abc import Mapping
from fractions import Fraction

from msgspec import Struct

from steelyard.flows import clearing_money as money
from steelyard.flows import valuing
from steelyard.flows.world import World
from steelyard.market.clearing import requirements
from steelyard.market.clearing.collateral import CASH, RECEIPT, WHOLE_BP, Accepted, value
from steelyard.market.clearing.requirements import Parts
from steelyard.market.receipts import ReceiptState
from steelyard.members.state import OPERATOR
from steelyard.values.instants import Instant


class Cover(Struct, frozen=True):
    """One currency of one member: what is required, of what parts, and how much of it is covered."""

    asset: str
    parts: Parts
    covered_minor: int

    @property
    def short_minor(self) -> int:
        """Give what is lacking."""
        return self.parts.minor - self.covered_minor


def covers(
    world: World,
    bic: str,
    at: Instant,
    *,
    changes: Mapping[str, int] | None = None,
    less: Mapping[str, int] | None = None,
) -> list[Cover]:
    """Give how a member stands in each currency, by name: with lots changed, or with cash taken out."""
    house = world.clearing
    needs = {
        asset: requirements.required(house, bic, asset, money.today(world, asset, at), changes)
        for asset in sorted(house.desks)
    }
    left = _collateral(world, bic, at)
    for asset, minor in (less or {}).items():
        left[asset] = left.get(asset, 0) - minor
    own: dict[str, int] = {}
    for asset, parts in needs.items():
        own[asset] = max(0, min(parts.minor, left.get(asset, 0)))
        left[asset] = left.get(asset, 0) - own[asset]
    return [
        Cover(
            asset, parts, own[asset] + _others(world, left, asset, parts.minor, parts.minor - own[asset], at)
        )
        for asset, parts in needs.items()
    ]


def is_short(
    world: World,
    bic: str,
    at: Instant,
    *,
    changes: Mapping[str, int] | None = None,
    less: Mapping[str, int] | None = None,
) -> bool:
    """Tell whether something lacks in any currency."""
    return any(one.short_minor > 0 for one in covers(world, bic, at, changes=changes, less=less))


def shortages(world: World, at: Instant) -> list[tuple[str, str, int]]:
    """Give (member, currency, what is lacking) of all who lack collateral, by member, then currency."""
    house = world.clearing
    holders = sorted({bic for held in house.book.values() for bic, one in held.items() if one.lots})
    return [
        (bic, one.asset, one.short_minor)
        for bic in holders
        for one in covers(world, bic, at)
        if one.short_minor > 0
    ]


def _collateral(world: World, bic: str, at: Instant) -> dict[str, int]:
    """Give what a member has lodged, by asset: cash on margin accounts, kg of receipts pledged to the house."""
    house = world.clearing
    found: dict[str, int] = {}
    for asset in sorted({*house.desks, *house.accepted}):
        terms = house.accepted.get(asset)
        if terms is None or terms.kind == CASH:
            minor = money.held(world, money.MARGIN, bic, asset)
            if minor:
                found[asset] = minor
    if any(one.kind == RECEIPT for one in house.accepted.values()):
        for receipt in world.titles.of_holder(bic):
            valid = not receipt.valid_until or at < receipt.valid_until
            if valid and receipt.state is ReceiptState.PLEDGED and receipt.pledgee == OPERATOR:
                found[receipt.code] = found.get(receipt.code, 0) + receipt.kg
    return found


def _others(world: World, left: dict[str, int], currency: str, required: int, short: int, at: Instant) -> int:
    """Cover what is short in a currency by other collateral, by name, and take it from what is left."""
    total = 0
    for asset in sorted(left):
        terms = world.clearing.accepted.get(asset)
        if short <= total or asset == currency or terms is None or left[asset] <= 0:
            continue
        rate = _rate(world, terms, currency, at)
        counts = value(terms, left[asset], currency=currency, rate=rate) if rate else 0
        taken = min(counts, required * terms.cap_bp // WHOLE_BP, short - total)
        if taken > 0:
            total += taken
            left[asset] -= -(-left[asset] * taken // counts)
    return total


def _rate(world: World, terms: Accepted, currency: str, at: Instant) -> Fraction | int | None:
    """Give what a minor unit of an asset's currency is worth in another, None where it may not be converted."""
    if terms.currency == currency:
        return 1
    (found,) = valuing.values(world, [terms.currency], unit=currency, flow="credit", at=at).values()
    return None if found.refusal is not None else found.value
