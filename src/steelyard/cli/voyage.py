"""`steelyard voyage`: voyages through the corridor, their steps, and slots at berths."""

from typing import Literal

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.reading import made
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node

app = App(
    name="voyage", help="Register voyages, report their steps, plan and approve slots.", version_flags=()
)

COLUMNS = (
    ("voyage", "voyage_id"), ("carrier", "carrier"), ("vessel", "vessel"), ("from", "origin"), ("to", "target"),
    ("cargo", "cargo"), ("kg", "kg"), ("state", "state"), ("next", "next_step"), ("by whom", "next_by"),
    ("arrives", "arrives_at"),
)  # fmt: skip
MOVES = (("at", "at"), ("event", "event"), ("state", "state"), ("document", "document"))
SLOTS = (
    ("slot", "slot_id"), ("site", "site"), ("berth", "berth"), ("from", "from_at"), ("until", "until_at"),
    ("carrier", "carrier"), ("state", "state"), ("approve by", "approve_by"),
)  # fmt: skip


@app.command(name="list")
def list_(*, state: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List voyages that one carries, or that begin or end at one's site.

    Parameters
    ----------
    state
        In these states, joined by commas.
    """
    with node(common) as (client, out):
        out.rows(client.voyages.list(state=state, limit=1_000), COLUMNS)
    return DONE


@app.command
def show(voyage: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show a voyage with every step.

    Parameters
    ----------
    voyage
        Id of the voyage.
    """
    with node(common) as (client, out):
        found = client.voyages.get(voyage)
        if out.json:
            out.item(found)
        else:
            out.item(found, COLUMNS)
            out.rows(found.moves, MOVES)
    return DONE


@app.command
def register(
    vessel: str,
    origin: str,
    target: str,
    cargo: str,
    kg: int,
    /,
    *,
    crew: int,
    arrives: str,
    document: str,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Register a vessel with its cargo, as carrier.

    Parameters
    ----------
    vessel
        IMO number, seven digits.
    origin
        Site where it loads.
    target
        Site where it discharges.
    cargo
        Grade of its cargo.
    kg
        How many kilograms.
    crew
        How many are aboard.
    arrives
        When it arrives at the first site.
    document
        SHA-256 of the manifest.
    """
    from steelyard.client.corridor import VoyageAsked

    fields = {
        "vessel": vessel, "origin": origin, "target": target, "cargo": cargo, "kg": kg, "crew": crew,
        "arrives_at": arrives, "document": document,
    }  # fmt: skip
    with node(common) as (client, out):
        return told.done(out, client.voyages.register(made(VoyageAsked, fields)))


@app.command
def tell(
    voyage: str,
    event: Literal["REQUESTED", "CANCELLED", "DEVIATED", "STOPPED", "SHIP_TO_SHIP"],
    /,
    *,
    document: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Ask for entry, call off, or note what happened, as carrier.

    Parameters
    ----------
    voyage
        Id of the voyage.
    event
        What is told.
    document
        SHA-256 of the paper about it.
    """
    with node(common) as (client, out):
        return told.done(out, client.voyages.tell(voyage, event, document=document))


@app.command
def report(
    voyage: str,
    event: Literal["PASSED_IN", "LOADING", "PASSED_OUT", "CLEARED", "DISCHARGED"],
    /,
    *,
    document: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Report a step for a site: its inspector the inspections and clearance, its warehouse the rest.

    Parameters
    ----------
    voyage
        Id of the voyage.
    event
        The step.
    document
        SHA-256 of the paper about it.
    """
    with node(common) as (client, out):
        return told.done(out, client.voyages.report(voyage, event, document=document))


@app.command
def slots(*, site: str | None = None, state: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List slots by berth and time.

    Parameters
    ----------
    site
        At this site.
    state
        In these states, joined by commas.
    """
    with node(common) as (client, out):
        out.rows(client.voyages.slots(site=site, state=state, limit=1_000), SLOTS)
    return DONE


@app.command
def plan(voyage: str, berth: str, from_at: str, until_at: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Plan a berth, as carrier, until noon of the day before.

    Parameters
    ----------
    voyage
        Id of the voyage.
    berth
        Name of the berth.
    from_at
        From when.
    until_at
        Until when, on the same day.
    """
    from steelyard.client.corridor import SlotAsked

    asked = made(SlotAsked, {"berth": berth, "from_at": from_at, "until_at": until_at})
    with node(common) as (client, out):
        return told.done(out, client.voyages.plan(voyage, asked))


@app.command(name="approve-slot")
def approve_slot(slot: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Approve a planned berth, as warehouse, until 16:00 of the day before.

    Parameters
    ----------
    slot
        Id of the slot.
    """
    with node(common) as (client, out):
        return told.done(out, client.voyages.approve_slot(slot))


@app.command(name="free-slot")
def free_slot(slot: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Give a berth back before the vessel loads.

    Parameters
    ----------
    slot
        Id of the slot.
    """
    with node(common) as (client, out):
        return told.done(out, client.voyages.free_slot(slot))
