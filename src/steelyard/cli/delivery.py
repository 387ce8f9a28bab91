"""`steelyard delivery`: goods against money, from the terms to the confirmation that they have come."""

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.output import columns
from steelyard.cli.reading import File, made, money, shape
from steelyard.cli.session import DONE, NOTHING_GIVEN, USAGE, Common, end, node

app = App(
    name="delivery", help="Offer, assign, certify, pay, load out and rule on deliveries.", version_flags=()
)

COLUMNS = columns(
    "delivery=delivery_id, instrument, seller, buyer, kg, state, next=next_step, by whom=next_by, "
    "before=due_at, owed"
)
FIELDS = columns(
    "delivery=delivery_id, instrument, site, grade, lots, kg, seller, buyer, price, for kg=price_kg, "
    "state, next=next_step, by whom=next_by, before=due_at, net_kg, amount, owed, owed_by, refusal, "
    "assign_by, certify_by, object_by, fund_by, bill, voyage, after_step, delivery term=incoterm, place, "
    "differential, final_at, goods"
)
COSTS = columns("cost, paid_by, paid, on the invoice=amount")
MOVES = columns("at, event, state, amount, price, lots, bidder, bundle=bundle_id, why by hand=reason")
AUCTIONS = columns(
    "delivery=delivery_id, way, instrument, site, grade, lots, lot kg=unit_kg, agreed, worst=limit, "
    "until=closes_at"
)


