"""The register of titles: sites, classes of receipts, the receipts themselves and what stock is certified.

A class of receipts (one site, grade and crop) is an asset of the engine in whole kg, issued by its warehouse; a
receipt is a lot in it. The receipts of a holder therefore sum to what he has of the class on his accounts.
Receipts that are over are not kept: the journal has them, and an id is never given twice.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from steelyard.market.least import LeastFirst
from steelyard.market.receipts import STEPS, Receipt, ReceiptEvent, ReceiptState
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant
from steelyard.values.wide import packed, unpacked

PURPOSE = "title"
"""Third part of the name of the accounts of titles, `owner/CLASS/title`."""
RECEIPTS_MAX = 500_000
HOLDER_MAX = 20_000
"""Receipts beyond which a holder splits no more: nobody fills the register alone"""
SITES_MAX = 10_000
CLASSES_MAX = 20_000
FREEZABLE = tuple(state for state, steps in STEPS.items() if ReceiptEvent.FROZEN in steps)


class Site(Struct, array_like=True, frozen=True, gc=False):
    """A warehouse's site. Its receipts stay within the smaller of `capacity_kg` (audited) and `capital_kg`.

    `capital_kg` is what the warehouse's capital stands for. `inspector` weighs and grades there; storage costs
    `rate_minor` of `currency` a tonne and day.
    """

    site: str
    warehouse: str
    inspector: str
    capacity_kg: int
    capital_kg: int
    currency: str
    rate_minor: int

    @property
    def limit_kg(self) -> int:
        """The most its receipts may be for."""
        return min(self.capacity_kg, self.capital_kg)


class ReceiptClass(Struct, array_like=True, frozen=True, gc=False):
    """A class: what its receipts are for. `code` names the asset."""

    code: str
    site: str
    grade: str
    crop: str


class Stock(Struct, array_like=True, frozen=True, gc=False):
    """What is certified of a grade at a site. `case` is the difference last found, kg found less kg on receipts."""

    certified_kg: int = 0
    certified_at: Instant = 0
    document: bytes = b""
    case_kg: int = 0
    case: bytes = b""
    """Id of the open case, or empty"""


class Sale(Struct, array_like=True, frozen=True, gc=False):
    """To whom an expired receipt was knocked down, for how much of its site's currency; the buyer has yet to pay."""

    buyer: str
    amount_minor: int
    document: bytes


