"""Warehouses and their receipts: sites, classes, certified stock, and every act on a receipt."""

from typing import Any

from steelyard.api import listing, wire
from steelyard.api.call import Call, Reply, tell
from steelyard.api.goods import Act, Noun, Reach, paper, path_id, reach_of, routes_of
from steelyard.api.listing import Field, Listing, everything
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.views import titles as view
from steelyard.client import titles as shapes
from steelyard.flows import receipt, receipt_out, title_facts, warehouse
from steelyard.market.receipts import ReceiptState
from steelyard.market.refusals.titles import TitleRefusal as No
from steelyard.storage.queries import Filter, Found, Reader

MOVES_MAX = 10_000
OWNERS = ("holder", "pledgee")


async def list_sites(call: Call) -> Reply:
    """List the sites of warehouses; everybody knows them."""
    return await listing.answer(call, SITES)


async def list_receipt_classes(call: Call) -> Reply:
    """List the classes of receipts; everybody knows them."""
    return await listing.answer(call, CLASSES)


async def list_stocks(call: Call) -> Reply:
    """List what is certified at the sites that one keeps, inspects or oversees, beside their receipts."""
    reach = await reach_of(call)
    return await listing.answer(call, STOCKS._replace(views=lambda call: reach.of((), site="site")))


async def list_stock_cases(call: Call) -> Reply:
    """List the stocks whose files differ from their receipts, until the operator has decided."""
    reach = await reach_of(call)
    is_open: Filter = ("case_kg", "!=", 0)
    views = [[*one, is_open] for one in reach.of((), site="site")]
    return await listing.answer(call, STOCKS._replace(views=lambda call: views))


async def list_warehouse_receipts(call: Call) -> Reply:
    """List receipts that one holds, that are pledged to one, or that lie at a site that one keeps or inspects."""
    reach = await reach_of(call)
    reader = call.gateway.stores.reader
    kinds = await call.gateway.aside(_kinds, reader)
    codes = tuple(code for code, kind in kinds.items() if kind["site"] in reach.sites)
    views = reach.of(OWNERS)
    if reach.view.owners is not None and codes:
        views = [*views, [("code", "in", codes)]]

    def make(row: Found, call: Call) -> shapes.ReceiptShown:
        return shapes.ReceiptShown(**view.fields_of_receipt(row, kinds[row["code"]]))

    return await listing.answer(call, RECEIPTS._replace(views=lambda call: views, make=make))


async def get_warehouse_receipt(call: Call) -> Reply:
    """Show a receipt with everything that has happened to it."""
    reach, reader, receipt_id = await reach_of(call), call.gateway.stores.reader, path_id(call)

    def work() -> tuple[Found, Found, Found, list[Found]] | None:
        row = reader.one("receipt", receipt_id=receipt_id)
        if row is None:
            return None
        kind = reader.one("receipt_class", code=row["code"]) or {"site": "", "grade": "", "crop": ""}
        site = reader.one("site", site=kind["site"]) or {"currency": ""}
        return (
            row,
            kind,
            site,
            reader.page("receipt_move", [("receipt_id", "=", receipt_id)], limit=MOVES_MAX),
        )

    found = await call.gateway.aside(work)
    if found is None or not reach.sees(found[0], OWNERS, found[1]["site"]):
        raise ProblemError("not-found")
    row, kind, site, rows = found
    keeps = kind["site"] in reach.sites
    moves = [view.move(one, site["currency"], reach, call, all_seen=keeps) for one in rows]
    return tell(shapes.ReceiptWhole(**view.fields_of_receipt(row, kind), moves=moves))


def _kinds(reader: Reader) -> dict[str, Found]:
    return {row["code"]: row for row in reader.page("receipt_class", limit=1_000_000)}


async def _sees_receipt(call: Call) -> bool:
    """Tell whether the caller sees the receipt in the address; an order that names none is always his own."""
    if "id" not in call.path_params:
        return True
    reach, reader, receipt_id = await reach_of(call), call.gateway.stores.reader, path_id(call)

    def work() -> tuple[Found, str] | None:
        row = reader.one("receipt", receipt_id=receipt_id)
        kind = reader.one("receipt_class", code=row["code"]) if row is not None else None
        return (row, kind["site"] if kind is not None else "") if row is not None else None

    found = await call.gateway.aside(work)
    return found is not None and _seen(reach, *found)


