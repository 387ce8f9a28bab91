"""Auctions: announce one, bid in those of others, commit to sealed orders and open them."""

from steelyard.client import auctions as shapes
from steelyard.client.ask import Ask, Listing, get, order, path
from steelyard.client.types import Done
from steelyard.client.verbs import F, Group, Lists, Verb
from steelyard.market.auctions.published import AuctionFile

ROOT = "/v1/auctions"


class Auctions(Group[F]):
    """Auctions by bids, and calls with sealed orders."""

    @Lists
    def list(
        self, *, format: str | None = None, owner: str | None = None, limit: int | None = None
    ) -> Listing[shapes.AuctionShown]:
        """List auctions, newest first."""
        return Listing(ROOT, {"format": format, "owner": owner, "limit": limit}, shapes.AuctionShown)

    @Verb
    def get(self, auction_id: str) -> Ask[shapes.AuctionShown]:
        """Give an auction as it stands."""
        return get(path(ROOT, auction_id), shapes.AuctionShown)

    @Verb
    def file(self, auction_id: str) -> Ask[AuctionFile]:
        """Give what a call with sealed orders has published, as `steelyard verify auction` reads it."""
        return get(path(ROOT, auction_id, "file"), AuctionFile)

    @Lists
    def bids(self, auction_id: str, *, limit: int | None = None) -> Listing[shapes.BidShown]:
        """List the bids of an auction, oldest first."""
        return Listing(path(ROOT, auction_id, "bids"), {"limit": limit}, shapes.BidShown)

    @Lists
    def commitments(self, auction_id: str, *, limit: int | None = None) -> Listing[shapes.CommitmentShown]:
        """List the sealed orders of a call, oldest first."""
        return Listing(path(ROOT, auction_id, "commitments"), {"limit": limit}, shapes.CommitmentShown)

    @Verb
    def open_english(self, terms: shapes.EnglishAsked, *, key: str | None = None) -> Ask[Done]:
        """Announce an English auction."""
        return order("POST", f"{ROOT}/english", terms, key=key)

    @Verb
    def open_dutch(self, terms: shapes.DutchAsked, *, key: str | None = None) -> Ask[Done]:
        """Announce a Dutch auction."""
        return order("POST", f"{ROOT}/dutch", terms, key=key)

    @Verb
    def open_reverse(self, terms: shapes.ReverseAsked, *, key: str | None = None) -> Ask[Done]:
        """Announce a reverse auction in three rounds."""
        return order("POST", f"{ROOT}/reverse", terms, key=key)

    @Verb
    def open_final(self, terms: shapes.FinalAsked, *, key: str | None = None) -> Ask[Done]:
        """Announce a best-and-final auction."""
        return order("POST", f"{ROOT}/final", terms, key=key)

    @Verb
    def open_sealed(self, terms: shapes.SealedAsked, *, key: str | None = None) -> Ask[Done]:
        """Announce a call with sealed orders."""
        return order("POST", f"{ROOT}/sealed", terms, key=key)

    @Verb
    def bid(
        self, auction_id: str, lots: int, price: str | None = None, *, key: str | None = None
    ) -> Ask[Done]:
        """Bid; in a Dutch auction take, at the price of the moment or at most a price."""
        asked = shapes.BidAsked(lots=lots, price=price)
        return order("POST", path(ROOT, auction_id, "bids"), asked, key=key, subject=auction_id)

    @Verb
    def commit(self, auction_id: str, commitment: str, *, key: str | None = None) -> Ask[Done]:
        """Commit to a sealed order by its SHA-256."""
        asked = shapes.CommitAsked(commitment=commitment)
        return order("POST", path(ROOT, auction_id, "commitments"), asked, key=key, subject=auction_id)

    @Verb
    def reveal(self, auction_id: str, opened: shapes.RevealAsked, *, key: str | None = None) -> Ask[Done]:
        """Open a sealed order."""
        return order("POST", path(ROOT, auction_id, "reveals"), opened, key=key, subject=auction_id)

    @Verb
    def cancel(self, auction_id: str, reason: str, *, key: str | None = None) -> Ask[Done]:
        """End one's own auction before its time."""
        asked = shapes.CancelAsked(reason=reason)
        return order("POST", path(ROOT, auction_id, "cancel"), asked, key=key, subject=auction_id)
