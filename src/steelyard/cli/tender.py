"""`steelyard tender`: tenders, as their buyer or as a bidder; bids are sealed on this machine."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from steelyard.cli import told
from steelyard.cli.reading import File, content, made, plain, shape
from steelyard.cli.session import DONE, NOTHING_GIVEN, REFUSED, USAGE, Common, end, node

if TYPE_CHECKING:
    from steelyard.client import Steelyard
    from steelyard.client.sealing import Sealed
    from steelyard.client.tenders import OfferAsked

app = App(name="tender", help="Run tenders; bid in them under seal, reveal, sign.", version_flags=())

COLUMNS = (
    ("tender", "tender_id"), ("buyer", "buyer"), ("state", "state"), ("cargoes", "cargoes"), ("of t", "cargo_t"),
    ("bond", "bond"), ("until", "due_at"), ("why", "reason"),
)  # fmt: skip
HEAD = (
    ("tender", "tender_id"), ("buyer", "buyer"), ("state", "state"), ("until", "due_at"), ("cargoes", "cargoes"),
    ("of t", "cargo_t"), ("close", "close_at"), ("open", "open_at"), ("bond", "bond"), ("budget", "budget"),
    ("stands until", "stands_until"), ("why", "reason"), ("happened", "happened"), ("next", "next_step"),
    ("by", "next_by"),
)  # fmt: skip
AWARD = (
    ("cost", "cost"), ("bound", "bound"), ("gap", "gap"), ("proved", "proved"), ("second best", "second_best"),
    ("inputs", "digest"), ("conflict", "conflict"),
)  # fmt: skip
NO_AWARD = (("evaluation", "nothing"), ("inputs", "digest"), ("in the way", "conflict"))
VESSELS = (
    ("vessel", "id"), ("loads at", "port"), ("freight a t", "rate"), ("currency", "currency"), ("cargoes", "count"),
)  # fmt: skip
BIDS = (
    ("bidder", "bidder"),
    ("commitment", "commitment"),
    ("offers revealed", "revealed"),
    ("signed", "signed"),
    ("out", "out"),
    ("at", "bid_at"),
)
OFFERS = (
    ("offer", "id"), ("origin", "origin"), ("port", "port"), ("price", "price"), ("currency", "currency"),
    ("term", "incoterm"),
    ("from", "cargoes_min"), ("to", "cargoes_max"), ("until", "valid_until"),
)  # fmt: skip
LINES = (("offer", "offer"), ("vessel", "vessel"), ("cargoes", "cargoes"))
REJECTED = (("rejected", "offer"), ("why", "why"), ("enters at", "entry_price"))
State = Literal[
    "DRAFT", "PUBLISHED", "SEALED", "OPENED", "EVALUATED", "STANDSTILL", "AWARDED", "CONTRACTED", "CANCELLED"
]
Kept = Annotated[Path | None, Parameter(negative=())]


@app.command(name="list")
def list_(*, buyer: str | None = None, state: State | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List tenders that are published, and one's own.

    Parameters
    ----------
    buyer
        Of this buyer.
    state
        In this state.
    """
    with node(common) as (client, out):
        out.rows(client.tenders.list(buyer=buyer, state=state, limit=1_000), COLUMNS)
    return DONE


