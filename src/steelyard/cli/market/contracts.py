"""`steelyard market contracts`: the contracts that have a pack, and the terms of an instrument made from one."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from steelyard.cli.output import Output
from steelyard.cli.session import DONE, USAGE, Switch, end

if TYPE_CHECKING:
    from steelyard.market.contracts import Contract

COLUMNS = (
    ("contract", "contract"), ("type", "type"), ("commodity", "commodity"), ("grade", "grade"),
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
    from steelyard.market.contracts.future import Future
    from steelyard.market.contracts.terms import Measure
    from steelyard.values.amount import format_minor

    is_future = isinstance(contract, Future)
    if contract.measure is not Measure.KG or contract.unit % contract.price_per:
        end(
            f"{contract.code}: what is traded is weighed, a lot a whole number of what its price is for",
            USAGE,
        )
    if is_future != bool(month):
        end(f"{contract.code}: --month is for futures, and each of those is of a month", USAGE)
    if is_future and not (currency or contract.currency):
        end(f"{contract.code}: a cleared contract has one currency: name it by --currency", USAGE)
    own = currency or contract.currency
    found = {
        "code": contract.instrument_code(month) if isinstance(contract, Future) else contract.code,
        "contract": contract.code,
        "way": "cleared" if is_future else "spot",
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
    """Give the terms on which a month of a future is cleared in a currency, as the API takes them."""
    from steelyard.market.contracts.future import Future
    from steelyard.market.contracts.listing import clearing_terms
    from steelyard.packs.contracts import business_days
    from steelyard.values.amount import format_minor
    from steelyard.values.instants import format_date

    if not isinstance(contract, Future) or not month:
        end(f"{contract.code}: what is cleared is a future of a month: name it by --month", USAGE)
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


def _row(one: "Contract") -> dict[str, str]:
    return {
        "contract": one.code,
        "type": str(type(one).__struct_config__.tag),
        "commodity": one.commodity,
        "grade": one.grade,
        "unit": f"{one.unit} {one.measure.value}",
        "money": one.currency or one.basket,
        "months": " ".join(str(month) for month in getattr(one, "months", ())),
        "places": " ".join(place.place for place in one.places),
    }
