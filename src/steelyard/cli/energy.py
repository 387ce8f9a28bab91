"""`steelyard energy`: supply contracts with take-or-pay, matches of who has with who needs, indices."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.market import contracts
from steelyard.cli.reading import File, made, plain, shape
from steelyard.cli.session import DONE, NOTHING_GIVEN, REFUSED, USAGE, Common, end, node

if TYPE_CHECKING:
    from steelyard.client import Steelyard
    from steelyard.client.energy import MatchShown

app = App(name="energy", help="Run energy supply contracts; list matches and indices.", version_flags=())

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
MATCHES = (
    ("match", "match_id"), ("state", "state"), ("in", "asset"), ("cost", "cost_minor"), ("surplus", "surplus_minor"),
    ("gap", "gap_minor"), ("at", "at"), ("inputs", "digest"),
)  # fmt: skip
RENTS = (("shared", "shared"), ("in", "asset"), ("rent a unit", "rent_minor"))
SERVED = (("delivered at", "node"), ("quantity", "quantity"))
DEALS = (
    ("match", "match_id"), ("in", "asset"), ("state", "state"), ("parties", "parties"), ("accepted", "accepted"),
    ("until", "accept_until"),
)  # fmt: skip
DUES = (("month", "month"), ("debtor", "debtor"), ("creditor", "creditor"), ("amount", "amount"))
BILLS = (
    ("bill", "bill_id"), ("for", "what"), ("month", "month"), ("debtor", "debtor"), ("creditor", "creditor"),
    ("amount", "amount"), ("state", "state"), ("uetr", "uetr"),
)  # fmt: skip
FLOWS = (("route", "route"), ("quantity", "quantity"))
PRICES = (("node", "node"), ("in", "asset"), ("price a unit", "price_minor"), ("highest", "highest_minor"))
MONEY = frozenset({"cost_minor", "surplus_minor", "gap_minor", "price_minor", "highest_minor", "rent_minor"})
"""What of a match is money: minor units of its currency, exact"""
LEFT = (("left at", "node"), ("quantity", "quantity"), ("why", "why"))
INDICES = (("index", "index"), ("month", "month"), ("value", "value_minor"), ("source", "source"))


@app.command(name="list")
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


@app.command
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


@app.command
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


@app.command
def agree(contract: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Agree to a contract as its buyer: it runs.

    Parameters
    ----------
    contract
        Id of the contract.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.agree(contract))


@app.command
def withdraw(contract: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take a contract back, as its seller, that is not agreed to.

    Parameters
    ----------
    contract
        Id of the contract.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.withdraw(contract))


@app.command
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


@app.command
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


@app.command
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


@app.command
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


@app.command
def settle_year(contract: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Settle the contract year whose months are all confirmed: take-or-pay.

    Parameters
    ----------
    contract
        Id of the contract.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.settle_year(contract))


@app.command
def matches(*, common: Common = NOTHING_GIVEN) -> int:
    """List published matches, newest first."""
    with node(common) as (client, out):
        found = client.energy.matches(limit=1_000)
        if out.json:
            out.rows(found, MATCHES)
            return DONE
        scales = _scales(client)
        out.rows((_in_money(one, one.asset, scales) for one in found), MATCHES)
    return DONE


@app.command
def match(match_id: str | None = None, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show a match: flows, prices of nodes, what is left and why.

    Parameters
    ----------
    match_id
        Id of the match; the newest if not said.
    """
    with node(common) as (client, out):
        found = _match(client, match_id)
        if out.json:
            out.item(found)
            return DONE
        scales = _scales(client)
        out.item(_in_money(found, found.asset, scales), MATCHES)
        out.rows(found.flows, FLOWS)
        out.rows([_in_money(one, found.asset, scales) for one in found.prices], PRICES)
        if found.rents:
            out.rows([_in_money(one, found.asset, scales) for one in found.rents], RENTS)
        if found.delivered:
            out.rows(found.delivered, SERVED)
        if left := [*found.unserved, *found.unsold]:
            out.rows(left, LEFT)
    return DONE


@app.command
def picture(match_id: str | None = None, /, *, out: Path, common: Common = NOTHING_GIVEN) -> int:
    """Draw a match: what flows over which route, and the price of each node. Prints where the picture lies.

    Parameters
    ----------
    match_id
        Id of the match; the newest if not said.
    out
        Where the picture goes: .png, .svg or .pdf.
    """
    from steelyard.cli.market.picture import FORMS
    from steelyard.cli.simulating import can_draw

    if out.suffix not in FORMS:
        end(f"{out}: a picture ends with {', '.join(FORMS)}", USAGE)
    if not can_draw(True):
        return USAGE
    from steelyard.sim.energy_picture import draw, title_of
    from steelyard.sim.market_pictures import save

    with node(common) as (client, _):
        found = _match(client, match_id)
    try:
        save(draw(found), out, title=title_of(found))
    except OSError as error:
        end(f"{out}: {error.strerror or error}", USAGE)
    print(out)
    return DONE


def _scales(client: "Steelyard") -> dict[str, int]:
    return {one.asset: one.scale for one in client.directory.assets()}


