"""`steelyard warehouse-receipt`: title to goods in a warehouse, from the draft until they have left."""

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.output import columns
from steelyard.cli.reading import made, money
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node

app = App(
    name="warehouse-receipt",
    help="Draft, issue, transfer, pledge, split and load out receipts.",
    version_flags=(),
)

COLUMNS = columns("receipt=receipt_id, class=code, holder, kg, state, pledgee, valid_until")
FIELDS = columns(
    "receipt=receipt_id, class=code, site, grade, crop, holder, pledgee, kg, state, bound_to, valid_until"
)
MOVES = columns("at, event, state, holder, kg, left_kg, storage")


@app.command(name="list")
def list_(
    *,
    code: str | None = None,
    holder: str | None = None,
    state: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """List receipts that one holds, that are pledged to one, or that lie at one's site.

    Parameters
    ----------
    code
        Of this class.
    holder
        Held by this participant.
    state
        In these states, joined by commas.
    """
    with node(common) as (client, out):
        out.rows(client.warehouse_receipts.list(code=code, holder=holder, state=state, limit=1_000), COLUMNS)
    return DONE


@app.command
def show(receipt: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show a receipt, and everything that has happened to it.

    Parameters
    ----------
    receipt
        Id of the receipt.
    """
    with node(common) as (client, out):
        found = client.warehouse_receipts.get(receipt)
        out.whole(found, FIELDS, (found.moves, MOVES))
    return DONE


@app.command
def draft(
    code: str,
    holder: str,
    kg: int,
    /,
    *,
    taken_in: str,
    document: str,
    valid_until: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Draft a receipt for goods that came in, as their warehouse.

    Parameters
    ----------
    code
        Class of the receipt.
    holder
        BIC of whose the goods are.
    kg
        How many kilograms came in.
    taken_in
        The day, YYYY-MM-DD.
    document
        SHA-256 of the goods received note.
    valid_until
        Until when the grade is valid; without it for ever.
    """
    from steelyard.client.titles import ReceiptDraft

    goods = {
        "code": code, "holder": holder, "kg": kg, "taken_in_on": taken_in, "document": document,
        "valid_until": valid_until,
    }  # fmt: skip
    with node(common) as (client, out):
        return told.done(out, client.warehouse_receipts.draft(made(ReceiptDraft, goods)))


@app.command
def split(receipt: str, /, *parts_kg: int, common: Common = NOTHING_GIVEN) -> int:
    """Put several receipts into the place of one.

    Parameters
    ----------
    receipt
        Id of the receipt.
    parts_kg
        How many kilograms each part is for; together they are for every one.
    """
    with node(common) as (client, out):
        return told.done(out, client.warehouse_receipts.split(receipt, parts_kg))


@app.command
def merge(*receipts: str, common: Common = NOTHING_GIVEN) -> int:
    """Put one receipt into the place of several of one class.

    Parameters
    ----------
    receipts
        Ids of the receipts.
    """
    with node(common) as (client, out):
        return told.done(out, client.warehouse_receipts.merge(receipts))


@app.command
def attach(
    receipt: str,
    /,
    *,
    document: str | None = None,
    bill: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Attach a paper, or a bill of lading, to a receipt.

    Parameters
    ----------
    receipt
        Id of the receipt.
    document
        SHA-256 of the paper.
    bill
        Id of the bill of lading.
    """
    with node(common) as (client, out):
        return told.done(out, client.warehouse_receipts.attach(receipt, document=document, bill=bill))


@app.command
def regrade(
    receipt: str,
    code: str,
    document: str,
    /,
    *,
    valid_until: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Give goods the class that they belong to as found anew, as inspector; a second person approves.

    Parameters
    ----------
    receipt
        Id of the receipt.
    code
        The class that the goods belong to now.
    document
        SHA-256 of the certificate.
    valid_until
        Until when that is valid; without it for ever.
    """
    from steelyard.client.titles import RegradeAsked

    asked = made(RegradeAsked, {"code": code, "document": document, "valid_until": valid_until})
    with node(common) as (client, out):
        return told.done(out, client.warehouse_receipts.regrade(receipt, asked))


@app.command
def auction(
    receipt: str, buyer: str, amount: str, document: str, /, *, common: Common = NOTHING_GIVEN
) -> int:
    """Note to whom an expired receipt was knocked down, as operator; a second person approves.

    Parameters
    ----------
    receipt
        Id of the receipt.
    buyer
        BIC of the buyer.
    amount
        For how much, such as 'AED 1000.00'.
    document
        SHA-256 of the auction's record.
    """
    from steelyard.client.titles import KnockedDownAsked

    asked = made(KnockedDownAsked, {"buyer": buyer, "amount": money(amount), "document": document})
    with node(common) as (client, out):
        return told.done(out, client.warehouse_receipts.auction(receipt, asked))


@app.command
def drop(receipt: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take a draft back, as warehouse.

    Parameters
    ----------
    receipt
        Id of the receipt.
    """
    with node(common) as (client, out):
        return told.done(out, client.warehouse_receipts.drop(receipt))


@app.command
def issue(receipt: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Make a draft title to the goods, as warehouse; a second person approves.

    Parameters
    ----------
    receipt
        Id of the receipt.
    """
    with node(common) as (client, out):
        return told.done(out, client.warehouse_receipts.issue(receipt))


@app.command
def transfer(receipt: str, to: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Give a receipt to another, without payment.

    Parameters
    ----------
    receipt
        Id of the receipt.
    to
        BIC of the participant.
    """
    with node(common) as (client, out):
        return told.done(out, client.warehouse_receipts.transfer(receipt, to))


@app.command
def pledge(receipt: str, to: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Pledge a receipt: from now on its pledgee alone moves it.

    Parameters
    ----------
    receipt
        Id of the receipt.
    to
        BIC of the participant.
    """
    with node(common) as (client, out):
        return told.done(out, client.warehouse_receipts.pledge(receipt, to))


@app.command
def release(receipt: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """End a pledge, as pledgee.

    Parameters
    ----------
    receipt
        Id of the receipt.
    """
    with node(common) as (client, out):
        return told.done(out, client.warehouse_receipts.release(receipt))


@app.command
def invoke(receipt: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take a pledge, as pledgee: the receipt is one's own.

    Parameters
    ----------
    receipt
        Id of the receipt.
    """
    with node(common) as (client, out):
        return told.done(out, client.warehouse_receipts.invoke(receipt))


@app.command(name="load-out")
def load_out(receipt: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Order one's goods out of the warehouse.

    Parameters
    ----------
    receipt
        Id of the receipt.
    """
    with node(common) as (client, out):
        return told.done(out, client.warehouse_receipts.load_out(receipt))


@app.command
def stay(receipt: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take the order back for what has not left.

    Parameters
    ----------
    receipt
        Id of the receipt.
    """
    with node(common) as (client, out):
        return told.done(out, client.warehouse_receipts.stay(receipt))


@app.command
def left(receipt: str, kg: int, document: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Release goods, as warehouse; their storage is paid in the same moment.

    Parameters
    ----------
    receipt
        Id of the receipt.
    kg
        How many kilograms have left.
    document
        SHA-256 of the weighbridge's ticket.
    """
    with node(common) as (client, out):
        return told.done(out, client.warehouse_receipts.left(receipt, kg, document))


@app.command
def freeze(receipt: str, document: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Freeze a receipt by order, as operator; a second person approves.

    Parameters
    ----------
    receipt
        Id of the receipt.
    document
        SHA-256 of the order.
    """
    with node(common) as (client, out):
        return told.done(out, client.warehouse_receipts.freeze(receipt, document))


@app.command
def thaw(receipt: str, document: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Thaw a receipt, as operator; a second person approves.

    Parameters
    ----------
    receipt
        Id of the receipt.
    document
        SHA-256 of the order.
    """
    with node(common) as (client, out):
        return told.done(out, client.warehouse_receipts.thaw(receipt, document))


@app.command
def buy(receipt: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Pay for a receipt that one was knocked down: title against money.

    Parameters
    ----------
    receipt
        Id of the receipt.
    """
    with node(common) as (client, out):
        return told.done(out, client.warehouse_receipts.buy(receipt))
