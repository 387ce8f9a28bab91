"""`steelyard batch`: batches of queued payments, how near to the bound they came, and their proofs."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec
from cyclopts import App

from steelyard.cli import told
from steelyard.cli.output import columns
from steelyard.cli.session import DONE, NOTHING_GIVEN, USAGE, Common, end, node

if TYPE_CHECKING:
    from steelyard.client.liquidity import Batch, BatchReport

app = App(
    name="batch", help="List batches, show how near to the bound they came, ask for one.", version_flags=()
)

FIELDS = columns(
    "batch=batch_id, number, kind, currencies, trigger, state, applied=applied_at, settled_minor=settled, "
    "bound_minor=bound, distance_bp=distance_bp, proved"
)
COLUMNS = (*FIELDS, *columns("came to=said"))
BP = 10_000


def said(batch: "Batch | BatchReport") -> str:
    """Say what a batch came to, so that one in which nothing could settle does not look like one that failed."""
    if batch.state == "open":
        return "is being worked out"
    if not int(batch.bound or 0):
        return "nothing could settle yet"
    distance = batch.distance_bp or 0
    if not distance:
        return "all that could settle did"
    if distance >= BP:
        return "what waits could settle in parts only"
    return f"{(BP - distance) / 100:.2f} % of the bound"


@app.command(name="list")
def list_(
    *,
    currency: str | None = None,
    kind: Literal["currency", "pool", "set_off", "fx_reference", "fx_auction", "pvp"] | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """List batches, newest first: how much settled, and at most could have.

    In minor units of the currency; of a pool in its value units.

    Parameters
    ----------
    currency
        Of this currency.
    kind
        Of one currency, of the pool, set-offs, FX orders at reference rates or in an auction, or of the PvP queue.
    """
    with node(common) as (client, out):
        found = client.batches.list(currency=currency, kind=kind, limit=1_000)
        if out.json:
            out.rows(found, COLUMNS)
        else:
            out.rows(({**msgspec.to_builtins(one), "said": said(one)} for one in found), COLUMNS)
    return DONE


@app.command
def show(batch: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show a batch's report, with one's own rows. Sums are minor units of its currency, of a pool its value units.

    Parameters
    ----------
    batch
        Id of the batch.
    """
    with node(common) as (client, out):
        found = client.batches.get(batch)
        out.item(found)
        out.hint(said(found))
    return DONE


@app.command
def certificate(batch: str, /, *, out: Path | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Fetch the file that proves a batch's bound, for `steelyard verify batch`.

    It tells who pays whom how much: operator and auditors may have it, an overseer of its own currency.

    Parameters
    ----------
    batch
        Id of the batch.
    out
        File to write; without it, standard output.
    """
    with node(common) as (client, _):
        found = msgspec.json.encode(client.batches.certificate(batch))
    if out is None:
        print(found.decode())
    else:
        try:
            with out.open("xb") as file:
                file.write(found + b"\n")
        except OSError as error:
            end(f"{out} cannot be written: {error.strerror or error}", USAGE)
        print(out)
    return DONE


@app.command
def request(currency: str | None = None, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Ask for a batch of a currency's queue.

    Parameters
    ----------
    currency
        Whose queue; without it, the pool's.
    """
    with node(common) as (client, out):
        return told.done(out, client.batches.request(currency))
