"""`steelyard ring`: surplus that goes round until each holder has what it wants."""

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.reading import money
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node

app = App(name="ring", help="Offer surplus, agree to rings of swaps, list them.", version_flags=())

COLUMNS = (("ring", "ring_id"), ("state", "state"), ("until", "expires_at"), ("what", "sentence"))

STANDING = (
    ("participant", "participant"), ("lapses", "lapses"), ("last", "last"), ("rests until", "rests_until_at"),
)  # fmt: skip

OFFERS = (("participant", "participant"), ("amount", "amount"), ("wanted", "wanted"), ("keep", "keep"))


@app.command
def offer(amount: str, wanted: str, /, *, keep: str = "0", common: Common = NOTHING_GIVEN) -> int:
    """Mark money as surplus that may be placed for another currency; it stays free until a ring is booked.

    Parameters
    ----------
    amount
        At most how much, such as 'INR 1000.00'; 'INR 0' takes the offer back.
    wanted
        Code of the currency one wants.
    keep
        How much one keeps, such as 250.00.
    """
    with node(common) as (client, out):
        return told.done(out, client.rings.offer(money(amount), wanted, keep=keep))


@app.command
def offers(*, common: Common = NOTHING_GIVEN) -> int:
    """List what one offers, by holder and currency."""
    with node(common) as (client, out):
        out.rows(client.rings.offers(limit=1_000), OFFERS)
    return DONE


@app.command(name="list")
def list_(*, common: Common = NOTHING_GIVEN) -> int:
    """List the rings in which one has a part, newest first."""
    with node(common) as (client, out):
        out.rows(client.rings.list(limit=1_000), COLUMNS)
    return DONE


@app.command
def standing(*, common: Common = NOTHING_GIVEN) -> int:
    """List how many matches one has let lapse, and until when one's offers rest; nothing where one has let none."""
    with node(common) as (client, out):
        out.rows(client.rings.standing(limit=1_000), STANDING)
    return DONE


@app.command
def match(*, common: Common = NOTHING_GIVEN) -> int:
    """Match rings of what is offered now, as operator."""
    with node(common) as (client, out):
        return told.done(out, client.rings.match())


@app.command
def consent(ring: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Say yes to one's part in a ring; the last yes books it.

    Parameters
    ----------
    ring
        Id of the ring.
    """
    with node(common) as (client, out):
        return told.done(out, client.rings.consent(ring))


@app.command
def decline(ring: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Say no to one's part in a ring: it is over.

    Parameters
    ----------
    ring
        Id of the ring.
    """
    with node(common) as (client, out):
        return told.done(out, client.rings.decline(ring))