@app.command(name="list")
def list_(
    *,
    instrument: str | None = None,
    state: str | None = None,
    site: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """List deliveries with what is next, by whom and by when.

    Parameters
    ----------
    instrument
        Of this instrument.
    state
        In these states, joined by commas.
    site
        At this site.
    """
    with node(common) as (client, out):
        out.rows(client.deliveries.list(instrument=instrument, state=state, site=site, limit=1_000), COLUMNS)
    return DONE


@app.command
def show(delivery: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show a delivery: deadlines, what is owed, what is next and who does it, every step.

    Parameters
    ----------
    delivery
        Id of the delivery.
    """
    with node(common) as (client, out):
        found = client.deliveries.get(delivery)
        out.whole(found, FIELDS, (found.costs, COSTS), (found.moves, MOVES))
    return DONE


@app.command
def offer(terms: File, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Offer a delivery that two sides agreed on, as its seller.

    Parameters
    ----------
    terms
        File with the terms as JSON, as POST /v1/deliveries takes them; - is standard input.
    """
    from steelyard.client.deliveries import DeliveryAsked

    asked = shape(terms, DeliveryAsked)
    with node(common) as (client, out):
        return told.done(out, client.deliveries.offer(asked))


@app.command(name="open")
def open_(terms: File, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Open a delivery out of cleared positions, as operator; a second person approves.

    Parameters
    ----------
    terms
        File with the terms as JSON, as POST /v1/deliveries/cleared takes them; - is standard input.
    """
    from steelyard.client.deliveries import DeliveryAsked

    asked = shape(terms, DeliveryAsked)
    with node(common) as (client, out):
        return told.done(out, client.deliveries.open(asked))


@app.command
def notice(instrument: str, /, *longs: str, common: Common = NOTHING_GIVEN) -> int:
    """Deal goods out to the longs, oldest first, as operator; a second person approves.

    Parameters
    ----------
    instrument
        Of this instrument.
    longs
        Where it is no cleared contract: BIC, day and lots of each, such as GHAFAEA0:2026-11-20:5.
    """
    from steelyard.client.deliveries import LongAsked

    named = []
    for text in longs:
        parts = text.split(":")
        if len(parts) != 3 or not parts[2].isdigit():
            end(f"{text} is no long: BIC, day and lots, such as GHAFAEA0:2026-11-20:5", USAGE)
        named.append(made(LongAsked, {"participant": parts[0], "since_on": parts[1], "lots": int(parts[2])}))
    with node(common) as (client, out):
        return told.done(out, client.deliveries.notice(instrument, named))


@app.command
def assign(delivery: str, /, *receipts: str, bill: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Name the goods, as seller; they are locked from now on.

    Parameters
    ----------
    delivery
        Id of the delivery.
    receipts
        Ids of the receipts.
    bill
        Id of the bill of lading, where the goods are afloat.
    """
    with node(common) as (client, out):
        return told.done(out, client.deliveries.assign(delivery, receipts, bill=bill))


@app.command
def cost(delivery: str, cost: str, amount: str, document: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Declare a cost that one has paid and the other side bears by the delivery term.

    Parameters
    ----------
    delivery
        Id of the delivery.
    cost
        export_duty, loading, freight, insurance, unloading or duty.
    amount
        What was paid, such as 'AED 1200.00'.
    document
        SHA-256 of the paper that proves it.
    """
    from steelyard.client.deliveries import CostAsked

    asked = made(CostAsked, {"cost": cost, "amount": money(amount), "document": document})
    with node(common) as (client, out):
        return told.done(out, client.deliveries.declare_cost(delivery, asked))


@app.command
def certify(
    delivery: str, weight_kg: int, document: str, /, *factors: str, common: Common = NOTHING_GIVEN
) -> int:
    """Certify weight and quality, as inspector of the site.

    Parameters
    ----------
    delivery
        Id of the delivery.
    weight_kg
        Net weight.
    document
        SHA-256 of the certificate.
    factors
        Each factor with its figure, such as moisture=14.5.
    """
    from steelyard.client.deliveries import CertificateAsked

    asked = made(
        CertificateAsked, {"weight_kg": weight_kg, "document": document, "factors": _figures(factors)}
    )
    with node(common) as (client, out):
        return told.done(out, client.deliveries.certify(delivery, asked))


@app.command
def fund(delivery: str, /, *, quote: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Pay a delivery, as buyer: title against money, in one bundle or not at all.

    Parameters
    ----------
    delivery
        Id of the delivery.
    quote
        Id of the firm quote, where one pays in another currency.
    """
    with node(common) as (client, out):
        return told.done(out, client.deliveries.fund(delivery, quote_id=quote))


@app.command
def rule(
    delivery: str,
    ruling: str,
    document: str,
    /,
    *factors: str,
    market: str | None = None,
    weight_kg: int | None = None,
    without: str = "",
    reason: str = "",
    common: Common = NOTHING_GIVEN,
) -> int:
    """Decide a delivery, as operator; a second person approves.

    Parameters
    ----------
    delivery
        Id of the delivery.
    ruling
        certified, closed or cancelled.
    document
        SHA-256 of the ruling.
    factors
        Figures of a new certificate, such as moisture=14.5.
    market
        Price by hand where a side has failed and an auction has found nobody, such as 'AED 250.00'.
    weight_kg
        Weight of a new certificate.
    without
        Costs that the invoice leaves out, joined by commas.
    reason
        Why the price is given by hand.
    """
    from steelyard.client.deliveries import RulingAsked

    price = money(market) if market is not None else None
    fields = {
        "ruling": ruling, "document": document, "market": price, "weight_kg": weight_kg, "factors": _figures(factors),
        "without": [one for one in without.split(",") if one], "reason": reason,
    }  # fmt: skip
    with node(common) as (client, out):
        return told.done(out, client.deliveries.rule(delivery, made(RulingAsked, fields)))


@app.command
def auctions(*, common: Common = NOTHING_GIVEN) -> int:
    """List the buy-ins and sell-outs of failed deliveries that take offers."""
    with node(common) as (client, out):
        out.rows(client.deliveries.auctions(limit=1_000), AUCTIONS)
    return DONE


@app.command
def auction(
    delivery: str, limit: str, closes_at: str, document: str, /, *, common: Common = NOTHING_GIVEN
) -> int:
    """Open the buy-in or sell-out of a failed delivery, as operator; a second person approves.

    Parameters
    ----------
    delivery
        Id of the delivery.
    limit
        The worst price that counts: the most in a buy-in, the least in a sell-out, such as 'AED 260.00'.
    closes_at
        Until when offers are taken, such as 2026-11-23T16:00:00Z.
    document
        SHA-256 of the report on the failure.
    """
    from steelyard.client.deliveries import CoverAsked

    terms = made(CoverAsked, {"limit": money(limit), "closes_at": closes_at, "document": document})
    with node(common) as (client, out):
        return told.done(out, client.deliveries.auction(delivery, terms))


@app.command
def back(delivery: str, price: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Say up to (as seller: down to) which price one trades on after the other side has failed.

    Without it one is paid the difference alone.

    Parameters
    ----------
    delivery
        Id of the delivery.
    price
        The price, such as 'AED 255.00'; a buyer's money for it is set aside.
    """
    with node(common) as (client, out):
        return told.done(out, client.deliveries.back(delivery, money(price)))


@app.command
def bid(delivery: str, lots: int, price: str, /, *receipts: str, common: Common = NOTHING_GIVEN) -> int:
    """Offer lots in the auction of a failed delivery: goods by their receipts in a buy-in, money in a sell-out.

    Parameters
    ----------
    delivery
        Id of the delivery.
    lots
        How many.
    price
        The worst price that one takes, such as 'AED 250.00'.
    receipts
        Ids of receipts for just these lots.
    """
    with node(common) as (client, out):
        return told.done(out, client.deliveries.bid(delivery, lots, money(price), receipts=receipts))


def _figures(texts: tuple[str, ...]) -> dict[str, str]:
    """Read factors of a certificate."""
    found = {}
    for text in texts:
        name, _, figure = text.partition("=")
        if not name or not figure:
            end(f"{text} is no factor: its name and figure, such as moisture=14.5", USAGE)
        found[name] = figure
    return found


@app.command
def accept(delivery: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Accept what a seller has offered.

    Parameters
    ----------
    delivery
        Id of the delivery.
    """
    with node(common) as (client, out):
        return told.done(out, client.deliveries.accept(delivery))


@app.command
def decline(delivery: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Turn an offer down, or take it back.

    Parameters
    ----------
    delivery
        Id of the delivery.
    """
    with node(common) as (client, out):
        return told.done(out, client.deliveries.decline(delivery))


@app.command
def take(delivery: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take a certificate as it is, as buyer: it is invoiced at once.

    Parameters
    ----------
    delivery
        Id of the delivery.
    """
    with node(common) as (client, out):
        return told.done(out, client.deliveries.take(delivery))


@app.command(name="load-out")
def load_out(delivery: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Order delivered goods out of the warehouse, as buyer.

    Parameters
    ----------
    delivery
        Id of the delivery.
    """
    with node(common) as (client, out):
        return told.done(out, client.deliveries.load_out(delivery))


@app.command
def loaded(delivery: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Report that the goods are loaded, as warehouse.

    Parameters
    ----------
    delivery
        Id of the delivery.
    """
    with node(common) as (client, out):
        return told.done(out, client.deliveries.loaded(delivery))


@app.command
def receive(delivery: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Confirm that the goods have come, as buyer.

    Parameters
    ----------
    delivery
        Id of the delivery.
    """
    with node(common) as (client, out):
        return told.done(out, client.deliveries.receive(delivery))


@app.command(name="object")
def object_to(delivery: str, document: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Object to a certificate; people decide.

    Parameters
    ----------
    delivery
        Id of the delivery.
    document
        SHA-256 of the paper.
    """
    with node(common) as (client, out):
        return told.done(out, client.deliveries.object_to(delivery, document))


@app.command
def agree(delivery: str, document: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Agree to settle in another way, named by its paper.

    Parameters
    ----------
    delivery
        Id of the delivery.
    document
        SHA-256 of the paper.
    """
    with node(common) as (client, out):
        return told.done(out, client.deliveries.agree(delivery, document))


@app.command(name="force-majeure")
def force_majeure(delivery: str, document: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Let force majeure extend the deadlines once, as operator; a second person approves.

    Parameters
    ----------
    delivery
        Id of the delivery.
    document
        SHA-256 of the paper.
    """
    with node(common) as (client, out):
        return told.done(out, client.deliveries.force_majeure(delivery, document))


@app.command
def resume(delivery: str, document: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """End force majeure, as operator; a second person approves.

    Parameters
    ----------
    delivery
        Id of the delivery.
    document
        SHA-256 of the paper.
    """
    with node(common) as (client, out):
        return told.done(out, client.deliveries.resume(delivery, document))
