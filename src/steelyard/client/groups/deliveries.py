"""Deliveries: goods against money, from the terms to the confirmation that they have come."""

from collections.abc import Sequence

from steelyard.client import deliveries as shapes
from steelyard.client.ask import Ask, Listing, get, order, path
from steelyard.client.titles import PaperAsked
from steelyard.client.types import Done, Money
from steelyard.client.verbs import F, Group, Lists, Verb

DELIVERIES, AUCTIONS = "/v1/deliveries", "/v1/delivery-auctions"


class Deliveries(Group[F]):
    """Deliveries that one is a side of. What two people must do comes back as a proposal."""

    @Lists
    def list(
        self,
        *,
        instrument: str | None = None,
        state: Sequence[str] | str | None = None,
        site: str | None = None,
        limit: int | None = None,
    ) -> Listing[shapes.DeliveryShown]:
        """List deliveries, newest first, with what is next, by whom and by when."""
        fields = {"instrument": instrument, "state": state, "site": site, "limit": limit}
        return Listing(DELIVERIES, fields, shapes.DeliveryShown)

    @Verb
    def get(self, delivery_id: str) -> Ask[shapes.DeliveryWhole]:
        """Give a delivery with its deadlines, what is owed and every step."""
        return get(path(DELIVERIES, delivery_id), shapes.DeliveryWhole)

    @Verb
    def offer(self, terms: shapes.DeliveryAsked, *, key: str | None = None) -> Ask[Done]:
        """Offer a delivery that two sides agreed on, as its seller."""
        return order("POST", DELIVERIES, terms, key=key)

    @Verb
    def open(self, terms: shapes.DeliveryAsked, *, key: str | None = None) -> Ask[Done]:
        """Open a delivery out of cleared positions, as two of the operator."""
        return order("POST", f"{DELIVERIES}/cleared", terms, key=key)

    @Verb
    def notice(
        self, instrument: str, longs: Sequence[shapes.LongAsked] = (), *, key: str | None = None
    ) -> Ask[Done]:
        """Deal the goods of an instrument out to its longs, as two of the operator."""
        asked = shapes.NoticeAsked(instrument=instrument, longs=[*longs])
        return order("POST", f"{DELIVERIES}/notices", asked, key=key)

    @Verb
    def assign(
        self,
        delivery_id: str,
        receipts: Sequence[str] = (),
        *,
        bill: str | None = None,
        key: str | None = None,
    ) -> Ask[Done]:
        """Name the goods, as seller: receipts, or a bill of lading. They are locked from now on."""
        return _act(delivery_id, "assign", key, shapes.GoodsAsked(receipts=[*receipts], bill=bill))

    @Verb
    def declare_cost(self, delivery_id: str, cost: shapes.CostAsked, *, key: str | None = None) -> Ask[Done]:
        """Declare a cost that one has paid and the other side bears: it comes onto the invoice."""
        return _act(delivery_id, "costs", key, cost)

    @Verb
    def fund(self, delivery_id: str, *, quote_id: str | None = None, key: str | None = None) -> Ask[Done]:
        """Pay a delivery, as buyer: title against money, in one bundle or not at all."""
        return _act(delivery_id, "fund", key, shapes.DeliveryFund(quote_id=quote_id))

    @Verb
    def accept(self, delivery_id: str, *, key: str | None = None) -> Ask[Done]:
        """Accept what a seller has offered."""
        return _act(delivery_id, "accept", key)

    @Verb
    def decline(self, delivery_id: str, *, key: str | None = None) -> Ask[Done]:
        """Turn an offer down, or take it back."""
        return _act(delivery_id, "decline", key)

    @Verb
    def take(self, delivery_id: str, *, key: str | None = None) -> Ask[Done]:
        """Take a certificate as it is, as buyer: it is invoiced at once."""
        return _act(delivery_id, "take", key)

    @Verb
    def load_out(self, delivery_id: str, *, key: str | None = None) -> Ask[Done]:
        """Order delivered goods out of the warehouse, as buyer."""
        return _act(delivery_id, "load-out", key)

    @Verb
    def loaded(self, delivery_id: str, *, key: str | None = None) -> Ask[Done]:
        """Report that the goods are loaded, as warehouse."""
        return _act(delivery_id, "loaded", key)

    @Verb
    def receive(self, delivery_id: str, *, key: str | None = None) -> Ask[Done]:
        """Confirm that the goods have come, as buyer."""
        return _act(delivery_id, "receive", key)

    @Verb
    def object_to(self, delivery_id: str, document: str, *, key: str | None = None) -> Ask[Done]:
        """Object to a certificate; people decide."""
        return _act(delivery_id, "object", key, PaperAsked(document=document))

    @Verb
    def agree(self, delivery_id: str, document: str, *, key: str | None = None) -> Ask[Done]:
        """Agree to settle in another way, named by its paper."""
        return _act(delivery_id, "agree", key, PaperAsked(document=document))

    @Verb
    def force_majeure(self, delivery_id: str, document: str, *, key: str | None = None) -> Ask[Done]:
        """Let force majeure extend the deadlines once, as two of the operator."""
        return _act(delivery_id, "force-majeure", key, PaperAsked(document=document))

    @Verb
    def resume(self, delivery_id: str, document: str, *, key: str | None = None) -> Ask[Done]:
        """End force majeure, as two of the operator."""
        return _act(delivery_id, "resume", key, PaperAsked(document=document))

    @Verb
    def certify(
        self, delivery_id: str, certificate: shapes.CertificateAsked, *, key: str | None = None
    ) -> Ask[Done]:
        """Certify weight and quality, as inspector of the site."""
        return _act(delivery_id, "certify", key, certificate)

    @Lists
    def auctions(self, *, limit: int | None = None) -> Listing[shapes.DeliveryAuction]:
        """List the buy-ins and sell-outs of failed deliveries that take offers."""
        return Listing(AUCTIONS, {"limit": limit}, shapes.DeliveryAuction)

    @Verb
    def auction(self, delivery_id: str, terms: shapes.CoverAsked, *, key: str | None = None) -> Ask[Done]:
        """Open the buy-in or sell-out of a failed delivery, as two of the operator."""
        return _act(delivery_id, "auction", key, terms)

    @Verb
    def back(self, delivery_id: str, price: Money, *, key: str | None = None) -> Ask[Done]:
        """Say up to (as seller: down to) which price one trades on after the other side has failed."""
        asked = shapes.CoverBack(price=price)
        return order("POST", path(AUCTIONS, delivery_id, "back"), asked, key=key, subject=delivery_id)

    @Verb
    def bid(
        self,
        delivery_id: str,
        lots: int,
        price: Money,
        *,
        receipts: Sequence[str] = (),
        key: str | None = None,
    ) -> Ask[Done]:
        """Offer lots in the auction of a failed delivery; goods with their receipts, money without."""
        asked = shapes.CoverBid(lots=lots, price=price, receipts=[*receipts])
        return order("POST", path(AUCTIONS, delivery_id, "bids"), asked, key=key, subject=delivery_id)

    @Verb
    def rule(self, delivery_id: str, ruling: shapes.RulingAsked, *, key: str | None = None) -> Ask[Done]:
        """Decide a delivery, as two of the operator."""
        return _act(delivery_id, "rule", key, ruling)


def _act(delivery_id: str, word: str, key: str | None, asked: object = None) -> Ask[Done]:
    return order("POST", path(DELIVERIES, delivery_id, word), asked, key=key, subject=delivery_id)
