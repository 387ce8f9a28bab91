"""`steelyard energy`: supply contracts with take-or-pay, and the indices by which they are priced."""

from pathlib import Path
from typing import Literal

from steelyard.cli import told
from steelyard.cli.market import contracts
from steelyard.cli.reading import File, made, plain, shape
from steelyard.cli.session import DONE, NOTHING_GIVEN, USAGE, Common, end, node

COLUMNS = (
    ("contract", "contract_id"), ("seller", "seller"), ("buyer", "buyer"), ("quantity", "acq"), ("unit", "unit"),
    ("from", "first_month"), ("year", "year"), ("of", "years"), ("state", "state"),
)  # fmt: skip
TERMS = (
    ("take or pay", "take_or_pay"), ("index", "index"), ("base", "base_minor"), ("slope", "slope"),
    ("above", "above"), ("tolerance", "tolerance"), ("make-up years", "makeup_years"),
)  # fmt: skip
MONTHS = (
    ("month", "month"), ("event", "event"), ("nominated", "nominated"), ("taken", "taken"),
    ("shortfall", "shortfall"), ("force majeure", "force_majeure"), ("price", "price_minor"), ("paid", "paid"),
)  # fmt: skip
YEARS = (
    ("year", "year"), ("taken", "taken"), ("take or pay", "top_quantity"), ("deficiency", "deficiency"),
    ("recovered", "recovered"), ("bank", "bank"), ("paid", "paid"), ("repaid", "repaid"),
)  # fmt: skip
LOTS = (("make-up of year", "year"), ("quantity", "quantity"))
POINTS = (("delivered at", "point"), ("at most a month", "quantity"))
INDICES = (("index", "index"), ("month", "month"), ("value", "value_minor"), ("source", "source"))


def list_(
    *,
    state: Literal["OFFERED", "RUNNING", "ENDED", "CANCELLED"] | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """List contracts that one sells or buys by.

    Parameters
    ----------
    state
        In this state.
    """
    with node(common) as (client, out):
        out.rows(client.energy.contracts(state=state, limit=1_000), COLUMNS)
    return DONE


def show(contract: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show a contract with its delivery points, months, settled years and make-up bank.

    Parameters
    ----------
    contract
        Id of the contract.
    """
    with node(common) as (client, out):
        found = client.energy.contract(contract)
        if out.json:
            out.item(found)
            return DONE
        out.item(found.contract, COLUMNS)
        if found.terms is not None:
            out.item(found.terms, TERMS)
            out.rows(found.terms.points, POINTS)
        for rows, columns in (
            (found.months, MONTHS), (found.settled_years, YEARS), (found.makeup, LOTS),
        ):  # fmt: skip
            if rows:
                out.rows(rows, columns)
    return DONE


def register(
    file: File, /, *, contract: str | None = None, packs: Path | None = None, common: Common = NOTHING_GIVEN
) -> int:
    """Offer a contract to its buyer.

    Parameters
    ----------
    file
        A JSON file with its terms, as POST /v1/energy/contracts takes them; - is standard input.
    contract
        Code of a supply that has a pack: what the file leaves out is the pack's.
    packs
        Folder of packs of one's own.
    """
    from steelyard.client.energy import SupplyAsked

    if contract is None:
        asked = shape(file, SupplyAsked)
        with node(common) as (client, out):
            return told.done(out, client.energy.register(asked))
    known, given = contracts.read(packs).get(contract), plain(file)
    if known is None:
        end(f"{contract}: no contract is called so (hint: steelyard market contracts)", USAGE)
    with node(common) as (client, out):
        scales = {one.asset: one.scale for one in client.directory.assets()}
        if given.get("asset") not in scales:
            end(f"{file}: name an asset that is booked there", USAGE)
        fields = contracts.supply(known, scales[given["asset"]]) | given
        return told.done(out, client.energy.register(made(SupplyAsked, fields)))


def agree(contract: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Agree to a contract as its buyer: it runs.

    Parameters
    ----------
    contract
        Id of the contract.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.agree(contract))


def withdraw(contract: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take a contract back, as its seller, that is not agreed to.

    Parameters
    ----------
    contract
        Id of the contract.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.withdraw(contract))


def nominate(contract: str, month: str, /, *points: str, common: Common = NOTHING_GIVEN) -> int:
    """Say as the buyer what is wanted in a month; it replaces what was nominated before.

    Parameters
    ----------
    contract
        Id of the contract.
    month
        Such as 2027-01.
    points
        Delivery points with their quantities, such as coast=60.
    """
    from steelyard.client.energy import NominationAsked

    wanted = []
    for one in points:
        name, equals, quantity = one.rpartition("=")
        if not equals or not quantity.isascii() or not quantity.isdigit() or len(quantity) > 15:
            end(f"{one} is no delivery point with its quantity, such as coast=60", USAGE)
        wanted.append({"point": name, "quantity": int(quantity)})
    asked = made(NominationAsked, {"month": month, "points": wanted})
    with node(common) as (client, out):
        return told.done(out, client.energy.nominate(contract, asked))


def give_up(contract: str, quantity: int, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Give up a part of the coming year's quantity, as the buyer.

    Parameters
    ----------
    contract
        Id of the contract.
    quantity
        How many units.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.give_up(contract, quantity))


def take(
    contract: str,
    month: str,
    taken: int,
    /,
    *,
    shortfall: int = 0,
    force_majeure: int = 0,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Report as the seller what happened in a month.

    Parameters
    ----------
    contract
        Id of the contract.
    month
        Such as 2027-01.
    taken
        How many units were taken.
    shortfall
        How many units the seller failed to deliver.
    force_majeure
        How many units force majeure kept away.
    """
    from steelyard.client.energy import TakeAsked

    fields = {"month": month, "taken": taken, "shortfall": shortfall, "force_majeure": force_majeure}
    asked = made(TakeAsked, fields)
    with node(common) as (client, out):
        return told.done(out, client.energy.take(contract, asked))


def confirm(
    contract: str,
    month: str,
    /,
    *,
    quote: str | None = None,
    later: bool = False,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Confirm a month as the buyer, and pay it.

    Parameters
    ----------
    contract
        Id of the contract.
    month
        Such as 2027-01.
    quote
        Id of a firm quote, to pay in another currency.
    later
        Pays nothing now: a bill is made, which a payment with its UETR pays.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.confirm(contract, month, quote_id=quote, later=later))


def settle_year(contract: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Settle the contract year whose months are all confirmed: take-or-pay.

    Parameters
    ----------
    contract
        Id of the contract.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.settle_year(contract))


def indices(*, index: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List the values of indices.

    Parameters
    ----------
    index
        Of this index.
    """
    with node(common) as (client, out):
        out.rows(client.energy.indices(index=index, limit=1_000), INDICES)
    return DONE


def put_index(index: str, month: str, value: str, source: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Enter an outside index's value in a month that is over, as operator, once; a second person agrees.

    Parameters
    ----------
    index
        Its name.
    month
        Such as 2026-11.
    value
        A decimal of minor units.
    source
        Who published it, and where.
    """
    from steelyard.client.energy import IndexAsked

    asked = made(IndexAsked, {"index": index, "month": month, "value_minor": value, "source": source})
    with node(common) as (client, out):
        return told.done(
            out, client.energy.put_index(asked.index, asked.month, asked.value_minor, asked.source)
        )
