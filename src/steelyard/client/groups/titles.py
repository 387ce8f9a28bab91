"""Warehouses and their receipts: sites, certified stock, and title to what lies there."""

from collections.abc import Sequence

from steelyard.client import titles as shapes
from steelyard.client.ask import Ask, Listing, get, order, path
from steelyard.client.types import Done
from steelyard.client.verbs import F, Group, Lists, Verb

SITES, CLASSES, RECEIPTS = "/v1/sites", "/v1/receipt-classes", "/v1/warehouse-receipts"


class Sites(Group[F]):
    """Sites of warehouses, their classes of receipts and their stock."""

    @Lists
    def list(self, *, limit: int | None = None) -> Listing[shapes.SiteShown]:
        """List all sites."""
        return Listing(SITES, {"limit": limit}, shapes.SiteShown)

    @Verb
    def put(self, site: str, terms: shapes.SiteAsked, *, key: str | None = None) -> Ask[Done]:
        """Register a site or change its terms, as two of the operator."""
        return order("PUT", path(SITES, site), terms, key=key, subject=site)

    @Verb
    def freeze(self, site: str, document: str, *, key: str | None = None) -> Ask[Done]:
        """Freeze the receipts of a site by order, 500 at a time, as two of the operator."""
        asked = shapes.PaperAsked(document=document)
        return order("POST", path(SITES, site, "freeze"), asked, key=key, subject=site)

    @Verb
    def thaw(self, site: str, document: str, *, key: str | None = None) -> Ask[Done]:
        """Thaw the receipts of a site, 500 at a time, as two of the operator."""
        asked = shapes.PaperAsked(document=document)
        return order("POST", path(SITES, site, "thaw"), asked, key=key, subject=site)

    @Lists
    def classes(
        self, *, site: str | None = None, grade: str | None = None, limit: int | None = None
    ) -> Listing[shapes.ReceiptClassShown]:
        """List the classes of receipts."""
        fields = {"site": site, "grade": grade, "limit": limit}
        return Listing(CLASSES, fields, shapes.ReceiptClassShown)

    @Verb
    def open_class(self, asked: shapes.ReceiptClassAsked, *, key: str | None = None) -> Ask[Done]:
        """Open a class of receipts of one's own site."""
        return order("POST", CLASSES, asked, key=key)

    @Lists
    def stocks(self, *, site: str | None = None, limit: int | None = None) -> Listing[shapes.StockShown]:
        """List what is certified, beside the live receipts."""
        return Listing("/v1/stocks", {"site": site, "limit": limit}, shapes.StockShown)

    @Lists
    def cases(self, *, site: str | None = None, limit: int | None = None) -> Listing[shapes.StockShown]:
        """List the stocks that were found to differ and are not decided."""
        return Listing("/v1/stock-cases", {"site": site, "limit": limit}, shapes.StockShown)

    @Verb
    def certify(self, site: str, stock: shapes.StockAsked, *, key: str | None = None) -> Ask[Done]:
        """Certify what lies at a site, as its inspector."""
        return order("POST", path(SITES, site, "stocks", "certify"), stock, key=key, subject=site)

    @Verb
    def compare(self, site: str, files: shapes.StockFiles, *, key: str | None = None) -> Ask[Done]:
        """Compare the day's files with the receipts, as inspector; a difference is a case."""
        return order("POST", path(SITES, site, "stocks", "compare"), files, key=key, subject=site)

    @Verb
    def decide(self, site: str, ruling: shapes.StockRuling, *, key: str | None = None) -> Ask[Done]:
        """Decide the case of a stock, as two of the operator."""
        return order("POST", path(SITES, site, "stocks", "decide"), ruling, key=key, subject=site)


