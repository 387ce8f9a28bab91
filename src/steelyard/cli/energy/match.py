"""`steelyard energy`: matches of who has with who needs: seen, drawn, asked for, solved here and brought."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from steelyard.cli import told
from steelyard.cli.reading import File, shape
from steelyard.cli.session import DONE, NOTHING_GIVEN, REFUSED, USAGE, Common, end, node

if TYPE_CHECKING:
    from steelyard.client import Steelyard
    from steelyard.client.energy import MatchShown

MATCHES = (
    ("match", "match_id"), ("state", "state"), ("in", "asset"), ("cost", "cost_minor"), ("surplus", "surplus_minor"),
    ("gap", "gap_minor"), ("at", "at"), ("inputs", "digest"),
)  # fmt: skip
RENTS = (("shared", "shared"), ("in", "asset"), ("rent a unit", "rent_minor"))
SERVED = (("delivered at", "node"), ("quantity", "quantity"))
FLOWS = (("route", "route"), ("quantity", "quantity"))
PRICES = (("node", "node"), ("in", "asset"), ("price a unit", "price_minor"), ("highest", "highest_minor"))
LEFT = (("left at", "node"), ("quantity", "quantity"), ("why", "why"))
MONEY = frozenset({"cost_minor", "surplus_minor", "gap_minor", "price_minor", "highest_minor", "rent_minor"})
"""What of a match is money: minor units of its currency, exact"""


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


def publish_match(match_id: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Publish cargoes that leave a gap, as operator; a second person approves it.

    Parameters
    ----------
    match_id
        Id of the match.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.publish_match(match_id))


def withdraw_match(match_id: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take back a question that is open, or cargoes that leave a gap, as operator.

    Parameters
    ----------
    match_id
        Id of the match.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.withdraw_match(match_id))
