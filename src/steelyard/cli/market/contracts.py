"""`steelyard market contracts`: the contracts that have a pack, and the terms of an instrument made from one."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from steelyard.cli.output import Output
from steelyard.cli.session import DONE, USAGE, Switch, end

if TYPE_CHECKING:
    from steelyard.market.contracts import Contract

COLUMNS = (
    ("contract", "contract"), ("type", "type"), ("cleared", "cleared"), ("commodity", "commodity"), ("grade", "grade"),
    ("unit", "unit"), ("money", "money"), ("months", "months"), ("places", "places"),
)  # fmt: skip
BASKET_SCALE = 2


def contracts(*, packs: Path | None = None, json: Switch = False) -> int:
    """List the contracts that have a pack. Nothing of a node is needed. Exit 2: a pack is malformed.

    Parameters
    ----------
    packs
        Folder of packs of one's own; without it, those that come with the release.
    json
        Print one JSON object a line.
    """
    Output(json=json).rows((_row(one) for one in read(packs).values()), COLUMNS)
    return DONE


def read(packs: Path | None) -> "dict[str, Contract]":
    """Read packs, or end with the file and line of what is wrong."""
    from steelyard.packs.calendars import PackIsBroken
    from steelyard.packs.contracts import load_all

    try:
        return load_all(packs)
    except (PackIsBroken, OSError) as fault:
        return end(str(fault), USAGE)


def terms(contract: "Contract", scale: int, *, month: str, currency: str, **given: Any) -> dict[str, Any]:
    """Give the terms of an instrument of a contract as the API takes them; prices with `scale` decimals.

    It is traded in the unit that its price is for; a lot is the contract's unit. Ends the command where that is none.
    """
    from steelyard.market.contracts.listing import instrument_code, is_by_month
    from steelyard.market.contracts.spot_receipt import SpotReceipt
    from steelyard.market.contracts.terms import Measure
    from steelyard.values.amount import format_minor

    by_month = is_by_month(contract)
    if not by_month and not isinstance(contract, SpotReceipt):
        end(f"{contract.code}: it is between two parties, and no book has it", USAGE)
    if contract.measure is not Measure.KG or contract.unit % contract.price_per:
        end(
            f"{contract.code}: what is traded is weighed, a lot a whole number of what its price is for",
            USAGE,
        )
    if by_month != bool(month):
        end(f"{contract.code}: --month is for what is cleared, and each of that is of a month", USAGE)
    if by_month and not (currency or contract.currency):
        end(f"{contract.code}: a cleared contract has one currency: name it by --currency", USAGE)
    own = currency or contract.currency
    found = {
        "code": instrument_code(contract, month),
        "contract": contract.code,
        "way": "cleared" if by_month else "spot",
        "unit_kg": contract.price_per,
        "lot": contract.unit // contract.price_per,
        "tick": format_minor(contract.tick_minor, scale),
        "currency": own or None,
        "basket": None if own else contract.basket,
        "limit_bp": contract.limits.daily_bp,
        "limit_step": format_minor(contract.limits.daily_step_minor, scale),
        "collar_bp": contract.limits.collar_bp or None,
    }
    named = {name: value for name, value in given.items() if value is not None}
    found["asset"] = named.pop("asset", None) or found["code"]
    return {name: value for name, value in (found | named).items() if value is not None}


def cleared(contract: "Contract", scale: int, *, month: str, currency: str) -> dict[str, Any]:
    """Give the terms on which a month of a contract is cleared in a currency, as the API takes them."""
    from steelyard.market.contracts.forward import Forward
    from steelyard.market.contracts.future import Future
    from steelyard.market.contracts.listing import clearing_terms, is_by_month
    from steelyard.packs.contracts import business_days
    from steelyard.values.amount import format_minor
    from steelyard.values.instants import format_date

    if not isinstance(contract, Future | Forward) or not is_by_month(contract) or not month:
        end(f"{contract.code}: what is cleared is a month of a future or forward: name it by --month", USAGE)
    try:
        dates = contract.dates(month, business_days(contract.calendars))
        found = clearing_terms(contract, dates, asset=currency) if dates is not None else None
    except ValueError as fault:
        end(f"{contract.code}: {fault}", USAGE)
    if found is None:
        end(f"{contract.code}: the calendars do not reach {month}", USAGE)
    return {
        "contract": found.contract, "commodity": found.commodity, "currency": currency, "unit_kg": found.unit_kg,
        "tick": format_minor(found.tick_minor, scale), "scan_range": format_minor(found.scan_range_minor, scale),
        "spread": format_minor(found.spread_minor, scale), "limit_lots": found.limit_lots,
        "delivery_limit_lots": found.delivery_limit_lots, "delivery_from_on": format_date(found.delivery_from_on),
        "delivery_bp": found.delivery_bp,
    }  # fmt: skip


def supply(contract: "Contract", scale: int) -> dict[str, Any]:
    """Give the terms of a supply of energy as the API takes them, but for who, when and where."""
    from decimal import Decimal

    from steelyard.market.contracts.energy_supply import EnergySupply
    from steelyard.values.amount import format_minor

    if not isinstance(contract, EnergySupply):
        end(f"{contract.code}: it is no supply of energy", USAGE)
    if (contract.index_from, contract.index_to) != (3, 1):
        end(f"{contract.code}: a month is priced by the three months before it", USAGE)
    times, rest = divmod(contract.unit, contract.price_per)
    if rest:
        end(f"{contract.code}: a unit is a whole number of what its price is for", USAGE)
    share = {
        name: format_minor(bp, 4)
        for name, bp in (
            ("take_or_pay", contract.take_or_pay_bp),
            ("tolerance", contract.downward_tolerance_bp),
            ("carry_share", contract.carry_forward_bp),
        )
    }
    return share | {
        "unit": f"{contract.unit} {contract.measure.value}", "acq": contract.annual_units, "index": contract.index,
        "base": format_minor(contract.price_base_minor * times, scale),
        "slope": format(Decimal(contract.price_slope) * times, "f"), "makeup_years": contract.make_up_years,
        "carry_years": contract.carry_forward_years,
    }  # fmt: skip


def _row(one: "Contract") -> dict[str, str]:
    from steelyard.market.contracts.listing import is_by_month

    return {
        "contract": one.code,
        "type": str(type(one).__struct_config__.tag),
        "cleared": "yes" if is_by_month(one) else "no",
        "commodity": one.commodity,
        "grade": one.grade,
        "unit": f"{one.unit} {one.measure.value}",
        "money": one.currency or one.basket,
        "months": " ".join(str(month) for month in getattr(one, "months", ())),
        "places": " ".join(place.place for place in one.places),
    }