def _seen(reach: Reach, row: Found, site: str) -> bool:
    return reach.sees(row, OWNERS, site)


async def _sees_site(call: Call) -> bool:
    """Tell whether the site in the address is there: everybody knows it then."""
    name = call.path_params.get("site", "")
    reader = call.gateway.stores.reader
    return not name or await call.gateway.aside(lambda: reader.one("site", site=name)) is not None


def _to(call: Call, asked: Any, faults: Any) -> receipt.TransferFields:
    return receipt.TransferFields(path_id(call), asked.to)


SITE = Noun(title_facts.SitePut, "site", "sites", (No.SITE_NOT_FOUND,), _sees_site)
CLASS = Noun(title_facts.ReceiptClassOpened, "code", "codes", (), _sees_site)
STOCK = Noun(title_facts.StockFound, "grade", "grades", (No.SITE_NOT_FOUND,), _sees_site)
RECEIPT = Noun(
    title_facts.ReceiptMoved, "receipt_id", "receipts",
    (No.RECEIPT_NOT_FOUND, No.RECEIPT_IS_ANOTHERS, No.SITE_IS_ANOTHERS), _sees_receipt,
)  # fmt: skip
_SITE, _AT = "/v1/sites/{site}", "/v1/warehouse-receipts/{id}"
SITE_ACTS = (
    Act("PUT", _SITE, "site", "site.put", shapes.SiteAsked, view.site_fields, "Register a site, or change its terms"),
)  # fmt: skip
SITE_ORDERS = (
    Act("POST", f"{_SITE}/freeze", "site", "site.freeze", shapes.PaperAsked, view.site_ordered,
        "Freeze a site's receipts, 500 at a time"),
    Act("POST", f"{_SITE}/thaw", "site", "site.thaw", shapes.PaperAsked, view.site_ordered,
        "Thaw a site's receipts, 500 at a time"),
)  # fmt: skip
CLASS_ACTS = (
    Act("POST", "/v1/receipt-classes", "goods", "receipt.class", shapes.ReceiptClassAsked,
        lambda call, a, f: warehouse.ClassFields(a.code, a.site, a.grade, a.crop), "Open a class of receipts"),
)  # fmt: skip
STOCK_ACTS = (
    Act("POST", f"{_SITE}/stocks/certify", "goods", "stock.certify", shapes.StockAsked,
        lambda call, a, f: warehouse.StockFields(view.site_name(call), a.grade, a.kg, paper(a.document)),
        "Certify what lies at a site"),
    Act("POST", f"{_SITE}/stocks/compare", "goods", "stock.compare", shapes.StockFiles,
        lambda call, a, f: warehouse.CompareFields(view.site_name(call), a.grade, a.weighed_kg, a.inspected_kg,
                                                   paper(a.document)),
        "Compare the day's files with the receipts"),
    Act("POST", f"{_SITE}/stocks/decide", "site", "stock.decide", shapes.StockRuling,
        lambda call, a, f: warehouse.CaseFields(view.site_name(call), a.grade, paper(a.document)),
        "Decide the case of a stock"),
)  # fmt: skip
RECEIPT_ACTS = (
    Act("POST", "/v1/warehouse-receipts", "goods", "receipt.draft", shapes.ReceiptDraft, view.draft,
        "Draft a receipt for goods that came in"),
    Act("POST", f"{_AT}/drop", "goods", "receipt.drop", None, view.named, "Take a draft back"),
    Act("POST", f"{_AT}/issue", "receipt", "receipt.issue", None, view.named, "Make a draft title to the goods"),
    Act("POST", f"{_AT}/transfer", "title", "receipt.transfer", shapes.HolderAsked, _to, "Transfer a receipt"),
    Act("POST", f"{_AT}/pledge", "title", "receipt.pledge", shapes.HolderAsked, _to, "Pledge a receipt"),
    Act("POST", f"{_AT}/release", "title", "receipt.release", None, view.named, "Release a pledge"),
    Act("POST", f"{_AT}/invoke", "title", "receipt.invoke", None, view.named, "Take a pledge"),
    Act("POST", f"{_AT}/split", "title", "receipt.split", shapes.SplitAsked,
        lambda call, a, f: receipt.SplitFields(path_id(call), tuple(a.parts_kg)), "Split a receipt"),
    Act("POST", "/v1/warehouse-receipts/merge", "title", "receipt.merge", shapes.MergeAsked,
        lambda call, a, f: receipt.MergeFields(tuple(wire.uuid_bytes(one) for one in a.receipt_ids)),
        "Merge receipts of one class"),
    Act("POST", f"{_AT}/attach", "title", "receipt.attach", shapes.AttachAsked, view.attach,
        "Attach a paper to a receipt"),
    Act("POST", f"{_AT}/load-out", "title", "receipt.order_out", None, view.named, "Order goods out"),
    Act("POST", f"{_AT}/load-out/stay", "title", "receipt.stay", None, view.named,
        "Take the order back for what has not left"),
    Act("POST", f"{_AT}/load-out/left", "goods", "receipt.leave", shapes.LeftAsked,
        lambda call, a, f: receipt_out.LeaveFields(path_id(call), a.kg, paper(a.document)),
        "Release goods, against their storage"),
    Act("POST", f"{_AT}/regrade", "receipt", "receipt.regrade", shapes.RegradeAsked, view.regrade,
        "Grade goods anew"),
    Act("POST", f"{_AT}/freeze", "site", "receipt.freeze", shapes.PaperAsked, view.ordered, "Freeze a receipt"),
    Act("POST", f"{_AT}/thaw", "site", "receipt.thaw", shapes.PaperAsked, view.ordered, "Thaw a receipt"),
    Act("POST", f"{_AT}/auction", "site", "receipt.auction", shapes.KnockedDownAsked, view.knocked_down,
        "Note who bought an expired receipt by auction"),
    Act("POST", f"{_AT}/buy", "title", "receipt.buy", None, view.named, "Pay for a receipt bought by auction"),
)  # fmt: skip
SITES = Listing("site", shapes.SiteShown, view.site, everything, newest_first=False)
CLASSES = Listing(
    "receipt_class", shapes.ReceiptClassShown, view.receipt_class, everything,
    (Field(Param("site", "text", "Of this site."), "site"), Field(Param("grade", "text", "Of this grade."), "grade")),
    newest_first=False,
)  # fmt: skip
STOCKS = Listing(
    "stock", shapes.StockShown, view.stock, listing.own(),
    (Field(Param("site", "text", "At this site."), "site"),), newest_first=False,
)  # fmt: skip
_STATES = tuple(state.value for state in ReceiptState)
RECEIPTS = Listing(
    "receipt", shapes.ReceiptShown, lambda row, call: None, listing.own(*OWNERS),
    (
        Field(Param("code", "text", "Of this class."), "code"),
        Field(Param("holder", "bic", "Held by this participant."), "holder"),
        Field(Param("state", "words", "In these states.", _STATES), "state"),
    ),
)  # fmt: skip
ROUTES = (
    lists("/v1/sites", "read", list_sites, "Sites of warehouses", shapes.SiteShown, SITES.query),
    *routes_of(SITE_ACTS, SITE),
    *routes_of(SITE_ORDERS, RECEIPT._replace(not_ones=(No.SITE_NOT_FOUND,), seen=_sees_site)),
    lists("/v1/receipt-classes", "read", list_receipt_classes, "Classes of receipts", shapes.ReceiptClassShown,
          CLASSES.query),
    *routes_of(CLASS_ACTS, CLASS),
    lists("/v1/stocks", "read", list_stocks, "Certified stock", shapes.StockShown, STOCKS.query),
    lists("/v1/stock-cases", "read", list_stock_cases, "Stock that differs from its receipts", shapes.StockShown,
          STOCKS.query),
    *routes_of(STOCK_ACTS, STOCK),
    lists("/v1/warehouse-receipts", "read", list_warehouse_receipts, "Warehouse receipts", shapes.ReceiptShown,
          RECEIPTS.query),
    Route("GET", _AT, "read", get_warehouse_receipt, "A receipt and its moves", told=shapes.ReceiptWhole),
    *routes_of(RECEIPT_ACTS, RECEIPT),
)  # fmt: skip