class WarehouseReceipts(Group[F]):
    """Title to goods in a warehouse. What two people must do comes back as a proposal."""

    @Lists
    def list(
        self,
        *,
        code: str | None = None,
        holder: str | None = None,
        state: Sequence[str] | str | None = None,
        limit: int | None = None,
    ) -> Listing[shapes.ReceiptShown]:
        """List receipts, newest first."""
        fields = {"code": code, "holder": holder, "state": state, "limit": limit}
        return Listing(RECEIPTS, fields, shapes.ReceiptShown)

    @Verb
    def get(self, receipt_id: str) -> Ask[shapes.ReceiptWhole]:
        """Give a receipt with everything that has happened to it."""
        return get(path(RECEIPTS, receipt_id), shapes.ReceiptWhole)

    @Verb
    def draft(self, goods: shapes.ReceiptDraft, *, key: str | None = None) -> Ask[Done]:
        """Draft a receipt for goods that came in, as their warehouse."""
        return order("POST", RECEIPTS, goods, key=key)

    @Verb
    def drop(self, receipt_id: str, *, key: str | None = None) -> Ask[Done]:
        """Take a draft back."""
        return _act(receipt_id, "drop", key)

    @Verb
    def issue(self, receipt_id: str, *, key: str | None = None) -> Ask[Done]:
        """Make a draft title, as two of the warehouse."""
        return _act(receipt_id, "issue", key)

    @Verb
    def transfer(self, receipt_id: str, to: str, *, key: str | None = None) -> Ask[Done]:
        """Give a receipt to another, without payment."""
        return _act(receipt_id, "transfer", key, shapes.HolderAsked(to=to))

    @Verb
    def pledge(self, receipt_id: str, to: str, *, key: str | None = None) -> Ask[Done]:
        """Pledge a receipt: from now on its pledgee alone moves it."""
        return _act(receipt_id, "pledge", key, shapes.HolderAsked(to=to))

    @Verb
    def release(self, receipt_id: str, *, key: str | None = None) -> Ask[Done]:
        """End a pledge, as pledgee."""
        return _act(receipt_id, "release", key)

    @Verb
    def invoke(self, receipt_id: str, *, key: str | None = None) -> Ask[Done]:
        """Take a pledge, as pledgee: the receipt is one's own."""
        return _act(receipt_id, "invoke", key)

    @Verb
    def split(self, receipt_id: str, parts_kg: Sequence[int], *, key: str | None = None) -> Ask[Done]:
        """Put several receipts into the place of one."""
        return _act(receipt_id, "split", key, shapes.SplitAsked(parts_kg=[*parts_kg]))

    @Verb
    def merge(self, receipt_ids: Sequence[str], *, key: str | None = None) -> Ask[Done]:
        """Put one receipt into the place of several of one class."""
        return order("POST", f"{RECEIPTS}/merge", shapes.MergeAsked(receipt_ids=[*receipt_ids]), key=key)

    @Verb
    def attach(
        self, receipt_id: str, *, document: str | None = None, bill: str | None = None, key: str | None = None
    ) -> Ask[Done]:
        """Attach a paper by its SHA-256, or a bill of lading by its id."""
        return _act(receipt_id, "attach", key, shapes.AttachAsked(document=document, bill=bill))

    @Verb
    def load_out(self, receipt_id: str, *, key: str | None = None) -> Ask[Done]:
        """Order one's goods out of the warehouse."""
        return _act(receipt_id, "load-out", key)

    @Verb
    def stay(self, receipt_id: str, *, key: str | None = None) -> Ask[Done]:
        """Take the order back for what has not left."""
        return _act(receipt_id, "load-out/stay", key)

    @Verb
    def left(self, receipt_id: str, kg: int, document: str, *, key: str | None = None) -> Ask[Done]:
        """Release goods, as warehouse; their storage is paid in the same moment."""
        return _act(receipt_id, "load-out/left", key, shapes.LeftAsked(kg=kg, document=document))

    @Verb
    def regrade(self, receipt_id: str, asked: shapes.RegradeAsked, *, key: str | None = None) -> Ask[Done]:
        """Give goods the class that they belong to as found anew, as two of the inspector."""
        return _act(receipt_id, "regrade", key, asked)

    @Verb
    def freeze(self, receipt_id: str, document: str, *, key: str | None = None) -> Ask[Done]:
        """Freeze a receipt by order, as two of the operator."""
        return _act(receipt_id, "freeze", key, shapes.PaperAsked(document=document))

    @Verb
    def thaw(self, receipt_id: str, document: str, *, key: str | None = None) -> Ask[Done]:
        """Thaw a receipt, as two of the operator."""
        return _act(receipt_id, "thaw", key, shapes.PaperAsked(document=document))

    @Verb
    def auction(
        self, receipt_id: str, asked: shapes.KnockedDownAsked, *, key: str | None = None
    ) -> Ask[Done]:
        """Note to whom an expired receipt was knocked down, as two of the operator."""
        return _act(receipt_id, "auction", key, asked)

    @Verb
    def buy(self, receipt_id: str, *, key: str | None = None) -> Ask[Done]:
        """Pay for a receipt that one was knocked down: title against money."""
        return _act(receipt_id, "buy", key)


def _act(receipt_id: str, word: str, key: str | None, asked: object = None) -> Ask[Done]:
    address = f"{path(RECEIPTS, receipt_id)}/{word}"
    return order("POST", address, asked, key=key, subject=receipt_id)