class Titles:
    """All that a node knows of titles."""

    __slots__ = (
        "_freezable", "_frozen", "_held", "_holders", "_live", "_of_site", "classes", "receipts", "sales", "sites",
        "stocks",
    )  # fmt: skip

    def __init__(self) -> None:
        self.sites: dict[str, Site] = {}
        self.classes: dict[str, ReceiptClass] = {}
        self.stocks: dict[tuple[str, str], Stock] = {}
        self.receipts: dict[bytes, Receipt] = {}
        self.sales: dict[bytes, Sale] = {}
        self._holders: dict[str, dict[bytes, None]] = {}
        self._held: dict[tuple[str, str], int] = {}
        self._live: dict[tuple[str, str], int] = {}
        self._of_site: dict[str, int] = {}
        self._freezable: dict[str, LeastFirst] = {}
        self._frozen: dict[str, LeastFirst] = {}

    # Looking up

    def get(self, receipt_id: bytes) -> Receipt | TitleRefusal:
        """Give a receipt that is not over."""
        return self.receipts.get(receipt_id, TitleRefusal.RECEIPT_NOT_FOUND)

    def of_holder(self, holder: str) -> Iterator[Receipt]:
        """Give the receipts of a holder, by id."""
        for receipt_id in sorted(self._holders.get(holder, ())):
            yield self.receipts[receipt_id]

    def count_of(self, holder: str) -> int:
        """Count the receipts of a holder."""
        return len(self._holders.get(holder, ()))

    def held_kg(self, holder: str, code: str) -> int:
        """Give what a holder's live receipts of a class are for."""
        return self._held.get((holder, code), 0)

    def live_kg(self, site: str, grade: str) -> int:
        """Give what the live receipts of a grade at a site are for."""
        return self._live.get((site, grade), 0)

    def site_kg(self, site: str) -> int:
        """Give what the live receipts of a site are for."""
        return self._of_site.get(site, 0)

    def stock(self, site: str, grade: str) -> Stock:
        """Give what is certified of a grade at a site."""
        return self.stocks.get((site, grade), Stock())

    def orderable(self, site: str, event: ReceiptEvent, count: int) -> list[bytes]:
        """Give so many receipts of a site that can be frozen, or thawed, those of the lowest ids."""
        found = (self._freezable if event is ReceiptEvent.FROZEN else self._frozen).get(site)
        return [] if found is None else found.least(count)

    def site_of(self, code: str) -> Site:
        """Give the site of a class that is open."""
        return self.sites[self.classes[code].site]

    # What may be

    def has_room(self, count: int = 1) -> bool:
        """Tell whether so many receipts more can be kept."""
        return len(self.receipts) + count <= RECEIPTS_MAX

    def issue_refusal(self, code: str, kg: int) -> TitleRefusal | None:
        """Say why receipts for so many kg more of a class may not be live, or nothing."""
        found = self.classes[code]
        stock, site = self.stock(found.site, found.grade), self.sites[found.site]
        if stock.case:
            return TitleRefusal.STOCK_CASE_IS_OPEN
        if self.live_kg(found.site, found.grade) + kg > stock.certified_kg:
            return TitleRefusal.STOCK_WOULD_BE_EXCEEDED
        if self.site_kg(found.site) + kg > site.limit_kg:
            return TitleRefusal.SITE_LIMIT_WOULD_BE_EXCEEDED
        return None

    # Changing: the caller has checked

    def put(self, receipt: Receipt) -> None:
        """Keep a receipt as it is now; one that is over is let go. A sale stands while the receipt is expired."""
        old = self.receipts.pop(receipt.receipt_id, None)
        if old is not None:
            self._count(old, -1)
        if receipt.state not in (ReceiptState.CANCELLED, ReceiptState.REPLACED):
            self.receipts[receipt.receipt_id] = receipt
            self._count(receipt, 1)
        before, after = self._row(old), self._row(receipt)
        if before is not after:
            if before is not None:
                before.discard(receipt.receipt_id)
            if after is not None:
                after.add(receipt.receipt_id)
        if receipt.receipt_id in self.sales and ReceiptState.EXPIRED not in (receipt.state, receipt.before):
            del self.sales[receipt.receipt_id]

    def _row(self, receipt: Receipt | None) -> LeastFirst | None:
        """Give where a receipt stands among those of its site that can be frozen, or thawed; None for neither."""
        if receipt is None:
            return None
        if receipt.state in FREEZABLE:
            rows = self._freezable
        elif receipt.state is ReceiptState.FROZEN:
            rows = self._frozen
        else:
            return None
        site = self.classes[receipt.code].site
        row = rows.get(site)
        if row is None:
            row = rows[site] = LeastFirst()
        return row

    def certify(self, site: str, grade: str, kg: int, *, document: bytes, at: Instant) -> Stock:
        """Take down what an inspector has found of a grade."""
        old = self.stock(site, grade)
        made = Stock(kg, at, document, old.case_kg, old.case)
        self.stocks[(site, grade)] = made
        return made

    def left(self, site: str, grade: str, kg: int) -> None:
        """Lower a certified stock by goods that have left."""
        old = self.stock(site, grade)
        self.stocks[(site, grade)] = msgspec.structs.replace(old, certified_kg=max(0, old.certified_kg - kg))

    def reconcile(self, site: str, grade: str, *, weighed_kg: int, inspected_kg: int, case: bytes) -> int:
        """Compare the receipts of a grade with what scale and inspection found: the difference, kg.

        The smaller of the two counts, unless it agrees and the larger does not. A shortage or an excess is a case
        under the id given, which stops issues; agreement closes none, since a case is decided by people.
        """
        low, high = sorted((weighed_kg, inspected_kg))
        live = self.live_kg(site, grade)
        found = low - live or high - live
        old = self.stock(site, grade)
        if found and not old.case:
            self.stocks[(site, grade)] = msgspec.structs.replace(old, case_kg=found, case=case)
        return found

    def close_case(self, site: str, grade: str) -> None:
        """Let receipts be issued again on a stock whose case people have decided."""
        old = self.stock(site, grade)
        self.stocks[(site, grade)] = msgspec.structs.replace(old, case_kg=0, case=b"")

    def _count(self, receipt: Receipt, sign: int) -> None:
        own = self._holders.setdefault(receipt.holder, {})
        if sign > 0:
            own[receipt.receipt_id] = None
        else:
            del own[receipt.receipt_id]
            if not own:
                del self._holders[receipt.holder]
        if not receipt.is_live:
            return
        found = self.classes[receipt.code]
        _add(self._held, (receipt.holder, receipt.code), sign * receipt.kg)
        _add(self._live, (found.site, found.grade), sign * receipt.kg)
        _add(self._of_site, found.site, sign * receipt.kg)

    # Bytes

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return packed(
            _Saved(
                [self.sites[name] for name in sorted(self.sites)],
                [self.classes[code] for code in sorted(self.classes)],
                [(site, grade, self.stocks[site, grade]) for site, grade in sorted(self.stocks)],
                [self.receipts[one] for one in sorted(self.receipts)],
                [(one, self.sales[one]) for one in sorted(self.sales)],
            )
        )

    @classmethod
    def decode(cls, data: bytes) -> "Titles":
        """Build what `encode` described."""
        saved = unpacked(data, _Saved)
        titles = cls()
        titles.sites = {one.site: one for one in saved.sites}
        titles.classes = {one.code: one for one in saved.classes}
        titles.stocks = {(site, grade): stock for site, grade, stock in saved.stocks}
        for receipt in saved.receipts:
            titles.put(receipt)
        titles.sales = dict(saved.sales)
        return titles


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    sites: list[Site]
    classes: list[ReceiptClass]
    stocks: list[tuple[str, str, Stock]]
    receipts: list[Receipt]
    sales: list[tuple[bytes, Sale]]


def quantity_refusal(kg: int) -> TitleRefusal | None:
    """Say what is wrong with a weight, or nothing."""
    return None if 0 < kg < AMOUNT_END else TitleRefusal.RECEIPT_QUANTITY_OUT_OF_RANGE


def _add(sums: dict[Any, int], key: Any, more: int) -> None:
    """Add to a sum that is kept while it is not zero."""
    total = sums.get(key, 0) + more
    if total:
        sums[key] = total
    else:
        sums.pop(key, None)
