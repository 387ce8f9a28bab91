"""`steelyard bill`: bills of lading, title to goods afloat."""

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.output import columns
from steelyard.cli.reading import made
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node

app = App(name="bill", help="Draft, issue, transfer, pledge and surrender bills of lading.", version_flags=())

COLUMNS = columns("bill=bill_id, voyage=voyage_id, carrier, holder, cargo, kg, state, pledgee, links, chain")
LINKS = columns("number, at, event, state, holder, kg, chain")


@app.command(name="list")
def list_(*, state: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List bills that one holds, that are pledged to one, or that one has issued.

    Parameters
    ----------
    state
        In these states, joined by commas.
    """
    with node(common) as (client, out):
        out.rows(client.bills.list(state=state, limit=1_000), COLUMNS)
    return DONE


@app.command
def show(bill: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show a bill with its chain of links.

    Parameters
    ----------
    bill
        Id of the bill.
    """
    with node(common) as (client, out):
        found = client.bills.get(bill)
        out.whole(found, COLUMNS, (found.chain_links, LINKS))
    return DONE


@app.command
def draft(voyage: str, holder: str, kg: int, document: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Draft a bill for cargo of one's own voyage, once it loads.

    Parameters
    ----------
    voyage
        Id of the voyage.
    holder
        BIC of its first holder.
    kg
        For how many kilograms.
    document
        SHA-256 of its text.
    """
    from steelyard.client.corridor import BillAsked

    asked = made(BillAsked, {"voyage": voyage, "holder": holder, "kg": kg, "document": document})
    with node(common) as (client, out):
        return told.done(out, client.bills.draft(asked))


@app.command
def amend(bill: str, kg: int, document: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Say what was really loaded, as carrier; a second person approves.

    Parameters
    ----------
    bill
        Id of the bill.
    kg
        How many kilograms.
    document
        SHA-256 of its new text.
    """
    from steelyard.client.corridor import BillAmended

    asked = made(BillAmended, {"kg": kg, "document": document})
    with node(common) as (client, out):
        return told.done(out, client.bills.amend(bill, asked))


@app.command
def transfer(bill: str, to: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Hand a bill to another.

    Parameters
    ----------
    bill
        Id of the bill.
    to
        BIC of the participant.
    """
    with node(common) as (client, out):
        return told.done(out, client.bills.transfer(bill, to))


@app.command
def pledge(bill: str, to: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Pledge a bill: from now on its pledgee alone moves it.

    Parameters
    ----------
    bill
        Id of the bill.
    to
        BIC of the participant.
    """
    with node(common) as (client, out):
        return told.done(out, client.bills.pledge(bill, to))


@app.command
def issue(bill: str, /, *, document: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Make a draft title to goods afloat, as carrier; a second person approves.

    Parameters
    ----------
    bill
        Id of the bill.
    document
        SHA-256 of a paper about it.
    """
    with node(common) as (client, out):
        return told.done(out, client.bills.issue(bill, document=document))


@app.command
def void(bill: str, /, *, document: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Take a draft back, as carrier.

    Parameters
    ----------
    bill
        Id of the bill.
    document
        SHA-256 of a paper about it.
    """
    with node(common) as (client, out):
        return told.done(out, client.bills.void(bill, document=document))


@app.command
def release(bill: str, /, *, document: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """End a pledge, as pledgee.

    Parameters
    ----------
    bill
        Id of the bill.
    document
        SHA-256 of a paper about it.
    """
    with node(common) as (client, out):
        return told.done(out, client.bills.release(bill, document=document))


@app.command
def invoke(bill: str, /, *, document: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Take a pledge, as pledgee: the bill is one's own.

    Parameters
    ----------
    bill
        Id of the bill.
    document
        SHA-256 of a paper about it.
    """
    with node(common) as (client, out):
        return told.done(out, client.bills.invoke(bill, document=document))


@app.command
def surrender(bill: str, /, *, document: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Give a bill up against the goods, once they are discharged.

    Parameters
    ----------
    bill
        Id of the bill.
    document
        SHA-256 of a paper about it.
    """
    with node(common) as (client, out):
        return told.done(out, client.bills.surrender(bill, document=document))


@app.command
def convert(bill: str, /, *, document: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Turn a bill into paper: from now on the paper is the title.

    Parameters
    ----------
    bill
        Id of the bill.
    document
        SHA-256 of a paper about it.
    """
    with node(common) as (client, out):
        return told.done(out, client.bills.convert(bill, document=document))