@app.command
def show(tender: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show a tender: its vessels, bids and offers from the opening on, then the award and why offers were rejected.

    Parameters
    ----------
    tender
        Id of the tender.
    """
    with node(common) as (client, out):
        found = client.tenders.get(tender)
        if out.json:
            out.item(found)
            return DONE
        out.item(found, HEAD)
        from msgspec.structs import asdict

        if found.vessels:
            out.rows(found.vessels, VESSELS)
        if found.bids:
            out.rows([asdict(one) | {"revealed": len(one.offers)} for one in found.bids], BIDS)
        if offers := [offer for bid in found.bids for offer in bid.offers]:
            out.rows(offers, OFFERS)
        if found.award is not None:
            out.item(found.award, AWARD if found.award.cargoes else NO_AWARD)
            if found.award.cargoes:
                out.rows(found.award.cargoes, LINES)
            if found.award.rejected:
                out.rows(found.award.rejected, REJECTED)
    return DONE


@app.command
def draft(file: File, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Write a tender down; nobody else sees it until it is published.

    Parameters
    ----------
    file
        A JSON file with its terms, as POST /v1/tenders takes them; - is standard input.
    """
    from steelyard.client.tenders import TenderAsked

    asked = shape(file, TenderAsked)
    with node(common) as (client, out):
        return told.done(out, client.tenders.draft(asked))


@app.command
def publish(tender: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Publish a draft: bids come until its close.

    Parameters
    ----------
    tender
        Id of the tender.
    """
    with node(common) as (client, out):
        return told.done(out, client.tenders.publish(tender))


@app.command
def rate(tender: str, /, *quotes: str, common: Common = NOTHING_GIVEN) -> int:
    """Name the firm quotes at which foreign offers are counted.

    Parameters
    ----------
    tender
        Id of the tender.
    quotes
        Ids of quotes out of the tender's currency, one for each foreign one.
    """
    with node(common) as (client, out):
        return told.done(out, client.tenders.rate(tender, quotes))


@app.command
def bid(
    tender: str,
    file: File,
    /,
    *,
    bidder: str | None = None,
    keep: Kept = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Seal offers on this machine and commit to them: the node gets their hash alone.

    Offers and salt are kept in a file that nobody else can read; without it nothing can be revealed, and the bond may
    be lost. It is written before the node is told, and goes again where the bid is refused.

    Parameters
    ----------
    tender
        Id of the tender.
    file
        A JSON file {"offers": [...]}, each offer as POST /v1/tenders/{id}/reveal takes it, such as
        {"id": "1", "origin": "RU", "port": "RU-PORT", "price": "12000.00", "cargoes_max": 2}; - is standard input.
    bidder
        BIC that bids, if not that of the key.
    keep
        Where offers and salt are kept; tender-<id>-<bidder>.json here if not said.
    """
    from steelyard.client.errors import ProblemError
    from steelyard.client.sealing import OfferUnreadable, seal

    offers = _offers(file)
    with node(common) as (client, out):
        found, who = client.tenders.get(tender), bidder or client.directory.me().owner
        try:
            sealed = seal(found.tender_id, who, offers, asset=found.asset, scales=_scales(client))
        except OfferUnreadable as fault:
            end(f"{file}: {fault}", USAGE)
        place = keep if keep is not None else Path(f"tender-{found.tender_id}-{who}.json")
        _write(place, sealed)
        out.hint(f"Offers and salt are kept in {place}: steelyard tender reveal {place} after the close")
        try:
            code = told.done(out, client.tenders.bid(tender, sealed.commitment))
        except ProblemError as problem:
            if not problem.in_doubt:
                place.unlink()
            raise
        if code == REFUSED:
            place.unlink()  # nothing was committed to, so nothing is to reveal
        elif code == DONE and not out.json:
            out.item({"kept in": str(place)})
        return code


@app.command
def reveal(kept: File, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Reveal, after the close, what was committed to; nobody sees it before the opening.

    Parameters
    ----------
    kept
        The file that `steelyard tender bid` has kept.
    """
    import msgspec

    from steelyard.client.sealing import Sealed

    try:
        found = Sealed.from_json(content(kept))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        end(f"{kept}: {error}", USAGE)
    with node(common) as (client, out):
        return told.done(out, client.tenders.reveal(found.tender_id, found.reveal()))


@app.command
def withdraw(tender: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take one's bid back before the close, with its bond.

    Parameters
    ----------
    tender
        Id of the tender.
    """
    with node(common) as (client, out):
        return told.done(out, client.tenders.withdraw(tender))


@app.command
def evaluate(tender: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Have what is on the table now evaluated anew.

    Parameters
    ----------
    tender
        Id of the tender.
    """
    with node(common) as (client, out):
        return told.done(out, client.tenders.evaluate(tender))


@app.command
def stand(tender: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Let an evaluation stand for objections.

    Parameters
    ----------
    tender
        Id of the tender.
    """
    with node(common) as (client, out):
        return told.done(out, client.tenders.stand(tender))


@app.command
def award(tender: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Award what has stood; without proof that nothing is cheaper it takes two people.

    Parameters
    ----------
    tender
        Id of the tender.
    """
    with node(common) as (client, out):
        return told.done(out, client.tenders.award(tender))


@app.command
def sign(tender: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Sign as a winner.

    Parameters
    ----------
    tender
        Id of the tender.
    """
    with node(common) as (client, out):
        return told.done(out, client.tenders.sign(tender))


@app.command
def cancel(tender: str, reason: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """End a tender before it is awarded; every bond goes back.

    Parameters
    ----------
    tender
        Id of the tender.
    reason
        Why.
    """
    with node(common) as (client, out):
        return told.done(out, client.tenders.cancel(tender, reason))


@app.command
def file(tender: str, target: Path | None = None, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Fetch what an award is recomputed from; `steelyard verify tender` checks it.

    Parameters
    ----------
    tender
        Id of the tender.
    target
        Where it is written; tender-<id>.award.json here if not said.
    """
    with node(common) as (client, out):
        found = client.tenders.file(tender)
        place = target if target is not None else Path(f"tender-{tender}.award.json")
        try:
            place.write_bytes(found)
        except OSError as error:
            end(f"{place} cannot be written: {error.strerror or error}", USAGE)
        out.item({"file": str(place)})
    return DONE


def _offers(file: str) -> "list[OfferAsked]":
    from steelyard.client.tenders import RevealAsked

    given = plain(file)
    if set(given) != {"offers"}:
        end(f'{file}: an object {{"offers": [...]}} is needed', USAGE)
    return made(RevealAsked, {**given, "salt": "00" * 16}, where=f"{file}: ").offers


def _scales(client: "Steelyard") -> dict[str, int]:
    return {one.asset: one.scale for one in client.directory.assets(limit=1_000)}


def _write(place: Path, sealed: "Sealed") -> None:
    """Write a secret that its owner alone can read; a file that is there already is not written over."""
    try:
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            target.write(sealed.to_json())
            target.flush()
            os.fsync(target.fileno())
    except FileExistsError:
        end(
            f"{place} is there already: it may be all that is left of another bid (--keep names another)",
            USAGE,
        )
    except OSError as error:
        end(f"{place} cannot be written: {error.strerror or error}", USAGE)
