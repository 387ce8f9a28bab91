"""`steelyard site`: sites of warehouses, classes of receipts, certified stock and its cases."""

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.reading import made
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node

app = App(
    name="site", help="Register sites, open classes of receipts, certify and compare stock.", version_flags=()
)

COLUMNS = (
    ("site", "site"), ("warehouse", "warehouse"), ("inspector", "inspector"), ("capacity kg", "capacity_kg"),
    ("capital kg", "capital_kg"), ("storage", "storage"),
)  # fmt: skip
CLASSES = (("code", "code"), ("site", "site"), ("grade", "grade"), ("crop", "crop"))
STOCKS = (
    ("site", "site"), ("grade", "grade"), ("certified kg", "certified_kg"), ("live kg", "live_kg"),
    ("differs kg", "case_kg"), ("case", "case_id"),
)  # fmt: skip


@app.command(name="list")
def list_(*, common: Common = NOTHING_GIVEN) -> int:
    """List all sites with their limits and what storage costs for a tonne and day."""
    with node(common) as (client, out):
        out.rows(client.sites.list(limit=1_000), COLUMNS)
    return DONE


@app.command
def put(
    site: str,
    warehouse: str,
    inspector: str,
    /,
    *,
    capacity_kg: int,
    capital_kg: int,
    currency: str,
    storage: str,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Register a site, or change its terms, as operator; a second person approves.

    Parameters
    ----------
    site
        Name of the site.
    warehouse
        BIC of the warehouse that keeps it.
    inspector
        BIC of the inspector, of another house.
    capacity_kg
        Audited capacity.
    capital_kg
        What the warehouse's capital stands for.
    currency
        Currency of storage.
    storage
        What a tonne costs a day, such as 0.03.
    """
    from steelyard.client.titles import SiteAsked

    terms = {
        "warehouse": warehouse, "inspector": inspector, "capacity_kg": capacity_kg, "capital_kg": capital_kg,
        "currency": currency, "storage": storage,
    }  # fmt: skip
    with node(common) as (client, out):
        return told.done(out, client.sites.put(site, made(SiteAsked, terms)))


@app.command
def freeze(site: str, document: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Freeze the receipts of a site, 500 at a time, as operator; a second person approves.

    Parameters
    ----------
    site
        Name of the site.
    document
        SHA-256 of the order.
    """
    with node(common) as (client, out):
        return told.done(out, client.sites.freeze(site, document))


@app.command
def thaw(site: str, document: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Thaw the receipts of a site, 500 at a time, as operator; a second person approves.

    Parameters
    ----------
    site
        Name of the site.
    document
        SHA-256 of the order.
    """
    with node(common) as (client, out):
        return told.done(out, client.sites.thaw(site, document))


@app.command
def classes(*, site: str | None = None, grade: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List the classes of receipts.

    Parameters
    ----------
    site
        Of this site.
    grade
        Of this grade.
    """
    with node(common) as (client, out):
        out.rows(client.sites.classes(site=site, grade=grade, limit=1_000), CLASSES)
    return DONE


@app.command
def open_class(code: str, site: str, grade: str, /, *, crop: str = "", common: Common = NOTHING_GIVEN) -> int:
    """Open a class of receipts, as warehouse.

    Parameters
    ----------
    code
        Code of its asset.
    site
        Site where its goods lie.
    grade
        Their grade.
    crop
        Their crop.
    """
    from steelyard.client.titles import ReceiptClassAsked

    asked = made(ReceiptClassAsked, {"code": code, "site": site, "grade": grade, "crop": crop})
    with node(common) as (client, out):
        return told.done(out, client.sites.open_class(asked))


@app.command
def stocks(*, site: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List what is certified at one's sites, beside the live receipts.

    Parameters
    ----------
    site
        At this site.
    """
    with node(common) as (client, out):
        out.rows(client.sites.stocks(site=site, limit=1_000), STOCKS)
    return DONE


@app.command
def cases(*, common: Common = NOTHING_GIVEN) -> int:
    """List the stocks that were found to differ and are not decided."""
    with node(common) as (client, out):
        out.rows(client.sites.cases(limit=1_000), STOCKS)
    return DONE


@app.command
def certify(site: str, grade: str, kg: int, document: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Certify what lies at a site, as its inspector.

    Parameters
    ----------
    site
        Name of the site.
    grade
        Grade of the goods.
    kg
        How many kilograms.
    document
        SHA-256 of the certificate.
    """
    from steelyard.client.titles import StockAsked

    asked = made(StockAsked, {"grade": grade, "kg": kg, "document": document})
    with node(common) as (client, out):
        return told.done(out, client.sites.certify(site, asked))


@app.command
def compare(
    site: str,
    grade: str,
    weighed_kg: int,
    inspected_kg: int,
    document: str,
    /,
    *,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Compare the day's files with the receipts, as inspector; a difference is a case.

    Parameters
    ----------
    site
        Name of the site.
    grade
        Grade of the goods.
    weighed_kg
        What the weighbridge's file says lies there.
    inspected_kg
        What the inspection's file says.
    document
        SHA-256 of the files.
    """
    from steelyard.client.titles import StockFiles

    files = {"grade": grade, "weighed_kg": weighed_kg, "inspected_kg": inspected_kg, "document": document}
    with node(common) as (client, out):
        return told.done(out, client.sites.compare(site, made(StockFiles, files)))


@app.command
def decide(site: str, grade: str, document: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Decide the case of a stock, as operator; a second person approves.

    Parameters
    ----------
    site
        Name of the site.
    grade
        Grade of the goods.
    document
        SHA-256 of the decision.
    """
    from steelyard.client.titles import StockRuling

    with node(common) as (client, out):
        asked = made(StockRuling, {"grade": grade, "document": document})
        return told.done(out, client.sites.decide(site, asked))