def _in_money(one: Any, asset: str | None, scales: dict[str, int]) -> dict[str, Any]:
    """Give a match, or a part of one, with its money in its currency; without one it stays in minor units."""
    from msgspec.structs import asdict

    from steelyard.api.views.prices import decimal

    def money(minor: int | str) -> str:
        return decimal(str(minor), scales[asset]) if asset in scales else str(minor)

    told = {
        name: money(value) if name in MONEY and value is not None else value
        for name, value in asdict(one).items()
    }
    return told | {"asset": asset or "minor units"}


def _match(client: "Steelyard", match_id: str | None) -> "MatchShown":
    found = next(
        (one for one in client.energy.matches(limit=1_000) if match_id in (None, one.match_id)), None
    )
    if found is None:
        end(f"there is no match {match_id or ''}", USAGE)
    return found


@app.command
def ask_match(file: File, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Have a network matched by the node's solver, as operator.

    Parameters
    ----------
    file
        A JSON file with nodes and routes, as POST /v1/energy/matches takes them; - is standard input.
    """
    from steelyard.client.energy import MatchAsked

    asked = shape(file, MatchAsked)
    with node(common) as (client, out):
        return told.done(out, client.energy.ask_match(asked))


@app.command
def solve(file: File, /, *, out: Path | None = None) -> int:
    """Match a network here, without a node, and write it with its proof as `bring-match` takes it.

    Parameters
    ----------
    file
        A JSON file with nodes and routes, as POST /v1/energy/matches takes them; - is standard input.
    out
        Where the match goes; standard output if not said.
    """
    from msgspec import json

    from steelyard.api.views import energy_networks as networks
    from steelyard.client.energy import MatchAsked
    from steelyard.market.energy.match import Matched
    from steelyard.market.energy.matching import check_any, propose_any
    from steelyard.solve.transport import TransportSolver

    asked = shape(file, MatchAsked)
    network = networks.nodes(asked.nodes), networks.routes(asked.routes), networks.shared(asked.shared)
    try:
        match = propose_any(*network, solver=TransportSolver())
    except ValueError as error:
        end(f"{file}: {error}", USAGE)
    found = check_any(*network, match)
    if not isinstance(found, Matched):
        end(f"{file}: no match was proved: {found.name}", REFUSED)
    written = json.format(json.encode(networks.brought(asked, match)), indent=1).decode() + "\n"
    if out is None:
        print(written, end="")
    else:
        out.write_text(written, "utf-8")
        print(out)
    return DONE


@app.command
def bring_match(file: File, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Publish a match that was computed elsewhere, with its proof, as operator.

    Parameters
    ----------
    file
        A JSON file, as PUT /v1/energy/matches takes it and `solve` writes it; - is standard input.
    """
    from steelyard.client.energy import MatchBrought

    asked = shape(file, MatchBrought)
    with node(common) as (client, out):
        return told.done(out, client.energy.bring_match(asked))


@app.command
def publish_match(match_id: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Publish cargoes that leave a gap, as operator; a second person approves it.

    Parameters
    ----------
    match_id
        Id of the match.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.publish_match(match_id))


@app.command
def withdraw_match(match_id: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take back a question that is open, or cargoes that leave a gap, as operator.

    Parameters
    ----------
    match_id
        Id of the match.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.withdraw_match(match_id))


@app.command
def deals(*, common: Common = NOTHING_GIVEN) -> int:
    """List deals, newest first: matches that are settled once all their parties accept."""
    with node(common) as (client, out):
        out.rows(client.energy.deals(limit=1_000), DEALS)
    return DONE


@app.command
def deal(match_id: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show a deal, and what it still makes due by month.

    Parameters
    ----------
    match_id
        Id of its match.
    """
    with node(common) as (client, out):
        found = next((one for one in client.energy.deals(limit=1_000) if one.match_id == match_id), None)
        if found is None:
            end(f"there is no deal {match_id}", USAGE)
        out.item(found, DEALS)
        if found.dues and not out.json:
            out.rows(found.dues, DUES)
    return DONE


@app.command
def accept(match_id: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Accept a deal as one of its parties; the last one makes it binding.

    Parameters
    ----------
    match_id
        Id of its match.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.accept(match_id))


@app.command
def decline(match_id: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Decline a deal before all have accepted it: it is off for all.

    Parameters
    ----------
    match_id
        Id of its match.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.decline(match_id))


@app.command
def bills(*, state: Literal["OPEN", "PAID"] | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List bills that one pays or gets.

    Parameters
    ----------
    state
        In this state.
    """
    with node(common) as (client, out):
        out.rows(client.energy.bills(state=state, limit=1_000), BILLS)
    return DONE


@app.command
def pay(bill: str, /, *, quote: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Pay a bill at once. To let it wait for a batch or the pool, send a payment with its UETR instead.

    Parameters
    ----------
    bill
        Id of the bill.
    quote
        Id of a firm quote that brings its creditor just its amount, to pay in another currency.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.pay(bill, quote))


@app.command
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


@app.command
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
