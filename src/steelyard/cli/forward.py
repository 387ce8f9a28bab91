"""`steelyard forward`: goods for later between two, until a cargo is named, a ring is offset or a side fails."""

from typing import Literal

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.reading import File, made, money, shape
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node

app = App(name="forward", help="Offer, accept, appropriate, offset and settle forwards.", version_flags=())

COLUMNS = (
    ("forward", "forward_id"), ("contract", "contract"), ("seller", "seller"), ("buyer", "buyer"), ("lots", "lots"),
    ("price", "price"), ("from", "from_on"), ("to", "to_on"), ("state", "state"), ("next", "next_step"),
    ("by whom", "next_by"), ("before", "due_at"),
)  # fmt: skip
FIELDS = (
    *COLUMNS[:2], ("commodity", "commodity"), ("grade", "grade"), ("site", "site"), ("place", "place"),
    ("delivery term", "incoterm"), *COLUMNS[2:6], ("for kg", "price_kg"), ("differential", "differential"),
    ("lot kg", "unit_kg"), *COLUMNS[6:], ("benchmark", "benchmark"), ("arbitration", "arbitration_seat"),
    ("owed", "owed"), ("owed by", "owed_by"),
    ("delivery", "delivery_id"),
)  # fmt: skip
MOVES = (
    ("at", "at"), ("event", "event"), ("state", "state"), ("lots", "lots"), ("offset", "offset_lots"),
    ("moved", "moved"), ("owed", "owed"), ("bundle", "bundle_id"),
)  # fmt: skip


@app.command(name="list")
def list_(*, contract: str | None = None, state: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List forwards with what is next, by whom and by when.

    Parameters
    ----------
    contract
        Of this contract.
    state
        In these states, joined by commas.
    """
    with node(common) as (client, out):
        out.rows(client.forwards.list(contract=contract, state=state, limit=1_000), COLUMNS)
    return DONE


@app.command
def show(forward: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show a forward with every step.

    Parameters
    ----------
    forward
        Id of the forward.
    """
    with node(common) as (client, out):
        found = client.forwards.get(forward)
        if out.json:
            out.item(found)
        else:
            out.item(found, FIELDS)
            out.rows(found.moves, MOVES)
    return DONE


@app.command
def offer(terms: File, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Offer a forward to the other side.

    Parameters
    ----------
    terms
        File with the terms as JSON, as POST /v1/forwards takes them, of a contract that is not cleared; - is standard
        input.
    """
    from steelyard.client.forwards import ForwardAsked

    asked = shape(terms, ForwardAsked)
    with node(common) as (client, out):
        return told.done(out, client.forwards.offer(asked))


@app.command
def accept(forward: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Accept what the other side has offered; above one's own line a second person approves.

    Parameters
    ----------
    forward
        Id of the forward.
    """
    with node(common) as (client, out):
        return told.done(out, client.forwards.accept(forward))


@app.command
def decline(forward: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Turn an offer down, or take it back.

    Parameters
    ----------
    forward
        Id of the forward.
    """
    with node(common) as (client, out):
        return told.done(out, client.forwards.decline(forward))


@app.command
def appropriate(
    forward: str,
    /,
    *receipts: str,
    bill: str | None = None,
    lots: int | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Name the cargo, as seller: a delivery begins, and its goods are locked.

    Parameters
    ----------
    forward
        Id of the forward.
    receipts
        Ids of the receipts.
    bill
        Id of the bill of lading, where the goods are afloat.
    lots
        For so many lots, where it is not for all.
    """
    with node(common) as (client, out):
        return told.done(out, client.forwards.appropriate(forward, receipts, bill=bill, lots=lots))


@app.command
def renounce(forward: str, document: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Say that one will not perform: one owes the difference to the market. A second person approves.

    Parameters
    ----------
    forward
        Id of the forward.
    document
        SHA-256 of the paper.
    """
    with node(common) as (client, out):
        return told.done(out, client.forwards.renounce(forward, document))


@app.command
def circle(forward: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Offset the rings of forwards of the same goods and terms; differences are paid in one bundle.

    Parameters
    ----------
    forward
        Id of a forward of them.
    """
    with node(common) as (client, out):
        return told.done(out, client.forwards.circle(forward))


@app.command
def hinder(
    forward: str,
    what: Literal["prohibition", "force_majeure"],
    document: str,
    /,
    *,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Let a prohibition or force majeure stand between, as operator; a second person approves.

    Parameters
    ----------
    forward
        Id of the forward.
    what
        prohibition or force_majeure.
    document
        SHA-256 of the paper.
    """
    from steelyard.client.forwards import HindranceAsked

    asked = made(HindranceAsked, {"what": what, "document": document})
    with node(common) as (client, out):
        return told.done(out, client.forwards.hinder(forward, asked))


@app.command
def resume(forward: str, document: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """End what stands between, as operator; a second person approves.

    Parameters
    ----------
    forward
        Id of the forward.
    document
        SHA-256 of the paper.
    """
    with node(common) as (client, out):
        return told.done(out, client.forwards.resume(forward, document))


@app.command
def rule(forward: str, market: str, document: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Say what the market was worth where a side has failed, as operator; a second person approves.

    Parameters
    ----------
    forward
        Id of the forward.
    market
        Price on the day of the failure, such as 'AED 250.00'.
    document
        SHA-256 of the ruling.
    """
    from steelyard.client.forwards import MarketAsked

    asked = made(MarketAsked, {"market": money(market), "document": document})
    with node(common) as (client, out):
        return told.done(out, client.forwards.rule(forward, asked))
